#include "src/state/key_calendar.h"

#include <algorithm>
#include <bit>

namespace tocsin::state {

// Slices are a power of two long, so that `reach` is some 16 to 32 of them.
KeyCalendar::KeyCalendar(Slab* slab, int64_t reach)
    : slab_(slab),
      shift_(std::max<int>(0, std::bit_width(static_cast<uint64_t>(
                                  std::max<int64_t>(reach, 1))) -
                                  5)) {}

bool KeyCalendar::Add(uint64_t hash, int64_t time) {
  int64_t slice = SliceOf(time);
  if (size_ == 0) {
    first_ = last_ = slice;
  } else if (slice < first_) {
    if (last_ - slice < kSlices) {
      first_ = slice;
    } else {
      slice = first_;  // Looked at with the first.
    }
  }
  // What lies further ahead is looked at too early, which only costs a look.
  slice = std::min(slice, first_ + kSlices - 1);
  last_ = std::max(last_, slice);
  Slice& to = At(slice);
  if (to.last == Slab::kNone || slab_->At<Page>(to.last)->end == kPerPage) {
    const Slab::Handle handle = slab_->Allocate(sizeof(Page));
    if (handle == Slab::kNone) return false;
    auto* page = slab_->At<Page>(handle);
    page->next = Slab::kNone;
    page->begin = page->end = 0;
    if (to.last == Slab::kNone) {
      to.first = handle;
    } else {
      slab_->At<Page>(to.last)->next = handle;
    }
    to.last = handle;
  }
  auto* page = slab_->At<Page>(to.last);
  page->hashes[page->end++] = hash;
  ++size_;
  return true;
}

bool KeyCalendar::PopFrom(Slice* slice, uint64_t* hash) {
  if (slice->first == Slab::kNone) return false;
  auto* page = slab_->At<Page>(slice->first);
  *hash = page->hashes[page->begin++];
  --size_;
  if (page->begin == page->end) {
    const Slab::Handle next = page->next;
    slab_->Free(slice->first, sizeof(Page));
    slice->first = next;
    if (next == Slab::kNone) slice->last = Slab::kNone;
  }
  return true;
}

bool KeyCalendar::PopPassed(int64_t now, uint64_t* hash) {
  if (size_ == 0) return false;
  for (const int64_t current = SliceOf(now); first_ < current; ++first_) {
    if (PopFrom(&At(first_), hash)) return true;
  }
  return false;
}

bool KeyCalendar::PopFirst(uint64_t* hash) {
  if (size_ == 0) return false;
  while (!PopFrom(&At(first_), hash)) ++first_;
  return true;
}

void KeyCalendar::Clear() {
  uint64_t ignored = 0;
  while (PopFirst(&ignored)) {
  }
}

}  // namespace tocsin::state
