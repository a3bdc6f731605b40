// Findings: detections and incidents as events, for rules that read them.
//
// A finding is a JSON object. Its rule stands in `rule.id`, `rule.title`,
// `severity` (info to critical) and `tags`, with the tactics and techniques of
// ATT&CK that these name in `threat.tactic.id`, `threat.technique.id` and
// `threat.technique.subtechnique.id`. A detection has the fields of its event
// besides; an incident its keys, `tie.field` and `tie.value`, and its values.

#ifndef TOCSIN_SRC_ENGINE_FINDINGS_H_
#define TOCSIN_SRC_ENGINE_FINDINGS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/engine/event_fields.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"
#include "tocsin/rule_set.h"

namespace tocsin::engine {

// The members of a finding that say whose it is, and how grave, with commas
// between them.
std::string FindingMembers(const RuleInfo& rule, std::string_view level);

// Those of a score that a finding gives.
std::string RiskMembers(double score, std::string_view entity);

// A finding from those members and an event that is a JSON object; they count
// where the event has members of the same names.
std::string FindingOf(std::string_view members, std::string_view event);

class Findings final : public runtime::FindingReader {
 public:
  // `program` must outlive this.
  explicit Findings(const program::Program& program);

  std::string_view MembersOf(uint32_t rule, std::string_view level) override;
  runtime::EventFields& Open(std::string_view json, int64_t time) override;
  bool Meets(uint32_t condition) override;
  bool Holds(uint32_t condition, std::string_view json, int64_t time) override;

 private:
  const program::Program& program_;
  struct Members {
    std::string level;
    std::string json;
  };
  // By correlation, of the last that was asked for.
  std::vector<Members> members_;
  EventViewFields fields_;
  std::optional<Event> event_;
  int64_t time_ = 0;
  // For conditions; null where no rule has any.
  std::unique_ptr<runtime::Matcher> matcher_;
  int64_t matched_time_ = 0;
  runtime::EventView view_;
  runtime::EventView other_view_;  // Of Holds.
  bool is_loaded_ = false;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_FINDINGS_H_
