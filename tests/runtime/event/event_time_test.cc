#include "src/runtime/event/event_time.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace tocsin::runtime {
namespace {

// The time found in `json`; "?" behind it: the zone was assumed.
std::string Find(std::string_view json, const TimeOptions& options = {}) {
  EventView view;
  const LoadResult loaded = view.Load(Event::Json(json));
  EXPECT_TRUE(loaded.ok()) << loaded.error;
  const auto found = EventTimeFinder(options).In(view);
  if (!found) return "none";
  return FormatTimestamp(found->time) + (found->zone_assumed ? "?" : "");
}

TimeOptions Field(std::string field, TimeFormat format = TimeFormat::kAuto) {
  TimeOptions options;
  options.field = std::move(field);
  options.format = format;
  return options;
}

TimeOptions Zone(absl::Duration zone) {
  TimeOptions options;
  options.assumed_zone = zone;
  return options;
}

constexpr char kNow[] = "2026-01-15T10:20:30Z";

TEST(EventTimeTest, EachShapeHasItsField) {
  for (const char* json :
       {R"({"Event":{"System":{"EventID":1,"TimeCreated":
            {"#attributes":{"SystemTime":"2026-01-15T10:20:30Z"}}}}})",
        R"({"@timestamp":"2026-01-15T10:20:30Z"})",
        R"({"eventTime":"2026-01-15T10:20:30Z"})",
        R"({"detail":{"eventTime":"2026-01-15T10:20:30Z"},
            "time":"2026-01-15T10:21:00Z"})",
        R"({"requestReceivedTimestamp":"2026-01-15T10:20:30.000000Z"})",
        R"({"UtcTime":"2026-01-15 10:20:30.000"})",
        R"({"CreationTime":"2026-01-15T10:20:30"})",
        R"({"TimeGenerated":"2026-01-15T10:20:30Z"})",
        R"({"published":"2026-01-15T10:20:30.000Z"})",
        R"({"id":{"time":"2026-01-15T10:20:30.000Z"}})",
        R"({"timestamp":"2026-01-15T10:20:30.000000+0000"})",
        R"({"ts":1768472430.000000})", R"({"time":1768472430000})",
        R"({"unixTime":"1768472430"})",
        R"({"__REALTIME_TIMESTAMP":"1768472430000000"})",
        R"({"timeUnixNano":"1768472430000000000"})",
        R"({"date":"2026-01-15","time":"10:20:30"})"}) {
    EXPECT_EQ(Find(json), kNow) << json;
  }
}

TEST(EventTimeTest, WithoutATimeThereIsNone) {
  for (const char* json : {"{}", R"({"timestamp":null,"ts":"","time":"soon"})",
                           R"({"date":"2026-01-15"})", R"({"time":"10:20:30"})",
                           R"({"timestamp":{},"ts":[],"time":true})"}) {
    EXPECT_EQ(Find(json), "none") << json;
  }
}

TEST(EventTimeTest, AFieldThatHoldsNoTimeGivesWayToTheNext) {
  EXPECT_EQ(Find(R"({"timestamp":"-","time":1768472430})"), kNow);
}

TEST(EventTimeTest, TheSourcesOwnTimeComesBeforeTheCollectors) {
  EXPECT_EQ(Find(R"({"@timestamp":"2026-01-15T10:20:30Z",
                     "EventTime":"2026-01-15 05:20:30",
                     "event":{"created":"2026-01-15T10:25:00Z"}})"),
            kNow);
  EXPECT_EQ(Find(R"({"eventTime":"2026-01-15T10:20:30Z",
                     "@timestamp":"2026-01-15T10:25:00Z"})"),
            kNow);
}

TEST(EventTimeTest, LocalTimeIsReadInTheAssumedZoneAndSaysSo) {
  const std::string_view json = R"({"EventTime":"2026-01-15T10:20:30.000"})";
  EXPECT_EQ(Find(json, Zone(absl::Hours(8))), "2026-01-15T02:20:30Z?");
  EXPECT_EQ(Find(json), "2026-01-15T10:20:30Z?");
}

TEST(EventTimeTest, FieldsDefinedAsUtcNeedNoZone) {
  EXPECT_EQ(Find(R"({"UtcTime":"2026-01-15 10:20:30"})", Zone(absl::Hours(8))),
            kNow);
}

TEST(EventTimeTest, OnlyTheNamedFieldIsLookedAt) {
  EXPECT_EQ(Find(R"({"my":{"when":"2026-01-15T10:20:30Z"},"time":0})",
                 Field("my.when")),
            kNow);
  EXPECT_EQ(Find(R"({"time":1768472430})", Field("my.when")), "none");
}

TEST(EventTimeTest, ADeclaredUnitDecidesAndZeroIsATime) {
  EXPECT_EQ(Find(R"({"t":0})", Field("t", TimeFormat::kEpochNanos)),
            "1970-01-01T00:00:00Z");
  EXPECT_EQ(
      Find(R"({"t":1768472430000})", Field("t", TimeFormat::kEpochMillis)),
      kNow);
  EXPECT_EQ(Find(R"({"t":1000})", Field("t", TimeFormat::kEpochMillis)),
            "1970-01-01T00:00:01Z");
  EXPECT_EQ(
      Find(R"({"t":"1768472430.25"})", Field("t", TimeFormat::kEpochSeconds)),
      "2026-01-15T10:20:30.250Z");
  EXPECT_EQ(Find(R"({"t":"2026-01-15T10:20:30Z"})",
                 Field("t", TimeFormat::kEpochMicros)),
            kNow);
}

TEST(EventTimeTest, FileTimeCountsFrom1601) {
  const TimeOptions options = Field("t", TimeFormat::kFileTime);
  EXPECT_EQ(Find(R"({"t":134129460300000000})", options), kNow);
  EXPECT_EQ(Find(R"({"t":"134129460301234567"})", options),
            "2026-01-15T10:20:30.123456700Z");
  EXPECT_EQ(Find(R"({"t":116444736000000000})", options),
            "1970-01-01T00:00:00Z");
  for (const char* json :
       {R"({"t":0})", R"({"t":-1})", R"({"t":1.5})",
        R"({"t":18446744073709551615})", R"({"t":9223372036854775807})"}) {
    EXPECT_EQ(Find(json, options), "none") << json;
  }
}

TEST(EventTimeTest, FractionsOfTheSecondAreExact) {
  EXPECT_EQ(Find(R"({"ts":1768472430.123456789})"),
            "2026-01-15T10:20:30.123456789Z");
  EXPECT_EQ(Find(R"({"ts":1.7684724305e9})"), "2026-01-15T10:20:30.500Z");
}

TEST(EventTimeTest, AnOtlpTimeOfZeroIsUnknown) {
  EXPECT_EQ(Find(R"({"timeUnixNano":"0",
                     "observedTimeUnixNano":"1768472430000000000"})"),
            kNow);
  EXPECT_EQ(Find(R"({"timestamp":0})"), "1970-01-01T00:00:00Z");
}

TEST(EventTimeTest, AHostsOwnNumbersAreTimesToo) {
  const auto found = ReadTime(FieldValue::Double(1768472430.5),
                              TimeFormat::kAuto, absl::ZeroDuration());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(FormatTimestamp(found->time), "2026-01-15T10:20:30.500Z");
  EXPECT_FALSE(ReadTime(FieldValue::Double(1e300), TimeFormat::kAuto, {}));
}

}  // namespace
}  // namespace tocsin::runtime
