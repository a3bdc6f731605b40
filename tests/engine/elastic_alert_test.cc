// What Elastic's rules say of their alerts: severity, score, name, how many
// there may be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tests/engine/elastic_testing.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::string Query(std::string_view members) {
  return Rule("query", R"("query":"a:b",)" + std::string(members));
}

// --- Severity, score, name.

TEST(ElasticMappingTest, OfSeveritiesThatAValueGivesTheGravestCounts) {
  EXPECT_THAT(
      RunOf(Query(R"("severity_mapping":[)"
                  R"({"field":"s","operator":"equals","value":"1",)"
                  R"("severity":"high"},)"
                  R"({"field":"t","operator":"equals","value":"x",)"
                  R"("severity":"critical"}])"),
            {{0, R"({"a":"b"})"},
             {1, R"({"a":"b","s":1})"},
             {2, R"({"a":"b","s":"1","t":"x"})"},
             {3, R"({"a":"b","s":["0","1"]})"}})
          .found,
      ElementsAre("medium 21 R", "high 21 R", "critical 21 R", "high 21 R"));
}

TEST(ElasticMappingTest, AMappedSeverityMayBeLessThanTheRules) {
  EXPECT_THAT(RunOf(Query(R"("severity_mapping":[{"field":"s",)"
                          R"("operator":"equals","value":"1",)"
                          R"("severity":"low"}])"),
                    {{0, R"({"a":"b","s":"1"})"}, {1, R"({"a":"b"})"}})
                  .found,
              ElementsAre("low 21 R", "medium 21 R"));
}

TEST(ElasticMappingTest, ANumberFromZeroToAHundredReplacesTheScore) {
  EXPECT_THAT(
      RunOf(Query(R"("risk_score_mapping":[{"field":"event.risk_score",)"
                  R"("operator":"equals","value":""}])"),
            {{0, R"({"a":"b","event":{"risk_score":99}})"},
             {1, R"({"a":"b","event.risk_score":"47"})"},
             {2, R"({"a":"b","event.risk_score":0})"},
             {3, R"({"a":"b","event.risk_score":101})"},
             {4, R"({"a":"b","event.risk_score":"high"})"},
             {5, R"({"a":"b","event.risk_score":[3,73]})"},
             {6, R"({"a":"b"})"}})
          .found,
      ElementsAre("medium 99 R", "medium 47 R", "medium 0 R", "medium 21 R",
                  "medium 21 R", "medium 73 R", "medium 21 R"));
}

TEST(ElasticMappingTest, OfSeveralMappingsOfTheScoreTheFirstAloneCounts) {
  EXPECT_THAT(
      RunOf(Query(R"("risk_score_mapping":[{"field":"s","operator":"equals",)"
                  R"("value":""},{"field":"t","operator":"equals",)"
                  R"("value":""}])"),
            {{0, R"({"a":"b","s":10,"t":90})"}, {1, R"({"a":"b","t":90})"}})
          .found,
      ElementsAre("medium 10 R", "medium 21 R"));
}

