// Windows and keys of `when`, and the condition behind them.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {

using text::Quoted;

void RuleCompiler::LowerWindow() {
  const Window& from = *when_->window;
  ir::Window& window = correlation_.window;
  window.span = ToDuration(from.span_of_time);
  switch (from.kind) {
    case Window::kWithin:
      window.kind = base::WindowKind::kSliding;
      break;
    case Window::kPer:
      window.kind = base::WindowKind::kTumbling;
      if (from.second) window.offset = ToDuration(*from.second);
      break;
    case Window::kIdle:
      window.kind = base::WindowKind::kSession;
      if (from.second) window.longest = ToDuration(*from.second);
      break;
  }
  bool has_reach = false;
  for (const Word& flag : from.flags) {
    if (flag.text == "half_open") {
      window.half_open = true;
      continue;
    }
    const base::WindowReach reach =
        flag.text == "after"    ? base::WindowReach::kAfter
        : flag.text == "around" ? base::WindowReach::kAround
                                : base::WindowReach::kBefore;
    if (when_->pattern.kind != Pattern::kWith) {
      Error("T300", flag.span, absl::StrCat("`", flag.text, "` is for `with`"),
            "here the form of the pattern says where its window lies");
    } else if (has_reach) {
      Error("T300", flag.span,
            "a window is `before`, `after` or `around`, one of them");
    }
    has_reach = true;
    window.reach = reach;
  }
}

void RuleCompiler::LowerGroup() {
  if (!when_->by) {
    const uint32_t at = when_->pattern.span.end;
    Warning("T348", {at, at}, "without `by` all events are one group",
            "name what they have in common: `by user.name`; one group cannot "
            "be shared out among engines");
    return;
  }
  correlation_.group.any_of = when_->by->any_of;
  for (const std::vector<Expression>& names : when_->by->keys) {
    LowerKey(names);
  }
  if (when_->by->each_of) LowerEachOf(*when_->by);
}

// What keys and measures call a value: a field by its name, what is worked out
// by its expression. nullopt: it cannot be had, which was told.
std::optional<std::string> RuleCompiler::FieldName(const Expression& of) {
  if (of.kind == Expression::kField && !of.field.has_index()) {
    return of.field.Name();
  }
  Expression checked = of;
  expression::Checker checker(scope_, &reporter_);
  if (!checker.CheckValue(&checked)) {
    ++errors_;
    return std::nullopt;
  }
  if (checked.kind == Expression::kLiteral) {
    Error("T335", of.span, "this is the same for all events",
          "name a field, or work something out of one");
    return std::nullopt;
  }
  // Bare, so that equal ones are the same field.
  const auto bare = [](const auto& self, Expression* e) -> void {
    if (!e->value.is_null()) e->spelling.clear();
    e->span = {};
    e->name_span = {};
    for (Expression& child : e->children) self(self, &child);
  };
  bare(bare, &checked);
  std::string name = ir::Print(checked);
  const bool known = std::any_of(
      correlation_.computed.begin(), correlation_.computed.end(),
      [&](const ir::ComputedField& field) { return field.name == name; });
  if (!known) {
    correlation_.computed.push_back(
        {name, std::make_shared<const Expression>(std::move(checked))});
  }
  return name;
}

