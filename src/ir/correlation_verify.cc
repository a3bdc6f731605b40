#include "src/ir/correlation.h"

namespace tocsin::ir {
namespace {

using base::MeasureKind;

bool NeedsNoField(MeasureKind kind) {
  return kind == MeasureKind::kCount || kind == MeasureKind::kInterval ||
         kind == MeasureKind::kJitter || kind == MeasureKind::kRate;
}

bool IsNumber(MeasureKind kind) {
  return kind != MeasureKind::kFirst && kind != MeasureKind::kLast &&
         kind != MeasureKind::kValues;
}

class Verifier {
 public:
  Verifier(const RuleList& list, size_t index)
      : list_(list), rule_(list.correlations[index]), index_(index) {}

  std::string Check() {
    CheckSteps();
    CheckPattern();
    CheckWindow();
    for (const KeyPart& part : rule_.group.parts) {
      Expect(part.fields.size() == rule_.steps.size(),
             "a key needs fields for each step");
      for (const auto& fields : part.fields) {
        Expect(!fields.empty(), "a key without field for a step");
      }
    }
    for (const auto& key : rule_.group.expected) {
      Expect(key.size() == rule_.group.parts.size(),
             "an expected key of another width than the group");
    }
    Expect(rule_.group.expected.empty() || !rule_.group.any_of,
           "expected keys of `any of`");
    if (rule_.where) {
      CheckCondition(*rule_.where);
      Expect(rule_.pattern.kind != Pattern::kSequence,
             "a condition on a sequence");
    }
    for (const WhereField& field : rule_.where_fields) {
      CheckStepList({field.step});
    }
    Expect(rule_.fire != base::FirePolicy::kThrottle ||
               rule_.throttle > absl::ZeroDuration(),
           "a throttle without duration");
    for (const Shown& shown : rule_.shown) CheckMeasure(shown.measure);
    if (fault_.empty() && IsInRing(index_)) fault_ = "correlations form a ring";
    return std::move(fault_);
  }

 private:
  void Expect(bool holds, std::string_view fault) {
    if (!holds && fault_.empty()) fault_ = fault;
  }

  void CheckCondition(uint32_t number) {
    Expect(number < list_.rules.size() &&
               list_.rules[number].role == RuleRole::kCondition,
           "a condition that is no rule of role kCondition");
  }

  void CheckSteps() {
    Expect(!rule_.steps.empty() && rule_.steps.size() <= kMaxSteps,
           "no step, or too many");
    for (const Step& step : rule_.steps) {
      Expect(
          step.source != Step::kRule || step.source_index < list_.rules.size(),
          "a step of no rule");
      Expect(step.source != Step::kCorrelation ||
                 step.source_index < list_.correlations.size(),
             "a step of no correlation");
      if (step.condition) CheckCondition(*step.condition);
    }
  }

  void CheckStepList(const std::vector<StepIndex>& steps) {
    for (const StepIndex step : steps) {
      Expect(step < rule_.steps.size(), "a step that is not there");
    }
  }

  void CheckMeasure(const Measure& measure) {
    Expect(!measure.steps.empty(), "a measure of no step");
    CheckStepList(measure.steps);
    if (NeedsNoField(measure.kind)) {
      Expect(measure.fields.empty(), "a count of a field");
    } else if (measure.kind == MeasureKind::kDistinct) {
      Expect(!measure.fields.empty(), "distinct of nothing");
    } else {
      Expect(measure.fields.size() == 1, "a measure needs one field");
    }
    Expect(measure.kind != MeasureKind::kPercentile ||
               (measure.parameter > 0 && measure.parameter <= 100),
           "a percentile out of range");
  }

  void CheckTerm(const Term& term, int depth) {
    Expect(depth <= kMaxDepth, "nested too deep");
    if (!fault_.empty()) return;
    if (term.kind == Term::kMeasure) {
      CheckMeasure(term.measure);
      Expect(IsNumber(term.measure.kind), "a measure that is no number");
    }
    const bool leaf = term.kind == Term::kMeasure || term.kind == Term::kNumber;
    const bool single =
        term.kind == Term::kTruncate || term.kind == Term::kRound;
    const size_t width = leaf ? 0 : single ? 1 : 2;
    Expect(term.children.size() == width, "a term of other width");
    Expect(term.truths.size() == (term.kind == Term::kIf ? 1u : 0u),
           "a term that depends on other than one truth");
    for (const Truth& truth : term.truths) CheckTruth(truth, depth + 1);
    for (const Term& child : term.children) CheckTerm(child, depth + 1);
  }

