// Real Windows events in two forms: nested EVTX JSON, and flattened by another
// program. The view of the one must offer what the other holds.

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/json_items.h"
#include "src/runtime/event/event_view.h"
#include "tests/conformance/shared_data.h"
#include "tocsin/event_reader.h"

namespace tocsin::runtime {
namespace {

std::string Show(const FieldValue& value) {
  if (value.is_null()) return "null";
  if (!value.is_string()) return std::string(value.text());
  // The layout behind a list is dropped from nested events.
  std::string_view text = value.text();
  const size_t last = text.find_last_not_of("\t\r\n");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return "'" + std::string(text) + "'";
}

std::string Values(const EventView& view, std::string_view field) {
  std::vector<FieldValue> values;
  if (!view.Find(field, &values)) return "missing";
  std::string text;
  for (const FieldValue& value : values) text += Show(value) + " ";
  return text;
}

std::vector<std::string> Scalars(const EventView& view) {
  std::vector<std::string> scalars;
  view.ForEachScalar([&](std::string_view, const FieldValue& value) {
    scalars.push_back(Show(value));
  });
  std::sort(scalars.begin(), scalars.end());
  return scalars;
}

class EvtxLaneTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = conformance::SharedFolder() + "/corpora/";
    auto nested = OpenFile(folder + "sigma-regression.ndjson.zst");
    auto flat = OpenFile(folder + "sigma-regression-flat.ndjson.zst");
    if (!nested.ok() || !flat.ok()) {
      std::cerr << "SKIPPED, the shared data is not there: EVTX lane\n";
      GTEST_SKIP();
    }
    nested_ = std::make_unique<EventReader>(*std::move(nested));
    flat_ = std::make_unique<EventReader>(*std::move(flat));
  }

  // Loads the next event in both forms; false at the end.
  bool Next() {
    if (nested_->Next() != EventReader::kEvent) return false;
    EXPECT_EQ(flat_->Next(), EventReader::kEvent);
    base::JsonItems members(nested_->event().json);
    while (members.Next()) {
      if (members.key() == "event") break;
    }
    EXPECT_TRUE(nested_view_.Load(Event::Json(members.value())).ok());
    EXPECT_TRUE(flat_view_.Load(Event::Json(flat_->event().json)).ok());
    ++events_;
    return true;
  }

  std::unique_ptr<EventReader> nested_;
  std::unique_ptr<EventReader> flat_;
  EventView nested_view_;
  EventView flat_view_;
  int events_ = 0;
};

TEST_F(EvtxLaneTest, EveryFlatFieldIsFoundInTheNestedForm) {
  int fields = 0;
  while (Next()) {
    base::JsonItems members(flat_->event().json);
    while (members.Next()) {
      ++fields;
      EXPECT_EQ(Values(nested_view_, members.key()),
                Values(flat_view_, members.key()))
          << members.key() << " in line " << flat_->event().line;
    }
  }
  EXPECT_EQ(events_, 240);
  EXPECT_GT(fields, 240 * 15);
}

TEST_F(EvtxLaneTest, ScalarsAreThoseOfTheFlatFormEachOnce) {
  while (Next()) {
    EXPECT_EQ(Scalars(nested_view_), Scalars(flat_view_))
        << "line " << flat_->event().line;
  }
}

}  // namespace
}  // namespace tocsin::runtime
