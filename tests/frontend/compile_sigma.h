// Compiles one Sigma text, for tests.

#ifndef TOCSIN_TESTS_FRONTEND_COMPILE_SIGMA_H_
#define TOCSIN_TESTS_FRONTEND_COMPILE_SIGMA_H_

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "src/frontend/sigma/sigma.h"
#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma {

struct Compiled {
  SigmaResult result;
  Diagnostics diagnostics;

  // All diagnostics as a terminal shows them.
  std::string Messages() const {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) {
      out += RenderDiagnostic(diagnostic);
    }
    return out;
  }

  // All correlations, printed below their titles, and what becomes of the
  // matches of rules.
  std::string Correlations() const {
    std::string out;
    for (const ir::Correlation& correlation : result.correlations) {
      out += "\n# " + correlation.info.title + "\n" + ir::Print(correlation);
    }
    if (!out.empty()) out += "\n";
    for (size_t i = 0; !out.empty() && i < result.rules.size(); ++i) {
      const bool reports = result.rules[i].role == ir::RuleRole::kReports;
      out += "rule " + std::to_string(i) + " = " + result.rules[i].info.name +
             (reports ? ", alerts\n" : ", feeds\n");
    }
    return out;
  }

  // All rules, printed, with an empty line between.
  std::string Rules() const {
    std::string out;
    for (const ir::Rule& rule : result.rules) {
      if (!out.empty()) out += '\n';
      out += ir::Print(rule);
    }
    return out;
  }
};

inline Compiled Compile(std::string text, std::string path = "rule.yml") {
  Compiled compiled;
  compiled.result = CompileSigma(
      {std::make_shared<const text::Source>(std::move(path), std::move(text))},
      {}, &compiled.diagnostics);
  // As the compiler facade does: by place, whichever pass found it.
  std::stable_sort(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::pair(a.line, a.column) <
                            std::pair(b.line, b.column);
                   });
  return compiled;
}

// A whole rule around a `detection`; its lines are indented by the caller.
inline std::string RuleWith(const std::string& detection) {
  return "title: t\nlogsource: {product: windows}\ndetection:\n" + detection;
}

}  // namespace tocsin::sigma

#endif  // TOCSIN_TESTS_FRONTEND_COMPILE_SIGMA_H_
