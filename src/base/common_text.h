// Pieces of text that stand in security events of all sorts.
//
// They only guide guesses of what is rare, and so worth looking for.

#ifndef TOCSIN_SRC_BASE_COMMON_TEXT_H_
#define TOCSIN_SRC_BASE_COMMON_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace tocsin::base {

// By their first byte, then longest first.
inline constexpr std::string_view kCommonPieces[] = {".com",
                                                     ".dll",
                                                     ".exe",
                                                     "\\currentversion\\",
                                                     "\\program files",
                                                     "\\windows\\",
                                                     "\\appdata\\",
                                                     "\\users\\",
                                                     "\\local\\",
                                                     "\\temp\\",
                                                     "admin",
                                                     "add",
                                                     "command",
                                                     "c:\\",
                                                     "cmd",
                                                     "false",
                                                     "file",
                                                     "get",
                                                     "http",
                                                     "hklm",
                                                     "microsoft",
                                                     "name",
                                                     "new",
                                                     "object",
                                                     "powershell",
                                                     "program",
                                                     "reg",
                                                     "syswow64",
                                                     "system32",
                                                     "software",
                                                     "service",
                                                     "system",
                                                     "set",
                                                     "true",
                                                     "user",
                                                     "value",
                                                     "windows"};

// Those that begin with some byte.
struct PieceRange {
  uint8_t begin = 0;
  uint8_t end = 0;
};

constexpr std::array<PieceRange, 256> PiecesByFirstByte() {
  std::array<PieceRange, 256> ranges;
  for (uint8_t i = 0; i < std::size(kCommonPieces); ++i) {
    PieceRange& range =
        ranges[static_cast<unsigned char>(kCommonPieces[i].front())];
    if (range.end == 0) range.begin = i;
    range.end = static_cast<uint8_t>(i + 1);
  }
  return ranges;
}

inline constexpr std::array<PieceRange, 256> kPiecesByFirstByte =
    PiecesByFirstByte();

// The size of the longest common piece that folded `text`, which is not empty,
// begins with; 0: none.
inline size_t CommonPieceAt(std::string_view text) {
  const PieceRange range =
      kPiecesByFirstByte[static_cast<unsigned char>(text.front())];
  for (size_t i = range.begin; i < range.end; ++i) {
    if (text.starts_with(kCommonPieces[i])) return kCommonPieces[i].size();
  }
  return 0;
}

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_COMMON_TEXT_H_
