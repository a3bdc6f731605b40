// LazyEventView: the tree of an event that is read only if someone asks.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_LAZY_EVENT_VIEW_H_
#define TOCSIN_SRC_RUNTIME_EVENT_LAZY_EVENT_VIEW_H_

#include "src/runtime/event/event_view.h"
#include "tocsin/event.h"

namespace tocsin::runtime {

class LazyEventView {
 public:
  // `event` must live until the next Begin.
  void Begin(const Event& event) {
    event_ = &event;
    loaded_ = false;
  }
  // As Begin, but it has been loaded already, by way of view().
  void BeginLoaded() { loaded_ = true; }

  EventView& view() { return view_; }
  const EventView& Loaded() {
    if (!loaded_) view_.Load(*event_);
    loaded_ = true;
    return view_;
  }

 private:
  EventView view_;
  const Event* event_ = nullptr;
  bool loaded_ = false;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_LAZY_EVENT_VIEW_H_
