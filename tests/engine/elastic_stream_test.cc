// Elastic's rules on a stream, from the text of their files to detections and
// incidents.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kBegin = 1'767'225'600'000'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMinute = 60;
constexpr int64_t kDay = 24 * 60 * kMinute;

// "second" of detections, "keys second" of incidents.
struct TextSink : public Sink {
  void OnDetection(const Detection& detection) override {
    found.push_back(Second(detection.time()));
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    std::string text;
    for (const IncidentKey& key : incident.keys()) text += key.value + " ";
    found.push_back(text + Second(incident.time()));
  }
  void OnSuppressed(const Suppressed& suppressed) override {
    counted.push_back(std::to_string(suppressed.count()) + " until " +
                      Second(suppressed.last_time()));
  }
  static std::string Second(Timestamp time) {
    return std::to_string((time.nanos() - kBegin) / kSecond);
  }
  std::vector<std::string> found;
  std::vector<std::string> counted;  // "number until second".
};

struct Timed {
  int64_t second = 0;
  std::string json;
};

std::vector<std::string> Found(const std::string& rules,
                               const std::vector<Timed>& events,
                               std::vector<std::string>* counted = nullptr) {
  Compiler compiler;
  compiler.AddText(rules,
                   rules.starts_with('{') ? "rules.ndjson" : "rule.toml");
  const CompileResult compiled = compiler.Compile();
  if (!compiled.ok()) {
    return {RenderDiagnostic(compiled.diagnostics.at(0))};
  }
  TextSink sink;
  // Streams here stand still for days.
  Engine engine(compiled.rules, sink,
                {.max_future_skew = absl::Hours(24 * 1000)});
  for (const Timed& event : events) {
    Event made = Event::Json(event.json);
    made.set_time(Timestamp(kBegin + event.second * kSecond));
    EXPECT_TRUE(engine.Feed(made).ok());
  }
  engine.AdvanceTo(Timestamp(kBegin + 1000 * kDay * kSecond));
  if (counted != nullptr) *counted = sink.counted;
  return sink.found;
}

// A rule of a type, with `members` behind those that all have.
std::string Rule(std::string_view type, std::string_view members) {
  return R"({"rule_id":"r","name":"R","description":"d","severity":"low",)"
         R"("risk_score":21,"type":")" +
         std::string(type) + R"(",)" + std::string(members) + "}\n";
}

// --- query and event EQL.

TEST(ElasticQueryTest, GivesOneDetectionForEachEvent) {
  EXPECT_THAT(
      Found(Rule("query", R"("language":"kuery","query":"user.name:kim")"),
            {{0, R"({"user":{"name":"kim"}})"},
             {1, R"({"user":{"name":"lee"}})"},
             {2, R"({"user":{"name":"kim"}})"}}),
      ElementsAre("0", "2"));
}

TEST(ElasticQueryTest, WithoutAQueryIsForEveryEventOfItsFilters) {
  EXPECT_THAT(
      Found(Rule("query", R"("query":"","filters":[{"meta":{"negate":true},)"
                          R"("query":{"match_phrase":{"user.name":"kim"}}}])"),
            {{0, R"({"user.name":"kim"})"}, {1, R"({"user.name":"lee"})"}}),
      ElementsAre("1"));
}

TEST(ElasticQueryTest, AllEventsOfOneMomentAreLookedAt) {
  std::vector<Timed> events(500, {7, R"({"a":"b"})"});
  EXPECT_EQ(
      Found(Rule("query", R"("query":"a:b","max_signals":500)"), events).size(),
      500u);
}

TEST(ElasticQueryTest, AKeywordIsComparedWithRegardToCase) {
  EXPECT_THAT(Found(Rule("query", R"("query":"user.name:\"student01\"")"),
                    {{0, R"({"user.name":"Student01"})"},
                     {1, R"({"user.name":"student01"})"}}),
              ElementsAre("1"));
}

TEST(ElasticQueryTest, WhatItIsCalledStandsInTheListOfRules) {
  Compiler compiler;
  compiler.AddText(
      "[metadata]\ncreation_date = \"2026/01/02\"\nmaturity = \"production\"\n"
      "[rule]\nname = \"A rule\"\nrule_id = \"an-id\"\ntype = \"query\"\n"
      "query = \"a:b\"\nseverity = \"high\"\ntags = [\"OS: Linux\"]\n"
      "[[rule.threat]]\nframework = \"MITRE ATT&CK\"\n"
      "[rule.threat.tactic]\nid = \"TA0005\"\nname = \"Defense Evasion\"\n"
      "[[rule.threat.technique]]\nid = \"T1562\"\n",
      "rule.toml");
  const CompileResult compiled = compiler.Compile();
  ASSERT_EQ(compiled.rules->rules().size(), 1u);
  const RuleInfo& info = compiled.rules->rules()[0];
  EXPECT_EQ(info.id, "an-id");
  EXPECT_EQ(info.title, "A rule");
  EXPECT_EQ(info.level, "high");
  EXPECT_EQ(info.format, "elastic");
  EXPECT_EQ(info.date, "2026/01/02");
  EXPECT_THAT(info.tags, ElementsAre("OS: Linux", "attack.defense-evasion",
                                     "attack.t1562"));
}

