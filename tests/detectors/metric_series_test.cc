#include "tocsin/detectors/metric_series.h"

#include <chrono>
#include <cmath>
#include <numbers>

#include "gtest/gtest.h"
#include "tests/detectors/save_and_load.h"
#include "tocsin/detectors/distinct_counter.h"
#include "tocsin/detectors/score.h"

namespace tocsin::detectors {
namespace {

constexpr std::chrono::sys_seconds kMonday{std::chrono::seconds(1'767'571'200)};
constexpr std::chrono::minutes kQuarter(15);

// Between -1 and 1, without order.
double Noise(int i) {
  return static_cast<double>(MixBits(i) % 2'001) / 1'000 - 1;
}

MetricSeries About(double mean, double spread, int values,
                   Side side = Side::kBoth) {
  MetricSeries series({.side = side});
  for (int i = 0; i < values; ++i) {
    series.Update(mean + spread * Noise(i), kMonday + i * kQuarter);
  }
  return series;
}

TEST(MetricSeriesTest, AValueFarOffIsUnusual) {
  MetricSeries series = About(100, 10, 1'000);
  const Observation seen = series.Update(300, kMonday);
  EXPECT_LT(seen.probability, 1e-4);
  EXPECT_NEAR(seen.typical, 100, 5);
  EXPECT_LT(seen.upper, 140);
}

TEST(MetricSeriesTest, AUsualValueIsNotUnusual) {
  MetricSeries series = About(100, 10, 1'000);
  EXPECT_GT(series.Update(104, kMonday).probability, 0.05);
}

TEST(MetricSeriesTest, OnlyTheSideThatWasAskedForCounts) {
  MetricSeries high = About(100, 10, 1'000, Side::kHigh);
  MetricSeries same = high;
  EXPECT_LT(high.Update(300, kMonday).probability, 1e-4);
  EXPECT_GT(same.Update(-100, kMonday).probability, 0.05);
}

TEST(MetricSeriesTest, TheTimeOfTheDayIsLearned) {
  MetricSeries series;
  const auto usual = [](int i) {
    return 100 + 80 * std::sin(2 * std::numbers::pi * i / 96);
  };
  const int days = 20;
  for (int i = 0; i < 96 * days; ++i) {
    series.Update(usual(i) + 5 * Noise(i), kMonday + i * kQuarter);
  }
  const auto next = kMonday + 96 * days * kQuarter + std::chrono::hours(6);
  EXPECT_NEAR(MetricSeries(series).Update(180, next).typical, 180, 15);
}

TEST(MetricSeriesTest, ALineIsFollowed) {
  MetricSeries series;
  Observation seen;
  for (int day = 1; day <= 60; ++day) {
    seen = series.Update(day, kMonday + std::chrono::hours(24 * day));
  }
  EXPECT_NEAR(seen.typical, 60, 1);
}

TEST(MetricSeriesTest, TheFirstChangeOfAConstantIsMild) {
  MetricSeries series = About(2, 0, 257);
  const Observation seen = series.Update(3, kMonday);
  EXPECT_GT(seen.probability, 1.0 / 300);
  EXPECT_LT(AbsoluteScore(seen.probability), 50);
}

TEST(MetricSeriesTest, ASecondSpikeIsSeenToo) {
  MetricSeries series = About(100, 10, 1'000);
  EXPECT_LT(series.Update(400, kMonday).probability, 1e-4);
  EXPECT_GT(series.Update(100, kMonday).surprise, 0);
  EXPECT_LT(series.Update(400, kMonday).probability, 1e-4);
}

TEST(MetricSeriesTest, ASpikeOfAFewBucketsIsNoTrouble) {
  MetricSeries series = About(100, 10, 150);
  EXPECT_GT(series.Update(500, kMonday).surprise, 10);
}

TEST(MetricSeriesTest, ANewLevelIsLearned) {
  MetricSeries series = About(161, 3, 1'000);
  const Observation first = series.Update(300, kMonday);
  for (int i = 0; i < 300; ++i) {
    series.Update(300 + 3 * Noise(i), kMonday + i * kQuarter);
  }
  const Observation later = series.Update(300, kMonday);
  EXPECT_LT(first.probability, 1e-4);
  EXPECT_GT(later.probability, 1e-3);
}

TEST(MetricSeriesTest, NothingIsUnusualBeforeThereIsHistory) {
  MetricSeries series = About(100, 10, 30);
  EXPECT_EQ(series.Update(1e6, kMonday).probability, 1);
}

TEST(MetricSeriesTest, WhatIsNoNumberIsNotTaken) {
  MetricSeries series = About(100, 10, 300);
  const std::string before = BytesOf(series);
  EXPECT_EQ(series.Update(std::nan(""), kMonday).probability, 1);
  EXPECT_EQ(series.Update(HUGE_VAL, kMonday).surprise, 0);
  EXPECT_EQ(series.Update(-1e31, kMonday).surprise, 0);
  EXPECT_EQ(BytesOf(series), before);
}

TEST(MetricSeriesTest, StaysFiniteWhateverItIsFed) {
  MetricSeries series;
  for (int i = 0; i < 2'000; ++i) {
    const double value =
        std::ldexp(Noise(i), static_cast<int>(MixBits(i) % 90));
    const Observation seen = series.Update(value, kMonday + i * kQuarter);
    ASSERT_TRUE(std::isfinite(seen.surprise) && std::isfinite(seen.typical));
  }
  SavedAndLoaded(series);
}

TEST(MetricSeriesTest, TakesLessThan512Bytes) {
  EXPECT_LE(MetricSeries().memory(), 512u);
}

TEST(MetricSeriesTest, GoesOnAfterSaveAndLoad) {
  MetricSeries series = About(100, 10, 1'000);
  MetricSeries loaded = SavedAndLoaded(series);
  for (int i = 0; i < 100; ++i) {
    const double value = 100 + 30 * Noise(i);
    EXPECT_EQ(loaded.Update(value, kMonday + i * kQuarter).surprise,
              series.Update(value, kMonday + i * kQuarter).surprise);
  }
}

TEST(OnsetTest, OneTroubleIsOneAlert) {
  Onset onset(10);
  EXPECT_EQ(onset.Pass(5), 5);
  EXPECT_EQ(onset.Pass(4), 0);
  EXPECT_EQ(onset.Pass(5), 0);
  EXPECT_EQ(onset.Pass(6), 6);
}

TEST(OnsetTest, AfterAWhileAScoreBeginsAnew) {
  Onset onset(3);
  EXPECT_EQ(onset.Pass(5), 5);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(onset.Pass(1), 0);
  EXPECT_EQ(onset.Pass(4), 4);
}

}  // namespace
}  // namespace tocsin::detectors
