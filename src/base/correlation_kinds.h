// The words of correlations that the IR, the program and the runtime share:
// which measures, windows and policies there are, and what each means.
//
// Everywhere: time is event time, events are ordered by time, then by
// tiebreaker, then by arrival, and "before" means before in that order.

#ifndef TOCSIN_SRC_BASE_CORRELATION_KINDS_H_
#define TOCSIN_SRC_BASE_CORRELATION_KINDS_H_

#include <cstdint>

namespace tocsin::base {

// A number made of the events of some steps that lie in a window. Of no events
// kCount and kDistinct are 0, the others null; a comparison with null is not
// true, nor is its negation. An event whose field is missing, null or, where a
// number is asked for, not a number, counts for kCount only.
enum class MeasureKind : uint8_t {
  kCount,
  kDistinct,  // Different tuples of `fields`; without a part: not counted.
  kSum,
  kAvg,
  kMin,
  kMax,
  kMedian,      // Of an even number, the mean of the two in the middle.
  kPercentile,  // `parameter` in (0, 100]; nearest rank.
  kStddev,      // Of the whole population.
  kInterval,    // Mean seconds between neighbours; null below 2 events.
  kJitter,      // Deviation of the gaps / their mean; null below 3 events.
  kRate,        // Events a second of the window's span.
  kFirst,       // For reports only: the field of the oldest event,
  kLast,        // of the newest,
  kValues,      // and of all, each value once, at most 100.
};

enum class MeasureCompare : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

enum class WindowKind : uint8_t {
  kSliding,   // `span` around each event that is looked at; see WindowReach.
  kTumbling,  // [start, start + span), aligned to 1970 in UTC plus `offset`.
  kSession,   // Ends when no event came for more than `span`, or after `max`.
};

// Where a sliding window lies, seen from the event at t that it belongs to.
enum class WindowReach : uint8_t {
  kBefore,  // [t - span, t], up to that event.
  kAfter,   // [t, t + span], from that event on.
  kAround,  // [t - span, t + span].
};

// How often a rule fires for one key while it is true again and again.
enum class FirePolicy : uint8_t {
  kEvery,     // Each time it is found true.
  kEdge,      // If it was false at some moment since it last fired.
  kReset,     // Each time; the events that counted, and older ones of the key,
              // are spent and count for nothing more.
  kThrottle,  // Not within `throttle` of event time after it last fired.
};

// Whether a rule waits for events that are late but not too late.
enum class OrderMode : uint8_t {
  kEager,   // What further events cannot undo is reported at once.
  kStrict,  // Everything when the watermark has passed: the result is exactly
            // that of the sorted stream.
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_CORRELATION_KINDS_H_
