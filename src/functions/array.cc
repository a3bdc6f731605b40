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

// Whether `path` is what `pattern` means: `*` any run of characters.
bool IsLike(std::string_view pattern, std::string_view path) {
  size_t p = 0;
  size_t at = 0;
  size_t star = std::string_view::npos;
  size_t behind_star = 0;
  while (at < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      behind_star = at;
    } else if (p < pattern.size() && pattern[p] == path[at]) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      at = ++behind_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// Depth is that of the event, which has a limit.
void CollectLike(const Value& at, std::string_view pattern, std::string* path,
                 std::vector<Value>* found) {
  if (at.is_array()) {
    for (const Value& item : at.items) CollectLike(item, pattern, path, found);
    return;
  }
  if (at.kind != base::ValueKind::kObject) {
    if (!at.is_null() && IsLike(pattern, *path)) found->push_back(at);
    return;
  }
  const size_t length = path->size();
  for (size_t i = 0; i < at.items.size(); ++i) {
    if (length > 0) *path += '.';
    *path += at.item_names[i];
    CollectLike(at.items[i], pattern, path, found);
    path->resize(length);
  }
}

Value ValuesAt(const Call& call) {
  if (!call.arguments[1].is_string()) return {};
  std::vector<Value> found;
  std::string path;
  CollectLike(call.arguments[0], call.arguments[1].text, &path, &found);
  if (found.empty()) return {};
  return Value::Array(std::move(found));
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
      {.name = "valuesAt",
       .parameters = {{"object", ValueType::kObject},
                      {"name", ValueType::kString}},
       .least = 2,
       .result = ValueType::kArray,
       .takes_arrays = true,
       .cost = Cost::kHeavy,
       .description = "All values of the members of an object whose name, with "
                      "dots for what lies deeper, is like the text: `*` is any "
                      "run of characters. null if there are none.",
       .example = "valuesAt(null, \"hash.*\")",
       .example_result = "null",
       .call = ValuesAt},
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
