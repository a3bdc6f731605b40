#include "src/frontend/kql/field_types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tocsin::kql {
namespace {

struct Entry {
  std::string_view field;
  FieldType type;
};

// A field that is not here is compared by the form of the query's value. Those
// of type keyword are here where that form would mislead: texts that look like
// numbers, addresses or dates.
constexpr Entry kEcs[] = {
    // Groups of fields, by their last part.
    {"*.text", FieldType::kText},
    {"*.keyword", FieldType::kKeyword},
    {"*.ip", FieldType::kIp},
    {"*.port", FieldType::kNumber},
    {"*.bytes", FieldType::kNumber},
    {"*.packets", FieldType::kNumber},
    {"*.pid", FieldType::kNumber},
    {"*.ppid", FieldType::kNumber},
    {"*.pgid", FieldType::kNumber},
    {"*.as.number", FieldType::kNumber},
    {"*.x509.not_after", FieldType::kDate},
    {"*.x509.not_before", FieldType::kDate},
    {"*.hash.*", FieldType::kKeyword},
    {"*.code_signature.exists", FieldType::kBoolean},
    {"*.code_signature.trusted", FieldType::kBoolean},
    {"*.code_signature.valid", FieldType::kBoolean},
    {"*.code_signature.timestamp", FieldType::kDate},
    // Texts.
    {"message", FieldType::kText},
    {"error.message", FieldType::kText},
    {"powershell.file.script_block_text", FieldType::kText},
    // Dates.
    {"@timestamp", FieldType::kDate},
    {"event.created", FieldType::kDate},
    {"event.end", FieldType::kDate},
    {"event.ingested", FieldType::kDate},
    {"event.start", FieldType::kDate},
    {"file.accessed", FieldType::kDate},
    {"file.created", FieldType::kDate},
    {"file.ctime", FieldType::kDate},
    {"file.mtime", FieldType::kDate},
    {"package.installed", FieldType::kDate},
    {"process.start", FieldType::kDate},
    {"process.end", FieldType::kDate},
    {"process.parent.start", FieldType::kDate},
    {"process.parent.end", FieldType::kDate},
    {"threat.indicator.first_seen", FieldType::kDate},
    {"threat.indicator.last_seen", FieldType::kDate},
    {"threat.indicator.modified_at", FieldType::kDate},
    {"tls.client.not_after", FieldType::kDate},
    {"tls.client.not_before", FieldType::kDate},
    {"tls.server.not_after", FieldType::kDate},
    {"tls.server.not_before", FieldType::kDate},
    // Addresses.
    {"client.nat.ip", FieldType::kIp},
    {"destination.nat.ip", FieldType::kIp},
    {"dns.resolved_ip", FieldType::kIp},
    {"network.forwarded_ip", FieldType::kIp},
    {"related.ip", FieldType::kIp},
    {"server.nat.ip", FieldType::kIp},
    {"source.nat.ip", FieldType::kIp},
    // Numbers.
    {"container.cpu.usage", FieldType::kNumber},
    {"dns.answers.ttl", FieldType::kNumber},
    {"event.duration", FieldType::kNumber},
    {"event.risk_score", FieldType::kNumber},
    {"event.risk_score_norm", FieldType::kNumber},
    {"event.sequence", FieldType::kNumber},
    {"event.severity", FieldType::kNumber},
    {"file.size", FieldType::kNumber},
    {"host.cpu.usage", FieldType::kNumber},
    {"host.uptime", FieldType::kNumber},
    {"http.request.body.bytes", FieldType::kNumber},
    {"http.response.body.bytes", FieldType::kNumber},
    {"http.response.status_code", FieldType::kNumber},
    {"log.origin.file.line", FieldType::kNumber},
    {"log.syslog.priority", FieldType::kNumber},
    {"package.size", FieldType::kNumber},
    {"process.args_count", FieldType::kNumber},
    {"process.exit_code", FieldType::kNumber},
    {"process.parent.args_count", FieldType::kNumber},
    {"process.parent.exit_code", FieldType::kNumber},
    {"process.parent.thread.id", FieldType::kNumber},
    {"process.thread.id", FieldType::kNumber},
    {"process.uptime", FieldType::kNumber},
    {"url.port", FieldType::kNumber},
    // Booleans.
    {"faas.coldstart", FieldType::kBoolean},
    {"process.interactive", FieldType::kBoolean},
    {"process.same_as_process", FieldType::kBoolean},
    {"tls.established", FieldType::kBoolean},
    {"tls.resumed", FieldType::kBoolean},
    // Keywords.
    {"event.action", FieldType::kKeyword},
    {"event.code", FieldType::kKeyword},
    {"event.dataset", FieldType::kKeyword},
    {"event.id", FieldType::kKeyword},
    {"event.original", FieldType::kKeyword},
    {"group.id", FieldType::kKeyword},
    {"host.id", FieldType::kKeyword},
    {"host.name", FieldType::kKeyword},
    {"host.os.version", FieldType::kKeyword},
    {"process.args", FieldType::kKeyword},
    {"process.command_line", FieldType::kKeyword},
    {"process.parent.command_line", FieldType::kKeyword},
    {"registry.data.strings", FieldType::kKeyword},
    {"rule.id", FieldType::kKeyword},
    {"tls.version", FieldType::kKeyword},
    {"user.id", FieldType::kKeyword},
    {"winlog.event_id", FieldType::kKeyword},
};

WildText ToWild(std::string_view text) {
  WildText wild;
  for (const char c : text) {
    if (c == '*') {
      wild.pieces.emplace_back();
    } else {
      wild.pieces.back() += c;
    }
  }
  return wild;
}

}  // namespace

