#include "src/frontend/esql/convert.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/case_fold.h"
#include "src/frontend/esql/parser.h"
#include "src/frontend/expression/field_types.h"
#include "src/frontend/expression/fold.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/kql/dates.h"
#include "src/frontend/kql/lower.h"
#include "src/frontend/lucene/regex.h"
#include "src/functions/function.h"

namespace tocsin::esql {

using base::Value;
using base::ValueKind;
using ir::Expression;
using ir::Operator;
using ir::Type;

namespace {

// Nodes that columns may bring, put in again and again.
constexpr size_t kMaxNodes = 100'000;

size_t CountNodes(const Expression& e) {
  size_t count = 1;
  for (const Expression& child : e.children) count += CountNodes(child);
  return count;
}

bool IsText(const Expression& e) {
  return e.kind == Expression::kLiteral && e.value.is_string();
}

Type TypeOfLiteral(const Value& value) {
  switch (value.kind) {
    case ValueKind::kNull:
      return Type::kNull;
    case ValueKind::kBool:
      return Type::kBool;
    case ValueKind::kInt:
    case ValueKind::kUint:
    case ValueKind::kDouble:
      return Type::kNumber;
    case ValueKind::kDuration:
      return Type::kDuration;
    case ValueKind::kTime:
      return Type::kTime;
    default:
      return Type::kString;
  }
}

// What compares by a text's form only, so that the field itself can be looked
// up: the text of a field is equal to a literal where the field is.
void DropToText(Expression* e) {
  const bool drops = e->kind == Expression::kCall &&
                     (e->name == "string" || e->name == "address") &&
                     e->children.size() == 1 &&
                     e->children[0].kind == Expression::kField &&
                     e->children[0].type != Type::kTime;
  if (!drops) return;
  Expression field = std::move(e->children[0]);
  *e = std::move(field);
}

// `lower(x) == "a"` as `x =~ "a"`.
bool TakeFolding(Expression* e) {
  if (e->kind != Expression::kCall || e->name != "lower") return false;
  Expression inner = std::move(e->children[0]);
  *e = std::move(inner);
  DropToText(e);
  return true;
}

bool AllFolded(const Expression& e, size_t first) {
  for (size_t i = first; i < e.children.size(); ++i) {
    if (!IsText(e.children[i])) return false;
    if (base::Fold(e.children[i].value.text) != e.children[i].value.text) {
      return false;
    }
  }
  return true;
}

// A text beside a time is a time.
void ReadTime(const Expression& operand, Expression* literal) {
  if (operand.type != Type::kTime || !IsText(*literal)) return;
  const std::optional<kql::Date> date = kql::ParseDate(literal->value.text);
  if (!date || date->from_now) return;
  literal->value = Value::Time(date->first);
  literal->type = Type::kTime;
}

// A pattern of LIKE: `*`, `?`, and a backslash before what is itself.
struct LikePattern {
  std::string pattern;  // Without escapes.
  std::string regex;
  bool has_escaped = false;  // A star or question mark that is none.
};
LikePattern ReadLike(std::string_view text) {
  LikePattern out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '*' || text[i] == '?') {
      out.pattern += text[i];
      out.regex += text[i] == '*' ? ".*" : ".";
      continue;
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      out.has_escaped |= text[i] == '*' || text[i] == '?';
    }
    out.pattern += text[i];
    const std::string_view one = text.substr(i, 1);
    // Bytes of a longer character stay together.
    if ((static_cast<unsigned char>(text[i]) & 0x80) != 0) {
      out.regex += one;
    } else {
      out.regex += RE2::QuoteMeta({one.data(), one.size()});
    }
  }
  return out;
}

}  // namespace

Expression MakeCall(std::string name, std::vector<Expression> children,
                    text::Span span) {
  Expression e = Expression::Of(Expression::kCall, std::move(children), span);
  e.name = std::move(name);
  e.name_span = span;
  const functions::Function* const function = functions::FindFunction(e.name);
  if (function != nullptr) e.type = function->result;
  return e;
}

