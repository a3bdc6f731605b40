// Planner of what becomes of detections: IR -> the compiled form.

#ifndef TOCSIN_SRC_PLAN_OUTCOMES_H_
#define TOCSIN_SRC_PLAN_OUTCOMES_H_

#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/plan/correlations.h"
#include "src/program/correlation.h"
#include "src/program/outcome.h"

namespace tocsin::plan {

// Of a rule over one event, whose fields are numbered with those of keys.
program::Outcome PlanOutcome(const ir::Outcome& outcome, FieldNumbering field);

// Of a correlation; `planned` is its compiled form but for that. Names that are
// none of its keys are of no finding: they count as missing.
program::Outcome PlanOutcome(const ir::Correlation& rule,
                             const program::Correlation& planned);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_OUTCOMES_H_
