// Taking rule files, pipelines and tables of fields into a compiler.

#ifndef TOCSIN_SRC_CLI_RULE_FILES_H_
#define TOCSIN_SRC_CLI_RULE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tocsin/compiler.h"

namespace tocsin::cli {

// Adds all paths; "-" in `rules` is standard input. The first that is not
// there is the error. A folder without rules is only said to be one.
absl::Status AddRuleFiles(const std::vector<std::string>& rules,
                          const std::vector<std::string>& pipelines,
                          const std::vector<std::string>& field_tables,
                          Compiler* compiler);

// The text of one rule file; "-" is standard input.
absl::StatusOr<std::string> ReadRuleText(const std::string& path);

// Whether something was refused: a document, or a pipeline as a whole.
bool HasErrors(const CompileResult& compiled);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_RULE_FILES_H_
