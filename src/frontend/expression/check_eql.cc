// What EQL writes in its own way, brought to what all dialects share.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "absl/strings/match.h"
#include "src/base/string_map.h"
#include "src/base/time_parse.h"
#include "src/frontend/expression/check.h"
#include "src/functions/function.h"

namespace tocsin::expression {

using base::Value;
using base::ValueKind;
using ir::Expression;
using ir::Operator;
using ir::Type;
using text::Span;

namespace {

Expression Null(Span span) {
  Expression made = Expression::Literal(Value::Null(), span);
  made.spelling = "null";
  return made;
}

Expression Compare(Operator op, Expression left, Expression right, Span span) {
  std::vector<Expression> children;
  children.push_back(std::move(left));
  children.push_back(std::move(right));
  Expression made =
      Expression::Of(Expression::kCompare, std::move(children), span);
  made.op = op;
  return made;
}

void Negate(Expression* e) {
  const Span span = e->span;
  std::vector<Expression> child;
  child.push_back(std::move(*e));
  *e = Expression::Of(Expression::kNot, std::move(child), span);
}

bool IsPattern(const Expression& e) {
  return e.kind == Expression::kLiteral && e.value.is_string() &&
         e.value.text.find('*') != std::string::npos;
}

// Of the old dialect, where only `*` is a wildcard.
void SetPatterns(Expression* match) {
  const bool has_mark =
      std::any_of(match->children.begin() + 1, match->children.end(),
                  [](const Expression& e) {
                    return e.value.text.find('?') != std::string::npos;
                  });
  match->op = Operator::kLike;
  if (!has_mark) return;
  match->op = Operator::kRegex;
  for (size_t i = 1; i < match->children.size(); ++i) {
    std::string& text = match->children[i].value.text;
    std::string regex;
    for (std::string_view rest = text; !rest.empty();) {
      const size_t star = std::min(rest.find('*'), rest.size());
      regex += RE2::QuoteMeta({rest.data(), star});
      if (star < rest.size()) regex += ".*";
      rest.remove_prefix(std::min(star + 1, rest.size()));
    }
    text = std::move(regex);
    match->children[i].spelling.clear();
  }
}

}  // namespace

// `where field` of the old dialect: also what is no boolean but an object,
// which cannot be compared with one.
void Checker::MakeCondition(Expression* e) {
  if (e->kind == Expression::kAnd || e->kind == Expression::kOr ||
      e->kind == Expression::kNot) {
    for (Expression& child : e->children) MakeCondition(&child);
  }
  if (e->kind != Expression::kField) return;
  const Span span = e->span;
  Expression is_false =
      Compare(Operator::kEq, *e, Expression::Literal(Value::Bool(false)), span);
  std::vector<Expression> both;
  both.push_back(Compare(Operator::kNe, *e, Null(span), span));
  both.push_back(Compare(Operator::kEq, std::move(is_false), Null(span), span));
  std::vector<Expression> either;
  either.push_back(std::move(*e));
  either.push_back(Expression::Of(Expression::kAnd, std::move(both), span));
  *e = Expression::Of(Expression::kOr, std::move(either), span);
}

void Checker::RewriteEql(Expression* e) {
  for (Expression& child : e->children) RewriteEql(&child);
  switch (e->kind) {
    case Expression::kCall:
      RewriteCall(e);
      return;
    case Expression::kCompare:
      RewriteCompare(e);
      return;
    case Expression::kIn:
      if (dialect_.folds) e->folded = true;
      return;
    default:
      return;
  }
}

// `wildcard` and `match` are operators under other names.
void Checker::RewriteCall(Expression* e) {
  const bool wildcard = absl::EqualsIgnoreCase(e->name, "wildcard");
  const bool match = absl::EqualsIgnoreCase(e->name, "match") ||
                     absl::EqualsIgnoreCase(e->name, "matchLite");
  if (absl::EqualsIgnoreCase(e->name, "safe") && e->children.size() == 1) {
    // What goes wrong is null anyway.
    Expression inner = std::move(e->children[0]);
    *e = std::move(inner);
    return;
  }
  if ((!wildcard && !match) || e->children.size() < 2) return;
  for (size_t i = 1; i < e->children.size(); ++i) {
    const Expression& pattern = e->children[i];
    if (pattern.kind == Expression::kLiteral) continue;
    Error("T335", pattern.span, "a pattern is a text that is written here");
    return;
  }
  e->kind = Expression::kMatch;
  e->op = match ? Operator::kRegex : Operator::kLike;
  if (dialect_.folds) e->folded = true;
  if (wildcard && dialect_.is_endgame()) SetPatterns(e);
  e->name.clear();
}

void Checker::RewriteCompare(Expression* e) {
  if (dialect_.folds) e->folded = true;
  if (e->op != Operator::kEq && e->op != Operator::kNe) return;
  Expression& left = e->children[0];
  Expression& right = e->children[1];
  if (dialect_.is_endgame() && (IsPattern(left) || IsPattern(right))) {
    // With the pattern behind.
    if (!IsPattern(right)) std::swap(left, right);
    const bool negated = e->op == Operator::kNe;
    e->kind = Expression::kMatch;
    SetPatterns(e);
    if (negated) Negate(e);
    return;
  }
  // Two fields that no index maps are null both, and null == null.
  const bool optional = left.kind == Expression::kField &&
                        right.kind == Expression::kField &&
                        left.field.optional && right.field.optional;
  if (!optional) return;
  const Span span = e->span;
  const bool negated = e->op == Operator::kNe;
  std::vector<Expression> both;
  both.push_back(Compare(Operator::kEq, left, Null(span), span));
  both.push_back(Compare(Operator::kEq, right, Null(span), span));
  std::vector<Expression> either;
  e->op = Operator::kEq;
  either.push_back(std::move(*e));
  either.push_back(Expression::Of(Expression::kAnd, std::move(both), span));
  *e = Expression::Of(Expression::kOr, std::move(either), span);
  if (negated) Negate(e);
}

void Checker::TypeField(Expression* e) {
  std::string name = e->field.Name();
  const std::string& first = e->field.parts[0].name;
  const bool of_step =
      steps_allowed_ && e->field.parts.size() > 1 && scope_.IsStep(first);
  if (of_step) name.erase(0, first.size() + 1);
  const FieldTraits traits = dialect_.TraitsOf(name);
  e->type = traits.type;
  e->value = traits.null_value;
}

// What is compared with a time is one, and what with a version is read so that
// it sorts as versions do.
void Checker::ReadTimes(Expression* e) {
  const auto is_field = [](const Expression& operand) {
    return operand.kind == Expression::kField;
  };
  const auto field =
      std::find_if(e->children.begin(), e->children.end(), is_field);
  if (field == e->children.end()) return;
  if (field->type == Type::kTime) {
    for (Expression& child : e->children) {
      if (child.kind != Expression::kLiteral) continue;
      Value& value = child.value;
      if (value.kind == ValueKind::kInt) {
        value = Value::Time(value.int_value * 1'000'000);
      } else if (value.is_string()) {
        std::optional<int64_t> time = base::TimeOf(value);
        if (!time)
          time = base::TimeOf(Value::String(value.text + "T00:00:00Z"));
        if (time) value = Value::Time(*time);
      }
      child.type = Type::kTime;
    }
    return;
  }
  if (dialect_.TraitsOf(field->field.Name()).text != FieldTraits::kVersion) {
    return;
  }
  for (Expression& child : e->children) {
    const Span span = child.span;
    std::vector<Expression> argument;
    argument.push_back(std::move(child));
    child = Expression::Of(Expression::kCall, std::move(argument), span);
    child.name = "versionKey";
    child.type = Type::kString;
  }
}

}  // namespace tocsin::expression
