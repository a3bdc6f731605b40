#include "src/frontend/mljob/mljob.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/frontend/mljob/advice.h"
#include "src/frontend/mljob/functions.h"
#include "src/text/reporter.h"
#include "src/text/yaml.h"

namespace tocsin::mljob {
namespace {

using base::DetectorFunction;
using base::DetectorRule;
using text::Quoted;
using text::Reporter;
using text::YamlEntry;
using text::YamlNode;

// Keys that say nothing about what is found: who made a job, how it is shown,
// where a cluster runs it.
constexpr std::string_view kSilentJobKeys[] = {
    "allow_lazy_open",
    "background_persist_interval",
    "create_time",
    "custom_settings",
    "daily_model_snapshot_retention_after_days",
    "groups",
    "job_type",
    "job_version",
    "model_plot_config",
    "model_snapshot_retention_days",
    "renormalization_window_days",
    "results_index_name",
    "results_retention_days"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(c & 0xFF));
  return lower;
}

// A length of time in seconds, as `15m`; without a unit seconds.
std::optional<int64_t> ParseSpan(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr int64_t kMost = int64_t{1} << 32;  // More than a century.
  if (error != std::errc() || number < 0 || number > kMost) {
    return std::nullopt;
  }
  const std::string_view unit =
      text.substr(static_cast<size_t>(end - text.data()));
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"", 1}, {"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}};
  for (const auto& [name, seconds] : kUnits) {
    if (unit != name) continue;
    if (number > kMost / seconds) return std::nullopt;
    return number * seconds;
  }
  if (unit == "ms" && number % 1'000 == 0) return number / 1'000;
  return std::nullopt;
}

// Bytes, as `128mb`; without a unit megabytes.
std::optional<size_t> ParseSize(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number == 0 || number > 1 << 30) {
    return std::nullopt;
  }
  const std::string unit =
      Lower(text.substr(static_cast<size_t>(end - text.data())));
  constexpr std::pair<std::string_view, int> kUnits[] = {
      {"", 20},   {"b", 0},  {"k", 10},  {"kb", 10}, {"m", 20},
      {"mb", 20}, {"g", 30}, {"gb", 30}, {"t", 40},  {"tb", 40}};
  for (const auto& [name, shift] : kUnits) {
    if (unit == name && number << shift >> shift == number) {
      return static_cast<size_t>(number << shift);
    }
  }
  return std::nullopt;
}

class JobReader {
 public:
  JobReader(const text::Source& source, Diagnostics* diagnostics)
      : reporter_(source, diagnostics) {}

  std::optional<ir::DetectorJob> Read(const YamlNode& file,
                                      std::string_view file_name) {
    const YamlNode* root = &file;
    // Packages wrap a job: {"id": ..., "config": {...}}.
    if (const YamlNode* config = root->Find("config");
        config != nullptr && root->Find("analysis_config") == nullptr) {
      if (const YamlNode* id = root->Find("id")) job_.id = TextOf(*id, "id");
      root = config;
    }
    if (!root->is_mapping() || root->Find("analysis_config") == nullptr) {
      reporter_.Error("T700", file.range,
                      "expected a job with an `analysis_config`");
      return std::nullopt;
    }
    ReadMembers(*root);
    if (job_.id.empty()) job_.id = file_name;
    job_.format = "elastic";
    job_.path = reporter_.source().path();
    job_.line = file.range.start.line;
    if (!prune_window_given_) {
      constexpr int64_t kThirtyDays = 30 * 86'400;
      job_.prune_window = std::max(kThirtyDays, 20 * job_.bucket_span);
    }
    if (reporter_.errors() > 0) return std::nullopt;
    Advise(job_, places_, &reporter_);
    return std::move(job_);
  }