TEST(ElasticQueryTest, TheWarningOfARuleThatIsTurnedOffHasTheSwitchAsItsPlace) {
  const auto place = [](const std::string& text, const std::string& path) {
    Compiler compiler;
    compiler.AddText(text, path);
    const CompileResult compiled = compiler.Compile();
    EXPECT_EQ(compiled.diagnostics.size(), 1u);
    const Diagnostic& told = compiled.diagnostics.at(0);
    return told.code + " " + told.source_line.substr(told.column - 1) + " " +
           std::to_string(told.line);
  };
  EXPECT_EQ(
      place(Rule("query", R"("query":"a:b","enabled":false)"), "rules.ndjson"),
      "T080 false} 1");
  EXPECT_EQ(place("[metadata]\nmaturity = \"deprecated\"\n[rule]\n"
                  "name = \"R\"\ntype = \"query\"\nquery = \"a:b\"\n",
                  "rule.toml"),
            "T080 \"deprecated\" 2");
}

TEST(ElasticQueryTest, ARuleThatIsTurnedOffIsListedAndFindsNothing) {
  EXPECT_THAT(Found(Rule("query", R"("query":"a:b","enabled":false)"),
                    {{0, R"({"a":"b"})"}}),
              IsEmpty());
  EXPECT_THAT(Found("[metadata]\nmaturity = \"deprecated\"\n[rule]\n"
                    "name = \"R\"\ntype = \"query\"\nquery = \"a:b\"\n",
                    {{0, R"({"a":"b"})"}}),
              IsEmpty());
}

TEST(ElasticQueryTest, AnEventThatNamesItsDataStreamMeetsRulesForThat) {
  const std::string rule =
      Rule("query", R"("query":"a:b","index":["logs-endpoint.events.*",)"
                    R"("winlogbeat-*","-logs-endpoint.events.dns-*"])");
  const auto stream = [](std::string_view dataset) {
    return R"({"a":"b","data_stream":{"type":"logs","dataset":")" +
           std::string(dataset) + R"(","namespace":"default"}})";
  };
  EXPECT_THAT(Found(rule, {{0, stream("endpoint.events.process")},
                           {1, stream("system.security")},
                           {2, stream("endpoint.events.dns")},
                           {3, R"({"a":"b"})"},
                           {4, R"({"a":"b","_index":"winlogbeat-8.1"})"},
                           {5, R"({"a":"b","_index":"other"})"}}),
              ElementsAre("0", "3", "4"));
}

TEST(ElasticQueryTest, ARuleOverAlertsDoesNotFindItsOwn) {
  EXPECT_THAT(Found(Rule("query", R"("query":"kibana.alert.risk_score > 10",)"
                                  R"("index":[".alerts-security.*"])"),
                    {{0, R"({"kibana.alert.risk_score":50,)"
                         R"("kibana.alert.rule.rule_id":"other"})"},
                     {1, R"({"kibana.alert.risk_score":50,)"
                         R"("kibana.alert.rule.rule_id":"r"})"},
                     {2, R"({"kibana.alert":{"risk_score":50,"ancestors":)"
                         R"([{"rule":"x"},{"rule":"r"}]}})"}}),
              ElementsAre("0"));
}

// --- EQL.

TEST(ElasticEqlTest, TheCategoryMayStandInAnotherField) {
  EXPECT_THAT(
      Found(Rule("eql", R"("language":"eql","query":"start where true",)"
                        R"("event_category_override":"event.type")"),
            {{0, R"({"event.type":"start"})"}, {1, R"({"event.type":"end"})"}}),
      ElementsAre("0"));
}

TEST(ElasticEqlTest, ASpanIsKeptBeyondTheLookBack) {
  const std::string rule =
      Rule("eql",
           R"("language":"eql","from":"now-9m","query":)"
           R"("sequence by h with maxspan=3h [a where true] [b where true]")");
  EXPECT_THAT(
      Found(rule, {{0, R"({"event.category":"a","h":"1"})"},
                   {170 * kMinute, R"({"event.category":"b","h":"1"})"}}),
      ElementsAre("1 10200"));
}

