// Queries with STATS: an aggregate over a window. Events in, firings out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/frontend/esql/compile_esql.h"
#include "tests/frontend/esql/run_esql.h"

namespace tocsin::esql {
namespace {

using testing::At;
using ::testing::ElementsAre;
using testing::Firings;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Events = std::vector<std::string>;

// Events of one group, so many seconds apart.
Events Spaced(int step, const std::vector<std::string>& members) {
  Events events;
  int time = 0;
  for (const std::string& each : members) {
    events.push_back(At(time += step, R"("k":"g",)" + each));
  }
  return events;
}

TEST(EsqlStatsTest, ACountFiresWhenItIsReachedAndBeginsAnew) {
  const std::string query =
      "from a | where e == 1 | stats n = count(*) by k | where n >= 3";
  EXPECT_THAT(
      Firings(query, Spaced(10, {R"("e":1)", R"("e":1)", R"("e":2)", R"("e":1)",
                                 R"("e":1)", R"("e":1)", R"("e":1)"})),
      ElementsAre("g @40", "g @70"));
}

TEST(EsqlStatsTest, TheWindowIsAsLongAsTheQueryLooksBack) {
  const std::string query = "from a | stats n = count() by k | where n >= 2";
  EXPECT_THAT(Firings(query, Spaced(9 * 60, {R"("e":1)", R"("e":1)"})),
              ElementsAre("g @1080"));
  EXPECT_THAT(Firings(query, Spaced(9 * 60 + 1, {R"("e":1)", R"("e":1)"})),
              IsEmpty());
  const testing::Compiled compiled =
      testing::Compile(query, {.look_back = absl::Hours(2)});
  EXPECT_EQ(compiled.list.correlations.at(0).window.span, absl::Hours(2));
}

TEST(EsqlStatsTest, GroupsAreCountedApartAndAMissingKeyIsOne) {
  const std::string query =
      "from a | stats n = count(*) by k, l | where n >= 2";
  EXPECT_THAT(Firings(query, {At(1, R"("k":"a","l":1)"),
                              At(2, R"("k":"b","l":1)"), At(3, R"("k":"a")"),
                              At(4, R"("k":"a","l":1)"), At(5, R"("k":"a")")}),
              ElementsAre("a 1 @4", "a - @5"));
  EXPECT_THAT(Firings("from a | stats n = count(*) | where n >= 2",
                      {At(1, R"("k":"a")"), At(2, R"("k":"b")")}),
              ElementsAre("@2"));
}

TEST(EsqlStatsTest, AnArrayOfKeysIsAGroupForEach) {
  EXPECT_THAT(Firings("from a | stats n = count(*) by k | where n >= 2",
                      {At(1, R"("k":["a","b"])"), At(2, R"("k":"b")")}),
              ElementsAre("b @2"));
}

TEST(EsqlStatsTest, KeysMayBeWorkedOut) {
  EXPECT_THAT(Firings("from a | stats n = count(*) by name = to_lower(k), "
                      "coalesce(x, y) | where n >= 2",
                      {At(1, R"("k":"A","x":"p")"), At(2, R"("k":"a","y":"p")"),
                       At(3, R"("k":"b","y":"p")")}),
              ElementsAre("a p @2"));
}

TEST(EsqlStatsTest, CountsAndDistinctsInOneCondition) {
  const std::string query =
      "from a | stats n = count(*), u = count_distinct(user) by k "
      "| where n >= 4 and u >= 3";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("user":"a")", R"("user":"a")",
                                        R"("user":"b")", R"("user":"b")",
                                        R"("user":"c")"})),
              ElementsAre("g @25"));
}

TEST(EsqlStatsTest, ABucketOfTimeIsAFixedWindow) {
  const std::string query =
      "from a | eval w = date_trunc(1 minute, @timestamp) "
      "| stats n = count(*) by w, k | where n >= 2";
  EXPECT_THAT(Firings(query, {At(50, R"("k":"g")"), At(70, R"("k":"g")"),
                              At(80, R"("k":"g")"), At(130, R"("k":"g")"),
                              At(140, R"("k":"g")"), At(150, R"("k":"g")")}),
              ElementsAre("g @80", "g @150"));
  const testing::Compiled compiled = testing::Compile(
      "from a | stats n = count(*) by b = bucket(@timestamp, 1 week), k");
  ASSERT_TRUE(compiled.ok) << compiled.Messages();
  EXPECT_THAT(compiled.Ir(), HasSubstr("per 168h offset 96h"));
}

