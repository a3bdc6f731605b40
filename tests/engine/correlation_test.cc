// Correlations through the whole engine. What they mean is tested beside the
// correlator; here it is what a host sees.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/ir/correlation.h"
#include "src/plan/planner.h"
#include "tocsin/engine.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Timestamp kStart(1'700'000'000'000'000'000);

// A rule over one event: `field` is `value`.
ir::Rule RuleOf(std::string field, std::string value, ir::RuleRole role) {
  ir::Rule rule;
  rule.info.id = absl::StrCat("rule-", value.c_str());
  rule.info.title = "Event " + value;
  rule.role = role;
  ir::Test test;
  test.field = std::move(field);
  test.pattern.tokens = {{base::PatternToken::kLiteral, std::move(value)}};
  rule.condition = ir::Expr::Of(test);
  return rule;
}

ir::Truth AtLeast(ir::StepIndex step, double number) {
  ir::Truth truth;
  ir::Term measure;
  measure.kind = ir::Term::kMeasure;
  measure.measure.steps = {step};
  ir::Term limit;
  limit.number = number;
  truth.terms = {measure, limit};
  return truth;
}

void GroupBy(std::vector<std::string> fields, ir::Correlation* rule) {
  for (const std::string& field : fields) {
    ir::KeyPart part;
    part.name = field;
    part.fields.assign(rule->steps.size(), {field});
    rule->group.parts.push_back(part);
  }
}

// `failed >= 3 within 1m by user`.
ir::RuleList ThreeFailures(ir::RuleRole role = ir::RuleRole::kStep) {
  ir::RuleList list;
  list.rules = {RuleOf("kind", "failed", role)};
  ir::Correlation rule;
  rule.info.id = "three-failures";
  rule.info.title = "Three failures";
  rule.info.level = "high";
  rule.steps.resize(1);
  rule.steps[0].name = "failed";
  rule.pattern.truth = AtLeast(0, 3);
  rule.window.span = absl::Minutes(1);
  rule.fire = base::FirePolicy::kReset;
  GroupBy({"user"}, &rule);
  list.correlations = {rule};
  return list;
}

class CorrelationEngineTest : public ::testing::Test {
 protected:
  void Load(ir::RuleList list, EngineOptions options = {}) {
    for (size_t i = 0; i < list.correlations.size(); ++i) {
      ASSERT_EQ(ir::Verify(list, i), "");
    }
    rules_ = std::make_shared<const RuleSet>(plan::PlanList(std::move(list)));
    sink_ = std::make_unique<CallbackSink>(
        [this](const Detection& detection) {
          detections_.push_back(detection.rule().id);
        },
        [this](const Incident& incident) {
          if (incident.change() == IncidentChange::kClosed) return;
          std::string text = incident.rule().id;
          for (const IncidentKey& key : incident.keys()) {
            text += " " + key.name + "=" + key.value;
          }
          incidents_.push_back(text);
          ids_.emplace_back(incident.id());
          AppendIncidentJson(incident, &json_);
          is_exact_ = incident.exact();
        });
    engine_ = std::make_unique<Engine>(rules_, *sink_, options);
  }

  Uncounted Feed(absl::Duration at, const std::string& members) {
    const std::string json = "{" + members + "}";
    Event event = Event::Json(json);
    return engine_->Feed(event.set_time(kStart + at)).uncounted;
  }
  Uncounted Fail(absl::Duration at, const std::string& user) {
    return Feed(at, R"("kind":"failed","user":")" + user + "\"");
  }

  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<CallbackSink> sink_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> detections_;
  std::vector<std::string> incidents_;
  std::vector<std::string> ids_;
  std::string json_;
  bool is_exact_ = true;
};

