#include "src/plan/correlations.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "src/base/json_writer.h"

namespace tocsin::plan {
namespace {

using base::MeasureCompare;
using base::MeasureKind;
using program::FormulaOp;
using program::StepMask;

// Counts above it are not kept as times.
constexpr double kMostCounted = 1 << 20;
// Steps of a rule whose events share a word with their ref.
constexpr size_t kMostCoreSteps = 15;
// Measures that machines work out.
constexpr size_t kMostMeasures = 32;

int64_t Nanos(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return program::kForever;
  return absl::ToInt64Nanoseconds(duration);
}

StepMask MaskOf(const std::vector<ir::StepIndex>& steps) {
  StepMask mask = 0;
  for (const ir::StepIndex step : steps) mask |= StepMask{1} << step;
  return mask;
}

MeasureCompare Mirror(MeasureCompare compare) {
  switch (compare) {
    case MeasureCompare::kLt:
      return MeasureCompare::kGt;
    case MeasureCompare::kLe:
      return MeasureCompare::kGe;
    case MeasureCompare::kGt:
      return MeasureCompare::kLt;
    case MeasureCompare::kGe:
      return MeasureCompare::kLe;
    default:
      return compare;
  }
}

// `measure compare number`, however it was written.
struct Comparison {
  const ir::Measure* measure = nullptr;
  MeasureCompare compare = MeasureCompare::kGe;
  double number = 0;
};

std::optional<Comparison> AsComparison(const ir::Truth& truth) {
  if (truth.kind != ir::Truth::kCompare) return std::nullopt;
  const ir::Term* left = &truth.terms[0];
  const ir::Term* right = &truth.terms[1];
  MeasureCompare compare = truth.compare;
  if (left->kind == ir::Term::kNumber) {
    std::swap(left, right);
    compare = Mirror(compare);
  }
  if (left->kind != ir::Term::kMeasure || right->kind != ir::Term::kNumber) {
    return std::nullopt;
  }
  return Comparison{&left->measure, compare, right->number};
}

bool IsAtLeast(MeasureCompare compare) {
  return compare == MeasureCompare::kGe || compare == MeasureCompare::kGt;
}

// Whether more events can only make it true.
bool OnlyGrows(const ir::Truth& truth) {
  if (truth.kind == ir::Truth::kNot || truth.kind == ir::Truth::kIsNull) {
    return false;
  }
  if (truth.kind != ir::Truth::kCompare) {
    return std::all_of(truth.children.begin(), truth.children.end(), OnlyGrows);
  }
  const auto comparison = AsComparison(truth);
  if (!comparison || !IsAtLeast(comparison->compare)) return false;
  switch (comparison->measure->kind) {
    case MeasureKind::kCount:
    case MeasureKind::kDistinct:
    case MeasureKind::kMax:
    case MeasureKind::kRate:
      return true;
    case MeasureKind::kSum:
      return comparison->measure->never_negative;
    default:
      return false;
  }
}

StepMask StepsNamed(const ir::Truth& truth);

StepMask StepsNamed(const ir::Term& term) {
  StepMask mask =
      term.kind == ir::Term::kMeasure ? MaskOf(term.measure.steps) : 0;
  for (const ir::Truth& truth : term.truths) mask |= StepsNamed(truth);
  for (const ir::Term& child : term.children) mask |= StepsNamed(child);
  return mask;
}

StepMask StepsNamed(const ir::Truth& truth) {
  StepMask mask = 0;
  for (const ir::Term& term : truth.terms) mask |= StepsNamed(term);
  for (const ir::Truth& child : truth.children) mask |= StepsNamed(child);
  return mask;
}

class CorrelationPlanner {
 public:
  CorrelationPlanner(const ir::Correlation& rule, FieldNumbering field)
      : rule_(rule), field_(field) {}

  program::Correlation Plan() {
    AddSteps();
    AddKeys();
    AddWindow();
    switch (rule_.pattern.kind) {
      case ir::Pattern::kTruth:
        AddTruth();
        break;
      case ir::Pattern::kChain:
        AddChain();
        break;
      case ir::Pattern::kSeen:
        out_.kind = program::Correlation::kSeen;
        out_.triggers = 1;
        // Without fields it is the key itself that was seen or not.
        if (!rule_.pattern.fields.empty()) {
          AddTupleColumn(rule_.pattern.fields, 1);
        }
        out_.learn = Nanos(rule_.pattern.learn);
        break;
      case ir::Pattern::kRatio:
        AddRatio();
        break;
      case ir::Pattern::kSequence:
        AddSequence();
        break;
    }
    AddWhere();
    out_.has_indicators = rule_.has_indicators;
    if (!rule_.time_field.empty()) out_.time_field = field_(rule_.time_field);
    NameValues();
    return std::move(out_);
  }

