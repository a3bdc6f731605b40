// Any text as a query of ES|QL: it is compiled or refused; what is compiled
// keeps the promises of the IR and can be planned.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "src/frontend/esql/esql.h"
#include "src/ir/correlation.h"
#include "src/ir/rule.h"
#include "src/plan/planner.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tocsin;
  const text::Source source(
      "fuzz.esql", std::string(reinterpret_cast<const char*>(data), size));
  Diagnostics diagnostics;
  ir::RuleList list;
  const bool ok = esql::CompileEsql(source, {}, &list, &diagnostics);
  bool has_error = false;
  for (const Diagnostic& diagnostic : diagnostics) {
    has_error |= diagnostic.severity == Severity::kError;
    if (RenderDiagnostic(diagnostic).empty()) std::abort();
  }
  // What is refused has a reason.
  if (ok == has_error) std::abort();
  if (!ok) {
    if (!list.rules.empty() || !list.correlations.empty()) std::abort();
    return 0;
  }
  for (const ir::Rule& rule : list.rules) {
    if (!ir::Verify(rule).empty() || ir::Print(rule).empty()) std::abort();
  }
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    if (!ir::Verify(list, i).empty()) std::abort();
    if (ir::Print(list.correlations[i]).empty()) std::abort();
  }
  if (plan::PlanList(std::move(list)) == nullptr) std::abort();
  return 0;
}
