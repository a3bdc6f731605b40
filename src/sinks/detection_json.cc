#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "src/base/json_writer.h"
#include "src/base/utf8.h"
#include "src/base/value.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

// Writes the members of one object; remembers whether a comma is due.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(out) { *out_ += '{'; }

  void Key(std::string_view key) {
    if (!first_) *out_ += ',';
    first_ = false;
    base::AppendJsonString(key, out_);
    *out_ += ':';
  }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    base::AppendJsonString(value, out_);
  }
  void TextIfAny(std::string_view key, std::string_view value) {
    if (!value.empty()) Text(key, value);
  }
  void Int(std::string_view key, int64_t value) {
    Key(key);
    *out_ += std::to_string(value);
  }
  void Bool(std::string_view key, bool value) {
    Key(key);
    *out_ += value ? "true" : "false";
  }
  void List(std::string_view key, const std::vector<std::string>& values) {
    Key(key);
    *out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) *out_ += ',';
      base::AppendJsonString(values[i], out_);
    }
    *out_ += ']';
  }
  void Close() { *out_ += '}'; }

 private:
  std::string* out_;
  bool first_ = true;
};

// Numbers come out with the digits they went in with.
void AppendValue(const FieldValue& value, std::string* out) {
  switch (value.kind()) {
    case FieldKind::kNull:
    case FieldKind::kObject:
      *out += "null";
      return;
    case FieldKind::kString:
      base::AppendJsonString(value.text(), out);
      return;
    case FieldKind::kBool:
      *out += value.bool_value() ? "true" : "false";
      return;
    case FieldKind::kInt:
    case FieldKind::kUint:
    case FieldKind::kDouble:
      break;
  }
  if (!value.text().empty()) {
    out->append(value.text());
  } else if (value.kind() == FieldKind::kInt) {
    *out += std::to_string(value.int_value());
  } else if (value.kind() == FieldKind::kUint) {
    *out += std::to_string(value.uint_value());
  } else {
    base::AppendJsonDouble(value.double_value(), out);
  }
}

// What is left out says the same as the rule does, or there is none.
template <typename Finding>
void AppendTexts(const Finding& finding, ObjectWriter* object,
                 std::string* out) {
  const RuleInfo& rule = finding.rule();
  if (finding.level() != rule.level) object->Text("level", finding.level());
  if (finding.title() != rule.title) {
    object->TextIfAny("title", finding.title());
  }
  if (finding.risk_score() >= 0) {
    object->Key("risk_score");
    base::AppendJsonDouble(finding.risk_score(), out);
  }
  if (rule.is_building_block) object->Bool("building_block", true);
  if (finding.message() != rule.title) {
    object->TextIfAny("message", finding.message());
  }
  if (!rule.next_steps.empty()) object->List("next_steps", rule.next_steps);
}

// A line break between tokens would end the NDJSON line; JSON allows none
// inside strings, so a space in its place changes nothing.
void AppendOneLine(std::string_view json, std::string* out) {
  const size_t start = out->size();
  if (base::IsValidUtf8(json)) {
    out->append(json);
  } else {
    *out += base::RepairUtf8(json);
  }
  for (size_t i = start; i < out->size(); ++i) {
    if ((*out)[i] == '\n' || (*out)[i] == '\r') (*out)[i] = ' ';
  }
}

std::string_view TimeSourceName(TimeSource source) {
  switch (source) {
    case TimeSource::kHost:
      return "host";
    case TimeSource::kField:
      return "field";
    case TimeSource::kArrival:
      return "arrival";
    case TimeSource::kNone:
      break;
  }
  return "none";
}

}  // namespace

void AppendDetectionJson(const Detection& detection, std::string* out,
                         const DetectionJsonOptions& options) {
  const RuleInfo& rule = detection.rule();
  ObjectWriter object(out);
  object.Text("id", detection.id());
  if (detection.time_source() == TimeSource::kNone) {
    object.Key("time");
    *out += "null";
  } else {
    object.Text("time", FormatTimestamp(detection.time()));
  }
  object.Text("time.source", TimeSourceName(detection.time_source()));
  object.Text("rule.id", rule.id);
  object.Text("rule.title", rule.title);
  object.Text("rule.level", rule.level);
  object.TextIfAny("rule.status", rule.status);
  object.List("rule.tags", rule.tags);
  object.Text("rule.path", rule.path);
  AppendTexts(detection, &object, out);
  object.TextIfAny("event.id", detection.event().id());
  object.Text("event.file", detection.event().file());
  object.Int("event.line", detection.event().line());
  object.Key("matched");
  *out += '[';
  for (size_t i = 0; i < detection.matched().size(); ++i) {
    const MatchedField& field = detection.matched()[i];
    if (i > 0) *out += ',';
    ObjectWriter entry(out);
    entry.Text("field", field.field);
    entry.Key("value");
    AppendValue(field.value, out);
    if (field.absent) {
      entry.Key("absent");
      *out += "true";
    }
    entry.Text("selection", field.selection);
    entry.Close();
  }
  *out += ']';
  if (options.include_event && !detection.event().json().empty()) {
    object.Key("event");
    AppendOneLine(detection.event().json(), out);
  }
  object.Close();
  *out += '\n';
}

