#include "src/functions/arithmetic.h"

#include <cmath>
#include <optional>

namespace tocsin::functions {

using base::Value;
using base::ValueKind;

namespace {

__extension__ using Wide = __int128;

std::optional<Wide> WholeOf(const Value& value) {
  const std::optional<base::Number> number = base::NumberOf(value);
  if (!number || number->kind == base::Number::kDouble) return std::nullopt;
  if (number->kind == base::Number::kUint) {
    return static_cast<Wide>(static_cast<uint64_t>(number->int_value));
  }
  return static_cast<Wide>(number->int_value);
}

Value FromWide(Wide value) {
  if (value >= INT64_MIN && value <= INT64_MAX) {
    return Value::Int(static_cast<int64_t>(value));
  }
  if (value > 0 && value <= UINT64_MAX) {
    return Value::Uint(static_cast<uint64_t>(value));
  }
  return Value::Double(static_cast<double>(value));
}

Value OfWhole(Arithmetic op, Wide a, Wide b) {
  switch (op) {
    case Arithmetic::kAdd:
      return FromWide(a + b);
    case Arithmetic::kSub:
      return FromWide(a - b);
    case Arithmetic::kMul:  // Below 2^128 in size, but signed.
      if (a != 0 && b != 0 &&
          std::abs(static_cast<double>(a) * static_cast<double>(b)) > 1e37) {
        return Value::Double(static_cast<double>(a) * static_cast<double>(b));
      }
      return FromWide(a * b);
    case Arithmetic::kDiv:
      return b == 0 ? Value() : FromWide(a / b);
    case Arithmetic::kMod:
      return b == 0 ? Value() : FromWide(a % b);
  }
  return {};
}

Value OfDoubles(Arithmetic op, double a, double b) {
  switch (op) {
    case Arithmetic::kAdd:
      return Value::Double(a + b);
    case Arithmetic::kSub:
      return Value::Double(a - b);
    case Arithmetic::kMul:
      return Value::Double(a * b);
    case Arithmetic::kDiv:
      return b == 0 ? Value() : Value::Double(a / b);
    case Arithmetic::kMod:
      return b == 0 ? Value() : Value::Double(std::fmod(a, b));
  }
  return {};
}

bool IsTemporal(const Value& value) {
  return value.kind == ValueKind::kTime || value.kind == ValueKind::kDuration;
}

std::optional<int64_t> Sum(int64_t a, int64_t b, bool subtract) {
  int64_t result = 0;
  const bool overflows = subtract ? __builtin_sub_overflow(a, b, &result)
                                  : __builtin_add_overflow(a, b, &result);
  if (overflows) return std::nullopt;
  return result;
}

Value OfTimes(Arithmetic op, const Value& a, const Value& b) {
  const bool adds = op == Arithmetic::kAdd || op == Arithmetic::kSub;
  if (!adds) {
    // A duration times or by a number; by a duration, how often it goes in.
    const std::optional<double> left = a.kind == ValueKind::kDuration
                                           ? std::optional<double>(a.int_value)
                                           : base::DoubleOf(a);
    const std::optional<double> right = b.kind == ValueKind::kDuration
                                            ? std::optional<double>(b.int_value)
                                            : base::DoubleOf(b);
    if (!left || !right) return {};
    const bool both =
        a.kind == ValueKind::kDuration && b.kind == ValueKind::kDuration;
    if (op == Arithmetic::kMul && both) return {};
    if (op == Arithmetic::kMod) return {};
    if (op == Arithmetic::kDiv && a.kind != ValueKind::kDuration) return {};
    const Value result = OfDoubles(op, *left, *right);
    if (both || result.is_null()) return result;
    if (std::abs(result.double_value) > 9e18) return {};
    return Value::Duration(static_cast<int64_t>(result.double_value));
  }
  const bool subtract = op == Arithmetic::kSub;
  // A text or number beside a time or duration is read as a time.
  const std::optional<int64_t> left = a.kind == ValueKind::kDuration
                                          ? std::optional<int64_t>(a.int_value)
                                          : base::TimeOf(a);
  const std::optional<int64_t> right = b.kind == ValueKind::kDuration
                                           ? std::optional<int64_t>(b.int_value)
                                           : base::TimeOf(b);
  if (!left || !right) return {};
  const std::optional<int64_t> result = Sum(*left, *right, subtract);
  if (!result) return {};
  const bool a_span = a.kind == ValueKind::kDuration;
  const bool b_span = b.kind == ValueKind::kDuration;
  if (a_span && b_span) return Value::Duration(*result);
  if (!a_span && !b_span) return subtract ? Value::Duration(*result) : Value();
  if (a_span && subtract) return {};
  return Value::Time(*result);
}

}  // namespace

Value Calculate(Arithmetic op, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return {};
  if (IsTemporal(a) || IsTemporal(b)) return OfTimes(op, a, b);
  const std::optional<Wide> whole_a = WholeOf(a);
  const std::optional<Wide> whole_b = WholeOf(b);
  if (whole_a && whole_b) return OfWhole(op, *whole_a, *whole_b);
  const std::optional<double> double_a = base::DoubleOf(a);
  const std::optional<double> double_b = base::DoubleOf(b);
  if (double_a && double_b) return OfDoubles(op, *double_a, *double_b);
  // Two texts that are times, as events have them.
  if (op == Arithmetic::kSub && a.is_string() && b.is_string()) {
    return OfTimes(op, a, b);
  }
  return {};
}

Value Negate(const Value& value) {
  if (value.kind == ValueKind::kDuration && value.int_value != INT64_MIN) {
    return Value::Duration(-value.int_value);
  }
  if (value.is_null() || IsTemporal(value)) return {};
  return Calculate(Arithmetic::kSub, Value::Int(0), value);
}

}  // namespace tocsin::functions
