// Alerts as documents, and rules that read them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/base/value.h"
#include "src/runtime/event/event_view.h"
#include "tests/engine/elastic_testing.h"
#include "tocsin/engine.h"

namespace tocsin {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// The values of a field of a document, as texts.
std::vector<std::string> Texts(std::string_view json, std::string_view field) {
  runtime::EventView view;
  const Event event = Event::Json(json);
  EXPECT_TRUE(view.Load(event).ok()) << json;
  std::vector<FieldValue> values;
  view.Find(field, &values);
  std::vector<std::string> texts;
  for (const FieldValue& value : values) {
    texts.push_back(base::TextOf(base::Value::Of(value)).value_or("null"));
  }
  return texts;
}

std::string Text(std::string_view json, std::string_view field) {
  const std::vector<std::string> texts = Texts(json, field);
  return texts.empty() ? "(absent)" : texts[0];
}

// --- A detection.

TEST(AlertDocumentTest, HasItsEventAndWhatIsSaidOfIt) {
  const Outcome run = RunOf(
      Rule("query",
           R"("query":"a:b","tags":["OS: Linux"],"threat":[{"framework":)"
           R"("MITRE ATT&CK","tactic":{"id":"TA0002","name":"Execution"},)"
           R"("technique":[{"id":"T1059","name":"Interpreter","subtechnique":)"
           R"([{"id":"T1059.001","name":"PowerShell"}]}]}])"),
      {{0, R"({"a":"b","event":{"kind":"event","action":"x"},)"
           R"("user":{"name":"kim"}})"}});
  ASSERT_THAT(run.alerts, SizeIs(1));
  const std::string& alert = run.alerts[0];
  EXPECT_EQ(Text(alert, "user.name"), "kim");
  EXPECT_EQ(Text(alert, "event.action"), "x");
  EXPECT_THAT(Texts(alert, "event.kind"), ElementsAre("signal"));
  EXPECT_EQ(Text(alert, "@timestamp"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(Text(alert, "kibana.alert.rule.rule_id"), "r");
  EXPECT_EQ(Text(alert, "kibana.alert.rule.name"), "R");
  EXPECT_EQ(Text(alert, "kibana.alert.rule.type"), "query");
  EXPECT_EQ(Text(alert, "kibana.alert.severity"), "medium");
  EXPECT_EQ(Text(alert, "kibana.alert.risk_score"), "21");
  EXPECT_EQ(Text(alert, "kibana.alert.workflow_status"), "open");
  EXPECT_EQ(Text(alert, "kibana.alert.depth"), "1");
  EXPECT_THAT(Texts(alert, "kibana.alert.rule.tags"), Contains("OS: Linux"));
  EXPECT_EQ(Text(alert, "kibana.alert.rule.threat.tactic.name"), "Execution");
  EXPECT_EQ(Text(alert, "kibana.alert.rule.threat.technique.id"), "T1059");
  EXPECT_EQ(Text(alert, "kibana.alert.rule.threat.technique.subtechnique.id"),
            "T1059.001");
  EXPECT_EQ(Text(alert, "kibana.alert.building_block_type"), "(absent)");
}

TEST(AlertDocumentTest, NoMemberStandsTwice) {
  const Outcome run = RunOf(Rule("query", R"("query":"a:b")"),
                            {{0, R"({"a":"b","event.kind":"event",)"
                                 R"("@timestamp":"2025-01-01T00:00:00Z"})"}});
  const std::string& alert = run.alerts[0];
  for (const char* name : {"\"@timestamp\"", "\"event.kind\""}) {
    EXPECT_EQ(alert.find(name), alert.rfind(name)) << alert;
  }
}

TEST(AlertDocumentTest, AKeyWithEscapesForgesNothing) {
  const Outcome run = RunOf(
      Rule("query", R"("query":"a:b")"),
      {{0, R"({"a":"b","kib\u0061na.alert.building_block_type":"default",)"
           R"("kib\u0061na":{"alert":{"uuid":"x"}},"\u0040timestamp":1,)"
           R"("ev\u0065nt":{"k\u0069nd":"event","n\u0061me":"\u0061"},)"
           R"("q\"\n":1})"}});
  const std::string& alert = run.alerts[0];
  EXPECT_THAT(alert, StartsWith(R"({"a":"b","event":{"name":"\u0061"},)"
                                R"("q\"\n":1,"@timestamp":"2026)"));
  EXPECT_THAT(Texts(alert, "kibana.alert.uuid"), SizeIs(1));
  EXPECT_EQ(Text(alert, "kibana.alert.building_block_type"), "(absent)");
}

TEST(AlertDocumentTest, ABuildingBlockIsMarked) {
  const Outcome run =
      RunOf(Rule("query", R"("query":"a:b","building_block_type":"default")"),
            {{0, R"({"a":"b"})"}});
  EXPECT_EQ(Text(run.alerts[0], "kibana.alert.building_block_type"), "default");
}

// --- A sequence.

constexpr char kSequence[] =
    R"("language":"eql","query":"sequence by h with maxspan=1m )"
    R"([a where true] [b where true]")";

TEST(SequenceAlertTest, IsABlockForEachEventAndAShellForAll) {
  const Outcome run = RunOf(
      Rule("eql", kSequence),
      {{0, R"({"event.category":"a","h":"1","u":"kim","n":[1,2],"x":1})"},
       {1, R"({"event.category":"b","h":"1","u":"kim","n":[2,3],"y":1})"}});
  ASSERT_THAT(run.alerts, SizeIs(3));
  const std::string& shell = run.alerts[2];
  const std::string group = Text(shell, "kibana.alert.uuid");
  for (size_t i = 0; i < 2; ++i) {
    const std::string& block = run.alerts[i];
    EXPECT_EQ(Text(block, "kibana.alert.group.id"), group);
    EXPECT_EQ(Text(block, "kibana.alert.group.index"), std::to_string(i));
    EXPECT_EQ(Text(block, "kibana.alert.building_block_type"), "default");
    EXPECT_NE(Text(block, "kibana.alert.uuid"), group);
  }
  EXPECT_EQ(Text(run.alerts[0], "x"), "1");
  EXPECT_EQ(Text(run.alerts[1], "y"), "1");
  EXPECT_EQ(Text(shell, "kibana.alert.group.id"), group);
  EXPECT_EQ(Text(shell, "kibana.alert.group.index"), "(absent)");
  EXPECT_EQ(Text(shell, "kibana.alert.building_block_type"), "(absent)");
}

TEST(SequenceAlertTest, TheShellHasWhatAllEventsHaveInCommon) {
  const Outcome run =
      RunOf(Rule("eql", kSequence),
            {{0, R"({"event.category":"a","h":"1","p":{"u":"kim","v":1},)"
                 R"("n":[1,2],"x":1})"},
             {1, R"({"event.category":"b","h":"1","p":{"u":"kim","v":2},)"
                 R"("n":[2,3],"y":1})"}});
  const std::string& shell = run.alerts.back();
  EXPECT_EQ(Text(shell, "h"), "1");
  EXPECT_EQ(Text(shell, "p.u"), "kim");
  EXPECT_THAT(Texts(shell, "n"), ElementsAre("2"));
  for (const char* field : {"p.v", "x", "y", "event.category"}) {
    EXPECT_EQ(Text(shell, field), "(absent)") << field;
  }
}

TEST(SequenceAlertTest, AKeyWithEscapesForgesNothingInTheShell) {
  const Outcome run =
      RunOf(Rule("eql", kSequence),
            {{0, R"({"event.category":"a","h":"1","kib\u0061na.alert.x":1,)"
                 R"("\u0075":"kim"})"},
             {1, R"({"event.category":"b","h":"1","kib\u0061na.alert.x":1,)"
                 R"("u":"kim"})"}});
  const std::string& shell = run.alerts[2];
  EXPECT_EQ(Text(shell, "kibana.alert.x"), "(absent)");
  EXPECT_EQ(Text(shell, "u"), "kim");
  EXPECT_THAT(shell, Not(HasSubstr("u0061na")));
}

TEST(SequenceAlertTest, AMissingEventTakesNothingFromTheShell) {
  const Outcome run = RunOf(
      Rule("eql", R"("language":"eql","query":"sequence by h with maxspan=1m )"
                  R"([a where true] ![b where true]")"),
      {{0, R"({"event.category":"a","h":"1","u":"kim"})"}});
  ASSERT_THAT(run.alerts, SizeIs(2));
  EXPECT_EQ(Text(run.alerts[0], "kibana.alert.group.index"), "0");
  EXPECT_EQ(Text(run.alerts[1], "u"), "kim");
  EXPECT_EQ(Text(run.alerts[1], "event.category"), "a");
}

TEST(SequenceAlertTest, ItsEventsAreThoseThatMadeItAndNoOthers) {
  const Outcome run = RunOf(
      Rule("eql", R"("language":"eql","query":"sequence by h with maxspan=1m )"
                  R"([a where true] [b where true] [c where true]")"),
      {{0, R"({"event.category":"a","h":"1","n":0})"},
       {1, R"({"event.category":"a","h":"1","n":1})"},
       {2, R"({"event.category":"b","h":"1","n":2})"},
       {3, R"({"event.category":"b","h":"1","n":3})"},
       {4, R"({"event.category":"c","h":"1","n":4})"}});
  ASSERT_THAT(run.alerts, SizeIs(4));
  EXPECT_EQ(Text(run.alerts[0], "n"), "1");
  EXPECT_EQ(Text(run.alerts[1], "n"), "2");
  EXPECT_EQ(Text(run.alerts[2], "n"), "4");
}

