#include "engine.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine_options.h"
#include "event_feeder.h"
#include "event_input.h"
#include "file_input.h"
#include "findings.h"
#include "metrics.h"
#include "object_json.h"
#include "results.h"
#include "rules.h"
#include "times.h"
#include "tocsin/event_reader.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

nb::object CallbackOf(nb::dict& arguments, const char* name) {
  const nb::str key(name);
  if (!arguments.contains(key)) return {};
  nb::object callback = arguments[key];
  nb::del(arguments[key]);
  if (callback.is_none()) return {};
  if (PyCallable_Check(callback.ptr()) == 0) {
    throw nb::type_error((std::string(name) + ": expected a callable").c_str());
  }
  return callback;
}

bool TakeFlag(nb::dict& arguments, const char* name) {
  const nb::str key(name);
  if (!arguments.contains(key)) return false;
  const nb::object value = arguments[key];
  nb::del(arguments[key]);
  return nb::cast<bool>(value);
}

class EngineObject {
 public:
  EngineObject(const CompiledRules& rules, nb::dict arguments)
      : callbacks_{CallbackOf(arguments, "on_detection"),
                   CallbackOf(arguments, "on_incident"),
                   CallbackOf(arguments, "on_closed"),
                   CallbackOf(arguments, "on_response"),
                   CallbackOf(arguments, "on_suppressed"),
                   CallbackOf(arguments, "on_anomaly")},
        reports_{.include_event = TakeFlag(arguments, "include_event"),
                 .count_only = TakeFlag(arguments, "count_only")},
        feeder_(rules.result.rules, TakeEngineOptions(arguments), reports_),
        input_(&feeder_) {}

  nb::object Feed(nb::handle events) {
    const Use use(this);
    feeder_.BeginCall();
    input_.Feed(events);
    return HandOut(use);
  }

  nb::object FeedEvent(nb::handle event, nb::handle id, nb::handle time,
                       nb::handle arrival_time, const std::string& file,
                       int64_t line) {
    const Use use(this);
    Event fed = Event::Json(input_.OneEvent(event));
    nb::object keep;
    if (!id.is_none()) {
      if (!PyUnicode_Check(id.ptr())) throw nb::type_error("id: not a str");
      fed.set_id(Utf8Of(id, &keep));
    }
    if (!time.is_none()) fed.set_time(ToTimestamp(time));
    if (!arrival_time.is_none()) {
      fed.set_arrival_time(ToTimestamp(arrival_time));
    }
    feeder_.FeedEvent(fed.set_origin(file, line), line, 1);
    return HandOut(use);
  }

  nb::object FeedFile(nb::handle source, const std::string& format,
                      size_t max_event_bytes) {
    const Use use(this);
    python::FeedFile(source, format, max_event_bytes, &feeder_);
    return HandOut(use);
  }

  nb::object FeedAlert(nb::handle alert, nb::handle time) {
    return FeedFinding(&Engine::FeedAlert, alert, time);
  }
  nb::object FeedRisk(nb::handle risk, nb::handle time) {
    return FeedFinding(&Engine::FeedRisk, risk, time);
  }

  nb::object FeedFinding(FeedResult (Engine::*feed)(std::string_view,
                                                    Timestamp),
                         nb::handle finding, nb::handle time) {
    const Use use(this);
    feeder_.BeginCall();
    const FeedResult fed =
        (feeder_.engine().*feed)(input_.OneEvent(finding), ToTimestamp(time));
    if (!fed.ok()) {
      feeder_.AddError(1, static_cast<int64_t>(fed.error_offset) + 1,
                       fed.error);
    }
    return HandOut(use);
  }

  nb::object AdvanceTo(nb::handle time) { return MoveTo(ToTimestamp(time)); }
  nb::object Flush() {
    const Use use(this);
    feeder_.BeginCall();
    {
      const nb::gil_scoped_release release;
      feeder_.Flush();
    }
    return HandOut(use);
  }

  nb::bytes Snapshot(const std::string& note) {
    const Use use(this);
    std::string bytes;
    feeder_.engine().SaveTo(&bytes, note);
    return nb::bytes(bytes.data(), bytes.size());
  }

