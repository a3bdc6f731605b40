// Helper of the tests of Lucene: a query in, its condition and messages out.

#ifndef TOCSIN_TESTS_FRONTEND_LUCENE_COMPILE_LUCENE_H_
#define TOCSIN_TESTS_FRONTEND_LUCENE_COMPILE_LUCENE_H_

#include <optional>
#include <string>
#include <utility>

#include "src/frontend/lucene/lucene.h"
#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::lucene::testing {

struct Compiled {
  std::optional<ir::Expr> condition;
  Diagnostics diagnostics;

  std::string Messages() const {
    std::string text;
    for (const Diagnostic& d : diagnostics) text += RenderDiagnostic(d);
    return text;
  }
  std::string Ir() const { return condition ? ir::Print(*condition) : ""; }
};

inline Compiled Compile(std::string query,
                        const kql::FieldTypes& types = kql::FieldTypes::Ecs()) {
  Compiled compiled;
  const text::Source source("query.lucene", std::move(query));
  text::Reporter reporter(source, &compiled.diagnostics);
  compiled.condition = lucene::Compile(
      {0, static_cast<uint32_t>(source.text().size())}, types, &reporter);
  return compiled;
}

}  // namespace tocsin::lucene::testing

#endif  // TOCSIN_TESTS_FRONTEND_LUCENE_COMPILE_LUCENE_H_
