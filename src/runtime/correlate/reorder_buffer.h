// ReorderBuffer: keyed events that wait for the watermark, and come out in
// order.
//
// An event that is not before any other that waits is put behind them: where
// all are in order, that is all there is to do. For the others event time is
// cut into slices; an event is put into its slice unsorted, and a slice is
// sorted when the watermark reaches it. So an event costs one sort of a small
// slice, however many wait.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_REORDER_BUFFER_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_REORDER_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/runtime/correlate/keyed_event.h"
#include "src/state/paged_queue.h"
#include "src/state/slab.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {

class ReorderBuffer {
 public:
  struct Waiting {
    uint32_t rule = 0;
    KeyedEvent event;
  };

  // `lateness`: how far behind the newest event others may come.
  ReorderBuffer(state::Slab* slab, int64_t lateness);
  ~ReorderBuffer() { Clear(); }
  ReorderBuffer(const ReorderBuffer&) = delete;
  ReorderBuffer& operator=(const ReorderBuffer&) = delete;

  // Takes a copy, with `columns` words. False if the budget does not allow it.
  // REQUIRES: not before an event that was taken out.
  bool Add(uint32_t rule, const KeyedEvent& event, size_t columns);

  // The first event, if it is before `time`. Views live until the next call of
  // Add or Pop.
  bool Front(int64_t time, Waiting* first);
  void Pop();

  // The rule and hash of what comes about `ahead` events behind the front;
  // kDropped if that is not known.
  uint32_t Upcoming(uint32_t ahead, uint64_t* hash) const {
    const uint32_t* const upcoming = run_.Ahead(ahead);
    if (upcoming == nullptr) return kDropped;
    const auto* const item = slab_->At<Item>(*upcoming);
    *hash = item->hash;
    return item->rule;
  }

  // All events but dropped ones in the order in which they would come out.
  // Views live until the next change.
  struct Held {
    Waiting waiting;
    uint32_t columns = 0;
  };
  std::vector<Held> InOrder() const;

  // Events for which `is_unwanted(waiting)` holds come out as of kDropped.
  template <typename IsUnwanted>
  void Drop(IsUnwanted is_unwanted) {
    const auto look_at = [&](uint32_t handle) {
      auto* const item = slab_->At<Item>(handle);
      if (item->rule != kDropped && is_unwanted(Open(item))) {
        item->rule = kDropped;
      }
    };
    run_.ForEach(look_at);
    for (size_t i = next_; i < sorted_.size(); ++i) look_at(sorted_[i].item);
    for (const Order& order : late_) look_at(order.item);
    for (uint32_t item : slices_) {
      for (; item != 0; item = slab_->At<Item>(item)->next) look_at(item);
    }
  }
  static constexpr uint32_t kDropped = 0xFFFFFFFF;

  size_t size() const { return run_.size() + unsorted_; }
  void Clear();

 private:
  static constexpr int64_t kSlices = 4096;

  struct Item {
    int64_t time = 0;
    uint64_t ref = 0;
    uint64_t hash = 0;
    uint32_t next = 0;
    uint32_t steps = 0;
    uint32_t rule = 0;
    uint16_t columns = 0;
    uint16_t key_size = 0;
    // The columns and the key.

    Moment at() const { return {.time = time, .ref = ref}; }
    size_t bytes() const {
      return sizeof(Item) + size_t{columns} * 8 +
             ((key_size + size_t{7}) & ~size_t{7});
    }
  };
  // Events of one moment keep the order in which they came: they may be of one
  // event, and rules read what others fire.
  struct Order {
    Moment at;
    uint32_t number = 0;
    uint32_t item = 0;
    friend auto operator<=>(const Order&, const Order&) = default;
  };

  static Waiting Open(const Item* item);
  void AddUnsorted(Item* item, uint32_t handle);
  // The first of the others, if it is before `time`; null if none is.
  const Order* FrontUnsorted(int64_t time);
  int64_t SliceOf(int64_t time) const { return time >> shift_; }
  uint32_t& Head(int64_t slice) {
    return slices_[static_cast<size_t>(slice & (kSlices - 1))];
  }
  // The events of a slice, sorted.
  void List(uint32_t list, std::vector<Order>* orders) const;
  void Sort(int64_t slice);

  state::Slab* slab_;
  int shift_;
  // Each not before the one in front of it.
  state::PagedQueue<uint32_t> run_;
  Moment run_end_;  // Of its last.

  // The others.
  size_t unsorted_ = 0;
  size_t in_slices_ = 0;
  // The slice that is being taken out: `sorted_` from `next_` on, and what came
  // for it since, as a heap.
  int64_t current_ = 0;
  int64_t last_ = 0;  // The last slice that has been put into.
  bool has_current_ = false;
  std::vector<Order> sorted_;
  size_t next_ = 0;
  std::vector<Order> late_;
  uint32_t late_count_ = 0;
  enum Part : uint8_t { kRun, kSorted, kLate };
  Part front_ = kRun;  // Where the front was found.
  Part front_unsorted_ = kSorted;
  std::vector<uint32_t> slices_;
};

// Writes an event that waits, for a snapshot in which its rule has number
// `rule`.
void SaveWaitingEvent(const ReorderBuffer::Held& held, uint32_t rule,
                      state::SnapshotWriter* out);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_REORDER_BUFFER_H_
