#include "src/runtime/event/event_time.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/number.h"
#include "src/base/time_parse.h"

namespace tocsin::runtime {
namespace {

struct TimeField {
  std::string_view name;
  // Its source defines it as UTC and may leave the zone out.
  bool is_utc = false;
};

// The order decides where an event has several: what the source itself wrote
// comes before what a collector may have put there, names of one known format
// before names that could mean anything.
constexpr TimeField kTimeFields[] = {
    {"TimeCreated_SystemTime", true},  // EVTX.
    {"eventTime"},                     // CloudTrail.
    {"detail.eventTime"},              // CloudTrail through EventBridge.
    {"requestReceivedTimestamp"},      // Kubernetes audit.
    {"@timestamp"},                    // ECS, Logstash, GitHub.
    {"SystemTime", true},              // Flat EVTX.
    {"TimeCreated", true},             // Flat EVTX.
    {"UtcTime", true},                 // Sysmon.
    {"EventTime"},                     // NXLog, in local time.
    {"TimeGenerated", true},           // Azure Monitor.
    {"CreationTime", true},            // Microsoft 365.
    {"createdDateTime", true},         // Entra sign-ins.
    {"activityDateTime", true},        // Entra audit.
    {"properties.createdDateTime", true},
    {"properties.activityDateTime", true},
    {"eventTimestamp"},  // Azure activity.
    {"published"},       // Okta.
    {"id.time"},         // Google Workspace.
    {"timestamp"},       // Suricata, GCP, Falco and many others.
    {"Timestamp"},       // Defender.
    {"ts"},              // Zeek.
    {"time"},            // OCSF, EventBridge, Azure.
    {"_time"},           // Splunk.
    {"event_time"},
    {"created_at"},
    {"createdAt"},
    {"unixTime"},          // osquery.
    {"stageTimestamp"},    // Kubernetes audit.
    {"receiveTimestamp"},  // GCP.
    {"timeUnixNano"},      // OTLP.
    {"observedTimeUnixNano"},
    {"_SOURCE_REALTIME_TIMESTAMP"},  // journald.
    {"__REALTIME_TIMESTAMP"},
    {"utc_time", true},
    {"datetime"},
    {"dateTime"},
    {"log_time"},
    {"event.created"},
};

// Comes last: a date alone, of which "time" above was only the other half.
constexpr std::string_view kW3cDate = "date";

// OTLP says that a 0 here stands for "not known"; nowhere else does it.
bool IsOtlpUnknown(std::string_view field, Timestamp time) {
  return time == Timestamp() && field.ends_with("imeUnixNano");
}

// 1601-01-01 to 1970-01-01, in units of 100 ns.
constexpr int64_t kFileTimeOfEpoch = 116'444'736'000'000'000;

std::optional<Timestamp> FromFileTime(int64_t value) {
  if (value < 0) return std::nullopt;
  return base::TimeFromEpoch(value - kFileTimeOfEpoch, absl::Nanoseconds(100));
}

absl::Duration UnitOf(TimeFormat format) {
  switch (format) {
    case TimeFormat::kEpochSeconds:
      return absl::Seconds(1);
    case TimeFormat::kEpochMillis:
      return absl::Milliseconds(1);
    case TimeFormat::kEpochMicros:
      return absl::Microseconds(1);
    case TimeFormat::kEpochNanos:
      return absl::Nanoseconds(1);
    case TimeFormat::kAuto:
    case TimeFormat::kFileTime:
      break;
  }
  return absl::ZeroDuration();
}

std::optional<Timestamp> FromNumber(const FieldValue& value,
                                    TimeFormat format) {
  const bool is_int = value.kind() == FieldKind::kInt;
  if (format == TimeFormat::kFileTime) {
    if (!is_int) return std::nullopt;
    return FromFileTime(value.int_value());
  }
  const absl::Duration unit = UnitOf(format);
  if (is_int) return base::TimeFromEpoch(value.int_value(), unit);
  if (value.kind() != FieldKind::kDouble) return std::nullopt;
  // The text is exact; a double of today's seconds is not, to a nanosecond.
  if (const auto exact = base::TimeFromEpochText(value.text(), unit)) {
    return exact;
  }
  return base::TimeFromEpochDouble(value.double_value(), unit);
}

// As most times begin: 2026-01-15.
bool BeginsWithDate(std::string_view text) {
  return text.size() > 7 && text[4] == '-' && text[7] == '-';
}

}  // namespace

std::optional<FoundTime> ReadTime(const FieldValue& value, TimeFormat format,
                                  absl::Duration assumed_zone) {
  std::optional<FieldValue> number;
  if (value.is_number()) {
    number = value;
  } else if (value.is_string()) {
    const std::string_view text = value.text();
    if (!BeginsWithDate(text)) number = base::ParseNumberValue(text);
  } else {
    return std::nullopt;
  }
  if (number) {
    const std::optional<Timestamp> time = FromNumber(*number, format);
    if (!time) return std::nullopt;
    return FoundTime{.time = *time};
  }
  const auto parsed = base::ParseTime(value.text(), assumed_zone);
  if (!parsed) return std::nullopt;
  return FoundTime{.time = parsed->time, .zone_assumed = parsed->zone_assumed};
}

EventTimeFinder::EventTimeFinder(TimeOptions options)
    : options_(std::move(options)) {
  if (!options_.field.empty()) {
    fields_ = {options_.field};
  } else {
    for (const TimeField& field : kTimeFields) fields_.emplace_back(field.name);
    fields_.emplace_back(kW3cDate);
  }
  for (uint32_t i = 0; i < fields_.size(); ++i) all_.push_back(i);
}

std::optional<FoundTime> EventTimeFinder::In(
    Find find, std::span<const uint32_t> present) {
  for (const uint32_t field : present) {
    if (const auto found = InField(find, field)) return found;
  }
  return std::nullopt;
}

std::optional<FoundTime> EventTimeFinder::In(const EventView& view) {
  return In(
      [&](size_t place, std::vector<FieldValue>* values) {
        return view.Find(fields_[place], values);
      },
      all_);
}

bool EventTimeFinder::IsUtc(size_t place) const {
  return options_.field.empty() && kTimeFields[place].is_utc;
}

std::optional<FoundTime> EventTimeFinder::InDate(size_t place,
                                                 std::string_view text) const {
  if (!BeginsWithDate(text) ||
      (options_.field.empty() && place == std::size(kTimeFields))) {
    return std::nullopt;
  }
  const bool is_utc = IsUtc(place);
  const auto parsed = base::ParseTime(
      text, is_utc ? absl::ZeroDuration() : options_.assumed_zone);
  if (!parsed) return std::nullopt;
  return FoundTime{.time = parsed->time,
                   .zone_assumed = parsed->zone_assumed && !is_utc};
}

std::optional<FoundTime> EventTimeFinder::InField(Find find, size_t place) {
  const bool is_given = !options_.field.empty();
  if (!is_given && place == std::size(kTimeFields)) return InW3cFields(find);
  const bool is_utc = IsUtc(place);
  values_.clear();
  if (!find(place, &values_)) return std::nullopt;
  for (const FieldValue& value : values_) {
    std::optional<FoundTime> found =
        ReadTime(value, options_.format,
                 is_utc ? absl::ZeroDuration() : options_.assumed_zone);
    if (!found || IsOtlpUnknown(fields_[place], found->time)) continue;
    if (is_utc) found->zone_assumed = false;
    return found;
  }
  return std::nullopt;
}

// `date` and `time` apart, in UTC, as web servers write them.
std::optional<FoundTime> EventTimeFinder::InW3cFields(Find find) {
  values_.clear();
  const auto time = std::find(fields_.begin(), fields_.end(), "time");
  if (!find(std::size(kTimeFields), &values_) ||
      !find(static_cast<size_t>(time - fields_.begin()), &values_)) {
    return std::nullopt;
  }
  if (values_.size() != 2 || !values_[0].is_string() ||
      !values_[1].is_string()) {
    return std::nullopt;
  }
  std::string text(values_[0].text());
  text.append(" ").append(values_[1].text());
  const auto parsed = base::ParseTime(text, absl::ZeroDuration());
  if (!parsed) return std::nullopt;
  return FoundTime{.time = parsed->time};
}

}  // namespace tocsin::runtime
