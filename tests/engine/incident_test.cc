// The life of incidents, from firing to the sink.

#include "tocsin/incident.h"

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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using testing_snapshot::CompileRules;

constexpr Timestamp kStart(1'767'225'600'000'000'000);

std::string Seconds(Timestamp time) {
  return std::to_string((time.nanos() - kStart.nanos()) / 1'000'000'000);
}

// "opened kim 1 10-20": change, keys, firings, first and last second.
class Lives : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    lines.push_back("detection " + detection.rule().name);
  }
  void OnIncident(const Incident& incident) override {
    std::string line(IncidentChangeName(incident.change()));
    for (const IncidentKey& key : incident.keys()) {
      line += " " + (key.missing ? "-" : key.value);
    }
    absl::StrAppend(&line, " ", incident.firings(), " ",
                    Seconds(incident.incident_begin()).c_str(), "-",
                    Seconds(incident.incident_end()).c_str());
    if (incident.closed_early()) line += " early";
    lines.push_back(line);
    ids.emplace_back(incident.id());
    incidents.emplace_back(incident.incident_id());
    AppendIncidentJson(incident, &json);
  }
  std::vector<std::string> lines;
  std::vector<std::string> ids;
  std::vector<std::string> incidents;
  std::string json;
};

class IncidentTest : public ::testing::Test {
 protected:
  void Load(const std::string& rules, EngineOptions options = {}) {
    options.lateness = absl::ZeroDuration();
    rules_ = CompileRules("a = any where kind == \"a\"\n" + rules);
    engine_ = std::make_unique<Engine>(rules_, sink_, options);
  }
  void Feed(int second, const std::string& user,
            const std::string& host = "h") {
    const std::string json =
        absl::StrCat(R"({"kind":"a","user.name":")", user.c_str(),
                     R"(","host.name":")", host.c_str(), "\"}");
    Event event = Event::Json(json);
    engine_->Feed(event.set_time(kStart + absl::Seconds(second)));
  }
  void Advance(int second) {
    engine_->AdvanceTo(kStart + absl::Seconds(second));
  }
  std::vector<std::string> Take() { return std::exchange(sink_.lines, {}); }

  Lives sink_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Engine> engine_;
};

constexpr char kTwo[] =
    "rule two { when a >= 2 within 10s by user.name fire reset\n";

TEST_F(IncidentTest, FiringsOfOneKeyAreOneIncident) {
  Load(absl::StrCat(kTwo, "}"));
  for (const int second : {0, 5, 100, 105}) Feed(second, "kim");
  Feed(105, "lee");
  Feed(106, "lee");
  EXPECT_THAT(Take(), ElementsAre("opened kim 1 0-5", "updated kim 2 0-105",
                                  "opened lee 1 105-106"));
  EXPECT_EQ(sink_.incidents[0], sink_.ids[0]);
  EXPECT_EQ(sink_.incidents[1], sink_.ids[0]);
  EXPECT_NE(sink_.ids[1], sink_.ids[0]);
  EXPECT_EQ(sink_.incidents[2], sink_.ids[2]);
}

TEST_F(IncidentTest, WithoutAWordItIsClosedAfterADayOfSilence) {
  Load(absl::StrCat(kTwo, "}"));
  constexpr int kDay = 24 * 60 * 60;
  Feed(0, "kim");
  Feed(5, "kim");
  Advance(kDay + 5);
  EXPECT_THAT(Take(), ElementsAre("opened kim 1 0-5"));
  Advance(kDay + 6);
  EXPECT_THAT(Take(), ElementsAre("closed kim 1 0-5"));
  EXPECT_EQ(sink_.incidents[1], sink_.ids[0]);
  EXPECT_NE(sink_.ids[1], sink_.ids[0]);
}

TEST_F(IncidentTest, AFiringExactlyIdleAfterTheLastJoins) {
  Load(absl::StrCat(kTwo, "incident by user.name idle 1m }"));
  for (const int second : {0, 5, 60, 65}) Feed(second, "kim");
  EXPECT_THAT(Take(), ElementsAre("opened kim 1 0-5", "updated kim 2 0-65"));
  for (const int second : {120, 126}) Feed(second, "kim");
  EXPECT_THAT(Take(), ElementsAre("closed kim 2 0-65", "opened kim 1 120-126"));
}

