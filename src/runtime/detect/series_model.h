// SeriesModel: one series of one detector, whatever its function: a value a
// bucket goes in, what is to be said of it comes out, and it is learned.

#ifndef TOCSIN_SRC_RUNTIME_DETECT_SERIES_MODEL_H_
#define TOCSIN_SRC_RUNTIME_DETECT_SERIES_MODEL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/program/detector_job.h"
#include "src/runtime/detect/bucket_fold.h"
#include "tocsin/detectors/count_model.h"
#include "tocsin/detectors/metric_series.h"
#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/time_profile.h"

namespace tocsin::runtime {

struct Judgement {
  double probability = 1;
  double multi_bucket_impact = 0;
  double actual = 0;
  double typical = 0;
};

// What people do, each value judged by those of the others: a logarithm with a
// Student tail. People are many and buckets few, so a bucket counts as one
// value of history however many people it has.
class PopulationValues {
 public:
  explicit PopulationValues(detectors::Side side) : side_(side) {}

  Judgement Judge(double value) const;
  // All values of one bucket.
  void Learn(const std::vector<double>& values);

  void Save(detectors::StateWriter* out) const;
  bool Load(detectors::StateReader* in);

 private:
  double level_ = 0;
  double spread_ = 0;  // The mean distance from the level.
  double buckets_ = 0;
  double values_ = 0;
  detectors::Side side_;
};

class SeriesModel {
 public:
  explicit SeriesModel(const program::Detector& detector);

  // The value that a fold is to this function; none if the bucket says nothing.
  static std::optional<double> ValueOf(const program::Detector& detector,
                                       const BucketFold& fold);

  // Whether a bucket without events is a value, 0.
  static bool CountsEmpty(const program::Detector& detector);

  // Judges a bucket, then learns it unless told not to.
  Judgement Update(double value, int64_t start, bool learn);
  Judgement UpdateTimes(const std::vector<int64_t>& times);

  // How likely the bucket would be without `share` of its events. Of counts
  // only.
  double ProbabilityWithout(double value, double share, int64_t start) const;

  // Buckets in which nothing happened, none of them unusual.
  void LearnEmpty(uint64_t buckets, int64_t first_start, int64_t span);

  // Whether silence of this series could be unusual.
  bool SilenceMatters() const;

  void Save(detectors::StateWriter* out) const;
  bool Load(detectors::StateReader* in);

  size_t memory() const;

 private:
  enum class Kind : uint8_t { kCount, kMetric, kTime };

  Kind kind_;
  detectors::Side side_;
  // One of them.
  std::unique_ptr<detectors::CountModel> count_;
  std::unique_ptr<detectors::MetricSeries> metric_;
  std::unique_ptr<detectors::TimeProfile> time_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_DETECT_SERIES_MODEL_H_
