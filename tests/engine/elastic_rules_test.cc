// Queries in EQL and KQL as rules, from text to detections and incidents.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// Times of detections, and keys of incidents with their times; seconds since
// the beginning.
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
  }
  static std::string Second(Timestamp time) {
    return std::to_string((time.nanos() - kBegin) / kSecond);
  }
  std::vector<std::string> found;
};

struct Timed {
  int64_t second = 0;
  std::string json;
};

std::vector<std::string> Found(const std::string& path,
                               const std::string& query,
                               const std::vector<Timed>& events,
                               int64_t until = 1'000'000) {
  Compiler compiler;
  compiler.AddText(query, path);
  const CompileResult compiled = compiler.Compile();
  if (compiled.rules_loaded != 1) {
    return {RenderDiagnostic(compiled.diagnostics.at(0))};
  }
  TextSink sink;
  Engine engine(compiled.rules, sink);
  for (const Timed& event : events) {
    Event made = Event::Json(event.json);
    made.set_time(Timestamp(kBegin + event.second * kSecond));
    EXPECT_TRUE(engine.Feed(made).ok());
  }
  engine.AdvanceTo(Timestamp(kBegin + until * kSecond));
  return sink.found;
}

// An event of a category and a host, and the members behind them.
std::string Made(std::string_view category, std::string_view host,
                 std::string_view rest = "") {
  return std::string(R"({"event.category":")") + std::string(category) +
         R"(","host.id":)" + std::string(host) + std::string(rest) + "}";
}

TEST(EqlRulesTest, AnEventQueryNeedsItsCategory) {
  EXPECT_THAT(Found("r.eql", "process where true",
                    {{0, Made("process", "1")},
                     {1, Made("file", "1")},
                     {2, R"({"event":{"category":["file","process"]}})"},
                     {3, R"({"host.id":1})"}}),
              ElementsAre("0", "2"));
}

TEST(EqlRulesTest, WhatIsMissingIsNeitherTrueNorFalse) {
  const std::vector<Timed> events = {{0, Made("process", "1")},
                                     {1, Made("process", "1", R"(,"x":"b")")}};
  EXPECT_THAT(Found("r.eql", "process where not x == \"a\"", events),
              ElementsAre("1"));
  EXPECT_THAT(Found("r.eql", "process where x == null", events),
              ElementsAre("0"));
}

TEST(EqlRulesTest, ASequenceTakesTheNewestRun) {
  const std::string query =
      "sequence by host.id [process where true] [file where true]";
  EXPECT_THAT(Found("r.eql", query,
                    {{1, Made("process", "1")},
                     {2, Made("process", "1")},
                     {3, Made("file", "1")},
                     {4, Made("file", "1")}}),
              ElementsAre("1 2-3"));
}

TEST(EqlRulesTest, MaxspanIsInclusive) {
  const std::string query =
      "sequence with maxspan=10s [process where true] [file where true]";
  const Timed first = {0, Made("process", "1")};
  EXPECT_THAT(Found("r.eql", query, {first, {10, Made("file", "1")}}),
              ElementsAre("0-10"));
  EXPECT_THAT(Found("r.eql", query, {first, {11, Made("file", "1")}}),
              IsEmpty());
}

TEST(EqlRulesTest, AMissingEventIsNotAnsweredBeforeItsTimeHasPassed) {
  const std::string query =
      "sequence with maxspan=10m [process where true] ![file where true]";
  const Timed first = {0, Made("process", "1")};
  EXPECT_THAT(Found("r.eql", query, {first}, 180), IsEmpty());
  EXPECT_THAT(Found("r.eql", query, {first}, 601), ElementsAre("0-0"));
  EXPECT_THAT(Found("r.eql", query, {first, {360, Made("file", "1")}}),
              IsEmpty());
}

TEST(EqlRulesTest, AnEventBetweenSpoilsASequence) {
  const std::string query =
      "sequence by host.id with maxspan=1m [process where true] "
      "![network where true] [file where true]";
  EXPECT_THAT(Found("r.eql", query,
                    {{0, Made("process", "[1,2]")},
                     {1, Made("network", "1")},
                     {2, Made("file", "1")},
                     {3, Made("file", "2")}}),
              ElementsAre("2 0-3"));
}

TEST(EqlRulesTest, AnOptionalKeyJoinsNullWithNull) {
  const std::string tail = " [process where true] [file where true]";
  const std::vector<Timed> events = {{0, R"({"event.category":"process"})"},
                                     {1, R"({"event.category":"file"})"}};
  EXPECT_THAT(Found("r.eql", "sequence by ?host.id" + tail, events),
              ElementsAre("null 0-1"));
  EXPECT_THAT(Found("r.eql", "sequence by host.id" + tail, events), IsEmpty());
}

TEST(EqlRulesTest, AnEventThatEndsASequenceWinsOverUntil) {
  const std::string query =
      "sequence by host.id [process where true] [file where true] "
      "until [file where done == true]";
  EXPECT_THAT(Found("r.eql", query,
                    {{0, Made("process", "1")},
                     {1, Made("file", "1", R"(,"done":true)")}}),
              ElementsAre("1 0-1"));
}

TEST(EqlRulesTest, RunsAreSoManyEventsInARow) {
  const std::string query = "sequence by host.id [file where true] with runs=3";
  EXPECT_THAT(Found("r.eql", query,
                    {{0, Made("file", "1")},
                     {1, Made("file", "1")},
                     {2, Made("file", "1")}}),
              ElementsAre("1 0-2"));
}

TEST(EqlRulesTest, PipesAreRefused) {
  EXPECT_THAT(Found("r.eql", "process where true | head 3", {}),
              ElementsAre(HasSubstr("T402")));
}

TEST(KqlRulesTest, NotIsTrueOfWhatIsMissing) {
  EXPECT_THAT(
      Found("r.kql", "not x:a",
            {{0, R"({"y":1})"}, {1, R"({"x":"a"})"}, {2, R"({"x":"b"})"}}),
      ElementsAre("0", "2"));
}

TEST(KqlRulesTest, ANestedQueryIsOfOneObject) {
  const std::string event = R"({"d":[{"a":"1","b":"x"},{"a":"2","b":"y"}]})";
  EXPECT_THAT(Found("r.kql", "d:{ a:1 and b:x }", {{0, event}}),
              ElementsAre("0"));
  EXPECT_THAT(Found("r.kql", "d:{ a:1 and b:y }", {{0, event}}), IsEmpty());
}

TEST(KqlRulesTest, WildcardsAreOfTheWholeValueAndQuotesKeepThem) {
  const std::vector<Timed> events = {{0, R"({"x":"foobar"})"},
                                     {1, R"({"x":"foo*"})"}};
  EXPECT_THAT(Found("r.kql", "x:foo*", events), ElementsAre("0", "1"));
  EXPECT_THAT(Found("r.kql", "x:\"foo*\"", events), ElementsAre("1"));
  EXPECT_THAT(Found("r.kql", "x:foo\\*", events), ElementsAre("1"));
}

}  // namespace
}  // namespace tocsin
