// The compiled form of a correlation: plain data.
//
// Steps are bits of a mask: an event that is of steps 0 and 2 has mask 5. What
// the events of a window are asked for is numbered in columns, one 64-bit word
// an event: a number, or the hash of a tuple of values. Times are nanoseconds.

#ifndef TOCSIN_SRC_PROGRAM_CORRELATION_H_
#define TOCSIN_SRC_PROGRAM_CORRELATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/correlation_kinds.h"
#include "src/program/outcome.h"

namespace tocsin::program {

using StepMask = uint32_t;
inline constexpr int64_t kForever = INT64_MAX;

struct CorrelationStep {
  enum Source : uint8_t { kRule, kCorrelation, kAlerts, kRisks };

  std::string name;
  Source source = kRule;
  uint32_t source_index = 0;  // Program::rules, or Program::correlations.
  // All but kRule: the rule of Program::conditions that the finding
  // must match; kNoRule.
  uint32_t condition = 0;
};
inline constexpr uint32_t kNoRule = 0xFFFFFFFF;

struct Column {
  enum Kind : uint8_t {
    kNumber,  // A double; NaN: none.
    kTuple,   // Hash of the values of `fields`; 0: a part is missing.
  };

  Kind kind = kNumber;
  std::vector<uint32_t> fields;  // FieldIds.
  bool never_negative = false;   // kNumber: a negative one is none.
  StepMask steps = 0;            // Events that need it.
};
inline constexpr uint32_t kNoColumn = 0xFFFFFFFF;

struct MeasureData {
  base::MeasureKind kind = base::MeasureKind::kCount;
  StepMask steps = 0;
  uint32_t column = kNoColumn;
  double parameter = 0;
};

// One step of evaluating a formula on a stack.
struct FormulaOp {
  enum Kind : uint8_t {
    kNumber,   // Pushes `number`.
    kMeasure,  // Pushes measure number `index`.
    kAdd,
    kSub,
    kMul,
    kDiv,
    kCompare,  // Two numbers to a truth.
    kAnd,      // `index` truths to one.
    kOr,
    kNot,
    kMod,
    kTruncate,
    kRound,   // To `index` digits.
    kIf,      // A truth and two numbers to one of these.
    kIsNull,  // A number to a truth.
    kIsTrue,
  };

  Kind kind = kNumber;
  base::MeasureCompare compare = base::MeasureCompare::kGe;
  uint32_t index = 0;
  double number = 0;
};

struct CorrelationLeg {
  StepMask steps = 0;
  uint32_t count = 1;
  int64_t gap = kForever;
  // Events that must not stand between this leg and the next one, or for the
  // last leg within the span after it. 0: none.
  StepMask not_after = 0;
};

struct SequenceStage {
  uint32_t step = 0;
  bool missing = false;
  bool keeps = false;
  uint32_t condition = kNoRule;  // Of Program::conditions.
};

// A count that a threshold asks for.
struct CorrelationPart {
  StepMask steps = 0;
  uint32_t count = 1;
};

struct CorrelationKey {
  std::string name;
  std::vector<std::vector<uint32_t>> fields;  // By step; FieldIds.
  bool missing_is_value = false;
  StepMask missing_in = 0;  // The same for events of these steps.
};

// A field that is kept of the events of some steps, for conditions over several
// of them.
struct CapturedField {
  uint32_t field = 0;  // A FieldId.
  StepMask steps = 0;
  bool is_time = false;  // `@timestamp`: without it the event's own time.
};

// What a condition calls it: `"a.source.ip":`, a member of a JSON object.
struct WhereField {
  uint32_t step = 0;
  uint32_t captured = 0;
  std::string key;
};

struct Correlation {
  // What is kept for a key, chosen by the planner: the least that answers.
  enum Kind : uint8_t {
    kThreshold,  // `parts`, all or any of them, in a sliding window.
    kChain,      // `legs`.
    kWindow,     // `formula` over the events of a window.
    kSeen,       // Column 0 not seen for its key; without, the key.
    kRatio,      // The number that `formula` is against its past.
    kSequence,   // `stages`.
  };

  Kind kind = kThreshold;
  std::vector<CorrelationStep> steps;

  std::vector<CorrelationKey> keys;
  bool any_of = false;
  std::vector<std::vector<std::string>> expected;

  // Decided only when the watermark has passed: asked for, or since further
  // events could undo it.
  bool is_sorted = false;

  base::WindowKind window = base::WindowKind::kSliding;
  base::WindowReach reach = base::WindowReach::kBefore;
  int64_t span = 0;
  bool half_open = false;
  int64_t offset = 0;
  int64_t longest = kForever;

  base::FirePolicy fire = base::FirePolicy::kEdge;
  int64_t throttle = 0;

  StepMask triggers = 0;
  bool trigger_counts = true;

  std::vector<CorrelationPart> parts;  // kThreshold.
  bool any_part = false;               // One of them is enough.

  std::vector<CorrelationLeg> legs;  // kChain; negated ones are `not_after`.
  StepMask until = 0;

  std::vector<SequenceStage> stages;  // kSequence.
  bool until_first = false;
  bool unordered = false;

  std::vector<Column> columns;
  std::vector<MeasureData> measures;
  std::vector<FormulaOp> formula;  // kWindow, kRatio.

  int64_t learn = 0;  // kSeen.

  double factor = 1;  // kRatio.
  double minimum = 0;
  uint32_t past = 0;  // Full windows of the past.
  bool drop = false;

  // Names of the numbers of an incident: one for each part, leg or measure.
  std::vector<std::string> value_names;

  // A rule of Program::conditions over what is captured of the events that are
  // chosen for steps; kNoRule.
  uint32_t where = kNoRule;
  std::vector<CapturedField> captured;
  std::vector<WhereField> where_fields;
  bool has_indicators = false;

  // A FieldId: events have their time there; kNoTimeField: in that of the
  // stream.
  uint32_t time_field = kNoTimeField;
  static constexpr uint32_t kNoTimeField = 0xFFFFFFFF;

  bool reports = true;
  Outcome outcome;
};

}  // namespace tocsin::program

#endif  // TOCSIN_SRC_PROGRAM_CORRELATION_H_
