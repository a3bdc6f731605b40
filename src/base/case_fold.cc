#include "src/base/case_fold.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
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

constexpr uint64_t Repeat(unsigned char byte) {
  return 0x0101010101010101u * byte;
}

// Eight ASCII bytes at once: a byte from A to Z carries into its top bit when
// 0x80 - 'A' is added, and does not when 0x7F - 'Z' is.
constexpr uint64_t FoldEightAscii(uint64_t bytes) {
  const uint64_t from_a = bytes + Repeat(0x80 - 'A');
  const uint64_t past_z = bytes + Repeat(0x7F - 'Z');
  const uint64_t upper = (from_a ^ past_z) & Repeat(0x80);
  return bytes | upper >> 2;  // 0x20 where it was upper case.
}

// Folds ASCII at the front of `text` to `out`; returns how many bytes. Stops at
// or before the first byte that is not ASCII.
size_t FoldAsciiRun(std::string_view text, char* out) {
  size_t done = 0;
  for (; done + 8 <= text.size(); done += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + done, 8);
    if ((bytes & Repeat(0x80)) != 0) break;
    bytes = FoldEightAscii(bytes);
    std::memcpy(out + done, &bytes, 8);
  }
  for (; done < text.size() && IsAscii(text[done]); ++done) {
    out[done] = FoldAscii(text[done]);
  }
  return done;
}

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
  // Texts are ASCII more often than not, or ASCII with a few words of others.
  const size_t at = out->size();
  out->resize(at + text.size());
  const size_t ascii = FoldAsciiRun(text, out->data() + at);
  out->resize(at + ascii);
  text.remove_prefix(ascii);
  while (!text.empty()) {
    if (IsAscii(text.front())) {
      out->push_back(FoldAscii(text.front()));
      text.remove_prefix(1);
      continue;
    }
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

std::string_view FoldTo(std::string_view text, TextArena* arena) {
  if (text.empty()) return text;
  char* const place = arena->Allocate(text.size());
  const size_t ascii = FoldAsciiRun(text, place);
  if (ascii == text.size()) return {place, ascii};
  std::string folded = Fold(text);
  return arena->Copy(folded);
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
