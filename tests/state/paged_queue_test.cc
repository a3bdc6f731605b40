#include "src/state/paged_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace tocsin::state {
namespace {

TEST(PagedQueueTest, AgreesWithADeque) {
  Slab slab(size_t{8} << 20);
  PagedQueue<uint64_t> queue(&slab);
  std::deque<uint64_t> expected;
  std::mt19937 random(1);
  for (uint64_t i = 0; i < 20'000; ++i) {
    const bool grows = (i / 1000) % 2 == 0;
    if (expected.empty() || random() % 10 < (grows ? 8u : 2u)) {
      ASSERT_TRUE(queue.Push(i));
      expected.push_back(i);
    } else {
      ASSERT_EQ(queue.front(), expected.front());
      queue.Pop();
      expected.pop_front();
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
  std::deque<uint64_t> visited;
  queue.ForEach([&](uint64_t item) { visited.push_back(item); });
  EXPECT_EQ(visited, expected);
}

TEST(PagedQueueTest, AnEmptyQueueHoldsNoMemory) {
  Slab slab(size_t{1} << 20);
  PagedQueue<uint64_t> queue(&slab);
  for (uint64_t i = 0; i < 1000; ++i) queue.Push(i);
  queue.Clear();
  EXPECT_EQ(slab.bytes_used(), 0u);
}

}  // namespace
}  // namespace tocsin::state
