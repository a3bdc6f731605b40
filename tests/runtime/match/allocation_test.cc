// After the first events the matcher allocates nothing: not for finding fields,
// folding, testing or remembering.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "src/ir/rule.h"
#include "src/plan/planner.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"
#include "tests/reference/event.h"
#include "tests/reference/generate.h"

namespace {

size_t allocations = 0;

void* Allocate(size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return Allocate(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

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
  const size_t before = allocations;
  feed_all();
  EXPECT_EQ(allocations, before);
  EXPECT_GT(matches, 0u);
}

}  // namespace
}  // namespace tocsin::runtime
