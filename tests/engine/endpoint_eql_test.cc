// EQL as Elastic's endpoint has it, from text to detections and incidents.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;

// Seconds of detections, and of incidents `first-last`; event number i is at
// second i.
struct TextSink : public Sink {
  void OnDetection(const Detection& detection) override {
    found.push_back(std::to_string(detection.time().nanos() / kSecond));
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    found.push_back(absl::StrCat(incident.first_time().nanos() / kSecond, "-",
                                 incident.time().nanos() / kSecond));
  }
  std::vector<std::string> found;
};

CompileResult CompileEndpoint(const std::string& query) {
  Compiler compiler({.endpoint_eql = true});
  compiler.AddText(query, "r.eql");
  CompileResult compiled = compiler.Compile();
  for (const Diagnostic& d : compiled.diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << RenderDiagnostic(d);
  }
  return compiled;
}

void FeedAt(Engine* engine, int64_t second, const std::string& json) {
  Event event = Event::Json(json);
  event.set_time(Timestamp(second * kSecond));
  EXPECT_TRUE(engine->Feed(event).ok()) << json;
}

std::vector<std::string> Found(const std::string& query,
                               const std::vector<std::string>& events,
                               int64_t* not_compared = nullptr) {
  TextSink sink;
  Engine engine(CompileEndpoint(query).rules, sink);
  for (size_t i = 0; i < events.size(); ++i) {
    FeedAt(&engine, static_cast<int64_t>(i), events[i]);
  }
  engine.AdvanceTo(Timestamp(1'000'000 * kSecond));
  if (not_compared != nullptr) {
    *not_compared = engine.correlation_stats()[0].not_compared;
  }
  return sink.found;
}

std::string Made(const std::string& category, const std::string& rest) {
  return absl::StrCat(R"({"event.category":")", category, R"(","host.id":"h",)",
                      rest, "}");
}

constexpr char kDropped[] =
    R"(sequence by host.id
         [file where true] as event0
         [process where process.executable == event0.file.path])";

TEST(EndpointEqlTest, AStepLooksAtTheEventOfAnEarlierOne) {
  EXPECT_THAT(
      Found(kDropped, {Made("file", R"("file.path":"/a")"),
                       Made("process", R"("process.executable":"/a")")}),
      ElementsAre("0-1"));
}

TEST(EndpointEqlTest, AnEventThatDoesNotMeetItLeavesTheRun) {
  EXPECT_THAT(
      Found(kDropped, {Made("file", R"("file.path":"/a")"),
                       Made("process", R"("process.executable":"/b")"),
                       Made("process", R"("process.executable":"/a")")}),
      ElementsAre("0-2"));
}

TEST(EndpointEqlTest, TheNewestRunIsAsked) {
  EXPECT_THAT(
      Found(kDropped, {Made("file", R"("file.path":"/a")"),
                       Made("file", R"("file.path":"/b")"),
                       Made("process", R"("process.executable":"/a")"),
                       Made("process", R"("process.executable":"/b")")}),
      ElementsAre("1-3"));
}

TEST(EndpointEqlTest, ANullOnEitherSideIsNotTrue) {
  EXPECT_THAT(Found(kDropped, {Made("file", R"("x":1)"),
                               Made("process", R"("process.executable":"/a")"),
                               Made("file", R"("file.path":"/a")"),
                               Made("process", R"("x":1)")}),
              IsEmpty());
}

TEST(EndpointEqlTest, TheThirdStepLooksAtBothBefore) {
  const std::string query = R"(sequence by host.id with maxspan=1m
      [file where true] as event0
      [process where process.name == event0.file.name] as event1
      [network where stringContains~(event0.file.path, destination.domain) and
         process.pid == event1.process.pid and destination.port == 443])";
  const std::string file =
      Made("file", R"("file.name":"x","file.path":"/EXAMPLE.com/x")");
  const std::string process =
      Made("process", R"("process.name":"x","process.pid":7)");
  const auto network = [](int pid, int port) {
    return Made("network",
                absl::StrCat(R"("destination.domain":"example.com",)",
                             R"("process.pid":)", pid,
                             R"(,"destination.port":)", port));
  };
  EXPECT_THAT(Found(query, {file, process, network(8, 443), network(7, 80),
                            network(7, 443)}),
              ElementsAre("0-4"));
}

