#include "src/runtime/detect/bucket_engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <tuple>

#include "tocsin/detectors/tails.h"

namespace tocsin::runtime {
namespace {

using program::Detector;
using program::DetectorFunction;
using program::DetectorRule;
using program::kNoField;

constexpr double kWorthARecord = 0.035;
constexpr size_t kMostRecords = 100;
constexpr double kInfluences = 0.4;
// Different values of one influencer that a fold tells apart.
constexpr size_t kMostInfluencers = 1'000;
constexpr size_t kMostTimes = 1'000;
// Empty buckets in a row that are looked at one by one.
constexpr int64_t kMostEmpty = 1'000;
constexpr int64_t kPruneEvery = 96;
// Values of a population are too few below this to call one of them rare.
constexpr double kFewPeople = 20;
// What one more of them takes, its text aside.
constexpr size_t kValueBytes = 96;
constexpr size_t kPopulationValueBytes = 160;
constexpr size_t kNodeBytes = 64;
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

struct BucketEngine::Series {
  explicit Series(const Detector& detector)
      : model(detector), people(detector.side) {}

  SeriesModel model;
  PopulationValues people;
  int64_t last = 0;               // The last bucket that it knows of.
  int64_t present = 0;            // Buckets it was in.
  std::vector<double> of_people;  // Of the bucket that is being closed.
};

struct BucketEngine::Partition {
  base::StringMap<std::unique_ptr<Series>> series;
  std::unique_ptr<detectors::Rarity<std::string>> rarity;
  std::unique_ptr<detectors::PopulationRarity<std::string>> population;
  // How often a person showed a value, and any: of freq_rare.
  base::StringMap<double> shown;
  // Buckets a person was in, of exclude_frequent.
  base::StringMap<int64_t> people;
  detectors::ScoreMap scores;
  int64_t last = 0;
};

// What one closing bucket has come to.
class BucketEngine::Closing {
 public:
  Closing(const program::DetectorJob& job, int64_t start) : job_(job) {
    result_.timestamp = start;
  }

  // A result, of a record or not: how odd a bucket is depends on how many
  // there were.
  void Count(double probability) { all_.push_back(probability); }

  void Add(AnomalyRecord record, const BucketFold* fold,
           const SeriesModel* model) {
    if (fold != nullptr) AddInfluences(*fold, model, &record);
    result_.records.push_back(std::move(record));
  }

  AnomalyBucket Take(double events) {
    result_.event_count = events;
    std::stable_sort(result_.records.begin(), result_.records.end(),
                     [](const AnomalyRecord& left, const AnomalyRecord& right) {
                       return left.record_score > right.record_score;
                     });
    if (result_.records.size() > kMostRecords) {
      result_.records_left_out =
          static_cast<int64_t>(result_.records.size() - kMostRecords);
      result_.records.resize(kMostRecords);
    }
    if (!result_.records.empty()) {
      result_.anomaly_score =
          detectors::AbsoluteScore(Joined(all_, all_.size()));
    }
    AddInfluencers();
    return std::move(result_);
  }

