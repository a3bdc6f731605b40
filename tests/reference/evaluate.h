// The naive evaluator: what a condition means, in as few words as possible.
//
// It reads the IR, not the program, and shares no code with the matcher. Slow;
// for small events.

#ifndef TOCSIN_TESTS_REFERENCE_EVALUATE_H_
#define TOCSIN_TESTS_REFERENCE_EVALUATE_H_

#include <span>
#include <string_view>

#include "src/base/pattern.h"
#include "src/ir/predicate.h"
#include "tests/reference/event.h"
#include "tocsin/log_source.h"

namespace tocsin::reference {

struct EvaluateOptions {
  bool require_fields = false;
  std::span<const FieldRename> renames;
};

// Whether a rule with this condition matches the event.
bool Matches(const ir::Expr& condition, const Value& event,
             const EvaluateOptions& options = {});

// Tries every way to share out the text among the tokens; folds both itself.
bool MatchesGlob(const base::Pattern& pattern, std::string_view text);

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_EVALUATE_H_
