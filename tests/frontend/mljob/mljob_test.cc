#include "src/frontend/mljob/mljob.h"

#include <string>

#include "gtest/gtest.h"
#include "src/frontend/mljob/functions.h"
#include "src/plan/detectors.h"

namespace tocsin::mljob {
namespace {

using base::DetectorFunction;
using base::DetectorRule;

struct Compiled {
  std::optional<ir::DetectorJob> job;
  std::string codes;  // Of all diagnostics, each behind a space.
};

Compiled Compile(const std::string& text,
                 const std::string& path = "job.json") {
  Compiled compiled;
  Diagnostics diagnostics;
  compiled.job = CompileJob(text::Source(path, text), &diagnostics);
  for (const Diagnostic& d : diagnostics) compiled.codes += " " + d.code;
  return compiled;
}

// A job of one detector, and what else stands in its analysis.
std::string JobOf(const std::string& detector, const std::string& more = "") {
  return R"({"job_id": "logons", "analysis_config": {"bucket_span": "15m", )" +
         more + R"("detectors": [)" + detector + "]}}";
}

TEST(MlJobTest, ReadsAJobAsItIsWritten) {
  const Compiled compiled = Compile(R"({
    "job_id": "logons",
    "description": "addresses that a user is seldom at",
    "groups": ["authentication"],
    "analysis_config": {
      "bucket_span": "30m",
      "latency": 1200,
      "model_prune_window": "10d",
      "detectors": [{
        "detector_description": "rare address",
        "function": "rare",
        "by_field_name": "source.ip",
        "partition_field_name": "user.name",
        "detector_index": 0
      }],
      "influencers": ["source.ip", "user.name"]
    },
    "analysis_limits": {"model_memory_limit": "128MB"},
    "data_description": {"time_field": "@timestamp", "time_format": "epoch_ms"}
  })");
  EXPECT_EQ(compiled.codes, "");
  ASSERT_TRUE(compiled.job.has_value());
  EXPECT_EQ(compiled.job->id, "logons");
  EXPECT_EQ(compiled.job->bucket_span, 1'800);
  EXPECT_EQ(compiled.job->latency, 1'200);
  EXPECT_EQ(compiled.job->prune_window, 864'000);
  EXPECT_EQ(compiled.job->memory_limit, size_t{128} << 20);
  ASSERT_EQ(compiled.job->detectors.size(), 1u);
  EXPECT_EQ(compiled.job->detectors[0].function, DetectorFunction::kRare);
  EXPECT_EQ(compiled.job->detectors[0].by, "source.ip");
  EXPECT_EQ(compiled.job->detectors[0].partition, "user.name");
}

TEST(MlJobTest, AJobWithoutAnIdIsNamedForItsFile) {
  const Compiled compiled = Compile(
      R"({"analysis_config": {"bucket_span": 60, "detectors":
          [{"function": "count"}]}})",
      "jobs/busy_hosts.json");
  ASSERT_TRUE(compiled.job.has_value());
  EXPECT_EQ(compiled.job->id, "busy_hosts");
}

TEST(MlJobTest, AJobInAWrapperIsFound) {
  const Compiled compiled = Compile(R"({"id": "wrapped", "config":
      {"analysis_config": {"bucket_span": "1h", "detectors":
          [{"function": "count"}]}}})");
  ASSERT_TRUE(compiled.job.has_value());
  EXPECT_EQ(compiled.job->id, "wrapped");
}

