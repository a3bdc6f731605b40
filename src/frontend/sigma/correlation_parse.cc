#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/condition.h"
#include "src/frontend/sigma/correlation.h"
#include "src/frontend/sigma/yaml_keys.h"

namespace tocsin::sigma {
namespace {

using base::MeasureCompare;
using base::ToAbsl;
using text::Quoted;
using text::Range;
using text::YamlNode;

constexpr std::string_view kCorrelationKeys[] = {
    "type", "rules", "group-by", "timespan", "condition", "aliases", "generate",
};

struct TypeName {
  std::string_view name;
  CorrelationType type;
};

constexpr TypeName kTypes[] = {
    {"event_count", CorrelationType::kEventCount},
    {"value_count", CorrelationType::kValueCount},
    {"temporal", CorrelationType::kTemporal},
    {"temporal_ordered", CorrelationType::kTemporalOrdered},
    {"value_sum", CorrelationType::kValueSum},
    {"value_avg", CorrelationType::kValueAvg},
    {"value_percentile", CorrelationType::kValuePercentile},
    {"value_median", CorrelationType::kValueMedian},
    // In use for temporal types whose condition is over rules.
    {"temporal_extended", CorrelationType::kTemporal},
    {"temporal_ordered_extended", CorrelationType::kTemporalOrdered},
};

struct Operator {
  std::string_view name;
  MeasureCompare compare;
};

constexpr Operator kOperators[] = {
    {"gt", MeasureCompare::kGt}, {"gte", MeasureCompare::kGe},
    {"lt", MeasureCompare::kLt}, {"lte", MeasureCompare::kLe},
    {"eq", MeasureCompare::kEq}, {"neq", MeasureCompare::kNe},
};

constexpr std::string_view kConditionKeys[] = {
    "gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"};

struct Unit {
  char letter;
  int64_t seconds;
};

// The last three are pySigma's.
constexpr Unit kUnits[] = {
    {'s', 1},       {'m', 60},        {'h', 3'600},      {'d', 86'400},
    {'w', 604'800}, {'M', 2'629'746}, {'y', 31'556'952},
};
constexpr int64_t kLongest = 10 * int64_t{31'556'952};  // 10 years.

// Events of one group that are kept at most, with room to spare.
constexpr int kMostCounted = 1'000'000;
constexpr int kMostCountedAtClose = 50'000;

bool IsCount(CorrelationType type) {
  return type == CorrelationType::kEventCount ||
         type == CorrelationType::kValueCount || IsTemporal(type);
}

bool HasField(CorrelationType type) {
  return type != CorrelationType::kEventCount && !IsTemporal(type);
}

bool IsLower(MeasureCompare compare) {
  return compare == MeasureCompare::kGe || compare == MeasureCompare::kGt;
}

bool Holds(const Bound& bound, double value) {
  switch (bound.compare) {
    case MeasureCompare::kEq:
      return value == bound.number;
    case MeasureCompare::kNe:
      return value != bound.number;
    case MeasureCompare::kLt:
      return value < bound.number;
    case MeasureCompare::kLe:
      return value <= bound.number;
    case MeasureCompare::kGt:
      return value > bound.number;
    case MeasureCompare::kGe:
      return value >= bound.number;
  }
  return false;
}

class BodyParser {
 public:
  BodyParser(const YamlNode& body, const YamlNode& document, Range key,
             text::Reporter* reporter)
      : node_(body), document_(document), key_(key), reporter_(reporter) {}

  std::optional<CorrelationBody> Parse() {
    const int errors_before = reporter_->errors();
    if (&node_ != &document_) {
      WarnOfKeys(node_, kCorrelationKeys, "of a correlation", reporter_);
    }
    const bool has_type = ReadType();
    ReadRules();
    ReadGroup();
    ReadAliases();
    ReadTimespan();
    ReadGenerate(node_);
    if (&node_ != &document_) ReadGenerate(document_);
    if (has_type) ReadCondition();
    if (reporter_->errors() != errors_before) return std::nullopt;
    return std::move(body_);
  }

 private:
  const YamlNode* Find(std::string_view key) const {
    const YamlNode* const node = node_.Find(key);
    return node == nullptr || node->is_null() ? nullptr : node;
  }

  const YamlNode* FindOrFail(std::string_view key, std::string help) {
    const YamlNode* const node = Find(key);
    if (node == nullptr) {
      reporter_->Error("T033", key_, "the correlation has no " + Quoted(key),
                       std::move(help));
    }
    return node;
  }

  void FailForm(const YamlNode& node, std::string_view wanted,
                std::string_view key) {
    reporter_->Error(
        "T035", node.range,
        absl::StrCat("expected ", ToAbsl(wanted), " for ", Quoted(key),
                     ", found ", ToAbsl(Describe(node))));
  }

  bool ReadType() {
    const YamlNode* const node =
        FindOrFail("type", "`event_count` counts the events of `rules`");
    if (node == nullptr) return false;
    if (!node->is_scalar()) {
      FailForm(*node, "a type", "type");
      return false;
    }
    for (const TypeName& type : kTypes) {
      if (type.name != node->value) continue;
      body_.type = type.type;
      type_ = type.name;
      return true;
    }
    std::vector<std::string_view> names;
    for (const TypeName& type : kTypes) names.push_back(type.name);
    names.resize(8);
    std::string help = text::DidYouMean(node->value, names);
    if (help.empty()) help = "expected one of " + Join(names);
    reporter_->Error("T034", node->range,
                     "unknown type of correlation " + Quoted(node->value),
                     std::move(help));
    return false;
  }

  // A word or a list of words, at most `most`.
  std::vector<Named> ReadWords(const YamlNode& node, std::string_view key,
                               std::string_view wanted, size_t most) {
    std::vector<Named> words;
    if (node.is_mapping()) {
      FailForm(node, wanted, key);
      return words;
    }
    if (node.is_scalar()) {
      words.push_back({node.value, node.range});
      return words;
    }
    if (node.items.size() > most) {
      reporter_->Error(
          "T051", node.range,
          absl::StrCat("more than ", most, " entries of ", Quoted(key),
                       ", found ", node.items.size()));
      return words;
    }
    for (const YamlNode& item : node.items) {
      if (!item.is_scalar() || item.is_null() || item.value.empty()) {
        FailForm(item, wanted, key);
      } else {
        words.push_back({item.value, item.range});
      }
    }
    return words;
  }

  void ReadRules() {
    const std::string help = "list the ids or names of the rules it is about";
    const YamlNode* const node = FindOrFail("rules", help);
    if (node == nullptr) return;
    body_.rules_range = node->range;
    if (node->is_sequence() && node->items.empty()) {
      reporter_->Error("T033", node->range, "the correlation names no rules",
                       help);
      return;
    }
    for (Named& rule : ReadWords(*node, "rules", "the id or name of a rule",
                                 kMaxReferences)) {
      const auto same = [&](const Named& other) {
        return other.name == rule.name;
      };
      // An ordered correlation may ask for the same twice.
      if (body_.type != CorrelationType::kTemporalOrdered &&
          std::any_of(body_.rules.begin(), body_.rules.end(), same)) {
        reporter_->Warning("T053", rule.range,
                           "rule " + Quoted(rule.name) + " is listed twice",
                           "it counts once: take one of the two out");
        continue;
      }
      body_.rules.push_back(std::move(rule));
    }
  }

  void ReadGroup() {
    const YamlNode* const node = Find("group-by");
    if (node == nullptr) return;
    body_.group_by = ReadWords(*node, "group-by", "a field", kMaxGroupFields);
  }

  void ReadAliases() {
    const YamlNode* const node = Find("aliases");
    if (node == nullptr) return;
    if (!node->is_mapping()) {
      FailForm(*node, "a map of aliases", "aliases");
      return;
    }
    if (node->entries.size() > kMaxGroupFields) {
      reporter_->Error("T051", node->range,
                       absl::StrCat("more than ", kMaxGroupFields,
                                    " aliases, found ", node->entries.size()));
      return;
    }
    for (const auto& [key, value] : node->entries) ReadAlias(key, value);
  }

  void ReadAlias(const YamlNode& key, const YamlNode& node) {
    if (!node.is_mapping()) {
      FailForm(node, "a map from rules to fields", key.value);
      return;
    }
    Alias alias{.name = {key.value, key.range}};
    for (const auto& [rule, field] : node.entries) {
      if (!field.is_scalar() || field.is_null()) {
        FailForm(field, "a field", rule.value);
        continue;
      }
      alias.fields.push_back({{rule.value, rule.range}, field.value});
    }
    const auto same = [&](const Named& field) {
      return field.name == alias.name.name;
    };
    if (std::none_of(body_.group_by.begin(), body_.group_by.end(), same)) {
      reporter_->Warning("T010", key.range,
                         "alias " + Quoted(key.value) +
                             " is not used in `group-by` and has no effect");
    }
    body_.aliases.push_back(std::move(alias));
  }

  std::string DidYouMeanRule(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const Named& rule : body_.rules) names.push_back(rule.name);
    return text::DidYouMean(name, names);
  }

  void ReadTimespan() {
    const YamlNode* const node =
        FindOrFail("timespan", "say how long events stay together: `5m`");
    if (node == nullptr) return;
    if (!node->is_scalar()) {
      FailForm(*node, "a duration such as `5m`", "timespan");
      return;
    }
    const std::string_view text = node->value;
    int64_t number = 0;
    size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      // Past the longest it stays there.
      number = std::min(number * 10 + (text[digits] - '0'), kLongest + 1);
      ++digits;
    }
    const Unit* unit = nullptr;
    for (const Unit& known : kUnits) {
      if (text.substr(digits) == std::string_view(&known.letter, 1)) {
        unit = &known;
      }
    }
    if (digits == 0 || unit == nullptr) {
      reporter_->Error(
          "T036", node->range,
          "expected a duration such as `5m`, found " + Quoted(text),
          "write a whole number and one letter: s, m, h, d, w, M "
          "(month) or y");
      return;
    }
    if (number == 0 || number > kLongest / unit->seconds) {
      reporter_->Error("T036", node->range,
                       "the timespan " + Quoted(text) +
                           (number == 0 ? " is empty" : " is too long"),
                       "it may be from one second to 10 years");
      return;
    }
    body_.timespan = absl::Seconds(number * unit->seconds);
  }

