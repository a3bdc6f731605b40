// What each type of Elastic's rules means on a stream, sentence by sentence,
// beside what elastic_stream_test, elastic_alert_test and
// elastic_documents_test show.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tests/engine/elastic_testing.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int64_t kDay = 86400;

EngineOptions Days() { return {.max_future_skew = absl::Hours(24 * 1000)}; }

// --- All types.

TEST(ElasticCommonTest, APatternWithAMinusLeavesOut) {
  const Outcome run =
      RunOf(Rule("query", R"("query":"a:b","index":["logs-*","-logs-x*"])"),
            {{0, R"({"a":"b","_index":"logs-y-1"})"},
             {1, R"({"a":"b","_index":"logs-x-1"})"},
             {2, R"({"a":"b","_index":"metrics-1"})"},
             {3, R"({"a":"b"})"}});
  EXPECT_THAT(run.fired, ElementsAre("r 0", "r 3"));
}

TEST(ElasticCommonTest, AnAlertHasTheSameIdWheneverItIsFoundAgain) {
  const std::string rules = Rule("query", R"("query":"a:b")");
  std::vector<std::string> ids;
  for (int round = 0; round < 2; ++round) {
    Compiler compiler;
    compiler.AddText(rules, "rules.ndjson");
    CallbackSink sink(
        [&](const Detection& found) { ids.emplace_back(found.id()); });
    Engine engine(compiler.Compile().rules, sink);
    engine.Feed(Event::Json(R"({"a":"b"})").set_id("e1").set_time(At(0)));
    engine.Feed(Event::Json(R"({"a":"b"})").set_id("e2").set_time(At(0)));
  }
  ASSERT_THAT(ids, SizeIs(4));
  EXPECT_EQ(ids[0], ids[2]);
  EXPECT_EQ(ids[1], ids[3]);
  EXPECT_NE(ids[0], ids[1]);
}

TEST(ElasticCommonTest, TheLookBackIsNoTestOfTheEventsAge) {
  const Outcome run = RunOf(Rule("query", R"("query":"a:b","from":"now-9m")"),
                            {{3600, R"({"a":"c"})"}, {0, R"({"a":"b"})"}});
  EXPECT_THAT(run.fired, ElementsAre("r 0"));
}

