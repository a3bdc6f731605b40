// Conditions behind STATS.

#include <algorithm>
#include <utility>

#include "src/frontend/esql/aggregate.h"
#include "src/frontend/esql/terms.h"

namespace tocsin::esql {

using base::MeasureCompare;
using base::MeasureKind;
using ir::Expression;
using ir::Operator;
using ir::Term;
using ir::Truth;
using ir::Type;

namespace {

std::vector<Expression> List(Expression a) {
  std::vector<Expression> list;
  list.push_back(std::move(a));
  return list;
}

// What an element of several is: which one is first is left open, so any will
// do.
bool IsPick(const Expression& e) {
  return IsCall(e, "first") || IsCall(e, "last") || IsCall(e, "arrayMin") ||
         IsCall(e, "arrayMax");
}

// Of `*text*` the text, if no separator is in it.
bool LiesWithin(const std::string& pattern, const std::string& separator) {
  if (pattern.size() < 3 || pattern.front() != '*' || pattern.back() != '*') {
    return false;
  }
  const std::string text = pattern.substr(1, pattern.size() - 2);
  return text.find_first_of("*?") == std::string::npos && !separator.empty() &&
         text.find_first_of(separator) == std::string::npos;
}

MeasureCompare CompareOf(Operator op) {
  switch (op) {
    case Operator::kEq:
      return MeasureCompare::kEq;
    case Operator::kNe:
      return MeasureCompare::kNe;
    case Operator::kLt:
      return MeasureCompare::kLt;
    case Operator::kLe:
      return MeasureCompare::kLe;
    case Operator::kGt:
      return MeasureCompare::kGt;
    default:
      return MeasureCompare::kGe;
  }
}

}  // namespace

std::optional<Truth> AggregateLowerer::ToTruth(const Expression& e) {
  if (converter_.errors() > 0) return std::nullopt;
  if (!HasAggregate(e)) return OfEvents(e);
  switch (e.kind) {
    case Expression::kAnd:
    case Expression::kOr: {
      Truth truth;
      truth.kind = e.kind == Expression::kAnd ? Truth::kAnd : Truth::kOr;
      for (const Expression& child : e.children) {
        std::optional<Truth> one = ToTruth(child);
        if (!one) return std::nullopt;
        truth.children.push_back(*std::move(one));
      }
      return truth;
    }
    case Expression::kNot: {
      std::optional<Truth> inner = ToTruth(e.children[0]);
      if (!inner) return std::nullopt;
      return Not(*std::move(inner));
    }
    case Expression::kCompare:
      return OfCompare(e);
    case Expression::kIn:
      return OfIn(e);
    case Expression::kMatch:
      return OfMatch(e);
    default:
      break;
  }
  if (IsCall(e, "arrayContainsAll")) {
    const Aggregate* const values = ValuesIn(e.children[0]);
    if (values != nullptr && e.children[1].kind == Expression::kLiteral) {
      return Holds(AnyOf(*values, MakeCompare(Operator::kEq, *values->argument,
                                              e.children[1])));
    }
  }
  if (IsCall(e, "stringContains") && IsCall(e.children[0], "arrayJoin")) {
    const Expression& join = e.children[0];
    const Expression& part = e.children[1];
    const Aggregate* const values = ValuesIn(join.children[0]);
    if (values != nullptr && part.kind == Expression::kLiteral &&
        LiesWithin("*" + part.value.text + "*", join.children[1].value.text)) {
      Expression test = e;
      test.children[0] = *values->argument;
      return Holds(AnyOf(*values, std::move(test)));
    }
  }
  std::optional<Number> number = ToNumber(e);
  if (!number) return std::nullopt;
  if (number->type != Type::kBool && number->type != Type::kAny) {
    Fail(e);
    return std::nullopt;
  }
  return Holds(std::move(number->term));
}

// What is asked of keys is the same for each event of a group.
std::optional<Truth> AggregateLowerer::OfEvents(const Expression& e) {
  std::vector<Expression> parts = List(e);
  parts.push_back(MakeInt(1));
  parts.push_back(MakeNot(e));
  parts.push_back(MakeInt(0));
  return Holds(OfKind(MeasureKind::kMax, MakeCall("case", std::move(parts))));
}

// A test of values, as it stands, of an event that has one. `any`: it is
// enough if one passes; else there must be one only.
std::optional<Truth> AggregateLowerer::OfValues(const Expression& e, bool any) {
  Expression test = e;
  bool negated = false;
  if (test.kind == Expression::kCompare && test.op == Operator::kNe) {
    test.op = Operator::kEq;
    negated = true;
  }
  if (test.kind == Expression::kIn)
    negated = std::exchange(test.negated, false);
  const Aggregate* values = nullptr;
  for (Expression& operand : test.children) {
    if (!HasAggregate(operand)) continue;
    const Expression& whole = IsPick(operand) ? operand.children[0] : operand;
    const Aggregate* const found = ValuesIn(whole);
    if (values != nullptr || found == nullptr) {
      Fail(e);
      return std::nullopt;
    }
    values = found;
    operand = *values->argument;
  }
  if (values == nullptr) return std::nullopt;
  Term found = AnyOf(*values, std::move(test));
  Truth known = Compare(any ? MeasureCompare::kGe : MeasureCompare::kEq,
                        DistinctOf(*values), NumberTerm(1));
  Truth truth = Holds(If(std::move(known), std::move(found), NullTerm()));
  if (!negated) return truth;
  return Not(std::move(truth));
}

std::optional<Truth> AggregateLowerer::OfCompare(const Expression& e) {
  const Expression& left = e.children[0];
  const Expression& right = e.children[1];
  if (left.is_null() || right.is_null()) {
    const Expression& operand = left.is_null() ? right : left;
    Truth truth;
    if (const Aggregate* const values = ValuesIn(operand)) {
      truth = Compare(MeasureCompare::kEq, DistinctOf(*values), NumberTerm(0));
    } else {
      std::optional<Number> number = ToNumber(operand);
      if (!number) return std::nullopt;
      truth.kind = Truth::kIsNull;
      truth.terms.push_back(std::move(number->term));
    }
    return e.op == Operator::kNe ? Not(std::move(truth)) : std::move(truth);
  }
  for (const Expression& operand : e.children) {
    if (ValuesIn(operand) != nullptr) return OfValues(e, false);
    if (IsPick(operand) && ValuesIn(operand.children[0]) != nullptr) {
      return OfValues(e, true);
    }
  }
  std::optional<Number> a = ToNumber(left);
  if (!a) return std::nullopt;
  std::optional<Number> b = ToNumber(right);
  if (!b) return std::nullopt;
  // Texts are numbered, and have no order.
  const bool texts = a->type == Type::kString || b->type == Type::kString;
  const bool equality = e.op == Operator::kEq || e.op == Operator::kNe;
  if (texts && (a->type != b->type || !equality || e.folded)) {
    Fail(e);
    return std::nullopt;
  }
  return Compare(CompareOf(e.op), std::move(a->term), std::move(b->term));
}

std::optional<Truth> AggregateLowerer::OfIn(const Expression& e) {
  const Expression& operand = e.children[0];
  if (ValuesIn(operand) != nullptr) return OfValues(e, false);
  if (IsPick(operand) && ValuesIn(operand.children[0]) != nullptr) {
    return OfValues(e, true);
  }
  Truth any;
  any.kind = Truth::kOr;
  for (size_t i = 1; i < e.children.size(); ++i) {
    std::optional<Truth> one =
        OfCompare(MakeCompare(Operator::kEq, operand, e.children[i]));
    if (!one) return std::nullopt;
    any.children.push_back(*std::move(one));
  }
  return e.negated ? Not(std::move(any)) : std::move(any);
}

std::optional<Truth> AggregateLowerer::OfMatch(const Expression& e) {
  const Expression& operand = e.children[0];
  if (IsCall(operand, "arrayJoin")) {
    const Aggregate* const values = ValuesIn(operand.children[0]);
    const std::string& separator = operand.children[1].value.text;
    bool within = values != nullptr && e.op == Operator::kLike;
    for (size_t i = 1; i < e.children.size(); ++i) {
      within = within && LiesWithin(e.children[i].value.text, separator);
    }
    if (!within) {
      Fail(e);
      return std::nullopt;
    }
    Expression test = e;
    test.children[0] = *values->argument;
    return Holds(AnyOf(*values, std::move(test)));
  }
  if (ValuesIn(operand) != nullptr) return OfValues(e, false);
  if (IsPick(operand)) return OfValues(e, true);
  Fail(e);
  return std::nullopt;
}

}  // namespace tocsin::esql