 private:
  void ReadMembers(const YamlNode& root) {
    for (const YamlEntry& entry : root.entries) {
      const std::string& key = entry.first.value;
      const YamlNode& value = entry.second;
      if (key == "job_id") {
        job_.id = TextOf(value, key);
      } else if (key == "description") {
        job_.description = TextOf(value, key);
      } else if (key == "analysis_config") {
        ReadAnalysis(value);
      } else if (key == "data_description") {
        ReadDataDescription(value);
      } else if (key == "analysis_limits") {
        ReadLimits(value);
      } else if (key == "model_prune_window") {
        job_.prune_window = SpanOf(value, key);
        prune_window_given_ = true;
      } else if (key == "datafeed_config" || key == "datafeed") {
        continue;  // Read where the files of all jobs are known.
      } else if (std::find(std::begin(kSilentJobKeys), std::end(kSilentJobKeys),
                           key) == std::end(kSilentJobKeys)) {
        NotRead(entry);
      }
    }
  }

  void ReadAnalysis(const YamlNode& node) {
    if (!IsMapping(node, "analysis_config")) return;
    const YamlNode* detectors = nullptr;
    for (const YamlEntry& entry : node.entries) {
      const std::string& key = entry.first.value;
      const YamlNode& value = entry.second;
      if (key == "bucket_span") {
        places_.bucket_span = value.range;
        job_.bucket_span = SpanOf(value, key);
        if (job_.bucket_span <= 0 && reporter_.errors() == 0) {
          reporter_.Error("T701", value.range, "a bucket must take some time");
        }
      } else if (key == "latency") {
        job_.latency = SpanOf(value, key);
      } else if (key == "model_prune_window") {
        job_.prune_window = SpanOf(value, key);
        prune_window_given_ = true;
      } else if (key == "summary_count_field_name") {
        job_.summary_count_field = TextOf(value, key);
      } else if (key == "influencers") {
        places_.influencers = value.range;
        ReadInfluencers(value);
      } else if (key == "detectors") {
        detectors = &value;
      } else if (key != "use_per_partition_normalization" && key != "period" &&
                 key != "overlapping_buckets" &&
                 key != "result_finalization_window") {
        NotRead(entry);
      }
    }
    if (detectors == nullptr || !detectors->is_sequence() ||
        detectors->items.empty()) {
      reporter_.Error("T700",
                      detectors == nullptr ? node.range : detectors->range,
                      "expected at least one detector");
      return;
    }
    for (const YamlNode& detector : detectors->items) ReadDetector(detector);
  }

  void ReadInfluencers(const YamlNode& node) {
    if (!node.is_sequence()) {
      reporter_.Error("T700", node.range, "expected a list of influencers");
      return;
    }
    for (const YamlNode& item : node.items) {
      std::string name = TextOf(item, "influencers");
      if (std::find(job_.influencers.begin(), job_.influencers.end(), name) ==
          job_.influencers.end()) {
        job_.influencers.push_back(std::move(name));
      }
    }
  }

  void ReadDataDescription(const YamlNode& node) {
    if (!IsMapping(node, "data_description")) return;
    for (const YamlEntry& entry : node.entries) {
      const std::string& key = entry.first.value;
      if (key == "time_field") {
        job_.time_field = TextOf(entry.second, key);
      } else if (key != "time_format" && key != "format" &&
                 key != "field_delimiter" && key != "quote_character") {
        // Times are read in every form, and input is JSON whatever it was.
        NotRead(entry);
      }
    }
  }

  void ReadLimits(const YamlNode& node) {
    if (!IsMapping(node, "analysis_limits")) return;
    for (const YamlEntry& entry : node.entries) {
      const std::string& key = entry.first.value;
      if (key == "model_memory_limit") {
        const std::optional<size_t> size = ParseSize(TextOf(entry.second, key));
        if (!size.has_value()) {
          reporter_.Error("T701", entry.second.range,
                          "expected a size such as `128mb`, found " +
                              Quoted(entry.second.value));
          continue;
        }
        job_.memory_limit = *size;
      } else if (key != "categorization_examples_limit") {
        NotRead(entry);
      }
    }
  }

