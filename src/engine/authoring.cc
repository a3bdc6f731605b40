#include "tocsin/authoring.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "src/engine/inline_queries.h"
#include "src/frontend/kql/kql.h"
#include "src/frontend/sigma/sigma.h"
#include "src/frontend/toc/explain.h"
#include "src/frontend/toc/format.h"
#include "src/frontend/toc/grammar.h"
#include "src/frontend/toc/parse.h"
#include "src/frontend/toc/toc.h"
#include "src/logsource/classifier.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin {

FormattedRules FormatRules(std::string_view text, std::string_view path,
                           const FormatRulesOptions& options) {
  FormattedRules result;
  const text::Source source{std::string(path), std::string(text)};
  text::Reporter reporter(source, &result.diagnostics);
  const toc::File file = toc::Parse(source, &reporter);
  // Clauses of detectors that nothing runs yet are left alone, as these are.
  const auto stops = [&](const Diagnostic& d) {
    return d.severity == Severity::kError && d.code != "T346" &&
           !(options.fix && toc::IsMechanical(d.code));
  };
  const bool told_all = reporter.errors() <= text::Reporter::kMaxDiagnostics;
  result.ok = told_all && std::none_of(result.diagnostics.begin(),
                                       result.diagnostics.end(), stops);
  result.text = result.ok ? toc::Format(file, source, {.sort = options.sort})
                          : std::string(text);
  return result;
}

ExplainedRules ExplainRules(const std::vector<RuleText>& files,
                            std::string_view name) {
  ExplainedRules result;
  std::vector<std::shared_ptr<const text::Source>> sources;
  for (const RuleText& file : files) {
    auto source = std::make_shared<const text::Source>(file.path, file.text);
    if (!file.path.ends_with(".kql")) {
      sources.push_back(std::move(source));
      continue;
    }
    const bool wanted =
        name.empty() || name == std::filesystem::path(file.path).stem();
    const std::string text =
        kql::Explain(*source, kql::FieldTypes::Ecs(), &result.diagnostics);
    if (text.empty() || !wanted) continue;
    if (result.rules++ > 0) result.text += '\n';
    result.text += text;
  }
  toc::TocOptions options;
  options.categories = logsource::BuiltinVocabulary().categories;
  options.services = logsource::BuiltinVocabulary().services;
  options.read_file =
      [](const std::string& path) -> std::optional<std::string> {
    std::ifstream file(path, std::ios::binary);
    if (!file.good() || std::filesystem::is_directory(path)) {
      return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  options.compile_sigma = [](const std::shared_ptr<const text::Source>& source,
                             Diagnostics* diagnostics) {
    return sigma::CompileSigma({source}, {}, diagnostics).rules;
  };
  engine::TakeInlineQueries(&options);
  ir::RuleList list;
  const toc::TocResult compiled =
      toc::CompileToc(sources, options, &list, &result.diagnostics);
  for (const toc::TocRule& rule : compiled.rules) {
    const RuleInfo& info = rule.is_correlation
                               ? list.correlations[rule.index].info
                               : list.rules[rule.index].info;
    const bool wanted = name.empty() || name == info.name || name == info.id ||
                        name == info.title;
    if (!wanted) continue;
    if (result.rules++ > 0) result.text += '\n';
    result.text += toc::Explain(list, rule);
  }
  return result;
}

std::string RuleLanguageGrammar() { return toc::TextMateGrammar(); }

}  // namespace tocsin
