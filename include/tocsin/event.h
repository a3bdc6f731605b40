// Event: what a host feeds an Engine. A borrowed view, never a copy.
//
//   engine.Feed(tocsin::Event::Json(R"({"EventID":4688,"Image":"C:\\a.exe"})"));
//
//   tocsin::EventBuilder record;               // Fields from a host's program.
//   record.Add("EventID", 4688).Add("Image", "C:\\a.exe");
//   engine.Feed(tocsin::Event::Record(record));
//
//   struct Row : tocsin::FieldLookup {         // A host's own layout.
//     bool Find(std::string_view field,
//               std::vector<tocsin::FieldValue>& values) const override {
//       if (field != "EventID") return false;
//       values.push_back(tocsin::FieldValue::Int(4688));
//       return true;
//     }
//     void ForEachValue(absl::FunctionRef<void(std::string_view,
//                                              tocsin::FieldValue)>
//                           visit) const override {
//       visit("EventID", tocsin::FieldValue::Int(4688));
//     }
//   };
//   Row row;
//   engine.Feed(tocsin::Event::Lookup(row));
//
// What an Event points at must live until the call it is passed to returns.
// Field names: `a.b` finds the literal key "a.b" first, then the path a -> b;
// paths cross arrays of objects. Names are case-sensitive. Of a key that occurs
// twice in one object the last wins. Thread-compatible.

#ifndef TOCSIN_EVENT_H_
#define TOCSIN_EVENT_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "tocsin/field_value.h"
#include "tocsin/timestamp.h"

namespace tocsin {

// A host's own record. All views handed out must live until Feed returns.
class FieldLookup {
 public:
  virtual ~FieldLookup() = default;

  // Appends each value of `field` to `values`: one for a scalar, one per
  // element for a list. Returns whether the field exists; an existing empty
  // list appends nothing and returns true. Called at most once per event for
  // each field that a rule, the event's time or its log source may be in. With
  // routing that is some hundreds of names, whatever the rules: answer fast.
  virtual bool Find(std::string_view field,
                    std::vector<FieldValue>& values) const = 0;

  // Calls `visit` for every scalar of the record, for keyword rules.
  virtual void ForEachValue(
      absl::FunctionRef<void(std::string_view field, FieldValue value)> visit)
      const = 0;
};

// Collects the fields of one event, typed. Reuse one builder for many events:
// after the first few it no longer allocates. Adding a field again replaces
// nothing but wins, as the last of two equal keys.
class EventBuilder {
 public:
  EventBuilder();

  EventBuilder& Add(std::string_view field, std::string_view value);
  EventBuilder& Add(std::string_view field, const char* value) {
    return Add(field, std::string_view(value));
  }
  EventBuilder& Add(std::string_view field, std::same_as<bool> auto value) {
    return AddBool(field, value);
  }
  EventBuilder& Add(std::string_view field, std::signed_integral auto value) {
    return AddInt(field, static_cast<int64_t>(value));
  }
  EventBuilder& Add(std::string_view field, std::unsigned_integral auto value)
    requires(!std::same_as<decltype(value), bool>)
  {
    return AddUint(field, static_cast<uint64_t>(value));
  }
  // NaN and infinities, which JSON lacks, are added as null.
  EventBuilder& Add(std::string_view field, std::floating_point auto value) {
    return AddDouble(field, static_cast<double>(value));
  }
  EventBuilder& Add(std::string_view field,
                    std::span<const std::string_view> values);
  EventBuilder& AddNull(std::string_view field);

  // `json` must be one well-formed JSON value; it is not checked here, and a
  // malformed one makes the whole event malformed.
  EventBuilder& AddJson(std::string_view field, std::string_view json);

  // Forgets all fields and keeps the memory.
  void Clear();

  // The record as one JSON object. Valid until the next change.
  std::string_view json() const;

 private:
  EventBuilder& AddBool(std::string_view field, bool value);
  EventBuilder& AddInt(std::string_view field, int64_t value);
  EventBuilder& AddUint(std::string_view field, uint64_t value);
  EventBuilder& AddDouble(std::string_view field, double value);
  void AddKey(std::string_view field);

  std::string json_;
};

class Event {
 public:
  // One JSON object, UTF-8, without trailing text. Invalid UTF-8 is read as
  // U+FFFD and counted.
  static Event Json(std::string_view json) {
    Event event;
    event.json_ = json;
    return event;
  }
  static Event Record(const EventBuilder& record) {
    return Json(record.json());
  }
  static Event Lookup(const FieldLookup& lookup) {
    Event event;
    event.lookup_ = &lookup;
    return event;
  }

  // The event's own identity, if the host has one (a Kafka offset, an
  // EventRecordID with its host, a CloudTrail eventID). Detection ids are made
  // from it; without one they are made from the time and content.
  Event& set_id(std::string_view id) {
    id_ = id;
    return *this;
  }

  // Event time, when the host knows it; otherwise it is found in the fields.
  Event& set_time(Timestamp time) {
    time_ = time;
    return *this;
  }

  // When the host received the event: used where no event time is found.
  Event& set_arrival_time(Timestamp time) {
    arrival_time_ = time;
    return *this;
  }

  // Where the event was read from; copied into detections. `line` is 1-based.
  Event& set_origin(std::string_view file, int64_t line) {
    file_ = file;
    line_ = line;
    return *this;
  }

  // Empty for a Lookup event.
  std::string_view json() const { return json_; }
  const FieldLookup* lookup() const { return lookup_; }
  std::string_view id() const { return id_; }
  std::optional<Timestamp> time() const { return time_; }
  std::optional<Timestamp> arrival_time() const { return arrival_time_; }
  std::string_view file() const { return file_; }
  int64_t line() const { return line_; }

 private:
  Event() = default;

  std::string_view json_;
  const FieldLookup* lookup_ = nullptr;
  std::string_view id_;
  std::optional<Timestamp> time_;
  std::optional<Timestamp> arrival_time_;
  std::string_view file_;
  int64_t line_ = 0;
};

}  // namespace tocsin

#endif  // TOCSIN_EVENT_H_
