// A job that is saved at any bucket and goes on elsewhere finds the same.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/runtime/detect/bucket_engine.h"
#include "tocsin/detectors/state_bytes.h"

namespace tocsin::runtime {
namespace {

using detectors::Side;
using program::Detector;
using program::DetectorFunction;

constexpr int64_t kMonday = 1'767'571'200;
constexpr int64_t kSpan = 900;

// A detector of each kind of state.
program::DetectorJob JobOfAll() {
  program::DetectorJob job;
  job.fields = {"user.name", "source.ip", "bytes"};
  job.influencers = {0, 1};
  job.bucket_span = kSpan;
  job.latency = kSpan;
  job.prune_window = 400 * kSpan;
  const auto add = [&](Detector detector) {
    job.detectors.push_back(std::move(detector));
  };
  add({.function = DetectorFunction::kRare, .by = 1, .partition = 0});
  add({.function = DetectorFunction::kRare, .by = 0});
  add({.function = DetectorFunction::kRare, .by = 0, .over = 1});
  add({.function = DetectorFunction::kFreqRare, .by = 0, .over = 1});
  add({.function = DetectorFunction::kCount, .side = Side::kHigh, .by = 1});
  add({.function = DetectorFunction::kCount,
       .side = Side::kLow,
       .partition = 0});
  add({.function = DetectorFunction::kDistinctCount,
       .field = 1,
       .partition = 0});
  add({.function = DetectorFunction::kInfoContent, .field = 1, .over = 0});
  add({.function = DetectorFunction::kSum,
       .side = Side::kHigh,
       .field = 2,
       .over = 0,
       .exclude_frequent_over = true});
  add({.function = DetectorFunction::kMedian, .field = 2, .by = 0});
  add({.function = DetectorFunction::kMean, .field = 2});
  add({.function = DetectorFunction::kTimeOfDay, .by = 0});
  add({.function = DetectorFunction::kTimeOfWeek, .by = 0});
  return job;
}

std::string TextOf(const AnomalyBucket& bucket) {
  std::string text = std::to_string(bucket.timestamp) + " " +
                     std::to_string(bucket.event_count) + " " +
                     std::to_string(bucket.anomaly_score) + "\n";
  for (const AnomalyRecord& record : bucket.records) {
    text += "  " + std::to_string(record.detector_index) + " " +
            record.partition_field_value + " " + record.over_field_value + " " +
            record.by_field_value + " " + std::to_string(record.record_score) +
            " " + std::to_string(record.actual) + " " +
            std::to_string(record.typical) + " " +
            std::to_string(record.multi_bucket_impact);
    for (const Influence& influence : record.influencers) {
      for (const std::string& value : influence.values) text += " " + value;
    }
    text += "\n";
  }
  return text;
}

struct Row {
  int64_t time;
  std::string user;
  std::string address;
  double bytes;
};

std::vector<Row> Rows(int count) {
  std::mt19937 random(7);
  std::vector<Row> rows;
  int64_t time = kMonday;
  for (int i = 0; i < count; ++i) {
    time += static_cast<int64_t>(random() % 300);
    if (random() % 500 == 0) time += 40 * kSpan;
    const uint32_t user = random() % 12;
    rows.push_back(
        {time - static_cast<int64_t>(random() % kSpan),
         "u" + std::to_string(random() % 60 == 0 ? 20 + i : user),
         "192.0.2." +
             std::to_string(random() % 20 == 0 ? random() % 250 : user),
         static_cast<double>(random() % 90 == 0 ? 1'000'000
                                                : random() % 1'000)});
  }
  return rows;
}

void Feed(const Row& row, BucketEngine* engine) {
  const DetectCell cells[] = {
      {.text = row.user, .present = true},
      {.text = row.address, .present = true},
      {.text = "1", .number = row.bytes, .present = true}};
  engine->Add(row.time, cells);
}

std::string Saved(const BucketEngine& engine) {
  std::string bytes;
  detectors::StateWriter out(&bytes);
  engine.Save(&out);
  return bytes;
}

TEST(BucketStateTest, ARestartAtAnyTimeChangesNothing) {
  const program::DetectorJob job = JobOfAll();
  const std::vector<Row> rows = Rows(3'000);
  std::string expected;
  BucketEngine whole(
      &job, [&](const AnomalyBucket& bucket) { expected += TextOf(bucket); });
  for (const Row& row : rows) Feed(row, &whole);
  ASSERT_GT(whole.stats().records, 50);

  std::string found;
  const auto report = [&](const AnomalyBucket& bucket) {
    found += TextOf(bucket);
  };
  auto engine = std::make_unique<BucketEngine>(&job, report);
  for (size_t i = 0; i < rows.size(); ++i) {
    Feed(rows[i], engine.get());
    if (i % 97 != 0) continue;
    const std::string bytes = Saved(*engine);
    auto next = std::make_unique<BucketEngine>(&job, report);
    detectors::StateReader in(bytes);
    ASSERT_TRUE(next->Load(&in)) << i;
    EXPECT_EQ(in.remaining(), 0u);
    EXPECT_TRUE(Saved(*next) == bytes) << i;
    EXPECT_EQ(next->memory(), engine->memory()) << i;
    engine = std::move(next);
  }
  EXPECT_EQ(found, expected);
  EXPECT_EQ(engine->stats().records, whole.stats().records);
  // Not EXPECT_EQ: it would print all of both.
  EXPECT_TRUE(Saved(*engine) == Saved(whole));
}

TEST(BucketStateTest, BytesThatWereCutOrChangedDoNoHarm) {
  const program::DetectorJob job = JobOfAll();
  BucketEngine engine(&job, [](const AnomalyBucket&) {});
  for (const Row& row : Rows(300)) Feed(row, &engine);
  const std::string bytes = Saved(engine);
  std::mt19937 random(11);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = bytes;
    if (i % 2 == 0) {
      damaged.resize(random() % damaged.size());
    } else {
      for (int k = 0; k < 4; ++k) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
    }
    BucketEngine other(&job, [](const AnomalyBucket&) {});
    detectors::StateReader in(damaged);
    if (!other.Load(&in)) continue;
    for (const Row& row : Rows(50)) Feed(row, &other);
    other.Flush();
  }
}

}  // namespace
}  // namespace tocsin::runtime