  void ReadDetector(const YamlNode& node) {
    if (!IsMapping(node, "a detector")) return;
    ir::Detector detector;
    const YamlNode* function_node = nullptr;
    for (const YamlEntry& entry : node.entries) {
      const std::string& key = entry.first.value;
      const YamlNode& value = entry.second;
      if (key == "function") {
        function_node = &value;
        detector.name = Lower(TextOf(value, key));
      } else if (key == "detector_description") {
        detector.description = TextOf(value, key);
      } else if (key == "field_name") {
        detector.field = TextOf(value, key);
      } else if (key == "by_field_name") {
        detector.by = TextOf(value, key);
      } else if (key == "over_field_name") {
        detector.over = TextOf(value, key);
      } else if (key == "partition_field_name") {
        detector.partition = TextOf(value, key);
      } else if (key == "use_null") {
        detector.use_null = value.AsBool().value_or(false);
      } else if (key == "exclude_frequent") {
        ReadExcludeFrequent(value, &detector);
      } else if (key == "custom_rules" || key == "detector_rules") {
        ReadRules(value, &detector);
      } else if (key != "detector_index") {
        NotRead(entry);
      }
    }
    if (function_node == nullptr) {
      reporter_.Error("T700", node.range, "a detector needs a `function`");
      return;
    }
    if (detector.name == "metric") {
      for (const char* name : {"mean", "min", "max"}) {
        detector.name = name;
        AddDetector(detector, *function_node);
      }
      return;
    }
    AddDetector(std::move(detector), *function_node);
  }

  void AddDetector(ir::Detector detector, const YamlNode& function_node) {
    const Function* function = FindFunction(detector.name);
    if (function == nullptr) {
      reporter_.Error("T702", function_node.range,
                      "unknown function " + Quoted(detector.name),
                      text::DidYouMean(detector.name, FunctionNames()));
      return;
    }
    detector.function = function->function;
    detector.side = function->side;
    const auto check = [&](Need need, const std::string& field,
                           std::string_view key) {
      if (need == Need::kMust && field.empty()) {
        reporter_.Error("T703", function_node.range,
                        Quoted(detector.name) + " needs a " + Quoted(key));
      } else if (need == Need::kMustNot && !field.empty()) {
        reporter_.Error("T703", function_node.range,
                        Quoted(detector.name) + " takes no " + Quoted(key));
      }
    };
    check(function->field, detector.field, "field_name");
    check(function->by, detector.by, "by_field_name");
    check(function->over, detector.over, "over_field_name");
    job_.detectors.push_back(std::move(detector));
    places_.functions.push_back(function_node.range);
  }

  void ReadExcludeFrequent(const YamlNode& node, ir::Detector* detector) {
    const std::string which = Lower(TextOf(node, "exclude_frequent"));
    if (which != "by" && which != "over" && which != "all" && which != "none") {
      reporter_.Error("T701", node.range,
                      "expected `by`, `over`, `all` or `none`, found " +
                          Quoted(node.value));
      return;
    }
    detector->exclude_frequent_by = which == "by" || which == "all";
    detector->exclude_frequent_over = which == "over" || which == "all";
  }

  void ReadRules(const YamlNode& node, ir::Detector* detector) {
    if (!node.is_sequence()) {
      reporter_.Error("T700", node.range, "expected a list of rules");
      return;
    }
    for (const YamlNode& item : node.items) {
      if (!IsMapping(item, "a rule")) return;
      DetectorRule rule;
      rule.skip_result = false;
      bool understood = true;
      for (const YamlEntry& entry : item.entries) {
        if (entry.first.value == "actions") {
          for (const YamlNode& action : entry.second.items) {
            if (action.value == "skip_result" ||
                action.value == "filter_results") {
              rule.skip_result = true;
            } else if (action.value == "skip_model_update") {
              rule.skip_update = true;
            } else {
              understood = false;
            }
          }
        } else if (entry.first.value == "conditions") {
          for (const YamlNode& condition : entry.second.items) {
            understood = ReadCondition(condition, &rule) && understood;
          }
        } else {
          understood = false;
        }
        if (!understood) {
          // Half a rule would leave out more than it says.
          NotRead(entry);
          break;
        }
      }
      if (understood) detector->rules.push_back(std::move(rule));
    }
  }

