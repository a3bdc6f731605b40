#include "src/runtime/correlate/formula.h"

#include <algorithm>
#include <cstddef>

#include "absl/container/flat_hash_set.h"
#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {
namespace {

using base::MeasureKind;
using program::FormulaOp;

constexpr double kTrue = 1;
constexpr double kFalse = 0;
constexpr double kNanosPerSecond = 1e9;

double Compare(base::MeasureCompare compare, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return kNull;
  switch (compare) {
    case base::MeasureCompare::kEq:
      return a == b;
    case base::MeasureCompare::kNe:
      return a != b;
    case base::MeasureCompare::kLt:
      return a < b;
    case base::MeasureCompare::kLe:
      return a <= b;
    case base::MeasureCompare::kGt:
      return a > b;
    case base::MeasureCompare::kGe:
      return a >= b;
  }
  return kNull;
}

double Arithmetic(FormulaOp::Kind kind, double a, double b) {
  switch (kind) {
    case FormulaOp::kAdd:
      return a + b;
    case FormulaOp::kSub:
      return a - b;
    case FormulaOp::kMul:
      return a * b;
    case FormulaOp::kMod:
      return b == 0 ? kNull : std::fmod(a, b);
    default:
      return b == 0 ? kNull : a / b;
  }
}

// Three-valued: one `decisive` truth decides, else a null makes it null.
double Join(std::span<const double> truths, double decisive) {
  double joined = decisive == kTrue ? kFalse : kTrue;
  for (const double truth : truths) {
    if (truth == decisive) return decisive;
    if (std::isnan(truth)) joined = kNull;
  }
  return joined;
}

double Mean(std::span<const double> numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum / static_cast<double>(numbers.size());
}

double Deviation(std::span<const double> numbers) {
  const double mean = Mean(numbers);
  double squares = 0;
  for (const double number : numbers) {
    squares += (number - mean) * (number - mean);
  }
  return std::sqrt(squares / static_cast<double>(numbers.size()));
}

double Select(std::vector<double>* numbers, size_t rank) {
  const auto at = numbers->begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(numbers->begin(), at, numbers->end());
  return *at;
}

double Median(std::vector<double>* numbers) {
  const size_t middle = numbers->size() / 2;
  const double upper = Select(numbers, middle);
  if (numbers->size() % 2 == 1) return upper;
  const double lower = *std::max_element(
      numbers->begin(), numbers->begin() + static_cast<std::ptrdiff_t>(middle));
  return lower + (upper - lower) / 2;
}

// Nearest rank: the smallest number that at least so many percent do not
// exceed.
double Percentile(std::vector<double>* numbers, double percent) {
  const double rank =
      std::ceil(percent / 100 * static_cast<double>(numbers->size()));
  const size_t index = static_cast<size_t>(std::max(rank, 1.0)) - 1;
  return Select(numbers, std::min(index, numbers->size() - 1));
}

double OfNumbers(const program::MeasureData& measure,
                 std::vector<double>* numbers) {
  if (numbers->empty()) return kNull;
  switch (measure.kind) {
    case MeasureKind::kSum: {
      double sum = 0;
      for (const double number : *numbers) sum += number;
      return sum;
    }
    case MeasureKind::kAvg:
      return Mean(*numbers);
    case MeasureKind::kMin:
      return *std::min_element(numbers->begin(), numbers->end());
    case MeasureKind::kMax:
      return *std::max_element(numbers->begin(), numbers->end());
    case MeasureKind::kMedian:
      return Median(numbers);
    case MeasureKind::kPercentile:
      return Percentile(numbers, measure.parameter);
    case MeasureKind::kStddev:
      return Deviation(*numbers);
    case MeasureKind::kFirst:
      return numbers->front();
    case MeasureKind::kLast:
      return numbers->back();
    default:
      return kNull;
  }
}

// Seconds between neighbours.
void Gaps(std::span<const Sample> samples, std::vector<double>* gaps) {
  for (size_t i = 1; i < samples.size(); ++i) {
    // Whole numbers first: times are too large for doubles.
    const int64_t gap = SubTime(samples[i].time, samples[i - 1].time);
    gaps->push_back(static_cast<double>(gap) / kNanosPerSecond);
  }
}

}  // namespace

