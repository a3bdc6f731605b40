// KeyTable: 64-bit hashes of group keys to handles of their state.
//
// Extendible hashing: segments of 256 places, each split on its own when it is
// full, so that no insertion ever moves more than one segment, however many
// keys there are. Whether two keys of one hash are the same is asked of the
// caller, who has them.

#ifndef TOCSIN_SRC_STATE_KEY_TABLE_H_
#define TOCSIN_SRC_STATE_KEY_TABLE_H_

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
    const auto low = static_cast<uint32_t>(hash);
    const auto high = static_cast<uint32_t>(hash >> 32);
    for (uint32_t i = low & kMask;; i = (i + 1) & kMask) {
      Entry& entry = segment->entries[i];
      if (entry.value == 0) return nullptr;
      if (entry.low == low && entry.high == high && is_key(entry.value)) {
        return &entry.value;
      }
    }
  }

  // Fetches ahead what Find will look at first. For what it finds, see First.
  void Prefetch(uint64_t hash) const {
    const Segment* const segment = SegmentOf(hash);
    if (segment != nullptr) {
      state::Prefetch(&segment->entries[static_cast<uint32_t>(hash) & kMask]);
    }
  }

  // The value of the first entry with this hash; 0 if there is none.
  uint32_t First(uint64_t hash) const {
    const uint32_t* const found = Find(hash, [](uint32_t) { return true; });
    return found == nullptr ? 0 : *found;
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
      const auto* segment = slab_->At<Segment>(handle);
      for (const Entry& entry : segment->entries) {
        if (entry.value == 0) continue;
        visit(uint64_t{entry.high} << 32 | entry.low, entry.value);
      }
    }
  }

  size_t size() const { return size_; }
  void Clear();

 private:
  static constexpr uint32_t kPlaces = 256;
  static constexpr uint32_t kMask = kPlaces - 1;
  static constexpr uint32_t kFull = kPlaces * 3 / 4;
  static constexpr uint32_t kMostDepth = 22;

  struct Entry {
    uint32_t low = 0;
    uint32_t high = 0;
    uint32_t value = 0;
  };
  struct Segment {
    uint32_t depth = 0;  // Bits of the hash that all its entries share.
    uint32_t size = 0;
    Entry entries[kPlaces];
  };

  Segment* SegmentOf(uint64_t hash) const {
    if (directory_.empty()) return nullptr;
    // A shift by 64 is undefined, so one bit is shifted apart.
    return slab_->At<Segment>(directory_[(hash >> 1) >> (63 - depth_)]);
  }
  Slab::Handle NewSegment(uint32_t depth);
  static uint32_t* Place(Segment* segment, const Entry& entry);
  bool Split(uint64_t hash);

  Slab* slab_;
  std::vector<Slab::Handle> directory_;  // By the first `depth_` bits.
  std::vector<Slab::Handle> segments_;   // Each once.
  uint32_t depth_ = 0;
  size_t size_ = 0;
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_KEY_TABLE_H_
