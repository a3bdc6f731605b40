// Number: an exact number of a rule or an event, and its order. 64-bit
// integers, signed and unsigned, are never rounded through a double.

#ifndef TOCSIN_SRC_BASE_NUMBER_H_
#define TOCSIN_SRC_BASE_NUMBER_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tocsin/field_value.h"

namespace tocsin::base {

struct Number {
  enum Kind : uint8_t { kInt, kUint, kDouble };

  Kind kind = kInt;
  int64_t int_value = 0;    // kInt; for kUint the bits of the uint64_t.
  double double_value = 0;  // kDouble.
  std::string text;         // As it was written; "4688".
};

// Reads a whole JSON number ("-12", "3.5e2"): no spaces, no leading zeros or
// plus sign, nothing behind it. Integers beyond 64 bits become doubles.
std::optional<Number> ParseNumber(std::string_view text);

// The same without a copy: the value views `text`.
std::optional<FieldValue> ParseNumberValue(std::string_view text);

// The number of a numeric value, or of a string that ParseNumber reads; nullopt
// for others. Leaves `text` empty, so that nothing is allocated.
std::optional<Number> ToNumber(const FieldValue& value);

// Appends the text of a numeric value: as its source wrote it, or as JSON would
// if it never was text.
void AppendNumberText(const FieldValue& value, std::string* out);

// The mathematical order; unordered only if one is NaN.
std::partial_ordering Compare(const Number& a, const Number& b);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_NUMBER_H_
