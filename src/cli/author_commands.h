// Commands for authors of rules: fmt, explain, schema.

#ifndef TOCSIN_SRC_CLI_AUTHOR_COMMANDS_H_
#define TOCSIN_SRC_CLI_AUTHOR_COMMANDS_H_

#include "src/cli/options.h"

namespace tocsin::cli {

ExitCode FmtCommand(const Arguments& arguments);
ExitCode ExplainCommand(const Arguments& arguments);
ExitCode SchemaCommand(const Arguments& arguments);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_AUTHOR_COMMANDS_H_
