// What a detector job finds, bucket by bucket. The names are those of Elastic's
// result documents, in the same meaning, so that rules with an anomaly
// threshold can be applied to either.

#ifndef TOCSIN_SRC_RUNTIME_DETECT_DETECT_RESULT_H_
#define TOCSIN_SRC_RUNTIME_DETECT_DETECT_RESULT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::runtime {

// Values of one influencer that a record is due to.
struct Influence {
  uint32_t field = 0;  // In the job's fields.
  std::vector<std::string> values;
};

// One detector finds one series, value or person unusual in one bucket.
struct AnomalyRecord {
  uint32_t detector_index = 0;
  std::string by_field_value;
  std::string over_field_value;
  std::string partition_field_value;
  double probability = 1;
  double record_score = 0;  // As when the bucket closed.
  double multi_bucket_impact = 0;
  double actual = 0;
  double typical = 0;
  // Of `rare`.
  bool by_field_first_occurrence = false;
  double by_field_relative_rarity = 1;
  double one_in_buckets = 1;
  std::vector<Influence> influencers;
};

struct AnomalyInfluencer {
  uint32_t field = 0;
  std::string influencer_field_value;
  double probability = 1;
  double influencer_score = 0;
};

struct AnomalyBucket {
  int64_t timestamp = 0;  // Its start, in seconds.
  double event_count = 0;
  double anomaly_score = 0;
  std::vector<AnomalyRecord> records;  // By falling score.
  std::vector<AnomalyInfluencer> influencers;
  int64_t records_left_out = 0;  // Beyond the most there may be in a bucket.
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_DETECT_DETECT_RESULT_H_