  bool ReadCondition(const YamlNode& node, DetectorRule* rule) {
    DetectorRule::Condition condition;
    const YamlNode* quantity = node.Find("applies_to");
    const YamlNode* comparison = node.Find("operator");
    const YamlNode* value = node.Find("value");
    if (quantity == nullptr || comparison == nullptr || value == nullptr) {
      return false;
    }
    constexpr std::pair<std::string_view, DetectorRule::Quantity>
        kQuantities[] = {
            {"actual", DetectorRule::Quantity::kActual},
            {"typical", DetectorRule::Quantity::kTypical},
            {"diff_from_typical", DetectorRule::Quantity::kDifference},
            {"time", DetectorRule::Quantity::kTime}};
    constexpr std::pair<std::string_view, DetectorRule::Comparison>
        kComparisons[] = {{"lt", DetectorRule::Comparison::kLess},
                          {"lte", DetectorRule::Comparison::kAtMost},
                          {"gt", DetectorRule::Comparison::kGreater},
                          {"gte", DetectorRule::Comparison::kAtLeast}};
    const auto* found_quantity = std::find_if(
        std::begin(kQuantities), std::end(kQuantities),
        [&](const auto& one) { return one.first == quantity->value; });
    const auto* found_comparison = std::find_if(
        std::begin(kComparisons), std::end(kComparisons),
        [&](const auto& one) { return one.first == comparison->value; });
    double number = 0;
    const std::string& text = value->value;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (found_quantity == std::end(kQuantities) ||
        found_comparison == std::end(kComparisons) || error != std::errc() ||
        end != text.data() + text.size() || !std::isfinite(number)) {
      return false;
    }
    condition.quantity = found_quantity->second;
    condition.comparison = found_comparison->second;
    condition.value = number;
    rule->conditions.push_back(condition);
    return true;
  }

  bool IsMapping(const YamlNode& node, std::string_view what) {
    if (node.is_mapping()) return true;
    reporter_.Error("T700", node.range,
                    "expected an object for " + Quoted(what));
    return false;
  }

  std::string TextOf(const YamlNode& node, std::string_view key) {
    if (node.is_scalar()) return node.value;
    reporter_.Error("T701", node.range, "expected a text for " + Quoted(key));
    return "";
  }

  int64_t SpanOf(const YamlNode& node, std::string_view key) {
    const std::string text = TextOf(node, key);
    const std::optional<int64_t> span = ParseSpan(text);
    if (!span.has_value()) {
      reporter_.Error(
          "T701", node.range,
          "expected a duration such as `15m`, found " + Quoted(text));
    }
    return span.value_or(0);
  }

  void NotRead(const YamlEntry& entry) {
    reporter_.Warning("T704", entry.first.range,
                      Quoted(entry.first.value) + " is not applied");
  }

  Reporter reporter_;
  ir::DetectorJob job_;
  bool prune_window_given_ = false;
  JobPlaces places_;
};

}  // namespace

std::optional<ir::DetectorJob> ReadJob(const YamlNode& node,
                                       const text::Source& source,
                                       std::string_view name,
                                       Diagnostics* diagnostics) {
  return JobReader(source, diagnostics).Read(node, name);
}

std::optional<ir::DetectorJob> CompileJob(const text::Source& source,
                                          Diagnostics* diagnostics) {
  int found = 0;
  const std::vector<text::YamlDocument> documents =
      text::ParseYaml(source, diagnostics, &found);
  if (documents.size() != 1 || found != 1) {
    if (found == static_cast<int>(documents.size())) {
      Reporter(source, diagnostics)
          .Error("T700", {}, "expected one job in this file");
    }
    return std::nullopt;
  }
  std::string_view name = source.path();
  name = name.substr(name.find_last_of('/') + 1);
  return ReadJob(documents[0].root, source,
                 name.substr(0, name.find_last_of('.')), diagnostics);
}

}  // namespace tocsin::mljob
