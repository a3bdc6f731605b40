// AST -> IR.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_LOWER_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_LOWER_H_

#include <optional>

#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/budget.h"
#include "src/ir/rule.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// Applies modifiers, parses conditions, resolves selections. nullopt: the rule
// cannot be loaded; all its problems are reported. `budget` is shared by the
// rules of a file; null: the rule has one of its own.
std::optional<ir::Rule> Lower(Document rule, text::Reporter* reporter,
                              Budget* budget = nullptr);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_LOWER_H_
