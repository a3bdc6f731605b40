// Arguments of the tocsin program. One table says which commands and options
// there are; the parser, the help texts and docs/cli.md are made from it.

#ifndef TOCSIN_SRC_CLI_OPTIONS_H_
#define TOCSIN_SRC_CLI_OPTIONS_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tocsin::cli {

enum ExitCode {
  kExitFine = 0,
  kExitFindings = 1,
  kExitBadRule = 2,
  kExitBadArguments = 3,
  kExitInput = 4,
  kExitInterrupted = 130,
};

struct OptionSpec {
  std::string_view name = {};   // "--rules".
  std::string_view brief = {};  // "-r"; "" for none.
  std::string_view value = {};  // Stands for its value: "PATH"; "": a flag.
  std::string_view help = {};
  bool repeats = false;
  // The words it takes, separated by "|"; "": any text.
  std::string_view words = {};
};

struct CommandSpec {
  std::string_view name;
  std::string_view operands;  // "[FILE...]".
  std::string_view summary;
  std::string_view details;
  std::span<const OptionSpec> options;
};

std::span<const CommandSpec> Commands();

struct ExitCodeSpec {
  ExitCode code;
  std::string_view meaning;
};

// In order of precedence: where two apply, the earlier one is the program's.
std::span<const ExitCodeSpec> ExitCodes();

// One command line, taken apart and checked against the table.
class Arguments {
 public:
  const CommandSpec& command() const { return *command_; }
  const std::vector<std::string>& operands() const { return operands_; }

  bool Has(std::string_view option) const;
  // The last value given; `otherwise` if there is none.
  std::string Get(std::string_view option, std::string_view otherwise) const;
  std::vector<std::string> GetAll(std::string_view option) const;

 private:
  friend absl::StatusOr<Arguments> ParseArguments(
      std::span<const std::string> arguments);

  const CommandSpec* command_ = nullptr;
  std::vector<std::pair<const OptionSpec*, std::string>> options_;
  std::vector<std::string> operands_;
};

// `arguments` without the program's name. An error's message is ready to be
// shown: what is wrong, and what was probably meant.
absl::StatusOr<Arguments> ParseArguments(
    std::span<const std::string> arguments);

// What `tocsin help` and `tocsin help COMMAND` print. An unknown command is
// InvalidArgument, as in ParseArguments.
std::string GeneralHelp();
absl::StatusOr<std::string> CommandHelp(std::string_view command);

// The reference part of docs/cli.md.
std::string ReferenceMarkdown();

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_OPTIONS_H_
