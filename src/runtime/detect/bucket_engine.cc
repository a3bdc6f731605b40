#include "src/runtime/detect/bucket_engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <tuple>

#include "src/runtime/detect/bucket_parts.h"
#include "tocsin/detectors/tails.h"

namespace tocsin::runtime {
namespace {

using program::Detector;
using program::DetectorFunction;
using program::DetectorRule;
using program::kNoField;

constexpr double kWorthARecord = 0.035;
// What is more likely has no score.
constexpr double kOdd = 0.05;
constexpr size_t kMostRecords = 100;
constexpr double kInfluences = 0.4;
// Empty buckets in a row that are looked at one by one.
constexpr int64_t kMostEmpty = 1'000;
constexpr int64_t kPruneEvery = 96;
// Values of a population are too few below this to call one of them rare.
constexpr double kFewPeople = 20;
// A value that was odd makes what is less odd about it score less, until it has
// not been odd for so many buckets; how odd it was fades by this in a bucket.
constexpr int64_t kRemembered = 48;
constexpr double kOddFade = 0.0005;
// Times beyond these, some 30,000 years off, would not bear arithmetic.
constexpr int64_t kMostSeconds = int64_t{1} << 40;

int64_t FloorDivide(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

bool IsRare(const Detector& detector) {
  return detector.function == DetectorFunction::kRare ||
         detector.function == DetectorFunction::kFreqRare;
}

bool IsTime(const Detector& detector) {
  return detector.function == DetectorFunction::kTimeOfDay ||
         detector.function == DetectorFunction::kTimeOfWeek;
}

bool Holds(const DetectorRule::Condition& condition, const Judgement& judgement,
           int64_t time) {
  double value = 0;
  switch (condition.quantity) {
    case DetectorRule::Quantity::kActual:
      value = judgement.actual;
      break;
    case DetectorRule::Quantity::kTypical:
      value = judgement.typical;
      break;
    case DetectorRule::Quantity::kDifference:
      value = std::abs(judgement.actual - judgement.typical);
      break;
    case DetectorRule::Quantity::kTime:
      value = static_cast<double>(time);
      break;
  }
  switch (condition.comparison) {
    case DetectorRule::Comparison::kLess:
      return value < condition.value;
    case DetectorRule::Comparison::kAtMost:
      return value <= condition.value;
    case DetectorRule::Comparison::kGreater:
      return value > condition.value;
    case DetectorRule::Comparison::kAtLeast:
      return value >= condition.value;
  }
  return false;
}

bool Applies(const DetectorRule& rule, const Judgement& judgement,
             int64_t time) {
  return !rule.conditions.empty() &&
         std::all_of(rule.conditions.begin(), rule.conditions.end(),
                     [&](const DetectorRule::Condition& condition) {
                       return Holds(condition, judgement, time);
                     });
}

bool SkipsResult(const Detector& detector, const Judgement& judgement,
                 int64_t time) {
  return std::any_of(detector.rules.begin(), detector.rules.end(),
                     [&](const DetectorRule& rule) {
                       return rule.skip_result &&
                              Applies(rule, judgement, time);
                     });
}

bool WorthARecord(const Detector& detector, const Judgement& judgement,
                  int64_t time) {
  return judgement.probability <= kWorthARecord &&
         !SkipsResult(detector, judgement, time);
}

AnomalyRecord RecordOf(size_t detector, const BucketFold& fold,
                       const Judgement& seen) {
  AnomalyRecord record;
  record.detector_index = static_cast<uint32_t>(detector);
  record.by_field_value = fold.by;
  record.over_field_value = fold.over;
  record.partition_field_value = fold.partition;
  record.probability = seen.probability;
  record.multi_bucket_impact = seen.multi_bucket_impact;
  record.actual = seen.actual;
  record.typical = seen.typical;
  return record;
}

// A part of a key that no other part can run into.
void AppendPart(std::string_view part, std::string* key) {
  const auto size = static_cast<uint32_t>(part.size());
  key->append(reinterpret_cast<const char*>(&size), sizeof(size));
  key->append(part);
}

// The probability of what lies under one roof, of which the results of all
// probabilities are `judged`.
double Joined(const std::vector<double>& probabilities, size_t judged) {
  if (probabilities.empty()) return 1;
  const double least =
      *std::min_element(probabilities.begin(), probabilities.end());
  return std::min(
      detectors::ExtremeProbability(least, std::max<size_t>(judged, 1)),
      detectors::JointProbability(probabilities));
}

}  // namespace

// What one closing bucket has come to.
class BucketEngine::Closing {
 public:
  explicit Closing(const program::DetectorJob& job) : job_(job) {}