TEST(EndpointEqlTest, AnyElementOfAnArrayWillDo) {
  EXPECT_THAT(Found(R"(sequence by host.id
                 [process where true] as event0
                 [file where startsWith~(event0.process.args, file.path)])",
                    {Made("process", R"("process.args":["a","/TMP/b"])"),
                     Made("file", R"("file.path":"/c")"),
                     Made("file", R"("file.path":"/tmp")")}),
              ElementsAre("0-2"));
}

TEST(EndpointEqlTest, AnAliasOfTheStepItselfIsTheEvent) {
  EXPECT_THAT(
      Found(R"(sequence by host.id
                         [file where event0.file.name == "a"] as event0
                         [process where true])",
            {Made("file", R"("file.name":"b")"),
             Made("file", R"("file.name":"a")"), Made("process", R"("x":1)")}),
      ElementsAre("1-2"));
}

TEST(EndpointEqlTest, WhatIsTooLongIsMissingAndCounted) {
  const std::string path(5000, 'a');
  int64_t not_compared = 0;
  EXPECT_THAT(Found(kDropped,
                    {Made("file", absl::StrCat(R"("file.path":")", path, "\"")),
                     Made("process", absl::StrCat(R"("process.executable":")",
                                                  path, "\""))},
                    &not_compared),
              IsEmpty());
  EXPECT_GE(not_compared, 1);
}

TEST(EndpointEqlTest, ElementsOfArraysAreSearched) {
  EXPECT_THAT(
      Found(
          R"(api where _arraysearch(call_stack, $entry,
                 $entry.symbol : "NTDLL.dll!*" and $entry.size >= 100) and
               not _arraysearch(names, $x, $x == "b"))",
          {Made("api", R"("call_stack":[{"symbol":"ntdll.dll!A","size":9},)"
                       R"({"symbol":"b.dll!A","size":900}],"names":["a"])"),
           Made("api", R"("call_stack":[{"symbol":"ntdll.dll!A","size":100}],)"
                       R"("names":["a"])"),
           Made("api", R"("call_stack":[{"symbol":"ntdll.dll!A","size":100}],)"
                       R"("names":["a","b"])")}),
      ElementsAre("1"));
}

TEST(EndpointEqlTest, ARunGoesOnBehindASnapshot) {
  const CompileResult compiled = CompileEndpoint(kDropped);
  TextSink sink;
  std::string bytes;
  {
    Engine engine(compiled.rules, sink);
    FeedAt(&engine, 1, Made("file", R"("file.path":"/a")"));
    engine.SaveTo(&bytes);
  }
  Engine engine(compiled.rules, sink);
  ASSERT_TRUE(engine.LoadFrom(bytes).ok());
  std::string again;
  engine.SaveTo(&again);
  EXPECT_EQ(bytes, again);
  FeedAt(&engine, 2, Made("process", R"("process.executable":"/b")"));
  FeedAt(&engine, 3, Made("process", R"("process.executable":"/a")"));
  engine.AdvanceTo(Timestamp(1'000'000 * kSecond));
  EXPECT_THAT(sink.found, ElementsAre("1-3"));
}

// Without the option these words mean nothing.
TEST(EndpointEqlTest, ElasticsearchHasNoneOfIt) {
  Compiler compiler;
  compiler.AddText(kDropped, "r.eql");
  EXPECT_EQ(compiler.Compile().rules_loaded, 0);
}

}  // namespace
}  // namespace tocsin
