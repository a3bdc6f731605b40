// CapturedEvents: what a rule's condition over several steps asks for, of the
// events that its groups keep. The last column of such an event says where it
// lies; a rule without a condition has no such column.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_CAPTURED_EVENTS_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_CAPTURED_EVENTS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "src/program/correlation.h"
#include "src/runtime/correlate/event_ring.h"
#include "src/runtime/correlate/keyed_event.h"
#include "src/runtime/correlate/where_test.h"
#include "src/state/slab.h"
#include "src/state/snapshot_reader.h"

namespace tocsin::runtime {

class CapturedEvents {
 public:
  // `columns`: that events have before it.
  CapturedEvents(const program::Correlation& rule, size_t columns,
                 state::Slab* slab)
      : is_needed_(!rule.captured.empty()),
        rule_columns_(rule.columns.size()),
        saved_(columns),
        slab_(slab) {}

  bool is_needed() const { return is_needed_; }
  // What an event has in memory and, without where it lies, in snapshots.
  size_t columns() const { return saved_ + (is_needed_ ? 1 : 0); }
  size_t saved_columns() const { return saved_; }

  // Keeps what was captured of `event` for its place in a group. False: there
  // is no memory, and it is lost. REQUIRES: it is needed, as below.
  bool Keep(const KeyedEvent& event, StoredEvent* to) {
    return Keep(CapturedBehind(event.columns, rule_columns_), to);
  }
  bool Keep(std::string_view captured, StoredEvent* to) {
    to->columns()[saved_] = 0;
    if (captured.empty()) return true;
    const uint32_t handle =
        slab_->Allocate(captured.size(), slab_->budget() / 8);
    if (handle == state::Slab::kNone) return false;
    std::memcpy(slab_->At(handle), captured.data(), captured.size());
    to->columns()[saved_] = uint64_t{handle} << 32 | captured.size();
    return true;
  }

  std::string_view Of(const StoredEvent& event) const {
    const uint64_t word = event.column(saved_);
    if (word == 0) return {};
    return {slab_->At<char>(static_cast<uint32_t>(word >> 32)),
            static_cast<uint32_t>(word)};
  }

  void Free(StoredEvent* event) {
    const uint64_t word = std::exchange(event->columns()[saved_], 0);
    if (word == 0) return;
    slab_->Free(static_cast<uint32_t>(word >> 32), static_cast<uint32_t>(word));
  }

  // What was captured of `count` events, as it is read back.
  void Load(uint32_t count, state::SnapshotReader* in,
            std::vector<std::string_view>* texts) const {
    texts->clear();
    if (!is_needed_) return;
    for (uint32_t i = 0; in->ok() && i < count; ++i) {
      texts->push_back(in->GetText());
      if (texts->back().size() > kMostCaptured) {
        in->Fail("has values of an event that are too long");
      }
    }
  }

 private:
  const bool is_needed_;
  const size_t rule_columns_;
  const size_t saved_;
  state::Slab* slab_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_CAPTURED_EVENTS_H_
