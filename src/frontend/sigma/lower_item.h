// One item of a selection, `field|modifiers: values`, as IR.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_LOWER_ITEM_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_LOWER_ITEM_H_

#include <optional>

#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/budget.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// nullopt: the item cannot be had; all its problems are reported.
std::optional<ir::Expr> LowerItem(const Item& item, Budget* budget,
                                  text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_LOWER_ITEM_H_
