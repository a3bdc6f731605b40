// Rules and streams that are made up.

#ifndef TOCSIN_TESTS_REFERENCE_MAKER_H_
#define TOCSIN_TESTS_REFERENCE_MAKER_H_

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/frontend/expression/lower.h"
#include "src/text/source.h"
#include "tests/reference/correlate.h"
#include "tests/reference/play.h"

namespace tocsin::reference {

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  uint32_t Below(uint32_t n) { return random_() % n; }
  bool OneIn(uint32_t n) { return Below(n) == 0; }

  std::vector<ir::StepIndex> Steps() {
    std::vector<ir::StepIndex> steps = {Below(kSteps)};
    if (OneIn(4)) {
      const ir::StepIndex other = Below(kSteps);
      if (other != steps[0]) steps.push_back(other);
    }
    return steps;
  }

  ir::Measure Measure() {
    using base::MeasureKind;
    constexpr MeasureKind kKinds[] = {
        MeasureKind::kCount, MeasureKind::kCount,  MeasureKind::kDistinct,
        MeasureKind::kSum,   MeasureKind::kAvg,    MeasureKind::kMin,
        MeasureKind::kMax,   MeasureKind::kMedian, MeasureKind::kPercentile,
        MeasureKind::kRate,  MeasureKind::kStddev, MeasureKind::kInterval,
        MeasureKind::kJitter};
    ir::Measure measure;
    measure.kind = kKinds[Below(std::size(kKinds))];
    measure.steps = Steps();
    if (measure.kind == MeasureKind::kDistinct) {
      measure.fields = {"value"};
    } else if (measure.kind != MeasureKind::kCount &&
               measure.kind != MeasureKind::kRate &&
               measure.kind != MeasureKind::kInterval &&
               measure.kind != MeasureKind::kJitter) {
      measure.fields = {"number"};
      measure.parameter = 1 + Below(100);
    }
    if (measure.kind == MeasureKind::kSum) measure.never_negative = OneIn(2);
    return measure;
  }

  ir::Truth Compare() {
    ir::Truth truth;
    truth.compare = OneIn(3) ? static_cast<base::MeasureCompare>(Below(6))
                             : base::MeasureCompare::kGe;
    ir::Term right;
    right.number = 1 + Below(4);
    truth.terms = {Term(), right};
    return truth;
  }

  ir::Term Term() {
    ir::Term term;
    term.kind = ir::Term::kMeasure;
    term.measure = Measure();
    if (!OneIn(4)) return term;
    ir::Term other;
    other.kind = ir::Term::kMeasure;
    other.measure = Measure();
    ir::Term joined;
    constexpr ir::Term::Kind kKinds[] = {ir::Term::kDiv, ir::Term::kMod,
                                         ir::Term::kTruncate, ir::Term::kRound,
                                         ir::Term::kIf};
    joined.kind = kKinds[Below(std::size(kKinds))];
    joined.children = {term};
    if (joined.kind == ir::Term::kRound) joined.number = 1;
    if (joined.kind == ir::Term::kTruncate || joined.number > 0) return joined;
    joined.children.push_back(other);
    if (joined.kind != ir::Term::kIf) return joined;
    ir::Truth truth;
    truth.kind = ir::Truth::kIsNull;
    truth.terms = {other};
    joined.truths = {truth};
    return joined;
  }

  ir::Truth Truth() {
    if (OneIn(2)) return Compare();
    ir::Truth truth;
    truth.kind = static_cast<ir::Truth::Kind>(Below(3));
    if (OneIn(5)) truth.kind = ir::Truth::kIsTrue;
    truth.children.push_back(Compare());
    const bool single =
        truth.kind == ir::Truth::kNot || truth.kind == ir::Truth::kIsTrue;
    if (!single) truth.children.push_back(Compare());
    return truth;
  }

