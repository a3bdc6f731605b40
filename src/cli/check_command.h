// `tocsin check`: rules are compiled, and all that is wrong with them is shown.

#ifndef TOCSIN_SRC_CLI_CHECK_COMMAND_H_
#define TOCSIN_SRC_CLI_CHECK_COMMAND_H_

#include "src/cli/options.h"

namespace tocsin::cli {

ExitCode CheckCommand(const Arguments& arguments);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_CHECK_COMMAND_H_
