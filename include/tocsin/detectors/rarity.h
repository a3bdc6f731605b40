// Rarity says how unusual it is that a value occurs, of all values of one
// field.
//
//   tocsin::detectors::Rarity<std::string> users({.bucket_span = 15min});
//   for (const Event& event : bucket) users.Add(event.user, bucket_number);
//   for (const std::string& user : users_of_bucket) {
//     const tocsin::detectors::Rare rare = users.Find(user);
//     if (rare.probability < 1e-3) Report(user, rare);
//   }
//   users.CloseBucket();
//
// A value counts once a bucket, however often it occurs in it. The probability
// is that of all values that are no more frequent than this one, itself
// included: so where every other value is new, a new value is nothing special.
// The bucket at hand counts too, so a value seen for the first time among 50
// has a probability of about 1/50, and a young history finds nothing.
//
// Values are a Dirichlet distribution whose concentrations a_i are the faded
// counts of buckets (Good, "The population frequencies of species", 1953). P(v)
// is the expectation of the sum of all shares a_j/A no greater than that of v,
// over the posterior Beta(a_v, A - a_v) of the share; the steps of the sum are
// joined by lines, and the expectation is taken over seven points.
//
// PopulationRarity asks the other question: which people use values that few
// people use? There a value weighs as many different people as have ever shown
// it, and a person's probability joins those of its values.
//
// Cost: Add and Find are O(log n) in the distinct counts there are (a few
// hundred at most), which lie within 1 % of each other to be one. 24 bytes a
// value and the value itself, in a hash table. Thread-compatible.

#ifndef TOCSIN_DETECTORS_RARITY_H_
#define TOCSIN_DETECTORS_RARITY_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "tocsin/detectors/distinct_counter.h"
#include "tocsin/detectors/state_bytes.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::detectors {

// By how much models fade in a bucket: 0.0005 in half an hour, which is a half
// life of 29 days; long buckets fade no faster than one of half an hour, so
// that there is something to learn from.
inline double FadeOfBucket(std::chrono::seconds bucket_span) {
  const double half_hours = static_cast<double>(bucket_span.count()) / 1800;
  return std::exp(-0.0005 * std::clamp(half_hours, 0.0, 1.0));
}

namespace internal {

// Weights in order, those within 1 % of each other as one: how much lies below
// which weight.
class WeightOrder {
 public:
  void Add(double weight) {
    Slot& slot = Find(Key(weight));
    ++slot.count;
    slot.sum += weight;
    total_ += weight;
    fresh_ = false;
  }

  void Remove(double weight) {
    const auto slot = LowerBound(Key(weight));
    if (slot == slots_.end() || slot->key != Key(weight)) return;
    total_ -= weight;
    fresh_ = false;
    slot->sum -= weight;
    if (--slot->count == 0) slots_.erase(slot);
  }

  // The part of all weight that is of weights no greater than `weight`; between
  // two weights on a line from one to the other, so that it has no steps.
  double PartUpTo(double weight) const {
    if (slots_.empty() || total_ <= 0) return 1;
    if (!fresh_) Refresh();
    // The first slot above.
    const auto above =
        std::upper_bound(means_.begin(), means_.end(), weight * (1 + 1e-9));
    if (above == means_.end()) return 1;
    const auto i = static_cast<size_t>(above - means_.begin());
    const double x0 = i == 0 ? 0 : means_[i - 1];
    const double y0 = i == 0 ? 0 : parts_[i - 1];
    // On the way to a slot lies the first of its weights.
    return y0 + means_[i] / total_ * (weight - x0) / (means_[i] - x0);
  }

  // The middle one of all weights; of the two in the middle their mean.
  double Median() const {
    uint64_t all = 0;
    for (const Slot& slot : slots_) all += slot.count;
    double low = 0;
    uint64_t below = 0;
    for (const Slot& slot : slots_) {
      const double mean = slot.sum / slot.count;
      if (2 * below < all) low = mean;
      below += slot.count;
      if (2 * below > all) return 0.5 * (low + mean);
    }
    return low;
  }

  double total() const { return total_; }
  void clear() { *this = WeightOrder(); }

  // As it stands: made anew from its weights it would differ in last digits.
  void Save(StateWriter* out) const {
    out->PutDouble(total_);
    out->Put64(slots_.size());
    for (const Slot& slot : slots_) {
      out->Put32(static_cast<uint32_t>(slot.key));
      out->Put32(slot.count);
      out->PutDouble(slot.sum);
    }
  }