  Made Rule() {
    Made made;
    ir::Correlation& rule = made.rule;
    rule.steps.resize(kSteps);
    for (uint32_t i = 0; i < kSteps; ++i) {
      rule.steps[i].name = std::string(1, static_cast<char>('a' + i));
      rule.steps[i].source_index = i;
    }
    rule.window.span = absl::Seconds(kSpan);
    rule.window.half_open = OneIn(2);
    rule.fire = static_cast<base::FirePolicy>(Below(4));
    rule.throttle = absl::Seconds(1 + Below(2 * kSpan));
    ir::KeyPart part;
    part.name = "key";
    part.fields.assign(kSteps, {"key"});
    rule.group.parts = {part};
    switch (Below(3)) {
      case 0:
        MakeChain(&rule);
        break;
      case 1:
        if (OneIn(4)) {
          MakeRatio(&rule);
          break;
        }
        if (OneIn(4)) {
          rule.steps.resize(1);
          rule.group.parts[0].fields.resize(1);
          rule.pattern.kind = ir::Pattern::kSeen;
          rule.pattern.fields = {"value"};
          rule.pattern.learn = absl::Seconds(Below(kSpan));
          rule.fire = base::FirePolicy::kEvery;
          break;
        }
        [[fallthrough]];
      default:
        MakeTruth(&rule);
        break;
    }
    if (rule.pattern.kind != ir::Pattern::kRatio && OneIn(3)) MakeWhere(&made);
    return made;
  }

