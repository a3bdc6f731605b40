// Detections that only count on another one.

#include "tocsin/suppressed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/snapshot_testing.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing_snapshot::CompileRules;

constexpr Timestamp kStart(1'767'225'600'000'000'000);

std::string Seconds(Timestamp time) {
  return std::to_string((time.nanos() - kStart.nanos()) / 1'000'000'000);
}

// "one 10", "two opened 10", "one suppressed kim 3 11-15".
class Lines : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    lines.push_back(detection.rule().name + " " + Seconds(detection.time()));
    ids.emplace_back(detection.id());
  }
  void OnIncident(const Incident& incident) override {
    lines.push_back(
        absl::StrCat(incident.rule().name, " ",
                     std::string(IncidentChangeName(incident.change())), " ",
                     Seconds(incident.time())));
    firings.push_back(incident.firings());
    ids.emplace_back(incident.id());
  }
  void OnSuppressed(const Suppressed& suppressed) override {
    std::string line = suppressed.rule().name + " suppressed";
    for (const IncidentKey& key : suppressed.keys()) {
      line += " " + (key.missing ? "-" : key.value);
    }
    absl::StrAppend(&line, " ", suppressed.count(), " ",
                    Seconds(suppressed.first_time()), "-",
                    Seconds(suppressed.last_time()));
    if (suppressed.ended_early()) line += " early";
    lines.push_back(line);
    of.emplace_back(suppressed.detection_id());
    AppendSuppressedJson(suppressed, &json);
  }
  std::vector<std::string> lines;
  std::vector<std::string> ids;
  std::vector<std::string> of;
  std::vector<int64_t> firings;
  std::string json;
};

class SuppressTest : public ::testing::Test {
 protected:
  void Load(const std::string& rules, EngineOptions options = {}) {
    if (options.lateness == EngineOptions().lateness) {
      options.lateness = absl::ZeroDuration();
    }
    rules_ = CompileRules("a = any where kind == \"a\"\n" + rules);
    engine_ = std::make_unique<Engine>(rules_, sink_, options);
  }
  int Feed(int second, const std::string& members) {
    const std::string json = R"({"kind":"a",)" + members + "}";
    Event event = Event::Json(json);
    return engine_->Feed(event.set_time(kStart + absl::Seconds(second)))
        .detections;
  }
  int Kim(int second) { return Feed(second, R"("user.name":"kim")"); }
  int Lee(int second) { return Feed(second, R"("user.name":"lee")"); }
  void Advance(int second) {
    engine_->AdvanceTo(kStart + absl::Seconds(second));
  }
  std::vector<std::string> Take() { return std::exchange(sink_.lines, {}); }

  Lines sink_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Engine> engine_;
};

constexpr char kOne[] = "rule one { detect any where kind == \"a\"\n";

TEST_F(SuppressTest, WhatNobodyHasSeenHoldsNothingBack) {
  Load(absl::StrCat(kOne,
                    "suppress 1m by user.name }\n"
                    "rule two { when a >= 2 within 1m by user.name fire every\n"
                    "incident by user.name idle 10m max 1h }"));
  Kim(0);
  Kim(1);
  Kim(2);
  Take();
  engine_->ForgetReports();
  EXPECT_EQ(engine_->stats().incidents_open, 0);
  // Events of before still count; reports do not.
  EXPECT_EQ(Kim(10), 1);
  EXPECT_THAT(Take(), ElementsAre("one 10", "two opened 10"));
  Advance(10'000);
  EXPECT_THAT(Take(), ElementsAre("two closed 10"));
}

TEST_F(SuppressTest, TheFirstGoesOutAndTheNextOnlyCount) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  EXPECT_EQ(Kim(0), 1);
  EXPECT_EQ(Kim(10), 0);
  EXPECT_EQ(Kim(59), 0);
  EXPECT_THAT(Take(), ElementsAre("one 0"));
  EXPECT_EQ(engine_->stats().detections, 1);
  EXPECT_EQ(engine_->stats().suppressed, 2);
  EXPECT_THAT(engine_->detections_by_rule(), ElementsAre(1));
  // As long as it says after the first, not after the last.
  EXPECT_EQ(Kim(60), 1);
  EXPECT_THAT(Take(), ElementsAre("one 60", "one suppressed kim 2 10-59"));
  EXPECT_EQ(sink_.of[0], sink_.ids[0]);
}

