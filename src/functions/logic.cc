#include "src/functions/logic.h"

#include <algorithm>

namespace tocsin::functions {
namespace {

bool IsTrue(Comparison op, std::partial_ordering order) {
  switch (op) {
    case Comparison::kLt:
      return order < 0;
    case Comparison::kLe:
      return order <= 0;
    case Comparison::kGt:
      return order > 0;
    case Comparison::kGe:
      return order >= 0;
    default:
      return order == 0;
  }
}

Value CompareScalars(Comparison op, const Value& a, const Value& b,
                     bool folded) {
  if (op == Comparison::kEq) {
    const std::optional<bool> equal = base::Equal(a, b, folded);
    return equal ? Value::Bool(*equal) : Value();
  }
  const std::optional<std::partial_ordering> order = base::Order(a, b, folded);
  return order ? Value::Bool(IsTrue(op, *order)) : Value();
}

}  // namespace

Value CompareValues(Comparison op, const Value& a, const Value& b,
                    bool folded) {
  if (op == Comparison::kNe) {
    return NotValue(CompareValues(Comparison::kEq, a, b, folded));
  }
  if (!a.is_array() && !b.is_array()) return CompareScalars(op, a, b, folded);
  const std::span<const Value> left = a.is_array()
                                          ? std::span<const Value>(a.items)
                                          : std::span<const Value>(&a, 1);
  const std::span<const Value> right = b.is_array()
                                           ? std::span<const Value>(b.items)
                                           : std::span<const Value>(&b, 1);
  Value result;
  for (const Value& x : left) {
    for (const Value& y : right) {
      const Value one = CompareScalars(op, x, y, folded);
      if (one.is_true()) return one;
      if (!one.is_null()) result = one;
    }
  }
  return result;
}

Value MatchRegex(const Value& value, std::string_view regex, bool folded,
                 Context* context) {
  if (value.is_array()) {
    Value result;
    for (const Value& item : value.items) {
      const Value one = MatchRegex(item, regex, folded, context);
      if (one.is_true()) return one;
      if (!one.is_null()) result = one;
    }
    return result;
  }
  const std::optional<std::string> text = base::TextOf(value);
  const RE2* const compiled = context->Regex(regex, folded, /*whole=*/true);
  if (!text || compiled == nullptr) return {};
  return Value::Bool(RE2::FullMatch(*text, *compiled));
}

bool IsNothing(const Value& value) {
  if (!value.is_array()) return value.is_null();
  return std::all_of(value.items.begin(), value.items.end(), IsNothing);
}

Value NotValue(const Value& value) {
  return value.is_null() ? value : Value::Bool(!value.is_true());
}

Value AndValues(const Value& a, const Value& b) {
  const auto is_false = [](const Value& v) {
    return !v.is_null() && !v.is_true();
  };
  if (is_false(a) || is_false(b)) return Value::Bool(false);
  if (a.is_null() || b.is_null()) return {};
  return Value::Bool(true);
}

Value OrValues(const Value& a, const Value& b) {
  if (a.is_true() || b.is_true()) return Value::Bool(true);
  if (a.is_null() || b.is_null()) return {};
  return Value::Bool(false);
}

Value ToCondition(const Value& value) {
  if (value.is_array()) {
    Value result;
    for (const Value& item : value.items) {
      const Value one = ToCondition(item);
      if (one.is_true()) return one;
      if (!one.is_null()) result = one;
    }
    return result;
  }
  if (value.kind == base::ValueKind::kBool) return value;
  if (value.is_string()) {
    if (base::Equal(value, Value::String("true"), true).value_or(false)) {
      return Value::Bool(true);
    }
    if (base::Equal(value, Value::String("false"), true).value_or(false)) {
      return Value::Bool(false);
    }
  }
  return {};
}

std::string WildcardRegex(std::string_view pattern) {
  std::string regex;
  while (!pattern.empty()) {
    const size_t special = pattern.find_first_of("*?");
    const std::string_view literal = pattern.substr(0, special);
    regex += RE2::QuoteMeta({literal.data(), literal.size()});
    if (special == std::string_view::npos) break;
    regex += pattern[special] == '*' ? ".*" : ".";
    pattern.remove_prefix(special + 1);
  }
  return regex;
}

}  // namespace tocsin::functions