TEST(SequenceAlertTest, ALongOneHasABlockForEveryEvent) {
  std::vector<Timed> events;
  for (int i = 0; i < 25; ++i) {
    events.push_back({i, R"({"event.category":"a","h":"1"})"});
  }
  const Outcome run = RunOf(
      Rule("eql", R"("language":"eql","query":"sequence by h with maxspan=1m )"
                  R"([a where true] with runs=25")"),
      events);
  ASSERT_THAT(run.alerts, SizeIs(26));
  EXPECT_EQ(Text(run.alerts[24], "kibana.alert.group.index"), "24");
  EXPECT_EQ(Text(run.alerts[24], "event.category"), "a");
}

TEST(SequenceAlertTest, BlocksHaveTheSeverityOfTheRuleAndTheShellWhatIsMapped) {
  const Outcome run = RunOf(
      Rule("eql", std::string(kSequence) +
                      R"(,"severity_mapping":[{"field":"u","operator":)"
                      R"("equals","value":"kim","severity":"critical"}],)"
                      R"("risk_score_mapping":[{"field":"s","operator":)"
                      R"("equals","value":""}],"rule_name_override":"t")"),
      {{0, R"({"event.category":"a","h":"1","u":"kim","s":90,"t":"T"})"},
       {1, R"({"event.category":"b","h":"1","u":"kim","s":90,"t":"T"})"}});
  ASSERT_THAT(run.alerts, SizeIs(3));
  EXPECT_EQ(Text(run.alerts[0], "kibana.alert.severity"), "medium");
  EXPECT_EQ(Text(run.alerts[0], "kibana.alert.risk_score"), "21");
  EXPECT_EQ(Text(run.alerts[0], "kibana.alert.rule.name"), "R");
  EXPECT_EQ(Text(run.alerts[2], "kibana.alert.severity"), "critical");
  EXPECT_EQ(Text(run.alerts[2], "kibana.alert.risk_score"), "90");
  EXPECT_EQ(Text(run.alerts[2], "kibana.alert.rule.name"), "T");
  EXPECT_THAT(run.found, ElementsAre("critical 90 T"));
}

