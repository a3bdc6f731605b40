#include "tocsin/detectors/score.h"

#include "gtest/gtest.h"
#include "tests/detectors/save_and_load.h"

namespace tocsin::detectors {
namespace {

TEST(ScoreTest, AProbabilityCapsItsScore) {
  EXPECT_EQ(AbsoluteScore(0.05), 0);
  EXPECT_NEAR(AbsoluteScore(1e-2), 29.6, 0.1);
  EXPECT_NEAR(AbsoluteScore(1e-3), 64.8, 0.1);
  EXPECT_NEAR(AbsoluteScore(1e-4), 100, 1e-9);
  EXPECT_EQ(AbsoluteScore(0), 100);
}

TEST(ScoreTest, ARawScoreHasThreePieces) {
  EXPECT_EQ(RawScore(0.05), 0);
  EXPECT_NEAR(RawScore(1e-4), 1, 1e-9);
  EXPECT_NEAR(RawScore(1e-50), 50, 1e-9);
  EXPECT_EQ(RawScore(1e-300), 100);
}

TEST(ScoreMapTest, TheFirstResultHasTheScoreOfItsProbability) {
  EXPECT_EQ(ScoreMap().Score(1e-3), AbsoluteScore(1e-3));
}

TEST(ScoreMapTest, WhatHappensEveryDayScoresLow) {
  ScoreMap noisy;
  ScoreMap quiet;
  for (int i = 0; i < 1'000; ++i) {
    noisy.Learn(i % 10 == 0 ? 1e-4 : 0.5);
    quiet.Learn(0.5);
  }
  EXPECT_LT(noisy.Score(1e-4), 5);
  EXPECT_GT(quiet.Score(1e-4), 99);
}

TEST(ScoreMapTest, AResultIsMeasuredAgainstTheGreatest) {
  ScoreMap map;
  map.Learn(1e-100);
  EXPECT_LT(map.Score(1e-4), 3);
  EXPECT_GT(map.Score(1e-120), 99);
}

TEST(ScoreMapTest, AGreaterResultNeverScoresLess) {
  ScoreMap map;
  for (int i = 1; i < 500; ++i) map.Learn(1.0 / i);
  double before = 0;
  for (double p = 0.1; p > 1e-30; p /= 1.3) {
    EXPECT_GE(map.Score(p), before) << p;
    before = map.Score(p);
  }
}

TEST(ScoreMapTest, GoesOnAfterSaveAndLoad) {
  ScoreMap map;
  for (int i = 1; i < 500; ++i) map.Learn(1.0 / i);
  EXPECT_EQ(SavedAndLoaded(map).Score(1e-3), map.Score(1e-3));
}

TEST(MultiBucketImpactTest, LiesBetweenFiveAndMinusFive) {
  EXPECT_EQ(MultiBucketImpact(1e-10, 1), -5);
  EXPECT_EQ(MultiBucketImpact(1, 1e-10), 5);
  EXPECT_EQ(MultiBucketImpact(1e-4, 1e-4), 0);
  EXPECT_EQ(MultiBucketImpact(1, 1), 0);
}

}  // namespace
}  // namespace tocsin::detectors
