// Transformations of values, and of items as a whole.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/item_transformation.h"
#include "src/frontend/sigma/placeholder.h"
#include "src/frontend/sigma/transformation_kinds.h"
#include "src/frontend/sigma/wild_text.h"

namespace tocsin::sigma {
namespace {

using base::ToAbsl;
using Texts = std::vector<WildText>;

ItemResult Outcome(ItemResult::Outcome outcome) {
  return {.outcome = outcome, .alternatives = {}};
}

ItemResult TooLarge(const StepContext& step, const Item& item,
                    text::Reporter* reporter) {
  ReportTooLarge(step, item.range, reporter);
  return Outcome(ItemResult::kFailed);
}

// What a value costs of the budget.
size_t SizeOf(std::string_view text) {
  return sizeof(std::string) + text.size();
}

// ---- Placeholders.

class PlaceholderTransformation : public ItemTransformation {
 public:
  explicit PlaceholderTransformation(MapReader* reader)
      : include_(reader->Strings("include")),
        exclude_(reader->Strings("exclude")) {
    if (include_.has_value() && exclude_.has_value()) {
      reader->Error("T063", "exclude",
                    "`include` and `exclude` exclude each other");
    }
  }

 protected:
  // The texts that take the place of placeholder `name`; nullopt: it has none,
  // which is reported.
  virtual std::optional<Texts> Replacements(const StepContext& step,
                                            const std::string& name,
                                            text::Range range,
                                            text::Reporter* reporter) const = 0;

  ItemResult ApplyToItem(const StepContext& step, RuleState* state,
                         text::Reporter* reporter, Item* item) const override;

 private:
  bool Handles(std::string_view name) const {
    auto contains = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (include_.has_value()) return contains(*include_);
    return !exclude_.has_value() || !contains(*exclude_);
  }

  std::optional<std::vector<std::string>> include_;
  std::optional<std::vector<std::string>> exclude_;
};

// Raw text that is still under `expand`.
std::string KeepUnderExpand(std::string_view text) {
  std::string kept;
  for (char c : text) {
    if (c == '%') kept += '\\';
    kept += c;
  }
  return kept;
}

ItemResult PlaceholderTransformation::ApplyToItem(const StepContext& step,
                                                  RuleState* state,
                                                  text::Reporter* reporter,
                                                  Item* item) const {
  if (!HasModifier(*item, "expand")) return {};
  const ValueSyntax syntax =
      HasModifier(*item, "re") ? ValueSyntax::kRegex : ValueSyntax::kSigma;
  bool any_handled = false;
  bool any_left = false;
  for (const Value& value : item->values) {
    if (value.kind != Value::kString) continue;
    for (const std::string& name : PlaceholderNames(value.text, syntax)) {
      (Handles(name) ? any_handled : any_left) = true;
    }
  }
  if (!any_handled) return {};

  std::vector<Value> values;
  for (const Value& value : item->values) {
    if (value.kind != Value::kString) {
      values.push_back(value);
      continue;
    }
    const PlaceholderParts parts = SplitPlaceholders(value.text, syntax);
    auto keep = [&](const std::string& text) {
      return any_left ? KeepUnderExpand(text) : text;
    };
    // Every combination of what the placeholders stand for.
    std::vector<std::string> texts = {keep(parts.texts[0])};
    for (size_t i = 0; i < parts.names.size(); ++i) {
      const std::string rest = keep(parts.texts[i + 1]);
      std::vector<std::string> replacements;
      if (Handles(parts.names[i])) {
        const std::optional<Texts> found =
            Replacements(step, parts.names[i], value.range, reporter);
        if (!found.has_value()) return Outcome(ItemResult::kFailed);
        for (const WildText& text : *found) {
          replacements.push_back(keep(
              syntax == ValueSyntax::kRegex ? text.Regex() : text.Raw(false)));
        }
      } else {
        replacements = {absl::StrCat("%", parts.names[i], "%")};
      }
      std::vector<std::string> longer;
      for (const std::string& text : texts) {
        for (const std::string& replacement : replacements) {
          longer.push_back(absl::StrCat(text, replacement, rest));
          if (!state->Spend(SizeOf(longer.back()))) {
            return TooLarge(step, *item, reporter);
          }
        }
      }
      texts = std::move(longer);
    }
    for (std::string& text : texts) {
      Value& made = values.emplace_back(value);
      made.text = std::move(text);
    }
  }
  item->values = std::move(values);
  item->values_were_list |= item->values.size() > 1;
  if (!any_left) RemoveModifier("expand", item);
  return Outcome(ItemResult::kChanged);
}

class ValuePlaceholders : public PlaceholderTransformation {
 public:
  using PlaceholderTransformation::PlaceholderTransformation;

