// MetricSeries says how unusual each value of a series is: a sum, a mean, a
// rate, one value a bucket.
//
//   tocsin::detectors::MetricSeries bytes_sent;
//   const tocsin::detectors::Observation seen =
//       bytes_sent.Update(value, bucket_start);
//   if (seen.probability < 1e-4) Report(value, seen.typical);
//
// Nothing is known beforehand and nothing is read ahead: a value is judged by
// those before it, then learned, the less the more unusual it is.
//
// A value is looked at in six ways (kViews), each a residual over its own
// scale:
//
//   slow      from a level that follows over weeks, and the season of the day
//   fast      from a level that follows over hours
//   step      from the value before
//   short     the mean of the last 12 residuals
//   long      the mean of the last 48
//   spread    the mean size of residuals, half of it of the last 8
//
// Each is a Student tail with 4 degrees of freedom, and is then measured by
// what that view has been in this very series: above its 99.5 % quantile,
// excesses are exponential (peaks over threshold: Siffer and others, "Anomaly
// detection in streams with extreme value theory", KDD 2017). So a series of
// wild jumps and a smooth one are scored alike, and 1 in n means 1 in n.
//
// The season is 48 means of half hours, used if errors with it are below 85 %
// of those without. Time is the bucket's, the day that of UTC. Values that are
// not finite are not taken. Update takes no memory; 512 bytes a series, nothing
// else allocated. Thread-compatible.

#ifndef TOCSIN_DETECTORS_METRIC_SERIES_H_
#define TOCSIN_DETECTORS_METRIC_SERIES_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::detectors {

struct MetricSeriesOptions {
  // Which values are unusual; kHigh for high_sum and its like.
  Side side = Side::kBoth;

  // Values after which one counts half, for the slow level and all scales, and
  // for the fast level.
  double slow_half_life = 1'400;
  double fast_half_life = 60;

  // Values before the first that can be unusual.
  int warm_up = 60;
};

struct Observation {
  // Of a value like this one in this series; of the last values together. 1 if
  // there is not enough to go by.
  double probability = 1;
  double window_probability = 1;

  // What all views together say, in nats: 0 is usual, 20 is worth a look. Made
  // to rank: it grows on where probabilities end.
  double surprise = 0;

  // What was expected, and between what 95 % of values would lie.
  double typical = 0;
  double lower = 0;
  double upper = 0;
};

