// Helper of the tests of Elastic's rules: a file in, printed IR and messages
// out.

#ifndef TOCSIN_TESTS_FRONTEND_ELASTIC_COMPILE_ELASTIC_H_
#define TOCSIN_TESTS_FRONTEND_ELASTIC_COMPILE_ELASTIC_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/frontend/elastic/elastic.h"
#include "src/ir/correlation.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::elastic::testing {

struct Compiled {
  ir::RuleList list;
  Diagnostics diagnostics;
  ElasticResult result;

  std::string Messages() const {
    std::string text;
    for (const Diagnostic& d : diagnostics) text += RenderDiagnostic(d);
    return text;
  }
  std::string Ir() const {
    std::string text;
    for (const ir::Rule& rule : list.rules) {
      text += "rule " + rule.info.id + "\n" + ir::Print(rule.condition);
    }
    for (const ir::Correlation& rule : list.correlations) {
      text += ir::Print(rule);
    }
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

// JSON if it begins as such, else TOML.
inline Compiled Compile(const std::string& text) {
  const bool is_json = text.starts_with('{') || text.starts_with("[{");
  const auto source = std::make_shared<const text::Source>(
      is_json ? "rule.ndjson" : "rule.toml", text);
  Compiled compiled;
  compiled.result =
      CompileElastic({source}, {}, &compiled.list, &compiled.diagnostics);
  return compiled;
}

}  // namespace tocsin::elastic::testing

#endif  // TOCSIN_TESTS_FRONTEND_ELASTIC_COMPILE_ELASTIC_H_
