// What was reported of engines that run queries in EQL and KQL and Elastic's
// rules, as the smallest events that show it: each test is named by what is
// right. The trackers and numbers of the reports stand above.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/engine/eql_replay.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
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

// Seconds of detections; "keys first-last" of incidents.
struct TextSink : public Sink {
  void OnDetection(const Detection& detection) override {
    found.push_back(Second(detection.time()));
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    std::string text;
    for (const IncidentKey& key : incident.keys()) {
      text += (key.missing ? "null" : key.value) + " ";
    }
    found.push_back(text + Second(incident.first_time()) + "-" +
                    Second(incident.time()));
    for (const IncidentEvent& event : incident.events()) {
      events.emplace_back(event.json);
    }
  }
  static std::string Second(Timestamp time) {
    return std::to_string((time.nanos() - kBegin) / kSecond);
  }
  std::vector<std::string> found;
  std::vector<std::string> events;
};

// A rule in a file of that name, and its engine.
struct Stream {
  Stream(const std::string& path, const std::string& text) {
    Compiler compiler;
    compiler.AddText(text, path);
    const CompileResult compiled = compiler.Compile();
    for (const Diagnostic& told : compiled.diagnostics) {
      if (told.severity == Severity::kError) {
        ADD_FAILURE() << RenderDiagnostic(told);
      }
    }
    engine = std::make_unique<Engine>(
        compiled.rules, sink,
        EngineOptions{.lateness = absl::ZeroDuration(),
                      .max_future_skew = absl::Hours(24 * 1000)});
  }
  void Feed(const std::vector<Timed>& events) {
    for (const Timed& event : events) {
      engine->Feed(Event::Json(event.json).set_time(At(event.second)));
    }
  }
  std::vector<std::string> End() {
    engine->AdvanceTo(At(1'000'000));
    return sink.found;
  }

  TextSink sink;
  std::unique_ptr<Engine> engine;
};

std::vector<std::string> Found(const std::string& path, const std::string& text,
                               const std::vector<Timed>& events) {
  Stream stream(path, text);
  stream.Feed(events);
  return stream.End();
}
std::vector<std::string> Eql(const std::string& query,
                             const std::vector<Timed>& events) {
  return Found("query.eql", query, events);
}
std::vector<std::string> Kql(const std::string& query,
                             const std::vector<Timed>& events) {
  return Found("query.kql", query, events);
}

std::string RefusalOf(const std::string& query) {
  Compiler compiler;
  compiler.AddText(query, "query.eql");
  const CompileResult compiled = compiler.Compile();
  return compiled.diagnostics.empty()
             ? ""
             : RenderDiagnostic(compiled.diagnostics[0]);
}

// --- Sequences.

// elasticsearch#62781
TEST(ReportedTest, TransactionsOfTwoDaysAreTwoSequences) {
  EXPECT_THAT(
      Eql("sequence by id with maxspan=1h [REQ where true] [ERR where true] "
          "[STAT where true]",
          {{0, R"({"event.category":"REQ","id":1234})"},
           {1, R"({"event.category":"ERR","id":1234})"},
           {2, R"({"event.category":"STAT","id":1234})"},
           {86400, R"({"event.category":"REQ","id":1235})"},
           {86401, R"({"event.category":"ERR","id":1235})"},
           {86401, R"({"event.category":"STAT","id":1235})"}}),
      ElementsAre("1234 0-2", "1235 86400-86401"));
}

// elasticsearch#145323
TEST(ReportedTest, WhatIsMissingIsNotAnsweredBeforeItsSpanHasPassed) {
  Stream stream("query.eql",
                "sequence by h with maxspan=10m [A where true] "
                "![B where true]");
  stream.Feed({{0, R"({"event.category":"A","h":1})"}});
  stream.engine->AdvanceTo(At(180));
  EXPECT_THAT(stream.sink.found, IsEmpty());
  stream.Feed({{360, R"({"event.category":"B","h":1})"}});
  EXPECT_THAT(stream.End(), IsEmpty());
}

