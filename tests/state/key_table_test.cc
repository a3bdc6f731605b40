#include "src/state/key_table.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace tocsin::state {
namespace {

uint64_t Spread(uint64_t x) {
  x *= 0x9E3779B97F4A7C15;
  return x ^ (x >> 31);
}

TEST(KeyTableTest, AgreesWithAMapUnderInsertionsAndErasures) {
  Slab slab(size_t{64} << 20);
  KeyTable table(&slab);
  std::unordered_map<uint32_t, uint64_t> values;  // Value to hash.
  std::mt19937 random(1);
  uint32_t next = 1;
  for (int i = 0; i < 60'000; ++i) {
    if (random() % 3 != 0 || values.empty()) {
      const uint64_t hash = Spread(random());
      ASSERT_TRUE(table.Insert(hash, next));
      values.emplace(next++, hash);
    } else {
      const auto [value, hash] = *values.begin();
      uint32_t* found =
          table.Find(hash, [&, v = value](uint32_t x) { return x == v; });
      ASSERT_NE(found, nullptr);
      table.Erase(found);
      values.erase(value);
    }
  }
  EXPECT_EQ(table.size(), values.size());
  for (const auto& [value, hash] : values) {
    const uint32_t* found =
        table.Find(hash, [&, v = value](uint32_t x) { return x == v; });
    ASSERT_NE(found, nullptr);
  }
  size_t visited = 0;
  table.ForEach([&](uint64_t hash, uint32_t value) {
    ++visited;
    EXPECT_EQ(values.at(value), hash);
  });
  EXPECT_EQ(visited, values.size());
}

TEST(KeyTableTest, KeysOfOneHashAreToldApartByTheCaller) {
  Slab slab(size_t{1} << 20);
  KeyTable table(&slab);
  for (uint32_t value = 1; value <= 100; ++value) {
    ASSERT_TRUE(table.Insert(42, value));
  }
  for (uint32_t value = 1; value <= 100; ++value) {
    EXPECT_NE(table.Find(42, [&](uint32_t x) { return x == value; }), nullptr);
  }
  EXPECT_EQ(table.Find(42, [](uint32_t) { return false; }), nullptr);
}

TEST(KeyTableTest, MoreKeysOfOneHashThanASegmentHoldsAreRefused) {
  Slab slab(size_t{8} << 20);
  KeyTable table(&slab);
  uint32_t inserted = 0;
  while (inserted < 1000 && table.Insert(42, inserted + 1)) ++inserted;
  EXPECT_EQ(inserted, 255u);
}

TEST(KeyTableTest, WithoutMemoryInsertionFailsAndNothingIsLost) {
  Slab slab(size_t{64} << 10);
  KeyTable table(&slab);
  uint32_t inserted = 0;
  while (table.Insert(Spread(inserted + 1), inserted + 1)) ++inserted;
  EXPECT_GT(inserted, 500u);
  for (uint32_t value = 1; value <= inserted; ++value) {
    ASSERT_NE(table.Find(Spread(value), [&](uint32_t x) { return x == value; }),
              nullptr);
  }
}

}  // namespace
}  // namespace tocsin::state
