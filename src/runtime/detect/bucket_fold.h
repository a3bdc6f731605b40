// BucketFold: what one bucket holds of one series, as little as its function
// asks for; and OpenBucket, the folds of all detectors of a job in one bucket.
//
// Texts of a bucket are kept once and numbered; series and influences are found
// by these numbers. An OpenBucket that was closed is used again, so that events
// of the usual kind allocate nothing.

#ifndef TOCSIN_SRC_RUNTIME_DETECT_BUCKET_FOLD_H_
#define TOCSIN_SRC_RUNTIME_DETECT_BUCKET_FOLD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/base/string_map.h"
#include "src/base/text_arena.h"
#include "src/program/detector_job.h"
#include "tocsin/detectors/bucket_values.h"
#include "tocsin/detectors/distinct_counter.h"
#include "tocsin/detectors/state_bytes.h"

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

inline constexpr uint32_t kNoInfluence = UINT32_MAX;

struct BucketFold {
  // Views into the bucket.
  std::string_view by;
  std::string_view over;
  std::string_view partition;
  double events = 0;
  detectors::BucketMoments moments;
  std::unique_ptr<detectors::BucketSample> sample;
  std::unique_ptr<detectors::DistinctCounter> distinct;
  std::unique_ptr<detectors::BucketTexts> texts;
  // Of the functions of time.
  std::vector<int64_t> times;
  uint32_t influence = kNoInfluence;  // The last of its influences.
  uint32_t influences = 0;            // How many there are.
};

class OpenBucket {
 public:
  explicit OpenBucket(const program::DetectorJob* job) : job_(job) {
    of_detector_.resize(job->detectors.size());
  }

  // Empty, and of another time.
  void Begin(int64_t number);

  // Takes a row that stands for `events`, `room` bytes at most; returns for how
  // many series there was none.
  int Add(std::span<const DetectCell> cells, double events, int64_t seconds,
          size_t room);

  int64_t number() const { return number_; }
  double events() const { return events_; }
  // What its texts, folds and influences take, about.
  size_t bytes() const { return bytes_; }

  std::span<BucketFold> folds(size_t detector) {
    Detector& of = of_detector_[detector];
    return {of.folds.data(), of.count};
  }

  // Calls visit(influencer, value, events) for each of a fold's influences;
  // influencers are numbered as the job has them.
  template <typename Visit>
  void ForEachInfluence(const BucketFold& fold, Visit visit) const {
    for (uint32_t i = fold.influence; i != kNoInfluence;
         i = influences_[i].next) {
      visit(influences_[i].influencer, texts_[influences_[i].text],
            influences_[i].events);
    }
  }

  // Equal buckets are equal bytes.
  void Save(detectors::StateWriter* out) const;
  bool Load(detectors::StateReader* in);

 private:
  // Partition, by, over; kNoText where there is none.
  using FoldKey = std::array<uint32_t, 3>;
  static constexpr uint32_t kNoText = UINT32_MAX;
  struct Detector {
    absl::flat_hash_map<FoldKey, uint32_t> places;
    std::vector<BucketFold> folds;  // The first `count` are in use.
    size_t count = 0;
  };
  struct Influence {
    uint32_t influencer;
    uint32_t text;
    uint32_t next;
    double events;
  };

  uint32_t TextNumber(std::string_view text);
  bool AddTo(size_t detector, std::span<const DetectCell> cells, double events,
             int64_t seconds, size_t room);
  BucketFold* FindFold(size_t detector, const FoldKey& key, size_t room);
  void AddInfluence(size_t detector, uint32_t fold, uint32_t influencer,
                    std::string_view value, double events);
  void SaveFold(const BucketFold& fold, detectors::StateWriter* out) const;
  bool LoadFold(size_t detector, detectors::StateReader* in);

  const program::DetectorJob* job_;
  int64_t number_ = 0;  // Start over span.
  double events_ = 0;
  size_t bytes_ = 0;
  base::TextArena arena_;
  std::vector<std::string_view> texts_;
  absl::flat_hash_map<std::string_view, uint32_t, base::StringHash,
                      std::equal_to<>>
      numbers_;
  std::vector<Detector> of_detector_;
  std::vector<Influence> influences_;
  // Detector and fold, influencer, text.
  absl::flat_hash_map<std::array<uint64_t, 2>, uint32_t> influence_places_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_DETECT_BUCKET_FOLD_H_
