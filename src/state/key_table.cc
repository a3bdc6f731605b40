#include "src/state/key_table.h"

#include <new>

namespace tocsin::state {

Slab::Handle KeyTable::NewSegment(uint32_t depth) {
  const Slab::Handle handle = slab_->Allocate(sizeof(Segment));
  if (handle == Slab::kNone) return handle;
  auto* segment = new (slab_->At(handle)) Segment();
  segment->depth() = depth;
  segments_.push_back(handle);
  return handle;
}

uint32_t* KeyTable::Put(Segment* segment, uint64_t hash, uint32_t value) {
  ++segment->size();
  for (uint32_t first = BucketOf(hash);;
       first = (first + kBucket) & (kPlaces - 1)) {
    for (uint32_t i = first; i < first + kBucket; ++i) {
      Place& place = segment->places[i];
      if (place.value != 0) continue;
      place.hash = hash;
      place.value = value;
      return &place.value;
    }
  }
}

bool KeyTable::Split(uint64_t hash) {
  Segment* const old = SegmentOf(hash);
  if (old->depth() == kMostDepth) return false;
  const Slab::Handle handle = NewSegment(old->depth() + 1);
  if (handle == Slab::kNone) return false;
  if (old->depth() == depth_) {
    std::vector<Slab::Handle> wider(directory_.size() * 2);
    for (size_t i = 0; i < wider.size(); ++i) wider[i] = directory_[i / 2];
    directory_ = std::move(wider);
    ++depth_;
  }
  auto* const upper = slab_->At<Segment>(handle);
  const uint32_t bit = old->depth()++;  // The one that tells the halves apart.
  const auto is_upper = [bit](uint64_t h) { return (h >> (63 - bit)) & 1; };

  // The places of the directory that share the first `bit` bits and have the
  // next one set.
  const size_t place = (hash >> 1) >> (63 - depth_);
  const uint32_t rest = depth_ - bit - 1;
  const size_t first = ((place >> (rest + 1)) * 2 + 1) << rest;
  for (size_t i = 0; i < size_t{1} << rest; ++i) directory_[first + i] = handle;

  const Segment copy = *old;
  old->size() = 0;
  for (Place& held : old->places) held.hash = held.value = 0;
  for (const Place& held : copy.places) {
    if (held.value == 0) continue;
    Put(is_upper(held.hash) ? upper : old, held.hash, held.value);
  }
  return true;
}

uint32_t* KeyTable::Insert(uint64_t hash, uint32_t value) {
  if (directory_.empty()) {
    const Slab::Handle handle = NewSegment(0);
    if (handle == Slab::kNone) return nullptr;
    directory_.push_back(handle);
  }
  Segment* segment = SegmentOf(hash);
  while (segment->size() >= kFull) {
    if (!Split(hash)) {
      // Fill it up, but leave a place empty where probing ends.
      if (segment->size() >= kPlaces - 1) return nullptr;
      break;
    }
    segment = SegmentOf(hash);
  }
  ++size_;
  return Put(segment, hash, value);
}

void KeyTable::Erase(uint32_t* found) {
  Place* gap = PlaceOf(found);
  Segment* const segment = SegmentOf(gap->hash);
  --segment->size();
  --size_;
  auto at = static_cast<uint32_t>(gap - segment->places) & ~(kBucket - 1);
  bool was_full = !HasRoom(segment->places + at);
  gap->hash = gap->value = 0;
  // What found no room in a bucket that was full lies behind it, and must not
  // lie behind one that has room.
  for (uint32_t next = at; was_full;) {
    next = (next + kBucket) & (kPlaces - 1);
    Place* const bucket = segment->places + next;
    was_full = !HasRoom(bucket);
    for (Place* place = bucket; place != bucket + kBucket; ++place) {
      const uint32_t home = BucketOf(place->hash);
      if (place->value == 0 ||
          ((next - home) & (kPlaces - 1)) < ((next - at) & (kPlaces - 1))) {
        continue;
      }
      gap->hash = place->hash;
      gap->value = place->value;
      place->hash = place->value = 0;
      gap = place;
      at = next;
      break;
    }
  }
}

void KeyTable::Clear() {
  for (const Slab::Handle handle : segments_) {
    slab_->Free(handle, sizeof(Segment));
  }
  segments_.clear();
  directory_.clear();
  depth_ = 0;
  size_ = 0;
}

}  // namespace tocsin::state
