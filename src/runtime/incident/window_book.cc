#include "src/runtime/incident/window_book.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {
namespace {

constexpr size_t kIdDigits = 32;
constexpr int32_t kMostLevel = 1000;
// What a snapshot may say at most.
constexpr uint64_t kMostNumber = uint64_t{1} << 62;
constexpr size_t kLeastSavedBytes = 4 + 8 + 4 + kIdDigits + 8 + 4 + 4 * 8;

bool IsId(std::string_view text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

WindowBook::WindowBook(std::vector<Slot> slots, size_t most_open)
    : slots_(std::move(slots)), most_open_(std::max<size_t>(most_open, 1)) {}

std::string WindowBook::IndexKey(uint32_t slot, std::string_view key) {
  std::string bytes(sizeof(slot), '\0');
  std::memcpy(bytes.data(), &slot, sizeof(slot));
  return bytes.append(key);
}

OutcomeWindow* WindowBook::Find(uint32_t slot, std::string_view key,
                                int64_t time) {
  const auto found = by_key_.find(IndexKey(slot, key));
  if (found == by_key_.end()) return nullptr;
  OutcomeWindow* best = nullptr;
  for (const uint32_t place : found->second) {
    OutcomeWindow& window = windows_[place];
    const int64_t apart = time >= window.begin ? SubTime(time, window.begin)
                                               : SubTime(window.begin, time);
    if (apart < slots_[slot].span &&
        (best == nullptr || window.number > best->number)) {
      best = &window;
    }
  }
  return best;
}

OutcomeWindow* WindowBook::Open(uint32_t slot, std::string_view key,
                                std::string_view id, int64_t time) {
  OutcomeWindow window{.slot = slot, .number = ++opened_, .begin = time};
  window.key = key;
  window.id = id;
  return &windows_[Insert(std::move(window))];
}

uint32_t WindowBook::Insert(OutcomeWindow window) {
  auto place = static_cast<uint32_t>(windows_.size());
  if (!free_.empty()) {
    place = free_.back();
    free_.pop_back();
  } else {
    windows_.emplace_back();
  }
  const Slot& slot = slots_[window.slot];
  // The last time that is part of it, and what may still be decided then.
  const int64_t due = AddTime(AddTime(window.begin, slot.span - 1), slot.delay);
  queue_.push_back({.due = due, .number = window.number, .place = place});
  std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
  by_key_[IndexKey(window.slot, window.key)].push_back(place);
  windows_[place] = std::move(window);
  ++open_count_;
  return place;
}

void WindowBook::Remove(uint32_t place) {
  OutcomeWindow& window = windows_[place];
  const auto found = by_key_.find(IndexKey(window.slot, window.key));
  auto& places = found->second;
  places.erase(std::find(places.begin(), places.end(), place));
  if (places.empty()) by_key_.erase(found);
  window = {};
  free_.push_back(place);
  --open_count_;
}

// Whether the front is of an open window, once others have gone.
bool WindowBook::HasFront() {
  while (!queue_.empty()) {
    const Due& front = queue_.front();
    if (windows_[front.place].number == front.number) return true;
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    queue_.pop_back();
  }
  return false;
}

void WindowBook::EndFront(bool is_early, OnEnded on_ended) {
  const uint32_t place = queue_.front().place;
  std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
  queue_.pop_back();
  const OutcomeWindow ended = windows_[place];
  Remove(place);
  on_ended(ended, is_early);
}

void WindowBook::End(int64_t watermark, OnEnded on_ended) {
  while (IsDue(watermark)) {
    if (HasFront() && IsDue(watermark)) EndFront(false, on_ended);
  }
}

void WindowBook::EndExcess(OnEnded on_ended) {
  while (open_count_ > most_open_ && HasFront()) EndFront(true, on_ended);
}

// --- Snapshots ---------------------------------------------------------------

std::vector<uint32_t> WindowBook::PlacesOf(const Keys* keys) const {
  std::vector<uint32_t> places;
  if (keys == nullptr) {
    for (uint32_t i = 0; i < windows_.size(); ++i) {
      if (windows_[i].number != 0) places.push_back(i);
    }
  } else {
    for (uint32_t slot = 0; slot < keys->size(); ++slot) {
      if (!(*keys)[slot].has_value()) continue;
      const auto found = by_key_.find(IndexKey(slot, *(*keys)[slot]));
      if (found == by_key_.end()) continue;
      places.insert(places.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(places.begin(), places.end(), [&](uint32_t a, uint32_t b) {
    return windows_[a].number < windows_[b].number;
  });
  return places;
}

void WindowBook::Save(std::span<const uint32_t> numbers, const Keys* keys,
                      state::SnapshotWriter* out) const {
  const std::vector<uint32_t> places = PlacesOf(keys);
  out->Put64(keys == nullptr ? opened_ : 0);
  out->Put64(places.size());
  for (const uint32_t place : places) {
    const OutcomeWindow& window = windows_[place];
    out->Put32(numbers[window.slot]);
    out->Put64(window.number);
    out->PutText(window.key);
    out->PutBytes(window.id);
    out->PutInt(window.begin);
    out->Put32(static_cast<uint32_t>(window.level));
    out->PutInt(window.count);
    out->PutInt(window.first);
    out->PutInt(window.last);
    out->PutDouble(window.points);
  }
}

void WindowBook::Load(std::span<const uint32_t> slots, const Keys* keys,
                      state::SnapshotReader* in) {
  const uint64_t opened = in->Get64();
  if (opened > kMostNumber) in->Fail("has a number out of range");
  if (keys == nullptr) opened_ = opened;
  std::vector<KeyText> texts;
  for (uint64_t left = in->GetCount(kLeastSavedBytes); left > 0; --left) {
    const uint32_t number = in->Get32();
    OutcomeWindow window;
    window.number = in->Get64();
    window.key = in->GetText();
    window.id = in->GetBytes(kIdDigits);
    window.begin = in->GetInt();
    const uint32_t level = in->Get32();
    window.count = in->GetCounter();
    window.first = in->GetInt();
    window.last = in->GetInt();
    window.points = in->GetDouble();
    texts.clear();
    if (number >= slots.size() || window.number == 0 ||
        (keys == nullptr && window.number > opened) || !IsId(window.id) ||
        level > kMostLevel || !std::isfinite(window.points) ||
        !ReadKey(window.key, &texts)) {
      in->Fail("has a window that cannot be");
    }
    if (!in->ok()) return;
    window.level = static_cast<int32_t>(level);
    window.slot = slots[number];
    if (window.slot == kNoSlot) continue;
    if (keys != nullptr) {
      if ((*keys)[window.slot] != window.key) {
        in->Fail("has a window of another key");
        return;
      }
      window.number = ++opened_;  // Behind those that are here.
    }
    Insert(std::move(window));
  }
}

void WindowBook::Drop(const Keys& keys) {
  for (const uint32_t place : PlacesOf(&keys)) Remove(place);
}

void WindowBook::Drop(absl::FunctionRef<bool(uint32_t slot)> is_of) {
  for (const uint32_t place : PlacesOf(nullptr)) {
    if (is_of(windows_[place].slot)) Remove(place);
  }
}

}  // namespace tocsin::runtime
