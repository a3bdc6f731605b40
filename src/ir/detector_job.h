// DetectorJob: detectors over buckets of time, as a front end understood them.
// Fields are named; "" where there is none.

#ifndef TOCSIN_SRC_IR_DETECTOR_JOB_H_
#define TOCSIN_SRC_IR_DETECTOR_JOB_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/detector_kinds.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::ir {

struct Detector {
  base::DetectorFunction function = base::DetectorFunction::kCount;
  detectors::Side side = detectors::Side::kBoth;
  std::string name;  // As written: `high_non_zero_count`.
  std::string description;
  std::string field;
  std::string by;
  std::string over;
  std::string partition;
  bool use_null = false;
  bool exclude_frequent_by = false;
  bool exclude_frequent_over = false;
  std::vector<base::DetectorRule> rules;
};

struct DetectorJob {
  std::string id;
  std::string description;
  std::string format;  // "elastic", "toc".
  std::string path;
  int line = 0;
  // Of RuleList::rules: events that do not match it are none of the job's.
  std::optional<uint32_t> filter;
  // As Test::mapped, for all fields.
  bool mapped = false;
  std::string time_field = "@timestamp";
  std::vector<Detector> detectors;
  std::vector<std::string> influencers;
  std::string summary_count_field;
  // In seconds.
  int64_t bucket_span = 900;
  int64_t latency = 0;
  int64_t prune_window = 0;  // 0: nothing is forgotten.
  size_t memory_limit = size_t{512} << 20;
};

// Stable text of what decides a job's results, but for its filter.
std::string Print(const DetectorJob& job);

}  // namespace tocsin::ir

#endif  // TOCSIN_SRC_IR_DETECTOR_JOB_H_
