// EQL: event queries, sequences and samples, in the dialects of Elasticsearch
// and of the endpoint.
//
// Parse reads a query; Compile lowers it to rules, and to a correlation where
// it is of several events. docs/formats/eql.md has what is covered.

#ifndef TOCSIN_SRC_FRONTEND_EQL_EQL_H_
#define TOCSIN_SRC_FRONTEND_EQL_EQL_H_

#include <memory>
#include <optional>
#include <span>
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

// The same for a condition over fields `<step>.<field>` of several steps.
bool CheckOverSteps(ir::Expression* expression,
                    std::span<const std::string> steps,
                    const EqlOptions& options, text::Reporter* reporter);

// The condition of an event query. nullopt: it is wrong, and that was told.
std::optional<ir::Expr> LowerEvent(const EventQuery& event,
                                   const EqlOptions& options,
                                   text::Reporter* reporter);

// The rules of a query: one, or steps and a correlation that are added to
// `list`. False: something is wrong, and was told; nothing is added. Pipes are
// left to who replays. REQUIRES: no lineages, unless the events have their
// fields.
struct Lowered {
  bool is_correlation = false;
  uint32_t index = 0;  // Into RuleList::rules or ::correlations.
};
std::optional<Lowered> LowerQuery(const Query& query, const EqlOptions& options,
                                  const RuleInfo& info,
                                  text::Reporter* reporter, ir::RuleList* list);

// As Parse, for a rule over a stream: pipes and what needs a replay are
// refused.
std::optional<Query> ParseForStream(const text::Source& source,
                                    const EqlOptions& options,
                                    text::Reporter* reporter);

// A query as a rule of a file. The whole file is one query.
bool CompileEql(const text::Source& source, const EqlOptions& options,
                ir::RuleList* list, Diagnostics* diagnostics);

}  // namespace tocsin::eql

#endif  // TOCSIN_SRC_FRONTEND_EQL_EQL_H_
