#include "src/runtime/correlate/reorder_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr int64_t kYear = 365 * 86400 * kSecond;

class ReorderBufferTest : public ::testing::Test {
 protected:
  // Events are told apart by their rules.
  void Add(uint32_t rule, int64_t time, uint64_t ref = 0) {
    KeyedEvent event;
    event.at = {.time = time, .ref = ref};
    event.key = std::string_view("k\0\0\0\0\0\0\0", 8).substr(0, 1);
    ASSERT_TRUE(buffer_.Add(rule, event, 0));
  }

  std::vector<uint32_t> TakeBefore(int64_t time) {
    std::vector<uint32_t> rules;
    ReorderBuffer::Waiting first;
    while (buffer_.Front(time, &first)) {
      rules.push_back(first.rule);
      buffer_.Pop();
    }
    return rules;
  }

  std::vector<uint32_t> InOrder() const {
    std::vector<uint32_t> rules;
    for (const ReorderBuffer::Held& held : buffer_.InOrder()) {
      rules.push_back(held.waiting.rule);
    }
    return rules;
  }

  state::Slab slab_{1 << 20};
  ReorderBuffer buffer_{&slab_, 20 * kSecond};
};

TEST_F(ReorderBufferTest, EventsComeOutByTimeAndNotBeforeTheirTime) {
  Add(1, kStart + 3 * kSecond);
  Add(2, kStart + kSecond);
  Add(3, kStart + 2 * kSecond);
  EXPECT_THAT(InOrder(), ElementsAre(2, 3, 1));
  EXPECT_THAT(TakeBefore(kStart + 2 * kSecond), ElementsAre(2));
  EXPECT_THAT(TakeBefore(INT64_MAX), ElementsAre(3, 1));
}

TEST_F(ReorderBufferTest, EventsOfOneMomentComeOutAsTheyCame) {
  for (const uint32_t rule : {5u, 2u, 9u, 1u}) Add(rule, kStart, 7);
  Add(8, kStart, 6);
  EXPECT_THAT(InOrder(), ElementsAre(8, 5, 2, 9, 1));
  EXPECT_THAT(TakeBefore(INT64_MAX), ElementsAre(8, 5, 2, 9, 1));
}

TEST_F(ReorderBufferTest,
       WhatComesForASliceThatIsBeingTakenOutIsBehindItsEquals) {
  Add(1, kStart);
  Add(2, kStart + 1);
  EXPECT_THAT(TakeBefore(kStart + 1), ElementsAre(1));
  for (const uint32_t rule : {9u, 3u, 6u}) Add(rule, kStart + 1);
  EXPECT_THAT(InOrder(), ElementsAre(2, 9, 3, 6));
  EXPECT_THAT(TakeBefore(INT64_MAX), ElementsAre(2, 9, 3, 6));
}

TEST_F(ReorderBufferTest, WhatIsInOrderAndWhatIsNotComeOutTogether) {
  Add(1, kStart, 1);
  Add(5, kStart + 4 * kSecond, 5);
  Add(3, kStart + 2 * kSecond, 3);
  Add(2, kStart, 2);
  Add(6, kStart + 4 * kSecond, 6);
  Add(4, kStart + 4 * kSecond, 4);
  EXPECT_THAT(InOrder(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(TakeBefore(kStart + 3 * kSecond), ElementsAre(1, 2, 3));
  Add(7, kStart + 9 * kSecond);
  EXPECT_THAT(TakeBefore(INT64_MAX), ElementsAre(4, 5, 6, 7));
}

TEST_F(ReorderBufferTest, EventsThatLieFarApartAreStillInOrder) {
  Add(4, kStart + kYear);
  Add(1, kStart);
  Add(3, kStart + 5 * kSecond);
  Add(2, kStart + kSecond);
  Add(0, kStart - kYear);
  EXPECT_THAT(InOrder(), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(TakeBefore(kStart + 2 * kSecond), ElementsAre(0, 1, 2));
  EXPECT_THAT(TakeBefore(INT64_MAX), ElementsAre(3, 4));
}

TEST_F(ReorderBufferTest, TimesAtTheEndsOfTimeDoNotHoldUp) {
  Add(2, INT64_MAX - 1);
  Add(1, INT64_MIN);
  EXPECT_THAT(TakeBefore(INT64_MAX), ElementsAre(1, 2));
}

TEST_F(ReorderBufferTest, DroppedEventsAreMarkedAndNotListed) {
  Add(1, kStart);
  Add(2, kStart + kSecond);
  Add(3, kStart + 2 * kSecond);
  buffer_.Drop(
      [](const ReorderBuffer::Waiting& waiting) { return waiting.rule == 2; });
  EXPECT_THAT(InOrder(), ElementsAre(1, 3));
  EXPECT_THAT(TakeBefore(INT64_MAX),
              ElementsAre(1, ReorderBuffer::kDropped, 3));
  EXPECT_THAT(InOrder(), IsEmpty());
  buffer_.Clear();
  EXPECT_EQ(slab_.bytes_used(), 0u);
}

}  // namespace
}  // namespace tocsin::runtime
