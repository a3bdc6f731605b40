// Properties of the matcher over rules and events made up at random.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/ir/rule.h"
#include "src/plan/planner.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/event.h"
#include "tests/reference/generate.h"

namespace tocsin::runtime {
namespace {

using reference::Generator;

constexpr size_t kRules = 60;
constexpr size_t kEvents = 60;

struct Workload {
  std::vector<ir::Rule> rules;
  std::vector<reference::Value> events;
};

Workload MakeWorkload(uint64_t seed) {
  Generator generator(seed);
  Workload workload;
  workload.rules = generator.Rules(kRules);
  for (size_t i = 0; i < kEvents; ++i) {
    workload.events.push_back(generator.Event());
  }
  return workload;
}

// Rows of results, one an event.
std::vector<std::vector<bool>> MatchAll(
    std::vector<ir::Rule> rules, const std::vector<reference::Value>& events,
    MatcherOptions options, std::span<const FieldRename> renames) {
  const auto program = plan::Plan(std::move(rules));
  Matcher matcher(*program, options);
  EventView view;
  std::vector<std::vector<bool>> rows;
  for (const reference::Value& event : events) {
    const std::string json = reference::ToJson(event);
    EXPECT_TRUE(view.Load(Event::Json(json)).ok()) << json;
    matcher.Begin(view, renames);
    std::vector<bool>& row = rows.emplace_back();
    for (uint32_t i = 0; i < program->rules.size(); ++i) {
      row.push_back(matcher.Matches(i));
    }
  }
  return rows;
}

// Property: the matcher finds what the naive evaluator finds.
void ExpectAgreement(bool require_fields, std::span<const FieldRename> renames,
                     uint64_t first_seed) {
  size_t hits = 0;
  size_t trials = 0;
  for (uint64_t seed = first_seed; seed < first_seed + 30; ++seed) {
    const Workload work = MakeWorkload(seed);
    const auto rows = MatchAll(work.rules, work.events,
                               {.require_fields = require_fields}, renames);
    for (size_t event = 0; event < kEvents; ++event) {
      for (size_t rule = 0; rule < kRules; ++rule) {
        const ir::Expr& condition = work.rules[rule].condition;
        const bool expected = reference::Matches(
            condition, work.events[event],
            {.require_fields = require_fields, .renames = renames});
        ASSERT_EQ(rows[event][rule], expected)
            << "seed " << seed << "\n"
            << ir::Print(condition) << reference::ToJson(work.events[event]);
        hits += expected;
        ++trials;
      }
    }
  }
  // Neither answer is rare, or the test would prove little.
  EXPECT_GT(hits, trials / 10);
  EXPECT_LT(hits, trials / 10 * 9);
}

TEST(MatcherPropertyTest, AgreesWithTheNaiveEvaluator) {
  ExpectAgreement(false, {}, 100);
}

TEST(MatcherPropertyTest, AgreesWithTheNaiveEvaluatorOnRenamedFields) {
  ExpectAgreement(false, Generator::Renames(), 200);
}

TEST(MatcherPropertyTest, AgreesWithTheNaiveEvaluatorIfFieldsAreRequired) {
  ExpectAgreement(true, {}, 300);
  ExpectAgreement(true, Generator::Renames(), 400);
}

TEST(MatcherPropertyTest, ResultsDoNotDependOnTheOtherRules) {
  for (uint64_t seed = 500; seed < 510; ++seed) {
    const Workload work = MakeWorkload(seed);
    const auto all = MatchAll(work.rules, work.events, {}, {});
    Generator generator(seed * 1000);
    for (int round = 0; round < 10; ++round) {
      std::vector<size_t> chosen;
      for (size_t i = 0; i < kRules; ++i) {
        if (generator.OneIn(3)) chosen.push_back(i);
      }
      for (size_t i = chosen.size(); i > 1; --i) {
        std::swap(chosen[i - 1], chosen[generator.Below(i)]);
      }
      std::vector<ir::Rule> subset;
      for (const size_t i : chosen) subset.push_back(work.rules[i]);
      const auto rows = MatchAll(std::move(subset), work.events, {}, {});
      for (size_t event = 0; event < kEvents; ++event) {
        for (size_t i = 0; i < chosen.size(); ++i) {
          ASSERT_EQ(rows[event][i], all[event][chosen[i]])
              << "seed " << seed << "\n"
              << ir::Print(work.rules[chosen[i]].condition)
              << reference::ToJson(work.events[event]);
        }
      }
    }
  }
}

TEST(MatcherPropertyTest, ResultsDoNotDependOnTheEventsBefore) {
  const Workload work = MakeWorkload(600);
  const auto in_order = MatchAll(work.rules, work.events, {}, {});
  for (size_t event = 0; event < kEvents; ++event) {
    const auto alone = MatchAll(work.rules, {work.events[event]}, {}, {});
    ASSERT_EQ(alone[0], in_order[event]);
  }
}

TEST(MatcherPropertyTest, ExplainingOneRuleDoesNotChangeAnother) {
  const Workload work = MakeWorkload(700);
  const auto expected = MatchAll(work.rules, work.events, {}, {});
  const auto program = plan::Plan(work.rules);
  Matcher matcher(*program);
  EventView view;
  for (size_t event = 0; event < kEvents; ++event) {
    const std::string json = reference::ToJson(work.events[event]);
    ASSERT_TRUE(view.Load(Event::Json(json)).ok());
    matcher.Begin(view, {});
    for (uint32_t rule = 0; rule < kRules; ++rule) {
      std::vector<MatchedField> matched;
      matcher.Explain(rule, &matched);
      ASSERT_EQ(matcher.Matches(rule), expected[event][rule]);
      if (!expected[event][rule]) {
        EXPECT_TRUE(matched.empty());
      }
    }
  }
}

}  // namespace
}  // namespace tocsin::runtime
