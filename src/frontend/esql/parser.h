// The parser of ES|QL. What it knows no command for is kOther, so that who
// lowers the query can say so.
//
//   from logs-* | where a == "x" | stats n = count(*) by b | where n > 5

#ifndef TOCSIN_SRC_FRONTEND_ESQL_PARSER_H_
#define TOCSIN_SRC_FRONTEND_ESQL_PARSER_H_

#include <optional>

#include "src/frontend/esql/ast.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::esql {

// Reads the bytes `span` of the reporter's source, which are UTF-8. nullopt:
// something is wrong, and was told.
std::optional<Query> Parse(text::Span span, text::Reporter* reporter);

// How deep an expression goes, and the most that is taken: what walks trees
// does so by recursion.
int DepthOf(const ir::Expression& e);
inline constexpr int kMaxDepth = 200;

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_PARSER_H_
