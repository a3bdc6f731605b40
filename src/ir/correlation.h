// The IR of a correlation: a rule over several events.
//
//   when failed >= 5 then success within 10m by user.name, source.ip
//
// becomes steps `failed` and `success`, a chain of two legs, a sliding window
// of ten minutes and a group of two keys. All formats lower to this; what one
// of them decides differently (boundary, policy, what a missing key does) is a
// member here, never a question asked later.
//
// A correlation has `steps` (which events it looks at), a `pattern` (what must
// be true of them), a `window`, a `group` (by what they are held together) and
// a policy of firing. docs/design.md has the meaning of time, order and state.

#ifndef TOCSIN_SRC_IR_CORRELATION_H_
#define TOCSIN_SRC_IR_CORRELATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "src/base/correlation_kinds.h"
#include "src/ir/detector_job.h"
#include "src/ir/outcome.h"
#include "src/ir/rule.h"
#include "src/text/source.h"

namespace tocsin::ir {

// Index into Correlation::steps.
using StepIndex = uint32_t;
inline constexpr size_t kMaxSteps = 32;
inline constexpr size_t kMaxStages = 100;

// Events, or detections read as events, by one name. An event can be of
// several steps at once.
struct Step {
  // As its author calls it: `failed`. Names members of the incident, and
  // `where`'s fields. For Sigma the name or id of the rule.
  std::string name;

  enum Source : uint8_t {
    kRule,         // Events that rule number `source_index` of RuleList::rules
                   // matches.
    kCorrelation,  // Incidents of number `source_index` of
                   // RuleList::correlations.
    kAlerts,       // All detections and incidents of the engine, but those of
                   // rules that read alerts, themselves or by their steps.
    kRisks,        // Scores that these gave (Outcome::risks), of the same
                   // rules: `risk.score`, `risk.entity`, and the finding's.
  };
  Source source = kRule;
  uint32_t source_index = 0;

  // All but kRule: a rule of role kCondition that the finding, read
  // as an event, must match too (src/runtime/correlate/finding.h). Its time is
  // when it was decided.
  std::optional<uint32_t> condition;

  text::Range range;
};

// A number of the window's events.
struct Measure {
  base::MeasureKind kind = base::MeasureKind::kCount;
  std::vector<StepIndex> steps;     // Events of any of these, each once.
  std::vector<std::string> fields;  // kDistinct: one or more; kCount: none;
                                    // kInterval, kJitter, kRate: none; else 1.
  double parameter = 0;             // kPercentile.
  // kSum: no value is ever negative, so the sum only grows with more events. A
  // negative value is then no number.
  bool never_negative = false;
};

struct Truth;

// Arithmetic over measures. x / 0 is null, as is what is made of null.
struct Term {
  enum Kind : uint8_t {
    kNumber,
    kMeasure,
    kAdd,
    kSub,
    kMul,
    kDiv,
    kMod,       // With the sign of the first.
    kTruncate,  // Towards zero.
    kRound,     // To `number` digits behind the point; halves away from zero.
    kIf,        // The first child where truths[0] is true, else the second.
  };

  Kind kind = kNumber;
  double number = 0;
  Measure measure;
  std::vector<Term> children;  // kAdd..kMod, kIf: two; the others one.
  std::vector<Truth> truths;   // kIf: one.
};

// A condition on what lies in a window. `failed >= 5 and distinct(x) of ok >
// 2`. A step alone is `count >= 1`; a range is two comparisons under kAnd.
struct Truth {
  enum Kind : uint8_t {
    kAnd,
    kOr,
    kNot,
    kCompare,
    kIsNull,  // Of a term; never null itself.
    kIsTrue,  // Null is false.
  };

  Kind kind = kCompare;
  std::vector<Truth> children;  // kAnd, kOr: one or more; kNot, kIsTrue: one.
  base::MeasureCompare compare = base::MeasureCompare::kGe;  // kCompare.
  std::vector<Term> terms;  // kCompare: left and right; kIsNull: one.
};

// One leg of a chain: at least `count` events of any of `steps`, all of them
// behind the leg before.
struct Leg {
  std::vector<StepIndex> steps;
  int count = 1;
  // No event of these steps behind the leg before it and, unless it is the
  // last, before the next one. `count` is 1. Never the first leg; never two in
  // a row. As the last leg: none within the window's span after the chain.
  bool negated = false;
  // At most this between the last event of the leg before and the last one of
  // this leg. Not for negated legs.
  std::optional<absl::Duration> gap;
};

// One stage of a sequence: an event of `step`, behind that of the stage before.
struct SequenceStage {
  StepIndex step = 0;
  // No such event strictly between its neighbours, or within the span on its
  // side of the sequence.
  bool missing = false;
  // What it goes on from is not used up.
  bool keeps = false;
  // A rule of role kCondition over fields `<step>.<field>` of the event and of
  // those before it, as Correlation::where_fields names them. An event that
  // does not meet it leaves what waits as it is.
  std::optional<uint32_t> condition = {};
};

struct Pattern {
  enum Kind : uint8_t {
    // `truth` is tested at each event of `triggers`, over the window that
    // belongs to it; for kTumbling and kSession windows, of each window.
    // Without triggers: at each event of a step that `truth` names.
    kTruth,
    // At an event of the last leg the chain of `legs` is complete: its first
    // event lies in the window before that event. The newest chain is taken.
    // With a negated last leg: when the span has passed without one.
    kChain,
    // At an event of step 0: the tuple of `fields` was not seen, for its key,
    // in the span before. Each sight refreshes it. Silent until `learn` after
    // the first event of the key. Without fields: the key itself was not seen;
    // silent until `learn` after the rule began to look at the stream.
    kSeen,
    // `change` of a tumbling window is at least `factor` times its mean over
    // the full windows of `past` before (an empty one is 0; a mean below 1 is
    // taken as 1), and at least `minimum`. `drop`: at most the mean divided by
    // `factor`, and the mean is at least `minimum`. Silent until the rule has
    // seen `past`.
    kRatio,
    // Of each key the newest run through `stages`: an event takes what waits at
    // the stage before it, and what waits at its own gives way. The last stages
    // are looked at first. Decided in order.
    kSequence,
  };
  Kind kind = kTruth;

