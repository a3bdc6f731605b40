// From probabilities to scores in [0, 100].
//
//   const double cap = tocsin::detectors::AbsoluteScore(p);   // 1e-3 is 65.
//
//   tocsin::detectors::ScoreMap map;     // One a scope: a job, a user.
//   const double score = map.Score(p);   // What p means in its history.
//   map.Learn(p);
//
// The probability alone says little: a series that is odd every day must not
// ring every day. So a score is the least of three caps: at which rank the
// result stands in its history, how it compares to the greatest there was, and
// the probability itself. Thresholds of rules (25, 50, 75) are on this scale,
// which is that of the anomaly detection of Elastic.
//
// Pure functions but for ScoreMap, which is thread-compatible: 288 bytes,
// nothing allocated, Learn and Score take some hundred operations at most.

#ifndef TOCSIN_DETECTORS_SCORE_H_
#define TOCSIN_DETECTORS_SCORE_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::detectors {

// A probability as a raw score, before a scope's history is looked at: 0 from
// 0.05 on, linear in 1/p to 1 at 1e-4, then linear in -log p to 50 at 1e-50, to
// 100 at 1e-300.
inline double RawScore(double p) {
  p = ClampProbability(p);
  if (p >= 0.05) return 0;
  if (p >= 1e-4) return (1 / p - 20) / (1e4 - 20);
  const double digits = -std::log10(p);
  if (digits <= 50) return 1 + 49 * (digits - 4) / 46;
  return std::min(100.0, 50 + 50 * (digits - 50) / 250);
}

// The greatest score a probability can have, whatever the history: 0 at 0.05,
// 30 at 0.01, 65 at 0.001, 100 at 0.0001. Of `rare` it is in practice the
// score.
inline double AbsoluteScore(double p) {
  p = ClampProbability(p);
  if (p >= 0.05) return 0;
  const double scale = std::log(1e-4 / 0.05);
  return std::min(100.0, 100 * (0.05 + 0.95 * std::log(p / 0.05) / scale));
}

// How much of a result is due to the buckets before it: 5 if only the window of
// several buckets is odd, -5 if only this bucket is.
inline double MultiBucketImpact(double bucket_p, double window_p) {
  const double bucket = -std::log(ClampProbability(bucket_p));
  const double window = -std::log(ClampProbability(window_p));
  const double most = std::max(bucket, window);
  if (most <= 0) return 0;
  return std::clamp(5 * (window - bucket) / most, -5.0, 5.0);
}

struct ScoreMapOptions {
  // Results after which one counts half. History is to fade more slowly than
  // the models whose results it holds.
  double half_life = 20'000;
};

class ScoreMap {
 public:
  explicit ScoreMap(const ScoreMapOptions& options = {})
      : fade_(std::exp2(-1 / std::max(options.half_life, 1.0))) {}

  // The score of a result of probability p in this scope. Changes nothing.
  double Score(double p) const {
    const double raw = RawScore(p);
    if (raw <= 0) return 0;
    double score = AbsoluteScore(p);
    if (total_ >= 1) {
      const double ratio = greatest_ > 0 ? raw / greatest_ : 1;
      score = std::min(score, 100 * std::min(1.5 * ratio, 0.5 + 0.5 * ratio));
      // A rank among a few says nothing.
      if (total_ >= kFew)
        score = std::min(score, OfPercentile(Percentile(raw)));
    }
    return std::max(0.0, score);
  }

  // Takes a result, also one of probability 1, into the history.
  void Learn(double p) {
    const double raw = RawScore(p);
    grown_ /= fade_;
    if (grown_ > 1e9) Rescale();
    counts_[Bin(raw)] += static_cast<float>(grown_);
    total_ = total_ * fade_ + 1;
    greatest_ = std::max(greatest_ * fade_, raw);
  }

  // The part of the history, in percent, that lies below `raw`.
  double Percentile(double raw) const {
    double below = 0;
    double all = 0;
    const size_t bin = Bin(raw);
    for (size_t i = 0; i < kBins; ++i) {
      all += counts_[i];
      if (i < bin) below += counts_[i];
    }
    if (all <= 0) return 100;
    below += 0.5 * counts_[bin];  // Half of those that are its like.
    return 100 * below / all;
  }

  // The greatest raw score, faded. If it grows by more than a tenth, scores
  // given before can be worked out again: that is what renormalising is.
  double greatest() const { return greatest_; }

  size_t memory() const { return sizeof(*this); }

  void Save(StateWriter* out) const {
    for (const float count : counts_) out->PutFloat(count);
    out->PutDouble(fade_);
    out->PutDouble(grown_);
    out->PutDouble(total_);
    out->PutDouble(greatest_);
  }

  bool Load(StateReader* in) {
    ScoreMap read;
    for (float& count : read.counts_) {
      count = in->GetFloat();
      if (count < 0) in->Fail();
    }
    read.fade_ = in->GetWithin(0.5, 1);
    read.grown_ = in->GetWithin(1, 1e12);
    read.total_ = in->GetWithin(0, 1e18);
    read.greatest_ = in->GetWithin(0, 100);
    if (!in->ok() || read.fade_ <= 0) return false;
    *this = read;
    return true;
  }

 private:
  static constexpr size_t kBins = 64;
  static constexpr double kFew = 100;
  // The first bin is for 0; the others are of equal ratio, 0.001 to 100.
  static size_t Bin(double raw) {
    if (raw <= 1e-3) return 0;
    const double place = (std::log10(raw) + 3) / 5 * (kBins - 1);
    return std::min(kBins - 1, 1 + static_cast<size_t>(std::max(0.0, place)));
  }
  static double OfPercentile(double percentile) {
    constexpr std::pair<double, double> kKnots[] = {
        {0, 0},   {70, 1},  {85, 1.2},  {90, 1.5}, {95, 3},
        {97, 20}, {99, 50}, {99.9, 90}, {100, 100}};
    for (size_t i = 1; i < std::size(kKnots); ++i) {
      const auto [x0, y0] = kKnots[i - 1];
      const auto [x1, y1] = kKnots[i];
      if (percentile <= x1)
        return y0 + (y1 - y0) * (percentile - x0) / (x1 - x0);
    }
    return 100;
  }

  void Rescale() {
    for (float& count : counts_) count /= static_cast<float>(grown_);
    grown_ = 1;
  }

  // Counts are in units that grow, so that fading touches no bin.
  std::array<float, kBins> counts_ = {};
  double fade_;
  double grown_ = 1;
  double total_ = 0;
  double greatest_ = 0;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_SCORE_H_
