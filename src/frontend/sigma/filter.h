// Filter documents: conditions added to rules from outside.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_FILTER_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_FILTER_H_

#include <vector>

#include "src/frontend/sigma/ast.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma {

// Adds each filter's detection to Document::added of the rules it names (by id
// or name) or covers. A filter's log source must cover the rule's. Warns on a
// positive condition and on a filter that reaches no rule; reports one that
// names a rule that is not loaded, and drops that reference only. Returns how many filters
// could be used.
int ApplyFilters(const std::vector<Document>& filters,
                 std::vector<Document>* rules, Diagnostics* diagnostics);

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_FILTER_H_
