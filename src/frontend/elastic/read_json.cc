#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/elastic/read.h"

namespace tocsin::elastic {
namespace {

namespace ondemand = simdjson::ondemand;
using text::Span;

// Bytes of UTF-8 that `\uXXXX`, or two of them for one character, stand for.
size_t EscapedBytes(std::string_view escape) {
  if (escape.size() > 6) return 4;
  uint32_t code = 0;
  for (const char c : escape.substr(2)) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    code = code * 16 + static_cast<uint32_t>(digit & 15);
  }
  return code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
}

// Where the parts of the string stand whose content begins at `begin`.
std::vector<Piece> PiecesOf(std::string_view file, size_t begin,
                            size_t decoded) {
  std::vector<Piece> pieces = {{0, static_cast<uint32_t>(begin)}};
  size_t at = begin;
  size_t out = 0;
  while (at < file.size() && out < decoded) {
    if (file[at] != '\\') {
      ++at;
      ++out;
      continue;
    }
    size_t size = 2;
    size_t bytes = 1;
    if (file.substr(at + 1, 1) == "u") {
      size = 6;
      const std::string_view high = file.substr(at + 2, 2);
      const bool is_half = high.size() == 2 && (high[0] | 0x20) == 'd' &&
                           (high[1] | 0x20) >= '8' &&
                           ((high[1] | 0x20) == '8' || high[1] == '9' ||
                            (high[1] | 0x20) == 'a' || (high[1] | 0x20) == 'b');
      if (is_half) size = 12;
      bytes = EscapedBytes(file.substr(at, size));
    }
    at += size;
    out += bytes;
    pieces.push_back({static_cast<uint32_t>(out), static_cast<uint32_t>(at)});
  }
  return pieces;
}

std::string MessageOf(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "it is not UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a text has no end";
    case simdjson::UNESCAPED_CHARS:
      return "a line break or control character in a text";
    case simdjson::STRING_ERROR:
      return "an escape that JSON does not have";
    case simdjson::NUMBER_ERROR:
      return "a number that JSON does not have";
    case simdjson::DEPTH_ERROR:
      return "values are nested too deep";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "a bracket is never closed";
    default:
      return "a comma, colon, quote or bracket is missing, or one too many";
  }
}

// Without blanks at its end.
std::string_view WithoutBlanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

class JsonReader {
 public:
  explicit JsonReader(text::Reporter* reporter)
      : reporter_(*reporter), padded_(reporter->source().text()) {}

