// Helper of the tests of KQL: a query in, printed IR and messages out.

#ifndef TOCSIN_TESTS_FRONTEND_KQL_COMPILE_KQL_H_
#define TOCSIN_TESTS_FRONTEND_KQL_COMPILE_KQL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/frontend/kql/kql.h"
#include "src/frontend/kql/print.h"
#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::kql::testing {

struct Compiled {
  std::vector<ir::Rule> rules;
  Diagnostics diagnostics;

  std::string Messages() const {
    std::string text;
    for (const Diagnostic& d : diagnostics) text += RenderDiagnostic(d);
    return text;
  }
  std::string Ir() const {
    std::string text;
    for (const ir::Rule& rule : rules) text += ir::Print(rule.condition);
    return text;
  }
  std::string Faults() const {
    std::string text;
    for (const ir::Rule& rule : rules) text += ir::Verify(rule);
    return text;
  }
};

inline Compiled Compile(std::string query, std::string path = "rule.kql",
                        const FieldTypes& types = FieldTypes::Ecs()) {
  Compiled compiled;
  CompileKql(
      {std::make_shared<const text::Source>(std::move(path), std::move(query))},
      types, &compiled.diagnostics,
      [&](ir::Rule rule, const std::shared_ptr<const text::Source>&) {
        compiled.rules.push_back(std::move(rule));
      });
  return compiled;
}

// The tree; nullopt if there is an error.
inline std::optional<Node> TreeOf(const std::string& query,
                                  const FieldTypes& types = {}) {
  const text::Source source("query", query);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  std::optional<Query> compiled = kql::Compile(
      {0, static_cast<uint32_t>(source.text().size())}, types, &reporter);
  if (!compiled) return std::nullopt;
  return std::move(compiled->tree);
}

inline std::string Canonical(const std::string& query,
                             const FieldTypes& types = {}) {
  std::optional<Node> tree = TreeOf(query, types);
  return tree ? Print(ToCanonical(std::move(*tree)), types) : "(an error)";
}

}  // namespace tocsin::kql::testing

#endif  // TOCSIN_TESTS_FRONTEND_KQL_COMPILE_KQL_H_
