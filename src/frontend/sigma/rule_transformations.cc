// Transformations of a rule as a whole.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/detection_check.h"
#include "src/frontend/sigma/item_transformation.h"
#include "src/frontend/sigma/parse.h"
#include "src/frontend/sigma/transformation_kinds.h"

namespace tocsin::sigma {
namespace {

// Where a rule as a whole is complained about: at its log source.
text::Range PlaceOf(const Document& rule) {
  if (rule.logsource_range.start.line > 0) return rule.logsource_range;
  return {.start = {.line = rule.info.line, .column = 1}, .length = 0};
}

class AddCondition : public Transformation {
 public:
  AddCondition(Detection detection, bool is_template)
      : detection_(std::move(detection)), is_template_(is_template) {}

  bool Apply(const StepContext& step, RuleState* state) const override {
    Document& rule = *state->rule;
    Detection added = detection_;
    size_t size = sizeof(Detection);
    for (Selection& selection : added.selections) {
      for (std::vector<Item>& items : selection.alternatives) {
        for (Item& item : items) {
          if (!step.id.empty()) item.applied.emplace_back(step.id);
          size += sizeof(Item);
          for (Value& value : item.values) {
            if (is_template_) Fill(rule.info.log_source, &value);
            size += sizeof(Value) + value.text.size();
          }
        }
      }
    }
    if (!state->Spend(size)) {
      ReportTooLarge(step, PlaceOf(rule), state->reporter);
      return false;
    }
    rule.added.push_back(std::move(added));
    return true;
  }

 private:
  static void Fill(const LogSource& log_source, Value* value) {
    if (value->kind != Value::kString) return;
    value->text =
        absl::StrReplaceAll(value->text, {{"$$", "$"},
                                          {"$category", log_source.category},
                                          {"${category}", log_source.category},
                                          {"$product", log_source.product},
                                          {"${product}", log_source.product},
                                          {"$service", log_source.service},
                                          {"${service}", log_source.service}});
  }

  Detection detection_;
  bool is_template_;
};

class ChangeLogsource : public Transformation {
 public:
  explicit ChangeLogsource(LogSource log_source)
      : log_source_(std::move(log_source)) {}

  bool Apply(const StepContext&, RuleState* state) const override {
    state->rule->info.log_source = log_source_;
    state->rule->product_range = {};
    state->rule->category_range = {};
    state->rule->service_range = {};
    return true;
  }

 private:
  LogSource log_source_;
};

// Changes the rule's list of fields.
class ChangeFields : public Transformation {
 public:
  enum Action { kAdd, kRemove, kSet };

  ChangeFields(Action action, std::vector<std::string> names)
      : action_(action), names_(std::move(names)) {}

  bool Apply(const StepContext& step, RuleState* state) const override {
    std::vector<std::string>& fields = state->rule->info.fields;
    if (action_ == kRemove) {
      std::erase_if(fields, [this](const std::string& field) {
        return std::find(names_.begin(), names_.end(), field) != names_.end();
      });
      return true;
    }
    if (action_ == kSet) fields.clear();
    for (const std::string& name : names_) {
      if (!state->Spend(sizeof(std::string) + name.size())) {
        ReportTooLarge(step, PlaceOf(*state->rule), state->reporter);
        return false;
      }
      fields.push_back(name);
    }
    return true;
  }

 private:
  Action action_;
  std::vector<std::string> names_;
};

class SetState : public Transformation {
 public:
  SetState(std::string key, Value value)
      : key_(std::move(key)), value_(std::move(value)) {}

  bool Apply(const StepContext&, RuleState* state) const override {
    state->state[key_] = value_;
    return true;
  }

 private:
  std::string key_;
  Value value_;
};

class SetCustomAttribute : public Transformation {
 public:
  SetCustomAttribute(std::string name, Value value)
      : name_(std::move(name)), value_(std::move(value)) {}

  bool Apply(const StepContext&, RuleState* state) const override {
    state->attributes[name_] = value_;
    return true;
  }

 private:
  std::string name_;
  Value value_;
};

class RuleFailure : public Transformation {
 public:
  explicit RuleFailure(std::string message) : message_(std::move(message)) {}

  bool Apply(const StepContext& step, RuleState* state) const override {
    ReportRefused(step, PlaceOf(*state->rule), message_, state->reporter);
    return false;
  }