TEST(EsqlStatsTest, AnAggregateMayHaveAConditionOfItsOwn) {
  const std::string query =
      "from a | stats bad = count(*) where e == \"fail\", "
      "users = count_distinct(user) where e == \"fail\", "
      "good = count(*) where e == \"ok\" by k "
      "| where bad >= 2 and good >= 1 and users == 2";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("e":"fail","user":"a")",
                                        R"("e":"ok","user":"c")",
                                        R"("e":"fail","user":"b")"})),
              ElementsAre("g @15"));
  EXPECT_THAT(Firings(query, Spaced(5, {R"("e":"fail","user":"a")",
                                        R"("e":"ok","user":"c")",
                                        R"("e":"fail","user":"a")"})),
              IsEmpty());
}

TEST(EsqlStatsTest, SumsOfCasesCountWhatTheyChoose) {
  const std::string query =
      "from a | eval f = case(e == \"fail\", 1, 0) "
      "| stats bad = sum(f), n = count(*) by k "
      "| eval rate = round(bad * 1.0 / n, 2) "
      "| where n >= 3 and rate >= 0.66";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("e":"ok")", R"("e":"fail")",
                                        R"("e":"fail")"})),
              ElementsAre("g @15"));
  EXPECT_THAT(Firings(query, Spaced(5, {R"("e":"ok")", R"("e":"ok")",
                                        R"("e":"fail")"})),
              IsEmpty());
}

TEST(EsqlStatsTest, WholeNumbersAreDividedWithoutRest) {
  const std::string query =
      "from a | stats n = count(*), u = count_distinct(user) by k "
      "| where n / u == 1 and n >= 3";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("user":"a")", R"("user":"b")",
                                        R"("user":"b")"})),
              ElementsAre("g @15"));
}

TEST(EsqlStatsTest, CountsOfAFieldLeaveOutWhatLacksIt) {
  const std::string query = "from a | stats n = count(x) by k | where n >= 3";
  EXPECT_THAT(
      Firings(query, Spaced(5, {R"("x":1)", R"("y":1)", R"("x":[2,3])"})),
      ElementsAre("g @15"));
  EXPECT_THAT(Firings("from a | stats n = count(x) by k | where n == 0",
                      Spaced(5, {R"("y":1)"})),
              ElementsAre("g @5"));
}

TEST(EsqlStatsTest, TimesAreComparedAndTheirDistanceCounted) {
  const std::string query =
      "from a | eval bad_at = case(e == \"fail\", @timestamp, null), "
      "good_at = case(e == \"ok\", @timestamp, null) "
      "| stats bad = max(bad_at), good = min(good_at) by k "
      "| where bad < good and date_diff(\"seconds\", bad, good) <= 30";
  EXPECT_THAT(Firings(query, Spaced(10, {R"("e":"fail")", R"("e":"x")",
                                         R"("e":"ok")"})),
              ElementsAre("g @30"));
  EXPECT_THAT(Firings(query, Spaced(10, {R"("e":"ok")", R"("e":"fail")"})),
              IsEmpty());
  EXPECT_THAT(Firings(query, Spaced(31, {R"("e":"fail")", R"("e":"ok")"})),
              IsEmpty());
}

TEST(EsqlStatsTest, NowIsTheTimeOfTheNewestEvent) {
  const std::string query =
      "from a | stats first_seen = min(@timestamp), n = count(*) by k "
      "| eval recent = date_diff(\"seconds\", first_seen, now()) "
      "| where recent >= 20 and first_seen >= now() - 1 minute and n >= 2";
  EXPECT_THAT(Firings(query, Spaced(10, {R"("e":1)", R"("e":1)", R"("e":1)"})),
              ElementsAre("g @30"));
}

