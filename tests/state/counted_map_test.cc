#include "src/state/counted_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tocsin::state {
namespace {

TEST(CountedMapTest, CountsDifferentHashesAsAMapDoes) {
  Slab slab(size_t{8} << 20);
  CountedMap map;
  std::map<uint64_t, int> counts;
  std::mt19937_64 random(1);
  for (int i = 0; i < 50'000; ++i) {
    const uint64_t hash = (random() % 700 + 1) * 0x9E3779B97F4A7C15;
    if (random() % 2 == 0) {
      ASSERT_TRUE(map.Add(&slab, hash));
      ++counts[hash];
    } else {
      map.Remove(&slab, hash);
      const auto found = counts.find(hash);
      if (found != counts.end() && --found->second == 0) counts.erase(found);
    }
    ASSERT_EQ(map.size, counts.size());
  }
  map.Clear(&slab);
  EXPECT_EQ(slab.bytes_used(), 0u);
}

TEST(CountedMapTest, WithoutMemoryNothingChanges) {
  Slab slab(size_t{32} << 10);
  CountedMap map;
  uint64_t added = 0;
  while (map.Add(&slab, (added + 1) * 0x9E3779B97F4A7C15)) ++added;
  EXPECT_EQ(map.size, added);
  map.Remove(&slab, 0x9E3779B97F4A7C15);
  EXPECT_EQ(map.size, added - 1);
}

}  // namespace
}  // namespace tocsin::state
