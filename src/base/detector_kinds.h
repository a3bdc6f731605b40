// What detectors have in common on both sides of the wall: functions and rules.

#ifndef TOCSIN_SRC_BASE_DETECTOR_KINDS_H_
#define TOCSIN_SRC_BASE_DETECTOR_KINDS_H_

#include <cstdint>
#include <vector>

namespace tocsin::base {

enum class DetectorFunction : uint8_t {
  kCount,
  kNonZeroCount,
  kDistinctCount,
  kRare,
  kFreqRare,
  kInfoContent,
  kSum,
  kNonNullSum,
  kMean,
  kMedian,
  kMin,
  kMax,
  kVarp,
  kTimeOfDay,
  kTimeOfWeek,
};

// A result is left out, or a value not learned, where all conditions hold.
struct DetectorRule {
  enum class Quantity : uint8_t { kActual, kTypical, kDifference, kTime };
  enum class Comparison : uint8_t { kLess, kAtMost, kGreater, kAtLeast };
  struct Condition {
    Quantity quantity = Quantity::kActual;
    Comparison comparison = Comparison::kLess;
    double value = 0;
  };

  std::vector<Condition> conditions;
  bool skip_result = true;
  bool skip_update = false;
};

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_DETECTOR_KINDS_H_