 private:
  // Steps whose fields the condition behind the group asks for.
  StepMask AskedSteps() const {
    StepMask mask = 0;
    for (const ir::WhereField& field : rule_.where_fields) {
      mask |= StepMask{1} << field.step;
    }
    return mask;
  }

  void AddWhere() {
    if (rule_.where) out_.where = *rule_.where;
    for (const ir::WhereField& asked : rule_.where_fields) {
      const uint32_t field = field_(asked.name);
      const StepMask step = StepMask{1} << asked.step;
      auto known = std::find_if(
          out_.captured.begin(), out_.captured.end(),
          [&](const auto& captured) { return captured.field == field; });
      if (known == out_.captured.end()) {
        out_.captured.push_back(
            {.field = field, .is_time = asked.name == "@timestamp"});
        known = out_.captured.end() - 1;
      }
      known->steps |= step;
      program::WhereField where = {
          .step = asked.step,
          .captured = static_cast<uint32_t>(known - out_.captured.begin()),
          .key = {}};
      base::AppendJsonString(rule_.steps[asked.step].name + "." + asked.name,
                             &where.key);
      where.key += ':';
      out_.where_fields.push_back(std::move(where));
    }
  }

  std::string CountName(StepMask steps) const {
    for (uint32_t i = 0; i < rule_.steps.size(); ++i) {
      if ((steps & (StepMask{1} << i)) != 0) {
        return rule_.steps[i].name + ".count";
      }
    }
    return "count";
  }

  // `show` is of measures, which only windows keep.
  void NameValues() {
    for (const auto& part : out_.parts) {
      out_.value_names.push_back(CountName(part.steps));
    }
    for (const auto& leg : out_.legs) {
      out_.value_names.push_back(CountName(leg.steps));
    }
    for (const program::MeasureData& measure : out_.measures) {
      out_.value_names.push_back(
          measure.kind == MeasureKind::kCount ? CountName(measure.steps) : "");
    }
    if (out_.kind != program::Correlation::kWindow) return;
    for (const ir::Shown& shown : rule_.shown) {
      if (out_.measures.size() == kMostMeasures) return;
      AddMeasure(shown.measure);
      out_.value_names.push_back(shown.name);
    }
  }

  void AddSteps() {
    for (const ir::Step& step : rule_.steps) {
      program::CorrelationStep to;
      to.name = step.name;
      switch (step.source) {
        case ir::Step::kRule:
          to.source = program::CorrelationStep::kRule;
          break;
        case ir::Step::kCorrelation:
          to.source = program::CorrelationStep::kCorrelation;
          break;
        case ir::Step::kAlerts:
          to.source = program::CorrelationStep::kAlerts;
          break;
        case ir::Step::kRisks:
          to.source = program::CorrelationStep::kRisks;
          break;
      }
      to.source_index = step.source_index;
      to.condition = step.condition.value_or(program::kNoRule);
      out_.steps.push_back(std::move(to));
    }
  }

  void AddKeys() {
    for (const ir::KeyPart& part : rule_.group.parts) {
      program::CorrelationKey key;
      key.name = part.name;
      key.missing_is_value = part.missing_is_value;
      key.missing_in = MaskOf(part.missing_in);
      for (const auto& fields : part.fields) {
        std::vector<uint32_t>& numbers = key.fields.emplace_back();
        for (const std::string& field : fields)
          numbers.push_back(field_(field));
      }
      out_.keys.push_back(std::move(key));
    }
    out_.any_of = rule_.group.any_of;
    out_.expected = rule_.group.expected;
  }

  void AddWindow() {
    out_.window = rule_.window.kind;
    out_.reach = rule_.window.reach;
    out_.span = Nanos(rule_.window.span);
    out_.half_open = rule_.window.half_open;
    out_.offset = Nanos(rule_.window.offset);
    out_.longest = Nanos(rule_.window.longest);
    out_.fire = rule_.fire;
    if (rule_.fire == base::FirePolicy::kThrottle) {
      out_.throttle = Nanos(rule_.throttle);
    }
    out_.is_sorted = rule_.order == base::OrderMode::kStrict;
    out_.reports = rule_.reports;
  }

