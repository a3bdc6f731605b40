// KeyCalendar: when to look whether a key's state can go.
//
// Holds the hash of each key once, in the slice of event time in which it can
// be forgotten if nothing more comes. Nothing is done when something does come:
// a slice whose time has come is looked through, and keys that lived on go into
// a later one. So keys cost nothing per event, and the first key of the first
// slice is, about, the oldest.

#ifndef TOCSIN_SRC_STATE_KEY_CALENDAR_H_
#define TOCSIN_SRC_STATE_KEY_CALENDAR_H_

#include <array>
#include <cstdint>

#include "src/state/slab.h"

namespace tocsin::state {

class KeyCalendar {
 public:
  // `reach`: how far ahead of the time that Pop was last asked about entries
  // usually lie.
  KeyCalendar(Slab* slab, int64_t reach);
  ~KeyCalendar() { Clear(); }
  KeyCalendar(const KeyCalendar&) = delete;
  KeyCalendar& operator=(const KeyCalendar&) = delete;

  // False if the budget does not allow it.
  bool Add(uint64_t hash, int64_t time);

  // Takes out an entry of a slice that has passed at `now`; false if there is
  // none.
  bool PopPassed(int64_t now, uint64_t* hash);

  // Takes out an entry of the first slice that has any.
  bool PopFirst(uint64_t* hash);

  // The last time of the first slice that may have entries.
  int64_t first_end() const {
    return (first_ << shift_) | ((int64_t{1} << shift_) - 1);
  }

  size_t size() const { return size_; }
  void Clear();

 private:
  static constexpr int64_t kSlices = 64;
  static constexpr uint32_t kPerPage = 30;

  struct Page {
    Slab::Handle next;
    uint16_t begin;
    uint16_t end;
    uint64_t hashes[kPerPage];
  };
  // Pages of a slice: first in, first out.
  struct Slice {
    Slab::Handle first = Slab::kNone;
    Slab::Handle last = Slab::kNone;
  };

  int64_t SliceOf(int64_t time) const { return time >> shift_; }
  Slice& At(int64_t slice) {
    return slices_[static_cast<size_t>(slice & (kSlices - 1))];
  }
  bool PopFrom(Slice* slice, uint64_t* hash);

  Slab* slab_;
  int shift_;
  int64_t first_ = 0;  // The first slice that may have entries.
  int64_t last_ = 0;   // The last one.
  std::array<Slice, kSlices> slices_{};
  size_t size_ = 0;
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_KEY_CALENDAR_H_
