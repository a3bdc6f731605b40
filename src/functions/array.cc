// Arrays, and null. What is no array counts as one of one element.

#include <algorithm>
#include <string>

#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

std::vector<Value> Elements(const Value& value) {
  if (value.is_array()) return value.items;
  return {value};
}

Value ArrayCount(const Call& call) {
  return Value::Int(static_cast<int64_t>(Elements(call.arguments[0]).size()));
}

Value ArrayContains(const Call& call) {
  for (const Value& element : Elements(call.arguments[0])) {
    for (const Value& wanted : call.arguments.subspan(1)) {
      if (base::Equal(element, wanted, call.folded).value_or(false)) {
        return Value::Bool(true);
      }
    }
  }
  return Value::Bool(false);
}

Value First(const Call& call) {
  const std::vector<Value> elements = Elements(call.arguments[0]);
  return elements.empty() ? Value() : elements.front();
}

Value Last(const Call& call) {
  const std::vector<Value> elements = Elements(call.arguments[0]);
  return elements.empty() ? Value() : elements.back();
}

Value Coalesce(const Call& call) {
  for (const Value& value : call.arguments) {
    if (!value.is_null()) return value;
  }
  return {};
}

Value IsNull(const Call& call) {
  return Value::Bool(call.arguments[0].is_null());
}

}  // namespace

std::vector<Function> ArrayFunctions() {
  const Parameter array{"array", ValueType::kAny};
  return {
      {.name = "arrayCount",
       .parameters = {array},
       .result = ValueType::kNumber,
       .takes_arrays = true,
       .description = "How many elements there are.",
       .example = "arrayCount(split(\"a,b\", \",\"))",
       .example_result = "2",
       .call = ArrayCount},
      {.name = "arrayContains",
       .parameters = {array, {"value", ValueType::kAny}},
       .least = 2,
       .repeats = true,
       .has_folding = true,
       .result = ValueType::kBool,
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description = "Whether one element equals one of the values.",
       .example = "arrayContains~(split(\"a,b\", \",\"), \"B\")",
       .example_result = "true",
       .call = ArrayContains},
      {.name = "first",
       .parameters = {array},
       .takes_arrays = true,
       .description = "The first element; null if there is none.",
       .example = "first(split(\"a,b\", \",\"))",
       .example_result = "\"a\"",
       .call = First},
      {.name = "last",
       .parameters = {array},
       .takes_arrays = true,
       .description = "The last element; null if there is none.",
       .example = "last(split(\"a,b\", \",\"))",
       .example_result = "\"b\"",
       .call = Last},
      {.name = "coalesce",
       .parameters = {{"value", ValueType::kAny}},
       .repeats = true,
       .nulls = Nulls::kOwn,
       .takes_arrays = true,
       .description = "The first value that is not null.",
       .example = "coalesce(null, \"a\", \"b\")",
       .example_result = "\"a\"",
       .call = Coalesce},
      {.name = "isNull",
       .parameters = {{"value", ValueType::kAny}},
       .result = ValueType::kBool,
       .nulls = Nulls::kOwn,
       .takes_arrays = true,
       .description = "Whether the value is null; as `== null`.",
       .example = "isNull(number(\"x\"))",
       .example_result = "true",
       .call = IsNull},
  };
}

}  // namespace tocsin::functions
