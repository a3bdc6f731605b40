// UTF-8: decoding one code point at a time, and repair of invalid bytes.

#ifndef TOCSIN_SRC_BASE_UTF8_H_
#define TOCSIN_SRC_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::base {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct CodePoint {
  char32_t value = 0;
  int length = 0;  // Bytes taken; 1 for an invalid byte, with value U+FFFD.
};

// The code point at the start of `text`. REQUIRES: `text` is not empty.
CodePoint DecodeUtf8(std::string_view text);

// Writes `code_point`, at most four bytes, and returns what is behind them. A
// surrogate or a value above U+10FFFF becomes U+FFFD.
char* WriteUtf8(char32_t code_point, char* out);
void AppendUtf8(char32_t code_point, std::string* out);

// Whether a terminal would act on the character rather than show it: controls,
// and what has no shape of its own but changes how others are shown (marks of
// direction, zero-width characters, separators of lines, tags).
bool IsInvisible(char32_t code_point);

bool IsValidUtf8(std::string_view text);

// Copies `text` with each invalid byte replaced by one U+FFFD.
std::string RepairUtf8(std::string_view text);

// Code points, an invalid byte counting as one.
size_t CountCodePoints(std::string_view text);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_UTF8_H_