  LoadReport Restore(const nb::bytes& bytes) {
    const Use use(this);
    return Loaded(feeder_.engine().LoadFrom({bytes.c_str(), bytes.size()}));
  }

  nb::bytes SaveKey(const nb::dict& key) {
    const Use use(this);
    std::string bytes;
    feeder_.engine().SaveKey(KeyOf(key), &bytes);
    return nb::bytes(bytes.data(), bytes.size());
  }

  nb::object LoadKey(const nb::bytes& bytes) {
    const Use use(this);
    feeder_.BeginCall();
    Loaded(feeder_.engine().LoadKey({bytes.c_str(), bytes.size()}));
    return HandOut(use);
  }

  void DropKey(const nb::dict& key) {
    const Use use(this);
    feeder_.engine().DropKey(KeyOf(key));
  }

  LoadReport Reload(const CompiledRules& rules) {
    const Use use(this);
    return Loaded(feeder_.Reload(rules.result.rules));
  }

  nb::dict Metrics() {
    const Use use(this);
    return MetricsOf(feeder_.engine());
  }

  // For the collector of cycles: a callback may hold the engine.
  static int Traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    if (!nb::inst_ready(self)) return 0;
    EngineObject* engine = nb::inst_ptr<EngineObject>(self);
    for (const nb::object& callback : engine->callbacks_) {
      Py_VISIT(callback.ptr());
    }
    return 0;
  }
  static int Clear(PyObject* self) {
    EngineObject* engine = nb::inst_ptr<EngineObject>(self);
    for (nb::object& callback : engine->callbacks_) callback.reset();
    return 0;
  }

 private:
  // An engine is one thread's. A second thread, or an iterator that feeds the
  // engine it is fed to, hears so instead of spoiling its state. A callback
  // may use the engine, for then it stands still.
  class Use {
   public:
    explicit Use(EngineObject* engine) : engine_(engine) {
      const std::thread::id self = std::this_thread::get_id();
      if (!engine->in_use_.exchange(true, std::memory_order_acquire)) {
        engine->owner_.store(self, std::memory_order_relaxed);
      } else if (engine->owner_.load(std::memory_order_relaxed) == self &&
                 engine->delivering_) {
        engine->delivering_ = false;
        is_nested_ = true;
      } else {
        const nb::object type =
            nb::module_::import_("tocsin._errors").attr("BusyError");
        PyErr_SetString(type.ptr(),
                        "this engine is running in another call; use one "
                        "engine per thread");
        throw nb::python_error();
      }
      engine->feeder_.OwnBatch();
    }
    ~Use() {
      if (is_nested_) {
        engine_->delivering_ = true;
      } else {
        engine_->owner_.store({}, std::memory_order_relaxed);
        engine_->in_use_.store(false, std::memory_order_release);
      }
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    bool is_nested() const { return is_nested_; }

   private:
    EngineObject* engine_;
    bool is_nested_ = false;
  };

  static LoadReport Loaded(absl::StatusOr<LoadReport> report) {
    if (!report.ok()) Raise(report.status(), "SnapshotError");
    return *std::move(report);
  }

  static std::vector<IncidentKey> KeyOf(const nb::dict& key) {
    std::vector<IncidentKey> parts;
    for (const auto& [field, value] : key) {
      IncidentKey& part = parts.emplace_back();
      part.name = nb::cast<std::string>(field);
      part.missing = value.is_none();
      if (!part.missing) part.value = nb::cast<std::string>(value);
    }
    return parts;
  }

  nb::object MoveTo(Timestamp watermark) {
    const Use use(this);
    feeder_.BeginCall();
    {
      const nb::gil_scoped_release release;
      feeder_.engine().AdvanceTo(watermark);
    }
    return HandOut(use);
  }

  // Calls back, then returns what was found. If a callback raises, the rest
  // waits: the next call delivers and returns it together with its own. What a
  // callback's own call found is delivered and returned by the call around it.
  nb::object HandOut(const Use& use) {
    if (feeder_.batch()->empty() || use.is_nested())
      return MakeResults(nullptr);
    if (std::any_of(callbacks_.begin(), callbacks_.end(),
                    [](const nb::object& c) { return c.is_valid(); })) {
      Deliver();
    }
    delivered_ = 0;
    return MakeResults(feeder_.TakeBatch());
  }

  void Deliver() {
    delivering_ = true;
    try {
      while (delivered_ < feeder_.batch()->findings.size()) {
        const size_t index = delivered_++;
        const FindingKind kind = feeder_.batch()->findings[index].kind;
        const nb::object& callback = callbacks_[static_cast<size_t>(kind)];
        if (callback.is_valid()) callback(MakeFinding(feeder_.batch(), index));
      }
    } catch (...) {
      delivering_ = false;
      throw;
    }
    delivering_ = false;
  }

  std::array<nb::object, kFindingKinds> callbacks_;  // By FindingKind.
  ReportOptions reports_;
  EventFeeder feeder_;
  EventInput input_;
  std::atomic<bool> in_use_ = false;
  std::atomic<std::thread::id> owner_;  // Who uses it.
  bool delivering_ = false;             // Calls back; the owner's alone.
  size_t delivered_ = 0;  // Findings of the batch that callbacks were given.
};