TEST(MlJobTest, WithoutAPruneWindowAMonthIsRemembered) {
  EXPECT_EQ(Compile(JobOf(R"({"function": "count"})")).job->prune_window,
            30 * 86'400);
}

TEST(MlJobTest, MetricIsThreeDetectors) {
  const Compiled compiled =
      Compile(JobOf(R"({"function": "metric", "field_name": "bytes"})"));
  ASSERT_EQ(compiled.job->detectors.size(), 3u);
  EXPECT_EQ(compiled.job->detectors[2].function, DetectorFunction::kMax);
}

TEST(MlJobTest, ExcludeFrequentIsReadInAnyCase) {
  const Compiled compiled = Compile(JobOf(
      R"({"function": "high_count", "over_field_name": "user.name",
          "exclude_frequent": "ALL"})"));
  EXPECT_TRUE(compiled.job->detectors[0].exclude_frequent_by);
  EXPECT_TRUE(compiled.job->detectors[0].exclude_frequent_over);
}

TEST(MlJobTest, ARuleOfADetectorIsRead) {
  const Compiled compiled = Compile(JobOf(
      R"({"function": "high_info_content", "field_name": "dns.question.name",
          "custom_rules": [{"actions": ["skip_result"], "conditions":
            [{"applies_to": "actual", "operator": "lt", "value": 350}]}]})"));
  ASSERT_EQ(compiled.job->detectors[0].rules.size(), 1u);
  const DetectorRule& rule = compiled.job->detectors[0].rules[0];
  EXPECT_TRUE(rule.skip_result);
  EXPECT_FALSE(rule.skip_update);
  EXPECT_EQ(rule.conditions[0].value, 350);
  EXPECT_EQ(rule.conditions[0].comparison, DetectorRule::Comparison::kLess);
}

TEST(MlJobTest, HalfARuleIsNoRule) {
  const Compiled compiled = Compile(JobOf(
      R"({"function": "count", "custom_rules": [{"actions": ["skip_result"],
          "scope": {"user.name": {"filter_id": "admins"}}}]})"));
  EXPECT_EQ(compiled.codes, " T704");
  EXPECT_TRUE(compiled.job->detectors[0].rules.empty());
}

TEST(MlJobTest, WhatIsWrongIsSaidByItsCode) {
  EXPECT_EQ(Compile("[]").codes, " T700");
  EXPECT_EQ(Compile(R"({"analysis_config": {"bucket_span": "15m"}})").codes,
            " T700");
  EXPECT_EQ(Compile(JobOf(R"({"by_field_name": "a"})")).codes, " T700");
  EXPECT_EQ(Compile(JobOf(R"({"function": "count"})", R"("latency": "soon", )"))
                .codes,
            " T701");
  EXPECT_EQ(Compile(JobOf(R"({"function": "lat_long"})")).codes, " T702");
  EXPECT_EQ(Compile(JobOf(R"({"function": "freq_rare",
                              "by_field_name": "a"})"))
                .codes,
            " T703");
  EXPECT_EQ(Compile(JobOf(R"({"function": "high_sum"})")).codes, " T703");
  EXPECT_EQ(Compile(JobOf(R"({"function": "count", "field_name": "a"})")).codes,
            " T703");
}

TEST(MlJobTest, ABadJobIsNone) {
  EXPECT_FALSE(Compile(JobOf(R"({"function": "lat_long"})")).job.has_value());
}

TEST(MlJobTest, TheOrientationOfRareOverIsPointedOut) {
  const Compiled compiled =
      Compile(JobOf(R"({"function": "rare", "by_field_name": "user.name",
                "over_field_name": "source.ip"})"));
  EXPECT_EQ(compiled.codes, " T705");
  EXPECT_TRUE(compiled.job.has_value());
}

TEST(MlJobTest, EveryFunctionHasOneLine) {
  for (const std::string_view name : FunctionNames()) {
    EXPECT_EQ(FindFunction(name)->name, name);
  }
  EXPECT_EQ(FindFunction("high_min"), nullptr);
}

TEST(PlanDetectorsTest, AFieldHasOnePlace) {
  const Compiled compiled = Compile(JobOf(
      R"({"function": "rare", "by_field_name": "source.ip",
          "partition_field_name": "user.name"})",
      R"("influencers": ["user.name", "source.ip", "host.name"], )"));
  const program::DetectorJob planned = plan::PlanDetectors(*compiled.job);
  EXPECT_EQ(planned.fields.size(), 3u);
  EXPECT_EQ(planned.fields[planned.detectors[0].by], "source.ip");
  EXPECT_EQ(planned.fields[planned.influencers[2]], "host.name");
  EXPECT_EQ(planned.detectors[0].over, program::kNoField);
}

}  // namespace
}  // namespace tocsin::mljob