TEST(EsqlStatsTest, WhatCaseChoosesIsCompared) {
  const std::string query =
      "from a | stats n = count(*), u = count_distinct(user) by k "
      "| eval kind = case(u >= 2, \"spray\", n >= 3, \"force\", \"none\"), "
      "level = case(kind == \"spray\", 3, kind == \"force\", 2) "
      "| where kind != \"none\" and level in (1, 2)";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("user":"a")", R"("user":"a")",
                                        R"("user":"a")"})),
              ElementsAre("g @15"));
  EXPECT_THAT(Firings(query, Spaced(5, {R"("user":"a")", R"("user":"b")",
                                        R"("user":"a")"})),
              IsEmpty());
}

TEST(EsqlStatsTest, ValuesAreAskedWhetherOneIsAmongThem) {
  const Events two = Spaced(5, {R"("v":"red")", R"("v":"blue")"});
  const auto found = [&](const std::string& condition) {
    return Firings(
               "from a | stats v = values(v), n = count(*) by k "
               "| where n >= 2 and " +
                   condition,
               two)
        .size();
  };
  EXPECT_EQ(found(R"(mv_contains(v, "red"))"), 1u);
  EXPECT_EQ(found(R"(mv_contains(v, "green"))"), 0u);
  EXPECT_EQ(found(R"(not mv_contains(v, "green"))"), 1u);
  EXPECT_EQ(found(R"(mv_concat(v, ",") like "*ed*")"), 1u);
  EXPECT_EQ(found(R"(mv_concat(v, ",") like "*een*")"), 0u);
  EXPECT_EQ(found("mv_count(v) == 2"), 1u);
  EXPECT_EQ(found("v is not null"), 1u);
  EXPECT_EQ(found(R"(locate(mv_concat(v, ","), "lu") > 0)"), 1u);
  // Several values are equal to none.
  EXPECT_EQ(found(R"(v == "red")"), 0u);
  EXPECT_EQ(found(R"(not v == "green")"), 0u);
  // Which of several is first is left open.
  EXPECT_EQ(found(R"(mv_first(v) == "red")"), 1u);
  EXPECT_EQ(found(R"(mv_first(v) != "red")"), 0u);
}

TEST(EsqlStatsTest, OneValueIsEqualToWhatItIs) {
  const std::string query =
      "from a | stats v = values(v), n = count(*) by k "
      "| where n >= 2 and v == 73";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("v":73)", R"("v":73)"})),
              ElementsAre("g @10"));
  EXPECT_THAT(Firings(query, Spaced(5, {R"("v":73)", R"("v":99)"})), IsEmpty());
}

TEST(EsqlStatsTest, ConditionsOnKeysAreOnesOnEvents) {
  const testing::Compiled compiled = testing::Compile(
      "from a | stats n = count(*) by k | where n >= 2 and k like \"x*\"");
  ASSERT_TRUE(compiled.ok) << compiled.Messages();
  EXPECT_THAT(compiled.Ir(), HasSubstr("k is \"x\"* cased"));
  // And beside aggregates under one `or`.
  const std::string query =
      "from a | stats n = count(*) by k | where n >= 3 or (k == \"root\" and "
      "n >= 2)";
  EXPECT_THAT(Firings(query, {At(1, R"("k":"kim")"), At(2, R"("k":"root")"),
                              At(3, R"("k":"kim")"), At(4, R"("k":"root")")}),
              ElementsAre("root @4"));
}

TEST(EsqlStatsTest, WhatMoreEventsCanUndoFiresAtTheEdge) {
  const std::string query =
      "from a | stats n = count(*), u = count_distinct(user) by k "
      "| where n <= 2 and u == 1";
  EXPECT_THAT(Firings(query, Spaced(5, {R"("user":"a")", R"("user":"a")",
                                        R"("user":"a")"})),
              ElementsAre("g @5"));
}

