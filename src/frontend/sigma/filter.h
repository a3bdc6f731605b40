// Filter documents: conditions added to rules from outside.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_FILTER_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_FILTER_H_

#include <vector>

#include "src/frontend/sigma/ast.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma {

// Adds each filter's detection to Document::added of the rules it names (by id
// or name) or covers. A filter's log source must cover the rule's. Warns on a
// positive condition, on a filter that reaches no rule, and on a reference to a
// rule that is not loaded, which costs that reference only. A filter whose
// detection cannot be lowered, or that would make the rules too large, is
// reported and not used. Returns how many filters were used.
int ApplyFilters(const std::vector<Document>& filters,
                 std::vector<Document>* rules, Diagnostics* diagnostics);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_FILTER_H_
