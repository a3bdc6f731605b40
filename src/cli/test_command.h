// tocsin test: runs the examples of rules.

#ifndef TOCSIN_SRC_CLI_TEST_COMMAND_H_
#define TOCSIN_SRC_CLI_TEST_COMMAND_H_

#include <string>

#include "src/cli/options.h"
#include "tocsin/authoring.h"

namespace tocsin::cli {

ExitCode TestCommand(const Arguments& arguments);

// The results in the XML that JUnit made common: a suite for each rule.
std::string ToJunit(const TestedRules& tested);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_TEST_COMMAND_H_
