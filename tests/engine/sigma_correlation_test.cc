// Sigma correlations from text to incident: one test for each type, and for
// what combines them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z.

// A rule for the events of one kind.
std::string Rule(std::string_view name) {
  return absl::StrCat("title: ", base::ToAbsl(name),
                      "\nname: ", base::ToAbsl(name),
                      "\nlogsource: {product: example}\ndetection:\n  "
                      "selection: {kind: ",
                      base::ToAbsl(name), "}\n  condition: selection\n---\n");
}

std::string Correlation(std::string_view name, std::string_view body) {
  return absl::StrCat("title: ", base::ToAbsl(name),
                      "\nname: ", base::ToAbsl(name), "\ncorrelation: {",
                      base::ToAbsl(body), "}\n---\n");
}

// An engine with rules `a`, `b` and `c` and the documents of `text`. Everything
// that fires is a line: "0:00:30 title key=value".
class Stream {
 public:
  explicit Stream(const std::string& text)
      : sink_(
            [this](const Detection& d) {
              fired_.push_back(absl::StrCat(d.time().nanos() / kSecond - kStart,
                                            " ", d.rule().title));
            },
            [this](const Incident& i) {
              if (i.change() == IncidentChange::kClosed) return;
              std::string line = absl::StrCat(
                  i.time().nanos() / kSecond - kStart, " ", i.rule().title);
              for (const IncidentKey& key : i.keys()) {
                absl::StrAppend(&line, " ", key.name, "=", key.value);
              }
              fired_.push_back(line);
            }) {
    Compiler compiler;
    compiler.AddText(text + Rule("a") + Rule("b") + Rule("c"), "rules.yml");
    const CompileResult compiled = compiler.Compile();
    for (const Diagnostic& d : compiled.diagnostics) {
      ADD_FAILURE() << RenderDiagnostic(d);
    }
    EngineOptions options;
    options.routing = false;
    engine_.emplace(compiled.rules, sink_, options);
  }

  // An event `second` seconds after the start; `fields` is JSON.
  Stream& At(int64_t second, std::string_view kind,
             std::string_view fields = R"("user": "kim")") {
    const std::string json = absl::StrCat(
        "{\"@timestamp\": ", (kStart + second) * 1000, ", \"kind\": \"",
        base::ToAbsl(kind), "\", ", base::ToAbsl(fields), "}");
    EXPECT_TRUE(engine_->Feed(Event::Json(json)).ok()) << json;
    return *this;
  }

  std::vector<std::string> Fired() {
    engine_->AdvanceTo(Timestamp(INT64_MAX));
    return fired_;
  }

 private:
  static constexpr int64_t kSecond = 1'000'000'000;

  std::vector<std::string> fired_;
  CallbackSink sink_;
  std::optional<Engine> engine_;
};

TEST(SigmaCorrelationTest, EventCountCountsTheEventsOfAGroup) {
  const std::string rule =
      Correlation("many",
                  "type: event_count, rules: [a], group-by: [user], "
                  "timespan: 1m, condition: {gte: 3}");
  EXPECT_THAT(Stream(rule)
                  .At(0, "a")
                  .At(10, "a", R"("user": "lee")")
                  .At(20, "a")
                  .At(30, "b")
                  .At(60, "a")
                  .Fired(),
              ElementsAre("30 b", "60 many user=kim"));
  EXPECT_THAT(Stream(rule).At(0, "a").At(20, "a").At(61, "a").Fired(),
              IsEmpty());
}

TEST(SigmaCorrelationTest, ValueCountCountsDifferentValues) {
  const std::string rule =
      Correlation("spread",
                  "type: value_count, rules: [a, b], group-by: [ip], timespan: "
                  "1m, condition: {field: user, gt: 2}");
  EXPECT_THAT(Stream(rule)
                  .At(0, "a", R"("ip": "192.0.2.1", "user": "kim")")
                  .At(1, "b", R"("ip": "192.0.2.1", "user": "lee")")
                  .At(2, "a", R"("ip": "192.0.2.1", "user": "kim")")
                  .At(3, "a", R"("ip": "192.0.2.1", "user": null)")
                  .At(4, "a", R"("ip": "192.0.2.1", "user": "root")")
                  .Fired(),
              ElementsAre("4 spread ip=192.0.2.1"));
}

