// Texts. Positions and lengths count characters, from 0.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/case_fold.h"
#include "src/base/utf8.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

using base::TextOf;

std::string Text(const Value& value) { return TextOf(value).value_or(""); }

// The texts of all arguments; nullopt if one has none.
std::optional<std::vector<std::string>> Texts(const Call& call) {
  std::vector<std::string> texts;
  for (const Value& argument : call.arguments) {
    std::optional<std::string> text = TextOf(argument);
    if (!text) return std::nullopt;
    texts.push_back(call.folded ? base::Fold(*text) : *std::move(text));
  }
  return texts;
}

Value Cut(std::string text) {
  if (text.size() > kMaxTextBytes) {
    size_t end = kMaxTextBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    text.resize(end);
  }
  return Value::String(std::move(text));
}

// The byte at which character `index` begins; the end if there is none.
size_t OffsetOf(std::string_view text, int64_t index) {
  size_t offset = 0;
  for (; index > 0 && offset < text.size(); --index) {
    offset += base::DecodeUtf8(text.substr(offset)).length;
  }
  return offset;
}

std::optional<int64_t> Integer(const Value& value) {
  if (value.kind == base::ValueKind::kInt) return value.int_value;
  return std::nullopt;
}

Value Length(const Call& call) {
  const Value& value = call.arguments[0];
  const std::optional<std::string> text = TextOf(value);
  if (!text) return {};
  return Value::Int(static_cast<int64_t>(base::CountCodePoints(*text)));
}

Value IndexOf(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  const std::optional<std::string> part = TextOf(call.arguments[1]);
  if (!text || !part) return {};
  int64_t start = 0;
  if (call.arguments.size() > 2 && !call.arguments[2].is_null()) {
    const std::optional<int64_t> given = Integer(call.arguments[2]);
    if (!given) return {};
    start = std::max<int64_t>(0, *given);
  }
  const std::string haystack = call.folded ? base::Fold(*text) : *text;
  const std::string needle = call.folded ? base::Fold(*part) : *part;
  const size_t begin = OffsetOf(haystack, start);
  const size_t found = haystack.find(needle, begin);
  if (found == std::string::npos) return {};
  return Value::Int(static_cast<int64_t>(
      base::CountCodePoints(std::string_view(haystack).substr(0, found))));
}

Value Substring(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  if (!text) return {};
  const auto size = static_cast<int64_t>(base::CountCodePoints(*text));
  const auto position = [&](size_t argument,
                            int64_t otherwise) -> std::optional<int64_t> {
    if (call.arguments.size() <= argument ||
        call.arguments[argument].is_null()) {
      return otherwise;
    }
    const std::optional<int64_t> given = Integer(call.arguments[argument]);
    if (!given) return std::nullopt;
    const int64_t from_start = *given < 0 ? *given + size : *given;
    return std::clamp<int64_t>(from_start, 0, size);
  };
  const std::optional<int64_t> start = position(1, 0);
  const std::optional<int64_t> end = position(2, size);
  if (!start || !end) return {};
  if (*end <= *start) return Value::String("");
  const size_t begin = OffsetOf(*text, *start);
  return Value::String(text->substr(begin, OffsetOf(*text, *end) - begin));
}

Value Between(const Call& call) {
  const std::string text = Text(call.arguments[0]);
  const bool greedy = call.arguments.size() > 3 && call.arguments[3].is_true();
  const auto fold = [&](std::string each) {
    return call.folded ? base::Fold(each) : each;
  };
  // Found in the folded text, cut from it too: folding may move bytes, so the
  // text is cut by characters.
  const std::string haystack = fold(text);
  const std::string left = fold(Text(call.arguments[1]));
  const std::string right = fold(Text(call.arguments[2]));
  const size_t at = haystack.find(left);
  if (at == std::string::npos) return {};
  const size_t begin = at + left.size();
  const size_t end =
      greedy ? haystack.rfind(right) : haystack.find(right, begin);
  if (end == std::string::npos || end < begin) return {};
  const std::string_view view = haystack;
  const auto first =
      static_cast<int64_t>(base::CountCodePoints(view.substr(0, begin)));
  const auto last =
      static_cast<int64_t>(base::CountCodePoints(view.substr(0, end)));
  const size_t from = OffsetOf(text, first);
  return Value::String(text.substr(from, OffsetOf(text, last) - from));
}

