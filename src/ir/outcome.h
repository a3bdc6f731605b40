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

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "src/base/list_table.h"

namespace tocsin::ir {

struct Expression;

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
  // Of a rule over one event: a list of values is one of each, so that the
  // finding only counts where it does for all of them. False: it is a value.
  bool splits_lists = false;
};

// The severity is the highest of the rule's own and those whose condition
// holds. Conditions, and values of arguments, are about the finding: fields of
// the event, or keys, `step.count`, what is shown, and `step.field`.
struct SeverityIf {
  std::string level;  // As RuleInfo::level.
  std::shared_ptr<const Expression> condition;
};

// A text, or the value of a field of the finding.
struct MessagePart {
  std::string text;
  std::string field;      // Empty: `text`.
  bool is_bytes = false;  // A number of bytes, with a unit.
};

// A value of the finding that is worked out from others it has.
struct ShownValue {
  std::string name;
  std::shared_ptr<const Expression> value;
};

// What the host is asked to do. Types of arguments as base::ElementType.
struct Response {
  struct Argument {
    std::string name;
    base::ElementType type = base::ElementType::kString;
    std::shared_ptr<const Expression> value;
  };
  std::string action;
  std::vector<Argument> arguments;
  bool needs_approval = false;
  std::shared_ptr<const Expression> condition;  // Null: always.
};

// `points` for each value of `field`, for rules that read `risks`.
struct Risk {
  double points = 0;
  std::string field;
  // At most so many in `per`, from the first one on; the rest is not given.
  std::optional<double> cap;
  absl::Duration per;
};

// Of findings that would go out at most so many do within `span`, from the
// first one on.
struct FindingLimit {
  int64_t most = 0;
  absl::Duration span;
};

struct Outcome {
  std::vector<SeverityIf> severities;
  // Of severities that hold the highest counts, be it less than the rule's.
  bool severities_replace = false;
  // The score is that of the first of these fields that has a number from 0 to
  // 100, the title that of the field, if it has one.
  std::vector<std::string> score_fields;
  std::string title_field;
  // Of a correlation: what its findings have beyond keys and values is what the
  // events of this step have in common; "*": of all steps; "": nothing.
  std::string subject;
  std::vector<MessagePart> message;  // Empty: the title, and the keys.
  std::vector<ShownValue> shown;     // Of a correlation.
  std::optional<SuppressPolicy> suppress;
  std::optional<FindingLimit> limit;
  std::vector<Risk> risks;
  std::vector<Response> responses;
  // nullopt: of a correlation the default, of a rule over one event none.
  std::optional<IncidentPolicy> incident;

  bool is_empty() const {
    return severities.empty() && score_fields.empty() && title_field.empty() &&
           message.empty() && shown.empty() && !suppress && !limit &&
           risks.empty() && responses.empty() && !incident;
  }
};

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_OUTCOME_H_
