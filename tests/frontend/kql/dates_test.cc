#include "src/frontend/kql/dates.h"

#include <gtest/gtest.h>

#include <optional>

#include "absl/time/time.h"

namespace tocsin::kql {
namespace {

int64_t At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text;
  return absl::ToUnixNanos(time);
}

void ExpectBetween(const char* text, const char* first, const char* behind) {
  const std::optional<Date> date = ParseDate(text);
  ASSERT_TRUE(date) << text;
  EXPECT_EQ(date->first, At(first)) << text;
  EXPECT_EQ(date->last, At(behind) - 1) << text;
}

TEST(KqlDatesTest, ADateInPartIsAllItCanMean) {
  ExpectBetween("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
  ExpectBetween("2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
  ExpectBetween("2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z");
  ExpectBetween("2026-01-15T10", "2026-01-15T10:00:00Z",
                "2026-01-15T11:00:00Z");
  ExpectBetween("2026-01-15T10:20", "2026-01-15T10:20:00Z",
                "2026-01-15T10:21:00Z");
  ExpectBetween("2026-01-15T10:20:30Z", "2026-01-15T10:20:30Z",
                "2026-01-15T10:20:31Z");
}

TEST(KqlDatesTest, AFractionOrAnEpochIsAMoment) {
  const std::optional<Date> date = ParseDate("2026-01-15T10:20:30.5+01:00");
  ASSERT_TRUE(date);
  EXPECT_EQ(date->first, At("2026-01-15T09:20:30.5Z"));
  EXPECT_EQ(date->last, date->first);
  EXPECT_EQ(ParseDate("1768472430000")->first, At("2026-01-15T10:20:30Z"));
  EXPECT_EQ(ParseDate("1768472430")->first, At("2026-01-15T10:20:30Z"));
}

TEST(KqlDatesTest, MathMovesAndRounds) {
  ExpectBetween("2026-01-31||+1M/d", "2026-02-28T00:00:00Z",
                "2026-03-01T00:00:00Z");
  ExpectBetween("2026-01-15||/w", "2026-01-12T00:00:00Z",
                "2026-01-19T00:00:00Z");
  ExpectBetween("2026-01-15||-1d+12h/h", "2026-01-14T12:00:00Z",
                "2026-01-14T13:00:00Z");
}

TEST(KqlDatesTest, NowIsSoMuchBeforeTheEvent) {
  const std::optional<Date> date = ParseDate("now-10d+1h");
  ASSERT_TRUE(date);
  EXPECT_TRUE(date->from_now);
  EXPECT_EQ(date->first, -(10 * 24 - 1) * int64_t{3600} * 1'000'000'000);
}

TEST(KqlDatesTest, WhatIsNoDateIsNone) {
  for (const char* text :
       {"", "5", "yesterday", "2026-13", "2026-02-30", "now-", "now-1",
        "now-1x", "now/d", "now-1M", "2026||", "2026-01-15||1d",
        "2026-01-15||/d+1h", "now+9999999d", "99999999999999999999"}) {
    const bool whole = std::string_view(text) == "2026||";
    EXPECT_EQ(ParseDate(text).has_value(), whole) << text;
  }
}

}  // namespace
}  // namespace tocsin::kql