  // At the top of the document in the schema, in the map in practice.
  void ReadGenerate(const YamlNode& map) {
    const YamlNode* const node = map.Find("generate");
    if (node == nullptr || node->is_null()) return;
    std::optional<bool> flag = node->AsBool();
    if (node->is_scalar() && !node->quoted) {
      // Words of YAML 1.1, where a boolean is asked for.
      if (node->value == "yes" || node->value == "on") flag = true;
      if (node->value == "no" || node->value == "off") flag = false;
    }
    if (!flag.has_value()) {
      FailForm(*node, "`true` or `false`", "generate");
      return;
    }
    body_.generate = body_.generate || *flag;
  }

  void ReadCondition() {
    const YamlNode* const node = Find("condition");
    if (node == nullptr) {
      if (!IsTemporal(body_.type)) {
        FindOrFail("condition", HasField(body_.type)
                                    ? "add `condition:` with `field` and a "
                                      "bound such as `gte: 10`"
                                    : "add `condition:` with a bound such as "
                                      "`gte: 10`");
      }
      return;
    }
    body_.condition_range = node->range;
    if (node->is_mapping()) {
      ReadBounds(*node);
    } else if (node->is_sequence()) {
      FailCondition(node->range,
                    "expected a map such as `gte: 10`, found a "
                    "list");
    } else if (!IsTemporal(body_.type)) {
      FailCondition(
          node->range,
          "expected a map such as `gte: 10`, found " + Quoted(node->value),
          "conditions over rules belong to `temporal` and `temporal_ordered`");
    } else {
      ReadOverRules(*node);
    }
  }