// --- Other rules over several events.

TEST(ThresholdAlertTest, HasItsTermsItsCountAndItsDifferentValues) {
  const Outcome run =
      RunOf(Rule("threshold",
                 R"("query":"a:b","threshold":{"field":["u","h"],)"
                 R"("value":3,"cardinality":[{"field":"p","value":2}]})"),
            {{0, R"({"a":"b","u":"kim","h":"1","p":1})"},
             {1, R"({"a":"b","u":"kim","h":"1","p":2})"},
             {2, R"({"a":"b","u":"kim","h":"1","p":2})"}});
  ASSERT_THAT(run.alerts, SizeIs(1));
  const std::string& alert = run.alerts[0];
  EXPECT_EQ(Text(alert, "u"), "kim");
  EXPECT_THAT(Texts(alert, "kibana.alert.threshold_result.terms.field"),
              ElementsAre("u", "h"));
  EXPECT_THAT(Texts(alert, "kibana.alert.threshold_result.terms.value"),
              ElementsAre("kim", "1"));
  EXPECT_EQ(Text(alert, "kibana.alert.threshold_result.count"), "3");
  EXPECT_EQ(Text(alert, "kibana.alert.threshold_result.cardinality.field"),
            "p");
  EXPECT_EQ(Text(alert, "kibana.alert.threshold_result.cardinality.value"),
            "2");
  EXPECT_EQ(Text(alert, "kibana.alert.threshold_result.from"),
            "2026-01-01T00:00:00Z");
  EXPECT_EQ(Text(alert, "kibana.alert.original_time"), "2026-01-01T00:00:02Z");
}

