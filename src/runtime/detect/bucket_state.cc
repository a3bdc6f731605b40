// A BucketEngine as bytes, and back.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/runtime/detect/bucket_engine.h"
#include "src/runtime/detect/bucket_parts.h"

namespace tocsin::runtime {
namespace {

using detectors::StateReader;
using detectors::StateWriter;

// Within these, times and counts bear arithmetic.
constexpr int64_t kMostBucket = int64_t{1} << 41;
constexpr double kMost = 1e18;

int64_t GetBucket(StateReader* in) {
  const auto bucket = static_cast<int64_t>(in->Get64());
  if (bucket < -kMostBucket || bucket > kMostBucket) in->Fail();
  return in->ok() ? bucket : 0;
}

int64_t GetCounter(StateReader* in) {
  const auto counter = static_cast<int64_t>(in->Get64());
  if (counter < 0 || counter > int64_t{1} << 60) in->Fail();
  return in->ok() ? counter : 0;
}

// The entries of a table by their names.
template <typename Map>
std::vector<const typename Map::value_type*> Sorted(const Map& map) {
  std::vector<const typename Map::value_type*> entries;
  entries.reserve(map.size());
  for (const auto& entry : map) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const auto* left, const auto* right) {
              return left->first < right->first;
            });
  return entries;
}

}  // namespace

void BucketEngine::Save(StateWriter* out) const {
  const auto put = [&](int64_t number) {
    out->Put64(static_cast<uint64_t>(number));
  };
  out->Put8(any_event_ ? 1 : 0);
  put(newest_);
  out->Put8(any_closed_ ? 1 : 0);
  put(last_closed_);
  put(last_pruned_);
  put(last_forgotten_);
  for (const int64_t counter :
       {stats_.events, stats_.late_events, stats_.untimely_events,
        stats_.refused_series, stats_.buckets, stats_.empty_buckets,
        stats_.records}) {
    put(counter);
  }
  for (size_t d = 0; d < job_.detectors.size(); ++d) {
    out->Put64(partitions_[d].size());
    for (const auto* entry : Sorted(partitions_[d])) {
      out->PutText(entry->first);
      SavePartition(*entry->second, out);
    }
    out->Put64(watched_[d].size());
    for (const auto& entry : watched_[d]) {
      out->PutText(entry.first.first);
      out->PutText(entry.first.second);
    }
    out->Put64(odd_values_[d].size());
    for (const auto* entry : Sorted(odd_values_[d])) {
      out->PutText(entry->first);
      out->PutDouble(entry->second.raw);
      put(entry->second.last);
    }
  }
  out->Put64(open_.size());
  for (const auto& entry : open_) entry.second->Save(out);
}

void BucketEngine::SavePartition(const Partition& partition,
                                 StateWriter* out) const {
  out->Put64(static_cast<uint64_t>(partition.last));
  out->Put64(partition.series.size());
  for (const auto* entry : Sorted(partition.series)) {
    const Series& series = *entry->second;
    out->PutText(entry->first);
    out->Put64(static_cast<uint64_t>(series.last));
    out->Put64(static_cast<uint64_t>(series.present));
    series.people.Save(out);
    series.model.Save(out);
    out->Put64(series.last_influences.size());
    for (const Influence& influence : series.last_influences) {
      out->Put32(influence.field);
      out->Put64(influence.values.size());
      for (const std::string& value : influence.values) out->PutText(value);
    }
  }
  if (partition.rarity != nullptr) partition.rarity->Save(out);
  if (partition.population != nullptr) partition.population->Save(out);
  out->Put64(partition.shown.size());
  for (const auto* entry : Sorted(partition.shown)) {
    out->PutText(entry->first);
    out->PutDouble(entry->second);
  }
  out->Put64(partition.people.size());
  for (const auto* entry : Sorted(partition.people)) {
    out->PutText(entry->first);
    out->Put64(static_cast<uint64_t>(entry->second));
  }
  partition.scores.Save(out);
}

