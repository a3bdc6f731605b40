#include "src/frontend/sigma/sigma.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/string_map.h"
#include "src/frontend/sigma/ast.h"
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

// Problems of one file, after which the rest of it is not read: a file of noise
// must not turn into gigabytes of messages.
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

class SigmaCompiler {
 public:
  explicit SigmaCompiler(Diagnostics* diagnostics)
      : diagnostics_(diagnostics) {}

  void ReadPipeline(const SourcePtr& source) {
    int found = 0;
    for (const text::YamlDocument& yaml :
         text::ParseYaml(*source, diagnostics_, &found)) {
      text::Reporter reporter(*source, diagnostics_);
      pipelines_.Add(yaml, source, &reporter);
    }
  }

  void ReadRules(const SourcePtr& source) {
    const size_t diagnostics_before = diagnostics_->size();
    int found = 0;
    std::vector<text::YamlDocument> documents =
        text::ParseYaml(*source, diagnostics_, &found);
    text::Reporter file_reporter(*source, diagnostics_);
    found -= ResolveActions(&documents, &file_reporter);
    result_.documents += found;
    if (found == 0 && documents.empty()) {
      file_reporter.Warning("T006", {}, "the file holds no document");
    }
    for (const text::YamlDocument& yaml : documents) {
      if (diagnostics_->size() - diagnostics_before > kMaxDiagnosticsOfFile) {
        file_reporter.Error("T005", yaml.root.range,
                            "more than " +
                                std::to_string(kMaxDiagnosticsOfFile) +
                                " problems in this file; the rest of it is "
                                "not read");
        break;
      }
      ReadDocument(yaml, source);
    }
  }

  SigmaResult Compile() {
    // Filters come first: pipelines then rename the fields of what they added.
    DropUnresolvedFilters();
    result_.filters_loaded = ApplyFilters(filters_, &rules_, diagnostics_);
    result_.rules.reserve(rules_.size());
    for (Document& rule : rules_) {
      text::Reporter reporter(*rule.source, diagnostics_);
      reporter.set_rule(rule.info.id, rule.info.title);
      if (!pipelines_.Apply(&rule, &reporter)) continue;
      std::optional<ir::Rule> lowered = Lower(rule, &reporter);
      if (lowered) result_.rules.push_back(*std::move(lowered));
      rule = Document();  // Done with: large sets are not held twice.
    }
    return std::move(result_);
  }

 private:
  void ReadDocument(const text::YamlDocument& yaml, const SourcePtr& source) {
    text::Reporter reporter(*source, diagnostics_);
    std::optional<Document> document = ParseDocument(yaml, source, &reporter);
    if (!document) return;
    WarnOfRepetition(*document, &reporter);
    switch (document->kind) {
      case Document::kRule:
        WarnOfTaxonomy(*document, yaml, &reporter);
        rules_.push_back(*std::move(document));
        break;
      case Document::kFilter:
        filters_.push_back(*std::move(document));
        break;
      case Document::kCorrelation:
        reporter.Error("T011", document->range,
                       "correlation rules are not supported yet",
                       "the rules it names are loaded and alert on their own");
        break;
    }
  }

  // Both are kept: a copied id must not cost a detection.
  void WarnOfRepetition(const Document& document, text::Reporter* reporter) {
    const std::string place =
        document.info.path + ":" + std::to_string(document.info.line);
    for (const auto& [what, value] : {std::pair("id", &document.info.id),
                                      std::pair("name", &document.info.name)}) {
      if (value->empty()) continue;
      const auto [first, is_new] =
          places_.try_emplace(std::string(what) + ' ' + *value, place);
      if (is_new) continue;
      reporter->Warning("T013", document.range,
                        std::string(what) + " " + Quoted(*value) +
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
             !Lower(resolved, &reporter);
    };
    filters_.erase(std::remove_if(filters_.begin(), filters_.end(), unresolved),
                   filters_.end());
  }

  Diagnostics* diagnostics_;
  SigmaResult result_;
  PipelineSet pipelines_;
  std::vector<Document> rules_;
  std::vector<Document> filters_;
  base::StringMap<std::string> places_;  // Of ids and names.
};

}  // namespace

SigmaResult CompileSigma(const std::vector<SourcePtr>& rules,
                         const std::vector<SourcePtr>& pipelines,
                         Diagnostics* diagnostics) {
  SigmaCompiler compiler(diagnostics);
  for (const SourcePtr& source : pipelines) compiler.ReadPipeline(source);
  for (const SourcePtr& source : rules) compiler.ReadRules(source);
  return compiler.Compile();
}

}  // namespace tocsin::sigma
