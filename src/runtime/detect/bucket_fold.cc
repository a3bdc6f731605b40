#include "src/runtime/detect/bucket_fold.h"

#include <algorithm>
#include <tuple>

namespace tocsin::runtime {
namespace {

using program::DetectorFunction;
using program::kNoField;

// Different values of all influencers that a fold tells apart.
constexpr uint32_t kMostInfluencers = 1'000;
constexpr size_t kMostTimes = 1'000;
// What one more of them takes, beside its text.
constexpr size_t kTextBytes = 64;
constexpr size_t kFoldBytes = sizeof(BucketFold) + 32;
constexpr size_t kInfluenceBytes = 64;

bool IsTime(const program::Detector& detector) {
  return detector.function == DetectorFunction::kTimeOfDay ||
         detector.function == DetectorFunction::kTimeOfWeek;
}

void Clear(BucketFold* fold) {
  fold->events = 0;
  fold->moments.Clear();
  fold->sample.reset();
  fold->distinct.reset();
  fold->texts.reset();
  fold->times.clear();
  fold->influence = kNoInfluence;
  fold->influences = 0;
}

template <typename Value>
Value* Made(std::unique_ptr<Value>* value) {
  if (*value == nullptr) *value = std::make_unique<Value>();
  return value->get();
}

}  // namespace

void OpenBucket::Begin(int64_t number) {
  number_ = number;
  events_ = 0;
  bytes_ = 0;
  arena_.Clear();
  texts_.clear();
  numbers_.clear();
  influences_.clear();
  influence_places_.clear();
  for (Detector& of : of_detector_) {
    of.places.clear();
    for (size_t i = 0; i < of.count; ++i) Clear(&of.folds[i]);
    // What an unusually full bucket took is given back.
    constexpr size_t kKept = 4'096;
    if (of.folds.size() > kKept) of.folds = std::vector<BucketFold>();
    of.count = 0;
  }
}

int OpenBucket::Add(std::span<const DetectCell> cells, double events,
                    int64_t seconds, size_t room) {
  events_ += events;
  int refused = 0;
  for (size_t i = 0; i < of_detector_.size(); ++i) {
    if (!AddTo(i, cells, events, seconds, room)) ++refused;
  }
  return refused;
}

uint32_t OpenBucket::TextNumber(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<uint32_t>(texts_.size());
  texts_.push_back(arena_.Copy(text));
  numbers_.emplace(texts_.back(), number);
  bytes_ += kTextBytes + text.size();
  return number;
}

BucketFold* OpenBucket::FindFold(size_t detector, const FoldKey& key,
                                 size_t room) {
  Detector& of = of_detector_[detector];
  const auto found = of.places.find(key);
  if (found != of.places.end()) return &of.folds[found->second];
  if (bytes_ + kFoldBytes > room) return nullptr;
  bytes_ += kFoldBytes;
  of.places.emplace(key, static_cast<uint32_t>(of.count));
  if (of.count == of.folds.size()) of.folds.emplace_back();
  BucketFold& fold = of.folds[of.count++];
  const auto text = [&](uint32_t number) {
    return number == kNoText ? std::string_view() : texts_[number];
  };
  fold.partition = text(key[0]);
  fold.by = text(key[1]);
  fold.over = text(key[2]);
  return &fold;
}

bool OpenBucket::AddTo(size_t detector_index, std::span<const DetectCell> cells,
                       double events, int64_t seconds, size_t room) {
  const program::Detector& detector = job_->detectors[detector_index];
  FoldKey key = {kNoText, kNoText, kNoText};
  for (const auto& [field, part, may_be_null] :
       {std::tuple<uint32_t, size_t, bool>{detector.partition, 0,
                                           detector.use_null},
        {detector.by, 1, detector.use_null},
        {detector.over, 2, false}}) {
    if (field == kNoField) continue;
    if (cells[field].present) {
      if (bytes_ + kTextBytes + cells[field].text.size() > room) return false;
      key[part] = TextNumber(cells[field].text);
    } else if (!may_be_null) {
      return true;
    }
  }
  BucketFold* const fold = FindFold(detector_index, key, room);
  if (fold == nullptr) return false;
  fold->events += events;
  const auto place =
      static_cast<uint32_t>(fold - of_detector_[detector_index].folds.data());
  for (uint32_t i = 0; i < job_->influencers.size(); ++i) {
    const DetectCell& cell = cells[job_->influencers[i]];
    if (!cell.present) continue;
    // What finds no room does not influence, which is not counted.
    const auto add = [&](std::string_view value) {
      if (bytes_ + kTextBytes + value.size() + kInfluenceBytes > room) return;
      AddInfluence(detector_index, place, i, value, events);
    };
    if (cell.several.empty()) add(cell.text);
    for (const std::string_view value : cell.several) add(value);
  }
  if (IsTime(detector)) {
    if (fold->times.size() < kMostTimes) fold->times.push_back(seconds);
    return true;
  }
  if (detector.field == kNoField) return true;
  const DetectCell& cell = cells[detector.field];
  if (!cell.present) return true;
  switch (detector.function) {
    case DetectorFunction::kDistinctCount:
      Made(&fold->distinct)->Add(detectors::HashText(cell.text));
      break;
    case DetectorFunction::kInfoContent:
      Made(&fold->texts)->Add(cell.text);
      break;
    case DetectorFunction::kMedian:
      Made(&fold->sample)->Add(cell.number);
      fold->moments.Add(cell.number, events);
      break;
    default:
      fold->moments.Add(cell.number, events);
      break;
  }
  return true;
}

void OpenBucket::AddInfluence(size_t detector, uint32_t place,
                              uint32_t influencer, std::string_view value,
                              double events) {
  BucketFold& fold = of_detector_[detector].folds[place];
  const uint32_t text = TextNumber(value);
  // Most folds have one value of an influencer, or a few.
  uint32_t looked_at = 0;
  constexpr uint32_t kLookedAt = 8;
  for (uint32_t i = fold.influence; i != kNoInfluence && looked_at < kLookedAt;
       i = influences_[i].next, ++looked_at) {
    Influence& known = influences_[i];
    if (known.text == text && known.influencer == influencer) {
      known.events += events;
      return;
    }
  }
  const std::array<uint64_t, 2> key = {
      uint64_t{place} << 32 | detector << 16 | influencer, text};
  if (looked_at == kLookedAt) {
    const auto found = influence_places_.find(key);
    if (found != influence_places_.end()) {
      influences_[found->second].events += events;
      return;
    }
    if (fold.influences >= kMostInfluencers) return;
  }
  ++fold.influences;
  const auto number = static_cast<uint32_t>(influences_.size());
  influences_.push_back({influencer, text, fold.influence, events});
  fold.influence = number;
  influence_places_.emplace(key, number);
  bytes_ += kInfluenceBytes;
}

void OpenBucket::Save(detectors::StateWriter* out) const {
  out->Put64(static_cast<uint64_t>(number_));
  out->PutDouble(events_);
  for (const Detector& of : of_detector_) {
    std::vector<const BucketFold*> folds;
    for (size_t i = 0; i < of.count; ++i) folds.push_back(&of.folds[i]);
    std::sort(folds.begin(), folds.end(),
              [](const BucketFold* left, const BucketFold* right) {
                return std::tie(left->partition, left->over, left->by) <
                       std::tie(right->partition, right->over, right->by);
              });
    out->Put64(folds.size());
    for (const BucketFold* fold : folds) SaveFold(*fold, out);
  }
}

void OpenBucket::SaveFold(const BucketFold& fold,
                          detectors::StateWriter* out) const {
  out->PutText(fold.partition);
  out->PutText(fold.by);
  out->PutText(fold.over);
  out->PutDouble(fold.events);
  fold.moments.Save(out);
  out->Put8((fold.sample != nullptr ? 1 : 0) |
            (fold.distinct != nullptr ? 2 : 0) |
            (fold.texts != nullptr ? 4 : 0));
  if (fold.sample != nullptr) fold.sample->Save(out);
  if (fold.distinct != nullptr) fold.distinct->Save(out);
  if (fold.texts != nullptr) fold.texts->Save(out);
  out->Put64(fold.times.size());
  for (const int64_t time : fold.times) {
    out->Put64(static_cast<uint64_t>(time));
  }
  std::vector<std::tuple<uint32_t, std::string_view, double>> influences;
  ForEachInfluence(
      fold, [&](uint32_t influencer, std::string_view value, double events) {
        influences.emplace_back(influencer, value, events);
      });
  std::sort(influences.begin(), influences.end());
  out->Put64(influences.size());
  for (const auto& [influencer, value, events] : influences) {
    out->Put32(influencer);
    out->PutText(value);
    out->PutDouble(events);
  }
}

bool OpenBucket::Load(detectors::StateReader* in) {
  Begin(static_cast<int64_t>(in->Get64()));
  events_ = in->GetWithin(0, 1e18);
  for (size_t i = 0; i < of_detector_.size(); ++i) {
    constexpr size_t kLeastFold = 12;
    for (size_t left = in->GetCount(kLeastFold); left > 0 && in->ok(); --left) {
      if (!LoadFold(i, in)) return false;
    }
  }
  return in->ok();
}

bool OpenBucket::LoadFold(size_t detector, detectors::StateReader* in) {
  const program::Detector& of = job_->detectors[detector];
  FoldKey key = {kNoText, kNoText, kNoText};
  for (const auto& [field, part] :
       {std::pair<uint32_t, size_t>{of.partition, 0},
        {of.by, 1},
        {of.over, 2}}) {
    const std::string_view text = in->GetText();
    if (!text.empty()) {
      if (field == kNoField) return false;
      key[part] = TextNumber(text);
    }
  }
  if (!in->ok() || of_detector_[detector].places.contains(key)) return false;
  BucketFold& fold = *FindFold(detector, key, SIZE_MAX);
  fold.events = in->GetWithin(0, 1e18);
  if (!fold.moments.Load(in)) return false;
  const uint8_t has = in->Get8();
  if ((has & 1) != 0 && !Made(&fold.sample)->Load(in)) return false;
  if ((has & 2) != 0 && !Made(&fold.distinct)->Load(in)) return false;
  if ((has & 4) != 0 && !Made(&fold.texts)->Load(in)) return false;
  for (size_t left = in->GetCount(8); left > 0; --left) {
    if (fold.times.size() >= kMostTimes) return false;
    fold.times.push_back(static_cast<int64_t>(in->Get64()));
  }
  const auto place = static_cast<uint32_t>(of_detector_[detector].count - 1);
  for (size_t left = in->GetCount(16); left > 0; --left) {
    const uint32_t influencer = in->Get32();
    const std::string_view value = in->GetText();
    const double events = in->GetWithin(0, 1e18);
    if (!in->ok() || influencer >= job_->influencers.size()) return false;
    AddInfluence(detector, place, influencer, value, events);
  }
  return in->ok();
}

}  // namespace tocsin::runtime