  bool Load(StateReader* in) {
    WeightOrder read;
    read.total_ = in->GetWithin(-1e80, 1e90);
    read.slots_.resize(in->GetCount(16));
    for (size_t i = 0; i < read.slots_.size(); ++i) {
      Slot& slot = read.slots_[i];
      slot.key = static_cast<int32_t>(in->Get32());
      slot.count = in->Get32();
      slot.sum = in->GetWithin(-1e80, 1e90);
      if (slot.count == 0 || (i > 0 && read.slots_[i - 1].key >= slot.key)) {
        in->Fail();
      }
    }
    if (!in->ok()) return false;
    *this = std::move(read);
    return true;
  }
  size_t memory() const {
    return slots_.capacity() * sizeof(Slot) +
           (means_.capacity() + parts_.capacity()) * sizeof(double);
  }

 private:
  struct Slot {
    int32_t key;
    uint32_t count;
    double sum;
  };

  // 64 slots an octave.
  static int32_t Key(double weight) {
    return static_cast<int32_t>(std::floor(std::log2(weight) * 64));
  }

  std::vector<Slot>::iterator LowerBound(int32_t key) {
    return std::lower_bound(
        slots_.begin(), slots_.end(), key,
        [](const Slot& slot, int32_t wanted) { return slot.key < wanted; });
  }

  Slot& Find(int32_t key) {
    auto slot = LowerBound(key);
    if (slot == slots_.end() || slot->key != key) {
      slot = slots_.insert(slot, {key, 0, 0});
    }
    return *slot;
  }

  void Refresh() const {
    means_.clear();
    parts_.clear();
    double sum = 0;
    for (const Slot& slot : slots_) {
      sum += slot.sum;
      means_.push_back(slot.sum / slot.count);
      parts_.push_back(sum / total_);
    }
    fresh_ = true;
  }

  std::vector<Slot> slots_;  // By key.
  double total_ = 0;
  // Worked out when first asked for after a change.
  mutable bool fresh_ = false;
  mutable std::vector<double> means_;
  mutable std::vector<double> parts_;
};

inline constexpr size_t kSharePoints = 7;

// The means of a Gamma(a) variable within its seven slices of equal
// probability, over a. Worked out once, for a in steps of a quarter octave.
class GammaPoints {
 public:
  static std::array<double, kSharePoints> Of(double a) {
    static const GammaPoints table;
    const double place =
        std::clamp((std::log2(a) - kLeast) * kSteps, 0.0, kSize - 1.001);
    const auto i = static_cast<size_t>(place);
    const double part = place - static_cast<double>(i);
    std::array<double, kSharePoints> points;
    for (size_t k = 0; k < kSharePoints; ++k) {
      points[k] = a * (table.points_[i][k] * (1 - part) +
                       table.points_[i + 1][k] * part);
    }
    return points;
  }

 private:
  static constexpr double kLeast = -6;  // log2 of the least a.
  static constexpr double kSteps = 4;
  static constexpr size_t kSize = 81;  // Up to 2^14.

  GammaPoints() {
    for (size_t i = 0; i < kSize; ++i) {
      const double a = std::exp2(kLeast + static_cast<double>(i) / kSteps);
      // The mean of a slice is that of Gamma(a + 1) within its ends.
      double before = 1;
      for (size_t k = 0; k < kSharePoints; ++k) {
        const double wanted = 1 - static_cast<double>(k + 1) / kSharePoints;
        const double after =
            k + 1 == kSharePoints ? 0 : GammaTail(a + 1, Quantile(a, wanted));
        points_[i][k] = kSharePoints * (before - after);
        before = after;
      }
    }
  }

