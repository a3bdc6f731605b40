// Arrays, and null. What is no array counts as one of one element.

#include <algorithm>
#include <string>
#include <utility>

#include "src/functions/arithmetic.h"
#include "src/functions/function.h"
#include "src/functions/logic.h"

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

Value Case(const Call& call) {
  size_t i = 0;
  for (; i + 1 < call.arguments.size(); i += 2) {
    if (ToCondition(call.arguments[i]).is_true()) return call.arguments[i + 1];
  }
  return i < call.arguments.size() ? call.arguments[i] : Value();
}

// The smallest or largest element by base::Order; what has no order with the
// others is left out.
Value Extreme(const Call& call, bool least) {
  Value found;
  for (Value& element : Elements(call.arguments[0])) {
    if (element.is_null()) continue;
    if (found.is_null()) {
      found = std::move(element);
      continue;
    }
    const auto order = base::Order(element, found);
    if (order && (least ? *order < 0 : *order > 0)) found = std::move(element);
  }
  return found;
}
Value ArrayMin(const Call& call) { return Extreme(call, true); }
Value ArrayMax(const Call& call) { return Extreme(call, false); }

Value ArraySum(const Call& call) {
  Value sum;
  for (const Value& element : Elements(call.arguments[0])) {
    if (!base::NumberOf(element)) continue;
    sum = sum.is_null() ? Calculate(Arithmetic::kAdd, Value::Int(0), element)
                        : Calculate(Arithmetic::kAdd, sum, element);
  }
  return sum;
}

Value ArrayAverage(const Call& call) {
  double sum = 0;
  double count = 0;
  for (const Value& element : Elements(call.arguments[0])) {
    const std::optional<double> number = base::DoubleOf(element);
    if (!number) continue;
    sum += *number;
    ++count;
  }
  return count > 0 ? Value::Double(sum / count) : Value();
}

Value ArrayJoin(const Call& call) {
  const std::optional<std::string> separator = base::TextOf(call.arguments[1]);
  if (!separator) return {};
  std::string joined;
  bool is_first = true;
  for (const Value& element : Elements(call.arguments[0])) {
    const std::optional<std::string> text = base::TextOf(element);
    if (!text) continue;
    const size_t more = text->size() + (is_first ? 0 : separator->size());
    if (joined.size() + more > kMaxTextBytes) break;
    if (!std::exchange(is_first, false)) joined += *separator;
    joined += *text;
  }
  return is_first ? Value() : Value::String(std::move(joined));
}

// Elements that are looked at by those that compare each with each.
constexpr size_t kMostCompared = 1000;

bool Contains(const std::vector<Value>& elements, const Value& wanted) {
  return std::any_of(elements.begin(), elements.end(), [&](const Value& each) {
    return base::Equal(each, wanted).value_or(false);
  });
}

Value OfElements(std::vector<Value> elements) {
  if (elements.empty()) return {};
  if (elements.size() == 1) return std::move(elements[0]);
  return Value::Array(std::move(elements));
}

Value ArrayUnique(const Call& call) {
  std::vector<Value> kept;
  for (Value& element : Elements(call.arguments[0])) {
    if (kept.size() == kMostCompared) break;
    if (!Contains(kept, element)) kept.push_back(std::move(element));
  }
  return OfElements(std::move(kept));
}

Value ArrayIntersect(const Call& call) {
  std::vector<Value> other = Elements(call.arguments[1]);
  other.resize(std::min(other.size(), kMostCompared));
  std::vector<Value> kept;
  for (Value& element : Elements(call.arguments[0])) {
    if (kept.size() == kMostCompared) break;
    if (Contains(other, element) && !Contains(kept, element)) {
      kept.push_back(std::move(element));
    }
  }
  return OfElements(std::move(kept));
}

Value ArrayContainsAll(const Call& call) {
  if (call.arguments[1].is_null()) return Value::Bool(true);
  if (call.arguments[0].is_null()) return Value::Bool(false);
  std::vector<Value> elements = Elements(call.arguments[0]);
  elements.resize(std::min(elements.size(), kMostCompared));
  std::vector<Value> wanted = Elements(call.arguments[1]);
  wanted.resize(std::min(wanted.size(), kMostCompared));
  return Value::Bool(
      std::all_of(wanted.begin(), wanted.end(),
                  [&](const Value& each) { return Contains(elements, each); }));
}

Value ArraySlice(const Call& call) {
  std::vector<Value> elements = Elements(call.arguments[0]);
  const auto size = static_cast<int64_t>(elements.size());
  int64_t bounds[2] = {0, 0};
  for (size_t i = 0; i < 2; ++i) {
    const Value& given =
        call.arguments[std::min(i + 1, call.arguments.size() - 1)];
    if (given.kind != base::ValueKind::kInt) return {};
    bounds[i] = given.int_value < 0 ? given.int_value + size : given.int_value;
  }
  const int64_t begin = std::max<int64_t>(0, bounds[0]);
  const int64_t end = bounds[1] >= size ? size : bounds[1] + 1;
  if (begin >= end) return {};
  return OfElements({elements.begin() + begin, elements.begin() + end});
}

