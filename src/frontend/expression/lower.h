// Lowering of checked conditions to predicates.
//
// What is a plain predicate becomes one, so that the planner finds guards for
// it as it does for other formats; the rest stays an expression. Of the three
// values of a condition only true matches: a `not` asks for what makes the
// inner part false, which takes a value that is there.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_LOWER_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_LOWER_H_

#include "src/ir/expression.h"
#include "src/ir/predicate.h"
#include "src/text/source.h"

namespace tocsin::expression {

// Holds for an event exactly if `condition`, which was checked, is true.
// `source` is where its spans are.
ir::Expr LowerTrue(const ir::Expression& condition, const text::Source& source);
// The same for false.
ir::Expr LowerFalse(const ir::Expression& condition,
                    const text::Source& source);

// The field is equal to `value`, which is not null.
ir::Expr FieldEquals(const std::string& field, const base::Value& value,
                     ir::Type type, bool folded);

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_LOWER_H_
