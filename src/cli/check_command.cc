#include "src/cli/check_command.h"

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/cli/output.h"
#include "src/cli/rule_files.h"
#include "src/cli/summary.h"
#include "src/cli/terminal.h"
#include "tocsin/compiler.h"

namespace tocsin::cli {
namespace {

// One object; its members are documented in docs/cli.md.
std::string ToJson(const CompileResult& compiled) {
  std::string out = absl::StrCat(
      "{\"documents\":", compiled.documents, ",\"loaded\":",
      compiled.rules_loaded + compiled.filters_loaded + compiled.jobs_loaded,
      ",\"rules\":", compiled.rules_loaded,
      ",\"filters\":", compiled.filters_loaded,
      ",\"jobs\":", compiled.jobs_loaded, ",\"refused\":", compiled.refused,
      ",\"diagnostics\":[");
  bool first = true;
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    absl::StrAppend(&out, first ? "" : ",", DiagnosticToJson(diagnostic));
    first = false;
  }
  out += "]}\n";
  return out;
}

}  // namespace

ExitCode CheckCommand(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    Tell("tocsin check: no rules; name a rule file or a folder\n");
    return kExitBadArguments;
  }
  Compiler compiler(
      {.endpoint_eql = arguments.Get("--eql", "elastic") == "endpoint"});
  const absl::Status added =
      AddRuleFiles(arguments.operands(), arguments.GetAll("--pipeline"),
                   arguments.GetAll("--fields"), &compiler);
  if (!added.ok()) {
    Tell(absl::StrCat(
        "tocsin check: ", Visible(base::FromAbsl(added.message())), "\n"));
    return kExitBadArguments;
  }
  const CompileResult compiled = compiler.Compile();
  if (compiled.documents == 0) {
    Tell("tocsin check: no rules there\n");
    return kExitBadArguments;
  }
  const std::unique_ptr<Output> output = Output::Standard();
  if (arguments.Get("--format", "text") == "json") {
    output->buffer() = ToJson(compiled);
  } else {
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      output->buffer() += VisibleLines(RenderDiagnostic(diagnostic));
      if (output->full()) output->Flush();
    }
    absl::StrAppend(&output->buffer(), "rules: ", RenderLoaded(compiled), "\n");
  }
  if (const absl::Status closed = output->Close(); !closed.ok()) {
    Tell(absl::StrCat("tocsin check: ", closed.message(), "\n"));
    return kExitInput;
  }
  return HasErrors(compiled) ? kExitBadRule : kExitFine;
}

}  // namespace tocsin::cli
