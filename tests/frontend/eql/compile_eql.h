// A query compiled as a rule file, and what became of it as text.

#ifndef TOCSIN_TESTS_FRONTEND_EQL_COMPILE_EQL_H_
#define TOCSIN_TESTS_FRONTEND_EQL_COMPILE_EQL_H_

#include <string>

#include "src/frontend/eql/eql.h"

namespace tocsin::eql::testing {

struct Compiled {
  bool loaded = false;
  ir::RuleList list;
  Diagnostics diagnostics;

  std::string Messages() const {
    std::string messages;
    for (const Diagnostic& d : diagnostics) messages += RenderDiagnostic(d);
    return messages;
  }
  std::string Ir() const {
    std::string text;
    for (const ir::Rule& rule : list.rules) {
      text += "rule " + rule.info.id + "\n" + ir::Print(rule);
    }
    for (const ir::Correlation& rule : list.correlations) {
      text += "correlation " + rule.info.id + "\n" + ir::Print(rule);
    }
    return text;
  }
  // What front ends promise of their rules, where it is not kept.
  std::string Faults() const {
    std::string faults;
    for (const ir::Rule& rule : list.rules) faults += ir::Verify(rule);
    for (size_t i = 0; i < list.correlations.size(); ++i) {
      faults += ir::Verify(list, i);
    }
    return faults;
  }
};

// `endpoint`: with what Elastic's endpoint adds.
inline Compiled Compile(const std::string& text, const std::string& path,
                        bool endpoint = false) {
  const text::Source source(path, text);
  EqlOptions options;
  options.dialect.endpoint = endpoint;
  Compiled compiled;
  compiled.loaded =
      CompileEql(source, options, &compiled.list, &compiled.diagnostics);
  return compiled;
}

}  // namespace tocsin::eql::testing

#endif  // TOCSIN_TESTS_FRONTEND_EQL_COMPILE_EQL_H_