std::string_view Describe(FieldType type) {
  constexpr std::string_view kNames[] = {
      "any value", "a keyword",     "a text",    "a number",  "a boolean",
      "a date",    "an IP address", "a version", "an object", "nested objects"};
  return kNames[static_cast<int>(type)];
}

std::optional<FieldType> FieldTypeNamed(std::string_view name) {
  constexpr std::pair<std::string_view, FieldType> kNames[] = {
      {"boolean", FieldType::kBoolean},
      {"byte", FieldType::kNumber},
      {"constant_keyword", FieldType::kKeyword},
      {"date", FieldType::kDate},
      {"date_nanos", FieldType::kDate},
      {"double", FieldType::kNumber},
      {"flattened", FieldType::kObject},
      {"float", FieldType::kNumber},
      {"half_float", FieldType::kNumber},
      {"integer", FieldType::kNumber},
      {"ip", FieldType::kIp},
      {"keyword", FieldType::kKeyword},
      {"long", FieldType::kNumber},
      {"match_only_text", FieldType::kText},
      {"nested", FieldType::kNested},
      {"object", FieldType::kObject},
      {"scaled_float", FieldType::kNumber},
      {"short", FieldType::kNumber},
      {"text", FieldType::kText},
      {"unsigned_long", FieldType::kNumber},
      {"version", FieldType::kVersion},
      {"wildcard", FieldType::kKeyword},
  };
  for (const auto& [known, type] : kNames) {
    if (known == name) return type;
  }
  return std::nullopt;
}

bool Matches(const WildText& pattern, std::string_view name) {
  if (!pattern.has_star()) return pattern.pieces[0] == name;
  const std::string& first = pattern.pieces.front();
  const std::string& last = pattern.pieces.back();
  if (name.size() < first.size() + last.size() || !name.starts_with(first) ||
      !name.ends_with(last)) {
    return false;
  }
  name.remove_prefix(first.size());
  name.remove_suffix(last.size());
  for (size_t i = 1; i + 1 < pattern.pieces.size(); ++i) {
    const size_t at = name.find(pattern.pieces[i]);
    if (at == std::string_view::npos) return false;
    name.remove_prefix(at + pattern.pieces[i].size());
  }
  return true;
}

const FieldTypes& FieldTypes::Ecs() {
  static const FieldTypes& types = *[] {
    auto* const made = new FieldTypes();
    for (const Entry& entry : kEcs) made->Set(entry.field, entry.type);
    return made;
  }();
  return types;
}

void FieldTypes::Set(std::string_view field, FieldType type) {
  if (field.find('*') == std::string_view::npos) {
    types_.insert_or_assign(std::string(field), type);
  } else {
    wild_.push_back({ToWild(field), type});
  }
}

const FieldType* FieldTypes::Find(std::string_view field) const {
  const auto it = types_.find(field);
  if (it != types_.end()) return &it->second;
  const auto wild = std::find_if(
      wild_.rbegin(), wild_.rend(),
      [&](const Wild& entry) { return Matches(entry.field, field); });
  return wild == wild_.rend() ? nullptr : &wild->type;
}

FieldType FieldTypes::Of(std::string_view field) const {
  const FieldType* const type = Find(field);
  return type == nullptr ? FieldType::kAny : *type;
}

bool FieldTypes::Knows(std::string_view field) const {
  return Find(field) != nullptr;
}

std::vector<FieldType> FieldTypes::Matching(const WildText& field) const {
  std::array<bool, 10> seen{};
  for (const auto& [name, type] : types_) {
    if (Matches(field, name)) seen[static_cast<size_t>(type)] = true;
  }
  // All that a name ending in `.hash.*` can mean is of the group's type.
  for (const Wild& entry : wild_) {
    if (Matches(entry.field, field.Text())) {
      seen[static_cast<size_t>(entry.type)] = true;
    }
  }
  std::vector<FieldType> types;
  for (size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]) types.push_back(static_cast<FieldType>(i));
  }
  return types;
}

}  // namespace tocsin::kql
