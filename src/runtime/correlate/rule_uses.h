// RuleUses: which correlations are fed with what is found, and as which of
// their steps.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_RULE_USES_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_RULE_USES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/program/correlation.h"

namespace tocsin::runtime {

struct RuleUse {
  uint32_t rule = 0;
  program::StepMask steps = 0;
  program::StepMask asked = 0;  // Those that have a condition.
};

class RuleUses {
 public:
  using Uses = std::vector<RuleUse>;

  // `rule_count`: rules over one event.
  RuleUses(std::span<const program::Correlation> rules, size_t rule_count);

  // Of a rule over one event; whether there are any, as a number.
  const Uses& of_rule(uint32_t rule) const { return of_rules_[rule]; }
  uint8_t is_used(uint32_t rule) const { return is_used_[rule]; }

  const Uses& of_fired(uint32_t rule) const { return of_fired_[rule]; }
  const Uses& of_alerts() const { return of_alerts_; }
  const Uses& of_risks() const { return of_risks_; }

  // Whether the correlation reads alerts or risks, over any steps: what it
  // finds is neither.
  bool reads_findings(uint32_t rule) const {
    return reads_findings_[rule] != 0;
  }

 private:
  void AddRule(const program::Correlation& rule, uint32_t number);
  static void AddUse(uint32_t rule, program::StepMask step, bool asked,
                     Uses* of);
  bool Spread();

  std::vector<Uses> of_rules_;
  std::vector<uint8_t> is_used_;
  std::vector<Uses> of_fired_;
  Uses of_alerts_;
  Uses of_risks_;
  std::vector<uint8_t> reads_findings_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_RULE_USES_H_
