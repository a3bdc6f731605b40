#include "src/runtime/correlate/rule_uses.h"

namespace tocsin::runtime {

using program::StepMask;

RuleUses::RuleUses(std::span<const program::Correlation> rules,
                   size_t rule_count)
    : of_rules_(rule_count),
      is_used_(rule_count, 0),
      of_fired_(rules.size()),
      reads_findings_(rules.size(), 0) {
  for (uint32_t i = 0; i < rules.size(); ++i) AddRule(rules[i], i);
  while (Spread()) {
  }
}

void RuleUses::AddRule(const program::Correlation& rule, uint32_t number) {
  for (uint32_t i = 0; i < rule.steps.size(); ++i) {
    const program::CorrelationStep& step = rule.steps[i];
    const StepMask bit = StepMask{1} << i;
    if (step.source == program::CorrelationStep::kRule) {
      of_rules_[step.source_index].push_back({number, bit});
      is_used_[step.source_index] = 1;
      continue;
    }
    const bool asked = step.condition != program::kNoRule;
    if (step.source == program::CorrelationStep::kCorrelation) {
      AddUse(number, bit, asked, &of_fired_[step.source_index]);
    } else {
      const bool risks = step.source == program::CorrelationStep::kRisks;
      AddUse(number, bit, asked, risks ? &of_risks_ : &of_alerts_);
      reads_findings_[number] = 1;
    }
  }
}

// One rule is fed once with all its steps.
void RuleUses::AddUse(uint32_t rule, StepMask step, bool asked, Uses* of) {
  if (of->empty() || of->back().rule != rule) of->push_back({rule, 0, 0});
  of->back().steps |= step;
  if (asked) of->back().asked |= step;
}

// Marks who reads a rule that reads findings. False if that was known.
bool RuleUses::Spread() {
  bool is_new = false;
  for (uint32_t rule = 0; rule < of_fired_.size(); ++rule) {
    if (!reads_findings(rule)) continue;
    for (const RuleUse& use : of_fired_[rule]) {
      is_new |= reads_findings_[use.rule] == 0;
      reads_findings_[use.rule] = 1;
    }
  }
  return is_new;
}

}  // namespace tocsin::runtime