std::string_view IncidentChangeName(IncidentChange change) {
  switch (change) {
    case IncidentChange::kOpened:
      return "opened";
    case IncidentChange::kUpdated:
      return "updated";
    case IncidentChange::kClosed:
      break;
  }
  return "closed";
}

namespace {

void AppendRule(const RuleInfo& rule, ObjectWriter* object) {
  object->Text("rule.id", rule.id);
  object->Text("rule.title", rule.title);
  object->Text("rule.level", rule.level);
  object->TextIfAny("rule.status", rule.status);
  object->List("rule.tags", rule.tags);
  object->Text("rule.path", rule.path);
}

void AppendKeys(std::span<const IncidentKey> keys, ObjectWriter* object,
                std::string* out) {
  object->Key("keys");
  *out += '[';
  for (const IncidentKey& key : keys) {
    if (&key != keys.data()) *out += ',';
    ObjectWriter entry(out);
    entry.Text("field", key.name);
    entry.Key("value");
    if (key.missing) {
      *out += "null";
    } else {
      base::AppendJsonString(key.value, out);
    }
    entry.Close();
  }
  *out += ']';
}

}  // namespace

void AppendIncidentJson(const Incident& incident, std::string* out,
                        const DetectionJsonOptions& options) {
  ObjectWriter object(out);
  object.Text("kind", "incident");
  object.Text("id", incident.id());
  object.Text("change", IncidentChangeName(incident.change()));
  object.Text("incident.id", incident.incident_id());
  object.Int("incident.firings", incident.firings());
  object.Text("incident.begin", FormatTimestamp(incident.incident_begin()));
  object.Text("incident.end", FormatTimestamp(incident.incident_end()));
  object.Text("time", FormatTimestamp(incident.time()));
  object.Text("time.first", FormatTimestamp(incident.first_time()));
  AppendRule(incident.rule(), &object);
  AppendTexts(incident, &object, out);
  AppendKeys(incident.keys(), &object, out);
  object.Key("values");
  ObjectWriter values(out);
  for (const IncidentValue& value : incident.values()) {
    values.Key(value.name);
    base::AppendJsonDouble(value.value, out);
  }
  values.Close();
  if (!incident.events().empty()) {
    object.Key("events");
    *out += '[';
    for (const IncidentEvent& event : incident.events()) {
      if (&event != incident.events().data()) *out += ',';
      ObjectWriter entry(out);
      entry.List("steps", {event.steps.begin(), event.steps.end()});
      entry.Text("time", FormatTimestamp(event.time));
      entry.TextIfAny("id", event.id);
      if (options.include_event && !event.json.empty()) {
        entry.Key("event");
        AppendOneLine(event.json, out);
      }
      entry.Close();
    }
    *out += ']';
    object.Bool("events.all", incident.has_all_events());
  }
  object.Bool("revised", incident.revised());
  object.Bool("exact", incident.exact());
  if (incident.change() == IncidentChange::kClosed) {
    object.Bool("closed_early", incident.closed_early());
  }
  object.Close();
  *out += '\n';
}

namespace {

void AppendArgument(const ResponseValue& value, std::string* out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    base::AppendJsonString(*text, out);
  } else if (const auto* number = std::get_if<int64_t>(&value)) {
    *out += std::to_string(*number);
  } else if (const auto* fraction = std::get_if<double>(&value)) {
    base::AppendJsonDouble(*fraction, out);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    *out += *truth ? "true" : "false";
  } else if (const auto* duration = std::get_if<absl::Duration>(&value)) {
    base::AppendJsonString(
        base::PrintDuration(absl::ToInt64Nanoseconds(*duration)), out);
  } else if (const auto* time = std::get_if<Timestamp>(&value)) {
    base::AppendJsonString(FormatTimestamp(*time), out);
  } else {
    *out += "null";
  }
}

}  // namespace

void AppendResponseJson(const Response& response, std::string* out) {
  ObjectWriter object(out);
  object.Text("kind", "response");
  object.Text("id", response.id());
  object.Text("detection.id", response.detection_id());
  object.Text("time", FormatTimestamp(response.time()));
  AppendRule(response.rule(), &object);
  object.Text("action", response.action());
  object.Key("arguments");
  ObjectWriter arguments(out);
  for (const ResponseArgument& argument : response.arguments()) {
    arguments.Key(argument.name);
    AppendArgument(argument.value, out);
  }
  arguments.Close();
  object.Bool("needs_approval", response.needs_approval());
  object.Close();
  *out += '\n';
}

void AppendSuppressedJson(const Suppressed& suppressed, std::string* out) {
  ObjectWriter object(out);
  object.Text("kind", "suppressed");
  object.Text("id", suppressed.id());
  object.Text("detection.id", suppressed.detection_id());
  object.Int("count", suppressed.count());
  object.Text("time.first", FormatTimestamp(suppressed.first_time()));
  object.Text("time.last", FormatTimestamp(suppressed.last_time()));
  AppendRule(suppressed.rule(), &object);
  AppendKeys(suppressed.keys(), &object, out);
  object.Bool("ended_early", suppressed.ended_early());
  if (suppressed.over_limit()) object.Bool("over_limit", true);
  object.Close();
  *out += '\n';
}

}  // namespace tocsin
