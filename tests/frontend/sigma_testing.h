// Helpers of the tests of pipelines and filters: texts in, printed IR and
// diagnostics out.

#ifndef TOCSIN_TESTS_FRONTEND_SIGMA_TESTING_H_
#define TOCSIN_TESTS_FRONTEND_SIGMA_TESTING_H_

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/sigma/sigma.h"
#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::sigma::testing {

struct Compiled {
  SigmaResult result;
  Diagnostics diagnostics;

  // The printed conditions of all rules.
  std::string conditions() const {
    std::string text;
    for (const ir::Rule& rule : result.rules) text += Print(rule.condition);
    return text;
  }

  // One line for each diagnostic: "T061 pipeline.yml:3:11 message (help)".
  // Leaves out T078, which follows every error of a pipeline.
  std::string problems() const {
    std::string text;
    for (const Diagnostic& d : diagnostics) {
      if (d.code == "T078") continue;
      text += d.code + ' ' + d.path + ':' + std::to_string(d.line) + ':' +
              std::to_string(d.column) + ' ' + d.message;
      if (!d.help.empty()) text += " (" + d.help + ")";
      text += '\n';
    }
    return text;
  }
};

inline std::vector<std::shared_ptr<const text::Source>> Sources(
    std::string_view name, const std::vector<std::string>& texts) {
  std::vector<std::shared_ptr<const text::Source>> sources;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string number = i == 0 ? "" : std::to_string(i + 1);
    sources.push_back(std::make_shared<text::Source>(
        std::string(name) + number + ".yml", texts[i]));
  }
  return sources;
}

// Files are called rule.yml, rule2.yml, ..., pipeline.yml, pipeline2.yml, ...
inline Compiled Compile(const std::vector<std::string>& rules,
                        const std::vector<std::string>& pipelines = {}) {
  Compiled compiled;
  compiled.result =
      CompileSigma(Sources("rule", rules), Sources("pipeline", pipelines),
                   &compiled.diagnostics);
  return compiled;
}

// `text` with `spaces` before each line.
inline std::string Indent(int spaces, std::string_view text) {
  std::string indented;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    indented.append(spaces, ' ');
    indented += text.substr(0, end);
    text.remove_prefix(end);
  }
  if (!indented.empty() && indented.back() != '\n') indented += '\n';
  return indented;
}

// A whole rule around its detection.
inline std::string RuleOf(std::string_view detection, int number = 1) {
  return "title: A rule\n"
         "id: 00000000-0000-4000-8000-00000000000" +
         std::to_string(number) + "\nname: rule_" + std::to_string(number) +
         "\nstatus: test\n"
         "date: 2026-01-10\n"
         "tags: [attack.t1059]\n"
         "level: medium\n"
         "fields: [Image, User]\n"
         "logsource: {product: windows, category: process_creation}\n"
         "detection:\n" +
         Indent(2, detection);
}

// A whole pipeline around one transformation, written from column 0.
inline std::string PipelineOf(std::string_view transformation) {
  return "name: p\ntransformations:\n  -\n" + Indent(4, transformation);
}

}  // namespace tocsin::sigma::testing

#endif  // TOCSIN_TESTS_FRONTEND_SIGMA_TESTING_H_
