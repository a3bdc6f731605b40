#include "src/engine/alert_documents.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "src/base/digest.h"
#include "src/base/json_unescape.h"
#include "src/base/json_writer.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/base/utf8.h"
#include "src/base/value.h"
#include "src/runtime/event/event_view.h"
#include "tocsin/event.h"
#include "tocsin/sink.h"

namespace tocsin::engine {
namespace {

// Of what an alert goes back to at most so much is named.
constexpr size_t kMostAncestors = 100;

// Members of one object.
class Members {
 public:
  void Raw(std::string_view key, std::string_view json) {
    Key(key);
    out_ += json;
  }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    base::AppendJsonString(value, &out_);
  }
  void TextIfAny(std::string_view key, std::string_view value) {
    if (!value.empty()) Text(key, value);
  }
  void Number(std::string_view key, double value) {
    Key(key);
    base::AppendJsonDouble(value, &out_);
  }
  void Texts(std::string_view key, std::span<const std::string> values) {
    if (values.empty()) return;
    Key(key);
    out_ += '[';
    for (const std::string& value : values) {
      if (&value != values.data()) out_ += ',';
      base::AppendJsonString(value, &out_);
    }
    out_ += ']';
  }
  // Members that are written already.
  void All(std::string_view members) {
    if (members.empty()) return;
    if (!out_.empty()) out_ += ',';
    out_ += members;
  }
  std::string Object() const { return "{" + out_ + "}"; }

 private:
  void Key(std::string_view key) {
    if (!out_.empty()) out_ += ',';
    base::AppendJsonString(key, &out_);
    out_ += ':';
  }
  std::string out_;
};

// --- Texts of events, which are JSON objects without errors.

// One member of the object that begins at `at`, a brace or a comma before it;
// `at` moves behind it. False: there is none any more.
struct RawMember {
  std::string key;         // What it means: without quotes and escapes.
  std::string_view value;  // As written, with all it holds.
};

size_t EndOfText(std::string_view json, size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

size_t EndOfValue(std::string_view json, size_t at) {
  int depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = EndOfText(json, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      if (depth == 0) return at + 1;
    }
    if (c == ',' && depth == 0) return at;
    ++at;
  }
  return at;
}

bool NextMember(std::string_view json, size_t* at, RawMember* member) {
  const size_t key = json.find('"', *at);
  if (key == std::string_view::npos) return false;
  const size_t key_end = EndOfText(json, key);
  size_t value = json.find(':', key_end);
  if (value == std::string_view::npos) return false;
  value = json.find_first_not_of(" \t\r\n", value + 1);
  if (value == std::string_view::npos) return false;
  const size_t value_end = EndOfValue(json, value);
  member->key = json.substr(key + 1, key_end - key - 2);
  member->key.resize(
      base::UnescapeJsonInPlace(member->key.data(), member->key.size()));
  member->value = json.substr(value, value_end - value);
  *at = json.find_first_not_of(" \t\r\n", value_end);
  if (*at == std::string_view::npos) *at = json.size();
  return true;
}

// What an alert says itself, in place of what its event does.
bool IsOfAlert(std::string_view key) {
  constexpr std::string_view kOwn[] = {
      "@timestamp", "event.kind",         "kibana",
      "signal",     "threat.enrichments", "_index"};
  return key.starts_with("kibana.") || key.starts_with("signal.") ||
         std::find(std::begin(kOwn), std::end(kOwn), key) != std::end(kOwn);
}

void CopyMembers(std::string_view object, std::string_view above,
                 Members* members) {
  RawMember member;
  for (size_t at = 0; NextMember(object, &at, &member);) {
    const std::string path = std::string(above) + member.key;
    if (IsOfAlert(path)) continue;
    const bool is_place = above.empty() && member.value.starts_with('{') &&
                          (path == "event" || path == "threat");
    std::string value;
    if (is_place) {
      Members inner;
      CopyMembers(member.value.substr(1), path + ".", &inner);
      value = inner.Object();
    } else {
      value = member.value;
    }
    for (char& c : value) {
      if (c == '\n' || c == '\r') c = ' ';
    }
    members->Raw(member.key, value);
  }
}

void AppendScalar(const FieldValue& value, std::string* out) {
  base::AppendJson(base::Value::Of(value), out);
}

void CopyEvent(const Event& event, Members* members) {
  if (event.lookup() == nullptr) {
    const std::string_view json = event.json();
    if (base::IsValidUtf8(json)) {
      CopyMembers(json, "", members);
    } else {
      CopyMembers(base::RepairUtf8(json), "", members);
    }
    return;
  }
  runtime::EventView view;
  if (!view.Load(event).ok()) return;
  view.ForEachScalar([&](std::string_view key, const FieldValue& value) {
    if (IsOfAlert(key)) return;
    std::string text;
    AppendScalar(value, &text);
    members->Raw(key, text);
  });
}

// --- What alerts go back to.

struct Ancestors {
  int64_t depth = 1;
  std::vector<std::string> objects;  // JSON, each once.