PyType_Slot engine_slots[] = {
    {Py_tp_traverse, reinterpret_cast<void*>(EngineObject::Traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(EngineObject::Clear)},
    {0, nullptr}};

void BindLoadReport(nb::module_& module) {
  const auto list = [](const std::vector<std::string>& ids) {
    nb::list result;
    for (const std::string& id : ids) result.append(nb::str(id.c_str()));
    return result;
  };
  nb::class_<LoadReport>(module, "LoadReport", nb::is_final(),
                         "What became of the correlations of a snapshot and of "
                         "a rule set, by the ids of the rules. Each is in one "
                         "list.")
      .def_prop_ro(
          "kept", [list](const LoadReport& r) { return list(r.kept); },
          nb::sig("def kept(self) -> list[str]"), "The same rule: it goes on.")
      .def_prop_ro(
          "changed", [list](const LoadReport& r) { return list(r.changed); },
          nb::sig("def changed(self) -> list[str]"),
          "Has become another: it starts fresh.")
      .def_prop_ro(
          "added", [list](const LoadReport& r) { return list(r.added); },
          nb::sig("def added(self) -> list[str]"), "Was not in the snapshot.")
      .def_prop_ro(
          "dropped", [list](const LoadReport& r) { return list(r.dropped); },
          nb::sig("def dropped(self) -> list[str]"),
          "Is no longer in the rule set.")
      .def_ro("note", &LoadReport::note, "What `snapshot` was given.");
}

constexpr char kEngineDoc[] =
    R"(All state of one stream: events in, Results out.

    engine = tocsin.Engine(rules)
    for found in engine.feed(b'{"EventID": 1102, "Channel": "Security"}'):
        print(found.rule.title, found.to_dict())

One thread at a time (BusyError otherwise); for more cores, make more engines
over the same rules. Reads no clock, and no file but those of `feed_file`. A
malformed event is counted, reported in `Results.errors`, and costs only
itself.

Callbacks are called after the events of a call have been matched. If one raises, the exception reaches the caller; what was not
delivered waits for the next call, and all of it is in the Results of the first
call that returns. They may call the engine; what that finds is delivered and
returned by the call around it.

As a context manager, an engine is flushed at the end of the block unless that
was left by an exception: for engines with callbacks.

on_detection, on_incident: called with each Detection, each Incident that fires.
on_closed, on_response, on_suppressed, on_anomaly: called with each Incident that
    is closed, each Response, each Suppressed, each Anomaly.
include_event: adds whole events to the JSON of detections and incidents.
count_only: makes no report of what is found; `metrics()` counts all the same.
routing: rules meet only events of their log source.
log_source: what all events are, as "product=windows,service=sysmon" or a dict;
    added to what the table of log sources finds.
recognizers: dicts added to that table: `name`; `conditions`, dicts of `field`
    and one of `equals`, `starts_with`, `ends_with`; `products`, `categories`,
    `services`; `renames`, a dict of the event's name to the rules' name.
unknown_source_meets_all: events of unknown source meet every rule.
time_field: the field that holds the event time; empty: a built-in list.
time_format: the unit of times that are numbers.
assumed_zone: offset from UTC of times that carry no zone; 0 if not given.
require_fields: a test on an absent field fails its rule even under `not`.
lateness: how far behind the newest event others may come and still count for
    correlations; 5 minutes if not given.
max_future_skew: correlations set events aside that are further ahead of all
    others; 24 hours if not given.
state_budget_bytes: most memory for groups of correlations; 256 MiB if not
    given. Beyond it the oldest are forgotten, and counted.
max_open_incidents: most incidents that are open at one time, some 300 bytes
    each; beyond it the one that would end next is closed early.
max_suppressed_keys: most keys of which detections are held back, or risk is
    capped, some 250 bytes each; beyond it the one that would end next does.
sample_bytes: of a ring, a power of two, of copies of recent events that joined
    groups; half as many lie beside it. 0: incidents have no `events`.
sample_events: most `events` of an incident.
indicator_bytes: what is kept of indicators that rules matched, in bytes.
limit_signals: whether Elastic's rules find at most their max_signals.
state_secret: keeps hashes of values from being foreseen; made up if empty.
    Engines that hand keys to each other need the same one.
collect_rule_costs: fills `metrics()["rule_costs"]`. Slows matching a little.)";

}  // namespace

