// Numbers. `add` and its like are the operators of the same meaning.

#include <cmath>

#include "src/functions/arithmetic.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

template <Arithmetic op>
Value Binary(const Call& call) {
  return Calculate(op, call.arguments[0], call.arguments[1]);
}

Value Extreme(const Call& call, bool least) {
  const std::optional<std::partial_ordering> order =
      base::Order(call.arguments[0], call.arguments[1]);
  if (!order) return {};
  return call.arguments[(*order < 0) == least ? 0 : 1];
}
Value Min2(const Call& call) { return Extreme(call, true); }
Value Max2(const Call& call) { return Extreme(call, false); }

Value Abs(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == base::ValueKind::kUint) return value;
  const bool whole = value.kind == base::ValueKind::kInt ||
                     value.kind == base::ValueKind::kDuration;
  if (whole) return value.int_value < 0 ? Negate(value) : value;
  const std::optional<double> number = base::DoubleOf(value);
  return number ? Value::Double(std::abs(*number)) : Value();
}

Value Rounded(const Call& call, double (*round)(double)) {
  const Value& value = call.arguments[0];
  const bool whole = value.kind == base::ValueKind::kInt ||
                     value.kind == base::ValueKind::kUint;
  if (whole) return value;
  const std::optional<double> number = base::DoubleOf(value);
  if (!number) return {};
  const double result = round(*number);
  if (std::abs(result) < 9e15) return Value::Int(static_cast<int64_t>(result));
  return Value::Double(result);
}
Value Floor(const Call& call) { return Rounded(call, std::floor); }
Value Ceil(const Call& call) { return Rounded(call, std::ceil); }

Value Round(const Call& call) {
  const Value& value = call.arguments[0];
  if (call.arguments.size() == 1) return Rounded(call, std::round);
  const std::optional<double> number = base::DoubleOf(value);
  const std::optional<double> digits = base::DoubleOf(call.arguments[1]);
  if (!number || !digits || !(std::abs(*digits) <= 15)) return {};
  const bool whole = value.kind == base::ValueKind::kInt;
  if (whole && *digits >= 0) return value;
  const double scale = std::pow(10, std::trunc(*digits));
  return Value::Double(std::round(*number * scale) / scale);
}

// The double nearest to an integer that fits, or the value.
Value Whole(double number) {
  if (std::abs(number) < 9e15) return Value::Int(static_cast<int64_t>(number));
  return Value::Double(number);
}

Value Integer(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == base::ValueKind::kTime) {
    return Value::Int(value.int_value / 1'000'000);
  }
  if (value.kind == base::ValueKind::kBool) return Value::Int(value.int_value);
  const std::optional<base::Number> number = base::NumberOf(value);
  if (!number) return {};
  if (number->kind == base::Number::kInt) return Value::Int(number->int_value);
  if (number->kind == base::Number::kUint) {
    return Value::Uint(static_cast<uint64_t>(number->int_value));
  }
  return Whole(std::round(number->double_value));
}

Value ToDouble(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.kind == base::ValueKind::kTime) {
    return Value::Double(static_cast<double>(value.int_value) / 1e6);
  }
  if (value.kind == base::ValueKind::kBool) {
    return Value::Double(static_cast<double>(value.int_value));
  }
  const std::optional<double> number = base::DoubleOf(value);
  return number ? Value::Double(*number) : Value();
}

Value Power(const Call& call) {
  const std::optional<double> base = base::DoubleOf(call.arguments[0]);
  const std::optional<double> exponent = base::DoubleOf(call.arguments[1]);
  if (!base || !exponent) return {};
  return Value::Double(std::pow(*base, *exponent));
}

Value Sqrt(const Call& call) {
  const std::optional<double> number = base::DoubleOf(call.arguments[0]);
  return number && *number >= 0 ? Value::Double(std::sqrt(*number)) : Value();
}

Value Log(const Call& call) {
  const std::optional<double> number = base::DoubleOf(call.arguments[0]);
  if (!number || !(*number > 0)) return {};
  if (call.arguments.size() == 1) return Value::Double(std::log(*number));
  const std::optional<double> base = base::DoubleOf(call.arguments[1]);
  if (!base || !(*base > 0) || *base == 1) return {};
  return Value::Double(std::log(*number) / std::log(*base));
}

