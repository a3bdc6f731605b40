// Lints: rules that load and probably do not do what their author meant.
//
// They look at the IR, and at what the planner made of it, so they hold for
// every rule format. Codes T080 to T099; each has a page in docs/diagnostics.

#ifndef TOCSIN_SRC_ANALYSIS_LINT_H_
#define TOCSIN_SRC_ANALYSIS_LINT_H_

#include <span>
#include <string_view>

#include "src/ir/rule.h"
#include "src/text/reporter.h"

namespace tocsin::analysis {

// Reports warnings about `rule`, never errors:
//   T080  it can never match
//   T081  it matches every event
//   T082  it matches events that have none of its fields
//   T083  a keyword or regex that any text passes
//   T084  a part of a time compared with what it never is
void Lint(const ir::Rule& rule, text::Reporter* reporter);

// Warns (T086) of a log source's word that is none of `known` but looks like
// one. Others are taken for a host's own.
void WarnOfWord(std::string_view key, std::string_view word, text::Range range,
                std::span<const std::string_view> known,
                text::Reporter* reporter);

// Warns (T085) of a rule for which the planner found no guard; `condition` is
// where its condition stands.
void WarnOfNoGuard(text::Range condition, text::Reporter* reporter);

}  // namespace tocsin::analysis

#endif  // TOCSIN_SRC_ANALYSIS_LINT_H_
