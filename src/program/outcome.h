// What becomes of a detection once a rule has fired: plain data.
//
// Names are those that the finding has: fields of the event for a rule over one
// event, keys of the group for a correlation.

#ifndef TOCSIN_SRC_PROGRAM_OUTCOME_H_
#define TOCSIN_SRC_PROGRAM_OUTCOME_H_

#include <cstdint>
#include <string>
#include <vector>

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

struct Outcome {
  bool makes_incidents = false;
  IncidentPolicy incident;
  SuppressPolicy suppress;
  // So long after the time at which it is true a rule may be decided.
  int64_t delay = 0;
};
inline constexpr uint32_t kNoOutcome = 0xFFFFFFFF;

}  // namespace tocsin::program

#endif  // TOCSIN_SRC_PROGRAM_OUTCOME_H_
