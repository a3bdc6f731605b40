// The names that a record of a detector has itself.

#ifndef TOCSIN_SRC_BASE_RECORD_NAMES_H_
#define TOCSIN_SRC_BASE_RECORD_NAMES_H_

#include <string_view>

namespace tocsin::base {

inline constexpr std::string_view kRecordNames[] = {"actual",
                                                    "anomaly_score_explanation",
                                                    "bucket_span",
                                                    "by_field_name",
                                                    "by_field_value",
                                                    "detector_index",
                                                    "field_name",
                                                    "function",
                                                    "id",
                                                    "influencers",
                                                    "initial_record_score",
                                                    "is_interim",
                                                    "job_id",
                                                    "kind",
                                                    "multi_bucket_impact",
                                                    "over_field_name",
                                                    "over_field_value",
                                                    "partition_field_name",
                                                    "partition_field_value",
                                                    "probability",
                                                    "record_score",
                                                    "result_type",
                                                    "timestamp",
                                                    "typical"};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_RECORD_NAMES_H_
