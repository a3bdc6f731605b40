// EQL: event queries, sequences and samples, in the dialects of Elasticsearch
// and of the endpoint.
//
// Parse reads a query; Compile lowers it to rules, and to a correlation where
// it is of several events. docs/formats/eql.md has what is covered.

#ifndef TOCSIN_SRC_FRONTEND_EQL_EQL_H_
#define TOCSIN_SRC_FRONTEND_EQL_EQL_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/frontend/eql/ast.h"
#include "src/frontend/expression/dialect.h"
#include "src/ir/correlation.h"
#include "src/text/reporter.h"

namespace tocsin::eql {

struct EqlOptions {
  expression::Dialect dialect{.language = expression::Dialect::kEql};
  std::string category_field = "event.category";
};

// nullopt: something is wrong, and was told.
std::optional<Query> Parse(const text::Source& source,
                           const EqlOptions& options, text::Reporter* reporter);

// An expression alone, checked and with its constants folded.
std::optional<ir::Expression> ParseExpression(const text::Source& source,
                                              const EqlOptions& options,
                                              text::Reporter* reporter);

// Checks a condition or, as `is_value`, what need not be true or false.
bool Check(ir::Expression* expression, bool is_value, const EqlOptions& options,
           text::Reporter* reporter);

// The condition of an event query. nullopt: it is wrong, and that was told.
std::optional<ir::Expr> LowerEvent(const EventQuery& event,
                                   const EqlOptions& options,
                                   text::Reporter* reporter);

}  // namespace tocsin::eql

#endif  // TOCSIN_SRC_FRONTEND_EQL_EQL_H_
