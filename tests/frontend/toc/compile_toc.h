// Helper of the tests of the rule language: texts in, printed IR and messages
// out.

#ifndef TOCSIN_TESTS_FRONTEND_TOC_COMPILE_TOC_H_
#define TOCSIN_TESTS_FRONTEND_TOC_COMPILE_TOC_H_

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "src/engine/inline_queries.h"
#include "src/frontend/sigma/sigma.h"
#include "src/frontend/toc/toc.h"
#include "src/logsource/classifier.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::toc::testing {

struct Compiled {
  TocResult result;
  ir::RuleList list;
  Diagnostics diagnostics;

  std::string Messages() const {
    std::string text;
    for (const Diagnostic& d : diagnostics) text += RenderDiagnostic(d);
    return text;
  }

  // Rules, then correlations, with a line of their names before each.
  std::string Ir() const {
    std::string text;
    for (size_t i = 0; i < list.rules.size(); ++i) {
      text += "rule " + std::to_string(i) + " " + list.rules[i].info.name +
              "\n" + Print(list.rules[i]) + "\n";
    }
    for (const ir::Correlation& correlation : list.correlations) {
      text += "correlation " + correlation.info.name + "\n" +
              Print(correlation) + "\n";
    }
    return text;
  }

  std::string Faults() const {
    std::string text;
    for (const ir::Rule& rule : list.rules) text += Verify(rule);
    for (size_t i = 0; i < list.correlations.size(); ++i) {
      text += ir::Verify(list, i);
    }
    return text;
  }
};

// The files that lists and imports of tests can name.
inline std::optional<std::string> ReadTestFile(const std::string& path) {
  if (path == "dump.yml") {
    return "title: Dump\nlogsource: {product: windows, category: "
           "process_creation}\ndetection:\n  s: {Image|endswith: "
           "'\\dump.exe'}\n  condition: s\n";
  }
  if (path == "lists/partners.txt") {
    return "# partners\npartner.example\n\nOther.Example\n";
  }
  if (path == "feeds/ioc.csv") {
    return "ip,port,feed,valid_until\n"
           "198.51.100.7,443,\"first, and best\",2027-01-01\n"
           "2001:db8::7,8443,second,\n";
  }
  if (path == "shared.toc") {
    return "list admins = (\"root\", \"kim\")\n"
           "define is_admin(u) = u in admins\n"
           "failed = authentication where event.outcome == \"failure\"\n";
  }
  return std::nullopt;
}

inline Compiled Compile(const std::vector<std::string>& texts,
                        std::string_view name = "rule.toc",
                        ir::RuleList others = {}) {
  Compiled compiled;
  compiled.list = std::move(others);
  std::vector<std::shared_ptr<const text::Source>> sources;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string path(name);
    if (i > 0) path.insert(path.rfind('.'), std::to_string(i + 1));
    sources.push_back(std::make_shared<const text::Source>(path, texts[i]));
  }
  TocOptions options;
  options.categories = logsource::BuiltinVocabulary().categories;
  options.services = logsource::BuiltinVocabulary().services;
  options.read_file = ReadTestFile;
  options.compile_sigma = [](const std::shared_ptr<const text::Source>& source,
                             Diagnostics* diagnostics) {
    return sigma::CompileSigma({source}, {}, diagnostics).rules;
  };
  engine::TakeInlineQueries(&options);
  compiled.result =
      CompileToc(sources, options, &compiled.list, &compiled.diagnostics);
  std::stable_sort(compiled.diagnostics.begin(), compiled.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::make_tuple(a.path, a.line, a.column) <
                            std::make_tuple(b.path, b.line, b.column);
                   });
  return compiled;
}

}  // namespace tocsin::toc::testing

#endif  // TOCSIN_TESTS_FRONTEND_TOC_COMPILE_TOC_H_
