#include "src/base/value.h"

#include <cmath>
#include <string>

#include "src/base/case_fold.h"
#include "src/base/json_writer.h"
#include "src/base/time_parse.h"
#include "tocsin/timestamp.h"

namespace tocsin::base {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

// Kinds whose values are whole nanoseconds.
bool IsTemporal(ValueKind kind) {
  return kind == ValueKind::kTime || kind == ValueKind::kDuration;
}

bool IsText(ValueKind kind) {
  return kind == ValueKind::kString || kind == ValueKind::kBool;
}

}  // namespace

std::string_view Name(ValueType type) {
  constexpr std::string_view kNames[] = {
      "anything",   "text",      "a number",   "true or false",
      "an address", "a time",    "a duration", "a place",
      "an array",   "an object", "null"};
  return kNames[static_cast<int>(type)];
}

Value Value::Double(double value) {
  if (!std::isfinite(value)) return {};
  return {.kind = ValueKind::kDouble, .double_value = value};
}

Value Value::Of(const FieldValue& value) {
  switch (value.kind()) {
    case FieldKind::kNull:
      return {};
    case FieldKind::kBool:
      return Bool(value.bool_value());
    case FieldKind::kInt:
      return Int(value.int_value());
    case FieldKind::kUint:
      return Uint(value.uint_value());
    case FieldKind::kDouble:
      return Double(value.double_value());
    case FieldKind::kString:
      return String(std::string(value.text()));
    case FieldKind::kObject:
      return {.kind = ValueKind::kObject};
  }
  return {};
}

const Value* Value::Find(std::string_view name) const {
  // Of a key that occurs twice the last wins, as in events.
  for (size_t i = item_names.size(); i-- > 0;) {
    if (item_names[i] == name) return &items[i];
  }
  return nullptr;
}

std::optional<Number> NumberOf(const Value& value) {
  Number number;
  switch (value.kind) {
    case ValueKind::kInt:
      number.int_value = value.int_value;
      return number;
    case ValueKind::kUint:
      number.kind = Number::kUint;
      number.int_value = value.int_value;
      return number;
    case ValueKind::kDouble:
      number.kind = Number::kDouble;
      number.double_value = value.double_value;
      return number;
    case ValueKind::kString:
      return ParseNumber(value.text);
    default:
      return std::nullopt;
  }
}

std::optional<double> DoubleOf(const Value& value) {
  const std::optional<Number> number = NumberOf(value);
  if (!number) return std::nullopt;
  switch (number->kind) {
    case Number::kInt:
      return static_cast<double>(number->int_value);
    case Number::kUint:
      return static_cast<double>(static_cast<uint64_t>(number->int_value));
    case Number::kDouble:
      return number->double_value;
  }
  return std::nullopt;
}

