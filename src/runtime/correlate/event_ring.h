// EventRing: the events of a group in order, as words: time, ref, steps and
// flags, then one word for each column of the rule.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_EVENT_RING_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_EVENT_RING_H_

#include <cstdint>
#include <cstring>

#include "src/program/correlation.h"
#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {

// One event; its columns stand behind it.
struct StoredEvent {
  int64_t time = 0;
  uint64_t ref = 0;
  program::StepMask steps = 0;
  uint32_t flags = 0;

  static constexpr uint32_t kReported = 1;
  static constexpr uint32_t kFires = 2;  // As the stream is known now.
  static constexpr uint32_t kArmed = 4;  // The rule is, behind this event.

  Moment at() const { return {.time = time, .ref = ref}; }
  uint64_t column(uint32_t i) const {
    return reinterpret_cast<const uint64_t*>(this + 1)[i];
  }
};

// Where the ring stands; its words lie behind, in the same group.
struct EventRing {
  uint32_t room = 0;  // A power of two.
  uint32_t first = 0;
  uint32_t size = 0;

  static size_t EventBytes(size_t columns) {
    return sizeof(StoredEvent) + columns * 8;
  }

  // Number `i`, the oldest first.
  StoredEvent& At(std::byte* events, size_t event_bytes, uint32_t i) const {
    return *reinterpret_cast<StoredEvent*>(events + ((first + i) & (room - 1)) *
                                                        event_bytes);
  }

  // The first event that is not before `time`.
  uint32_t LowerBound(std::byte* events, size_t event_bytes,
                      int64_t time) const {
    uint32_t low = 0;
    uint32_t high = size;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (At(events, event_bytes, middle).time < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_EVENT_RING_H_