TEST(ElasticCommonTest, MembersWithoutEffectAreOneNoteOfTheRule) {
  Compiler compiler;
  compiler.AddText(Rule("query", R"("query":"a:b","license":"L","note":"",)"
                                 R"("timeline_title":"T","from":"now-9m",)"
                                 R"("timestamp_override":"event.ingested")"),
                   "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  EXPECT_TRUE(compiled.ok());
  EXPECT_EQ(compiled.rules_loaded, 1);
  ASSERT_THAT(compiled.diagnostics, SizeIs(1));
  const Diagnostic& note = compiled.diagnostics[0];
  EXPECT_EQ(note.severity, Severity::kNote);
  EXPECT_EQ(note.code, "T617");
  EXPECT_EQ(note.rule_id, "r");
  for (const char* name :
       {"`license`", "`timeline_title`", "`from`", "`timestamp_override`"}) {
    EXPECT_THAT(note.message, HasSubstr(name));
  }
  EXPECT_THAT(note.message, testing::Not(HasSubstr("`note`")));
}

TEST(ElasticCommonTest, AWindowThatIsTheLookBackIsNotWithoutEffect) {
  Compiler compiler;
  compiler.AddText(
      Rule("threshold", R"("query":"a:b","from":"now-9m","interval":"5m",)"
                        R"("timestamp_override":"event.ingested",)"
                        R"("threshold":{"field":["u"],"value":2})"),
      "rules.ndjson");
  EXPECT_THAT(compiler.Compile().diagnostics, IsEmpty());
}

TEST(ElasticCommonTest, ATypeThatIsNotKnownIsRefusedByItsName) {
  Compiler compiler;
  compiler.AddText(Rule("correlation", R"("query":"a:b")"), "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  ASSERT_THAT(compiled.diagnostics, SizeIs(1));
  EXPECT_EQ(compiled.diagnostics[0].code, "T604");
  EXPECT_THAT(compiled.diagnostics[0].message, HasSubstr("`correlation`"));
}

// --- threshold.

std::string Threshold(std::string_view members) {
  return Rule("threshold", R"("query":"a:b","from":"now-10m","threshold":)" +
                               std::string(members));
}

TEST(ElasticThresholdTypeTest, ManyEventsOfFewValuesAreNotEnough) {
  const std::string rule = Threshold(
      R"({"field":["u"],"value":2,"cardinality":[{"field":"h","value":2}]})");
  EXPECT_THAT(RunOf(rule, {{0, R"({"a":"b","u":1,"h":"x"})"},
                           {1, R"({"a":"b","u":1,"h":"x"})"},
                           {2, R"({"a":"b","u":1,"h":"x"})"}})
                  .fired,
              IsEmpty());
  EXPECT_THAT(RunOf(rule, {{0, R"({"a":"b","u":1,"h":"x"})"},
                           {1, R"({"a":"b","u":1,"h":"y"})"}})
                  .fired,
              ElementsAre("r 1"));
}

TEST(ElasticThresholdTypeTest, EventsOfOneAlertAreOfNoOther) {
  EXPECT_THAT(RunOf(Threshold(R"({"field":["u"],"value":2})"),
                    {{0, R"({"a":"b","u":1})"},
                     {1, R"({"a":"b","u":1})"},
                     {2, R"({"a":"b","u":1})"},
                     {3, R"({"a":"b","u":1})"}})
                  .fired,
              ElementsAre("r 1", "r 3"));
}

TEST(ElasticThresholdTypeTest, EveryCombinationOfSeveralFieldsIsAGroup) {
  EXPECT_THAT(RunOf(Threshold(R"({"field":["u","h"],"value":2})"),
                    {{0, R"({"a":"b","u":1,"h":1})"},
                     {1, R"({"a":"b","u":1,"h":2})"},
                     {2, R"({"a":"b","u":2,"h":1})"},
                     {3, R"({"a":"b","u":1,"h":1})"}})
                  .fired,
              ElementsAre("r 3"));
}

TEST(ElasticThresholdTypeTest, AnotherTimeFieldDecidesWhatIsInTheWindow) {
  const std::vector<Timed> events = {
      {0, R"({"a":"b","u":1,"event.ingested":"2026-01-01T00:00:00Z"})"},
      {1, R"({"a":"b","u":1,"event.ingested":"2026-01-01T00:20:00Z"})"}};
  EXPECT_THAT(RunOf(Threshold(R"({"field":["u"],"value":2})"), events).fired,
              ElementsAre("r 1"));
  EXPECT_THAT(RunOf(Threshold(R"({"field":["u"],"value":2},)"
                              R"("timestamp_override":"event.ingested")"),
                    events)
                  .fired,
              IsEmpty());
}

// --- new_terms.

std::string NewTerms(std::string_view fields) {
  return Rule("new_terms", R"("query":"a:b","new_terms_fields":)" +
                               std::string(fields) +
                               R"(,"history_window_start":"now-7d")");
}

TEST(ElasticNewTermsTypeTest, AnEventWithoutOneOfTheFieldsIsPassedOver) {
  EXPECT_THAT(RunOf(NewTerms(R"(["u","h"])"),
                    {{0, R"({"a":"b","u":1,"h":1})"},
                     {2 * kDay, R"({"a":"b","u":5})"},
                     {2 * kDay + 1, R"({"a":"b","u":5,"h":1})"}},
                    Days())
                  .fired,
              ElementsAre("r 172801"));
}

TEST(ElasticNewTermsTypeTest, EverySightMakesATermKnownForAnotherWindow) {
  std::vector<Timed> events = {{0, R"({"a":"b","u":"lee"})"}};
  for (int64_t day = 2; day <= 20; day += 6) {
    events.push_back({day * kDay, R"({"a":"b","u":"kim"})"});
  }
  EXPECT_THAT(RunOf(NewTerms(R"(["u"])"), events, Days()).fired,
              ElementsAre("r 172800"));
}

TEST(ElasticNewTermsTypeTest, AKnownValueInANewCombinationIsNew) {
  EXPECT_THAT(RunOf(NewTerms(R"(["u","h"])"),
                    {{0, R"({"a":"b","u":1,"h":1})"},
                     {1, R"({"a":"b","u":2,"h":2})"},
                     {2 * kDay, R"({"a":"b","u":1,"h":2})"},
                     {2 * kDay + 1, R"({"a":"b","u":1,"h":2})"}},
                    Days())
                  .fired,
              ElementsAre("r 172800"));
}

TEST(ElasticNewTermsTypeTest, OneEventMayGiveSeveralAlerts) {
  EXPECT_THAT(
      RunOf(NewTerms(R"(["u"])"),
            {{0, R"({"a":"b","u":0})"}, {2 * kDay, R"({"a":"b","u":[1,2,0]})"}},
            Days())
          .fired,
      ElementsAre("r 172800", "r 172800"));
}

// --- threat_match.

std::string ThreatMatch(std::string_view query, std::string_view entries) {
  return Rule("threat_match", R"("query":"e:1","threat_index":["ti"],)"
                              R"("threat_query":")" +
                                  std::string(query) +
                                  R"(","threat_mapping":[)" +
                                  std::string(entries) + "]");
}
constexpr char kByAddress[] =
    R"({"entries":[{"field":"ip","type":"mapping","value":"tip"}]})";

TEST(ElasticThreatMatchTypeTest, AQueryForIndicatorsMayHaveStarsInFields) {
  EXPECT_THAT(
      RunOf(ThreatMatch("threat.hash.*:*", kByAddress),
            {{0, R"({"threat":{"hash":{"md5":"x"}},"tip":"192.0.2.1"})"},
             {1, R"({"threat":{"other":"x"},"tip":"192.0.2.2"})"},
             {2, R"({"e":1,"ip":"192.0.2.1"})"},
             {3, R"({"e":1,"ip":"192.0.2.2"})"}})
          .fired,
      ElementsAre("r 2"));
}

TEST(ElasticThreatMatchTypeTest, AnIndicatorThatComesAgainLivesOn) {
  EXPECT_THAT(
      RunOf(ThreatMatch(R"(@timestamp >= \"now-10d/d\" and i:1)", kByAddress),
            {{0, R"({"i":1,"tip":"192.0.2.1"})"},
             {8 * kDay, R"({"i":1,"tip":"192.0.2.1"})"},
             {15 * kDay, R"({"e":1,"ip":"192.0.2.1"})"},
             {40 * kDay, R"({"e":1,"ip":"192.0.2.1"})"}},
            Days())
          .fired,
      ElementsAre("r 1296000"));
}

TEST(ElasticThreatMatchTypeTest, EveryGroupOfEntriesIsEnough) {
  EXPECT_THAT(
      RunOf(ThreatMatch("i:1",
                        std::string(kByAddress) +
                            R"(,{"entries":[{"field":"h","type":"mapping",)"
                            R"("value":"th"}]})"),
            {{0, R"({"i":1,"tip":"192.0.2.1","th":"x"})"},
             {1, R"({"e":1,"ip":"192.0.2.1"})"},
             {2, R"({"e":1,"h":"x"})"},
             {3, R"({"e":1,"h":"y","ip":"192.0.2.9"})"}})
          .fired,
      ElementsAre("r 1", "r 2"));
}

TEST(ElasticThreatMatchTypeTest, IsSuppressedByFieldsOfTheEvent) {
  const Outcome run =
      RunOf(Rule("threat_match",
                 R"("query":"e:1","threat_index":["ti"],"threat_query":"i:1",)"
                 R"("threat_mapping":[)" +
                     std::string(kByAddress) +
                     R"(],"alert_suppression":{"group_by":["u"],)"
                     R"("duration":{"value":1,"unit":"h"}})"),
            {{0, R"({"i":1,"tip":"192.0.2.1"})"},
             {0, R"({"i":1,"tip":"192.0.2.2"})"},
             {1, R"({"e":1,"ip":"192.0.2.1","u":"kim"})"},
             {2, R"({"e":1,"ip":"192.0.2.2","u":"kim"})"},
             {3, R"({"e":1,"ip":"192.0.2.2","u":"lee"})"}});
  EXPECT_THAT(run.fired, ElementsAre("r 1", "r 3"));
}

// --- Suppression.

std::string Suppressed(std::string_view type, std::string_view members,
                       std::string_view suppression) {
  return Rule(type, std::string(members) + R"(,"alert_suppression":)" +
                        std::string(suppression));
}
constexpr char kTenMinutes[] =
    R"({"group_by":["u"],"duration":{"value":10,"unit":"m"}})";

TEST(ElasticSuppressionTypeTest, TheDurationIsCountedFromTheFirstAlert) {
  EXPECT_THAT(RunOf(Suppressed("query", R"("query":"a:b")", kTenMinutes),
                    {{0, R"({"a":"b","u":1})"},
                     {540, R"({"a":"b","u":1})"},
                     {660, R"({"a":"b","u":1})"}})
                  .fired,
              ElementsAre("r 0", "r 660"));
}

TEST(ElasticSuppressionTypeTest, AListOfAQueryRuleIsAGroupForEachValue) {
  EXPECT_THAT(RunOf(Suppressed("query", R"("query":"a:b")", kTenMinutes),
                    {{0, R"({"a":"b","u":["x","y"]})"},
                     {1, R"({"a":"b","u":"x"})"},
                     {2, R"({"a":"b","u":["y","x"]})"},
                     {3, R"({"a":"b","u":["y","z"]})"},
                     {4, R"({"a":"b","u":"z"})"}})
                  .fired,
              ElementsAre("r 0", "r 3"));
}

TEST(ElasticSuppressionTypeTest, AListOfAnEqlRuleIsOneValueInItsOrder) {
  EXPECT_THAT(
      RunOf(Suppressed("eql",
                       R"("language":"eql","query":"any where a == \"b\"")",
                       kTenMinutes),
            {{0, R"({"event.category":"c","a":"b","u":["x","y"]})"},
             {1, R"({"event.category":"c","a":"b","u":["x","y"]})"},
             {2, R"({"event.category":"c","a":"b","u":["y","x"]})"},
             {3, R"({"event.category":"c","a":"b","u":"x"})"}})
          .fired,
      ElementsAre("r 0", "r 2", "r 3"));
}

