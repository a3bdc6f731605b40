#include "src/runtime/event/raw_value.h"

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

#if defined(__x86_64__)
// Whether it is an integer as most are: no sign, no zero in front. No for one
// of more than 32 digits, and where fewer bytes can be read up to `end`.
bool IsPlainInteger(std::string_view token, const char* end) {
  constexpr size_t kBlock = 16;
  const size_t size = token.size();
  if (size == 0 || size > 2 * kBlock ||
      end - token.data() < static_cast<ptrdiff_t>(2 * kBlock) ||
      (token[0] == '0' && size > 1)) {
    return false;
  }
  const auto digits = [](const char* at) {
    const __m128i values =
        _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)),
                     _mm_set1_epi8('0'));
    const __m128i within = _mm_min_epu8(values, _mm_set1_epi8(9));
    return static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(values, within)));
  };
  const uint32_t all = digits(token.data()) | digits(token.data() + kBlock)
                                                  << kBlock;
  // As many ones at least as there are characters.
  return static_cast<size_t>(std::countr_one(all)) >= size;
}
#else
bool IsPlainInteger(std::string_view, const char*) { return false; }
#endif

// JSON's number grammar, over the whole of [p, end).
bool IsNumber(const char* p, const char* end) {
  if (p < end && *p == '-') ++p;
  if (p == end || !IsDigit(*p)) return false;
  if (*p == '0') {
    ++p;
  } else {
    while (p < end && IsDigit(*p)) ++p;
  }
  if (p < end && *p == '.') {
    const char* digits = ++p;
    while (p < end && IsDigit(*p)) ++p;
    if (p == digits) return false;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    const char* digits = p;
    while (p < end && IsDigit(*p)) ++p;
    if (p == digits) return false;
  }
  return p == end;
}

}  // namespace

std::optional<RawKind> KindOfScalar(std::string_view token, const char* end) {
  if (IsPlainInteger(token, end)) return RawKind::kNumber;
  if (IsNumber(token.data(), token.data() + token.size())) {
    return RawKind::kNumber;
  }
  if (token == "true") return RawKind::kTrue;
  if (token == "false") return RawKind::kFalse;
  if (token == "null") return RawKind::kNull;
  return std::nullopt;
}

}  // namespace tocsin::runtime
