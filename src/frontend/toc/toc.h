// The front end of Tocsin's own rule language: sources in, IR out.

#ifndef TOCSIN_SRC_FRONTEND_TOC_TOC_H_
#define TOCSIN_SRC_FRONTEND_TOC_TOC_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/ir/correlation.h"
#include "src/text/reporter.h"
#include "src/text/source.h"
#include "tocsin/diagnostic.h"

namespace tocsin::toc {

// What became of a query that stands in a rule.
struct InlineQuery {
  ir::Expr condition;                   // Of one event;
  std::optional<uint32_t> correlation;  // of several, into RuleList.
};

inline constexpr std::string_view kExampleMark = "tocsin.example.as";

struct TocOptions {
  // Words of log sources: which of them `product/word` means.
  std::span<const std::string_view> categories;
  std::span<const std::string_view> services;

  // Reads a file that an import or a list names; its path is relative to that
  // of the file that names it. nullopt: it cannot be read. Null: none can.
  std::function<std::optional<std::string>(const std::string& path)> read_file;

  // Compiles a Sigma rule that stands in a rule, or in a file that one names.
  // What is wrong is told in the diagnostics. Null: none can be.
  std::function<std::vector<ir::Rule>(
      const std::shared_ptr<const text::Source>&, Diagnostics*)>
      compile_sigma;

  // Compiles a query of another language that stands in a rule: the bytes
  // `span` of `text`, which is blank before them. Of a sequence the steps and
  // a correlation are added to the list. nullopt: an error was told. Null: none
  // can be.
  using CompileQuery = std::function<std::optional<InlineQuery>(
      const text::Source& text, text::Span span, const RuleInfo& info,
      text::Reporter*, ir::RuleList*)>;
  CompileQuery compile_eql;
  CompileQuery compile_kql;

  // For tests of rules: where a step takes what a rule or a query finds, it
  // takes events, too, whose field kExampleMark is the ExampleMark of its
  // source.
  bool take_examples = false;
};

// Where a rule of the list came from.
struct TocRule {
  std::shared_ptr<const text::Source> source;
  bool is_correlation = false;
  uint32_t index = 0;  // Into RuleList::rules or ::correlations.
};

struct TocResult {
  std::vector<TocRule> rules;  // Those that are loaded, in order.
  int documents = 0;  // Rules, detectors, and other items that are broken.
  int detectors = 0;  // That are loaded.
};

// The names by which rules of `sources` speak of others (`rule "x"`).
std::vector<std::string> NamedRules(
    const std::vector<std::shared_ptr<const text::Source>>& sources);

// Checks and lowers all rules of `sources` and adds them to `list`, which has
// the rules of other formats, that steps may name. Every item that is not
// loaded has an error in `diagnostics`.
TocResult CompileToc(
    const std::vector<std::shared_ptr<const text::Source>>& sources,
    const TocOptions& options, ir::RuleList* list, Diagnostics* diagnostics);

}  // namespace tocsin::toc

#endif  // TOCSIN_SRC_FRONTEND_TOC_TOC_H_
