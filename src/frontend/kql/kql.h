// The KQL front end: the query language of Kibana ("kuery").
//
//   process.name : (cmd.exe or powershell.exe) and not user.id : S-1-5-18
//
// `not` has two values: it holds for an event without the field. What is a test
// of one field becomes a predicate, so that such rules have guards and share
// tests with those of other formats. docs/formats/kql.md has the meaning.

#ifndef TOCSIN_SRC_FRONTEND_KQL_KQL_H_
#define TOCSIN_SRC_FRONTEND_KQL_KQL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/frontend/kql/ast.h"
#include "src/frontend/kql/field_types.h"
#include "src/ir/expression.h"
#include "src/ir/predicate.h"
#include "src/ir/rule.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::kql {

struct Query {
  Node tree;
  ir::Expr condition;
};

// Compiles the bytes `span` of the reporter's source, which may be a file that
// has the query somewhere in it. nullopt: an error was told.
std::optional<Query> Compile(text::Span span, const FieldTypes& types,
                             text::Reporter* reporter);

// The query as a condition of EQL. It means the same but for fields that an
// event lacks, for which EQL's `not` does not hold. nullopt: it has free text
// or names with `*`, for which EQL has no words.
std::optional<ir::Expression> ToEql(const Node& tree);

// Takes a rule and where it was read from.
using RuleSink =
    std::function<void(ir::Rule, const std::shared_ptr<const text::Source>&)>;

// A file of one query as a rule: its name is that of the file, lines that begin
// with `//` are comments. Returns how many were loaded; the others have an
// error in `diagnostics`.
int CompileKql(const std::vector<std::shared_ptr<const text::Source>>& sources,
               const FieldTypes& types, Diagnostics* diagnostics,
               const RuleSink& sink);

// The query of a file in canonical form, and what it is lowered to; "" if it
// is not loaded.
std::string Explain(const text::Source& source, const FieldTypes& types,
                    Diagnostics* diagnostics);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_KQL_H_