  void AddTruth() {
    const ir::Pattern& pattern = rule_.pattern;
    out_.triggers = pattern.triggers.empty() ? StepsNamed(pattern.truth)
                                             : MaskOf(pattern.triggers);
    out_.trigger_counts = pattern.trigger_counts;
    const bool ends_at_event = out_.window == base::WindowKind::kSliding &&
                               out_.reach == base::WindowReach::kBefore;
    if (!ends_at_event || !OnlyGrows(pattern.truth)) out_.is_sorted = true;
    // A late event may become the newest of its step, unless that is the event
    // that is looked at.
    const bool one_trigger = std::has_single_bit(out_.triggers);
    if (rule_.where && !(one_trigger && AskedSteps() == out_.triggers)) {
      out_.is_sorted = true;
    }
    // What is shown is measured over the events of a window.
    if (ends_at_event && rule_.steps.size() <= kMostCoreSteps && !rule_.where &&
        rule_.shown.empty() && AddParts(pattern.truth)) {
      out_.kind = program::Correlation::kThreshold;
      return;
    }
    out_.kind = program::Correlation::kWindow;
    AddFormula(pattern.truth);
  }

  // Counts that are at least something, joined by one kind of word.
  bool AddParts(const ir::Truth& truth) {
    std::vector<const ir::Truth*> children = {&truth};
    if (truth.kind == ir::Truth::kAnd || truth.kind == ir::Truth::kOr) {
      children.clear();
      for (const ir::Truth& child : truth.children) children.push_back(&child);
      out_.any_part = truth.kind == ir::Truth::kOr;
    }
    for (const ir::Truth* child : children) {
      const auto comparison = AsComparison(*child);
      if (!comparison || !IsAtLeast(comparison->compare) ||
          comparison->measure->kind != MeasureKind::kCount) {
        return GiveUpParts();
      }
      const double least = comparison->compare == MeasureCompare::kGt
                               ? std::floor(comparison->number) + 1
                               : std::ceil(comparison->number);
      if (!(least >= 1 && least <= kMostCounted)) return GiveUpParts();
      out_.parts.push_back({.steps = MaskOf(comparison->measure->steps),
                            .count = static_cast<uint32_t>(least)});
    }
    return true;
  }

  bool GiveUpParts() {
    out_.parts.clear();
    out_.any_part = false;
    return false;
  }

  void AddChain() {
    out_.kind = program::Correlation::kChain;
    for (const ir::Leg& leg : rule_.pattern.legs) {
      if (leg.negated) {
        out_.legs.back().not_after = MaskOf(leg.steps);
        out_.is_sorted = true;
        continue;
      }
      out_.legs.push_back(
          {.steps = MaskOf(leg.steps),
           .count = static_cast<uint32_t>(leg.count),
           .gap = leg.gap ? Nanos(*leg.gap) : program::kForever});
    }
    out_.until = MaskOf(rule_.pattern.until);
    // Their events share a word with their ref only while they are late.
    if (rule_.steps.size() > kMostCoreSteps) out_.is_sorted = true;
    if (!rule_.where) return;
    // Then events are kept as those of a window are: before the last one, and
    // behind it while it is waited for what must be absent.
    out_.triggers = out_.legs.back().steps;
    if (out_.legs.back().not_after != 0) {
      out_.reach = base::WindowReach::kAround;
    }
  }

  void AddSequence() {
    out_.kind = program::Correlation::kSequence;
    out_.is_sorted = true;
    for (const ir::SequenceStage& stage : rule_.pattern.stages) {
      out_.stages.push_back(
          {.step = stage.step,
           .missing = stage.missing,
           .keeps = stage.keeps,
           .condition = stage.condition.value_or(program::kNoRule)});
    }
    out_.until = MaskOf(rule_.pattern.until);
    out_.until_first = rule_.pattern.until_first;
    out_.unordered = rule_.pattern.unordered;
  }

  void AddRatio() {
    const ir::Pattern& pattern = rule_.pattern;
    out_.kind = program::Correlation::kRatio;
    out_.is_sorted = true;
    out_.triggers = StepsNamed(pattern.change);
    AddFormula(pattern.change);
    out_.factor = pattern.factor;
    out_.minimum = pattern.minimum;
    out_.drop = pattern.drop;
    out_.past = static_cast<uint32_t>(
        std::min<int64_t>(Nanos(pattern.past) / out_.span, 1 << 16));
  }

  uint32_t AddColumn(program::Column column) {
    for (uint32_t i = 0; i < out_.columns.size(); ++i) {
      program::Column& other = out_.columns[i];
      if (other.kind == column.kind && other.fields == column.fields &&
          other.never_negative == column.never_negative) {
        other.steps |= column.steps;
        return i;
      }
    }
    out_.columns.push_back(std::move(column));
    return static_cast<uint32_t>(out_.columns.size() - 1);
  }

