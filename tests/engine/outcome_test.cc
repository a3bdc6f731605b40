// What a rule says of what it finds: severity, message, risk, respond, show.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/snapshot_testing.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing_snapshot::CompileRules;

constexpr Timestamp kStart(1'767'225'600'000'000'000);

class Texts : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    Add(detection.level(), detection.message());
    AppendDetectionJson(detection, &json);
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    Add(incident.level(), incident.message());
    AppendIncidentJson(incident, &json);
    for (const IncidentValue& value : incident.values()) {
      values.push_back(absl::StrCat(value.name, "=", value.value));
    }
  }
  void OnResponse(const Response& response) override {
    std::string line(response.action());
    for (const ResponseArgument& argument : response.arguments()) {
      line += " " + argument.name + "=";
      if (const auto* text = std::get_if<std::string>(&argument.value)) {
        line += *text;
      } else if (const auto* time =
                     std::get_if<absl::Duration>(&argument.value)) {
        line += absl::FormatDuration(*time);
      } else if (const auto* number = std::get_if<int64_t>(&argument.value)) {
        line += std::to_string(*number);
      } else if (std::get_if<std::monostate>(&argument.value) != nullptr) {
        line += "none";
      }
    }
    if (response.needs_approval()) line += " approval";
    responses.push_back(line);
    response_ids.emplace_back(response.id());
    AppendResponseJson(response, &json);
  }
  void Add(std::string_view level, std::string_view message) {
    lines.push_back(
        absl::StrCat(std::string(level), ": ", std::string(message)));
  }
  std::vector<std::string> lines;
  std::vector<std::string> values;
  std::vector<std::string> responses;
  std::vector<std::string> response_ids;
  std::string json;
};

class OutcomeTest : public ::testing::Test {
 protected:
  void Load(const std::string& rules) {
    rules_ = CompileRules(
        "a = any where kind == \"a\"\nlist admins = (\"root\", \"admin\")\n"
        "action block(user: string, seconds: duration, port: number)\n" +
        rules);
    engine_ = std::make_unique<Engine>(
        rules_, sink_, EngineOptions{.lateness = absl::ZeroDuration()});
  }
  void Feed(int second, const std::string& members) {
    const std::string json = R"({"kind":"a",)" + members + "}";
    Event event = Event::Json(json);
    engine_->Feed(event.set_time(kStart + absl::Seconds(second)));
  }
  std::vector<std::string> Take() { return std::exchange(sink_.lines, {}); }

  Texts sink_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(OutcomeTest, TheHighestSeverityThatHoldsCounts) {
  Load(
      "rule one { severity low\n"
      "  severity critical if user.name in admins\n"
      "  severity high if x > 5\n"
      "  severity info if x > 0\n"
      "  detect any where kind == \"a\" }");
  Feed(0, R"("user.name":"kim","x":1)");
  Feed(1, R"("user.name":"kim","x":6)");
  Feed(2, R"("user.name":"root","x":6)");
  EXPECT_THAT(Take(), ElementsAre("low: one", "high: one", "critical: one"));
  EXPECT_THAT(sink_.json, HasSubstr(R"("rule.level":"low")"));
  EXPECT_THAT(sink_.json, HasSubstr(R"("level":"critical")"));
}

TEST_F(OutcomeTest, OfSeveralEventsSeverityGoesByKeysAndCounts) {
  Load(
      "rule two { severity medium\n"
      "  severity high if user.name == \"root\" and a.count >= 3\n"
      "  when a >= 3 within 1m by user.name fire reset }");
  for (const char* user : {"kim", "root"}) {
    for (int i = 0; i < 3; ++i) {
      Feed(1, absl::StrCat("\"user.name\":\"", user, "\""));
    }
  }
  EXPECT_THAT(Take(), ElementsAre("medium: two: user.name kim",
                                  "high: two: user.name root"));
}

TEST_F(OutcomeTest, ARuleOfWhatIsNewSaysWhatItIs) {
  Load(
      "rule two { when new (host.name, lower(x)) of a learn 1s within 1d\n"
      "  by user.name }\n"
      "rule tied { when new (host.name) of a learn 1s within 1d\n"
      "  by any of user.name, uid }\n"
      "rule worked_out { when new (lower(host.name)) of a learn 1s within 1d\n"
      "  by user.name }\n"
      "rule own { when new (host.name) of a learn 1s within 1d by user.name\n"
      "  message \"{user.name} elsewhere\" }");
  Feed(0, R"("user.name":"kim","host.name":"a","x":"1")");
  Feed(5, R"("user.name":"kim","host.name":"b","x":"1")");
  EXPECT_THAT(Take(),
              UnorderedElementsAre("medium: two: user.name kim, host.name b",
                                   "medium: tied: user.name kim, host.name b",
                                   "medium: worked_out: user.name kim",
                                   "medium: kim elsewhere"));
}

TEST_F(OutcomeTest, AHigherSeverityBreaksThroughSuppression) {
  Load(
      "rule one { severity low\n"
      "  severity high if x > 5\n"
      "  detect any where kind == \"a\"\n"
      "  suppress 1m by user.name }");
  for (const int x : {1, 2, 6, 7, 3}) {
    Feed(x, absl::StrCat(R"("user.name":"kim","x":)", x));
  }
  EXPECT_THAT(Take(), ElementsAre("low: one", "high: one"));
  EXPECT_EQ(engine_->stats().suppressed, 3);
}

TEST_F(OutcomeTest, AMessageHasTheValuesOfItsEvent) {
  Load(
      "rule one { detect any where kind == \"a\"\n"
      "  message \"{user.name} sent {n|bytes} to {to}, {gone}\" }");
  Feed(0, R"("user":{"name":"kim"},"n":1234567,"to":["b","c"])");
  EXPECT_THAT(Take(), ElementsAre("medium: kim sent 1.2 MB to b, c, ?"));
}

TEST_F(OutcomeTest, AMessageMayMeasureTheEventsOfAWindow) {
  Load(
      "rule two { when a >= 3 within 1m by user.name\n"
      "  message \"{a.count} of {user.name}: {sum(n) of a|bytes} to "
      "{distinct(to) of a} places\" }");
  for (int i = 1; i <= 3; ++i) {
    Feed(i,
         absl::StrCat(R"("user.name":"kim","n":1000000,"to":"h)", i % 2, "\""));
  }
  EXPECT_THAT(Take(), ElementsAre("medium: 3 of kim: 3.0 MB to 2 places"));
}

