// Helper of the tests of ES|QL: a query in, rules and messages out.

#ifndef TOCSIN_TESTS_FRONTEND_ESQL_COMPILE_ESQL_H_
#define TOCSIN_TESTS_FRONTEND_ESQL_COMPILE_ESQL_H_

#include <string>
#include <utility>

#include "src/frontend/esql/esql.h"
#include "src/ir/correlation.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::esql::testing {

struct Compiled {
  ir::RuleList list;
  Diagnostics diagnostics;
  bool ok = false;

  std::string Messages() const {
    std::string text;
    for (const Diagnostic& d : diagnostics) text += RenderDiagnostic(d);
    return text;
  }
  std::string Ir() const {
    std::string text;
    for (const ir::Rule& rule : list.rules) text += ir::Print(rule.condition);
    for (const ir::Correlation& c : list.correlations) text += ir::Print(c);
    return text;
  }
  std::string Faults() const {
    std::string text;
    for (const ir::Rule& rule : list.rules) text += ir::Verify(rule);
    for (size_t i = 0; i < list.correlations.size(); ++i) {
      text += ir::Verify(list, i);
    }
    return text;
  }
};

inline Compiled Compile(std::string query, const EsqlOptions& options = {}) {
  Compiled compiled;
  const text::Source source("rule.esql", std::move(query));
  compiled.ok =
      CompileEsql(source, options, &compiled.list, &compiled.diagnostics);
  return compiled;
}

}  // namespace tocsin::esql::testing

#endif  // TOCSIN_TESTS_FRONTEND_ESQL_COMPILE_ESQL_H_
