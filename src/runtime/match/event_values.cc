#include "src/runtime/match/event_values.h"

#include <charconv>

#include "src/base/case_fold.h"
#include "src/base/json_writer.h"

namespace tocsin::runtime {
namespace {

// Appends a number as JSON would write it. Numbers that a host handed over in
// binary have no text of their own.
void AppendNumber(const FieldValue& value, std::string* out) {
  if (value.kind() == FieldKind::kDouble) {
    base::AppendJsonDouble(value.double_value(), out);
    return;
  }
  char digits[24];
  char* const end = digits + sizeof(digits);
  const auto result = value.kind() == FieldKind::kUint
                          ? std::to_chars(digits, end, value.uint_value())
                          : std::to_chars(digits, end, value.int_value());
  out->append(digits, result.ptr);
}

}  // namespace

EventValues::EventValues(std::span<const std::string> fields)
    : fields_(fields), slots_(fields.size()) {}

void EventValues::Begin(const EventView& event,
                        std::span<const FieldRename> renames) {
  event_ = &event;
  renames_ = renames;
  ++event_number_;
  values_.clear();
  arena_.Clear();
}

std::span<TestedValue> EventValues::Of(program::FieldId field) {
  const FieldSlot& slot = Slot(field);
  return {values_.data() + slot.first, slot.count};
}

std::span<TestedValue> EventValues::Scalars() {
  FindScalars();
  return {values_.data() + scalars_.first, scalars_.count};
}

std::string_view EventValues::FoldedScalars() {
  FindScalars();
  return folded_scalars_;
}

std::string_view EventValues::Folded(TestedValue& value) {
  if (!value.is_folded) {
    scratch_.clear();
    base::AppendFolded(value.text, &scratch_);
    value.folded_text = arena_.Copy(scratch_);
    value.is_folded = true;
  }
  return value.folded_text;
}

const EventValues::FieldSlot& EventValues::Slot(program::FieldId field) {
  FieldSlot& slot = slots_[field];
  if (slot.event_number == event_number_) return slot;
  found_.clear();
  const std::string& name = fields_[field];
  slot.event_number = event_number_;
  slot.exists = event_->Find(name, &found_);
  for (const FieldRename& rename : renames_) {
    if (slot.exists) break;
    if (rename.rule_field != name) continue;
    found_.clear();
    slot.exists = event_->Find(rename.event_field, &found_);
  }
  if (!slot.exists) found_.clear();
  slot.first = static_cast<uint32_t>(values_.size());
  slot.count = static_cast<uint32_t>(found_.size());
  for (const FieldValue& value : found_) Push(value);
  return slot;
}

void EventValues::FindScalars() {
  if (scalars_.event_number == event_number_) return;
  scalars_.event_number = event_number_;
  scalars_.first = static_cast<uint32_t>(values_.size());
  event_->ForEachScalar(
      [this](std::string_view, const FieldValue& value) { Push(value); });
  scalars_.count = static_cast<uint32_t>(values_.size()) - scalars_.first;
  const std::span<TestedValue> scalars(values_.data() + scalars_.first,
                                       scalars_.count);
  folded_scalars_.clear();
  for (TestedValue& value : scalars) folded_scalars_ += Folded(value);
}

void EventValues::Push(const FieldValue& value) {
  TestedValue tested;
  tested.value = value;
  tested.text = value.text();
  if (value.is_number() && tested.text.empty()) {
    scratch_.clear();
    AppendNumber(value, &scratch_);
    tested.text = arena_.Copy(scratch_);
  }
  values_.push_back(tested);
}

}  // namespace tocsin::runtime
