#include "tocsin/detectors/rarity.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/detectors/save_and_load.h"

namespace tocsin::detectors {
namespace {

using Users = Rarity<std::string>;

// Buckets of `kim` alone.
Users Usual(int buckets) {
  Users users;
  for (int i = 0; i < buckets; ++i) {
    users.Add("kim", i);
    users.CloseBucket();
  }
  return users;
}

TEST(RarityTest, ANewValueIsAsRareAsHistoryIsLong) {
  for (const int buckets : {20, 100, 1'000}) {
    Users users = Usual(buckets);
    users.Add("lee", buckets);
    const Rare rare = users.Find("lee");
    EXPECT_TRUE(rare.first_occurrence);
    EXPECT_NEAR(rare.probability * (users.weight()), 1, 0.1) << buckets;
  }
}

TEST(RarityTest, ManyNewValuesAreNothingSpecial) {
  Users users;
  for (int i = 0; i < 100; ++i) {
    users.Add("new-" + std::to_string(i), i);
    users.CloseBucket();
  }
  users.Add("another", 100);
  EXPECT_GT(users.Find("another").probability, 0.3);
}

TEST(RarityTest, AValueCountsOnceABucket) {
  Users once = Usual(50);
  Users often = Usual(50);
  once.Add("lee", 50);
  for (int i = 0; i < 10; ++i) often.Add("lee", 50);
  EXPECT_EQ(once.Find("lee").probability, often.Find("lee").probability);
}

TEST(RarityTest, AUsualValueIsNotRare) {
  Users users = Usual(50);
  users.Add("kim", 50);
  EXPECT_EQ(users.Find("kim").probability, 1);
  EXPECT_FALSE(users.Find("kim").first_occurrence);
}

TEST(RarityTest, SaysOneInHowManyBuckets) {
  Users users = Usual(99);
  users.Add("lee", 99);
  EXPECT_EQ(users.Find("lee").one_in, 100);
  EXPECT_NEAR(users.Find("lee").relative_rarity, 49, 2);
}

TEST(RarityTest, AForgottenValueIsNewAgain) {
  Users users;
  users.Add("lee", 0);
  users.CloseBucket();
  for (int i = 1; i < 50; ++i) {
    users.Add("kim", i);
    users.CloseBucket();
  }
  users.Prune(10);
  EXPECT_EQ(users.size(), 1u);
  users.Add("lee", 50);
  EXPECT_TRUE(users.Find("lee").first_occurrence);
}

TEST(RarityTest, AValueComesBackAsTheSecondTime) {
  Users users = Usual(50);
  users.Add("lee", 50);
  const double first = users.Find("lee").probability;
  users.CloseBucket();
  users.Add("lee", 51);
  EXPECT_FALSE(users.Find("lee").first_occurrence);
  EXPECT_GT(users.Find("lee").probability, 1.5 * first);
}

TEST(RarityTest, FadesByItsBucketsThatHadValues) {
  // A year of quarter hours: what is over 29 days old counts less than half.
  Users users = Usual(35'000);
  EXPECT_NEAR(users.weight(), 1 / (1 - std::exp(-0.00025)), 10);
}

TEST(RarityTest, StaysRightOverCenturies) {
  Rarity<uint64_t> values({.bucket_span = std::chrono::hours(1)});
  for (int64_t bucket = 0; bucket < 400'000; ++bucket) {
    values.Add(bucket % 7, bucket);
    values.CloseBucket();
  }
  values.Add(99, 400'000);
  EXPECT_NEAR(values.Find(99).probability * values.weight(), 1, 0.2);
}

TEST(RarityTest, TakesLessThan256BytesAValue) {
  Rarity<uint64_t> values;
  for (uint64_t i = 0; i < 10'000; ++i) {
    values.Add(MixBits(i), static_cast<int64_t>(i / 10));
    if (i % 10 == 9) values.CloseBucket();
  }
  EXPECT_LT(values.memory() / values.size(), 100u);
}

TEST(RarityTest, GoesOnAfterSaveAndLoad) {
  Users users;
  for (int i = 0; i < 300; ++i) {
    users.Add("user-" + std::to_string(i % 17 * (i % 5)), i);
    if (i % 3 == 0) users.CloseBucket();
  }
  users.CloseBucket();
  Users loaded = SavedAndLoaded(users);
  users.Add("user-4", 301);
  loaded.Add("user-4", 301);
  EXPECT_NEAR(
      loaded.Find("user-4").probability / users.Find("user-4").probability, 1,
      1e-9);
}

TEST(PopulationRarityTest, AValueThatOnePersonShowsIsRare) {
  PopulationRarity<std::string> users;
  for (uint64_t address = 0; address < 100; ++address) {
    users.Add("kim", MixBits(address));
  }
  users.Add("lee", MixBits(7));
  EXPECT_EQ(users.ProbabilityOf("kim"), 1);
  EXPECT_NEAR(users.ProbabilityOf("lee") * 101, 1, 0.1);
}

TEST(PopulationRarityTest, ManyOfOnePersonAreStillOne) {
  PopulationRarity<std::string> users;
  for (int i = 0; i < 100; ++i) {
    users.Add("kim", MixBits(1));
    users.Add("lee", MixBits(2));
  }
  EXPECT_EQ(users.weight(), 2);
}

TEST(PopulationRarityTest, APersonsValuesAreJoined) {
  PopulationRarity<std::string> users;
  for (uint64_t address = 0; address < 100; ++address) {
    users.Add("kim", MixBits(address));
  }
  users.Add("lee", MixBits(7));
  users.Add("ann", MixBits(7));
  const double one = users.Probability(std::vector<std::string>{"lee"});
  const double both = users.Probability(std::vector<std::string>{"lee", "ann"});
  EXPECT_LT(both, one);
  const double with_usual =
      users.Probability(std::vector<std::string>{"lee", "kim"});
  EXPECT_GT(with_usual, one);
}

TEST(PopulationRarityTest, FreqRareCountsWhatAPersonOftenShows) {
  using Population = PopulationRarity<std::string>;
  EXPECT_EQ(Population::FrequentWeight(1, 3), 1);
  EXPECT_NEAR(Population::FrequentWeight(0.1, 1), 0.1, 1e-12);
  EXPECT_NEAR(Population::WeightedJoint({{0.01, 1}}), 0.01, 1e-9);
  EXPECT_EQ(Population::WeightedJoint({{0.01, 0}}), 1);
}

TEST(PopulationRarityTest, GoesOnAfterSaveAndLoad) {
  PopulationRarity<std::string> users;
  for (uint64_t i = 0; i < 200; ++i) {
    users.Add(i % 3 == 0 ? "kim" : "lee", MixBits(i % 50), i / 10);
  }
  EXPECT_EQ(SavedAndLoaded(users).ProbabilityOf("kim"),
            users.ProbabilityOf("kim"));
}

}  // namespace
}  // namespace tocsin::detectors
