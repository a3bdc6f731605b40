#include "src/frontend/sigma/sigma.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/string_map.h"
#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/budget.h"
#include "src/frontend/sigma/collection.h"
#include "src/frontend/sigma/correlation_set.h"
#include "src/frontend/sigma/filter.h"
#include "src/frontend/sigma/lower.h"
#include "src/frontend/sigma/parse.h"
#include "src/frontend/sigma/pipeline.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::sigma {
namespace {

using SourcePtr = std::shared_ptr<const text::Source>;
using text::Quoted;

// Problems of one file that are told in full; after that each document tells
// the first reason why it is not loaded. A file of noise must not turn into
// gigabytes of messages.
constexpr size_t kMaxDiagnosticsOfFile = 5'000;

bool HasPlaceholders(const Detection& detection) {
  for (const Selection& selection : detection.selections) {
    for (const std::vector<Item>& items : selection.alternatives) {
      for (const Item& item : items) {
        for (const Modifier& modifier : item.modifiers) {
          if (modifier.name == "expand") return true;
        }
      }
    }
  }
  return false;
}

// What is remembered of one rule file.
struct File {
  SourcePtr source;
  Budget budget;
  size_t diagnostics = 0;
};

class SigmaCompiler {
 public:
  SigmaCompiler(Diagnostics* diagnostics, const RuleSink& sink)
      : diagnostics_(diagnostics), sink_(sink) {}

  void ReadPipeline(const SourcePtr& source) {
    int found = 0;
    const std::vector<text::YamlDocument> documents =
        text::ParseYaml(*source, diagnostics_, &found);
    bool usable = static_cast<size_t>(found) == documents.size();
    text::Reporter reporter(*source, diagnostics_);
    for (const text::YamlDocument& yaml : documents) {
      usable = pipelines_.Add(yaml, source, &reporter) && usable;
    }
    if (usable) return;
    reporter.Error("T078", {},
                   "the pipeline cannot be used, so no rule is loaded",
                   "mend it, or load the rules without it");
    pipelines_usable_ = false;
  }

  void ReadRules(const SourcePtr& source) {
    File file{.source = source};
    int found = 0;
    Diagnostics problems;
    std::vector<text::YamlDocument> documents =
        text::ParseYaml(*source, &problems, &found);
    text::Reporter reporter(*source, &problems);
    found -= ResolveActions(&documents, &reporter);
    result_.documents += found;
    if (found == 0 && documents.empty()) {
      reporter.Warning("T032", {}, "the file holds no document");
    }
    file.diagnostics = problems.size();
    std::move(problems.begin(), problems.end(),
              std::back_inserter(*diagnostics_));
    for (text::YamlDocument& yaml : documents) {
      ReadDocument(yaml, &file);
      yaml = text::YamlDocument();  // Done with.
    }
    files_.push_back(std::move(file));
  }

  SigmaResult Compile() {
    // Without a pipeline that they need, rules would load and be silent.
    if (!pipelines_usable_) return std::move(result_);
    // Filters come first: pipelines then rename the fields of what they added.
    DropUnresolvedFilters();
    result_.filters_loaded = ApplyFilters(filters_, &rules_, diagnostics_);
    SettleCorrelations();
    for (size_t i = 0; i < rules_.size(); ++i) LoadRule(i);
    result_.correlations = correlations_.Take(rule_numbers_);
    return std::move(result_);
  }

 private:
  void ReadDocument(const text::YamlDocument& yaml, File* file) {
    Diagnostics problems;
    text::Reporter reporter(*file->source, &problems);
    std::optional<Document> document =
        ParseDocument(yaml, file->source, &reporter);
    if (document) {
      WarnOfRepetition(*document, yaml, &reporter);
      switch (document->kind) {
        case Document::kRule:
          WarnOfTaxonomy(*document, yaml, &reporter);
          rules_.push_back(*std::move(document));
          file_of_rule_.push_back(files_.size());
          break;
        case Document::kFilter:
          filters_.push_back(*std::move(document));
          break;
        case Document::kCorrelation:
          correlations_.Add(*std::move(document), files_.size());
          break;
      }
    }
    Tell(std::move(problems), file);
  }

  // Finds which correlations can be loaded. Rules that they count are lowered
  // first: one that cannot be loaded costs them, and without them what they
  // count alerts on its own.
  void SettleCorrelations() {
    lowered_.resize(rules_.size());
    rule_numbers_.resize(rules_.size());
    correlations_.Resolve(rules_, pipelines_);
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (!correlations_.Counts(i)) continue;
      lowered_[i] = LowerRule(i);
      if (!lowered_[i].has_value()) correlations_.Lose(i);
    }
    correlations_.Settle(rules_.size());
    correlations_.Report([this](Diagnostics problems, size_t file) {
      Tell(std::move(problems), &files_[file]);
    });
  }