 private:
  void AddInfluences(const BucketFold& fold, const SeriesModel* model,
                     AnomalyRecord* record) {
    for (size_t i = 0; i < fold.influences.size(); ++i) {
      Influence influence{.field = job_.influencers[i], .values = {}};
      for (const auto& [value, share] : fold.influences[i]) {
        double strength = share / std::max(fold.events, 1e-9);
        if (model != nullptr && record->probability < 1) {
          const double without = model->ProbabilityWithout(
              record->actual, share, result_.timestamp);
          if (without < 1) {
            strength =
                std::max(strength,
                         1 - std::log(without) / std::log(record->probability));
          }
        }
        if (strength >= kInfluences) influence.values.push_back(value);
      }
      if (influence.values.empty()) continue;
      std::sort(influence.values.begin(), influence.values.end());
      record->influencers.push_back(std::move(influence));
    }
  }

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
  AnomalyBucket result_;
  std::vector<double> all_;
};

BucketEngine::BucketEngine(const program::DetectorJob* job, Report report)
    : job_(*job),
      report_(std::move(report)),
      partitions_(job->detectors.size()),
      watched_(job->detectors.size()) {}

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
  const auto [found, is_new] = open_.try_emplace(number);
  OpenBucket& bucket = found->second;
  if (is_new) {
    bucket.number = number;
    bucket.folds.resize(job_.detectors.size());
  }
  ++stats_.events;
  bucket.events += events;
  for (size_t i = 0; i < job_.detectors.size(); ++i) {
    Fold(i, cells, events, seconds, &bucket);
  }
}

bool BucketEngine::Fold(size_t detector_index,
                        std::span<const DetectCell> cells, double events,
                        int64_t seconds, OpenBucket* bucket) {
  const Detector& detector = job_.detectors[detector_index];
  std::string_view by, over, partition;
  for (const auto& [field, text, may_be_null] :
       {std::tuple<uint32_t, std::string_view*, bool>{detector.by, &by,
                                                      detector.use_null},
        {detector.partition, &partition, detector.use_null},
        {detector.over, &over, false}}) {
    if (field == kNoField) continue;
    if (!cells[field].present && !may_be_null) return false;
    *text = cells[field].text;
  }
  key_.clear();
  AppendPart(partition, &key_);
  AppendPart(by, &key_);
  AppendPart(over, &key_);
  auto& folds = bucket->folds[detector_index];
  auto found = folds.find(key_);
  if (found == folds.end()) {
    found = folds.emplace(key_, BucketFold()).first;
    BucketFold& fold = found->second;
    fold.by = by;
    fold.over = over;
    fold.partition = partition;
    fold.influences.resize(job_.influencers.size());
  }
  BucketFold& fold = found->second;
  fold.events += events;
  for (size_t i = 0; i < job_.influencers.size(); ++i) {
    const DetectCell& cell = cells[job_.influencers[i]];
    if (!cell.present) continue;
    const auto count = [&](std::string_view value) {
      const auto known = fold.influences[i].find(value);
      if (known != fold.influences[i].end()) {
        known->second += events;
      } else if (fold.influences[i].size() < kMostInfluencers) {
        fold.influences[i].emplace(value, events);
      }
    };
    if (cell.several.empty()) count(cell.text);
    for (const std::string_view value : cell.several) count(value);
  }
  if (IsTime(detector)) {
    if (fold.times.size() < kMostTimes) fold.times.push_back(seconds);
    return true;
  }
  if (detector.field == kNoField) return true;
  const DetectCell& cell = cells[detector.field];
  if (!cell.present) return true;
  switch (detector.function) {
    case DetectorFunction::kDistinctCount:
      if (fold.distinct == nullptr) {
        fold.distinct = std::make_unique<detectors::DistinctCounter>();
      }
      fold.distinct->Add(detectors::HashText(cell.text));
      break;
    case DetectorFunction::kInfoContent:
      if (fold.texts == nullptr) {
        fold.texts = std::make_unique<detectors::BucketTexts>();
      }
      fold.texts->Add(cell.text);
      break;
    case DetectorFunction::kMedian:
      if (fold.sample == nullptr) {
        fold.sample = std::make_unique<detectors::BucketSample>();
      }
      fold.sample->Add(cell.number);
      fold.moments.Add(cell.number, events);
      break;
    default:
      fold.moments.Add(cell.number, events);
      break;
  }
  return true;
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
    OpenBucket bucket = std::move(open_.begin()->second);
    open_.erase(open_.begin());
    if (any_closed_) CloseEmpty(bucket.number - 1);
    CloseBucket(std::move(bucket));
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
    OpenBucket bucket;
    bucket.number = last_closed_ + 1;
    bucket.folds.resize(job_.detectors.size());
    CloseBucket(std::move(bucket));
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

BucketEngine::Partition* BucketEngine::FindPartition(size_t detector,
                                                     const std::string& name) {
  auto& partitions = partitions_[detector];
  const auto found = partitions.find(name);
  if (found != partitions.end()) return found->second.get();
  if (!TakeRoom(sizeof(Partition) + name.size() + kNodeBytes)) return nullptr;
  auto partition = std::make_unique<Partition>();
  const Detector& of = job_.detectors[detector];
  if (IsRare(of)) {
    if (of.over == kNoField) {
      partition->rarity = std::make_unique<detectors::Rarity<std::string>>(
          detectors::RarityOptions{.bucket_span =
                                       std::chrono::seconds(job_.bucket_span)});
    } else {
      partition->population =
          std::make_unique<detectors::PopulationRarity<std::string>>();
    }
  }
  return partitions.emplace(name, std::move(partition)).first->second.get();
}

BucketEngine::Series* BucketEngine::FindSeries(size_t detector,
                                               Partition* partition,
                                               const std::string& by,
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

// A fold of a closing bucket, and where it belongs.
struct BucketEngine::Judged {
  BucketFold* fold;
  Partition* partition;
};

std::vector<BucketEngine::Judged> BucketEngine::InOrder(size_t detector,
                                                        OpenBucket* bucket) {
  // A hash table has no order that is the same in every run.
  std::vector<Judged> folds;
  folds.reserve(bucket->folds[detector].size());
  for (auto& entry : bucket->folds[detector]) {
    folds.push_back({&entry.second, nullptr});
  }
  std::sort(
      folds.begin(), folds.end(), [](const Judged& left, const Judged& right) {
        return std::tie(left.fold->partition, left.fold->over, left.fold->by) <
               std::tie(right.fold->partition, right.fold->over,
                        right.fold->by);
      });
  for (Judged& judged : folds) {
    judged.partition = FindPartition(detector, judged.fold->partition);
    if (judged.partition != nullptr) judged.partition->last = bucket->number;
  }
  std::erase_if(
      folds, [](const Judged& judged) { return judged.partition == nullptr; });
  return folds;
}

void BucketEngine::CloseRare(size_t detector_index, int64_t number,
                             std::vector<Judged> folds, Closing* closing) {
  const Detector& detector = job_.detectors[detector_index];
  const int64_t start = number * job_.bucket_span;
  // All values are there before one is judged by the others.
  std::erase_if(folds, [&](const Judged& judged) {
    auto& rarity = *judged.partition->rarity;
    if (!rarity.Contains(judged.fold->by) &&
        !TakeRoom(kValueBytes + judged.fold->by.size())) {
      return true;
    }
    rarity.Add(judged.fold->by, number);
    return false;
  });
  for (const Judged& judged : folds) {
    const detectors::Rare rare =
        judged.partition->rarity->Find(judged.fold->by);
    const Judgement seen{.probability = rare.probability,
                         .actual = 1,
                         .typical = rare.probability};
    closing->Count(rare.probability);
    if (!WorthARecord(detector, seen, start)) continue;
    AnomalyRecord record = RecordOf(detector_index, *judged.fold, seen);
    record.record_score = detectors::AbsoluteScore(rare.probability);
    record.by_field_first_occurrence = rare.first_occurrence;
    record.by_field_relative_rarity = rare.relative_rarity;
    record.one_in_buckets = rare.one_in;
    closing->Add(std::move(record), judged.fold, nullptr);
  }
  for (const Judged& judged : folds) judged.partition->rarity->CloseBucket();
}

void BucketEngine::CloseRarePeople(size_t detector_index, int64_t number,
                                   std::vector<Judged> folds,
                                   Closing* closing) {
  const Detector& detector = job_.detectors[detector_index];
  const int64_t start = number * job_.bucket_span;
  std::erase_if(folds, [&](const Judged& judged) {
    auto& population = *judged.partition->population;
    if (!population.Contains(judged.fold->by) &&
        !TakeRoom(kPopulationValueBytes + judged.fold->by.size())) {
      return true;
    }
    population.Add(judged.fold->by, detectors::HashText(judged.fold->over),
                   number);
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
      const double p = partition.population->ProbabilityOf(folds[i].fold->by);
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
      watched_[detector_index][{fold.partition, fold.by}] = series;
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
      record.record_score = partition.scores.Score(seen.probability);
      closing->Add(std::move(record), nullptr, nullptr);
    }
    partition.scores.Learn(seen.probability);
    entry =
        series.model.SilenceMatters() ? std::next(entry) : watched.erase(entry);
  }
}

void BucketEngine::CloseBucket(OpenBucket bucket) {
  if (bucket.events > 0) {
    ++stats_.buckets;
  } else {
    ++stats_.empty_buckets;
  }
  Closing closing(job_, bucket.number * job_.bucket_span);
  for (size_t d = 0; d < job_.detectors.size(); ++d) {
    const Detector& detector = job_.detectors[d];
    std::vector<Judged> folds = InOrder(d, &bucket);
    if (!IsRare(detector)) {
      CloseSeries(d, bucket.number, folds, &closing);
      CloseSilent(d, bucket.number, &closing);
    } else if (detector.over == kNoField) {
      CloseRare(d, bucket.number, std::move(folds), &closing);
    } else {
      CloseRarePeople(d, bucket.number, std::move(folds), &closing);
    }
  }
  any_closed_ = true;
  last_closed_ = bucket.number;
  const AnomalyBucket result = closing.Take(bucket.events);
  stats_.records += static_cast<int64_t>(result.records.size());
  if (result.event_count > 0 || !result.records.empty()) report_(result);
  Prune(bucket.number);
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
        const size_t before = partition.rarity->size();
        partition.rarity->Prune(oldest);
        GiveRoom(kValueBytes * (before - partition.rarity->size()));
      }
      if (partition.population != nullptr) {
        const size_t before = partition.population->size();
        partition.population->Prune(oldest);
        GiveRoom(kPopulationValueBytes *
                 (before - partition.population->size()));
      }
      if (partition.last < oldest && partition.series.empty()) {
        GiveRoom(sizeof(Partition) + entry->first.size() + kNodeBytes);
        partitions_[d].erase(entry++);
      } else {
        ++entry;
      }
    }
  }
}

}  // namespace tocsin::runtime
