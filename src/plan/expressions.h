// Planner of expressions: IR -> the compiled form.

#ifndef TOCSIN_SRC_PLAN_EXPRESSIONS_H_
#define TOCSIN_SRC_PLAN_EXPRESSIONS_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "src/ir/expression.h"
#include "src/program/expression.h"

namespace tocsin::plan {

// REQUIRES: the expression has been checked. `field` gives a field its number.
program::Expression PlanExpression(
    const ir::Expression& expression,
    absl::FunctionRef<uint32_t(const std::string&)> field);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_EXPRESSIONS_H_
