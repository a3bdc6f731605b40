// Classifying an event of a kind that was seen before allocates nothing.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string_view>
#include <vector>

#include "src/logsource/builtin_table.h"
#include "src/logsource/classifier.h"
#include "src/runtime/event/event_view.h"

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
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace tocsin::logsource {
namespace {

TEST(ClassifierAllocationTest, AKindSeenBeforeCostsNoAllocation) {
  std::vector<std::string_view> events = {
      R"({"Channel":"Security","EventID":4688})",
      R"({"colour":"blue"})",
      R"({"logsource":{"product":"acme"}})",
      R"({"product":"windows","category":"process_creation"})",
  };
  for (const Family& family : Families()) {
    for (const Recognizer& row : family.rows) events.push_back(row.example);
  }
  Classifier classifier({}, std::nullopt);
  runtime::EventView view;
  const auto classify_all = [&] {
    for (const std::string_view event : events) {
      view.Load(Event::Json(event));
      classifier.Classify(
          [&](std::string_view field, std::vector<FieldValue>* values) {
            return view.Find(field, values);
          });
    }
  };
  classify_all();
  classify_all();
  const size_t before = allocations;
  classify_all();
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace tocsin::logsource
