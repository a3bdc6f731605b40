// The events that incidents hand out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/snapshot_testing.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing_snapshot::CompileRules;
using testing_snapshot::MakeStream;

constexpr Timestamp kStart(1'767'225'600'000'000'000);

// "failed+any 3 e3": steps, second, id.
class Samples : public Sink {
 public:
  void OnDetection(const Detection& /*detection*/) override {}
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) {
      EXPECT_THAT(incident.events(), IsEmpty());
      return;
    }
    events.clear();
    for (const IncidentEvent& event : incident.events()) {
      std::string line;
      for (const std::string_view step : event.steps) {
        if (!line.empty()) line += "+";
        line += step;
      }
      events.push_back(absl::StrCat(
          line, " ", (event.time.nanos() - kStart.nanos()) / 1'000'000'000, " ",
          std::string(event.id)));
      texts.emplace_back(event.json);
    }
    has_all = incident.has_all_events();
    message = incident.message();
    AppendIncidentJson(incident, &json, {.include_event = true});
    AppendIncidentJson(incident, &lines);
  }
  std::vector<std::string> events;
  std::vector<std::string> texts;
  std::string message;
  std::string json;
  std::string lines;
  bool has_all = false;
};

class EventSampleTest : public ::testing::Test {
 protected:
  void Load(const std::string& rules, EngineOptions options = {}) {
    rules_ = CompileRules(
        "a = any where kind == \"a\"\nb = any where kind == \"b\"\n" + rules);
    engine_ = std::make_unique<Engine>(rules_, sink_, options);
  }
  void Feed(int second, const std::string& kind, const std::string& members) {
    const std::string json =
        absl::StrCat(R"({"kind":")", kind.c_str(), R"(","user.name":"kim")",
                     members.c_str(), "}");
    const std::string id = "e" + std::to_string(second);
    Event event = Event::Json(json);
    engine_->Feed(event.set_id(id).set_time(kStart + absl::Seconds(second)));
  }

  Samples sink_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Engine> engine_;
};

constexpr char kThree[] =
    "rule three { when a >= 3 within 1m by user.name fire reset }\n";

TEST_F(EventSampleTest, AnIncidentHandsOutTheEventsOfItsWindow) {
  Load(kThree);
  Feed(0, "a", R"(,"n":0)");
  Feed(1, "b", "");
  Feed(100, "a", R"(,"n":1)");
  Feed(101, "a", R"(,"n":2)");
  Feed(102, "a", R"(,"n":3)");
  EXPECT_THAT(sink_.events,
              ElementsAre("a 100 e100", "a 101 e101", "a 102 e102"));
  EXPECT_TRUE(sink_.has_all);
  EXPECT_EQ(sink_.texts[2], R"({"kind":"a","user.name":"kim","n":3})");
  EXPECT_THAT(sink_.json, HasSubstr(R"({"steps":["a"],"time":)"
                                    R"("2026-01-01T00:01:42Z","id":"e102",)"
                                    R"("event":{"kind":"a")"));
  EXPECT_THAT(sink_.json, HasSubstr(R"("events.all":true)"));
  EXPECT_THAT(sink_.lines, Not(HasSubstr("\"event\":")));
}

TEST_F(EventSampleTest, OfManyTheFirstAndTheLatestAreHandedOut) {
  Load("rule many { when a >= 20 within 1m by user.name fire reset }",
       {.sample_events = 4});
  for (int i = 0; i < 20; ++i) Feed(i, "a", "");
  EXPECT_THAT(sink_.events,
              ElementsAre("a 0 e0", "a 1 e1", "a 18 e18", "a 19 e19"));
  EXPECT_FALSE(sink_.has_all);
}

TEST_F(EventSampleTest, WhatWasOverwrittenIsMissingAndTheSampleSaysSo) {
  Load(kThree, {.sample_bytes = 64 << 10});
  const std::string large =
      absl::StrCat(R"(,"x":")", std::string(3000, 'x'), "\"");
  Feed(0, "a", "");
  Feed(1, "a", "");
  for (int i = 0; i < 100; ++i) {
    const std::string json = absl::StrCat(R"({"kind":"a","user.name":"u)", i,
                                          "\"", large.c_str(), "}");
    Event event = Event::Json(json);
    engine_->Feed(event.set_time(kStart + absl::Seconds(2)));
  }
  Feed(3, "a", "");
  EXPECT_THAT(sink_.events, ElementsAre("a 3 e3"));
  EXPECT_FALSE(sink_.has_all);
}

