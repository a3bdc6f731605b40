// Program: compiled rules as plain data. All the runtime knows of rules.
//
// Nodes, tests and fields are numbered and stored once: two rules with the same
// test share its number, so a runtime can remember a test's result within an
// event.

#ifndef TOCSIN_SRC_PROGRAM_PROGRAM_H_
#define TOCSIN_SRC_PROGRAM_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/field_mapping.h"
#include "src/base/ip_network.h"
#include "src/base/number.h"
#include "src/base/pattern.h"
#include "src/program/correlation.h"
#include "src/program/detector_job.h"
#include "src/program/expression.h"
#include "src/program/outcome.h"
#include "tocsin/rule_set.h"

namespace tocsin::program {

using FieldId = uint32_t;
using TestId = uint32_t;
using NodeId = uint32_t;
inline constexpr FieldId kAnyField = 0xFFFFFFFF;  // Every scalar of the event.
inline constexpr uint32_t kNoLiteral = 0xFFFFFFFF;

enum class TestOp : uint8_t {
  kPattern,
  kCompare,
  kBool,
  kRegex,
  kCidr,
  kNull,
  kExists,
  kFieldRef,
  kTimePart,
  kExpression,
};
enum class CompareOp : uint8_t { kEq, kLt, kLe, kGt, kGe };
enum class FieldRelation : uint8_t {
  kEquals,
  kContains,
  kStartsWith,
  kEndsWith
};
enum class TimePart : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };

// Meaning as in ir/predicate.h.
struct Test {
  TestOp op = TestOp::kPattern;
  FieldId field = kAnyField;
  base::Pattern pattern;  // Literals are already folded unless `cased`.
  CompareOp compare = CompareOp::kEq;
  base::Number number;
  std::string regex;
  std::vector<base::IpNetwork> networks;
  bool flag = true;
  FieldId other_field = 0;
  FieldRelation relation = FieldRelation::kEquals;
  bool cased = false;
  TimePart part = TimePart::kMinute;
  uint32_t expression = 0;  // kExpression: index into Program::expressions.
  // Index into Program::literals of the one that stands in a value of the
  // field exactly if the test is true. kNoLiteral: there is none, or nobody
  // looks for it.
  uint32_t literal = kNoLiteral;
  // The same of one without which the test is false.
  uint32_t needed = kNoLiteral;
};

struct Node {
  enum Kind : uint8_t { kTrue, kFalse, kAnd, kOr, kNot, kTest };

  Kind kind = kTrue;
  uint32_t first = 0;  // kTest: the TestId; else index into Program::children.
  uint32_t count = 0;  // kAnd, kOr, kNot: children.
  uint32_t label = 0;  // Index into Program::labels; 0 is "".
};

// A text that a value of a field must hold for some test on it to be true,
// after case folding.
struct Literal {
  enum Anchor : uint8_t {
    kWhole,     // The value is the literal.
    kStart,     // It begins with it.
    kEnd,       // It ends with it.
    kAnywhere,  // It holds it.
    kNumber,    // As kWhole; or it is a JSON number not in integer form.
  };

  FieldId field = kAnyField;
  Anchor anchor = kWhole;
  std::string text;  // Empty only with kWhole.

  friend bool operator==(const Literal&, const Literal&) = default;
};

// One of these literals stands in every event that the rule matches. Necessary,
// not sufficient.
struct Guard {
  uint32_t first = 0;  // Index into Program::guard_literals.
  uint32_t count = 0;
  bool inner = false;  // Has kAnywhere literals or keywords: dear to look for.
};

// As ir::RuleRole.
enum class RuleRole : uint8_t { kReports, kFeeds, kStep, kCondition };

struct Rule {
  RuleRole role = RuleRole::kReports;
  bool reads_anomalies = false;  // As ir::Rule::reads_anomalies.
  NodeId root = 0;
  // The rule's guards, all of which hold for an event that it matches: up to
  // kMaxAnchoredGuards anchored ones, then up to kMaxInnerGuards inner ones,
  // each sort with the most telling first.
  uint32_t first_guard = 0;  // Index into Program::guards.
  uint32_t guard_count = 0;
  // Literals that decide tests of a rule whose guards tell little, so that it
  // is worth looking for them beside those of guards.
  uint32_t first_asked = 0;  // Index into Program::guard_literals.
  uint32_t asked_count = 0;
  // Index into Program::outcomes; kNoOutcome: a detection, and no more.
  uint32_t outcome = kNoOutcome;
  // It is asked of the engine's own alerts, too.
  bool reads_alerts = false;
};
inline constexpr uint32_t kMaxAnchoredGuards = 4;
inline constexpr uint32_t kMaxInnerGuards = 3;

struct Program {
  // A name may stand here twice: once for rules that look at events as they
  // are, once for rules that see them through mappings.
  std::vector<std::string> fields;
  // By FieldId, what a field follows from that an event does not have itself:
  // the first that applies counts. Shorter than `fields`: the rest has none.
  std::vector<std::vector<base::FieldMapping>> mappings;
  std::vector<std::string> labels{""};
  std::vector<Test> tests;
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  std::vector<Expression> expressions;
  std::vector<Rule> rules;  // Parallel to `infos`.
  std::vector<RuleInfo> infos;
  std::vector<Outcome> outcomes;          // Of rules over one event.
  std::vector<Correlation> correlations;  // Parallel to `correlation_infos`.
  std::vector<RuleInfo> correlation_infos;
  std::vector<DetectorJob> jobs;  // Parallel to `job_infos`.
  std::vector<JobInfo> job_infos;
  // Fields that keys, measures and jobs name, numbered apart from `fields`.
  std::vector<std::string> correlation_fields;
  // As `mappings`, for these.
  std::vector<std::vector<base::FieldMapping>> correlation_mappings;
  // Those of them that are worked out; their fields are of `correlation_fields`
  // as well.
  struct ComputedField {
    uint32_t field = 0;
    Expression expression;
  };
  std::vector<ComputedField> computed_fields;
  std::vector<Guard> guards;
  std::vector<Literal> literals;
  std::vector<uint32_t> guard_literals;
  // Rules that correlations ask of what they found: a program of its own, so
  // that no event of the stream is held against them. Null if there are none.
  std::shared_ptr<const Program> conditions;
  // Whether some rule reads alerts.
  bool has_alert_readers = false;
};

}  // namespace tocsin::program

#endif  // TOCSIN_SRC_PROGRAM_PROGRAM_H_
