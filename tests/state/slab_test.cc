#include "src/state/slab.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace tocsin::state {
namespace {

TEST(SlabTest, PiecesDoNotOverlap) {
  Slab slab(size_t{8} << 20);
  std::mt19937 random(1);
  std::map<Slab::Handle, size_t> pieces;
  for (int i = 0; i < 5000; ++i) {
    const size_t bytes = 1 + random() % (i % 100 == 0 ? 20000 : 300);
    const Slab::Handle handle = slab.Allocate(bytes);
    ASSERT_NE(handle, Slab::kNone);
    ASSERT_TRUE(pieces.emplace(handle, bytes).second);
    std::memset(slab.At(handle), static_cast<int>(handle % 251), bytes);
    if (random() % 3 == 0) {
      slab.Free(pieces.begin()->first, pieces.begin()->second);
      pieces.erase(pieces.begin());
    }
  }
  for (const auto& [handle, bytes] : pieces) {
    for (size_t i = 0; i < bytes; ++i) {
      ASSERT_EQ(static_cast<int>(slab.At(handle)[i]),
                static_cast<int>(handle % 251));
    }
  }
}

TEST(SlabTest, NoMoreThanTheBudgetIsTaken) {
  Slab slab(size_t{1} << 20);
  int pieces = 0;
  while (slab.Allocate(1000) != Slab::kNone) ++pieces;
  EXPECT_GT(pieces, 800);
  EXPECT_LE(slab.bytes_taken(), size_t{1} << 20);
}

TEST(SlabTest, AFreedPieceIsUsedAgain) {
  Slab slab(size_t{1} << 20);
  Slab::Handle handle = slab.Allocate(100);
  const size_t taken = slab.bytes_taken();
  for (int i = 0; i < 100'000; ++i) {
    slab.Free(handle, 100);
    handle = slab.Allocate(100);
  }
  EXPECT_EQ(slab.bytes_taken(), taken);
}

TEST(SlabTest, ALargePieceGivesItsMemoryBack) {
  Slab slab(size_t{64} << 20);
  const Slab::Handle handle = slab.Allocate(size_t{5} << 20);
  ASSERT_NE(handle, Slab::kNone);
  slab.Free(handle, size_t{5} << 20);
  EXPECT_EQ(slab.bytes_taken(), 0u);
}

TEST(SlabTest, AReserveIsLeftToOthers) {
  Slab slab(size_t{1} << 20);
  while (slab.Allocate(1000, size_t{1} << 19) != Slab::kNone) {
  }
  EXPECT_LE(slab.bytes_taken(), size_t{1} << 19);
  EXPECT_NE(slab.Allocate(5000), Slab::kNone);
}

}  // namespace
}  // namespace tocsin::state
