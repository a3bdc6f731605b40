#include "src/frontend/elastic/rule.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/elastic/members.h"

namespace tocsin::elastic {
namespace {

using base::FromAbsl;
using base::ToAbsl;
using text::Quoted;

struct TypeName {
  std::string_view name;
  RuleType type;
  std::string_view language;  // Where the rule names none.
};
constexpr TypeName kTypes[] = {
    {"query", RuleType::kQuery, "kuery"},
    // A query that is kept elsewhere as well.
    {"saved_query", RuleType::kQuery, "kuery"},
    {"eql", RuleType::kEql, "eql"},
    {"threshold", RuleType::kThreshold, "kuery"},
    {"new_terms", RuleType::kNewTerms, "kuery"},
    {"threat_match", RuleType::kThreatMatch, "kuery"},
    {"machine_learning", RuleType::kMachineLearning, ""},
    {"esql", RuleType::kEsql, "esql"},
};

// Members that a rule may have. What Kibana keeps with a rule, and what is
// for people, is below.
constexpr std::string_view kMembers[] = {
    "rule_id", "id", "name", "description", "type", "language", "query",
    "index", "filters", "severity", "risk_score", "severity_mapping",
    "risk_score_mapping", "rule_name_override", "timestamp_override",
    "timestamp_override_fallback_disabled", "event_category_override",
    "timestamp_field", "from", "interval", "to", "max_signals",
    "building_block_type", "enabled", "tags", "threshold", "new_terms",
    "new_terms_fields", "history_window_start", "threat_index", "threat_query",
    "threat_language", "threat_mapping", "threat_filters",
    "threat_indicator_path", "machine_learning_job_id", "anomaly_threshold",
    "alert_suppression", "exceptions_list", "investigation_fields",
    "false_positives", "references", "threat", "author", "created_at",
    "updated_at",
    // Beside the rule in the public repository's data.
    "creation_date", "updated_date", "maturity"};

// Those that decide nothing here.
constexpr std::string_view kIdle[] = {"data_view_id",
                                      "tiebreaker_field",
                                      "concurrent_searches",
                                      "items_per_search",
                                      "license",
                                      "note",
                                      "setup",
                                      "version",
                                      "revision",
                                      "created_by",
                                      "updated_by",
                                      "immutable",
                                      "rule_source",
                                      "related_integrations",
                                      "required_fields",
                                      "output_index",
                                      "namespace",
                                      "meta",
                                      "throttle",
                                      "actions",
                                      "response_actions",
                                      "outcome",
                                      "alias_target_id",
                                      "alias_purpose",
                                      "saved_id",
                                      "execution_summary",
                                      "timeline_id",
                                      "timeline_title",
                                      "transform",
                                      "building_block",
                                      "external_source",
                                      "integration",
                                      "min_stack_version",
                                      "promotion",
                                      "source_path",
                                      "is_building_block_dir",
                                      "min_stack_comments",
                                      "bypass_bbr_timing",
                                      "deprecation_date",
                                      "extended"};

template <size_t kSize>
bool IsAmong(std::string_view name, const std::string_view (&names)[kSize]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool SaysNothing(const Value& value) {
  return value.kind == Value::kNull ||
         (value.kind == Value::kBool && !value.flag) ||
         value.text == "no_actions" ||
         (value.is_string() && value.text.empty()) ||
         (value.is_array() && value.items.empty()) ||
         (value.is_object() && value.members.empty());
}

void WarnOfUnknown(const Value& object, text::Reporter* reporter) {
  for (const Member& member : object.members) {
    if (IsAmong(member.name, kMembers) || IsAmong(member.name, kIdle)) continue;
    reporter->Warning("T610", reporter->source().RangeOf(member.name_span),
                      Quoted(member.name) + " is no member of a rule",
                      text::DidYouMean(member.name, kMembers));
  }
}

RuleThreat::Technique ReadTechnique(const Value& object, int depth) {
  RuleThreat::Technique technique;
  if (const Value* id = object.Find("id")) technique.id = id->text;
  if (const Value* name = object.Find("name")) technique.name = name->text;
  const Value* parts = object.Find("subtechnique");
  if (parts == nullptr || depth > 0) return technique;
  for (const Value& part : parts->items) {
    technique.parts.push_back(ReadTechnique(part, depth + 1));
  }
  return technique;
}

std::vector<RuleThreat> ReadThreats(const Members& members) {
  std::vector<RuleThreat> threats;
  for (const Value* object : members.Objects("threat")) {
    RuleThreat& threat = threats.emplace_back();
    if (const Value* framework = object->Find("framework")) {
      threat.framework = framework->text;
    }
    if (const Value* tactic = object->Find("tactic")) {
      const Value* id = tactic->Find("id");
      const Value* name = tactic->Find("name");
      if (id != nullptr) threat.tactic_id = id->text;
      if (name != nullptr) threat.tactic_name = name->text;
    }
    const Value* techniques = object->Find("technique");
    if (techniques == nullptr) continue;
    for (const Value& technique : techniques->items) {
      threat.techniques.push_back(ReadTechnique(technique, 0));
    }
  }
  return threats;
}

// "attack.t1059.001", "attack.execution", as rules of Sigma have them.
void AddThreatTags(const std::vector<RuleThreat>& threats,
                   std::vector<std::string>* tags) {
  const auto add = [&](std::string_view text) {
    if (text.empty()) return;
    std::string word = "attack." + absl::AsciiStrToLower(ToAbsl(text));
    std::replace(word.begin(), word.end(), ' ', '-');
    if (std::find(tags->begin(), tags->end(), word) == tags->end()) {
      tags->push_back(std::move(word));
    }
  };
  for (const RuleThreat& threat : threats) {
    const bool is_attack =
        threat.framework.empty() || threat.framework == "MITRE ATT&CK";
    if (!is_attack) continue;
    add(threat.tactic_name);
    for (const RuleThreat::Technique& technique : threat.techniques) {
      add(technique.id);
      for (const RuleThreat::Technique& part : technique.parts) add(part.id);
    }
  }
}

class Reader {
 public:
  Reader(const Value& object, text::Reporter* reporter)
      : members_(object, reporter), reporter_(*reporter) {}

  std::optional<Rule> Read() {
    const int before = reporter_.errors();
    rule_.object = &members_.object();
    ReadIdentity();
    ReadType();
    ReadSeverity();
    ReadTimes();
    ReadQuery();
    WarnOfUnknown(members_.object(), &reporter_);
    if (reporter_.errors() > before) return std::nullopt;
    return std::move(rule_);
  }

 private:
  void ReadIdentity() {
    RuleInfo& info = rule_.info;
    info.format = "elastic";
    info.path = reporter_.source().path();
    info.line = reporter_.source().LineOf(members_.object().span.begin);
    info.title = members_.RequiredText("name");
    info.id = RuleIdOf(members_.object());
    if (info.id.empty()) info.id = info.title;
    info.name = info.id;
    info.description = members_.Text("description");
    info.references = members_.Texts("references");
    info.false_positives = members_.Texts("false_positives");
    info.tags = members_.Texts("tags");
    info.threats = ReadThreats(members_);
    AddThreatTags(info.threats, &info.tags);
    const std::vector<std::string> authors = members_.Texts("author");
    for (const std::string& author : authors) {
      if (!info.author.empty()) info.author += ", ";
      info.author += author;
    }
    info.date = members_.Text("creation_date");
    if (info.date.empty()) info.date = members_.Text("created_at");
    info.modified = members_.Text("updated_date");
    if (info.modified.empty()) info.modified = members_.Text("updated_at");
    if (const Value* shown = members_.Find("investigation_fields")) {
      if (shown->is_object()) {
        info.fields = Members(*shown, &reporter_).Texts("field_names");
      }
    }
    info.is_building_block = !members_.Text("building_block_type").empty();
    info.status = members_.Text("maturity");
    if (info.status == "deprecated") {
      rule_.off = members_.Find("maturity");
    } else if (!members_.Flag("enabled").value_or(true)) {
      rule_.off = members_.Find("enabled");
      info.status = "disabled";
    }
  }

  void ReadType() {
    const Value* type = members_.Required("type", Value::kString);
    if (type == nullptr) return;
    std::vector<std::string_view> names;
    for (const TypeName& known : kTypes) {
      names.push_back(known.name);
      if (known.name != type->text) continue;
      rule_.type = known.type;
      rule_.info.type = type->text;
      rule_.language = known.language;
      return;
    }
    reporter_.Error("T604", members_.RangeOf(*type),
                    "there is no type of rules " + Quoted(type->text),
                    text::DidYouMean(type->text, names));
  }

  void ReadSeverity() {
    const Value* severity = members_.Find("severity", Value::kString);
    if (severity != nullptr) {
      rule_.info.level = severity->text;
      if (!IsSeverity(severity->text)) {
        reporter_.Error("T605", members_.RangeOf(*severity),
                        "`severity` is low, medium, high or critical, found " +
                            Quoted(severity->text));
      }
    }
    const std::optional<double> score = members_.Number("risk_score");
    if (!score) return;
    if (*score < 0 || *score > 100) {
      reporter_.Error("T605", members_.RangeOf(*members_.Find("risk_score")),
                      "`risk_score` is between 0 and 100");
    }
    rule_.info.risk_score = *score;
  }

  // What `name` says, or `otherwise`.
  std::string TextOr(std::string_view name, std::string_view otherwise) {
    std::string text = members_.Text(name);
    return text.empty() ? std::string(otherwise) : text;
  }

  void ReadTimes() {
    rule_.index = members_.Texts("index");
    const std::optional<absl::Duration> interval =
        ParseInterval(TextOr("interval", "5m"));
    if (!interval || *interval <= absl::ZeroDuration()) {
      TellTime("interval", "an interval such as `5m`");
    }
    const std::optional<absl::Duration> from =
        ParseAge(TextOr("from", "now-6m"));
    const std::optional<absl::Duration> to = ParseAge(TextOr("to", "now"));
    if (!from) TellTime("from", "a time such as `now-9m`");
    if (!to) TellTime("to", "a time such as `now`");
    if (from && to) {
      rule_.look_back = *from - *to;
      if (rule_.look_back <= absl::ZeroDuration()) {
        TellTime("from", "a time before `to`");
      }
    }
    rule_.interval = interval.value_or(absl::Minutes(5));
    rule_.time_field =
        TextOr("timestamp_override", members_.Text("timestamp_field"));
    if (rule_.time_field == "@timestamp") rule_.time_field.clear();
    const std::optional<double> signals = members_.Number("max_signals");
    if (signals && (*signals < 1 || *signals > 1'000'000)) {
      reporter_.Error("T605", members_.RangeOf(*members_.Find("max_signals")),
                      "`max_signals` is 1 or more");
    } else if (signals) {
      rule_.max_signals = static_cast<int>(*signals);
    }
  }

  void TellTime(std::string_view name, std::string_view wanted) {
    const Value* value = members_.Find(name);
    reporter_.Error(
        "T606",
        value == nullptr ? members_.PlaceOfObject() : members_.RangeOf(*value),
        absl::StrCat("expected ", ToAbsl(wanted), ", found ",
                     ToAbsl(Quoted(value == nullptr ? "" : value->text))));
  }

  void ReadQuery() {
    rule_.query = members_.Find("query", Value::kString);
    const std::string language = members_.Text("language");
    if (!language.empty()) rule_.language = language;
    const bool needs_query =
        rule_.type == RuleType::kEql || rule_.type == RuleType::kEsql;
    if (needs_query) members_.Required("query", Value::kString);
  }

  Members members_;
  text::Reporter& reporter_;
  Rule rule_;
};

}  // namespace

bool IsSeverity(std::string_view text) {
  constexpr std::string_view kSeverities[] = {"low", "medium", "high",
                                              "critical"};
  return IsAmong(text, kSeverities);
}

void TellIdle(const Rule& rule, bool is_over_events, text::Reporter* reporter) {
  // What decides how far a window reaches, or when an event was.
  const bool looks_back =
      is_over_events &&
      (rule.type == RuleType::kThreshold || rule.type == RuleType::kEql ||
       rule.type == RuleType::kEsql);
  const bool has_own_time = is_over_events && rule.type != RuleType::kEsql &&
                            rule.type != RuleType::kThreatMatch;
  std::string names;
  const Member* first = nullptr;
  for (const Member& member : rule.object->members) {
    const std::string_view name = member.name;
    const bool is_idle = IsAmong(name, kIdle) ||
                         (!looks_back && (name == "from" || name == "to")) ||
                         (!has_own_time && (name == "timestamp_override" ||
                                            name == "timestamp_field")) ||
                         (rule.type != RuleType::kThreatMatch &&
                          name == "threat_indicator_path");
    if (!is_idle || SaysNothing(member.value)) continue;
    if (first == nullptr) first = &member;
    names += names.empty() ? "" : ", ";
    names += Quoted(name);
  }
  if (first == nullptr) return;
  reporter->Note("T617", reporter->source().RangeOf(first->name_span),
                 "without effect on a stream: " + names,
                 "they are for people, for Kibana, or for searches");
}

bool LooksLikeRule(const Value& object) {
  if (!object.is_object()) return false;
  const bool is_other = object.Find("list_id") != nullptr ||
                        object.Find("actionTypeId") != nullptr ||
                        object.Find("attributes") != nullptr;
  if (is_other) return false;
  return object.Find("type") != nullptr || object.Find("rule_id") != nullptr;
}

std::string RuleIdOf(const Value& object) {
  for (const std::string_view name : {"rule_id", "id"}) {
    const Value* id = object.Find(name);
    if (id != nullptr && id->is_string() && !id->text.empty()) return id->text;
  }
  return {};
}

std::optional<Rule> ReadRule(const Value& object, text::Reporter* reporter) {
  return Reader(object, reporter).Read();
}

}  // namespace tocsin::elastic
