// Every active SigmaHQ rule loads, or names the placeholder it needs; with a
// pipeline that gives placeholders a value all load.

#include <cstdio>
#include <set>
#include <string>

#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"

namespace tocsin::conformance {
namespace {

CompileResult CompileAll(const std::string& folder, bool with_pipeline) {
  Compiler compiler;
  for (const std::string_view name : kActiveRuleFolders) {
    const absl::Status status =
        compiler.AddPath(folder + "/" + std::string(name));
    // rules-dfir holds no rule.
    if (!status.ok() && name != "rules-dfir") {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    }
  }
  if (with_pipeline) {
    const absl::Status status = compiler.AddPipelinePath(
        TOCSIN_SOURCE_DIR "/examples/pipelines/placeholders.yml");
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    }
  }
  return compiler.Compile();
}

}  // namespace

Score SigmaLoad() {
  if (SharedFolder().empty())
    return {.skipped = true, .note = "no shared data"};
  const std::string folder = SigmaRulesFolder();
  const CompileResult plain = CompileAll(folder, false);
  const CompileResult with_pipeline = CompileAll(folder, true);

  // A refusal counts as passed if it names a placeholder and the pipeline
  // makes up for it.
  std::set<std::string> refused_for_placeholder;
  for (const Diagnostic& d : plain.diagnostics) {
    if (d.severity != Severity::kError) continue;
    if (d.message.find("placeholder `") != std::string::npos) {
      refused_for_placeholder.insert(d.path);
    } else {
      std::printf("%s", RenderDiagnostic(d).c_str());
    }
  }
  for (const Diagnostic& d : with_pipeline.diagnostics) {
    if (d.severity != Severity::kError) continue;
    refused_for_placeholder.erase(d.path);
    std::printf("with pipeline: %s", RenderDiagnostic(d).c_str());
  }
  Score score;
  score.total = plain.documents;
  score.passed =
      plain.rules_loaded + static_cast<long>(refused_for_placeholder.size());
  score.note = std::to_string(plain.rules_loaded) + " as they are, " +
               std::to_string(refused_for_placeholder.size()) +
               " name their placeholder; with a pipeline " +
               std::to_string(with_pipeline.rules_loaded);
  return score;
}

}  // namespace tocsin::conformance
