#include "src/cli/author_commands.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/cli/input_files.h"
#include "src/cli/output.h"
#include "src/cli/rule_files.h"
#include "src/cli/terminal.h"
#include "tocsin/authoring.h"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;

void Complain(std::string_view command, const absl::Status& status) {
  Tell(absl::StrCat("tocsin ", base::ToAbsl(command), ": ",
                    Visible(base::FromAbsl(status.message())), "\n"));
}

// Replaces the file in one step, so that nothing is lost on the way.
absl::Status Replace(const std::string& path, const std::string& text) {
  const std::string beside = path + ".tocsin-fmt";
  absl::StatusOr<std::unique_ptr<Output>> output = Output::Create(beside);
  if (!output.ok()) return output.status();
  (*output)->buffer() = text;
  absl::Status closed = (*output)->Close();
  std::error_code error;
  if (closed.ok()) {
    fs::permissions(beside, fs::status(path, error).permissions(), error);
    fs::rename(beside, path, error);
    if (!error) return closed;
    closed = absl::UnavailableError(path + ": " + error.message());
  }
  fs::remove(beside, error);
  return closed;
}

void TellAll(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    text += VisibleLines(RenderDiagnostic(diagnostic));
  }
  if (!text.empty()) Tell(text);
}

bool HasError(const Diagnostics& diagnostics) {
  return std::any_of(
      diagnostics.begin(), diagnostics.end(),
      [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TocFiles(
    const std::vector<std::string>& operands) {
  std::vector<std::string> files;
  for (const std::string& operand : operands) {
    std::error_code error;
    if (operand == "-" || !fs::is_directory(operand, error)) {
      if (operand != "-" && !fs::exists(operand, error)) {
        return absl::NotFoundError(operand + ": no such file or folder");
      }
      files.push_back(operand);
      continue;
    }
    std::vector<std::string> found;
    fs::recursive_directory_iterator it(operand, error);
    for (; !error && it != fs::recursive_directory_iterator();
         it.increment(error)) {
      std::error_code ignored;
      if (it->is_regular_file(ignored) && it->path().extension() == ".toc") {
        found.push_back(it->path().string());
      }
    }
    if (error) {
      return absl::UnavailableError(operand + ": " + error.message());
    }
    if (found.empty()) {
      return absl::NotFoundError(operand + ": no .toc file in this folder");
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

ExitCode FmtCommand(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    Tell("tocsin fmt: no files; name a .toc file or a folder\n");
    return kExitBadArguments;
  }
  const absl::StatusOr<std::vector<std::string>> files =
      TocFiles(arguments.operands());
  if (!files.ok()) {
    Complain("fmt", files.status());
    return kExitBadArguments;
  }
  const bool check = arguments.Has("--check");
  FormatRulesOptions options;
  options.fix = arguments.Has("--fix");
  options.sort = arguments.Has("--sort");
  const std::unique_ptr<Output> output = Output::Standard();
  bool bad = false;
  bool differs = false;
  for (const std::string& path : *files) {
    const absl::StatusOr<std::string> text = ReadRuleText(path);
    if (!text.ok()) {
      Complain("fmt", text.status());
      return kExitInput;
    }
    const FormattedRules laid = FormatRules(*text, InputName(path), options);
    if (!laid.ok) {
      TellAll(laid.diagnostics);
      bad = true;
      continue;
    }
    const bool changed = laid.text != *text;
    differs = differs || changed;
    if (check) {
      if (changed) {
        absl::StrAppend(&output->buffer(), Visible(InputName(path)), "\n");
      }
    } else if (path == "-") {
      output->buffer() += laid.text;
    } else if (changed) {
      if (const absl::Status written = Replace(path, laid.text);
          !written.ok()) {
        Complain("fmt", written);
        return kExitInput;
      }
      absl::StrAppend(&output->buffer(), Visible(path), "\n");
    }
  }
  if (!output->Close().ok()) return kExitInput;
  if (check && differs) return kExitFindings;
  return bad ? kExitBadRule : kExitFine;
}

ExitCode ExplainCommand(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    Tell("tocsin explain: no files; name a .toc file or a folder\n");
    return kExitBadArguments;
  }
  const absl::StatusOr<std::vector<std::string>> files =
      TocFiles(arguments.operands());
  if (!files.ok()) {
    Complain("explain", files.status());
    return kExitBadArguments;
  }
  std::vector<RuleText> texts;
  for (const std::string& path : *files) {
    absl::StatusOr<std::string> text = ReadRuleText(path);
    if (!text.ok()) {
      Complain("explain", text.status());
      return kExitInput;
    }
    texts.push_back({InputName(path), *std::move(text)});
  }
  const std::string name = arguments.Get("--rule", "");
  const ExplainedRules explained = ExplainRules(texts, name);
  TellAll(explained.diagnostics);
  if (explained.rules == 0 && !name.empty()) {
    Tell(absl::StrCat("tocsin explain: no rule is called `", Visible(name),
                      "`, or it is not loaded\n"));
    return kExitBadRule;
  }
  const std::unique_ptr<Output> output = Output::Standard();
  output->buffer() = VisibleLines(explained.text);
  if (!output->Close().ok()) return kExitInput;
  return HasError(explained.diagnostics) ? kExitBadRule : kExitFine;
}

ExitCode SchemaCommand(const Arguments&) {
  const std::unique_ptr<Output> output = Output::Standard();
  output->buffer() = RuleLanguageGrammar();
  return output->Close().ok() ? kExitFine : kExitInput;
}

}  // namespace tocsin::cli