TEST(SigmaCorrelationTest, AWindowDoesNotTakeInWhatComesAfterIt) {
  EXPECT_THAT(Stream(Correlation("spread",
                                 "type: value_count, rules: [a], timespan: "
                                 "5m, condition: {field: user, gte: 3}"))
                  .At(0, "a", R"("user": "kim")")
                  .At(240, "a", R"("user": "lee")")
                  .At(360, "a", R"("user": "root")")
                  .Fired(),
              IsEmpty());
}

TEST(SigmaCorrelationTest, TuplesAreCountedWhenAllPartsAreThere) {
  EXPECT_THAT(Stream(Correlation("tuples",
                                 "type: value_count, rules: [a], timespan: 5m, "
                                 "condition: {field: [user, ip], gte: 3}"))
                  .At(0, "a", R"("user": "kim", "ip": 1)")
                  .At(1, "a", R"("user": "kim", "ip": 2)")
                  .At(2, "a", R"("user": "kim")")
                  .At(3, "a", R"("user": "kim", "ip": 3)")
                  .Fired(),
              ElementsAre("3 tuples"));
}

TEST(SigmaCorrelationTest, TemporalAsksForAllRulesInAnyOrder) {
  const std::string rule =
      Correlation("both",
                  "type: temporal, rules: [a, b], group-by: [user], "
                  "timespan: 1m");
  EXPECT_THAT(Stream(rule).At(0, "b").At(60, "a").Fired(),
              ElementsAre("60 both user=kim"));
  EXPECT_THAT(Stream(rule).At(0, "a").At(61, "b").Fired(), IsEmpty());
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "b", R"("user": "lee")").Fired(),
              IsEmpty());
}

TEST(SigmaCorrelationTest, TemporalCanAskForSomeOfTheRules) {
  EXPECT_THAT(Stream(Correlation("two",
                                 "type: temporal, rules: [a, b, c], "
                                 "timespan: 1m, condition: {gte: 2}"))
                  .At(0, "a")
                  .At(1, "a")
                  .At(2, "c")
                  .Fired(),
              ElementsAre("2 two"));
}

TEST(SigmaCorrelationTest, TemporalOrderedAsksForTheirOrder) {
  const std::string rule =
      Correlation("chain",
                  "type: temporal_ordered, rules: [a, b, c], "
                  "group-by: [user], timespan: 1m");
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "c").At(2, "b").Fired(), IsEmpty());
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "b").At(60, "c").Fired(),
              ElementsAre("60 chain user=kim"));
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "b").At(61, "c").Fired(),
              IsEmpty());
}

TEST(SigmaCorrelationTest, ValueSumAddsNumbers) {
  EXPECT_THAT(Stream(Correlation("sum",
                                 "type: value_sum, rules: [a], "
                                 "group-by: [user], timespan: 1m, "
                                 "condition: {field: bytes, gt: 100}"))
                  .At(0, "a", R"("user": "kim", "bytes": 60)")
                  .At(1, "a", R"("user": "kim", "bytes": "40")")
                  .At(2, "a", R"("user": "kim", "bytes": "many")")
                  .At(3, "a", R"("user": "kim", "bytes": 0.5)")
                  .Fired(),
              ElementsAre("3 sum user=kim"));
}

TEST(SigmaCorrelationTest, ValueAvgIsTheMean) {
  EXPECT_THAT(Stream(Correlation("avg",
                                 "type: value_avg, rules: [a], "
                                 "timespan: 1m, condition: {field: "
                                 "bytes, gte: 10}"))
                  .At(0, "a", R"("bytes": 4)")
                  .At(1, "a", R"("bytes": 15)")
                  .At(2, "a", R"("bytes": 11)")
                  .Fired(),
              ElementsAre("2 avg"));
}

TEST(SigmaCorrelationTest, ValuePercentileIsTheValueAtThatRank) {
  EXPECT_THAT(
      Stream(Correlation("p",
                         "type: value_percentile, rules: [a], timespan: "
                         "1m, condition: {field: ms, percentile: 75, "
                         "gt: 100}"))
          .At(0, "a", R"("ms": 1)")
          .At(1, "a", R"("ms": 200)")
          .At(2, "a", R"("ms": 2)")
          .Fired(),
      ElementsAre("1 p"));
}

