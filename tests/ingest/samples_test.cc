// The reader over sample files of many formats, where they are there.

#include <iostream>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/runtime/event/event_time.h"
#include "src/runtime/event/event_view.h"
#include "tests/conformance/shared_data.h"
#include "tests/ingest/reading.h"
#include "tocsin/event_reader.h"

namespace tocsin {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SamplesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = conformance::SharedFolder() + "/samples/";
    if (!OpenFile(folder_ + "ndjson_hostile.ndjson").ok()) {
      std::cerr << "SKIPPED, the shared data is not there: samples\n";
      GTEST_SKIP();
    }
  }

  Reading Sample(const std::string& name) {
    auto source = OpenFile(folder_ + name);
    EXPECT_TRUE(source.ok()) << source.status();
    return ReadFrom(*std::move(source));
  }

  std::string folder_;
};

TEST_F(SamplesTest, EveryHostileLineIsAnEventOrALocatedError) {
  const Reading reading = Sample("ndjson_hostile.ndjson");
  // What each line gives; lines 3 and 4 are blank.
  const std::vector<std::vector<std::string>> expected = {
      {"{\"n\":1,"},
      {"{\"n\":2,"},
      {},
      {},
      {"{\"n\":3,"},
      {"{\"n\":4,"},
      {"{\"n\":5,"},
      {"{\"n\":6,"},
      {"error: string is not closed"},
      {"{\"n\":8}", "{\"n\":9}"},
      {"{\"n\":10}", "{\"n\":11}"},
      {"{\"n\":12,"},
      {"{\"n\":13,"},
      {"{\"n\":14,"},
      {"{\"n\":15,"},
      {"{\"n\":16,"},
      {"error: expected a JSON object, found null"},
      {"error: expected a JSON object, found a string"},
      {"{\"n\":17,"},
      {"{\"n\":18,"}};
  size_t step = 0;
  for (size_t line = 0; line < expected.size(); ++line) {
    for (const std::string& start : expected[line]) {
      ASSERT_LT(step, reading.steps.size());
      const std::string& got = reading.steps[step++];
      EXPECT_THAT(got, StartsWith(std::to_string(line + 1) + ":"));
      EXPECT_THAT(got.substr(got.find(' ') + 1), StartsWith(start));
    }
  }
  EXPECT_EQ(step, reading.steps.size());
}

TEST_F(SamplesTest, OfTheHostileEventsTwoAreMalformedAndOneIsRepaired) {
  runtime::EventView view;
  std::vector<std::string> malformed;
  int repaired = 0;
  for (const std::string& step : Sample("ndjson_hostile.ndjson").steps) {
    if (step.find(" error: ") != std::string::npos) continue;
    const runtime::LoadResult loaded = view.Load(
        Event::Json(std::string_view(step).substr(step.find(' ') + 1)));
    repaired += loaded.repaired_utf8;
    if (!loaded.ok()) malformed.emplace_back(loaded.error);
  }
  ASSERT_EQ(malformed.size(), 2u);
  EXPECT_EQ(malformed[0], "expected a JSON value");
  EXPECT_THAT(malformed[1], StartsWith("depth limit"));
  EXPECT_EQ(repaired, 1);
}

TEST_F(SamplesTest, FilesGiveTheirEvents) {
  struct Case {
    const char* name;
    int events;
    int skipped;
  };
  for (const Case& c :
       {Case{"cloudtrail_records.json", 7, 0},
        Case{"cloudtrail_records.json.gz", 7, 0},
        Case{"cloudtrail_digest.json", 0, 1},
        Case{"cloudtrail_eventbridge.json", 1, 0},
        Case{"cloudwatch_logs_concatenated.json", 6, 1},
        Case{"cloudwatch_logs_control_message.json", 0, 1},
        Case{"evtx_nested.jsonl", 3, 0}, Case{"ndjson_events.ndjson", 7, 0},
        Case{"firehose_http_endpoint_request.json", 4, 1},
        Case{"cloudwatch_logs_lambda_event.json", 2, 0},
        Case{"guardduty_finding_eventbridge.json", 1, 0},
        Case{"splunk_hec_events.json", 2, 0}, Case{"zeek_conn.jsonl", 2, 0},
        Case{"suricata_eve.jsonl", 6, 0},
        Case{"osquery_results.jsonl", 3, 0}}) {
    const Reading reading = Sample(c.name);
    EXPECT_EQ(reading.stats.events, c.events) << c.name;
    EXPECT_EQ(reading.stats.skipped, c.skipped) << c.name;
    EXPECT_EQ(reading.stats.errors, 0) << c.name;
  }
}

TEST_F(SamplesTest, CloudWatchMessagesAreUnwrapped) {
  const Reading reading = Sample("cloudwatch_logs_data_message.json");
  EXPECT_GT(reading.stats.events, 0);
  EXPECT_EQ(Sample("cloudwatch_logs_data_message.json.gz").stats.events,
            reading.stats.events);
  for (const std::string& step : reading.steps) {
    EXPECT_THAT(step, HasSubstr("{\"eventVersion\":"));
  }
}

TEST_F(SamplesTest, EveryRecordOfABatchIsAnEventOrALocatedError) {
  const Reading batch = Sample("firehose_transform_event.json");
  EXPECT_EQ(batch.stats.errors, 2);  // Cut gzip, and what is no base64.
  EXPECT_EQ(batch.stats.skipped, 1);
  EXPECT_THAT(batch.steps,
              Contains(HasSubstr("record cannot be read: gzip data ends")));
  EXPECT_THAT(batch.steps,
              Contains(HasSubstr("record cannot be read: it is not base64")));
  const Reading stream = Sample("kinesis_lambda_event.json");
  EXPECT_EQ(stream.stats.errors, 1);
  EXPECT_GT(stream.stats.events, 0);
}

TEST_F(SamplesTest, EveryEventHasATime) {
  runtime::EventView view;
  runtime::EventTimeFinder finder({});
  for (const char* name :
       {"cloudtrail_records.json", "cloudtrail_eventbridge.json",
        "cloudwatch_logs_concatenated.json", "evtx_nested.jsonl",
        "evtx_flat.jsonl", "evtx_winlogbeat.jsonl", "ndjson_events.ndjson",
        "guardduty_finding_eventbridge.json", "splunk_hec_events.json",
        "zeek_conn.jsonl", "suricata_eve.jsonl", "osquery_results.jsonl"}) {
    auto source = OpenFile(folder_ + name);
    ASSERT_TRUE(source.ok());
    EventReader reader(*std::move(source));
    while (reader.Next() == EventReader::kEvent) {
      ASSERT_TRUE(view.Load(Event::Json(reader.event().json)).ok());
      const auto found = finder.In(view);
      ASSERT_TRUE(found.has_value()) << name << " " << reader.event().json;
      EXPECT_THAT(FormatTimestamp(found->time), StartsWith("2026-01-15T1"))
          << name;
    }
  }
}

}  // namespace
}  // namespace tocsin
