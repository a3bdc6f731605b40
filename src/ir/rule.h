// The IR of one rule.

#ifndef TOCSIN_SRC_IR_RULE_H_
#define TOCSIN_SRC_IR_RULE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "src/ir/outcome.h"
#include "src/ir/predicate.h"
#include "tocsin/rule_set.h"

namespace tocsin::ir {

// Where the words of RuleInfo::log_source stand, if its author wrote them.
struct LogSourceRanges {
  text::Range product;
  text::Range category;
  text::Range service;
};

// What becomes of a match.
enum class RuleRole : uint8_t {
  kReports,  // It is a detection.
  kFeeds,    // It is not, but correlations count it; the rule is listed.
  kStep,     // The same; the rule is part of a correlation and not listed.
  // Asked by a correlation of what it found, not of events. Not listed.
  kCondition,
};

struct Rule {
  RuleInfo info;  // content_hash is filled by the planner.
  RuleRole role = RuleRole::kReports;
  Expr condition;  // Holds for an event: the rule matches it.
  // It is asked of what detector jobs find as well.
  bool reads_anomalies = false;
  LogSourceRanges log_source_ranges;
  // What becomes of a detection; null: nothing further.
  std::shared_ptr<const Outcome> outcome;
  // It is asked of the engine's own alerts, too.
  bool reads_alerts = false;
};

// "log_source: ..." and the printed condition.
std::string Print(const Rule& rule);

// Checks what every front end promises: kNot has one child, tests are filled
// as their op asks, regexes compile, depth <= kMaxDepth. Returns "" or what is
// wrong. A rule that fails is a fault of the front end.
std::string Verify(const Rule& rule);
inline constexpr int kMaxDepth = 200;

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_RULE_H_
