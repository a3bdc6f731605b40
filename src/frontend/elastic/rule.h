// A detection rule of Elastic as its file has it: members that are common to
// all types, read and checked. What belongs to one type is read where that is
// lowered.

#ifndef TOCSIN_SRC_FRONTEND_ELASTIC_RULE_H_
#define TOCSIN_SRC_FRONTEND_ELASTIC_RULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "src/frontend/elastic/value.h"
#include "src/text/reporter.h"
#include "tocsin/rule_set.h"

namespace tocsin::elastic {

enum class RuleType : uint8_t {
  kQuery,
  kEql,
  kThreshold,
  kNewTerms,
  kThreatMatch,
  kMachineLearning,
  kEsql,
};

struct Rule {
  const Value* object = nullptr;  // The rule's members.
  RuleType type = RuleType::kQuery;
  RuleInfo info;
  std::string language;
  const Value* query = nullptr;  // A text; null: there is none.
  std::vector<std::string> index;
  // How far back the rule looks each time it runs, and how often it does.
  absl::Duration look_back;
  absl::Duration interval;
  // The field that holds the time of events, if it is not `@timestamp`.
  std::string time_field;
  // How many alerts it has at most in one interval.
  int max_signals = 100;
  // The value that switches it off; null: nothing does.
  const Value* off = nullptr;
};

// Reads the members of `object`; what is wrong is told. nullopt: the rule is
// refused.
std::optional<Rule> ReadRule(const Value& object, text::Reporter* reporter);

// Whether it is one of the severities that rules, and what they find, have.
bool IsSeverity(std::string_view text);

// Tells, in one note, which members decide nothing of what the rule finds.
// `is_over_events`: it is over several events.
void TellIdle(const Rule& rule, bool is_over_events, text::Reporter* reporter);

// Whether an object is a rule, and not an exception, a connector or a summary.
bool LooksLikeRule(const Value& object);

// The identity of a rule, for diagnostics; "" if it has none.
std::string RuleIdOf(const Value& object);

}  // namespace tocsin::elastic

#endif  // TOCSIN_SRC_FRONTEND_ELASTIC_RULE_H_