constexpr char kSequence[] =
    R"("language":"eql","query":"sequence by h with maxspan=1m )"
    R"([a where true] [b where true]")";

std::vector<Timed> TwoSequences(const std::string& first,
                                const std::string& second) {
  std::vector<Timed> events;
  for (int i = 0; i < 2; ++i) {
    const std::string h = R"(","h":)" + std::to_string(i) + ",";
    events.push_back({2 * i, R"({"event.category":"a)" + h + first + "}"});
    events.push_back({2 * i + 1, R"({"event.category":"b)" + h + second + "}"});
  }
  return events;
}

TEST(ElasticSuppressionTypeTest, ASequenceIsSuppressedByWhatItsEventsShare) {
  EXPECT_THAT(RunOf(Suppressed("eql", kSequence, kTenMinutes),
                    TwoSequences(R"("u":"kim")", R"("u":"kim")"))
                  .fired,
              ElementsAre("r 1"));
}

TEST(ElasticSuppressionTypeTest, WhatItsEventsDoNotShareIsMissing) {
  EXPECT_THAT(RunOf(Suppressed("eql", kSequence, kTenMinutes),
                    TwoSequences(R"("u":"kim")", R"("u":"lee")"))
                  .fired,
              ElementsAre("r 1"));
  EXPECT_THAT(RunOf(Suppressed("eql", kSequence,
                               R"({"group_by":["u"],"duration":{"value":10,)"
                               R"("unit":"m"},)"
                               R"("missing_fields_strategy":"doNotSuppress"})"),
                    TwoSequences(R"("u":"kim")", R"("u":"lee")"))
                  .fired,
              ElementsAre("r 1", "r 3"));
}

