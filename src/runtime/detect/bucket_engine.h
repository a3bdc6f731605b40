// BucketEngine runs one detector job over rows: events with a time and the
// fields that the job names.
//
//   BucketEngine engine(&job, [](const AnomalyBucket& bucket) { ... });
//   for (...) engine.Add(seconds, cells);   // One cell for each of job.fields.
//   engine.Flush();
//
// Buckets begin at multiples of the span and do not hold their end. One is
// closed when an event, or Advance, says that nothing earlier is to be
// expected: the newest time less the job's latency has passed its end. Events
// of closed buckets are dropped and counted.
//
// Cost follows what is in a bucket, not what is known: a series that is silent
// is brought up to date when it is heard of again. Only series whose silence
// itself could be unusual (of counts that ask for low values) are looked at in
// each bucket.
//
// Results depend only on the rows, and on their order only where a function
// does. A job has one thread.

#ifndef TOCSIN_SRC_RUNTIME_DETECT_BUCKET_ENGINE_H_
#define TOCSIN_SRC_RUNTIME_DETECT_BUCKET_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/string_map.h"
#include "src/program/detector_job.h"
#include "src/runtime/detect/bucket_fold.h"
#include "src/runtime/detect/detect_result.h"
#include "src/runtime/detect/series_model.h"
#include "tocsin/detectors/rarity.h"
#include "tocsin/detectors/score.h"
#include "tocsin/detectors/state_bytes.h"

namespace tocsin::runtime {

struct DetectStats {
  int64_t events = 0;           // That fell into a bucket.
  int64_t late_events = 0;      // Of buckets that were closed.
  int64_t untimely_events = 0;  // Of times that cannot be.
  // Times that a series, a value or a person was not taken on for want of
  // memory.
  int64_t refused_series = 0;
  int64_t buckets = 0;  // Closed, with events.
  int64_t empty_buckets = 0;
  int64_t records = 0;
};

class BucketEngine {
 public:
  using Report = std::function<void(const AnomalyBucket&)>;

  // `job` must outlive the engine. `report` is called for each closed bucket
  // that had events, or has records.
  BucketEngine(const program::DetectorJob* job, Report report);
  ~BucketEngine();

  void Add(int64_t seconds, std::span<const DetectCell> cells);

  // No event before `seconds`, less the latency, is to be expected.
  void Advance(int64_t seconds);

  // No event before `seconds` will come.
  void Promise(int64_t seconds);

  // Closes all open buckets.
  void Flush();

  // What was learned, open buckets, time and counters. Equal state is equal
  // bytes. Load is for an engine of the same job that has seen nothing; if it
  // is false the engine is of no more use.
  void Save(detectors::StateWriter* out) const;
  bool Load(detectors::StateReader* in);
  // Raised when Save writes something else.
  static constexpr uint32_t kLayout = 1;

  const DetectStats& stats() const { return stats_; }
  // Bytes of what was learned and of open buckets, about.
  size_t memory() const { return memory_; }

 private:
  struct Series;
  struct Partition;
  struct Judged;
  class Closing;

  // How odd a value of `rare` has been lately.
  struct OddValue {
    double raw = 0;
    int64_t last = 0;
  };

  OpenBucket& FindBucket(int64_t number);
  std::unique_ptr<OpenBucket> MakeBucket(int64_t number);
  void CloseUntil(int64_t bucket);
  void CloseAndKeep(std::unique_ptr<OpenBucket> bucket);
  void CloseBucket(OpenBucket* bucket);
  void PutInOrder(size_t detector, OpenBucket* bucket,
                  std::vector<Judged>* in_order);
  void CloseRare(size_t detector_index, int64_t number,
                 std::vector<Judged>* folds, Closing* closing);
  void CloseRarePeople(size_t detector_index, int64_t number,
                       std::vector<Judged>* in_order, Closing* closing);
  void CloseSeries(size_t detector_index, int64_t number,
                   const std::vector<Judged>& folds, Closing* closing);
  void CloseSilent(size_t detector_index, int64_t number, Closing* closing);

  double ScoreOfRare(size_t detector, int64_t bucket, const BucketFold& fold,
                     double p);
  void ForgetOddValues(int64_t bucket);
  // How much a value counts of freq_rare; also counts it.
  double ShownWeight(const BucketFold& fold, size_t values,
                     Partition* partition);
  // Whether exclude_frequent leaves a fold out; also counts it.
  bool IsFrequent(const program::Detector& detector, const BucketFold& fold,
                  const Series& series, Partition* partition);
  // None if the bucket says nothing to this function.
  std::optional<Judgement> Judge(const program::Detector& detector,
                                 const BucketFold& fold, int64_t start,
                                 Series* series);

  // Buckets from the one after the last closed up to this one had no event.
  void CloseEmpty(int64_t last);
  void Prune(int64_t bucket);

  std::unique_ptr<Partition> MakePartition(size_t detector) const;
  Partition* FindPartition(size_t detector, std::string_view name);
  Series* FindSeries(size_t detector, Partition* partition, std::string_view by,
                     int64_t bucket);
  // False, and counted, if there is no room for so much more.
  bool TakeRoom(size_t bytes);
  void GiveRoom(size_t bytes);

  void SavePartition(const Partition& partition,
                     detectors::StateWriter* out) const;
  bool LoadPartition(size_t detector, const std::string& name,
                     detectors::StateReader* in);

  const program::DetectorJob& job_;
  Report report_;
  // Of each detector: partitions by name.
  std::vector<base::StringMap<std::unique_ptr<Partition>>> partitions_;
  // Of each detector: series whose silence matters, by partition and series.
  std::vector<std::map<std::pair<std::string, std::string>, Series*>> watched_;
  // Of each detector, by partition and value.
  std::vector<base::StringMap<OddValue>> odd_values_;
  std::map<int64_t, std::unique_ptr<OpenBucket>> open_;
  std::vector<std::unique_ptr<OpenBucket>> spare_;
  bool any_closed_ = false;
  int64_t last_closed_ = 0;
  int64_t last_pruned_ = 0;
  int64_t last_forgotten_ = 0;
  bool any_event_ = false;
  int64_t newest_ = 0;
  size_t memory_ = 0;
  DetectStats stats_;

  // Scratch.
  std::string key_;
  std::string value_;
  std::vector<Judged> in_order_;
  std::unique_ptr<Closing> closing_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_DETECT_BUCKET_ENGINE_H_