TEST_F(SuppressTest, WhatOneKeySuppressesGoesOutForOthers) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  EXPECT_EQ(Kim(0), 1);
  EXPECT_EQ(Lee(1), 1);
  EXPECT_EQ(Kim(2), 0);
}

TEST_F(SuppressTest, WithoutByAllDetectionsOfARuleOverOneEventAreAlike) {
  Load(absl::StrCat(kOne, "suppress 1m }"));
  EXPECT_EQ(Kim(0), 1);
  EXPECT_EQ(Lee(1), 0);
}

TEST_F(SuppressTest, WithoutByARuleOverSeveralEventsGoesByItsKeys) {
  Load(
      "rule two { when a >= 2 within 10s by user.name fire reset\n"
      "  suppress 1m }");
  for (const int second : {0, 1, 20, 21, 40, 41}) {
    Kim(second);
    if (second < 20) Lee(second);
  }
  EXPECT_THAT(Take(), ElementsAre("two opened 1", "two opened 1"));
  Advance(61);
  EXPECT_THAT(Take(), ElementsAre("two suppressed kim 2 21-41"));
  EXPECT_EQ(engine_->stats().incidents, 2);
  EXPECT_EQ(engine_->correlation_stats()[0].incidents, 2);
}

TEST_F(SuppressTest, WhatIsSuppressedCountsOnItsIncidentAndKeepsItOpen) {
  Load(
      "rule two { when a >= 2 within 5s by user.name fire reset\n"
      "  suppress 1m  incident by user.name idle 30s }");
  for (const int second : {0, 1, 20, 21, 50, 51, 70, 71}) Kim(second);
  Advance(200);
  EXPECT_THAT(Take(), ElementsAre("two opened 1", "two suppressed kim 2 21-51",
                                  "two updated 71", "two closed 71"));
  EXPECT_THAT(sink_.firings, ElementsAre(1, 4, 4));
}

TEST_F(SuppressTest, WhatLacksTheFieldGoesOutUnlessThatIsAValue) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }\n",
                    "rule two { detect any where kind == \"a\"\n",
                    "  suppress 1m by ?user.name }"));
  Feed(0, R"("x":1)");
  Feed(1, R"("user.name":null)");
  EXPECT_THAT(Take(), ElementsAre("one 0", "two 0", "one 1"));
}

TEST_F(SuppressTest, ALateOneCountsOnOneThatIsLessThanThatBehindIt) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"),
       {.lateness = absl::Minutes(10)});
  EXPECT_EQ(Kim(300), 1);
  EXPECT_EQ(Kim(241), 0);
  EXPECT_EQ(Kim(240), 1);
  EXPECT_EQ(Kim(230), 0);  // Of the one at 240.
}

TEST_F(SuppressTest, ANumberAndItsTextAreOneKey) {
  Load(absl::StrCat(kOne, "suppress 1m by user.id }"));
  EXPECT_EQ(Feed(0, R"("user.id":7)"), 1);
  EXPECT_EQ(Feed(1, R"("user.id":"7")"), 0);
}

TEST_F(SuppressTest, WithoutATimeADetectionGoesOut) {
  Load(absl::StrCat(kOne, "suppress 1m }"));
  EXPECT_EQ(engine_->Feed(Event::Json(R"({"kind":"a"})")).detections, 1);
  EXPECT_EQ(engine_->Feed(Event::Json(R"({"kind":"a"})")).detections, 1);
}

