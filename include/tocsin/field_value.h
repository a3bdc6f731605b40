// FieldValue: one value of one field of an event, as a borrowed view.
//
//   FieldValue id = FieldValue::Int(4688);
//   FieldValue image = FieldValue::String("C:\\Windows\\System32\\cmd.exe");
//
// Missing, null and empty are three things: a missing field has no FieldValue,
// a null one has kind() == kNull, an empty string is a kString of length 0.
// Integers keep all 64 bits, signed and unsigned; they never pass through a
// double. text() views memory of the event and lives as long as that does.

#ifndef TOCSIN_FIELD_VALUE_H_
#define TOCSIN_FIELD_VALUE_H_

#include <cstdint>
#include <string_view>

namespace tocsin {

enum class FieldKind : uint8_t {
  kNull,
  kBool,
  kInt,     // Fits int64_t.
  kUint,    // Above INT64_MAX, fits uint64_t.
  kDouble,  // Has a fraction or exponent, or fits neither integer type.
  kString,  // UTF-8, escapes already resolved.
  kObject,  // A JSON object: it exists, but no scalar test matches it.
};

class FieldValue {
 public:
  constexpr FieldValue() = default;  // Null.

  static constexpr FieldValue Null() { return FieldValue(); }
  static constexpr FieldValue Bool(bool value) {
    FieldValue v(FieldKind::kBool, value ? "true" : "false");
    v.int_ = value ? 1 : 0;
    return v;
  }
  // `text` of a number is how the source wrote it, or empty if it was never
  // text (a host's binary record).
  static constexpr FieldValue Int(int64_t value, std::string_view text = {}) {
    FieldValue v(FieldKind::kInt, text);
    v.int_ = value;
    return v;
  }
  // A value that fits int64_t becomes a kInt, so that equal numbers are equal.
  static constexpr FieldValue Uint(uint64_t value, std::string_view text = {}) {
    if (value <= static_cast<uint64_t>(INT64_MAX)) {
      return Int(static_cast<int64_t>(value), text);
    }
    FieldValue v(FieldKind::kUint, text);
    v.int_ = static_cast<int64_t>(value);
    return v;
  }
  static constexpr FieldValue Double(double value, std::string_view text = {}) {
    FieldValue v(FieldKind::kDouble, text);
    v.double_ = value;
    return v;
  }
  static constexpr FieldValue String(std::string_view text) {
    return FieldValue(FieldKind::kString, text);
  }
  static constexpr FieldValue Object() {
    return FieldValue(FieldKind::kObject, {});
  }

  constexpr FieldKind kind() const { return kind_; }
  constexpr bool is_null() const { return kind_ == FieldKind::kNull; }
  constexpr bool is_string() const { return kind_ == FieldKind::kString; }
  constexpr bool is_number() const {
    return kind_ == FieldKind::kInt || kind_ == FieldKind::kUint ||
           kind_ == FieldKind::kDouble;
  }

  // Each is meaningful for its own kind only.
  constexpr bool bool_value() const { return int_ != 0; }
  constexpr int64_t int_value() const { return int_; }
  constexpr uint64_t uint_value() const { return static_cast<uint64_t>(int_); }
  constexpr double double_value() const { return double_; }

  // The string; the source text of a number; "true" or "false"; else empty.
  constexpr std::string_view text() const { return text_; }

 private:
  constexpr FieldValue(FieldKind kind, std::string_view text)
      : text_(text), kind_(kind) {}

  std::string_view text_;
  union {
    int64_t int_ = 0;
    double double_;
  };
  FieldKind kind_ = FieldKind::kNull;
};

}  // namespace tocsin

#endif  // TOCSIN_FIELD_VALUE_H_