  // Memory of the bucket before is used again.
  void Begin(OpenBucket* bucket) {
    bucket_ = bucket;
    all_.clear();
    result_.timestamp = bucket->number() * job_.bucket_span;
    result_.event_count = bucket->events();
    result_.anomaly_score = 0;
    result_.records.clear();
    result_.influencers.clear();
    result_.records_left_out = 0;
  }

  OpenBucket& bucket() { return *bucket_; }

  // A result, of a record or not: how odd a bucket is depends on how many
  // there were.
  void Count(double probability) { all_.push_back(probability); }

  void Add(AnomalyRecord record, const BucketFold* fold,
           const SeriesModel* model) {
    if (fold != nullptr) {
      record.influencers = InfluencesOf(*fold, record, model);
    }
    result_.records.push_back(std::move(record));
  }

  // The values of influencers that a record is due to: most of its events have
  // them, or without them it would be less unusual.
  std::vector<Influence> InfluencesOf(const BucketFold& fold,
                                      const AnomalyRecord& record,
                                      const SeriesModel* model) const {
    std::map<uint32_t, std::vector<std::string>> by_influencer;
    bucket_->ForEachInfluence(fold, [&](uint32_t influencer,
                                        std::string_view value, double share) {
      double strength = share / std::max(fold.events, 1e-9);
      if (model != nullptr && record.probability < 1) {
        const double without =
            model->ProbabilityWithout(record.actual, share, result_.timestamp);
        if (without < 1) {
          strength = std::max(
              strength, 1 - std::log(without) / std::log(record.probability));
        }
      }
      if (strength >= kInfluences) {
        by_influencer[influencer].emplace_back(value);
      }
    });
    std::vector<Influence> influences;
    for (auto& [influencer, values] : by_influencer) {
      std::sort(values.begin(), values.end());
      influences.push_back(
          {.field = job_.influencers[influencer], .values = std::move(values)});
    }
    return influences;
  }

  const AnomalyBucket& Finish() {
    if (result_.records.empty()) return result_;
    std::stable_sort(result_.records.begin(), result_.records.end(),
                     [](const AnomalyRecord& left, const AnomalyRecord& right) {
                       return left.record_score > right.record_score;
                     });
    if (result_.records.size() > kMostRecords) {
      result_.records_left_out =
          static_cast<int64_t>(result_.records.size() - kMostRecords);
      result_.records.resize(kMostRecords);
    }
    result_.anomaly_score = detectors::AbsoluteScore(Joined(all_, all_.size()));
    AddInfluencers();
    return result_;
  }

 private:
  void AddInfluencers() {
    std::map<std::pair<uint32_t, std::string>, std::vector<double>> by_value;
    for (const AnomalyRecord& record : result_.records) {
      for (const Influence& influence : record.influencers) {
        for (const std::string& value : influence.values) {
          by_value[{influence.field, value}].push_back(record.probability);
        }
      }
    }
    for (const auto& [key, probabilities] : by_value) {
      const double p = Joined(probabilities, probabilities.size());
      result_.influencers.push_back(
          {.field = key.first,
           .influencer_field_value = key.second,
           .probability = p,
           .influencer_score = detectors::AbsoluteScore(p)});
    }
  }

