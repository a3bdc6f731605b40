// AST -> IR.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_LOWER_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_LOWER_H_

#include <optional>

#include "src/frontend/sigma/ast.h"
#include "src/ir/rule.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// Applies modifiers, parses conditions, resolves selections. nullopt: the rule
// cannot be loaded; all its problems are reported.
std::optional<ir::Rule> Lower(const Document& rule, text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_LOWER_H_
