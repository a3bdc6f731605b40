#include "src/runtime/event/raw_value.h"

namespace tocsin::runtime {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

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
  if (IsNumber(token.data(), token.data() + token.size())) {
    return RawKind::kNumber;
  }
  if (token == "true") return RawKind::kTrue;
  if (token == "false") return RawKind::kFalse;
  if (token == "null") return RawKind::kNull;
  return std::nullopt;
}

}  // namespace tocsin::runtime