TEST(ElasticEqlTest, WithoutASpanASequenceLiesWithinTheLookBack) {
  const std::string rule =
      Rule("eql", R"("language":"eql","from":"now-9m","query":)"
                  R"("sequence by h [a where true] [b where true]")");
  EXPECT_THAT(Found(rule, {{0, R"({"event.category":"a","h":"1"})"},
                           {540, R"({"event.category":"b","h":"1"})"},
                           {600, R"({"event.category":"a","h":"2"})"},
                           {1141, R"({"event.category":"b","h":"2"})"}}),
              ElementsAre("1 540"));
}

// --- Exceptions.

constexpr std::string_view kNotKim =
    R"({"list_id":"l","item_id":"1","entries":[{"field":"user.name",)"
    R"("operator":"included","type":"match","value":"kim"}]})"
    "\n";

TEST(ElasticExceptionsTest, AnExceptedEventIsNotFound) {
  EXPECT_THAT(
      Found(Rule("query",
                 R"("query":"a:b","exceptions_list":[{"list_id":"l"}])") +
                std::string(kNotKim),
            {{0, R"({"a":"b","user.name":"kim"})"},
             {1, R"({"a":"b","user.name":"lee"})"},
             {2, R"({"a":"b"})"}}),
      ElementsAre("1", "2"));
}

TEST(ElasticExceptionsTest, AnExceptedEventIsNoStepOfASequence) {
  const std::string rules =
      Rule("eql", R"("language":"eql","query":"sequence with maxspan=5m )"
                  R"([a where true] [b where true] [c where true]",)"
                  R"("exceptions_list":[{"list_id":"l"}])") +
      std::string(kNotKim);
  const auto step = [](std::string_view category, std::string_view user) {
    return R"({"event.category":")" + std::string(category) +
           R"(","user.name":")" + std::string(user) + R"("})";
  };
  EXPECT_THAT(Found(rules, {{0, step("a", "lee")},
                            {1, step("b", "kim")},
                            {2, step("c", "lee")}}),
              IsEmpty());
  EXPECT_THAT(Found(rules, {{0, step("a", "lee")},
                            {1, step("b", "lee")},
                            {2, step("c", "lee")}}),
              ElementsAre("2"));
}

TEST(ElasticExceptionsTest, EntriesOfAnItemAreJoinedByAndItemsByOr) {
  const std::string rules =
      Rule("query", R"("query":"a:b","exceptions_list":[{"list_id":"l"}])") +
      R"({"list_id":"l","item_id":"1","entries":[)"
      R"({"field":"x","operator":"included","type":"match_any",)"
      R"("value":["1","2"]},)"
      R"({"field":"y","operator":"excluded","type":"exists"}]})"
      "\n"
      R"({"list_id":"l","item_id":"2","entries":[)"
      R"({"field":"p","operator":"included","type":"wildcard",)"
      R"("value":"C:\\\\Tools\\\\*"}]})"
      "\n";
  EXPECT_THAT(Found(rules, {{0, R"({"a":"b","x":"2"})"},
                            {1, R"({"a":"b","x":"2","y":"1"})"},
                            {2, R"({"a":"b","p":"C:\\Tools\\a.exe"})"},
                            {3, R"({"a":"b","p":"C:\\Other\\a.exe"})"}}),
              ElementsAre("1", "3"));
}

TEST(ElasticExceptionsTest, OneObjectSatisfiesANestedEntry) {
  const std::string rules =
      Rule("query", R"("query":"a:b","exceptions_list":[{"list_id":"l"}])") +
      R"({"list_id":"l","item_id":"1","entries":[{"field":"sign",)"
      R"("type":"nested","entries":[)"
      R"({"field":"name","operator":"included","type":"match","value":"Ex"},)"
      R"({"field":"ok","operator":"included","type":"match","value":"yes"}]}]})"
      "\n";
  EXPECT_THAT(
      Found(rules, {{0, R"({"a":"b","sign":[{"name":"Ex","ok":"yes"}]})"},
                    {1, R"({"a":"b","sign":[{"name":"Ex"},{"ok":"yes"}]})"}}),
      ElementsAre("1"));
}

