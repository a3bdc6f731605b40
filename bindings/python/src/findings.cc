#include "findings.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <string>

#include "rules.h"
#include "times.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

// One element of Results, whatever its kind; the kinds are types of their own
// so that isinstance and match tell them apart.
struct FindingObject {
  std::shared_ptr<const Batch> batch;
  size_t index = 0;

  const Finding& finding() const { return batch->findings[index]; }
  std::string_view json() const { return batch->body(finding()); }
  std::string_view id() const { return IdOf(finding()); }
};
struct DetectionObject : FindingObject {};
struct IncidentObject : FindingObject {};
struct ResponseObject : FindingObject {};
struct SuppressedObject : FindingObject {};
struct AnomalyObject : FindingObject {};

nb::object TimeOf(const FindingObject& object) {
  if (!object.finding().has_time) return nb::none();
  return ToDatetime(object.finding().time);
}

// A member of the body; `otherwise` where the body leaves it out.
nb::object Member(const FindingObject& object, const char* name,
                  nb::object otherwise = nb::none()) {
  return ParseJson(object.json()).attr("get")(name, std::move(otherwise));
}

nb::object TextMember(const FindingObject& object, const char* name,
                      const std::string& otherwise) {
  return Member(object, name, nb::str(otherwise.data(), otherwise.size()));
}

// RFC 3339 with up to nine digits behind the point: more than datetime reads.
nb::object TimeMember(const FindingObject& object, const char* name) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full,
                       nb::cast<std::string>(Member(object, name)), &time,
                       &error)) {
    throw nb::value_error(error.c_str());
  }
  return ToDatetime(Timestamp(absl::ToUnixNanos(time)));
}

nb::dict KeysOf(const FindingObject& object) {
  nb::dict keys;
  const nb::object listed = Member(object, "keys", nb::list());
  for (nb::handle key : listed) keys[key["field"]] = key["value"];
  return keys;
}

std::string Describe(const char* type, const FindingObject& object) {
  if (object.finding().rule == nullptr) {
    return std::string("<") + type + " " + std::string(object.json()) + ">";
  }
  const RuleInfo& rule = *object.finding().rule;
  std::string text = "<";
  text.append(type).append(" ").append(object.id()).append(" ");
  if (!rule.level.empty()) text.append(rule.level).append(" ");
  return text.append(rule.title).append(">");
}

template <typename Object>
nb::class_<Object> BindFinding(nb::module_& module, const char* name,
                               const char* doc) {
  return nb::class_<Object>(module, name, nb::is_final(), doc)
      .def_prop_ro(
          "id", [](const Object& object) { return object.id(); },
          "32 hex digits: the same after a retry, a restart or a replay. Fits "
          "any `_id` or dedup key.")
      .def_prop_ro(
          "time", [](const Object& object) { return TimeOf(object); },
          nb::sig("def time(self) -> datetime.datetime | None"),
          "Event time in UTC, cut to microseconds; None where the event tells "
          "none.")
      .def_prop_ro(
          "time_ns",
          [](const Object& object) { return object.finding().time.nanos(); },
          "Event time in nanoseconds since 1970-01-01T00:00:00Z; 0 where the "
          "event tells none.")
      .def_prop_ro(
          "line", [](const Object& object) { return object.finding().line; },
          "Where the event that decided it stood in what was fed, from 1 on: "
          "line of bytes or text, item of an iterable, row of a column, line "
          "of a file. 0 where no event did, as in `flush`.")
      .def_prop_ro(
          "json", [](const Object& object) { return object.json(); },
          "All of it as one JSON object (docs/output.md), without a newline.")
      .def(
          "to_dict",
          [](const Object& object) { return ParseJson(object.json()); },
          nb::sig("def to_dict(self) -> dict[str, Any]"),
          "`json` parsed; a new dict each time.")
      .def(
          "__eq__",
          [](const Object& a, nb::handle other) {
            return nb::isinstance<Object>(other) &&
                   a.json() == nb::cast<const Object&>(other).json();
          },
          nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const Object& object) {
             return static_cast<Py_hash_t>(
                 std::hash<std::string_view>()(object.id()));
           })
      .def("__repr__",
           [name](const Object& object) { return Describe(name, object); });
}

template <typename Object>
void BindRuleOf(nb::class_<Object>& type) {
  type.def_prop_ro(
      "rule",
      [](const Object& object) {
        const Finding& finding = object.finding();
        return MakeRule(object.batch->rule_sets[finding.rule_set],
                        finding.rule);
      },
      nb::sig("def rule(self) -> Rule"), "The rule that fired.");
}

template <typename Object>
void BindLevel(nb::class_<Object>& type) {
  type.def_prop_ro(
      "level",
      [](const Object& object) {
        return TextMember(object, "level", object.finding().rule->level);
      },
      nb::sig("def level(self) -> str"),
      "How grave it is: the rule's level, or a higher one that the rule has "
      "for such events.");
}

