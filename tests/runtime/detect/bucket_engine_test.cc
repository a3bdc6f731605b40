#include "src/runtime/detect/bucket_engine.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "src/base/string_map.h"

namespace tocsin::runtime {
namespace {

using program::Detector;
using program::DetectorFunction;

constexpr int64_t kMonday = 1'767'571'200;
constexpr int64_t kSpan = 900;
// Fields of all jobs here.
constexpr uint32_t kUser = 0;
constexpr uint32_t kAddress = 1;
constexpr uint32_t kBytes = 2;

struct Row {
  int64_t time;
  std::string user;
  std::string address;
  double bytes = 0;
};

program::DetectorJob JobOf(Detector detector) {
  program::DetectorJob job;
  job.fields = {"user.name", "source.ip", "bytes"};
  job.detectors.push_back(std::move(detector));
  job.influencers = {kUser, kAddress};
  job.bucket_span = kSpan;
  return job;
}

Detector RareAddressOfUser() {
  return {.function = DetectorFunction::kRare,
          .name = "rare",
          .by = kAddress,
          .partition = kUser};
}

Detector HighCount() {
  return {.function = DetectorFunction::kCount,
          .side = detectors::Side::kHigh,
          .name = "high_count"};
}

// Runs a job over rows; an empty text is a missing field.
class JobRun {
 public:
  explicit JobRun(program::DetectorJob job)
      : job_(std::move(job)),
        engine_(&job_, [this](const AnomalyBucket& bucket) {
          buckets_.push_back(bucket);
        }) {}

  void Add(const Row& row) {
    const DetectCell cells[] = {
        {.text = row.user, .present = !row.user.empty()},
        {.text = row.address, .present = !row.address.empty()},
        {.text = "", .number = row.bytes, .present = true}};
    engine_.Add(row.time, cells);
  }

  BucketEngine& engine() { return engine_; }
  const std::vector<AnomalyBucket>& buckets() {
    engine_.Flush();
    return buckets_;
  }
  std::vector<AnomalyRecord> records() {
    std::vector<AnomalyRecord> all;
    for (const AnomalyBucket& bucket : buckets()) {
      all.insert(all.end(), bucket.records.begin(), bucket.records.end());
    }
    return all;
  }

