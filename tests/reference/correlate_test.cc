// The correlator and its twin, on rules and streams that are made up.

#include "tests/reference/correlate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/strings/str_format.h"
#include "src/base/value.h"
#include "src/engine/findings.h"
#include "src/frontend/expression/lower.h"
#include "src/plan/planner.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::reference {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr uint32_t kSteps = 3;
constexpr int64_t kSpan = 10;  // Seconds; streams probe its ends.

// A rule, and the condition behind its group in words of the twin and of the
// engine.
struct Made {
  ir::Correlation rule;
  Where where;  // Null: none.
  std::optional<ir::Expr> condition;
};

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
        MeasureKind::kMax,   MeasureKind::kMedian, MeasureKind::kPercentile};
    ir::Measure measure;
    measure.kind = kKinds[Below(std::size(kKinds))];
    measure.steps = Steps();
    if (measure.kind == MeasureKind::kDistinct) {
      measure.fields = {"value"};
    } else if (measure.kind != MeasureKind::kCount) {
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
    ir::Term left;
    left.kind = ir::Term::kMeasure;
    left.measure = Measure();
    ir::Term right;
    right.number = 1 + Below(4);
    truth.terms = {left, right};
    return truth;
  }

  ir::Truth Truth() {
    if (OneIn(2)) return Compare();
    ir::Truth truth;
    truth.kind = static_cast<ir::Truth::Kind>(Below(3));
    truth.children.push_back(Compare());
    if (truth.kind != ir::Truth::kNot) truth.children.push_back(Compare());
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
    if (OneIn(3)) MakeWhere(&made);
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
    // What arms them again is a matter of the correlator's own.
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

class Fields final : public runtime::EventFields {
 public:
  explicit Fields(const program::Program& program)
      : names_(program.correlation_fields) {}

  void Set(const Event& event) { event_ = &event; }
  std::span<const FieldValue> Find(uint32_t field) override {
    if (names_[field] == "key") {
      value_ = FieldValue::String(event_->key);
    } else if (names_[field] == "number") {
      if (!event_->number) return {};
      value_ = FieldValue::Double(*event_->number);
    } else {
      if (!event_->value) return {};
      value_ = FieldValue::String(*event_->value);
    }
    return {&value_, 1};
  }
  bool AppendJson(uint32_t field, std::string* out) override {
    const std::span<const FieldValue> values = Find(field);
    if (!values.empty()) base::AppendJson(base::Value::Of(values[0]), out);
    return !values.empty();
  }

 private:
  const std::vector<std::string>& names_;
  const Event* event_ = nullptr;
  FieldValue value_;
};

std::unique_ptr<program::Program> Plan(const Made& made) {
  ir::RuleList list;
  for (uint32_t step = 0; step < kSteps; ++step) {
    ir::Rule& rule = list.rules.emplace_back();
    rule.info.id = std::to_string(step);
    rule.role = ir::RuleRole::kStep;
    rule.condition = ir::Expr::True();
  }
  list.correlations.push_back(made.rule);
  if (made.condition) {
    ir::Rule& rule = list.rules.emplace_back();
    rule.role = ir::RuleRole::kCondition;
    rule.condition = *made.condition;
    list.correlations[0].where = kSteps;
  }
  EXPECT_EQ(ir::Verify(list, 0), "");
  return plan::PlanList(std::move(list));
}

class Collector final : public runtime::FiredHandler {
 public:
  void OnFired(const runtime::Fired& fired) override {
    std::vector<runtime::KeyText> key;
    ASSERT_TRUE(runtime::ReadKey(fired.key, &key));
    firings.push_back({key[0].text, fired.at.time, fired.at.ref});
    ids.emplace_back(key[0].text, fired.at.time, fired.ordinal);
    std::string& text = in_order.emplace_back(
        absl::StrFormat("%s %d %d from %d number %d revised %d exact %d",
                        key[0].text, fired.at.time, fired.at.ref, fired.first,
                        fired.ordinal, fired.revised, fired.exact));
    for (uint32_t i = 0; i < fired.value_count; ++i) {
      absl::StrAppendFormat(&text, " %g", fired.values[i]);
    }
  }
  std::vector<std::string> in_order;  // All that is said of each, as it came.
  std::vector<Firing> firings;
  std::vector<std::tuple<std::string, int64_t, uint32_t>> ids;
};

// All that a correlator of one rule keeps.
std::string Save(const runtime::Correlator& correlator) {
  std::string bytes;
  state::SnapshotWriter out(&bytes);
  correlator.SaveClock(&out);
  correlator.SaveRule(0, &out);
  correlator.SaveWaiting(nullptr, &out);
  return bytes;
}

void Load(const std::string& bytes, runtime::Correlator* correlator) {
  state::SnapshotReader in(bytes);
  correlator->LoadClock(&in);
  correlator->LoadRule(0, &in);
  correlator->LoadWaiting(std::vector<uint32_t>{0}, nullptr, &in);
  ASSERT_EQ(in.error(), "");
  ASSERT_EQ(in.remaining(), 0u);
  ASSERT_EQ(Save(*correlator), bytes);
}

// `restarts`: another correlator takes over after each event.
Collector Play(const Made& made, const std::vector<Event>& events,
               int64_t lateness, bool restarts = false) {
  const std::unique_ptr<program::Program> program = Plan(made);
  const std::vector<program::Correlation>& rules = program->correlations;
  engine::Findings findings(*program);
  Collector found;
  std::optional<runtime::Correlator> correlator;
  const auto start = [&] {
    correlator.emplace(
        rules, kSteps, &found,
        runtime::CorrelatorOptions{.lateness = lateness * kSecond,
                                   .seed = {3, 4},
                                   .findings = &findings});
  };
  start();
  Fields fields(*program);
  size_t taken = 0;
  for (const Event& event : events) {
    if (restarts) {
      const std::string bytes = Save(*correlator);
      start();
      Load(bytes, &*correlator);
    }
    std::vector<uint32_t> matched;
    for (uint32_t step = 0; step < kSteps; ++step) {
      if ((event.steps & (1u << step)) != 0) matched.push_back(step);
    }
    fields.Set(event);
    correlator->Take({.time = event.time, .ref = event.ref}, fields, matched);
    // Whole events, and runs of them.
    if (restarts || ++taken % 8 < 3) correlator->Finish();
  }
  correlator->AdvanceTo(INT64_MAX);
  std::sort(found.firings.begin(), found.firings.end());
  std::sort(found.ids.begin(), found.ids.end());
  return found;
}

// A step that the rule does not have is not matched.
void DropSteps(const ir::Correlation& rule, std::vector<Event>* events) {
  const auto mask = static_cast<uint32_t>((1u << rule.steps.size()) - 1);
  std::erase_if(*events, [&](Event& event) {
    event.steps &= mask;
    return event.steps == 0;
  });
}

constexpr int kRounds = 4000;

TEST(CorrelateTest, InOrderTheCorrelatorFindsWhatTheTwinFinds) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    ASSERT_EQ(Play(made, events, 0).firings,
              Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
  }
}