 protected:
  std::optional<Texts> Replacements(const StepContext& step,
                                    const std::string& name, text::Range range,
                                    text::Reporter* reporter) const override {
    const auto found = step.variables->find(name);
    if (found == step.variables->end()) {
      reporter->Error("T068", range,
                      absl::StrCat("the placeholder ",
                                   text::Quoted(absl::StrCat("%", name, "%")),
                                   " has no value: no pipeline has a "
                                   "variable ",
                                   text::Quoted(name)),
                      NearestVariable(*step.variables, name));
      return std::nullopt;
    }
    if (!found->second.usable || found->second.values.empty()) {
      reporter->Error(
          "T068", range,
          absl::StrCat("the placeholder ",
                       text::Quoted(absl::StrCat("%", name, "%")),
                       " has no value: the ", "variable ", text::Quoted(name),
                       " is not a text, a number or a list of these"));
      return std::nullopt;
    }
    Texts texts;
    for (const Value& value : found->second.values) {
      texts.push_back(WildText::Parse(value.text, false));
    }
    return texts;
  }

 private:
  static std::string NearestVariable(const Variables& variables,
                                     const std::string& name) {
    constexpr size_t kMostNames = 1000;
    std::string help = absl::StrCat("add ", text::Quoted(name),
                                    " to the `vars` of a pipeline, or load "
                                    "the pipeline that has it");
    if (variables.size() > kMostNames) return help;
    std::vector<std::string_view> names;
    for (const auto& [known, variable] : variables) names.push_back(known);
    std::sort(names.begin(), names.end());
    const std::string nearest = text::DidYouMean(name, names);
    return nearest.empty() ? help : nearest;
  }
};

class WildcardPlaceholders : public PlaceholderTransformation {
 public:
  using PlaceholderTransformation::PlaceholderTransformation;

 protected:
  std::optional<Texts> Replacements(const StepContext&, const std::string&,
                                    text::Range,
                                    text::Reporter*) const override {
    return Texts{WildText::Parse("*", false)};
  }
};

// ---- Strings.

// Replaces strings one by one.
class StringTransformation : public ItemTransformation {
 protected:
  // What takes the place of `text`; nullopt: it stays. `too_large` is set if
  // `budget`, from which the cost is taken, does not suffice.
  virtual std::optional<Texts> Transform(const WildText& text, size_t* budget,
                                         bool* too_large) const = 0;
  virtual bool takes_numbers() const { return false; }

