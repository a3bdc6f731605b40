// EventValues: the fields of one event as tests want them, each found once.

#ifndef TOCSIN_SRC_RUNTIME_MATCH_EVENT_VALUES_H_
#define TOCSIN_SRC_RUNTIME_MATCH_EVENT_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/text_arena.h"
#include "src/program/program.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/event/lazy_event_view.h"
#include "src/runtime/event/raw_event.h"
#include "tocsin/field_value.h"
#include "tocsin/log_source.h"

namespace tocsin::runtime {

// One value of a field. What is dear to know is worked out when EventValues is
// asked for it.
struct TestedValue {
  FieldKind kind = FieldKind::kNull;  // Of a number any kind of number.
  bool is_read = false;
  bool is_folded = false;
  uint32_t raw = 0;              // Place of what it is read from, if anything.
  FieldValue value;              // Use EventValues::Read,
  std::string_view folded_text;  // and EventValues::Folded.

  // Nulls and objects have no text, which is not the same as an empty one.
  bool has_text() const {
    return kind != FieldKind::kNull && kind != FieldKind::kObject;
  }
};

class EventValues {
 public:
  // `fields` are the names by FieldId; they must outlive this.
  explicit EventValues(std::span<const std::string> fields);

  // Forgets the event before. Views handed out live until then.
  void Begin(const EventView& event, std::span<const FieldRename> renames);

  // The same for raw values. `sources` tells by FieldId which field of the
  // event to look at (kNoField: none); empty: each itself. `tree` serves
  // Scalars.
  void Begin(RawEvent& event, std::span<const uint32_t> sources,
             LazyEventView* tree);

  bool Exists(program::FieldId field) { return Slot(field).exists; }

  // The values of a field, none if it does not exist. The span lives until
  // values of another field are asked for.
  std::span<TestedValue> Of(program::FieldId field);

  // As EventView::FindWhole.
  bool FindWhole(program::FieldId field, std::vector<base::Value>* values);

  // All scalars of the event, folded. As above.
  std::span<TestedValue> Scalars();

  // The folded texts of all scalars, one behind the other: what does not
  // occur here occurs in none of them.
  std::string_view FoldedScalars();

  // A value; it has a text even if it is a number that came without one.
  const FieldValue& Read(TestedValue& value);

  // The string, the number as it is written, "true" or "false".
  std::string_view Text(TestedValue& value) { return Read(value).text(); }

  // The text after case folding.
  std::string_view Folded(TestedValue& value);

 private:
  // Where the values of a field are, if it was asked for in this event.
  struct FieldSlot {
    uint64_t event_number = 0;
    bool exists = false;
    uint32_t first = 0;
    uint32_t count = 0;
  };

  void Clear();
  const FieldSlot& Slot(program::FieldId field);
  bool PushByName(program::FieldId field);
  bool PushRaw(program::FieldId field);
  void FindScalars();
  void Push(const FieldValue& value);
  // Gives a number the text that JSON would have for it.
  FieldValue WithText(const FieldValue& number);

  std::span<const std::string> fields_;
  const EventView* event_ = nullptr;  // Null: raw_ it is.
  std::span<const FieldRename> renames_;
  RawEvent* raw_ = nullptr;
  std::span<const uint32_t> sources_;
  LazyEventView* tree_ = nullptr;

  // Slots of older events tell by their number that they are stale, so that an
  // event does not pay for clearing all fields of all rules.
  uint64_t event_number_ = 0;
  std::vector<FieldSlot> slots_;
  FieldSlot scalars_;
  std::vector<TestedValue> values_;  // Of all slots of this event.
  std::vector<FieldValue> found_;    // Scratch.
  std::string scratch_;
  std::string folded_scalars_;
  base::TextArena arena_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_MATCH_EVENT_VALUES_H_
