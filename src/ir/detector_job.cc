#include "src/ir/detector_job.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"

namespace tocsin::ir {
namespace {

void Append(std::string_view name, const std::string& value, std::string* out) {
  if (value.empty()) return;
  absl::StrAppend(out, " ", base::ToAbsl(name), "=");
  base::AppendJsonString(value, out);
}

void Append(const base::DetectorRule& rule, std::string* out) {
  constexpr std::string_view kQuantities[] = {"actual", "typical", "difference",
                                              "time"};
  constexpr std::string_view kComparisons[] = {"<", "<=", ">", ">="};
  absl::StrAppend(out, "    skip", rule.skip_result ? " result" : "",
                  rule.skip_update ? " learning" : "", " when");
  for (const base::DetectorRule::Condition& condition : rule.conditions) {
    absl::StrAppend(
        out, " ",
        base::ToAbsl(kQuantities[static_cast<int>(condition.quantity)]), " ",
        base::ToAbsl(kComparisons[static_cast<int>(condition.comparison)]),
        " ");
    base::AppendJsonDouble(condition.value, out);
  }
  *out += '\n';
}

}  // namespace

std::string Print(const DetectorJob& job) {
  std::string out = "job";
  Append("id", job.id, &out);
  Append("time", job.time_field, &out);
  Append("summary_count", job.summary_count_field, &out);
  absl::StrAppend(&out, " span=", job.bucket_span, " latency=", job.latency,
                  " prune=", job.prune_window, " memory=", job.memory_limit,
                  "\n");
  for (const std::string& influencer : job.influencers) {
    absl::StrAppend(&out, "  influencer ");
    base::AppendJsonString(influencer, &out);
    out += '\n';
  }
  for (const Detector& detector : job.detectors) {
    absl::StrAppend(&out, "  detect ", detector.name);
    Append("field", detector.field, &out);
    Append("by", detector.by, &out);
    Append("over", detector.over, &out);
    Append("partition", detector.partition, &out);
    absl::StrAppend(&out, detector.use_null ? " use_null" : "",
                    detector.exclude_frequent_by ? " exclude_by" : "",
                    detector.exclude_frequent_over ? " exclude_over" : "",
                    "\n");
    for (const base::DetectorRule& rule : detector.rules) Append(rule, &out);
  }
  return out;
}

}  // namespace tocsin::ir
