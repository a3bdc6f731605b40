// ValueMemo: what was found in a field's values, remembered.
//
// Few values make up most of a stream: an image path, an event name. A bounded
// table maps the raw bytes of a value to a list of numbers. It is keyed by a
// hash and always compares the bytes: a sender cannot pass one value off as
// another. Where values do not repeat, it switches itself off for a while.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_VALUE_MEMO_H_
#define TOCSIN_SRC_RUNTIME_MATCH_VALUE_MEMO_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace tocsin::runtime {

class ValueMemo {
 public:
  static constexpr uint32_t kUnknown = 0xFFFFFFFF;

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
    if (table_.empty()) table_.resize(kEntries);
    const uint64_t hash = absl::Hash<absl::string_view>()(
                              absl::string_view(value.data(), value.size())) +
                          tag;
    Entry& entry = table_[(hash ^ (hash >> 32)) & (kEntries - 1)];
    ++asked_;
    if (entry.used && entry.hash == hash && entry.tag == tag &&
        // Not memcmp: an empty value may have no address.
        std::string_view(keys_).substr(entry.key_begin, entry.key_size) ==
            value) {
      ++found_;
      return &entry;
    }
    // Values of a field are often of like size: one takes another's place.
    const bool fits = value.size() <= entry.key_room;
    if (!fits && keys_.size() + value.size() > kMaxKeyBytes) StartOver();
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
  static constexpr size_t kEntries = 2048;
  static constexpr size_t kMaxValueBytes = 1024;
  static constexpr size_t kMaxKeyBytes = size_t{192} << 10;
  static constexpr size_t kMaxListNumbers = size_t{128} << 10;
  static constexpr uint32_t kTrial = 4096;
  static constexpr uint32_t kRest = 65536;

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

  std::vector<Entry> table_;
  std::string keys_;
  std::vector<uint32_t> lists_{0};  // List 0 is empty.
  uint32_t asked_ = 0;
  uint32_t found_ = 0;
  uint32_t resting_ = 0;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_VALUE_MEMO_H_
