// JSON text that grows by appending: what records become before they are
// matched. Keeps its memory when it is cleared.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_JSON_BUFFER_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_JSON_BUFFER_H_

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace tocsin::python {

class JsonBuffer {
 public:
  std::string_view text() const { return {bytes_.get(), size_}; }
  size_t size() const { return size_; }
  void Clear() { size_ = 0; }

  // Forgets what stands behind the first `size` bytes.
  void CutTo(size_t size) { size_ = size; }

  void Append(char c) {
    Reserve(1);
    bytes_[size_++] = c;
  }

  void Append(std::string_view raw) {
    Reserve(raw.size());
    std::memcpy(bytes_.get() + size_, raw.data(), raw.size());
    size_ += raw.size();
  }

  // A string with its quotes. Bytes that are not UTF-8 stay: the engine reads
  // and counts them as it does those of a line.
  void AppendString(std::string_view text);

  void AppendInteger(std::integral auto value) {
    Reserve(kMostDigits);
    size_ = std::to_chars(bytes_.get() + size_,
                          bytes_.get() + size_ + kMostDigits, value)
                .ptr -
            bytes_.get();
  }

  // The shortest decimal that reads back as `value`, with a point or an
  // exponent; null for NaN and infinities, which JSON lacks.
  template <std::floating_point Number>
  void AppendNumber(Number value) {
    if (!std::isfinite(value)) return Append("null");
    Reserve(kMostDigits);
    char* const begin = bytes_.get() + size_;
    char* const end = std::to_chars(begin, begin + kMostDigits, value).ptr;
    size_ += static_cast<size_t>(end - begin);
    const std::string_view written(begin, static_cast<size_t>(end - begin));
    if (written.find_first_of(".e") == std::string_view::npos) Append(".0");
  }

  // Takes back the comma behind the last member or element, if there is one.
  void DropComma() {
    if (size_ > 0 && bytes_[size_ - 1] == ',') --size_;
  }

 private:
  static constexpr size_t kMostDigits = 32;

  void Reserve(size_t more) {
    if (capacity_ - size_ < more) Grow(more);
  }
  void Grow(size_t more);

  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_JSON_BUFFER_H_