TEST_F(SuppressTest, AlertsAreWhatGoesOut) {
  Load(absl::StrCat(kOne, "suppress 1m }\n",
                    "rule many { x = alerts where rule.id == \"one\"\n",
                    "  when x >= 2 within 10m by kind }"));
  Kim(0);
  Kim(1);
  EXPECT_THAT(Take(), ElementsAre("one 0"));
  Kim(60);
  EXPECT_THAT(Take(),
              ElementsAre("one 60", "one suppressed 1 1-1", "many opened 60"));
}

TEST_F(SuppressTest, FiringsThatOnlyCountAreNoAlerts) {
  Load(
      "rule two { when a >= 1 within 1s by user.name fire every\n"
      "  suppress 1m }\n"
      "rule many { x = alerts where rule.id == \"two\"\n"
      "  when x >= 2 within 10m by user.name }");
  Kim(0);
  Kim(10);
  EXPECT_THAT(Take(), ElementsAre("two opened 0"));
  Kim(60);
  EXPECT_THAT(Take(), ElementsAre("two suppressed kim 1 10-10",
                                  "two updated 60", "many opened 60"));
}

TEST_F(SuppressTest, BeyondTheMostKeysTheNextToEndEndsEarly) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"),
       {.max_suppressed_keys = 1});
  EXPECT_EQ(Kim(0), 1);
  EXPECT_EQ(Kim(1), 0);
  EXPECT_EQ(Lee(2), 1);
  EXPECT_EQ(Kim(3), 1);
  EXPECT_THAT(Take(), ElementsAre("one 0", "one suppressed kim 1 1-1 early",
                                  "one 2", "one 3"));
}

TEST_F(SuppressTest, ARestartForgetsNothing) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  Kim(0);
  std::string bytes;
  engine_->SaveTo(&bytes);
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  ASSERT_TRUE(engine_->LoadFrom(bytes).ok());
  EXPECT_EQ(Kim(1), 0);
  // By other fields it begins anew.
  engine_->SaveTo(&(bytes = {}));
  Load(absl::StrCat(kOne, "suppress 1m }"));
  ASSERT_TRUE(engine_->LoadFrom(bytes).ok());
  EXPECT_EQ(Kim(2), 1);
}

TEST_F(SuppressTest, AKeyTakesItAlong) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  Kim(0);
  Lee(0);
  const std::vector<IncidentKey> kim = {{.name = "user.name", .value = "kim"}};
  std::string bytes;
  engine_->SaveKey(kim, &bytes);
  engine_->DropKey(kim);
  EXPECT_EQ(Kim(1), 1);
  EXPECT_EQ(Lee(1), 0);
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  ASSERT_TRUE(engine_->LoadKey(bytes).ok());
  EXPECT_EQ(Kim(2), 0);
  EXPECT_EQ(Lee(2), 1);
}

TEST_F(SuppressTest, AnEngineWithoutCorrelationsCountsNoEventAsLate) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  Kim(100);
  const std::string json = R"({"kind":"a"})";
  Event event = Event::Json(json);
  EXPECT_EQ(engine_->Feed(event.set_time(kStart)).uncounted, Uncounted::kNo);
  EXPECT_EQ(engine_->stats().late, 0);
}

TEST_F(SuppressTest, AReportIsOneLineOfJson) {
  Load(absl::StrCat(kOne, "suppress 1m by user.name }"));
  Kim(0);
  Kim(1);
  Advance(60);
  EXPECT_THAT(Take(), SizeIs(2));
  EXPECT_THAT(sink_.json, StartsWith(R"({"kind":"suppressed","id":")"));
  EXPECT_THAT(sink_.json, ::testing::EndsWith(
                              R"("keys":[{"field":"user.name","value":"kim"}],)"
                              R"("ended_early":false})"
                              "\n"));
}

}  // namespace
}  // namespace tocsin