  ItemResult ApplyToItem(const StepContext& step, RuleState* state,
                         text::Reporter* reporter, Item* item) const override {
    if (!HoldsStrings(*item)) return {};
    std::vector<std::optional<Texts>> made(item->values.size());
    bool changed = false;
    for (size_t i = 0; i < made.size(); ++i) {
      const Value& value = item->values[i];
      if (value.kind != Value::kString &&
          !(value.kind == Value::kNumber && takes_numbers())) {
        continue;
      }
      bool too_large = false;
      made[i] = Transform(TextOf(*item, value), &state->bytes_left, &too_large);
      if (too_large) return TooLarge(step, *item, reporter);
      if (!made[i].has_value()) continue;
      changed = true;
      for (const WildText& text : *made[i]) {
        if (!state->Spend(SizeOf(text.text()))) {
          return TooLarge(step, *item, reporter);
        }
      }
    }
    if (!changed) return {};
    SetTexts(made, item);
    return Outcome(ItemResult::kChanged);
  }
};

class MapString : public StringTransformation {
 public:
  explicit MapString(MapReader* reader) {
    const text::YamlNode* node = reader->RequireNode("mapping");
    if (node == nullptr) return;
    if (!node->is_mapping()) {
      reader->Error("T063", "mapping",
                    "expected a mapping for `mapping` of the transformation "
                    "`map_string`");
      return;
    }
    for (const auto& [key, value] : node->entries) {
      const std::optional<std::vector<std::string>> strings = StringsOf(value);
      if (!strings.has_value() || strings->empty()) {
        reader->reporter()->Error(
            "T063", value.range,
            absl::StrCat("expected text or a list of texts for ",
                         text::Quoted(key.value)));
        continue;
      }
      Texts texts;
      for (const std::string& string : *strings) {
        texts.push_back(WildText::Parse(string, false));
      }
      mapping_.emplace(key.value, std::move(texts));
    }
  }

 protected:
  std::optional<Texts> Transform(const WildText& text, size_t*,
                                 bool*) const override {
    const auto found = mapping_.find(text.text());
    if (found == mapping_.end()) return std::nullopt;
    return found->second;
  }

 private:
  base::StringMap<Texts> mapping_;
};

class ReplaceString : public StringTransformation {
 public:
  explicit ReplaceString(std::unique_ptr<Replacer> replacer)
      : replacer_(std::move(replacer)) {}

 protected:
  std::optional<Texts> Transform(const WildText& text, size_t* budget,
                                 bool* too_large) const override {
    std::optional<WildText> made = replacer_->Replace(text, budget, too_large);
    if (!made.has_value()) return std::nullopt;
    return Texts{*std::move(made)};
  }
  bool takes_numbers() const override { return true; }

 private:
  std::unique_ptr<Replacer> replacer_;
};

class ChangeCase : public StringTransformation {
 public:
  explicit ChangeCase(bool upper) : upper_(upper) {}

 protected:
  std::optional<Texts> Transform(const WildText& text, size_t*,
                                 bool*) const override {
    WildText made;
    for (size_t i = 0; i < text.size(); ++i) {
      char c = text.text()[i];
      if (text.mark(i) == WildText::kLiteral) {
        c = upper_ ? absl::ascii_toupper(static_cast<unsigned char>(c))
                   : absl::ascii_tolower(static_cast<unsigned char>(c));
      }
      made.Append(c, text.mark(i));
    }
    if (made == text) return std::nullopt;
    return Texts{std::move(made)};
  }

 private:
  bool upper_;
};

// ---- Values of any kind.

constexpr std::string_view kTypes[] = {"str", "num"};

// The number that a text says; nullopt if it says none.
std::optional<Value> ToNumber(const Value& value, std::string_view text) {
  std::optional<base::Number> number = base::ParseNumber(text);
  if (!number.has_value()) return std::nullopt;
  Value made = value;
  made.kind = Value::kNumber;
  made.text = std::string(text);
  made.number = *std::move(number);
  made.quoted = false;
  return made;
}

class SetValue : public ItemTransformation {
 public:
  explicit SetValue(Value value) : value_(std::move(value)) {}

 protected:
  ItemResult ApplyToItem(const StepContext&, RuleState*, text::Reporter*,
                         Item* item) const override {
    // The value stands for itself: what modifiers say about the old ones is
    // gone with them.
    std::erase_if(item->modifiers, [&](const Modifier& modifier) {
      return modifier.name != "neq" &&
             !(modifier.name == "cased" && value_.kind == Value::kString);
    });
    Value value = value_;
    value.range =
        item->values.empty() ? item->range : item->values.front().range;
    item->values = {std::move(value)};
    item->values_were_list = false;
    return Outcome(ItemResult::kChanged);
  }