TEST(SigmaCorrelationTest, ValueMedianIsTheMiddle) {
  EXPECT_THAT(Stream(Correlation("m",
                                 "type: value_median, rules: [a], "
                                 "timespan: 1m, condition: {field: ms, "
                                 "gt: 10}"))
                  .At(0, "a", R"("ms": 5)")
                  .At(1, "a", R"("ms": 14)")
                  .At(2, "a", R"("ms": 500)")
                  .Fired(),
              ElementsAre("2 m"));
}

TEST(SigmaCorrelationTest, AMedianOfNothingIsNoNumber) {
  EXPECT_THAT(Stream(Correlation("m",
                                 "type: value_median, rules: [a], "
                                 "timespan: 1m, condition: {field: ms, "
                                 "lte: 0}"))
                  .At(0, "a")
                  .Fired(),
              IsEmpty());
}

TEST(SigmaCorrelationTest, ARangeIsDecidedWhenTheWindowHasClosed) {
  const std::string rule =
      Correlation("range",
                  "type: event_count, rules: [a], group-by: [user], "
                  "timespan: 10s, condition: {gt: 1, lte: 3}");
  EXPECT_THAT(Stream(rule).At(0, "a").At(5, "a").At(10, "a").Fired(),
              ElementsAre("10 range user=kim"));
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "a").At(2, "a").At(10, "a").Fired(),
              IsEmpty());
}

TEST(SigmaCorrelationTest, FewEventsAreSeenWhenTheWindowHasClosed) {
  const std::string rule = Correlation(
      "few",
      "type: event_count, rules: [a], timespan: 10s, condition: {lt: 2}");
  EXPECT_THAT(Stream(rule).At(0, "a").At(9, "a").Fired(), IsEmpty());
  EXPECT_THAT(Stream(rule).At(0, "a").Fired(), ElementsAre("0 few"));
}

TEST(SigmaCorrelationTest, NotIsDecidedWhenTheWindowHasClosed) {
  const std::string rule =
      Correlation("unlike",
                  "type: temporal, rules: [a, b, c], group-by: [user], "
                  "timespan: 1m, condition: a and b and not c");
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "b").At(60, "c").Fired(),
              IsEmpty());
  EXPECT_THAT(Stream(rule).At(0, "a").At(1, "b").Fired(),
              ElementsAre("0 unlike user=kim"));
}

TEST(SigmaCorrelationTest, OneEventOfManyIsEnoughForAChain) {
  const std::string rules =
      Correlation("many",
                  "type: event_count, rules: [a], group-by: [user], "
                  "timespan: 10s, condition: {gte: 2}") +
      Correlation("guessed",
                  "type: temporal_ordered, rules: [many, b], "
                  "group-by: [user], timespan: 1m");
  EXPECT_THAT(Stream(rules).At(0, "a").At(1, "a").At(2, "b").Fired(),
              ElementsAre("2 guessed user=kim"));
  EXPECT_THAT(Stream(rules).At(0, "a").At(1, "b").Fired(), IsEmpty());
}

TEST(SigmaCorrelationTest, WhatIsCountedLongHoldsForAChainToItsEnd) {
  const std::string rules =
      Correlation("many",
                  "type: event_count, rules: [a], group-by: [user], "
                  "timespan: 10s, condition: {gte: 2}") +
      Correlation("guessed",
                  "type: temporal_ordered, rules: [many, b], "
                  "group-by: [user], timespan: 5s");
  EXPECT_THAT(Stream(rules)
                  .At(0, "a")
                  .At(5, "a")
                  .At(10, "a")
                  .At(15, "a")
                  .At(18, "b")
                  .Fired(),
              ElementsAre("18 guessed user=kim"));
}

TEST(SigmaCorrelationTest, AliasesTieDifferentFields) {
  EXPECT_THAT(Stream(Correlation("turn",
                                 "type: temporal, rules: [a, b], "
                                 "group-by: [ip], timespan: 1m, "
                                 "aliases: {ip: {a: dst, b: src}}"))
                  .At(0, "a", R"("dst": "192.0.2.1", "src": "192.0.2.2")")
                  .At(1, "b", R"("dst": "192.0.2.1", "src": "192.0.2.3")")
                  .At(2, "b", R"("dst": "192.0.2.9", "src": "192.0.2.1")")
                  .Fired(),
              ElementsAre("2 turn ip=192.0.2.1"));
}