Value ExtremeOf(const Call& call, bool least) {
  const Value* found = &call.arguments[0];
  for (const Value& each : call.arguments) {
    const auto order = base::Order(each, *found);
    if (!order) return {};
    if (least ? *order < 0 : *order > 0) found = &each;
  }
  return *found;
}
Value Least(const Call& call) { return ExtremeOf(call, true); }
Value Greatest(const Call& call) { return ExtremeOf(call, false); }

Value Log2(const Call& call) {
  const std::optional<double> number = base::DoubleOf(call.arguments[0]);
  return number && *number > 0 ? Value::Double(std::log2(*number)) : Value();
}

}  // namespace

std::vector<Function> NumberFunctions() {
  const Parameter a{"a", ValueType::kNumber};
  const Parameter b{"b", ValueType::kNumber};
  const auto binary = [&](std::string_view name, std::string_view description,
                          std::string_view example, std::string_view result,
                          Value (*call)(const Call&)) {
    return Function{.name = name,
                    .parameters = {a, b},
                    .least = 2,
                    .result = ValueType::kNumber,
                    .description = description,
                    .example = example,
                    .example_result = result,
                    .call = call};
  };
  const auto unary = [&](std::string_view name, std::string_view description,
                         std::string_view example, std::string_view result,
                         Value (*call)(const Call&)) {
    return Function{.name = name,
                    .parameters = {a},
                    .result = ValueType::kNumber,
                    .description = description,
                    .example = example,
                    .example_result = result,
                    .call = call};
  };
  return {
      binary("add", "As `a + b`.", "add(1, 2)", "3", Binary<Arithmetic::kAdd>),
      binary("subtract", "As `a - b`.", "subtract(1, 2)", "-1",
             Binary<Arithmetic::kSub>),
      binary("multiply", "As `a * b`.", "multiply(2, 1.5)", "3",
             Binary<Arithmetic::kMul>),
      binary("divide", "As `a / b`.", "divide(7, 2)", "3",
             Binary<Arithmetic::kDiv>),
      binary("modulo", "As `a % b`.", "modulo(7, 2)", "1",
             Binary<Arithmetic::kMod>),
      binary("min2", "The smaller of two.", "min2(2, 10)", "2", Min2),
      binary("max2", "The larger of two.", "max2(2, 10)", "10", Max2),
      unary("abs", "The number without its sign.", "abs(-3)", "3", Abs),
      unary("floor", "The next whole number below.", "floor(-1.5)", "-2",
            Floor),
      unary("ceil", "The next whole number above.", "ceil(1.2)", "2", Ceil),
      {.name = "round",
       .parameters = {a, {"digits", ValueType::kNumber}},
       .result = ValueType::kNumber,
       .description = "The nearest number of so many digits behind the point, "
                      "or before it; without `digits` a whole one.",
       .example = "round(2.345, 2)",
       .example_result = "2.35",
       .call = Round},
      {.name = "integer",
       .parameters = {{"value", ValueType::kAny}},
       .result = ValueType::kNumber,
       .description = "The whole number nearest to a number or its text; 1 of "
                      "true, 0 of false; of a time, which functions make, its "
                      "milliseconds since 1970.",
       .example = "integer(\"2.7\")",
       .example_result = "3",
       .call = Integer},
      {.name = "double",
       .parameters = {{"value", ValueType::kAny}},
       .result = ValueType::kNumber,
       .description = "The same with a fraction, so that `/` does not cut.",
       .example = "double(7) / 2",
       .example_result = "3.5",
       .call = ToDouble},
      binary("power", "`a` to the power of `b`.", "power(2, 10)", "1024",
             Power),
      unary("sqrt", "The square root; null of what is negative.", "sqrt(9)",
            "3", Sqrt),
      {.name = "log",
       .parameters = {a, {"base", ValueType::kNumber}},
       .result = ValueType::kNumber,
       .description = "The natural logarithm, or that to a base; null of what "
                      "is not positive.",
       .example = "log(1)",
       .example_result = "0",
       .call = Log},
      {.name = "least",
       .parameters = {{"value", ValueType::kAny}},
       .repeats = true,
       .description = "The smallest of all values.",
       .example = "least(3, 10, 2)",
       .example_result = "2",
       .call = Least},
      {.name = "greatest",
       .parameters = {{"value", ValueType::kAny}},
       .repeats = true,
       .description = "The largest of all values.",
       .example = "greatest(3, 10, 2)",
       .example_result = "10",
       .call = Greatest},
      unary("log2", "The logarithm to base 2; null of what is not positive.",
            "log2(8)", "3", Log2),
  };
}

}  // namespace tocsin::functions
