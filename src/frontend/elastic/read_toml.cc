// The one place that knows toml++.

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
// Some of what toml++ asserts, and lets the compiler assume in a release, does
// not hold for every text: it goes on to tell an error all the same.
#if __has_include(<toml++/impl/preprocessor.h>)
#include <toml++/impl/preprocessor.h>
#else
#include <toml++/impl/preprocessor.hpp>
#endif
#undef TOML_ASSERT
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/utf8.h"
#include "src/frontend/elastic/read.h"

namespace tocsin::elastic {
namespace {

using text::Position;
using text::Source;
using text::Span;

// Bytes that an escape of a basic string takes, the backslash with it.
size_t EscapeSize(std::string_view text) {
  if (text.size() < 2) return text.size();
  const size_t size = text[1] == 'u' ? 6 : text[1] == 'U' ? 10 : 2;
  return std::min(size, text.size());
}

// Bytes of UTF-8 that the `size` bytes of an escape stand for.
size_t EscapedBytes(std::string_view escape) {
  if (escape.size() <= 2) return 1;
  uint32_t code = 0;
  for (const char c : escape.substr(2)) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    code = code * 16 + static_cast<uint32_t>(digit & 15);
  }
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

// Where the parts of a string stand that begins at `begin`.
std::vector<Piece> PiecesOf(std::string_view file, uint32_t begin,
                            size_t decoded) {
  std::string_view rest = file.substr(begin);
  const bool is_basic = rest.starts_with('"');
  if (!is_basic && !rest.starts_with('\'')) return {};
  const bool is_long = rest.starts_with("\"\"\"") || rest.starts_with("'''");
  size_t at = is_long ? 3 : 1;
  // A line end behind the opening quotes is none of the string.
  if (is_long && rest.substr(at).starts_with('\r')) ++at;
  if (is_long && rest.substr(at).starts_with('\n')) ++at;
  std::vector<Piece> pieces = {{0, static_cast<uint32_t>(begin + at)}};
  size_t out = 0;
  while (at < rest.size() && out < decoded) {
    if (rest[at] == '\r' && rest.substr(at + 1, 1) == "\n") {
      // A line end is read as LF.
      at += 2;
      ++out;
      pieces.push_back(
          {static_cast<uint32_t>(out), static_cast<uint32_t>(begin + at)});
      continue;
    }
    if (!is_basic || rest[at] != '\\') {
      ++at;
      ++out;
      continue;
    }
    const size_t size = EscapeSize(rest.substr(at));
    const char next = size > 1 ? rest[at + 1] : ' ';
    if (next == '\n' || next == '\r' || next == ' ' || next == '\t') {
      // The line goes on with the next thing that is no space.
      at = std::min(rest.find_first_not_of(" \t\r\n", at + 1), rest.size());
    } else {
      out += EscapedBytes(rest.substr(at, size));
      at += size;
    }
    pieces.push_back(
        {static_cast<uint32_t>(out), static_cast<uint32_t>(begin + at)});
  }
  return pieces;
}

class Converter {
 public:
  explicit Converter(text::Reporter* reporter) : reporter_(*reporter) {}

  Value Convert(const toml::node& node, int depth) {
    Value value;
    value.span = SpanOf(node.source());
    if (depth > kMaxDepth) {
      if (!too_deep_) {
        reporter_.Error(
            "T600", source().RangeOf(value.span),
            absl::StrCat("values are nested deeper than ", kMaxDepth));
      }
      too_deep_ = true;
      return value;
    }
    if (const toml::table* table = node.as_table()) {
      value.kind = Value::kObject;
      for (const auto& [key, child] : *table) {
        Member member;
        member.name = std::string(key.str());
        member.name_span = SpanOf(key.source());
        member.value = Convert(child, depth + 1);
        value.members.push_back(std::move(member));
      }
      // toml++ has them by name.
      std::stable_sort(value.members.begin(), value.members.end(),
                       [](const Member& a, const Member& b) {
                         return a.name_span.begin < b.name_span.begin;
                       });
    } else if (const toml::array* array = node.as_array()) {
      value.kind = Value::kArray;
      for (const toml::node& child : *array) {
        value.items.push_back(Convert(child, depth + 1));
      }
    } else {
      ConvertScalar(node, &value);
    }
    return value;
  }

 private:
  const Source& source() const { return reporter_.source(); }

  Span SpanOf(const toml::source_region& region) const {
    const Position begin = {static_cast<int>(region.begin.line),
                            static_cast<int>(region.begin.column)};
    const Position end = {static_cast<int>(region.end.line),
                          static_cast<int>(region.end.column)};
    if (begin.line == 0) return {};
    const auto first = static_cast<uint32_t>(source().Offset(begin));
    const auto last = static_cast<uint32_t>(source().Offset(end));
    return {first, std::max(first, last)};
  }

  void ConvertScalar(const toml::node& node, Value* value) {
    if (const auto* text = node.as_string()) {
      value->kind = Value::kString;
      value->text = text->get();
      value->pieces =
          PiecesOf(source().text(), value->span.begin, value->text.size());
    } else if (const auto* integer = node.as_integer()) {
      value->kind = Value::kInt;
      value->integer = integer->get();
      value->number = static_cast<double>(integer->get());
    } else if (const auto* number = node.as_floating_point()) {
      value->kind = Value::kDouble;
      value->number = number->get();
    } else if (const auto* flag = node.as_boolean()) {
      value->kind = Value::kBool;
      value->flag = flag->get();
    } else {
      // A date or time: as it is written.
      value->kind = Value::kString;
      value->text = std::string(source().Slice(value->span));
    }
  }

  text::Reporter& reporter_;
  bool too_deep_ = false;
};

}  // namespace

std::optional<Value> ReadToml(text::Reporter* reporter) {
  const Source& source = reporter->source();
  if (source.text().size() > kMaxTomlBytes) {
    reporter->Error("T600", {{1, 1}, 0},
                    absl::StrCat("the file is longer than ", kMaxTomlBytes,
                                 " bytes, the limit for TOML"));
    return std::nullopt;
  }
  const toml::parse_result result =
      toml::parse(std::string_view(source.text()));
  if (!result) {
    const toml::parse_error& error = result.error();
    const Position at = {static_cast<int>(error.source().begin.line),
                         static_cast<int>(error.source().begin.column)};
    std::string message = base::RepairUtf8(error.description());
    reporter->Error("T600", {at, at.line > 0 ? 1 : 0}, "not TOML: " + message);
    return std::nullopt;
  }
  const int before = reporter->errors();
  Value value = Converter(reporter).Convert(result.table(), 0);
  if (reporter->errors() > before) return std::nullopt;
  return value;
}

}  // namespace tocsin::elastic
