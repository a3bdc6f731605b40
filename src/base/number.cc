#include "src/base/number.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "src/base/json_writer.h"

namespace tocsin::base {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The parts of a JSON number; what they point at is the caller's text.
struct Shape {
  std::string_view whole;     // Digits before the point.
  std::string_view fraction;  // Digits behind it.
  std::string_view exponent;  // With its sign, without the `e`.
  bool negative = false;
  bool is_integer = true;  // Neither fraction nor exponent.
};

std::string_view TakeDigits(std::string_view* rest) {
  size_t n = 0;
  while (n < rest->size() && IsDigit((*rest)[n])) ++n;
  const std::string_view digits = rest->substr(0, n);
  rest->remove_prefix(n);
  return digits;
}

std::optional<Shape> ParseShape(std::string_view text) {
  Shape shape;
  if (!text.empty() && text[0] == '-') {
    shape.negative = true;
    text.remove_prefix(1);
  }
  shape.whole = TakeDigits(&text);
  if (shape.whole.empty()) return std::nullopt;
  if (shape.whole.size() > 1 && shape.whole[0] == '0') return std::nullopt;
  if (!text.empty() && text[0] == '.') {
    shape.is_integer = false;
    text.remove_prefix(1);
    shape.fraction = TakeDigits(&text);
    if (shape.fraction.empty()) return std::nullopt;
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    shape.is_integer = false;
    text.remove_prefix(1);
    const char* const start = text.data();
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
      text.remove_prefix(1);
    }
    const std::string_view digits = TakeDigits(&text);
    if (digits.empty()) return std::nullopt;
    shape.exponent = std::string_view(
        start, static_cast<size_t>(digits.data() + digits.size() - start));
  }
  if (!text.empty()) return std::nullopt;
  return shape;
}

// Whether a number that is out of a double's range is too large rather than
// too close to zero.
bool IsHuge(const Shape& shape) {
  // Power of ten of the first digit that is not zero, without the exponent.
  int64_t power = 0;
  const size_t in_whole = shape.whole.find_first_not_of('0');
  if (in_whole != std::string_view::npos) {
    power = static_cast<int64_t>(shape.whole.size() - in_whole);
  } else {
    const size_t in_fraction = shape.fraction.find_first_not_of('0');
    if (in_fraction == std::string_view::npos) return false;
    power = -static_cast<int64_t>(in_fraction);
  }
  std::string_view digits = shape.exponent;
  if (digits.empty()) return power > 0;
  const bool negative = digits[0] == '-';
  if (!IsDigit(digits[0])) digits.remove_prefix(1);
  int64_t exponent = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error != std::errc()) return !negative;  // Beyond any length of text.
  return power > (negative ? exponent : -exponent);
}

double ParseDouble(std::string_view text, const Shape& shape) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    value = IsHuge(shape) ? std::numeric_limits<double>::infinity() : 0.0;
    if (shape.negative) value = -value;
  }
  return value;
}

std::partial_ordering CompareIntToDouble(int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= kTwoTo63) return std::partial_ordering::less;
  if (b < -kTwoTo63) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  const auto as_int = static_cast<int64_t>(whole);
  if (a != as_int) return a <=> as_int;
  return whole <=> b;  // Equal up to the fraction.
}

std::partial_ordering CompareUintToDouble(uint64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= kTwoTo64) return std::partial_ordering::less;
  if (b < 0) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  const auto as_uint = static_cast<uint64_t>(whole);
  if (a != as_uint) return a <=> as_uint;
  return whole <=> b;
}

std::partial_ordering Reverse(std::partial_ordering order) {
  return 0 <=> order;
}

std::partial_ordering CompareIntToUint(int64_t a, uint64_t b) {
  if (a < 0) return std::partial_ordering::less;
  return static_cast<uint64_t>(a) <=> b;
}

}  // namespace

std::optional<Number> ParseNumber(std::string_view text) {
  const std::optional<FieldValue> value = ParseNumberValue(text);
  if (!value) return std::nullopt;
  std::optional<Number> number = ToNumber(*value);
  number->text.assign(text);
  return number;
}

std::optional<FieldValue> ParseNumberValue(std::string_view text) {
  const std::optional<Shape> shape = ParseShape(text);
  if (!shape) return std::nullopt;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (shape->is_integer) {
    int64_t value = 0;
    if (std::from_chars(begin, end, value).ec == std::errc()) {
      return FieldValue::Int(value, text);
    }
    uint64_t bits = 0;
    if (!shape->negative &&
        std::from_chars(begin, end, bits).ec == std::errc()) {
      return FieldValue::Uint(bits, text);
    }
  }
  return FieldValue::Double(ParseDouble(text, *shape), text);
}

std::optional<Number> ToNumber(const FieldValue& value) {
  Number number;
  switch (value.kind()) {
    case FieldKind::kInt:
      number.int_value = value.int_value();
      break;
    case FieldKind::kUint:
      number.kind = Number::kUint;
      number.int_value = static_cast<int64_t>(value.uint_value());
      break;
    case FieldKind::kDouble:
      number.kind = Number::kDouble;
      number.double_value = value.double_value();
      break;
    case FieldKind::kString: {
      const std::optional<FieldValue> read = ParseNumberValue(value.text());
      return read ? ToNumber(*read) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
  return number;
}

std::partial_ordering Compare(const Number& a, const Number& b) {
  const auto b_uint = static_cast<uint64_t>(b.int_value);
  const auto a_uint = static_cast<uint64_t>(a.int_value);
  switch (a.kind) {
    case Number::kInt:
      if (b.kind == Number::kInt) return a.int_value <=> b.int_value;
      if (b.kind == Number::kUint) return CompareIntToUint(a.int_value, b_uint);
      return CompareIntToDouble(a.int_value, b.double_value);
    case Number::kUint:
      if (b.kind == Number::kInt) {
        return Reverse(CompareIntToUint(b.int_value, a_uint));
      }
      if (b.kind == Number::kUint) return a_uint <=> b_uint;
      return CompareUintToDouble(a_uint, b.double_value);
    case Number::kDouble:
      if (b.kind == Number::kInt) {
        return Reverse(CompareIntToDouble(b.int_value, a.double_value));
      }
      if (b.kind == Number::kUint) {
        return Reverse(CompareUintToDouble(b_uint, a.double_value));
      }
      return a.double_value <=> b.double_value;
  }
  return std::partial_ordering::unordered;
}

void AppendNumberText(const FieldValue& value, std::string* out) {
  if (!value.text().empty()) {
    out->append(value.text());
    return;
  }
  if (value.kind() == FieldKind::kDouble) {
    AppendJsonDouble(value.double_value(), out);
    return;
  }
  char digits[24];
  char* const end = digits + sizeof(digits);
  const auto result = value.kind() == FieldKind::kUint
                          ? std::to_chars(digits, end, value.uint_value())
                          : std::to_chars(digits, end, value.int_value());
  out->append(digits, result.ptr);
}

}  // namespace tocsin::base
