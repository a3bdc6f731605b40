// BucketMoments and BucketSample: the events of one bucket as one number, for
// the functions of one field.
//
//   tocsin::detectors::BucketMoments bytes;
//   for (const Event& event : bucket) bytes.Add(event.bytes);
//   series.Update(bytes.Sum(), bucket.start);       // high_sum and its like.
//   bytes.Clear();
//
// What folds what:
//
//   BucketMoments   count, sum, mean, min, max, variance   48 bytes
//   BucketSample    median                                 8 bytes a value
//   DistinctCounter distinct_count                         at most 1 KB
//   BucketTexts     info_content                           its different texts
//
// Values are folded in the order of their events; sums carry what rounding lost
// (Neumaier 1974), and variances are of differences from the mean (Welford
// 1962), so that they are right also where the mean is great. A value that is
// not finite is not taken. Thread-compatible.

#ifndef TOCSIN_DETECTORS_BUCKET_VALUES_H_
#define TOCSIN_DETECTORS_BUCKET_VALUES_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/detectors/state_bytes.h"

namespace tocsin::detectors {

class BucketMoments {
 public:
  // `times` is for input that was counted before: one row for many events.
  void Add(double value, double times = 1) {
    if (!std::isfinite(value) || !(times > 0)) return;
    min_ = count_ > 0 ? std::min(min_, value) : value;
    max_ = count_ > 0 ? std::max(max_, value) : value;
    count_ += times;
    const double term = value * times;
    const double sum = sum_ + term;
    lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term
                                              : (term - sum) + sum_;
    sum_ = sum;
    const double difference = value - mean_;
    mean_ += difference * times / count_;
    squares_ += times * difference * (value - mean_);
  }

  // False where there is nothing to take a mean, an extreme or a variance of.
  bool empty() const { return count_ <= 0; }
  double Count() const { return count_; }
  double Sum() const { return sum_ + lost_; }  // 0 if empty.
  double Mean() const { return mean_; }
  double Min() const { return min_; }
  double Max() const { return max_; }
  // Of these values as the whole population (varp).
  double Variance() const {
    return count_ > 0 ? std::max(0.0, squares_ / count_) : 0;
  }

  void Clear() { *this = BucketMoments(); }

  void Save(StateWriter* out) const {
    for (const double number :
         {count_, sum_, lost_, mean_, squares_, min_, max_}) {
      out->PutDouble(number);
    }
  }
  bool Load(StateReader* in) {
    BucketMoments read;
    for (double* number : {&read.count_, &read.sum_, &read.lost_, &read.mean_,
                           &read.squares_, &read.min_, &read.max_}) {
      *number = in->GetDouble();
    }
    if (!in->ok() || read.count_ < 0) return false;
    *this = read;
    return true;
  }

 private:
  double count_ = 0;
  double sum_ = 0;
  double lost_ = 0;
  double mean_ = 0;
  double squares_ = 0;
  double min_ = 0;
  double max_ = 0;
};

// Keeps values, at most `most_values`: then every second one is dropped, and of
// those that follow every second is taken, and so on. So a median of many is
// one of evenly spaced events, the same in every run.
class BucketSample {
 public:
  explicit BucketSample(size_t most_values = 4'096)
      : most_(std::max<size_t>(most_values, 2)) {}

  void Add(double value) {
    if (!std::isfinite(value)) return;
    if (skipped_ + 1 < stride_) {
      ++skipped_;
      return;
    }
    skipped_ = 0;
    values_.push_back(value);
    if (values_.size() < most_) return;
    size_t kept = 0;
    for (size_t i = 1; i < values_.size(); i += 2) values_[kept++] = values_[i];
    values_.resize(kept);
    stride_ *= 2;
  }

  bool empty() const { return values_.empty(); }

  // The middle value, or the mean of the two in the middle; 0 if empty.
  double Median() const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    const auto middle =
        sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    if (sorted.size() % 2 == 1) return *middle;
    return 0.5 * (*std::max_element(sorted.begin(), middle) + *middle);
  }

  void Clear() {
    values_.clear();
    stride_ = 1;
    skipped_ = 0;
  }

  void Save(StateWriter* out) const {
    out->Put64(stride_);
    out->Put64(skipped_);
    out->Put64(values_.size());
    for (const double value : values_) out->PutDouble(value);
  }
  bool Load(StateReader* in) {
    BucketSample read(most_);
    read.stride_ = in->Get64();
    read.skipped_ = in->Get64();
    read.values_.resize(in->GetCount(8));
    for (double& value : read.values_) value = in->GetDouble();
    if (!in->ok() || read.stride_ == 0 || read.values_.size() >= most_) {
      return false;
    }
    *this = std::move(read);
    return true;
  }

 private:
  std::vector<double> values_;
  size_t most_;
  uint64_t stride_ = 1;
  uint64_t skipped_ = 0;
};

// The different texts of a bucket, for info_content: how much they tell is how
// small they can be made. Which compressor that is belongs to the caller;
// deflate is what thresholds of rules are made for.
class BucketTexts {
 public:
  // Texts past `most_bytes` together are not taken, and truncated() is true.
  explicit BucketTexts(size_t most_bytes = 1 << 20) : most_bytes_(most_bytes) {}

  void Add(std::string_view text) {
    if (texts_.find(text) != texts_.end()) return;
    if (bytes_ + text.size() > most_bytes_) {
      truncated_ = true;
      return;
    }
    bytes_ += text.size();
    texts_.emplace(text);
  }

  // compressed_size(std::string_view) of all texts, one behind the other, in
  // their order: so it is the same whatever the order of events.
  template <typename CompressedSize>
  double InfoContent(CompressedSize compressed_size) const {
    if (texts_.empty()) return 0;
    std::string all;
    all.reserve(bytes_);
    for (const std::string& text : texts_) all += text;
    return static_cast<double>(compressed_size(std::string_view(all)));
  }

  void Save(StateWriter* out) const {
    out->Put8(truncated_ ? 1 : 0);
    out->Put64(texts_.size());
    for (const std::string& text : texts_) out->PutText(text);
  }
  bool Load(StateReader* in) {
    BucketTexts read(most_bytes_);
    const bool truncated = in->Get8() != 0;
    for (size_t left = in->GetCount(4); left > 0; --left) {
      read.Add(in->GetText());
    }
    if (!in->ok() || read.truncated_) return false;
    read.truncated_ = truncated;
    *this = std::move(read);
    return true;
  }

  size_t size() const { return texts_.size(); }
  bool truncated() const { return truncated_; }
  void Clear() {
    texts_.clear();
    bytes_ = 0;
    truncated_ = false;
  }

 private:
  std::set<std::string, std::less<>> texts_;
  size_t bytes_ = 0;
  size_t most_bytes_;
  bool truncated_ = false;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_BUCKET_VALUES_H_
