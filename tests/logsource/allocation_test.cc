// Classifying an event of a kind that was seen before allocates nothing.

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "src/logsource/builtin_table.h"
#include "src/logsource/classifier.h"
#include "src/runtime/event/event_view.h"
#include "tests/allocations/allocations.h"

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
  const size_t before = testing::AllocationsSoFar();
  classify_all();
  EXPECT_EQ(testing::AllocationsSoFar(), before);
}

}  // namespace
}  // namespace tocsin::logsource
