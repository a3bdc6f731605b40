// Detector jobs to what the runtime runs.

#ifndef TOCSIN_SRC_PLAN_DETECTORS_H_
#define TOCSIN_SRC_PLAN_DETECTORS_H_

#include "src/ir/detector_job.h"
#include "src/program/detector_job.h"

namespace tocsin::plan {

// Each field that the job names has one place among `fields`.
program::DetectorJob PlanDetectors(const ir::DetectorJob& job);

}  // namespace tocsin::plan

#endif  // TOCSIN_SRC_PLAN_DETECTORS_H_
