#include "tocsin/detectors/time_profile.h"

#include "gtest/gtest.h"
#include "tests/detectors/save_and_load.h"

namespace tocsin::detectors {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::chrono::sys_seconds kMonday{std::chrono::seconds(1'767'571'200)};

// A logon at nine on each of so many days.
TimeProfile AtNine(int days, Cycle cycle) {
  TimeProfile profile(cycle);
  for (int day = 0; day < days; ++day) {
    profile.Update(kMonday + hours(24 * day + 9) + minutes(7 * day % 50));
  }
  return profile;
}

TEST(TimeProfileTest, ATimeOfTheNightIsUnusual) {
  const TimeProfile profile = AtNine(200, Cycle::kDay);
  EXPECT_LT(profile.Probability(kMonday + hours(3)), 0.006);
  EXPECT_GT(profile.Probability(kMonday + hours(9) + minutes(10)), 0.3);
}

TEST(TimeProfileTest, WithoutHistoryNoTimeIsUnusual) {
  EXPECT_EQ(TimeProfile().Probability(kMonday), 1);
  EXPECT_GT(AtNine(3, Cycle::kDay).Probability(kMonday + hours(3)), 0.2);
}

TEST(TimeProfileTest, MidnightIsNoEdge) {
  TimeProfile profile;
  for (int day = 0; day < 100; ++day) {
    profile.Update(kMonday + hours(24 * day) - minutes(1));
  }
  EXPECT_GT(profile.Probability(kMonday + minutes(5)), 0.2);
}

TEST(TimeProfileTest, AWeekHasItsWeekend) {
  TimeProfile profile(Cycle::kWeek);
  for (int day = 0; day < 280; ++day) {
    if (day % 7 < 5) profile.Update(kMonday + hours(24 * day + 9));
  }
  EXPECT_LT(profile.Probability(kMonday + hours(24 * 6 + 9)), 0.006);
  EXPECT_GT(profile.Probability(kMonday + hours(24 * 4 + 9)), 0.2);
}

TEST(TimeProfileTest, KnowsTheUsualTime) {
  const TimeProfile profile = AtNine(100, Cycle::kDay);
  EXPECT_NEAR(static_cast<double>(profile.Typical()), 9 * 3'600 + 900, 1'800);
  EXPECT_EQ(profile.Second(kMonday + hours(9)), 9 * 3'600);
  EXPECT_EQ(TimeProfile(Cycle::kWeek).Second(kMonday + hours(30)), 30 * 3'600);
}

TEST(TimeProfileTest, GoesOnAfterSaveAndLoad) {
  const TimeProfile profile = AtNine(100, Cycle::kWeek);
  EXPECT_EQ(SavedAndLoaded(profile).Probability(kMonday),
            profile.Probability(kMonday));
}

}  // namespace
}  // namespace tocsin::detectors
