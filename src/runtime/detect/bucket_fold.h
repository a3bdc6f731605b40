// BucketFold: what one bucket holds of one series, as little as its function
// asks for; and the open buckets of a job.

#ifndef TOCSIN_SRC_RUNTIME_DETECT_BUCKET_FOLD_H_
#define TOCSIN_SRC_RUNTIME_DETECT_BUCKET_FOLD_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"
#include "src/program/detector_job.h"
#include "tocsin/detectors/bucket_values.h"
#include "tocsin/detectors/distinct_counter.h"

namespace tocsin::runtime {

// A field of a row: its text, its number where it is one, and whether the row
// has it. `text` of several values has commas between them; as an influencer
// each counts.
struct DetectCell {
  std::string_view text;
  std::span<const std::string_view> several;  // Empty if there is one.
  double number = std::numeric_limits<double>::quiet_NaN();
  bool present = false;
};

struct BucketFold {
  std::string by;
  std::string over;
  std::string partition;
  double events = 0;
  // Rows that gave the function a value.
  double values = 0;
  detectors::BucketMoments moments;
  std::unique_ptr<detectors::BucketSample> sample;
  std::unique_ptr<detectors::DistinctCounter> distinct;
  std::unique_ptr<detectors::BucketTexts> texts;
  // Of the functions of time: when, the most unusual one is told by the model.
  std::vector<int64_t> times;
  // Events by value, one map an influencer.
  std::vector<base::StringMap<double>> influences;
};

struct OpenBucket {
  int64_t number = 0;  // Start over span.
  double events = 0;
  // One a detector, by series.
  std::vector<base::StringMap<BucketFold>> folds;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_DETECT_BUCKET_FOLD_H_
