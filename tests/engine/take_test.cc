// Events taken several at a time: what is handed out is as one by one.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/engine/snapshot_testing.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using testing_snapshot::CompileRules;
using testing_snapshot::kRules;
using testing_snapshot::MakeStream;
using testing_snapshot::StreamEvent;

// All that is handed out, in order and to the last byte.
class Lines : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    AppendDetectionJson(detection, &all);
  }
  void OnIncident(const Incident& incident) override {
    AppendIncidentJson(incident, &all, {.include_event = true});
  }
  void OnSuppressed(const Suppressed& suppressed) override {
    AppendSuppressedJson(suppressed, &all);
  }
  void OnResponse(const Response& response) override {
    AppendResponseJson(response, &all);
  }
  std::string all;
};

const EngineOptions kOptions{.lateness = absl::Seconds(20),
                             .sample_bytes = 64 << 10,
                             .state_secret = "for tests"};

// From where on they differ; empty: they do not.
std::string Difference(const std::string& one, const std::string& other) {
  const auto [at, to] =
      std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  if (at == one.end() && to == other.end()) return {};
  const auto begin =
      std::find(std::make_reverse_iterator(at), one.rend(), '\n');
  const size_t from = static_cast<size_t>(begin.base() - one.begin());
  return one.substr(from, 600) + "\n--- is instead ---\n" +
         other.substr(from, 600);
}

// `batch`: so many are taken before they are finished; 0: each is fed.
std::string Play(const std::shared_ptr<const RuleSet>& rules,
                 const std::vector<StreamEvent>& stream, size_t batch) {
  Lines sink;
  Engine engine(rules, sink, kOptions);
  for (size_t i = 0; i < stream.size(); ++i) {
    const std::string id = std::to_string(i);
    // Gone when the call returns.
    const std::string json = stream[i].json;
    Event event = Event::Json(json);
    event.set_id(id).set_time(stream[i].time);
    if (batch == 0) {
      engine.Feed(event);
    } else {
      engine.Take(event);
      if (i % batch == batch - 1) engine.Finish();
    }
  }
  std::string state = testing_snapshot::Saved(engine);
  engine.AdvanceTo(Timestamp(INT64_MAX));
  return sink.all + state;
}

void ExpectTheSame(std::string_view text) {
  const std::shared_ptr<const RuleSet> rules = CompileRules(text);
  for (const int late : {0, 15}) {
    const std::vector<StreamEvent> stream = MakeStream(7, 2500, late);
    const std::string one_by_one = Play(rules, stream, 0);
    EXPECT_GT(one_by_one.size(), 100'000u);
    for (const size_t batch : {1, 2, 7, 64, 5000}) {
      ASSERT_EQ(Difference(one_by_one, Play(rules, stream, batch)), "")
          << batch << " at a time";
    }
  }
}

TEST(TakeTest, WhatIsHandedOutIsTheSameForAnyNumberOfEvents) {
  ExpectTheSame(kRules);
}

TEST(TakeTest, ItIsTheSameWhereRulesReadWhatOthersFind) {
  ExpectTheSame(std::string(kRules) + R"(
rule of_alerts { severity high
  one = alerts where rule.id in ("held_events", "ties", "absence")
  when one >= 3 within 30s by user.name  fire every }
rule of_risks {
  score = risks
  when sum(risk.score) of score >= 20 within 1m by risk.entity }
rule gives { severity medium
  when b with a within 9s by any of user.name, host.name
  risk 5 on user.name  risk 3 on host.name }
)");
}

TEST(TakeTest, AnEventThatManyOthersFollowWaitsNoLongerThanItMay) {
  Lines sink;
  Engine engine(CompileRules("rule r { a = any where kind == \"a\"\n"
                             "when a within 1m by user }"),
                sink);
  engine.Take(
      Event::Json(R"({"kind":"a","user":"kim","@timestamp":1767225600})"));
  EXPECT_TRUE(sink.all.empty());
  for (int i = 0; i < 64; ++i) {
    engine.Take(Event::Json(R"({"kind":"b","@timestamp":1767225601})"));
  }
  EXPECT_FALSE(sink.all.empty());
}

TEST(TakeTest, LargeEventsDoNotPushEachOtherOutOfSamples) {
  const auto rules = CompileRules(
      "rule r { a = any where kind == \"a\"\n"
      "when a >= 5 within 1m by user  fire every }");
  std::vector<StreamEvent> stream;
  for (int64_t i = 0; i < 200; ++i) {
    stream.push_back({Timestamp((1'767'225'600 + i) * 1'000'000'000),
                      R"({"kind":"a","user":"kim","x":")" +
                          std::string(i % 3 == 0 ? 3900 : 100, 'x') + "\"}"});
  }
  const std::string one_by_one = Play(rules, stream, 0);
  EXPECT_EQ(Difference(one_by_one, Play(rules, stream, 64)), "");
}

}  // namespace
}  // namespace tocsin
