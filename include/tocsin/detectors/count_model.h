// CountModel says how unusual a number of events in a bucket is.
//
//   using tocsin::detectors::Side;
//   tocsin::detectors::CountModel logons({.side = Side::kHigh});
//   for (const Bucket& bucket : buckets) {
//     const tocsin::detectors::CountSeen seen =
//         logons.Update(bucket.events, bucket.start);
//     if (seen.probability < 1e-4) Report(bucket, seen.typical);
//   }
//
// Counts are negative binomial about a mean with a season: Gamma-Poisson, whose
// dispersion is the mean of squared Pearson residuals (quasi-Poisson:
// Farrington and others, JRSS A 1996; Noufaily and others, Statistics in
// Medicine 2013). The predictive spread is wider while there is little history.
// A bucket is judged by those before it, then learned, the less the more
// unusual it is: fully down to a probability of 0.001, by a hundredth from
// 0.00001 on.
//
// The season is 24 factors of hours for weekdays and 24 for weekends, used if
// errors with it are below 85 % of those without. For series that are mostly
// empty, as non_zero_count: leave the empty buckets out.
//
// 272 bytes, nothing else allocated. Thread-compatible.

#ifndef TOCSIN_DETECTORS_COUNT_MODEL_H_
#define TOCSIN_DETECTORS_COUNT_MODEL_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::detectors {

struct CountModelOptions {
  Side side = Side::kBoth;

  // Buckets after which one counts half.
  double half_life = 1'400;
};

struct CountSeen {
  double probability = 1;
  // What was expected, and between what 95 % of counts would lie.
  double typical = 0;
  double lower = 0;
  double upper = 0;
};

class CountModel {
 public:
  explicit CountModel(const CountModelOptions& options = {})
      : rate_(static_cast<float>(
            -std::expm1(-std::log(2.0) / std::max(options.half_life, 1.0)))),
        side_(options.side) {}

  // What the model says of a count. Changes nothing.
  CountSeen Judge(double count, std::chrono::sys_seconds time) const {
    CountSeen seen;
    if (seen_ == 0) {
      seen.typical = seen.lower = seen.upper = count;
      return seen;
    }
    const double mean = Mean(time);
    // The mean itself is known only as well as so many buckets tell it.
    const double dispersion =
        Dispersion() * (1 + 1 / Effective()) + mean / (Effective() + 1);
    seen.typical = mean;
    const double spread = 1.96 * std::sqrt(mean * dispersion);
    seen.lower = std::max(0.0, mean - spread);
    seen.upper = mean + spread;
    // Two buckets have no spread.
    if (seen_ < 3) return seen;
    const CountTails tails = CountTailsOf(mean, dispersion, count);
    switch (side_) {
      case Side::kHigh:
        seen.probability = tails.high;
        break;
      case Side::kLow:
        seen.probability = tails.low;
        break;
      case Side::kBoth:
        seen.probability =
            ClampProbability(2 * std::min(tails.high, tails.low));
        break;
    }
    return seen;
  }

  // Judges a count, then learns it. A count is finite and not negative; another
  // is not taken.
  CountSeen Update(double count, std::chrono::sys_seconds time) {
    if (!(count >= 0 && count <= 1e15)) return {};
    const CountSeen seen = Judge(count, time);
    double weight = seen_ < kYoung ? 1 : Weight(seen.probability);
    // What goes on and on is no outlier but how things are now.
    unusual_run_ = weight > 0.5 ? 0 : std::min(unusual_run_ + 1, kLongRun);
    weight = std::max(weight, std::pow(1.0 * unusual_run_ / kLongRun, 2));
    Learn(count, time, weight);
    return seen;
  }

  // The same of a number of buckets in which nothing happened, at once, as long
  // as none of them would have been worth a word. The season stays as it is.
  void LearnEmpty(uint64_t buckets) {
    if (seen_ == 0 || buckets == 0) return;
    const double n = static_cast<double>(std::min<uint64_t>(buckets, 1 << 30));
    // At least as slow as a mean of all there were.
    const double rate = std::max<double>(rate_, 1.0 / (seen_ + n));
    const double keep =
        rate_ >= rate ? std::exp(n * std::log1p(-rate_)) : seen_ / (seen_ + n);
    // An empty bucket about a mean m has a Pearson square of m^2 / (m + 1/2).
    const double square = level_ * level_ / (level_ + 0.5);
    squares_ = static_cast<float>(squares_ * keep + square * (1 - keep));
    level_ *= keep;
    seen_ = static_cast<uint32_t>(
        std::min<double>(static_cast<double>(seen_) + n, UINT32_MAX));
    unusual_run_ = 0;
  }

  // The least probability that an empty bucket can have, at the busiest hour.
  double EmptyProbability() const {
    double most = 1;
    if (SeasonHelps()) {
      for (size_t hour = 0; hour < kHours; ++hour) {
        most = std::max(most, Factor(hour));
      }
    }
    const double mean = std::max(level_ * most, 1e-3);
    return CountTailsOf(mean, Dispersion() + mean / (Effective() + 1), 0).low;
  }

