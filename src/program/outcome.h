// What becomes of a detection once a rule has fired: plain data.
//
// Names are those that the finding has: fields of the event for a rule over one
// event, keys of the group for a correlation.

#ifndef TOCSIN_SRC_PROGRAM_OUTCOME_H_
#define TOCSIN_SRC_PROGRAM_OUTCOME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/list_table.h"
#include "src/program/expression.h"

namespace tocsin::program {

// A value by which detections are held together.
struct OutcomeKey {
  std::string name;
  // Of a rule over one event: one of Program::correlation_fields.
  uint32_t field = 0;
  // False, where it matters: what lacks it is held together with nothing.
  bool missing_is_value = true;
};

// Findings of one key less than `span` behind one that went out only count.
struct SuppressPolicy {
  // With `has_own_keys`, else the keys of the group.
  std::vector<OutcomeKey> keys;
  bool has_own_keys = false;
  int64_t span = 0;  // 0: all go out.
  bool splits_lists = false;
};

// Firings of one key within `idle` of each other are one incident.
struct IncidentPolicy {
  // With `has_own_keys`, else the keys of the group.
  std::vector<OutcomeKey> keys;
  bool has_own_keys = false;
  int64_t idle = 0;
  // From its first firing to its last.
  int64_t longest = INT64_MAX;
  // So long after the time at which the rule is true it may be decided.
  int64_t delay = 0;
};

struct MessagePart {
  std::string text;
  uint32_t name = kNoName;  // Index into Outcome::names; kNoName: `text`.
  bool is_bytes = false;

  static constexpr uint32_t kNoName = 0xFFFFFFFF;
};

struct SeverityIf {
  std::string level;
  Expression condition;
};

// A number that is worked out from others of the finding.
struct ShownValue {
  std::string name;
  Expression value;
};

struct ResponseRule {
  struct Argument {
    std::string name;
    base::ElementType type = base::ElementType::kString;
    Expression value;
  };
  std::string action;
  std::vector<Argument> arguments;
  bool needs_approval = false;
  std::optional<Expression> condition;
};

struct RiskRule {
  OutcomeKey field;
  double points = 0;
  double cap = 0;  // With a positive `per`.
  int64_t per = 0;
};

// Of findings that would go out at most so many do within `span`.
struct FindingLimit {
  int64_t most = 0;  // 0: all do.
  int64_t span = 0;
};

struct Outcome {
  // What expressions and messages call fields of the finding.
  std::vector<std::string> names;
  std::vector<SeverityIf> severities;
  bool severities_replace = false;
  std::vector<uint32_t> score_names;  // Indices into `names`.
  uint32_t title_name = MessagePart::kNoName;
  std::string subject;  // As ir::Outcome::subject.
  std::vector<MessagePart> message;
  std::vector<ShownValue> shown;
  std::vector<ResponseRule> responses;
  std::vector<RiskRule> risks;
  bool makes_incidents = false;
  IncidentPolicy incident;
  SuppressPolicy suppress;
  FindingLimit limit;
  // So long after the time at which it is true a rule may be decided.
  int64_t delay = 0;
};
inline constexpr uint32_t kNoOutcome = 0xFFFFFFFF;

}  // namespace tocsin::program

#endif  // TOCSIN_SRC_PROGRAM_OUTCOME_H_