// elasticsearch#90340
TEST(ReportedTest, TheLastTwoSequencesAreThoseOfAllEvents) {
  const text::Source source(
      "query", "sequence by name [any where true] [any where true] | tail 2");
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const auto replay = engine::EqlReplay::Compile(source, {}, &reporter);
  ASSERT_NE(replay, nullptr);
  std::vector<std::string> texts;
  for (const char* name : {"a", "b", "c", "a", "b", "c"}) {
    texts.push_back(R"({"event.category":"x","name":")" + std::string(name) +
                    R"("})");
  }
  std::vector<engine::ReplayedEvent> events;
  for (const std::string& text : texts) {
    events.push_back({text, static_cast<int64_t>(events.size()) * kSecond});
  }
  std::vector<std::string> keys;
  for (const engine::EqlHit& hit : replay->Run(events)) {
    keys.push_back(hit.keys[0].value_or("null"));
  }
  EXPECT_THAT(keys, ElementsAre("b", "c"));
}

// elasticsearch#59196, #63742
TEST(ReportedTest, ASpanHoldsAnEventExactlySoFarAwayAndNoneBehind) {
  const std::string query =
      "sequence by h with maxspan=10s [A where true] [B where true]";
  EXPECT_THAT(Eql(query, {{0, R"({"event.category":"A","h":1})"},
                          {10, R"({"event.category":"B","h":1})"}}),
              ElementsAre("1 0-10"));
  EXPECT_THAT(Eql(query, {{0, R"({"event.category":"A","h":1})"},
                          {11, R"({"event.category":"B","h":1})"}}),
              IsEmpty());
}

// elasticsearch#76209
TEST(ReportedTest, AllEventsOfASequenceHaveItsKey) {
  Stream stream("query.eql",
                "sequence by user with maxspan=1m [A where true] "
                "[B where true]");
  stream.Feed({{0, R"({"event.category":"A","user":"kim"})"},
               {1, R"({"event.category":"A","user":"lee"})"},
               {2, R"({"event.category":"B","user":"kim"})"},
               {3, R"({"event.category":"B","user":"lee"})"}});
  EXPECT_THAT(stream.End(), ElementsAre("kim 0-2", "lee 1-3"));
  ASSERT_THAT(stream.sink.events, SizeIs(4));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_THAT(stream.sink.events[i],
                HasSubstr(i < 2 ? R"("user":"kim")" : R"("user":"lee")"));
  }
}

// elasticsearch#64553, #89965
TEST(ReportedTest, AListJoinsByTheValuesThatBothSidesHave) {
  const std::string query =
      "sequence by host.name with maxspan=1m [A where true] [B where true]";
  EXPECT_THAT(
      Eql(query, {{0, R"({"event.category":"A","host.name":"h"})"},
                  {1, R"({"event.category":"B","host.name":["h","foo"]})"}}),
      ElementsAre("h 0-1"));
  EXPECT_THAT(
      Eql(query, {{0, R"({"event.category":"A","host.name":["h","g","x"]})"},
                  {1, R"({"event.category":"B","host.name":["g","h","y"]})"}}),
      UnorderedElementsAre("h 0-1", "g 0-1"));
}

// elasticsearch#133065
TEST(ReportedTest, AConditionWithTheKeyIsThatOfItsStepOnly) {
  EXPECT_THAT(Eql("sequence by foo with maxspan=1m [any where true] "
                  "[any where startsWith(foo, bar)]",
                  {{0, R"({"event.category":"x","foo":"abc","bar":"z"})"},
                   {1, R"({"event.category":"x","foo":"abc","bar":"ab"})"}}),
              ElementsAre("abc 0-1"));
}

