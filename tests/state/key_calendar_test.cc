#include "src/state/key_calendar.h"

#include <gtest/gtest.h>

#include <set>

namespace tocsin::state {
namespace {

TEST(KeyCalendarTest, AKeyComesOutWhenItsTimeHasPassedButNotBefore) {
  Slab slab(size_t{1} << 20);
  KeyCalendar calendar(&slab, 1000);
  for (uint64_t i = 0; i < 500; ++i) {
    ASSERT_TRUE(calendar.Add(i, static_cast<int64_t>(1000 + i)));
  }
  std::set<uint64_t> popped;
  for (int64_t now = 900; now <= 1600; ++now) {
    uint64_t hash = 0;
    while (calendar.PopPassed(now, &hash)) {
      EXPECT_LT(static_cast<int64_t>(1000 + hash), now);
      EXPECT_TRUE(popped.insert(hash).second);
    }
  }
  EXPECT_EQ(popped.size(), 500u);
}

TEST(KeyCalendarTest, TheFirstIsOfTheFirstSlice) {
  Slab slab(size_t{1} << 20);
  KeyCalendar calendar(&slab, 1'000'000);
  calendar.Add(3, 900'000);
  calendar.Add(1, 1000);
  calendar.Add(2, 500'000);
  uint64_t hash = 0;
  ASSERT_TRUE(calendar.PopFirst(&hash));
  EXPECT_NE(hash, 2u);
  ASSERT_TRUE(calendar.PopFirst(&hash));
  ASSERT_TRUE(calendar.PopFirst(&hash));
  EXPECT_FALSE(calendar.PopFirst(&hash));
}

TEST(KeyCalendarTest, TheLastSliceEndsWithTime) {
  Slab slab(size_t{1} << 20);
  KeyCalendar calendar(&slab, 1'000'000);
  ASSERT_TRUE(calendar.Add(1, INT64_MAX));
  EXPECT_EQ(calendar.first_end(), INT64_MAX);
}

TEST(KeyCalendarTest, LeapsOfTimeCostNoStepsPerSlice) {
  Slab slab(size_t{1} << 20);
  KeyCalendar calendar(&slab, 1);
  calendar.Add(7, 0);
  uint64_t hash = 0;
  EXPECT_TRUE(calendar.PopPassed(INT64_MAX, &hash));
  EXPECT_FALSE(calendar.PopPassed(INT64_MAX, &hash));
}

}  // namespace
}  // namespace tocsin::state