  void Add(std::string object) {
    const bool is_known =
        std::find(objects.begin(), objects.end(), object) != objects.end();
    if (!is_known && objects.size() < kMostAncestors) {
      objects.push_back(std::move(object));
    }
  }
};

std::string FirstText(const runtime::EventView& view, std::string_view field) {
  std::vector<FieldValue> values;
  if (!view.Find(field, &values) || values.empty()) return {};
  return base::TextOf(base::Value::Of(values[0])).value_or("");
}

void AddAncestor(const Event& event, Ancestors* ancestors) {
  runtime::EventView view;
  if (!view.Load(event).ok()) return;
  const std::string rule = FirstText(view, "kibana.alert.rule.rule_id");
  const std::string id = FirstText(view, "kibana.alert.uuid");
  Members self;
  if (rule.empty()) {
    self.TextIfAny("id", event.id());
    self.Text("type", "event");
    self.Number("depth", 0);
    ancestors->Add(self.Object());
    return;
  }
  std::vector<base::Value> before;
  view.FindWhole("kibana.alert.ancestors", &before);
  for (const base::Value& value : before) {
    std::string text;
    base::AppendJson(value, &text);
    ancestors->Add(std::move(text));
  }
  std::vector<FieldValue> depths;
  int64_t depth = 1;
  if (view.Find("kibana.alert.depth", &depths) && !depths.empty()) {
    depth = static_cast<int64_t>(
        base::DoubleOf(base::Value::Of(depths[0])).value_or(1));
    depth = std::clamp<int64_t>(depth, 1, 1000);
  }
  self.TextIfAny("id", id);
  self.Text("type", "signal");
  self.Number("depth", static_cast<double>(depth));
  self.Text("rule", rule);
  ancestors->Add(self.Object());
  ancestors->depth = std::max(ancestors->depth, depth + 1);
}

// --- What is said of an alert.

void AppendTechniques(std::span<const RuleThreat::Technique> techniques,
                      std::string_view parts_name, std::string* out) {
  *out += '[';
  for (const RuleThreat::Technique& technique : techniques) {
    if (&technique != techniques.data()) *out += ',';
    Members members;
    members.TextIfAny("id", technique.id);
    members.TextIfAny("name", technique.name);
    if (!technique.parts.empty()) {
      std::string parts;
      AppendTechniques(technique.parts, "", &parts);
      members.Raw(parts_name, parts);
    }
    *out += members.Object();
  }
  *out += ']';
}

std::string ThreatsOf(std::span<const RuleThreat> threats) {
  std::string out = "[";
  for (const RuleThreat& threat : threats) {
    if (&threat != threats.data()) out += ',';
    Members members;
    members.TextIfAny("framework", threat.framework);
    Members tactic;
    tactic.TextIfAny("id", threat.tactic_id);
    tactic.TextIfAny("name", threat.tactic_name);
    members.Raw("tactic", tactic.Object());
    if (!threat.techniques.empty()) {
      std::string techniques;
      AppendTechniques(threat.techniques, "subtechnique", &techniques);
      members.Raw("technique", techniques);
    }
    out += members.Object();
  }
  return out + "]";
}

// The words that Elastic has for it.
std::string_view SeverityOf(std::string_view level) {
  return level == "informational" ? "low" : level;
}

struct Said {
  const RuleInfo* rule = nullptr;
  std::string_view id;
  std::optional<Timestamp> time;
  std::optional<Timestamp> original_time;
  std::string_view level;
  double risk_score = -1;
  std::string_view title;
  std::string_view message;
  bool is_building_block = false;
};

void AppendSaid(const Said& said, const Ancestors& ancestors,
                Members* members) {
  const RuleInfo& rule = *said.rule;
  if (said.time) members->Text("@timestamp", FormatTimestamp(*said.time));
  members->Text("event.kind", "signal");
  members->Text("kibana.alert.uuid", said.id);
  members->Text("kibana.alert.status", "active");
  members->Text("kibana.alert.workflow_status", "open");
  members->TextIfAny("kibana.alert.reason", said.message);
  members->TextIfAny("kibana.alert.severity", SeverityOf(said.level));
  if (said.risk_score >= 0) {
    members->Number("kibana.alert.risk_score", said.risk_score);
  }
  members->Number("kibana.alert.depth", static_cast<double>(ancestors.depth));
  std::string all = "[";
  for (const std::string& object : ancestors.objects) {
    if (all.size() > 1) all += ',';
    all += object;
  }
  members->Raw("kibana.alert.ancestors", all + "]");
  if (said.original_time) {
    members->Text("kibana.alert.original_time",
                  FormatTimestamp(*said.original_time));
  }
  if (said.is_building_block) {
    members->Text("kibana.alert.building_block_type", "default");
  }
  members->Text("kibana.alert.rule.name", said.title);
  members->Text("kibana.alert.rule.rule_id", rule.id);
  members->Text("kibana.alert.rule.uuid", rule.id);
  members->TextIfAny("kibana.alert.rule.type", rule.type);
  members->TextIfAny("kibana.alert.rule.severity", SeverityOf(rule.level));
  if (rule.risk_score >= 0) {
    members->Number("kibana.alert.rule.risk_score", rule.risk_score);
  }
  members->TextIfAny("kibana.alert.rule.description", rule.description);
  members->TextIfAny("kibana.alert.rule.author", rule.author);
  members->Texts("kibana.alert.rule.tags", rule.tags);
  members->Texts("kibana.alert.rule.references", rule.references);
  members->Texts("kibana.alert.rule.false_positives", rule.false_positives);
  if (!rule.threats.empty()) {
    members->Raw("kibana.alert.rule.threat", ThreatsOf(rule.threats));
  }
}

Said SaidOf(const Incident& incident) {
  return {.rule = &incident.rule(),
          .id = incident.id(),
          .time = incident.time(),
          .original_time = incident.time(),
          .level = incident.level(),
          .risk_score = incident.risk_score(),
          .title = incident.title(),
          .message = incident.message(),
          .is_building_block = incident.rule().is_building_block};
}

Ancestors AncestorsOf(std::span<const IncidentEvent> events) {
  Ancestors ancestors;
  for (const IncidentEvent& event : events) {
    if (event.json.empty()) continue;
    AddAncestor(Event::Json(event.json).set_id(event.id), &ancestors);
  }
  return ancestors;
}

// --- Fields of several events.

struct Flat {
  CommonFields fields;
  base::StringMap<size_t> places;
};

void AddFlat(const std::string& path, std::string_view value, Flat* flat) {
  const auto [place, is_new] =
      flat->places.try_emplace(path, flat->fields.size());
  if (is_new) flat->fields.push_back({path, {}});
  std::vector<std::string>& values = flat->fields[place->second].second;
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    values.emplace_back(value);
  }
}

