#include <string_view>
#include <utility>
#include <vector>

#include "src/base/ip_network.h"
#include "src/base/number.h"
#include "src/frontend/kql/dates.h"
#include "src/frontend/kql/kql.h"
#include "src/frontend/kql/lower.h"
#include "src/frontend/kql/words.h"

namespace tocsin::kql {
namespace {

using ir::Expression;
using ir::Operator;

Expression Literal(base::Value value) {
  return Expression::Literal(std::move(value));
}

Expression Text(std::string text) {
  return Literal(base::Value::String(std::move(text)));
}

Expression Truth(bool value) { return Literal(base::Value::Bool(value)); }

Expression Compare(Operator op, Expression a, Expression b) {
  std::vector<Expression> children;
  children.push_back(std::move(a));
  children.push_back(std::move(b));
  Expression e = Expression::Of(Expression::kCompare, std::move(children));
  e.op = op;
  return e;
}

Expression IsNull(Operator op, Expression a) {
  Expression null = Literal({});
  null.spelling = "null";
  return Compare(op, std::move(a), std::move(null));
}

Expression Both(Expression::Kind kind, Expression a, Expression b) {
  std::vector<Expression> children;
  children.push_back(std::move(a));
  children.push_back(std::move(b));
  return Expression::Of(kind, std::move(children));
}

Expression Call(std::string name, Expression a, Expression b) {
  Expression e = Both(Expression::kCall, std::move(a), std::move(b));
  e.name = std::move(name);
  return e;
}

Expression Of(Expression::Kind kind, Expression a) {
  std::vector<Expression> children;
  children.push_back(std::move(a));
  return Expression::Of(kind, std::move(children));
}

Expression Call(std::string name, Expression a) {
  Expression e = Of(Expression::kCall, std::move(a));
  e.name = std::move(name);
  return e;
}

Expression Not(Expression a) { return Of(Expression::kNot, std::move(a)); }

// Null as false.
Expression TwoValued(Expression e) {
  Expression known = IsNull(Operator::kNe, e);
  return Both(Expression::kAnd, std::move(known), std::move(e));
}

// The value's whole text.
Expression Regex(Expression operand, std::string regex) {
  Expression e =
      Both(Expression::kMatch, std::move(operand), Text(std::move(regex)));
  e.op = Operator::kRegex;
  return e;
}

std::string StarRegex(const WildText& text) {
  std::string regex = "(?s)";
  for (size_t i = 0; i < text.pieces.size(); ++i) {
    if (i > 0) regex += ".*";
    for (const char c : text.pieces[i]) {
      if (std::string_view("\\^$.|?*+()[]{}").find(c) !=
          std::string_view::npos) {
        regex += '\\';
      }
      regex += c;
    }
  }
  return regex;
}

// Found anywhere in the text.
Expression Found(Expression operand, const std::string& regex) {
  if (regex.empty()) return Truth(false);
  return Regex(std::move(operand), "(?s).*(?:" + regex + ").*");
}

Operator OperatorOf(RangeOp op) {
  switch (op) {
    case RangeOp::kLt:
      return Operator::kLt;
    case RangeOp::kLe:
      return Operator::kLe;
    case RangeOp::kGt:
      return Operator::kGt;
    case RangeOp::kGe:
      return Operator::kGe;
  }
  return Operator::kEq;
}

base::Value NumberValue(const std::string& text) {
  const std::optional<base::Number> number = base::ParseNumber(text);
  if (!number) return base::Value::String(text);
  switch (number->kind) {
    case base::Number::kInt:
      return base::Value::Int(number->int_value);
    case base::Number::kUint:
      return base::Value::Uint(static_cast<uint64_t>(number->int_value));
    case base::Number::kDouble:
      break;
  }
  return base::Value::Double(number->double_value);
}

// The value where nothing is known of the field.
base::Value PlainValue(const Value& value) {
  const std::string text = value.text.Text();
  if (value.kind == Value::kNumber) return NumberValue(text);
  if (value.kind == Value::kBool) return base::Value::Bool(text == "true");
  return base::Value::String(text);
}

Expression DateTest(const Node& node, Expression operand) {
  const std::optional<Date> date = ParseDate(node.value.text.Text());
  if (!date) return Truth(false);
  if (date->from_now) {
    // As old as `-first` or older.
    Expression age = Call("age", std::move(operand));
    Operator op = Operator::kEq;
    if (node.kind == Node::kRange) {
      constexpr Operator kMirrored[] = {Operator::kGt, Operator::kGe,
                                        Operator::kLt, Operator::kLe};
      op = kMirrored[static_cast<int>(node.op)];
    }
    return Compare(op, std::move(age),
                   Literal(base::Value::Duration(-date->first)));
  }
  const auto bound = [&](Operator op, int64_t nanos) {
    return Compare(op, operand, Literal(base::Value::Time(nanos)));
  };
  if (node.kind == Node::kIs) {
    return Both(Expression::kAnd, bound(Operator::kGe, date->first),
                bound(Operator::kLe, date->last));
  }
  const bool last = node.op == RangeOp::kGt || node.op == RangeOp::kLe;
  return bound(OperatorOf(node.op), last ? date->last : date->first);
}

void AddPart(std::string_view name, Expression* field) {
  field->field.parts.emplace_back();
  field->field.parts.back().name = name;
}

// A field of one part.
Expression Variable(std::string_view name) {
  Expression field;
  field.kind = Expression::kField;
  AddPart(name, &field);
  return field;
}

// A name with dots, in parts, behind those that `field` has.
void AddParts(std::string_view name, Expression* field) {
  while (true) {
    const size_t dot = name.find('.');
    AddPart(name.substr(0, dot), field);
    if (dot == std::string_view::npos) return;
    name.remove_prefix(dot + 1);
  }
}

Expression FieldOf(std::string_view name) {
  Expression field;
  field.kind = Expression::kField;
  AddParts(name, &field);
  return field;
}

}  // namespace

Expression ExpressionLowerer::Test(const Node& node, Expression operand,
                                   FieldType type) {
  const Value& value = node.value;
  const std::string text = value.text.Text();
  if (node.kind == Node::kIs) {
    if (value.text.is_star()) return IsNull(Operator::kNe, std::move(operand));
    if (value.kind == Value::kNull) {
      return IsNull(Operator::kEq, std::move(operand));
    }
    if (type == FieldType::kText) {
      if (value.kind == Value::kWild) {
        return Found(std::move(operand), WildRegex(value.text));
      }
      const std::vector<std::string> words = WordsOf(text);
      if (value.quoted || words.size() < 2) {
        return Found(std::move(operand), PhraseRegex(words));
      }
      std::vector<Expression> any;
      for (const std::string& word : words) {
        const std::vector<std::string> phrase(1, word);
        any.push_back(Found(operand, PhraseRegex(phrase)));
      }
      return Expression::Of(Expression::kOr, std::move(any));
    }
    if (value.kind == Value::kWild) {
      return Regex(std::move(operand), StarRegex(value.text));
    }
  }
  if (type == FieldType::kDate ||
      (type == FieldType::kAny && node.kind == Node::kRange &&
       value.kind == Value::kText && ParseDate(text))) {
    return DateTest(node, std::move(operand));
  }
  if (node.kind == Node::kRange) {
    if (type == FieldType::kVersion) {
      return Compare(OperatorOf(node.op),
                     Call("versionKey", std::move(operand)),
                     Call("versionKey", Text(text)));
    }
    base::Value bound = type == FieldType::kKeyword ? base::Value::String(text)
                                                    : PlainValue(value);
    return Compare(OperatorOf(node.op), std::move(operand),
                   Literal(std::move(bound)));
  }
  const bool may_be_ip = type == FieldType::kIp || (type == FieldType::kAny &&
                                                    value.kind == Value::kText);
  if (may_be_ip && base::ParseIpNetwork(text)) {
    return Call("cidrMatch", std::move(operand), Text(text));
  }
  const bool is_text =
      type == FieldType::kKeyword || type == FieldType::kVersion;
  return Compare(Operator::kEq, std::move(operand),
                 is_text ? Text(text) : Literal(PlainValue(value)));
}

Expression ExpressionLowerer::InObject(const Node& node,
                                       const std::string& object,
                                       const std::string& path) {
  switch (node.kind) {
    case Node::kAnd:
    case Node::kOr: {
      std::vector<Expression> children;
      for (const Node& child : node.children) {
        children.push_back(InObject(child, object, path));
      }
      return Expression::Of(
          node.kind == Node::kAnd ? Expression::kAnd : Expression::kOr,
          std::move(children));
    }
    case Node::kNot:
      return Not(InObject(node.children[0], object, path));
    case Node::kIs:
    case Node::kRange:
    case Node::kFree:
    case Node::kNested: {
      const std::string name =
          node.field == nullptr ? "*" : node.field->name.Text();
      const std::string full = path + "." + name;
      if (node.kind == Node::kFree ||
          (node.kind != Node::kNested && node.field->name.has_star())) {
        const FieldType type =
            node.kind == Node::kFree ? FieldType::kText : types_.Of(full);
        Node test;
        test.kind = node.kind == Node::kRange ? Node::kRange : Node::kIs;
        test.op = node.op;
        test.value = node.value;
        return TwoValued(
            Test(test, Call("valuesAt", Variable(object), Text(name)), type));
      }
      Expression field = Variable(object);
      AddParts(name, &field);
      if (node.kind == Node::kNested) return Some(node, field, full);
      return TwoValued(Test(node, std::move(field), types_.Of(full)));
    }
    case Node::kAll:
    case Node::kError:
      break;
  }
  return Truth(true);
}

Expression ExpressionLowerer::Some(const Node& node, Expression objects,
                                   const std::string& path) {
  const std::string variable = "object " + std::to_string(variables_++);
  Expression inner = InObject(node.children[0], variable, path);
  Expression some =
      Both(Expression::kSome, std::move(objects), std::move(inner));
  some.name = variable;
  return some;
}

Expression ExpressionLowerer::Nested(const Node& node) {
  const std::string name = node.field->name.Text();
  return Some(node, FieldOf(name), name);
}

// All of the event is one object: the field whose name is empty.
Expression ExpressionLowerer::OfMany(const Node& node, FieldType type) const {
  Expression values =
      Call("valuesAt", Variable("event"), Text(node.field->name.Text()));
  Expression some = Both(Expression::kSome, Variable(""),
                         TwoValued(Test(node, std::move(values), type)));
  some.name = "event";
  return some;
}

namespace {

bool IsPlain(const Node& node) {
  return node.kind == Node::kIs && !node.field->name.has_star() &&
         node.value.kind != Value::kWild && node.value.kind != Value::kNull;
}

// Any number of plain values of one field: `in`.
std::optional<Expression> ToIn(const Node& node) {
  std::vector<Expression> children;
  for (const Node& child : node.children) {
    if (!IsPlain(child)) return std::nullopt;
    if (child.field->name != node.children[0].field->name) return std::nullopt;
    if (children.empty()) {
      children.push_back(FieldOf(child.field->name.Text()));
    }
    children.push_back(Literal(PlainValue(child.value)));
  }
  return Expression::Of(Expression::kIn, std::move(children));
}

std::optional<Expression> ToEqlNot(const Node& child) {
  std::optional<Expression> inner = ToEql(child);
  if (!inner) return std::nullopt;
  if (inner->kind == Expression::kCompare &&
      (inner->op == Operator::kEq || inner->op == Operator::kNe)) {
    inner->op = inner->op == Operator::kEq ? Operator::kNe : Operator::kEq;
    return inner;
  }
  if (inner->kind == Expression::kNot) return std::move(inner->children[0]);
  return Not(std::move(*inner));
}

}  // namespace

std::optional<Expression> ToEql(const Node& tree) {
  switch (tree.kind) {
    case Node::kAll:
      return Truth(true);
    case Node::kNot:
      return ToEqlNot(tree.children[0]);
    case Node::kAnd:
    case Node::kOr: {
      if (tree.kind == Node::kOr) {
        if (std::optional<Expression> in = ToIn(tree)) return in;
      }
      const Expression::Kind kind =
          tree.kind == Node::kAnd ? Expression::kAnd : Expression::kOr;
      std::vector<Expression> children;
      for (const Node& child : tree.children) {
        std::optional<Expression> one = ToEql(child);
        if (!one) return std::nullopt;
        if (one->kind != kind) {
          children.push_back(std::move(*one));
          continue;
        }
        for (Expression& part : one->children) {
          children.push_back(std::move(part));
        }
      }
      return Expression::Of(kind, std::move(children));
    }
    case Node::kIs:
    case Node::kRange: {
      if (tree.field->name.has_star()) return std::nullopt;
      Expression field = FieldOf(tree.field->name.Text());
      if (tree.kind == Node::kIs && tree.value.kind == Value::kWild &&
          !tree.value.text.is_star()) {
        // What EQL has no escape for.
        for (const std::string& piece : tree.value.text.pieces) {
          if (piece.find_first_of("*?") != std::string::npos) {
            return Regex(std::move(field), StarRegex(tree.value.text));
          }
        }
        Expression like = Both(Expression::kMatch, std::move(field),
                               Text(tree.value.text.Text()));
        like.op = Operator::kLike;
        return like;
      }
      return ExpressionLowerer::Test(tree, std::move(field), FieldType::kAny);
    }
    case Node::kFree:
    case Node::kNested:
    case Node::kError:
      break;
  }
  return std::nullopt;
}

}  // namespace tocsin::kql