TEST_F(IncidentTest, AtItsLongestAnotherBegins) {
  Load(absl::StrCat(kTwo, "incident by user.name idle 1m max 90s }"));
  for (const int second : {0, 5, 50, 55, 94, 95}) Feed(second, "kim");
  EXPECT_THAT(Take(), ElementsAre("opened kim 1 0-5", "updated kim 2 0-55",
                                  "updated kim 3 0-95"));
  for (const int second : {96, 97}) Feed(second, "kim");
  EXPECT_THAT(Take(), ElementsAre("closed kim 3 0-95", "opened kim 1 96-97"));
}

TEST_F(IncidentTest, ByOtherFieldsThanTheGroupsFewerIncidentsAreMade) {
  Load(
      "rule two { when a >= 2 within 10s by user.name, host.name fire reset\n"
      "  incident by host.name idle 1m }");
  for (const int second : {0, 1}) {
    Feed(second, "kim");
    Feed(second, "lee");
  }
  Advance(100);
  EXPECT_THAT(Take(), ElementsAre("opened kim h 1 0-1", "updated lee h 2 0-1",
                                  "closed h 2 0-1"));
}

TEST_F(IncidentTest, WhatSharesATieIsOneIncident) {
  Load(
      "rule two { when a >= 2 within 10s by any of user.name, host.name\n"
      "  fire reset  incident by user.name idle 1m }\n"
      "rule ties { when a >= 2 within 10s by any of user.name, host.name\n"
      "  fire reset }");
  Feed(0, "kim", "h1");
  Feed(1, "kim", "h1");
  Take();
  Feed(50, "lee", "h1");
  Feed(51, "lee", "h1");
  EXPECT_THAT(Take(),
              ElementsAre("opened lee h1 1 50-51", "updated lee h1 2 0-51"));
}

TEST_F(IncidentTest, ARuleOverOneEventMakesIncidentsIfItSaysSo) {
  Load(
      "rule one { detect any where kind == \"a\"\n"
      "  incident by user.name idle 1m }\n"
      "rule plain { detect any where kind == \"a\" }");
  Feed(0, "kim");
  Feed(30, "kim");
  EXPECT_THAT(Take(), ElementsAre("detection one", "opened kim 1 0-0",
                                  "detection plain", "detection one",
                                  "updated kim 2 0-30", "detection plain"));
  Advance(91);
  EXPECT_THAT(Take(), ElementsAre("closed kim 2 0-30"));
}

TEST_F(IncidentTest, WhatHasNoSuchFieldIsOfTheIncidentWithoutIt) {
  Load(
      "rule one { detect any where kind == \"a\"\n"
      "  incident by process.name idle 1m }");
  Feed(0, "kim");
  Feed(1, "lee");
  EXPECT_THAT(Take(), ElementsAre("detection one", "opened - 1 0-0",
                                  "detection one", "updated - 2 0-1"));
}

TEST_F(IncidentTest, InWhichStepsTimeMovesDoesNotMatter) {
  // Decided half an hour after the event at which they are true.
  const std::string rule =
      "b = any where kind == \"b\"\n"
      "rule alone { when a and not b within 30m by user.name fire every\n"
      "  incident by user.name idle 5m }";
  Load(rule);
  Feed(0, "kim");
  Feed(240, "kim");
  for (int second = 300; second < 5000; second += 60) Advance(second);
  const std::vector<std::string> small = Take();
  Load(rule);
  Feed(0, "kim");
  Feed(240, "kim");
  Advance(5000);
  EXPECT_EQ(Take(), small);
  EXPECT_THAT(small, ElementsAre("opened kim 1 0-0", "updated kim 2 0-240",
                                 "closed kim 2 0-240"));
}

TEST_F(IncidentTest, BeyondTheMostThatMayBeOpenTheNextToEndIsClosedEarly) {
  Load(absl::StrCat(kTwo, "}"), {.max_open_incidents = 2});
  int second = 0;
  for (const char* user : {"kim", "lee", "kim", "ann"}) {
    Feed(second += 10, user);
    Feed(second, user);
  }
  EXPECT_THAT(Take(), ElementsAre("opened kim 1 10-10", "opened lee 1 20-20",
                                  "updated kim 2 10-30", "opened ann 1 40-40",
                                  "closed lee 1 20-20 early"));
  EXPECT_EQ(engine_->stats().incidents_closed_early, 1);
}

