#include "src/runtime/incident/incident_book.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {
namespace {

constexpr size_t kIdDigits = 32;
constexpr uint32_t kNowhere = 0xFFFFFFFF;
// What a snapshot may say at most.
constexpr uint64_t kMostNumber = uint64_t{1} << 62;
constexpr size_t kLeastSavedBytes = 4 + 8 + kIdDigits + 4 * 8 + 1 + 8;

bool IsId(std::string_view text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

IncidentBook::IncidentBook(std::vector<const program::IncidentPolicy*> policies,
                           size_t most_open)
    : policies_(std::move(policies)),
      most_open_(std::max<size_t>(most_open, 1)) {}

int64_t IncidentBook::DueOf(const OpenIncident& incident) const {
  const program::IncidentPolicy& policy = *policies_[incident.rule];
  const int64_t end = std::min(AddTime(incident.last, policy.idle),
                               AddTime(incident.first, policy.longest));
  return AddTime(std::max(end, incident.last), policy.delay);
}

bool IncidentBook::Fits(const OpenIncident& incident, int64_t time) const {
  const program::IncidentPolicy& policy = *policies_[incident.rule];
  const int64_t first = std::min(incident.first, time);
  const int64_t last = std::max(incident.last, time);
  return SubTime(incident.first, first) <= policy.idle &&
         SubTime(last, incident.last) <= policy.idle &&
         SubTime(last, first) <= policy.longest;
}

// Valid until the next call.
std::string_view IncidentBook::IndexKey(uint32_t rule,
                                        std::string_view key) const {
  index_key_.resize(sizeof(rule));
  std::memcpy(index_key_.data(), &rule, sizeof(rule));
  return index_key_.append(key);
}

uint32_t IncidentBook::Find(const IncidentFiring& firing,
                            std::span<const std::string> keys) const {
  uint32_t best = kNowhere;
  for (const std::string& key : keys) {
    const auto found = by_key_.find(IndexKey(firing.rule, key));
    if (found == by_key_.end()) continue;
    for (const uint32_t place : found->second) {
      const OpenIncident& incident = incidents_[place];
      if (Fits(incident, firing.time) &&
          (best == kNowhere || incident.number > incidents_[best].number)) {
        best = place;
      }
    }
  }
  return best;
}

IncidentBook::Joined IncidentBook::Add(const IncidentFiring& firing,
                                       std::span<const std::string> keys,
                                       bool opens) {
  uint32_t place = Find(firing, keys);
  const bool is_new = place == kNowhere;
  if (is_new && !opens) return {};
  if (is_new) {
    place = Insert({.rule = firing.rule,
                    .number = ++opened_,
                    .first = firing.time,
                    .last = firing.time,
                    .first_event = firing.first_event});
  }
  // One that was found by its only key has it.
  if (is_new || keys.size() > 1) {
    for (const std::string& key : keys) AddKey(place, key);
  }
  OpenIncident& incident = incidents_[place];
  const int64_t due = DueOf(incident);
  incident.first = std::min(incident.first, firing.time);
  incident.last = std::max(incident.last, firing.time);
  incident.first_event = std::min(incident.first_event, firing.first_event);
  incident.exact &= firing.exact;
  ++incident.firings;
  if (DueOf(incident) < due) Enqueue(place);
  return {&incident, is_new};
}

uint32_t IncidentBook::Insert(OpenIncident incident) {
  uint32_t place = static_cast<uint32_t>(incidents_.size());
  if (!free_.empty()) {
    place = free_.back();
    free_.pop_back();
  } else {
    incidents_.emplace_back();
  }
  incidents_[place] = std::move(incident);
  ++open_count_;
  Enqueue(place);
  return place;
}

void IncidentBook::Enqueue(uint32_t place) {
  const OpenIncident& incident = incidents_[place];
  queue_.push_back(
      {.due = DueOf(incident), .number = incident.number, .place = place});
  std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
}

void IncidentBook::AddKey(uint32_t place, std::string_view key) {
  OpenIncident& incident = incidents_[place];
  if (incident.keys.size() == kMostKeys ||
      std::find(incident.keys.begin(), incident.keys.end(), key) !=
          incident.keys.end()) {
    return;
  }
  incident.keys.emplace_back(key);
  by_key_[std::string(IndexKey(incident.rule, key))].push_back(place);
}

void IncidentBook::Remove(uint32_t place) {
  OpenIncident& incident = incidents_[place];
  for (const std::string& key : incident.keys) {
    const auto found = by_key_.find(IndexKey(incident.rule, key));
    auto& places = found->second;
    places.erase(std::find(places.begin(), places.end(), place));
    if (places.empty()) by_key_.erase(found);
  }
  incident = {};
  free_.push_back(place);
  --open_count_;
}

// Sees to it that what is said of the front is true. False: there is none.
bool IncidentBook::FreshenFront() {
  while (!queue_.empty()) {
    const Due front = queue_.front();
    const OpenIncident& incident = incidents_[front.place];
    const bool is_open = incident.number == front.number;
    if (is_open && DueOf(incident) == front.due) return true;
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    queue_.pop_back();
    if (is_open) Enqueue(front.place);
  }
  return false;
}

void IncidentBook::CloseFront(bool is_early, OnClosed on_closed) {
  const uint32_t place = queue_.front().place;
  std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
  queue_.pop_back();
  const OpenIncident closed = incidents_[place];
  Remove(place);
  on_closed(closed, is_early);
}

void IncidentBook::Close(int64_t watermark, OnClosed on_closed) {
  while (IsDue(watermark)) {
    if (FreshenFront() && IsDue(watermark)) CloseFront(false, on_closed);
  }
}

void IncidentBook::CloseExcess(OnClosed on_closed) {
  while (open_count_ > most_open_ && FreshenFront()) {
    CloseFront(true, on_closed);
  }
}

// --- Snapshots ---------------------------------------------------------------

std::vector<uint32_t> IncidentBook::PlacesOf(const Keys* keys) const {
  std::vector<uint32_t> places;
  if (keys == nullptr) {
    for (uint32_t i = 0; i < incidents_.size(); ++i) {
      if (incidents_[i].number != 0) places.push_back(i);
    }
  } else {
    for (uint32_t rule = 0; rule < keys->size(); ++rule) {
      if (!(*keys)[rule].has_value()) continue;
      const auto found = by_key_.find(IndexKey(rule, *(*keys)[rule]));
      if (found == by_key_.end()) continue;
      places.insert(places.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(places.begin(), places.end(), [&](uint32_t a, uint32_t b) {
    return incidents_[a].number < incidents_[b].number;
  });
  return places;
}

void IncidentBook::Save(std::span<const uint32_t> numbers, const Keys* keys,
                        state::SnapshotWriter* out) const {
  const std::vector<uint32_t> places = PlacesOf(keys);
  out->Put64(keys == nullptr ? opened_ : 0);
  out->Put64(places.size());
  for (const uint32_t place : places) {
    const OpenIncident& incident = incidents_[place];
    out->Put32(numbers[incident.rule]);
    out->Put64(incident.number);
    out->PutBytes(incident.id);
    out->PutInt(incident.first);
    out->PutInt(incident.last);
    out->PutInt(incident.first_event);
    out->PutInt(incident.firings);
    out->PutBool(incident.exact);
    out->Put64(incident.keys.size());
    for (const std::string& key : incident.keys) out->PutText(key);
  }
}

void IncidentBook::Load(std::span<const uint32_t> rules, const Keys* of_keys,
                        state::SnapshotReader* in) {
  const uint64_t opened = in->Get64();
  if (opened > kMostNumber) in->Fail("has a number out of range");
  if (of_keys == nullptr) opened_ = opened;
  std::vector<KeyText> texts;
  for (uint64_t left = in->GetCount(kLeastSavedBytes); left > 0; --left) {
    const uint32_t number = in->Get32();
    OpenIncident incident;
    incident.number = in->Get64();
    incident.id = in->GetBytes(kIdDigits);
    incident.first = in->GetInt();
    incident.last = in->GetInt();
    incident.first_event = in->GetInt();
    incident.firings = in->GetCounter();
    incident.exact = in->GetBool();
    std::vector<std::string> keys;
    for (uint64_t i = in->GetCount(4); i > 0; --i) {
      keys.emplace_back(in->GetText());
      texts.clear();
      if (!ReadKey(keys.back(), &texts)) in->Fail("has a key that cannot be");
    }
    if (number >= rules.size() || incident.number == 0 ||
        (of_keys == nullptr && incident.number > opened) ||
        !IsId(incident.id) || incident.first > incident.last ||
        incident.firings == 0 || keys.empty() || keys.size() > kMostKeys) {
      in->Fail("has an incident that cannot be");
    }
    if (!in->ok()) return;
    incident.rule = rules[number];
    if (incident.rule == kNoRule) continue;
    if (of_keys != nullptr) {
      const std::optional<std::string>& key = (*of_keys)[incident.rule];
      if (!key || std::find(keys.begin(), keys.end(), *key) == keys.end()) {
        in->Fail("has an incident of another key");
        return;
      }
      incident.number = ++opened_;  // Behind those that are here.
    }
    const uint32_t place = Insert(std::move(incident));
    for (const std::string& key : keys) AddKey(place, key);
  }
}

void IncidentBook::Drop(const Keys& keys) {
  std::vector<uint32_t> places = PlacesOf(&keys);
  places.erase(std::unique(places.begin(), places.end()), places.end());
  for (const uint32_t place : places) Remove(place);
}

}  // namespace tocsin::runtime
