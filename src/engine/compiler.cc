#include "tocsin/compiler.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/analysis/lint.h"
#include "src/base/string_map.h"
#include "src/engine/inline_queries.h"
#include "src/frontend/elastic/elastic.h"
#include "src/frontend/eql/eql.h"
#include "src/frontend/esql/esql.h"
#include "src/frontend/fields/field_table.h"
#include "src/frontend/kql/kql.h"
#include "src/frontend/mljob/mljob.h"
#include "src/frontend/sigma/sigma.h"
#include "src/frontend/toc/toc.h"
#include "src/logsource/classifier.h"
#include "src/logsource/ecs_tables.h"
#include "src/plan/planner.h"
#include "src/program/program.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin {
namespace {

namespace fs = std::filesystem;
using SourcePtr = std::shared_ptr<const text::Source>;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Reads a whole file of at most `limit` bytes. Counts what it reads: the size
// a file system reports may be wrong (/proc) or change meanwhile.
absl::Status ReadFile(const std::string& path, int64_t limit,
                      std::string* text) {
  std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("cannot be read: ", std::strerror(errno)));
  }
  // What is read is not kept twice.
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  text->clear();
  char buffer[1 << 16];
  while (true) {
    const size_t n = std::fread(buffer, 1, sizeof(buffer), file.get());
    text->append(buffer, n);
    if (static_cast<int64_t>(text->size()) > limit) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "file is longer than ", limit, " bytes, the limit for rule files"));
    }
    if (n < sizeof(buffer)) break;
  }
  if (std::ferror(file.get()) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot be read: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

bool IsRuleFile(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yml" || extension == ".yaml" || extension == ".toc" ||
         extension == ".eql" || extension == ".esql" || extension == ".kql" ||
         extension == ".toml" || extension == ".ndjson" || extension == ".json";
}

// All rule files below `folder`, in byte order of their paths. Folders that
// cannot be listed are among them: reading them fails, and says so.
absl::Status ListRuleFiles(const std::string& folder,
                           std::vector<std::string>* files) {
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && IsRuleFile(it->path())) {
      files->push_back(it->path().string());
    }
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) {
      // Entering it would end the walk with an error.
      fs::directory_iterator probe(it->path(), ignored);
      if (ignored) {
        files->push_back(it->path().string());
        it.disable_recursion_pending();
      }
    }
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat(folder, ": ", error.message()));
  }
  std::sort(files->begin(), files->end());
  return absl::OkStatus();
}

// Whether all fields of a rule are those of the Elastic Common Schema, whatever
// of it asks for them. EQL and KQL say so themselves.
bool AsksForEcs(const RuleInfo& rule) {
  return rule.format == "elastic" || rule.format == "esql";
}

// A misspelt word would make a rule that no event ever meets.
void WarnOfLogSource(const ir::Rule& rule, text::Reporter* reporter) {
  const logsource::Vocabulary& known = logsource::BuiltinVocabulary();
  const LogSource& source = rule.info.log_source;
  const ir::LogSourceRanges& ranges = rule.log_source_ranges;
  analysis::WarnOfWord("product", source.product, ranges.product,
                       known.products, reporter);
  analysis::WarnOfWord("category", source.category, ranges.category,
                       known.categories, reporter);
  analysis::WarnOfWord("service", source.service, ranges.service,
                       known.services, reporter);
}

}  // namespace

struct Compiler::Impl {
  CompilerOptions options;
  std::vector<SourcePtr> rules;
  std::vector<SourcePtr> toc_rules;
  std::vector<SourcePtr> kql_rules;
  std::vector<SourcePtr> eql_rules;
  std::vector<SourcePtr> elastic_rules;
  std::vector<SourcePtr> jobs;
  base::StringMap<size_t> order;  // Of files by path, as they were added.
  std::vector<SourcePtr> pipelines;
  std::vector<SourcePtr> field_tables;
  // Files that could not be taken in. Kept for every later Compile.
  Diagnostics file_errors;
  int files_refused = 0;

