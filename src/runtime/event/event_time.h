// FindEventTime: the moment an event says it happened.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_EVENT_TIME_H_
#define TOCSIN_SRC_RUNTIME_EVENT_EVENT_TIME_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "src/runtime/event/event_view.h"
#include "tocsin/engine.h"
#include "tocsin/timestamp.h"

namespace tocsin::runtime {

struct TimeOptions {
  // The only field that is looked at; empty: the built-in list.
  std::string field;
  TimeFormat format = TimeFormat::kAuto;
  // Offset from UTC of times that carry no zone.
  absl::Duration assumed_zone = absl::ZeroDuration();
};

struct FoundTime {
  Timestamp time;
  bool zone_assumed = false;  // It was read with `assumed_zone`.
};

// The first field, in the order of docs/events.md, that holds a time.
std::optional<FoundTime> FindEventTime(const EventView& view,
                                       const TimeOptions& options);

// One value as a time. Numbers, and texts that are numbers, are in the unit
// that `format` names.
std::optional<FoundTime> ReadTime(const FieldValue& value, TimeFormat format,
                                  absl::Duration assumed_zone);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_EVENT_TIME_H_
