#include "src/runtime/correlate/reorder_buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <iterator>

namespace tocsin::runtime {

// Slices are a power of two long, so that `lateness` is at most half of them:
// events that wait are spread over lateness and a slice.
ReorderBuffer::ReorderBuffer(state::Slab* slab, int64_t lateness)
    : slab_(slab),
      shift_(std::max<int>(0, std::bit_width(static_cast<uint64_t>(
                                  std::max<int64_t>(lateness, 1) / 2048)))),
      run_(slab),
      slices_(kSlices, 0) {}

bool ReorderBuffer::Add(uint32_t rule, const KeyedEvent& event,
                        size_t columns) {
  Item head{.time = event.at.time,
            .ref = event.at.ref,
            .hash = event.hash,
            .steps = event.steps,
            .rule = rule,
            .columns = static_cast<uint16_t>(columns),
            .key_size = static_cast<uint16_t>(event.key.size())};
  const uint32_t handle = slab_->Allocate(head.bytes());
  if (handle == state::Slab::kNone) return false;
  auto* const item = slab_->At<Item>(handle);
  *item = head;
  auto* const rest = reinterpret_cast<std::byte*>(item + 1);
  if (columns > 0) std::memcpy(rest, event.columns, columns * 8);
  // The key is padded with zeros, here and where it comes from.
  std::memcpy(rest + columns * 8, event.key.data(),
              (event.key.size() + 7) & ~size_t{7});

  if (!run_.empty() && event.at < run_end_) {
    AddUnsorted(item, handle);
    return true;
  }
  if (!run_.Push(handle)) {
    slab_->Free(handle, head.bytes());
    return false;
  }
  run_end_ = event.at;
  return true;
}

void ReorderBuffer::AddUnsorted(Item* item, uint32_t handle) {
  const int64_t slice = SliceOf(item->time);
  if (unsorted_++ == 0) {
    current_ = last_ = slice;
    has_current_ = false;
    sorted_.clear();
    next_ = 0;
  }
  // A slice that is so far from others that its place is taken cannot be waited
  // for in a slice: time has leapt, and what is behind goes out first.
  const int64_t first = std::min(current_, slice);
  const int64_t last = std::max(last_, slice);
  if ((has_current_ && slice <= current_) || SubTime(last, first) >= kSlices) {
    if (late_.empty()) late_count_ = 0;
    late_.push_back({item->at(), late_count_++, handle});
    std::push_heap(late_.begin(), late_.end(), std::greater<>());
    return;
  }
  current_ = has_current_ ? current_ : first;
  last_ = last;
  uint32_t& list = Head(slice);
  item->next = list;
  list = handle;
  ++in_slices_;
}

void ReorderBuffer::List(uint32_t list, std::vector<Order>* orders) const {
  orders->clear();
  for (uint32_t item = list; item != 0; item = slab_->At<Item>(item)->next) {
    const auto* const waiting = slab_->At<Item>(item);
    orders->push_back({{waiting->time, waiting->ref}, 0, item});
  }
  // The list has the newest first.
  std::reverse(orders->begin(), orders->end());
  uint32_t number = 0;
  for (Order& order : *orders) order.number = number++;
  if (!std::is_sorted(orders->begin(), orders->end())) {
    std::sort(orders->begin(), orders->end());
  }
}

void ReorderBuffer::Sort(int64_t slice) {
  uint32_t& list = Head(slice);
  List(list, &sorted_);
  next_ = 0;
  list = 0;
  in_slices_ -= sorted_.size();
}

std::vector<ReorderBuffer::Held> ReorderBuffer::InOrder() const {
  // In their slices, late. Of one moment what is in the run came first.
  std::vector<Order> orders[2];
  orders[0].assign(sorted_.begin() + static_cast<ptrdiff_t>(next_),
                   sorted_.end());
  std::vector<Order> listed;
  for (const uint32_t list : slices_) {
    if (list == 0) continue;
    List(list, &listed);
    orders[0].insert(orders[0].end(), listed.begin(), listed.end());
  }
  std::sort(orders[0].begin(), orders[0].end());
  orders[1] = late_;
  std::sort(orders[1].begin(), orders[1].end());
  const auto is_before = [](const Order& a, const Order& b) {
    return a.at < b.at;
  };
  std::vector<Order> others;
  std::merge(orders[0].begin(), orders[0].end(), orders[1].begin(),
             orders[1].end(), std::back_inserter(others), is_before);
  std::vector<Order> run;
  run_.ForEach([&](uint32_t item) {
    run.push_back({slab_->At<Item>(item)->at(), 0, item});
  });
  std::vector<Order> all;
  std::merge(run.begin(), run.end(), others.begin(), others.end(),
             std::back_inserter(all), is_before);
  std::vector<Held> held;
  held.reserve(all.size());
  for (const Order& order : all) {
    const auto* const item = slab_->At<Item>(order.item);
    if (item->rule == kDropped) continue;
    held.push_back({.waiting = Open(item), .columns = item->columns});
  }
  return held;
}

ReorderBuffer::Waiting ReorderBuffer::Open(const Item* item) {
  const auto* const words = reinterpret_cast<const uint64_t*>(item + 1);
  Waiting waiting;
  waiting.rule = item->rule;
  waiting.event.at = {.time = item->time, .ref = item->ref};
  waiting.event.steps = item->steps;
  waiting.event.hash = item->hash;
  waiting.event.columns = words;
  waiting.event.key = {reinterpret_cast<const char*>(words + item->columns),
                       item->key_size};
  return waiting;
}

bool ReorderBuffer::Front(int64_t time, Waiting* first) {
  const Item* front = run_.empty() ? nullptr : slab_->At<Item>(run_.front());
  if (front != nullptr && front->time >= time) front = nullptr;
  front_ = kRun;
  if (unsorted_ > 0) {
    const int64_t until = front == nullptr ? time : AddTime(front->time, 1);
    const Order* const other = FrontUnsorted(until);
    if (other != nullptr && (front == nullptr || other->at < front->at())) {
      front = slab_->At<Item>(other->item);
      front_ = front_unsorted_;
    }
  }
  if (front == nullptr) return false;
  *first = Open(front);
  return true;
}

const ReorderBuffer::Order* ReorderBuffer::FrontUnsorted(int64_t time) {
  while (true) {
    const bool has_sorted = next_ < sorted_.size();
    // What came for the current slice, or an earlier one, goes first.
    const bool has_late =
        !late_.empty() &&
        (has_sorted
             ? late_.front().at < sorted_[next_].at
             : in_slices_ == 0 || SliceOf(late_.front().at.time) <= current_);
    if (has_sorted || has_late) {
      front_unsorted_ = has_late ? kLate : kSorted;
      const Order& order = has_late ? late_.front() : sorted_[next_];
      return order.at.time < time ? &order : nullptr;
    }
    if (has_current_) {
      if (SliceOf(time) <= current_) return nullptr;
      ++current_;
    } else if (SliceOf(time) < current_) {
      return nullptr;
    }
    has_current_ = true;
    Sort(current_);
  }
}

void ReorderBuffer::Pop() {
  uint32_t handle = 0;
  if (front_ == kRun) {
    handle = run_.front();
    run_.Pop();
  } else if (front_ == kSorted) {
    handle = sorted_[next_++].item;
    --unsorted_;
  } else {
    handle = late_.front().item;
    std::pop_heap(late_.begin(), late_.end(), std::greater<>());
    late_.pop_back();
    --unsorted_;
  }
  slab_->Free(handle, slab_->At<Item>(handle)->bytes());
}

void ReorderBuffer::Clear() {
  Waiting ignored;
  while (size() > 0 && Front(INT64_MAX, &ignored)) Pop();
  run_.Clear();
}

void SaveWaitingEvent(const ReorderBuffer::Held& held, uint32_t rule,
                      state::SnapshotWriter* out) {
  const KeyedEvent& event = held.waiting.event;
  out->Put32(rule);
  out->PutInt(event.at.time);
  out->Put64(event.at.ref);
  out->Put32(event.steps);
  out->PutText(event.key);
  out->Put32(held.columns);
  for (uint32_t i = 0; i < held.columns; ++i) out->Put64(event.columns[i]);
}

}  // namespace tocsin::runtime
