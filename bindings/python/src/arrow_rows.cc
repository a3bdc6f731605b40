#include "arrow_rows.h"

#include <nanobind/nanobind.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tocsin/timestamp.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

enum class Kind : uint8_t {
  kNull,
  kBool,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kHalf,
  kFloat,
  kDouble,
  kDecimal,  // 128 bits.
  kText,
  kLargeText,
  kTextView,
  kFixedText,
  kDate,        // Days in 32 bits.
  kDateMillis,  // Milliseconds in 64 bits.
  kTimestamp,
  kTimeOfDay32,
  kTimeOfDay64,
  kList,
  kLargeList,
  kFixedList,
  kStruct,
  kMap,
};

// Deeper types have no events; producers nest a few levels.
constexpr int kMostDepth = 64;

}  // namespace

struct ArrowRows::Column {
  Kind kind = Kind::kNull;
  std::string key;   // `"name":`, as it is written in a record.
  int64_t unit = 1;  // Nanoseconds a tick; width of kFixed...; decimal's scale.
  bool zoned = false;  // Of a kTimestamp: it is in UTC.
  std::vector<Column> children;
  std::unique_ptr<Column> dictionary;  // What the numbers of `kind` stand for.
};

namespace {

using Column = ArrowRows::Column;

[[noreturn]] void Refuse(const ArrowSchema& schema, const std::string& path) {
  throw nb::type_error(("no event can be made of Arrow's type `" +
                        std::string(schema.format) + "`" +
                        (path.empty() ? "" : " of column " + path))
                           .c_str());
}

int64_t NanosOf(char unit) {
  return unit == 's'   ? 1'000'000'000
         : unit == 'm' ? 1'000'000
         : unit == 'u' ? 1'000
                       : 1;
}

// Of types that a letter names.
std::optional<Kind> PlainKind(char letter) {
  constexpr std::pair<char, Kind> kKinds[] = {
      {'n', Kind::kNull},      {'b', Kind::kBool},     {'c', Kind::kInt8},
      {'C', Kind::kUint8},     {'s', Kind::kInt16},    {'S', Kind::kUint16},
      {'i', Kind::kInt32},     {'I', Kind::kUint32},   {'l', Kind::kInt64},
      {'L', Kind::kUint64},    {'e', Kind::kHalf},     {'f', Kind::kFloat},
      {'g', Kind::kDouble},    {'z', Kind::kText},     {'u', Kind::kText},
      {'Z', Kind::kLargeText}, {'U', Kind::kLargeText}};
  for (const auto& [known, kind] : kKinds) {
    if (letter == known) return kind;
  }
  return std::nullopt;
}

// Types of time: "t" and what follows it. False for one that is not known.
bool SetTimeKind(std::string_view format, Column* column) {
  if (format.size() < 2) return false;
  if (format == "dD") {
    column->kind = Kind::kDate;
    return true;
  }
  if (format == "dm") {
    column->kind = Kind::kDateMillis;
    return true;
  }
  column->unit = NanosOf(format[1]);
  switch (format[0]) {
    case 's':
      column->kind = Kind::kTimestamp;
      column->zoned = format.size() > 3;
      return true;
    case 't':
      column->kind = format[1] == 's' || format[1] == 'm' ? Kind::kTimeOfDay32
                                                          : Kind::kTimeOfDay64;
      return true;
    case 'D':  // A duration: the number, in its unit.
      column->kind = Kind::kInt64;
      return true;
    default:
      return false;
  }
}

// Types with a parameter or children. False for one that is not known.
bool SetKind(std::string_view format, Column* column) {
  const auto number_behind = [&](size_t place) {
    return std::strtoll(format.data() + place, nullptr, 10);
  };
  if (format.size() == 1) {
    const std::optional<Kind> kind = PlainKind(format[0]);
    if (!kind.has_value()) return false;
    column->kind = *kind;
  } else if (format == "vu" || format == "vz") {
    column->kind = Kind::kTextView;
  } else if (format.starts_with("w:")) {
    column->kind = Kind::kFixedText;
    column->unit = number_behind(2);
  } else if (format.starts_with("d:")) {
    // d:PRECISION,SCALE and, unless it is 128, BITS.
    column->kind = Kind::kDecimal;
    const size_t comma = format.find(',');
    if (comma == std::string_view::npos) return false;
    column->unit = number_behind(comma + 1);
    const size_t bits = format.find(',', comma + 1);
    if (bits != std::string_view::npos && number_behind(bits + 1) != 128) {
      return false;
    }
  } else if (format.starts_with("t")) {
    return SetTimeKind(format.substr(1), column);
  } else if (format == "+s") {
    column->kind = Kind::kStruct;
  } else if (format == "+l") {
    column->kind = Kind::kList;
  } else if (format == "+L") {
    column->kind = Kind::kLargeList;
  } else if (format.starts_with("+w:")) {
    column->kind = Kind::kFixedList;
    column->unit = number_behind(3);
  } else if (format == "+m") {
    column->kind = Kind::kMap;
  } else {
    return false;
  }
  return true;
}

bool IsText(Kind kind) {
  return kind == Kind::kText || kind == Kind::kLargeText ||
         kind == Kind::kTextView || kind == Kind::kFixedText;
}

bool IsText(const Column& column) {
  return IsText(column.dictionary ? column.dictionary->kind : column.kind);
}

Column MakeColumn(const ArrowSchema& schema, const std::string& path,
                  int depth) {
  Column column;
  if (depth > kMostDepth || !SetKind(schema.format, &column)) {
    Refuse(schema, path);
  }
  JsonBuffer key;
  key.AppendString(schema.name == nullptr ? "" : schema.name);
  key.Append(':');
  column.key = key.text();
  if (schema.dictionary != nullptr) {
    column.dictionary = std::make_unique<Column>(
        MakeColumn(*schema.dictionary, path, depth + 1));
  }
  for (int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& child = *schema.children[i];
    const std::string name = child.name == nullptr ? "" : child.name;
    column.children.push_back(
        MakeColumn(child, path.empty() ? name : path + "." + name, depth + 1));
  }
  if (column.kind == Kind::kMap &&
      (column.children.size() != 1 || column.children[0].children.size() != 2 ||
       !IsText(column.children[0].children[0]))) {
    Refuse(schema, path);
  }
  return column;
}

template <typename Number>
Number At(const ArrowArray& array, int64_t place, int buffer = 1) {
  return static_cast<const Number*>(array.buffers[buffer])[place];
}

bool BitAt(const void* bits, int64_t place) {
  return (static_cast<const uint8_t*>(bits)[place / 8] >> (place % 8) & 1) != 0;
}

bool IsNull(const Column& column, const ArrowArray& array, int64_t place) {
  if (column.kind == Kind::kNull) return true;
  return array.null_count != 0 && array.buffers[0] != nullptr &&
         !BitAt(array.buffers[0], place);
}

template <typename Offset>
std::string_view TextBetween(const ArrowArray& array, int64_t place) {
  const auto begin = At<Offset>(array, place);
  const auto end = At<Offset>(array, place + 1);
  if (end <= begin) return {};
  return {static_cast<const char*>(array.buffers[2]) + begin,
          static_cast<size_t>(end - begin)};
}

// A view is 16 bytes: the length, then up to 12 bytes of text, or four of them
// and where the whole text lies.
std::string_view TextOfView(const ArrowArray& array, int64_t place) {
  struct View {
    int32_t length;
    char prefix[4];
    int32_t buffer;
    int32_t offset;
  };
  const View& view = static_cast<const View*>(array.buffers[1])[place];
  const auto length = static_cast<size_t>(view.length);
  if (length <= 12) return {view.prefix, length};
  return {
      static_cast<const char*>(array.buffers[2 + view.buffer]) + view.offset,
      length};
}

std::string_view PlainText(const Column& column, const ArrowArray& array,
                           int64_t place) {
  switch (column.kind) {
    case Kind::kText:
      return TextBetween<int32_t>(array, place);
    case Kind::kLargeText:
      return TextBetween<int64_t>(array, place);
    case Kind::kTextView:
      return TextOfView(array, place);
    default:
      return {static_cast<const char*>(array.buffers[1]) + place * column.unit,
              static_cast<size_t>(column.unit)};
  }
}

// Where in the dictionary the value at `place` stands.
int64_t IndexAt(Kind kind, const ArrowArray& array, int64_t place) {
  switch (kind) {
    case Kind::kInt8:
      return At<int8_t>(array, place);
    case Kind::kUint8:
      return At<uint8_t>(array, place);
    case Kind::kInt16:
      return At<int16_t>(array, place);
    case Kind::kUint16:
      return At<uint16_t>(array, place);
    case Kind::kInt32:
      return At<int32_t>(array, place);
    case Kind::kUint32:
      return At<uint32_t>(array, place);
    default:
      return At<int64_t>(array, place);
  }
}

float HalfToFloat(uint16_t half) {
  const uint32_t sign = uint32_t{half} >> 15 << 31;
  const uint32_t exponent = half >> 10 & 31;
  const uint32_t fraction = half & 1023;
  if (exponent == 0) {
    const float small = static_cast<float>(fraction) / (1 << 24);
    return sign != 0 ? -small : small;
  }
  const uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

// RFC 3339, without a zone if the column has none; null beyond what fits 64
// bits of nanoseconds.
void AppendTime(int64_t ticks, int64_t unit, bool zoned, JsonBuffer* out) {
  int64_t nanos = 0;
  if (__builtin_mul_overflow(ticks, unit, &nanos)) return out->Append("null");
  std::string text = FormatTimestamp(Timestamp(nanos));
  if (!zoned) text.pop_back();
  out->Append('"');
  out->Append(text);
  out->Append('"');
}

void AppendDate(int64_t days, JsonBuffer* out) {
  constexpr int64_t kNanosOfDay = 86'400'000'000'000;
  int64_t nanos = 0;
  if (__builtin_mul_overflow(days, kNanosOfDay, &nanos)) {
    return out->Append("null");
  }
  out->Append('"');
  out->Append(
      std::string_view(FormatTimestamp(Timestamp(nanos))).substr(0, 10));
  out->Append('"');
}

void AppendTimeOfDay(int64_t ticks, int64_t unit, JsonBuffer* out) {
  int64_t nanos = 0;
  if (__builtin_mul_overflow(ticks, unit, &nanos)) return out->Append("null");
  std::string text = FormatTimestamp(Timestamp(nanos));
  text.pop_back();
  out->Append('"');
  out->Append(std::string_view(text).substr(11));
  out->Append('"');
}

void AppendDecimal(const ArrowArray& array, int64_t place, int64_t scale,
                   JsonBuffer* out) {
  __extension__ typedef unsigned __int128 Wide;
  Wide value;
  std::memcpy(&value, static_cast<const char*>(array.buffers[1]) + place * 16,
              16);
  const bool negative = (value >> 127) != 0;
  if (negative) value = -value;
  std::string digits;  // The last first.
  while (value != 0 || static_cast<int64_t>(digits.size()) <= scale) {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
    if (static_cast<int64_t>(digits.size()) == scale) digits += '.';
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  out->Append(digits);
  for (int64_t i = scale; i < 0; ++i) out->Append('0');
}

void AppendValue(const Column& column, const ArrowArray& array, int64_t row,
                 JsonBuffer* out);

void AppendStruct(const Column& column, const ArrowArray& array, int64_t place,
                  JsonBuffer* out) {
  out->Append('{');
  for (size_t i = 0; i < column.children.size(); ++i) {
    const Column& child = column.children[i];
    const ArrowArray& values = *array.children[i];
    if (IsNull(child, values, values.offset + place)) continue;
    out->Append(child.key);
    AppendValue(child, values, place, out);
    out->Append(',');
  }
  out->DropComma();
  out->Append('}');
}

void AppendList(const Column& column, const ArrowArray& array, int64_t begin,
                int64_t end, JsonBuffer* out) {
  out->Append('[');
  for (int64_t i = begin; i < end; ++i) {
    AppendValue(column.children[0], *array.children[0], i, out);
    out->Append(',');
  }
  out->DropComma();
  out->Append(']');
}

void AppendMap(const Column& column, const ArrowArray& array, int64_t begin,
               int64_t end, JsonBuffer* out) {
  const Column& entry = column.children[0];
  const ArrowArray& entries = *array.children[0];
  out->Append('{');
  for (int64_t i = begin; i < end; ++i) {
    const int64_t place = entries.offset + i;
    AppendValue(entry.children[0], *entries.children[0], place, out);
    out->Append(':');
    AppendValue(entry.children[1], *entries.children[1], place, out);
    out->Append(',');
  }
  out->DropComma();
  out->Append('}');
}

// `row` counts from the array's offset on.
void AppendValue(const Column& column, const ArrowArray& array, int64_t row,
                 JsonBuffer* out) {
  const int64_t place = array.offset + row;
  if (IsNull(column, array, place)) return out->Append("null");
  if (column.dictionary != nullptr) {
    return AppendValue(*column.dictionary, *array.dictionary,
                       IndexAt(column.kind, array, place), out);
  }
  switch (column.kind) {
    case Kind::kNull:
      return out->Append("null");
    case Kind::kBool:
      return out->Append(BitAt(array.buffers[1], place) ? "true" : "false");
    case Kind::kInt8:
      return out->AppendInteger(int{At<int8_t>(array, place)});
    case Kind::kUint8:
      return out->AppendInteger(int{At<uint8_t>(array, place)});
    case Kind::kInt16:
      return out->AppendInteger(At<int16_t>(array, place));
    case Kind::kUint16:
      return out->AppendInteger(At<uint16_t>(array, place));
    case Kind::kInt32:
      return out->AppendInteger(At<int32_t>(array, place));
    case Kind::kUint32:
      return out->AppendInteger(At<uint32_t>(array, place));
    case Kind::kInt64:
      return out->AppendInteger(At<int64_t>(array, place));
    case Kind::kUint64:
      return out->AppendInteger(At<uint64_t>(array, place));
    case Kind::kHalf:
      return out->AppendNumber(HalfToFloat(At<uint16_t>(array, place)));
    case Kind::kFloat:
      return out->AppendNumber(At<float>(array, place));
    case Kind::kDouble:
      return out->AppendNumber(At<double>(array, place));
    case Kind::kDecimal:
      return AppendDecimal(array, place, column.unit, out);
    case Kind::kText:
    case Kind::kLargeText:
    case Kind::kTextView:
    case Kind::kFixedText:
      return out->AppendString(PlainText(column, array, place));
    case Kind::kDate:
      return AppendDate(At<int32_t>(array, place), out);
    case Kind::kDateMillis:
      return AppendDate(At<int64_t>(array, place) / 86'400'000, out);
    case Kind::kTimestamp:
      return AppendTime(At<int64_t>(array, place), column.unit, column.zoned,
                        out);
    case Kind::kTimeOfDay32:
      return AppendTimeOfDay(At<int32_t>(array, place), column.unit, out);
    case Kind::kTimeOfDay64:
      return AppendTimeOfDay(At<int64_t>(array, place), column.unit, out);
    case Kind::kList:
      return AppendList(column, array, At<int32_t>(array, place),
                        At<int32_t>(array, place + 1), out);
    case Kind::kLargeList:
      return AppendList(column, array, At<int64_t>(array, place),
                        At<int64_t>(array, place + 1), out);
    case Kind::kFixedList:
      return AppendList(column, array, place * column.unit,
                        (place + 1) * column.unit, out);
    case Kind::kStruct:
      return AppendStruct(column, array, place, out);
    case Kind::kMap:
      return AppendMap(column, array, At<int32_t>(array, place),
                       At<int32_t>(array, place + 1), out);
  }
}

}  // namespace

ArrowRows::ArrowRows(const ArrowSchema& schema)
    : root_(std::make_unique<Column>(MakeColumn(schema, "", 0))) {
  if (!is_text() && root_->kind != Kind::kStruct) Refuse(schema, "");
}
ArrowRows::~ArrowRows() = default;
ArrowRows::ArrowRows(ArrowRows&&) noexcept = default;
ArrowRows& ArrowRows::operator=(ArrowRows&&) noexcept = default;

bool ArrowRows::is_text() const { return IsText(*root_); }

std::optional<std::string_view> ArrowRows::Text(const ArrowArray& array,
                                                int64_t row) const {
  const int64_t place = array.offset + row;
  if (IsNull(*root_, array, place)) return std::nullopt;
  if (root_->dictionary == nullptr) return PlainText(*root_, array, place);
  const ArrowArray& values = *array.dictionary;
  const int64_t value = values.offset + IndexAt(root_->kind, array, place);
  if (IsNull(*root_->dictionary, values, value)) return std::nullopt;
  return PlainText(*root_->dictionary, values, value);
}

void ArrowRows::AppendRecord(const ArrowArray& array, int64_t row,
                             JsonBuffer* out) const {
  const int64_t place = array.offset + row;
  if (!IsNull(*root_, array, place)) AppendStruct(*root_, array, place, out);
}

}  // namespace tocsin::python