// `user.name`, or `a.user.name = b.user.target.name`.
void RuleCompiler::LowerKey(const std::vector<Expression>& names) {
  ir::KeyPart part;
  part.fields.resize(correlation_.steps.size());
  std::vector<std::string> shared;
  for (const Expression& name : names) {
    if (name.kind != Expression::kField) {
      const std::optional<std::string> computed = FieldName(name);
      if (!computed) return;
      shared.push_back(*computed);
      if (part.name.empty()) part.name = *computed;
      continue;
    }
    part.missing_is_value = part.missing_is_value || name.field.optional;
    const std::string& first = name.field.parts[0].name;
    const auto step =
        std::find_if(correlation_.steps.begin(), correlation_.steps.end(),
                     [&](const ir::Step& s) { return s.name == first; });
    const bool of_step =
        step != correlation_.steps.end() && name.field.parts.size() > 1;
    Expression field = name;
    field.field.optional = false;
    if (of_step) field.field.parts.erase(field.field.parts.begin());
    const std::optional<std::string> own = FieldName(field);
    if (!own) return;
    if (of_step) {
      part.fields[static_cast<size_t>(step - correlation_.steps.begin())]
          .push_back(*own);
    } else {
      shared.push_back(*own);
    }
    if (part.name.empty()) part.name = *own;
  }
  for (size_t i = 0; i < part.fields.size(); ++i) {
    if (part.fields[i].empty()) part.fields[i] = shared;
    const std::string& step_name = correlation_.steps[i].name;
    if (part.fields[i].empty()) {
      Error("T319", names[0].span,
            "which field of step " + Quoted(step_name) + " is this key?",
            absl::StrCat("name it: `", Written(names[0].span), " = ", step_name,
                         ".field`"));
      return;
    }
    for (const RuleStep& step : steps_) {
      if (step.name != step_name || step.resolved.fields.empty()) continue;
      const std::vector<std::string>& has = step.resolved.fields;
      for (const std::string& field : part.fields[i]) {
        if (std::find(has.begin(), has.end(), field) != has.end()) continue;
        const auto other = std::find_if(
            correlation_.steps.begin(), correlation_.steps.end(),
            [&](const ir::Step& s) { return s.name != step_name; });
        const std::string first =
            other == correlation_.steps.end() ? "other" : other->name;
        Warning("T327", names[0].span,
                absl::StrCat("the source of step `", step_name,
                             "` has no field `", field, "`"),
                absl::StrCat("alias it, for instance `by ", first, ".", field,
                             " = ", step_name, ".", has[0], "`"));
      }
    }
  }
  correlation_.group.parts.push_back(std::move(part));
}

void RuleCompiler::LowerEachOf(const By& by) {
  const TocList* const list = module_.FindList(by.each_of->text);
  if (list == nullptr) {
    Error("T307", by.each_of->span,
          "no list is called " + Quoted(by.each_of->text),
          module_.SuggestList(by.each_of->text));
    return;
  }
  if (correlation_.window.kind != base::WindowKind::kTumbling) {
    Error("T300", by.each_of->span, "`each of` a list is for `per`",
          "fixed windows see silence: `per 10m`; others begin with an event");
    return;
  }
  if (by.any_of) {
    Error("T300", by.each_of->span, "`each of` a list is not for `any of`",
          "a group there is of one key or another, and a list of all of them");
    return;
  }
  if (!list->values.usable) {
    Error("T339", by.each_of->span,
          "list " + Quoted(list->values.name) + " is not loaded",
          "mend what is wrong with it");
    return;
  }
  const base::ListRows& rows = *list->values.rows;
  if (rows.columns.size() < by.keys.size()) {
    Error("T339", by.each_of->span,
          absl::StrCat("list ", base::ToAbsl(Quoted(list->values.name)),
                       " has fewer columns than there are keys"),
          "its first columns are the keys, in their order");
    return;
  }
  for (const std::vector<base::Value>& row : rows.rows) {
    std::vector<std::string> key;
    for (size_t i = 0; i < by.keys.size(); ++i) {
      const std::optional<std::string> text = base::TextOf(row[i]);
      if (text) key.push_back(*text);
    }
    // An empty cell names no group.
    if (key.size() < by.keys.size()) continue;
    correlation_.group.expected.push_back(std::move(key));
  }
}

// Steps whose events a pattern never has when it is true.
bool RuleCompiler::IsAbsent(ir::StepIndex step) const {
  const ir::Pattern& pattern = correlation_.pattern;
  if (pattern.kind != ir::Pattern::kChain) return false;
  return std::none_of(
      pattern.legs.begin(), pattern.legs.end(), [&](const ir::Leg& leg) {
        return !leg.negated && std::find(leg.steps.begin(), leg.steps.end(),
                                         step) != leg.steps.end();
      });
}