TEST(ElasticExceptionsTest, AnExceptionEndsWithItsTime) {
  const std::string rules =
      Rule("query", R"("query":"a:b","exceptions_list":[{"list_id":"l"}])") +
      R"({"list_id":"l","item_id":"1","expire_time":"2026-01-01T00:00:10Z",)"
      R"("entries":[{"field":"a","operator":"included","type":"exists"}]})"
      "\n";
  EXPECT_THAT(
      Found(rules, {{9, R"({"a":"b","@timestamp":"2026-01-01T00:00:09Z"})"},
                    {10, R"({"a":"b","@timestamp":"2026-01-01T00:00:10Z"})"}}),
      ElementsAre("10"));
}

// --- Thresholds.

TEST(ElasticThresholdTest, FiresWhenTheCountIsReachedAndBeginsAnew) {
  const std::string rule =
      Rule("threshold", R"("query":"a:b","from":"now-10m",)"
                        R"("threshold":{"field":["u"],"value":3})");
  std::vector<Timed> events;
  for (int64_t i = 0; i < 7; ++i) events.push_back({i, R"({"a":"b","u":"k"})"});
  EXPECT_THAT(Found(rule, events), ElementsAre("k 2", "k 5"));
}

TEST(ElasticThresholdTest, CountsWithinTheLookBackOnly) {
  const std::string rule =
      Rule("threshold", R"("query":"a:b","from":"now-10m",)"
                        R"("threshold":{"field":["u"],"value":2})");
  EXPECT_THAT(Found(rule, {{0, R"({"a":"b","u":"k"})"},
                           {601, R"({"a":"b","u":"k"})"},
                           {1201, R"({"a":"b","u":"k"})"}}),
              ElementsAre("k 1201"));
}

TEST(ElasticThresholdTest, WithoutAFieldAllEventsAreOneGroup) {
  EXPECT_THAT(Found(Rule("threshold", R"("query":"a:b","threshold":)"
                                      R"({"field":[],"value":2})"),
                    {{0, R"({"a":"b"})"}, {1, R"({"a":"b","u":"k"})"}}),
              ElementsAre("1"));
}

TEST(ElasticThresholdTest, AnEventWithoutAFieldOfTheGroupDoesNotCount) {
  EXPECT_THAT(Found(Rule("threshold", R"("query":"a:b","threshold":)"
                                      R"({"field":["u","v"],"value":2})"),
                    {{0, R"({"a":"b","u":"k","v":"1"})"},
                     {1, R"({"a":"b","u":"k"})"},
                     {2, R"({"a":"b","u":"k","v":null})"},
                     {3, R"({"a":"b","u":"k","v":"1"})"}}),
              ElementsAre("k 1 3"));
}

TEST(ElasticThresholdTest, AListCountsForEachOfItsValues) {
  EXPECT_THAT(Found(Rule("threshold", R"("query":"a:b","threshold":)"
                                      R"({"field":["u"],"value":2})"),
                    {{0, R"({"a":"b","u":["k","l"]})"},
                     {1, R"({"a":"b","u":"l"})"},
                     {2, R"({"a":"b","u":["k","m"]})"}}),
              ElementsAre("l 1", "k 2"));
}

TEST(ElasticThresholdTest, NeedsTheCountAndTheDifferentValues) {
  const std::string rule =
      Rule("threshold", R"("query":"a:b","threshold":{"field":["u"],"value":3,)"
                        R"("cardinality":[{"field":"h","value":2}]})");
  EXPECT_THAT(Found(rule, {{0, R"({"a":"b","u":"k","h":"1"})"},
                           {1, R"({"a":"b","u":"k","h":"2"})"},
                           {2, R"({"a":"b","u":"k","h":"2"})"}}),
              ElementsAre("k 2"));
  EXPECT_THAT(Found(rule, {{0, R"({"a":"b","u":"k","h":"1"})"},
                           {1, R"({"a":"b","u":"k","h":"1"})"},
                           {2, R"({"a":"b","u":"k","h":"1"})"}}),
              IsEmpty());
}

TEST(ElasticThresholdTest, OneOfManyGroupsHasEnoughDifferentValues) {
  const std::string rule =
      Rule("threshold", R"("query":"a:b","threshold":{"field":["u"],"value":1,)"
                        R"("cardinality":[{"field":"h","value":3}]})");
  std::vector<Timed> events;
  for (int64_t i = 0; i < 20'000; ++i) {
    events.push_back(
        {i / 1000, R"({"a":"b","h":"1","u":)" + std::to_string(i) + "}"});
  }
  for (int64_t i = 0; i < 3; ++i) {
    events.push_back(
        {30 + i, R"({"a":"b","u":77,"h":"x)" + std::to_string(i) + R"("})"});
  }
  EXPECT_THAT(Found(rule, events), ElementsAre("77 31"));
}

