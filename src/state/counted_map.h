// CountedMap: how often each of some hashes is held; a few words that live
// inside other state, with a table in a slab.
//
// Hash 0 stands for "nothing" and must not be added.

#ifndef TOCSIN_SRC_STATE_COUNTED_MAP_H_
#define TOCSIN_SRC_STATE_COUNTED_MAP_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/state/slab.h"

namespace tocsin::state {

struct CountedMap {
  Slab::Handle table = Slab::kNone;
  uint32_t room = 0;  // Places; a power of two.
  uint32_t size = 0;  // Different hashes.

  // Adds one of `hash`. False if there is no memory; nothing is changed then.
  bool Add(Slab* slab, uint64_t hash) {
    if ((size + 1) * 4 > room * 3 && !Grow(slab)) return false;
    Entry* const entries = slab->At<Entry>(table);
    uint32_t i = Home(hash);
    while (entries[i].hash != hash && entries[i].hash != 0) i = Next(i);
    if (entries[i].hash == 0) {
      entries[i] = {.hash = hash, .count = 0};
      ++size;
    }
    ++entries[i].count;
    return true;
  }

  // Takes one of `hash` away. One that is not held changes nothing.
  void Remove(Slab* slab, uint64_t hash) {
    if (size == 0) return;
    Entry* const entries = slab->At<Entry>(table);
    uint32_t i = Home(hash);
    while (entries[i].hash != hash) {
      if (entries[i].hash == 0) return;
      i = Next(i);
    }
    if (--entries[i].count > 0) return;
    --size;
    uint32_t gap = i;
    for (i = Next(i); entries[i].hash != 0; i = Next(i)) {
      const uint32_t mask = room - 1;
      if (((i - Home(entries[i].hash)) & mask) >= ((i - gap) & mask)) {
        entries[gap] = entries[i];
        gap = i;
      }
    }
    entries[gap] = {};
  }

  // Forgets all and gives the memory back.
  void Clear(Slab* slab) {
    if (table != Slab::kNone) slab->Free(table, room * sizeof(Entry));
    *this = {};
  }

 private:
  struct Entry {
    uint64_t hash = 0;
    uint64_t count = 0;
  };

  uint32_t Home(uint64_t hash) const {
    return static_cast<uint32_t>(hash >> 32) & (room - 1);
  }
  uint32_t Next(uint32_t i) const { return (i + 1) & (room - 1); }

  bool Grow(Slab* slab) {
    const uint32_t wider = room == 0 ? 16 : room * 2;
    const Slab::Handle handle = slab->Allocate(wider * sizeof(Entry));
    if (handle == Slab::kNone) return false;
    std::memset(slab->At(handle), 0, wider * sizeof(Entry));
    const Slab::Handle old = table;
    const uint32_t old_room = room;
    table = handle;
    room = wider;
    if (old == Slab::kNone) return true;
    Entry* const to = slab->At<Entry>(table);
    const Entry* const from = slab->At<Entry>(old);
    for (uint32_t i = 0; i < old_room; ++i) {
      if (from[i].hash == 0) continue;
      uint32_t place = Home(from[i].hash);
      while (to[place].hash != 0) place = Next(place);
      to[place] = from[i];
    }
    slab->Free(old, old_room * sizeof(Entry));
    return true;
  }
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_COUNTED_MAP_H_