  void LoadRule(size_t number) {
    const SourcePtr source = rules_[number].source;
    std::optional<ir::Rule> rule = correlations_.Counts(number)
                                       ? std::move(lowered_[number])
                                       : LowerRule(number);
    if (!rule.has_value()) return;
    rule->role = correlations_.RoleOf(number);
    rule_numbers_[number] = rules_loaded_++;
    if (sink_) {
      sink_(*std::move(rule), source);
    } else {
      result_.rules.push_back(*std::move(rule));
    }
  }

  // What the document holds is gone then, so that large sets are not held
  // twice.
  std::optional<ir::Rule> LowerRule(size_t number) {
    File* const file = &files_[file_of_rule_[number]];
    Document rule = std::move(rules_[number]);
    rules_[number].source = rule.source;
    Diagnostics problems;
    const SourcePtr source = rule.source;
    text::Reporter reporter(*source, &problems);
    reporter.set_rule(rule.info.id, rule.info.title);
    std::optional<ir::Rule> lowered;
    if (pipelines_.Apply(&rule, &reporter)) {
      lowered = Lower(std::move(rule), &reporter, &file->budget);
    }
    Tell(std::move(problems), file);
    return lowered;
  }

  // Hands the problems of one document on.
  void Tell(Diagnostics problems, File* file) {
    const bool all =
        file->diagnostics + problems.size() <= kMaxDiagnosticsOfFile;
    for (Diagnostic& problem : problems) {
      if (!all && problem.severity != Severity::kError) continue;
      ++file->diagnostics;
      diagnostics_->push_back(std::move(problem));
      if (!all) return;
    }
  }

  // Both are kept: a copied id must not cost a detection.
  void WarnOfRepetition(const Document& document,
                        const text::YamlDocument& yaml,
                        text::Reporter* reporter) {
    const std::string place =
        document.info.path + ":" + std::to_string(document.info.line);
    for (const auto& [key, value] : {std::pair("id", &document.info.id),
                                     std::pair("name", &document.info.name)}) {
      if (value->empty()) continue;
      const auto [first, is_new] =
          places_.try_emplace(std::string(key) + ' ' + *value, place);
      if (is_new) continue;
      // A document without id repeats another one as a whole.
      const text::YamlNode* const node = yaml.root.Find(key);
      reporter->Warning("T013", node ? node->range : document.range,
                        std::string(key) + " " + Quoted(*value) +
                            " is also that of " + first->second,
                        "give each document its own; both are loaded");
    }
  }

  void WarnOfTaxonomy(const Document& rule, const text::YamlDocument& yaml,
                      text::Reporter* reporter) {
    if (rule.taxonomy == "sigma" || !pipelines_.empty()) return;
    reporter->Warning("T030", yaml.root.Find("taxonomy")->range,
                      "taxonomy " + Quoted(rule.taxonomy) +
                          " is not `sigma`: its field names are used as they "
                          "are",
                      "load a processing pipeline that maps them");
  }

  // Drops filters with placeholders that no pipeline resolves: left in, they
  // would cost every rule they are for. What else is wrong with a filter,
  // ApplyFilters reports.
  void DropUnresolvedFilters() {
    const auto unresolved = [this](const Document& filter) {
      if (!HasPlaceholders(filter.detection)) return false;
      text::Reporter reporter(*filter.source, diagnostics_);
      reporter.set_rule(filter.info.id, filter.info.title);
      Document resolved = filter;
      return !pipelines_.Apply(&resolved, &reporter) ||
             !Lower(std::move(resolved), &reporter);
    };
    filters_.erase(std::remove_if(filters_.begin(), filters_.end(), unresolved),
                   filters_.end());
  }

  Diagnostics* diagnostics_;
  const RuleSink& sink_;
  SigmaResult result_;
  PipelineSet pipelines_;
  bool pipelines_usable_ = true;
  std::vector<File> files_;
  std::vector<Document> rules_;
  // Parallel to rules_: numbers of files_, what is lowered early, and the
  // numbers of loaded rules.
  std::vector<size_t> file_of_rule_;
  std::vector<std::optional<ir::Rule>> lowered_;
  std::vector<uint32_t> rule_numbers_;
  uint32_t rules_loaded_ = 0;
  CorrelationSet correlations_;
  std::vector<Document> filters_;
  base::StringMap<std::string> places_;  // Of ids and names.
};

}  // namespace

SigmaResult CompileSigma(const std::vector<SourcePtr>& rules,
                         const std::vector<SourcePtr>& pipelines,
                         Diagnostics* diagnostics, const RuleSink& sink) {
  SigmaCompiler compiler(diagnostics, sink);
  for (const SourcePtr& source : pipelines) compiler.ReadPipeline(source);
  for (const SourcePtr& source : rules) compiler.ReadRules(source);
  return compiler.Compile();
}

}  // namespace tocsin::sigma
