// Formulas over measures, and measures over runs of events.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_FORMULA_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_FORMULA_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/program/correlation.h"

namespace tocsin::runtime {

// A measure of nothing; comparisons with it are neither true nor false.
inline constexpr double kNull = std::numeric_limits<double>::quiet_NaN();

// The number that `formula` is, or kNull; of a truth 1 or 0.
double ValueOf(std::span<const program::FormulaOp> formula,
               absl::FunctionRef<double(uint32_t measure)> measure,
               std::vector<double>* stack);

// Whether `formula` is true; null is not.
bool IsTrue(std::span<const program::FormulaOp> formula,
            absl::FunctionRef<double(uint32_t measure)> measure,
            std::vector<double>* stack);

// An event of a window: its time, and what one measure asks of it.
struct Sample {
  int64_t time = 0;
  double number = kNull;
  uint64_t tuple = 0;
};

// The value of a measure of `samples`, which are in order and all of its
// steps. `scratch` is for the measure's own use.
double Measure(const program::MeasureData& measure, int64_t span,
               std::span<const Sample> samples, std::vector<double>* scratch);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_FORMULA_H_