template <typename Object>
void BindTitle(nb::class_<Object>& type) {
  type.def_prop_ro(
      "title",
      [](const Object& object) {
        return TextMember(object, "title", object.finding().rule->title);
      },
      nb::sig("def title(self) -> str"),
      "The rule's title, or what its rule_name_override has in the event.");
  type.def_prop_ro(
      "risk_score",
      [](const Object& object) {
        const double score = object.finding().rule->risk_score;
        return Member(object, "risk_score",
                      score < 0 ? nb::none() : nb::object(nb::float_(score)));
      },
      nb::sig("def risk_score(self) -> float | None"),
      "Of Elastic's rules, 0 to 100; None where there is none.");
}

template <typename Object>
void BindKeys(nb::class_<Object>& type, const char* doc) {
  type.def_prop_ro(
      "keys", [](const Object& object) { return KeysOf(object); },
      nb::sig("def keys(self) -> dict[str, str | None]"), doc);
}

template <typename Object>
void BindTime(nb::class_<Object>& type, const char* name, const char* member,
              const char* sig, const char* doc) {
  type.def_prop_ro(
      name,
      [member](const Object& object) { return TimeMember(object, member); },
      nb::sig(sig), doc);
}

template <typename Object>
void BindMember(nb::class_<Object>& type, const char* name, const char* member,
                const char* sig, const char* doc) {
  type.def_prop_ro(
      name, [member](const Object& object) { return Member(object, member); },
      nb::sig(sig), doc);
}

void BindDetection(nb::module_& module) {
  auto type = BindFinding<DetectionObject>(
      module, "Detection",
      "One rule matched one event. Light: it points into the results it came "
      "from, and keeps them alive.");
  BindRuleOf(type);
  BindLevel(type);
  BindTitle(type);
  type.def_prop_ro(
      "message",
      [](const DetectionObject& object) {
        return TextMember(object, "message", object.finding().rule->title);
      },
      nb::sig("def message(self) -> str"),
      "For people: the rule's message, with values of the event, or its "
      "title.");
  BindMember(type, "time_source", "time.source",
             "def time_source(self) -> Literal['host', 'field', 'arrival', "
             "'none']",
             "Where its time is from: `feed_event`, a field of the event, the "
             "time of arrival, or nowhere.");
  BindMember(type, "matched", "matched",
             "def matched(self) -> list[dict[str, Any]]",
             "The tests that made the rule match: `field`, `value`, "
             "`selection`, and `absent` where the event has no such field.");
}

void BindIncident(nb::module_& module) {
  auto type = BindFinding<IncidentObject>(
      module, "Incident",
      "A correlation fired: several events say something together. Light, as "
      "a Detection is.");
  BindRuleOf(type);
  BindLevel(type);
  BindTitle(type);
  type.def_prop_ro(
      "message",
      [](const IncidentObject& object) {
        const bool is_closed = object.finding().kind == FindingKind::kClosed;
        return TextMember(object, "message",
                          is_closed ? "" : object.finding().rule->title);
      },
      nb::sig("def message(self) -> str"),
      "For people: the rule's message, with values of the firing, or its title "
      "and what the events have in common. Empty of one that is closed.");
  BindKeys(type,
           "What its events have in common, by field; None where the field is "
           "missing.");
  BindMember(type, "values", "values", "def values(self) -> dict[str, float]",
             "Numbers of the incident, as `failed.count`.");
  BindMember(type, "change", "change",
             "def change(self) -> Literal['opened', 'updated', 'closed']",
             "What this reports: a first firing, a further one, or that there "
             "will be no other (not a firing).");
  BindMember(type, "incident_id", "incident.id", "def incident_id(self) -> str",
             "Of all reports of the incident: the id of the one that opened "
             "it.");
  BindMember(type, "firings", "incident.firings", "def firings(self) -> int",
             "Firings of the incident so far.");
  BindTime(type, "first_time", "time.first",
           "def first_time(self) -> datetime.datetime",
           "Of the first event that counted.");
  BindTime(type, "incident_begin", "incident.begin",
           "def incident_begin(self) -> datetime.datetime",
           "Of all firings so far: of the first event that counted.");
  BindTime(type, "incident_end", "incident.end",
           "def incident_end(self) -> datetime.datetime",
           "Of all firings so far: the last time at which the rule was true.");
  type.def_prop_ro(
      "events",
      [](const IncidentObject& object) {
        return Member(object, "events", nb::list());
      },
      nb::sig("def events(self) -> list[dict[str, Any]]"),
      "Some of the events of the firing's window, by their time: `steps`, "
      "`time`, `id` where the host gave one, and with `include_event` the "
      "whole `event`. `values` has how many there were.");
  type.def_prop_ro(
      "has_all_events",
      [](const IncidentObject& object) {
        return Member(object, "events.all", nb::bool_(false));
      },
      nb::sig("def has_all_events(self) -> bool"),
      "Whether these are all events of the window.");
  BindMember(type, "revised", "revised", "def revised(self) -> bool",
             "A late event made it true at a time that had been looked at "
             "before.");
  BindMember(type, "exact", "exact", "def exact(self) -> bool",
             "False: events of the group may have been forgotten for want of "
             "memory.");
  type.def_prop_ro(
      "closed_early",
      [](const IncidentObject& object) {
        return Member(object, "closed_early", nb::bool_(false));
      },
      nb::sig("def closed_early(self) -> bool"),
      "It was closed for want of room (`max_open_incidents`) before it had "
      "come to its end.");
}

