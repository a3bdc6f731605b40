// EventView: one event, whatever its form, as the matcher sees it.
//
// Load once per event; all views handed out live until the next Load. JSON is
// parsed to a flat tree in memory that is reused. Shapes of Windows events are
// seen through: in addition to what is there, nested EVTX JSON offers its
// System, EventData and UserData members as fields of the event (`EventID`,
// `Provider_Name`, `Image`), and winlogbeat its `winlog.*`. docs/events.md has
// the rules.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_EVENT_VIEW_H_
#define TOCSIN_SRC_RUNTIME_EVENT_EVENT_VIEW_H_

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/base/value.h"
#include "src/runtime/event/json_tree.h"
#include "tocsin/event.h"
#include "tocsin/field_value.h"

namespace tocsin::runtime {

class EventView {
 public:
  EventView();
  ~EventView();
  EventView(EventView&&) noexcept;
  EventView& operator=(EventView&&) noexcept;

  LoadResult Load(const Event& event);

  // Appends the values of `field` to `values`, elements of arrays one by one;
  // returns whether the field exists. Exists and nothing appended: an empty
  // array. Objects are appended as kObject.
  bool Find(std::string_view field, std::vector<FieldValue>* values) const;

  // The same, with all that objects and inner arrays hold. Of a Lookup event,
  // which has no objects, as Find.
  bool FindWhole(std::string_view field,
                 std::vector<base::Value>* values) const;

  // Calls `visit` for each scalar (not null) at any depth.
  void ForEachScalar(
      absl::FunctionRef<void(std::string_view key, const FieldValue& value)>
          visit) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_EVENT_VIEW_H_