TEST(NewTermsAlertTest, IsItsEventAndTheTermsThatAreNew) {
  const Outcome run =
      RunOf(Rule("new_terms", R"("query":"a:b","new_terms_fields":["u"],)"
                              R"("history_window_start":"now-7d")"),
            {{0, R"({"a":"b","u":"lee"})"},
             {2 * 86400, R"({"a":"b","u":"kim","z":"9"})"}},
            {.max_future_skew = absl::Hours(1000)});
  ASSERT_THAT(run.alerts, SizeIs(1));
  EXPECT_THAT(Texts(run.alerts[0], "kibana.alert.new_terms"),
              ElementsAre("kim"));
  EXPECT_EQ(Text(run.alerts[0], "z"), "9");
}

constexpr char kThreatMatch[] =
    R"("query":"source.ip:*","threat_index":["ti-*"],)"
    R"("threat_query":"@timestamp >= \"now-30d/d\" and i:1",)"
    R"("threat_mapping":[{"entries":[{"field":"source.ip",)"
    R"("type":"mapping","value":"threat.indicator.ip"}]}])";

TEST(ThreatMatchAlertTest, HasEveryIndicatorThatMatchesAsAWhole) {
  const Outcome run = RunOf(
      Rule("threat_match", kThreatMatch),
      {{0, R"({"i":1,"_id":"i1","threat":{"indicator":{"ip":"192.0.2.1",)"
           R"("provider":"one"}}})"},
       {1, R"({"i":1,"threat":{"indicator":{"ip":["192.0.2.1","192.0.2.2"],)"
           R"("provider":"two"}}})"},
       {2, R"({"i":1,"threat":{"indicator":{"ip":"192.0.2.9",)"
           R"("provider":"other"}}})"},
       {9, R"({"source":{"ip":"192.0.2.1"},"z":"9"})"}});
  ASSERT_THAT(run.alerts, SizeIs(1));
  const std::string& alert = run.alerts[0];
  EXPECT_EQ(Text(alert, "z"), "9");
  EXPECT_EQ(Text(alert, "source.ip"), "192.0.2.1");
  EXPECT_THAT(Texts(alert, "threat.enrichments.indicator.provider"),
              UnorderedElementsAre("one", "two"));
  EXPECT_THAT(Texts(alert, "threat.enrichments.matched.atomic"),
              ElementsAre("192.0.2.1", "192.0.2.1"));
  EXPECT_THAT(Texts(alert, "threat.enrichments.matched.field"),
              ElementsAre("source.ip", "source.ip"));
  EXPECT_THAT(Texts(alert, "threat.enrichments.matched.id"), ElementsAre("i1"));
}