TEST(ElasticThresholdTest, TwelveGroupsFireOnceEachWhenNothingMoreComes) {
  const std::string rule =
      Rule("threshold", R"("query":"a:b","interval":"5m","from":"now-24h",)"
                        R"("threshold":{"field":["u"],"value":2})");
  std::vector<Timed> events;
  for (int64_t i = 0; i < 24; ++i) {
    events.push_back({i, R"({"a":"b","u":)" + std::to_string(i % 12) + "}"});
  }
  EXPECT_EQ(Found(rule, events).size(), 12u);
}

// --- New terms.

std::string NewTerms(std::string_view fields) {
  return Rule("new_terms", R"("query":"a:b","history_window_start":"now-7d",)"
                           R"("new_terms_fields":)" +
                               std::string(fields));
}

TEST(ElasticNewTermsTest, WhatWasSeenInTheWindowIsNotNew) {
  EXPECT_THAT(
      Found(NewTerms(R"(["u"])"), {{0, R"({"a":"b","u":"kim"})"},
                                   {2 * kDay, R"({"a":"b","u":"kim"})"},
                                   {2 * kDay + 1, R"({"a":"b","u":"lee"})"},
                                   {2 * kDay + 2, R"({"a":"b","u":"lee"})"}}),
      ElementsAre("lee 172801"));
}

TEST(ElasticNewTermsTest, WhatWasSeenLongerAgoIsNewAgain) {
  EXPECT_THAT(
      Found(NewTerms(R"(["u"])"), {{0, R"({"a":"b","u":"kim"})"},
                                   {7 * kDay, R"({"a":"b","u":"kim"})"},
                                   {14 * kDay + 1, R"({"a":"b","u":"kim"})"}}),
      ElementsAre("kim 1209601"));
}

TEST(ElasticNewTermsTest, SaysNothingOnItsFirstDay) {
  EXPECT_THAT(Found(NewTerms(R"(["u"])"), {{0, R"({"a":"b","u":"kim"})"},
                                           {kDay - 1, R"({"a":"b","u":"lee"})"},
                                           {kDay, R"({"a":"b","u":"mo"})"}}),
              ElementsAre("mo 86400"));
}

TEST(ElasticNewTermsTest, TheFirstDayIsThatOfTheStreamNotOfTheRulesEvents) {
  EXPECT_THAT(Found(NewTerms(R"(["u"])"),
                    {{0, R"({"other":1})"}, {kDay, R"({"a":"b","u":"kim"})"}}),
              ElementsAre("kim 86400"));
}

TEST(ElasticNewTermsTest, OnlyEventsOfTheQueryAreHistory) {
  EXPECT_THAT(
      Found(NewTerms(R"(["u"])"), {{0, R"({"a":"c","u":"kim"})"},
                                   {2 * kDay, R"({"a":"b","u":"kim"})"}}),
      ElementsAre("kim 172800"));
}

TEST(ElasticNewTermsTest, ListsGiveEveryCombination) {
  EXPECT_THAT(Found(NewTerms(R"(["u","h"])"),
                    {{0, R"({"a":"b","u":"kim","h":"1"})"},
                     {2 * kDay, R"({"a":"b","u":["kim","lee"],"h":["1","2"]})"},
                     {2 * kDay + 1, R"({"a":"b","u":"lee"})"}}),
              ::testing::UnorderedElementsAre("kim 2 172800", "lee 1 172800",
                                              "lee 2 172800"));
}

TEST(ElasticNewTermsTest, HistoryLivesOnInASnapshot) {
  Compiler compiler;
  compiler.AddText(NewTerms(R"(["u"])"), "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  TextSink sink;
  const auto feed = [](Engine* engine, int64_t second, std::string_view user) {
    const std::string json = R"({"a":"b","u":")" + std::string(user) + R"("})";
    Event event = Event::Json(json);
    event.set_time(Timestamp(kBegin + second * kSecond));
    engine->Feed(event);
  };
  std::string bytes;
  const EngineOptions options = {.max_future_skew = absl::Hours(24 * 1000)};
  {
    Engine engine(compiled.rules, sink, options);
    feed(&engine, 0, "kim");
    engine.SaveTo(&bytes);
  }
  Engine engine(compiled.rules, sink, options);
  ASSERT_TRUE(engine.LoadFrom(bytes).ok());
  feed(&engine, 2 * kDay, "kim");
  feed(&engine, 2 * kDay, "lee");
  std::string again;
  engine.SaveTo(&again);
  Engine third(compiled.rules, sink, options);
  ASSERT_TRUE(third.LoadFrom(again).ok());
  std::string saved_again;
  third.SaveTo(&saved_again);
  EXPECT_EQ(again, saved_again);
  EXPECT_THAT(sink.found, ElementsAre("lee 172800"));
}

// --- Threat match.

std::string ThreatMatch(std::string_view mapping,
                        std::string_view rest = R"("query":"a:b")") {
  return Rule("threat_match",
              std::string(rest) +
                  R"(,"threat_query":"@timestamp >= \"now-30d/d\" and )"
                  R"(event.kind:enrichment","threat_mapping":)" +
                  std::string(mapping));
}

