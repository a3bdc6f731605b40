// Members of objects and elements of arrays as slices of their text, by
// structure alone; malformed text gives some slices, in bounds.

#ifndef TOCSIN_SRC_BASE_JSON_ITEMS_H_
#define TOCSIN_SRC_BASE_JSON_ITEMS_H_

#include <cstddef>
#include <string_view>

namespace tocsin::base {

// Bytes of the JSON value at the start of `text`.
size_t JsonValueSize(std::string_view text);

// The same; 0 if the value does not end in `text`: a string or bracket is left
// open.
size_t WholeJsonValueSize(std::string_view text);

std::string_view TrimJsonBlanks(std::string_view text);

class JsonItems {
 public:
  // `text` is an object or array with its brackets.
  explicit JsonItems(std::string_view text);

  // Moves to the next item; false behind the last.
  bool Next();

  std::string_view key() const { return key_; }  // As written, without quotes.
  std::string_view value() const { return value_; }

 private:
  void SkipBlanksAndCommas();

  std::string_view rest_;
  bool is_object_ = false;
  std::string_view key_;
  std::string_view value_;
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_JSON_ITEMS_H_