  // The x of which Q(a, x) is `tail`: by halves, which is slow and safe.
  static double Quantile(double a, double tail) {
    double low = 0;
    double high = 2 * a + 60;
    for (int n = 0; n < 200 && high - low > 1e-13 * high; ++n) {
      const double middle = 0.5 * (low + high);
      (GammaTail(a, middle) > tail ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }

  std::array<std::array<double, kSharePoints>, kSize> points_;
};

// The probability that a value of weight a among weights of sum A is at most
// that frequent.
inline double RareProbability(const WeightOrder& order, double scale,
                              double a) {
  const double all = order.total() * scale;
  if (all <= a * (1 + 1e-9)) return 1;
  const double at_least = order.PartUpTo(a / scale);
  // Far from rare: seven points would say nothing else.
  if (at_least > 0.3) return at_least;
  // Beta(a, A - a) is nearly Gamma(a) / A while a/A is small; its spread is
  // narrower by this.
  const double narrow = std::sqrt((1 - a / all) * all / (all + 1));
  double sum = 0;
  for (const double point : GammaPoints::Of(a)) {
    const double share = std::max(0.0, a + (point - a) * narrow);
    sum += order.PartUpTo(share / scale);
  }
  return ClampProbability(sum / kSharePoints);
}

// Forgets values last seen before `bucket`, in their order, as sums depend on
// that in their last digits.
template <typename Values, typename Forgotten>
void PruneValues(int64_t bucket, Forgotten& forgotten, Values* values,
                 WeightOrder* order) {
  std::vector<typename Values::key_type> old;
  for (const auto& entry : *values) {
    if (entry.second.last < bucket) old.push_back(entry.first);
  }
  std::sort(old.begin(), old.end());
  for (const auto& value : old) {
    const auto entry = values->find(value);
    forgotten(value);
    order->Remove(entry->second.weight);
    values->erase(entry);
  }
}

}  // namespace internal

// What there is to say of a value in the bucket at hand.
struct Rare {
  double probability = 1;
  // It has not been seen before, or not for as long as values are kept.
  bool first_occurrence = false;
  // Seen in one of so many buckets (of those that had any value).
  double one_in = 1;
  // Times less frequent than the value in the middle of all.
  double relative_rarity = 1;
};

struct RarityOptions {
  std::chrono::seconds bucket_span = std::chrono::minutes(15);
};

template <typename Value = std::string, typename Hash = std::hash<Value>>
class Rarity {
 public:
  explicit Rarity(const RarityOptions& options = {})
      : fade_(FadeOfBucket(options.bucket_span)) {}

  // The value occurs in the bucket at hand; again in the same bucket changes
  // nothing. Buckets are numbered by time; empty ones need not be told of.
  void Add(const Value& value, int64_t bucket) {
    const auto [found, is_new] = values_.try_emplace(value);
    State& state = found->second;
    if (!is_new && state.last == bucket) return;
    if (!is_new) order_.Remove(state.weight);
    state.first = is_new;
    state.last = bucket;
    state.weight += grown_;
    state.buckets += state.buckets < UINT32_MAX ? 1 : 0;
    order_.Add(state.weight);
    open_ = true;
  }

  // The same for a value that is known; false, and nothing, if it is not.
  bool AddKnown(const Value& value, int64_t bucket) {
    const auto found = values_.find(value);
    if (found == values_.end()) return false;
    State& state = found->second;
    if (state.last == bucket) return true;
    order_.Remove(state.weight);
    state.first = false;
    state.last = bucket;
    state.weight += grown_;
    state.buckets += state.buckets < UINT32_MAX ? 1 : 0;
    order_.Add(state.weight);
    open_ = true;
    return true;
  }

  // Find(value).probability, in less time.
  double Probability(const Value& value) const {
    const auto found = values_.find(value);
    if (found == values_.end()) return ClampProbability(1 / (1 + weight()));
    const double scale = 1 / grown_;
    return internal::RareProbability(order_, scale,
                                     found->second.weight * scale);
  }

  // Of a value that was added to the bucket at hand. One that was not is taken
  // as if it had been: nothing but the value itself is then missing.
  Rare Find(const Value& value) const {
    Rare rare;
    const auto found = values_.find(value);
    if (found == values_.end()) {
      rare.first_occurrence = true;
      rare.probability = ClampProbability(1 / (1 + weight()));
      rare.one_in = static_cast<double>(buckets_ + 1);
      return rare;
    }
    const State& state = found->second;
    const double scale = 1 / grown_;
    rare.first_occurrence = state.first;
    rare.probability =
        internal::RareProbability(order_, scale, state.weight * scale);
    rare.one_in = static_cast<double>(buckets_ + (open_ ? 1 : 0)) /
                  std::max<uint32_t>(1, state.buckets);
    rare.relative_rarity = std::max(1.0, order_.Median() / state.weight);
    return rare;
  }

