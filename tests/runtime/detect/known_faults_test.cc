// What was wrong with other engines for unusual events once: each with the
// right answer.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/runtime/detect/bucket_engine.h"

namespace tocsin::runtime {
namespace {

using detectors::Side;
using program::Detector;
using program::DetectorFunction;

constexpr int64_t kMonday = 1'767'571'200;
constexpr int64_t kSpan = 900;

struct OneJob {
  explicit OneJob(Detector detector, size_t memory = size_t{512} << 20,
                  int64_t latency = 0, int64_t prune = 0)
      : job{.fields = {"user.name", "source.ip", "bytes"},
            .detectors = {std::move(detector)},
            .influencers = {0, 1},
            .bucket_span = kSpan,
            .latency = latency,
            .prune_window = prune,
            .memory_limit = memory} {}

  void Add(int64_t second, const std::string& user, const std::string& address,
           double bytes = 0) {
    const DetectCell cells[] = {
        {.text = user, .present = true},
        {.text = address, .present = true},
        {.text = "1", .number = bytes, .present = true}};
    engine.Add(kMonday + second, cells);
  }

  program::DetectorJob job;
  std::vector<AnomalyRecord> records;
  BucketEngine engine{&job, [this](const AnomalyBucket& bucket) {
                        records.insert(records.end(), bucket.records.begin(),
                                       bucket.records.end());
                      }};
};

TEST(KnownFaultsTest, ManyPassingPeopleTakeNoMemoryEach) {
  OneJob run({.function = DetectorFunction::kSum,
              .side = Side::kHigh,
              .field = 2,
              .over = 0});
  for (int i = 0; i < 100'000; ++i) {
    run.Add(i / 100 * kSpan, "passer-" + std::to_string(i), "192.0.2.7", 5);
  }
  EXPECT_LT(run.engine.memory(), 200'000u);
}

TEST(KnownFaultsTest, MemoryThatIsFreeAgainIsTakenAgain) {
  OneJob run({.function = DetectorFunction::kRare, .by = 0}, 60'000, 0,
             100 * kSpan);
  for (int i = 0; i < 2'000; ++i) {
    run.Add(0, "user-" + std::to_string(i), "192.0.2.7");
  }
  run.Add(kSpan, "kim", "192.0.2.7");
  const int64_t refused = run.engine.stats().refused_series;
  EXPECT_GT(refused, 0);
  // They are forgotten.
  for (int i = 2; i < 400; ++i) run.Add(i * kSpan, "kim", "192.0.2.7");
  EXPECT_LT(run.engine.memory(), 5'000u);
  for (int i = 0; i < 100; ++i) {
    run.Add(400 * kSpan, "other-" + std::to_string(i), "192.0.2.7");
  }
  run.engine.Flush();
  EXPECT_EQ(run.engine.stats().refused_series, refused);
}

TEST(KnownFaultsTest, AnInfluenceIsByTheEventsOfEachValue) {
  OneJob run(
      {.function = DetectorFunction::kMean, .side = Side::kHigh, .field = 2});
  for (int i = 0; i < 300; ++i) run.Add(i * kSpan, "kim", "192.0.2.7", 10);
  for (int k = 0; k < 10; ++k) {
    run.Add(300 * kSpan + k, "kim", "192.0.2.7", 5'000);
  }
  run.Add(300 * kSpan + 20, "lee", "192.0.2.7", 5'000);
  run.engine.Flush();
  ASSERT_EQ(run.records.size(), 1u);
  EXPECT_EQ(run.records[0].influencers[0].values,
            std::vector<std::string>{"kim"});
}

TEST(KnownFaultsTest, SilenceIsDueToWhoIsSilent) {
  OneJob run({.function = DetectorFunction::kCount, .side = Side::kLow});
  for (int i = 0; i < 300; ++i) {
    for (int k = 0; k < 30; ++k) {
      run.Add(i * kSpan + k, "kim", "192.0.2." + std::to_string(k));
    }
  }
  run.Add(302 * kSpan, "lee", "192.0.2.7");
  ASSERT_GE(run.records.size(), 1u);
  EXPECT_EQ(run.records[0].actual, 0);
  ASSERT_EQ(run.records[0].influencers.size(), 1u);
  EXPECT_EQ(run.records[0].influencers[0].values,
            std::vector<std::string>{"kim"});
}

TEST(KnownFaultsTest, EventsThatComeLateAreNotMissing) {
  // Of each bucket the second half comes twenty minutes late.
  const auto lows = [](int64_t latency) {
    OneJob run({.function = DetectorFunction::kCount, .side = Side::kLow},
               size_t{512} << 20, latency);
    std::vector<std::pair<int64_t, int64_t>> rows;  // Arrival, time.
    for (int64_t i = 0; i < 400; ++i) {
      for (int64_t k = 0; k < 30; ++k) {
        const int64_t time = i * kSpan + k * 30;
        const bool is_late = i >= 390 && k >= 3;
        rows.emplace_back(is_late ? time + 1'200 : time, time);
      }
    }
    std::stable_sort(rows.begin(), rows.end());
    for (const auto& [arrival, time] : rows) run.Add(time, "kim", "192.0.2.7");
    run.engine.Flush();
    return std::pair(run.records.size(), run.engine.stats().late_events);
  };
  EXPECT_GT(lows(0).first, 0u);
  EXPECT_GT(lows(0).second, 0);
  EXPECT_EQ(lows(1'200), std::pair(size_t{0}, int64_t{0}));
}

TEST(KnownFaultsTest, ASecondSpikeAfterLongQuietIsSeenToo) {
  OneJob run({.function = DetectorFunction::kCount, .side = Side::kHigh});
  for (int64_t i = 0; i < 3'000; ++i) {
    const int events = i == 1'500 || i == 2'900 ? 200 : 5;
    for (int k = 0; k < events; ++k) run.Add(i * kSpan + k, "kim", "192.0.2.7");
  }
  run.engine.Flush();
  ASSERT_EQ(run.records.size(), 2u);
  EXPECT_LE(run.records[1].record_score, run.records[0].record_score);
  EXPECT_GT(run.records[1].record_score, 50);
}

TEST(KnownFaultsTest, NothingAfterNothingIsNoDrop) {
  OneJob run({.function = DetectorFunction::kCount, .side = Side::kBoth});
  for (int64_t i = 0; i < 2'000; i += 200)
    run.Add(i * kSpan, "kim", "192.0.2.7");
  run.engine.Flush();
  for (const AnomalyRecord& record : run.records) EXPECT_NE(record.actual, 0);
}

}  // namespace
}  // namespace tocsin::runtime