TEST_F(OutcomeTest, WithoutAMessageTitleAndKeysAreOne) {
  Load(
      "rule two { title \"Too many\"\n"
      "  when a >= 1 within 1m by user.name, ?host.name }\n"
      "rule ties { when a with a >= 1 within 1m by any of user.name, ip\n"
      "  message \"tied by {tie.field} {tie.value}\" }");
  Feed(0, R"("user.name":"kim","ip":"192.0.2.1")");
  EXPECT_THAT(Take(),
              ElementsAre("medium: Too many: user.name kim, host.name ?"));
}

TEST_F(OutcomeTest, AMessageNamesTheTies) {
  Load(
      "b = any where kind == \"a\" and x == 1\n"
      "rule ties { when b with a >= 1 within 1m by any of user.name, ip\n"
      "  message \"tied by {tie.field} {tie.value}\" }");
  Feed(0, R"("user.name":"kim","ip":"192.0.2.1")");
  Feed(1, R"("x":1,"ip":"192.0.2.1")");
  EXPECT_THAT(Take(), ElementsAre("medium: tied by ip 192.0.2.1"));
}

TEST_F(OutcomeTest, WhatIsShownIsAmongTheValues) {
  Load(
      "rule two { when a >= 2 within 1m by user.name\n"
      "  show max(n) of a as most, distinct(n) of a }");
  Feed(0, R"("user.name":"kim","n":4)");
  Feed(1, R"("user.name":"kim","n":7)");
  EXPECT_THAT(sink_.values,
              ElementsAre("a.count=2", "most=7", "distinct(n) of a=2"));
}

TEST_F(OutcomeTest, FunctionsOfWhatWasFoundAreShown) {
  Load(
      "b = any where kind == \"b\"\n"
      "rule travel { when a then b within 12h by user.name\n"
      "  severity critical if km_per_hour > 5000\n"
      "  message \"{km_per_hour} km/h\"\n"
      "  show floor(geoSpeed(a, b)) as km_per_hour, length(user.name),\n"
      "    number(b.none) as none }");
  Feed(0, R"("user.name":"kim","source.geo.location":{"lat":0,"lon":0})");
  engine_->Feed(Event::Json(R"({"kind":"b","user.name":"kim",)"
                            R"("source.geo.location":{"lat":0,"lon":90}})")
                    .set_time(kStart + absl::Hours(1)));
  EXPECT_THAT(Take(), ElementsAre("critical: 10007 km/h"));
  EXPECT_THAT(sink_.values,
              ElementsAre("a.count=1", "b.count=1", "km_per_hour=10007",
                          "length(user.name)=3"));
}

TEST_F(OutcomeTest, AResponseIsTypedAndAskedForWhereItsConditionHolds) {
  Load(
      "rule one { detect any where kind == \"a\"\n"
      "  respond block(user = user.name, seconds = 1h, port = port)\n"
      "  respond block(user = user.name, seconds = 5m, port = 0)"
      " needs approval if user.name in admins }");
  Feed(0, R"("user.name":"kim","port":"443")");
  EXPECT_THAT(sink_.responses,
              ElementsAre("block user=kim seconds=1h port=443"));
  Feed(1, R"("user.name":"root")");
  EXPECT_THAT(sink_.responses,
              ElementsAre("block user=kim seconds=1h port=443",
                          "block user=root seconds=1h port=none",
                          "block user=root seconds=5m port=0 approval"));
  EXPECT_NE(sink_.response_ids[1], sink_.response_ids[2]);
  EXPECT_EQ(engine_->stats().responses, 3);
  EXPECT_THAT(sink_.json,
              HasSubstr(R"("action":"block","arguments":)"
                        R"({"user":"root","seconds":"5m","port":0},)"
                        R"("needs_approval":true})"));
}

