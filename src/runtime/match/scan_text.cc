#include "src/runtime/match/scan_text.h"

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

// Whether what stands at `at` is, or could be, a letter in another form. `at`
// is the place of a backslash or of a byte beyond ASCII.
bool HidesTextAt(std::string_view raw, size_t at) {
  const std::string_view rest = raw.substr(at);
  if (rest.starts_with("\xE2\x84\xAA") || rest.starts_with("\xC5\xBF")) {
    return true;  // U+212A and U+017F, which fold to `k` and `s`.
  }
  if (rest[0] != '\\' || rest.size() < 2) return false;
  if (rest[1] != 'u' && rest[1] != '/') return false;
  // A backslash behind an odd number of others is itself escaped.
  size_t before = 0;
  while (before < at && raw[at - 1 - before] == '\\') ++before;
  return before % 2 == 0;
}

#if defined(__x86_64__)
// Looks at 32 bytes at a time. Sets `*done` to how far it came.
template <bool kAsciiOnly>
__attribute__((target("avx2"))) bool HidesTextAvx2(std::string_view raw,
                                                   size_t* done) {
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i u = _mm256_set1_epi8('u');
  const __m256i slash = _mm256_set1_epi8('/');
  const __m256i lead_e2 = _mm256_set1_epi8('\xE2');
  const __m256i lead_c5 = _mm256_set1_epi8('\xC5');
  size_t at = 0;
  for (; at + 33 <= raw.size(); at += 32) {
    const __m256i bytes =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(raw.data() + at));
    const __m256i next = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(raw.data() + at + 1));
    const __m256i escapes =
        _mm256_and_si256(_mm256_cmpeq_epi8(bytes, backslash),
                         _mm256_or_si256(_mm256_cmpeq_epi8(next, u),
                                         _mm256_cmpeq_epi8(next, slash)));
    if (!kAsciiOnly && _mm256_movemask_epi8(bytes) != 0) return true;
    const __m256i leads = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, lead_e2),
                                          _mm256_cmpeq_epi8(bytes, lead_c5));
    auto suspects = static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_or_si256(escapes, leads)));
    while (suspects != 0) {
      const auto bit = static_cast<size_t>(__builtin_ctz(suspects));
      suspects &= suspects - 1;
      if (HidesTextAt(raw, at + bit)) return true;
    }
  }
  *done = at;
  return false;
}
#endif

template <bool kAsciiOnly>
bool HidesText(std::string_view raw) {
  size_t at = 0;
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2 && HidesTextAvx2<kAsciiOnly>(raw, &at)) return true;
#endif
  for (; at < raw.size(); ++at) {
    const char c = raw[at];
    if (!kAsciiOnly && static_cast<unsigned char>(c) >= 0x80) return true;
    if ((c == '\\' || c == '\xE2' || c == '\xC5') && HidesTextAt(raw, at)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool HidesAnyText(std::string_view raw) { return HidesText<false>(raw); }

bool HidesAsciiText(std::string_view raw) { return HidesText<true>(raw); }

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

std::string LongestScanPiece(std::string_view literal, bool ascii_only) {
  const auto is_piece = [ascii_only](char c) {
    if (static_cast<unsigned char>(c) >= 0x80) return !ascii_only;
    return static_cast<unsigned char>(c) >= 0x20 || c == '\b' || c == '\f' ||
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
