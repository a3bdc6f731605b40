// The public rules of Elastic's endpoint: what is covered compiles, and what is
// not is refused by the name of its construct.

#include <simdjson.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"

namespace tocsin::conformance {

Score EndpointRules() {
  Compiler compiler({.endpoint_eql = true});
  simdjson::dom::parser parser;
  long total = 0;
  const bool is_there =
      ForEachLine("corpora/elastic-endpoint-rules.ndjson.zst",
                  [&](long number, std::string_view line) {
                    ++total;
                    std::string_view query;
                    simdjson::dom::element rule;
                    if (parser.parse(simdjson::padded_string(line)).get(rule) ==
                            simdjson::SUCCESS &&
                        rule["query"].get(query) == simdjson::SUCCESS) {
                      compiler.AddText(query, std::to_string(number) + ".eql");
                    }
                  });
  if (!is_there) return {.skipped = true, .note = "no shared data"};

  const CompileResult compiled = compiler.Compile();
  // Ancestors of processes are not covered on a stream: counted, not asked for.
  long lineages = 0;
  for (const Diagnostic& d : compiled.diagnostics) {
    if (d.severity != Severity::kError) continue;
    const bool is_lineage =
        d.code == "T403" &&
        d.message.find(" of` is known in a replay only") != std::string::npos;
    if (is_lineage) {
      ++lineages;
    } else {
      std::printf("%s", RenderDiagnostic(d).c_str());
    }
  }
  return {.passed = compiled.rules_loaded,
          .total = total - lineages,
          .note = "compiled " + std::to_string(compiled.rules_loaded) + " of " +
                  std::to_string(total) + ", refused for ancestors " +
                  std::to_string(lineages)};
}

}  // namespace tocsin::conformance