Value Concat(const Call& call) {
  std::string joined;
  for (const Value& argument : call.arguments) {
    const std::optional<std::string> text = TextOf(argument);
    if (!text) return {};
    joined += *text;
    if (joined.size() > kMaxTextBytes) break;
  }
  return Cut(std::move(joined));
}

Value ToString(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  return text ? Value::String(*text) : Value();
}

Value ToNumber(const Call& call) {
  const Value& value = call.arguments[0];
  if (value.is_number()) return value;
  if (!value.is_string()) return {};
  std::string_view text = value.text;
  std::optional<int64_t> base;
  if (call.arguments.size() > 1 && !call.arguments[1].is_null()) {
    base = Integer(call.arguments[1]);
    if (!base || *base < 2 || *base > 36) return {};
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex && (!base || *base == 16)) {
    text.remove_prefix(2);
    base = 16;
  }
  if (text.empty()) return {};
  if (!base || *base == 10) {
    const size_t zeros = text.find_first_not_of('0');
    if (zeros == std::string_view::npos) return Value::Int(0);
    const bool keep = zeros > 0 && !absl::ascii_isdigit(text[zeros]);
    text.remove_prefix(keep ? zeros - 1 : zeros);
    const std::string signed_text = (negative ? "-" : "") + std::string(text);
    const std::optional<base::Number> number = base::ParseNumber(signed_text);
    if (!number) return {};
    switch (number->kind) {
      case base::Number::kInt:
        return Value::Int(number->int_value);
      case base::Number::kUint:
        return Value::Uint(static_cast<uint64_t>(number->int_value));
      case base::Number::kDouble:
        return Value::Double(number->double_value);
    }
  }
  uint64_t total = 0;
  for (const char c : text) {
    const char lower = absl::ascii_tolower(c);
    int digit = 99;
    if (absl::ascii_isdigit(lower)) digit = lower - '0';
    if (absl::ascii_islower(lower)) digit = lower - 'a' + 10;
    if (digit >= *base) return {};
    const bool overflows =
        __builtin_mul_overflow(total, static_cast<uint64_t>(*base), &total) ||
        __builtin_add_overflow(total, static_cast<uint64_t>(digit), &total);
    if (overflows) return {};
  }
  if (!negative) return Value::Uint(total);
  if (total > static_cast<uint64_t>(INT64_MAX)) return {};
  return Value::Int(-static_cast<int64_t>(total));
}

