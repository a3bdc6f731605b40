#include "src/plan/detectors.h"

#include <algorithm>

namespace tocsin::plan {

program::DetectorJob PlanDetectors(const ir::DetectorJob& job) {
  program::DetectorJob planned;
  const auto place = [&](const std::string& field) -> uint32_t {
    if (field.empty()) return program::kNoField;
    const auto found =
        std::find(planned.fields.begin(), planned.fields.end(), field);
    const auto index = static_cast<uint32_t>(found - planned.fields.begin());
    if (found == planned.fields.end()) planned.fields.push_back(field);
    return index;
  };
  planned.id = job.id;
  for (const ir::Detector& detector : job.detectors) {
    planned.detectors.push_back(
        {.function = detector.function,
         .side = detector.side,
         .name = detector.name,
         .field = place(detector.field),
         .by = place(detector.by),
         .over = place(detector.over),
         .partition = place(detector.partition),
         .use_null = detector.use_null,
         .exclude_frequent_by = detector.exclude_frequent_by,
         .exclude_frequent_over = detector.exclude_frequent_over,
         .rules = detector.rules});
  }
  for (const std::string& influencer : job.influencers) {
    planned.influencers.push_back(place(influencer));
  }
  planned.summary_count = place(job.summary_count_field);
  // What events are stamped with everywhere else is their own time.
  if (job.time_field != "@timestamp" && job.time_field != "timestamp") {
    planned.time = place(job.time_field);
  }
  planned.bucket_span = job.bucket_span;
  planned.latency = job.latency;
  planned.prune_window = job.prune_window;
  planned.memory_limit = job.memory_limit;
  return planned;
}

}  // namespace tocsin::plan