TEST(CorrelateTest, InStrictOrderLateEventsChangeNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    Made made = maker.Rule();
    ir::Correlation& rule = made.rule;
    rule.order = base::OrderMode::kStrict;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    maker.Delay(8, &events);
    ASSERT_EQ(Play(made, events, 8).firings,
              Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
  }
}

// What fires every time, and what further events cannot undo, is the same as
// if all had come in order; so are the ids.
TEST(CorrelateTest, EagerRulesThatFireEveryTimeFindTheSameLate) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    Made made = maker.Rule();
    ir::Correlation& rule = made.rule;
    rule.fire = base::FirePolicy::kEvery;
    // A late end undoes what was reported; a late first sight is only learnt.
    rule.pattern.until.clear();
    if (rule.pattern.kind == ir::Pattern::kSeen) continue;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    const Collector in_order = Play(made, events, 0);
    maker.Delay(8, &events);
    const Collector late = Play(made, events, 8);
    ASSERT_EQ(late.firings, Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
    ASSERT_EQ(late.ids, in_order.ids) << "round " << round;
  }
}

TEST(CorrelateTest, WaitingForLateEventsChangesNothingInOrder) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    ASSERT_EQ(Play(made, events, 8).firings,
              Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
  }
}

// The order in which incidents come out is compared, too.
void ExpectSameAfterRestarts(const Made& made, const std::vector<Event>& events,
                             int64_t lateness, int round) {
  const Collector undisturbed = Play(made, events, lateness);
  const Collector restarted = Play(made, events, lateness, true);
  ASSERT_EQ(restarted.in_order, undisturbed.in_order)
      << "round " << round << "\n"
      << ir::Print(made.rule);
}

TEST(CorrelateTest, InOrderARestartAfterEachEventChangesNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    ExpectSameAfterRestarts(made, events, 0, round);
  }
}

TEST(CorrelateTest, InEagerOrderARestartAfterEachEventChangesNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    maker.Delay(8, &events);
    ExpectSameAfterRestarts(made, events, 8, round);
  }
}

TEST(CorrelateTest, InStrictOrderARestartAfterEachEventChangesNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    Made made = maker.Rule();
    ir::Correlation& rule = made.rule;
    rule.order = base::OrderMode::kStrict;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    maker.Delay(8, &events);
    ExpectSameAfterRestarts(made, events, 8, round);
  }
}

}  // namespace
}  // namespace tocsin::reference
