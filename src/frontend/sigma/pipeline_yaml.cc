#include "src/frontend/sigma/pipeline_yaml.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"

namespace tocsin::sigma {

using base::ToAbsl;

Value ValueFromYaml(const text::YamlNode& node) {
  Value value;
  value.range = node.range;
  if (!node.is_scalar()) return value;
  value.text = node.value;
  value.quoted = node.quoted;
  if (node.is_null()) return value;
  if (const std::optional<bool> flag = node.AsBool(); flag.has_value()) {
    value.kind = Value::kBool;
    value.bool_value = *flag;
  } else if (std::optional<base::Number> number = node.AsNumber();
             number.has_value()) {
    value.kind = Value::kNumber;
    value.number = *std::move(number);
  } else {
    value.kind = Value::kString;
  }
  return value;
}

MapReader::MapReader(const text::YamlNode& node, std::string what,
                     text::Reporter* reporter)
    : node_(node), what_(std::move(what)), reporter_(reporter) {
  if (!node.is_mapping()) {
    reporter_->Error("T063", node.range,
                     absl::StrCat("expected a mapping for the ", what_));
  }
}

const text::YamlNode* MapReader::Find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.emplace_back(key);
  }
  return node_.is_mapping() ? node_.Find(key) : nullptr;
}

std::optional<std::string> MapReader::String(std::string_view key) {
  const text::YamlNode* node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar() && !node->is_null()) return node->value;
  Expected(key, "text");
  return std::nullopt;
}

std::optional<bool> MapReader::Bool(std::string_view key) {
  const text::YamlNode* node = Find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<bool> value;
  if (node->is_scalar()) value = node->AsBool();
  if (!value.has_value()) Expected(key, "`true` or `false`");
  return value;
}

std::optional<int> MapReader::Int(std::string_view key) {
  const text::YamlNode* node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar()) {
    const std::optional<base::Number> number = node->AsNumber();
    constexpr int64_t kMost = 1'000'000'000;
    if (number.has_value() && number->kind == base::Number::kInt &&
        number->int_value >= -kMost && number->int_value <= kMost) {
      return static_cast<int>(number->int_value);
    }
  }
  Expected(key, "a whole number");
  return std::nullopt;
}

std::optional<Value> MapReader::Scalar(std::string_view key) {
  const text::YamlNode* node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar()) return ValueFromYaml(*node);
  Expected(key, "one value");
  return std::nullopt;
}

std::optional<std::vector<std::string>> MapReader::Strings(
    std::string_view key) {
  const text::YamlNode* node = Find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<std::vector<std::string>> strings = StringsOf(*node);
  if (!strings.has_value()) Expected(key, "text or a list of texts");
  return strings;
}

std::optional<std::string> MapReader::Choice(
    std::string_view key, std::span<const std::string_view> choices) {
  std::optional<std::string> value = String(key);
  if (!value.has_value() ||
      std::find(choices.begin(), choices.end(), *value) != choices.end()) {
    return value;
  }
  std::string expected;
  for (std::string_view choice : choices) {
    absl::StrAppend(&expected, expected.empty() ? "" : ", ",
                    text::Quoted(choice));
  }
  Error("T063", key,
        absl::StrCat("expected one of ", expected, " for `", ToAbsl(key),
                     "`, found ", text::Quoted(*value)),
        text::DidYouMean(*value, choices));
  return std::nullopt;
}

const text::YamlNode* MapReader::RequireNode(std::string_view key) {
  const text::YamlNode* node = Find(key);
  if (node == nullptr) Missing(key);
  return node;
}

std::string MapReader::RequireString(std::string_view key) {
  if (RequireNode(key) == nullptr) return {};
  return String(key).value_or("");
}

Value MapReader::RequireScalar(std::string_view key) {
  if (RequireNode(key) == nullptr) return {};
  return Scalar(key).value_or(Value{});
}

std::vector<std::string> MapReader::RequireStrings(std::string_view key) {
  if (RequireNode(key) == nullptr) return {};
  return Strings(key).value_or(std::vector<std::string>());
}

std::string MapReader::RequireChoice(
    std::string_view key, std::span<const std::string_view> choices) {
  if (RequireNode(key) == nullptr) return {};
  return Choice(key, choices).value_or("");
}

void MapReader::ReportUnknownKeys() {
  if (!node_.is_mapping()) return;
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& [key, value] : node_.entries) {
    if (std::find(known.begin(), known.end(), key.value) != known.end()) {
      continue;
    }
    reporter_->Error("T060", key.range,
                     absl::StrCat("unknown key ", text::Quoted(key.value),
                                  " in the ", what_),
                     text::DidYouMean(key.value, known));
  }
}

void MapReader::Error(std::string_view code, std::string_view key,
                      std::string message, std::string help) {
  reporter_->Error(code, RangeOf(key), std::move(message), std::move(help));
}

text::Range MapReader::RangeOf(std::string_view key) const {
  const text::YamlNode* node = node_.is_mapping() ? node_.Find(key) : nullptr;
  return node != nullptr ? node->range : node_.range;
}

void MapReader::Expected(std::string_view key, std::string_view expected) {
  Error("T063", key,
        absl::StrCat("expected ", ToAbsl(expected), " for `", ToAbsl(key),
                     "` of the ", what_));
}

void MapReader::Missing(std::string_view key) {
  reporter_->Error(
      "T063", node_.range,
      absl::StrCat("the ", what_, " needs the key `", ToAbsl(key), "`"));
}

std::optional<std::vector<std::string>> StringsOf(const text::YamlNode& node) {
  std::vector<std::string> strings;
  if (node.is_scalar() && !node.is_null()) {
    strings.push_back(node.value);
    return strings;
  }
  if (!node.is_sequence()) return std::nullopt;
  for (const text::YamlNode& item : node.items) {
    if (!item.is_scalar() || item.is_null()) return std::nullopt;
    strings.push_back(item.value);
  }
  return strings;
}

std::unique_ptr<RE2> CompileRegex(std::string_view regex, text::Range range,
                                  text::Reporter* reporter) {
  auto compiled = std::make_unique<RE2>(
      re2::StringPiece(regex.data(), regex.size()), RE2::Quiet);
  if (compiled->ok()) return compiled;
  reporter->Error("T066", range,
                  absl::StrCat("the regular expression cannot be used: ",
                               compiled->error()),
                  "look-around and back-references are not supported");
  return nullptr;
}

}  // namespace tocsin::sigma