TEST_F(EventSampleTest, AnEventOfSeveralStepsIsHandedOutOnce) {
  Load(
      "x = any where n == 1\n"
      "rule two { when a and x >= 2 within 1m by user.name }");
  Feed(0, "b", R"(,"n":1)");
  Feed(1, "a", R"(,"n":1)");
  EXPECT_THAT(sink_.events, ElementsAre("x 0 e0", "a+x 1 e1"));
}

TEST_F(EventSampleTest, MessagesNameFieldsOfTheNewestEventOfAStep) {
  Load(
      "rule chain { when a >= 2 then b within 1m by user.name\n"
      "  message \"{a.n}, then {b.host.name}\" }");
  Feed(0, "a", R"(,"n":1)");
  Feed(1, "a", R"(,"n":2)");
  Feed(2, "b", R"(,"host":{"name":"h1"})");
  EXPECT_EQ(sink_.message, "2, then h1");
}

TEST_F(EventSampleTest, WithoutBytesThereAreNone) {
  Load(kThree, {.sample_bytes = 0});
  for (int i = 0; i < 3; ++i) Feed(i, "a", "");
  EXPECT_THAT(sink_.events, IsEmpty());
  EXPECT_FALSE(sink_.has_all);
}

TEST_F(EventSampleTest, AfterARestartSamplesAreTheSame) {
  const auto rules = CompileRules(testing_snapshot::kRules);
  const auto stream = MakeStream(3, 200, 20);
  const auto play = [&](size_t every) {
    Samples sink;
    // Which groups fall on each other's heads follows from the secret.
    const EngineOptions options{.lateness = absl::Seconds(20),
                                .sample_bytes = 64 << 10,
                                .state_secret = "for tests"};
    auto engine = std::make_unique<Engine>(rules, sink, options);
    for (size_t i = 0; i < stream.size(); ++i) {
      if (every > 0 && i % every == 0) {
        const std::string bytes = testing_snapshot::Saved(*engine);
        engine = std::make_unique<Engine>(rules, sink, options);
        EXPECT_TRUE(engine->LoadFrom(bytes).ok());
        EXPECT_EQ(testing_snapshot::Saved(*engine), bytes);
      }
      const std::string id = std::to_string(i);
      Event event = Event::Json(stream[i].json);
      engine->Feed(event.set_id(id).set_time(stream[i].time));
    }
    return sink.json;
  };
  const std::string undisturbed = play(0);
  EXPECT_THAT(undisturbed, Not(IsEmpty()));
  EXPECT_EQ(play(1), undisturbed);
  EXPECT_EQ(play(7), undisturbed);
}

TEST(EventSampleKeyTest, ASampleIsNotWholeWhereEventsStayedBehind) {
  const auto rules = testing_snapshot::CompileRules(
      "a = any where kind == \"a\"\n"
      "rule r { when a >= 2 within 1m by user.name  fire every }");
  const auto feed = [](Engine* engine, int second, const char* id) {
    Event event = Event::Json(R"({"kind":"a","user.name":"kim"})");
    event.set_id(id).set_time(Timestamp(1'767'225'600'000'000'000) +
                              absl::Seconds(second));
    engine->Feed(event);
  };
  const std::vector<IncidentKey> kim = {{.name = "user.name", .value = "kim"}};
  std::vector<std::string> samples;
  CallbackSink sink(
      [](const Detection&) {},
      [&](const Incident& incident) {
        std::string sample;
        for (const IncidentEvent& event : incident.events()) {
          absl::StrAppend(&sample, std::string(event.id), " ");
        }
        samples.push_back(sample + (incident.has_all_events() ? "all" : ""));
      });
  const EngineOptions options{.lateness = absl::ZeroDuration(),
                              .state_secret = "shared"};
  Engine first(rules, sink, options);
  feed(&first, 0, "zero");
  feed(&first, 1, "one");
  std::string key;
  first.SaveKey(kim, &key);
  std::string whole;
  first.SaveTo(&whole);

  Engine second(rules, sink, options);
  ASSERT_TRUE(second.LoadKey(key).ok());
  feed(&second, 2, "two");
  EngineOptions smaller = options;
  smaller.sample_bytes = 64 << 10;
  Engine third(rules, sink, smaller);
  ASSERT_TRUE(third.LoadFrom(whole).ok());
  feed(&third, 2, "two");
  // Behind the window all that counts has come here.
  feed(&second, 80, "a");
  feed(&second, 81, "b");
  EXPECT_THAT(samples, ElementsAre("zero one all", "two ", "two ", "a b all"));
}

}  // namespace
}  // namespace tocsin