template <typename Test>
Value AnyText(const Call& call, const Test& test) {
  const std::optional<std::vector<std::string>> texts = Texts(call);
  if (!texts) return {};
  for (size_t i = 1; i < texts->size(); ++i) {
    if (test((*texts)[0], (*texts)[i])) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value StartsWith(const Call& call) {
  return AnyText(call, [](const std::string& text, const std::string& part) {
    return text.starts_with(part);
  });
}
Value EndsWith(const Call& call) {
  return AnyText(call, [](const std::string& text, const std::string& part) {
    return text.ends_with(part);
  });
}
Value StringContains(const Call& call) {
  return AnyText(call, [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  });
}

Value Lower(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  return text ? Cut(base::Fold(*text)) : Value();
}

Value Upper(const Call& call) {
  std::optional<std::string> text = TextOf(call.arguments[0]);
  if (!text) return {};
  for (char& c : *text) c = absl::ascii_toupper(c);
  return Value::String(*std::move(text));
}

Value Trim(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  if (!text) return {};
  return Value::String(std::string(absl::StripAsciiWhitespace(*text)));
}

Value Split(const Call& call) {
  const std::optional<std::vector<std::string>> texts = Texts(call);
  if (!texts || (*texts)[1].empty()) return {};
  constexpr size_t kMaxParts = 1000;
  std::vector<Value> parts;
  std::string_view rest = (*texts)[0];
  while (parts.size() < kMaxParts) {
    const size_t at = rest.find((*texts)[1]);
    parts.push_back(Value::String(std::string(rest.substr(0, at))));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + (*texts)[1].size());
  }
  return Value::Array(std::move(parts));
}

Value Replace(const Call& call) {
  const std::optional<std::vector<std::string>> texts = Texts(call);
  if (!texts || (*texts)[1].empty()) return {};
  std::string out;
  std::string_view rest = (*texts)[0];
  while (out.size() <= kMaxTextBytes) {
    const size_t at = rest.find((*texts)[1]);
    out += rest.substr(0, at);
    if (at == std::string_view::npos) break;
    out += (*texts)[2];
    rest.remove_prefix(at + (*texts)[1].size());
  }
  return Cut(std::move(out));
}

// `$1` as `\1`, and what means something to RE2 as it is.
std::string Rewrite(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool more = i + 1 < text.size();
    if (text[i] == '$' && more && absl::ascii_isdigit(text[i + 1])) {
      out += '\\';
    } else if (text[i] == '\\') {
      if (more) ++i;  // What is escaped.
      if (text[i] == '\\') out += '\\';
      out += text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

Value ReplaceRegex(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  const std::optional<std::string> pattern = TextOf(call.arguments[1]);
  const std::optional<std::string> with = TextOf(call.arguments[2]);
  if (!text || !pattern || !with) return {};
  const RE2* const regex =
      call.context->Regex(*pattern, call.folded, /*whole=*/false);
  if (regex == nullptr) return {};
  const std::string rewrite = Rewrite(*with);
  std::string error;
  if (!regex->CheckRewriteString(rewrite, &error)) return {};
  // Each place may grow by the text put there.
  if (text->size() > kMaxTextBytes) return {};
  std::string out = *text;
  if (with->size() <= 64) {
    RE2::GlobalReplace(&out, *regex, rewrite);
  } else {
    RE2::Replace(&out, *regex, rewrite);
  }
  return Cut(std::move(out));
}

Value Locate(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  const std::optional<std::string> part = TextOf(call.arguments[1]);
  if (!text || !part) return {};
  int64_t start = 1;
  if (call.arguments.size() > 2) {
    const std::optional<int64_t> given = Integer(call.arguments[2]);
    if (!given) return {};
    start = std::max<int64_t>(1, *given);
  }
  const size_t found = text->find(*part, OffsetOf(*text, start - 1));
  if (found == std::string::npos) return Value::Int(0);
  return Value::Int(1 + static_cast<int64_t>(base::CountCodePoints(
                            std::string_view(*text).substr(0, found))));
}

Value TrimStart(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  if (!text) return {};
  return Value::String(std::string(absl::StripLeadingAsciiWhitespace(*text)));
}
Value TrimEnd(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  if (!text) return {};
  return Value::String(std::string(absl::StripTrailingAsciiWhitespace(*text)));
}

Value Repeat(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  const std::optional<int64_t> count = Integer(call.arguments[1]);
  if (!text || !count || *count < 0) return {};
  std::string out;
  for (int64_t i = 0; i < *count && !text->empty(); ++i) {
    if (out.size() > kMaxTextBytes) break;
    out += *text;
  }
  return Cut(std::move(out));
}

Value Reverse(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  if (!text) return {};
  std::string out(text->size(), ' ');
  size_t end = text->size();
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t length = base::DecodeUtf8(rest).length;
    end -= length;
    rest.copy(out.data() + end, length);
    rest.remove_prefix(length);
  }
  return Value::String(std::move(out));
}

Value Search(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  const std::optional<std::string> pattern = TextOf(call.arguments[1]);
  if (!text || !pattern) return {};
  const RE2* const regex =
      call.context->Regex(*pattern, call.folded, /*whole=*/false);
  if (regex == nullptr) return {};
  return Value::Bool(RE2::PartialMatch(*text, *regex));
}

Value Extract(const Call& call) {
  const std::optional<std::string> text = TextOf(call.arguments[0]);
  const std::optional<std::string> pattern = TextOf(call.arguments[1]);
  if (!text || !pattern) return {};
  const RE2* const regex =
      call.context->Regex(*pattern, call.folded, /*whole=*/false);
  if (regex == nullptr) return {};
  const int groups = regex->NumberOfCapturingGroups();
  int64_t group = groups > 0 ? 1 : 0;
  if (call.arguments.size() > 2) {
    const std::optional<int64_t> given = Integer(call.arguments[2]);
    if (!given || *given < 0 || *given > groups) return {};
    group = *given;
  }
  std::vector<re2::StringPiece> found(static_cast<size_t>(group) + 1);
  const bool matches =
      regex->Match(*text, 0, text->size(), RE2::UNANCHORED, found.data(),
                   static_cast<int>(found.size()));
  if (!matches || found.back().data() == nullptr) return {};
  return Cut(std::string(found.back().data(), found.back().size()));
}

}  // namespace

std::vector<Function> TextFunctions() {
  const Parameter s{"s", ValueType::kString};
  std::vector<Function> table = {
      {.name = "length",
       .parameters = {s},
       .result = ValueType::kNumber,
       .cost = Cost::kLinear,
       .description = "Characters of a text.",
       .example = "length(\"abc\")",
       .example_result = "3",
       .call = Length},
      {.name = "indexOf",
       .parameters = {s,
                      {"part", ValueType::kString},
                      {"start", ValueType::kNumber}},
       .least = 2,
       .has_folding = true,
       .result = ValueType::kNumber,
       .nulls = Nulls::kOwn,
       .cost = Cost::kLinear,
       .description = "Where `part` first stands, from 0 and not before "
                      "`start`; null if it does not.",
       .example = "indexOf(\"abcabc\", \"c\", 3)",
       .example_result = "5",
       .call = IndexOf},
      {.name = "substring",
       .parameters = {s,
                      {"start", ValueType::kNumber},
                      {"end", ValueType::kNumber}},
       .least = 2,
       .result = ValueType::kString,
       .nulls = Nulls::kOwn,
       .cost = Cost::kLinear,
       .description = "The text from `start` up to `end`, which is not part of "
                      "it; negative numbers count from the end.",
       .example = "substring(\"powershell.exe\", -4)",
       .example_result = "\".exe\"",
       .call = Substring},
      {.name = "between",
       .parameters = {s,
                      {"left", ValueType::kString},
                      {"right", ValueType::kString},
                      {"greedy", ValueType::kBool}},
       .least = 3,
       .has_folding = true,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "What stands behind the first `left` up to the next "
                      "`right`, or with `greedy` the last; null if there is "
                      "none.",
       .example = "between(\"a [b] c\", \"[\", \"]\")",
       .example_result = "\"b\"",
       .call = Between},
      {.name = "concat",
       .parameters = {{"value", ValueType::kAny}},
       .repeats = true,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The texts of all values, one behind the other.",
       .example = "concat(\"a\", 1, true)",
       .example_result = "\"a1true\"",
       .call = Concat},
      {.name = "string",
       .parameters = {{"value", ValueType::kAny}},
       .result = ValueType::kString,
       .description = "The text of a value.",
       .example = "string(4672)",
       .example_result = "\"4672\"",
       .call = ToString},
      {.name = "number",
       .parameters = {s, {"base", ValueType::kNumber}},
       .result = ValueType::kNumber,
       .nulls = Nulls::kOwn,
       .description = "The number that a text is, in base 10, 16 behind `0x`, "
                      "or the base given; null if it is none.",
       .example = "number(\"0x1f\")",
       .example_result = "31",
       .call = ToNumber},
      {.name = "startsWith",
       .parameters = {s, {"part", ValueType::kString}},
       .least = 2,
       .repeats = true,
       .has_folding = true,
       .result = ValueType::kBool,
       .cost = Cost::kLinear,
       .description = "Whether the text begins with one of the parts.",
       .example = "startsWith~(\"PowerShell\", \"cmd\", \"power\")",
       .example_result = "true",
       .call = StartsWith},
      {.name = "endsWith",
       .parameters = {s, {"part", ValueType::kString}},
       .least = 2,
       .repeats = true,
       .has_folding = true,
       .result = ValueType::kBool,
       .cost = Cost::kLinear,
       .description = "Whether the text ends with one of the parts.",
       .example = "endsWith(\"a.exe\", \".dll\", \".exe\")",
       .example_result = "true",
       .call = EndsWith},
      {.name = "stringContains",
       .parameters = {s, {"part", ValueType::kString}},
       .least = 2,
       .repeats = true,
       .has_folding = true,
       .result = ValueType::kBool,
       .cost = Cost::kLinear,
       .description = "Whether one of the parts stands in the text.",
       .example = "stringContains(\"abc\", \"x\", \"B\")",
       .example_result = "false",
       .call = StringContains},
      {.name = "lower",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text after case folding.",
       .example = "lower(\"AbC\")",
       .example_result = "\"abc\"",
       .call = Lower},
      {.name = "upper",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text with its ASCII letters as capitals.",
       .example = "upper(\"AbC\")",
       .example_result = "\"ABC\"",
       .call = Upper},
      {.name = "trim",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text without white space at its ends.",
       .example = "trim(\" a b \")",
       .example_result = "\"a b\"",
       .call = Trim},
      {.name = "split",
       .parameters = {s, {"separator", ValueType::kString}},
       .least = 2,
       .result = ValueType::kArray,
       .cost = Cost::kLinear,
       .description = "The parts between separators, at most 1000.",
       .example = "split(\"a/b\", \"/\")",
       .example_result = "[\"a\", \"b\"]",
       .call = Split},
      {.name = "replace",
       .parameters = {s,
                      {"from", ValueType::kString},
                      {"to", ValueType::kString}},
       .least = 3,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text with each `from` replaced by `to`.",
       .example = "replace(\"a-b-c\", \"-\", \"\")",
       .example_result = "\"abc\"",
       .call = Replace},
      {.name = "replaceRegex",
       .parameters = {s,
                      {"regex", ValueType::kString},
                      {"with", ValueType::kString}},
       .least = 3,
       .has_folding = true,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text with each match of the regular expression "
                      "replaced; `$1` is what the first group holds. A "
                      "replacement of more than 64 bytes is put in once.",
       .example = "replaceRegex(\"a1b22\", \"[0-9]+\", \"-\")",
       .example_result = "\"a-b-\"",
       .call = ReplaceRegex},
      {.name = "locate",
       .parameters = {s,
                      {"part", ValueType::kString},
                      {"start", ValueType::kNumber}},
       .least = 2,
       .result = ValueType::kNumber,
       .cost = Cost::kLinear,
       .description = "Where `part` first stands, from 1; 0 if it does not.",
       .example = "locate(\"abc\", \"c\")",
       .example_result = "3",
       .call = Locate},
      {.name = "trimStart",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text without white space at its beginning.",
       .example = "trimStart(\" a \")",
       .example_result = "\"a \"",
       .call = TrimStart},
      {.name = "trimEnd",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text without white space at its end.",
       .example = "trimEnd(\" a \")",
       .example_result = "\" a\"",
       .call = TrimEnd},
      {.name = "repeat",
       .parameters = {s, {"count", ValueType::kNumber}},
       .least = 2,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The text so many times.",
       .example = "repeat(\"ab\", 2)",
       .example_result = "\"abab\"",
       .call = Repeat},
      {.name = "reverse",
       .parameters = {s},
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "The characters from the last to the first.",
       .example = "reverse(\"abc\")",
       .example_result = "\"cba\"",
       .call = Reverse},
      {.name = "search",
       .parameters = {s, {"regex", ValueType::kString}},
       .least = 2,
       .has_folding = true,
       .result = ValueType::kBool,
       .cost = Cost::kLinear,
       .description = "Whether the regular expression is found anywhere.",
       .example = "search(\"abc123\", \"[0-9]+\")",
       .example_result = "true",
       .call = Search},
      {.name = "extract",
       .parameters = {s,
                      {"regex", ValueType::kString},
                      {"group", ValueType::kNumber}},
       .least = 2,
       .has_folding = true,
       .result = ValueType::kString,
       .cost = Cost::kLinear,
       .description = "What the first group of the regular expression holds, "
                      "or the group given; 0 is the whole; null if it is not "
                      "found.",
       .example = "extract(\"user=kim;\", \"user=([a-z]+)\")",
       .example_result = "\"kim\"",
       .call = Extract},
  };
  return table;
}

}  // namespace tocsin::functions
