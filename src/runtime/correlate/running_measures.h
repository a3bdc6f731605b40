// RunningMeasures: the measures of a rule over the events of a window, most of
// them kept up to date as the window moves; the others go through it.
//
// A window is whatever has `size()`, how many events lie in it, and `At(i)`,
// the oldest first.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_RUNNING_MEASURES_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_RUNNING_MEASURES_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "src/program/correlation.h"
#include "src/runtime/correlate/formula.h"
#include "src/state/counted_map.h"
#include "src/state/slab.h"

namespace tocsin::runtime {

struct WindowEvent {
  int64_t time = 0;
  program::StepMask steps = 0;
  const uint64_t* columns = nullptr;
};

// What is kept of a window for one measure.
union Running {
  // Of sums and averages.
  struct Sums {
    uint32_t count = 0;
    uint32_t fractions = 0;  // Numbers whose sum would drift: gone through.
    double sum = 0;
  };
  // Of all others.
  struct Values {
    uint32_t count = 0;
    state::CountedMap map;  // Made when the window has more than a few events.
  };

  Values values{};
  Sums sums;
};

class RunningMeasures {
 public:
  // Most events of a window: of those whose measures are kept up to date, and
  // of those that are gone through for each event.
  static constexpr uint32_t kMostRunning = 1u << 20;
  static constexpr uint32_t kMostScanned = 1u << 12;

  RunningMeasures(const program::Correlation& rule, state::Slab* slab)
      : rule_(rule), slab_(slab) {
    for (const auto& measure : rule.measures) {
      all_running_ &= IsRunning(measure.kind);
    }
    FindLeast();
  }

  uint32_t most_events() const {
    return all_running_ ? kMostRunning : kMostScanned;
  }

  // Those of a group are `Bytes` long.
  size_t Bytes() const { return rule_.measures.size() * sizeof(Running); }

  void Init(Running* of) const {
    for (size_t i = 0; i < rule_.measures.size(); ++i) {
      of[i] = IsSum(rule_.measures[i].kind) ? Running{.sums = {}}
                                            : Running{.values = {}};
    }
  }

  // Before a group goes.
  void Clear(Running* of) const {
    for (size_t i = 0; i < rule_.measures.size(); ++i) {
      if (!IsSum(rule_.measures[i].kind)) of[i].values.map.Clear(slab_);
    }
  }

  // An event comes into the window (+1), or leaves it (-1).
  void Count(Running* of, const WindowEvent& event, int sign) const {
    for (size_t i = 0; i < rule_.measures.size(); ++i) {
      const program::MeasureData& measure = rule_.measures[i];
      if ((event.steps & measure.steps) == 0) continue;
      if (IsSum(measure.kind)) {
        Sum(&of[i].sums, event.columns[measure.column], sign);
        continue;
      }
      Running::Values& values = of[i].values;
      values.count += static_cast<uint32_t>(sign);
      if (values.map.table == state::Slab::kNone) continue;
      const uint64_t tuple = event.columns[measure.column];
      if (tuple == 0) continue;
      if (sign < 0) {
        values.map.Remove(slab_, tuple);
      } else if (!values.map.Add(slab_, tuple)) {
        values.map.Clear(slab_);
      }
    }
  }

  template <typename Window>
  double Value(Running* of, uint32_t number, const Window& window) {
    using base::MeasureKind;
    const program::MeasureData& measure = rule_.measures[number];
    const Running& running = of[number];
    switch (measure.kind) {
      case MeasureKind::kCount:
        return running.values.count;
      case MeasureKind::kDistinct:
        return Distinct(of, number, window);
      case MeasureKind::kSum:
      case MeasureKind::kAvg:
        if (running.sums.fractions > 0) break;
        if (running.sums.count == 0) return kNull;
        return measure.kind == MeasureKind::kSum
                   ? running.sums.sum
                   : running.sums.sum / running.sums.count;
      default:
        break;
    }
    samples_.clear();
    for (uint32_t i = 0; i < window.size(); ++i) {
      const WindowEvent event = window.At(i);
      if ((event.steps & measure.steps) == 0) continue;
      Sample sample{.time = event.time};
      if (measure.column != program::kNoColumn) {
        sample.number = std::bit_cast<double>(event.columns[measure.column]);
      }
      samples_.push_back(sample);
    }
    return Measure(measure, rule_.span, samples_, &scratch_);
  }

