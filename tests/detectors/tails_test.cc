#include "tocsin/detectors/tails.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace tocsin::detectors {
namespace {

TEST(TailsTest, ANormalDeviateIsTheInverseOfItsTail) {
  for (const double p : {0.9, 0.3, 0.05, 1e-3, 1e-10, 1e-200}) {
    EXPECT_NEAR(2 * NormalTail(NormalDeviate(p)) / p, 1, 1e-8) << p;
  }
}

TEST(TailsTest, StudentsTailHasTheValuesOfTheTables) {
  EXPECT_NEAR(StudentTail(2.776445), 0.025, 1e-7);
  EXPECT_NEAR(StudentTail(-2.776445), 0.975, 1e-7);
  EXPECT_NEAR(StudentTail(8.610302), 0.0005, 1e-9);
}

TEST(TailsTest, StudentsFarTailGoesOnWhereItsClosedFormEnds) {
  EXPECT_NEAR(StudentTail(1e6) * 1e24 / 3, 1, 1e-6);
  EXPECT_GT(StudentSurprise(1e20), StudentSurprise(1e10));
  EXPECT_LT(StudentSurprise(1e20, Side::kLow), 1e-9);
}

TEST(TailsTest, APoissonCountHasItsTails) {
  const CountTails tails = CountTailsOf(5, 1, 12);
  EXPECT_NEAR(tails.high, 0.00545309, 1e-8);
  EXPECT_NEAR(tails.low, 0.99798115, 1e-8);
}

TEST(TailsTest, ANegativeBinomialCountHasItsTails) {
  const CountTails tails = CountTailsOf(5, 2, 12);  // Shape 5, success 1/2.
  EXPECT_NEAR(tails.high, 0.03840637, 1e-8);
  EXPECT_NEAR(tails.low, 0.97547913, 1e-8);
}

TEST(TailsTest, AFarTailOfACountIsNotZero) {
  EXPECT_LT(CountTailsOf(5, 1, 200).high, 1e-200);
  EXPECT_GE(CountTailsOf(5, 1, 1e6).high, kLeastProbability);
  EXPECT_NEAR(CountTailsOf(500, 1, 0).low * std::exp(500), 1, 1e-6);
}

TEST(TailsTest, NoEventIsNeverTooMany) {
  EXPECT_EQ(CountTailsOf(5, 2, 0).high, 1);
}

TEST(TailsTest, AGammaTailHasTheValuesOfTheTables) {
  EXPECT_NEAR(GammaTail(2.5, 3), 0.30621892, 1e-8);
  EXPECT_NEAR(GammaTail(0.5, 3.841459 / 2), 0.05, 1e-7);  // Chi-square.
}

TEST(TailsTest, OneProbabilityIsJointlyItself) {
  const std::vector<double> one = {0.013};
  EXPECT_NEAR(JointProbability(one), 0.013, 1e-9);
}

TEST(TailsTest, TwoModestProbabilitiesAreJointlySmaller) {
  const std::vector<double> two = {0.01, 0.01};
  EXPECT_NEAR(JointProbability(two), std::exp(-6.634897), 1e-6);
}

TEST(TailsTest, TheLeastOfManyIsLessSpecial) {
  EXPECT_NEAR(ExtremeProbability(0.01, 10), 1 - std::pow(0.99, 10), 1e-12);
  EXPECT_NEAR(ExtremeProbability(1e-20, 10) / 1e-19, 1, 1e-9);
}

}  // namespace
}  // namespace tocsin::detectors
