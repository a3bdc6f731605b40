#include "src/frontend/esql/aggregate.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/esql/terms.h"
#include "src/frontend/expression/fold.h"

namespace tocsin::esql {

using base::MeasureCompare;
using base::MeasureKind;
using base::Value;
using ir::Expression;
using ir::Term;
using ir::Truth;
using ir::Type;

namespace {

constexpr std::string_view kAggregate = "$aggregate";
// Measures of one condition, and with those that are shown.
constexpr size_t kMostMeasures = 24;
constexpr size_t kMostShown = 30;
constexpr size_t kMostCopied = 20'000;
constexpr int kDeepestTruth = 150;

struct Row {
  std::string_view name;
  size_t least;
  size_t most;
  MeasureKind kind;
};
constexpr Row kRows[] = {
    {"avg", 1, 1, MeasureKind::kAvg},
    {"count", 0, 1, MeasureKind::kCount},
    {"count_distinct", 1, 2, MeasureKind::kDistinct},
    {"first", 1, 2, MeasureKind::kFirst},
    {"last", 1, 2, MeasureKind::kLast},
    {"max", 1, 1, MeasureKind::kMax},
    {"median", 1, 1, MeasureKind::kMedian},
    {"min", 1, 1, MeasureKind::kMin},
    {"percentile", 2, 2, MeasureKind::kPercentile},
    {"sample", 2, 2, MeasureKind::kValues},
    {"std_dev", 1, 1, MeasureKind::kStddev},
    {"sum", 1, 1, MeasureKind::kSum},
    {"top", 3, 4, MeasureKind::kValues},
    {"values", 1, 1, MeasureKind::kValues},
};

const Row* FindRow(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [&](const Row& row) { return row.name == name; });
  return found == std::end(kRows) ? nullptr : found;
}

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

}  // namespace

bool IsAggregate(std::string_view function) {
  return FindRow(function) != nullptr;
}

MeasureKind KindOf(std::string_view aggregate) {
  return FindRow(aggregate)->kind;
}

bool HasAggregate(const Expression& e) {
  return IsCall(e, kAggregate) ||
         std::any_of(e.children.begin(), e.children.end(), HasAggregate);
}

void AggregateLowerer::AddKey(const std::string& name, Expression key) {
  keys_.push_back({name, std::move(key)});
}

bool AggregateLowerer::Add(const std::optional<Expression>& where,
                           Expression* call) {
  const Row& row = *FindRow(call->name);
  const size_t given = call->children.size();
  if (given < row.least || given > row.most) {
    converter_.Error(
        "T552", call->span,
        absl::StrCat("`", call->name, "` takes ",
                     given < row.least ? "more" : "fewer", " arguments"));
    return false;
  }
  Aggregate aggregate;
  aggregate.function = call->name;
  aggregate.where = where;
  if (given > 0) aggregate.argument = std::move(call->children[0]);
  Type type = Type::kNumber;
  switch (row.kind) {
    case MeasureKind::kMin:
    case MeasureKind::kMax:
    case MeasureKind::kFirst:
    case MeasureKind::kLast:
    case MeasureKind::kValues:
      type = aggregate.argument->type;
      break;
    case MeasureKind::kPercentile: {
      const Expression& percent = call->children[1];
      aggregate.parameter = base::DoubleOf(percent.value).value_or(0);
      const bool fits = percent.kind == Expression::kLiteral &&
                        aggregate.parameter > 0 && aggregate.parameter <= 100;
      if (fits) break;
      converter_.Error("T552", percent.span,
                       "a percentile is a number from 0 to 100");
      return false;
    }
    default:
      break;
  }
  const text::Span span = call->span;
  *call = MakeCall(std::string(kAggregate), {}, span);
  call->value = Value::Int(static_cast<int64_t>(aggregates_.size()));
  call->type = type;
  aggregates_.push_back(std::move(aggregate));
  return true;
}