// Collects what a condition asks of steps. `inner`: names that stand for
// elements of arrays.
void RuleCompiler::CollectWhereFields(const Expression& e, bool is_checked,
                                      std::vector<std::string>* inner) {
  const bool names_element = e.kind == Expression::kSome ||
                             e.kind == Expression::kEvery ||
                             e.kind == Expression::kCountOf;
  if (names_element) {
    CollectWhereFields(e.children[0], is_checked, inner);
    inner->push_back(e.name);
    CollectWhereFields(e.children[1], is_checked, inner);
    inner->pop_back();
    return;
  }
  if (e.kind == Expression::kField) {
    AddWhereField(e, is_checked, *inner);
    return;
  }
  for (const Expression& child : e.children) {
    CollectWhereFields(child, is_checked, inner);
  }
}

void RuleCompiler::AddWhereField(const Expression& e, bool is_checked,
                                 const std::vector<std::string>& inner) {
  const std::vector<ir::FieldPart>& parts = e.field.parts;
  const std::string& first = parts[0].name;
  if (std::find(inner.begin(), inner.end(), first) != inner.end()) return;
  const std::vector<ir::Step>& steps = correlation_.steps;
  const auto step =
      std::find_if(steps.begin(), steps.end(),
                   [&](const ir::Step& s) { return s.name == first; });
  if (step == steps.end()) {
    if (scope_.FindList(first) != nullptr) return;
    const auto imported = std::find_if(
        steps.begin(), steps.end(),
        [&](const ir::Step& s) { return s.name.starts_with(first + "."); });
    std::string help;
    if (imported != steps.end()) {
      const std::string own = imported->name.substr(first.size() + 1);
      help = absl::StrCat("give the step a name of its own: `", own, " = ",
                          imported->name, "`, and write `", own, ".field`");
    } else if (!steps.empty()) {
      help =
          absl::StrCat("write `", steps[0].name, ".", ir::Print(e.field), "`");
    }
    Error("T319", e.span,
          absl::StrCat("which step's `", ir::Print(e.field), "`?"),
          std::move(help));
    return;
  }
  if (parts.size() == 1) {  // Functions may ask for a step as a whole.
    if (!is_checked) return;
    Error("T319", e.span, absl::StrCat("which field of step `", first, "`?"),
          absl::StrCat("write `", first, ".source.ip`"));
    return;
  }
  const auto index = static_cast<ir::StepIndex>(step - steps.begin());
  if (IsAbsent(index)) {
    Error("T319", e.span,
          absl::StrCat("there is no event of `", first,
                       "` when this is true, so it has no fields"),
          "ask for it in the step itself, or as a part of `by`");
    return;
  }
  // Of an array its elements are looked for in the whole of it.
  std::string name;
  for (size_t i = 1; i < parts.size(); ++i) {
    if (i > 1) name += '.';
    name += parts[i].name;
    if (!parts[i].indexes.empty()) break;
  }
  const auto& known = correlation_.where_fields;
  const bool is_known =
      std::any_of(known.begin(), known.end(), [&](const ir::WhereField& f) {
        return f.step == index && f.name == name;
      });
  if (!is_known) correlation_.where_fields.push_back({index, std::move(name)});
}

// The condition behind `by`, on the events that were chosen for the steps.
void RuleCompiler::LowerWhere() {
  if (!when_->where) return;
  Expression where = *when_->where;
  // Before it is checked, so that what is wrong is told as it was written; and
  // again for what functions and macros ask of steps.
  const int before = errors_;
  std::vector<std::string> inner;
  CollectWhereFields(where, false, &inner);
  if (errors_ > before) return;
  expression::Checker checker(scope_, &reporter_);
  checker.set_steps_allowed(true);
  if (!checker.CheckCondition(&where)) {
    ++errors_;
    return;
  }
  correlation_.where_fields.clear();
  CollectWhereFields(where, true, &inner);
  where_ = expression::LowerTrue(where, module_.source());
}

}  // namespace tocsin::toc