Value ArraySort(const Call& call) {
  std::vector<Value> elements = Elements(call.arguments[0]);
  // By text where there is no other order, so that it is one of all.
  std::stable_sort(
      elements.begin(), elements.end(), [](const Value& a, const Value& b) {
        if (a.is_number() && b.is_number()) {
          return *base::Order(a, b) < 0;
        }
        if (a.is_number() != b.is_number()) return a.is_number();
        return base::TextOf(a).value_or("") < base::TextOf(b).value_or("");
      });
  return OfElements(std::move(elements));
}

Value ArrayConcat(const Call& call) {
  std::vector<Value> all;
  for (const Value& each : call.arguments) {
    for (Value& element : Elements(each)) {
      if (all.size() == kMostCompared) break;
      all.push_back(std::move(element));
    }
  }
  return OfElements(std::move(all));
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
      {.name = "arrayMin",
       .parameters = {array},
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description = "The smallest element.",
       .example = "arrayMin(split(\"b,a\", \",\"))",
       .example_result = "\"a\"",
       .call = ArrayMin},
      {.name = "arrayMax",
       .parameters = {array},
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description = "The largest element.",
       .example = "arrayMax(split(\"b,a\", \",\"))",
       .example_result = "\"b\"",
       .call = ArrayMax},
      {.name = "arraySum",
       .parameters = {array},
       .result = ValueType::kNumber,
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description = "The sum of the elements that are numbers.",
       .example = "arraySum(split(\"1,2,x\", \",\"))",
       .example_result = "3",
       .call = ArraySum},
      {.name = "arrayAverage",
       .parameters = {array},
       .result = ValueType::kNumber,
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description = "The mean of the elements that are numbers.",
       .example = "arrayAverage(split(\"1,2,x\", \",\"))",
       .example_result = "1.5",
       .call = ArrayAverage},
      {.name = "arrayJoin",
       .parameters = {array, {"separator", ValueType::kString}},
       .least = 2,
       .result = ValueType::kString,
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description =
           "The texts of all elements with the separator between them.",
       .example = "arrayJoin(split(\"a/b\", \"/\"), \", \")",
       .example_result = "\"a, b\"",
       .call = ArrayJoin},
      {.name = "arrayUnique",
       .parameters = {array},
       .takes_arrays = true,
       .cost = Cost::kHeavy,
       .description = "Each element once, at most 1000.",
       .example = "arrayUnique(split(\"a,b,a\", \",\"))",
       .example_result = "[\"a\", \"b\"]",
       .call = ArrayUnique},
      {.name = "arraySort",
       .parameters = {array},
       .takes_arrays = true,
       .cost = Cost::kHeavy,
       .description = "The elements in their order: numbers, then texts.",
       .example = "arraySort(split(\"b,a\", \",\"))",
       .example_result = "[\"a\", \"b\"]",
       .call = ArraySort},
      {.name = "arraySlice",
       .parameters = {array,
                      {"start", ValueType::kNumber},
                      {"end", ValueType::kNumber}},
       .least = 2,
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description =
           "The elements from `start` to `end`, both with, from 0; negative "
           "numbers count from the end. Without `end` one element.",
       .example = "arraySlice(split(\"a,b,c\", \",\"), 1, 2)",
       .example_result = "[\"b\", \"c\"]",
       .call = ArraySlice},
      {.name = "arrayConcat",
       .parameters = {array},
       .repeats = true,
       .takes_arrays = true,
       .cost = Cost::kLinear,
       .description = "The elements of all arrays, at most 1000.",
       .example = "arrayConcat(split(\"a,b\", \",\"), \"c\")",
       .example_result = "[\"a\", \"b\", \"c\"]",
       .call = ArrayConcat},
      {.name = "arrayIntersect",
       .parameters = {array, {"other", ValueType::kAny}},
       .least = 2,
       .takes_arrays = true,
       .cost = Cost::kHeavy,
       .description = "The elements that are in both, each once.",
       .example =
           "arrayIntersect(split(\"a,b\", \",\"), split(\"b,c\", \",\"))",
       .example_result = "\"b\"",
       .call = ArrayIntersect},
      {.name = "arrayContainsAll",
       .parameters = {array, {"other", ValueType::kAny}},
       .least = 2,
       .result = ValueType::kBool,
       .nulls = Nulls::kOwn,
       .takes_arrays = true,
       .cost = Cost::kHeavy,
       .description = "Whether all elements of the other are in the array.",
       .example = "arrayContainsAll(split(\"a,b\", \",\"), \"b\")",
       .example_result = "true",
       .call = ArrayContainsAll},
      {.name = "case",
       .parameters = {{"condition", ValueType::kAny},
                      {"value", ValueType::kAny}},
       .least = 2,
       .repeats = true,
       .nulls = Nulls::kOwn,
       .takes_arrays = true,
       .description = "The value behind the first condition that is true; else "
                      "the last one, if it stands alone, or null.",
       .example = "case(1 > 2, \"a\", 2 > 1, \"b\", \"c\")",
       .example_result = "\"b\"",
       .call = Case},
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
