// Value: what an expression of a rule is at one event, with all it holds. An
// event's own values are FieldValues, which borrow; these are made by functions
// and arithmetic, for the few events that get so far.

#ifndef TOCSIN_SRC_BASE_VALUE_H_
#define TOCSIN_SRC_BASE_VALUE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/number.h"
#include "tocsin/field_value.h"

namespace tocsin::base {

enum class ValueKind : uint8_t {
  kNull,
  kBool,
  kInt,
  kUint,  // Above INT64_MAX.
  kDouble,
  kString,
  kDuration,  // Nanoseconds, as are times since 1970.
  kTime,
  kPoint,  // Degrees of latitude and longitude.
  kArray,
  kObject,
};

// What an expression of a rule can be, as far as is known before events come.
enum class ValueType : uint8_t {
  kAny,
  kString,
  kNumber,
  kBool,
  kIp,  // A text that holds an address.
  kTime,
  kDuration,
  kPoint,
  kArray,
  kObject,
  kNull,
};

// "text", "a number", for messages.
std::string_view Name(ValueType type);

struct Value {
  ValueKind kind = ValueKind::kNull;
  int64_t int_value = 0;    // kBool, kInt, kDuration, kTime; the bits of kUint.
  double double_value = 0;  // kDouble; kPoint: latitude.
  double longitude = 0;     // kPoint.
  std::string text;         // kString.
  std::vector<Value> items;             // kArray, kObject.
  std::vector<std::string> item_names;  // kObject: parallel to `items`.

  static Value Null() { return {}; }
  static Value Bool(bool value) {
    return {.kind = ValueKind::kBool, .int_value = value ? 1 : 0};
  }
  static Value Int(int64_t value) {
    return {.kind = ValueKind::kInt, .int_value = value};
  }
  static Value Uint(uint64_t value) {
    const bool fits = value <= static_cast<uint64_t>(INT64_MAX);
    return {.kind = fits ? ValueKind::kInt : ValueKind::kUint,
            .int_value = static_cast<int64_t>(value)};
  }
  // A number that no JSON text can be (NaN, infinities) is null.
  static Value Double(double value);
  static Value String(std::string value) {
    return {.kind = ValueKind::kString, .text = std::move(value)};
  }
  static Value Duration(int64_t nanos) {
    return {.kind = ValueKind::kDuration, .int_value = nanos};
  }
  static Value Time(int64_t nanos) {
    return {.kind = ValueKind::kTime, .int_value = nanos};
  }
  static Value Point(double latitude, double longitude) {
    return {.kind = ValueKind::kPoint,
            .double_value = latitude,
            .longitude = longitude};
  }
  static Value Array(std::vector<Value> items) {
    return {.kind = ValueKind::kArray, .items = std::move(items)};
  }
  // Objects have no content here: kObject without members.
  static Value Of(const FieldValue& value);

  bool is_null() const { return kind == ValueKind::kNull; }
  bool is_true() const { return kind == ValueKind::kBool && int_value != 0; }
  bool is_string() const { return kind == ValueKind::kString; }
  bool is_array() const { return kind == ValueKind::kArray; }
  bool is_number() const {
    return kind == ValueKind::kInt || kind == ValueKind::kUint ||
           kind == ValueKind::kDouble;
  }

  // Member `name` of an object, null if there is none.
  const Value* Find(std::string_view name) const;

  friend bool operator==(const Value&, const Value&) = default;
};

// The number that a value is or, for the decimal text of one, stands for.
std::optional<Number> NumberOf(const Value& value);
// The same as a double.
std::optional<double> DoubleOf(const Value& value);

// The text of a scalar: of a number its shortest decimal, of a time RFC 3339.
// nullopt for null, arrays, objects, points.
std::optional<std::string> TextOf(const Value& value);

// Nanoseconds since 1970 of a time, or of a text or number that is one.
std::optional<int64_t> TimeOf(const Value& value);

// Whether two scalars are equal: texts byte by byte or, folded, without regard
// to case; a number and its decimal text are. nullopt if one is null or they
// are of kinds that are never compared.
std::optional<bool> Equal(const Value& a, const Value& b, bool folded = false);

// The order of two scalars: numbers by value, also their texts; else texts by
// code point, folded without regard to case. nullopt as above.
std::optional<std::partial_ordering> Order(const Value& a, const Value& b,
                                           bool folded = false);

// Appends the value as JSON: durations, times and points as texts.
void AppendJson(const Value& value, std::string* out);

// Stable text for messages and tests: `"a"`, `3`, `1h30m`, `[1, 2]`, `null`.
std::string PrintValue(const Value& value);

// A duration as rules write it: "1h30m", "500ms"; what is finer than a
// millisecond is cut.
std::string PrintDuration(int64_t nanos);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_VALUE_H_