double ValueOf(std::span<const FormulaOp> formula,
               absl::FunctionRef<double(uint32_t measure)> measure,
               std::vector<double>* stack) {
  stack->clear();
  const auto pop = [stack] {
    const double value = stack->back();
    stack->pop_back();
    return value;
  };
  for (const FormulaOp& op : formula) {
    switch (op.kind) {
      case FormulaOp::kNumber:
        stack->push_back(op.number);
        break;
      case FormulaOp::kMeasure:
        stack->push_back(measure(op.index));
        break;
      case FormulaOp::kAdd:
      case FormulaOp::kSub:
      case FormulaOp::kMul:
      case FormulaOp::kDiv:
      case FormulaOp::kMod: {
        const double right = pop();
        stack->back() = Arithmetic(op.kind, stack->back(), right);
        break;
      }
      case FormulaOp::kCompare: {
        const double right = pop();
        stack->back() = Compare(op.compare, stack->back(), right);
        break;
      }
      case FormulaOp::kAnd:
      case FormulaOp::kOr: {
        const size_t first = stack->size() - op.index;
        const double joined =
            Join(std::span<const double>(*stack).subspan(first),
                 op.kind == FormulaOp::kAnd ? kFalse : kTrue);
        stack->resize(first);
        stack->push_back(joined);
        break;
      }
      case FormulaOp::kNot:
        if (!std::isnan(stack->back())) stack->back() = 1 - stack->back();
        break;
      case FormulaOp::kTruncate:
        stack->back() = std::trunc(stack->back());
        break;
      case FormulaOp::kRound: {
        const double scale = std::pow(10, op.index);
        stack->back() = std::round(stack->back() * scale) / scale;
        break;
      }
      case FormulaOp::kIf: {
        const double otherwise = pop();
        const double then = pop();
        stack->back() = stack->back() == kTrue ? then : otherwise;
        break;
      }
      case FormulaOp::kIsNull:
        stack->back() = std::isnan(stack->back()) ? kTrue : kFalse;
        break;
      case FormulaOp::kIsTrue:
        stack->back() = stack->back() == kTrue ? kTrue : kFalse;
        break;
    }
  }
  return stack->empty() ? kNull : stack->back();
}

bool IsTrue(std::span<const FormulaOp> formula,
            absl::FunctionRef<double(uint32_t measure)> measure,
            std::vector<double>* stack) {
  return ValueOf(formula, measure, stack) == kTrue;
}

double Measure(const program::MeasureData& measure, int64_t span,
               std::span<const Sample> samples, std::vector<double>* scratch) {
  scratch->clear();
  switch (measure.kind) {
    case MeasureKind::kCount:
      return static_cast<double>(samples.size());
    case MeasureKind::kDistinct: {
      absl::flat_hash_set<uint64_t> seen;
      for (const Sample& sample : samples) {
        if (sample.tuple != 0) seen.insert(sample.tuple);
      }
      return static_cast<double>(seen.size());
    }
    case MeasureKind::kRate:
      return static_cast<double>(samples.size()) /
             (static_cast<double>(span) / kNanosPerSecond);
    case MeasureKind::kInterval:
      if (samples.size() < 2) return kNull;
      Gaps(samples, scratch);
      return Mean(*scratch);
    case MeasureKind::kJitter: {
      if (samples.size() < 3) return kNull;
      Gaps(samples, scratch);
      const double mean = Mean(*scratch);
      return mean == 0 ? kNull : Deviation(*scratch) / mean;
    }
    default:
      for (const Sample& sample : samples) {
        if (!std::isnan(sample.number)) scratch->push_back(sample.number);
      }
      return OfNumbers(measure, scratch);
  }
}

}  // namespace tocsin::runtime