  // Times at which windows just reach, or just do not, are the rule.
  std::vector<Event> Stream(size_t count) {
    std::vector<Event> events;
    int64_t time = kStart;
    for (size_t i = 0; i < count; ++i) {
      constexpr int64_t kGaps[] = {0, 0, 1, 2, 3, 5, kSpan};
      time += kGaps[Below(std::size(kGaps))] * kSecond;
      if (OneIn(6)) time += static_cast<int64_t>(Below(3)) - 1;
      Event event;
      event.time = std::max(time, kStart);
      event.ref = i;
      event.steps = 1 + Below((1u << kSteps) - 1);
      if (!OneIn(4)) event.steps = 1u << Below(kSteps);
      event.key = std::string(1, static_cast<char>('k' + Below(2)));
      if (!OneIn(5)) event.number = static_cast<double>(Below(4));
      if (!OneIn(5)) event.value = std::to_string(Below(4)) + "v";
      events.push_back(event);
    }
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
      return std::tie(a.time, a.ref) < std::tie(b.time, b.ref);
    });
    for (size_t i = 0; i < count; ++i) events[i].ref = i;
    return events;
  }

  // Some events arrive up to `late` seconds after others.
  void Delay(int64_t late, std::vector<Event>* events) {
    std::vector<std::pair<int64_t, size_t>> arrivals;
    for (size_t i = 0; i < events->size(); ++i) {
      const int64_t delay =
          OneIn(4) ? Below(static_cast<uint32_t>(late)) * kSecond : 0;
      arrivals.emplace_back((*events)[i].time + delay, i);
    }
    std::sort(arrivals.begin(), arrivals.end());
    std::vector<Event> arrived;
    for (const auto& [time, i] : arrivals) arrived.push_back((*events)[i]);
    *events = std::move(arrived);
  }

 private:
  void MakeRatio(ir::Correlation* rule) {
    ir::Pattern& pattern = rule->pattern;
    pattern.kind = ir::Pattern::kRatio;
    pattern.change.kind = ir::Term::kMeasure;
    pattern.change.measure = Measure();
    pattern.drop = OneIn(2);
    pattern.factor = 1 + Below(3);
    pattern.minimum = Below(3);
    pattern.past = absl::Seconds((1 + Below(3)) * kSpan);
    rule->window.kind = base::WindowKind::kTumbling;
    rule->window.offset = absl::Seconds(Below(kSpan));
    rule->window.half_open = false;
  }

  void MakeTruth(ir::Correlation* rule) {
    rule->pattern.truth = Truth();
    switch (Below(6)) {
      case 0:
        rule->window.kind = base::WindowKind::kTumbling;
        rule->window.offset = absl::Seconds(Below(kSpan));
        rule->window.half_open = false;
        return;
      case 1:
        rule->window.kind = base::WindowKind::kSession;
        rule->window.span = absl::Seconds(kSpan / 2);
        rule->window.half_open = false;
        if (OneIn(2)) rule->window.longest = absl::Seconds(kSpan);
        return;
      case 2:
        rule->window.reach =
            OneIn(2) ? base::WindowReach::kAfter : base::WindowReach::kAround;
        break;
      default:
        break;
    }
    if (OneIn(2)) {
      rule->pattern.triggers = {Below(kSteps)};
      rule->pattern.trigger_counts = OneIn(2);
    }
  }

  void MakeChain(ir::Correlation* rule) {
    rule->pattern.kind = ir::Pattern::kChain;
    // Without a condition what arms them again is a matter of the correlator's
    // own.
    rule->fire = OneIn(2) ? base::FirePolicy::kEvery : base::FirePolicy::kReset;
    const uint32_t legs = 2 + Below(2);
    for (uint32_t i = 0; i < legs; ++i) {
      ir::Leg leg;
      leg.steps = Steps();
      const bool may_be_absent = i > 0 && !rule->pattern.legs.back().negated;
      if (may_be_absent && OneIn(4)) {
        leg.negated = true;
      } else {
        leg.count = OneIn(2) ? 1 : 1 + static_cast<int>(Below(3));
        if (i > 0 && OneIn(4)) leg.gap = absl::Seconds(1 + Below(kSpan));
      }
      rule->pattern.legs.push_back(leg);
    }
    if (rule->pattern.legs.back().negated) {
      rule->fire = base::FirePolicy::kEvery;
    }
    if (OneIn(4)) rule->pattern.until = {Below(kSteps)};
  }

  // `a.number < b.number`, and the like.
  void MakeWhere(Made* made) {
    const auto& legs = made->rule.pattern.legs;
    if (!legs.empty() && !legs.back().negated) {
      made->rule.fire = static_cast<base::FirePolicy>(Below(4));
    }
    using ir::Operator;
    constexpr Operator kOperators[] = {Operator::kEq, Operator::kNe,
                                       Operator::kLt, Operator::kGe};
    const bool numbers = OneIn(2);
    const Operator op = kOperators[Below(numbers ? 4 : 2)];
    const auto steps = static_cast<uint32_t>(made->rule.steps.size());
    const ir::StepIndex sides[] = {Below(steps), Below(steps)};
    std::vector<ir::Expression> fields;
    for (const ir::StepIndex step : sides) {
      ir::Expression& field = fields.emplace_back();
      field.kind = ir::Expression::kField;
      const std::string name = numbers ? "number" : "value";
      field.field.parts = {{made->rule.steps[step].name, {}}, {name, {}}};
      auto& asked = made->rule.where_fields;
      if (asked.empty() || asked[0].step != step) asked.push_back({step, name});
    }
    ir::Expression compare =
        ir::Expression::Of(ir::Expression::kCompare, std::move(fields));
    compare.op = op;
    made->condition = expression::LowerTrue(compare, text::Source("where", ""));
    made->where = [=](const std::vector<const Event*>& chosen) {
      const Event* const a = chosen[sides[0]];
      const Event* const b = chosen[sides[1]];
      if (a == nullptr || b == nullptr) return false;
      if (numbers && !(a->number && b->number)) return false;
      if (!numbers && !(a->value && b->value)) return false;
      switch (op) {
        case Operator::kEq:
          return numbers ? a->number == b->number : a->value == b->value;
        case Operator::kNe:
          return numbers ? a->number != b->number : a->value != b->value;
        case Operator::kLt:
          return *a->number < *b->number;
        default:
          return *a->number >= *b->number;
      }
    };
  }

  std::mt19937 random_;
};

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_MAKER_H_