TEST(ElasticSuppressionTypeTest, NewTermsAreSuppressedByFieldsOfTheEvent) {
  EXPECT_THAT(
      RunOf(Rule("new_terms",
                 R"("query":"a:b","new_terms_fields":["t"],)"
                 R"("history_window_start":"now-7d","alert_suppression":)" +
                     std::string(kTenMinutes)),
            {{0, R"({"a":"b","t":0})"},
             {2 * kDay, R"({"a":"b","t":1,"u":"kim"})"},
             {2 * kDay + 1, R"({"a":"b","t":2,"u":"kim"})"},
             {2 * kDay + 2, R"({"a":"b","t":3,"u":"lee"})"}},
            Days())
          .fired,
      ElementsAre("r 172800", "r 172802"));
}

TEST(ElasticSuppressionTypeTest, AThresholdHasADurationOnly) {
  EXPECT_THAT(
      RunOf(Suppressed("threshold",
                       R"("query":"a:b","threshold":{"field":["u"],"value":1})",
                       R"({"duration":{"value":10,"unit":"m"}})"),
            {{0, R"({"a":"b","u":1,"x":1})"},
             {1, R"({"a":"b","u":1,"x":2})"},
             {2, R"({"a":"b","u":2,"x":1})"}})
          .fired,
      ElementsAre("r 0", "r 2"));
}