// Groups of an event's fields and an indicator's.
std::string Entry(std::string_view field, std::string_view value,
                  bool negated = false) {
  return R"({"type":"mapping","field":")" + std::string(field) +
         R"(","value":")" + std::string(value) +
         (negated ? R"(","negate":true})" : R"("})");
}
const std::string kByIp = R"([{"entries":[)" + Entry("ip", "i.ip") + "]}]";
const std::string kByEither = R"([{"entries":[)" + Entry("ip", "i.ip") +
                              R"(]},{"entries":[)" + Entry("to", "i.ip") +
                              "]}]";
const std::string kByBoth = R"([{"entries":[)" + Entry("user", "i.user") + "," +
                            Entry("server", "i.server") + "]}]";

TEST(ElasticThreatMatchTest, AnEventWithAValueOfAnIndicatorIsFound) {
  EXPECT_THAT(Found(ThreatMatch(kByIp),
                    {{0, R"({"a":"b","ip":"192.0.2.1"})"},
                     {1, R"({"event.kind":"enrichment","i.ip":"192.0.2.1"})"},
                     {2, R"({"a":"b","ip":"192.0.2.1"})"},
                     {3, R"({"a":"b","ip":"192.0.2.2"})"},
                     {4, R"({"a":"c","ip":"192.0.2.1"})"},
                     {5, R"({"a":"b","ip":"192.0.2.1"})"}}),
              ElementsAre("192.0.2.1 2", "192.0.2.1 5"));
}

TEST(ElasticThreatMatchTest, AnIndicatorIsKeptAsLongAsItsQuerySays) {
  EXPECT_THAT(Found(ThreatMatch(kByIp),
                    {{0, R"({"event.kind":"enrichment","i.ip":"192.0.2.1"})"},
                     {30 * kDay, R"({"a":"b","ip":"192.0.2.1"})"},
                     {30 * kDay + 1, R"({"a":"b","ip":"192.0.2.1"})"}}),
              ElementsAre("192.0.2.1 2592000"));
}

TEST(ElasticThreatMatchTest, OneGroupOfSeveralIsEnoughAndGivesOneIncident) {
  EXPECT_THAT(Found(ThreatMatch(kByEither),
                    {{0, R"({"event.kind":"enrichment","i.ip":"192.0.2.1"})"},
                     {1, R"({"a":"b","to":"192.0.2.1"})"},
                     {2, R"({"a":"b","ip":"192.0.2.1","to":"192.0.2.1"})"}}),
              ElementsAre("192.0.2.1 1", "192.0.2.1 192.0.2.1 2"));
}

TEST(ElasticThreatMatchTest, OneIndicatorSatisfiesAllEntriesOfAGroup) {
  const std::vector<Timed> events = {
      {0, R"({"event.kind":"enrichment","i.user":"user1","i.server":"s"})"},
      {1, R"({"event.kind":"enrichment","i.user":"user2","i.server":"t"})"},
      {2, R"({"event.kind":"enrichment","i.user":"user3","i.server":"s"})"},
      {3, R"({"a":"b","user":"user2","server":"s"})"},
      {4, R"({"a":"b","user":"user3","server":"s"})"}};
  EXPECT_THAT(Found(ThreatMatch(kByBoth), events), ElementsAre("user3 s 4"));
  // The same beside another group.
  const std::string beside =
      R"([{"entries":[)" + Entry("ip", "i.ip") + "]}," + kByBoth.substr(1);
  EXPECT_THAT(Found(ThreatMatch(beside), events), ElementsAre("user3 4"));
}

TEST(ElasticThreatMatchTest, AnyElementOfAListIsAValue) {
  EXPECT_THAT(Found(ThreatMatch(kByIp),
                    {{0, R"({"event.kind":"enrichment",)"
                         R"("i.ip":["192.0.2.1","192.0.2.2"]})"},
                     {1, R"({"a":"b","ip":"192.0.2.2"})"},
                     {2, R"({"a":"b","ip":["198.51.100.1","192.0.2.1"]})"}}),
              ElementsAre("192.0.2.2 1", "192.0.2.1 2"));
}

