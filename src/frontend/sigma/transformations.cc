#include "src/frontend/sigma/transformations.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/transformation_kinds.h"

namespace tocsin::sigma {
namespace {

using base::ToAbsl;

constexpr TransformationKind kKinds[] = {
    {"field_name_mapping", TransformationKind::kFields,
     "gives fields the names of `mapping`; several names mean any of them; the "
     "key `null` maps keywords to a field",
     R"(type: field_name_mapping
mapping:
  Image: process.executable
  User: [user.name, winlog.event_data.User]
)",
     ParseFieldNameMapping},
    {"field_name_prefix_mapping", TransformationKind::kFields,
     "replaces the first prefix of `mapping` that a name starts with",
     R"(type: field_name_prefix_mapping
mapping:
  win.: winlog.event_data.
)",
     ParseFieldNamePrefixMapping},
    {"field_name_prefix", TransformationKind::kFields,
     "puts `prefix` before names",
     R"(type: field_name_prefix
prefix: winlog.event_data.
)",
     ParseFieldNamePrefix},
    {"field_name_suffix", TransformationKind::kFields,
     "puts `suffix` behind names",
     R"(type: field_name_suffix
suffix: .keyword
)",
     ParseFieldNameSuffix},
    {"drop_detection_item", TransformationKind::kItems,
     "takes items out of the rule; a selection without items leaves the "
     "condition",
     R"(type: drop_detection_item
field_name_conditions:
  - {type: include_fields, fields: [Channel]}
)",
     ParseDropDetectionItem},
    {"hashes_fields", TransformationKind::kItems,
     "splits `Hashes: MD5=...` into a field for each algorithm of "
     "`valid_hash_algos`, named `field_prefix` and, unless `drop_algo_prefix`, "
     "the algorithm",
     R"(type: hashes_fields
valid_hash_algos: [MD5, SHA1, SHA256]
field_prefix: hash.
)",
     ParseHashesFields},
    {"value_placeholders", TransformationKind::kItems,
     "replaces `%name%` by each value of the variable `name`; `include` or "
     "`exclude` limits it to some names",
     R"(type: value_placeholders
include: [AdminAccounts]
)",
     ParseValuePlaceholders},
    {"wildcard_placeholders", TransformationKind::kItems,
     "replaces `%name%` by `*`; `include` or `exclude` limits it to some names",
     R"(type: wildcard_placeholders
exclude: [AdminAccounts]
)",
     ParseWildcardPlaceholders},
    {"map_string", TransformationKind::kItems,
     "replaces strings that are a key of `mapping` by its value or values",
     R"(type: map_string
mapping:
  GET: get
  POST: [post, put]
)",
     ParseMapString},
    {"replace_string", TransformationKind::kItems,
     "replaces what `regex` matches in strings by `replacement`, with \\1 for "
     "groups; `skip_special` keeps wildcards out of it",
     R"(type: replace_string
regex: '^\*\\'
replacement: '*/'
)",
     ParseReplaceString},
    {"case", TransformationKind::kItems,
     "turns ASCII letters of strings into those of `method`: `lower` (if it is "
     "absent) or `upper`",
     R"(type: case
method: upper
)",
     ParseCase},
    {"case_transformation", TransformationKind::kItems,
     "another name of `case`",
     R"(type: case_transformation
method: lower
)",
     ParseCase},
    {"set_value", TransformationKind::kItems,
     "replaces all values of items by `value`, made a `str` or a `num` by "
     "`force_type`",
     R"(type: set_value
value: 1
field_name_conditions:
  - {type: include_fields, fields: [Initiated]}
)",
     ParseSetValue},
    {"convert_type", TransformationKind::kItems,
     "makes values a `str` or a `num`, as `target_type` says",
     R"(type: convert_type
target_type: str
)",
     ParseConvertType},
    {"detection_item_failure", TransformationKind::kItems,
     "refuses rules with an item for which the conditions hold",
     R"(type: detection_item_failure
message: this field is not collected
field_name_conditions:
  - {type: include_fields, fields: [CallTrace]}
)",
     ParseDetectionItemFailure},
    {"add_condition", TransformationKind::kRule,
     "demands `conditions` of events as well; `negated` forbids them; with "
     "`template` the texts $product, $category and $service are the rule's",
     R"(type: add_condition
conditions:
  index: [logs-*, 'windows-$service']
template: true
)",
     ParseAddCondition},
    {"change_logsource", TransformationKind::kRule,
     "replaces the whole log source",
     R"(type: change_logsource
product: windows
service: sysmon
)",
     ParseChangeLogsource},
    {"add_field", TransformationKind::kRule,
     "adds names to the rule's list of fields",
     R"(type: add_field
field: [host.name]
)",
     ParseAddField},
    {"remove_field", TransformationKind::kRule,
     "takes names out of the rule's list of fields",
     R"(type: remove_field
field: LogonGuid
)",
     ParseRemoveField},
    {"set_field", TransformationKind::kRule,
     "replaces the rule's list of fields",
     R"(type: set_field
fields: [host.name, user.name]
)",
     ParseSetField},
    {"set_state", TransformationKind::kRule,
     "sets a state that the condition `processing_state` asks for",
     R"(type: set_state
key: index
val: windows
)",
     ParseSetState},
    {"set_custom_attribute", TransformationKind::kRule,
     "sets an attribute that the condition `rule_attribute` asks for",
     R"(type: set_custom_attribute
attribute: tier
value: 1
)",
     ParseSetCustomAttribute},
    {"rule_failure", TransformationKind::kRule,
     "refuses rules for which the conditions hold",
     R"(type: rule_failure
message: no such log is collected
rule_conditions:
  - {type: logsource, product: macos}
)",
     ParseRuleFailure},
    {"strict_field_mapping_failure", TransformationKind::kRule,
     "refuses rules with a field that no mapping has named",
     R"(type: strict_field_mapping_failure
)",
     ParseStrictFieldMappingFailure},
    {"nest", TransformationKind::kRule,
     "applies the transformations of `items` under one set of rule conditions",
     R"(type: nest
items:
  - type: field_name_prefix
    prefix: winlog.
rule_conditions:
  - {type: logsource, product: windows}
)",
     ParseNest},
};