void AggregateLowerer::NameShown(const std::string& name,
                                 const Expression& value) {
  if (!IsCall(value, kAggregate)) return;
  shown_.push_back({name, static_cast<size_t>(value.value.int_value)});
}

void AggregateLowerer::AddCondition(Expression condition) {
  if (condition.kind == Expression::kAnd) {
    for (Expression& child : condition.children) {
      AddCondition(std::move(child));
    }
    return;
  }
  if (HasAggregate(condition)) {
    conditions_.push_back(std::move(condition));
  } else {
    filters_.push_back(std::move(condition));
  }
}

bool AggregateLowerer::Fail(const Expression& e) {
  converter_.Error("T557", e.span,
                   "this cannot be worked out of the events of a window",
                   "conditions behind STATS are about numbers, times, and "
                   "whether a value is among others");
  return false;
}

// Whether so many terms may be copied.
bool AggregateLowerer::Spend(size_t size, const Expression& e) {
  spent_ += size;
  if (spent_ <= kMostCopied) return true;
  converter_.Error("T554", e.span, "conditions behind STATS are too large");
  return false;
}

bool AggregateLowerer::Finish(absl::Duration look_back,
                              ir::Correlation* correlation) {
  out_ = correlation;
  if (!AddWindow(look_back)) return false;
  AddGroup();
  Truth all;
  all.kind = Truth::kAnd;
  for (const Expression& condition : conditions_) {
    std::optional<Truth> truth = ToTruth(condition);
    if (!truth) {
      if (converter_.errors() == 0) Fail(condition);
      return false;
    }
    all.children.push_back(*std::move(truth));
  }
  if (all.children.empty()) {
    Term count;
    count.kind = Term::kMeasure;
    count.measure.steps = {0};
    all.children.push_back(
        Compare(MeasureCompare::kGe, std::move(count), NumberTerm(1)));
  }
  if (all.children.size() == 1) {
    Truth only = std::move(all.children[0]);
    all = std::move(only);
  }
  std::vector<const ir::Measure*> measures;
  Collect(all, &measures);
  if (measures.size() > kMostMeasures || DepthOf(all) > kDeepestTruth) {
    converter_.Error("T554", conditions_[0].span,
                     measures.size() > kMostMeasures
                         ? "conditions behind STATS need too many aggregates"
                         : "conditions behind STATS go too deep");
    return false;
  }
  if (measures.empty()) {
    // Nothing depends on events: it is looked at for each.
    out_->pattern.triggers = {0};
  }
  const bool slides = out_->window.kind == base::WindowKind::kSliding;
  out_->fire = !slides          ? base::FirePolicy::kEvery
               : OnlyGrows(all) ? base::FirePolicy::kReset
                                : base::FirePolicy::kEdge;
  out_->pattern.truth = std::move(all);
  AddShown();
  return converter_.errors() == 0;
}