TEST(ElasticThreatMatchTest, ANegatedEntryLeavesOutWhatIsEqual) {
  const std::string mapping = R"([{"entries":[)" + Entry("user", "i.user") +
                              "," + Entry("server", "i.server", true) + "]}]";
  EXPECT_THAT(
      Found(ThreatMatch(mapping),
            {{0, R"({"event.kind":"enrichment","i.user":"u","i.server":"s"})"},
             {1, R"({"a":"b","user":"u","server":"s"})"},
             {2, R"({"a":"b","user":"u","server":"t"})"}}),
      ElementsAre("u 2"));
  // What the indicator does not say leaves nothing out.
  EXPECT_THAT(
      Found(ThreatMatch(mapping),
            {{0, R"({"event.kind":"enrichment","i.user":"u","i.server":null})"},
             {1, R"({"a":"b","user":"u","server":"s"})"},
             {2, R"({"a":"b","user":"u"})"}}),
      ElementsAre("u 1", "u 2"));
}

TEST(ElasticThreatMatchTest, FiltersOfEventsAreNotThoseOfIndicators) {
  EXPECT_THAT(
      Found(ThreatMatch(kByIp,
                        R"("query":"a:b","filters":[{"query":{"exists":)"
                        R"({"field":"wanted"}}}],"threat_filters":[{"query":)"
                        R"({"exists":{"field":"i.ip"}}}])"),
            {{0, R"({"event.kind":"enrichment","i.ip":"192.0.2.1"})"},
             {1, R"({"a":"b","ip":"192.0.2.1"})"},
             {2, R"({"a":"b","ip":"192.0.2.1","wanted":1})"}}),
      ElementsAre("192.0.2.1 2"));
}

// --- Machine learning.

TEST(ElasticMachineLearningTest, TakesRecordsOfItsJobsFromTheThresholdOn) {
  EXPECT_THAT(
      Found(Rule("machine_learning", R"("machine_learning_job_id":"rare",)"
                                     R"("anomaly_threshold":50)"),
            {{0, R"({"job_id":"rare","record_score":50})"},
             {1, R"({"job_id":"rare","record_score":49.9})"},
             {2, R"({"job_id":"other","record_score":90})"},
             {3, R"({"job_id":"rare","anomaly_score":75.5})"},
             {4, R"({"job_id":"rare","record_score":90,"is_interim":true})"}}),
      ElementsAre("0", "3"));
}

// --- Suppression.

std::string Suppressing(std::string_view suppression) {
  return Rule("query", R"("query":"a:b","alert_suppression":)" +
                           std::string(suppression));
}

TEST(ElasticSuppressionTest, TheFirstOfAGroupGoesOutAndTheRestIsCounted) {
  std::vector<std::string> counted;
  EXPECT_THAT(Found(Suppressing(R"({"group_by":["u"],)"
                                R"("duration":{"value":10,"unit":"m"}})"),
                    {{0, R"({"a":"b","u":"kim"})"},
                     {1, R"({"a":"b","u":"lee"})"},
                     {599, R"({"a":"b","u":"kim"})"},
                     {600, R"({"a":"b","u":"kim"})"}},
                    &counted),
              ElementsAre("0", "1", "600"));
  EXPECT_THAT(counted, ElementsAre("1 until 599"));
}

TEST(ElasticSuppressionTest, WithoutADurationItLastsForTheInterval) {
  EXPECT_THAT(Found(Rule("query", R"("query":"a:b","interval":"1m",)"
                                  R"("alert_suppression":{"group_by":["u"]})"),
                    {{0, R"({"a":"b","u":"kim"})"},
                     {59, R"({"a":"b","u":"kim"})"},
                     {60, R"({"a":"b","u":"kim"})"}}),
              ElementsAre("0", "60"));
}

TEST(ElasticSuppressionTest, AMissingValueIsAValueUnlessTheRuleSaysOtherwise) {
  const std::vector<Timed> events = {
      {0, R"({"a":"b"})"}, {1, R"({"a":"b","u":"kim"})"}, {2, R"({"a":"b"})"}};
  EXPECT_THAT(Found(Suppressing(R"({"group_by":["u"],)"
                                R"("duration":{"value":1,"unit":"h"},)"
                                R"("missing_fields_strategy":"suppress"})"),
                    events),
              ElementsAre("0", "1"));
  EXPECT_THAT(
      Found(Suppressing(R"({"group_by":["u"],)"
                        R"("duration":{"value":1,"unit":"h"},)"
                        R"("missing_fields_strategy":"doNotSuppress"})"),
            events),
      ElementsAre("0", "1", "2"));
}

