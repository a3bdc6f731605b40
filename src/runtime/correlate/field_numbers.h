// What measures and keys take the values of a field for.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_FIELD_NUMBERS_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_FIELD_NUMBERS_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "src/base/number.h"
#include "src/base/value.h"
#include "src/runtime/correlate/keyed_event.h"
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

// The time that a field of a rule's own holds; where it holds none, or one more
// than a day off, that of the stream: who reads old events again has them at
// the time of today there, and the rule would wait for a watermark that never
// comes.
inline int64_t OwnTimeOf(std::span<const FieldValue> values, int64_t time) {
  constexpr int64_t kMostOff = int64_t{24 * 3600} * 1'000'000'000;
  if (values.empty()) return time;
  const std::optional<int64_t> own = base::TimeOf(base::Value::Of(values[0]));
  if (!own || SubTime(*own, kMostOff) > time ||
      AddTime(*own, kMostOff) < time) {
    return time;
  }
  return *own;
}

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_FIELD_NUMBERS_H_
