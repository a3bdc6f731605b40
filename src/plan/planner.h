// Planner: IR rules -> Program.

#ifndef TOCSIN_SRC_PLAN_PLANNER_H_
#define TOCSIN_SRC_PLAN_PLANNER_H_

#include <memory>
#include <vector>

#include "src/ir/rule.h"
#include "src/program/program.h"

namespace tocsin::plan {

// Numbers fields and tests, folds patterns, fills content hashes. REQUIRES:
// each rule passes ir::Verify.
std::unique_ptr<program::Program> Plan(std::vector<ir::Rule> rules);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_PLANNER_H_
