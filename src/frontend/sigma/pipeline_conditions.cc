#include "src/frontend/sigma/pipeline_conditions.h"

#include <algorithm>
#include <compare>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/frontend/sigma/condition.h"
#include "src/frontend/sigma/wild_text.h"

namespace tocsin::sigma {
namespace {

using base::ToAbsl;

enum class Relation { kEq, kNe, kGte, kGt, kLte, kLt, kIn, kNotIn };

// In the order of Relation.
constexpr std::string_view kRelations[] = {"eq",  "ne", "gte", "gt",
                                           "lte", "lt", "in",  "not_in"};
constexpr std::span<const std::string_view> kOrderRelations(kRelations, 6);

Relation ReadRelation(std::span<const std::string_view> choices,
                      MapReader* reader) {
  const std::string name = reader->Choice("op", choices).value_or("eq");
  const auto found =
      std::find(std::begin(kRelations), std::end(kRelations), name);
  return static_cast<Relation>(found - std::begin(kRelations));
}

bool Satisfies(std::partial_ordering order, Relation relation) {
  switch (relation) {
    case Relation::kEq:
      return order == 0;
    case Relation::kNe:
      return order != 0;
    case Relation::kGte:
      return order >= 0;
    case Relation::kGt:
      return order > 0;
    case Relation::kLte:
      return order <= 0;
    case Relation::kLt:
      return order < 0;
    case Relation::kIn:
    case Relation::kNotIn:
      break;
  }
  return false;
}

// Unordered if the values are of different kinds.
std::partial_ordering CompareValues(const Value& a, const Value& b) {
  if (a.kind != b.kind) return std::partial_ordering::unordered;
  switch (a.kind) {
    case Value::kNull:
      return std::partial_ordering::equivalent;
    case Value::kBool:
      return a.bool_value <=> b.bool_value;
    case Value::kNumber:
      return base::Compare(a.number, b.number);
    case Value::kString:
      return a.text <=> b.text;
  }
  return std::partial_ordering::unordered;
}

// Whether a rule's value is the one that a pipeline names: of the same kind,
// compared as a whole with case.
bool IsValue(const Item& item, const Value& value, const Value& wanted) {
  if (wanted.kind != Value::kString) {
    return CompareValues(value, wanted) == 0;
  }
  return value.kind == Value::kString && HoldsStrings(item) &&
         TextOf(item, value) == WildText::Parse(wanted.text, false);
}

template <typename Predicate>
bool AnyItem(const Document& rule, Predicate predicate) {
  auto any_in = [&](const Detection& detection) {
    for (const Selection& selection : detection.selections) {
      for (const std::vector<Item>& items : selection.alternatives) {
        if (std::any_of(items.begin(), items.end(), predicate)) return true;
      }
    }
    return false;
  };
  return any_in(rule.detection) ||
         std::any_of(rule.added.begin(), rule.added.end(), any_in);
}

bool HasField(const Item& item, std::string_view field) {
  return std::find(item.fields.begin(), item.fields.end(), field) !=
         item.fields.end();
}

// ---- Rule side.

class LogsourceCondition : public PipelineCondition {
 public:
  explicit LogsourceCondition(LogSource wanted) : wanted_(std::move(wanted)) {}
  bool Holds(const ConditionSubject& subject) const override {
    const LogSource& have = subject.rule->rule->info.log_source;
    return Fits(wanted_.product, have.product) &&
           Fits(wanted_.category, have.category) &&
           Fits(wanted_.service, have.service);
  }

 private:
  static bool Fits(const std::string& wanted, const std::string& have) {
    return wanted.empty() || wanted == have;
  }

  LogSource wanted_;
};

std::unique_ptr<PipelineCondition> ParseLogsource(MapReader* reader) {
  LogSource wanted;
  wanted.product = reader->String("product").value_or("");
  wanted.category = reader->String("category").value_or("");
  wanted.service = reader->String("service").value_or("");
  if (wanted == LogSource()) {
    reader->Error("T063", "type",
                  "the condition `logsource` needs a `product`, `category` or "
                  "`service`");
  }
  return std::make_unique<LogsourceCondition>(std::move(wanted));
}

class ContainsFieldCondition : public PipelineCondition {
 public:
  explicit ContainsFieldCondition(std::string field)
      : field_(std::move(field)) {}
  bool Holds(const ConditionSubject& subject) const override {
    return AnyItem(*subject.rule->rule,
                   [this](const Item& item) { return HasField(item, field_); });
  }

