#include "src/base/time_parse.h"

#include <string>

#include "gtest/gtest.h"

namespace tocsin::base {
namespace {

constexpr Timestamp kNow(1'768'472'430'000'000'000);  // 2026-01-15T10:20:30Z.

// The time as FormatTimestamp shows it; "?" behind it: the zone was assumed.
std::string Read(std::string_view text,
                 absl::Duration assumed_zone = absl::ZeroDuration()) {
  const auto parsed = ParseTime(text, assumed_zone);
  if (!parsed) return "none";
  return FormatTimestamp(parsed->time) + (parsed->zone_assumed ? "?" : "");
}

std::string ReadEpoch(int64_t value,
                      absl::Duration unit = absl::ZeroDuration()) {
  const auto time = TimeFromEpoch(value, unit);
  return time ? FormatTimestamp(*time) : "none";
}

TEST(ParseTimeTest, Rfc3339WithAnyNumberOfDigits) {
  EXPECT_EQ(Read("2026-01-15T10:20:30Z"), "2026-01-15T10:20:30Z");
  EXPECT_EQ(Read("2026-01-15T10:20:30.5Z"), "2026-01-15T10:20:30.500Z");
  EXPECT_EQ(Read("2026-01-15T10:20:30.123456789Z"),
            "2026-01-15T10:20:30.123456789Z");
  EXPECT_EQ(Read("2026-01-15T10:20:30.1234567891234Z"),
            "2026-01-15T10:20:30.123456789Z");
  EXPECT_EQ(Read("2026-01-15t10:20:30,1234567z"),
            "2026-01-15T10:20:30.123456700Z");
}

TEST(ParseTimeTest, OffsetsAreTakenOff) {
  EXPECT_EQ(Read("2026-01-15T18:20:30+08:00"), "2026-01-15T10:20:30Z");
  EXPECT_EQ(Read("2026-01-15T10:20:30.123456+0000"),
            "2026-01-15T10:20:30.123456Z");
  EXPECT_EQ(Read("2026-01-15T04:50:30-0530"), "2026-01-15T10:20:30Z");
  EXPECT_EQ(Read("2026-01-15 11:20:30 +01"), "2026-01-15T10:20:30Z");
  EXPECT_EQ(Read("2026-01-15 10:20:30 UTC"), "2026-01-15T10:20:30Z");
  EXPECT_EQ(Read("2026-01-15 10:20:30.250 GMT"), "2026-01-15T10:20:30.250Z");
}

TEST(ParseTimeTest, LocalTimeWithoutAZoneIsReadInTheAssumedOneAndSaysSo) {
  EXPECT_EQ(Read("2026-01-15T10:20:30.000", absl::Hours(8)),
            "2026-01-15T02:20:30Z?");
  EXPECT_EQ(Read("2026-01-15T10:20:30.000"), "2026-01-15T10:20:30Z?");
  EXPECT_EQ(Read("2026-01-15T10:20:30Z", absl::Hours(8)),
            "2026-01-15T10:20:30Z");
}

TEST(ParseTimeTest, LeapDayOfANonLeapYearIsNoTime) {
  EXPECT_EQ(Read("2027-02-29T12:00:00Z"), "none");
  EXPECT_EQ(Read("2028-02-29T12:00:00Z"), "2028-02-29T12:00:00Z");
}

TEST(ParseTimeTest, TimesBeyondJanuary2038AreTimes) {
  EXPECT_EQ(Read("2038-01-19T03:14:07Z"), "2038-01-19T03:14:07Z");
  EXPECT_EQ(Read("2038-01-19T03:14:09Z"), "2038-01-19T03:14:09Z");
  EXPECT_EQ(ReadEpoch(2147483649), "2038-01-19T03:14:09Z");
}

TEST(ParseTimeTest, LeapSecondStandsAtTheEndOfItsMinute) {
  EXPECT_EQ(Read("2016-12-31T23:59:60Z"), "2016-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Read("2016-12-31T23:59:60.5Z"), "2016-12-31T23:59:59.999999999Z");
}

TEST(ParseTimeTest, SecondsMayBeLeftOut) {
  EXPECT_EQ(Read("2026-01-15T10:20Z"), "2026-01-15T10:20:00Z");
}

TEST(ParseTimeTest, WhatIsNoTimeIsRefused) {
  for (const char* text : {"",
                           "Z",
                           "-",
                           "2026-01-15",
                           "2026-01-15T",
                           "2026-13-01T00:00:00Z",
                           "2026-00-10T00:00:00Z",
                           "2026-01-32T00:00:00Z",
                           "2026-01-15T24:00:00Z",
                           "2026-01-15T10:60:00Z",
                           "2026-01-15T10:20:61Z",
                           "2026-01-15T10:20:30.Z",
                           "2026-01-15T10:20:30Zx",
                           "2026-01-15T10:20:30+1",
                           "2026-01-15T10:20:30 X",
                           "2026-01-15T10:20:30+24:00",
                           "2026-01-15T10:20:30 ",
                           "10:20:30",
                           "2026-1-5T10:20:30Z",
                           " 2026-01-15T10:20:30Z",
                           "never",
                           "1e9",
                           "1.",
                           ".5",
                           "--1",
                           "1768472430x"}) {
    EXPECT_EQ(Read(text), "none") << text;
  }
}

TEST(ParseTimeTest, TimesOutsideTheRangeAreRefused) {
  EXPECT_EQ(Read("1677-09-21T00:12:43Z"), "none");
  EXPECT_EQ(Read("1677-09-21T00:12:44Z"), "1677-09-21T00:12:44Z");
  EXPECT_EQ(Read("2262-04-11T23:47:16Z"), "2262-04-11T23:47:16Z");
  EXPECT_EQ(Read("2262-04-11T23:47:17Z"), "none");
  EXPECT_EQ(Read("9999-12-31T23:59:59Z"), "none");
  EXPECT_EQ(Read("0001-01-01T00:00:00Z"), "none");
}

TEST(EpochTest, EpochMillisAndNanosAreToldBySize) {
  EXPECT_EQ(ReadEpoch(1768472430), "2026-01-15T10:20:30Z");
  EXPECT_EQ(ReadEpoch(1768472430123), "2026-01-15T10:20:30.123Z");
  EXPECT_EQ(ReadEpoch(1768472430123456), "2026-01-15T10:20:30.123456Z");
  EXPECT_EQ(ReadEpoch(1768472430123456789), "2026-01-15T10:20:30.123456789Z");
  EXPECT_EQ(Read("1768472430.5"), "2026-01-15T10:20:30.500Z");
  EXPECT_EQ(Read("1768472430"), "2026-01-15T10:20:30Z");
  EXPECT_EQ(Read("1768472430123.25"), "2026-01-15T10:20:30.123250Z");
}

TEST(EpochTest, UnitsChangeAtTheirDocumentedSizes) {
  EXPECT_EQ(ReadEpoch(9'223'372'036), "2262-04-11T23:47:16Z");
  EXPECT_EQ(ReadEpoch(99'999'999'999), "none");  // Seconds, in the year 5138.
  EXPECT_EQ(ReadEpoch(100'000'000'000), "1973-03-03T09:46:40Z");
  EXPECT_EQ(ReadEpoch(100'000'000'000'000), "1973-03-03T09:46:40Z");
  EXPECT_EQ(ReadEpoch(100'000'000'000'000'000), "1973-03-03T09:46:40Z");
}

TEST(EpochTest, ZeroIsTheStartOf1970AndNotMissing) {
  EXPECT_EQ(ReadEpoch(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(ReadEpoch(0, absl::Nanoseconds(1)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Read("0"), "1970-01-01T00:00:00Z");
}

TEST(EpochTest, AGivenUnitIsNotGuessed) {
  EXPECT_EQ(ReadEpoch(1000, absl::Milliseconds(1)), "1970-01-01T00:00:01Z");
  EXPECT_EQ(ReadEpoch(1768472430, absl::Nanoseconds(1)),
            "1970-01-01T00:00:01.768472430Z");
  EXPECT_EQ(ReadEpoch(INT64_MAX, absl::Seconds(1)), "none");
}

TEST(EpochTest, NegativeEpochsLieBefore1970) {
  EXPECT_EQ(ReadEpoch(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(Read("-1.5"), "1969-12-31T23:59:58.500Z");
  EXPECT_EQ(ReadEpoch(INT64_MIN), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(Read("-9223372036854775808.9"), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(Read("-9223372036854775809"), "none");
}

TEST(EpochTest, DoublesAreReadAsFarAsTheyGo) {
  EXPECT_EQ(TimeFromEpochDouble(1768472430.5), kNow + absl::Milliseconds(500));
  EXPECT_EQ(TimeFromEpochDouble(-0.5), Timestamp(-500'000'000));
  for (const double value : {1e300, -1e300, 1.0 / 0.0, 0.0 / 0.0, 9.3e18}) {
    EXPECT_EQ(TimeFromEpochDouble(value), std::nullopt) << value;
  }
}

TEST(FormatTimestampTest, DigitsComeInGroupsOfThree) {
  EXPECT_EQ(FormatTimestamp(kNow), "2026-01-15T10:20:30Z");
  EXPECT_EQ(FormatTimestamp(kNow + absl::Milliseconds(7)),
            "2026-01-15T10:20:30.007Z");
  EXPECT_EQ(FormatTimestamp(kNow + absl::Microseconds(70)),
            "2026-01-15T10:20:30.000070Z");
  EXPECT_EQ(FormatTimestamp(kNow + absl::Nanoseconds(100)),
            "2026-01-15T10:20:30.000000100Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(INT64_MIN)),
            "1677-09-21T00:12:43.145224192Z");
}

TEST(CivilPartsTest, PartsAreTakenAsWrittenWithoutConversion) {
  const auto parts = ParseCivilParts("2026-01-15T23:20:30-08:00");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->year, 2026);
  EXPECT_EQ(parts->month, 1);
  EXPECT_EQ(parts->day, 15);
  EXPECT_EQ(parts->hour, 23);
  EXPECT_EQ(parts->minute, 20);
  EXPECT_EQ(parts->second, 30);
}

TEST(CivilPartsTest, WeeksAreIsoWeeks) {
  EXPECT_EQ(ParseCivilParts("2026-01-01")->week, 1);   // A Thursday.
  EXPECT_EQ(ParseCivilParts("2027-01-01")->week, 53);  // A Friday.
  EXPECT_EQ(ParseCivilParts("2024-12-30")->week, 1);   // A Monday.
  EXPECT_EQ(ParseCivilParts("2026-01-04")->week, 1);   // A Sunday.
  EXPECT_EQ(ParseCivilParts("2026-01-05")->week, 2);   // A Monday.
  EXPECT_EQ(ParseCivilParts("2023-01-01")->week, 52);  // A Sunday.
}

TEST(CivilPartsTest, AnEpochHasThePartsOfUtc) {
  EXPECT_EQ(ParseCivilParts("1768472430")->hour, 10);
  EXPECT_FALSE(ParseCivilParts("yesterday").has_value());
}

}  // namespace
}  // namespace tocsin::base