TEST(SigmaCorrelationTest, GenerateKeepsTheAlertsOfTheRules) {
  EXPECT_THAT(Stream(Correlation("many",
                                 "type: event_count, rules: [a], "
                                 "timespan: 1m, condition: {gte: 2}, "
                                 "generate: true"))
                  .At(0, "a")
                  .At(1, "a")
                  .Fired(),
              ElementsAre("0 a", "1 a", "1 many"));
}

TEST(SigmaCorrelationTest, SeveralCorrelationsMayCountOneRule) {
  EXPECT_THAT(Stream(Correlation("two",
                                 "type: event_count, rules: [a], timespan: 1m, "
                                 "condition: {gte: 2}") +
                     Correlation("three",
                                 "type: event_count, rules: [a], timespan: "
                                 "1m, condition: {gte: 3}"))
                  .At(0, "a")
                  .At(1, "a")
                  .At(2, "a")
                  .Fired(),
              ElementsAre("1 two", "2 three"));
}

TEST(SigmaCorrelationTest, EqualAndUnequalAreDecidedWhenTheWindowHasClosed) {
  const auto rule = [](const char* bounds) {
    return Correlation("some",
                       std::string("type: event_count, rules: [a], timespan: "
                                   "10s, condition: {") +
                           bounds + "}");
  };
  EXPECT_THAT(Stream(rule("eq: 2")).At(0, "a").At(10, "a").Fired(),
              ElementsAre("10 some"));
  EXPECT_THAT(Stream(rule("eq: 2")).At(0, "a").At(5, "a").At(10, "a").Fired(),
              IsEmpty());
  EXPECT_THAT(Stream(rule("neq: 1")).At(0, "a").Fired(), IsEmpty());
  EXPECT_THAT(Stream(rule("neq: 1")).At(0, "a").At(1, "a").Fired(),
              ElementsAre("1 some"));
}

TEST(SigmaCorrelationTest, ConditionsOverRulesMayUseBracketsAndPatterns) {
  const auto rule = [](const char* type, const char* condition) {
    return Correlation(
        "found",
        std::string("type: ") + type +
            ", rules: [a, b, c], timespan: 1m, condition: " + condition);
  };
  for (const char* type : {"temporal", "temporal_extended"}) {
    const std::string either = rule(type, "a and (b or c)");
    EXPECT_THAT(Stream(either).At(0, "c").At(1, "a").Fired(),
                ElementsAre("1 found"));
    EXPECT_THAT(Stream(either).At(0, "c").At(1, "b").Fired(), IsEmpty());
  }
  EXPECT_THAT(Stream(rule("temporal", "all of them"))
                  .At(0, "c")
                  .At(1, "a")
                  .At(2, "b")
                  .Fired(),
              ElementsAre("2 found"));
  EXPECT_THAT(Stream(rule("temporal", "1 of them")).At(0, "c").Fired(),
              ElementsAre("0 found"));
}

TEST(SigmaCorrelationTest, WhatIsNegatedInAnOrderMustNotComeThere) {
  for (const char* type : {"temporal_ordered", "temporal_ordered_extended"}) {
    const std::string rule =
        Correlation("chain", std::string("type: ") + type +
                                 ", rules: [a, b, c], timespan: 1m, "
                                 "condition: a and not b and c");
    EXPECT_THAT(Stream(rule).At(0, "a").At(2, "c").Fired(),
                ElementsAre("2 chain"));
    EXPECT_THAT(Stream(rule).At(0, "a").At(1, "b").At(2, "c").Fired(),
                IsEmpty());
    EXPECT_THAT(Stream(rule).At(0, "b").At(1, "a").At(2, "c").Fired(),
                ElementsAre("2 chain"));
  }
}