  // Whether the rule's formula is true.
  template <typename Window>
  bool IsTrue(Running* of, const Window& window) {
    if (window.size() < least_events_) return false;
    if (least_events_ > 0) return Distinct(of, least_of_, window) >= least_;
    return runtime::IsTrue(
        rule_.formula,
        [&](uint32_t number) { return Value(of, number, window); }, &stack_);
  }

 private:
  // Below so many events distinct values are compared one by one.
  static constexpr uint32_t kFewEvents = 16;

  static bool IsRunning(base::MeasureKind kind) {
    using base::MeasureKind;
    return kind == MeasureKind::kCount || kind == MeasureKind::kDistinct ||
           kind == MeasureKind::kSum || kind == MeasureKind::kAvg ||
           kind == MeasureKind::kRate;
  }
  static bool IsSum(base::MeasureKind kind) {
    return kind == base::MeasureKind::kSum || kind == base::MeasureKind::kAvg;
  }
  // Whether sums of it are exact whatever the order.
  static bool IsSmallInteger(double number) {
    return std::abs(number) <= 4294967296.0 && std::floor(number) == number;
  }

  static void Sum(Running::Sums* sums, uint64_t column, int sign) {
    const auto number = std::bit_cast<double>(column);
    if (std::isnan(number)) return;
    if (IsSmallInteger(number)) {
      sums->sum += sign * number;
    } else {
      sums->fractions += static_cast<uint32_t>(sign);
    }
    sums->count += static_cast<uint32_t>(sign);
  }

  // Whether the formula asks for no more than some distinct values: then it is
  // false at once where the window has fewer events.
  void FindLeast() {
    using program::FormulaOp;
    const auto& ops = rule_.formula;
    if (ops.size() != 3 || ops[0].kind != FormulaOp::kMeasure ||
        ops[1].kind != FormulaOp::kNumber ||
        ops[2].kind != FormulaOp::kCompare) {
      return;
    }
    const bool is_more = ops[2].compare == base::MeasureCompare::kGt;
    if (!is_more && ops[2].compare != base::MeasureCompare::kGe) return;
    if (rule_.measures[ops[0].index].kind != base::MeasureKind::kDistinct) {
      return;
    }
    const double least =
        is_more ? std::floor(ops[1].number) + 1 : std::ceil(ops[1].number);
    if (least > 0 && least < kMostRunning) {
      least_ = least;
      least_events_ = static_cast<uint32_t>(least);
      least_of_ = ops[0].index;
    }
  }

  // A window this small needs no map; one that has grown gets one.
  template <typename Window>
  double Distinct(Running* of, uint32_t number, const Window& window) {
    const program::MeasureData& measure = rule_.measures[number];
    state::CountedMap& map = of[number].values.map;
    if (map.table != state::Slab::kNone) return map.size;
    tuples_.clear();
    for (uint32_t i = 0; i < window.size(); ++i) {
      const WindowEvent event = window.At(i);
      if ((event.steps & measure.steps) == 0) continue;
      const uint64_t tuple = event.columns[measure.column];
      if (tuple != 0) tuples_.push_back(tuple);
    }
    if (window.size() > std::max(kFewEvents, least_events_)) {
      const bool is_made =
          std::all_of(tuples_.begin(), tuples_.end(),
                      [&](uint64_t tuple) { return map.Add(slab_, tuple); });
      if (is_made && map.table != state::Slab::kNone) return map.size;
      map.Clear(slab_);
    }
    std::sort(tuples_.begin(), tuples_.end());
    return static_cast<double>(std::unique(tuples_.begin(), tuples_.end()) -
                               tuples_.begin());
  }

  const program::Correlation& rule_;
  state::Slab* const slab_;
  bool all_running_ = true;
  // Of a formula that asks for no more than `least_` distinct values.
  double least_ = 0;
  uint32_t least_events_ = 0;
  uint32_t least_of_ = 0;
  std::vector<uint64_t> tuples_;
  std::vector<Sample> samples_;
  std::vector<double> scratch_;
  std::vector<double> stack_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_RUNNING_MEASURES_H_