  Truth truth;                      // kTruth.
  std::vector<StepIndex> triggers;  // kTruth.
  // Whether the trigger is itself an event of its window. False: `with`.
  bool trigger_counts = true;

  std::vector<Leg> legs;         // kChain.
  std::vector<StepIndex> until;  // kChain: such an event, behind the chain's
                                 // first and before its last, forbids it.

  // kSequence. `until`: such an event drops what waits of its key, once it has
  // been a stage itself; or before, with `until_first`.
  std::vector<SequenceStage> stages;
  bool until_first = false;
  bool unordered = false;  // An event for each stage, in any order.

  std::vector<std::string> fields;  // kSeen.
  absl::Duration learn;             // kSeen.

  Term change;  // kRatio; null is 0.
  double factor = 1;
  double minimum = 0;
  absl::Duration past;
  bool drop = false;
};

struct Window {
  base::WindowKind kind = base::WindowKind::kSliding;
  base::WindowReach reach = base::WindowReach::kBefore;  // kSliding.
  absl::Duration span;  // kSession: the longest silence within.
  // Sliding windows are closed at both ends: two events exactly `span` apart
  // are together. Half open: they are not.
  bool half_open = false;
  absl::Duration offset;                              // kTumbling.
  absl::Duration longest = absl::InfiniteDuration();  // kSession.
};

// One component of the group's key.
struct KeyPart {
  std::string name;  // As incidents have it: the field, or Sigma's alias.
  // The field of each step, parallel to Correlation::steps: `a.x = b.y`. More
  // than one field: the event joins a group for each (`x = y`).
  std::vector<std::vector<std::string>> fields;
  // A missing or null field is a value of its own. False: the event is dropped
  // for this rule, and counted. An array gives a group for each element.
  bool missing_is_value = false;
  std::vector<StepIndex> missing_in;  // The same for events of these steps.
};

struct Group {
  std::vector<KeyPart> parts;  // None: one group for everything.
  // `by any of`: a group for each part on its own. Equal incidents of several
  // groups are one, which names all of them.
  bool any_of = false;
  // Keys whose groups exist from the start, so that silence is seen; events of
  // other keys are dropped. Each is parallel to `parts`.
  std::vector<std::vector<std::string>> expected;
};

// A member of the incident beyond keys and counts: `show`, Sigma `fields`.
struct Shown {
  std::string name;
  Measure measure;
};

// A field that no event has: it is worked out from those that it has.
struct ComputedField {
  std::string name;  // As keys and measures name it.
  std::shared_ptr<const Expression> expression;
};

// A field of one step that Correlation::where asks for.
struct WhereField {
  StepIndex step = 0;
  std::string name;
};

struct Correlation {
  // `format` and the rest as for rules over one event; `content_hash` is filled
  // by the planner.
  RuleInfo info;
  std::vector<Step> steps;
  std::vector<ComputedField> computed;
  Pattern pattern;
  Window window;
  Group group;

  // A rule of role kCondition over the fields `<step>.<field>`, which must
  // match as well. Of kChain these are of the last event of each leg, and the
  // newest chain that matches is taken; else of the event that is looked at,
  // and for other steps of the newest in its window. Of kSequence, `where` is
  // none, but stages may have conditions.
  std::optional<uint32_t> where;
  std::vector<WhereField> where_fields;  // Each once.

  // kChain: events of step 0 are indicators, kept apart from others, so that
  // incidents can hand them out long after they came.
  bool has_indicators = false;

  // The field that holds the time of events for this rule; where it holds none,
  // or one further off than a day, that of the stream counts.
  std::string time_field;

  base::FirePolicy fire = base::FirePolicy::kEdge;
  absl::Duration throttle;

  base::OrderMode order = base::OrderMode::kEager;
  std::vector<Shown> shown;

  // False: makes no incidents of its own, only feeds others.
  bool reports = true;
  Outcome outcome;

  // As Test::mapped, for keys and measures. Not printed.
  bool mapped = false;

  text::Range range;
};

// All that a rule set is made of.
struct RuleList {
  std::vector<Rule> rules;
  std::vector<Correlation> correlations;
  std::vector<DetectorJob> jobs;
};

// Stable text of a correlation, for golden files.
std::string Print(const Correlation& correlation);

// Checks what every front end promises: indexes in range, positive spans and
// counts, no cycle over kCorrelation steps, members filled as kinds ask.
// Returns "" or what is wrong with correlation number `index`.
std::string Verify(const RuleList& list, size_t index);

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_CORRELATION_H_
