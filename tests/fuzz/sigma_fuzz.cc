// Any text as a Sigma rule file: it is compiled or refused, and what is
// compiled keeps the promises of the IR.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "src/frontend/sigma/sigma.h"
#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/text/source.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tocsin;
  const auto source = std::make_shared<const text::Source>(
      "fuzz.yml", std::string(reinterpret_cast<const char*>(data), size));
  Diagnostics diagnostics;
  const sigma::SigmaResult result =
      sigma::CompileSigma({source}, {}, &diagnostics);
  int errors = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::kError) ++errors;
    if (RenderDiagnostic(diagnostic).empty()) std::abort();
    if (DiagnosticToJson(diagnostic).empty()) std::abort();
  }
  for (const ir::Rule& rule : result.rules) {
    if (!ir::Verify(rule).empty() || ir::Print(rule).empty()) std::abort();
  }
  const ir::RuleList list{result.rules, result.correlations};
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    if (!ir::Verify(list, i).empty()) std::abort();
    if (ir::Print(list.correlations[i]).empty()) std::abort();
  }
  // Every document is loaded or reported.
  const int loaded =
      static_cast<int>(result.rules.size() + result.correlations.size()) +
      result.filters_loaded;
  if (result.documents > loaded && errors == 0) std::abort();
  if (result.documents < loaded) std::abort();
  return 0;
}
