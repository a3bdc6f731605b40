#include "src/base/case_fold.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "src/base/utf8.h"

namespace tocsin::base {
namespace {

struct FoldRange {
  char32_t first;
  char32_t last;
  uint8_t stride;  // Every code point of the range folds, or every second.
  int32_t delta;
};

// Code points outside ASCII that do not fold to themselves.
constexpr FoldRange kFoldRanges[] = {
#include "src/base/case_fold_table.inc"
};

constexpr char FoldAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// A code point or an invalid byte, folded: what is compared by EqualFolded.
// Invalid bytes get values that no code point has, so they equal themselves
// only.
char32_t NextFolded(std::string_view* text) {
  const CodePoint point = DecodeUtf8(*text);
  const bool invalid =
      point.length == 1 && point.value == kReplacementCharacter;
  const char32_t folded =
      invalid ? 0x110000u + static_cast<unsigned char>(text->front())
              : FoldCodePoint(point.value);
  text->remove_prefix(static_cast<size_t>(point.length));
  return folded;
}

}  // namespace

char32_t FoldCodePoint(char32_t code_point) {
  if (code_point < 0x80) {
    return static_cast<unsigned char>(FoldAscii(static_cast<char>(code_point)));
  }
  const auto range = std::lower_bound(
      std::begin(kFoldRanges), std::end(kFoldRanges), code_point,
      [](const FoldRange& r, char32_t c) { return r.last < c; });
  if (range == std::end(kFoldRanges) || code_point < range->first ||
      (code_point - range->first) % range->stride != 0) {
    return code_point;
  }
  return static_cast<char32_t>(static_cast<int64_t>(code_point) + range->delta);
}

void AppendFolded(std::string_view text, std::string* out) {
  size_t at = out->size();
  out->resize(at + text.size());
  // Texts are ASCII more often than not: fold bytes in place until one is not.
  size_t ascii = 0;
  for (; ascii < text.size() && IsAscii(text[ascii]); ++ascii) {
    (*out)[at++] = FoldAscii(text[ascii]);
  }
  out->resize(at);
  text.remove_prefix(ascii);
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    const size_t length = static_cast<size_t>(point.length);
    const char32_t folded = FoldCodePoint(point.value);
    if (folded == point.value) {  // Also every invalid byte.
      out->append(text.substr(0, length));
    } else {
      AppendUtf8(folded, out);
    }
    text.remove_prefix(length);
  }
}

std::string Fold(std::string_view text) {
  std::string folded;
  AppendFolded(text, &folded);
  return folded;
}

bool EqualFolded(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (NextFolded(&a) != NextFolded(&b)) return false;
  }
  return a.empty() && b.empty();
}

}  // namespace tocsin::base
