// After the first events the matcher allocates nothing: not for finding fields,
// folding, testing or remembering.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/ir/rule.h"
#include "src/plan/planner.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"
#include "tests/reference/event.h"
#include "tests/reference/generate.h"
#include "tests/allocations/allocations.h"

namespace tocsin::runtime {
namespace {

TEST(AllocationTest, TheMatcherAllocatesNothingInTheSteadyState) {
  reference::Generator generator(20260115);
  const auto program = plan::Plan(generator.Rules(200));
  std::vector<std::string> events;
  for (int i = 0; i < 50; ++i) {
    events.push_back(reference::ToJson(generator.Event()));
  }
  Matcher matcher(*program);
  EventView view;
  size_t matches = 0;
  const auto feed_all = [&] {
    for (const std::string& event : events) {
      view.Load(Event::Json(event));
      matcher.Begin(view, reference::Generator::Renames());
      for (uint32_t rule = 0; rule < program->rules.size(); ++rule) {
        matches += matcher.Matches(rule);
      }
    }
  };
  feed_all();
  feed_all();
  const size_t before = testing::AllocationsSoFar();
  feed_all();
  EXPECT_EQ(testing::AllocationsSoFar(), before);
  EXPECT_GT(matches, 0u);
}

}  // namespace
}  // namespace tocsin::runtime