  void FailCondition(Range range, std::string message, std::string help = {}) {
    reporter_->Error("T037", range, std::move(message), std::move(help));
  }

  void ReadBounds(const YamlNode& map) {
    const YamlNode* field = nullptr;
    const YamlNode* percentile = nullptr;
    const int errors_before = reporter_->errors();
    for (const auto& [key, value] : map.entries) {
      if (key.value == "field") {
        field = &value;
      } else if (key.value == "percentile") {
        percentile = &value;
      } else {
        ReadBound(key, value);
      }
    }
    ReadField(field);
    ReadPercentile(percentile);
    if (body_.bounds.empty()) {
      // Of a key that is not one, more has been said.
      if (reporter_->errors() == errors_before) {
        FailCondition(map.range, "the condition compares with nothing",
                      "add a bound such as `gte: 10`");
      }
      return;
    }
    CheckRange();
  }

  void ReadBound(const YamlNode& key, const YamlNode& node) {
    const Operator* found = nullptr;
    for (const Operator& known : kOperators) {
      if (known.name == key.value) found = &known;
    }
    if (found == nullptr) {
      std::string help = text::DidYouMean(key.value, kConditionKeys);
      if (help.empty()) help = "expected one of " + Join(kConditionKeys);
      FailCondition(key.range,
                    "unknown key " + Quoted(key.value) + " of the condition",
                    std::move(help));
      return;
    }
    const std::optional<double> number = ReadNumber(node);
    if (!number.has_value()) {
      FailCondition(node.range,
                    absl::StrCat("expected a number for ", Quoted(found->name),
                                 ", found ",
                                 node.is_scalar() && !node.is_null()
                                     ? Quoted(node.value)
                                     : std::string(Describe(node))));
      return;
    }
    if (IsCount(body_.type) && !CheckCount(*found, *number, node)) return;
    body_.bounds.push_back({found->compare, *number});
  }

