// The IR of what becomes of a detection: whether it goes out, and what with it.
//
//   suppress 1h by user.name
//   incident by source.ip idle 4h max 2d
//
// A clause of any format is lowered to this, for rules over one event and for
// correlations. Names are those that the finding has: fields of the event, or
// keys of the group. None of it is part of what a rule matches, so that ids
// stay the same when it changes.

#ifndef TOCSIN_SRC_IR_OUTCOME_H_
#define TOCSIN_SRC_IR_OUTCOME_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace tocsin::ir {

// A firing joins the incident of its key that has one within `idle`, unless it
// would become longer than `longest`, from its first firing to its last.
struct IncidentPolicy {
  // nullopt: the keys of the group. A finding without one of the fields is of
  // an incident of those without it.
  std::optional<std::vector<std::string>> fields;
  absl::Duration idle = absl::Hours(24);
  absl::Duration longest = absl::InfiniteDuration();
};

// The first finding of a key goes out; those less than `span` behind it (or
// before it, where they come late) only count, unless they are graver than any
// that went out.
struct SuppressPolicy {
  struct Key {
    std::string field;
    // False: what lacks the field goes out.
    bool missing_is_value = false;
  };
  absl::Duration span;
  // nullopt: the keys of the group; of a rule over one event nothing, so that
  // all its detections are alike.
  std::optional<std::vector<Key>> keys;
};

struct Outcome {
  std::optional<SuppressPolicy> suppress;
  // nullopt: of a correlation the default, of a rule over one event none.
  std::optional<IncidentPolicy> incident;
};

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_OUTCOME_H_