  uint32_t AddTupleColumn(const std::vector<std::string>& fields,
                          StepMask steps) {
    program::Column column{.kind = program::Column::kTuple, .steps = steps};
    for (const std::string& field : fields) {
      column.fields.push_back(field_(field));
    }
    return AddColumn(std::move(column));
  }

  // The number of a measure of a formula. Formulas say the same of a step more
  // than once; it is worked out once.
  uint32_t FindOrAddMeasure(const ir::Measure& measure) {
    const uint32_t added = AddMeasure(measure);
    const program::MeasureData& last = out_.measures.back();
    for (uint32_t i = 0; i < added; ++i) {
      const program::MeasureData& other = out_.measures[i];
      if (other.kind == last.kind && other.steps == last.steps &&
          other.column == last.column && other.parameter == last.parameter) {
        out_.measures.pop_back();
        return i;
      }
    }
    return added;
  }

  uint32_t AddMeasure(const ir::Measure& measure) {
    program::MeasureData data;
    data.kind = measure.kind;
    data.steps = MaskOf(measure.steps);
    data.parameter = measure.parameter;
    if (measure.kind == MeasureKind::kDistinct) {
      data.column = AddTupleColumn(measure.fields, data.steps);
    } else if (!measure.fields.empty()) {
      data.column = AddColumn({.kind = program::Column::kNumber,
                               .fields = {field_(measure.fields[0])},
                               .never_negative = measure.never_negative,
                               .steps = data.steps});
    }
    out_.measures.push_back(data);
    return static_cast<uint32_t>(out_.measures.size() - 1);
  }

  void AddFormula(const ir::Truth& truth) {
    if (truth.kind == ir::Truth::kCompare) {
      if (const auto comparison = AsComparison(truth)) {
        out_.formula.push_back(
            {.kind = FormulaOp::kMeasure,
             .index = FindOrAddMeasure(*comparison->measure)});
        out_.formula.push_back(
            {.kind = FormulaOp::kNumber, .number = comparison->number});
        out_.formula.push_back(
            {.kind = FormulaOp::kCompare, .compare = comparison->compare});
        return;
      }
      for (const ir::Term& term : truth.terms) AddFormula(term);
      out_.formula.push_back(
          {.kind = FormulaOp::kCompare, .compare = truth.compare});
      return;
    }
    if (truth.kind == ir::Truth::kIsNull) {
      AddFormula(truth.terms[0]);
      out_.formula.push_back({.kind = FormulaOp::kIsNull});
      return;
    }
    for (const ir::Truth& child : truth.children) AddFormula(child);
    if (truth.kind == ir::Truth::kNot || truth.kind == ir::Truth::kIsTrue) {
      out_.formula.push_back({.kind = truth.kind == ir::Truth::kNot
                                          ? FormulaOp::kNot
                                          : FormulaOp::kIsTrue});
      return;
    }
    out_.formula.push_back(
        {.kind =
             truth.kind == ir::Truth::kAnd ? FormulaOp::kAnd : FormulaOp::kOr,
         .index = static_cast<uint32_t>(truth.children.size())});
  }

  void AddFormula(const ir::Term& term) {
    switch (term.kind) {
      case ir::Term::kNumber:
        out_.formula.push_back(
            {.kind = FormulaOp::kNumber, .number = term.number});
        return;
      case ir::Term::kMeasure:
        out_.formula.push_back({.kind = FormulaOp::kMeasure,
                                .index = FindOrAddMeasure(term.measure)});
        return;
      default:
        break;
    }
    for (const ir::Truth& truth : term.truths) AddFormula(truth);
    for (const ir::Term& child : term.children) AddFormula(child);
    constexpr FormulaOp::Kind kKinds[] = {
        FormulaOp::kNumber, FormulaOp::kNumber,   FormulaOp::kAdd,
        FormulaOp::kSub,    FormulaOp::kMul,      FormulaOp::kDiv,
        FormulaOp::kMod,    FormulaOp::kTruncate, FormulaOp::kRound,
        FormulaOp::kIf};
    out_.formula.push_back(
        {.kind = kKinds[term.kind],
         .index = static_cast<uint32_t>(std::clamp(term.number, 0.0, 15.0))});
  }

  const ir::Correlation& rule_;
  FieldNumbering field_;
  program::Correlation out_;
};

}  // namespace

program::Correlation PlanCorrelation(const ir::Correlation& rule,
                                     FieldNumbering field) {
  return CorrelationPlanner(rule, field).Plan();
}

}  // namespace tocsin::plan
