// The indexed matcher finds what the naive evaluator finds, over rules and
// events made up at random.

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

void ExpectAgreement(const EventMatcherOptions& options, uint64_t first_seed) {
  for (uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
    reference::Generator generator(seed);
    const std::vector<ir::Rule> rules = generator.Rules(kRules);
    const auto program = plan::Plan(rules);
    EventMatcher matcher(*program, options);
    for (size_t i = 0; i < kEvents; ++i) {
      const reference::Value event = generator.Event();
      const std::string json = reference::ToJson(event);
      const Event loaded = Event::Json(json);
      ASSERT_TRUE(matcher.Load(loaded).ok()) << json;
      std::vector<bool> matches(kRules, false);
      for (const uint32_t rule : matcher.Match()) matches[rule] = true;
      for (size_t rule = 0; rule < kRules; ++rule) {
        const bool expected = reference::Matches(
            rules[rule].condition, event,
            {.require_fields = options.require_fields, .renames = {}});
        ASSERT_EQ(matches[rule], expected)
            << "seed " << seed << " event " << i << "\n"
            << ir::Print(rules[rule].condition) << json;
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

// Rules without a log source meet every event, routed or not.
TEST(EventMatcherPropertyTest, AgreesWithRouting) {
  ExpectAgreement(EventMatcherOptions(), 3000);
}

}  // namespace
}  // namespace tocsin::runtime