bool IsCall(const Expression& e, std::string_view name) {
  return e.kind == Expression::kCall && e.name == name;
}

Expression MakeText(std::string text) {
  Expression e = Expression::Literal(Value::String(std::move(text)));
  e.type = Type::kString;
  return e;
}

Expression MakeInt(int64_t number) {
  Expression e = Expression::Literal(Value::Int(number));
  e.type = Type::kNumber;
  return e;
}

Expression MakeCompare(Operator op, Expression a, Expression b) {
  std::vector<Expression> children;
  const text::Span span = a.span;
  children.push_back(std::move(a));
  children.push_back(std::move(b));
  Expression e =
      Expression::Of(Expression::kCompare, std::move(children), span);
  e.op = op;
  e.type = Type::kBool;
  return e;
}

Expression MakeIsNull(Operator op, Expression a) {
  Expression null = Expression::Literal({});
  null.spelling = "null";
  return MakeCompare(op, std::move(a), std::move(null));
}

Expression MakeNot(Expression a) {
  std::vector<Expression> child;
  const text::Span span = a.span;
  child.push_back(std::move(a));
  Expression e = Expression::Of(Expression::kNot, std::move(child), span);
  e.type = Type::kBool;
  return e;
}

Type CommonType(const std::vector<Expression>& values) {
  Type common = Type::kNull;
  for (const Expression& value : values) {
    if (value.type == Type::kNull) continue;
    if (common != Type::kNull && common != value.type) return Type::kAny;
    common = value.type;
  }
  return common == Type::kNull ? Type::kAny : common;
}

void Converter::Error(std::string_view code, text::Span span,
                      std::string message, std::string help) {
  ++errors_;
  reporter_.Error(code, reporter_.source().RangeOf(span), std::move(message),
                  std::move(help));
}

bool Converter::Count(const Expression& e, text::Span span) {
  nodes_ += CountNodes(e);
  if (nodes_ <= kMaxNodes) return true;
  Error("T554", span, "columns that are made of each other are too large",
        "name what is used often once, and use less of it");
  return false;
}

bool Converter::Convert(const Columns& columns, Expression* e) {
  const text::Span span = e->span;
  if (!Walk(columns, e)) return false;
  if (DepthOf(*e) <= kMaxDepth) return true;
  Error("T554", span, "columns that are made of each other go too deep");
  return false;
}

bool Converter::Walk(const Columns& columns, Expression* e) {
  switch (e->kind) {
    case Expression::kLiteral:
      e->type = TypeOfLiteral(e->value);
      return true;
    case Expression::kField:
      return ConvertField(columns, e);
    default:
      break;
  }
  if (e->kind == Expression::kCall && e->name.starts_with('$') &&
      e->name != "$match") {
    return true;
  }
  if (!ConvertChildren(columns, e)) return false;
  switch (e->kind) {
    case Expression::kAnd:
    case Expression::kOr:
    case Expression::kNot:
      e->type = Type::kBool;
      return true;
    case Expression::kCompare:
      return ConvertCompare(e);
    case Expression::kMatch:
      return ConvertMatch(e);
    case Expression::kIn:
      return ConvertIn(e);
    case Expression::kArithmetic: {
      const Type a = e->children[0].type;
      const Type b = e->children[1].type;
      e->type = Type::kNumber;
      if (a == Type::kTime || b == Type::kTime) e->type = Type::kTime;
      if (a == Type::kDuration && b == Type::kDuration) {
        e->type = Type::kDuration;
      }
      return true;
    }
    case Expression::kNegate:
      e->type = e->children[0].type;
      return true;
    case Expression::kCall:
      return ConvertCall(e);
    default:
      return true;
  }
}

bool Converter::ConvertChildren(const Columns& columns, Expression* e) {
  for (Expression& child : e->children) {
    if (!Walk(columns, &child)) return false;
  }
  return true;
}