class MetricSeries {
 public:
  explicit MetricSeries(const MetricSeriesOptions& options = {})
      : slow_rate_(Rate(options.slow_half_life)),
        fast_rate_(Rate(options.fast_half_life)),
        warm_up_(static_cast<uint16_t>(std::clamp(options.warm_up, 0, 60'000))),
        side_(options.side) {}

  // Judges a value, then learns it.
  Observation Update(double value, std::chrono::sys_seconds time) {
    Observation seen;
    // Scales are kept as floats.
    if (!(std::abs(value) <= kMostValue)) return seen;
    ++count_;
    const size_t half_hour = HalfHour(time);
    if (count_ == 1) {
      slow_ = fast_ = last_ = seen.typical = seen.lower = seen.upper = value;
      return seen;
    }
    const double slow_rate = std::max<double>(slow_rate_, 1.0 / count_);
    const double fast_rate = std::max<double>(fast_rate_, 1.0 / count_);

    const double seen_days = season_count_[half_hour];
    const double season = season_[half_hour] * seen_days / (seen_days + 3);
    const bool seasonal = SeasonHelps();
    const double plain = value - slow_;
    const double current = seasonal ? value - season : value;
    const double floor = 1e-9 + kFloor * std::abs(slow_);
    const double slow = current - slow_;
    const double fast = current - fast_;
    const double step = value - last_;
    const double slow_z = slow_scale_.Of(slow, floor);
    const double fast_z = fast_scale_.Of(fast, floor);

    SetTypical(seasonal ? season : 0, floor, &seen);

    const int16_t kept = Keep(slow_z);
    const double short_mean = short_.Add(kept, long_.Back(kShort)) / kShort;
    const double long_mean = long_.Add(kept) / kLong;
    const double now = std::log(std::abs(Restore(Keep(fast_z))) + 0.05);
    spread_ += static_cast<float>((now - spread_) / kShort);
    const std::array<double, kViews> deviations = {
        slow_z,
        fast_z,
        step_scale_.Of(step, 0.7 * floor),
        short_scale_.Of(short_mean, kMeanFloor),
        long_scale_.Of(long_mean, kMeanFloor),
        spread_scale_.Of(spread_ - usual_spread_, kMeanFloor)};
    Judge(deviations, slow_scale_.size * kNormal < floor, &seen);

    // Learn. What is unusual counts less, or an attack would become the norm.
    const bool young = count_ < kYoung;
    const double slow_weight = young ? 1 : Weight(slow_z);
    const double fast_weight = young ? 1 : Weight(fast_z);
    if (count_ == 2) {
      slow_scale_.size = static_cast<float>(std::abs(slow));
      fast_scale_.size = static_cast<float>(std::abs(fast));
      step_scale_.size = static_cast<float>(std::abs(step));
    } else {
      slow_scale_.Learn(slow, slow_rate, floor);
      fast_scale_.Learn(fast, slow_rate, floor);
      step_scale_.Learn(step, slow_rate, 0.7 * floor);
    }
    short_scale_.Learn(short_mean, slow_rate, kMeanFloor);
    long_scale_.Learn(long_mean, slow_rate, kMeanFloor);
    if (count_ > kShort) {
      spread_scale_.Learn(spread_ - usual_spread_, slow_rate, kMeanFloor);
      usual_spread_ +=
          static_cast<float>(slow_rate * (spread_ - usual_spread_));
    }
    const double usual = kNormal * slow_scale_.size + floor;
    LearnError(plain, slow_rate, usual, &plain_error_);
    LearnError(plain - season, slow_rate, usual, &season_error_);
    LearnError(step - drift_, fast_rate, usual, &drift_error_);
    LearnError(slow, fast_rate, usual, &slow_error_);
    drift_ += static_cast<float>(
        fast_rate * (std::clamp(step, -8 * usual, 8 * usual) - drift_));
    slow_ += slow_rate * slow_weight * slow * (seasonal ? 0.5 : 1);
    fast_ += fast_rate * fast_weight * fast;
    const double share = 1 / (1 + std::min(seen_days, 60.0));
    season_[half_hour] +=
        static_cast<float>(share * slow_weight * (plain - season_[half_hour]));
    if (slow_weight > 0.5 && season_count_[half_hour] < 255) {
      ++season_count_[half_hour];
    }
    last_ = value;
    return seen;
  }

  uint32_t count() const { return count_; }
  size_t memory() const { return sizeof(*this); }

  void Save(StateWriter* out) const {
    for (const double number : {slow_, fast_, last_}) {
      out->PutDouble(number);
    }
    for (const Scale* scale : Scales()) out->PutFloat(scale->size);
    for (const float number :
         {slow_rate_, fast_rate_, drift_, spread_, usual_spread_, plain_error_,
          season_error_, drift_error_, slow_error_}) {
      out->PutFloat(number);
    }
    for (size_t view = 0; view < kViews; ++view) {
      out->PutFloat(excesses_[view].quantile);
      out->PutFloat(excesses_[view].mean);
      out->Put16(excess_counts_[view]);
    }
    for (const float mean : season_) out->PutFloat(mean);
    for (const uint8_t days : season_count_) out->Put8(days);
    long_.Save(out);
    out->Put32(count_);
    out->Put16(warm_up_);
    out->Put8(static_cast<uint8_t>(side_));
  }

  bool Load(StateReader* in) {
    MetricSeries read;
    for (double* number : {&read.slow_, &read.fast_, &read.last_}) {
      *number = in->GetWithin(-2 * kMostValue, 2 * kMostValue);
    }
    for (Scale* scale : read.Scales()) scale->size = in->GetFloat();
    for (float* number :
         {&read.slow_rate_, &read.fast_rate_, &read.drift_, &read.spread_,
          &read.usual_spread_, &read.plain_error_, &read.season_error_,
          &read.drift_error_, &read.slow_error_}) {
      *number = in->GetFloat();
    }
    for (size_t view = 0; view < kViews; ++view) {
      read.excesses_[view].quantile = in->GetFloat();
      read.excesses_[view].mean = in->GetFloat();
      read.excess_counts_[view] = in->Get16();
    }
    for (float& mean : read.season_) mean = in->GetFloat();
    for (uint8_t& days : read.season_count_) days = in->Get8();
    read.long_.Load(in);
    read.short_.Restore(read.long_);
    read.count_ = in->Get32();
    read.warm_up_ = in->Get16();
    const uint8_t side = in->Get8();
    if (!in->ok() || side > 2 ||
        !(read.slow_rate_ > 0 && read.slow_rate_ <= 1) ||
        !(read.fast_rate_ > 0 && read.fast_rate_ <= 1)) {
      return false;
    }
    for (const Scale* scale : read.Scales()) {
      if (scale->size < 0) return false;
    }
    read.side_ = static_cast<Side>(side);
    *this = read;
    return true;
  }

 private:
  static constexpr double kMostValue = 1e30;
  static constexpr size_t kViews = 6;
  static constexpr size_t kShort = 12;
  static constexpr size_t kLong = 48;
  static constexpr uint32_t kYoung = 60;
  static constexpr double kNormal = 1.2533;  // Deviation over mean |residual|.
  static constexpr double kFloor = 0.002;    // Least scale, of the level.
  static constexpr double kMeanFloor = 0.05;
  static constexpr double kUnits = 4096;  // Of a kept residual.
  static constexpr double kMost = 4;      // A residual is kept up to this.

  // The mean size of a residual.
  struct Scale {
    float size = 0;

    double Of(double residual, double floor) const {
      return residual / (kNormal * size + floor);
    }
    void Learn(double residual, double rate, double floor) {
      const double most = 8 * (kNormal * size + floor);
      size += static_cast<float>(rate *
                                 (std::min(std::abs(residual), most) - size));
    }
  };

  // What one view has been: its 99.5 % quantile, and how far beyond that it
  // goes where it does.
  struct Excess {
    static constexpr double kTail = 0.005;
    float quantile = 0;
    float mean = 0;

    // -ln of the probability of a surprise this great in this series.
    double Of(double surprise) const {
      const double at_quantile = -std::log(kTail);
      if (surprise <= quantile) {
        return quantile > 0 ? at_quantile * surprise / quantile : 0;
      }
      return at_quantile + (surprise - quantile) / std::max<double>(mean, 0.3);
    }

    void Learn(double surprise, uint32_t seen, uint16_t* count) {
      if (seen == 1) quantile = static_cast<float>(surprise);
      // By stochastic approximation: up by 1 - kTail of a step, or down by
      // kTail.
      const double most = quantile + 9 * std::max<double>(mean, 0.3);
      const double rate = std::max(0.005, 2.0 / seen) * (0.2 + quantile);
      const bool above = surprise > quantile;
      quantile = static_cast<float>(
          std::max(0.0, quantile + rate * (above ? 1 - kTail : -kTail)));
      if (surprise > quantile) {
        if (*count < UINT16_MAX) ++*count;
        const double excess = std::min(surprise, most) - quantile;
        mean += static_cast<float>(std::max(0.02, 1.0 / *count) *
                                   (std::max(0.0, excess) - mean));
      }
    }
  };

  // The last residuals, in whole units: their sum never drifts.
  template <size_t kSize>
  class Ring {
   public:
    double Add(int16_t value) {
      const auto gone = values_[next_];
      values_[next_] = value;
      next_ = static_cast<uint8_t>((next_ + 1) % kSize);
      sum_ += value - gone;
      return sum_ / kUnits;
    }
    // The value `back` before the next.
    int16_t Back(size_t back) const {
      return values_[(next_ + kSize - back) % kSize];
    }
    void Save(StateWriter* out) const {
      for (size_t i = kSize; i > 0; --i) {
        out->Put16(static_cast<uint16_t>(Back(i)));
      }
    }
    void Load(StateReader* in) {
      *this = Ring();
      for (size_t i = 0; i < kSize; ++i) Add(static_cast<int16_t>(in->Get16()));
    }

   private:
    std::array<int16_t, kSize> values_ = {};
    int32_t sum_ = 0;
    uint8_t next_ = 0;
  };

  // The sum of the newest part of a ring.
  struct PartSum {
    int32_t sum = 0;

    double Add(int16_t value, int16_t gone) {
      sum += value - gone;
      return sum / kUnits;
    }
    template <size_t kSize>
    void Restore(const Ring<kSize>& ring) {
      sum = 0;
      for (size_t i = 1; i <= kShort; ++i) sum += ring.Back(i);
    }
  };

  static float Rate(double half_life) {
    return static_cast<float>(
        -std::expm1(-std::log(2.0) / std::max(half_life, 1.0)));
  }

  static size_t HalfHour(std::chrono::sys_seconds time) {
    const int64_t day = 86'400;
    const int64_t second = (time.time_since_epoch().count() % day + day) % day;
    return static_cast<size_t>(second / 1'800);
  }

  static int16_t Keep(double z) {
    return static_cast<int16_t>(
        std::lrint(std::clamp(z, -kMost, kMost) * kUnits));
  }
  static double Restore(int16_t kept) { return kept / kUnits; }

  static double Weight(double z) {
    const double size = std::abs(z);
    return size < 8 ? 1 : std::max(0.05, std::pow(8 / size, 1.5));
  }

  static void LearnError(double residual, double rate, double usual,
                         float* error) {
    *error += static_cast<float>(
        rate * (std::min(std::abs(residual), 8 * usual) - *error));
  }

  bool SeasonHelps() const {
    return count_ > 600 && season_error_ < 0.85F * plain_error_;
  }

  // What is expected: the level and the season, or what a line from the last
  // value says, if that has been nearer by far.
  void SetTypical(double season, double floor, Observation* seen) const {
    seen->typical = slow_ + season;
    double scale = kNormal * slow_scale_.size + floor;
    if (count_ > 10 && drift_error_ < 0.5F * slow_error_) {
      seen->typical = last_ + drift_;
      scale = kNormal * drift_error_ + floor;
    }
    constexpr double kNineteenIn20 = 2.776;  // Of Student's t, 4 degrees.
    seen->lower = seen->typical - kNineteenIn20 * scale;
    seen->upper = seen->typical + kNineteenIn20 * scale;
  }

  void Judge(const std::array<double, kViews>& deviations, bool constant,
             Observation* seen) {
    if (count_ < kYoung / 2) return;
    double greatest = 0;
    double sum = 0;
    double single = 0;
    double window = 0;
    for (size_t view = 0; view < kViews; ++view) {
      const bool is_spread = view == 5;
      if (is_spread && side_ != Side::kBoth) continue;
      double surprise = StudentSurprise(deviations[view], side_);
      // Without any variation before, there is no scale to tell how far a
      // value is from the others; only that it is one in so many.
      if (constant) surprise = std::min(surprise, std::log(count_ + 1.0));
      double rank = excesses_[view].Of(surprise);
      if (constant) rank = std::min(rank, std::log(count_ + 1.0));
      excesses_[view].Learn(surprise, count_ - kYoung / 2 + 1,
                            &excess_counts_[view]);
      greatest = std::max(greatest, rank);
      sum += rank;
      double& part = view < 3 ? single : window;
      part = std::max(part, rank);
    }
    if (count_ < warm_up_) return;
    seen->surprise = 0.5 * (greatest + sum);
    seen->probability = ClampProbability(std::exp(-single));
    seen->window_probability = ClampProbability(std::exp(-window));
  }

  std::array<const Scale*, kViews> Scales() const {
    return {&slow_scale_,  &fast_scale_, &step_scale_,
            &short_scale_, &long_scale_, &spread_scale_};
  }
  std::array<Scale*, kViews> Scales() {
    return {&slow_scale_,  &fast_scale_, &step_scale_,
            &short_scale_, &long_scale_, &spread_scale_};
  }

  double slow_ = 0;  // Levels.
  double fast_ = 0;
  double last_ = 0;
  float slow_rate_;
  float fast_rate_;
  float drift_ = 0;  // Of a step.
  Scale slow_scale_, fast_scale_, step_scale_;
  Scale short_scale_, long_scale_, spread_scale_;
  float spread_ = 0;  // How large residuals have been, and usually are.
  float usual_spread_ = 0;
  // Mean sizes of errors: of the level alone, with the season; over hours, of
  // a line from the last value and of the level.
  float plain_error_ = 0;
  float season_error_ = 0;
  float drift_error_ = 0;
  float slow_error_ = 0;
  std::array<Excess, kViews> excesses_;
  std::array<uint16_t, kViews> excess_counts_ = {};
  std::array<float, 48> season_ = {};
  std::array<uint8_t, 48> season_count_ = {};
  Ring<kLong> long_;
  PartSum short_;
  uint32_t count_ = 0;
  uint16_t warm_up_;
  Side side_;
};

// Onset passes a score on only where it begins: 0 for one that is not above all
// of the last `rows`, or one trouble would be many alerts. 16 bytes a score
// kept, at most `rows` of them.
class Onset {
 public:
  explicit Onset(int rows) : rows_(std::max(rows, 1)) {}

  double Pass(double score) {
    ++now_;
    // Greatest first; what a later one exceeds can never matter again.
    size_t gone = 0;
    while (gone < kept_.size() && kept_[gone].row < now_ - rows_) ++gone;
    kept_.erase(kept_.begin(),
                kept_.begin() + static_cast<std::ptrdiff_t>(gone));
    const bool begins = kept_.empty() || kept_.front().score < score;
    while (!kept_.empty() && kept_.back().score <= score) kept_.pop_back();
    kept_.push_back({now_, score});
    return begins ? score : 0;
  }

 private:
  struct Kept {
    int64_t row;
    double score;
  };
  std::vector<Kept> kept_;
  int64_t now_ = 0;
  int64_t rows_;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_METRIC_SERIES_H_