// What stands deeper is left out.
constexpr int kMostDepth = 32;

void FlattenValue(const std::string& path, std::string_view value, int depth,
                  Flat* flat) {
  if (depth > kMostDepth || value.empty() || value == "null") return;
  if (value[0] == '{') {
    RawMember member;
    const std::string above = path.empty() ? "" : path + ".";
    for (size_t at = 1; NextMember(value, &at, &member);) {
      FlattenValue(above + member.key, member.value, depth + 1, flat);
    }
    return;
  }
  if (value[0] != '[') {
    while (value.ends_with(' ') || value.ends_with('\n') ||
           value.ends_with('\r') || value.ends_with('\t')) {
      value.remove_suffix(1);
    }
    AddFlat(path, value, flat);
    return;
  }
  for (size_t at = 1; at < value.size();) {
    at = value.find_first_not_of(" \t\r\n,", at);
    if (at == std::string_view::npos || value[at] == ']') return;
    const size_t end = EndOfValue(value, at);
    FlattenValue(path, value.substr(at, end - at), depth + 1, flat);
    at = end;
  }
}

void Flatten(std::string_view json, Flat* flat) {
  const size_t begin = json.find('{');
  if (begin == std::string_view::npos) return;
  if (base::IsValidUtf8(json)) {
    FlattenValue("", json.substr(begin), 0, flat);
  } else {
    FlattenValue("", base::RepairUtf8(json.substr(begin)), 0, flat);
  }
}

