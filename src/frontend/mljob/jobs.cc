// Files of jobs and datafeeds: which job has which datafeed, and its query.

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "src/frontend/elastic/filter.h"
#include "src/frontend/elastic/read.h"
#include "src/frontend/elastic/value.h"
#include "src/frontend/kql/field_types.h"
#include "src/frontend/mljob/mljob.h"
#include "src/text/reporter.h"

namespace tocsin::mljob {
namespace {

using elastic::Member;
using elastic::Value;
using text::Quoted;
using text::Source;
using text::YamlNode;
using SourcePtr = std::shared_ptr<const Source>;

// Members of a datafeed that say nothing about which events it finds, or say it
// of where these are kept.
constexpr std::string_view kSilentMembers[] = {
    "authorization",   "chunking_config", "create_time",
    "datafeed_id",     "datafeed_type",   "delayed_data_check_config",
    "frequency",       "indexes",         "indices",
    "indices_options", "job_id",          "max_empty_searches",
    "query_delay",     "scroll_size",     "types"};

std::string_view StemOf(std::string_view path) {
  path = path.substr(path.find_last_of('/') + 1);
  return path.substr(0, path.find_last_of('.'));
}

// What the name of a file that has a datafeed begins with, before its job's.
constexpr std::string_view kDatafeedPrefixes[] = {"datafeed_", "datafeed-"};

std::string TextOf(const Value* value) {
  return value != nullptr && value->is_string() ? value->text : "";
}

// A job as it stands in a file: the same thing read twice, once for its places
// and once for its query.
struct JobPlace {
  const Source* source = nullptr;
  const YamlNode* node = nullptr;
  const Value* value = nullptr;
  const Value* datafeed = nullptr;
  const Source* datafeed_source = nullptr;
};

// A file, read both ways.
struct JobFile {
  SourcePtr source;
  std::vector<text::YamlDocument> documents;
  std::vector<Value> values;
};

struct DatafeedPlace {
  const JobFile* file = nullptr;
  const Value* value = nullptr;
  bool is_taken = false;
};

bool HasAnalysis(const Value& value) {
  const Value* config = value.Find("config");
  return value.Find("analysis_config") != nullptr ||
         (config != nullptr && config->Find("analysis_config") != nullptr);
}

bool IsDatafeed(const Value& value) {
  return value.Find("query") != nullptr && !HasAnalysis(value) &&
         (value.Find("indices") != nullptr || value.Find("indexes") != nullptr);
}

class JobsCompiler {
 public:
  JobsCompiler(ir::RuleList* list, Diagnostics* diagnostics)
      : types_(kql::FieldTypes::Ecs()),
        list_(*list),
        diagnostics_(*diagnostics) {}

  JobsResult Compile(const std::vector<SourcePtr>& sources) {
    for (const SourcePtr& source : sources) Read(source);
    for (const JobFile& file : files_) Find(file);
    for (JobPlace& job : jobs_) Compile(&job);
    for (const DatafeedPlace& datafeed : datafeeds_) {
      if (datafeed.is_taken) continue;
      ++result_.documents;
      text::Reporter reporter(*datafeed.file->source, &diagnostics_);
      reporter.Error("T709", PlaceOf(*datafeed.value, reporter),
                     "there is no job for this datafeed",
                     "its `job_id`, or its file name behind `datafeed_`, names "
                     "a job of the files that are loaded");
    }
    return result_;
  }

 private:
  void Read(const SourcePtr& source) {
    JobFile file;
    file.source = source;
    int found = 0;
    file.documents = text::ParseYaml(*source, &diagnostics_, &found);
    if (file.documents.size() != 1 || found != 1) {
      ++result_.documents;
      if (found == static_cast<int>(file.documents.size())) {
        text::Reporter(*source, &diagnostics_)
            .Error("T700", {}, "expected one job in this file");
      }
      return;
    }
    Diagnostics told;
    text::Reporter reporter(*source, &told);
    int broken = 0;
    file.values = elastic::ReadJson(&reporter, &broken);
    if (broken > 0) {  // YAML that is no JSON.
      ++result_.documents;
      diagnostics_.insert(diagnostics_.end(), told.begin(), told.end());
      return;
    }
    files_.push_back(std::move(file));
  }

  // Jobs and datafeeds of a file.
  void Find(const JobFile& file) {
    const YamlNode& root = file.documents[0].root;
    if (root.is_sequence()) {
      if (root.items.size() != file.values.size()) return;
      for (size_t i = 0; i < root.items.size(); ++i) {
        Add(file, root.items[i], file.values[i]);
      }
      return;
    }
    if (file.values.size() != 1) return;
    const Value& value = file.values[0];
    const YamlNode* jobs = root.Find("jobs");
    const Value* job_values = value.Find("jobs");
    if (jobs == nullptr || job_values == nullptr || HasAnalysis(value) ||
        jobs->items.size() != job_values->items.size()) {
      Add(file, root, value);
      return;
    }
    for (size_t i = 0; i < jobs->items.size(); ++i) {
      Add(file, jobs->items[i], job_values->items[i]);
    }
  }

