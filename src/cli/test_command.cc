#include "src/cli/test_command.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/base/utf8.h"
#include "src/cli/author_commands.h"
#include "src/cli/input_files.h"
#include "src/cli/output.h"
#include "src/cli/rule_files.h"
#include "src/cli/terminal.h"

namespace tocsin::cli {
namespace {

struct Counts {
  int passed = 0;
  int failed = 0;
  int not_run = 0;
};

Counts Count(const std::vector<ExampleResult>& examples) {
  Counts counts;
  for (const ExampleResult& example : examples) {
    switch (example.outcome) {
      case ExampleResult::kPassed:
        ++counts.passed;
        break;
      case ExampleResult::kFailed:
        ++counts.failed;
        break;
      case ExampleResult::kNotRun:
        ++counts.not_run;
        break;
    }
  }
  return counts;
}

// For an attribute in double quotes. XML has no way to write most controls.
std::string ToXml(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    text.remove_prefix(static_cast<size_t>(c.length));
    switch (c.value) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default: {
        const bool allowed = c.value >= 0x20 && c.value != 0x7F &&
                             c.value != 0xFFFE && c.value != 0xFFFF;
        base::AppendUtf8(allowed ? c.value : U' ', &out);
      }
    }
  }
  return out;
}

}  // namespace

std::string ToJunit(const TestedRules& tested) {
  const std::vector<ExampleResult>& all = tested.examples;
  const Counts counts = Count(all);
  std::string out = absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"",
      all.size(), "\" failures=\"", counts.failed, "\" skipped=\"",
      counts.not_run, "\">\n");
  for (size_t begin = 0; begin < all.size();) {
    size_t end = begin;
    while (end < all.size() && all[end].rule == all[begin].rule &&
           all[end].path == all[begin].path) {
      ++end;
    }
    const std::vector<ExampleResult> suite(
        all.begin() + static_cast<std::ptrdiff_t>(begin),
        all.begin() + static_cast<std::ptrdiff_t>(end));
    const Counts of_suite = Count(suite);
    absl::StrAppend(&out, "  <testsuite name=\"", ToXml(suite[0].rule),
                    "\" tests=\"", suite.size(), "\" failures=\"",
                    of_suite.failed, "\" skipped=\"", of_suite.not_run,
                    "\">\n");
    for (const ExampleResult& example : suite) {
      absl::StrAppend(&out, "    <testcase classname=\"", ToXml(example.rule),
                      "\" name=\"", ToXml(example.example), "\" file=\"",
                      ToXml(example.path), "\" line=\"", example.line, "\"");
      if (example.outcome == ExampleResult::kPassed) {
        out += "/>\n";
        continue;
      }
      const bool failed = example.outcome == ExampleResult::kFailed;
      absl::StrAppend(&out, ">\n      <", failed ? "failure" : "skipped",
                      " message=\"", ToXml(example.path), ":",
                      example.problem_line, ": ", ToXml(example.problem),
                      "\"/>\n    </testcase>\n");
    }
    out += "  </testsuite>\n";
    begin = end;
  }
  return out + "</testsuites>\n";
}

ExitCode TestCommand(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    Tell("tocsin test: no files; name a .toc file or a folder\n");
    return kExitBadArguments;
  }
  const auto complain = [](const absl::Status& status) {
    Tell(absl::StrCat(
        "tocsin test: ", Visible(base::FromAbsl(status.message())), "\n"));
  };
  const absl::StatusOr<std::vector<std::string>> files =
      TocFiles(arguments.operands());
  if (!files.ok()) {
    complain(files.status());
    return kExitBadArguments;
  }
  std::vector<RuleText> texts;
  for (const std::string& path : *files) {
    absl::StatusOr<std::string> text = ReadRuleText(path);
    if (!text.ok()) {
      complain(text.status());
      return kExitInput;
    }
    texts.push_back({InputName(path), *std::move(text)});
  }
  const TestedRules tested = TestRules(texts);
  bool bad_rule = false;
  for (const Diagnostic& diagnostic : tested.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    bad_rule = true;
    Tell(VisibleLines(RenderDiagnostic(diagnostic)));
  }
  const std::string junit = arguments.Get("--junit", "");
  if (!junit.empty()) {
    absl::StatusOr<std::unique_ptr<Output>> output = Output::Create(junit);
    if (!output.ok()) {
      complain(output.status());
      return kExitBadArguments;
    }
    (*output)->buffer() = ToJunit(tested);
    if (const absl::Status closed = (*output)->Close(); !closed.ok()) {
      complain(closed);
      return kExitInput;
    }
  }
  const std::unique_ptr<Output> output = Output::Standard();
  constexpr const char* kWords[] = {"passed  ", "FAILED  ", "not run "};
  for (const ExampleResult& example : tested.examples) {
    absl::StrAppend(&output->buffer(), kWords[example.outcome],
                    Visible(example.rule), ": ", Visible(example.example),
                    "\n");
    if (example.outcome == ExampleResult::kPassed) continue;
    absl::StrAppend(&output->buffer(), "        ", Visible(example.path), ":",
                    example.problem_line, ": ", Visible(example.problem), "\n");
  }
  const Counts counts = Count(tested.examples);
  absl::StrAppend(&output->buffer(), "examples: ", counts.passed, " passed, ",
                  counts.failed, " failed, ", counts.not_run, " not run\n");
  if (!output->Close().ok()) return kExitInput;
  if (counts.failed > 0) return kExitFindings;
  return bad_rule ? kExitBadRule : kExitFine;
}

}  // namespace tocsin::cli