void BindAnomaly(nb::module_& module) {
  auto type = BindFinding<AnomalyObject>(
      module, "Anomaly",
      "What a job of detectors found unusual in a stretch of time: a record, "
      "an influencer, or the bucket as a whole (docs/anomaly.md). `id` is "
      "empty but for records; `time` is the beginning of the bucket. Light, as "
      "a Detection is.");
  BindMember(type, "result_type", "result_type",
             "def result_type(self) -> Literal['record', 'influencer', "
             "'bucket']",
             "Which of these it is.");
  BindMember(type, "job_id", "job_id", "def job_id(self) -> str",
             "The job's id.");
  type.def_prop_ro(
      "score",
      [](const AnomalyObject& object) {
        for (const char* name :
             {"record_score", "influencer_score", "anomaly_score"}) {
          nb::object score = Member(object, name);
          if (!score.is_none()) return score;
        }
        return nb::object(nb::float_(0.0));
      },
      nb::sig("def score(self) -> float"),
      "From 0 to 100: of the record, influencer or bucket.");
}

void BindResponse(nb::module_& module) {
  auto type = BindFinding<ResponseObject>(
      module, "Response",
      "What a rule asks the host to do about what it found: `respond "
      "require_mfa(user = user.name)`. Tocsin does nothing of it. Light, as a "
      "Detection is.");
  BindRuleOf(type);
  BindMember(type, "detection_id", "detection.id",
             "def detection_id(self) -> str",
             "The id of the Detection or Incident that it is about; its time "
             "is that one's.");
  BindMember(type, "action", "action", "def action(self) -> str",
             "The action's name.");
  BindMember(type, "arguments", "arguments",
             "def arguments(self) -> dict[str, Any]",
             "By the names of its parameters; durations and times are texts, "
             "None is what the finding does not have.");
  BindMember(type, "needs_approval", "needs_approval",
             "def needs_approval(self) -> bool",
             "The rule's author wants a person to be asked first.");
}

void BindSuppressed(nb::module_& module) {
  auto type = BindFinding<SuppressedObject>(
      module, "Suppressed",
      "How many detections of a rule only counted on one that went out "
      "(`suppress 1h by user.name`). `time` is that of the last. Light, as a "
      "Detection is.");
  BindRuleOf(type);
  BindMember(type, "detection_id", "detection.id",
             "def detection_id(self) -> str",
             "The id of the Detection or Incident that went out.");
  BindMember(type, "count", "count", "def count(self) -> int",
             "How many did not, at least 1.");
  BindKeys(type, "What makes them alike, by field.");
  BindTime(type, "first_time", "time.first",
           "def first_time(self) -> datetime.datetime",
           "Of the first that did not.");
  BindTime(type, "last_time", "time.last",
           "def last_time(self) -> datetime.datetime",
           "Of the last that did not.");
  type.def_prop_ro(
      "over_limit",
      [](const SuppressedObject& object) {
        return Member(object, "over_limit", nb::bool_(false));
      },
      nb::sig("def over_limit(self) -> bool"),
      "They were more than the rule may find in its interval (max_signals).");
  BindMember(type, "ended_early", "ended_early",
             "def ended_early(self) -> bool",
             "There was no room (`max_suppressed_keys`): it is reported before "
             "its time is over, and the next one goes out.");
}

}  // namespace

nb::object ParseJson(std::string_view json) {
  return nb::module_::import_("json").attr("loads")(
      nb::str(json.data(), json.size()));
}

nb::object MakeFinding(const std::shared_ptr<const Batch>& batch,
                       size_t index) {
  switch (batch->findings[index].kind) {
    case FindingKind::kDetection:
      return nb::cast(DetectionObject{{batch, index}});
    case FindingKind::kIncident:
    case FindingKind::kClosed:
      return nb::cast(IncidentObject{{batch, index}});
    case FindingKind::kResponse:
      return nb::cast(ResponseObject{{batch, index}});
    case FindingKind::kSuppressed:
      return nb::cast(SuppressedObject{{batch, index}});
    case FindingKind::kAnomaly:
      break;
  }
  return nb::cast(AnomalyObject{{batch, index}});
}

void BindFindings(nb::module_& module) {
  BindDetection(module);
  BindIncident(module);
  BindResponse(module);
  BindSuppressed(module);
  BindAnomaly(module);
}

}  // namespace tocsin::python
