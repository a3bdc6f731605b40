// Detection: one rule fired.
//
// Views point into the event and the rule set; they are valid during the call
// that hands the detection out. Copy what is kept.

#ifndef TOCSIN_DETECTION_H_
#define TOCSIN_DETECTION_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tocsin/event.h"
#include "tocsin/field_value.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin {

// Where the time of an event came from.
enum class TimeSource : uint8_t {
  kHost,     // Event::set_time.
  kField,    // A time field of the event.
  kArrival,  // Event::set_arrival_time, for want of a better one.
  kNone,     // There was none: the time is 1970-01-01T00:00:00Z.
};

// One predicate that was true and bears on the result.
struct MatchedField {
  std::string_view field;      // As the rule names it; "" for a keyword.
  std::string_view selection;  // Name of the selection it stands in.
  // The value that matched. For a test that holds because the field is absent
  // or null, a null; `absent` tells which.
  FieldValue value;
  bool absent = false;
};

struct Detection {
  // 32 hex digits: a hash of the rule's content and the event's identity. The
  // same after a retry, a restart or a replay. Fits any `_id` or dedup key.
  std::string_view id;
  const RuleInfo* rule = nullptr;  // Never null.
  Timestamp time;
  TimeSource time_source = TimeSource::kNone;
  std::span<const MatchedField> matched;
  const Event* event = nullptr;  // Never null.
};

}  // namespace tocsin

#endif  // TOCSIN_DETECTION_H_