  // The typical count at a time.
  double Mean(std::chrono::sys_seconds time) const {
    const double factor = SeasonHelps() ? Factor(Hour(time)) : 1;
    return std::max(level_ * factor, 1e-3);
  }

  uint32_t seen() const { return seen_; }
  size_t memory() const { return sizeof(*this); }

  void Save(StateWriter* out) const {
    out->PutDouble(level_);
    for (const float number : {rate_, squares_, plain_error_, season_error_}) {
      out->PutFloat(number);
    }
    for (const float factor : factors_) out->PutFloat(factor);
    for (const uint8_t times : factor_counts_) out->Put8(times);
    out->Put32(seen_);
    out->Put8(static_cast<uint8_t>(unusual_run_));
    out->Put8(static_cast<uint8_t>(side_));
  }

  bool Load(StateReader* in) {
    CountModel read;
    read.level_ = in->GetWithin(0, 1e16);
    for (float* number : {&read.rate_, &read.squares_, &read.plain_error_,
                          &read.season_error_}) {
      *number = in->GetFloat();
      if (*number < 0) in->Fail();
    }
    for (float& factor : read.factors_) {
      factor = in->GetFloat();
      if (factor < 0) in->Fail();
    }
    for (uint8_t& times : read.factor_counts_) times = in->Get8();
    read.seen_ = in->Get32();
    read.unusual_run_ = std::min<int>(in->Get8(), kLongRun);
    const uint8_t side = in->Get8();
    if (!in->ok() || side > 2 || read.rate_ <= 0 || read.rate_ > 1)
      return false;
    read.side_ = static_cast<Side>(side);
    *this = read;
    return true;
  }

 private:
  static constexpr size_t kHours = 48;
  static constexpr uint32_t kYoung = 48;
  static constexpr int kLongRun = 24;

  static size_t Hour(std::chrono::sys_seconds time) {
    constexpr int64_t kDay = 86'400;
    const int64_t seconds = time.time_since_epoch().count();
    const int64_t day =
        seconds >= 0 ? seconds / kDay : -((-seconds + kDay - 1) / kDay);
    const auto hour = static_cast<size_t>((seconds - day * kDay) / 3'600);
    // The first day of the epoch was a Thursday.
    const int64_t weekday = ((day + 3) % 7 + 7) % 7;
    return weekday >= 5 ? 24 + hour : hour;
  }

  static double Weight(double p) {
    if (p >= 1e-3) return 1;
    if (p <= 1e-5) return 0.01;
    return std::pow(0.01, (std::log10(p) + 3) / -2);
  }

  // Shrunk to 1 while an hour has been seen little.
  double Factor(size_t hour) const {
    const double times = factor_counts_[hour];
    return (factors_[hour] * times + 3) / (times + 3);
  }

  // How many buckets what is known is worth.
  double Effective() const { return std::min<double>(seen_, 1.4427 / rate_); }

  double Dispersion() const { return std::max<double>(1, squares_); }

  bool SeasonHelps() const {
    return seen_ > 200 && season_error_ < 0.85F * plain_error_;
  }

  void Learn(double count, std::chrono::sys_seconds time, double weight) {
    if (seen_ < UINT32_MAX) ++seen_;
    const double rate = std::max<double>(rate_, 1.0 / seen_);
    if (seen_ == 1) {
      level_ = count;
      squares_ = 1;
      return;
    }
    const size_t hour = Hour(time);
    const double factor = Factor(hour);
    const bool seasonal = SeasonHelps();
    const double mean = std::max(level_ * (seasonal ? factor : 1), 1e-3);
    const double residual = count - mean;
    // Pearson's, with half an event so that a rare one is no wonder; one bucket
    // is not to outweigh all others.
    const double square = residual * residual / (mean + 0.5);
    squares_ += static_cast<float>(
        rate * weight * (std::min(square, 25.0 * Dispersion()) - squares_));
    const double most = 8 * std::sqrt(Dispersion() * (level_ + 0.5));
    const auto learn = [&](double error, float* mean_error) {
      *mean_error += static_cast<float>(
          rate * (std::min(std::abs(error), most) - *mean_error));
    };
    learn(count - level_, &plain_error_);
    learn(count - level_ * factor, &season_error_);
    if (level_ > 1e-9) {
      const double ratio = std::min(count / level_, 1'000.0);
      const double share =
          1.0 / (1 + std::min<double>(factor_counts_[hour], 60));
      factors_[hour] +=
          static_cast<float>(share * weight * (ratio - factors_[hour]));
      if (weight > 0.5 && factor_counts_[hour] < 255) ++factor_counts_[hour];
    }
    level_ += rate * weight *
              (seasonal ? residual / std::max(factor, 0.1) : residual);
    level_ = std::max(level_, 0.0);
  }

  double level_ = 0;
  float rate_;
  float squares_ = 1;  // Of Pearson residuals, their mean: the dispersion.
  float plain_error_ = 0;
  float season_error_ = 0;
  std::array<float, kHours> factors_ = {};
  std::array<uint8_t, kHours> factor_counts_ = {};
  uint32_t seen_ = 0;
  int unusual_run_ = 0;  // Of the last buckets.
  Side side_;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_COUNT_MODEL_H_