  void Add(const JobFile& file, const YamlNode& node, const Value& value) {
    if (IsDatafeed(value)) {
      datafeeds_.push_back({.file = &file, .value = &value});
      return;
    }
    const YamlNode* job_node = node.Find("job");
    const Value* job = value.Find("job");
    const bool is_pair = job_node != nullptr && job != nullptr &&
                         !HasAnalysis(value) && HasAnalysis(*job);
    JobPlace& place = jobs_.emplace_back();
    place.source = file.source.get();
    place.node = is_pair ? job_node : &node;
    place.value = is_pair ? job : &value;
    place.datafeed_source = file.source.get();
    for (const Value* of : {&value, place.value}) {
      for (const char* name : {"datafeed", "datafeed_config"}) {
        if (const Value* datafeed = of->Find(name);
            datafeed != nullptr && datafeed->is_object()) {
          place.datafeed = datafeed;
        }
      }
    }
  }

  void Compile(JobPlace* place) {
    ++result_.documents;
    const size_t before = diagnostics_.size();
    std::optional<ir::DetectorJob> job =
        ReadJob(*place->node, *place->source, StemOf(place->source->path()),
                &diagnostics_);
    if (!job.has_value()) return;
    if (!ids_.insert(job->id).second) {
      text::Reporter reporter(*place->source, &diagnostics_);
      reporter.Error("T710", place->node->range,
                     "there is another job with the id " + Quoted(job->id),
                     "the one that was read first is loaded");
      return;
    }
    if (place->datafeed == nullptr) TakeDatafeed(*job, place);
    if (place->datafeed != nullptr && !AddFilter(*place, &*job)) {
      // What was advised of a job that is not loaded is of no use.
      std::erase_if(diagnostics_, [&, i = size_t{0}](const auto& d) mutable {
        return i++ >= before && d.severity == Severity::kWarning;
      });
      return;
    }
    job->mapped = true;
    list_.jobs.push_back(*std::move(job));
    ++result_.loaded;
  }

  // A datafeed that stands in a file of its own.
  void TakeDatafeed(const ir::DetectorJob& job, JobPlace* place) {
    for (DatafeedPlace& datafeed : datafeeds_) {
      const std::string named = TextOf(datafeed.value->Find("job_id"));
      std::string_view stem = StemOf(datafeed.file->source->path());
      bool is_of_file = false;
      for (const std::string_view prefix : kDatafeedPrefixes) {
        if (!stem.starts_with(prefix)) continue;
        const std::string_view rest = stem.substr(prefix.size());
        is_of_file = rest == job.id || rest == StemOf(place->source->path());
      }
      if (datafeed.is_taken || (named != job.id && !is_of_file)) continue;
      datafeed.is_taken = true;
      place->datafeed = datafeed.value;
      place->datafeed_source = datafeed.file->source.get();
      return;
    }
  }

  // False, and told, if the query is not understood.
  bool AddFilter(const JobPlace& place, ir::DetectorJob* job) {
    text::Reporter reporter(*place.datafeed_source, &diagnostics_);
    reporter.set_rule(job->id, job->description);
    const Value* query = nullptr;
    for (const Member& member : place.datafeed->members) {
      if (member.name == "query") {
        query = &member.value;
      } else if (std::find(std::begin(kSilentMembers), std::end(kSilentMembers),
                           member.name) == std::end(kSilentMembers)) {
        reporter.Warning("T704", reporter.source().RangeOf(member.name_span),
                         Quoted(member.name) + " is not applied");
      }
    }
    if (query == nullptr) return true;
    elastic::FilterLowerer lowerer(types_, &reporter);
    ir::Rule filter;
    filter.condition = lowerer.Clause(*query);
    if (reporter.errors() > 0) return false;
    if (filter.condition.kind == ir::Expr::kTrue) return true;
    filter.condition.range = PlaceOf(*query, reporter);
    filter.role = ir::RuleRole::kStep;
    filter.info.id = job->id + ".datafeed";
    filter.info.name = filter.info.id;
    filter.info.format = "elastic";
    filter.info.path = place.datafeed_source->path();
    filter.info.line = filter.condition.range.start.line;
    job->filter = static_cast<uint32_t>(list_.rules.size());
    list_.rules.push_back(std::move(filter));
    return true;
  }

  // Of an object the brace.
  static text::Range PlaceOf(const Value& value,
                             const text::Reporter& reporter) {
    return reporter.source().RangeOf({value.span.begin, value.span.begin + 1});
  }

  const kql::FieldTypes& types_;
  ir::RuleList& list_;
  Diagnostics& diagnostics_;
  std::deque<JobFile> files_;
  std::vector<JobPlace> jobs_;
  std::vector<DatafeedPlace> datafeeds_;
  std::set<std::string> ids_;
  JobsResult result_;
};

}  // namespace

bool IsJobFile(const Source& source) {
  if (!source.path().ends_with(".json")) return false;
  const std::string_view text = source.text();
  const auto has = [&](std::string_view key) {
    return text.find(key) != std::string_view::npos;
  };
  const std::string_view stem = StemOf(source.path());
  const bool names_job =
      has("\"job_id\"") ||
      std::any_of(
          std::begin(kDatafeedPrefixes), std::end(kDatafeedPrefixes),
          [&](std::string_view prefix) { return stem.starts_with(prefix); });
  return has("\"analysis_config\"") ||
         (names_job && has("\"query\"") &&
          (has("\"indices\"") || has("\"indexes\"")));
}

JobsResult CompileJobs(const std::vector<SourcePtr>& sources,
                       ir::RuleList* list, Diagnostics* diagnostics) {
  return JobsCompiler(list, diagnostics).Compile(sources);
}

}  // namespace tocsin::mljob