 private:
  std::string field_;
};

std::unique_ptr<PipelineCondition> ParseContainsField(MapReader* reader) {
  return std::make_unique<ContainsFieldCondition>(
      reader->RequireString("field"));
}

class ContainsItemCondition : public PipelineCondition {
 public:
  ContainsItemCondition(std::string field, Value value)
      : field_(std::move(field)), value_(std::move(value)) {}
  bool Holds(const ConditionSubject& subject) const override {
    return AnyItem(*subject.rule->rule, [this](const Item& item) {
      return HasField(item, field_) &&
             std::any_of(item.values.begin(), item.values.end(),
                         [&](const Value& value) {
                           return IsValue(item, value, value_);
                         });
    });
  }

 private:
  std::string field_;
  Value value_;
};

std::unique_ptr<PipelineCondition> ParseContainsItem(MapReader* reader) {
  std::string field = reader->RequireString("field");
  return std::make_unique<ContainsItemCondition>(
      std::move(field), reader->RequireScalar("value"));
}

class RuleAppliedCondition : public PipelineCondition {
 public:
  explicit RuleAppliedCondition(std::string id) : id_(std::move(id)) {}
  bool Holds(const ConditionSubject& subject) const override {
    return subject.rule->applied.contains(id_);
  }

 private:
  std::string id_;
};

std::unique_ptr<PipelineCondition> ParseRuleApplied(MapReader* reader) {
  return std::make_unique<RuleAppliedCondition>(
      reader->RequireString("processing_item_id"));
}

class StateCondition : public PipelineCondition {
 public:
  StateCondition(std::string key, Value value, Relation relation)
      : key_(std::move(key)), value_(std::move(value)), relation_(relation) {}
  bool Holds(const ConditionSubject& subject) const override {
    const auto found = subject.rule->state.find(key_);
    return found != subject.rule->state.end() &&
           Satisfies(CompareValues(found->second, value_), relation_);
  }

 private:
  std::string key_;
  Value value_;
  Relation relation_;
};

std::unique_ptr<PipelineCondition> ParseState(MapReader* reader) {
  std::string key = reader->RequireString("key");
  Value value = reader->RequireScalar("val");
  return std::make_unique<StateCondition>(
      std::move(key), std::move(value), ReadRelation(kOrderRelations, reader));
}

class RuleKindCondition : public PipelineCondition {
 public:
  explicit RuleKindCondition(Document::Kind kind) : kind_(kind) {}
  bool Holds(const ConditionSubject& subject) const override {
    return subject.rule->rule->kind == kind_;
  }

