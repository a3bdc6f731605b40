#include "src/engine/findings.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

#include "src/base/json_writer.h"

namespace tocsin::engine {
namespace {

// Tactics of ATT&CK by the words of tags.
struct Tactic {
  std::string_view word;
  std::string_view id;
};
constexpr Tactic kTactics[] = {
    {"reconnaissance", "TA0043"},      {"resource-development", "TA0042"},
    {"initial-access", "TA0001"},      {"execution", "TA0002"},
    {"persistence", "TA0003"},         {"privilege-escalation", "TA0004"},
    {"defense-evasion", "TA0005"},     {"credential-access", "TA0006"},
    {"discovery", "TA0007"},           {"lateral-movement", "TA0008"},
    {"collection", "TA0009"},          {"exfiltration", "TA0010"},
    {"command-and-control", "TA0011"}, {"impact", "TA0040"},
};

// The members of one name, as a list without doubles.
class Names {
 public:
  void Add(std::string name) {
    const bool known =
        std::find(names_.begin(), names_.end(), name) != names_.end();
    if (!known) names_.push_back(std::move(name));
  }
  void AppendTo(std::string_view member, std::string* out) const {
    if (names_.empty()) return;
    *out += ',';
    base::AppendJsonString(member, out);
    *out += ":[";
    for (size_t i = 0; i < names_.size(); ++i) {
      if (i > 0) *out += ',';
      base::AppendJsonString(names_[i], out);
    }
    *out += ']';
  }

 private:
  std::vector<std::string> names_;
};

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.';
  });
}

void AppendThreat(std::span<const std::string> tags, std::string* out) {
  constexpr std::string_view kAttack = "attack.";
  Names tactics;
  Names techniques;
  Names subtechniques;
  for (const std::string& tag : tags) {
    if (!tag.starts_with(kAttack)) continue;
    std::string word = tag.substr(kAttack.size());
    std::replace(word.begin(), word.end(), '_', '-');
    for (const Tactic& tactic : kTactics) {
      if (tactic.word == word) tactics.Add(std::string(tactic.id));
    }
    std::string id = word;
    for (char& c : id) {
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (id.starts_with("TA") && IsNumber(std::string_view(id).substr(2))) {
      tactics.Add(id);
    } else if (id.starts_with("T") &&
               IsNumber(std::string_view(id).substr(1))) {
      const size_t dot = id.find('.');
      techniques.Add(id.substr(0, dot));
      if (dot != std::string::npos) subtechniques.Add(id);
    }
  }
  tactics.AppendTo("threat.tactic.id", out);
  techniques.AppendTo("threat.technique.id", out);
  subtechniques.AppendTo("threat.technique.subtechnique.id", out);
}

}  // namespace

std::string RiskMembers(double score, std::string_view entity) {
  std::string out = "\"risk.score\":";
  base::AppendJsonDouble(score, &out);
  out += ",\"risk.entity\":";
  base::AppendJsonString(entity, &out);
  return out;
}

std::string FindingMembers(const RuleInfo& rule, std::string_view level) {
  std::string out;
  const auto text = [&](std::string_view name, std::string_view value) {
    if (!out.empty()) out += ',';
    base::AppendJsonString(name, &out);
    out += ':';
    base::AppendJsonString(value, &out);
  };
  text("rule.id", rule.id);
  text("rule.title", rule.title);
  if (!level.empty()) {
    text("severity", level == "informational" ? "info" : level);
  }
  Names tags;
  for (const std::string& tag : rule.tags) tags.Add(tag);
  tags.AppendTo("tags", &out);
  AppendThreat(rule.tags, &out);
  return out;
}

std::string FindingOf(std::string_view members, std::string_view event) {
  // Of members of one name the last counts.
  std::string out(event.substr(0, event.rfind('}')));
  const size_t last = out.find_last_not_of(" \t\r\n");
  if (last == std::string::npos) return "{" + std::string(members) + "}";
  if (out[last] != '{') out += ',';
  out += members;
  out += '}';
  return out;
}

Findings::Findings(const program::Program& program)
    : program_(program),
      members_(program.correlations.size()),
      fields_(program) {
  if (program.conditions == nullptr) return;
  matcher_ = std::make_unique<runtime::Matcher>(*program.conditions);
  matcher_->set_event_time(
      [this] { return std::optional<int64_t>(matched_time_); });
}

std::string_view Findings::MembersOf(uint32_t rule, std::string_view level) {
  Members& members = members_[rule];
  if (members.json.empty() || members.level != level) {
    const RuleInfo& info = program_.correlation_infos[rule];
    members.level = level;
    members.json = FindingMembers(info, level.empty() ? info.level : level);
  }
  return members.json;
}

runtime::EventFields& Findings::Open(std::string_view json, int64_t time) {
  event_ = Event::Json(json);
  time_ = time;
  is_loaded_ = false;
  fields_.Begin(*event_, nullptr, Timestamp(time), nullptr);
  return fields_;
}

bool Findings::Meets(uint32_t condition) {
  if (!is_loaded_) {
    view_.Load(*event_);
    matched_time_ = time_;
    matcher_->Begin(view_, {});
    is_loaded_ = true;
  }
  return matcher_->Matches(condition);
}

bool Findings::Holds(uint32_t condition, std::string_view json, int64_t time) {
  other_view_.Load(Event::Json(json));
  matched_time_ = time;
  matcher_->Begin(other_view_, {});
  is_loaded_ = false;
  return matcher_->Matches(condition);
}

}  // namespace tocsin::engine