void BindEngine(nb::module_& module) {
  BindLoadReport(module);
  nb::class_<EngineObject>(module, "Engine", nb::is_final(),
                           nb::type_slots(engine_slots), kEngineDoc)
      .def(
          "__init__",
          [](EngineObject* self, const CompiledRules& rules,
             nb::kwargs arguments) {
            const nb::object copy = nb::steal(PyDict_Copy(arguments.ptr()));
            if (!copy.is_valid()) throw nb::python_error();
            new (self) EngineObject(rules, nb::borrow<nb::dict>(copy));
          },
          nb::arg("rules"), nb::arg("arguments"), nb::sig(kEngineSignature))
      .def("feed", &EngineObject::Feed,
           nb::sig("def feed(self, events: Events, /) -> Results"),
           R"(Matches events and returns what was found.

events: bytes, bytearray, memoryview or str, one or many lines of NDJSON, read
in place; a mapping, one event, as compact JSON in its order; what has
`__arrow_c_array__` or `__arrow_c_stream__`, each row a text of JSON or a record;
any iterable of these. What is found is kept until the call returns: give an
endless iterable to `tocsin.stream`.

Raises TypeError for what cannot be an event. What came before it has been fed;
the next call that returns has what was found in it.

Other threads run while 16 KiB or more are matched; events must not be changed
meanwhile.)")
      .def("feed_event", &EngineObject::FeedEvent, nb::arg("event"),
           nb::kw_only(), nb::arg("id") = nb::none(),
           nb::arg("time") = nb::none(), nb::arg("arrival_time") = nb::none(),
           nb::arg("file") = "", nb::arg("line") = 0,
           nb::sig(
               "def feed_event(self, event: Event, *, id: str | None = None, "
               "time: datetime.datetime | int | None = None, arrival_time: "
               "datetime.datetime | int | None = None, file: str = '', "
               "line: int = 0) -> Results"),
           R"(Matches one event of which the host knows more.

id: its identity, as an offset in a log; detection ids are made from it.
time: event time, a datetime with a zone or nanoseconds since 1970.
arrival_time: the same, used where the event tells no time.
file, line: where it is from; copied into detections.)")
      .def("feed_file", &EngineObject::FeedFile, nb::arg("source"),
           nb::kw_only(), nb::arg("format") = "auto",
           nb::arg("max_event_bytes") = EventReaderOptions().max_event_bytes,
           nb::sig("def feed_file(self, source: str | os.PathLike[str] | "
                   "bytes | BinaryReader, *, format: Literal['auto', "
                   "'ndjson', 'lines'] = 'auto', max_event_bytes: int = "
                   "16777216) -> Results"),
           R"(Matches the events of a file, read in bounded memory.

source: a path, the bytes of a file, or what has `read(size) -> bytes`. NDJSON,
    a JSON array, {"Records": [...]}, pretty-printed objects; gzip and zstd are
    told by their first bytes.
format: `ndjson` takes each line as it is; `lines` is for text, of which each
    line becomes {"message": line}.
max_event_bytes: a longer event is one error, and is skipped.

Raises OSError if the file cannot be opened.)")
      .def("feed_alert", &EngineObject::FeedAlert, nb::arg("alert"),
           nb::arg("time"),
           nb::sig("def feed_alert(self, alert: Event, time: "
                   "datetime.datetime | int) -> Results"),
           "Matches an alert from elsewhere against rules that read `alerts`, "
           "and no others.")
      .def("feed_risk", &EngineObject::FeedRisk, nb::arg("risk"),
           nb::arg("time"),
           nb::sig("def feed_risk(self, risk: Event, time: "
                   "datetime.datetime | int) -> Results"),
           "The same of a score from elsewhere, for rules that read `risks`: "
           "`risk.score`, `risk.entity` (\"user.name:kim\") and the fields of "
           "an alert.")
      .def("advance_to", &EngineObject::AdvanceTo, nb::arg("time"),
           nb::sig("def advance_to(self, time: datetime.datetime | int) -> "
                   "Results"),
           "No event before `time` (a datetime with a zone, or nanoseconds "
           "since 1970) will come any more: correlations decide what waits "
           "for it.")
      .def("flush", &EngineObject::Flush, nb::sig("def flush(self) -> Results"),
           "The stream has ended: correlations decide all that waits. Events "
           "that are fed later count as late.")
      .def("snapshot", &EngineObject::Snapshot, nb::arg("note") = "",
           "The state of the engine as bytes. `note` is given back by "
           "`restore`. Keep them as private as the events.")
      .def("restore", &EngineObject::Restore, nb::arg("snapshot"),
           "Replaces the state by that of a snapshot; correlations that have "
           "changed start fresh. SnapshotError for bytes that are damaged or "
           "do not fit; nothing changes then.")
      .def("save_key", &EngineObject::SaveKey, nb::arg("key"),
           nb::sig("def save_key(self, key: dict[str, str | None]) -> bytes"),
           "The state of one group key, as `Incident.keys` gives it, so that "
           "another engine can go on with it.")
      .def("load_key", &EngineObject::LoadKey, nb::arg("saved"),
           nb::sig("def load_key(self, saved: bytes) -> Results"),
           "Replaces what is kept of the key that was saved.")
      .def("drop_key", &EngineObject::DropKey, nb::arg("key"),
           nb::sig("def drop_key(self, key: dict[str, str | None]) -> None"),
           "Forgets the key, as after it was handed to another engine.")
      .def("reload", &EngineObject::Reload, nb::arg("rules"),
           "Goes on with other rules; correlations that are the same in both "
           "keep their state.")
      .def("metrics", &EngineObject::Metrics,
           nb::sig("def metrics(self) -> dict[str, Any]"),
           "Counters since construction: `events`, `malformed`, `detections`, "
           "`incidents`, `late` and others; `rules`: how often each has "
           "fired, by id; `correlations`, `jobs`, `sources` and, if they are "
           "collected, `rule_costs`.")
      .def(
          "__enter__", [](nb::handle self) { return nb::borrow(self); },
          nb::sig("def __enter__(self) -> Engine"))
      .def(
          "__exit__",
          [](EngineObject& self, nb::handle type, nb::handle /*value*/,
             nb::handle /*traceback*/) {
            if (type.is_none()) self.Flush();
          },
          nb::arg("type").none(), nb::arg("value").none(),
          nb::arg("traceback").none(),
          nb::sig("def __exit__(self, type: type[BaseException] | None, value: "
                  "BaseException | None, traceback: types.TracebackType | "
                  "None) -> None"));
}

}  // namespace tocsin::python
