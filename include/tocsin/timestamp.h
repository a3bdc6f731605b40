// Timestamp: a moment of event time.
//
//   tocsin::Timestamp t(1'768'472'430'000'000'000);  // Since 1970, in ns.
//   if (later - t <= absl::Minutes(5)) Raise(t);
//
// Event time is the time an event says it happened, in UTC. It is never the
// wall clock: Tocsin does not read one. The range is that of 64-bit
// nanoseconds, 1677-09-21 to 2262-04-11. A value type: copy it, compare it, use
// it from any thread.

#ifndef TOCSIN_TIMESTAMP_H_
#define TOCSIN_TIMESTAMP_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace tocsin {

class Timestamp {
 public:
  // 1970-01-01T00:00:00Z.
  constexpr Timestamp() = default;

  // `nanos`: nanoseconds since 1970-01-01T00:00:00Z, negative before it.
  constexpr explicit Timestamp(int64_t nanos) : nanos_(nanos) {}

  constexpr int64_t nanos() const { return nanos_; }

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

  // A duration is cut to whole nanoseconds; sums and differences that leave
  // the range stop at its ends.
  friend Timestamp operator+(Timestamp t, absl::Duration d) {
    return FromTime(absl::FromUnixNanos(t.nanos_) + d);
  }
  friend Timestamp operator-(Timestamp t, absl::Duration d) { return t + (-d); }
  friend absl::Duration operator-(Timestamp a, Timestamp b) {
    return absl::FromUnixNanos(a.nanos_) - absl::FromUnixNanos(b.nanos_);
  }

 private:
  static Timestamp FromTime(absl::Time t) {
    return Timestamp(absl::ToUnixNanos(t));
  }

  int64_t nanos_ = 0;
};

// RFC 3339 in UTC with as many digits of the second as are needed, in groups
// of three: "2026-01-15T10:20:30Z", "2026-01-15T10:20:30.123Z".
std::string FormatTimestamp(Timestamp time);

}  // namespace tocsin

#endif  // TOCSIN_TIMESTAMP_H_
