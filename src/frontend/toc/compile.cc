#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/toc/compiler.h"
#include "src/frontend/toc/parse.h"
#include "src/frontend/toc/toc.h"

namespace tocsin::toc {

using text::Quoted;

void Compiler::Add(const std::shared_ptr<const text::Source>& source) {
  modules_.emplace_back(source, diagnostics_);
  Module* const module = &modules_.back();
  module->Load(options_);
  roots_.push_back(module);
  by_path_.emplace(source->path(), module);
}

Module* Compiler::FindOrRead(const std::string& path) {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) return found->second;
  std::optional<std::string> text =
      options_.read_file ? options_.read_file(path) : std::nullopt;
  if (!text) return nullptr;
  modules_.emplace_back(
      std::make_shared<const text::Source>(path, *std::move(text)),
      diagnostics_);
  Module* const module = &modules_.back();
  by_path_.emplace(path, module);
  module->Load(options_);
  return module;
}

void Compiler::ResolveImports(Module* module, int depth) {
  for (Item& item : module->file().items) {
    const Import* const import = std::get_if<Import>(&item.what);
    if (import == nullptr || item.broken) continue;
    const std::string path =
        PathFrom(module->source().path(), import->path.text);
    const size_t before = modules_.size();
    constexpr int kMaxDepth = 20;
    Module* const other = depth < kMaxDepth ? FindOrRead(path) : nullptr;
    if (other == nullptr) {
      module->reporter().Error(
          "T338", module->source().RangeOf(import->path.span),
          "the imported file cannot be read: " + Quoted(path),
          "paths are relative to the file that imports");
      item.broken = true;
      continue;
    }
    if (modules_.size() > before) {
      ResolveImports(other, depth + 1);
      other->FinishMacros();
    }
    module->AddImport(import->as ? import->as->text : StemOf(import->path.text),
                      other);
  }
}

// Names come before ids and titles, earlier rules before later ones.
void Compiler::NameRules() {
  for (RuleEntry& entry : entries_) {
    rules_by_name_.try_emplace(entry.rule->name.text, &entry);
  }
  for (RuleEntry& entry : entries_) {
    for (const Clause& clause : entry.rule->clauses) {
      const bool named =
          clause.kind == Clause::kId || clause.kind == Clause::kTitle;
      if (!named) continue;
      rules_by_name_.try_emplace(std::get<Texts>(clause.what).texts[0].text,
                                 &entry);
    }
  }
}

RuleEntry* Compiler::FindRule(std::string_view name) {
  const auto found = rules_by_name_.find(name);
  return found == rules_by_name_.end() ? nullptr : found->second;
}

std::optional<uint32_t> Compiler::FindOther(std::string_view name) const {
  for (size_t i = 0; i < others_; ++i) {
    const RuleInfo& info = list_.rules[i].info;
    if (info.id == name || info.name == name || info.title == name) {
      return static_cast<uint32_t>(i);
    }
  }
  return std::nullopt;
}

