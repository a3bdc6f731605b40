// Commands for authors of rules: fmt, explain, schema.

#ifndef TOCSIN_SRC_CLI_AUTHOR_COMMANDS_H_
#define TOCSIN_SRC_CLI_AUTHOR_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/cli/options.h"

namespace tocsin::cli {

ExitCode FmtCommand(const Arguments& arguments);
ExitCode ExplainCommand(const Arguments& arguments);
ExitCode SchemaCommand(const Arguments& arguments);

// All .toc files that `operands` name, in byte order below folders; "-" is
// itself.
absl::StatusOr<std::vector<std::string>> TocFiles(
    const std::vector<std::string>& operands);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_AUTHOR_COMMANDS_H_
