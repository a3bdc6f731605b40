// Numbers over a window.

#include <algorithm>
#include <utility>

#include "src/frontend/esql/aggregate.h"
#include "src/frontend/esql/terms.h"

namespace tocsin::esql {

using base::MeasureCompare;
using base::MeasureKind;
using base::ValueKind;
using ir::Expression;
using ir::Operator;
using ir::Term;
using ir::Truth;
using ir::Type;

namespace {

constexpr double kNanosPerMilli = 1e6;

std::vector<Expression> List(Expression a) {
  std::vector<Expression> list;
  list.push_back(std::move(a));
  return list;
}

Expression Choose(Expression condition, Expression then, Expression otherwise) {
  std::vector<Expression> parts = List(std::move(condition));
  parts.push_back(std::move(then));
  parts.push_back(std::move(otherwise));
  Expression e = MakeCall("case", std::move(parts));
  e.type = e.children[1].type;
  return e;
}

// The same for every event: whole and not below zero.
bool IsWhole(const Expression& e) {
  if (e.kind == Expression::kLiteral) {
    return e.value.kind == ValueKind::kInt || e.value.is_null();
  }
  if (IsCall(e, "case")) {
    for (size_t i = 1; i < e.children.size(); i += 2) {
      if (!IsWhole(e.children[i])) return false;
    }
    return e.children.size() % 2 == 0 || IsWhole(e.children.back());
  }
  return IsCall(e, "integer") || IsCall(e, "length") ||
         IsCall(e, "arrayCount") || IsCall(e, "timeDiff");
}

bool IsNeverNegative(const Expression& e) {
  if (e.kind == Expression::kLiteral) {
    return e.value.is_null() || base::DoubleOf(e.value).value_or(-1) >= 0;
  }
  if (IsCall(e, "case")) {
    for (size_t i = 1; i < e.children.size(); i += 2) {
      if (!IsNeverNegative(e.children[i])) return false;
    }
    return e.children.size() % 2 == 0 || IsNeverNegative(e.children.back());
  }
  if (e.kind == Expression::kField) {
    const std::string name = e.field.Name();
    return name.ends_with(".bytes") || name.ends_with(".packets") ||
           name.ends_with(".size");
  }
  return IsCall(e, "length") || IsCall(e, "arrayCount");
}

// The number that an event gives; nullopt: it is none.
std::optional<Expression> NumberOf(Expression e) {
  switch (e.type) {
    case Type::kTime: {
      Expression time = MakeCall("time", List(std::move(e)));
      return MakeCall("integer", List(std::move(time)));
    }
    case Type::kBool: {
      std::vector<Expression> parts = List(e);
      parts.push_back(MakeInt(1));
      parts.push_back(MakeNot(std::move(e)));
      parts.push_back(MakeInt(0));
      return MakeCall("case", std::move(parts));
    }
    case Type::kString:
    case Type::kIp:
    case Type::kDuration:
    case Type::kPoint:
    case Type::kObject:
      return std::nullopt;
    default:
      return e;
  }
}

}  // namespace

AggregateLowerer::Number AggregateLowerer::OfLiteral(const Expression& e) {
  Number number;
  switch (e.value.kind) {
    case ValueKind::kNull:
      return {NullTerm(), Type::kNull, true};
    case ValueKind::kBool:
      return {NumberTerm(e.value.is_true() ? 1 : 0), Type::kBool, true};
    case ValueKind::kTime:
    case ValueKind::kDuration:
      number.term =
          NumberTerm(static_cast<double>(e.value.int_value) / kNanosPerMilli);
      number.type =
          e.value.kind == ValueKind::kTime ? Type::kTime : Type::kDuration;
      return number;
    case ValueKind::kString: {
      auto found = std::find(texts_.begin(), texts_.end(), e.value.text);
      if (found == texts_.end()) {
        found = texts_.insert(texts_.end(), e.value.text);
      }
      return {NumberTerm(static_cast<double>(found - texts_.begin())),
              Type::kString, true};
    }
    default:
      return {NumberTerm(base::DoubleOf(e.value).value_or(0)), Type::kNumber,
              e.value.kind == ValueKind::kInt};
  }
}

std::optional<AggregateLowerer::Number> AggregateLowerer::OfEventsNumber(
    const Expression& e) {
  std::optional<Expression> number = NumberOf(e);
  if (!number) {
    Fail(e);
    return std::nullopt;
  }
  return Number{OfKind(MeasureKind::kMax, *std::move(number)), e.type,
                IsWhole(e)};
}

std::optional<AggregateLowerer::Number> AggregateLowerer::ToNumber(
    const Expression& e) {
  if (converter_.errors() > 0) return std::nullopt;
  if (e.kind == Expression::kLiteral) return OfLiteral(e);
  if (!HasAggregate(e)) return OfEventsNumber(e);
  switch (e.kind) {
    case Expression::kArithmetic:
      return OfArithmetic(e);
    case Expression::kNegate: {
      std::optional<Number> inner = ToNumber(e.children[0]);
      if (!inner) return std::nullopt;
      inner->term = Both(Term::kSub, NumberTerm(0), std::move(inner->term));
      return inner;
    }
    case Expression::kCall:
      return OfCall(e);
    default:
      break;
  }
  std::optional<Truth> truth = ToTruth(e);
  if (!truth) return std::nullopt;
  // Null stays null.
  if (!Spend(SizeOf(*truth), e)) return std::nullopt;
  Truth is_false = Not(*truth);
  return Number{If(*std::move(truth), NumberTerm(1),
                   If(std::move(is_false), NumberTerm(0), NullTerm())),
                Type::kBool, true};
}

std::optional<AggregateLowerer::Number> AggregateLowerer::OfArithmetic(
    const Expression& e) {
  std::optional<Number> a = ToNumber(e.children[0]);
  if (!a) return std::nullopt;
  std::optional<Number> b = ToNumber(e.children[1]);
  if (!b) return std::nullopt;
  if (a->type == Type::kString || b->type == Type::kString ||
      a->type == Type::kBool || b->type == Type::kBool) {
    Fail(e);
    return std::nullopt;
  }
  constexpr Term::Kind kKinds[] = {Term::kAdd, Term::kSub, Term::kMul,
                                   Term::kDiv, Term::kMod};
  const auto kind =
      kKinds[static_cast<int>(e.op) - static_cast<int>(Operator::kAdd)];
  Number number;
  number.whole = a->whole && b->whole;
  number.type = e.type;
  number.term = Both(kind, std::move(a->term), std::move(b->term));
  if (kind == Term::kDiv && number.whole) {
    number.term = Single(Term::kTruncate, std::move(number.term));
  }
  return number;
}

std::optional<AggregateLowerer::Number> AggregateLowerer::OfCase(
    const Expression& e) {
  const size_t pairs = e.children.size() / 2;
  Number number{NullTerm(), Type::kNull, true};
  std::vector<Number> values;
  for (size_t i = 0; i < pairs; ++i) {
    std::optional<Number> value = ToNumber(e.children[2 * i + 1]);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  if (e.children.size() % 2 == 1) {
    std::optional<Number> value = ToNumber(e.children.back());
    if (!value) return std::nullopt;
    number = *std::move(value);
  }
  for (size_t i = pairs; i-- > 0;) {
    std::optional<Truth> condition = ToTruth(e.children[2 * i]);
    if (!condition) return std::nullopt;
    if (number.type == Type::kNull) {
      number.type = values[i].type;
    } else if (values[i].type != Type::kNull && values[i].type != number.type) {
      Fail(e);
      return std::nullopt;
    }
    number.whole = number.whole && values[i].whole;
    number.term = If(*std::move(condition), std::move(values[i].term),
                     std::move(number.term));
  }
  return number;
}

std::optional<AggregateLowerer::Number> AggregateLowerer::OfCall(
    const Expression& e) {
  if (const Aggregate* const aggregate = AggregateOf(e)) {
    std::optional<Number> number = OfAggregate(*aggregate, e);
    if (!number) Fail(e);
    return number;
  }
  if (e.name == "case") return OfCase(e);
  const auto first = [&] { return ToNumber(e.children[0]); };
  if (e.name == "coalesce") {
    std::optional<Number> number = ToNumber(e.children.back());
    for (size_t i = e.children.size() - 1; number && i-- > 0;) {
      std::optional<Number> value = ToNumber(e.children[i]);
      if (!value || !Spend(SizeOf(value->term), e)) return std::nullopt;
      Truth missing;
      missing.kind = Truth::kIsNull;
      missing.terms.push_back(value->term);
      number = Number{If(std::move(missing), std::move(number->term),
                         std::move(value->term)),
                      value->type, value->whole && number->whole};
    }
    return number;
  }
  if (e.name == "timeDiff") {
    const std::string& unit = e.children[0].value.text;
    const double millis = unit == "ms"  ? 1
                          : unit == "s" ? 1e3
                          : unit == "m" ? 60e3
                          : unit == "h" ? 3600e3
                          : unit == "d" ? 86400e3
                                        : 604800e3;
    std::optional<Number> from = ToNumber(e.children[1]);
    if (!from) return std::nullopt;
    std::optional<Number> to = ToNumber(e.children[2]);
    if (!to) return std::nullopt;
    Term difference =
        Both(Term::kSub, std::move(to->term), std::move(from->term));
    return Number{
        Single(Term::kTruncate,
               Both(Term::kDiv, std::move(difference), NumberTerm(millis))),
        Type::kNumber, true};
  }
  if (e.name == "integer" || e.name == "double" || e.name == "round") {
    const bool to_digits = e.name == "round" && e.children.size() == 2;
    if (to_digits && e.children[1].kind != Expression::kLiteral) {
      Fail(e);
      return std::nullopt;
    }
    std::optional<Number> number = first();
    if (!number || number->type == Type::kString) {
      if (number) Fail(e);
      return std::nullopt;
    }
    number->type = Type::kNumber;
    if (e.name == "double") {
      number->whole = false;
      return number;
    }
    const double digits =
        to_digits ? base::DoubleOf(e.children[1].value).value_or(0) : 0;
    if (digits < 0 || digits > 15) {
      Fail(e);
      return std::nullopt;
    }
    if (!number->whole) {
      number->term = Single(Term::kRound, std::move(number->term), digits);
      number->whole = !to_digits;
    }
    return number;
  }
  if (e.name == "abs") {
    std::optional<Number> number = first();
    if (!number || !Spend(2 * SizeOf(number->term), e)) return std::nullopt;
    Truth negative = Compare(MeasureCompare::kLt, number->term, NumberTerm(0));
    Term opposite = Both(Term::kSub, NumberTerm(0), number->term);
    number->term =
        If(std::move(negative), std::move(opposite), std::move(number->term));
    return number;
  }
  if (e.name == "arrayCount" && ValuesIn(e.children[0]) != nullptr) {
    return Number{DistinctOf(*ValuesIn(e.children[0])), Type::kNumber, true};
  }
  // Where a text stands among values that were put together: whether it does.
  if (e.name == "locate" && IsCall(e.children[0], "arrayJoin") &&
      !HasAggregate(e.children[1])) {
    const Aggregate* const values = ValuesIn(e.children[0].children[0]);
    if (values != nullptr) {
      std::vector<Expression> parts = List(*values->argument);
      parts.push_back(e.children[1]);
      Expression found = MakeCall("stringContains", std::move(parts));
      return Number{AnyOf(*values, std::move(found)), Type::kNumber, true};
    }
  }
  Fail(e);
  return std::nullopt;
}

// nullopt: it is no number; not told.
std::optional<AggregateLowerer::Number> AggregateLowerer::OfAggregate(
    const Aggregate& aggregate, const Expression& at) {
  const MeasureKind kind = KindOf(aggregate.function);
  Number number;
  number.whole = true;
  switch (kind) {
    case MeasureKind::kCount: {
      if (!aggregate.argument) {
        if (!aggregate.where) {
          number.term.kind = Term::kMeasure;
          number.term.measure.steps = {0};
          return number;
        }
        number.term =
            OfKind(MeasureKind::kSum,
                   Choose(*aggregate.where, MakeInt(1), MakeInt(0)), true);
        return number;
      }
      const Expression& value = *aggregate.argument;
      Expression there = MakeIsNull(Operator::kNe, value);
      if (aggregate.where) {
        std::vector<Expression> both = List(*aggregate.where);
        both.push_back(std::move(there));
        there = Expression::Of(Expression::kAnd, std::move(both));
      }
      number.term =
          OfKind(MeasureKind::kSum,
                 Choose(std::move(there), MakeCall("arrayCount", List(value)),
                        MakeInt(0)),
                 true);
      return number;
    }
    case MeasureKind::kDistinct:
      number.term = DistinctOf(aggregate);
      return number;
    case MeasureKind::kMin:
    case MeasureKind::kMax:
    case MeasureKind::kSum:
    case MeasureKind::kAvg:
    case MeasureKind::kMedian:
    case MeasureKind::kPercentile:
    case MeasureKind::kStddev: {
      std::optional<Expression> value = NumberOf(*aggregate.argument);
      if (!value) return std::nullopt;
      const bool picks = kind == MeasureKind::kMin || kind == MeasureKind::kMax;
      number.whole = IsWhole(*value) && (picks || kind == MeasureKind::kSum);
      if (picks) number.type = at.type;
      const bool never_negative =
          kind == MeasureKind::kSum && IsNeverNegative(*value);
      number.term = OfKind(kind, Restricted(aggregate, *std::move(value)),
                           never_negative);
      number.term.measure.parameter = aggregate.parameter;
      return number;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace tocsin::esql
