#include "tocsin/detectors/bucket_values.h"

#include <cmath>

#include "gtest/gtest.h"

namespace tocsin::detectors {
namespace {

TEST(BucketMomentsTest, KnowsSumMeanExtremesAndVariance) {
  BucketMoments values;
  for (const double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) {
    values.Add(value);
  }
  EXPECT_EQ(values.Count(), 8);
  EXPECT_EQ(values.Sum(), 40);
  EXPECT_EQ(values.Mean(), 5);
  EXPECT_EQ(values.Min(), 2);
  EXPECT_EQ(values.Max(), 9);
  EXPECT_EQ(values.Variance(), 4);
}

TEST(BucketMomentsTest, ASumLosesNothingToAGreatOne) {
  BucketMoments values;
  for (const double value : {1.0, 1e100, 1.0, -1e100}) values.Add(value);
  EXPECT_EQ(values.Sum(), 2);
}

TEST(BucketMomentsTest, AVarianceIsRightWhereTheMeanIsGreat) {
  BucketMoments values;
  for (const double value : {4.0, 7.0, 13.0, 16.0}) values.Add(1e9 + value);
  EXPECT_EQ(values.Variance(), 22.5);
}

TEST(BucketMomentsTest, ARowThatStandsForManyCountsAsMany) {
  BucketMoments values;
  values.Add(10, 3);
  values.Add(2);
  EXPECT_EQ(values.Count(), 4);
  EXPECT_EQ(values.Sum(), 32);
  EXPECT_EQ(values.Mean(), 8);
  EXPECT_EQ(values.Variance(), 12);
}

TEST(BucketMomentsTest, AValueThatIsNoNumberIsNotTaken) {
  BucketMoments values;
  values.Add(std::nan(""));
  values.Add(HUGE_VAL);
  EXPECT_TRUE(values.empty());
  EXPECT_EQ(values.Sum(), 0);
}

TEST(BucketSampleTest, KnowsTheMedian) {
  BucketSample values;
  for (const double value : {5.0, 1.0, 3.0}) values.Add(value);
  EXPECT_EQ(values.Median(), 3);
  values.Add(4);
  EXPECT_EQ(values.Median(), 3.5);
}

TEST(BucketSampleTest, AMedianOfManyIsThatOfEvenlySpacedOnes) {
  BucketSample values(100);
  for (int i = 0; i < 100'000; ++i) values.Add(i * 7'919 % 100'000);
  EXPECT_NEAR(values.Median(), 50'000, 5'000);
}

TEST(BucketTextsTest, TheOrderOfEventsDoesNotMatter) {
  const auto length = [](std::string_view text) { return text.size(); };
  BucketTexts texts;
  for (const char* text : {"b", "a", "b"}) texts.Add(text);
  EXPECT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts.InfoContent(length), 2);
  EXPECT_EQ(texts.InfoContent(
                [](std::string_view text) { return text == "ab" ? 1 : 0; }),
            1);
}

TEST(BucketTextsTest, HoldsNoMoreThanItMay) {
  BucketTexts texts(10);
  texts.Add("0123456789");
  EXPECT_FALSE(texts.truncated());
  texts.Add("x");
  EXPECT_TRUE(texts.truncated());
  EXPECT_EQ(texts.size(), 1u);
}

}  // namespace
}  // namespace tocsin::detectors
