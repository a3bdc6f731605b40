// Planner: IR rules -> Program.

#ifndef TOCSIN_SRC_PLAN_PLANNER_H_
#define TOCSIN_SRC_PLAN_PLANNER_H_

#include <memory>
#include <vector>

#include "src/base/field_mapping.h"
#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/program/program.h"

namespace tocsin::plan {

// Numbers fields and tests, folds patterns, fills content hashes, finds guards.
class Planner {
 public:
  // What tests and keys that are `mapped` see events through, the first that
  // applies to an event and its field.
  explicit Planner(std::vector<base::FieldMapping> mappings = {});
  ~Planner();
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;

  // REQUIRES: the rule passes ir::Verify.
  void Add(ir::Rule rule);

  // Its steps name rules by the order of Add, which may be called for them
  // later. REQUIRES: the correlation passes ir::Verify.
  void AddCorrelation(ir::Correlation correlation);

  // Its filter names a rule in the same way.
  void AddJob(ir::DetectorJob job);

  // The program of all rules added, in their order. Called once, last.
  std::unique_ptr<program::Program> Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The program of `rules`, each of which passes ir::Verify.
std::unique_ptr<program::Program> Plan(std::vector<ir::Rule> rules);
std::unique_ptr<program::Program> PlanList(ir::RuleList list);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_PLANNER_H_