std::optional<std::string> TextOf(const Value& value) {
  switch (value.kind) {
    case ValueKind::kBool:
      return value.int_value != 0 ? "true" : "false";
    case ValueKind::kInt:
      return std::to_string(value.int_value);
    case ValueKind::kUint:
      return std::to_string(static_cast<uint64_t>(value.int_value));
    case ValueKind::kDouble: {
      std::string text;
      AppendJsonDouble(value.double_value, &text);
      return text;
    }
    case ValueKind::kString:
      return value.text;
    case ValueKind::kDuration:
      return PrintDuration(value.int_value);
    case ValueKind::kTime:
      return FormatTimestamp(Timestamp(value.int_value));
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> TimeOf(const Value& value) {
  if (value.kind == ValueKind::kTime) return value.int_value;
  if (value.kind == ValueKind::kString) {
    const std::optional<ParsedTime> parsed =
        ParseTime(value.text, absl::ZeroDuration());
    if (!parsed) return std::nullopt;
    return parsed->time.nanos();
  }
  std::optional<Timestamp> time;
  if (value.kind == ValueKind::kInt) time = TimeFromEpoch(value.int_value);
  if (value.kind == ValueKind::kDouble) {
    time = TimeFromEpochDouble(value.double_value);
  }
  if (!time) return std::nullopt;
  return time->nanos();
}

std::optional<bool> Equal(const Value& a, const Value& b, bool folded) {
  if (a.kind == ValueKind::kTime || b.kind == ValueKind::kTime) {
    const std::optional<std::partial_ordering> order = Order(a, b);
    if (!order) return std::nullopt;
    return *order == std::partial_ordering::equivalent;
  }
  if (a.is_number() || b.is_number()) {
    const std::optional<std::string> text_a = TextOf(a);
    const std::optional<std::string> text_b = TextOf(b);
    if (!text_a || !text_b) return std::nullopt;
    const std::optional<Number> number_a = NumberOf(a);
    const std::optional<Number> number_b = NumberOf(b);
    if (!number_a || !number_b) return false;
    return Compare(*number_a, *number_b) == std::partial_ordering::equivalent;
  }
  if (IsTemporal(a.kind) && a.kind == b.kind) {
    return a.int_value == b.int_value;
  }
  if (!IsText(a.kind) || !IsText(b.kind)) return std::nullopt;
  const std::string text_a = *TextOf(a);
  const std::string text_b = *TextOf(b);
  return folded ? EqualFolded(text_a, text_b) : text_a == text_b;
}

std::optional<std::partial_ordering> Order(const Value& a, const Value& b,
                                           bool folded) {
  if (a.kind == ValueKind::kTime || b.kind == ValueKind::kTime) {
    const std::optional<int64_t> time_a = TimeOf(a);
    const std::optional<int64_t> time_b = TimeOf(b);
    if (!time_a || !time_b) return std::nullopt;
    return std::partial_ordering(*time_a <=> *time_b);
  }
  if (a.is_number() || b.is_number()) {
    const std::optional<Number> number_a = NumberOf(a);
    const std::optional<Number> number_b = NumberOf(b);
    if (!number_a || !number_b) return std::nullopt;
    return Compare(*number_a, *number_b);
  }
  if (IsTemporal(a.kind) && a.kind == b.kind) {
    return std::partial_ordering(a.int_value <=> b.int_value);
  }
  if (!a.is_string() || !b.is_string()) return std::nullopt;
  // UTF-8 sorts by code point.
  if (folded) return std::partial_ordering(Fold(a.text) <=> Fold(b.text));
  return std::partial_ordering(a.text <=> b.text);
}

std::string PrintDuration(int64_t nanos) {
  struct Unit {
    int64_t millis;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400'000, "d"},
                             {3'600'000, "h"},
                             {60'000, "m"},
                             {1'000, "s"},
                             {1, "ms"}};
  std::string out = nanos < 0 ? "-" : "";
  int64_t millis = nanos / kMillisecond;
  if (millis < 0) millis = -millis;
  if (millis == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (millis < unit.millis) continue;
    out += std::to_string(millis / unit.millis) + unit.name;
    millis %= unit.millis;
  }
  return out;
}

void AppendJson(const Value& value, std::string* out) {
  switch (value.kind) {
    case ValueKind::kNull:
      *out += "null";
      return;
    case ValueKind::kBool:
      *out += value.is_true() ? "true" : "false";
      return;
    case ValueKind::kInt:
      *out += std::to_string(value.int_value);
      return;
    case ValueKind::kUint:
      *out += std::to_string(static_cast<uint64_t>(value.int_value));
      return;
    case ValueKind::kDouble:
      AppendJsonDouble(value.double_value, out);
      return;
    case ValueKind::kArray:
    case ValueKind::kObject: {
      const bool is_object = value.kind == ValueKind::kObject;
      *out += is_object ? '{' : '[';
      for (size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) *out += ',';
        if (is_object) {
          AppendJsonString(value.item_names[i], out);
          *out += ':';
        }
        AppendJson(value.items[i], out);
      }
      *out += is_object ? '}' : ']';
      return;
    }
    default:
      AppendJsonString(TextOf(value).value_or(PrintValue(value)), out);
      return;
  }
}

std::string PrintValue(const Value& value) {
  std::string out;
  switch (value.kind) {
    case ValueKind::kNull:
      return "null";
    case ValueKind::kString:
      AppendJsonString(value.text, &out);
      return out;
    case ValueKind::kPoint:
      out = "(";
      AppendJsonDouble(value.double_value, &out);
      out += ", ";
      AppendJsonDouble(value.longitude, &out);
      return out + ")";
    case ValueKind::kArray:
      out = "[";
      for (const Value& item : value.items) {
        out += (out.size() > 1 ? ", " : "") + PrintValue(item);
      }
      return out + "]";
    case ValueKind::kObject:
      out = "{";
      for (size_t i = 0; i < value.items.size(); ++i) {
        out += (i > 0 ? ", " : "") + value.item_names[i] + ": " +
               PrintValue(value.items[i]);
      }
      return out + "}";
    default:
      return *TextOf(value);
  }
}

}  // namespace tocsin::base
