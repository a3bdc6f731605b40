// Checks a detection that stands outside a rule: of a filter, of a pipeline.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_DETECTION_CHECK_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_DETECTION_CHECK_H_

#include "src/frontend/sigma/ast.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {

// Whether `detection` can be lowered. It will be, with every rule it is added
// to; this reports its errors once, in its own file. Values under `expand` are
// not looked at: their placeholders have no values yet. `reporter` is one for
// the detection's file.
bool CheckDetection(const Detection& detection, text::Reporter* reporter);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_DETECTION_CHECK_H_