  // The bucket at hand is over, and what was learned fades. A bucket without
  // any value need not be closed: its history is that of buckets that had one.
  void CloseBucket() {
    if (!open_) return;
    open_ = false;
    ++buckets_;
    grown_ /= fade_;
    if (grown_ > 1e60) Rescale();
  }

  // Forgets values last seen before this bucket, and tells forgotten(value) of
  // each. O(values).
  template <typename Forgotten>
  void Prune(int64_t bucket, Forgotten forgotten) {
    internal::PruneValues(bucket, forgotten, &values_, &order_);
  }

  void Prune(int64_t bucket) {
    Prune(bucket, [](const Value&) {});
  }

  template <typename Visit>
  void ForEachValue(Visit visit) const {
    for (const auto& entry : values_) visit(entry.first);
  }

  bool Contains(const Value& value) const { return values_.contains(value); }
  size_t size() const { return values_.size(); }
  // Buckets closed so far that had a value.
  uint64_t buckets() const { return buckets_; }
  // The faded number of values of all buckets: how much there is to go by.
  double weight() const { return order_.total() / grown_; }
  // Bytes, with those of a hash table's node; texts of values not counted.
  size_t memory() const {
    return sizeof(*this) + order_.memory() +
           values_.size() *
               (sizeof(Value) + sizeof(State) + 2 * sizeof(void*)) +
           values_.bucket_count() * sizeof(void*);
  }

  // Between buckets. Values are written in their order, so that equal state is
  // equal bytes. Value is a number or std::string.
  void Save(StateWriter* out) const {
    out->PutDouble(fade_);
    out->Put64(buckets_);
    std::vector<const std::pair<const Value, State>*> sorted;
    sorted.reserve(values_.size());
    for (const auto& entry : values_) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    out->Put64(sorted.size());
    for (const auto* entry : sorted) {
      if constexpr (std::is_integral_v<Value>) {
        out->Put64(static_cast<uint64_t>(entry->first));
      } else {
        out->PutText(entry->first);
      }
      out->PutDouble(entry->second.weight);
      out->Put64(static_cast<uint64_t>(entry->second.last));
      out->Put32(entry->second.buckets);
    }
    out->PutDouble(grown_);
    order_.Save(out);
  }

  bool Load(StateReader* in) {
    Rarity read;
    read.fade_ = in->GetWithin(0.5, 1);
    read.buckets_ = in->Get64();
    for (size_t left = in->GetCount(24); left > 0 && in->ok(); --left) {
      Value value{};
      if constexpr (std::is_integral_v<Value>) {
        value = static_cast<Value>(in->Get64());
      } else {
        value = Value(in->GetText());
      }
      State state;
      state.weight = in->GetWithin(1e-300, 1e80);
      state.last = static_cast<int64_t>(in->Get64());
      state.buckets = in->Get32();
      if (!in->ok() || !read.values_.emplace(std::move(value), state).second) {
        return false;
      }
    }
    read.grown_ = in->GetWithin(1, 1e61);
    if (!read.order_.Load(in) || read.fade_ <= 0) return false;
    *this = std::move(read);
    return true;
  }

 private:
  struct State {
    double weight = 0;  // In units that grow, so that fading touches no value.
    int64_t last = 0;
    uint32_t buckets = 0;
    bool first = false;
  };

  // O(values), once in some hundred thousand buckets.
  void Rescale() {
    order_.clear();
    for (auto& entry : values_) {
      entry.second.weight = std::max(entry.second.weight / grown_, 1e-200);
      order_.Add(entry.second.weight);
    }
    grown_ = 1;
  }

  std::unordered_map<Value, State, Hash> values_;
  internal::WeightOrder order_;
  double fade_;
  double grown_ = 1;
  uint64_t buckets_ = 0;
  bool open_ = false;
};

// Of people and the values they show: which person's values are shown by few?
//
//   tocsin::detectors::PopulationRarity<std::string> users;
//   users.Add("kim", HashText("192.0.2.7"));      // The value, the person.
//   const double p = users.Probability(users_of_this_address);
//
// A value weighs the number of different people that ever showed it, exact up
// to 32 and then within some 3 %. Nothing fades: a value is forgotten by Prune.
// 56 bytes a value, more for one that many people show.
template <typename Value = std::string, typename Hash = std::hash<Value>>
class PopulationRarity {
 public:
  // `person` is a hash of the person who shows the value.
  void Add(const Value& value, uint64_t person, int64_t bucket = 0) {
    const auto [found, is_new] = values_.try_emplace(value);
    State& state = found->second;
    state.last = bucket;
    if (!state.people.Add(person)) return;
    if (!is_new) order_.Remove(state.weight);
    state.weight = std::max(1.0, state.people.Count());
    order_.Add(state.weight);
  }

