// Planner of correlations: IR -> the compiled form.

#ifndef TOCSIN_SRC_PLAN_CORRELATIONS_H_
#define TOCSIN_SRC_PLAN_CORRELATIONS_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "src/ir/correlation.h"
#include "src/program/correlation.h"

namespace tocsin::plan {

// Gives a field its number.
using FieldNumbering = absl::FunctionRef<uint32_t(const std::string& field)>;

// Chooses what is kept for a group of the rule, and whether its answer has to
// wait for the watermark. REQUIRES: the rule passes ir::Verify.
program::Correlation PlanCorrelation(const ir::Correlation& rule,
                                     FieldNumbering field);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_CORRELATIONS_H_
