// The parser of KQL, the query language of Kibana.
//
//   query  = and { "or" and }            and  = not { "and" not }
//   not    = "not" not | "(" query ")" | test
//   test   = field ":" "{" query "}"     one object
//          | field ":" ( value | "(" values ")" )
//          | field ( "<" | "<=" | ">" | ">=" ) value
//          | value                       in any field
//
// Words without quotes run on over spaces up to a special character or a
// keyword. Keywords are of any letter case and stand between spaces or
// brackets.

#ifndef TOCSIN_SRC_FRONTEND_KQL_PARSER_H_
#define TOCSIN_SRC_FRONTEND_KQL_PARSER_H_

#include "src/frontend/kql/ast.h"
#include "src/text/reporter.h"

namespace tocsin::kql {

// Deepest nesting of brackets and `not`.
inline constexpr int kMaxNesting = 60;
// Longest value, and longest name of a field, of which every test has a copy.
inline constexpr size_t kMaxValueBytes = 16384;
inline constexpr size_t kMaxNameBytes = 1024;
// Most tests of one query.
inline constexpr int kMaxTests = 20'000;

// Reads the bytes `span` of the reporter's source. All problems are told; what
// could not be read is kError. Cost: linear in the text.
Node Parse(text::Span span, text::Reporter* reporter);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_PARSER_H_