TEST(ElasticSuppressionTest, AThresholdIsSuppressedByItsGroups) {
  EXPECT_THAT(
      Found(Rule("threshold", R"("query":"a:b","threshold":{"field":["u"],)"
                              R"("value":1},"alert_suppression":)"
                              R"({"duration":{"value":1,"unit":"h"}})"),
            {{0, R"({"a":"b","u":"kim"})"},
             {1, R"({"a":"b","u":"kim"})"},
             {2, R"({"a":"b","u":"lee"})"}}),
      ElementsAre("kim 0", "lee 2"));
}

TEST(ElasticSuppressionTest, ASequenceIsSuppressedByItsKeys) {
  EXPECT_THAT(Found(Rule("eql", R"("language":"eql","query":"sequence by h )"
                                R"([a where true] [b where true]",)"
                                R"("alert_suppression":{"group_by":["h"],)"
                                R"("duration":{"value":1,"unit":"h"}})"),
                    {{0, R"({"event.category":"a","h":"1"})"},
                     {1, R"({"event.category":"b","h":"1"})"},
                     {2, R"({"event.category":"a","h":"1"})"},
                     {3, R"({"event.category":"b","h":"1"})"}}),
              ElementsAre("1 1"));
}

// --- Severity.

TEST(ElasticSeverityTest, TheGravestThatAValueGivesCounts) {
  Compiler compiler;
  compiler.AddText(
      Rule("query", R"("query":"a:b","severity_mapping":[)"
                    R"({"field":"e.s","operator":"equals","value":"1",)"
                    R"("severity":"medium"},)"
                    R"({"field":"e.s","operator":"equals","value":"2",)"
                    R"("severity":"critical"},)"
                    R"({"field":"t","operator":"equals","value":"x",)"
                    R"("severity":"high"}])"),
      "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  std::vector<std::string> levels;
  CallbackSink sink([&](const Detection& detection) {
    levels.emplace_back(detection.level());
  });
  Engine engine(compiled.rules, sink);
  for (const char* event :
       {R"({"a":"b"})", R"({"a":"b","e":{"s":1}})", R"({"a":"b","e.s":"1"})",
        R"({"a":"b","e":{"s":"2"},"t":"x"})",
        R"({"a":"b","e":{"s":"1"},"t":"x"})"}) {
    engine.Feed(Event::Json(event));
  }
  EXPECT_THAT(levels,
              ElementsAre("low", "medium", "medium", "critical", "high"));
}

// --- Files.

TEST(ElasticFilesTest, RulesOfSeveralFormatsAreOneSet) {
  Compiler compiler;
  compiler.AddText(Rule("query", R"("query":"a:b")"), "rules.ndjson");
  compiler.AddText(
      "[rule]\nname = \"T\"\ntype = \"eql\"\n"
      "query = \"any where a == \\\"b\\\"\"\n",
      "rule.toml");
  compiler.AddText("any where a == \"b\"", "query.eql");
  compiler.AddText("a:b", "query.kql");
  compiler.AddText(
      "title: S\nlogsource: {product: x}\n"
      "detection: {s: {a: b}, condition: s}\n",
      "sigma.yml");
  const CompileResult compiled = compiler.Compile();
  EXPECT_EQ(compiled.rules_loaded, 5);
  EXPECT_EQ(compiled.refused, 0);
  TextSink sink;
  Engine engine(compiled.rules, sink, {.unknown_source_meets_all = true});
  engine.Feed(Event::Json(R"({"a":"b"})"));
  EXPECT_EQ(sink.found.size(), 5u);
}

TEST(ElasticFilesTest, AFileInJsonMayHoldThem) {
  Compiler compiler;
  compiler.AddText("[" + Rule("query", R"("query":"a:b")") + "]", "rules.json");
  EXPECT_EQ(compiler.Compile().rules_loaded, 1);
}

TEST(ElasticFilesTest, OneBadLineCostsThatRuleOnly) {
  Compiler compiler;
  compiler.AddText(Rule("query", R"("query":"a:")") + "{\"broken\n" +
                       R"({"rule_id":"s","name":"S","type":"query",)"
                       R"("query":"a:b"})"
                       "\n" +
                       R"({"exported_count":2,"exported_rules_count":2})",
                   "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  EXPECT_EQ(compiled.rules_loaded, 1);
  EXPECT_EQ(compiled.refused, 2);
  EXPECT_EQ(compiled.documents, 3);
}

}  // namespace
}  // namespace tocsin