TEST_F(OutcomeTest, WhatIsSuppressedAsksForNothing) {
  Load(
      "rule one { detect any where kind == \"a\"\n"
      "  suppress 1m\n"
      "  respond block(user = user.name, seconds = 1h, port = 1) }");
  Feed(0, R"("user.name":"kim")");
  Feed(1, R"("user.name":"kim")");
  EXPECT_THAT(sink_.responses, SizeIs(1));
}

constexpr char kOverLimit[] =
    "rule limit { r = risks\n"
    "  when sum(risk.score) of r >= 100 within 1h by risk.entity fire reset "
    "}\n";

TEST_F(OutcomeTest, ScoresAddUpOverRules) {
  Load(absl::StrCat(
      "rule one { detect any where kind == \"a\"  risk 40 on user.name }\n",
      "rule two { when a >= 2 within 1m by user.name fire every\n",
      "  risk 30 on user.name }\n", kOverLimit));
  Feed(0, R"("user.name":"kim")");
  Feed(1, R"("user.name":"lee")");
  EXPECT_THAT(Take(), ElementsAre("medium: one", "medium: one"));
  Feed(2, R"("user.name":"kim")");  // 40 + 40 + 30.
  EXPECT_THAT(Take(), ElementsAre("medium: one", "medium: two: user.name kim",
                                  "medium: limit: risk.entity user.name:kim"));
}

TEST_F(OutcomeTest, EachValueOfAFieldGetsThePoints) {
  Load(absl::StrCat("rule one { detect any where kind == \"a\"\n",
                    "  risk 100 on user.name }\n", kOverLimit));
  Feed(0, R"("user.name":["kim","lee"])");
  EXPECT_THAT(Take(), ElementsAre("medium: one",
                                  "medium: limit: risk.entity user.name:kim",
                                  "medium: limit: risk.entity user.name:lee"));
}

TEST_F(OutcomeTest, NoMoreThanTheCapIsGivenInItsTime) {
  Load(absl::StrCat("rule one { detect any where kind == \"a\"\n",
                    "  risk 40 on user.name cap 90 per 10m }\n", kOverLimit));
  for (int i = 0; i < 9; ++i) Feed(i, R"("user.name":"kim")");
  EXPECT_THAT(Take(), SizeIs(9));
  Feed(600, R"("user.name":"kim")");
  EXPECT_THAT(Take(), ElementsAre("medium: one",
                                  "medium: limit: risk.entity user.name:kim"));
}

TEST_F(OutcomeTest, TheCapHoldsOverReportsThatWereForgotten) {
  Load(absl::StrCat("rule one { detect any where kind == \"a\"\n",
                    "  risk 40 on user.name cap 90 per 10m }\n", kOverLimit));
  for (int i = 0; i < 3; ++i) Feed(i, R"("user.name":"kim")");
  engine_->ForgetReports();
  for (int i = 3; i < 6; ++i) Feed(i, R"("user.name":"kim")");
  EXPECT_THAT(Take(), Each("medium: one"));
}

TEST_F(OutcomeTest, WhatReadsScoresGivesNone) {
  Load(absl::StrCat(
      "rule one { detect any where kind == \"a\"  risk 100 on user.name }\n",
      "rule again { r = risks\n",
      "  when sum(risk.score) of r >= 100 within 1h by risk.entity fire "
      "reset\n",
      "  risk 100 on risk.entity }\n"));
  Feed(0, R"("user.name":"kim")");
  EXPECT_THAT(Take(), SizeIs(2));
}

TEST_F(OutcomeTest, ScoresMayComeFromElsewhere) {
  Load(kOverLimit);
  const std::string json =
      R"({"risk.score":60,"risk.entity":"host.name:h","rule.id":"x"})";
  EXPECT_TRUE(engine_->FeedRisk(json, kStart).ok());
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_TRUE(engine_->FeedRisk(json, kStart + absl::Seconds(1)).ok());
  EXPECT_THAT(Take(), SizeIs(1));
  EXPECT_FALSE(engine_->FeedRisk("[", kStart).ok());
}

TEST_F(OutcomeTest, NextStepsAreWithTheRule) {
  Load(
      "rule one { detect any where kind == \"a\"\n"
      "  next_steps \"Ask the user\", \"Look at the host\" }");
  Feed(0, R"("x":1)");
  EXPECT_THAT(rules_->rules()[0].next_steps,
              ElementsAre("Ask the user", "Look at the host"));
  EXPECT_THAT(sink_.json,
              HasSubstr(R"("next_steps":["Ask the user","Look at the host"])"));
}

}  // namespace
}  // namespace tocsin