TEST(ThreatMatchAlertTest, AnIndicatorOfLongAgoIsKnownStill) {
  std::vector<Timed> events = {
      {0, R"({"i":1,"threat":{"indicator":{"ip":"192.0.2.1",)"
          R"("provider":"one"}}})"}};
  // More than what is kept of events that join groups.
  const std::string filler(2000, 'x');
  for (int i = 1; i < 400; ++i) {
    events.push_back({i, R"({"source":{"ip":"198.51.100.)" +
                             std::to_string(i % 250) + R"("},"f":")" + filler +
                             R"("})"});
  }
  events.push_back({500, R"({"source":{"ip":"192.0.2.1"}})"});
  const Outcome run = RunOf(Rule("threat_match", kThreatMatch), events,
                            {.sample_bytes = int64_t{64} << 10});
  ASSERT_THAT(run.alerts, SizeIs(1));
  EXPECT_EQ(Text(run.alerts[0], "threat.enrichments.indicator.provider"),
            "one");
}

// --- Rules over the engine's own alerts.

constexpr char kOverAlerts[] =
    R"("index":[".alerts-security.*"],"query":"event.kind:signal and )"
    R"(kibana.alert.rule.rule_id:one")";

TEST(OverAlertsTest, ARuleSeesWhatOthersFound) {
  const Outcome run =
      RunOf(Rule("query", R"("query":"a:b")", "one") +
                Rule("query", kOverAlerts, "over"),
            {{3, R"({"a":"b","u":"kim"})"}, {4, R"({"a":"c"})"}});
  EXPECT_THAT(run.fired, ElementsAre("one 3", "over 3"));
  EXPECT_EQ(run.stats.events, 2);
  EXPECT_EQ(run.stats.alerts_read, 2);
  ASSERT_THAT(run.alerts, SizeIs(2));
  EXPECT_EQ(Text(run.alerts[1], "u"), "kim");
  EXPECT_EQ(Text(run.alerts[1], "kibana.alert.depth"), "2");
  EXPECT_THAT(Texts(run.alerts[1], "kibana.alert.ancestors.rule"),
              ElementsAre("one"));
}

TEST(OverAlertsTest, OtherRulesSeeNone) {
  const Outcome run =
      RunOf(Rule("query", R"("query":"a:b")", "one") +
                Rule("query", R"("query":"event.kind:signal")", "events") +
                Rule("query", R"("index":["logs-*"],"query":"a:b")", "logs") +
                Rule("query", kOverAlerts, "over"),
            {{0, R"({"a":"b"})"}});
  EXPECT_THAT(run.fired, UnorderedElementsAre("one 0", "logs 0", "over 0"));
}

TEST(OverAlertsTest, ARuleDoesNotFindItsOwnNorWhatCameOfThem) {
  const std::string any =
      R"("index":["logs-*",".alerts-security.*"],"query":"a:b")";
  const Outcome run =
      RunOf(Rule("query", any, "one") + Rule("query", any, "two"),
            {{0, R"({"a":"b"})"}});
  // Each finds the event, and what the other found in it.
  EXPECT_THAT(run.fired,
              UnorderedElementsAre("one 0", "two 0", "one 0", "two 0"));
}