  void CheckTruth(const Truth& truth, int depth) {
    Expect(depth <= kMaxDepth, "nested too deep");
    if (!fault_.empty()) return;
    if (truth.kind == Truth::kCompare) {
      Expect(truth.terms.size() == 2 && truth.children.empty(),
             "a comparison of other than two terms");
      for (const Term& term : truth.terms) CheckTerm(term, depth);
      return;
    }
    if (truth.kind == Truth::kIsNull) {
      Expect(truth.terms.size() == 1 && truth.children.empty(),
             "a question for null of other than one term");
      for (const Term& term : truth.terms) CheckTerm(term, depth + 1);
      return;
    }
    const bool single =
        truth.kind == Truth::kNot || truth.kind == Truth::kIsTrue;
    Expect(single ? truth.children.size() == 1 : !truth.children.empty(),
           "a truth of other width");
    for (const Truth& child : truth.children) CheckTruth(child, depth + 1);
  }

  void CheckLegs() {
    const std::vector<Leg>& legs = rule_.pattern.legs;
    Expect(!legs.empty() && !legs[0].negated, "a chain that begins with not");
    for (size_t i = 0; i < legs.size(); ++i) {
      Expect(!legs[i].steps.empty(), "a leg of no step");
      CheckStepList(legs[i].steps);
      Expect(legs[i].count >= 1, "a leg of no event");
      if (!legs[i].negated) continue;
      Expect(legs[i].count == 1 && !legs[i].gap, "a negated leg with count");
      Expect(i == 0 || !legs[i - 1].negated, "two negated legs in a row");
    }
  }

  void CheckStages() {
    bool has_event = false;
    for (const SequenceStage& stage : rule_.pattern.stages) {
      CheckStepList({stage.step});
      has_event |= !stage.missing;
      if (!stage.condition) continue;
      CheckCondition(*stage.condition);
      Expect(!stage.missing && !rule_.pattern.unordered,
             "a condition of a stage that has none before it");
    }
    Expect(has_event, "a sequence of no event");
    Expect(rule_.pattern.stages.size() <= kMaxStages, "too many stages");
    Expect(rule_.order == base::OrderMode::kStrict, "a sequence out of order");
  }

  void CheckPattern() {
    const Pattern& pattern = rule_.pattern;
    CheckStepList(pattern.triggers);
    CheckStepList(pattern.until);
    switch (pattern.kind) {
      case Pattern::kTruth:
        CheckTruth(pattern.truth, 0);
        break;
      case Pattern::kChain:
        CheckLegs();
        break;
      case Pattern::kSequence:
        CheckStages();
        break;
      case Pattern::kSeen:
        Expect(!pattern.fields.empty() || !rule_.group.parts.empty(),
               "new of nothing");
        Expect(rule_.steps.size() == 1, "new of other than one step");
        Expect(pattern.learn >= absl::ZeroDuration(), "a negative learn");
        break;
      case Pattern::kRatio:
        CheckTerm(pattern.change, 0);
        Expect(pattern.factor > 0, "a factor that is not positive");
        Expect(pattern.past >= rule_.window.span, "a past below one window");
        break;
    }
  }

  void CheckWindow() {
    const Window& window = rule_.window;
    const Pattern& pattern = rule_.pattern;
    Expect(window.span > absl::ZeroDuration() &&
               window.span < absl::InfiniteDuration(),
           "a window without length");
    Expect(window.longest > absl::ZeroDuration(), "a session without length");
    if (pattern.kind == Pattern::kRatio) {
      Expect(window.kind == base::WindowKind::kTumbling,
             "a ratio without tumbling window");
    } else if (pattern.kind != Pattern::kTruth) {
      Expect(window.kind == base::WindowKind::kSliding &&
                 window.reach == base::WindowReach::kBefore,
             "a chain or new without sliding window");
    }
    Expect(window.kind == base::WindowKind::kSliding || pattern.trigger_counts,
           "a trigger apart without sliding window");
  }

  // Walks what the correlation reads; each is visited once.
  bool IsInRing(size_t start) const {
    std::vector<bool> seen(list_.correlations.size(), false);
    std::vector<size_t> open = {start};
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (const Step& step : list_.correlations[at].steps) {
        if (step.source != Step::kCorrelation) continue;
        if (step.source_index == start) return true;
        if (step.source_index >= seen.size() || seen[step.source_index]) {
          continue;
        }
        seen[step.source_index] = true;
        open.push_back(step.source_index);
      }
    }
    return false;
  }

  const RuleList& list_;
  const Correlation& rule_;
  size_t index_;
  std::string fault_;
};

}  // namespace

std::string Verify(const RuleList& list, size_t index) {
  return Verifier(list, index).Check();
}

}  // namespace tocsin::ir
