// Any text as a KQL query: it is compiled or refused; what is compiled keeps
// the promises of the IR, and its canonical form is a query with the same form.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/frontend/kql/kql.h"
#include "src/frontend/kql/print.h"
#include "src/ir/rule.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace {

using tocsin::kql::FieldTypes;

std::optional<tocsin::kql::Query> Compile(const std::string& text) {
  const tocsin::text::Source source("fuzz.kql", text);
  tocsin::Diagnostics diagnostics;
  tocsin::text::Reporter reporter(source, &diagnostics);
  std::optional<tocsin::kql::Query> query =
      tocsin::kql::Compile({0, static_cast<uint32_t>(source.text().size())},
                           FieldTypes::Ecs(), &reporter);
  for (const tocsin::Diagnostic& diagnostic : diagnostics) {
    if (RenderDiagnostic(diagnostic).empty()) std::abort();
  }
  // What is refused has a reason.
  if (query.has_value() == (reporter.errors() > 0)) std::abort();
  return query;
}

std::string CanonicalOf(tocsin::kql::Node tree) {
  return Print(ToCanonical(std::move(tree)), FieldTypes::Ecs());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tocsin;
  std::optional<kql::Query> query =
      Compile(std::string(reinterpret_cast<const char*>(data), size));
  if (!query) return 0;
  ir::Rule rule;
  rule.condition = std::move(query->condition);
  if (!ir::Verify(rule).empty() || ir::Print(rule).empty()) std::abort();
  (void)kql::ToEql(query->tree);
  (void)kql::PrintTree(query->tree);
  const std::string canonical = CanonicalOf(std::move(query->tree));
  std::optional<kql::Query> again = Compile(canonical);
  if (!again) std::abort();
  if (CanonicalOf(std::move(again->tree)) != canonical) std::abort();
  return 0;
}
