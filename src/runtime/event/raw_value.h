// RawValue: where a field's value stands in a JSON text, as it is written.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_RAW_VALUE_H_
#define TOCSIN_SRC_RUNTIME_EVENT_RAW_VALUE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::runtime {

enum class RawKind : uint8_t {
  kString,  // Between the quotes, escapes as they stand.
  kText,    // A string without escapes to resolve (a host's record).
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kObject,
};

struct RawValue {
  const char* data = nullptr;
  uint32_t size = 0;
  RawKind kind = RawKind::kNull;
  uint32_t next = 0;  // Index of the field's next value; 0: none.

  std::string_view text() const { return {data, size}; }
};

// The kind of a JSON value that is no string, object or array; none if `token`
// is not a whole one. Bytes behind it can be read up to `end`.
std::optional<RawKind> KindOfScalar(std::string_view token, const char* end);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_RAW_VALUE_H_
