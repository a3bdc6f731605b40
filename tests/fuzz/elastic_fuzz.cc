// Any bytes as a file of Elastic's rules, in TOML or, where the first byte is
// odd, in JSON: each rule is compiled or refused with a reason, and what is
// compiled keeps the promises of the IR.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "src/frontend/elastic/elastic.h"
#include "src/ir/correlation.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tocsin;
  if (size == 0) return 0;
  const bool is_json = (data[0] & 1) != 0;
  const auto source = std::make_shared<const text::Source>(
      is_json ? "rules.ndjson" : "rule.toml",
      std::string(reinterpret_cast<const char*>(data + 1), size - 1));
  ir::RuleList list;
  Diagnostics diagnostics;
  const elastic::ElasticResult result =
      elastic::CompileElastic({source}, {}, &list, &diagnostics);
  bool has_error = false;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (RenderDiagnostic(diagnostic).empty()) std::abort();
    has_error |= diagnostic.severity == Severity::kError;
  }
  if (result.loaded < result.documents && !has_error) std::abort();
  for (const ir::Rule& rule : list.rules) {
    if (!ir::Verify(rule).empty()) std::abort();
  }
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    if (!ir::Verify(list, i).empty()) std::abort();
  }
  return 0;
}
