// TimeProfile says how unusual a time of the day, or of the week, is.
//
//   tocsin::detectors::TimeProfile hours(tocsin::detectors::Cycle::kDay);
//   const double p = hours.Update(event_time);     // 0.001: hardly ever.
//
// A circle of bins counts when things happened, fading. Each event lies over
// its bin and the two beside it (a quarter, a half, a quarter), so that 09:55
// and 10:05 are near each other, also across midnight. The probability of a
// time is that of all times no more frequent, over a Dirichlet with one event
// of prior spread over the circle: what has been seen 50 times only says
// nothing below about 1/50.
//
// A day has 48 bins of half an hour, a week 168 hours; days are those of UTC.
// An event is judged by those before it, then learned. 16 bytes and 4 a bin.
// Thread-compatible.

#ifndef TOCSIN_DETECTORS_TIME_PROFILE_H_
#define TOCSIN_DETECTORS_TIME_PROFILE_H_

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::detectors {

enum class Cycle : uint8_t {
  kDay,   // time_of_day
  kWeek,  // time_of_week; weeks begin on Monday
};

class TimeProfile {
 public:
  explicit TimeProfile(Cycle cycle = Cycle::kDay)
      : bins_(cycle == Cycle::kDay ? kDayBins : kWeekBins, 0.0F) {}

  Cycle cycle() const {
    return bins_.size() == kDayBins ? Cycle::kDay : Cycle::kWeek;
  }

  // Seconds since the beginning of the day or week.
  int64_t Second(std::chrono::sys_seconds time) const {
    const int64_t length = Length();
    // The epoch began on a Thursday, three days into the week.
    const int64_t second = time.time_since_epoch().count() +
                           (cycle() == Cycle::kWeek ? 3 * kDay : 0);
    return (second % length + length) % length;
  }

  // The probability of a time this unusual. Changes nothing.
  double Probability(std::chrono::sys_seconds time) const {
    const size_t bin = Bin(time);
    const double prior = 1.0 / static_cast<double>(bins_.size());
    const double limit = bins_[bin] * (1 + 1e-6);
    double sum = 0;
    for (const float count : bins_) {
      if (count <= limit) sum += count + prior;
    }
    return ClampProbability(sum / (total_ + 1));
  }

  // The same, then learns the time. Half of what is known fades in as many
  // events as make `half_life`.
  double Update(std::chrono::sys_seconds time, double half_life = 20'000) {
    const double p = Probability(time);
    // All of it fades, so counts of the past are what is made smaller; with few
    // bins that is cheap.
    const auto keep = static_cast<float>(std::exp2(-1 / half_life));
    for (float& count : bins_) count *= keep;
    const size_t bin = Bin(time);
    const size_t size = bins_.size();
    bins_[bin] += 0.5F;
    bins_[(bin + 1) % size] += 0.25F;
    bins_[(bin + size - 1) % size] += 0.25F;
    total_ = total_ * keep + 1;
    return p;
  }

  // The middle of the most frequent bin, in seconds of the day or week; of
  // equal ones the first.
  int64_t Typical() const {
    const auto most = std::max_element(bins_.begin(), bins_.end());
    return (most - bins_.begin()) * BinLength() + BinLength() / 2;
  }

  double total() const { return total_; }
  size_t memory() const {
    return sizeof(*this) + bins_.capacity() * sizeof(float);
  }

  void Save(StateWriter* out) const {
    out->Put64(bins_.size());
    for (const float count : bins_) out->PutFloat(count);
    out->PutDouble(total_);
  }

  bool Load(StateReader* in) {
    TimeProfile read;
    read.bins_.resize(in->GetCount(4));
    for (float& count : read.bins_) {
      count = in->GetFloat();
      if (count < 0) in->Fail();
    }
    read.total_ = in->GetWithin(0, 1e18);
    if (!in->ok() ||
        (read.bins_.size() != kDayBins && read.bins_.size() != kWeekBins)) {
      return false;
    }
    *this = std::move(read);
    return true;
  }

 private:
  static constexpr int64_t kDay = 86'400;
  static constexpr size_t kDayBins = 48;
  static constexpr size_t kWeekBins = 168;

  int64_t Length() const { return cycle() == Cycle::kDay ? kDay : 7 * kDay; }
  int64_t BinLength() const {
    return Length() / static_cast<int64_t>(bins_.size());
  }
  size_t Bin(std::chrono::sys_seconds time) const {
    return static_cast<size_t>(Second(time) / BinLength());
  }

  std::vector<float> bins_;
  double total_ = 0;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_TIME_PROFILE_H_