bool Converter::ConvertField(const Columns& columns, Expression* e) {
  const std::string name = e->field.Name();
  if (const Expression* const value = columns.Find(name)) {
    const text::Span span = e->span;
    if (!Count(*value, span)) return false;
    *e = *value;
    return true;
  }
  if (columns.is_closed) {
    Error("T556", e->span,
          "behind STATS there is no column " + text::Quoted(name),
          "only aggregates and what stands behind BY go on");
    return false;
  }
  e->type = expression::TypeOfField(name);
  return true;
}

bool Converter::ConvertCompare(Expression* e) {
  Expression& left = e->children[0];
  Expression& right = e->children[1];
  if (left.is_null() || right.is_null()) {
    e->type = Type::kBool;
    return true;
  }
  ReadTime(left, &right);
  ReadTime(right, &left);
  if (IsText(right)) DropToText(&left);
  if (IsText(left)) DropToText(&right);
  const bool equality = e->op == Operator::kEq || e->op == Operator::kNe;
  if (equality && left.kind == Expression::kCall && left.name == "lower" &&
      AllFolded(*e, 1)) {
    TakeFolding(&left);
    e->folded = true;
  }
  e->type = Type::kBool;
  return true;
}

bool Converter::ConvertMatch(Expression* e) {
  const bool like = e->op == Operator::kLike;
  std::vector<LikePattern> likes;
  bool has_escaped = false;
  for (size_t i = 1; i < e->children.size(); ++i) {
    Expression& pattern = e->children[i];
    if (!IsText(pattern)) {
      Error("T552", pattern.span, "a pattern is a text that is written out");
      return false;
    }
    if (like) {
      likes.push_back(ReadLike(pattern.value.text));
      has_escaped |= likes.back().has_escaped;
      continue;
    }
    lucene::RegexResult regex =
        lucene::TranslateRegex(pattern.value.text, /*operators=*/false);
    if (!regex.problem.empty()) {
      Error("T555", pattern.span, "this regular expression " + regex.problem);
      return false;
    }
    pattern.value.text = std::move(regex.regex);
  }
  for (size_t i = 0; i < likes.size(); ++i) {
    e->children[i + 1].value.text =
        std::move(has_escaped ? likes[i].regex : likes[i].pattern);
  }
  if (has_escaped) e->op = Operator::kRegex;
  DropToText(&e->children[0]);
  const bool folds = like && !has_escaped &&
                     e->children[0].kind == Expression::kCall &&
                     e->children[0].name == "lower" && AllFolded(*e, 1);
  if (folds) {
    TakeFolding(&e->children[0]);
    e->folded = true;
  }
  e->type = Type::kBool;
  return true;
}

bool Converter::ConvertIn(Expression* e) {
  for (size_t i = 1; i < e->children.size(); ++i) {
    ReadTime(e->children[0], &e->children[i]);
  }
  const bool texts =
      std::all_of(e->children.begin() + 1, e->children.end(), IsText);
  if (texts) DropToText(&e->children[0]);
  if (texts && e->children[0].kind == Expression::kCall &&
      e->children[0].name == "lower" && AllFolded(*e, 1)) {
    TakeFolding(&e->children[0]);
    e->folded = true;
  }
  e->type = Type::kBool;
  return true;
}

void Converter::TypeCall(Expression* e) {
  const functions::Function* const function = functions::FindFunction(e->name);
  if (function != nullptr) e->type = function->result;
  std::vector<Expression> values;
  if (e->name == "case") {
    for (size_t i = 1; i < e->children.size(); i += 2) {
      values.push_back(e->children[i]);
    }
    if (e->children.size() % 2 == 1) values.push_back(e->children.back());
    e->type = CommonType(values);
  } else if (e->name == "coalesce" || e->name == "least" ||
             e->name == "greatest" || e->name == "arrayConcat") {
    e->type = CommonType(e->children);
  } else if (e->name == "first" || e->name == "last" || e->name == "arrayMin" ||
             e->name == "arrayMax" || e->name == "arrayUnique" ||
             e->name == "arraySort" || e->name == "arraySlice" ||
             e->name == "arrayIntersect") {
    e->type = e->children[0].type;
  }
}

// --- Lowering.

