#include "src/frontend/sigma/sigma.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/string_map.h"
#include "src/frontend/sigma/ast.h"
#include "src/frontend/sigma/budget.h"
#include "src/frontend/sigma/collection.h"
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
    for (size_t i = 0; i < rules_.size(); ++i) {
      // Moved away, so that large sets are not held twice.
      CompileRule(std::move(rules_[i]), &files_[file_of_rule_[i]]);
    }
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
          reporter.Error("T011", document->range,
                         "correlation rules are not supported yet",
                         "the rules it names are loaded and alert on their "
                         "own");
          break;
      }
    }
    Tell(std::move(problems), file);
  }

  void CompileRule(Document rule, File* file) {
    Diagnostics problems;
    const SourcePtr source = rule.source;
    text::Reporter reporter(*source, &problems);
    reporter.set_rule(rule.info.id, rule.info.title);
    if (pipelines_.Apply(&rule, &reporter)) {
      std::optional<ir::Rule> lowered =
          Lower(std::move(rule), &reporter, &file->budget);
      if (lowered && sink_) {
        sink_(*std::move(lowered), source);
      } else if (lowered) {
        result_.rules.push_back(*std::move(lowered));
      }
    }
    Tell(std::move(problems), file);
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
  std::vector<size_t> file_of_rule_;  // Parallel to rules_; into files_.
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
