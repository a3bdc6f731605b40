// Constant folding: what does not depend on the event is worked out once.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_FOLD_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_FOLD_H_

#include "src/ir/expression.h"

namespace tocsin::expression {

// Replaces each constant part of `expression`, which has been checked, by its
// value. Spans stay.
void Fold(ir::Expression* expression);

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_FOLD_H_