TEST_F(IncidentTest, TheEndOfTheStreamClosesAll) {
  Load(absl::StrCat(kTwo, "}"));
  Feed(0, "kim");
  Feed(1, "kim");
  engine_->AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(Take(), ElementsAre("opened kim 1 0-1", "closed kim 1 0-1"));
  EXPECT_EQ(engine_->stats().incidents, 1);
  EXPECT_EQ(engine_->stats().incidents_opened, 1);
  EXPECT_EQ(engine_->stats().incidents_closed, 1);
  EXPECT_EQ(engine_->stats().incidents_open, 0);
}

TEST_F(IncidentTest, AReportIsOneLineOfJson) {
  Load(absl::StrCat(kTwo, "incident by user.name idle 1m }"));
  Feed(0, "kim");
  Feed(1, "kim");
  Advance(100);
  EXPECT_THAT(
      sink_.json,
      StartsWith(absl::StrCat(
          R"({"kind":"incident","id":")", sink_.ids[0].c_str(),
          R"(","change":"opened","incident.id":")", sink_.ids[0].c_str(),
          R"(","incident.firings":1,"incident.begin":)"
          R"("2026-01-01T00:00:00Z","incident.end":)"
          R"("2026-01-01T00:00:01Z","time":)")));
  EXPECT_THAT(
      sink_.json,
      HasSubstr(R"("revised":false,"exact":true,"closed_early":false})"));
}

TEST_F(IncidentTest, AReloadKeepsIncidentsOfRulesThatAreTheSame) {
  Load(absl::StrCat(kTwo, "incident by user.name idle 1m }"));
  Feed(0, "kim");
  Feed(1, "kim");
  Take();
  // For how long they stay open may change.
  ASSERT_TRUE(engine_
                  ->Reload(CompileRules(
                      absl::StrCat("a = any where kind == \"a\"\n", kTwo,
                                   "incident by user.name idle 2m }")))
                  .ok());
  Feed(110, "kim");
  Feed(111, "kim");
  EXPECT_THAT(Take(), ElementsAre("updated kim 2 0-111"));
}

TEST_F(IncidentTest, WhatIsHeldTogetherByAnotherKeyNowBeginsAnew) {
  const std::string rule = "rule one { detect any where kind == \"a\"\n";
  Load(rule + "incident by user.name }");
  Feed(0, "kim");
  ASSERT_TRUE(engine_
                  ->Reload(CompileRules("a = any where kind == \"a\"\n" + rule +
                                        "incident by host.name }"))
                  .ok());
  Feed(1, "kim");
  EXPECT_THAT(Take(), ElementsAre("detection one", "opened kim 1 0-0",
                                  "detection one", "opened h 1 1-1"));
}

TEST_F(IncidentTest, AKeyTakesItsIncidentsAlong) {
  Load(absl::StrCat(kTwo, "incident by user.name idle 1m }"));
  for (const int second : {0, 1}) {
    Feed(second, "kim");
    Feed(second, "lee");
  }
  Take();
  const std::vector<IncidentKey> kim = {{.name = "user.name", .value = "kim"}};
  std::string bytes;
  engine_->SaveKey(kim, &bytes);
  engine_->DropKey(kim);
  Advance(90);
  EXPECT_THAT(Take(), ElementsAre("closed lee 1 0-1"));
  // What time has passed here is closed at once.
  ASSERT_TRUE(engine_->LoadKey(bytes).ok());
  EXPECT_THAT(Take(), ElementsAre("closed kim 1 0-1"));
}

TEST_F(IncidentTest, ASnapshotFromBeforeThereWereIncidentsHasNone) {
  Load(absl::StrCat(kTwo, "}"));
  Feed(0, "kim");
  Feed(1, "kim");
  std::string bytes;
  engine_->SaveTo(&bytes);
  Take();
  Load("rule other { when a >= 2 within 10s by user.name }");
  ASSERT_TRUE(engine_->LoadFrom(bytes).ok());
  engine_->AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(Take(), IsEmpty());
}

}  // namespace
}  // namespace tocsin