TEST(EsqlStatsTest, NullIsNeitherTrueNorFalse) {
  const std::string stats = "from a | stats m = max(x), n = count(*) by k ";
  const Events without = Spaced(5, {R"("y":1)"});
  EXPECT_THAT(Firings(stats + "| where m > 1", without), IsEmpty());
  EXPECT_THAT(Firings(stats + "| where not m > 1", without), IsEmpty());
  EXPECT_THAT(Firings(stats + "| where m is null", without),
              ElementsAre("g @5"));
  EXPECT_THAT(Firings(stats + "| where coalesce(m, 7) == 7", without),
              ElementsAre("g @5"));
  EXPECT_THAT(Firings(stats + "| where case(m > 1, 1, 2) == 2", without),
              ElementsAre("g @5"));
}

TEST(EsqlStatsTest, AveragesMediansAndPercentiles) {
  const Events events =
      Spaced(5, {R"("x":1)", R"("x":2)", R"("x":30)", R"("z":1)"});
  const auto found = [&](const std::string& aggregate,
                         const std::string& condition) {
    return Firings("from a | stats n = count(*), m = " + aggregate +
                       " by k | where n >= 4 and " + condition,
                   events)
        .size();
  };
  EXPECT_EQ(found("avg(x)", "m == 11"), 1u);
  EXPECT_EQ(found("median(x)", "m == 2"), 1u);
  EXPECT_EQ(found("percentile(x, 90)", "m == 30"), 1u);
  EXPECT_EQ(found("sum(x)", "m == 33"), 1u);
  EXPECT_EQ(found("min(x)", "m == 1"), 1u);
  EXPECT_EQ(found("max(x * 2)", "m == 60"), 1u);
  EXPECT_EQ(found("max(x > 20)", "m == true"), 1u);
}

TEST(EsqlStatsTest, WithoutAConditionEachGroupFires) {
  EXPECT_THAT(Firings("from a | where e == 1 | stats by k | keep k",
                      Spaced(5, {R"("e":2)", R"("e":1)"})),
              ElementsAre("g @10"));
}

TEST(EsqlStatsTest, ExpandedKeysAreThoseThatTheFilterLetsThrough) {
  const std::string query =
      "from a | mv_expand t | where t like \"a*\" "
      "| stats n = count(*) by t | where n >= 2";
  EXPECT_THAT(Firings(query, {At(1, R"("t":["a1","b1"])"), At(2, R"("t":"b1")"),
                              At(3, R"("t":["b1","a1"])")}),
              ElementsAre("a1 @3"));
}

TEST(EsqlStatsTest, ParsedColumnsAreKeysAndArguments) {
  const std::string query =
      "from a | grok m \"user=%{WORD:u} n=%{NUMBER:x:int}\" "
      "| stats s = sum(x) by u | where s > 5";
  EXPECT_THAT(Firings(query, {At(1, R"("m":"user=kim n=3")"),
                              At(2, R"("m":"user=lee n=3")"),
                              At(3, R"("m":"user=kim n=4")")}),
              ElementsAre("kim @3"));
}

TEST(EsqlStatsTest, IncidentsHaveTheAggregatesOfTheCondition) {
  Compiler compiler;
  compiler.AddText(
      "from a | stats hits = count(*), users = count_distinct(user), "
      "v = values(x) by k | where hits >= 2 and users >= 1",
      "rule.esql");
  const CompileResult compiled = compiler.Compile();
  ASSERT_EQ(compiled.rules_loaded, 1);
  struct ValueSink : Sink {
    void OnDetection(const Detection&) override {}
    void OnIncident(const Incident& incident) override {
      for (const auto& value : incident.values()) {
        if (value.name == "hits" || value.name == "users") {
          text += value.name + "=" +
                  std::to_string(static_cast<int>(value.value)) + " ";
        }
      }
    }
    std::string text;
  } sink;
  Engine engine(compiled.rules, sink);
  for (const std::string& event :
       Spaced(5, {R"("user":"a")", R"("user":"b")"})) {
    engine.Feed(Event::Json(event));
  }
  EXPECT_EQ(sink.text, "hits=2 users=2 ");
}

}  // namespace
}  // namespace tocsin::esql
