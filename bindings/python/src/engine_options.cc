#include "engine_options.h"

#include <nanobind/stl/string.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "times.h"

namespace tocsin::python {
namespace {

namespace nb = nanobind;

// Removes argument `name`; an invalid object if it was not given.
nb::object Take(nb::dict& arguments, const char* name) {
  const nb::str key(name);
  PyObject* value = PyDict_GetItemWithError(arguments.ptr(), key.ptr());
  if (value == nullptr) {
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    return {};
  }
  nb::object held = nb::borrow(value);
  if (PyDict_DelItem(arguments.ptr(), key.ptr()) != 0) throw nb::python_error();
  return held;
}

[[noreturn]] void Refuse(const char* name, const char* expected) {
  throw nb::type_error((std::string(name) + ": expected " + expected).c_str());
}

void TakeBool(nb::dict& arguments, const char* name, bool* value) {
  const nb::object given = Take(arguments, name);
  if (!given.is_valid()) return;
  if (!PyBool_Check(given.ptr())) Refuse(name, "a bool");
  *value = given.ptr() == Py_True;
}

std::string TextOf(nb::handle given, const char* name) {
  if (!PyUnicode_Check(given.ptr())) Refuse(name, "a str");
  return nb::cast<std::string>(given);
}

void TakeText(nb::dict& arguments, const char* name, std::string* value) {
  const nb::object given = Take(arguments, name);
  if (given.is_valid()) *value = TextOf(given, name);
}

template <typename Number>
void TakeCount(nb::dict& arguments, const char* name, Number* value) {
  const nb::object given = Take(arguments, name);
  if (!given.is_valid()) return;
  if (!nb::try_cast(given, *value) || *value < 0) {
    Refuse(name, "a number that is not negative");
  }
}

void TakeDuration(nb::dict& arguments, const char* name,
                  absl::Duration* value) {
  const nb::object given = Take(arguments, name);
  if (given.is_valid()) *value = ToDuration(given);
}

std::vector<std::string> TakeTexts(nb::dict& arguments, const char* name) {
  std::vector<std::string> texts;
  const nb::object given = Take(arguments, name);
  if (!given.is_valid()) return texts;
  if (PyUnicode_Check(given.ptr())) Refuse(name, "a list of str");
  for (nb::handle text : given) texts.push_back(TextOf(text, name));
  return texts;
}

// What is left was misspelt.
void RefuseRest(const nb::dict& arguments, const char* of) {
  for (nb::handle key : arguments.keys()) {
    throw nb::type_error((std::string(of) + ": no such name: " +
                          nb::cast<std::string>(nb::str(key)))
                             .c_str());
  }
}

nb::dict CopyOf(nb::handle dict, const char* name) {
  if (!PyDict_Check(dict.ptr())) Refuse(name, "a dict");
  const nb::object copy = nb::steal(PyDict_Copy(dict.ptr()));
  if (!copy.is_valid()) throw nb::python_error();
  return nb::cast<nb::dict>(copy);
}

// "product=windows,category=process_creation", or a dict.
LogSource ToLogSource(nb::handle given) {
  if (PyUnicode_Check(given.ptr())) {
    absl::StatusOr<LogSource> source =
        ParseLogSource(nb::cast<std::string>(given));
    if (source.ok()) return *std::move(source);
    const std::string message(source.status().message().data(),
                              source.status().message().size());
    throw nb::value_error(("log_source: " + message).c_str());
  }
  nb::dict keys = CopyOf(given, "log_source");
  LogSource source;
  TakeText(keys, "product", &source.product);
  TakeText(keys, "category", &source.category);
  TakeText(keys, "service", &source.service);
  RefuseRest(keys, "log_source");
  return source;
}

LogSourceRecognizer ToRecognizer(nb::handle given) {
  nb::dict keys = CopyOf(given, "recognizers");
  LogSourceRecognizer recognizer;
  TakeText(keys, "name", &recognizer.name);
  recognizer.products = TakeTexts(keys, "products");
  recognizer.categories = TakeTexts(keys, "categories");
  recognizer.services = TakeTexts(keys, "services");
  if (const nb::object given_list = Take(keys, "conditions");
      given_list.is_valid()) {
    for (nb::handle item : given_list) {
      nb::dict parts = CopyOf(item, "conditions");
      LogSourceCondition condition;
      TakeText(parts, "field", &condition.field);
      TakeText(parts, "equals", &condition.equals);
      TakeText(parts, "starts_with", &condition.starts_with);
      TakeText(parts, "ends_with", &condition.ends_with);
      RefuseRest(parts, "conditions");
      recognizer.conditions.push_back(std::move(condition));
    }
  }
  if (const nb::object renames = Take(keys, "renames"); renames.is_valid()) {
    for (const auto& [event_field, rule_field] : CopyOf(renames, "renames")) {
      recognizer.renames.push_back(
          {.event_field = TextOf(event_field, "renames"),
           .rule_field = TextOf(rule_field, "renames")});
    }
  }
  RefuseRest(keys, "recognizers");
  return recognizer;
}

TimeFormat ToTimeFormat(const std::string& name) {
  constexpr std::pair<const char*, TimeFormat> kNames[] = {
      {"auto", TimeFormat::kAuto},
      {"epoch_seconds", TimeFormat::kEpochSeconds},
      {"epoch_millis", TimeFormat::kEpochMillis},
      {"epoch_micros", TimeFormat::kEpochMicros},
      {"epoch_nanos", TimeFormat::kEpochNanos},
      {"filetime", TimeFormat::kFileTime},
  };
  for (const auto& [known, format] : kNames) {
    if (name == known) return format;
  }
  throw nb::value_error(
      "time_format: expected auto, epoch_seconds, epoch_millis, epoch_micros, "
      "epoch_nanos or filetime");
}

int64_t SteadyNanos() {
  return std::chrono::steady_clock::now().time_since_epoch() /
         std::chrono::nanoseconds(1);
}

}  // namespace

const char kEngineSignature[] =
    "def __init__(self, rules: RuleSet, *, "
    "on_detection: Callable[[Detection], object] | None = None, "
    "on_incident: Callable[[Incident], object] | None = None, "
    "on_closed: Callable[[Incident], object] | None = None, "
    "on_response: Callable[[Response], object] | None = None, "
    "on_suppressed: Callable[[Suppressed], object] | None = None, "
    "on_anomaly: Callable[[Anomaly], object] | None = None, "
    "include_event: bool = False, "
    "count_only: bool = False, "
    "routing: bool = True, "
    "log_source: str | dict[str, str] | None = None, "
    "recognizers: Iterable[dict[str, Any]] = (), "
    "unknown_source_meets_all: bool = False, "
    "time_field: str = '', "
    "time_format: Literal['auto', 'epoch_seconds', 'epoch_millis', "
    "'epoch_micros', 'epoch_nanos', 'filetime'] = 'auto', "
    "assumed_zone: datetime.timedelta = ..., "
    "require_fields: bool = False, "
    "lateness: datetime.timedelta = ..., "
    "max_future_skew: datetime.timedelta = ..., "
    "state_budget_bytes: int = ..., "
    "max_open_incidents: int = ..., "
    "max_suppressed_keys: int = ..., "
    "sample_bytes: int = ..., "
    "sample_events: int = ..., "
    "indicator_bytes: int = ..., "
    "limit_signals: bool = True, "
    "state_secret: str = '', "
    "collect_rule_costs: bool = False) -> None";

EngineOptions TakeEngineOptions(nb::dict& arguments) {
  EngineOptions options;
  TakeBool(arguments, "routing", &options.routing);
  if (const nb::object source = Take(arguments, "log_source");
      source.is_valid() && !source.is_none()) {
    options.log_source = ToLogSource(source);
  }
  if (const nb::object list = Take(arguments, "recognizers"); list.is_valid()) {
    for (nb::handle item : list) {
      options.recognizers.push_back(ToRecognizer(item));
    }
  }
  TakeBool(arguments, "unknown_source_meets_all",
           &options.unknown_source_meets_all);
  TakeText(arguments, "time_field", &options.time_field);
  std::string time_format = "auto";
  TakeText(arguments, "time_format", &time_format);
  options.time_format = ToTimeFormat(time_format);
  TakeDuration(arguments, "assumed_zone", &options.assumed_zone);
  TakeBool(arguments, "require_fields", &options.require_fields);
  TakeDuration(arguments, "lateness", &options.lateness);
  TakeDuration(arguments, "max_future_skew", &options.max_future_skew);
  TakeCount(arguments, "state_budget_bytes", &options.state_budget_bytes);
  TakeCount(arguments, "max_open_incidents", &options.max_open_incidents);
  TakeCount(arguments, "max_suppressed_keys", &options.max_suppressed_keys);
  TakeCount(arguments, "sample_bytes", &options.sample_bytes);
  TakeCount(arguments, "sample_events", &options.sample_events);
  TakeCount(arguments, "indicator_bytes", &options.indicator_bytes);
  TakeBool(arguments, "limit_signals", &options.limit_signals);
  TakeText(arguments, "state_secret", &options.state_secret);
  TakeBool(arguments, "collect_rule_costs", &options.collect_rule_costs);
  if (options.collect_rule_costs) options.clock = SteadyNanos;
  RefuseRest(arguments, "Engine");
  return options;
}

}  // namespace tocsin::python