bool BucketEngine::Load(StateReader* in) {
  any_event_ = in->Get8() != 0;
  newest_ = GetBucket(in);
  any_closed_ = in->Get8() != 0;
  last_closed_ = GetBucket(in);
  last_pruned_ = GetBucket(in);
  last_forgotten_ = GetBucket(in);
  for (int64_t* counter :
       {&stats_.events, &stats_.late_events, &stats_.untimely_events,
        &stats_.refused_series, &stats_.buckets, &stats_.empty_buckets,
        &stats_.records}) {
    *counter = GetCounter(in);
  }
  for (size_t d = 0; d < job_.detectors.size(); ++d) {
    for (size_t left = in->GetCount(12); left > 0; --left) {
      if (!LoadPartition(d, std::string(in->GetText()), in)) return false;
    }
    for (size_t left = in->GetCount(8); left > 0; --left) {
      const std::string partition(in->GetText());
      const std::string name(in->GetText());
      const auto of = partitions_[d].find(partition);
      if (!in->ok() || of == partitions_[d].end()) return false;
      const auto series = of->second->series.find(name);
      if (series == of->second->series.end()) return false;
      watched_[d][{partition, name}] = series->second.get();
    }
    for (size_t left = in->GetCount(20); left > 0; --left) {
      std::string name(in->GetText());
      OddValue odd;
      odd.raw = in->GetWithin(0, 100);
      odd.last = GetBucket(in);
      if (!in->ok()) return false;
      memory_ += kValueBytes + name.size();
      odd_values_[d].emplace(std::move(name), odd);
    }
  }
  for (size_t left = in->GetCount(16); left > 0; --left) {
    auto bucket = std::make_unique<OpenBucket>(&job_);
    if (!bucket->Load(in) || bucket->number() < -kMostBucket ||
        bucket->number() > kMostBucket ||
        (any_closed_ && bucket->number() <= last_closed_)) {
      return false;
    }
    memory_ += bucket->bytes();
    const int64_t number = bucket->number();
    if (!open_.emplace(number, std::move(bucket)).second) return false;
  }
  return in->ok();
}

bool BucketEngine::LoadPartition(size_t detector, const std::string& name,
                                 StateReader* in) {
  std::unique_ptr<Partition> partition = MakePartition(detector);
  partition->last = GetBucket(in);
  memory_ += sizeof(Partition) + name.size() + kNodeBytes;
  for (size_t left = in->GetCount(20); left > 0; --left) {
    std::string by(in->GetText());
    auto series = std::make_unique<Series>(job_.detectors[detector]);
    series->last = GetBucket(in);
    series->present = GetCounter(in);
    if (!series->people.Load(in) || !series->model.Load(in)) return false;
    for (size_t of = in->GetCount(12); of > 0; --of) {
      Influence& influence = series->last_influences.emplace_back();
      influence.field = in->Get32();
      for (size_t values = in->GetCount(4); values > 0; --values) {
        influence.values.emplace_back(in->GetText());
      }
      if (!in->ok() || influence.field >= job_.fields.size()) return false;
    }
    memory_ += sizeof(Series) + series->model.memory() + by.size() + kNodeBytes;
    if (!partition->series.emplace(std::move(by), std::move(series)).second) {
      return false;
    }
  }
  if (partition->rarity != nullptr) {
    if (!partition->rarity->Load(in)) return false;
    partition->rarity->ForEachValue([this](const std::string& value) {
      memory_ += kValueBytes + value.size();
    });
  }
  if (partition->population != nullptr) {
    if (!partition->population->Load(in)) return false;
    partition->population->ForEachValue([this](const std::string& value) {
      memory_ += kPopulationValueBytes + value.size();
    });
  }
  for (size_t left = in->GetCount(12); left > 0; --left) {
    std::string key(in->GetText());
    const double times = in->GetWithin(0, kMost);
    memory_ += kValueBytes + key.size();
    partition->shown.emplace(std::move(key), times);
  }
  for (size_t left = in->GetCount(12); left > 0; --left) {
    std::string key(in->GetText());
    const int64_t buckets = GetCounter(in);
    memory_ += kValueBytes + key.size();
    partition->people.emplace(std::move(key), buckets);
  }
  if (!partition->scores.Load(in) || !in->ok()) return false;
  return partitions_[detector].emplace(name, std::move(partition)).second;
}

}  // namespace tocsin::runtime
