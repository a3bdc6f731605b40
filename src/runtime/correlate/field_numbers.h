// What measures and keys take the values of a field for.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_FIELD_NUMBERS_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_FIELD_NUMBERS_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "src/base/number.h"
#include "tocsin/field_value.h"

namespace tocsin::runtime {

// The first number among `values`; NaN if there is none.
inline double NumberOf(std::span<const FieldValue> values,
                       bool never_negative) {
  for (const FieldValue& value : values) {
    double number = std::numeric_limits<double>::quiet_NaN();
    if (value.kind() == FieldKind::kInt) {
      number = static_cast<double>(value.int_value());
    } else if (value.kind() == FieldKind::kUint) {
      number = static_cast<double>(value.uint_value());
    } else if (value.kind() == FieldKind::kDouble) {
      number = value.double_value();
    } else if (const auto read = base::ToNumber(value)) {
      number = read->kind == base::Number::kDouble ? read->double_value
               : read->kind == base::Number::kUint
                   ? static_cast<double>(static_cast<uint64_t>(read->int_value))
                   : static_cast<double>(read->int_value);
    }
    if (std::isnan(number) || (never_negative && number < 0)) continue;
    return number;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

inline bool IsThere(const FieldValue& value) {
  return value.kind() != FieldKind::kNull && value.kind() != FieldKind::kObject;
}

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_FIELD_NUMBERS_H_