void Intersect(const Flat& with, CommonFields* fields) {
  std::erase_if(*fields, [&](auto& field) {
    const auto found = with.places.find(field.first);
    if (found == with.places.end()) return true;
    const std::vector<std::string>& values = with.fields[found->second].second;
    std::erase_if(field.second, [&](const std::string& value) {
      return std::find(values.begin(), values.end(), value) == values.end();
    });
    return field.second.empty();
  });
}

void AppendFields(const CommonFields& fields, Members* members) {
  for (const auto& [name, values] : fields) {
    if (IsOfAlert(name)) continue;
    std::string text = values.size() == 1 ? values[0] : "[";
    if (values.size() > 1) {
      for (const std::string& value : values) {
        if (text.size() > 1) text += ',';
        text += value;
      }
      text += ']';
    }
    members->Raw(name, text);
  }
}

bool Has(const CommonFields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return field.first == name; });
}

// The keys that its events do not show themselves.
void AppendKeys(const Incident& incident, const CommonFields& fields,
                Members* members) {
  std::vector<std::string_view> written;
  for (const IncidentKey& key : incident.keys()) {
    const bool is_written =
        std::find(written.begin(), written.end(), key.name) != written.end();
    if (key.missing || is_written || Has(fields, key.name)) continue;
    written.push_back(key.name);
    members->Text(key.name, key.value);
  }
}

// --- What types of rules say besides.

std::string FieldAndValue(std::string_view field, std::string_view json) {
  Members members;
  members.Text("field", field);
  members.Raw("value", json);
  return members.Object();
}

void AppendThreshold(const Incident& incident, Members* members) {
  std::string terms;
  for (const IncidentKey& key : incident.keys()) {
    if (key.missing) continue;
    std::string value;
    base::AppendJsonString(key.value, &value);
    terms += (terms.empty() ? "" : ",") + FieldAndValue(key.name, value);
  }
  std::string cardinality;
  Members result;
  result.Raw("terms", "[" + terms + "]");
  for (const IncidentValue& number : incident.values()) {
    std::string text;
    base::AppendJsonDouble(number.value, &text);
    constexpr std::string_view kDistinct = "distinct(";
    std::string_view name = number.name;
    if (name.starts_with(kDistinct) && name.ends_with(')')) {
      name.remove_prefix(kDistinct.size());
      name.remove_suffix(1);
      cardinality +=
          (cardinality.empty() ? "" : ",") + FieldAndValue(name, text);
    } else if (name.ends_with(".count") || name == "count") {
      result.Raw("count", text);
    }
  }
  if (!cardinality.empty()) {
    result.Raw("cardinality", "[" + cardinality + "]");
  }
  result.Text("from", FormatTimestamp(incident.first_time()));
  members->Raw("kibana.alert.threshold_result", result.Object());
}