  // Of one value: that of values shown by no more people.
  double ProbabilityOf(const Value& value) const {
    const auto found = values_.find(value);
    if (found == values_.end()) return ClampProbability(1 / (1 + weight()));
    return internal::RareProbability(order_, 1, found->second.weight);
  }

  // Of a person in a bucket, by the values that it shows there: their
  // probabilities joined as sum of squared normal deviates.
  template <typename Values>
  double Probability(const Values& values) const {
    std::vector<double> probabilities;
    for (const Value& value : values) {
      probabilities.push_back(ProbabilityOf(value));
    }
    return JointProbability(probabilities);
  }

  // The same for `freq_rare`: each value has a weight in [0, 1], how often the
  // person shows it (FrequentWeight).
  static double WeightedJoint(
      const std::vector<std::pair<double, double>>& weighted) {
    double sum = 0;
    double degrees = 0;
    for (const auto& [p, value_weight] : weighted) {
      const double z = NormalDeviate(p);
      sum += value_weight * z * z;
      degrees += value_weight;
    }
    return degrees <= 0 ? 1 : GammaTail(0.5 * degrees, 0.5 * sum);
  }

  // How much a value counts that makes up the part `share` of what a person
  // shows, `values` of them in this bucket.
  static double FrequentWeight(double share, size_t values) {
    return 1 - std::pow(1 - std::clamp(share, 0.0, 1.0),
                        static_cast<double>(values));
  }

  template <typename Forgotten>
  void Prune(int64_t bucket, Forgotten forgotten) {
    internal::PruneValues(bucket, forgotten, &values_, &order_);
  }

  void Prune(int64_t bucket) {
    Prune(bucket, [](const Value&) {});
  }

  template <typename Visit>
  void ForEachValue(Visit visit) const {
    for (const auto& entry : values_) visit(entry.first);
  }

  bool Contains(const Value& value) const { return values_.contains(value); }
  size_t size() const { return values_.size(); }
  double weight() const { return order_.total(); }
  size_t memory() const {
    size_t bytes = sizeof(*this) + order_.memory() +
                   values_.bucket_count() * sizeof(void*);
    for (const auto& entry : values_) {
      bytes += sizeof(entry) + 2 * sizeof(void*) +
               entry.second.people.memory() - sizeof(DistinctCounter);
    }
    return bytes;
  }

  void Save(StateWriter* out) const {
    std::vector<const std::pair<const Value, State>*> sorted;
    sorted.reserve(values_.size());
    for (const auto& entry : values_) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    out->Put64(sorted.size());
    for (const auto* entry : sorted) {
      if constexpr (std::is_integral_v<Value>) {
        out->Put64(static_cast<uint64_t>(entry->first));
      } else {
        out->PutText(entry->first);
      }
      out->Put64(static_cast<uint64_t>(entry->second.last));
      entry->second.people.Save(out);
    }
    order_.Save(out);
  }

  bool Load(StateReader* in) {
    PopulationRarity read;
    for (size_t left = in->GetCount(12); left > 0 && in->ok(); --left) {
      Value value{};
      if constexpr (std::is_integral_v<Value>) {
        value = static_cast<Value>(in->Get64());
      } else {
        value = Value(in->GetText());
      }
      State state;
      state.last = static_cast<int64_t>(in->Get64());
      if (!state.people.Load(in)) return false;
      state.weight = std::max(1.0, state.people.Count());
      if (!read.values_.emplace(std::move(value), std::move(state)).second) {
        return false;
      }
    }
    if (!read.order_.Load(in)) return false;
    *this = std::move(read);
    return true;
  }

 private:
  struct State {
    DistinctCounter people;
    double weight = 0;
    int64_t last = 0;
  };

  std::unordered_map<Value, State, Hash> values_;
  internal::WeightOrder order_;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_RARITY_H_
