#include "results.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <utility>

#include "arrow_write.h"
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
  std::string_view id() const {
    return {finding().id.data(), finding().id.size()};
  }
};
struct DetectionObject : FindingObject {};
struct IncidentObject : FindingObject {};

struct Results {
  std::shared_ptr<const Batch> batch;

  size_t size() const { return batch->findings.size(); }
};

// An iterator of its own, for speed and so that it may outlive its Results.
struct ResultsIterator {
  std::shared_ptr<const Batch> batch;
  size_t next = 0;
};

// The module holds the reference.
nb::handle empty_results;

nb::object ParseJson(std::string_view json) {
  return nb::module_::import_("json").attr("loads")(
      nb::str(json.data(), json.size()));
}

nb::object TimeOf(const FindingObject& object) {
  if (!object.finding().has_time) return nb::none();
  return ToDatetime(object.finding().time);
}

std::string Describe(const char* type, const FindingObject& object) {
  const RuleInfo& rule = *object.finding().rule;
  std::string text = "<";
  text.append(type).append(" ").append(object.id()).append(" ");
  if (!rule.level.empty()) text.append(rule.level).append(" ");
  return text.append(rule.title).append(">");
}

nb::list ListOf(const Results& results, FindingKind kind) {
  nb::list list;
  for (size_t i = 0; i < results.size(); ++i) {
    if (results.batch->findings[i].kind == kind) {
      list.append(MakeFinding(results.batch, i));
    }
  }
  return list;
}

nb::object GetItem(const Results& results, Py_ssize_t index) {
  const auto size = static_cast<Py_ssize_t>(results.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) throw nb::index_error("no such result");
  return MakeFinding(results.batch, static_cast<size_t>(index));
}

nb::list GetSlice(const Results& results, const nb::slice& slice) {
  const auto [start, stop, step, count] = slice.compute(results.size());
  nb::list list;
  for (size_t i = 0; i < count; ++i) {
    list.append(MakeFinding(
        results.batch,
        static_cast<size_t>(start + static_cast<Py_ssize_t>(i) * step)));
  }
  return list;
}

nb::list ToDicts(const Results& results) {
  const nb::object loads = nb::module_::import_("json").attr("loads");
  nb::list list;
  for (const Finding& finding : results.batch->findings) {
    const std::string_view body = results.batch->body(finding);
    list.append(loads(nb::str(body.data(), body.size())));
  }
  return list;
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
          "rule",
          [](const Object& object) {
            const Finding& finding = object.finding();
            return MakeRule(object.batch->rule_sets[finding.rule_set],
                            finding.rule);
          },
          nb::sig("def rule(self) -> Rule"), "The rule that fired.")
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

void BindFindings(nb::module_& module) {
  BindFinding<DetectionObject>(
      module, "Detection",
      "One rule matched one event. Light: it points into the results it came "
      "from, and keeps them alive.")
      .def_prop_ro(
          "matched",
          [](const DetectionObject& object) -> nb::object {
            return ParseJson(object.json())["matched"];
          },
          nb::sig("def matched(self) -> list[dict[str, Any]]"),
          "The tests that made the rule match: `field`, `value`, `selection`, "
          "and `absent` where the event has no such field.");
  BindFinding<IncidentObject>(
      module, "Incident",
      "A correlation fired: several events say something together. Light, as a "
      "Detection is.")
      .def_prop_ro(
          "keys",
          [](const IncidentObject& object) {
            nb::dict keys;
            const nb::object listed = ParseJson(object.json())["keys"];
            for (nb::handle key : listed) {
              keys[key["field"]] = key["value"];
            }
            return keys;
          },
          nb::sig("def keys(self) -> dict[str, str | None]"),
          "What its events have in common, by field; None where the field is "
          "missing.")
      .def_prop_ro(
          "values",
          [](const IncidentObject& object) -> nb::object {
            return ParseJson(object.json())["values"];
          },
          nb::sig("def values(self) -> dict[str, float]"),
          "Numbers of the incident, as `failed.count`.")
      .def_prop_ro(
          "change",
          [](const IncidentObject& object) -> nb::object {
            return ParseJson(object.json())["change"];
          },
          nb::sig("def change(self) -> Literal['opened', 'updated', 'closed']"),
          "What this reports: a first firing, a further one, or that there "
          "will be no other (not a firing).");
}

}  // namespace

nb::object MakeResults(std::shared_ptr<const Batch> batch) {
  if (batch == nullptr || batch->empty()) return nb::borrow(empty_results);
  return nb::cast(Results{std::move(batch)});
}

