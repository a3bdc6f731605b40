#include "src/base/json_unescape.h"

#include <cstdint>
#include <cstring>

#include "src/base/utf8.h"

namespace tocsin::base {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four hex digits at `p`, or -1.
int32_t HexUnit(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(p[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

bool IsHighSurrogate(int32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(int32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

char SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// Reads the escape at `*in` (behind the `\u`), with its second half if it is a
// surrogate that has one. False if the digits are wrong.
bool ReadUnicodeEscape(const char** in, const char* end, uint32_t* code_point) {
  const int32_t unit = HexUnit(*in, end);
  if (unit < 0) return false;
  *in += 4;
  *code_point = static_cast<uint32_t>(unit);
  if (IsLowSurrogate(unit)) *code_point = kReplacementCharacter;
  if (!IsHighSurrogate(unit)) return true;
  *code_point = kReplacementCharacter;
  if (end - *in < 6 || (*in)[0] != '\\' || (*in)[1] != 'u') return true;
  const int32_t low = HexUnit(*in + 2, end);
  if (!IsLowSurrogate(low)) return true;  // Read, or refused, in its turn.
  *in += 6;
  *code_point = 0x10000u + (static_cast<uint32_t>(unit - 0xD800) << 10) +
                static_cast<uint32_t>(low - 0xDC00);
  return true;
}

// Whether one of eight bytes is a backslash: the exclusive or makes it zero,
// and only below a zero byte does the subtraction borrow into a clear top bit.
bool HasBackslash(uint64_t bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101u;
  const uint64_t zero_if_backslash = bytes ^ (kOnes * '\\');
  return ((zero_if_backslash - kOnes) & ~zero_if_backslash & (kOnes << 7)) != 0;
}

}  // namespace

size_t UnescapeJsonInPlace(char* text, size_t size) {
  const char* const end = text + size;
  const char* in =
      size == 0 ? end : static_cast<const char*>(std::memchr(text, '\\', size));
  if (in == nullptr || in == end) return size;
  char* out = text + (in - text);
  while (in != end) {
    // Eight bytes without a backslash move at once. `out` is never past `in`.
    uint64_t bytes;
    while (end - in >= 8) {
      std::memcpy(&bytes, in, 8);
      if (HasBackslash(bytes)) break;
      std::memcpy(out, &bytes, 8);
      in += 8;
      out += 8;
    }
    while (in != end && (*in != '\\' || in + 1 == end)) *out++ = *in++;
    if (in == end) break;
    const char kind = in[1];
    const char* behind = in + 2;
    uint32_t code_point = 0;
    if (kind == 'u' && ReadUnicodeEscape(&behind, end, &code_point)) {
      out = WriteUtf8(code_point, out);
    } else if (const char plain = SimpleEscape(kind)) {
      *out++ = plain;
    } else {
      *out++ = '\\';
      *out++ = kind;
    }
    in = behind;
  }
  return static_cast<size_t>(out - text);
}

}  // namespace tocsin::base
