// EventRing: the events of a group in order, as words: time, ref, steps and
// flags, then one word for each column of the rule.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_EVENT_RING_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_EVENT_RING_H_

#include <cstdint>
#include <cstring>
#include <vector>

#include "src/program/correlation.h"
#include "src/runtime/correlate/keyed_event.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

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
  uint64_t column(size_t i) const {
    return reinterpret_cast<const uint64_t*>(this + 1)[i];
  }
  uint64_t* columns() { return reinterpret_cast<uint64_t*>(this + 1); }
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

  // Room for `size` events.
  static uint32_t RoomFor(uint32_t size) {
    uint32_t room = kFirstRoom;
    while (room < size) room *= 2;
    return room;
  }
  static constexpr uint32_t kFirstRoom = 1;

  // Writes the events, the oldest first, with the first `saved` of `columns`
  // columns.
  void Save(std::byte* events, size_t columns, size_t saved,
            state::SnapshotWriter* out) const {
    out->Put64(size);
    for (uint32_t i = 0; i < size; ++i) {
      const StoredEvent& event = At(events, EventBytes(columns), i);
      out->PutInt(event.time);
      out->Put64(event.ref);
      out->Put32(event.steps);
      out->Put32(event.flags);
      for (uint32_t c = 0; c < saved; ++c) out->Put64(event.column(c));
    }
  }

  // Reads at most `most` events, as they lie in a ring from its first place on,
  // and returns how many there are. Columns that are not `saved` are 0.
  static uint32_t Load(state::SnapshotReader* in, size_t columns, size_t saved,
                       uint32_t most, std::vector<std::byte>* events) {
    const size_t event_bytes = EventBytes(columns);
    const uint64_t count = in->GetCount(EventBytes(saved));
    if (count > most) in->Fail("has more events of a group than are kept");
    if (!in->ok()) return 0;
    events->assign(count * event_bytes, std::byte{0});
    int64_t last_time = kNever;
    for (uint64_t i = 0; i < count; ++i) {
      std::byte* const to = events->data() + i * event_bytes;
      StoredEvent event;
      event.time = in->GetInt();
      event.ref = in->Get64();
      event.steps = in->Get32();
      event.flags = in->Get32();
      if (event.time < last_time) in->Fail("has events that are not in order");
      last_time = event.time;
      std::memcpy(to, &event, sizeof(event));
      for (size_t c = 0; c < saved; ++c) {
        const uint64_t word = in->Get64();
        std::memcpy(to + sizeof(event) + c * 8, &word, sizeof(word));
      }
    }
    return static_cast<uint32_t>(count);
  }
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_EVENT_RING_H_
