// `tocsin run`: rules meet events.

#ifndef TOCSIN_SRC_CLI_RUN_COMMAND_H_
#define TOCSIN_SRC_CLI_RUN_COMMAND_H_

#include "src/cli/options.h"

namespace tocsin::cli {

ExitCode RunCommand(const Arguments& arguments);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_RUN_COMMAND_H_
