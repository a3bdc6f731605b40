// The indexed matcher finds what the naive evaluator finds, over rules and
// events made up at random.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
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
// What a matcher learns of a stream shows when its events come again.
constexpr int kPasses = 10;

void ExpectAgreement(const EventMatcherOptions& options, uint64_t first_seed) {
  for (uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
    reference::Generator generator(seed);
    const std::vector<ir::Rule> rules = generator.Rules(kRules);
    const auto program = plan::Plan(rules);
    EventMatcher matcher(*program, options);
    std::vector<std::string> events;
    std::vector<std::vector<uint32_t>> expected;
    for (size_t i = 0; i < kEvents; ++i) {
      const reference::Value event = generator.Event();
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
      for (size_t i = 0; i < kEvents; ++i) {
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

// Rules without a log source meet every event, routed or not.
TEST(EventMatcherPropertyTest, AgreesWithRouting) {
  ExpectAgreement(EventMatcherOptions(), 3000);
}

}  // namespace
}  // namespace tocsin::runtime
