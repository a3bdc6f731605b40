// Any text as a Lucene query string: it is compiled or refused; what is
// compiled keeps the promises of the IR.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "src/frontend/kql/field_types.h"
#include "src/frontend/lucene/lucene.h"
#include "src/ir/rule.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tocsin;
  const text::Source source(
      "fuzz.lucene", std::string(reinterpret_cast<const char*>(data), size));
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  std::optional<ir::Expr> condition =
      lucene::Compile({0, static_cast<uint32_t>(source.text().size())},
                      kql::FieldTypes::Ecs(), &reporter);
  for (const Diagnostic& diagnostic : diagnostics) {
    if (RenderDiagnostic(diagnostic).empty()) std::abort();
  }
  // What is refused has a reason.
  if (condition.has_value() == (reporter.errors() > 0)) std::abort();
  if (!condition) return 0;
  ir::Rule rule;
  rule.condition = *std::move(condition);
  if (!ir::Verify(rule).empty() || ir::Print(rule).empty()) std::abort();
  return 0;
}
