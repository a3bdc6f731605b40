// Sigma rules inside of rules.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {

using text::Quoted;

// The text of the Sigma rule, where its lines have the numbers that its author
// sees. Null: it cannot be read.
std::shared_ptr<const text::Source> RuleCompiler::SigmaSource(
    const Source& source, const Module& module) const {
  const std::string& here = module.source().path();
  if (!source.from_file) {
    const auto line = static_cast<size_t>(module.line_of(source.name.span));
    return std::make_shared<const text::Source>(
        here, std::string(line - 1, '\n') + source.name.text);
  }
  const std::string path = PathFrom(here, source.name.text);
  const TocOptions& options = compiler_.options_;
  std::optional<std::string> text =
      options.read_file ? options.read_file(path) : std::nullopt;
  if (!text) return nullptr;
  return std::make_shared<const text::Source>(path, *std::move(text));
}

bool RuleCompiler::ResolveSigma(const Source& source, Module* module,
                                ResolvedSource* resolved) {
  text::Reporter reporter = reporter_.ForSource(module->source());
  const auto refuse = [&](std::string_view code, std::string message,
                          std::string help) {
    reporter.Error(code, module->source().RangeOf(source.span),
                   std::move(message), std::move(help));
    ++errors_;
    return false;
  };
  if (!compiler_.options_.compile_sigma) {
    return refuse("T346", "Sigma rules are not read here",
                  "load the Sigma rule beside this one and name it: `rule "
                  "\"its id or title\"`");
  }
  const std::shared_ptr<const text::Source> text = SigmaSource(source, *module);
  if (text == nullptr) {
    return refuse("T338",
                  "the Sigma rule cannot be read: " + Quoted(source.name.text),
                  "paths are relative to the file that names them");
  }
  Diagnostics problems;
  const std::vector<ir::Rule> rules =
      compiler_.options_.compile_sigma(text, &problems);
  const bool is_broken = std::any_of(
      problems.begin(), problems.end(),
      [](const Diagnostic& d) { return d.severity == Severity::kError; });
  for (Diagnostic& problem : problems) {
    compiler_.rule_problems_.push_back(std::move(problem));
  }
  if (is_broken) {
    ++errors_;
    return false;
  }
  if (rules.size() != 1) {
    return refuse("T338",
                  absl::StrCat("expected one Sigma rule over single events, "
                               "found ",
                               rules.empty() ? "none" : "more"),
                  "load the others beside this one and name them: `rule "
                  "\"id or title\"`");
  }
  resolved->log_source = rules[0].info.log_source;
  Narrow(rules[0].condition, resolved);
  return true;
}

}  // namespace tocsin::toc