// elasticsearch#145813
TEST(ReportedTest, AConditionOnTheKeyOfWhatIsMissingIsNotOneOnTheRest) {
  const std::string query =
      "sequence by foo with maxspan=1m [A where true] "
      "![B where startsWith(foo, \"x\")]";
  EXPECT_THAT(Eql(query, {{0, R"({"event.category":"A","foo":"y"})"},
                          {1, R"({"event.category":"B","foo":"y"})"}}),
              ElementsAre("y 0-0"));
  EXPECT_THAT(Eql(query, {{0, R"({"event.category":"A","foo":"xy"})"},
                          {1, R"({"event.category":"B","foo":"xy"})"}}),
              IsEmpty());
}

// elasticsearch#64706
TEST(ReportedTest, EventsOfOneMomentFollowEachOtherAsTheyCame) {
  const std::string query =
      "sequence by h with maxspan=1m [A where true] [B where true]";
  EXPECT_THAT(Eql(query, {{0, R"({"event.category":"A","h":1,"seq":1})"},
                          {0, R"({"event.category":"B","h":1})"}}),
              ElementsAre("1 0-0"));
  EXPECT_THAT(Eql(query, {{0, R"({"event.category":"B","h":1,"seq":1})"},
                          {0, R"({"event.category":"A","h":1})"}}),
              IsEmpty());
}

// detection-rules#1343, #1796
TEST(ReportedTest, ASpanOfThreeHoursIsKeptBehindALookBackOfNineMinutes) {
  const std::string rule =
      Rule("eql", R"("language":"eql","from":"now-9m","query":"sequence by h )"
                  R"(with maxspan=3h [a where true] [b where true]")");
  EXPECT_THAT(Found("rules.ndjson", rule,
                    {{0, R"({"event.category":"a","h":1})"},
                     {10800, R"({"event.category":"b","h":1})"}}),
              ElementsAre("1 0-10800"));
}

// kibana#158326
TEST(ReportedTest, AnotherTimeFieldOrdersEventsAndMeasuresTheSpan) {
  const auto found = [](std::string_view members,
                        const std::vector<Timed>& events) {
    return Found("rules.ndjson",
                 Rule("eql", R"("language":"eql","query":"sequence by h with )"
                             R"(maxspan=10s [a where true] [b where true]")" +
                                 std::string(members)),
                 events);
  };
  const std::vector<Timed> swapped = {
      {5, R"({"event.category":"b","h":1,)"
          R"("event":{"ingested":"2026-01-01T00:00:31Z"}})"},
      {6, R"({"event.category":"a","h":1,)"
          R"("event":{"ingested":"2026-01-01T00:00:30Z"}})"}};
  EXPECT_THAT(found("", swapped), IsEmpty());
  EXPECT_THAT(found(R"(,"timestamp_override":"event.ingested")", swapped),
              ElementsAre("1 30-31"));
  const std::vector<Timed> apart = {
      {5, R"({"event.category":"a","h":1,)"
          R"("event.ingested":"2026-01-01T00:00:10Z"})"},
      {6, R"({"event.category":"b","h":1,)"
          R"("event.ingested":"2026-01-01T00:00:21Z"})"}};
  EXPECT_THAT(found("", apart), ElementsAre("1 5-6"));
  EXPECT_THAT(found(R"(,"timestamp_override":"event.ingested")", apart),
              IsEmpty());
}

TEST(ReportedTest, AnEventWithoutTheOtherTimeFieldHasItsOwnUnlessThatIsOff) {
  const std::vector<Timed> events = {{5, R"({"event.category":"a","h":1})"},
                                     {6, R"({"event.category":"b","h":1})"}};
  const std::string rule = R"("language":"eql","query":"sequence by h with )"
                           R"(maxspan=10s [a where true] [b where true]",)"
                           R"("timestamp_override":"event.ingested")";
  EXPECT_THAT(Found("rules.ndjson", Rule("eql", rule), events),
              ElementsAre("1 5-6"));
  EXPECT_THAT(
      Found(
          "rules.ndjson",
          Rule("eql", rule + R"(,"timestamp_override_fallback_disabled":true)"),
          events),
      IsEmpty());
}

