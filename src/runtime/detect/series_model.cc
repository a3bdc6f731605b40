#include "src/runtime/detect/series_model.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "tocsin/detectors/score.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::runtime {
namespace {

using detectors::Side;
using program::DetectorFunction;

std::chrono::sys_seconds AsTime(int64_t seconds) {
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

// In bytes, as zlib's deflate at its usual level makes it.
size_t DeflatedSize(std::string_view text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::string out(size, '\0');
  const int code = compress(reinterpret_cast<Bytef*>(out.data()), &size,
                            reinterpret_cast<const Bytef*>(text.data()),
                            static_cast<uLong>(text.size()));
  return code == Z_OK ? static_cast<size_t>(size) : text.size();
}

double Shown(double value) {
  return std::copysign(std::log1p(std::abs(value)), value);
}

}  // namespace

Judgement PopulationValues::Judge(double value) const {
  Judgement judgement;
  judgement.actual = value;
  judgement.typical = std::copysign(std::expm1(std::abs(level_)), level_);
  // Below, a few values of a few people are all there is to go by.
  if (values_ < 20) return judgement;
  const double scale = 1.2533 * spread_ + 0.05;
  const double surprise =
      detectors::StudentSurprise((Shown(value) - level_) / scale, side_);
  // No more than history can bear out: one in all values of it.
  judgement.probability = detectors::ClampProbability(
      std::max(std::exp(-surprise), 0.1 / (values_ + 1)));
  return judgement;
}

void PopulationValues::Learn(const std::vector<double>& values) {
  if (values.empty()) return;
  buckets_ += 1;
  values_ = std::min(values_ + static_cast<double>(values.size()), 1e12);
  const double rate = std::max(0.0005, 1 / buckets_);
  double mean = 0;
  for (const double value : values) {
    mean += Shown(value) / static_cast<double>(values.size());
  }
  if (buckets_ == 1) level_ = mean;
  double spread = 0;
  const double most = 8 * (1.2533 * spread_ + 0.05);
  for (const double value : values) {
    const double distance = std::abs(Shown(value) - level_);
    spread += (buckets_ < 3 ? distance : std::min(distance, most)) /
              static_cast<double>(values.size());
  }
  level_ += rate * (mean - level_);
  spread_ += rate * (spread - spread_);
}

void PopulationValues::Save(detectors::StateWriter* out) const {
  for (const double number : {level_, spread_, buckets_, values_}) {
    out->PutDouble(number);
  }
}

bool PopulationValues::Load(detectors::StateReader* in) {
  // Logarithms, so they are small.
  level_ = in->GetWithin(-1e3, 1e3);
  spread_ = in->GetWithin(0, 1e4);
  buckets_ = in->GetWithin(0, 1e18);
  values_ = in->GetWithin(0, 1e18);
  return in->ok();
}

SeriesModel::SeriesModel(const program::Detector& detector)
    : side_(detector.side) {
  switch (detector.function) {
    case DetectorFunction::kCount:
    case DetectorFunction::kNonZeroCount:
    case DetectorFunction::kDistinctCount:
      kind_ = Kind::kCount;
      count_ = std::make_unique<detectors::CountModel>(
          detectors::CountModelOptions{.side = side_});
      break;
    case DetectorFunction::kTimeOfDay:
    case DetectorFunction::kTimeOfWeek:
      kind_ = Kind::kTime;
      time_ = std::make_unique<detectors::TimeProfile>(
          detector.function == DetectorFunction::kTimeOfDay
              ? detectors::Cycle::kDay
              : detectors::Cycle::kWeek);
      break;
    default:
      kind_ = Kind::kMetric;
      metric_ = std::make_unique<detectors::MetricSeries>(
          detectors::MetricSeriesOptions{.side = side_});
      break;
  }
}

std::optional<double> SeriesModel::ValueOf(const program::Detector& detector,
                                           const BucketFold& fold) {
  switch (detector.function) {
    case DetectorFunction::kCount:
    case DetectorFunction::kNonZeroCount:
      return fold.events;
    case DetectorFunction::kDistinctCount:
      return fold.distinct == nullptr ? 0 : fold.distinct->Count();
    case DetectorFunction::kInfoContent:
      return fold.texts == nullptr ? 0 : fold.texts->InfoContent(DeflatedSize);
    case DetectorFunction::kSum:
      return fold.moments.Sum();
    default:
      break;
  }
  if (fold.moments.empty()) return std::nullopt;
  switch (detector.function) {
    case DetectorFunction::kNonNullSum:
      return fold.moments.Sum();
    case DetectorFunction::kMean:
      return fold.moments.Mean();
    case DetectorFunction::kMedian:
      return fold.sample == nullptr ? 0 : fold.sample->Median();
    case DetectorFunction::kMin:
      return fold.moments.Min();
    case DetectorFunction::kMax:
      return fold.moments.Max();
    case DetectorFunction::kVarp:
      return fold.moments.Variance();
    default:
      return std::nullopt;
  }
}

bool SeriesModel::CountsEmpty(const program::Detector& detector) {
  switch (detector.function) {
    case DetectorFunction::kCount:
    case DetectorFunction::kSum:
      return true;
    case DetectorFunction::kDistinctCount:
    case DetectorFunction::kInfoContent:
      // Many silent buckets would make any value high.
      return detector.side != Side::kHigh;
    default:
      return false;
  }
}

Judgement SeriesModel::Update(double value, int64_t start, bool learn) {
  Judgement judgement;
  judgement.actual = value;
  if (kind_ == Kind::kCount) {
    const detectors::CountSeen seen = learn
                                          ? count_->Update(value, AsTime(start))
                                          : count_->Judge(value, AsTime(start));
    judgement.probability = seen.probability;
    judgement.typical = seen.typical;
    judgement.multi_bucket_impact = -5;
    return judgement;
  }
  detectors::MetricSeries before;
  if (!learn) before = *metric_;
  const detectors::Observation seen = metric_->Update(value, AsTime(start));
  if (!learn) *metric_ = before;
  judgement.probability = std::min(seen.probability, seen.window_probability);
  judgement.typical = seen.typical;
  judgement.multi_bucket_impact =
      detectors::MultiBucketImpact(seen.probability, seen.window_probability);
  return judgement;
}

Judgement SeriesModel::UpdateTimes(const std::vector<int64_t>& times) {
  Judgement judgement;
  judgement.typical = static_cast<double>(time_->Typical());
  for (const int64_t time : times) {
    const double p = time_->Probability(AsTime(time));
    if (time == times.front() || p < judgement.probability) {
      judgement.probability = p;
      judgement.actual = static_cast<double>(time_->Second(AsTime(time)));
    }
  }
  // Once for each half hour, or a burst at night would make nights usual.
  int64_t learned = INT64_MIN;
  for (const int64_t time : times) {
    if (learned != INT64_MIN && time / 1'800 == learned / 1'800) continue;
    time_->Update(AsTime(time));
    learned = time;
  }
  return judgement;
}

double SeriesModel::ProbabilityWithout(double value, double share,
                                       int64_t start) const {
  if (kind_ != Kind::kCount) return 1;
  return count_->Judge(std::max(0.0, value - share), AsTime(start)).probability;
}

void SeriesModel::LearnEmpty(uint64_t buckets, int64_t first_start,
                             int64_t span) {
  // The season is learned from this many; what is longer is learned at once.
  constexpr uint64_t kOneByOne = 200;
  const uint64_t one_by_one = std::min(buckets, kOneByOne);
  if (kind_ == Kind::kCount) {
    count_->LearnEmpty(buckets - one_by_one);
  } else if (kind_ == Kind::kTime) {
    return;
  }
  const auto skipped = static_cast<int64_t>(buckets - one_by_one);
  for (uint64_t i = 0; i < one_by_one; ++i) {
    const int64_t start =
        first_start + (skipped + static_cast<int64_t>(i)) * span;
    if (kind_ == Kind::kCount) {
      count_->Update(0, AsTime(start));
    } else {
      metric_->Update(0, AsTime(start));
    }
  }
}

bool SeriesModel::SilenceMatters() const {
  if (side_ == Side::kHigh || kind_ == Kind::kTime) return false;
  return kind_ == Kind::kMetric || count_->EmptyProbability() < 0.05;
}

void SeriesModel::Save(detectors::StateWriter* out) const {
  switch (kind_) {
    case Kind::kCount:
      return count_->Save(out);
    case Kind::kMetric:
      return metric_->Save(out);
    case Kind::kTime:
      return time_->Save(out);
  }
}

bool SeriesModel::Load(detectors::StateReader* in) {
  switch (kind_) {
    case Kind::kCount:
      return count_->Load(in);
    case Kind::kMetric:
      return metric_->Load(in);
    case Kind::kTime:
      break;
  }
  const detectors::Cycle cycle = time_->cycle();
  return time_->Load(in) && time_->cycle() == cycle;
}

size_t SeriesModel::memory() const {
  switch (kind_) {
    case Kind::kCount:
      return sizeof(*this) + count_->memory();
    case Kind::kMetric:
      return sizeof(*this) + metric_->memory();
    case Kind::kTime:
      return sizeof(*this) + time_->memory();
  }
  return sizeof(*this);
}

}  // namespace tocsin::runtime
