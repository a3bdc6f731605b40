#include "src/frontend/kql/dates.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "src/base/time_parse.h"

namespace tocsin::kql {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

bool IsDigits(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// Nanoseconds of a civil time in UTC.
std::optional<int64_t> Nanos(absl::CivilSecond civil) {
  if (civil.year() < 1700 || civil.year() > 2250) return std::nullopt;
  return absl::ToUnixSeconds(absl::FromCivil(civil, absl::UTCTimeZone())) *
         kSecond;
}

std::optional<Date> Between(absl::CivilSecond first, absl::CivilSecond behind) {
  const std::optional<int64_t> begin = Nanos(first);
  const std::optional<int64_t> end = Nanos(behind);
  if (!begin || !end) return std::nullopt;
  return Date{.first = *begin, .last = *end - 1};
}

// The stretch of the calendar that holds `civil`.
std::optional<Date> Rounded(absl::CivilSecond civil, char unit) {
  switch (unit) {
    case 'y':
      return Between(absl::CivilYear(civil), absl::CivilYear(civil) + 1);
    case 'M':
      return Between(absl::CivilMonth(civil), absl::CivilMonth(civil) + 1);
    case 'w': {
      const absl::CivilDay behind =
          absl::NextWeekday(absl::CivilDay(civil), absl::Weekday::monday);
      return Between(behind - 7, behind);
    }
    case 'd':
      return Between(absl::CivilDay(civil), absl::CivilDay(civil) + 1);
    case 'h':
    case 'H':
      return Between(absl::CivilHour(civil), absl::CivilHour(civil) + 1);
    case 'm':
      return Between(absl::CivilMinute(civil), absl::CivilMinute(civil) + 1);
    case 's':
      return Between(civil, civil + 1);
    default:
      return std::nullopt;
  }
}

// Seconds of a unit that is always as long.
std::optional<int64_t> SecondsOf(char unit) {
  switch (unit) {
    case 'w':
      return 7 * 86400;
    case 'd':
      return 86400;
    case 'h':
    case 'H':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return std::nullopt;
  }
}

std::optional<Date> ParsePlain(std::string_view text) {
  if (IsDigits(text) && text.size() != 4) {
    // A small number is a mistake, not a moment of 1970.
    if (text.size() < 9) return std::nullopt;
    int64_t millis = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), millis);
    if (error != std::errc()) return std::nullopt;
    const std::optional<Timestamp> time =
        text.size() <= 11 ? base::TimeFromEpoch(millis, absl::Seconds(1))
                          : base::TimeFromEpoch(millis, absl::Milliseconds(1));
    if (!time) return std::nullopt;
    return Date{.first = time->nanos(), .last = time->nanos()};
  }
  // In part: a year, a month, a day, an hour or a minute.
  std::string full(text);
  char unit = '\0';
  if (text.size() == 4) {
    full += "-01-01T00:00:00Z";
    unit = 'y';
  } else if (text.size() == 7) {
    full += "-01T00:00:00Z";
    unit = 'M';
  } else if (text.size() == 10) {
    full += "T00:00:00Z";
    unit = 'd';
  } else if (text.size() == 13) {
    full += ":00:00Z";
    unit = 'h';
  } else if (text.size() == 16 && text[13] == ':') {
    full += ":00Z";
    unit = 'm';
  } else if (text.size() == 19 || (text.size() == 20 && text[19] == 'Z')) {
    unit = 's';
  }
  if (text.size() < 4 || !IsDigits(text.substr(0, 4))) return std::nullopt;
  const std::optional<base::ParsedTime> time =
      base::ParseTime(full, absl::ZeroDuration());
  if (!time) return std::nullopt;
  const int64_t nanos = time->time.nanos();
  if (unit == '\0') return Date{.first = nanos, .last = nanos};
  return Rounded(
      absl::ToCivilSecond(absl::FromUnixNanos(nanos), absl::UTCTimeZone()),
      unit);
}

// "+1d", "-2w/d" behind `date`.
bool Calculate(std::string_view math, Date* date) {
  bool rounded = false;
  while (!math.empty()) {
    const char sign = math[0];
    math.remove_prefix(1);
    if (rounded || (sign != '+' && sign != '-' && sign != '/')) return false;
    int64_t count = 1;
    size_t digits = 0;
    while (digits < math.size() &&
           absl::ascii_isdigit(static_cast<unsigned char>(math[digits]))) {
      ++digits;
    }
    if (digits > 6 || (sign == '/' && digits > 0)) return false;
    std::from_chars(math.data(), math.data() + digits, count);
    math.remove_prefix(digits);
    if (math.empty()) return false;
    const char unit = math[0];
    math.remove_prefix(1);
    if (sign == '-') count = -count;
    const absl::CivilSecond civil = absl::ToCivilSecond(
        absl::FromUnixNanos(date->first), absl::UTCTimeZone());
    if (sign == '/') {
      const std::optional<Date> whole = Rounded(civil, unit);
      if (date->from_now || !whole) return false;
      *date = *whole;
      rounded = true;
      continue;
    }
    int64_t distance = 0;
    if (const std::optional<int64_t> seconds = SecondsOf(unit)) {
      distance = *seconds * count * kSecond;
    } else if (unit == 'y' || unit == 'M') {
      if (date->from_now) return false;
      const absl::CivilMonth month =
          absl::CivilMonth(civil) + count * (unit == 'y' ? 12 : 1);
      // The last day of a shorter month stands for those it lacks.
      const int days = (absl::CivilDay(month + 1) - 1).day();
      const absl::CivilSecond moved(month.year(), month.month(),
                                    std::min(civil.day(), days), civil.hour(),
                                    civil.minute(), civil.second());
      const std::optional<int64_t> nanos = Nanos(moved);
      const std::optional<int64_t> before = Nanos(civil);
      if (!nanos || !before) return false;
      distance = *nanos - *before;
    } else {
      return false;
    }
    if (__builtin_add_overflow(date->first, distance, &date->first) ||
        __builtin_add_overflow(date->last, distance, &date->last)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Date> ParseDate(std::string_view text) {
  std::optional<Date> date;
  std::string_view math;
  if (text.starts_with("now")) {
    date = Date{.from_now = true};
    math = text.substr(3);
  } else if (const size_t bars = text.find("||");
             bars != std::string_view::npos) {
    date = ParsePlain(text.substr(0, bars));
    math = text.substr(bars + 2);
  } else {
    return ParsePlain(text);
  }
  if (!date || !Calculate(math, &*date)) return std::nullopt;
  return date;
}

}  // namespace tocsin::kql