  const program::DetectorJob& job_;
  OpenBucket* bucket_ = nullptr;
  AnomalyBucket result_;
  std::vector<double> all_;
};

BucketEngine::BucketEngine(const program::DetectorJob* job, Report report)
    : job_(*job),
      report_(std::move(report)),
      partitions_(job->detectors.size()),
      watched_(job->detectors.size()),
      odd_values_(job->detectors.size()),
      closing_(std::make_unique<Closing>(*job)) {}

BucketEngine::~BucketEngine() = default;

void BucketEngine::Add(int64_t seconds, std::span<const DetectCell> cells) {
  if (seconds < -kMostSeconds || seconds > kMostSeconds) {
    ++stats_.untimely_events;
    return;
  }
  const int64_t number = FloorDivide(seconds, job_.bucket_span);
  Advance(seconds);
  if (any_closed_ && number <= last_closed_) {
    ++stats_.late_events;
    return;
  }
  double events = 1;
  if (job_.summary_count != kNoField) {
    const DetectCell& count = cells[job_.summary_count];
    if (!(count.number > 0)) return;  // The row only says what time it is.
    events = count.number;
  }
  OpenBucket& bucket = FindBucket(number);
  ++stats_.events;
  const size_t before = bucket.bytes();
  const size_t room = job_.memory_limit - std::min(job_.memory_limit, memory_);
  stats_.refused_series += bucket.Add(cells, events, seconds, before + room);
  memory_ += bucket.bytes() - before;
}

OpenBucket& BucketEngine::FindBucket(int64_t number) {
  // Nearly always the newest one.
  if (!open_.empty() && open_.rbegin()->first == number) {
    return *open_.rbegin()->second;
  }
  const auto [found, is_new] = open_.try_emplace(number);
  if (is_new) found->second = MakeBucket(number);
  return *found->second;
}

std::unique_ptr<OpenBucket> BucketEngine::MakeBucket(int64_t number) {
  std::unique_ptr<OpenBucket> bucket;
  if (spare_.empty()) {
    bucket = std::make_unique<OpenBucket>(&job_);
  } else {
    bucket = std::move(spare_.back());
    spare_.pop_back();
  }
  bucket->Begin(number);
  return bucket;
}

void BucketEngine::CloseAndKeep(std::unique_ptr<OpenBucket> bucket) {
  CloseBucket(bucket.get());
  GiveRoom(bucket->bytes());
  constexpr size_t kMostSpare = 8;
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(bucket));
}

void BucketEngine::Advance(int64_t seconds) {
  seconds = std::clamp(seconds, -kMostSeconds, kMostSeconds);
  newest_ = any_event_ ? std::max(newest_, seconds) : seconds;
  any_event_ = true;
  // The last bucket that ends at or before the watermark.
  CloseUntil(FloorDivide(newest_ - job_.latency, job_.bucket_span) - 1);
}

void BucketEngine::Promise(int64_t seconds) {
  CloseUntil(FloorDivide(std::clamp(seconds, -kMostSeconds, kMostSeconds),
                         job_.bucket_span) -
             1);
}

void BucketEngine::Flush() {
  if (!open_.empty()) CloseUntil(open_.rbegin()->first);
}

void BucketEngine::CloseUntil(int64_t last) {
  while (!open_.empty() && open_.begin()->first <= last) {
    std::unique_ptr<OpenBucket> bucket = std::move(open_.begin()->second);
    open_.erase(open_.begin());
    if (any_closed_) CloseEmpty(bucket->number() - 1);
    CloseAndKeep(std::move(bucket));
  }
  if (any_closed_) CloseEmpty(last);
}

void BucketEngine::CloseEmpty(int64_t last) {
  for (int64_t looked_at = 0; last_closed_ < last && looked_at < kMostEmpty;
       ++looked_at) {
    const bool any_watched =
        std::any_of(watched_.begin(), watched_.end(),
                    [](const auto& watched) { return !watched.empty(); });
    if (!any_watched) break;
    CloseAndKeep(MakeBucket(last_closed_ + 1));
  }
  if (last_closed_ < last) {
    stats_.empty_buckets += last - last_closed_;
    last_closed_ = last;
  }
}

bool BucketEngine::TakeRoom(size_t bytes) {
  if (memory_ + bytes > job_.memory_limit) {
    ++stats_.refused_series;
    return false;
  }
  memory_ += bytes;
  return true;
}

void BucketEngine::GiveRoom(size_t bytes) {
  memory_ -= std::min(memory_, bytes);
}

std::unique_ptr<BucketEngine::Partition> BucketEngine::MakePartition(
    size_t detector) const {
  auto partition = std::make_unique<Partition>();
  const Detector& of = job_.detectors[detector];
  if (!IsRare(of)) return partition;
  if (of.over == kNoField) {
    partition->rarity = std::make_unique<detectors::Rarity<std::string>>(
        detectors::RarityOptions{.bucket_span =
                                     std::chrono::seconds(job_.bucket_span)});
  } else {
    partition->population =
        std::make_unique<detectors::PopulationRarity<std::string>>();
  }
  return partition;
}

BucketEngine::Partition* BucketEngine::FindPartition(size_t detector,
                                                     std::string_view name) {
  auto& partitions = partitions_[detector];
  const auto found = partitions.find(name);
  if (found != partitions.end()) return found->second.get();
  if (!TakeRoom(sizeof(Partition) + name.size() + kNodeBytes)) return nullptr;
  return partitions.emplace(name, MakePartition(detector)).first->second.get();
}

BucketEngine::Series* BucketEngine::FindSeries(size_t detector,
                                               Partition* partition,
                                               std::string_view by,
                                               int64_t bucket) {
  const auto found = partition->series.find(by);
  if (found != partition->series.end()) return found->second.get();
  auto series = std::make_unique<Series>(job_.detectors[detector]);
  if (!TakeRoom(sizeof(Series) + series->model.memory() + by.size() +
                kNodeBytes)) {
    return nullptr;
  }
  series->last = bucket - 1;
  return partition->series.emplace(by, std::move(series)).first->second.get();
}

void BucketEngine::PutInOrder(size_t detector, OpenBucket* bucket,
                              std::vector<Judged>* in_order) {
  // Results do not depend on the order of events within a bucket.
  std::vector<Judged>& folds = *in_order;
  folds.clear();
  for (BucketFold& fold : bucket->folds(detector)) {
    folds.push_back({&fold, nullptr});
  }
  std::sort(
      folds.begin(), folds.end(), [](const Judged& left, const Judged& right) {
        return std::tie(left.fold->partition, left.fold->over, left.fold->by) <
               std::tie(right.fold->partition, right.fold->over,
                        right.fold->by);
      });
  for (size_t i = 0; i < folds.size(); ++i) {
    // Folds of one partition stand side by side.
    if (i > 0 && folds[i].fold->partition == folds[i - 1].fold->partition) {
      folds[i].partition = folds[i - 1].partition;
      continue;
    }
    folds[i].partition = FindPartition(detector, folds[i].fold->partition);
    if (folds[i].partition != nullptr) {
      folds[i].partition->last = bucket->number();
    }
  }
  std::erase_if(
      folds, [](const Judged& judged) { return judged.partition == nullptr; });
}

void BucketEngine::CloseRare(size_t detector_index, int64_t number,
                             std::vector<Judged>* folds, Closing* closing) {
  const Detector& detector = job_.detectors[detector_index];
  const int64_t start = number * job_.bucket_span;
  // All values are there before one is judged by the others.
  std::erase_if(*folds, [&](const Judged& judged) {
    auto& rarity = *judged.partition->rarity;
    value_ = judged.fold->by;
    if (rarity.AddKnown(value_, number)) return false;
    if (!TakeRoom(kValueBytes + value_.size())) return true;
    rarity.Add(value_, number);
    return false;
  });
  for (const Judged& judged : *folds) {
    const auto& rarity = *judged.partition->rarity;
    value_ = judged.fold->by;
    const double p = rarity.Probability(value_);
    const Judgement seen{.probability = p, .actual = 1, .typical = p};
    closing->Count(p);
    if (p >= kOdd) continue;
    // Also where no record is made of it: the value has been odd.
    const double score = ScoreOfRare(detector_index, number, *judged.fold, p);
    if (!WorthARecord(detector, seen, start)) continue;
    const detectors::Rare rare = rarity.Find(value_);
    AnomalyRecord record = RecordOf(detector_index, *judged.fold, seen);
    record.record_score = score;
    record.by_field_first_occurrence = rare.first_occurrence;
    record.by_field_relative_rarity = rare.relative_rarity;
    record.one_in_buckets = rare.one_in;
    closing->Add(std::move(record), judged.fold, nullptr);
  }
  for (const Judged& judged : *folds) judged.partition->rarity->CloseBucket();
}

// A value that is new is rare for a while; it scores against the oddest it has
// been lately.
double BucketEngine::ScoreOfRare(size_t detector, int64_t bucket,
                                 const BucketFold& fold, double p) {
  const double raw = detectors::RawScore(p);
  key_.clear();
  AppendPart(fold.partition, &key_);
  AppendPart(fold.by, &key_);
  auto& odd_values = odd_values_[detector];
  auto found = odd_values.find(key_);
  if (found == odd_values.end()) {
    if (!TakeRoom(kValueBytes + key_.size())) {
      return detectors::AbsoluteScore(p);
    }
    found = odd_values.emplace(key_, OddValue{.raw = 0, .last = bucket}).first;
  }
  OddValue& odd = found->second;
  const int64_t since = bucket - odd.last;
  const double before =
      since > kRemembered
          ? 0
          : odd.raw * std::exp(-kOddFade * static_cast<double>(since));
  odd.raw = std::max(before, raw);
  odd.last = bucket;
  const double part = odd.raw > 0 ? raw / odd.raw : 1;
  return std::min(detectors::AbsoluteScore(p),
                  100 * std::min(1.5 * part, 0.5 + 0.5 * part));
}

void BucketEngine::ForgetOddValues(int64_t bucket) {
  if (bucket - last_forgotten_ < kRemembered) return;
  last_forgotten_ = bucket;
  for (auto& odd_values : odd_values_) {
    for (auto entry = odd_values.begin(); entry != odd_values.end();) {
      if (bucket - entry->second.last > kRemembered) {
        GiveRoom(kValueBytes + entry->first.size());
        odd_values.erase(entry++);
      } else {
        ++entry;
      }
    }
  }
}

void BucketEngine::CloseRarePeople(size_t detector_index, int64_t number,
                                   std::vector<Judged>* in_order,
                                   Closing* closing) {
  std::vector<Judged>& folds = *in_order;
  const Detector& detector = job_.detectors[detector_index];
  const int64_t start = number * job_.bucket_span;
  std::erase_if(folds, [&](const Judged& judged) {
    auto& population = *judged.partition->population;
    value_ = judged.fold->by;
    if (!population.Contains(value_) &&
        !TakeRoom(kPopulationValueBytes + value_.size())) {
      return true;
    }
    population.Add(value_, detectors::HashText(judged.fold->over), number);
    return false;
  });
  // Folds of one person stand side by side.
  for (size_t begin = 0; begin < folds.size();) {
    size_t end = begin;
    while (end < folds.size() &&
           folds[end].partition == folds[begin].partition &&
           folds[end].fold->over == folds[begin].fold->over) {
      ++end;
    }
    Partition& partition = *folds[begin].partition;
    std::vector<std::pair<double, double>> weighted;
    size_t rarest = begin;
    double least = 2;
    for (size_t i = begin; i < end; ++i) {
      value_ = folds[i].fold->by;
      const double p = partition.population->ProbabilityOf(value_);
      const double weight =
          detector.function == DetectorFunction::kFreqRare
              ? ShownWeight(*folds[i].fold, end - begin, &partition)
              : 1;
      weighted.emplace_back(p, weight);
      if (p < least) {
        least = p;
        rarest = i;
      }
    }
    Judgement seen;
    seen.probability =
        detectors::PopulationRarity<std::string>::WeightedJoint(weighted);
    seen.actual = 1;
    seen.typical = seen.probability;
    closing->Count(seen.probability);
    if (partition.population->weight() >= kFewPeople &&
        WorthARecord(detector, seen, start)) {
      AnomalyRecord record =
          RecordOf(detector_index, *folds[rarest].fold, seen);
      record.record_score = detectors::AbsoluteScore(seen.probability);
      closing->Add(std::move(record), folds[rarest].fold, nullptr);
    }
    begin = end;
  }
}

double BucketEngine::ShownWeight(const BucketFold& fold, size_t values,
                                 Partition* partition) {
  std::string person;
  AppendPart(fold.over, &person);
  std::string value = person;
  AppendPart(fold.by, &value);
  for (const std::string* key : {&person, &value}) {
    if (partition->shown.contains(*key)) continue;
    if (!TakeRoom(kValueBytes + key->size())) return 1;
    partition->shown.emplace(*key, 0);
  }
  const double of_all = partition->shown[person] += fold.events;
  const double of_value = partition->shown[value] += fold.events;
  return detectors::PopulationRarity<std::string>::FrequentWeight(
      of_value / of_all, values);
}

bool BucketEngine::IsFrequent(const Detector& detector, const BucketFold& fold,
                              const Series& series, Partition* partition) {
  const auto buckets = static_cast<double>(stats_.buckets);
  const auto frequent = [&](int64_t present) {
    return buckets >= 20 && static_cast<double>(present) > 0.1 * buckets;
  };
  if (detector.exclude_frequent_by && frequent(series.present)) return true;
  if (!detector.exclude_frequent_over || detector.over == kNoField)
    return false;
  auto found = partition->people.find(fold.over);
  if (found == partition->people.end()) {
    if (!TakeRoom(kValueBytes + fold.over.size())) return false;
    found = partition->people.emplace(fold.over, 0).first;
  }
  return frequent(++found->second);
}

std::optional<Judgement> BucketEngine::Judge(const Detector& detector,
                                             const BucketFold& fold,
                                             int64_t start, Series* series) {
  if (IsTime(detector)) return series->model.UpdateTimes(fold.times);
  const std::optional<double> value = SeriesModel::ValueOf(detector, fold);
  if (!value.has_value()) return std::nullopt;
  if (detector.over != kNoField) {
    series->of_people.push_back(*value);
    return series->people.Judge(*value);
  }
  const bool may_skip =
      std::any_of(detector.rules.begin(), detector.rules.end(),
                  [](const DetectorRule& rule) { return rule.skip_update; });
  if (may_skip) {
    const Judgement before = series->model.Update(*value, start, false);
    for (const DetectorRule& rule : detector.rules) {
      if (rule.skip_update && Applies(rule, before, start)) return before;
    }
  }
  return series->model.Update(*value, start, true);
}

void BucketEngine::CloseSeries(size_t detector_index, int64_t number,
                               const std::vector<Judged>& folds,
                               Closing* closing) {
  const Detector& detector = job_.detectors[detector_index];
  const int64_t start = number * job_.bucket_span;
  const bool counts_empty =
      SeriesModel::CountsEmpty(detector) && detector.over == kNoField;
  std::vector<Series*> with_people;
  for (const Judged& judged : folds) {
    const BucketFold& fold = *judged.fold;
    Series* series =
        FindSeries(detector_index, judged.partition, fold.by, number);
    if (series == nullptr) continue;
    if (counts_empty && series->last + 1 < number) {
      series->model.LearnEmpty(static_cast<uint64_t>(number - series->last - 1),
                               (series->last + 1) * job_.bucket_span,
                               job_.bucket_span);
    }
    if (series->last < number) ++series->present;
    series->last = number;
    if (IsFrequent(detector, fold, *series, judged.partition)) continue;
    const bool first_person = series->of_people.empty();
    const std::optional<Judgement> seen = Judge(detector, fold, start, series);
    if (!seen.has_value()) continue;
    if (first_person && !series->of_people.empty()) {
      with_people.push_back(series);
    }
    closing->Count(seen->probability);
    if (WorthARecord(detector, *seen, start)) {
      AnomalyRecord record = RecordOf(detector_index, fold, *seen);
      record.record_score = judged.partition->scores.Score(seen->probability);
      closing->Add(std::move(record), &fold,
                   detector.over == kNoField ? &series->model : nullptr);
    }
    judged.partition->scores.Learn(seen->probability);
    if (counts_empty && series->model.SilenceMatters()) {
      series->last_influences = closing->InfluencesOf(fold, {}, nullptr);
      watched_[detector_index]
              [{std::string(fold.partition), std::string(fold.by)}] = series;
    }
  }
  // Values of people are learned together, when all of them are judged.
  for (Series* series : with_people) {
    series->people.Learn(series->of_people);
    series->of_people.clear();
  }
}

void BucketEngine::CloseSilent(size_t detector_index, int64_t number,
                               Closing* closing) {
  const Detector& detector = job_.detectors[detector_index];
  const int64_t start = number * job_.bucket_span;
  auto& watched = watched_[detector_index];
  for (auto entry = watched.begin(); entry != watched.end();) {
    Series& series = *entry->second;
    if (series.last >= number) {
      ++entry;
      continue;
    }
    Partition& partition =
        *partitions_[detector_index].find(entry->first.first)->second;
    BucketFold silent;
    silent.partition = entry->first.first;
    silent.by = entry->first.second;
    series.last = number;
    const Judgement seen = series.model.Update(0, start, true);
    closing->Count(seen.probability);
    if (WorthARecord(detector, seen, start)) {
      AnomalyRecord record = RecordOf(detector_index, silent, seen);
      record.influencers = series.last_influences;
      record.record_score = partition.scores.Score(seen.probability);
      closing->Add(std::move(record), nullptr, nullptr);
    }
    partition.scores.Learn(seen.probability);
    entry =
        series.model.SilenceMatters() ? std::next(entry) : watched.erase(entry);
  }
}

void BucketEngine::CloseBucket(OpenBucket* bucket) {
  if (bucket->events() > 0) {
    ++stats_.buckets;
  } else {
    ++stats_.empty_buckets;
  }
  const int64_t number = bucket->number();
  closing_->Begin(bucket);
  for (size_t d = 0; d < job_.detectors.size(); ++d) {
    const Detector& detector = job_.detectors[d];
    PutInOrder(d, bucket, &in_order_);
    if (!IsRare(detector)) {
      CloseSeries(d, number, in_order_, closing_.get());
      CloseSilent(d, number, closing_.get());
    } else if (detector.over == kNoField) {
      CloseRare(d, number, &in_order_, closing_.get());
    } else {
      CloseRarePeople(d, number, &in_order_, closing_.get());
    }
  }
  any_closed_ = true;
  last_closed_ = number;
  const AnomalyBucket& result = closing_->Finish();
  stats_.records += static_cast<int64_t>(result.records.size());
  if (result.event_count > 0 || !result.records.empty()) report_(result);
  ForgetOddValues(number);
  Prune(number);
}

void BucketEngine::Prune(int64_t bucket) {
  if (job_.prune_window <= 0 || bucket - last_pruned_ < kPruneEvery) return;
  last_pruned_ = bucket;
  const int64_t oldest = bucket - job_.prune_window / job_.bucket_span;
  for (size_t d = 0; d < partitions_.size(); ++d) {
    for (auto entry = partitions_[d].begin(); entry != partitions_[d].end();) {
      Partition& partition = *entry->second;
      for (auto of = partition.series.begin(); of != partition.series.end();) {
        if (of->second->last >= oldest) {
          ++of;
          continue;
        }
        watched_[d].erase({entry->first, of->first});
        GiveRoom(sizeof(Series) + of->first.size() + kNodeBytes +
                 of->second->model.memory());
        partition.series.erase(of++);
      }
      if (partition.rarity != nullptr) {
        partition.rarity->Prune(oldest, [this](const std::string& value) {
          GiveRoom(kValueBytes + value.size());
        });
      }
      if (partition.population != nullptr) {
        partition.population->Prune(oldest, [this](const std::string& value) {
          GiveRoom(kPopulationValueBytes + value.size());
        });
      }
      if (partition.last < oldest && partition.series.empty()) {
        for (const auto& shown : partition.shown) {
          GiveRoom(kValueBytes + shown.first.size());
        }
        for (const auto& person : partition.people) {
          GiveRoom(kValueBytes + person.first.size());
        }
        GiveRoom(sizeof(Partition) + entry->first.size() + kNodeBytes);
        partitions_[d].erase(entry++);
      } else {
        ++entry;
      }
    }
  }
}

}  // namespace tocsin::runtime
