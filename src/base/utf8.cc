#include "src/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace tocsin::base {
namespace {

bool StartsWithEightAscii(std::string_view text) {
  if (text.size() < 8) return false;
  uint64_t bytes;
  std::memcpy(&bytes, text.data(), 8);
  return (bytes & 0x8080808080808080u) == 0;
}

}  // namespace

CodePoint DecodeUtf8(std::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  int length;
  char32_t value;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    value = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    value = lead & 0x0F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    value = lead & 0x07;
  } else {
    return {kReplacementCharacter, 1};
  }
  if (text.size() < static_cast<size_t>(length)) {
    return {kReplacementCharacter, 1};
  }
  for (int i = 1; i < length; ++i) {
    const unsigned char next = byte(static_cast<size_t>(i));
    if ((next & 0xC0) != 0x80) return {kReplacementCharacter, 1};
    value = (value << 6) | (next & 0x3F);
  }
  const bool overlong =
      (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) {
    return {kReplacementCharacter, 1};
  }
  return {value, length};
}

char* WriteUtf8(char32_t c, char* out) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacementCharacter;
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return out;
}

void AppendUtf8(char32_t code_point, std::string* out) {
  char bytes[4];
  out->append(bytes, WriteUtf8(code_point, bytes));
}

bool IsInvisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x00AD || c == 0x061C ||
         c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    if (StartsWithEightAscii(text)) {
      text.remove_prefix(8);
      continue;
    }
    const CodePoint point = DecodeUtf8(text);
    if (point.value == kReplacementCharacter && point.length == 1) return false;
    text.remove_prefix(static_cast<size_t>(point.length));
  }
  return true;
}

std::string RepairUtf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size() + 8);
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    AppendUtf8(point.value, &repaired);
    text.remove_prefix(static_cast<size_t>(point.length));
  }
  return repaired;
}

size_t CountCodePoints(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(static_cast<size_t>(DecodeUtf8(text).length));
    ++count;
  }
  return count;
}

}  // namespace tocsin::base
