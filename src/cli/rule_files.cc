#include "src/cli/rule_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/cli/input_files.h"
#include "src/cli/output.h"
#include "src/cli/terminal.h"

namespace tocsin::cli {
namespace {

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const int64_t limit = CompilerOptions().max_file_bytes;
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenInput(path);
  if (!source.ok()) return source.status();
  std::string text;
  char buffer[1 << 14];
  while (true) {
    const absl::StatusOr<size_t> n = (*source)->Read(buffer, sizeof(buffer));
    if (!n.ok()) return n.status();
    if (*n == 0) return text;
    text.append(buffer, *n);
    if (static_cast<int64_t>(text.size()) > limit) {
      return absl::ResourceExhaustedError(absl::StrCat(InputName(path),
                                                       ": longer than ", limit,
                                                       " bytes, the limit for "
                                                       "rule files"));
    }
  }
}

}  // namespace

absl::Status AddRuleFiles(const std::vector<std::string>& rules,
                          const std::vector<std::string>& pipelines,
                          const std::vector<std::string>& field_tables,
                          Compiler* compiler) {
  for (const std::string& path : rules) {
    if (path == "-") {
      absl::StatusOr<std::string> text = ReadWhole(path);
      if (!text.ok()) return text.status();
      compiler->AddText(*text, InputName(path));
      continue;
    }
    const absl::Status added = compiler->AddPath(path);
    if (added.ok()) continue;
    // Of several folders, as a shell's pattern names them, one may be empty.
    std::error_code error;
    if (!absl::IsNotFound(added) ||
        !std::filesystem::is_directory(path, error)) {
      return added;
    }
    Tell(absl::StrCat("tocsin: ", Visible(base::FromAbsl(added.message())),
                      "\n"));
  }
  for (const std::string& path : pipelines) {
    if (absl::Status added = compiler->AddPipelinePath(path); !added.ok()) {
      return added;
    }
  }
  for (const std::string& path : field_tables) {
    if (absl::Status added = compiler->AddFieldsPath(path); !added.ok()) {
      return added;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadRuleText(const std::string& path) {
  return ReadWhole(path);
}

bool HasErrors(const CompileResult& compiled) {
  return !compiled.ok() ||
         std::any_of(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                     [](const Diagnostic& d) {
                       return d.severity == Severity::kError;
                     });
}

}  // namespace tocsin::cli