 private:
  Value value_;
};

class ConvertType : public ItemTransformation {
 public:
  explicit ConvertType(bool to_number) : to_number_(to_number) {}

 protected:
  ItemResult ApplyToItem(const StepContext& step, RuleState* state,
                         text::Reporter* reporter, Item* item) const override {
    if (!HoldsStrings(*item)) return {};
    bool changed = false;
    for (Value& value : item->values) {
      const Value::Kind wanted = to_number_ ? Value::kNumber : Value::kString;
      if (value.kind == Value::kNull || value.kind == wanted) continue;
      changed = true;
      if (!state->Spend(SizeOf(value.text))) {
        return TooLarge(step, *item, reporter);
      }
      if (!to_number_) {
        value.kind = Value::kString;
        value.quoted = true;
        continue;
      }
      const WildText text = TextOf(*item, value);
      std::optional<Value> number;
      if (!text.has_wildcard()) number = ToNumber(value, text.text());
      if (!number.has_value()) {
        reporter->Error(
            "T070", value.range,
            absl::StrCat("the pipeline ", text::Quoted(step.pipeline),
                         " makes a number of ", text::Quoted(text.text()),
                         ", which is none"),
            absl::StrCat("the transformation that does so is at ", step.place));
        return Outcome(ItemResult::kFailed);
      }
      value = *std::move(number);
    }
    return Outcome(changed ? ItemResult::kChanged : ItemResult::kUnchanged);
  }

 private:
  bool to_number_;
};

// ---- Hashes.

struct Algorithm {
  std::string_view name;
  size_t digits;
};

// The first of a length is the one meant by a bare value of that length.
constexpr Algorithm kAlgorithms[] = {
    {"MD5", 32}, {"SHA1", 40}, {"SHA256", 64}, {"SHA512", 128}, {"IMPHASH", 32},
};

class HashesFields : public ItemTransformation {
 public:
  explicit HashesFields(MapReader* reader)
      : algorithms_(reader->RequireStrings("valid_hash_algos")),
        prefix_(reader->String("field_prefix").value_or("")),
        drop_algorithm_(reader->Bool("drop_algo_prefix").value_or(false)) {
    for (std::string& name : algorithms_) absl::AsciiStrToUpper(&name);
    if (drop_algorithm_ && prefix_.empty()) {
      reader->Error("T063", "drop_algo_prefix",
                    "with `drop_algo_prefix` the `field_prefix` is the whole "
                    "name of the field, and cannot be empty");
    }
  }

 protected:
  ItemResult ApplyToItem(const StepContext& step, RuleState* state,
                         text::Reporter* reporter, Item* item) const override;

 private:
  struct Hash {
    std::string field;  // Empty: no known algorithm.
    WildText value;
  };

  Hash Read(const WildText& text) const;