  void AddFile(const std::string& path) {
    std::string content;
    const absl::Status status =
        ReadFile(path, options.max_file_bytes, &content);
    if (!status.ok()) {
      ++files_refused;
      file_errors.push_back({.severity = Severity::kError,
                             .code = "T001",
                             .path = path,
                             .message = std::string(status.message())});
      return;
    }
    AddSource(std::make_shared<const text::Source>(path, std::move(content)));
  }

  // By the name of the file: `.toc` is Tocsin's own language, `.eql` a query in
  // EQL, `.esql` one in ES|QL, `.kql` one in KQL, `.toml` and `.ndjson`
  // Elastic's rules, the rest Sigma; a `.json` is one of the last two, or a job
  // of anomaly detection.
  void AddSource(SourcePtr source) {
    order.try_emplace(source->path(), order.size());
    std::vector<SourcePtr>& of_format =
        source->path().ends_with(".toc") ? toc_rules
        : source->path().ends_with(".eql") || source->path().ends_with(".esql")
            ? eql_rules
        : source->path().ends_with(".kql") ? kql_rules
        : mljob::IsJobFile(*source)        ? jobs
        : elastic::IsElasticFile(*source)  ? elastic_rules
                                           : rules;
    of_format.push_back(std::move(source));
  }

  // REQUIRES: a rule was read from there.
  const SourcePtr& SourceOf(const std::string& path) const {
    for (const std::vector<SourcePtr>* of_format :
         {&toc_rules, &eql_rules, &elastic_rules, &jobs}) {
      for (const SourcePtr& source : *of_format) {
        if (source->path() == path) return source;
      }
    }
    return toc_rules.front();
  }

  // What rules import and lists name.
  std::optional<std::string> ReadNamedFile(const std::string& path) const {
    const auto given = files.find(path);
    if (given != files.end()) return given->second;
    std::string content;
    if (!ReadFile(path, options.max_file_bytes, &content).ok()) {
      return std::nullopt;
    }
    return content;
  }

  base::StringMap<std::string> files;  // That the host has given.
};

Compiler::Compiler(CompilerOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
Compiler::~Compiler() = default;
Compiler::Compiler(Compiler&&) noexcept = default;
Compiler& Compiler::operator=(Compiler&&) noexcept = default;

absl::Status Compiler::AddPath(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
  }
  if (!fs::is_directory(status)) {
    impl_->AddFile(path);
    return absl::OkStatus();
  }
  std::vector<std::string> files;
  if (absl::Status listed = ListRuleFiles(path, &files); !listed.ok()) {
    return listed;
  }
  // A .json may be anything, so only those are taken that are jobs.
  std::vector<SourcePtr> jobs;
  std::erase_if(files, [&](const std::string& file) {
    if (!file.ends_with(".json")) return false;
    std::string content;
    if (ReadFile(file, impl_->options.max_file_bytes, &content).ok()) {
      auto source =
          std::make_shared<const text::Source>(file, std::move(content));
      if (mljob::IsJobFile(*source)) jobs.push_back(std::move(source));
    }
    return true;
  });
  if (files.empty() && jobs.empty()) {
    return absl::NotFoundError(
        absl::StrCat(path,
                     ": no .yml, .yaml, .toc, .eql, .esql, .kql, .toml or "
                     ".ndjson file and no job in this folder"));
  }
  for (const std::string& file : files) impl_->AddFile(file);
  for (SourcePtr& job : jobs) impl_->AddSource(std::move(job));
  return absl::OkStatus();
}

void Compiler::AddText(std::string_view text, std::string_view path) {
  impl_->AddSource(std::make_shared<const text::Source>(std::string(path),
                                                        std::string(text)));
}

void Compiler::SetFile(std::string_view path, std::string_view text) {
  impl_->files.insert_or_assign(std::string(path), std::string(text));
}

absl::Status Compiler::AddPipelinePath(const std::string& path) {
  std::string content;
  if (absl::Status status =
          ReadFile(path, impl_->options.max_file_bytes, &content);
      !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat(path, ": ", status.message()));
  }
  AddPipelineText(content, path);
  return absl::OkStatus();
}

void Compiler::AddPipelineText(std::string_view text, std::string_view path) {
  impl_->pipelines.push_back(std::make_shared<const text::Source>(
      std::string(path), std::string(text)));
}

