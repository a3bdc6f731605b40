#include "src/frontend/sigma/item_transformation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/condition.h"
#include "src/frontend/sigma/wild_text.h"

namespace tocsin::sigma {
namespace {

using base::ToAbsl;

using Alternatives = std::vector<std::vector<Item>>;

// A rough size of what a copy of `item` takes.
size_t SizeOf(const Item& item) {
  size_t size = sizeof(Item);
  for (const std::string& field : item.fields) {
    size += sizeof(std::string) + field.size();
  }
  for (const Value& value : item.values) {
    size += sizeof(Value) + value.text.size();
  }
  return size;
}

size_t SizeOf(const std::vector<Item>& items) {
  size_t size = sizeof(items);
  for (const Item& item : items) size += SizeOf(item);
  return size;
}

// Makes `left` every pair of an alternative of it with one of `right`. False
// once the budget is gone.
bool Multiply(Alternatives* left, Alternatives right, RuleState* state) {
  if (right.size() == 1) {
    for (size_t i = 0; i < left->size(); ++i) {
      std::vector<Item>& to = (*left)[i];
      if (i + 1 == left->size()) {
        std::move(right[0].begin(), right[0].end(), std::back_inserter(to));
        break;
      }
      if (!state->Spend(SizeOf(right[0]))) return false;
      to.insert(to.end(), right[0].begin(), right[0].end());
    }
    return true;
  }
  Alternatives product;
  for (const std::vector<Item>& a : *left) {
    for (const std::vector<Item>& b : right) {
      if (!state->Spend(SizeOf(a) + SizeOf(b))) return false;
      std::vector<Item>& both = product.emplace_back(a);
      both.insert(both.end(), b.begin(), b.end());
    }
  }
  *left = std::move(product);
  return true;
}

// Records that `field` has become `names`. False once the budget is gone.
bool Track(const StepContext& step, const std::string& field,
           const std::vector<std::string>& names, RuleState* state) {
  base::StringSet applied;
  if (const auto found = state->applied_to_field.find(field);
      found != state->applied_to_field.end()) {
    applied = found->second;
  }
  if (!step.id.empty()) applied.insert(std::string(step.id));
  size_t cost = 8 * sizeof(std::string);  // It is kept in several tables.
  for (const std::string& id : applied) cost += sizeof(std::string) + id.size();
  for (const std::string& name : names) {
    if (!state->Spend(cost + name.size())) return false;
    state->mapped_fields.insert(name);
    state->applied_to_field[name].insert(applied.begin(), applied.end());
  }
  return true;
}

void Mark(const StepContext& step, Item* item) {
  if (step.id.empty() || std::find(item->applied.begin(), item->applied.end(),
                                   step.id) != item->applied.end()) {
    return;
  }
  item->applied.emplace_back(step.id);
}

// `text`, which is `condition` in words, ready to stand next to an operator.
std::string Grouped(const Condition& condition, const std::string& text) {
  const bool loose =
      condition.kind == Condition::kAnd || condition.kind == Condition::kOr;
  return loose ? absl::StrCat("(", text, ")") : text;
}

// A condition without the names of selections that are gone: nullopt if
// nothing is left of it.
std::optional<std::string> WithoutRemoved(const Condition& condition,
                                          const Detection& detection) {
  auto exists = [&](auto selects) {
    return std::any_of(detection.selections.begin(), detection.selections.end(),
                       selects);
  };
  switch (condition.kind) {
    case Condition::kName:
      if (!exists(
              [&](const Selection& s) { return s.name == condition.name; })) {
        return std::nullopt;
      }
      return condition.name;
    case Condition::kOneOf:
    case Condition::kAllOf:
      if (!exists([&](const Selection& s) {
            return PatternSelects(condition.name, s.name);
          })) {
        return std::nullopt;
      }
      return absl::StrCat(
          condition.kind == Condition::kOneOf ? "1 of " : "all of ",
          condition.name == "*" ? "them" : condition.name);
    case Condition::kNot: {
      const std::optional<std::string> child =
          WithoutRemoved(condition.children.front(), detection);
      if (!child.has_value()) return std::nullopt;
      return absl::StrCat("not ", Grouped(condition.children.front(), *child));
    }
    case Condition::kAnd:
    case Condition::kOr:
      break;
  }
  std::string text;
  for (const Condition& child : condition.children) {
    const std::optional<std::string> part = WithoutRemoved(child, detection);
    if (!part.has_value()) continue;
    if (!text.empty()) {
      text += condition.kind == Condition::kAnd ? " and " : " or ";
    }
    text += Grouped(child, *part);
  }
  if (text.empty()) return std::nullopt;
  return text;
}

// Takes selections without alternatives out of `detection` and its
// conditions. False if a condition cannot be read, which is reported.
bool RemoveEmptySelections(Detection* detection, text::Reporter* reporter) {
  std::erase_if(detection->selections, [](const Selection& selection) {
    return selection.alternatives.empty();
  });
  std::vector<std::pair<std::string, text::Range>> conditions;
  for (const auto& [text, range] : detection->conditions) {
    const std::optional<Condition> condition =
        ParseCondition(text, range, reporter);
    if (!condition.has_value()) return false;
    std::optional<std::string> left = WithoutRemoved(*condition, *detection);
    if (left.has_value()) conditions.emplace_back(*std::move(left), range);
  }
  detection->conditions = std::move(conditions);
  return true;
}

}  // namespace

bool FieldHolds(const StepContext& step, const RuleState& state,
                const Item* item, const std::string* field) {
  return step.field_conditions->Holds(
      {.rule = &state, .item = item, .field = field});
}

void ReportTooLarge(const StepContext& step, text::Range range,
                    text::Reporter* reporter) {
  reporter->Error(
      "T071", range,
      absl::StrCat("the pipeline ", text::Quoted(step.pipeline),
                   " makes the rule too large"),
      absl::StrCat("the last transformation was the one at ", step.place));
}

void ReportRefused(const StepContext& step, text::Range range,
                   const std::string& why, text::Reporter* reporter) {
  reporter->Error(
      "T069", range,
      absl::StrCat("the pipeline ", text::Quoted(step.pipeline),
                   " refuses the rule: ", why),
      absl::StrCat("the transformation that does so is at ", step.place));
}

bool ItemTransformation::Apply(const StepContext& step,
                               RuleState* state) const {
  Document& rule = *state->rule;
  if (!ApplyToDetection(step, state, &rule.detection)) return false;
  if (rule.detection.conditions.empty()) {
    state->reporter->Error(
        "T076", rule.logsource_range,
        absl::StrCat("the pipeline ", text::Quoted(step.pipeline),
                     " drops everything that the rule tests"),
        absl::StrCat("narrow the transformation at ", step.place,
                     " with conditions on items or field names"));
    return false;
  }
  for (Detection& added : rule.added) {
    if (!ApplyToDetection(step, state, &added)) return false;
  }
  std::erase_if(rule.added, [](const Detection& added) {
    return added.conditions.empty();
  });
  return true;
}

bool ItemTransformation::ApplyToDetection(const StepContext& step,
                                          RuleState* state,
                                          Detection* detection) const {
  text::Reporter reporter = state->reporter->ForSource(
      detection->source != nullptr ? *detection->source
                                   : state->reporter->source());
  bool emptied = false;
  for (Selection& selection : detection->selections) {
    Alternatives kept;
    for (std::vector<Item>& items : selection.alternatives) {
      Alternatives built(1);
      bool dropped = false;
      for (Item& item : items) {
        ItemResult result = Transform(step, state, &reporter, &item);
        switch (result.outcome) {
          case ItemResult::kFailed:
            return false;
          case ItemResult::kDropped:
            dropped = true;
            continue;
          case ItemResult::kReplaced:
            break;
          case ItemResult::kChanged:
          case ItemResult::kUnchanged:
            result.alternatives.resize(1);
            result.alternatives[0].push_back(std::move(item));
            break;
        }
        if (!Multiply(&built, std::move(result.alternatives), state)) {
          ReportTooLarge(step, item.range, &reporter);
          return false;
        }
      }
      if (dropped && built[0].empty()) continue;
      std::move(built.begin(), built.end(), std::back_inserter(kept));
    }
    emptied |= kept.empty() && !selection.alternatives.empty();
    selection.alternatives = std::move(kept);
  }
  return !emptied || RemoveEmptySelections(detection, &reporter);
}

ItemResult ItemTransformation::Transform(const StepContext& step,
                                         RuleState* state,
                                         text::Reporter* reporter,
                                         Item* item) const {
  if (!step.item_conditions->Holds({.rule = state, .item = item})) return {};

  std::vector<std::string> matching;
  std::vector<std::string> others;
  for (const std::string& field : item->fields) {
    (FieldHolds(step, *state, item, &field) ? matching : others)
        .push_back(field);
  }
  bool holds = item->fields.empty() ? FieldHolds(step, *state, item, nullptr)
                                    : !matching.empty();
  if (!holds && HasModifier(*item, "fieldref")) {
    holds = std::any_of(item->values.begin(), item->values.end(),
                        [&](const Value& value) {
                          return FieldHolds(step, *state, nullptr, &value.text);
                        });
  }
  if (!holds) return {};

  const bool split = splits_fields() && !matching.empty() && !others.empty();
  Item rest;
  if (split) {
    if (!state->Spend(SizeOf(*item))) {
      ReportTooLarge(step, item->range, reporter);
      return {.outcome = ItemResult::kFailed, .alternatives = {}};
    }
    rest = *item;
    rest.fields = std::move(others);
    item->fields = std::move(matching);
  }
  ItemResult result = ApplyToItem(step, state, reporter, item);
  if (result.outcome == ItemResult::kChanged) Mark(step, item);
  for (std::vector<Item>& items : result.alternatives) {
    for (Item& made : items) Mark(step, &made);
  }
  if (!split || result.outcome == ItemResult::kFailed) return result;

  // Any field may hold: OR. Under `neq` none may: AND.
  if (result.outcome == ItemResult::kDropped) {
    result.alternatives = {{std::move(rest)}};
  } else {
    if (result.outcome != ItemResult::kReplaced) {
      result.alternatives = {{*item}};
    }
    if (!HasModifier(rest, "neq")) {
      result.alternatives.push_back({std::move(rest)});
    } else if (!Multiply(&result.alternatives, {{std::move(rest)}}, state)) {
      ReportTooLarge(step, item->range, reporter);
      return {.outcome = ItemResult::kFailed, .alternatives = {}};
    }
  }
  result.outcome = ItemResult::kReplaced;
  return result;
}

bool FieldTransformation::Apply(const StepContext& step,
                                RuleState* state) const {
  std::vector<std::string> fields;
  for (std::string& field : state->rule->info.fields) {
    std::optional<std::vector<std::string>> names;
    if (FieldHolds(step, *state, nullptr, &field)) names = Rename(field);
    if (!names.has_value()) {
      fields.push_back(std::move(field));
      continue;
    }
    if (!Track(step, field, *names, state)) {
      ReportTooLarge(step, state->rule->logsource_range, state->reporter);
      return false;
    }
    std::move(names->begin(), names->end(), std::back_inserter(fields));
  }
  state->rule->info.fields = std::move(fields);
  return ItemTransformation::Apply(step, state);
}

ItemResult FieldTransformation::ApplyToItem(const StepContext& step,
                                            RuleState* state,
                                            text::Reporter* reporter,
                                            Item* item) const {
  bool changed = false;
  bool too_large = false;
  if (HasModifier(*item, "fieldref")) {
    std::vector<Value> values;
    for (const Value& value : item->values) {
      std::optional<std::vector<std::string>> names;
      if (FieldHolds(step, *state, nullptr, &value.text)) {
        names = Rename(value.text);
      }
      if (!names.has_value()) {
        values.push_back(value);
        continue;
      }
      changed = true;
      too_large = too_large || !Track(step, value.text, *names, state);
      if (too_large) break;
      for (std::string& name : *names) {
        values.push_back(value);
        values.back().text = std::move(name);
      }
    }
    item->values = std::move(values);
  }
  if (item->fields.empty()) {
    item->fields = keyword_fields();
    if (!item->fields.empty()) {
      changed = true;
      // Keywords are parts of a text; they stay so in the field.
      if (HoldsStrings(*item) && !HasModifier(*item, "contains")) {
        item->modifiers.push_back(Modifier{"contains", item->range});
      }
    }
  } else {
    std::vector<std::string> fields;
    base::StringSet seen;
    for (const std::string& field : item->fields) {
      std::optional<std::vector<std::string>> names;
      if (FieldHolds(step, *state, item, &field)) names = Rename(field);
      if (!names.has_value()) {
        names = {field};
      } else {
        changed = true;
        too_large = too_large || !Track(step, field, *names, state);
        if (too_large) break;
      }
      for (std::string& name : *names) {
        if (seen.insert(name).second) fields.push_back(std::move(name));
      }
    }
    item->fields = std::move(fields);
  }
  if (too_large) {
    ReportTooLarge(step, item->range, reporter);
    return {.outcome = ItemResult::kFailed, .alternatives = {}};
  }
  return {.outcome = changed ? ItemResult::kChanged : ItemResult::kUnchanged,
          .alternatives = {}};
}

}  // namespace tocsin::sigma
