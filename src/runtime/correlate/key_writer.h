// Group keys as bytes: what equal values have in common, and what people see
// of them.
//
// A number and its decimal text are the same key; so are an event id that one
// source writes as 4625 and another as "4625".

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_KEY_WRITER_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_KEY_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tocsin/field_value.h"

namespace tocsin::runtime {

// Most bytes of one component; a longer text is cut, and told apart by a
// digest.
inline constexpr size_t kMostComponentBytes = 512;

// The bytes of a key under construction, with zeros behind them up to a
// multiple of eight. Keys can be kept, to be read later; the next ones are
// written behind them. Keeps its memory.
class KeyWriter {
 public:
  KeyWriter() : bytes_(64) {}

  // Drops the key under construction.
  void Clear() { size_ = start_; }
  std::string_view bytes() const {
    return {bytes_.data() + start_, size_ - start_};
  }

  // Keeps the key, and begins another. Returns where it stands, for Kept.
  size_t Keep() {
    const size_t kept = start_;
    start_ = size_ = (size_ + 7) & ~size_t{7};
    return kept;
  }
  const char* Kept(size_t at) const { return bytes_.data() + at; }
  void DropKept() { start_ = size_ = 0; }

  // Objects and null are added as missing.
  void Add(const FieldValue& value) {
    if (value.kind() == FieldKind::kInt && value.int_value() >= 0 &&
        value.int_value() < (int64_t{1} << 56)) {
      AddInt(value.int_value());
    } else {
      AddOther(value);
    }
  }
  void AddMissing();
  // A component that was added before, elsewhere.
  void AddBytes(std::string_view component);

 private:
  void Reserve(size_t more) {
    if (bytes_.size() - size_ < more + 8) bytes_.resize(size_ * 2 + more + 8);
  }
  void AddInt(int64_t value) {
    Reserve(9);
    // By words: a word that was written in two parts takes long to be read.
    const auto number = static_cast<uint64_t>(value);
    const uint64_t words[] = {number << 8 | kIntTag, number >> 56};
    std::memcpy(bytes_.data() + size_, words, sizeof(words));
    size_ += 9;
  }
  void AddOther(const FieldValue& value);
  void AddText(std::string_view text);

  static constexpr char kIntTag = 1;

  std::vector<char> bytes_;
  size_t start_ = 0;  // Of the key under construction.
  size_t size_ = 0;   // With all before it.
};

// One component of a key as text.
struct KeyText {
  std::string text;
  bool is_missing = false;
};

// Reads a key back. False if the bytes are none.
bool ReadKey(std::string_view key, std::vector<KeyText>* components);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_KEY_WRITER_H_
