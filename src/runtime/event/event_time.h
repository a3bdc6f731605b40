// EventTimeFinder: the moment an event says it happened.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_EVENT_TIME_H_
#define TOCSIN_SRC_RUNTIME_EVENT_EVENT_TIME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
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

// Finds the time of one event after the other.
class EventTimeFinder {
 public:
  // As EventView::Find, for the field at `place` in fields().
  using Find =
      absl::FunctionRef<bool(size_t place, std::vector<FieldValue>* values)>;

  explicit EventTimeFinder(TimeOptions options);

  // The fields that are looked at, in the order of docs/events.md.
  const std::vector<std::string>& fields() const { return fields_; }

  // The time in the first field that holds one. `present`: places in fields()
  // of those that the event has, in ascending order; others are not asked for.
  std::optional<FoundTime> In(Find find, std::span<const uint32_t> present);

  // The same if the field at `place` is the first of them and `text` its only
  // value, as long as that is a date with a clock, as it mostly is. None: ask
  // In.
  std::optional<FoundTime> InDate(size_t place, std::string_view text) const;

  // As In for an event of which that is not known.
  std::optional<FoundTime> In(const EventView& view);

 private:
  bool IsUtc(size_t place) const;
  std::optional<FoundTime> InField(Find find, size_t place);
  std::optional<FoundTime> InW3cFields(Find find);

  TimeOptions options_;
  std::vector<std::string> fields_;
  std::vector<uint32_t> all_;
  std::vector<FieldValue> values_;  // Scratch.
};

// One value as a time. Numbers, and texts that are numbers, are in the unit
// that `format` names.
std::optional<FoundTime> ReadTime(const FieldValue& value, TimeFormat format,
                                  absl::Duration assumed_zone);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_EVENT_TIME_H_
