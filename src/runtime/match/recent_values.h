// RecentValues: where single values of a field lead, for those that came
// lately.
//
// A table that maps a value of up to 40 bytes to a pointer, in one cache line
// and a few ns. Bytes are compared, so one value is never taken for another.
// What is not there, or longer, has to be looked up elsewhere.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_RECENT_VALUES_H_
#define TOCSIN_SRC_RUNTIME_MATCH_RECENT_VALUES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/ascii_fold.h"
#include "src/runtime/event/raw_value.h"

namespace tocsin::runtime {

template <typename Target>
class RecentValues {
 public:
  // Null: not known.
  Target* Find(const RawValue& value) const {
    const Entry& entry = entries_[PlaceOf(value)];
    return entry.kind == value.kind && entry.size == value.size &&
                   base::EqualBytes(entry.bytes.data(), value.data, value.size)
               ? entry.target
               : nullptr;
  }

  void Add(const RawValue& value, Target* target) {
    if (value.size > kMaxBytes || value.size == 0) return;
    if (entries_.size() < kMaxEntries &&
        entries_[PlaceOf(value)].target != nullptr) {
      entries_.assign(entries_.size() * 4, Entry());
    }
    Entry& entry = entries_[PlaceOf(value)];
    entry.kind = value.kind;
    entry.size = value.size;
    entry.target = target;
    std::copy_n(value.data, value.size, entry.bytes.data());
  }

 private:
  static constexpr size_t kMaxEntries = 64;  // As many as are needed till then.
  static constexpr size_t kMaxBytes = 40;
  struct alignas(64) Entry {
    std::array<char, kMaxBytes> bytes{};
    Target* target = nullptr;
    uint32_t size = 0;
    RawKind kind = RawKind::kNull;
  };

  size_t PlaceOf(const RawValue& value) const {
    const size_t edge = std::min<size_t>(value.size, 8);
    const uint64_t first = base::LoadUpToEight(value.data, edge);
    const uint64_t last =
        base::LoadUpToEight(value.data + value.size - edge, edge);
    const uint64_t mixed =
        (first * 31 + last + value.size) * 0x9E3779B97F4A7C15u;
    return mixed >> 58 & (entries_.size() - 1);  // At most six bits.
  }

  std::vector<Entry> entries_ = std::vector<Entry>(1);
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_RECENT_VALUES_H_
