// What a BucketEngine keeps of one series and of one partition.

#ifndef TOCSIN_SRC_RUNTIME_DETECT_BUCKET_PARTS_H_
#define TOCSIN_SRC_RUNTIME_DETECT_BUCKET_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/string_map.h"
#include "src/runtime/detect/bucket_engine.h"

namespace tocsin::runtime {

// What one more of them takes, its text aside.
inline constexpr size_t kValueBytes = 96;
inline constexpr size_t kPopulationValueBytes = 160;
inline constexpr size_t kNodeBytes = 64;

struct BucketEngine::Series {
  explicit Series(const program::Detector& detector)
      : model(detector), people(detector.side) {}

  SeriesModel model;
  PopulationValues people;
  int64_t last = 0;               // The last bucket that it knows of.
  int64_t present = 0;            // Buckets it was in.
  std::vector<double> of_people;  // Of the bucket that is being closed.
  // Of its last events, where its silence matters: that is due to them as well.
  std::vector<Influence> last_influences;
};

struct BucketEngine::Partition {
  base::StringMap<std::unique_ptr<Series>> series;
  std::unique_ptr<detectors::Rarity<std::string>> rarity;
  std::unique_ptr<detectors::PopulationRarity<std::string>> population;
  // How often a person showed a value, and any: of freq_rare.
  base::StringMap<double> shown;
  // Buckets a person was in, of exclude_frequent.
  base::StringMap<int64_t> people;
  detectors::ScoreMap scores;
  int64_t last = 0;
};

// A fold of a closing bucket, and where it belongs.
struct BucketEngine::Judged {
  BucketFold* fold;
  Partition* partition;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_DETECT_BUCKET_PARTS_H_
