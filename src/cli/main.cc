// The tocsin program.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/cli/author_commands.h"
#include "src/cli/bench_command.h"
#include "src/cli/check_command.h"
#include "src/cli/options.h"
#include "src/cli/output.h"
#include "src/cli/run_command.h"
#include "src/cli/terminal.h"
#include "src/cli/test_command.h"

namespace tocsin::cli {
namespace {

ExitCode Print(std::string_view text) {
  const std::unique_ptr<Output> output = Output::Standard();
  output->buffer() = text;
  return output->Close().ok() ? kExitFine : kExitInput;
}

ExitCode Refuse(const absl::Status& status) {
  Tell(absl::StrCat("tocsin: ", Visible(base::FromAbsl(status.message())),
                    "\n"));
  return kExitBadArguments;
}

ExitCode HelpCommand(const Arguments& arguments) {
  if (arguments.operands().empty()) return Print(GeneralHelp());
  const absl::StatusOr<std::string> help =
      CommandHelp(arguments.operands().front());
  return help.ok() ? Print(*help) : Refuse(help.status());
}

ExitCode Main(const std::vector<std::string>& words) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) return Refuse(arguments.status());
  const std::string_view name = arguments->command().name;
  if (name == "run") return RunCommand(*arguments);
  if (name == "check") return CheckCommand(*arguments);
  if (name == "bench") return BenchCommand(*arguments);
  if (name == "fmt") return FmtCommand(*arguments);
  if (name == "explain") return ExplainCommand(*arguments);
  if (name == "test") return TestCommand(*arguments);
  if (name == "schema") return SchemaCommand(*arguments);
  if (name == "help") return HelpCommand(*arguments);
  return Print("tocsin " TOCSIN_VERSION "\n");
}

}  // namespace
}  // namespace tocsin::cli

int main(int argc, char** argv) {
  return tocsin::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