absl::Status Compiler::AddFieldsPath(const std::string& path) {
  std::string content;
  if (absl::Status status =
          ReadFile(path, impl_->options.max_file_bytes, &content);
      !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat(path, ": ", status.message()));
  }
  AddFieldsText(content, path);
  return absl::OkStatus();
}

void Compiler::AddFieldsText(std::string_view text, std::string_view path) {
  impl_->order.try_emplace(std::string(path), impl_->order.size());
  impl_->field_tables.push_back(std::make_shared<const text::Source>(
      std::string(path), std::string(text)));
}

CompileResult Compiler::Compile() {
  CompileResult result;
  result.diagnostics = impl_->file_errors;
  std::vector<base::FieldMapping> mappings;
  for (const SourcePtr& source : impl_->field_tables) {
    for (base::FieldMapping& mapping :
         fields::ParseFieldTables(*source, &result.diagnostics)) {
      mappings.push_back(std::move(mapping));
    }
  }
  for (base::FieldMapping& mapping : logsource::EcsMappings()) {
    mappings.push_back(std::move(mapping));
  }
  plan::Planner planner(std::move(mappings));
  // What the front end says of all files comes before advice on any.
  Diagnostics advice;
  // Where conditions stand; nothing for a rule that has been warned of, since
  // what is wrong with it is likely to be why it is costly too.
  std::vector<std::pair<SourcePtr, std::optional<text::Range>>> conditions;
  // Rules of other formats that own ones speak of; they are kept as well.
  ir::RuleList list;
  base::StringSet named;
  for (std::string& name : toc::NamedRules(impl_->toc_rules)) {
    named.insert(std::move(name));
  }
  const auto add = [&](ir::Rule rule, const SourcePtr& source) {
    text::Reporter reporter(*source, &advice);
    reporter.set_rule(rule.info.id, rule.info.title);
    const size_t before = advice.size();
    analysis::Lint(rule, &reporter);
    WarnOfLogSource(rule, &reporter);
    conditions.emplace_back(source, std::nullopt);
    if (advice.size() == before) {
      conditions.back().second = rule.condition.range;
    }
    planner.Add(std::move(rule));
  };
  sigma::SigmaResult sigma = sigma::CompileSigma(
      impl_->rules, impl_->pipelines, &result.diagnostics,
      [&](ir::Rule rule, const SourcePtr& source) {
        if (named.contains(rule.info.id) || named.contains(rule.info.name) ||
            named.contains(rule.info.title)) {
          list.rules.push_back(rule);
        }
        add(std::move(rule), source);
      });
  const auto add_named = [&](ir::Rule rule, const SourcePtr& source) {
    if (named.contains(rule.info.name)) list.rules.push_back(rule);
    add(std::move(rule), source);
  };
  kql::CompileKql(impl_->kql_rules, kql::FieldTypes::Ecs(), &result.diagnostics,
                  add_named);
  toc::TocOptions toc_options;
  toc_options.categories = logsource::BuiltinVocabulary().categories;
  toc_options.services = logsource::BuiltinVocabulary().services;
  toc_options.read_file = [this](const std::string& path) {
    return impl_->ReadNamedFile(path);
  };
  toc_options.compile_sigma = [this](const SourcePtr& source,
                                     Diagnostics* diagnostics) {
    return sigma::CompileSigma({source}, impl_->pipelines, diagnostics).rules;
  };
  engine::TakeInlineQueries(&toc_options);
  toc_options.take_examples = impl_->options.take_examples;
  const size_t others = list.rules.size();
  // Own rules speak of jobs.
  const mljob::JobsResult jobs =
      mljob::CompileJobs(impl_->jobs, &list, &result.diagnostics);
  // Own rules may speak of Sigma's correlations too, which come first.
  const size_t planned_correlations = sigma.correlations.size();
  list.correlations = std::move(sigma.correlations);
  const toc::TocResult toc = toc::CompileToc(impl_->toc_rules, toc_options,
                                             &list, &result.diagnostics);
  int eql_loaded = 0;
  eql::EqlOptions eql_options;
  eql_options.dialect.endpoint = impl_->options.endpoint_eql;
  for (const SourcePtr& source : impl_->eql_rules) {
    const bool loaded =
        source->path().ends_with(".esql")
            ? esql::CompileEsql(*source, {}, &list, &result.diagnostics)
            : eql::CompileEql(*source, eql_options, &list, &result.diagnostics);
    if (loaded) ++eql_loaded;
  }
  const elastic::ElasticResult elastic = elastic::CompileElastic(
      impl_->elastic_rules, {}, &list, &result.diagnostics);
  // Rules of the list are numbered behind those that were planned already.
  const size_t planned = conditions.size();
  result.rules_loaded =
      static_cast<int>(planned + planned_correlations + toc.rules.size()) +
      eql_loaded + elastic.loaded;
  const auto renumber = [&](uint32_t* rule) {
    *rule = static_cast<uint32_t>(*rule - others + planned);
  };
  for (size_t i = others; i < list.rules.size(); ++i) {
    ir::Rule& rule = list.rules[i];
    // Filters and exceptions of Elastic's rules as well as their queries.
    if (AsksForEcs(rule.info)) ir::SetMapped(&rule.condition);
    const SourcePtr& source = impl_->SourceOf(rule.info.path);
    if (rule.role == ir::RuleRole::kReports) {
      add(std::move(rule), source);
    } else {  // A step may well match everything.
      if (rule.role != ir::RuleRole::kCondition) {
        conditions.emplace_back(source, std::nullopt);
      }
      planner.Add(std::move(rule));
    }
  }
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    ir::Correlation& rule = list.correlations[i];
    // Sigma's rules were planned first, so the numbers of its steps are right.
    const bool is_own = i >= planned_correlations;
    for (ir::Step& step : rule.steps) {
      if (!is_own) break;
      if (step.source == ir::Step::kRule) renumber(&step.source_index);
      if (step.condition) renumber(&*step.condition);
    }
    if (is_own && rule.where) renumber(&*rule.where);
    for (ir::SequenceStage& stage : rule.pattern.stages) {
      if (is_own && stage.condition) renumber(&*stage.condition);
    }
    if (AsksForEcs(rule.info)) rule.mapped = true;
    planner.AddCorrelation(std::move(rule));
  }
  for (ir::DetectorJob& job : list.jobs) {
    if (job.filter.has_value()) renumber(&*job.filter);
    planner.AddJob(std::move(job));
  }
  std::unique_ptr<const program::Program> program = planner.Finish();
  for (size_t i = 0; i < program->rules.size(); ++i) {
    const auto& [source, range] = conditions[i];
    if (program->rules[i].guard_count > 0 || !range) continue;
    text::Reporter reporter(*source, &advice);
    reporter.set_rule(program->infos[i].id, program->infos[i].title);
    analysis::WarnOfNoGuard(*range, &reporter);
  }
  std::move(advice.begin(), advice.end(),
            std::back_inserter(result.diagnostics));

  // Sources come in the order they were added; passes over all documents
  // (filters, duplicates) report at their end, so put each file's diagnostics
  // together.
  const base::StringMap<size_t>& order = impl_->order;
  std::vector<std::pair<size_t, Diagnostic>> ranked;
  ranked.reserve(result.diagnostics.size());
  for (Diagnostic& diagnostic : result.diagnostics) {
    const auto it = order.find(diagnostic.path);
    ranked.emplace_back(it == order.end() ? 0 : it->second + 1,
                        std::move(diagnostic));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) {
                     return std::tie(a.first, a.second.line, a.second.column) <
                            std::tie(b.first, b.second.line, b.second.column);
                   });
  result.diagnostics.clear();
  for (auto& [rank, diagnostic] : ranked) {
    result.diagnostics.push_back(std::move(diagnostic));
  }

  result.filters_loaded = sigma.filters_loaded;
  result.jobs_loaded = jobs.loaded + toc.detectors;
  result.documents = sigma.documents + toc.documents +
                     static_cast<int>(impl_->eql_rules.size()) +
                     static_cast<int>(impl_->kql_rules.size()) +
                     elastic.documents + jobs.documents + impl_->files_refused;
  result.refused = result.documents - result.rules_loaded -
                   result.filters_loaded - result.jobs_loaded;
  result.rules = std::make_shared<const RuleSet>(std::move(program));
  return result;
}

}  // namespace tocsin
