#include "tocsin/detectors/count_model.h"

#include <chrono>
#include <cmath>

#include "gtest/gtest.h"
#include "tests/detectors/save_and_load.h"
#include "tocsin/detectors/distinct_counter.h"

namespace tocsin::detectors {
namespace {

constexpr std::chrono::sys_seconds kMonday{std::chrono::seconds(1'767'571'200)};
constexpr std::chrono::minutes kQuarter(15);

// A count that goes up and down without order, about `mean`.
double Noisy(double mean, int i) {
  const double noise = static_cast<double>(MixBits(i) % 1'000) / 500 - 1;
  return std::round(mean + 1.7 * std::sqrt(mean) * noise);
}

CountModel About(double mean, int buckets, Side side) {
  CountModel model({.side = side});
  for (int i = 0; i < buckets; ++i) {
    model.Update(Noisy(mean, i), kMonday + i * kQuarter);
  }
  return model;
}

TEST(CountModelTest, AUsualCountIsNotUnusual) {
  const CountModel model = About(20, 500, Side::kHigh);
  EXPECT_GT(model.Judge(22, kMonday + 501 * kQuarter).probability, 0.1);
}

TEST(CountModelTest, AHighCountIsUnusual) {
  const CountModel model = About(20, 500, Side::kHigh);
  EXPECT_LT(model.Judge(80, kMonday).probability, 1e-6);
  EXPECT_GT(model.Judge(0, kMonday).probability, 0.99);
}

TEST(CountModelTest, ALowCountIsUnusualOnTheLowSide) {
  const CountModel model = About(50, 500, Side::kLow);
  EXPECT_LT(model.Judge(0, kMonday).probability, 1e-6);
  EXPECT_GT(model.Judge(500, kMonday).probability, 0.99);
}

TEST(CountModelTest, BothSidesAreJudgedWhereNoneIsAskedFor) {
  const CountModel model = About(50, 500, Side::kBoth);
  EXPECT_LT(model.Judge(0, kMonday).probability, 1e-6);
  EXPECT_LT(model.Judge(500, kMonday).probability, 1e-6);
}

TEST(CountModelTest, AYoungSeriesIsJudgedMildly) {
  const CountModel young = About(20, 5, Side::kHigh);
  const CountModel old = About(20, 500, Side::kHigh);
  EXPECT_GT(young.Judge(45, kMonday).probability,
            10 * old.Judge(45, kMonday).probability);
}

TEST(CountModelTest, OfficeHoursAreLearned) {
  CountModel model({.side = Side::kHigh});
  const auto mean = [](int i) {
    const int hour = i / 4 % 24;
    const bool weekend = i / 96 % 7 >= 5;
    return !weekend && hour >= 8 && hour < 18 ? 40.0 : 2.0;
  };
  for (int i = 0; i < 96 * 28; ++i) {
    model.Update(Noisy(mean(i), i), kMonday + i * kQuarter);
  }
  const auto sunday_noon =
      kMonday + 96 * 27 * kQuarter + std::chrono::hours(12);
  const auto monday_noon =
      kMonday + 96 * 28 * kQuarter + std::chrono::hours(12);
  EXPECT_LT(model.Judge(40, sunday_noon).probability, 1e-4);
  EXPECT_GT(model.Judge(40, monday_noon).probability, 0.05);
  EXPECT_NEAR(model.Judge(40, monday_noon).typical, 40, 8);
  EXPECT_NEAR(model.Judge(40, sunday_noon).typical, 2, 2);
}

TEST(CountModelTest, ALongFloodDoesNotSoonBecomeUsual) {
  CountModel model = About(20, 500, Side::kHigh);
  for (int i = 0; i < 8; ++i) model.Update(1'000, kMonday + i * kQuarter);
  EXPECT_LT(model.Judge(1'000, kMonday).probability, 1e-4);
}

TEST(CountModelTest, NoEventsWhereThereNeverWereAnyIsUsual) {
  CountModel model;
  for (int i = 0; i < 100; ++i) model.Update(0, kMonday + i * kQuarter);
  EXPECT_GT(model.Judge(0, kMonday).probability, 0.5);
}

TEST(CountModelTest, ManyEmptyBucketsAtOnceAreAsManyOneByOne) {
  CountModel one_by_one = About(2, 200, Side::kHigh);
  CountModel at_once = one_by_one;
  for (int i = 200; i < 500; ++i) {
    one_by_one.Update(0, kMonday + i * kQuarter);
  }
  at_once.LearnEmpty(300);
  EXPECT_EQ(at_once.seen(), one_by_one.seen());
  EXPECT_NEAR(at_once.Mean(kMonday), one_by_one.Mean(kMonday), 0.2);
}

TEST(CountModelTest, SilenceMattersWhereThereIsUsuallyNone) {
  EXPECT_LT(About(20, 500, Side::kLow).EmptyProbability(), 1e-3);
  EXPECT_GT(About(1, 500, Side::kLow).EmptyProbability(), 0.1);
}

TEST(CountModelTest, ACountThatIsNoneIsNotTaken) {
  CountModel model = About(20, 50, Side::kHigh);
  const std::string before = BytesOf(model);
  model.Update(-1, kMonday);
  model.Update(std::nan(""), kMonday);
  model.Update(HUGE_VAL, kMonday);
  EXPECT_EQ(BytesOf(model), before);
}

TEST(CountModelTest, TimesBeforeTheEpochAreTimes) {
  CountModel model;
  for (int i = 0; i < 100; ++i) {
    model.Update(5, std::chrono::sys_seconds{} - i * kQuarter);
  }
  EXPECT_NEAR(model.Mean(std::chrono::sys_seconds{}), 5, 1e-6);
}

TEST(CountModelTest, TakesLessThan512Bytes) {
  EXPECT_LE(CountModel().memory(), 512u);
}

TEST(CountModelTest, GoesOnAfterSaveAndLoad) {
  const CountModel model = About(20, 500, Side::kHigh);
  EXPECT_EQ(SavedAndLoaded(model).Judge(40, kMonday).probability,
            model.Judge(40, kMonday).probability);
}

}  // namespace
}  // namespace tocsin::detectors
