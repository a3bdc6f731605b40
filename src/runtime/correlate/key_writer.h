// Group keys as bytes: what equal values have in common, and what people see
// of them.
//
// A number and its decimal text are the same key; so are an event id that one
// source writes as 4625 and another as "4625".

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_KEY_WRITER_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_KEY_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tocsin/field_value.h"

namespace tocsin::runtime {

// Most bytes of one component; a longer text is cut, and told apart by a
// digest.
inline constexpr size_t kMostComponentBytes = 512;

// The bytes of a key under construction. Keeps its memory.
class KeyWriter {
 public:
  void Clear() { bytes_.clear(); }
  size_t size() const { return bytes_.size(); }
  void CutTo(size_t size) { bytes_.resize(size); }
  std::string_view bytes() const { return bytes_; }

  // Objects and null are added as missing.
  void Add(const FieldValue& value);
  void AddMissing();
  // A component that was added before, elsewhere.
  void AddBytes(std::string_view component) { bytes_.append(component); }

 private:
  void AddInt(int64_t value);
  void AddText(std::string_view text);

  std::string bytes_;
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
