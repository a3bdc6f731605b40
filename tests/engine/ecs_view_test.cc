// Rules written for the Elastic Common Schema on events that are not in it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/base/string_map.h"
#include "src/logsource/ecs_tables.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Numbers of the events of which the query, a file of this name, finds
// something: detections, and incidents at their last event.
std::vector<int64_t> Found(const std::string& path, const std::string& query,
                           const std::vector<std::string>& events,
                           EngineOptions options = {}) {
  Compiler compiler;
  compiler.AddText(query, path);
  const CompileResult compiled = compiler.Compile();
  EXPECT_EQ(compiled.rules_loaded, 1)
      << query << "\n"
      << (compiled.diagnostics.empty()
              ? ""
              : RenderDiagnostic(compiled.diagnostics[0]));
  std::vector<int64_t> found;
  CallbackSink sink(
      [&](const Detection& detection) {
        found.push_back(detection.time().nanos());
      },
      [&](const Incident& incident) {
        if (incident.change() == IncidentChange::kClosed) return;
        found.push_back(incident.time().nanos());
      });
  Engine engine(compiled.rules, sink, std::move(options));
  for (size_t i = 0; i < events.size(); ++i) {
    Event event = Event::Json(events[i]);
    event.set_time(Timestamp(static_cast<int64_t>(i)));
    EXPECT_TRUE(engine.Feed(event).ok()) << events[i];
  }
  engine.AdvanceTo(Timestamp(int64_t{1} << 60));
  return found;
}

std::string Quoted(std::string_view text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(base::ToAbsl(text), {{"\\", "\\\\"}, {"\"", "\\\""}}),
      "\"");
}

TEST(EcsViewTest, EachTableSaysWhatFollowsFromItsExample) {
  for (const logsource::EcsTable& table : logsource::EcsTables()) {
    SCOPED_TRACE(table.name);
    EXPECT_FALSE(table.example_fields.empty());
    const std::vector<std::string> lines =
        absl::StrSplit(base::ToAbsl(table.example_fields), '\n');
    for (const std::string& line : lines) {
      const size_t equals = line.find('=');
      const std::string field = line.substr(0, equals);
      std::string query = absl::StrCat("any where ", field, " == null");
      if (equals + 1 < line.size()) {
        query = absl::StrCat("any where length(", field, ") > 0");
        // A value may hold a list itself, as an object's text does.
        const std::string value = line.substr(equals + 1);
        const std::vector<std::string> values =
            value.starts_with('{')
                ? std::vector<std::string>{value}
                : std::vector<std::string>(absl::StrSplit(value, ", "));
        for (const std::string& one : values) {
          absl::StrAppend(&query, " and ", field, " == ", Quoted(one));
        }
      }
      EXPECT_THAT(Found("r.eql", query, {std::string(table.example)}),
                  ElementsAre(0))
          << query;
    }
  }
}

std::string Sysmon(int id, std::string_view rest) {
  return absl::StrCat(
      R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":)", id,
      ",", base::ToAbsl(rest), "}");
}

const std::string kStart = Sysmon(
    1,
    R"("Computer":"pc1.example.com","Image":"C:\\Windows\\System32\\cmd.exe",)"
    R"("CommandLine":"cmd.exe /c \"echo a\"","User":"EXAMPLE\\kim",)"
    R"("ProcessGuid":"{1}","ParentImage":"C:\\a\\winword.exe")");
const std::string kEnd = Sysmon(
    5,
    R"("Computer":"pc1.example.com","Image":"C:\\Windows\\System32\\cmd.exe",)"
    R"("ProcessGuid":"{1}")");

TEST(EcsViewTest, AnEqlRuleRunsOnSysmon) {
  EXPECT_THAT(
      Found("r.eql",
            R"(process where host.os.type == "windows" and event.type == "start"
               and process.name : "CMD.exe" and process.args == "echo a" and
               process.parent.name : ("winword.exe", "excel.exe") and
               user.name == "kim" and process.args_count >= 3)",
            {kEnd, kStart, kEnd}),
      ElementsAre(1));
}

TEST(EcsViewTest, AKqlRuleRunsOnSysmon) {
  EXPECT_THAT(Found("r.kql",
                    "event.category:process and event.type:start and "
                    "process.name:cmd.exe and not user.name:lee",
                    {kEnd, kStart}),
              ElementsAre(1));
}

TEST(EcsViewTest, WhatAnEventHasItselfComesFirst) {
  const std::string own = Sysmon(
      1,
      R"("Image":"C:\\a.exe","process":{"name":"own.exe"},"event.type":"end")");
  EXPECT_THAT(Found("r.eql", R"(process where process.name == "own.exe" and
                                event.type == "end")",
                    {own}),
              ElementsAre(0));
  EXPECT_THAT(Found("r.eql", R"(any where process.name == "a.exe")", {own}),
              IsEmpty());
}

TEST(EcsViewTest, KeysOfSequencesAreMapped) {
  const std::string other = Sysmon(
      5, R"("Computer":"pc2.example.com","Image":"C:\\Windows\\cmd.exe")");
  EXPECT_THAT(Found("r.eql",
                    R"(sequence by host.id, process.name
               [process where event.type == "start"]
               [process where event.type == "end"])",
                    {kStart, other, kEnd}),
              ElementsAre(2));
}