namespace {

bool IsQuery(const Expression& e) {
  return e.kind == Expression::kCall && e.name == kQuery;
}

// A tree of KQL as an expression: true or false, never null.
Expression OfKql(const kql::Node& node, const kql::FieldTypes& types) {
  switch (node.kind) {
    case kql::Node::kAnd:
    case kql::Node::kOr: {
      std::vector<Expression> children;
      for (const kql::Node& child : node.children) {
        children.push_back(OfKql(child, types));
      }
      return Expression::Of(
          node.kind == kql::Node::kAnd ? Expression::kAnd : Expression::kOr,
          std::move(children));
    }
    case kql::Node::kNot:
      return MakeNot(OfKql(node.children[0], types));
    case kql::Node::kNested:
      return kql::ExpressionLowerer(types).Nested(node);
    case kql::Node::kIs:
    case kql::Node::kRange:
    case kql::Node::kFree: {
      kql::Node test = node;
      if (node.kind == kql::Node::kFree) {
        auto any = std::make_shared<kql::Field>();
        any->name.pieces = {"", ""};
        test.kind = kql::Node::kIs;
        test.field = std::move(any);
        return kql::ExpressionLowerer(types).OfMany(test,
                                                    kql::FieldType::kText);
      }
      const std::string name = node.field->name.Text();
      const kql::FieldType type = types.Of(name);
      if (node.field->name.has_star()) {
        return kql::ExpressionLowerer(types).OfMany(test, type);
      }
      Expression field;
      field.kind = Expression::kField;
      field.field.parts.push_back({name, {}});
      Expression holds =
          kql::ExpressionLowerer::Test(test, std::move(field), type);
      std::vector<Expression> both;
      both.push_back(MakeIsNull(Operator::kNe, holds));
      both.push_back(std::move(holds));
      return Expression::Of(Expression::kAnd, std::move(both));
    }
    default:
      break;
  }
  return Expression::Literal(Value::Bool(true));
}

void SetRanges(const text::Range& range, ir::Expr* expr) {
  expr->range = range;
  for (ir::Expr& child : expr->children) SetRanges(range, &child);
}

bool HasQuery(const Expression& e) {
  return IsQuery(e) ||
         std::any_of(e.children.begin(), e.children.end(), HasQuery);
}

}  // namespace

bool Converter::AddQuery(kql::Query query, Expression* e) {
  queries_.push_back(std::move(query));
  const text::Span span = e->span;
  *e = MakeCall(std::string(kQuery), {}, span);
  e->value = Value::Int(static_cast<int64_t>(queries_.size()) - 1);
  e->type = Type::kBool;
  return true;
}

void Converter::Settle(Expression* e) const {
  if (IsQuery(*e)) {
    const auto number = static_cast<size_t>(e->value.int_value);
    Expression settled = OfKql(queries_[number].tree, types_);
    settled.span = e->span;
    settled.type = Type::kBool;
    *e = std::move(settled);
    return;
  }
  for (Expression& child : e->children) Settle(&child);
}

ir::Expr Converter::Lower(const Expression& e, bool wanted) const {
  switch (e.kind) {
    case Expression::kAnd:
    case Expression::kOr: {
      std::vector<ir::Expr> children;
      for (const Expression& child : e.children) {
        children.push_back(Lower(child, wanted));
      }
      return (e.kind == Expression::kAnd) == wanted
                 ? ir::Expr::And(std::move(children))
                 : ir::Expr::Or(std::move(children));
    }
    case Expression::kNot:
      return Lower(e.children[0], !wanted);
    default:
      break;
  }
  if (IsQuery(e)) {
    const auto number = static_cast<size_t>(e.value.int_value);
    ir::Expr condition = queries_[number].condition;
    if (!wanted) condition = ir::Expr::Not(std::move(condition));
    // Its places are those of a text of its own.
    SetRanges(reporter_.source().RangeOf(e.span), &condition);
    return condition;
  }
  Expression settled = e;
  if (HasQuery(settled)) Settle(&settled);
  expression::Fold(&settled);
  return wanted ? expression::LowerTrue(settled, reporter_.source())
                : expression::LowerFalse(settled, reporter_.source());
}

}  // namespace tocsin::esql
