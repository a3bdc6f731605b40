#include "src/base/time_parse.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <system_error>

#include "absl/time/civil_time.h"

namespace tocsin::base {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool Skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool SkipWord(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // Exactly `count` digits.
  bool Number(size_t count, int* value) {
    if (rest_.size() < count) return false;
    int number = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(rest_[i])) return false;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    *value = number;
    return true;
  }

  std::string_view Digits() {
    size_t count = 0;
    while (count < rest_.size() && IsDigit(rest_[count])) ++count;
    const std::string_view digits = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return digits;
  }

 private:
  std::string_view rest_;
};

// Digits behind a decimal point, as parts of `unit` (a power of ten), cut to
// whole ones.
int64_t Fraction(std::string_view digits, int64_t unit) {
  int64_t value = 0;
  for (const char digit : digits) {
    unit /= 10;
    if (unit == 0) break;
    value += (digit - '0') * unit;
  }
  return value;
}

struct CivilTime {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int64_t nanos = 0;
  bool has_zone = false;
  int offset_seconds = 0;
};

std::chrono::year_month_day DateOf(const CivilTime& t) {
  return std::chrono::year_month_day(
      std::chrono::year(t.year),
      std::chrono::month(static_cast<unsigned>(t.month)),
      std::chrono::day(static_cast<unsigned>(t.day)));
}

bool ReadDate(Reader* in, CivilTime* t) {
  if (!in->Number(4, &t->year)) return false;
  const char separator = in->peek();
  if (separator != '-' && separator != '/') return false;
  if (!in->Skip(separator) || !in->Number(2, &t->month) ||
      !in->Skip(separator) || !in->Number(2, &t->day)) {
    return false;
  }
  return DateOf(*t).ok();  // There is no 30 February.
}

bool ReadClock(Reader* in, CivilTime* t) {
  if (!in->Number(2, &t->hour) || t->hour > 23) return false;
  if (!in->Skip(':') || !in->Number(2, &t->minute) || t->minute > 59) {
    return false;
  }
  if (!in->Skip(':')) return true;  // ISO 8601 may leave the seconds out.
  if (!in->Number(2, &t->second) || t->second > 60) return false;
  if (in->Skip('.') || in->Skip(',')) {
    const std::string_view digits = in->Digits();
    if (digits.empty()) return false;
    t->nanos = Fraction(digits, kNanosPerSecond);
  }
  if (t->second == 60) {  // A leap second stands still at its end.
    t->second = 59;
    t->nanos = kNanosPerSecond - 1;
  }
  return true;
}

bool ReadZone(Reader* in, CivilTime* t) {
  if (in->empty()) return true;
  in->Skip(' ');
  t->has_zone = true;
  if (in->Skip('Z') || in->Skip('z') || in->SkipWord("UTC") ||
      in->SkipWord("GMT")) {
    return true;
  }
  const bool is_west = in->peek() == '-';
  if (!in->Skip('+') && !in->Skip('-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!in->Number(2, &hours) || hours > 23) return false;
  if (!in->empty()) {
    in->Skip(':');
    if (!in->Number(2, &minutes) || minutes > 59) return false;
  }
  t->offset_seconds = (hours * 60 + minutes) * 60;
  if (is_west) t->offset_seconds = -t->offset_seconds;
  return true;
}

std::optional<CivilTime> ReadDateAndClock(std::string_view text) {
  Reader in(text);
  CivilTime t;
  if (!ReadDate(&in, &t)) return std::nullopt;
  if (!in.Skip('T') && !in.Skip('t') && !in.Skip(' ')) return std::nullopt;
  if (!ReadClock(&in, &t) || !ReadZone(&in, &t) || !in.empty()) {
    return std::nullopt;
  }
  return t;
}

// Nanoseconds in the unit of an epoch of this size.
int64_t EpochUnit(uint64_t magnitude) {
  if (magnitude < 100'000'000'000) return kNanosPerSecond;
  if (magnitude < 100'000'000'000'000) return 1'000'000;
  if (magnitude < 100'000'000'000'000'000) return 1'000;
  return 1;
}

int64_t EpochUnit(uint64_t magnitude, absl::Duration unit) {
  if (unit == absl::ZeroDuration()) return EpochUnit(magnitude);
  return absl::ToInt64Nanoseconds(unit);
}

std::optional<Timestamp> EpochToTime(int64_t value, std::string_view fraction,
                                     bool is_negative, absl::Duration unit) {
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value)
                                       : static_cast<uint64_t>(value);
  const int64_t nanos_per_unit = EpochUnit(magnitude, unit);
  int64_t nanos = 0;
  if (__builtin_mul_overflow(value, nanos_per_unit, &nanos)) {
    return std::nullopt;
  }
  const int64_t part = Fraction(fraction, nanos_per_unit);
  if (__builtin_add_overflow(nanos, is_negative ? -part : part, &nanos)) {
    return std::nullopt;
  }
  return Timestamp(nanos);
}

int IsoWeek(absl::CivilDay day) {
  // A week belongs to the year of its Thursday.
  const absl::CivilDay thursday =
      absl::NextWeekday(day - 1, absl::Weekday::sunday) - 3;
  return (absl::GetYearDay(thursday) - 1) / 7 + 1;
}

CivilParts ToParts(absl::CivilSecond t) {
  CivilParts parts;
  parts.year = t.year();
  parts.month = t.month();
  parts.day = t.day();
  parts.hour = t.hour();
  parts.minute = t.minute();
  parts.second = t.second();
  parts.week = IsoWeek(absl::CivilDay(t));
  return parts;
}

}  // namespace

std::optional<ParsedTime> ParseTime(std::string_view text,
                                    absl::Duration assumed_zone) {
  const bool is_date = text.size() > 4 && (text[4] == '-' || text[4] == '/');
  if (!is_date) {
    const auto epoch = TimeFromEpochText(text);
    if (!epoch) return std::nullopt;
    return ParsedTime{.time = *epoch, .zone_assumed = false};
  }
  const std::optional<CivilTime> t = ReadDateAndClock(text);
  if (!t) return std::nullopt;
  const int64_t days =
      std::chrono::sys_days(DateOf(*t)).time_since_epoch().count();
  const int64_t offset =
      t->has_zone ? t->offset_seconds : absl::ToInt64Seconds(assumed_zone);
  int64_t seconds =
      ((days * 24 + t->hour) * 60 + t->minute) * 60 + t->second - offset;
  int64_t part = t->nanos;
  if (seconds < 0 && part > 0) {  // Towards zero, so that no step overflows.
    ++seconds;
    part -= kNanosPerSecond;
  }
  int64_t nanos = 0;
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &nanos) ||
      __builtin_add_overflow(nanos, part, &nanos)) {
    return std::nullopt;
  }
  return ParsedTime{.time = Timestamp(nanos), .zone_assumed = !t->has_zone};
}