// --- Exceptions.

std::string WithExceptions(const std::string& entries) {
  return Rule("query", R"("query":"a:b","exceptions_list":[{"list_id":"l"}])") +
         R"({"list_id":"l","item_id":"i","type":"simple","name":"I",)"
         R"("description":"d","entries":[)" +
         entries + "]}\n" +
         R"({"list_id":"l","type":"detection","name":"L","description":"d"})"
         "\n";
}

TEST(ElasticExceptionTypeTest, EveryOperatorLeavesOutWhatItMeets) {
  const std::vector<Timed> events = {{0, R"({"a":"b","u":"kim"})"},
                                     {1, R"({"a":"b","u":"lee"})"},
                                     {2, R"({"a":"b"})"}};
  const auto found = [&](const char* entry) {
    return RunOf(WithExceptions(entry), events).fired;
  };
  EXPECT_THAT(found(R"({"field":"u","type":"match","operator":"included",)"
                    R"("value":"kim"})"),
              ElementsAre("r 1", "r 2"));
  EXPECT_THAT(found(R"({"field":"u","type":"match","operator":"excluded",)"
                    R"("value":"kim"})"),
              ElementsAre("r 0"));
  EXPECT_THAT(found(R"({"field":"u","type":"match_any","operator":"included",)"
                    R"("value":["kim","lee"]})"),
              ElementsAre("r 2"));
  EXPECT_THAT(found(R"({"field":"u","type":"exists","operator":"included"})"),
              ElementsAre("r 2"));
  EXPECT_THAT(found(R"({"field":"u","type":"exists","operator":"excluded"})"),
              ElementsAre("r 0", "r 1"));
  EXPECT_THAT(found(R"({"field":"u","type":"wildcard","operator":"included",)"
                    R"("value":"k*"})"),
              ElementsAre("r 1", "r 2"));
}

TEST(ElasticExceptionTypeTest, AThresholdDoesNotCountWhatIsExcepted) {
  const std::string rules =
      Rule("threshold", R"("query":"a:b","threshold":{"field":[],"value":2},)"
                        R"("exceptions_list":[{"list_id":"l"}])") +
      R"({"list_id":"l","item_id":"i","type":"simple","name":"I",)"
      R"("description":"d","entries":[{"field":"u","type":"match",)"
      R"("operator":"included","value":"kim"}]})"
      "\n"
      R"({"list_id":"l","type":"detection","name":"L","description":"d"})"
      "\n";
  EXPECT_THAT(RunOf(rules, {{0, R"({"a":"b","u":"kim"})"},
                            {1, R"({"a":"b","u":"lee"})"},
                            {2, R"({"a":"b","u":"lee"})"}})
                  .fired,
              ElementsAre("r 2"));
}

// --- machine_learning.

TEST(ElasticMachineLearningTypeTest, OneRecordIsOneAlertOfItsJobs) {
  EXPECT_THAT(RunOf(Rule("machine_learning",
                         R"("machine_learning_job_id":["one","two"],)"
                         R"("anomaly_threshold":50)"),
                    {{0, R"({"job_id":"one","record_score":50})"},
                     {1, R"({"job_id":"two","record_score":49.9})"},
                     {2, R"({"job_id":"two","record_score":99})"},
                     {3, R"({"job_id":"three","record_score":99})"}})
                  .fired,
              ElementsAre("r 0", "r 2"));
}

}  // namespace
}  // namespace tocsin