  std::vector<std::string> algorithms_;
  std::string prefix_;
  bool drop_algorithm_;
};

HashesFields::Hash HashesFields::Read(const WildText& text) const {
  auto is_star = [&](size_t i) {
    return text.mark(i) == WildText::kWildcard && text.text()[i] == '*';
  };
  size_t begin = 0;
  size_t end = text.size();
  while (begin < end && is_star(begin)) ++begin;
  const bool open_end = end > begin && is_star(end - 1);
  while (end > begin && is_star(end - 1)) --end;

  const size_t mark = text.text().find_first_of("=|", begin);
  std::string algorithm;
  if (mark < end) {
    algorithm = absl::AsciiStrToUpper(text.text().substr(begin, mark - begin));
    begin = mark + 1;
  }
  Hash hash;
  hash.value.Append(text, begin, end);
  size_t digits = 0;
  for (const Algorithm& known : kAlgorithms) {
    if (algorithm.empty() && known.digits == end - begin) {
      algorithm = std::string(known.name);
    }
    if (algorithm == known.name) {
      digits = known.digits;
      break;
    }
  }
  // A whole hash is compared as a whole, part of one as the start.
  if (open_end && end - begin != digits) hash.value.PadEnd();
  if (std::find(algorithms_.begin(), algorithms_.end(), algorithm) !=
      algorithms_.end()) {
    hash.field = prefix_ + (drop_algorithm_ ? "" : algorithm);
  }
  return hash;
}

ItemResult HashesFields::ApplyToItem(const StepContext& step, RuleState* state,
                                     text::Reporter* reporter,
                                     Item* item) const {
  // Without conditions only the fields that hold lists of hashes are meant.
  if (step.field_conditions->empty() && step.item_conditions->empty() &&
      std::none_of(item->fields.begin(), item->fields.end(),
                   [](const std::string& field) {
                     return field == "Hashes" || field == "Hash";
                   })) {
    return {};
  }
  if (!HoldsStrings(*item) || item->values.empty() ||
      std::any_of(item->values.begin(), item->values.end(),
                  [](const Value& v) { return v.kind != Value::kString; })) {
    return {};
  }

  std::vector<Item> items;
  std::string unknown;  // The first hash without a field.
  size_t unknown_count = 0;
  for (const Value& value : item->values) {
    const WildText text = TextOf(*item, value);
    const Hash hash = Read(text);
    if (hash.field.empty()) {
      if (unknown.empty()) unknown = text.text();
      ++unknown_count;
      continue;
    }
    if (!state->Spend(sizeof(Item) + SizeOf(hash.value.text()))) {
      return TooLarge(step, *item, reporter);
    }
    auto same = std::find_if(items.begin(), items.end(), [&](const Item& i) {
      return i.fields.front() == hash.field;
    });
    if (same == items.end()) {
      Item& made = items.emplace_back();
      made.fields = {hash.field};
      made.range = item->range;
      made.applied = item->applied;
      // A hash is a value of its own now; only these go on meaning something.
      for (const Modifier& modifier : item->modifiers) {
        if (modifier.name == "neq" || modifier.name == "all") {
          made.modifiers.push_back(modifier);
        }
      }
      same = items.end() - 1;
    }
    Value& made = same->values.emplace_back(value);
    made.text = hash.value.Raw(false);
    made.quoted = true;
  }
  if (items.empty()) {
    reporter->Error("T070", item->range,
                    absl::StrCat("the pipeline ", text::Quoted(step.pipeline),
                                 " has no field for any of these hashes"),
                    absl::StrCat("the transformation at ", step.place,
                                 " knows ", absl::StrJoin(algorithms_, ", ")));
    return Outcome(ItemResult::kFailed);
  }
  if (unknown_count > 0) {
    reporter->Warning(
        "T070", item->range,
        absl::StrCat("the pipeline ", text::Quoted(step.pipeline),
                     " has no field for ", unknown_count, " of ",
                     item->values.size(), " hashes, the first of them ",
                     text::Quoted(unknown), ": they are left out"),
        absl::StrCat("the transformation at ", step.place, " knows ",
                     absl::StrJoin(algorithms_, ", ")));
  }
  for (Item& made : items) {
    made.values_were_list = made.values.size() > 1;
    if (!made.values_were_list) RemoveModifier("all", &made);
  }

  // Any hash: OR; all of them: AND; and the other way round when negated.
  ItemResult result = Outcome(ItemResult::kReplaced);
  if (HasModifier(*item, "all") != HasModifier(*item, "neq")) {
    result.alternatives.push_back(std::move(items));
  } else {
    for (Item& made : items) result.alternatives.push_back({std::move(made)});
  }
  return result;
}

// ---- Items as a whole.

class DropDetectionItem : public ItemTransformation {
 protected:
  ItemResult ApplyToItem(const StepContext&, RuleState*, text::Reporter*,
                         Item*) const override {
    return Outcome(ItemResult::kDropped);
  }
};

class DetectionItemFailure : public ItemTransformation {
 public:
  explicit DetectionItemFailure(std::string message)
      : message_(std::move(message)) {}

