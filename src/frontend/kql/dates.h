// Dates of KQL: ISO 8601 in full or in part, epochs, and date math.

#ifndef TOCSIN_SRC_FRONTEND_KQL_DATES_H_
#define TOCSIN_SRC_FRONTEND_KQL_DATES_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin::kql {

// What a date stands for: from the first to the last nanosecond that it can
// mean. "2026-01" is a month, "2026-01-15T10:20:30.5Z" a moment. Or, with
// `from_now`, so much before (or behind) now.
struct Date {
  bool from_now = false;
  int64_t first = 0;
  int64_t last = 0;
};

// "2026-01-15||+1M/d", "now-10d". What depends on where now lies in its month
// or day (`now-1M`, `now/d`) is nullopt; so is what is no date.
std::optional<Date> ParseDate(std::string_view text);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_DATES_H_
