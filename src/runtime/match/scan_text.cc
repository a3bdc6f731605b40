#include "src/runtime/match/scan_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

// What may stand behind a backslash for the escape to be the one form in which
// a character is written.
bool IsPlainEscape(char c) {
  return c == '"' || c == '\\' || c == 'b' || c == 'f' || c == 'n' ||
         c == 'r' || c == 't';
}

// Whether at `rest` begins U+212A or U+017F, which fold to `k` and `s`.
bool BeginsHiddenLetter(std::string_view rest) {
  return rest.starts_with("\xE2\x84\xAA") || rest.starts_with("\xC5\xBF");
}

#if defined(__x86_64__)
// Of up to 64 bytes, which are backslashes or beyond ASCII: one bit a byte.
struct Marks {
  uint64_t backslash = 0;
  uint64_t high = 0;
};

__attribute__((target("avx2"))) inline Marks MarksOf32(const char* data) {
  const __m256i bytes =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
  const __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  return {static_cast<uint32_t>(_mm256_movemask_epi8(backslash)),
          static_cast<uint32_t>(_mm256_movemask_epi8(bytes))};
}

__attribute__((target("avx2"))) inline Marks MarksOf64(const char* data) {
  const Marks low = MarksOf32(data);
  const Marks high = MarksOf32(data + 32);
  return {low.backslash | high.backslash << 32, low.high | high.high << 32};
}

// Of 32 bytes, which may stand behind a backslash.
__attribute__((target("avx2"))) inline uint32_t PlainEscapesOf32(
    const char* data) {
  const __m256i bytes =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
  // Bits by high half, 2, 5, 6 and 7, and which low halves go with each.
  const __m256i of_high = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i of_low = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 0));
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i low =
      _mm256_shuffle_epi8(of_low, _mm256_and_si256(bytes, half));
  const __m256i high = _mm256_shuffle_epi8(
      of_high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
  const __m256i other =
      _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
  return ~static_cast<uint32_t>(_mm256_movemask_epi8(other));
}

// Whether what stands behind backslashes, at the bits of `escaped` from `at`
// on, is all plain.
__attribute__((target("avx2"))) inline bool ArePlain(uint64_t escaped,
                                                     std::string_view raw,
                                                     size_t at) {
  if (at + 64 <= raw.size()) {
    const char* const data = raw.data() + at;
    const uint64_t plain =
        PlainEscapesOf32(data) | uint64_t{PlainEscapesOf32(data + 32)} << 32;
    return (escaped & ~plain) == 0;
  }
  for (; escaped != 0; escaped &= escaped - 1) {
    const size_t place = at + static_cast<size_t>(__builtin_ctzll(escaped));
    if (place >= raw.size() || !IsPlainEscape(raw[place])) return false;
  }
  return true;
}

// Looks at 64 bytes at a time. `*carry`: a backslash before the first of them
// escapes it.
[[gnu::always_inline]] __attribute__((target("avx2"))) inline Hidden HiddenIn(
    const Marks& marks, std::string_view raw, size_t at, uint64_t* carry) {
  uint64_t escaped = *carry;
  if ((marks.backslash | escaped) != 0) {
    // Which bytes stand behind an odd run of backslashes: a run that begins at
    // an odd place carries over its end when it is added to its beginning.
    const uint64_t backslash = marks.backslash & ~escaped;
    const uint64_t follows = backslash << 1 | escaped;
    constexpr uint64_t kEven = 0x5555555555555555u;
    const uint64_t odd_starts = backslash & ~kEven & ~follows;
    uint64_t sum;
    *carry = __builtin_add_overflow(odd_starts, backslash, &sum) ? 1 : 0;
    escaped = (kEven ^ (sum << 1)) & follows;
    // Mostly the other backslash of a pair.
    const uint64_t other = escaped & ~marks.backslash;
    if (other != 0 && !ArePlain(other, raw, at)) return Hidden::kAny;
  }
  if (marks.high == 0) return Hidden::kNothing;
  for (uint64_t high = marks.high; high != 0; high &= high - 1) {
    const auto bit = static_cast<size_t>(__builtin_ctzll(high));
    if (BeginsHiddenLetter(raw.substr(at + bit))) return Hidden::kAny;
  }
  return Hidden::kNonAscii;
}

__attribute__((target("avx2"))) Hidden HiddenInAvx2(std::string_view raw) {
  Hidden most = Hidden::kNothing;
  uint64_t carry = 0;
  size_t at = 0;
  for (; at + 64 <= raw.size(); at += 64) {
    most =
        std::max(most, HiddenIn(MarksOf64(raw.data() + at), raw, at, &carry));
    if (most == Hidden::kAny) return most;
  }
  const size_t rest = raw.size() - at;
  if (rest == 0) return carry != 0 ? Hidden::kAny : most;
  Marks marks;
  if (rest >= 32) {  // Two blocks that overlap.
    marks = MarksOf32(raw.data() + at);
    const Marks last = MarksOf32(raw.data() + raw.size() - 32);
    const size_t shift = rest - 32;
    marks.backslash |= last.backslash << shift;
    marks.high |= last.high << shift;
  } else if (at > 0) {  // The end of a block that reaches back.
    marks = MarksOf32(raw.data() + raw.size() - 32);
    const size_t shift = 32 - rest;
    marks.backslash >>= shift;
    marks.high >>= shift;
  } else {
    alignas(32) char buffer[32] = {};
    std::memcpy(buffer, raw.data(), rest);
    marks = MarksOf32(buffer);
  }
  return std::max(most, HiddenIn(marks, raw, at, &carry));
}
#endif

}  // namespace

Hidden HiddenIn(std::string_view raw) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return HiddenInAvx2(raw);
#endif
  return HiddenInPortably(raw);
}

bool IsAscii(std::string_view text) {
  uint64_t high = 0;
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, text.data() + at, 8);
    high |= bytes;
  }
  for (; at < text.size(); ++at) {
    high |= static_cast<uint64_t>(static_cast<unsigned char>(text[at]));
  }
  return (high & 0x8080808080808080u) == 0;
}

Hidden HiddenInPortably(std::string_view raw) {
  Hidden most = Hidden::kNothing;
  for (size_t at = 0; at < raw.size(); ++at) {
    const char c = raw[at];
    if (c == '\\') {
      ++at;
      if (at == raw.size() || !IsPlainEscape(raw[at])) return Hidden::kAny;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      if (BeginsHiddenLetter(raw.substr(at))) return Hidden::kAny;
      most = Hidden::kNonAscii;
    }
  }
  return most;
}

void AppendScanText(std::string_view text, std::string* out) {
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        *out += '\\';
        *out += c;
        break;
      case '\b':
        *out += "\\b";
        break;
      case '\f':
        *out += "\\f";
        break;
      case '\n':
        *out += "\\n";
        break;
      case '\r':
        *out += "\\r";
        break;
      case '\t':
        *out += "\\t";
        break;
      default:
        *out += c;
    }
  }
}

std::string LongestScanPiece(std::string_view literal) {
  const auto is_piece = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte < 0x80) || c == '\b' || c == '\f' ||
           c == '\n' || c == '\r' || c == '\t';
  };
  std::string_view longest;
  size_t begin = 0;
  for (size_t i = 0; i <= literal.size(); ++i) {
    if (i < literal.size() && is_piece(literal[i])) continue;
    if (i - begin > longest.size()) longest = literal.substr(begin, i - begin);
    begin = i + 1;
  }
  std::string piece;
  AppendScanText(longest, &piece);
  return piece;
}

}  // namespace tocsin::runtime