void AppendNewTerms(const Incident& incident, Members* members) {
  std::vector<std::string> values;
  for (const IncidentKey& key : incident.keys()) values.push_back(key.value);
  members->Texts("kibana.alert.new_terms", values);
}

// An indicator's own part where it has one, and what else says which it is.
std::string IndicatorOf(const runtime::EventView& view,
                        std::string_view whole) {
  std::vector<base::Value> found;
  if (!view.FindWhole("threat.indicator", &found) || found.size() != 1 ||
      found[0].kind != base::ValueKind::kObject) {
    return std::string(whole);
  }
  std::string text;
  base::AppendJson(found[0], &text);
  return text;
}

// Whether the indicator holds the value, anywhere.
bool Holds(const runtime::EventView& view, std::string_view value) {
  bool holds = false;
  view.ForEachScalar([&](std::string_view /*key*/, const FieldValue& has) {
    holds |= base::TextOf(base::Value::Of(has)) == value;
  });
  return holds;
}

void AppendEnrichments(const Incident& incident, Members* members) {
  std::string all;
  const auto add = [&](const IncidentKey& key, std::string_view indicator,
                       std::string_view id, std::string_view index) {
    Members matched;
    matched.Text("atomic", key.value);
    matched.Text("field", key.name);
    matched.TextIfAny("id", id);
    matched.TextIfAny("index", index);
    matched.Text("type", "indicator_match_rule");
    Members enrichment;
    if (!indicator.empty()) enrichment.Raw("indicator", indicator);
    enrichment.Raw("matched", matched.Object());
    all += (all.empty() ? "" : ",") + enrichment.Object();
  };
  for (const IncidentKey& key : incident.keys()) {
    if (key.missing) continue;
    bool is_known = false;
    for (const std::string& json : incident.indicators()) {
      runtime::EventView view;
      const Event event = Event::Json(json);
      if (!view.Load(event).ok() || !Holds(view, key.value)) continue;
      is_known = true;
      add(key, IndicatorOf(view, json), FirstText(view, "_id"),
          FirstText(view, "_index"));
    }
    if (!is_known) add(key, "", "", "");
  }
  members->Raw("threat.enrichments", "[" + all + "]");
}

void AppendOfType(const Incident& incident, Members* members) {
  const std::string& type = incident.rule().type;
  if (type == "threshold") AppendThreshold(incident, members);
  if (type == "new_terms") AppendNewTerms(incident, members);
  if (type == "threat_match") AppendEnrichments(incident, members);
}

// Of a sequence that was found, one event; it has nothing of what the rule
// takes from events.
AlertDocument BlockOf(const Incident& incident, size_t number) {
  const IncidentEvent& event = incident.events()[number];
  const std::string id = base::Digest()
                             .Add("building block")
                             .Add(incident.id())
                             .AddInt(static_cast<int64_t>(number))
                             .Hex();
  Members members;
  Ancestors ancestors;
  if (!event.json.empty()) {
    const Event whole = Event::Json(event.json).set_id(event.id);
    CopyEvent(whole, &members);
    AddAncestor(whole, &ancestors);
  }
  const RuleInfo& rule = incident.rule();
  AppendSaid({.rule = &rule,
              .id = id,
              .time = incident.time(),
              .original_time = event.time,
              .level = rule.level,
              .risk_score = rule.risk_score,
              .title = rule.title,
              .message = incident.message(),
              .is_building_block = true},
             ancestors, &members);
  members.Text("kibana.alert.group.id", incident.id());
  members.Number("kibana.alert.group.index", static_cast<double>(number));
  return {id, members.Object()};
}

