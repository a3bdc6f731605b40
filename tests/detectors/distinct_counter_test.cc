#include "tocsin/detectors/distinct_counter.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/detectors/save_and_load.h"

namespace tocsin::detectors {
namespace {

DistinctCounter Of(int values) {
  DistinctCounter counter;
  for (int i = 0; i < values; ++i) {
    counter.Add(HashText("value-" + std::to_string(i)));
  }
  return counter;
}

TEST(DistinctCounterTest, IsExactUpToThirtyTwo) {
  for (int values = 0; values <= 32; ++values) {
    EXPECT_EQ(Of(values).Count(), values);
  }
}

TEST(DistinctCounterTest, IsWithinTenPercentAbove) {
  for (const int values : {33, 100, 1'000, 2'500, 10'000, 100'000}) {
    EXPECT_NEAR(Of(values).Count() / values, 1, 0.1) << values;
  }
}

TEST(DistinctCounterTest, TheSameValueAgainChangesNothing) {
  DistinctCounter counter = Of(1'000);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(counter.Add(HashText("value-" + std::to_string(i))));
  }
  DistinctCounter few = Of(3);
  EXPECT_FALSE(few.Add(HashText("value-2")));
  EXPECT_EQ(few.Count(), 3);
}

TEST(DistinctCounterTest, TakesAKilobyteAtMost) {
  EXPECT_LE(Of(5).memory(), 100u);
  EXPECT_LE(Of(100'000).memory(), 1'100u);
}

TEST(DistinctCounterTest, GoesOnAfterSaveAndLoad) {
  for (const int values : {0, 20, 5'000}) {
    EXPECT_EQ(SavedAndLoaded(Of(values)).Count(), Of(values).Count());
  }
}

TEST(DistinctCounterTest, RefusesHashesThatAreNotInOrder) {
  std::string bytes;
  StateWriter out(&bytes);
  out.Put64(2);
  out.Put64(7);
  out.Put64(7);
  StateReader in(bytes);
  EXPECT_FALSE(DistinctCounter().Load(&in));
}

}  // namespace
}  // namespace tocsin::detectors
