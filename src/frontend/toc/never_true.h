// Patterns that can be right and yet never be true.

#ifndef TOCSIN_SRC_FRONTEND_TOC_NEVER_TRUE_H_
#define TOCSIN_SRC_FRONTEND_TOC_NEVER_TRUE_H_

#include <optional>

#include "src/ir/correlation.h"

namespace tocsin::toc {

// A step whose absence a pattern asks for, where it is only looked at when such
// an event is there: `a < 1 within 10m`. nullopt: it may well be true.
std::optional<ir::StepIndex> NeverAbsent(const ir::Correlation& rule);

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_NEVER_TRUE_H_