TEST(OverAlertsTest, BuildingBlocksFeedThem) {
  const Outcome run = RunOf(
      Rule("query", R"("query":"a:b","building_block_type":"default")", "one") +
          Rule("threshold",
               R"("index":[".alerts-security.*"],"query":)"
               R"("kibana.alert.building_block_type:default",)"
               R"("threshold":{"field":["u"],"value":2})",
               "over"),
      {{0, R"({"a":"b","u":"kim"})"}, {5, R"({"a":"b","u":"kim"})"}});
  EXPECT_THAT(run.fired, ElementsAre("one 0", "one 5", "over 5"));
}

TEST(OverAlertsTest, ASequenceHasEventsAndAlerts) {
  const Outcome run = RunOf(
      Rule("query", R"("query":"a:b")", "one") +
          Rule("eql",
               R"("language":"eql","index":["logs-*",".alerts-security.*"],)"
               R"("query":"sequence by u with maxspan=1m )"
               R"([any where event.kind == \"signal\" and )"
               R"(signal.rule.name == \"R\"] [any where c == \"d\"]")",
               "over"),
      {{0, R"({"a":"b","u":"kim"})"}, {5, R"({"c":"d","u":"kim"})"}});
  EXPECT_THAT(run.fired, ElementsAre("one 0", "over 5"));
}

TEST(OverAlertsTest, ASequenceAndItsBlocksAreAlertsToo) {
  const Outcome run =
      RunOf(Rule("eql", kSequence, "one") +
                Rule("threshold",
                     R"("index":[".alerts-security.*"],"query":"h:1",)"
                     R"("threshold":{"field":[],"value":3})",
                     "over"),
            {{0, R"({"event.category":"a","h":"1"})"},
             {1, R"({"event.category":"b","h":"1"})"}});
  EXPECT_THAT(run.fired, Contains("one 1"));
  EXPECT_THAT(run.fired, SizeIs(2));
  EXPECT_EQ(run.stats.alerts_read, 4);
}

TEST(OverAlertsTest, WhatIsSuppressedIsNoAlert) {
  const Outcome run =
      RunOf(Rule("query",
                 R"("query":"a:b","alert_suppression":{"group_by":["u"],)"
                 R"("duration":{"value":1,"unit":"h"}})",
                 "one") +
                Rule("query", kOverAlerts, "over"),
            {{0, R"({"a":"b","u":"kim"})"}, {1, R"({"a":"b","u":"kim"})"}});
  EXPECT_THAT(run.fired, ElementsAre("one 0", "over 0"));
}

TEST(OverAlertsTest, TheDataStreamOfTheEventDoesNotMatter) {
  const Outcome run = RunOf(
      Rule("query", R"("index":["logs-okta*"],"query":"a:b")", "one") +
          Rule("query", std::string(kOverAlerts), "over"),
      {{0, R"({"a":"b","data_stream":{"type":"logs","dataset":"okta.system",)"
           R"("namespace":"default"}})"}});
  EXPECT_THAT(run.fired, ElementsAre("one 0", "over 0"));
}

TEST(OverAlertsTest, ChainsOfRulesOverAlertsEnd) {
  std::string rules = Rule("query", R"("query":"a:b")", "start");
  for (const char* id : {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}) {
    rules += Rule("query",
                  R"("index":[".alerts-security.*"],"query":"a:b",)"
                  R"("max_signals":1000000)",
                  id);
  }
  const Outcome run = RunOf(rules, {{0, R"({"a":"b"})"}});
  EXPECT_LE(run.stats.alerts_read, 1000);
  EXPECT_GT(run.stats.alerts_unread, 0);
}

TEST(OverAlertsTest, AlertsThatAreFedAsEventsAreSeenAsBefore) {
  const Outcome run = RunOf(
      Rule("query", kOverAlerts, "over"),
      {{0, R"({"_index":".alerts-security.alerts-default",)"
           R"("event.kind":"signal","kibana.alert.rule.rule_id":"one"})"}});
  EXPECT_THAT(run.fired, ElementsAre("over 0"));
}

}  // namespace
}  // namespace tocsin
