// `tocsin bench`: how fast rules meet events, and which rules take the time.

#ifndef TOCSIN_SRC_CLI_BENCH_COMMAND_H_
#define TOCSIN_SRC_CLI_BENCH_COMMAND_H_

#include "src/cli/options.h"

namespace tocsin::cli {

ExitCode BenchCommand(const Arguments& arguments);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_BENCH_COMMAND_H_
