#include "src/state/key_table.h"

#include <new>

namespace tocsin::state {

Slab::Handle KeyTable::NewSegment(uint32_t depth) {
  const Slab::Handle handle = slab_->Allocate(sizeof(Segment));
  if (handle == Slab::kNone) return handle;
  auto* segment = new (slab_->At(handle)) Segment();
  segment->depth = depth;
  segments_.push_back(handle);
  return handle;
}

uint32_t* KeyTable::Place(Segment* segment, const Entry& entry) {
  uint32_t i = entry.low & kMask;
  while (segment->entries[i].value != 0) i = (i + 1) & kMask;
  segment->entries[i] = entry;
  ++segment->size;
  return &segment->entries[i].value;
}

bool KeyTable::Split(uint64_t hash) {
  Segment* const old = SegmentOf(hash);
  if (old->depth == kMostDepth) return false;
  const Slab::Handle handle = NewSegment(old->depth + 1);
  if (handle == Slab::kNone) return false;
  if (old->depth == depth_) {
    std::vector<Slab::Handle> wider(directory_.size() * 2);
    for (size_t i = 0; i < wider.size(); ++i) wider[i] = directory_[i / 2];
    directory_ = std::move(wider);
    ++depth_;
  }
  auto* const upper = slab_->At<Segment>(handle);
  const uint32_t bit = old->depth++;  // The one that tells the halves apart.
  const auto is_upper = [bit](uint64_t h) { return (h >> (63 - bit)) & 1; };

  // The places of the directory that share the first `bit` bits and have the
  // next one set.
  const size_t place = (hash >> 1) >> (63 - depth_);
  const uint32_t rest = depth_ - bit - 1;
  const size_t first = ((place >> (rest + 1)) * 2 + 1) << rest;
  for (size_t i = 0; i < size_t{1} << rest; ++i) directory_[first + i] = handle;

  const Segment copy = *old;
  old->size = 0;
  for (Entry& entry : old->entries) entry = {};
  for (const Entry& entry : copy.entries) {
    if (entry.value == 0) continue;
    const uint64_t h = uint64_t{entry.high} << 32 | entry.low;
    Place(is_upper(h) ? upper : old, entry);
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
  while (segment->size >= kFull) {
    if (!Split(hash)) {
      // Fill it up, but leave a place empty where probing ends.
      if (segment->size >= kPlaces - 1) return nullptr;
      break;
    }
    segment = SegmentOf(hash);
  }
  ++size_;
  return Place(segment, {.low = static_cast<uint32_t>(hash),
                         .high = static_cast<uint32_t>(hash >> 32),
                         .value = value});
}

void KeyTable::Erase(uint32_t* found) {
  auto* const entry = reinterpret_cast<Entry*>(
      reinterpret_cast<std::byte*>(found) - offsetof(Entry, value));
  Segment* const segment = SegmentOf(uint64_t{entry->high} << 32 | entry->low);
  auto gap = static_cast<uint32_t>(entry - segment->entries);
  // Entries behind the gap move up if the gap lies on their way.
  for (uint32_t i = (gap + 1) & kMask; segment->entries[i].value != 0;
       i = (i + 1) & kMask) {
    const uint32_t home = segment->entries[i].low & kMask;
    if (((i - home) & kMask) >= ((i - gap) & kMask)) {
      segment->entries[gap] = segment->entries[i];
      gap = i;
    }
  }
  segment->entries[gap] = {};
  --segment->size;
  --size_;
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
