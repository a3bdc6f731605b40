#include "src/frontend/toc/never_true.h"

#include <algorithm>
#include <set>
#include <vector>

namespace tocsin::toc {
namespace {

using base::MeasureCompare;
using base::MeasureKind;

void NamedSteps(const ir::Term& term, std::set<ir::StepIndex>* steps) {
  if (term.kind == ir::Term::kMeasure) {
    steps->insert(term.measure.steps.begin(), term.measure.steps.end());
  }
  for (const ir::Term& child : term.children) NamedSteps(child, steps);
}

void NamedSteps(const ir::Truth& truth, std::set<ir::StepIndex>* steps) {
  for (const ir::Term& term : truth.terms) NamedSteps(term, steps);
  for (const ir::Truth& child : truth.children) NamedSteps(child, steps);
}

// Whether `count op number` holds for some count from 1 on.
bool HoldsForSome(MeasureCompare compare, double number) {
  switch (compare) {
    case MeasureCompare::kEq:
      return number >= 1;
    case MeasureCompare::kLt:
      return number > 1;
    case MeasureCompare::kLe:
      return number >= 1;
    default:
      return true;
  }
}
// The same for all of them.
bool HoldsForAll(MeasureCompare compare, double number) {
  switch (compare) {
    case MeasureCompare::kGe:
      return number <= 1;
    case MeasureCompare::kGt:
      return number < 1;
    case MeasureCompare::kNe:
      return number < 1;
    default:
      return false;
  }
}

// Whether the truth may come out as `wanted` in a window with an event of
// `step`. What is not known may.
bool MayBe(const ir::Truth& truth, ir::StepIndex step, bool wanted) {
  const auto child_may = [&](const ir::Truth& child) {
    return MayBe(child, step, wanted);
  };
  switch (truth.kind) {
    case ir::Truth::kNot:
      return MayBe(truth.children[0], step, !wanted);
    case ir::Truth::kAnd:
    case ir::Truth::kOr:
      return (truth.kind == ir::Truth::kAnd) == wanted
                 ? std::all_of(truth.children.begin(), truth.children.end(),
                               child_may)
                 : std::any_of(truth.children.begin(), truth.children.end(),
                               child_may);
    case ir::Truth::kCompare:
      break;
    case ir::Truth::kIsNull:
    case ir::Truth::kIsTrue:
      return true;  // The language has neither.
  }
  const ir::Term& left = truth.terms[0];
  const ir::Term& right = truth.terms[1];
  const bool counts =
      left.kind == ir::Term::kMeasure &&
      left.measure.kind == MeasureKind::kCount &&
      right.kind == ir::Term::kNumber &&
      std::find(left.measure.steps.begin(), left.measure.steps.end(), step) !=
          left.measure.steps.end();
  if (!counts) return true;
  return wanted ? HoldsForSome(truth.compare, right.number)
                : !HoldsForAll(truth.compare, right.number);
}

}  // namespace

std::optional<ir::StepIndex> NeverAbsent(const ir::Correlation& rule) {
  const ir::Pattern& pattern = rule.pattern;
  if (pattern.kind != ir::Pattern::kTruth || !pattern.trigger_counts ||
      !rule.group.expected.empty()) {
    return std::nullopt;
  }
  std::set<ir::StepIndex> steps(pattern.triggers.begin(),
                                pattern.triggers.end());
  if (steps.empty()) NamedSteps(pattern.truth, &steps);
  if (steps.empty()) return std::nullopt;
  for (const ir::StepIndex step : steps) {
    if (MayBe(pattern.truth, step, true)) return std::nullopt;
  }
  return *steps.begin();
}

}  // namespace tocsin::toc
