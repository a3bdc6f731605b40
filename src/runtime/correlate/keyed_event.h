// What passes between the correlator and the machines of its rules.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_KEYED_EVENT_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_KEYED_EVENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/program/correlation.h"

namespace tocsin::runtime {

// Events of equal time are ordered by `ref`.
struct Moment {
  int64_t time = 0;
  uint64_t ref = 0;

  friend auto operator<=>(const Moment&, const Moment&) = default;
};

// An event as one group of one rule sees it. Views live for the call.
struct KeyedEvent {
  Moment at;
  program::StepMask steps = 0;
  uint64_t hash = 0;
  // With zeros behind it up to a multiple of eight bytes.
  std::string_view key;
  // The rule's columns, and what its condition over several steps asks for
  // (where_test.h).
  const uint64_t* columns = nullptr;
  // Where its group stood in the machine's table a moment ago, if that is
  // known.
  uint32_t* place = nullptr;
};

// One rule fired for one group. Views live for the call.
struct Fired {
  // Says all that is not said afterwards. An aggregate would be cleared first,
  // which takes longer than all else about a firing.
  Fired(uint32_t rule_in, std::string_view key_in, const Moment& at_in,
        int64_t first_in)
      : rule(rule_in), key(key_in), at(at_in), first(first_in) {}

  uint32_t rule;  // Index of the correlation.
  std::string_view key;
  Moment at;             // The event at which it was true.
  int64_t first;         // Time of the first event that counted, if known.
  int64_t decided = 0;   // Event time at which that was certain.
  uint32_t ordinal = 0;  // Of those of the same group and time.
  bool revised = false;  // A late event made it true.
  bool exact = true;     // False: events that might count were shed.
  // How many events counted, by leg, part or measure; at least that many.
  const double* values = nullptr;
  uint32_t value_count = 0;
  // Of a sequence its events, one a stage; `ref` of a missing one is kNoEvent.
  const Moment* events = nullptr;
  uint32_t event_count = 0;
};
inline constexpr uint64_t kNoEvent = UINT64_MAX;

class FiredHandler {
 public:
  virtual ~FiredHandler() = default;
  virtual void OnFired(const Fired& fired) = 0;
  // What fired last has no more ties: rules that relate by any of several
  // fields fire once for each, one behind the other.
  virtual void EndTies() {}
  // Whether what was fired last is for rules that read alerts.
  virtual bool IsAlert() { return true; }
  // How grave that is; valid until the next. Empty: as its rule says.
  virtual std::string_view Level() { return {}; }
  // What scores it gave, as findings for rules that read risks.
  virtual std::vector<std::string> TakeRisks() { return {}; }
};

struct RuleCounters {
  int64_t events = 0;  // That reached the rule's groups.
  int64_t fired = 0;
  int64_t late = 0;         // Behind the watermark: not counted.
  int64_t future = 0;       // Too far ahead: not counted.
  int64_t without_key = 0;  // Dropped for a missing field.
  int64_t keys_cut = 0;     // Elements of arrays beyond the limit of keys.
  int64_t shed = 0;         // Groups forgotten for want of memory.
  int64_t refused = 0;      // Events for which there was no memory at all.
  // Times when a condition over several steps was not tested on all there was:
  // more than it looks at, or values that are too long.
  int64_t not_compared = 0;
};

// Sums that stay in the range of time.
inline int64_t AddTime(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? INT64_MAX : INT64_MIN;
}
inline int64_t SubTime(int64_t a, int64_t b) {
  int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? INT64_MAX : INT64_MIN;
}

// "No time": before every window.
inline constexpr int64_t kNever = INT64_MIN;

// The first time in a window that ends at `time`.
inline int64_t WindowStart(const program::Correlation& rule, int64_t time) {
  const int64_t start = SubTime(time, rule.span);
  return rule.half_open || start == kNever ? AddTime(start, 1) : start;
}

// The last time in a window that begins at `time`.
inline int64_t WindowEnd(const program::Correlation& rule, int64_t time) {
  const int64_t end = AddTime(time, rule.span);
  return rule.half_open ? SubTime(end, 1) : end;
}

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_KEYED_EVENT_H_
