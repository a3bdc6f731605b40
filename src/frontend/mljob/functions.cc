#include "src/frontend/mljob/functions.h"

#include <algorithm>
#include <iterator>

namespace tocsin::mljob {
namespace {

using base::DetectorFunction;
using detectors::Side;
using enum Need;

#define TOCSIN_SIDES(name, function, field, over)                          \
  {name, DetectorFunction::function, Side::kBoth, field, kMay, over},      \
      {"high_" name, DetectorFunction::function, Side::kHigh, field, kMay, \
       over},                                                              \
  {                                                                        \
    "low_" name, DetectorFunction::function, Side::kLow, field, kMay, over \
  }

constexpr Function kFunctions[] = {
    TOCSIN_SIDES("count", kCount, kMustNot, kMay),
    TOCSIN_SIDES("non_zero_count", kNonZeroCount, kMustNot, kMustNot),
    TOCSIN_SIDES("nzc", kNonZeroCount, kMustNot, kMustNot),
    TOCSIN_SIDES("distinct_count", kDistinctCount, kMust, kMay),
    TOCSIN_SIDES("dc", kDistinctCount, kMust, kMay),
    TOCSIN_SIDES("info_content", kInfoContent, kMust, kMay),
    TOCSIN_SIDES("sum", kSum, kMust, kMay),
    TOCSIN_SIDES("non_null_sum", kNonNullSum, kMust, kMustNot),
    TOCSIN_SIDES("mean", kMean, kMust, kMay),
    TOCSIN_SIDES("avg", kMean, kMust, kMay),
    TOCSIN_SIDES("median", kMedian, kMust, kMay),
    TOCSIN_SIDES("varp", kVarp, kMust, kMay),
    {"min", DetectorFunction::kMin, Side::kBoth, kMust, kMay, kMay},
    {"max", DetectorFunction::kMax, Side::kBoth, kMust, kMay, kMay},
    {"rare", DetectorFunction::kRare, Side::kBoth, kMustNot, kMust, kMay},
    {"freq_rare", DetectorFunction::kFreqRare, Side::kBoth, kMustNot, kMust,
     kMust},
    {"time_of_day", DetectorFunction::kTimeOfDay, Side::kBoth, kMustNot, kMay,
     kMay},
    {"time_of_week", DetectorFunction::kTimeOfWeek, Side::kBoth, kMustNot, kMay,
     kMay},
};

#undef TOCSIN_SIDES

}  // namespace

const Function* FindFunction(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kFunctions), std::end(kFunctions),
                   [&](const Function& one) { return one.name == name; });
  return found == std::end(kFunctions) ? nullptr : found;
}

std::vector<std::string_view> FunctionNames() {
  std::vector<std::string_view> names;
  for (const Function& function : kFunctions) names.push_back(function.name);
  return names;
}

}  // namespace tocsin::mljob