// The events that an alert of the rule is made of.
std::string_view SubjectOf(const RuleInfo& rule) {
  if (rule.type == "eql") return "*";
  if (rule.type == "new_terms") return "events";
  return rule.type == "threat_match" ? "event" : "";
}

}  // namespace

CommonFields FieldsInCommon(std::span<const IncidentEvent> events,
                            std::string_view step) {
  std::optional<CommonFields> fields;
  if (step.empty()) return {};
  for (const IncidentEvent& event : events) {
    const bool is_meant =
        step == "*" || std::find(event.steps.begin(), event.steps.end(),
                                 step) != event.steps.end();
    if (!is_meant) continue;
    if (event.json.empty()) return {};
    Flat flat;
    Flatten(event.json, &flat);
    if (!fields) {
      fields = std::move(flat.fields);
    } else {
      Intersect(flat, &*fields);
    }
  }
  return fields.value_or(CommonFields());
}

void AppendAlerts(const Detection& detection, std::vector<AlertDocument>* out) {
  Members members;
  Ancestors ancestors;
  CopyEvent(detection.event(), &members);
  AddAncestor(detection.event(), &ancestors);
  Said said = {.rule = &detection.rule(),
               .id = detection.id(),
               .time = std::nullopt,
               .original_time = std::nullopt,
               .level = detection.level(),
               .risk_score = detection.risk_score(),
               .title = detection.title(),
               .message = detection.message(),
               .is_building_block = detection.rule().is_building_block};
  if (detection.time_source() != TimeSource::kNone) {
    said.time = said.original_time = detection.time();
  }
  AppendSaid(said, ancestors, &members);
  out->push_back({std::string(detection.id()), members.Object()});
}

void AppendAlerts(const Incident& incident, std::vector<AlertDocument>* out) {
  if (incident.change() == IncidentChange::kClosed) return;
  if (incident.is_sequence()) {
    for (size_t i = 0; i < incident.events().size(); ++i) {
      out->push_back(BlockOf(incident, i));
    }
  }
  const CommonFields fields =
      FieldsInCommon(incident.events(), SubjectOf(incident.rule()));
  Members members;
  AppendFields(fields, &members);
  AppendKeys(incident, fields, &members);
  AppendSaid(SaidOf(incident), AncestorsOf(incident.events()), &members);
  if (incident.is_sequence()) {
    members.Text("kibana.alert.group.id", incident.id());
  }
  AppendOfType(incident, &members);
  out->push_back({std::string(incident.id()), members.Object()});
}

std::string AsStored(std::string_view json) {
  Members members;
  members.Text("_index", ".alerts-security.alerts-default");
  std::string all(json.substr(1, json.size() - 2));
  members.All(all);
  // Rules still in use name them as they were called once.
  constexpr std::string_view kNow = "kibana.alert.rule.";
  RawMember member;
  for (size_t at = 0; NextMember(json, &at, &member);) {
    if (!member.key.starts_with(kNow)) continue;
    members.Raw("signal.rule." + member.key.substr(kNow.size()), member.value);
  }
  return members.Object();
}

}  // namespace tocsin::engine

namespace tocsin {
namespace {

template <typename Finding>
void AppendLines(const Finding& finding, std::string* out) {
  std::vector<engine::AlertDocument> alerts;
  engine::AppendAlerts(finding, &alerts);
  for (const engine::AlertDocument& alert : alerts) {
    *out += alert.json;
    *out += '\n';
  }
}

}  // namespace

void AppendAlertJson(const Detection& detection, std::string* out) {
  AppendLines(detection, out);
}
void AppendAlertJson(const Incident& incident, std::string* out) {
  AppendLines(incident, out);
}

}  // namespace tocsin
