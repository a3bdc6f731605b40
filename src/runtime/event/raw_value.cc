#include "src/runtime/event/raw_value.h"

#include <algorithm>
#include <cstdint>

#include "src/base/ascii_fold.h"

namespace tocsin::runtime {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Whether all of eight bytes are digits.
bool AreDigits(uint64_t bytes) {
  constexpr uint64_t kEach = 0x0101010101010101u;
  const uint64_t beyond =
      (bytes + kEach * (0x7F - '9')) | (bytes - kEach * '0') | bytes;
  return (beyond & kEach * 0x80) == 0;
}

// Whether it is an integer as most are: up to 16 digits, no sign, no zero in
// front.
bool IsShortInteger(std::string_view token) {
  if (token.empty() || token.size() > 16 || token[0] == '0') return false;
  const size_t edge = std::min<size_t>(token.size(), 8);
  // What is missing to eight bytes are zeros, which become digits.
  const uint64_t missing =
      edge < 8 ? uint64_t{0x3030303030303030} << (8 * edge) : 0;
  const char* const last = token.data() + token.size() - edge;
  return AreDigits(base::LoadUpToEight(token.data(), edge) | missing) &&
         AreDigits(base::LoadUpToEight(last, edge) | missing);
}

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

std::optional<RawKind> KindOfScalar(std::string_view token) {
  if (IsShortInteger(token)) return RawKind::kNumber;
  if (IsNumber(token.data(), token.data() + token.size())) {
    return RawKind::kNumber;
  }
  if (token == "true") return RawKind::kTrue;
  if (token == "false") return RawKind::kFalse;
  if (token == "null") return RawKind::kNull;
  return std::nullopt;
}

}  // namespace tocsin::runtime
