// Rules that read what others find, and conditions on it: two rules that are
// made up, and one over their findings, through the correlator and through the
// twin, which takes the firings of the two for the events of the third.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "src/frontend/expression/lower.h"
#include "tests/reference/correlate.h"
#include "tests/reference/maker.h"
#include "tests/reference/play.h"

namespace tocsin::reference {
namespace {

constexpr uint32_t kInner = 2;

// Firings by rule.
class ByRule final : public runtime::FiredHandler {
 public:
  void OnFired(const runtime::Fired& fired) override {
    std::vector<runtime::KeyText> key;
    ASSERT_TRUE(runtime::ReadKey(fired.key, &key));
    firings[fired.rule].push_back({key[0].text, fired.at.time, fired.at.ref});
  }
  std::vector<Firing> firings[kInner + 1];
};

// A rule whose findings are told at their event, so that what reads them gets
// them in order.
Made MakeInner(Maker* maker, uint32_t number) {
  while (true) {
    Made made = maker->Rule();
    made.condition.reset();
    made.where = nullptr;
    made.rule.where_fields.clear();
    const std::string name = "r" + std::to_string(number);
    made.rule.info.id = name;
    made.rule.info.name = name;
    if (made.rule.pattern.kind != ir::Pattern::kTruth &&
        made.rule.pattern.kind != ir::Pattern::kChain) {
      continue;
    }
    // As chains without a condition are made up.
    const bool is_chain = made.rule.pattern.kind == ir::Pattern::kChain;
    if (is_chain && made.rule.fire != base::FirePolicy::kReset) {
      made.rule.fire = base::FirePolicy::kEvery;
    }
    if (!Plan(made)->correlations[0].is_sorted) return made;
  }
}

TEST(AlertsTest, WhatReadsFindingsFindsWhatTheTwinFinds) {
  size_t found = 0;
  for (uint32_t round = 0; round < 3000; ++round) {
    Maker maker(round);
    ir::RuleList list;
    for (uint32_t step = 0; step < kSteps; ++step) {
      ir::Rule& rule = list.rules.emplace_back();
      rule.role = ir::RuleRole::kStep;
      rule.condition = ir::Expr::True();
    }
    std::vector<Made> inner;
    for (uint32_t i = 0; i < kInner; ++i) {
      inner.push_back(MakeInner(&maker, i));
      list.correlations.push_back(inner[i].rule);
    }
    // Steps of the third: all alerts, those of one rule by a condition, and
    // those of the other by its name.
    ir::Correlation outer;
    do {
      outer = maker.Rule().rule;
    } while (outer.steps.size() != kSteps || !outer.where_fields.empty() ||
             (outer.pattern.kind != ir::Pattern::kTruth &&
              outer.pattern.kind != ir::Pattern::kChain));
    ir::Rule& condition = list.rules.emplace_back();
    condition.role = ir::RuleRole::kCondition;
    condition.condition = expression::FieldEquals(
        "rule.id", base::Value::String("r1"), ir::Type::kString, false);
    outer.steps[0].source = ir::Step::kAlerts;
    outer.steps[1].source = ir::Step::kAlerts;
    outer.steps[1].condition = kSteps;
    outer.steps[2].source = ir::Step::kCorrelation;
    outer.steps[2].source_index = 0;
    list.correlations.push_back(outer);
    ASSERT_EQ(ir::Verify(list, kInner), "");

    const std::vector<Event> events = maker.Stream(24);
    std::vector<Event> findings;
    for (uint32_t i = 0; i < kInner; ++i) {
      std::vector<Event> of_rule = events;
      for (const Firing& firing : Correlate(inner[i].rule, of_rule)) {
        Event& event = findings.emplace_back();
        event.time = firing.time;
        event.ref = firing.ref * kInner + i;
        event.steps = i == 0 ? 1 | 4 : 1 | 2;
        event.key = firing.key;
      }
    }
    std::vector<Firing> wanted;
    if (!findings.empty()) wanted = Correlate(outer, findings);
    for (Firing& firing : wanted) firing.ref /= kInner;
    std::sort(wanted.begin(), wanted.end());
    found += wanted.size();

    const auto program = plan::PlanList(list);
    engine::Findings reader(*program);
    ByRule fired;
    runtime::Correlator correlator(program->correlations, kSteps, &fired,
                                   {.seed = {1, 2}, .findings = &reader});
    Fields fields(*program);
    for (const Event& event : events) {
      std::vector<uint32_t> matched;
      for (uint32_t step = 0; step < kSteps; ++step) {
        if ((event.steps >> step & 1) != 0) matched.push_back(step);
      }
      fields.Set(event);
      correlator.Feed({.time = event.time, .ref = event.ref}, fields, matched);
    }
    correlator.AdvanceTo(INT64_MAX);
    std::vector<Firing>& got = fired.firings[kInner];
    std::sort(got.begin(), got.end());
    ASSERT_EQ(got, wanted) << "round " << round << "\n"
                           << ::testing::PrintToString(fired.firings[0]) << "\n"
                           << ir::Print(inner[0].rule)
                           << ir::Print(inner[1].rule) << ir::Print(outer);
  }
  EXPECT_GT(found, 500u);
}

}  // namespace
}  // namespace tocsin::reference