std::optional<uint32_t> Compiler::FindOtherCorrelation(
    std::string_view name) const {
  for (size_t i = 0; i < other_correlations_; ++i) {
    const RuleInfo& info = list_.correlations[i].info;
    if (info.id == name || info.name == name || info.title == name) {
      return static_cast<uint32_t>(i);
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> Compiler::RuleNames() const {
  std::vector<std::string_view> names;
  for (const RuleEntry& entry : entries_) {
    names.push_back(entry.rule->name.text);
  }
  for (size_t i = 0; i < others_; ++i) {
    names.push_back(list_.rules[i].info.title);
  }
  for (size_t i = 0; i < other_correlations_; ++i) {
    names.push_back(list_.correlations[i].info.title);
  }
  return names;
}

void Compiler::Compile(RuleEntry* entry) {
  if (entry->state != RuleEntry::kWaiting) return;
  entry->state = RuleEntry::kOpen;
  open_.push_back(entry);
  // References are followed by recursion, which must have an end.
  constexpr size_t kMaxOpen = 100;
  Diagnostics problems;
  std::swap(problems, rule_problems_);
  bool loaded = false;
  if (open_.size() > kMaxOpen) {
    entry->module->ReporterTo(&rule_problems_)
        .Error("T341", entry->module->source().RangeOf(entry->rule->name.span),
               "rules are made of rules deeper than 100");
  } else {
    loaded = RuleCompiler(this, entry).Run();
  }
  std::swap(problems, rule_problems_);
  Tell(std::move(problems), entry->module);
  open_.pop_back();
  entry->state = loaded ? RuleEntry::kLoaded : RuleEntry::kRefused;
}

void Compiler::CollectExceptions() {
  for (Module& module : modules_) {
    for (const Item& item : module.file().items) {
      const Except* const except = std::get_if<Except>(&item.what);
      if (except == nullptr || item.broken) continue;
      if (except->targets.empty()) {
        exceptions_by_file_[&module].push_back(except);
      }
      for (const Except::Target& target : except->targets) {
        auto& map = target.is_tag ? exceptions_by_tag_ : exceptions_by_rule_;
        map[target.name.text].push_back({except, &module});
      }
    }
  }
}

// What is wrong with them is told too.
void Compiler::CheckUnusedSteps() {
  for (Module* const module : roots_) {
    for (const Item& item : module->file().items) {
      const Step* const step = std::get_if<Step>(&item.what);
      if (step == nullptr || item.broken) continue;
      const Rule none;
      RuleEntry entry{.rule = &none, .module = module};
      rule_problems_.clear();
      RuleCompiler(this, &entry).CheckSharedStep({step, module});
      const bool told = std::any_of(
          rule_problems_.begin(), rule_problems_.end(),
          [](const Diagnostic& d) { return d.severity == Severity::kError; });
      Tell(std::exchange(rule_problems_, {}), module);
      if (told) ++result_.documents;
    }
  }
}

// A file of noise must not turn into gigabytes of messages.
void Compiler::Tell(Diagnostics problems, Module* module) {
  constexpr size_t kMaxDiagnosticsOfFile = 5'000;
  size_t& told = told_[module];
  const bool all = told + problems.size() <= kMaxDiagnosticsOfFile;
  for (Diagnostic& problem : problems) {
    if (!all && problem.severity != Severity::kError) continue;
    ++told;
    diagnostics_->push_back(std::move(problem));
    if (!all) return;
  }
}

TocResult Compiler::Run() {
  others_ = list_.rules.size();
  other_correlations_ = list_.correlations.size();
  for (Module* const module : roots_) ResolveImports(module, 0);
  for (Module* const module : roots_) module->FinishMacros();
  for (Module* const module : roots_) {
    for (Item& item : module->file().items) {
      const Rule* const rule = std::get_if<Rule>(&item.what);
      if (rule != nullptr || item.broken) ++result_.documents;
      if (const Except* const except = std::get_if<Except>(&item.what)) {
        WarnOfNoEnd(*except, &module->reporter());
      }
      if (rule == nullptr) continue;
      entries_.push_back(
          {.rule = rule, .module = module, .broken = item.broken});
    }
  }
  CompileDetectors();
  NameRules();
  CollectExceptions();
  for (RuleEntry& entry : entries_) Compile(&entry);
  CheckUnusedSteps();
  for (const RuleEntry& entry : entries_) {
    if (entry.state != RuleEntry::kLoaded) continue;
    result_.rules.push_back(
        {entry.module->shared_source(), entry.is_correlation, entry.index});
  }
  return std::move(result_);
}

std::vector<std::string> NamedRules(
    const std::vector<std::shared_ptr<const text::Source>>& sources) {
  std::vector<std::string> names;
  const auto look = [&](const Source& source) {
    if (source.kind == Source::kRule) names.push_back(source.name.text);
  };
  for (const auto& source : sources) {
    Diagnostics ignored;
    text::Reporter reporter(*source, &ignored);
    const File file = Parse(*source, &reporter);
    for (const Item& item : file.items) {
      if (const Step* step = std::get_if<Step>(&item.what)) look(step->source);
      const Rule* const rule = std::get_if<Rule>(&item.what);
      if (rule == nullptr) continue;
      for (const Clause& clause : rule->clauses) {
        const Step* const step = std::get_if<Step>(&clause.what);
        const Source* const detect = std::get_if<Source>(&clause.what);
        if (step != nullptr) look(step->source);
        if (detect != nullptr) look(*detect);
      }
    }
  }
  return names;
}

TocResult CompileToc(
    const std::vector<std::shared_ptr<const text::Source>>& sources,
    const TocOptions& options, ir::RuleList* list, Diagnostics* diagnostics) {
  Compiler compiler(options, list, diagnostics);
  for (const auto& source : sources) compiler.Add(source);
  return compiler.Run();
}

}  // namespace tocsin::toc