nb::object MakeFinding(const std::shared_ptr<const Batch>& batch,
                       size_t index) {
  return batch->findings[index].kind == FindingKind::kDetection
             ? nb::cast(DetectionObject{{batch, index}})
             : nb::cast(IncidentObject{{batch, index}});
}

void BindResults(nb::module_& module) {
  BindFindings(module);
  nb::class_<EventError>(module, "EventError", nb::is_final(),
                         "An event that could not be read. It cost only "
                         "itself; the engine counted it.")
      .def_ro("line", &EventError::line,
              "Where it stood in what was fed, from 1 on; as "
              "`Detection.line`.")
      .def_ro("column", &EventError::column,
              "Byte in that line at which reading stopped, from 1 on.")
      .def_ro("reason", &EventError::reason,
              "What was wrong, in lower case, for people.")
      .def("__repr__", [](const EventError& error) {
        return "<EventError " + std::to_string(error.line) + ":" +
               std::to_string(error.column) + ": " + error.reason + ">";
      });

  nb::class_<ResultsIterator>(module, "ResultsIterator", nb::is_final(),
                              "Iterates over Results.")
      .def(
          "__iter__", [](nb::handle self) { return nb::borrow(self); },
          nb::sig("def __iter__(self) -> ResultsIterator"))
      .def(
          "__next__",
          [](ResultsIterator& self) {
            if (self.next == self.batch->findings.size()) {
              throw nb::stop_iteration();
            }
            return MakeFinding(self.batch, self.next++);
          },
          nb::sig("def __next__(self) -> Detection | Incident"));

  nb::class_<Results>(
      module, "Results", nb::is_final(),
      "What one call found, in the order in which it was found: a sequence of "
      "Detection and Incident objects, made when they are asked for.")
      .def("__len__", &Results::size)
      .def(
          "__iter__",
          [](const Results& self) { return ResultsIterator{self.batch}; },
          nb::sig("def __iter__(self) -> ResultsIterator"))
      .def("__getitem__", &GetItem, nb::arg("index"),
           nb::sig("def __getitem__(self, index: int, /) -> "
                   "Detection | Incident"))
      .def("__getitem__", &GetSlice, nb::arg("index"),
           nb::sig("def __getitem__(self, index: slice, /) -> "
                   "list[Detection | Incident]"))
      .def_prop_ro(
          "detections",
          [](const Results& self) {
            return ListOf(self, FindingKind::kDetection);
          },
          nb::sig("def detections(self) -> list[Detection]"),
          "Those of rules over one event.")
      .def_prop_ro(
          "incidents",
          [](const Results& self) {
            return ListOf(self, FindingKind::kIncident);
          },
          nb::sig("def incidents(self) -> list[Incident]"),
          "Those of correlations.")
      .def_prop_ro(
          "errors",
          [](const Results& self) {
            nb::list list;
            for (const EventError& error : self.batch->errors) {
              list.append(nb::cast(error));
            }
            return list;
          },
          nb::sig("def errors(self) -> list[EventError]"),
          "Events that could not be read: the first 1,000 of them.")
      .def_prop_ro(
          "error_count",
          [](const Results& self) { return self.batch->error_count; },
          "How many events could not be read.")
      .def_prop_ro(
          "ndjson",
          [](const Results& self) {
            return nb::bytes(self.batch->bodies.data(),
                             self.batch->bodies.size());
          },
          "All of them as NDJSON (docs/output.md), as `tocsin run --format "
          "ndjson` writes it.")
      .def("to_dicts", &ToDicts,
           nb::sig("def to_dicts(self) -> list[dict[str, Any]]"),
           "Each as a dict (docs/output.md).")
      .def(
          "__arrow_c_stream__",
          [](const Results& self, nb::handle /*requested_schema*/) {
            return MakeArrowStream(self.batch);
          },
          nb::arg("requested_schema") = nb::none(),
          nb::sig("def __arrow_c_stream__(self, requested_schema: object = "
                  "None) -> object"),
          "For Arrow, a row each: kind, id, time (ns, UTC), rule_id, "
          "rule_title, rule_level, line, json. `requested_schema` is not "
          "followed, as the protocol allows.")
      .def("__repr__", [](const Results& self) {
        size_t incidents = 0;
        for (const Finding& finding : self.batch->findings) {
          incidents += finding.kind == FindingKind::kIncident ? 1 : 0;
        }
        return "<Results: " + std::to_string(self.size() - incidents) +
               " detections, " + std::to_string(incidents) + " incidents, " +
               std::to_string(self.batch->error_count) + " errors>";
      });
  const nb::object empty = nb::cast(Results{std::make_shared<Batch>()});
  module.attr("_EMPTY") = empty;
  empty_results = empty;
}

}  // namespace tocsin::python
