// Times and durations. Zones are UTC, "Z", an offset such as "+02:00", or a
// name that is written in the rule; what an event says names no table of the
// machine.

#include <string>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "src/base/string_map.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

// Seconds east of UTC; nullopt if it is no offset.
std::optional<int> Offset(std::string_view zone) {
  if (zone == "UTC" || zone == "Z") return 0;
  const bool shape =
      zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
  if (!shape) return std::nullopt;
  for (const size_t i : {1, 2, 4, 5}) {
    if (!absl::ascii_isdigit(zone[i])) return std::nullopt;
  }
  const int hours = (zone[1] - '0') * 10 + zone[2] - '0';
  const int minutes = (zone[4] - '0') * 10 + zone[5] - '0';
  if (hours > 23 || minutes > 59) return std::nullopt;
  const int seconds = hours * 3600 + minutes * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

std::optional<absl::CivilSecond> Civil(const Call& call) {
  const std::optional<int64_t> time = base::TimeOf(call.arguments[0]);
  if (!time) return std::nullopt;
  absl::TimeZone zone = absl::UTCTimeZone();
  if (call.arguments.size() > 1) {
    const std::string& name = call.arguments[1].text;
    const std::optional<int> offset = Offset(name);
    const absl::TimeZone* const named =
        !offset && call.is_written(1) ? call.context->Zone(name) : nullptr;
    if (!offset && named == nullptr) return std::nullopt;
    zone = offset ? absl::FixedTimeZone(*offset) : *named;
  }
  return absl::ToCivilSecond(absl::FromUnixNanos(*time), zone);
}

Value Hour(const Call& call) {
  const std::optional<absl::CivilSecond> civil = Civil(call);
  return civil ? Value::Int(civil->hour()) : Value();
}

Value Weekday(const Call& call) {
  const std::optional<absl::CivilSecond> civil = Civil(call);
  if (!civil) return {};
  constexpr const char* kDays[] = {"monday",   "tuesday", "wednesday",
                                   "thursday", "friday",  "saturday",
                                   "sunday"};
  return Value::String(
      kDays[static_cast<int>(absl::GetWeekday(absl::CivilDay(*civil)))]);
}

Value Date(const Call& call) {
  const std::optional<absl::CivilSecond> civil = Civil(call);
  if (!civil) return {};
  return Value::String(std::string(
      base::FromAbsl(absl::FormatCivilTime(absl::CivilDay(*civil)))));
}

Value Age(const Call& call) {
  const std::optional<int64_t> time = base::TimeOf(call.arguments[0]);
  if (!time || call.context == nullptr || !call.context->event_time) return {};
  int64_t age = 0;
  if (__builtin_sub_overflow(*call.context->event_time, *time, &age)) return {};
  return Value::Duration(age);
}

Value Now(const Call& call) {
  const std::optional<int64_t> time =
      call.context == nullptr ? std::nullopt : call.context->event_time;
  return time ? Value::Time(*time) : Value();
}

Value ToTime(const Call& call) {
  const std::optional<int64_t> time = base::TimeOf(call.arguments[0]);
  return time ? Value::Time(*time) : Value();
}

Value TimeTrunc(const Call& call) {
  const std::optional<int64_t> time = base::TimeOf(call.arguments[1]);
  if (!time || call.arguments[0].kind != base::ValueKind::kDuration) return {};
  const int64_t span = call.arguments[0].int_value;
  if (span <= 0) return {};
  // Weeks begin on Monday, and 1970 began on a Thursday.
  constexpr int64_t kDay = int64_t{86'400} * 1'000'000'000;
  const int64_t offset = span % (7 * kDay) == 0 ? 4 * kDay : 0;
  int64_t shifted = 0;
  if (__builtin_sub_overflow(*time, offset, &shifted)) return {};
  const int64_t rest = ((shifted % span) + span) % span;
  int64_t start = 0;
  if (__builtin_sub_overflow(*time, rest, &start)) return {};
  return Value::Time(start);
}

// Whole units from the first to the second, cut towards zero.
Value TimeDiff(const Call& call) {
  if (!call.arguments[0].is_string()) return {};
  const std::optional<int64_t> from = base::TimeOf(call.arguments[1]);
  const std::optional<int64_t> to = base::TimeOf(call.arguments[2]);
  int64_t difference = 0;
  if (!from || !to || __builtin_sub_overflow(*to, *from, &difference)) {
    return {};
  }
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"ms", 1'000'000},
      {"s", 1'000'000'000},
      {"m", int64_t{60} * 1'000'000'000},
      {"h", int64_t{3'600} * 1'000'000'000},
      {"d", int64_t{86'400} * 1'000'000'000},
      {"w", int64_t{604'800} * 1'000'000'000}};
  for (const auto& [unit, nanos] : kUnits) {
    if (call.arguments[0].text == unit) return Value::Int(difference / nanos);
  }
  return {};
}

Value MakeDuration(const Call& call) {
  const std::optional<double> count = base::DoubleOf(call.arguments[0]);
  if (!count || !call.arguments[1].is_string()) return {};
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ms", 1e6},   {"s", 1e9},     {"m", 60e9},
      {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9}};
  for (const auto& [unit, nanos] : kUnits) {
    if (call.arguments[1].text != unit) continue;
    const double total = *count * nanos;
    if (!(total > -9e18 && total < 9e18)) return {};
    return Value::Duration(static_cast<int64_t>(total));
  }
  return {};
}

}  // namespace

bool IsZoneOffset(std::string_view zone) { return Offset(zone).has_value(); }

std::vector<Function> TimeFunctions() {
  const Parameter time{"time", ValueType::kTime};
  const Parameter zone{"zone", ValueType::kString};
  return {
      {.name = "hour",
       .parameters = {time, zone},
       .result = ValueType::kNumber,
       .description =
           "The hour from 0 to 23, in UTC, at an offset, or in a zone "
           "that is written in the rule.",
       .example = "hour(2027-03-31T23:30:00Z, \"Europe/Berlin\")",
       .example_result = "1",
       .call = Hour},
      {.name = "weekday",
       .parameters = {time, zone},
       .result = ValueType::kString,
       .description = "\"monday\" to \"sunday\".",
       .example = "weekday(2027-03-31)",
       .example_result = "\"wednesday\"",
       .call = Weekday},
      {.name = "date",
       .parameters = {time, zone},
       .result = ValueType::kString,
       .description = "The day, as \"2027-03-31\".",
       .example = "date(2027-03-31T23:30:00Z, \"+02:00\")",
       .example_result = "\"2027-04-01\"",
       .call = Date},
      {.name = "age",
       .parameters = {time},
       .result = ValueType::kDuration,
       .needs_event = true,
       .description = "How long before the event's own time.",
       .example = "age(2026-12-31T23:00:00Z)",  // Of an event at midnight.
       .example_result = "1h",
       .call = Age},
      {.name = "now",
       .parameters = {},
       .least = 0,
       .result = ValueType::kTime,
       .needs_event = true,
       .description = "The event's own time.",
       .example = "now()",  // Of an event at midnight.
       .example_result = "2027-01-01T00:00:00Z",
       .call = Now},
      {.name = "time",
       .parameters = {{"value", ValueType::kAny}},
       .result = ValueType::kTime,
       .description = "The time that a text or a number is.",
       .example = "time(\"2027-03-31T00:00:00Z\")",
       .example_result = "2027-03-31T00:00:00Z",
       .call = ToTime},
      {.name = "timeTrunc",
       .parameters = {{"span", ValueType::kDuration}, time},
       .least = 2,
       .result = ValueType::kTime,
       .description = "The beginning of the stretch of this length that a time "
                      "lies in; weeks begin on Monday.",
       .example = "timeTrunc(5m, 2027-03-31T10:23:45Z)",
       .example_result = "2027-03-31T10:20:00Z",
       .call = TimeTrunc},
      {.name = "timeDiff",
       .parameters = {{"unit", ValueType::kString},
                      {"from", ValueType::kTime},
                      {"to", ValueType::kTime}},
       .least = 3,
       .result = ValueType::kNumber,
       .description = "How many whole \"ms\", \"s\", \"m\", \"h\", \"d\" or "
                      "\"w\" lie between two times.",
       .example = "timeDiff(\"m\", 2027-03-31T10:00:00Z, 2027-03-31T10:01:59Z)",
       .example_result = "1",
       .call = TimeDiff},
      {.name = "duration",
       .parameters = {{"count", ValueType::kNumber},
                      {"unit", ValueType::kString}},
       .least = 2,
       .result = ValueType::kDuration,
       .description = "So many of \"ms\", \"s\", \"m\", \"h\", \"d\" or \"w\".",
       .example = "duration(90, \"m\")",
       .example_result = "1h30m",
       .call = MakeDuration},
  };
}

}  // namespace tocsin::functions
