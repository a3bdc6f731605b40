// ChainSearch: the newest chain of a rule's legs that passes a test, among
// events that are kept in a list.
//
// A test sees the last event of each leg. Of these the newest kMostCandidates
// are tried for each leg, the chain that begins last first, and at most
// kMostTests chains for one event.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_CHAIN_SEARCH_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_CHAIN_SEARCH_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/program/correlation.h"
#include "src/runtime/correlate/event_ring.h"

namespace tocsin::runtime {

class ChainSearch {
 public:
  static constexpr uint32_t kMostCandidates = 16;
  static constexpr uint32_t kMostTests = 256;
  // The same of single events, also in what is no chain in the end.
  static constexpr uint32_t kMostTried = 4096;

  explicit ChainSearch(const program::Correlation& rule)
      : rule_(rule), places_(rule.legs.size()), last_(rule.legs.size()) {}

  struct Found {
    bool is_there = false;
    uint32_t first = 0;   // The number of the chain's first event.
    bool is_cut = false;  // There were more chains than are tried.
  };

  // Looks for a chain that ends with event number `end` and has no event before
  // number `low`. `passes` gets the number of the last event of each leg.
  Found Find(uint32_t low, uint32_t end,
             absl::FunctionRef<const StoredEvent&(uint32_t)> at,
             absl::FunctionRef<bool(std::span<const uint32_t>)> passes);

 private:
  using At = absl::FunctionRef<const StoredEvent&(uint32_t)>;
  using Passes = absl::FunctionRef<bool(std::span<const uint32_t>)>;

  void FindPlaces(uint32_t low, uint32_t end, At at);
  // The events of the leg before the candidate: where the leg begins.
  bool IsLeg(size_t leg, uint32_t candidate, At at) const;
  bool Try(size_t leg, At at, Passes passes);

  const program::Correlation& rule_;
  // By leg: the numbers of its events, the newest first.
  std::vector<std::vector<uint32_t>> places_;
  std::vector<uint32_t> last_;  // Of each leg, as it is tried.
  uint32_t tests_ = 0;
  uint32_t tried_ = 0;
  Found found_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_CHAIN_SEARCH_H_