// Kinds that pySigma has and that make no sense, or cannot be had, here.
struct RefusedKind {
  std::string_view name;
  std::string_view help;
};

constexpr RefusedKind kRefused[] = {
    {"query_expression_placeholders",
     "it writes text of a query language; use `value_placeholders` with the "
     "values themselves"},
    {"regex",
     "it makes up for query languages that compare with case; values are "
     "compared without regard to case here, so leave it out"},
    {"field_name_transform",
     "it takes a Python function; use `field_name_mapping`"},
};

void ReportUnknownKind(const std::string& type, MapReader* reader) {
  for (const RefusedKind& refused : kRefused) {
    if (refused.name != type) continue;
    reader->Error("T064", "type",
                  absl::StrCat("the transformation ", text::Quoted(type),
                               " is not supported"),
                  std::string(refused.help));
    return;
  }
  std::vector<std::string_view> names;
  for (const TransformationKind& kind : kKinds) names.push_back(kind.name);
  const std::string nearest = text::DidYouMean(type, names);
  reader->Error(
      "T061", "type",
      absl::StrCat("unknown transformation ", text::Quoted(type)),
      nearest.empty() ? "docs/sigma.md lists all there are" : nearest);
}

// Conditions on items do nothing to a transformation of the whole rule.
void WarnOfIdleConditions(std::string_view key, MapReader* reader) {
  reader->reporter()->Warning(
      "T067", reader->RangeOf(key),
      absl::StrCat("`", ToAbsl(key), "` has no effect on the ", reader->what()),
      "it changes the rule as a whole: use `rule_conditions`");
}

}  // namespace

std::span<const TransformationKind> TransformationKinds() { return kKinds; }

std::unique_ptr<Step> Step::Parse(const text::YamlNode& node,
                                  PipelineFile* file,
                                  text::Reporter* reporter) {
  const int errors = reporter->errors();
  MapReader reader(node, "transformation", reporter);
  if (!node.is_mapping()) return nullptr;
  const std::string type = reader.RequireString("type");
  if (type.empty()) return nullptr;

  const TransformationKind* kind = nullptr;
  for (const TransformationKind& known : kKinds) {
    if (known.name == type) kind = &known;
  }
  if (kind == nullptr) {
    ReportUnknownKind(type, &reader);
    return nullptr;
  }
  reader.set_what(absl::StrCat("transformation ", text::Quoted(type)));

  auto step = std::make_unique<Step>();
  step->id_ = reader.String("id").value_or("");
  step->place_ = absl::StrCat(file->source->path(), ":", node.range.start.line);
  step->rule_conditions_ = ConditionGroup::Parse(ConditionSide::kRule, &reader);
  step->item_conditions_ =
      ConditionGroup::Parse(ConditionSide::kDetectionItem, &reader);
  step->field_conditions_ =
      ConditionGroup::Parse(ConditionSide::kFieldName, &reader);
  if (kind->scope == TransformationKind::kRule) {
    if (!step->item_conditions_.empty()) {
      WarnOfIdleConditions("detection_item_conditions", &reader);
    }
    if (!step->field_conditions_.empty()) {
      WarnOfIdleConditions("field_name_conditions", &reader);
    }
  }
  step->transformation_ = kind->parse(&reader, file);
  reader.ReportUnknownKeys();
  if (reporter->errors() > errors) return nullptr;
  return step;
}

bool Step::Apply(std::string_view pipeline, const Variables& variables,
                 RuleState* state) const {
  if (!rule_conditions_.Holds({.rule = state})) return true;
  if (!id_.empty()) state->applied.insert(id_);
  return transformation_->Apply({.variables = &variables,
                                 .item_conditions = &item_conditions_,
                                 .field_conditions = &field_conditions_,
                                 .id = id_,
                                 .pipeline = pipeline,
                                 .place = place_},
                                state);
}

std::vector<std::unique_ptr<Step>> ParseSteps(const text::YamlNode& node,
                                              PipelineFile* file,
                                              text::Reporter* reporter) {
  std::vector<std::unique_ptr<Step>> steps;
  if (!node.is_sequence()) {
    reporter->Error("T063", node.range, "expected a list of transformations");
    return steps;
  }
  for (const text::YamlNode& item : node.items) {
    if (file->steps_left == 0) {
      reporter->Error("T071", item.range,
                      "the pipeline has too many transformations",
                      "join mappings, or split the pipeline in two");
      break;
    }
    --file->steps_left;
    std::unique_ptr<Step> step = Step::Parse(item, file, reporter);
    if (step != nullptr) steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace tocsin::sigma