TEST(EcsViewTest, ASigmaRuleSeesEventsAsTheyAre) {
  const std::string rule = R"(
title: a
logsource: {product: windows}
detection:
  selection: {process.name: cmd.exe}
  condition: selection
)";
  EXPECT_THAT(Found("r.yml", rule, {kStart}), IsEmpty());
  EXPECT_THAT(Found("r.yml", rule, {Sysmon(1, R"("process.name":"cmd.exe")")}),
              ElementsAre(0));
}

// The two see one field in two ways.
TEST(EcsViewTest, ASigmaRuleBesideAnEqlRuleChangesNeither) {
  Compiler compiler;
  compiler.AddText(R"(
title: sigma
logsource: {product: windows}
detection:
  selection: {process.name: cmd.exe}
  condition: selection
)",
                   "r.yml");
  compiler.AddText(R"(process where process.name == "cmd.exe")", "r.eql");
  std::vector<std::string> found;
  CallbackSink sink([&](const Detection& detection) {
    found.push_back(detection.rule().title);
  });
  Engine engine(compiler.Compile().rules, sink);
  engine.Feed(Event::Json(kStart));
  EXPECT_THAT(found, ElementsAre("r"));
  engine.Feed(Event::Json(Sysmon(1, R"("process.name":"cmd.exe")")));
  EXPECT_THAT(found, ElementsAre("r", "sigma", "r"));
}

TEST(EcsViewTest, WithoutRoutingThereIsNoView) {
  EngineOptions options;
  options.routing = false;
  EXPECT_THAT(Found("r.eql", R"(any where process.name == "cmd.exe")", {kStart},
                    options),
              IsEmpty());
}

TEST(EcsViewTest, EventsOfOtherShapesAreMappedToo) {
  const std::string nested =
      R"({"Event":{"System":{"Provider":{"#attributes":{"Name":)"
      R"("Microsoft-Windows-Sysmon"}},"EventID":1,"Channel":)"
      R"("Microsoft-Windows-Sysmon/Operational","Computer":"pc1"},)"
      R"("EventData":{"Image":"C:\\a\\b.exe","CommandLine":"b.exe x"}}})";
  EXPECT_THAT(Found("r.eql", R"(process where process.name == "b.exe" and
                       process.args == "x" and host.name == "pc1")",
                    {nested}),
              ElementsAre(0));
}

TEST(EcsViewTest, SecurityEventsAreMappedThroughTheirRenames) {
  EXPECT_THAT(
      Found("r.eql",
            R"(process where event.type == "start" and process.name : "a.exe"
               and process.parent.name : "b.exe" and event.code == "4688")",
            {R"({"Channel":"Security","EventID":4688,)"
             R"("NewProcessName":"C:\\x\\a.exe",)"
             R"("ParentProcessName":"C:\\x\\b.exe"})"}),
      ElementsAre(0));
}

TEST(EcsViewTest, ManyEventsOfManyKindsAreMatchedAlike) {
  // Classes are split by values that come often.
  std::vector<std::string> events;
  std::vector<int64_t> expected;
  for (int i = 0; i < 400; ++i) {
    const bool hits = i % 5 == 0;
    if (hits) expected.push_back(i);
    events.push_back(
        Sysmon(i % 3 == 0 && !hits ? 11 : 1,
               absl::StrCat(R"("Image":"C:\\a\\)", hits ? "hit" : "miss", i % 7,
                            R"(.exe","CommandLine":"x )", i, "\"")));
  }
  EXPECT_THAT(Found("r.eql",
                    R"(process where event.type == "start" and
                       process.name in ("hit0.exe", "hit1.exe", "hit2.exe",
                         "hit3.exe", "hit4.exe", "hit5.exe", "hit6.exe"))",
                    events),
              ::testing::ElementsAreArray(expected));
}

TEST(EcsViewTest, ALineWithVeryManyArgumentsIsBounded) {
  std::string line = "a";
  for (int i = 0; i < 100'000; ++i) line += " b";
  EXPECT_THAT(
      Found("r.eql",
            R"(process where process.args == "b" and
                       process.args : "* b b b")",
            {Sysmon(1, absl::StrCat(R"("CommandLine":")", line, "\""))}),
      ElementsAre(0));
}

TEST(EcsViewTest, CloudTrailRulesRun) {
  const std::string event =
      R"({"eventVersion":"1.08","eventSource":"ec2.amazonaws.com",)"
      R"("eventName":"ModifySnapshotAttribute","eventTime":)"
      R"("2026-01-15T10:20:30Z","awsRegion":"us-east-1",)"
      R"("userIdentity":{"type":"IAMUser","userName":"kim"},)"
      R"("sourceIPAddress":"192.0.2.1","userAgent":"a",)"
      R"("requestParameters":{"attributeType":"CREATE_VOLUME_PERMISSION",)"
      R"("createVolumePermission":{"add":{"items":[{"group":"all"}]}}}})";
  EXPECT_THAT(Found("r.eql",
                    R"(any where data_stream.dataset == "aws.cloudtrail" and
               event.provider == "ec2.amazonaws.com" and
               event.action == "ModifySnapshotAttribute" and
               event.outcome == "success" and
               stringContains(aws.cloudtrail.request_parameters, "add={items="))",
                    {event}),
              ElementsAre(0));
  EXPECT_THAT(Found("r.kql",
                    "event.dataset:aws.cloudtrail and event.outcome:success "
                    "and source.ip:192.0.2.0/24 and "
                    "aws.cloudtrail.request_parameters:*group=all*",
                    {event}),
              ElementsAre(0));
}

}  // namespace
}  // namespace tocsin
