// WindowBook: stretches of event time that begin with a detection, and what has
// been counted in them since.
//
// A clause that holds detections back for a while after one went out (`suppress
// 1h by user.name`), or counts what it gives in a while (`cap 40 per 1d`), has
// a number, the slot, and a span. A window of it belongs to one key, begins at
// the time of a detection, and is as long as the span; its end is not part of
// it. A detection that comes late is of a window too that begins less than a
// span behind it. Windows end when the watermark has passed them by the time
// that their rule may take to decide, so it does not matter in which steps it
// moves.
//
// Memory: at most so many windows, some 250 bytes each; beyond that the one
// that would be the next to end is ended early.

#ifndef TOCSIN_SRC_RUNTIME_INCIDENT_WINDOW_BOOK_H_
#define TOCSIN_SRC_RUNTIME_INCIDENT_WINDOW_BOOK_H_

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
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {

struct OutcomeWindow {
  uint32_t slot = 0;
  uint64_t number = 0;  // In the order in which they were opened.
  std::string key;      // As KeyWriter writes it.
  std::string id;       // Of the detection that opened it.
  int64_t begin = 0;
  // The highest that went out.
  int32_t level = 0;
  // Those that did not go out, their first and their last time.
  int64_t count = 0;
  int64_t first = 0;
  int64_t last = 0;
  double points = 0;  // That were given.
};

class WindowBook {
 public:
  // Of a slot: how long its windows are, and how long after its time a
  // detection may be decided. Positive spans.
  struct Slot {
    int64_t span = 1;
    int64_t delay = 0;
  };
  WindowBook(std::vector<Slot> slots, size_t most_open);

  // The window of a detection; of several the one that was opened last. Null:
  // there is none. Valid until the next call.
  OutcomeWindow* Find(uint32_t slot, std::string_view key, int64_t time);
  // REQUIRES: `id` is 32 hex digits.
  OutcomeWindow* Open(uint32_t slot, std::string_view key, std::string_view id,
                      int64_t time);

  using OnEnded = absl::FunctionRef<void(const OutcomeWindow&, bool is_early)>;

  bool IsDue(int64_t watermark) const {
    return !queue_.empty() &&
           (watermark > queue_.front().due || watermark == INT64_MAX);
  }
  // Nothing is due before this.
  int64_t next_due() const {
    return queue_.empty() ? INT64_MAX : queue_.front().due;
  }
  // Ends what the watermark has passed, in the order of their ends.
  void End(int64_t watermark, OnEnded on_ended);
  // Ends those that are more than may be open.
  void EndExcess(OnEnded on_ended);

  // --- Snapshots, as of IncidentBook.
  using Keys = std::vector<std::optional<std::string>>;  // By slot.
  void Save(std::span<const uint32_t> numbers, const Keys* keys,
            state::SnapshotWriter* out) const;
  void Load(std::span<const uint32_t> slots, const Keys* keys,
            state::SnapshotReader* in);
  void Drop(const Keys& keys);
  // Of all keys, those of slots for which `is_of` holds.
  void Drop(absl::FunctionRef<bool(uint32_t slot)> is_of);
  static constexpr uint32_t kNoSlot = 0xFFFFFFFF;

 private:
  struct Due {
    int64_t due = 0;
    uint64_t number = 0;
    uint32_t place = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  static std::string IndexKey(uint32_t slot, std::string_view key);
  uint32_t Insert(OutcomeWindow window);
  void Remove(uint32_t place);
  bool HasFront();
  void EndFront(bool is_early, OnEnded on_ended);
  std::vector<uint32_t> PlacesOf(const Keys* keys) const;

  const std::vector<Slot> slots_;
  const size_t most_open_;
  uint64_t opened_ = 0;
  size_t open_count_ = 0;
  std::vector<OutcomeWindow> windows_;  // number 0: free.
  std::vector<uint32_t> free_;
  base::StringMap<absl::InlinedVector<uint32_t, 2>> by_key_;
  std::vector<Due> queue_;  // A heap; some are of windows that are gone.
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_INCIDENT_WINDOW_BOOK_H_