TEST_F(CorrelationEngineTest, AnIncidentNamesRuleAndGroup) {
  Load(ThreeFailures());
  for (int i = 0; i < 3; ++i) Fail(absl::Seconds(i), "kim");
  Fail(absl::Seconds(3), "lee");
  EXPECT_THAT(incidents_, ElementsAre("three-failures user=kim"));
  EXPECT_EQ(
      json_,
      absl::StrCat(R"({"kind":"incident","id":")", ids_[0].c_str(),
                   R"(","change":"opened","incident.id":")", ids_[0].c_str(),
                   R"(","incident.firings":1,"incident.begin":)"
                   R"("2023-11-14T22:13:20Z","incident.end":)"
                   R"("2023-11-14T22:13:22Z",)"
                   R"("time":"2023-11-14T22:13:22Z","time.first":)"
                   R"("2023-11-14T22:13:20Z","rule.id":"three-failures",)"
                   R"("rule.title":"Three failures","rule.level":"high",)"
                   R"("rule.tags":[],"rule.path":"",)"
                   R"("message":"Three failures: user kim",)"
                   R"("keys":[{"field":"user","value":"kim"}],)"
                   R"("values":{"failed.count":3},"events":[)"
                   R"({"steps":["failed"],"time":"2023-11-14T22:13:20Z"},)"
                   R"({"steps":["failed"],"time":"2023-11-14T22:13:21Z"},)"
                   R"({"steps":["failed"],"time":"2023-11-14T22:13:22Z"}],)"
                   R"("events.all":true,"revised":false,"exact":true})",
                   "\n"));
}

TEST_F(CorrelationEngineTest, StepsMakeNoDetectionsAndAreNotListed) {
  Load(ThreeFailures());
  for (int i = 0; i < 3; ++i) Fail(absl::Seconds(i), "kim");
  EXPECT_THAT(detections_, ElementsAre());
  ASSERT_EQ(rules_->rules().size(), 1u);
  EXPECT_EQ(rules_->rules()[0].id, "three-failures");
  EXPECT_THAT(engine_->detections_by_rule(), ElementsAre(1));
}

TEST_F(CorrelationEngineTest, ARuleThatReportsDoesSoBesideItsCorrelation) {
  Load(ThreeFailures(ir::RuleRole::kReports));
  for (int i = 0; i < 3; ++i) Fail(absl::Seconds(i), "kim");
  EXPECT_EQ(detections_.size(), 3u);
  EXPECT_EQ(incidents_.size(), 1u);
  EXPECT_THAT(engine_->detections_by_rule(), ElementsAre(3, 1));
}

TEST_F(CorrelationEngineTest, IdsDoNotDependOnOtherRulesOrOnTheOrderOfArrival) {
  Load(ThreeFailures());
  for (int i = 0; i < 3; ++i) Fail(absl::Seconds(i), "kim");
  const std::vector<std::string> alone = ids_;
  ids_.clear();

  ir::RuleList list = ThreeFailures();
  list.rules.insert(list.rules.begin(),
                    RuleOf("kind", "other", ir::RuleRole::kReports));
  list.correlations[0].steps[0].source_index = 1;
  Load(std::move(list));
  for (const int i : {2, 0, 1}) Fail(absl::Seconds(i), "kim");
  EXPECT_EQ(ids_, alone);
}

TEST_F(CorrelationEngineTest, ANumberAndItsTextAreOneKey) {
  Load(ThreeFailures());
  Feed(absl::Seconds(0), R"("kind":"failed","user":7)");
  Feed(absl::Seconds(1), R"("kind":"failed","user":"7")");
  Feed(absl::Seconds(2), R"("kind":"failed","user":7.0)");
  EXPECT_THAT(incidents_, ElementsAre("three-failures user=7"));
}

TEST_F(CorrelationEngineTest, AnEventJoinsAGroupForEachElementOfAnArray) {
  Load(ThreeFailures());
  for (int i = 0; i < 3; ++i) {
    Feed(absl::Seconds(i),
         absl::StrCat(R"("kind":"failed","user":["kim","u)", i, R"("])"));
  }
  EXPECT_THAT(incidents_, ElementsAre("three-failures user=kim"));
}

TEST_F(CorrelationEngineTest, EventsWithoutTheKeyJoinNoGroupAndAreCounted) {
  Load(ThreeFailures());
  for (int i = 0; i < 3; ++i) Feed(absl::Seconds(i), R"("kind":"failed")");
  for (int i = 0; i < 3; ++i) {
    Feed(absl::Seconds(i), R"("kind":"failed","user":null)");
  }
  EXPECT_THAT(incidents_, ElementsAre());
  EXPECT_EQ(engine_->correlation_stats()[0].without_key, 6);
}