TEST(ReportedTest, OldEventsThatAreReadAgainAreAtTheirOwnTime) {
  EXPECT_THAT(
      Found("rules.ndjson",
            Rule("eql", R"("language":"eql","query":"sequence by h with )"
                        R"(maxspan=10s [a where true] [b where true]",)"
                        R"("timestamp_override":"event.ingested")"),
            {{5, R"({"event.category":"a","h":1,)"
                 R"("event.ingested":"2026-09-01T00:00:10Z"})"},
             {6, R"({"event.category":"b","h":1,)"
                 R"("event.ingested":"2026-09-01T00:05:10Z"})"}}),
      ElementsAre("1 5-6"));
}

// kibana#168708: SequenceAlertTest.AMissingEventTakesNothingFromTheShell.

// kibana#169341, security-docs#4757
TEST(ReportedTest, AnExceptedEventCompletesNoSequence) {
  const std::string lists =
      R"({"list_id":"l","type":"detection","name":"L","description":"d"})"
      "\n"
      R"({"list_id":"l","item_id":"i","type":"simple","name":"I",)"
      R"("description":"d","entries":[{"field":"u","type":"match",)"
      R"("operator":"included","value":"kim"}]})"
      "\n";
  const std::string rule =
      Rule("eql", R"("language":"eql","query":"sequence by h with maxspan=1m )"
                  R"([a where true] [b where true]","exceptions_list":)"
                  R"([{"list_id":"l","type":"detection"}])");
  EXPECT_THAT(Found("rules.ndjson", rule + lists,
                    {{0, R"({"event.category":"a","h":1})"},
                     {1, R"({"event.category":"b","h":1,"u":"kim"})"}}),
              IsEmpty());
  EXPECT_THAT(Found("rules.ndjson", rule + lists,
                    {{0, R"({"event.category":"a","h":1})"},
                     {1, R"({"event.category":"b","h":1,"u":"lee"})"}}),
              ElementsAre("1 0-1"));
}

// --- Expressions.

// elasticsearch#118621
TEST(ReportedTest, EitherOfTwoAddressesMatches) {
  EXPECT_THAT(
      Eql("any where destination.ip == \"192.0.2.1\" or "
          "destination.ip == \"192.0.2.2\"",
          {{0, R"({"event.category":"x","destination.ip":"192.0.2.1"})"},
           {1, R"({"event.category":"x","destination.ip":"192.0.2.2"})"},
           {2, R"({"event.category":"x","destination.ip":"192.0.2.3"})"}}),
      ElementsAre("0", "1"));
}

// elasticsearch#55709, endgameinc/eql#79
TEST(ReportedTest, ABlockOfAddressesComparedWithTrueIsTheBareCall) {
  const std::vector<Timed> events = {
      {0, R"({"event.category":"x","ip":"192.168.3.4"})"},
      {1, R"({"event.category":"x","ip":"fe80::12"})"},
      {2, R"({"event.category":"x","ip":"fec0::12"})"}};
  for (const char* compared : {"", " == true"}) {
    EXPECT_THAT(Eql("any where cidrMatch(ip, \"192.168.0.0/16\")" +
                        std::string(compared),
                    events),
                ElementsAre("0"));
    EXPECT_THAT(
        Eql("any where cidrMatch(ip, \"fe80::/10\")" + std::string(compared),
            events),
        ElementsAre("1"));
  }
}

// elasticsearch#54419, #53999
TEST(ReportedTest, AFunctionOfWhatIsAbsentIsNullAndSoIsNotOfIt) {
  const std::vector<Timed> events = {{0, R"({"event.category":"x"})"}};
  for (const char* condition :
       {"length(f) > 0", "not (length(f) > 0)", "length(f) == 0",
        "f like \"*\"", "not f like \"*\"", "not f : \"*\""}) {
    EXPECT_THAT(Eql("any where " + std::string(condition), events), IsEmpty())
        << condition;
  }
}

