// What correlations mean, the plain way: the events of a group in a list, in
// order, and every question asked by looking through it. Nothing is forgotten,
// nothing is kept up to date. The twin of src/runtime/correlate/.

#ifndef TOCSIN_TESTS_REFERENCE_CORRELATE_H_
#define TOCSIN_TESTS_REFERENCE_CORRELATE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "src/ir/correlation.h"

namespace tocsin::reference {

struct Event {
  int64_t time = 0;  // Nanoseconds.
  uint64_t ref = 0;  // Orders events of one time.
  uint32_t steps = 0;
  std::string key;
  std::optional<double> number;      // Of the field that measures name.
  std::optional<std::string> value;  // Of the field that distinct counts.
};

// At which event a group fired.
struct Firing {
  std::string key;
  int64_t time = 0;
  uint64_t ref = 0;

  friend auto operator<=>(const Firing&, const Firing&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Firing& firing) {
    return out << firing.key << " " << firing.time << " " << firing.ref;
  }
};

// The condition behind the group: of the events chosen for steps, by step; null
// where there is none.
using Where = std::function<bool(const std::vector<const Event*>& chosen)>;

// All firings of a rule over a stream that has ended, sorted. `events` in any
// order. `where`: null if the rule has none. Keys are what groups are told
// apart by, however they were made.
std::vector<Firing> Correlate(const ir::Correlation& rule,
                              std::vector<Event> events,
                              const Where& where = nullptr);

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_CORRELATE_H_