std::optional<Timestamp> TimeFromEpoch(int64_t value, absl::Duration unit) {
  return EpochToTime(value, {}, value < 0, unit);
}

std::optional<Timestamp> TimeFromEpochText(std::string_view text,
                                           absl::Duration unit) {
  Reader in(text);
  const bool is_negative = in.Skip('-');
  const std::string_view digits = in.Digits();
  std::string_view fraction;
  if (digits.empty()) return std::nullopt;
  if (in.Skip('.')) {
    fraction = in.Digits();
    if (fraction.empty()) return std::nullopt;
  }
  if (!in.empty()) return std::nullopt;
  int64_t value = 0;
  // From the sign on, so that the least int64_t can be read.
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(text.data(), end, value).ec != std::errc()) {
    return std::nullopt;
  }
  return EpochToTime(value, fraction, is_negative, unit);
}

std::optional<Timestamp> TimeFromEpochDouble(double value,
                                             absl::Duration unit) {
  constexpr double kLimit = 9.2e18;
  if (!(std::abs(value) < kLimit)) return std::nullopt;  // Also NaN.
  const double whole = std::trunc(value);
  const int64_t nanos_per_unit =
      EpochUnit(static_cast<uint64_t>(std::abs(whole)), unit);
  const auto part = static_cast<int64_t>((value - whole) *
                                         static_cast<double>(nanos_per_unit));
  int64_t nanos = 0;
  if (__builtin_mul_overflow(static_cast<int64_t>(whole), nanos_per_unit,
                             &nanos) ||
      __builtin_add_overflow(nanos, part, &nanos)) {
    return std::nullopt;
  }
  return Timestamp(nanos);
}

std::optional<CivilParts> ParseCivilParts(std::string_view text) {
  std::optional<CivilTime> t = ReadDateAndClock(text);
  if (!t) {
    Reader in(text);
    CivilTime date;
    if (ReadDate(&in, &date) && in.empty()) t = date;
  }
  if (t) {
    return ToParts(absl::CivilSecond(t->year, t->month, t->day, t->hour,
                                     t->minute, t->second));
  }
  // An epoch is written in UTC.
  const auto epoch = TimeFromEpochText(text);
  if (!epoch) return std::nullopt;
  return ToParts(absl::ToCivilSecond(absl::FromUnixNanos(epoch->nanos()),
                                     absl::UTCTimeZone()));
}

}  // namespace tocsin::base

namespace tocsin {

std::string FormatTimestamp(Timestamp time) {
  const absl::Time t = absl::FromUnixNanos(time.nanos());
  const absl::CivilSecond second = absl::ToCivilSecond(t, absl::UTCTimeZone());
  const int64_t nanos = absl::ToInt64Nanoseconds(
      t - absl::FromCivil(second, absl::UTCTimeZone()));
  std::array<char, 40> text;
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d",
      static_cast<int>(second.year()), second.month(), second.day(),
      second.hour(), second.minute(), second.second());
  std::string out(text.data(), static_cast<size_t>(size));
  if (nanos != 0) {
    std::snprintf(text.data(), text.size(), ".%09d", static_cast<int>(nanos));
    std::string fraction(text.data(), 10);
    while (fraction.ends_with("000")) fraction.resize(fraction.size() - 3);
    out += fraction;
  }
  out.push_back('Z');
  return out;
}

}  // namespace tocsin
