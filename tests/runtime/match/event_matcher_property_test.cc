// The indexed matcher finds what the naive evaluator finds, over rules and
// events made up at random.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/number.h"
#include "src/ir/rule.h"
#include "src/plan/planner.h"
#include "src/runtime/match/event_matcher.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/event.h"
#include "tests/reference/generate.h"

namespace tocsin::runtime {
namespace {

constexpr size_t kRules = 100;
constexpr size_t kEvents = 100;
// What a matcher learns of a stream shows when its events come again.
constexpr int kPasses = 10;

using MakeEvents = std::vector<reference::Value>(reference::Generator&);

std::vector<reference::Value> AnyEvents(reference::Generator& generator) {
  std::vector<reference::Value> events;
  for (size_t i = 0; i < kEvents; ++i) events.push_back(generator.Event());
  return events;
}

// Some kinds of events, each with a few values for each of its members.
std::vector<reference::Value> EventsOfFewValues(
    reference::Generator& generator) {
  constexpr size_t kKinds = 4;
  constexpr size_t kValues = 4;
  std::vector<reference::Value> events;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    const reference::Value first = generator.Event();
    std::vector<reference::Value> pool;
    for (const auto& member : first.members) pool.push_back(member.value);
    while (!pool.empty() && pool.size() < first.members.size() * kValues) {
      for (const auto& member : generator.Event().members) {
        pool.push_back(member.value);
      }
    }
    for (size_t i = 0; i < kEvents / kKinds; ++i) {
      reference::Value event = first;
      for (size_t m = 0; m < event.members.size(); ++m) {
        const size_t chosen = generator.Below(kValues);
        event.members[m].value = pool[m + chosen * event.members.size()];
      }
      events.push_back(std::move(event));
    }
  }
  return events;
}

void ExpectAgreement(const EventMatcherOptions& options, uint64_t first_seed,
                     MakeEvents& make_events = AnyEvents) {
  for (uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
    reference::Generator generator(seed);
    const std::vector<ir::Rule> rules = generator.Rules(kRules);
    const auto program = plan::Plan(rules);
    EventMatcher matcher(*program, options);
    std::vector<std::string> events;
    std::vector<std::vector<uint32_t>> expected;
    for (const reference::Value& event : make_events(generator)) {
      events.push_back(reference::ToJson(event));
      std::vector<uint32_t>& matches = expected.emplace_back();
      for (uint32_t rule = 0; rule < kRules; ++rule) {
        if (reference::Matches(
                rules[rule].condition, event,
                {.require_fields = options.require_fields, .renames = {}})) {
          matches.push_back(rule);
        }
      }
    }
    for (int pass = 0; pass < kPasses; ++pass) {
      for (size_t i = 0; i < events.size(); ++i) {
        const Event loaded = Event::Json(events[i]);
        ASSERT_TRUE(matcher.Load(loaded).ok()) << events[i];
        const std::span<const uint32_t> found = matcher.Match();
        ASSERT_EQ(std::vector<uint32_t>(found.begin(), found.end()),
                  expected[i])
            << "seed " << seed << " event " << i << " pass " << pass << "\n"
            << events[i];
      }
    }
  }
}

TEST(EventMatcherPropertyTest, AgreesWithTheNaiveEvaluator) {
  EventMatcherOptions options;
  options.routing = false;
  ExpectAgreement(options, 1000);
}

TEST(EventMatcherPropertyTest, AgreesIfFieldsAreRequired) {
  EventMatcherOptions options;
  options.routing = false;
  options.require_fields = true;
  ExpectAgreement(options, 2000);
}

TEST(EventMatcherPropertyTest, AgreesWhereValuesComeAgain) {
  EventMatcherOptions options;
  options.routing = false;
  ExpectAgreement(options, 4000, EventsOfFewValues);
  options.require_fields = true;
  ExpectAgreement(options, 5000, EventsOfFewValues);
}

ir::Expr Compare(ir::CompareOp op, std::string_view number) {
  ir::Test test;
  test.op = ir::TestOp::kCompare;
  test.field = "n";
  test.compare = op;
  test.number = *base::ParseNumber(number);
  return ir::Expr::Of(std::move(test));
}

ir::Expr NameIs(std::string_view name) {
  ir::Test test;
  test.op = ir::TestOp::kPattern;
  test.field = "name";
  test.pattern.tokens = {{base::PatternToken::kLiteral, std::string(name)}};
  return ir::Expr::Of(std::move(test));
}

// Numbers are remembered by how they stand to those of rules, so that they need
// not come again.
TEST(EventMatcherPropertyTest, AgreesWithThePlainMatcherOnNumbersThatDiffer) {
  std::vector<ir::Expr> conditions;
  for (const ir::CompareOp op :
       {ir::CompareOp::kLt, ir::CompareOp::kLe, ir::CompareOp::kGt,
        ir::CompareOp::kGe, ir::CompareOp::kEq}) {
    for (const std::string_view number :
         {"-1", "0", "3.5", "700", "18446744073709551615"}) {
      conditions.push_back(Compare(op, number));
      conditions.push_back(ir::Expr::Not(Compare(op, number)));
      conditions.push_back(ir::Expr::Or({NameIs("kim"), Compare(op, number)}));
      conditions.push_back(ir::Expr::And(
          {Compare(ir::CompareOp::kGe, "3.5"), Compare(op, number)}));
    }
  }
  std::vector<ir::Rule> rules;
  for (ir::Expr& condition : conditions) {
    ir::Rule& rule = rules.emplace_back();
    rule.condition = std::move(condition);
  }
  const auto program = plan::Plan(std::move(rules));
  EventMatcher matcher(*program, {.routing = false});
  EventMatcher plain(*program, {.routing = false, .plain = true});
  for (int i = 0; i < 3000; ++i) {
    static constexpr const char* kForms[] = {
        "%d", "%d.5", "-%d", "\"%d\"", "%de1", "%d00000000000000000"};
    char number[64];
    std::snprintf(number, sizeof(number), kForms[i % 7 % 6], i / 3);
    const std::string event = std::string(R"({"name":")") +
                              (i % 5 == 0 ? "kim" : "lee") + R"(","n":)" +
                              number + "}";
    ASSERT_TRUE(matcher.Load(Event::Json(event)).ok()) << event;
    ASSERT_TRUE(plain.Load(Event::Json(event)).ok()) << event;
    ASSERT_TRUE(std::ranges::equal(matcher.Match(), plain.Match())) << event;
  }
}

// Rules without a log source meet every event, routed or not.
TEST(EventMatcherPropertyTest, AgreesWithRouting) {
  ExpectAgreement(EventMatcherOptions(), 3000);
}

}  // namespace
}  // namespace tocsin::runtime