 protected:
  ItemResult ApplyToItem(const StepContext& step, RuleState*,
                         text::Reporter* reporter, Item* item) const override {
    ReportRefused(step, item->range, message_, reporter);
    return Outcome(ItemResult::kFailed);
  }

 private:
  std::string message_;
};

}  // namespace

TransformationPtr ParseValuePlaceholders(MapReader* reader, PipelineFile*) {
  return std::make_unique<ValuePlaceholders>(reader);
}

TransformationPtr ParseWildcardPlaceholders(MapReader* reader, PipelineFile*) {
  return std::make_unique<WildcardPlaceholders>(reader);
}

TransformationPtr ParseMapString(MapReader* reader, PipelineFile*) {
  return std::make_unique<MapString>(reader);
}

TransformationPtr ParseReplaceString(MapReader* reader, PipelineFile*) {
  const std::string pattern = reader->RequireString("regex");
  const std::string replacement = reader->RequireString("replacement");
  Replacer::Options options;
  options.skip_special = reader->Bool("skip_special").value_or(false);
  options.interpret_special = reader->Bool("interpret_special").value_or(false);
  std::unique_ptr<RE2> regex =
      CompileRegex(pattern, reader->RangeOf("regex"), reader->reporter());
  if (regex == nullptr) return nullptr;
  std::string error;
  std::unique_ptr<Replacer> replacer =
      Replacer::Make(std::move(regex), replacement, options, &error);
  if (replacer == nullptr) {
    reader->Error("T066", "replacement",
                  absl::StrCat("the replacement ", error));
    return nullptr;
  }
  return std::make_unique<ReplaceString>(std::move(replacer));
}

TransformationPtr ParseCase(MapReader* reader, PipelineFile*) {
  constexpr std::string_view kMethods[] = {"lower", "upper"};
  const std::string method =
      reader->Choice("method", kMethods).value_or("lower");
  return std::make_unique<ChangeCase>(method == "upper");
}

TransformationPtr ParseSetValue(MapReader* reader, PipelineFile*) {
  Value value = reader->RequireScalar("value");
  const std::optional<std::string> type = reader->Choice("force_type", kTypes);
  if (!type.has_value()) {
    return std::make_unique<SetValue>(std::move(value));
  }
  if (value.kind == Value::kNull || value.kind == Value::kBool) {
    reader->Error("T063", "value",
                  "with `force_type` the value is a text or a number");
  } else if (*type == "str") {
    value.kind = Value::kString;
    value.quoted = true;
  } else if (std::optional<Value> number = ToNumber(value, value.text);
             number.has_value()) {
    value = *std::move(number);
  } else {
    reader->Error("T063", "value",
                  absl::StrCat(text::Quoted(value.text), " is not a number"));
  }
  return std::make_unique<SetValue>(std::move(value));
}

TransformationPtr ParseConvertType(MapReader* reader, PipelineFile*) {
  return std::make_unique<ConvertType>(
      reader->RequireChoice("target_type", kTypes) == "num");
}

TransformationPtr ParseHashesFields(MapReader* reader, PipelineFile*) {
  return std::make_unique<HashesFields>(reader);
}

TransformationPtr ParseDropDetectionItem(MapReader*, PipelineFile*) {
  return std::make_unique<DropDetectionItem>();
}

TransformationPtr ParseDetectionItemFailure(MapReader* reader, PipelineFile*) {
  return std::make_unique<DetectionItemFailure>(
      reader->RequireString("message"));
}

}  // namespace tocsin::sigma
