// KQL as text: the canonical form of a query.
//
//   not (a : "b") and x:y and not a:c   is   not a:(b or c) and x:y
//
// What is about one field stands in one list, a negation of several values
// around all of them, and brackets and quotes where they must be.

#ifndef TOCSIN_SRC_FRONTEND_KQL_PRINT_H_
#define TOCSIN_SRC_FRONTEND_KQL_PRINT_H_

#include <string>

#include "src/frontend/kql/ast.h"
#include "src/frontend/kql/field_types.h"

namespace tocsin::kql {

// The same query with its tests put together. It means the same.
Node ToCanonical(Node node);

// As one line that parses to the same. `types` tells where quotes matter.
std::string Print(const Node& node, const FieldTypes& types);

// The tree itself, a node a line: for tests, and for authors who ask how
// a query was read.
std::string PrintTree(const Node& node);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_PRINT_H_