TEST_F(CorrelationEngineTest, AMissingKeyIsAValueWhereTheRuleSaysSo) {
  ir::RuleList list = ThreeFailures();
  list.correlations[0].group.parts[0].missing_is_value = true;
  Load(std::move(list));
  for (int i = 0; i < 3; ++i) Feed(absl::Seconds(i), R"("kind":"failed")");
  EXPECT_THAT(incidents_, ElementsAre("three-failures user="));
}

// `severe with related >= 2 within 5m by any of ip, user`.
TEST_F(CorrelationEngineTest, OneIncidentNamesAllThatTiesItsEvents) {
  ir::RuleList list;
  list.rules = {RuleOf("kind", "severe", ir::RuleRole::kStep),
                RuleOf("any", "yes", ir::RuleRole::kStep)};
  ir::Correlation rule;
  rule.info.id = "related";
  rule.steps.resize(2);
  rule.steps[0].name = "severe";
  rule.steps[1].name = "related";
  rule.steps[1].source_index = 1;
  rule.pattern.truth = AtLeast(1, 2);
  rule.pattern.triggers = {0};
  rule.pattern.trigger_counts = false;
  rule.window.span = absl::Minutes(5);
  rule.fire = base::FirePolicy::kEvery;
  GroupBy({"ip", "user", "host"}, &rule);
  rule.group.any_of = true;
  list.correlations = {rule};
  Load(std::move(list));
  Feed(absl::Minutes(0), R"("any":"yes","ip":"192.0.2.1","user":"kim")");
  Feed(absl::Minutes(1), R"("any":"yes","ip":"192.0.2.1","user":"kim")");
  Feed(absl::Minutes(5),
       R"("any":"yes","kind":"severe","ip":"192.0.2.1","user":"kim",)"
       R"("host":"h1")");
  EXPECT_THAT(incidents_, ElementsAre("related ip=192.0.2.1 user=kim"));
}

// Three failures, then another three of the same user: a rule over the first.
TEST_F(CorrelationEngineTest, WhatACorrelationFiresIsAnEventForAnother) {
  ir::RuleList list = ThreeFailures();
  ir::Correlation second;
  second.info.id = "again";
  second.steps.resize(1);
  second.steps[0].name = "failures";
  second.steps[0].source = ir::Step::kCorrelation;
  second.pattern.truth = AtLeast(0, 2);
  second.window.span = absl::Hours(1);
  GroupBy({"user"}, &second);
  list.correlations.push_back(second);
  list.correlations[0].reports = false;
  Load(std::move(list));
  for (int i = 0; i < 6; ++i) Fail(absl::Seconds(i), "kim");
  for (int i = 0; i < 3; ++i) Fail(absl::Seconds(i), "lee");
  EXPECT_THAT(incidents_, ElementsAre("again user=kim"));
}

TEST_F(CorrelationEngineTest, WhatIsLateStillMeetsRulesOverOneEvent) {
  Load(ThreeFailures(ir::RuleRole::kReports), {.lateness = absl::Seconds(10)});
  EXPECT_EQ(Fail(absl::Seconds(0), "kim"), Uncounted::kNo);
  EXPECT_EQ(Fail(absl::Seconds(20), "kim"), Uncounted::kNo);
  EXPECT_EQ(Fail(absl::Seconds(9), "kim"), Uncounted::kLate);
  EXPECT_EQ(detections_.size(), 3u);
  EXPECT_THAT(incidents_, ElementsAre());
  EXPECT_EQ(engine_->stats().late, 1);
  EXPECT_EQ(engine_->correlation_stats()[0].late, 1);
  Fail(absl::Seconds(10), "kim");
  EXPECT_EQ(incidents_.size(), 1u);
}

TEST_F(CorrelationEngineTest, AFarFutureStampDoesNotEndWindows) {
  Load(ThreeFailures());
  Fail(absl::Seconds(0), "kim");
  EXPECT_EQ(Fail(absl::Hours(24 * 365 * 70), "kim"), Uncounted::kFuture);
  Fail(absl::Seconds(5), "kim");
  Fail(absl::Seconds(6), "kim");
  EXPECT_EQ(incidents_.size(), 1u);
  EXPECT_EQ(engine_->stats().future, 1);
}

