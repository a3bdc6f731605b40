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
      unary("log2", "The logarithm to base 2; null of what is not positive.",
            "log2(8)", "3", Log2),
  };
}

}  // namespace tocsin::functions
