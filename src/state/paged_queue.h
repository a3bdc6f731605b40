// PagedQueue: first in, first out, in pages of a slab.

#ifndef TOCSIN_SRC_STATE_PAGED_QUEUE_H_
#define TOCSIN_SRC_STATE_PAGED_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "src/state/slab.h"

namespace tocsin::state {

template <typename T>
class PagedQueue {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // `slab` must outlive the queue.
  explicit PagedQueue(Slab* slab) : slab_(slab) {}
  ~PagedQueue() { Clear(); }
  PagedQueue(const PagedQueue&) = delete;
  PagedQueue& operator=(const PagedQueue&) = delete;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // REQUIRES: not empty.
  const T& front() const { return slab_->At<Page>(first_)->items[first_item_]; }

  // The item `ahead` places behind the front; null if it is not there, or more
  // than a page away.
  const T* Ahead(uint32_t ahead) const {
    if (ahead >= size_) return nullptr;
    const auto* page = slab_->At<Page>(first_);
    uint32_t item = first_item_ + ahead;
    if (item >= kPerPage) {
      item -= kPerPage;
      if (item >= kPerPage) return nullptr;
      page = slab_->At<Page>(page->next);
    }
    return &page->items[item];
  }

  // False if the budget does not allow it.
  bool Push(const T& item) {
    if (last_ == Slab::kNone || last_item_ == kPerPage) {
      const Slab::Handle handle = slab_->Allocate(sizeof(Page));
      if (handle == Slab::kNone) return false;
      slab_->At<Page>(handle)->next = Slab::kNone;
      if (last_ == Slab::kNone) {
        first_ = handle;
        first_item_ = 0;
      } else {
        slab_->At<Page>(last_)->next = handle;
      }
      last_ = handle;
      last_item_ = 0;
    }
    slab_->At<Page>(last_)->items[last_item_++] = item;
    ++size_;
    return true;
  }

  // REQUIRES: not empty.
  void Pop() {
    if (--size_ == 0) {  // The page is kept for what comes next.
      first_item_ = last_item_ = 0;
      return;
    }
    if (++first_item_ < kPerPage) return;
    const Slab::Handle next = slab_->At<Page>(first_)->next;
    slab_->Free(first_, sizeof(Page));
    first_ = next;
    first_item_ = 0;
  }

  // Calls `visit(item)` for each, the first first.
  template <typename Visit>
  void ForEach(Visit visit) const {
    uint32_t item = first_item_;
    for (Slab::Handle page = first_; page != Slab::kNone;
         page = slab_->At<Page>(page)->next, item = 0) {
      const uint32_t end = page == last_ ? last_item_ : kPerPage;
      for (; item < end; ++item) visit(slab_->At<Page>(page)->items[item]);
    }
  }

  // Gives all memory back.
  void Clear() {
    while (!empty()) Pop();
    if (last_ != Slab::kNone) slab_->Free(last_, sizeof(Page));
    first_ = last_ = Slab::kNone;
  }

 private:
  static constexpr uint32_t kPerPage = 64;

  struct Page {
    Slab::Handle next;
    T items[kPerPage];
  };

  Slab* slab_;
  Slab::Handle first_ = Slab::kNone;
  Slab::Handle last_ = Slab::kNone;
  uint32_t first_item_ = 0;
  uint32_t last_item_ = 0;
  size_t size_ = 0;
};

}  // namespace tocsin::state

#endif  // TOCSIN_SRC_STATE_PAGED_QUEUE_H_