 private:
  Document::Kind kind_;
};

std::unique_ptr<PipelineCondition> ParseIsSigmaRule(MapReader*) {
  return std::make_unique<RuleKindCondition>(Document::kRule);
}

std::unique_ptr<PipelineCondition> ParseIsCorrelation(MapReader*) {
  return std::make_unique<RuleKindCondition>(Document::kCorrelation);
}

constexpr std::string_view kLevels[] = {"informational", "low", "medium",
                                        "high", "critical"};
constexpr std::string_view kStatuses[] = {"unsupported", "deprecated",
                                          "experimental", "test", "stable"};

// An attribute of RuleInfo by its name in the rule file.
struct Attribute {
  std::string_view name;
  std::string RuleInfo::* text = nullptr;
  std::vector<std::string> RuleInfo::* list = nullptr;
  // The words of the attribute from low to high; none: it has no order.
  std::span<const std::string_view> order = {};
  bool is_date = false;
};

const Attribute* FindAttribute(std::string_view name) {
  static const Attribute kAttributes[] = {
      {.name = "id", .text = &RuleInfo::id},
      {.name = "name", .text = &RuleInfo::name},
      {.name = "title", .text = &RuleInfo::title},
      {.name = "description", .text = &RuleInfo::description},
      {.name = "author", .text = &RuleInfo::author},
      {.name = "level", .text = &RuleInfo::level, .order = kLevels},
      {.name = "status", .text = &RuleInfo::status, .order = kStatuses},
      {.name = "date", .text = &RuleInfo::date, .is_date = true},
      {.name = "modified", .text = &RuleInfo::modified, .is_date = true},
      {.name = "tags", .list = &RuleInfo::tags},
      {.name = "references", .list = &RuleInfo::references},
      {.name = "falsepositives", .list = &RuleInfo::false_positives},
      {.name = "fields", .list = &RuleInfo::fields},
  };
  for (const Attribute& attribute : kAttributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

// Position of `word` in `order`; nullopt if it is not there.
std::optional<ptrdiff_t> Rank(std::span<const std::string_view> order,
                              std::string_view word) {
  const auto found = std::find(order.begin(), order.end(), word);
  if (found == order.end()) return std::nullopt;
  return found - order.begin();
}

// 2026/01/31, the older form, as 2026-01-31.
std::string IsoDate(std::string_view date) {
  std::string iso(date);
  std::replace(iso.begin(), iso.end(), '/', '-');
  return iso;
}

class AttributeCondition : public PipelineCondition {
 public:
  AttributeCondition(std::string name, Value value, Relation relation)
      : name_(std::move(name)),
        value_(std::move(value)),
        relation_(relation),
        attribute_(FindAttribute(name_)) {}

  bool Holds(const ConditionSubject& subject) const override {
    if (attribute_ == nullptr) {
      const auto found = subject.rule->attributes.find(name_);
      return found != subject.rule->attributes.end() &&
             Satisfies(CompareValues(found->second, value_), relation_);
    }
    const RuleInfo& info = subject.rule->rule->info;
    if (attribute_->list != nullptr) return HoldsForList(info);
    const std::string& have = info.*attribute_->text;
    if (!attribute_->order.empty()) {
      const std::optional<ptrdiff_t> rank = Rank(attribute_->order, have);
      if (!rank.has_value()) return relation_ == Relation::kNe;
      return Satisfies(*rank <=> *Rank(attribute_->order, value_.text),
                       relation_);
    }
    if (attribute_->is_date) {
      if (have.empty()) return relation_ == Relation::kNe;
      return Satisfies(IsoDate(have) <=> IsoDate(value_.text), relation_);
    }
    return Satisfies(have <=> value_.text, relation_);
  }

 private:
  bool HoldsForList(const RuleInfo& info) const {
    const std::vector<std::string>& list = info.*attribute_->list;
    const bool found =
        std::find(list.begin(), list.end(), value_.text) != list.end();
    switch (relation_) {
      case Relation::kIn:
        return found;
      case Relation::kNotIn:
        return !found;
      default:  // A list never equals one value.
        return relation_ == Relation::kNe;
    }
  }

  std::string name_;
  Value value_;
  Relation relation_;
  const Attribute* attribute_;
};

std::unique_ptr<PipelineCondition> ParseAttribute(MapReader* reader) {
  std::string name = reader->RequireString("attribute");
  Value value = reader->RequireScalar("value");
  const Relation relation = ReadRelation(kRelations, reader);
  const Attribute* attribute = FindAttribute(name);
  const bool membership =
      relation == Relation::kIn || relation == Relation::kNotIn;
  const bool equality = relation == Relation::kEq || relation == Relation::kNe;
  if (attribute == nullptr) {
    if (membership) {
      reader->Error("T063", "op",
                    absl::StrCat(text::Quoted(name),
                                 " is not a list, so `in` and `not_in` do not "
                                 "apply"));
    }
  } else if (attribute->list != nullptr) {
    if (!membership && !equality) {
      reader->Error("T063", "op",
                    absl::StrCat(text::Quoted(name),
                                 " is a list: expected `in` or `not_in`"));
    }
  } else if (!attribute->order.empty()) {
    if (!Rank(attribute->order, value.text).has_value()) {
      reader->Error("T063", "value",
                    absl::StrCat(text::Quoted(value.text), " is not a ", name),
                    text::DidYouMean(value.text, attribute->order));
    }
  } else if (membership || (!equality && !attribute->is_date)) {
    reader->Error(
        "T063", "op",
        absl::StrCat(text::Quoted(name), " is text: expected `eq` or `ne`"));
  }
  return std::make_unique<AttributeCondition>(std::move(name), std::move(value),
                                              relation);
}

class TagCondition : public PipelineCondition {
 public:
  explicit TagCondition(std::string tag) : tag_(std::move(tag)) {}
  bool Holds(const ConditionSubject& subject) const override {
    const std::vector<std::string>& tags = subject.rule->rule->info.tags;
    return std::any_of(tags.begin(), tags.end(), [this](const auto& tag) {
      return absl::EqualsIgnoreCase(tag, tag_);
    });
  }

 private:
  std::string tag_;
};

std::unique_ptr<PipelineCondition> ParseTag(MapReader* reader) {
  return std::make_unique<TagCondition>(reader->RequireString("tag"));
}

// ---- Item side.

// Conditions on values hold for an item if any or all of its values pass.
class ValueCondition : public PipelineCondition {
 public:
  explicit ValueCondition(MapReader* reader) {
    constexpr std::string_view kChoices[] = {"any", "all"};
    all_ = reader->RequireChoice("cond", kChoices) == "all";
  }
  bool Holds(const ConditionSubject& subject) const override {
    const Item& item = *subject.item;
    auto passes = [&](const Value& value) { return Passes(item, value); };
    return all_ ? std::all_of(item.values.begin(), item.values.end(), passes)
                : std::any_of(item.values.begin(), item.values.end(), passes);
  }

 protected:
  virtual bool Passes(const Item& item, const Value& value) const = 0;

 private:
  bool all_ = false;
};

class MatchStringCondition : public ValueCondition {
 public:
  MatchStringCondition(MapReader* reader) : ValueCondition(reader) {
    const std::string pattern = reader->RequireString("pattern");
    regex_ =
        CompileRegex(pattern, reader->RangeOf("pattern"), reader->reporter());
    negated_ = reader->Bool("negate").value_or(false);
  }

 protected:
  bool Passes(const Item& item, const Value& value) const override {
    if (value.kind != Value::kString || !HoldsStrings(item)) return negated_;
    const std::string text = TextOf(item, value).text();
    return regex_->Match(text, 0, text.size(), RE2::ANCHOR_START, nullptr, 0) !=
           negated_;
  }

 private:
  std::unique_ptr<RE2> regex_;
  bool negated_ = false;
};

class MatchValueCondition : public ValueCondition {
 public:
  explicit MatchValueCondition(MapReader* reader)
      : ValueCondition(reader), value_(reader->RequireScalar("value")) {}

 protected:
  bool Passes(const Item& item, const Value& value) const override {
    return IsValue(item, value, value_);
  }

 private:
  Value value_;
};

class ContainsWildcardCondition : public ValueCondition {
 public:
  using ValueCondition::ValueCondition;

 protected:
  bool Passes(const Item& item, const Value& value) const override {
    return value.kind == Value::kString && HoldsStrings(item) &&
           TextOf(item, value).has_wildcard();
  }
};

class IsNullCondition : public ValueCondition {
 public:
  using ValueCondition::ValueCondition;

 protected:
  bool Passes(const Item&, const Value& value) const override {
    return value.kind == Value::kNull;
  }
};

template <typename T>
std::unique_ptr<PipelineCondition> ParseValueCondition(MapReader* reader) {
  return std::make_unique<T>(reader);
}

class ItemAppliedCondition : public PipelineCondition {
 public:
  explicit ItemAppliedCondition(std::string id) : id_(std::move(id)) {}
  bool Holds(const ConditionSubject& subject) const override {
    if (subject.item != nullptr) {
      const std::vector<std::string>& applied = subject.item->applied;
      return std::find(applied.begin(), applied.end(), id_) != applied.end();
    }
    if (subject.field == nullptr) return false;
    const auto found = subject.rule->applied_to_field.find(*subject.field);
    return found != subject.rule->applied_to_field.end() &&
           found->second.contains(id_);
  }

 private:
  std::string id_;
};

std::unique_ptr<PipelineCondition> ParseItemApplied(MapReader* reader) {
  return std::make_unique<ItemAppliedCondition>(
      reader->RequireString("processing_item_id"));
}

// ---- Field side.

class FieldsCondition : public PipelineCondition {
 public:
  FieldsCondition(MapReader* reader, bool include) : include_(include) {
    fields_ = reader->RequireStrings("fields");
    constexpr std::string_view kModes[] = {"plain", "re"};
    if (reader->Choice("mode", kModes).value_or("plain") != "re") return;
    for (const std::string& field : fields_) {
      std::unique_ptr<RE2> regex =
          CompileRegex(field, reader->RangeOf("fields"), reader->reporter());
      if (regex != nullptr) regexes_.push_back(std::move(regex));
    }
    fields_.clear();
  }
  bool Holds(const ConditionSubject& subject) const override {
    return Matches(subject.field) == include_;
  }

 private:
  bool Matches(const std::string* field) const {
    if (field == nullptr) return false;
    return std::find(fields_.begin(), fields_.end(), *field) != fields_.end() ||
           std::any_of(regexes_.begin(), regexes_.end(), [&](const auto& re) {
             return re->Match(*field, 0, field->size(), RE2::ANCHOR_START,
                              nullptr, 0);
           });
  }

  bool include_;
  std::vector<std::string> fields_;
  std::vector<std::unique_ptr<RE2>> regexes_;
};

std::unique_ptr<PipelineCondition> ParseIncludeFields(MapReader* reader) {
  return std::make_unique<FieldsCondition>(reader, true);
}

std::unique_ptr<PipelineCondition> ParseExcludeFields(MapReader* reader) {
  return std::make_unique<FieldsCondition>(reader, false);
}

constexpr ConditionKind kKinds[] = {
    {ConditionSide::kRule, "logsource",
     "the rule's log source has the product, category and service given",
     "{type: logsource, product: windows, category: process_creation}",
     ParseLogsource},
    {ConditionSide::kRule, "contains_field", "some item tests the field",
     "{type: contains_field, field: CommandLine}", ParseContainsField},
    {ConditionSide::kRule, "contains_detection_item",
     "some item tests the field for the value",
     "{type: contains_detection_item, field: EventID, value: 4688}",
     ParseContainsItem},
    {ConditionSide::kRule, "processing_item_applied",
     "the transformation with this id was applied to the rule",
     "{type: processing_item_applied, processing_item_id: map_fields}",
     ParseRuleApplied},
    {ConditionSide::kRule, "processing_state",
     "a state that `set_state` has set compares as `op` says",
     "{type: processing_state, key: index, val: windows, op: eq}", ParseState},
    {ConditionSide::kRule, "is_sigma_rule", "the document is a rule",
     "{type: is_sigma_rule}", ParseIsSigmaRule},
    {ConditionSide::kRule, "is_sigma_correlation_rule",
     "the document is a correlation", "{type: is_sigma_correlation_rule}",
     ParseIsCorrelation},
    {ConditionSide::kRule, "rule_attribute",
     "an attribute of the rule (`level`, `date`, `tags`, ...) compares as `op` "
     "says",
     "{type: rule_attribute, attribute: level, value: medium, op: gte}",
     ParseAttribute},
    {ConditionSide::kRule, "tag", "the rule has the tag",
     "{type: tag, tag: attack.t1059}", ParseTag},
    {ConditionSide::kDetectionItem, "match_string",
     "any or all values match a regular expression from their start",
     "{type: match_string, cond: any, pattern: '^\\*\\\\'}",
     ParseValueCondition<MatchStringCondition>},
    {ConditionSide::kDetectionItem, "match_value",
     "any or all values are the one given",
     "{type: match_value, cond: any, value: 4688}",
     ParseValueCondition<MatchValueCondition>},
    {ConditionSide::kDetectionItem, "contains_wildcard",
     "any or all values have a wildcard",
     "{type: contains_wildcard, cond: all}",
     ParseValueCondition<ContainsWildcardCondition>},
    {ConditionSide::kDetectionItem, "is_null", "any or all values are null",
     "{type: is_null, cond: all}", ParseValueCondition<IsNullCondition>},
    {ConditionSide::kDetectionItem, "processing_item_applied",
     "the transformation with this id has changed the item",
     "{type: processing_item_applied, processing_item_id: map_fields}",
     ParseItemApplied},
    {ConditionSide::kDetectionItem, "processing_state", "as on the rule",
     "{type: processing_state, key: index, val: windows}", ParseState},
    {ConditionSide::kFieldName, "include_fields",
     "the name is in the list; with `mode: re` it matches one of the regular "
     "expressions from its start",
     "{type: include_fields, fields: [Image, ParentImage]}",
     ParseIncludeFields},
    {ConditionSide::kFieldName, "exclude_fields",
     "the opposite of `include_fields`",
     "{type: exclude_fields, fields: ['Target.*'], mode: re}",
     ParseExcludeFields},
    {ConditionSide::kFieldName, "processing_item_applied",
     "the transformation with this id has changed the name",
     "{type: processing_item_applied, processing_item_id: map_fields}",
     ParseItemApplied},
    {ConditionSide::kFieldName, "processing_state", "as on the rule",
     "{type: processing_state, key: index, val: windows}", ParseState},
};

std::string_view SideName(ConditionSide side) {
  switch (side) {
    case ConditionSide::kRule:
      return "rule";
    case ConditionSide::kDetectionItem:
      return "detection_item";
    case ConditionSide::kFieldName:
      return "field_name";
  }
  return "";
}

std::unique_ptr<PipelineCondition> ParseOne(ConditionSide side,
                                            const text::YamlNode& node,
                                            text::Reporter* reporter) {
  MapReader reader(node, "condition", reporter);
  if (!node.is_mapping()) return nullptr;
  const std::string type = reader.RequireString("type");
  if (type.empty()) return nullptr;
  std::vector<std::string_view> names;
  for (const ConditionKind& kind : kKinds) {
    if (kind.side != side) continue;
    names.push_back(kind.name);
    if (kind.name != type) continue;
    reader.set_what(absl::StrCat("condition ", text::Quoted(type)));
    const int errors = reporter->errors();
    std::unique_ptr<PipelineCondition> condition = kind.parse(&reader);
    reader.ReportUnknownKeys();
    return reporter->errors() == errors ? std::move(condition) : nullptr;
  }
  reader.Error("T062", "type",
               absl::StrCat("unknown condition ", text::Quoted(type), " in `",
                            ToAbsl(SideName(side)), "_conditions`"),
               text::DidYouMean(type, names));
  return nullptr;
}

using Conditions = base::StringMap<std::unique_ptr<PipelineCondition>>;

// "" where there are too many names to go through for every mistake.
std::string NearestName(std::string_view name, const Conditions& conditions) {
  constexpr size_t kMostNames = 100;
  if (conditions.size() > kMostNames) return {};
  std::vector<std::string_view> names;
  for (const auto& [known, condition] : conditions) names.push_back(known);
  std::sort(names.begin(), names.end());
  return text::DidYouMean(name, names);
}

// Reports what is not a plain boolean expression over `conditions`.
void CheckExpression(const Condition& link, const Conditions& conditions,
                     base::StringSet* used, text::Reporter* reporter) {
  if (link.kind == Condition::kOneOf || link.kind == Condition::kAllOf) {
    reporter->Error("T065", link.range,
                    "only `and`, `or`, `not` and names of conditions can stand "
                    "here");
  }
  if (link.kind == Condition::kName) {
    used->insert(link.name);
    if (!conditions.contains(link.name)) {
      reporter->Error(
          "T065", link.range,
          absl::StrCat("no condition is named ", text::Quoted(link.name)),
          NearestName(link.name, conditions));
    }
  }
  for (const Condition& child : link.children) {
    CheckExpression(child, conditions, used, reporter);
  }
}

template <typename Holds>
bool Evaluate(const Condition& link, const Holds& holds) {
  auto child_holds = [&](const Condition& child) {
    return Evaluate(child, holds);
  };
  switch (link.kind) {
    case Condition::kAnd:
      return std::all_of(link.children.begin(), link.children.end(),
                         child_holds);
    case Condition::kOr:
      return std::any_of(link.children.begin(), link.children.end(),
                         child_holds);
    case Condition::kNot:
      return !Evaluate(link.children.front(), holds);
    default:
      return holds(link.name);
  }
}

}  // namespace

bool RuleState::Spend(size_t bytes) {
  if (bytes > bytes_left) {
    bytes_left = 0;
    return false;
  }
  bytes_left -= bytes;
  return true;
}

std::span<const ConditionKind> ConditionKinds() { return kKinds; }

ConditionGroup ConditionGroup::Parse(ConditionSide side, MapReader* reader) {
  ConditionGroup group;
  text::Reporter* reporter = reader->reporter();
  const std::string prefix(SideName(side));
  const std::string conditions_key = absl::StrCat(prefix, "_conditions");
  const std::string op_key = absl::StrCat(prefix, "_cond_op");
  const std::string expression_key = absl::StrCat(prefix, "_cond_expr");
  const text::YamlNode* conditions = reader->Find(conditions_key);
  constexpr std::string_view kOps[] = {"and", "or"};
  const std::optional<std::string> op = reader->Choice(op_key, kOps);
  const std::optional<std::string> expression = reader->String(expression_key);
  group.negated_ =
      reader->Bool(absl::StrCat(prefix, "_cond_not")).value_or(false);

  auto add = [&](std::string name, const text::YamlNode& node) {
    group.conditions_.emplace(std::move(name), ParseOne(side, node, reporter));
  };
  if (conditions != nullptr && conditions->is_sequence()) {
    for (const text::YamlNode& node : conditions->items) {
      add(absl::StrCat(group.conditions_.size() + 1), node);
    }
  } else if (conditions != nullptr && conditions->is_mapping()) {
    for (const auto& [key, node] : conditions->entries) add(key.value, node);
  } else if (conditions != nullptr) {
    reader->Error("T063", conditions_key,
                  absl::StrCat("expected a list or a mapping of conditions "
                               "for `",
                               conditions_key, "`"));
  }

  if (!expression.has_value()) {
    group.link_.kind = op == "or" ? Condition::kOr : Condition::kAnd;
    for (const auto& [name, condition] : group.conditions_) {
      Condition child;
      child.name = name;
      group.link_.children.push_back(std::move(child));
    }
    return group;
  }
  if (op.has_value()) {
    reader->Error("T065", op_key,
                  absl::StrCat("`", op_key, "` and `", expression_key,
                               "` exclude each other"));
  }
  if (conditions == nullptr || !conditions->is_mapping()) {
    reader->Error("T065", expression_key,
                  absl::StrCat("`", expression_key,
                               "` needs conditions with names: a mapping under "
                               "`",
                               conditions_key, "`"));
    return group;
  }
  std::optional<Condition> link =
      ParseCondition(*expression, reader->RangeOf(expression_key), reporter);
  if (!link.has_value()) return group;
  base::StringSet used;
  CheckExpression(*link, group.conditions_, &used, reporter);
  for (const auto& [key, node] : conditions->entries) {
    if (used.contains(key.value)) continue;
    reporter->Error("T065", key.range,
                    absl::StrCat("the condition ", text::Quoted(key.value),
                                 " is not used in `", expression_key, "`"));
  }
  group.link_ = *std::move(link);
  return group;
}

bool ConditionGroup::Holds(const ConditionSubject& subject) const {
  if (conditions_.empty()) return true;
  const bool holds = Evaluate(link_, [&](std::string_view name) {
    return conditions_.find(name)->second->Holds(subject);
  });
  return holds != negated_;
}

}  // namespace tocsin::sigma