TEST(SigmaCorrelationTest, ARuleListedTwiceIsOneOfTheDifferentRules) {
  Compiler compiler;
  compiler.AddText(Correlation("two",
                               "type: temporal, rules: [a, a, b], timespan: "
                               "1m, condition: {gte: 2}") +
                       Rule("a") + Rule("b"),
                   "rules.yml");
  const CompileResult compiled = compiler.Compile();
  int incidents = 0;
  CallbackSink sink([](const Detection&) {},
                    [&](const Incident&) { ++incidents; });
  Engine engine(compiled.rules, sink, {.routing = false});
  for (const char* kind : {"a", "a", "b"}) {
    const std::string json = std::string(R"({"kind":")") + kind + "\"}";
    Event event = Event::Json(json);
    engine.Feed(event.set_time(Timestamp(kStart * 1'000'000'000)));
    EXPECT_EQ(incidents, kind[0] == 'b' ? 1 : 0);
  }
}

TEST(SigmaCorrelationTest, AnEventWithoutAFieldOfTheGroupJoinsNone) {
  const std::string rule =
      Correlation("many",
                  "type: event_count, rules: [a], group-by: [user, ip], "
                  "timespan: 1m, condition: {gte: 2}");
  EXPECT_THAT(Stream(rule)
                  .At(0, "a", R"("user": "kim")")
                  .At(1, "a", R"("user": "kim")")
                  .At(2, "a", R"("user": "kim", "ip": null)")
                  .At(3, "a", R"("user": "kim", "ip": "192.0.2.1")")
                  .At(4, "a", R"("user": "kim", "ip": "192.0.2.1")")
                  .Fired(),
              ElementsAre("4 many user=kim ip=192.0.2.1"));
}

TEST(SigmaCorrelationTest, WithoutGroupByAllEventsAreOneGroup) {
  EXPECT_THAT(Stream(Correlation("many",
                                 "type: event_count, rules: [a], timespan: "
                                 "1m, condition: {gte: 2}"))
                  .At(0, "a", R"("user": "kim")")
                  .At(1, "a", R"("user": "lee")")
                  .Fired(),
              ElementsAre("1 many"));
}

TEST(SigmaCorrelationTest, AMonthIsTheMeanOne) {
  constexpr int64_t kMonth = 2'629'746;
  const std::string rule =
      Correlation("rare",
                  "type: event_count, rules: [a], timespan: 1M, "
                  "condition: {gte: 2}");
  for (const int64_t beyond : {0, 1}) {
    Stream stream(rule);
    // Others in between: a clock that leaps is not believed at once.
    stream.At(0, "a");
    for (int64_t second = 0; second < kMonth; second += 43'200) {
      stream.At(second, "other");
    }
    stream.At(kMonth + beyond, "a");
    EXPECT_EQ(stream.Fired().size(), beyond == 0 ? 1u : 0u);
  }
}

TEST(SigmaCorrelationTest, WindowsAreExactToTheNanosecond) {
  for (const int64_t beyond : {0, 1}) {
    Compiler compiler;
    compiler.AddText(Correlation("two",
                                 "type: event_count, rules: [a], timespan: "
                                 "10s, condition: {gte: 2}") +
                         Rule("a"),
                     "rules.yml");
    const CompileResult compiled = compiler.Compile();
    int incidents = 0;
    CallbackSink sink([](const Detection&) {},
                      [&](const Incident&) { ++incidents; });
    Engine engine(compiled.rules, sink, {.routing = false});
    for (const int64_t time : {int64_t{7}, 10'000'000'007 + beyond}) {
      Event event = Event::Json(R"({"kind":"a"})");
      engine.Feed(event.set_time(Timestamp(kStart * 1'000'000'000 + time)));
    }
    EXPECT_EQ(incidents, beyond == 0 ? 1 : 0);
  }
}

TEST(SigmaCorrelationTest, ACorrelationOfOnesIsGroupedByTheirFields) {
  const std::string rules =
      Correlation("many",
                  "type: event_count, rules: [a], group-by: [user, ip], "
                  "timespan: 10s, condition: {gte: 2}") +
      Correlation("spread",
                  "type: value_count, rules: [many], group-by: [user], "
                  "timespan: 1h, condition: {field: ip, gte: 2}");
  Stream stream(rules);
  for (const char* ip : {"192.0.2.1", "192.0.2.2"}) {
    for (int i = 0; i < 2; ++i) {
      stream.At(ip[8] * 60 + i, "a",
                absl::StrCat(R"("user": "kim", "ip": ")", ip, "\""));
    }
  }
  EXPECT_THAT(stream.Fired(), ElementsAre("3001 spread user=kim"));
}

TEST(SigmaCorrelationTest, ALateEventIsCountedAtItsTime) {
  EXPECT_THAT(Stream(Correlation("many",
                                 "type: event_count, rules: [a], "
                                 "timespan: 1m, condition: {gte: 3}"))
                  .At(0, "a")
                  .At(100, "a")
                  .At(50, "a")
                  .Fired(),
              IsEmpty());
}

}  // namespace
}  // namespace tocsin