TEST_F(CorrelationEngineTest, TimeThatLeapsIsBelievedAfterAFewEvents) {
  Load(ThreeFailures());
  Fail(absl::Seconds(0), "kim");
  for (int i = 0; i < 12; ++i)
    Fail(absl::Hours(1000) + absl::Seconds(i), "lee");
  EXPECT_THAT(incidents_, ElementsAre("three-failures user=lee"));
}

TEST_F(CorrelationEngineTest, AnEventWithoutTimeIsNotCorrelated) {
  Load(ThreeFailures());
  for (int i = 0; i < 3; ++i) {
    const FeedResult fed =
        engine_->Feed(Event::Json(R"({"kind":"failed","user":"kim"})"));
    EXPECT_TRUE(fed.ok());
    EXPECT_EQ(fed.uncounted, Uncounted::kTimeless);
  }
  EXPECT_THAT(incidents_, ElementsAre());
  EXPECT_EQ(engine_->stats().timeless, 3);
}

// `stopped then not started within 2m by host`.
TEST_F(CorrelationEngineTest, AbsenceIsDecidedWhenTheWatermarkHasPassed) {
  ir::RuleList list;
  list.rules = {RuleOf("kind", "stopped", ir::RuleRole::kStep),
                RuleOf("kind", "started", ir::RuleRole::kStep)};
  ir::Correlation rule;
  rule.info.id = "stays-down";
  rule.steps.resize(2);
  rule.steps[0].name = "stopped";
  rule.steps[1].name = "started";
  rule.steps[1].source_index = 1;
  rule.pattern.kind = ir::Pattern::kChain;
  rule.pattern.legs.resize(2);
  rule.pattern.legs[0].steps = {0};
  rule.pattern.legs[1].steps = {1};
  rule.pattern.legs[1].negated = true;
  rule.window.span = absl::Minutes(2);
  rule.fire = base::FirePolicy::kEvery;
  GroupBy({"host"}, &rule);
  list.correlations = {rule};
  Load(std::move(list));
  Feed(absl::Minutes(0), R"("kind":"stopped","host":"h1")");
  Feed(absl::Minutes(0), R"("kind":"stopped","host":"h2")");
  Feed(absl::Minutes(2), R"("kind":"started","host":"h1")");
  engine_->AdvanceTo(kStart + absl::Minutes(2));
  EXPECT_THAT(incidents_, ElementsAre());
  engine_->AdvanceTo(kStart + absl::Minutes(2) + absl::Nanoseconds(1));
  EXPECT_THAT(incidents_, ElementsAre("stays-down host=h2"));
}

TEST_F(CorrelationEngineTest, StateStaysUnderItsBudgetAndSaysWhatItLost) {
  Load(ThreeFailures(), {.state_budget_bytes = int64_t{4} << 20});
  for (int i = 0; i < 100'000; ++i) {
    Fail(absl::Milliseconds(i / 10), absl::StrCat("user-", i));
  }
  const CorrelationStats stats = engine_->correlation_stats()[0];
  EXPECT_GT(stats.shed, 50'000);
  EXPECT_LT(stats.groups, 50'000);
  EXPECT_GT(stats.groups, 5'000);
  for (int i = 0; i < 3; ++i) Fail(absl::Seconds(11), "user-1");
  EXPECT_EQ(incidents_.size(), 1u);
  EXPECT_FALSE(is_exact_);
}

TEST_F(CorrelationEngineTest, TwoCorrelationsOverOneRuleBothFire) {
  ir::RuleList list = ThreeFailures();
  list.correlations.push_back(list.correlations[0]);
  list.correlations[1].info.id = "five-failures";
  list.correlations[1].pattern.truth = AtLeast(0, 5);
  Load(std::move(list));
  for (int i = 0; i < 5; ++i) Fail(absl::Seconds(i), "kim");
  EXPECT_THAT(incidents_,
              ElementsAre("three-failures user=kim", "five-failures user=kim"));
}

}  // namespace
}  // namespace tocsin