// elasticsearch#62651, endgameinc/eql#30, elasticsearch#68172
TEST(ReportedTest, ComparingAndLookingInAListFoldAlike) {
  const std::vector<Timed> events = {{0, R"({"event.category":"x","f":"A"})"}};
  EXPECT_THAT(Eql("any where f == \"a\"", events), IsEmpty());
  EXPECT_THAT(Eql("any where f in (\"a\")", events), IsEmpty());
  EXPECT_THAT(Eql("any where f in~ (\"a\")", events), ElementsAre("0"));
  EXPECT_THAT(Eql("any where f : \"a\"", events), ElementsAre("0"));
  EXPECT_THAT(Eql("any where f in~ (\"explorer*\")",
                  {{0, R"({"event.category":"x","f":"EXPLORER.exe"})"},
                   {1, R"({"event.category":"x","f":"Explorer*"})"}}),
              ElementsAre("1"));
}

// detection-rules#2260
TEST(ReportedTest, AClassOfARegexIsNeverALiteralLetter) {
  // Elasticsearch's syntax has `\w` and `\d`: they are classes here, too.
  for (const auto& [pattern, yes, no] :
       {std::tuple("[a-z]:\\\\[\\w]+", R"(c:\\ab_1)", R"(c:\\--)"),
        std::tuple("x\\d+", "x12", "xd"), std::tuple("\\w+", "ab", "-")}) {
    const std::string query =
        R"(any where f regex """)" + std::string(pattern) + R"(""")";
    EXPECT_THAT(
        Eql(query,
            {{0, R"({"event.category":"x","f":")" + std::string(yes) + R"("})"},
             {1,
              R"({"event.category":"x","f":")" + std::string(no) + R"("})"}}),
        ElementsAre("0"))
        << query;
  }
}

// detection-rules#6824
TEST(ReportedTest, ANegationOfAnAbsentFieldDropsTheEventInEqlAndKeepsItInKql) {
  const std::vector<Timed> events = {
      {0, R"({"event.category":"x"})"},
      {1, R"({"event.category":"x","console":"false"})"}};
  EXPECT_THAT(Eql("any where not console == \"true\"", events),
              ElementsAre("1"));
  EXPECT_THAT(Kql("event.category:x and not console:true", events),
              ElementsAre("0", "1"));
}

// --- KQL.

// kibana#169709
TEST(ReportedTest, TwoBackslashesAreOneBehindAStar) {
  EXPECT_THAT(Kql(R"(value: *\\*)", {{0, R"({"value":"back\\slash"})"},
                                     {1, R"({"value":"slash"})"}}),
              ElementsAre("0"));
}

// detection-rules#6501
TEST(ReportedTest, AStarInQuotesOrBehindABackslashIsAStar) {
  const std::vector<Timed> events = {{0, R"({"f":"foo*bar"})"},
                                     {1, R"({"f":"fooxbar"})"}};
  EXPECT_THAT(Kql(R"(f:"foo*bar")", events), ElementsAre("0"));
  EXPECT_THAT(Kql(R"(f:foo\*bar)", events), ElementsAre("0"));
  EXPECT_THAT(Kql(R"(f:foo*bar)", events), ElementsAre("0", "1"));
}

// detection-rules#6282
TEST(ReportedTest, AnEscapedColonIsPartOfAValueThatAKeywordEnds) {
  // So it is a value with a wildcard, or the word `directory` anywhere.
  EXPECT_THAT(Kql(R"(m: *\: No such file or directory)",
                  {{0, R"({"m":"ls: No such file"})"},
                   {1, R"({"m":"No such file"})"},
                   {2, R"({"x":"a directory"})"}}),
              ElementsAre("0", "2"));
}

// detection-rules#441
TEST(ReportedTest, ASlashBeginsNoRegex) {
  EXPECT_THAT(Kql("f:/etc/.*",
                  {{0, R"({"f":"/etc/passwd"})"}, {1, R"({"f":"/etc/.x"})"}}),
              ElementsAre("1"));
}

// kibana#24586
TEST(ReportedTest, AWildcardWithoutAFieldIsLookedForInEveryField) {
  const std::vector<Timed> events = {{0, R"({"f":"my_term"})"},
                                     {1, R"({"g":{"h":"my_t"}})"},
                                     {2, R"({"f":"your_term"})"}};
  EXPECT_THAT(Kql("my_t*", events), ElementsAre("0", "1"));
  EXPECT_THAT(Kql("f:my_t*", events), ElementsAre("0"));
}

// elasticsearch#135772
TEST(ReportedTest, AKeywordHasItsLetterCase) {
  EXPECT_THAT(Kql("user: \"student01\"", {{0, R"({"user":"Student01"})"},
                                          {1, R"({"user":"student01"})"}}),
              ElementsAre("1"));
}

// --- Types of rules.

// kibana#82868
TEST(ReportedTest, ARuleOverEventsAndAlertsDoesNotFindItsOwnAlert) {
  const Outcome run = RunOf(
      Rule("query", R"("index":["logs-*",".alerts-security.*"],"query":"a:b")"),
      {{0, R"({"a":"b"})"}});
  EXPECT_THAT(run.fired, ElementsAre("r 0"));
}

// kibana#90753
TEST(ReportedTest, GroupsOverTheThresholdDoNotAlertAgainWithoutNewEvents) {
  Stream stream(
      "rules.ndjson",
      Rule("threshold", R"("query":"a:b","from":"now-24h","threshold":)"
                        R"({"field":["u"],"value":1})"));
  for (int i = 0; i < 12; ++i) {
    stream.Feed({{i, R"({"a":"b","u":)" + std::to_string(i) + "}"}});
  }
  EXPECT_THAT(stream.sink.found, SizeIs(12));
  for (int i = 1; i < 100; ++i) {
    stream.Feed({{i * 300, R"({"other":1})"}});
  }
  EXPECT_THAT(stream.End(), SizeIs(12));
}

// kibana#241022
TEST(ReportedTest, AThresholdWithoutFieldsCountsAllEvents) {
  EXPECT_THAT(Found("rules.ndjson",
                    Rule("threshold",
                         R"("query":"a:b","threshold":{"field":[],"value":2})"),
                    {{0, R"({"a":"b","u":1})"}, {1, R"({"a":"b","u":2})"}}),
              ElementsAre("0-1"));
}

// kibana#95258: ElasticThresholdTest.OneOfManyGroupsHasEnoughDifferentValues.

// kibana#135567
TEST(ReportedTest, ALongMemoryOfSuppressedAlertsBreaksNothing) {
  Stream stream("rules.ndjson",
                Rule("query", R"("query":"a:b","max_signals":1000000,)"
                              R"("alert_suppression":{"group_by":["u"],)"
                              R"("duration":{"value":24,"unit":"h"}})"));
  constexpr int kKeys = 30'000;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kKeys; ++i) {
      stream.Feed({{round, R"({"a":"b","u":)" + std::to_string(i) + "}"}});
    }
  }
  EXPECT_THAT(stream.sink.found, SizeIs(kKeys));
  EXPECT_EQ(stream.engine->stats().suppressed, kKeys);
}

std::string ThreatMatch(std::string_view entries) {
  return Rule("threat_match", R"("query":"e:1","threat_index":["ti"],)"
                              R"("threat_query":"i:1","threat_mapping":)"
                              R"([{"entries":[)" +
                                  std::string(entries) + "]}]");
}

// kibana#179825
TEST(ReportedTest, OneIndicatorHasAllValuesOfAGroupOfEntries) {
  EXPECT_THAT(
      Found("rules.ndjson",
            ThreatMatch(R"({"field":"u","type":"mapping","value":"tu"},)"
                        R"({"field":"h","type":"mapping","value":"th"})"),
            {{0, R"({"i":1,"tu":"user1","th":"server"})"},
             {1, R"({"i":1,"tu":"user3","th":"server"})"},
             {2, R"({"e":1,"u":"user2","h":"server"})"}}),
      IsEmpty());
}

// elasticsearch#154852
TEST(ReportedTest, AnyElementOfAnIndicatorsListIsAValue) {
  EXPECT_THAT(
      Found("rules.ndjson",
            ThreatMatch(R"({"field":"ip","type":"mapping","value":"tip"})"),
            {{0, R"({"i":1,"tip":["192.0.2.1","192.0.2.2"]})"},
             {1, R"({"e":1,"ip":"192.0.2.2"})"}}),
      ElementsAre("192.0.2.2 0-1"));
}

TEST(ReportedTest, ANullOfAnIndicatorDoesNotVoidANegatedEntry) {
  const std::string rule = ThreatMatch(
      R"({"field":"ip","type":"mapping","value":"tip"},)"
      R"({"field":"h","type":"mapping","value":"th","negate":true})");
  EXPECT_THAT(Found("rules.ndjson", rule,
                    {{0, R"({"i":1,"tip":"192.0.2.1","th":null})"},
                     {1, R"({"e":1,"ip":"192.0.2.1","h":"server"})"}}),
              SizeIs(1));
  EXPECT_THAT(Found("rules.ndjson", rule,
                    {{0, R"({"i":1,"tip":"192.0.2.1","th":"server"})"},
                     {1, R"({"e":1,"ip":"192.0.2.1","h":"server"})"}}),
              IsEmpty());
}

// kibana#280769, #234162: ElasticQueryTest.AllEventsOfOneMomentAreLookedAt.

// detection-rules#4250
TEST(ReportedTest, ACountOverADayAlertsOnceForEachCrossing) {
  const std::string rule =
      Rule("threshold", R"("query":"a:b","from":"now-24h","interval":"5m",)"
                        R"("threshold":{"field":["u"],"value":3})");
  std::vector<Timed> events;
  for (int i = 0; i < 3; ++i) {
    events.push_back({i, R"({"a":"b","u":"kim"})"});
  }
  for (int i = 1; i < 288; ++i) {
    events.push_back({i * 300, R"({"other":1})"});
  }
  EXPECT_THAT(Found("rules.ndjson", rule, events), ElementsAre("kim 0-2"));
}

// kibana#187128, #193110
TEST(ReportedTest, SuppressionCountsAlertsAndGoesByFieldsOfASequence) {
  std::string found;
  Compiler compiler;
  compiler.AddText(
      Rule("eql", R"("language":"eql","query":"sequence by h with maxspan=1m )"
                  R"([a where true] [b where true]","alert_suppression":)"
                  R"({"group_by":["u"],"duration":{"value":1,"unit":"h"}})"),
      "rules.ndjson");
  const CompileResult compiled = compiler.Compile();
  AlertSink sink;
  Engine engine(compiled.rules, sink);
  for (int i = 0; i < 3; ++i) {
    const std::string rest = R"(","h":)" + std::to_string(i) + R"(,"u":"kim"})";
    engine.Feed(
        Event::Json(R"({"event.category":"a)" + rest).set_time(At(2 * i)));
    engine.Feed(
        Event::Json(R"({"event.category":"b)" + rest).set_time(At(2 * i + 1)));
  }
  engine.AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(sink.fired, ElementsAre("r 1"));
  // Two sequences, not four events.
  EXPECT_THAT(sink.counted, ElementsAre("2"));
}

TEST(ReportedTest, WhatHasNoAnswerOnAStreamIsRefused) {
  EXPECT_THAT(RefusalOf("process where true | tail 3"), HasSubstr("tail"));
}

}  // namespace
}  // namespace tocsin