  std::vector<Value> Read(int* broken) {
    const std::string_view text = reporter_.source().text();
    std::vector<Span> lines;
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(text.find('\n', at), text.size());
      const size_t first = text.find_first_not_of(" \t\r", at);
      if (first < end) {
        lines.push_back(
            {static_cast<uint32_t>(first), static_cast<uint32_t>(end)});
      }
      at = end + 1;
    }
    if (lines.empty()) return {};
    // What is laid out over several lines is one value.
    const std::string_view first =
        WithoutBlanks(reporter_.source().Slice(lines[0]));
    const bool by_line = first.front() == '{' && first.back() == '}';
    if (!by_line) lines = {{lines[0].begin, lines.back().end}};
    std::vector<Value> values;
    for (const Span line : lines) {
      Value value;
      const std::string problem = Parse(line, &value);
      if (problem.empty()) {
        Spread(std::move(value), &values);
        continue;
      }
      ++*broken;
      // A place near the fault: that of the reader when it gave up.
      reporter_.Error("T600", reporter_.source().RangeOf({at_, at_ + 1}),
                      "not JSON: " + problem);
      if (count_ > kMaxValues) break;
    }
    return values;
  }

 private:
  // "" or what is wrong.
  std::string Parse(Span line, Value* value) {
    at_ = line.begin;
    begin_ = padded_.data();
    ondemand::document document;
    const auto length = line.end - line.begin;
    const simdjson::padded_string_view view(
        begin_ + line.begin, length,
        padded_.size() - line.begin + simdjson::SIMDJSON_PADDING);
    if (const auto error = parser_.iterate(view).get(document)) {
      return MessageOf(error);
    }
    ondemand::value root;
    if (document.get_value().get(root) != simdjson::SUCCESS) {
      return "a rule is an object";
    }
    std::string problem = Convert(root, 0, value);
    if (!problem.empty()) return problem;
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) {
      return "there is more behind the value";
    }
    return {};
  }

  static void Spread(Value value, std::vector<Value>* values) {
    Value* items = value.is_array() ? &value : nullptr;
    if (value.is_object()) {
      for (Member& member : value.members) {
        const bool is_answer = member.name == "data" && member.value.is_array();
        if (is_answer && value.Find("total") != nullptr) items = &member.value;
      }
    }
    if (items == nullptr) {
      values->push_back(std::move(value));
      return;
    }
    for (Value& item : items->items) values->push_back(std::move(item));
  }

  uint32_t OffsetOf(const char* place) const {
    return static_cast<uint32_t>(place - begin_);
  }

  std::string Convert(ondemand::value from, int depth, Value* value) {
    if (depth > kMaxDepth) {
      return absl::StrCat("values are nested deeper than ", kMaxDepth);
    }
    if (++count_ > kMaxValues) {
      return absl::StrCat("the file has more than ", kMaxValues, " values");
    }
    const std::string_view token = WithoutBlanks(from.raw_json_token());
    at_ = OffsetOf(token.data());
    value->span = {at_, static_cast<uint32_t>(at_ + token.size())};
    ondemand::json_type type;
    if (const auto error = from.type().get(type)) {
      return MessageOf(error);
    }
    switch (type) {
      case ondemand::json_type::object:
        return ConvertObject(from, depth, value);
      case ondemand::json_type::array:
        return ConvertArray(from, depth, value);
      case ondemand::json_type::string: {
        value->kind = Value::kString;
        std::string_view text;
        if (const auto error = from.get_string().get(text)) {
          return MessageOf(error);
        }
        value->text = std::string(text);
        value->pieces =
            PiecesOf({begin_, padded_.size()}, at_ + 1, text.size());
        return {};
      }
      case ondemand::json_type::number:
        return ConvertNumber(from, value);
      case ondemand::json_type::boolean: {
        value->kind = Value::kBool;
        const auto error = from.get_bool().get(value->flag);
        return error != simdjson::SUCCESS ? MessageOf(error) : "";
      }
      case ondemand::json_type::null:
        value->kind = Value::kNull;
        return token == "null" ? "" : "not a value";
    }
    return "not a value";
  }

  std::string ConvertNumber(ondemand::value from, Value* value) {
    ondemand::number number;
    if (const auto error = from.get_number().get(number)) {
      return MessageOf(error);
    }
    value->number = number.as_double();
    value->kind = Value::kDouble;
    if (number.is_int64()) {
      value->kind = Value::kInt;
      value->integer = number.get_int64();
    }
    return {};
  }

  std::string ConvertObject(ondemand::value from, int depth, Value* value) {
    value->kind = Value::kObject;
    ondemand::object object;
    if (const auto error = from.get_object().get(object)) {
      return MessageOf(error);
    }
    for (auto item : object) {
      ondemand::field field;
      if (const auto error = std::move(item).get(field)) {
        return MessageOf(error);
      }
      Member member;
      const uint32_t name = OffsetOf(field.key().raw());
      std::string_view text;
      if (const auto error = field.unescaped_key().get(text)) {
        return MessageOf(error);
      }
      member.name = std::string(text);
      member.name_span = {name, static_cast<uint32_t>(name + text.size())};
      std::string problem = Convert(field.value(), depth + 1, &member.value);
      if (!problem.empty()) return problem;
      value->members.push_back(std::move(member));
    }
    return {};
  }

  std::string ConvertArray(ondemand::value from, int depth, Value* value) {
    value->kind = Value::kArray;
    ondemand::array array;
    if (const auto error = from.get_array().get(array)) {
      return MessageOf(error);
    }
    for (auto item : array) {
      ondemand::value child;
      if (const auto error = std::move(item).get(child)) {
        return MessageOf(error);
      }
      value->items.emplace_back();
      std::string problem = Convert(child, depth + 1, &value->items.back());
      if (!problem.empty()) return problem;
    }
    return {};
  }

  text::Reporter& reporter_;
  simdjson::padded_string padded_;
  ondemand::parser parser_;
  const char* begin_ = nullptr;
  uint32_t at_ = 0;
  int count_ = 0;
};

}  // namespace

std::vector<Value> ReadJson(text::Reporter* reporter, int* broken) {
  return JsonReader(reporter).Read(broken);
}

std::string_view Describe(Value::Kind kind) {
  constexpr std::string_view kNames[] = {
      "null",   "true or false", "a number", "a number",
      "a text", "a list",        "an object"};
  return kNames[kind];
}

}  // namespace tocsin::elastic
