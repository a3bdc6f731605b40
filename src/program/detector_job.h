// DetectorJob: detectors over buckets of time, as the runtime knows them: plain
// data. Fields are places in `fields`; kNoField where there is none.

#ifndef TOCSIN_SRC_PROGRAM_DETECTOR_JOB_H_
#define TOCSIN_SRC_PROGRAM_DETECTOR_JOB_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/base/detector_kinds.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::program {

using base::DetectorFunction;
using base::DetectorRule;

inline constexpr uint32_t kNoField = UINT32_MAX;

struct Detector {
  DetectorFunction function = DetectorFunction::kCount;
  detectors::Side side = detectors::Side::kBoth;
  std::string name;  // As written: `high_non_zero_count`.
  uint32_t field = kNoField;
  uint32_t by = kNoField;
  uint32_t over = kNoField;
  uint32_t partition = kNoField;
  // A missing field to split by is a value of its own, "".
  bool use_null = false;
  // Values that are in more than a tenth of all buckets, or of all people, are
  // left out.
  bool exclude_frequent_by = false;
  bool exclude_frequent_over = false;
  std::vector<DetectorRule> rules;
};

struct DetectorJob {
  std::string id;
  std::vector<std::string> fields;
  // Those of them in Program::correlation_fields.
  std::vector<uint32_t> field_numbers;
  // Index into Program::rules of the rule that its events match; kNoField: all
  // do.
  uint32_t filter = kNoField;
  // The field that holds the time; kNoField: it is that of the event.
  uint32_t time = kNoField;
  std::vector<Detector> detectors;
  std::vector<uint32_t> influencers;
  // How many events a row stands for; 1 where there is none.
  uint32_t summary_count = kNoField;
  // In seconds. Events up to `latency` behind the newest still count.
  int64_t bucket_span = 900;
  int64_t latency = 0;
  // Series and values silent for longer are forgotten; 0: never.
  int64_t prune_window = 0;
  // Bytes; past it no new series is taken on, and what was refused is counted.
  size_t memory_limit = size_t{512} << 20;
};

}  // namespace tocsin::program

#endif  // TOCSIN_SRC_PROGRAM_DETECTOR_JOB_H_