 private:
  std::string message_;
};

class StrictFieldMappingFailure : public Transformation {
 public:
  bool Apply(const StepContext& step, RuleState* state) const override {
    std::vector<std::string> unmapped;
    const text::Range* first = nullptr;
    auto look_at = [&](const Detection& detection) {
      for (const Selection& selection : detection.selections) {
        for (const std::vector<Item>& items : selection.alternatives) {
          for (const Item& item : items) {
            for (const std::string& field : item.fields) {
              if (state->mapped_fields.contains(field)) continue;
              if (std::find(unmapped.begin(), unmapped.end(), field) ==
                  unmapped.end()) {
                unmapped.push_back(field);
              }
              if (first == nullptr && detection.source == nullptr) {
                first = &item.range;
              }
            }
          }
        }
      }
    };
    look_at(state->rule->detection);
    for (const Detection& added : state->rule->added) look_at(added);
    if (unmapped.empty()) return true;
    ReportRefused(
        step, first != nullptr ? *first : PlaceOf(*state->rule),
        absl::StrCat("no mapping for ", absl::StrJoin(unmapped, ", ")),
        state->reporter);
    return false;
  }
};

class Nest : public Transformation {
 public:
  explicit Nest(std::vector<std::unique_ptr<Step>> steps)
      : steps_(std::move(steps)) {}

  bool Apply(const StepContext& step, RuleState* state) const override {
    return std::all_of(steps_.begin(), steps_.end(), [&](const auto& inner) {
      return inner->Apply(step.pipeline, *step.variables, state);
    });
  }

 private:
  std::vector<std::unique_ptr<Step>> steps_;
};

bool IsSelectionName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  });
}

TransformationPtr ParseChangeFields(ChangeFields::Action action,
                                    std::string_view key, MapReader* reader) {
  return std::make_unique<ChangeFields>(action, reader->RequireStrings(key));
}

}  // namespace

TransformationPtr ParseAddCondition(MapReader* reader, PipelineFile* file) {
  const std::string name = reader->String("name").value_or("_added");
  const bool negated = reader->Bool("negated").value_or(false);
  const bool is_template = reader->Bool("template").value_or(false);
  const text::YamlNode* conditions = reader->RequireNode("conditions");
  if (!IsSelectionName(name)) {
    reader->Error(
        "T063", "name",
        absl::StrCat(text::Quoted(name), " is not a name of a selection"),
        "use letters, digits and `_`");
    return nullptr;
  }
  if (conditions == nullptr) return nullptr;
  if (!conditions->is_mapping()) {
    reader->Error("T063", "conditions",
                  "expected a mapping of fields to values for `conditions` of "
                  "the transformation `add_condition`");
    return nullptr;
  }

  // Read as if it were a selection in the detection of a rule.
  text::YamlNode wrapped;
  wrapped.kind = text::YamlNode::kMapping;
  wrapped.range = conditions->range;
  text::YamlNode key;
  key.value = name;
  key.range = conditions->range;
  wrapped.entries.emplace_back(std::move(key), *conditions);
  Detection detection;
  const int errors = reader->reporter()->errors();
  ParseSelections(wrapped, &detection, reader->reporter());
  if (reader->reporter()->errors() > errors) return nullptr;
  detection.conditions.emplace_back(negated ? absl::StrCat("not ", name) : name,
                                    conditions->range);
  if (!CheckDetection(detection, reader->reporter())) return nullptr;
  detection.source = file->source;
  return std::make_unique<AddCondition>(std::move(detection), is_template);
}

TransformationPtr ParseChangeLogsource(MapReader* reader, PipelineFile*) {
  LogSource log_source;
  log_source.product = reader->String("product").value_or("");
  log_source.category = reader->String("category").value_or("");
  log_source.service = reader->String("service").value_or("");
  if (log_source == LogSource()) {
    reader->Error("T063", "type",
                  "the transformation `change_logsource` needs a `product`, "
                  "`category` or `service`");
  }
  return std::make_unique<ChangeLogsource>(std::move(log_source));
}

TransformationPtr ParseAddField(MapReader* reader, PipelineFile*) {
  return ParseChangeFields(ChangeFields::kAdd, "field", reader);
}

TransformationPtr ParseRemoveField(MapReader* reader, PipelineFile*) {
  return ParseChangeFields(ChangeFields::kRemove, "field", reader);
}

TransformationPtr ParseSetField(MapReader* reader, PipelineFile*) {
  return ParseChangeFields(ChangeFields::kSet, "fields", reader);
}

TransformationPtr ParseSetState(MapReader* reader, PipelineFile*) {
  std::string key = reader->RequireString("key");
  return std::make_unique<SetState>(std::move(key),
                                    reader->RequireScalar("val"));
}

TransformationPtr ParseSetCustomAttribute(MapReader* reader, PipelineFile*) {
  std::string name = reader->RequireString("attribute");
  return std::make_unique<SetCustomAttribute>(std::move(name),
                                              reader->RequireScalar("value"));
}

TransformationPtr ParseRuleFailure(MapReader* reader, PipelineFile*) {
  return std::make_unique<RuleFailure>(reader->RequireString("message"));
}

TransformationPtr ParseStrictFieldMappingFailure(MapReader*, PipelineFile*) {
  return std::make_unique<StrictFieldMappingFailure>();
}

TransformationPtr ParseNest(MapReader* reader, PipelineFile* file) {
  const text::YamlNode* items = reader->RequireNode("items");
  if (items == nullptr) return nullptr;
  return std::make_unique<Nest>(ParseSteps(*items, file, reader->reporter()));
}

}  // namespace tocsin::sigma