 private:
  program::DetectorJob job_;
  BucketEngine engine_;
  std::vector<AnomalyBucket> buckets_;
};

// Kim at one address in each of so many buckets.
void AddUsual(int buckets, JobRun* run) {
  for (int i = 0; i < buckets; ++i) {
    run->Add({kMonday + i * kSpan, "kim", "192.0.2.7"});
  }
}

TEST(BucketEngineTest, ABucketHoldsItsBeginningAndNotItsEnd) {
  JobRun run(JobOf(HighCount()));
  run.Add({kMonday, "kim", "192.0.2.7"});
  run.Add({kMonday + kSpan - 1, "kim", "192.0.2.7"});
  run.Add({kMonday + kSpan, "kim", "192.0.2.7"});
  ASSERT_EQ(run.buckets().size(), 2u);
  EXPECT_EQ(run.buckets()[0].timestamp, kMonday);
  EXPECT_EQ(run.buckets()[0].event_count, 2);
  EXPECT_EQ(run.buckets()[1].event_count, 1);
}

TEST(BucketEngineTest, BucketsOfOneSecondHoldTheirSecond) {
  program::DetectorJob job = JobOf(HighCount());
  job.bucket_span = 1;
  JobRun run(std::move(job));
  for (const int second : {5, 7, 7, 7, 9}) {
    run.Add({kMonday + second, "kim", "192.0.2.7"});
  }
  EXPECT_EQ(run.buckets()[1].timestamp, kMonday + 7);
  EXPECT_EQ(run.buckets()[1].event_count, 3);
}

TEST(BucketEngineTest, ANewAddressOfAUserIsRare) {
  JobRun run(JobOf(RareAddressOfUser()));
  AddUsual(1'000, &run);
  run.Add({kMonday + 1'000 * kSpan, "kim", "198.51.100.23"});
  const auto records = run.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].by_field_value, "198.51.100.23");
  EXPECT_EQ(records[0].partition_field_value, "kim");
  EXPECT_TRUE(records[0].by_field_first_occurrence);
  EXPECT_EQ(records[0].one_in_buckets, 1'001);
  EXPECT_GT(records[0].record_score, 60);
  ASSERT_EQ(records[0].influencers.size(), 2u);
  EXPECT_EQ(records[0].influencers[0].values, std::vector<std::string>{"kim"});
}

TEST(BucketEngineTest, AnotherPartitionsValuesDoNotMatter) {
  JobRun run(JobOf(RareAddressOfUser()));
  AddUsual(1'000, &run);
  run.Add({kMonday + 1'000 * kSpan, "lee", "198.51.100.23"});
  EXPECT_TRUE(run.records().empty());
}

TEST(BucketEngineTest, AnEventWithoutItsFieldIsNotOfTheSeries) {
  JobRun run(JobOf(RareAddressOfUser()));
  AddUsual(1'000, &run);
  run.Add({kMonday + 1'000 * kSpan, "kim", ""});
  EXPECT_TRUE(run.records().empty());
}

TEST(BucketEngineTest, WithUseNullAMissingFieldIsAValue) {
  Detector detector = RareAddressOfUser();
  detector.use_null = true;
  JobRun run(JobOf(detector));
  AddUsual(1'000, &run);
  run.Add({kMonday + 1'000 * kSpan, "kim", ""});
  ASSERT_EQ(run.records().size(), 1u);
  EXPECT_EQ(run.records()[0].by_field_value, "");
}

TEST(BucketEngineTest, ABurstIsAHighCount) {
  JobRun run(JobOf(HighCount()));
  AddUsual(500, &run);
  for (int i = 0; i < 80; ++i) {
    run.Add({kMonday + 500 * kSpan + i, "lee", "198.51.100.23"});
  }
  const auto records = run.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].actual, 80);
  EXPECT_NEAR(records[0].typical, 1, 0.2);
  EXPECT_GT(records[0].record_score, 90);
  ASSERT_EQ(records[0].influencers.size(), 2u);
  EXPECT_EQ(records[0].influencers[1].values,
            std::vector<std::string>{"198.51.100.23"});
}

TEST(BucketEngineTest, SilenceIsALowCount) {
  JobRun run(JobOf({.function = DetectorFunction::kCount,
                    .side = detectors::Side::kLow,
                    .name = "low_count",
                    .partition = kUser}));
  for (int i = 0; i < 500; ++i) {
    for (int k = 0; k < 20; ++k) {
      run.Add({kMonday + i * kSpan + k, "kim", "192.0.2.7"});
    }
    run.Add({kMonday + i * kSpan, "lee", "192.0.2.8"});
  }
  // Only Lee goes on.
  for (int i = 500; i < 503; ++i) {
    run.Add({kMonday + i * kSpan, "lee", "192.0.2.8"});
  }
  const auto records = run.records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].partition_field_value, "kim");
  EXPECT_EQ(records[0].actual, 0);
  EXPECT_NEAR(records[0].typical, 20, 1);
}

TEST(BucketEngineTest, SilenceOfAllIsALowCountToo) {
  JobRun run(JobOf({.function = DetectorFunction::kCount,
                    .side = detectors::Side::kLow,
                    .name = "low_count"}));
  for (int i = 0; i < 500; ++i) {
    for (int k = 0; k < 20; ++k) {
      run.Add({kMonday + i * kSpan + k, "kim", "192.0.2.7"});
    }
  }
  run.Add({kMonday + 503 * kSpan, "kim", "192.0.2.7"});
  EXPECT_GE(run.records().size(), 3u);
  EXPECT_EQ(run.buckets()[500].event_count, 0);
}

TEST(BucketEngineTest, WhatIsSeldomIsNotMissed) {
  JobRun run(JobOf({.function = DetectorFunction::kCount,
                    .side = detectors::Side::kBoth,
                    .name = "count",
                    .partition = kUser}));
  for (int i = 0; i < 2'000; ++i) {
    if (i % 50 == 0) run.Add({kMonday + i * kSpan, "kim", "192.0.2.7"});
    run.Add({kMonday + i * kSpan, "lee", "192.0.2.8"});
  }
  for (const AnomalyRecord& record : run.records()) {
    EXPECT_NE(record.actual, 0) << record.partition_field_value;
  }
}

TEST(BucketEngineTest, ALateEventCountsWithinTheLatency) {
  program::DetectorJob job = JobOf(HighCount());
  job.latency = 2 * kSpan;
  JobRun run(std::move(job));
  run.Add({kMonday, "kim", "192.0.2.7"});
  run.Add({kMonday + 2 * kSpan, "kim", "192.0.2.7"});
  run.Add({kMonday + 10, "kim", "192.0.2.7"});
  EXPECT_EQ(run.buckets()[0].event_count, 2);
  EXPECT_EQ(run.engine().stats().late_events, 0);
}

TEST(BucketEngineTest, ALaterOneIsDroppedAndCounted) {
  JobRun run(JobOf(HighCount()));
  run.Add({kMonday, "kim", "192.0.2.7"});
  run.Add({kMonday + kSpan, "kim", "192.0.2.7"});
  run.Add({kMonday + 10, "kim", "192.0.2.7"});
  EXPECT_EQ(run.buckets()[0].event_count, 1);
  EXPECT_EQ(run.engine().stats().late_events, 1);
}

TEST(BucketEngineTest, TheOrderWithinTheLatencyChangesNothing) {
  program::DetectorJob job = JobOf(RareAddressOfUser());
  job.latency = 4 * kSpan;
  JobRun in_order(job);
  JobRun mixed(job);
  std::vector<Row> rows;
  for (int i = 0; i < 800; ++i) {
    rows.push_back(
        {kMonday + i * kSpan / 2, "kim",
         i % 97 == 96 ? "198.51.100." + std::to_string(i % 250) : "192.0.2.7"});
  }
  for (const Row& row : rows) in_order.Add(row);
  for (size_t i = 0; i + 4 <= rows.size(); i += 4) {
    for (const size_t k : {2, 0, 3, 1}) mixed.Add(rows[i + k]);
  }
  const auto expected = in_order.records();
  const auto found = mixed.records();
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_FALSE(found.empty());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].probability, expected[i].probability);
    EXPECT_EQ(found[i].by_field_value, expected[i].by_field_value);
  }
}

TEST(BucketEngineTest, ARowThatWasCountedBeforeStandsForMany) {
  program::DetectorJob job = JobOf(HighCount());
  job.summary_count = kBytes;
  JobRun run(std::move(job));
  run.Add({kMonday, "kim", "192.0.2.7", 30});
  run.Add({kMonday + 1, "kim", "192.0.2.7", 0});
  EXPECT_EQ(run.buckets()[0].event_count, 30);
}

TEST(BucketEngineTest, ARuleLeavesResultsOut) {
  Detector detector = HighCount();
  detector.rules.push_back(
      {.conditions = {{program::DetectorRule::Quantity::kActual,
                       program::DetectorRule::Comparison::kLess, 100}}});
  JobRun run(JobOf(detector));
  AddUsual(500, &run);
  for (int i = 0; i < 80; ++i) {
    run.Add({kMonday + 500 * kSpan + i, "lee", "198.51.100.23"});
  }
  EXPECT_TRUE(run.records().empty());
}

TEST(BucketEngineTest, ASumOfAPersonIsComparedWithItsPeers) {
  JobRun run(JobOf({.function = DetectorFunction::kSum,
                    .side = detectors::Side::kHigh,
                    .name = "high_sum",
                    .field = kBytes,
                    .over = kUser}));
  for (int i = 0; i < 100; ++i) {
    for (int user = 0; user < 20; ++user) {
      run.Add({kMonday + i * kSpan, "user-" + std::to_string(user), "192.0.2.7",
               1'000.0 + 37 * user + 11 * (i * user % 7)});
    }
  }
  run.Add({kMonday + 100 * kSpan, "new", "192.0.2.9", 5e6});
  run.Add({kMonday + 100 * kSpan, "kim", "192.0.2.9", 1'200});
  const auto records = run.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].over_field_value, "new");
}

TEST(BucketEngineTest, WhoUsesNamesThatNobodyUses) {
  JobRun run(JobOf({.function = DetectorFunction::kRare,
                    .name = "rare",
                    .by = kUser,
                    .over = kAddress}));
  for (int i = 0; i < 200; ++i) {
    run.Add({kMonday + i * kSpan, "guest", "192.0.2." + std::to_string(i)});
  }
  run.Add({kMonday + 200 * kSpan, "root-2", "198.51.100.23"});
  const auto records = run.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].over_field_value, "198.51.100.23");
  EXPECT_EQ(records[0].by_field_value, "root-2");
}

TEST(BucketEngineTest, AnUnusualHourIsFound) {
  JobRun run(JobOf({.function = DetectorFunction::kTimeOfDay,
                    .name = "time_of_day",
                    .by = kUser}));
  for (int day = 0; day < 200; ++day) {
    run.Add({kMonday + day * 86'400 + 9 * 3'600, "kim", "192.0.2.7"});
  }
  run.Add({kMonday + 200 * 86'400 + 3 * 3'600, "kim", "192.0.2.7"});
  const auto records = run.records();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].actual, 3 * 3'600);
}

TEST(BucketEngineTest, PastTheMemoryLimitNewSeriesAreRefusedAndCounted) {
  program::DetectorJob job = JobOf(RareAddressOfUser());
  job.memory_limit = 100'000;
  JobRun run(job);
  for (int i = 0; i < 5'000; ++i) {
    run.Add({kMonday + i * kSpan / 10, "kim", "value-" + std::to_string(i)});
  }
  run.buckets();
  EXPECT_LE(run.engine().memory(), 100'000u);
  EXPECT_GT(run.engine().stats().refused_series, 1'000);
}

TEST(BucketEngineTest, WhatIsSilentForLongIsForgotten) {
  program::DetectorJob job = JobOf(RareAddressOfUser());
  job.prune_window = 100 * kSpan;
  JobRun run(job);
  for (int i = 0; i < 5'000; ++i) {
    run.Add({kMonday + i * kSpan, "user-" + std::to_string(i), "192.0.2.7"});
  }
  run.buckets();
  EXPECT_LT(run.engine().memory(), 200 * 2'000u);
}

TEST(BucketEngineTest, AStampFarAheadCostsNoTime) {
  JobRun run(JobOf({.function = DetectorFunction::kCount,
                    .side = detectors::Side::kLow,
                    .name = "low_count"}));
  for (int i = 0; i < 100; ++i) run.Add({kMonday + i, "kim", "192.0.2.7"});
  run.Add({int64_t{1} << 39, "kim", "192.0.2.7"});
  run.Add({INT64_MAX, "kim", "192.0.2.7"});
  run.Add({INT64_MIN, "kim", "192.0.2.7"});
  run.buckets();
  EXPECT_EQ(run.engine().stats().untimely_events, 2);
}

}  // namespace
}  // namespace tocsin::runtime