  // Quoted numbers are numbers here, as they are under `gt` and `lt`.
  static std::optional<double> ReadNumber(const YamlNode& node) {
    if (!node.is_scalar()) return std::nullopt;
    std::optional<base::Number> number = node.AsNumber();
    if (!number.has_value()) number = base::ParseNumber(node.value);
    if (!number.has_value()) return std::nullopt;
    double value = number->double_value;
    if (number->kind == base::Number::kInt) {
      value = static_cast<double>(number->int_value);
    } else if (number->kind == base::Number::kUint) {
      value = static_cast<double>(static_cast<uint64_t>(number->int_value));
    }
    if (!std::isfinite(value)) return std::nullopt;
    return value;
  }

  bool CheckCount(const Operator& op, double number, const YamlNode& node) {
    if (number < 0 || number != std::floor(number)) {
      FailCondition(
          node.range,
          absl::StrCat("expected a whole number for ", Quoted(op.name),
                       ", found ", Quoted(node.value)),
          Quoted(type_) + " counts");
      return false;
    }
    const int most = IsLower(op.compare) ? kMostCounted : kMostCountedAtClose;
    if (number <= most) return true;
    reporter_->Error("T051", node.range,
                     absl::StrCat(Quoted(op.name),
                                  " asks for more events than "
                                  "are kept of a group, ",
                                  most),
                     "count in a shorter `timespan`, or group by more fields");
    return false;
  }

  void ReadField(const YamlNode* node) {
    if (!HasField(body_.type)) {
      if (node == nullptr) return;
      FailCondition(node->range, Quoted(type_) + " does not look at a `field`",
                    body_.type == CorrelationType::kEventCount
                        ? "`value_count` counts the different values of a field"
                        : "");
      return;
    }
    if (node == nullptr || node->is_null() ||
        (node->is_sequence() && node->items.empty())) {
      FailCondition(body_.condition_range,
                    "the condition of " + Quoted(type_) + " needs a `field`",
                    "add `field:` with the field whose values it is about");
      return;
    }
    body_.fields = ReadWords(*node, "field", "a field", kMaxGroupFields);
    if (body_.fields.size() > 1 && body_.type != CorrelationType::kValueCount) {
      FailCondition(node->range,
                    absl::StrCat(Quoted(type_), " takes one field, found ",
                                 body_.fields.size()),
                    "only `value_count` takes several: it counts tuples");
    }
  }

  void ReadPercentile(const YamlNode* node) {
    if (body_.type != CorrelationType::kValuePercentile) {
      if (node == nullptr) return;
      FailCondition(node->range, Quoted(type_) + " has no `percentile`",
                    "write `type: value_percentile`");
      return;
    }
    // The specification leaves it out and means another thing in its text than
    // in its example: no guess is safe.
    if (node == nullptr) {
      FailCondition(body_.condition_range,
                    "the condition does not say which percentile it is about",
                    "add `percentile: 95`; the bounds are compared with the "
                    "value at that percentile");
      return;
    }
    const std::optional<double> number = ReadNumber(*node);
    if (!number.has_value() || *number <= 0 || *number > 100) {
      FailCondition(node->range,
                    "expected a percentile above 0, up to 100, found " +
                        (node->is_scalar() ? Quoted(node->value)
                                           : std::string(Describe(*node))));
      return;
    }
    body_.percentile = *number;
  }

