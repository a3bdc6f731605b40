// LogSource: what kind of log a rule is for, or an event comes from.
//
//   LogSource{.product = "windows", .category = "process_creation"}
//
// A rule names one, with empty keys meaning "any". An event belongs to a set:
// Sysmon event 13 is registry_set and registry_event at once. A rule applies
// to an event if each key that the rule gives is in the event's set.
//
// Engines route by a built-in table (docs/log-sources.md): Windows channels
// and event ids, and recognisers by fields for CloudTrail, Azure, Okta, Zeek,
// auditd and others. A host adds its own with LogSourceRecognizer:
//
//   options.recognizers.push_back({
//       .name = "acme-proxy",
//       .conditions = {{.field = "acme.kind", .equals = "proxy"}},
//       .products = {"acme"}, .categories = {"proxy"},
//       .renames = {{.event_field = "acme.url", .rule_field = "c-uri"}}});

#ifndef TOCSIN_LOG_SOURCE_H_
#define TOCSIN_LOG_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tocsin {

struct LogSource {
  std::string product = {};
  std::string category = {};
  std::string service = {};

  friend bool operator==(const LogSource&, const LogSource&) = default;
};

// Reads "product=windows,category=process_creation". InvalidArgument names the
// key that is not product, category or service, or is given twice.
absl::StatusOr<LogSource> ParseLogSource(const std::string& text);

struct LogSourceCondition {
  std::string field = {};
  // Exactly one of these is given; none: the field exists and is not null.
  // ASCII case-insensitive. Numbers are compared by their text.
  std::string equals = {};
  std::string starts_with = {};
  std::string ends_with = {};
};

struct FieldRename {
  std::string event_field = {};  // What the event calls it: "NewProcessName".
  std::string rule_field = {};   // What rules call it: "Image".
};

// Recognises a kind of event by its fields. All conditions must hold. An event
// belongs to the union of what all matching recognisers say.
struct LogSourceRecognizer {
  std::string name = {};
  std::vector<LogSourceCondition> conditions = {};
  std::vector<std::string> products = {};
  std::vector<std::string> categories = {};
  std::vector<std::string> services = {};
  // For events of this kind a rule's field `rule_field` is looked up as
  // `event_field` when the event has no field of the rule's name.
  std::vector<FieldRename> renames = {};
};

}  // namespace tocsin

#endif  // TOCSIN_LOG_SOURCE_H_
