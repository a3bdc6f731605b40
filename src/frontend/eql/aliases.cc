#include "src/frontend/eql/aliases.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"

namespace tocsin::eql {

using ir::Expression;

namespace {

// Elements of arrays are no fields of the event.
bool IsElement(const Expression& field) {
  return field.field.parts[0].name.starts_with('$');
}

// What rules in use call steps. As a field it would be one that no event has,
// and the rule silent.
bool LooksLikeAlias(std::string_view name) {
  if (!name.starts_with("event") || name.size() == 5) return false;
  name.remove_prefix(5);
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

void DropName(const std::string& own, Expression* e) {
  if (e->kind == Expression::kField && e->field.parts.size() > 1 &&
      e->field.parts[0].name == own) {
    e->field.parts.erase(e->field.parts.begin());
  }
  for (Expression& child : e->children) DropName(own, &child);
}

}  // namespace

const Aliases::Alias* Aliases::Of(const Expression& field) const {
  if (field.field.parts.size() < 2) return nullptr;
  const std::string& name = field.field.parts[0].name;
  // Of two of the same name the later one counts.
  const auto found =
      std::find_if(aliases_.rbegin(), aliases_.rend(),
                   [&](const Alias& alias) { return alias.alias == name; });
  return found != aliases_.rend() ? &*found : nullptr;
}

bool Aliases::Mentions(const Expression& e) const {
  if (e.kind == Expression::kField) return Of(e) != nullptr;
  return std::any_of(
      e.children.begin(), e.children.end(),
      [this](const Expression& child) { return Mentions(child); });
}

void Aliases::TellUnknown(const Expression& e, text::Reporter* reporter) const {
  if (e.kind == Expression::kField && e.field.parts.size() > 1 &&
      LooksLikeAlias(e.field.parts[0].name) && Of(e) == nullptr) {
    reporter->Error("T404", reporter->source().RangeOf(e.span),
                    "no step before this one is called " +
                        text::Quoted(e.field.parts[0].name),
                    "name a step with `as` behind its bracket");
  }
  for (const Expression& child : e.children) TellUnknown(child, reporter);
}

std::vector<Expression> Aliases::TakeOut(const std::string& own,
                                         Expression* condition,
                                         text::Reporter* reporter) const {
  if (!own.empty()) DropName(own, condition);
  if (allowed_) TellUnknown(*condition, reporter);
  if (!Mentions(*condition)) return {};
  const text::Span span = condition->span;
  std::vector<Expression> parts;
  if (condition->kind == Expression::kAnd) {
    parts = std::move(condition->children);
  } else {
    parts.push_back(std::move(*condition));
  }
  const auto first_taken = std::stable_partition(
      parts.begin(), parts.end(),
      [this](const Expression& part) { return !Mentions(part); });
  std::vector<Expression> taken(std::make_move_iterator(first_taken),
                                std::make_move_iterator(parts.end()));
  parts.erase(first_taken, parts.end());
  if (parts.size() > 1) {
    *condition = Expression::Of(Expression::kAnd, std::move(parts), span);
  } else if (parts.size() == 1) {
    Expression only = std::move(parts[0]);
    *condition = std::move(only);
  } else {
    *condition = Expression::Literal(base::Value::Bool(true), span);
    condition->spelling = "true";
  }
  return taken;
}

void Aliases::NameSteps(uint32_t step, const std::string& name, Expression* e,
                        std::vector<ir::WhereField>* fields) const {
  for (Expression& child : e->children) NameSteps(step, name, &child, fields);
  if (e->kind != Expression::kField || IsElement(*e)) return;
  ir::WhereField asked = {.step = step, .name = ""};
  std::string of_step = name;
  if (const Alias* const alias = Of(*e)) {
    asked.step = alias->step;
    of_step = alias->name;
    e->field.parts.erase(e->field.parts.begin());
  }
  asked.name = e->field.Name();
  e->field.parts.insert(e->field.parts.begin(), {std::move(of_step), {}});
  const bool known = std::any_of(
      fields->begin(), fields->end(), [&](const ir::WhereField& other) {
        return other.step == asked.step && other.name == asked.name;
      });
  if (!known) fields->push_back(std::move(asked));
}

}  // namespace tocsin::eql
