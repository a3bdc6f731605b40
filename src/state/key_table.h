// KeyTable: 64-bit hashes of group keys to handles of their state.
//
// Extendible hashing: segments of 256 places, each split on its own when it is
// full, so that no insertion ever moves more than one segment, however many
// keys there are. Whether two keys of one hash are the same is asked of the
// caller, who has them.
//
// Four places are a bucket, and a line of the cache. An entry is in the bucket
// of its hash, or in the next one that had room: what is asked for lies in one
// line nearly always, and all four places are looked at without a branch each.

#ifndef TOCSIN_SRC_STATE_KEY_TABLE_H_
#define TOCSIN_SRC_STATE_KEY_TABLE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/state/prefetch.h"
#include "src/state/slab.h"

namespace tocsin::state {

class KeyTable {
 public:
  // `slab` must outlive the table.
  explicit KeyTable(Slab* slab) : slab_(slab) {}
  ~KeyTable() { Clear(); }
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // The value of the entry with this hash for which `is_key(value)` holds, to
  // be read or replaced; null if there is none. Valid until the next change.
  template <typename IsKey>
  uint32_t* Find(uint64_t hash, IsKey is_key) const {
    Segment* const segment = SegmentOf(hash);
    if (segment == nullptr) return nullptr;
    for (uint32_t first = BucketOf(hash);;
         first = (first + kBucket) & (kPlaces - 1)) {
      Place* const bucket = segment->places + first;
      uint32_t same = 0;
      for (uint32_t i = 0; i < kBucket; ++i) {
        same |= static_cast<uint32_t>(bucket[i].hash == hash) << i;
      }
      for (; same != 0; same &= same - 1) {
        Place& place = bucket[std::countr_zero(same)];
        if (place.value != 0 && is_key(place.value)) return &place.value;
      }
      if (HasRoom(bucket)) return nullptr;
    }
  }

  // Where the first entry with this hash stands; null if there is none.
  uint32_t* FindFirst(uint64_t hash) const {
    return Find(hash, [](uint32_t) { return true; });
  }

  // Whether there is an entry with this hash at a place that Find gave, however
  // long ago.
  static bool HasAt(const uint32_t* value, uint64_t hash) {
    const Place* const place = PlaceOf(const_cast<uint32_t*>(value));
    return place->value != 0 && place->hash == hash;
  }

  // Fetches ahead what Find will look at first.
  void Prefetch(uint64_t hash) const {
    const Segment* const segment = SegmentOf(hash);
    if (segment != nullptr) {
      state::Prefetch(&segment->places[BucketOf(hash)]);
    }
  }

  // Where the value stands, as Find would say; null if the budget does not
  // allow it. REQUIRES: `value` is not 0, and the key is not there.
  uint32_t* Insert(uint64_t hash, uint32_t value);

  // Removes the entry that Find gave.
  void Erase(uint32_t* found);

  // Calls `visit(hash, value)` for each entry.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Slab::Handle handle : segments_) {
      for (const Place& place : slab_->At<Segment>(handle)->places) {
        if (place.value != 0) visit(place.hash, place.value);
      }
    }
  }

  size_t size() const { return size_; }
  void Clear();

 private:
  static constexpr uint32_t kPlaces = 256;
  static constexpr uint32_t kBucket = 4;
  static constexpr uint32_t kFull = kPlaces * 3 / 4;
  static constexpr uint32_t kMostDepth = 22;

  struct Place {
    uint64_t hash = 0;
    uint32_t value = 0;  // 0: empty.
    uint32_t spare = 0;  // Of the segment.
  };
  // 64 places to the kilobyte: what else there is to know stands in places'
  // spare words.
  struct Segment {
    Place places[kPlaces];

    uint32_t& depth() { return places[0].spare; }  // Bits that hashes share.
    uint32_t& size() { return places[1].spare; }
  };
  static_assert(sizeof(Segment) == 4096);

  static uint32_t BucketOf(uint64_t hash) {
    return static_cast<uint32_t>(hash) & (kPlaces - kBucket);
  }
  static bool HasRoom(const Place* bucket) {
    uint32_t empty = 0;
    for (uint32_t i = 0; i < kBucket; ++i) empty |= bucket[i].value == 0;
    return empty != 0;
  }
  static Place* PlaceOf(uint32_t* value) {
    return reinterpret_cast<Place*>(reinterpret_cast<std::byte*>(value) -
                                    offsetof(Place, value));
  }

  Segment* SegmentOf(uint64_t hash) const {
    if (directory_.empty()) return nullptr;
    // A shift by 64 is undefined, so one bit is shifted apart.
    return slab_->At<Segment>(directory_[(hash >> 1) >> (63 - depth_)]);
  }
  Slab::Handle NewSegment(uint32_t depth);
  static uint32_t* Put(Segment* segment, uint64_t hash, uint32_t value);
  bool Split(uint64_t hash);

  Slab* slab_;
  std::vector<Slab::Handle> directory_;  // By the first `depth_` bits.
  std::vector<Slab::Handle> segments_;   // Each once.
  uint32_t depth_ = 0;
  size_t size_ = 0;
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_KEY_TABLE_H_
