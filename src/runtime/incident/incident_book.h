// IncidentBook: which incidents are open, and which of them a firing joins.
//
// A firing joins the incident of its rule that has one of its keys and a firing
// within `idle` of it, before or after, unless that would make the incident
// longer than `longest`; of several the one that was opened last. Else it opens
// one. An incident is closed when no firing can join it any more: when the
// watermark has passed its end by the time that its rule may take to decide. So
// it does not matter in which steps the watermark moves.
//
// Memory: at most so many open incidents, some 300 bytes each; beyond that the
// one that would be the next to close is closed early.
// Cost of a firing: a look-up for each of its keys.

#ifndef TOCSIN_SRC_RUNTIME_INCIDENT_INCIDENT_BOOK_H_
#define TOCSIN_SRC_RUNTIME_INCIDENT_INCIDENT_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "src/base/string_map.h"
#include "src/program/outcome.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {

struct OpenIncident {
  uint32_t rule = 0;
  uint64_t number = 0;  // In the order in which they were opened.
  std::string id;       // Of the firing that opened it.
  // The first and the last time at which the rule was true.
  int64_t first = 0;
  int64_t last = 0;
  // Of the first event that counted for any firing.
  int64_t first_event = 0;
  int64_t firings = 0;
  bool exact = true;
  // Group keys as KeyWriter writes them. More than one where the rule relates
  // events by any of several fields.
  std::vector<std::string> keys;
};

// One time that a rule was true.
struct IncidentFiring {
  uint32_t rule = 0;
  int64_t time = 0;
  int64_t first_event = 0;
  bool exact = true;
};

class IncidentBook {
 public:
  // `policies`: by rule; null for one that makes no incidents. They must
  // outlive the book.
  IncidentBook(std::vector<const program::IncidentPolicy*> policies,
               size_t most_open);

  // Valid until the next call. Closes nothing: there may be one too many until
  // CloseExcess. A firing that does not open one may be of none. One that is
  // new has no id yet; the caller gives it the firing's.
  struct Joined {
    OpenIncident* incident = nullptr;
    bool is_new = false;
  };
  Joined Add(const IncidentFiring& firing, std::span<const std::string> keys,
             bool opens = true);

  using OnClosed = absl::FunctionRef<void(const OpenIncident&, bool is_early)>;

  // Whether Close would do anything.
  bool IsDue(int64_t watermark) const {
    return !queue_.empty() &&
           (watermark > queue_.front().due || watermark == INT64_MAX);
  }
  // Nothing is due before this.
  int64_t next_due() const {
    return queue_.empty() ? INT64_MAX : queue_.front().due;
  }
  // Closes what the watermark has passed, in the order of their ends.
  void Close(int64_t watermark, OnClosed on_closed);
  // Closes those that are more than may be open.
  void CloseExcess(OnClosed on_closed);

  size_t size() const { return open_count_; }

  // --- Snapshots.

  // The group keys of a host's key, by rule; none for rules of other keys.
  using Keys = std::vector<std::optional<std::string>>;

  // All incidents, in the order in which they were opened; `keys`: only those
  // of these. `numbers`: what each rule is called in the snapshot.
  void Save(std::span<const uint32_t> numbers, const Keys* keys,
            state::SnapshotWriter* out) const;
  // `rules`: by its number in the snapshot, which rule it is; kNoRule: none,
  // and its incidents are dropped. `keys`: all are of these. If `in` is not
  // ok() afterwards, some may have been read.
  void Load(std::span<const uint32_t> rules, const Keys* keys,
            state::SnapshotReader* in);
  void Drop(const Keys& keys);
  static constexpr uint32_t kNoRule = 0xFFFFFFFF;

 private:
  struct Due {
    int64_t due = 0;
    uint64_t number = 0;
    uint32_t place = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };
  static constexpr size_t kMostKeys = 8;

  int64_t DueOf(const OpenIncident& incident) const;
  bool Fits(const OpenIncident& incident, int64_t time) const;
  uint32_t Find(const IncidentFiring& firing,
                std::span<const std::string> keys) const;
  std::string_view IndexKey(uint32_t rule, std::string_view key) const;
  uint32_t Insert(OpenIncident incident);
  void AddKey(uint32_t place, std::string_view key);
  void Remove(uint32_t place);
  bool FreshenFront();
  void CloseFront(bool is_early, OnClosed on_closed);
  void Enqueue(uint32_t place);
  std::vector<uint32_t> PlacesOf(const Keys* keys) const;

  std::vector<const program::IncidentPolicy*> policies_;
  const size_t most_open_;
  uint64_t opened_ = 0;
  size_t open_count_ = 0;
  std::vector<OpenIncident> incidents_;  // number 0: free.
  std::vector<uint32_t> free_;
  base::StringMap<absl::InlinedVector<uint32_t, 2>> by_key_;
  mutable std::string index_key_;  // Scratch.
  // A heap, the earliest first. None is later than the end of its incident,
  // which may have moved; some are of incidents that are gone.
  std::vector<Due> queue_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_INCIDENT_INCIDENT_BOOK_H_
