// ValueMemo: what was found in a field's values, remembered.
//
// Few values make up most of a stream: an image path, an event name. A bounded
// table maps the raw bytes of a value to a list of numbers. It is keyed by a
// hash and always compares the bytes: a sender cannot pass one value off as
// another. Where values do not repeat, it switches itself off for a while.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_VALUE_MEMO_H_
#define TOCSIN_SRC_RUNTIME_MATCH_VALUE_MEMO_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/ascii_fold.h"

namespace tocsin::runtime {

class ValueMemo {
 public:
  static constexpr uint32_t kUnknown = 0xFFFFFFFF;

  struct Room {
    size_t entries = 2048;  // A power of two.
    size_t key_bytes = size_t{192} << 10;
  };

  ValueMemo() = default;
  explicit ValueMemo(const Room& room) : room_(room) {}

  struct Entry {
    uint64_t hash = 0;
    uint32_t key_begin = 0;
    uint32_t key_size = 0;
    uint32_t key_room = 0;
    uint8_t tag = 0;
    bool used = false;
    // Lists of anchored and of inner literals, as numbers that List takes;
    // kUnknown: not worked out yet.
    uint32_t anchored = kUnknown;
    uint32_t inner = kUnknown;
  };

  // The entry of `value`, a new one with unknown lists if it is not there;
  // null if the value is not to be remembered. Equal bytes with different tags
  // are different values. Valid until the next call.
  Entry* Find(std::string_view value, uint8_t tag) {
    if (value.size() > kMaxValueBytes || Resting()) return nullptr;
    if (table_.empty()) table_.resize(room_.entries);
    const uint64_t hash = HashOf(value) + tag;
    Entry& entry = table_[(hash >> 32) & (room_.entries - 1)];
    ++asked_;
    if (entry.used && entry.hash == hash && entry.tag == tag &&
        entry.key_size == value.size() &&
        base::EqualBytes(keys_.data() + entry.key_begin, value.data(),
                         value.size())) {
      ++found_;
      return &entry;
    }
    // Values of a field are often of like size: one takes another's place.
    const bool fits = value.size() <= entry.key_room;
    if (!fits && keys_.size() + value.size() > room_.key_bytes) StartOver();
    Entry made;
    made.used = true;
    made.hash = hash;
    made.tag = tag;
    made.key_size = static_cast<uint32_t>(value.size());
    if (fits) {
      made.key_begin = entry.key_begin;
      made.key_room = entry.key_room;
      keys_.replace(made.key_begin, value.size(), value);
    } else {
      made.key_begin = static_cast<uint32_t>(keys_.size());
      made.key_room = made.key_size;
      keys_ += value;
    }
    entry = made;
    return &entry;
  }

  // The place of an entry, below Room::entries.
  size_t PlaceOf(const Entry& entry) const {
    return static_cast<size_t>(&entry - table_.data());
  }

  // Keeps `numbers` for the entry found last and returns the list's number.
  uint32_t Keep(std::span<const uint32_t> numbers) {
    if (numbers.empty()) return 0;
    const auto list = static_cast<uint32_t>(lists_.size());
    lists_.push_back(static_cast<uint32_t>(numbers.size()));
    lists_.insert(lists_.end(), numbers.begin(), numbers.end());
    return list;
  }

  std::span<const uint32_t> List(uint32_t list) const {
    return {lists_.data() + list + 1, lists_[list]};
  }

 private:
  static constexpr size_t kMaxValueBytes = 1024;
  static constexpr size_t kMaxListNumbers = size_t{128} << 10;
  static constexpr uint32_t kTrial = 4096;
  static constexpr uint32_t kRest = 65536;

  static constexpr uint64_t kMix = 0x9E3779B97F4A7C15u;

  static uint64_t Mix(uint64_t a, uint64_t b) {
    const uint64_t x = (a ^ (b * kMix + (b >> 29))) * 0xD6E8FEB86659FD93u;
    return x ^ x >> 32;
  }
  static uint64_t Load(const char* at) {
    uint64_t bytes;
    std::memcpy(&bytes, at, sizeof(bytes));
    return bytes;
  }

  // Of all bytes: values of a kind often differ in their middle only.
  static uint64_t HashOf(std::string_view value) {
    const char* const data = value.data();
    const size_t size = value.size();
    uint64_t hash = size * kMix;
    if (size < 16) {
      const size_t edge = std::min<size_t>(size, 8);
      return Mix(hash ^ base::LoadUpToEight(data, edge),
                 base::LoadUpToEight(data + size - edge, edge));
    }
    for (size_t at = 0; at + 16 < size; at += 16) {
      hash = Mix(hash ^ Load(data + at), Load(data + at + 8));
    }
    return Mix(hash ^ Load(data + size - 16), Load(data + size - 8));
  }

  // Whether the memo is switched off: of the last values asked for, under a
  // quarter was known.
  bool Resting() {
    if (resting_ > 0) {
      --resting_;
      return true;
    }
    if (asked_ >= kTrial) {
      if (found_ < asked_ / 4) resting_ = kRest;
      asked_ = 0;
      found_ = 0;
    }
    if (lists_.size() > kMaxListNumbers) StartOver();
    return false;
  }

  void StartOver() {
    for (Entry& entry : table_) entry = Entry();
    keys_.clear();
    lists_.resize(1);
  }

  Room room_;
  std::vector<Entry> table_;
  std::string keys_;
  std::vector<uint32_t> lists_{0};  // List 0 is empty.
  uint32_t asked_ = 0;
  uint32_t found_ = 0;
  uint32_t resting_ = 0;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_VALUE_MEMO_H_
