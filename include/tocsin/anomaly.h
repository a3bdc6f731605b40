// AnomalyBucket: what a job of detectors found unusual in one stretch of time.
//
//   class Anomalies : public tocsin::CallbackSink {
//    public:
//     using CallbackSink::CallbackSink;
//     void OnAnomalies(const tocsin::AnomalyBucket& bucket) override {
//       for (const tocsin::AnomalyRecord& record : bucket.records) {
//         if (record.record_score >= 75) std::cout << record.id << "\n";
//       }
//     }
//   };
//
// Jobs cut event time into buckets [begin, begin + span) at multiples of their
// span since 1970. A bucket is handed out once, when its job waits for no event
// of it any more (docs/anomaly.md, "Time"), and is never revised.
//
// Names and meaning are those of the result documents of Elastic's anomaly
// detection; scores go from 0 to 100. Views are valid during the call that
// hands the bucket out.

#ifndef TOCSIN_ANOMALY_H_
#define TOCSIN_ANOMALY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin {

// Values of an influencer that a record is due to.
struct AnomalyInfluence {
  std::string field_name;
  std::vector<std::string> field_values;
};

// One detector found one series, value or person unusual. Names of fields that
// the detector does not have are empty, and so are their values.
struct AnomalyRecord {
  // 32 hex digits: the job, the bucket and what is unusual. The same after a
  // restart or a replay.
  std::string id;
  int detector_index = 0;
  std::string function;  // As the job names it.
  std::string field_name;
  std::string by_field_name;
  std::string by_field_value;
  std::string over_field_name;
  std::string over_field_value;
  std::string partition_field_name;
  std::string partition_field_value;

  // Of something no more usual than this, by what the job has seen.
  double probability = 1;
  double record_score = 0;
  // From -5, only this bucket is odd, to 5, only the buckets up to it are.
  double multi_bucket_impact = 0;
  double actual = 0;
  double typical = 0;

  // Of `rare`: it was not seen before; it is seen in one of so many buckets; so
  // many times less often than the value in the middle of all.
  bool first_occurrence = false;
  double one_in_buckets = 1;
  double relative_rarity = 1;

  std::vector<AnomalyInfluence> influencers;
};

// A value of an influencer, by all records that are due to it.
struct AnomalyInfluencer {
  std::string field_name;
  std::string field_value;
  double probability = 1;
  double influencer_score = 0;
};

struct AnomalyBucket {
  const JobInfo* job = nullptr;
  Timestamp begin;
  absl::Duration span;
  double event_count = 0;
  double anomaly_score = 0;
  // By falling score.
  std::vector<AnomalyRecord> records;
  std::vector<AnomalyInfluencer> influencers;
  // Records beyond the 100 of a bucket; those with the least scores.
  int64_t records_left_out = 0;
};

}  // namespace tocsin

#endif  // TOCSIN_ANOMALY_H_
