// Reading times: RFC 3339 and its relatives, epochs, FILETIME.

#ifndef TOCSIN_SRC_BASE_TIME_PARSE_H_
#define TOCSIN_SRC_BASE_TIME_PARSE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "tocsin/timestamp.h"

namespace tocsin::base {

struct ParsedTime {
  Timestamp time;
  bool zone_assumed = false;
};

// Civil parts of a time text as written, without any zone conversion.
struct CivilParts {
  int64_t year = 1970;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0;
  int week = 1;  // ISO 8601.
};

// Text: "2026-01-15T10:20:30.123456789Z", a space for the T, "," for the ".",
// an offset as +01:00, +0100 or +01, no zone (then `assumed_zone`), a second of
// 60 (read as 59.999999999), epoch digits with an optional fraction. Times
// outside Timestamp's range, or impossible ones (30 February), are nullopt.
std::optional<ParsedTime> ParseTime(std::string_view text,
                                    absl::Duration assumed_zone);

// An epoch, counted in `unit`. With no unit it is told by size: below 1e11
// seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds
// (of the absolute value). What is finer than a nanosecond is cut.
std::optional<Timestamp> TimeFromEpoch(
    int64_t value, absl::Duration unit = absl::ZeroDuration());

// The same of digits with an optional sign and fraction: "1768472430.5".
std::optional<Timestamp> TimeFromEpochText(
    std::string_view text, absl::Duration unit = absl::ZeroDuration());

// The same, as exact as a double can be.
std::optional<Timestamp> TimeFromEpochDouble(
    double value, absl::Duration unit = absl::ZeroDuration());

// The parts as the text writes them; a date alone is midnight. Of an epoch,
// which writes none, the parts in UTC.
std::optional<CivilParts> ParseCivilParts(std::string_view text);

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_TIME_PARSE_H_