// A bucket of time among the keys is the window.
bool AggregateLowerer::AddWindow(absl::Duration look_back) {
  out_->window.kind = base::WindowKind::kSliding;
  out_->window.span = look_back;
  for (size_t i = 0; i < keys_.size(); ++i) {
    const Expression& key = keys_[i].value;
    const bool is_bucket = IsCall(key, "timeTrunc") &&
                           key.children[1].kind == Expression::kField &&
                           key.children[1].field.Name() == "@timestamp";
    if (!is_bucket) continue;
    const int64_t nanos = key.children[0].value.int_value;
    constexpr int64_t kWeek = int64_t{604'800} * 1'000'000'000;
    out_->window.kind = base::WindowKind::kTumbling;
    out_->window.span = absl::Nanoseconds(nanos);
    // As timeTrunc has it: weeks begin on Monday.
    if (nanos % kWeek == 0) out_->window.offset = absl::Hours(4 * 24);
    keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return true;
}

void AggregateLowerer::AddGroup() {
  for (const Key& key : keys_) {
    ir::KeyPart part;
    part.name = key.name;
    part.fields = {{FieldOf(key.value)}};
    part.missing_is_value = true;
    out_->group.parts.push_back(std::move(part));
  }
}

// Those that the condition asks for anyway.
void AggregateLowerer::AddShown() {
  std::vector<const ir::Measure*> measures;
  Collect(out_->pattern.truth, &measures);
  const size_t used = measures.size();
  for (const Shown& shown : shown_) {
    if (used + out_->shown.size() >= kMostShown) return;
    const Aggregate& aggregate = aggregates_[shown.aggregate];
    const MeasureKind kind = KindOf(aggregate.function);
    const bool is_time =
        aggregate.argument && aggregate.argument->type == Type::kTime;
    if (kind >= MeasureKind::kFirst || is_time) continue;
    const size_t computed = out_->computed.size();
    const std::optional<Number> number = OfAggregate(aggregate, {});
    const bool asked =
        number && number->term.kind == Term::kMeasure &&
        std::any_of(measures.begin(), measures.end(),
                    [&](const ir::Measure* other) {
                      return SameMeasure(*other, number->term.measure);
                    });
    if (asked) {
      out_->shown.push_back({shown.name, number->term.measure});
    } else {
      out_->computed.resize(computed);
    }
  }
}

// --- Pieces.

std::string AggregateLowerer::FieldOf(Expression value) {
  if (value.kind == Expression::kField && !value.field.has_index()) {
    return value.field.Name();
  }
  converter_.Settle(&value);
  expression::Fold(&value);
  if (!converter_.Count(value, value.span)) return "?";
  std::string name = ir::Print(value);
  for (const ir::ComputedField& other : out_->computed) {
    if (other.name == name) return name;
  }
  out_->computed.push_back(
      {name, std::make_shared<const Expression>(std::move(value))});
  return name;
}

Term AggregateLowerer::OfKind(MeasureKind kind, Expression value,
                              bool never_negative) {
  Term term;
  term.kind = Term::kMeasure;
  term.measure.kind = kind;
  term.measure.steps = {0};
  term.measure.never_negative = never_negative;
  term.measure.fields = {FieldOf(std::move(value))};
  return term;
}

Expression AggregateLowerer::Restricted(const Aggregate& aggregate,
                                        Expression value) const {
  if (!aggregate.where) return value;
  std::vector<Expression> parts = List(*aggregate.where);
  const Type type = value.type;
  parts.push_back(std::move(value));
  Expression e = MakeCall("case", std::move(parts));
  e.type = type;
  return e;
}

// 1 if an event that counts passes the test, else 0.
Term AggregateLowerer::AnyOf(const Aggregate& aggregate, Expression test) {
  if (aggregate.where) {
    std::vector<Expression> both = List(*aggregate.where);
    both.push_back(std::move(test));
    test = Expression::Of(Expression::kAnd, std::move(both));
  }
  return OfKind(MeasureKind::kMax,
                Choose(std::move(test), MakeInt(1), MakeInt(0)));
}

Term AggregateLowerer::DistinctOf(const Aggregate& aggregate) {
  return OfKind(MeasureKind::kDistinct,
                Restricted(aggregate, *aggregate.argument));
}

const AggregateLowerer::Aggregate* AggregateLowerer::AggregateOf(
    const Expression& e) const {
  if (!IsCall(e, kAggregate)) return nullptr;
  return &aggregates_[static_cast<size_t>(e.value.int_value)];
}

// The aggregate whose values `e` is, if it is some or all of them.
const AggregateLowerer::Aggregate* AggregateLowerer::ValuesIn(
    const Expression& e) const {
  if (IsCall(e, "string") || IsCall(e, "arrayUnique") ||
      IsCall(e, "arraySort") || IsCall(e, "arraySlice")) {
    return ValuesIn(e.children[0]);
  }
  const Aggregate* const aggregate = AggregateOf(e);
  if (aggregate == nullptr) return nullptr;
  return KindOf(aggregate->function) == MeasureKind::kValues ? aggregate
                                                             : nullptr;
}

}  // namespace tocsin::esql