TEST(ElasticMappingTest, OneThatSaysWhatNoneCanHasNoEffect) {
  Compiler compiler;
  compiler.AddText(
      Query(R"("severity_mapping":[{"field":"s","operator":"gt","value":"1",)"
            R"("severity":"high"},{"field":"s","operator":"equals",)"
            R"("value":"1","severity":"bad"}],"risk_score_mapping":[)"
            R"({"field":"s","operator":"gt","value":""}])"),
      "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  EXPECT_THAT(compiled.diagnostics, SizeIs(3));
  AlertSink sink;
  Engine engine(compiled.rules, sink);
  engine.Feed(Event::Json(R"({"a":"b","s":1})").set_time(At(0)));
  EXPECT_THAT(sink.found, ElementsAre("medium 21 R"));
}

TEST(ElasticMappingTest, ATextOfTheEventReplacesTheName) {
  EXPECT_THAT(RunOf(Query(R"("rule_name_override":"message")"),
                    {{0, R"({"a":"b","message":"Odd thing"})"},
                     {1, R"({"a":"b","message":""})"},
                     {2, R"({"a":"b"})"}})
                  .found,
              ElementsAre("medium 21 Odd thing", "medium 21 R", "medium 21 R"));
}

TEST(ElasticMappingTest, OutputTellsWhatDiffersFromTheRule) {
  Compiler compiler;
  compiler.AddText(Query(R"("rule_name_override":"message",)"
                         R"("building_block_type":"default")"),
                   "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  EXPECT_TRUE(compiled.rules->rules()[0].is_building_block);
  std::string written;
  CallbackSink sink([&](const Detection& detection) {
    AppendDetectionJson(detection, &written);
  });
  Engine engine(compiled.rules, sink);
  engine.Feed(Event::Json(R"({"a":"b","message":"Odd"})"));
  EXPECT_THAT(written, HasSubstr(R"("rule.title":"R")"));
  EXPECT_THAT(written, HasSubstr(R"("title":"Odd","risk_score":21,)"
                                 R"("building_block":true)"));
}

TEST(ElasticMappingTest, ARuleOfOtherFormatsHasNoScore) {
  Compiler compiler;
  compiler.AddText("a:b", "query.kql");
  std::string written;
  CallbackSink sink([&](const Detection& detection) {
    EXPECT_LT(detection.risk_score(), 0);
    AppendDetectionJson(detection, &written);
  });
  Engine engine(compiler.Compile().rules, sink);
  engine.Feed(Event::Json(R"({"a":"b"})"));
  EXPECT_THAT(written, Not(HasSubstr("risk_score")));
  EXPECT_THAT(written, HasSubstr("matched"));
}

// --- How many alerts there may be.

std::vector<Timed> Events(int count, int64_t second) {
  return std::vector<Timed>(static_cast<size_t>(count),
                            {second, R"({"a":"b"})"});
}

TEST(ElasticMaxSignalsTest, MoreThanTheRuleAllowsAreHeldBackAndCounted) {
  const Outcome run = RunOf(Query(R"("max_signals":3)"), Events(5, 0));
  EXPECT_THAT(run.found, SizeIs(3));
  EXPECT_EQ(run.stats.detections, 3);
  EXPECT_EQ(run.stats.over_limit, 2);
  EXPECT_EQ(run.stats.suppressed, 0);
  EXPECT_THAT(run.counted, ElementsAre("2 over the limit"));
}

TEST(ElasticMaxSignalsTest, ARuleThatSaysNothingHasAHundred) {
  const Outcome run = RunOf(Query(R"("interval":"5m")"), Events(120, 0));
  EXPECT_THAT(run.found, SizeIs(100));
  EXPECT_EQ(run.stats.over_limit, 20);
}

TEST(ElasticMaxSignalsTest, TheNextIntervalBeginsAnew) {
  std::vector<Timed> events = Events(4, 0);
  for (const Timed& event : Events(4, 59)) events.push_back(event);
  for (const Timed& event : Events(4, 60)) events.push_back(event);
  const Outcome run =
      RunOf(Query(R"("max_signals":2,"interval":"1m")"), events);
  EXPECT_THAT(run.found, SizeIs(4));
  EXPECT_THAT(run.counted, ElementsAre("6 over the limit", "2 over the limit"));
}

TEST(ElasticMaxSignalsTest, FiringsOfRulesOverSeveralEventsCountToo) {
  std::vector<Timed> events;
  for (int i = 0; i < 5; ++i) {
    events.push_back({i, R"({"a":"b","u":")" + std::to_string(i) + R"("})"});
  }
  const Outcome run =
      RunOf(Rule("threshold", R"("query":"a:b","threshold":{"field":["u"],)"
                              R"("value":1},"max_signals":2)"),
            events);
  EXPECT_THAT(run.found, SizeIs(2));
  EXPECT_EQ(run.stats.incidents, 2);
  EXPECT_EQ(run.stats.over_limit, 3);
}

TEST(ElasticMaxSignalsTest, WhatIsSuppressedTakesNoRoom) {
  const Outcome run =
      RunOf(Query(R"("max_signals":2,"alert_suppression":{"group_by":["u"],)"
                  R"("duration":{"value":1,"unit":"h"}})"),
            {{0, R"({"a":"b","u":"1"})"},
             {1, R"({"a":"b","u":"1"})"},
             {2, R"({"a":"b","u":"1"})"},
             {3, R"({"a":"b","u":"2"})"}});
  EXPECT_THAT(run.found, SizeIs(2));
  EXPECT_EQ(run.stats.suppressed, 2);
  EXPECT_EQ(run.stats.over_limit, 0);
}

TEST(ElasticMaxSignalsTest, EveryReportOfOneAlertHasAnIdOfItsOwn) {
  const std::string both = R"({"a":"b","u":["1","2"]})";
  const Outcome run =
      RunOf(Query(R"("max_signals":2,"alert_suppression":{"group_by":["u"],)"
                  R"("duration":{"value":1,"unit":"h"}})"),
            {{0, both},
             {1, both},
             {2, R"({"a":"b","u":"3"})"},
             {3, R"({"a":"b","u":"4"})"}});
  EXPECT_THAT(run.found, SizeIs(2));
  EXPECT_THAT(run.counted, UnorderedElementsAre("1", "1", "1 over the limit"));
  EXPECT_THAT(run.counted_ids, SizeIs(3));
}

TEST(ElasticMaxSignalsTest, AHostMayTurnTheLimitOff) {
  const Outcome run = RunOf(Query(R"("max_signals":3)"), Events(5, 0),
                            {.limit_signals = false});
  EXPECT_THAT(run.found, SizeIs(5));
  EXPECT_EQ(run.stats.over_limit, 0);
}

TEST(ElasticMaxSignalsTest, TheCountLivesOnInASnapshot) {
  Compiler compiler;
  compiler.AddText(Query(R"("max_signals":2)"), "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  std::string bytes;
  {
    AlertSink sink;
    Engine engine(compiled.rules, sink);
    for (int i = 0; i < 3; ++i) {
      engine.Feed(Event::Json(R"({"a":"b"})").set_time(At(0)));
    }
    engine.SaveTo(&bytes);
  }
  AlertSink sink;
  Engine engine(compiled.rules, sink);
  ASSERT_TRUE(engine.LoadFrom(bytes).ok());
  engine.Feed(Event::Json(R"({"a":"b"})").set_time(At(0)));
  EXPECT_THAT(sink.found, IsEmpty());
  EXPECT_EQ(engine.stats().over_limit, 2);
}

}  // namespace
}  // namespace tocsin