  // Whether something satisfies all bounds; and whether everything does.
  void CheckRange() {
    std::vector<double> probes;
    for (const Bound& bound : body_.bounds) {
      const double near = IsCount(body_.type)
                              ? 1
                              : std::max(1e-9, std::abs(bound.number) * 1e-12);
      for (const double probe :
           {bound.number - near, bound.number, bound.number + near}) {
        probes.push_back(probe);
      }
    }
    // A group has one event or it is none. A count of values can be 0, of
    // events that lack the field.
    const double least = !IsCount(body_.type) ? -HUGE_VAL
                         : body_.type == CorrelationType::kValueCount ? 0
                                                                      : 1;
    const double most = IsTemporal(body_.type)
                            ? static_cast<double>(body_.rules.size())
                            : HUGE_VAL;
    const auto possible = [&](double value) {
      return value >= least && value <= most &&
             std::all_of(
                 body_.bounds.begin(), body_.bounds.end(),
                 [value](const Bound& bound) { return Holds(bound, value); });
    };
    probes.push_back(least);
    probes.push_back(most);
    if (std::any_of(probes.begin(), probes.end(), possible)) return;
    reporter_->Warning("T052", body_.condition_range,
                       "the condition never holds", NeverHelp());
  }

  std::string NeverHelp() const {
    if (IsTemporal(body_.type)) {
      return "it is about how many of the listed rules matched, at least one";
    }
    const bool is_of_none =
        std::all_of(body_.bounds.begin(), body_.bounds.end(),
                    [](const Bound& bound) { return Holds(bound, 0); });
    return is_of_none
               ? "a group has at least one event: that none came is not seen"
               : "no number is in this range";
  }

  // `condition: a and b and not c`.
  void ReadOverRules(const YamlNode& node) {
    body_.over = ParseCondition(node.value, node.range, reporter_, "rule");
    if (!body_.over.has_value() || body_.rules.empty()) return;
    std::vector<bool> named(body_.rules.size(), false);
    CheckNames(*body_.over, &named);
    for (size_t i = 0; i < named.size(); ++i) {
      if (named[i]) continue;
      reporter_->Error("T038", body_.rules[i].range,
                       "rule " + Quoted(body_.rules[i].name) +
                           " is listed and not named by the condition",
                       "name it there, or take it out of `rules`");
    }
    if (HoldsOfNothing(*body_.over)) {
      reporter_->Error("T038", node.range,
                       "the condition holds when none of the rules matches",
                       "it must ask for at least one of them");
    }
  }

  void CheckNames(const Condition& condition, std::vector<bool>* named) {
    for (const Condition& child : condition.children) CheckNames(child, named);
    if (!condition.children.empty()) return;
    bool found = false;
    for (size_t i = 0; i < body_.rules.size(); ++i) {
      const std::string& name = body_.rules[i].name;
      const bool is_meant = condition.kind == Condition::kName
                                ? condition.name == name
                                : PatternSelects(condition.name, name);
      if (!is_meant) continue;
      found = true;
      (*named)[i] = true;
    }
    if (found) return;
    reporter_->Error(
        "T038", condition.range,
        condition.kind == Condition::kName
            ? "`rules` does not list " + Quoted(condition.name)
            : "no rule of `rules` fits the pattern " + Quoted(condition.name),
        DidYouMeanRule(condition.name));
  }

  // Whether it is true when no rule matches.
  static bool HoldsOfNothing(const Condition& condition) {
    switch (condition.kind) {
      case Condition::kAnd:
        return std::all_of(condition.children.begin(), condition.children.end(),
                           HoldsOfNothing);
      case Condition::kOr:
        return std::any_of(condition.children.begin(), condition.children.end(),
                           HoldsOfNothing);
      case Condition::kNot:
        return !HoldsOfNothing(condition.children[0]);
      case Condition::kName:
      case Condition::kOneOf:
      case Condition::kAllOf:
        break;
    }
    return false;
  }

  const YamlNode& node_;
  const YamlNode& document_;
  Range key_;
  text::Reporter* reporter_;
  CorrelationBody body_;
  std::string_view type_;
};

}  // namespace

bool IsTemporal(CorrelationType type) {
  return type == CorrelationType::kTemporal ||
         type == CorrelationType::kTemporalOrdered;
}

std::optional<CorrelationBody> ParseCorrelation(const YamlNode& body,
                                                const YamlNode& document,
                                                Range key,
                                                text::Reporter* reporter) {
  return BodyParser(body, document, key, reporter).Parse();
}

}  // namespace tocsin::sigma
