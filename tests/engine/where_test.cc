// Conditions behind `by`, over several steps, from text to incidents.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SecondSink : public Sink {
 public:
  void OnDetection(const Detection& /*detection*/) override {}
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    seconds.push_back(incident.time().nanos() / 1'000'000'000 - kBegin);
    begins.push_back(incident.first_time().nanos() / 1'000'000'000 - kBegin);
    values.clear();
    for (const IncidentValue& value : incident.values()) {
      values.push_back(value.value);
    }
  }
  static constexpr int64_t kBegin = 1'700'000'000;
  std::vector<int64_t> seconds;  // At which the rule was true.
  std::vector<int64_t> begins;
  std::vector<double> values;
};

// A stream of which every line is `second|fields`; at its end time goes on.
class WhereTest : public ::testing::Test {
 protected:
  void Load(const std::string& when, EngineOptions options = {}) {
    Compiler compiler;
    compiler.AddText(absl::StrCat("a = any where kind == \"a\"\n"
                                  "b = any where kind == \"b\"\n"
                                  "c = any where kind == \"c\"\n"
                                  "rule r { when ",
                                  when, " }\n"),
                     "rules.toc");
    const CompileResult compiled = compiler.Compile();
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      EXPECT_NE(diagnostic.severity, Severity::kError)
          << RenderDiagnostic(diagnostic);
    }
    rules_ = compiled.rules;
    engine_.emplace(rules_, sink_, options);
  }

  void Restart() {
    std::string bytes;
    engine_->SaveTo(&bytes);
    engine_.emplace(rules_, sink_);
    ASSERT_TRUE(engine_->LoadFrom(bytes).ok());
  }

  void Feed(int64_t second, const std::string& kind, const std::string& fields,
            bool has_time = true) {
    const int64_t time = SecondSink::kBegin + second;
    std::string json = absl::StrCat("{\"kind\":\"", kind, "\",\"k\":1");
    if (has_time) absl::StrAppend(&json, ",\"@timestamp\":", time);
    if (!fields.empty()) absl::StrAppend(&json, ",", fields);
    json += '}';
    Event event = Event::Json(json);
    event.set_arrival_time(Timestamp(time * 1'000'000'000));
    engine_->Feed(event);
  }

  std::vector<int64_t> Found() {
    engine_->AdvanceTo(Timestamp(INT64_MAX));
    return sink_.seconds;
  }

  SecondSink sink_;
  std::shared_ptr<const RuleSet> rules_;
  std::optional<Engine> engine_;
};

TEST_F(WhereTest, AChainIsFoundWhoseEventsFit) {
  Load("a then b within 10m by k where a.user.name != b.user.name");
  Feed(0, "a", R"("user.name":"kim")");
  Feed(1, "b", R"("user":{"name":"kim"})");
  Feed(2, "b", R"("user":{"name":"lee"})");
  EXPECT_THAT(Found(), ElementsAre(2));
}

TEST_F(WhereTest, OfChainsTheNewestThatFitsIsTaken) {
  Load("a then b within 10m by k where a.x == b.x fire every");
  Feed(0, "a", "\"x\":1");
  Feed(1, "a", "\"x\":2");
  Feed(2, "a", "\"x\":1");
  Feed(3, "a", "\"x\":3");
  Feed(4, "b", "\"x\":1");
  Feed(5, "b", "\"x\":2");
  Feed(6, "b", "\"x\":4");
  EXPECT_THAT(Found(), ElementsAre(4, 5));
  EXPECT_THAT(sink_.begins, ElementsAre(2, 1));
}

TEST_F(WhereTest, OfACountedLegTheLastEventIsMeant) {
  Load("a >= 3 then b within 10m by k where a.x == b.x");
  for (int i = 0; i < 3; ++i) Feed(i, "a", absl::StrCat("\"x\":", i));
  Feed(4, "b", "\"x\":1");
  Feed(5, "b", "\"x\":2");
  EXPECT_THAT(Found(), ElementsAre(5));
  EXPECT_THAT(sink_.values, ElementsAre(3, 1));
}

TEST_F(WhereTest, WhatIsMissingFitsNothing) {
  Load("a then b within 10m by k where a.x != b.x fire every");
  Feed(0, "a", "");
  Feed(1, "b", "\"x\":1");
  Feed(2, "a", "\"x\":null");
  Feed(3, "b", "\"x\":1");
  Feed(4, "a", "\"x\":[]");
  Feed(5, "b", "\"x\":1");
  Feed(6, "a", "\"x\":2");
  Feed(7, "b", "");
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(WhereTest, ValuesOfEveryKindAreCompared) {
  Load("a then b within 10m by k where a.x == b.x fire every");
  const char* const values[] = {
      "18446744073709551615",  "-9007199254740993", "1.5", "true",
      R"("q\"uo\u0000te \n")", R"("\u2028")"};
  int second = 0;
  for (const char* value : values) {
    Feed(second++, "a", absl::StrCat("\"x\":", value));
    Feed(second++, "b", absl::StrCat("\"x\":", value));
  }
  Feed(second++, "a", "\"x\":9007199254740993");
  Feed(second++, "b", "\"x\":9007199254740992");
  Feed(second++, "a", "\"x\":\"42\"");
  Feed(second++, "b", "\"x\":42");
  EXPECT_THAT(Found(), ElementsAre(1, 3, 5, 7, 9, 11, 15));
}

TEST_F(WhereTest, ArraysAndObjectsAreSeenWhole) {
  Load(
      "a then b within 10m by k where arrayCount(a.x) == b.n and "
      "a.o.p[1].q == b.q and some e in a.o.p (e.q == b.q and e.r == 1)");
  Feed(0, "a", R"("x":["u","v",["w"]],"o":{"p":[{"q":1},{"q":2,"r":1}]})");
  Feed(1, "b", R"("n":3,"q":1)");
  Feed(2, "b", R"("n":2,"q":2)");
  Feed(3, "b", R"("n":3,"q":2)");
  EXPECT_THAT(Found(), ElementsAre(3));
}

TEST_F(WhereTest, PlacesAndTimesOfStepsAreThoseOfTheirEvents) {
  Load("a then b within 1h by k where geoSpeed(a, b) > 900");
  Feed(0, "a", R"("source.geo.location":{"lat":0,"lon":0})", false);
  Feed(1200, "b", R"("source.geo.location":{"lat":0,"lon":2})", false);
  Feed(1800, "b", R"("source":{"geo":{"location":{"lat":0,"lon":5}}})", false);
  EXPECT_THAT(Found(), ElementsAre(1800));
}

TEST_F(WhereTest, ALateEventCompletesAChain) {
  Load("a then b within 10m by k where a.x == b.x fire every");
  Feed(0, "a", "\"x\":1");
  Feed(20, "b", "\"x\":2");
  EXPECT_THAT(sink_.seconds, IsEmpty());
  Feed(10, "a", "\"x\":2");
  EXPECT_THAT(sink_.seconds, ElementsAre(20));
}

TEST_F(WhereTest, OfCountsTheNewestEventsAreMeant) {
  Load("a and b within 10m by k where a.x == b.x fire every");
  Feed(0, "a", "\"x\":1");
  Feed(1, "b", "\"x\":1");
  Feed(2, "a", "\"x\":2");
  Feed(3, "b", "\"x\":1");
  Feed(4, "b", "\"x\":2");
  EXPECT_THAT(Found(), ElementsAre(1, 4));
}

TEST_F(WhereTest, ALateEventMayBeTheNewest) {
  Load("a and b within 10m by k where a.x == b.x fire every");
  Feed(0, "a", "\"x\":1");
  Feed(10, "b", "\"x\":1");
  Feed(5, "a", "\"x\":2");
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(WhereTest, TheEventThatIsLookedAtIsMeant) {
  Load("a with b >= 1 within 10s around by k where a.x == b.x");
  Feed(0, "b", "\"x\":1");
  Feed(5, "a", "\"x\":1");
  Feed(30, "a", "\"x\":2");
  Feed(31, "a", "\"x\":3");
  Feed(35, "b", "\"x\":2");
  EXPECT_THAT(Found(), ElementsAre(5, 30));
}

TEST_F(WhereTest, AnAbsenceIsOfChainsThatFit) {
  Load("a then b then not c within 10s by k where a.x == b.x");
  Feed(0, "a", "\"x\":1");
  Feed(1, "b", "\"x\":2");
  Feed(3, "b", "\"x\":1");
  Feed(30, "a", "\"x\":1");
  Feed(31, "b", "\"x\":1");
  Feed(41, "c", "");
  EXPECT_THAT(Found(), ElementsAre(3));
}

TEST_F(WhereTest, AnEdgeIsThatOfWhatFits) {
  Load("a then b within 10s by k where a.x == b.x fire edge");
  Feed(0, "a", "\"x\":1");
  Feed(1, "b", "\"x\":1");
  Feed(2, "b", "\"x\":1");   // Still true.
  Feed(9, "a", "\"x\":2");   // Begins another chain that is not complete.
  Feed(12, "b", "\"x\":3");  // The first is over.
  Feed(13, "b", "\"x\":2");
  EXPECT_THAT(Found(), ElementsAre(1, 13));
}

TEST_F(WhereTest, SixteenEventsOfAStepAreTriedAndMoreAreCounted) {
  Load("a then b within 10m by k where a.x == b.x fire every");
  for (int i = 0; i < 17; ++i) Feed(i, "a", absl::StrCat("\"x\":", i));
  Feed(20, "b", "\"x\":1");
  EXPECT_EQ(engine_->correlation_stats()[0].not_compared, 0);
  Feed(21, "b", "\"x\":0");
  EXPECT_THAT(Found(), ElementsAre(20));
  EXPECT_EQ(engine_->correlation_stats()[0].not_compared, 1);
}

TEST_F(WhereTest, AValueThatIsTooLongCountsAsMissing) {
  Load("a then b within 10m by k where a.x == b.x and a.y == b.y fire every");
  const std::string length(5000, 'x');
  const std::string fields = absl::StrCat("\"x\":\"", length, "\",\"y\":1");
  Feed(0, "a", fields);
  Feed(1, "b", fields);
  EXPECT_THAT(Found(), IsEmpty());
  EXPECT_EQ(engine_->correlation_stats()[0].not_compared, 2);
}

TEST_F(WhereTest, IncidentsOfOtherRulesAreCompared) {
  Load(
      "a >= 2 within 10m by k, user.name }\n"
      "rule s {\n  first = rule \"r\"  second = rule \"r\"\n"
      "  when first then second within 1h by k\n"
      "      where first.user.name != second.user.name and "
      "second.severity == \"medium\" and first.a.count == 2");
  for (int i = 0; i < 2; ++i) Feed(i, "a", R"("user.name":"kim")");
  EXPECT_THAT(sink_.seconds, ElementsAre(1));
  for (int i = 4; i < 6; ++i) Feed(i, "a", R"("user.name":"lee")");
  EXPECT_THAT(Found(), ElementsAre(1, 5, 5));
}

// What is captured is forgotten with its event: many times the budget comes.
TEST_F(WhereTest, MemoryIsGivenBack) {
  Load("a then b within 10s by k where a.x == b.x",
       {.lateness = absl::Seconds(2), .state_budget_bytes = 1 << 20});
  const std::string text(1000, 'x');
  for (int i = 0; i < 10'000; ++i) {
    Feed(i, "a", absl::StrCat("\"x\":\"", text, i, "\""));
  }
  Feed(10'000, "b", absl::StrCat("\"x\":\"", text, 9'995, "\""));
  EXPECT_THAT(Found(), ElementsAre(10'000));
  EXPECT_EQ(engine_->correlation_stats()[0].shed, 0);
}

TEST_F(WhereTest, AFullBudgetShedsAndSaysSo) {
  Load("a then b within 1h by user.name where a.x == b.x",
       {.state_budget_bytes = 1 << 20});
  const std::string text(1000, 'x');
  const auto fields = [&](int user) {
    return absl::StrCat("\"user.name\":\"u", user, "\",\"x\":\"", text, "\"");
  };
  for (int i = 0; i < 3000; ++i) Feed(i, "a", fields(i));
  EXPECT_GT(engine_->correlation_stats()[0].shed, 1000);
  Feed(3001, "b", fields(2999));
  EXPECT_THAT(Found(), ElementsAre(3001));
}

// An engine takes over after each event, and time goes on there.
TEST_F(WhereTest, ARestartKeepsWhatIsCompared) {
  Load("a >= 2 then b within 10m by k where a.x == b.x and a.o.q == b.q");
  Feed(0, "a", R"("x":"u","o":{"q":1})");
  Restart();
  Feed(1, "a", R"("x":"v","o":{"q":2})");
  Restart();
  Feed(2, "b", R"("x":"v","q":1)");
  Restart();
  Feed(3, "b", R"("x":"v","q":2)");
  EXPECT_THAT(Found(), ElementsAre(3));
}

}  // namespace
}  // namespace tocsin
