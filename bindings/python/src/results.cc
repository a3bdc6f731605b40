#include "results.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <utility>

#include "arrow_write.h"
#include "findings.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

struct Results {
  std::shared_ptr<const Batch> batch;

  // What fired; of all findings these alone are elements.
  size_t size() const { return batch->fired.size(); }
  nb::object at(size_t index) const {
    return MakeFinding(batch, batch->fired[index]);
  }
};

// An iterator of its own, for speed and so that it may outlive its Results.
struct ResultsIterator {
  std::shared_ptr<const Batch> batch;
  size_t next = 0;
};

// The module holds the reference.
nb::handle empty_results;

nb::list ListOf(const Results& results, FindingKind kind) {
  nb::list list;
  for (size_t i = 0; i < results.batch->findings.size(); ++i) {
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
  return results.at(static_cast<size_t>(index));
}

nb::list GetSlice(const Results& results, const nb::slice& slice) {
  const auto [start, stop, step, count] = slice.compute(results.size());
  nb::list list;
  for (size_t i = 0; i < count; ++i) {
    list.append(results.at(
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

}  // namespace

nb::object MakeResults(std::shared_ptr<const Batch> batch) {
  if (batch == nullptr || batch->empty()) return nb::borrow(empty_results);
  return nb::cast(Results{std::move(batch)});
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
            if (self.next == self.batch->fired.size()) {
              throw nb::stop_iteration();
            }
            return MakeFinding(self.batch, self.batch->fired[self.next++]);
          },
          nb::sig("def __next__(self) -> Detection | Incident"));

  nb::class_<Results>(
      module, "Results", nb::is_final(),
      "What one call found, in the order in which it was found: a sequence of "
      "Detection and Incident objects, made when they are asked for. What else "
      "was reported (`responses`, `suppressed`, `closed`, `anomalies`) is no "
      "element, but "
      "stands among the others in `ndjson`, `to_dicts` and the table of "
      "Arrow.")
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
          "responses",
          [](const Results& self) {
            return ListOf(self, FindingKind::kResponse);
          },
          nb::sig("def responses(self) -> list[Response]"),
          "What rules ask the host to do.")
      .def_prop_ro(
          "suppressed",
          [](const Results& self) {
            return ListOf(self, FindingKind::kSuppressed);
          },
          nb::sig("def suppressed(self) -> list[Suppressed]"),
          "How many detections only counted on others.")
      .def_prop_ro(
          "anomalies",
          [](const Results& self) {
            return ListOf(self, FindingKind::kAnomaly);
          },
          nb::sig("def anomalies(self) -> list[Anomaly]"),
          "What jobs of detectors found unusual: buckets, each before its "
          "influencers and records.")
      .def_prop_ro(
          "closed",
          [](const Results& self) {
            return ListOf(self, FindingKind::kClosed);
          },
          nb::sig("def closed(self) -> list[Incident]"),
          "Incidents that no firing will join any more. That the stream has "
          "ended (`flush`) is no reason.")
      .def_prop_ro(
          "report_count",
          [](const Results& self) { return self.batch->findings.size(); },
          "Lines of `ndjson`: elements, `responses`, `suppressed`, `closed` "
          "and "
          "`anomalies`.")
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
        for (const uint32_t index : self.batch->fired) {
          const FindingKind kind = self.batch->findings[index].kind;
          incidents += kind == FindingKind::kIncident ? 1 : 0;
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
