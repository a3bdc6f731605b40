#include "src/runtime/match/event_values.h"

#include <charconv>

#include "src/base/case_fold.h"
#include "src/base/json_writer.h"

namespace tocsin::runtime {
namespace {

// What is kept for the next event; an unusually large one gives back the rest.
constexpr size_t kKeptBytes = size_t{1} << 20;

template <typename Container>
void ClearAndTrim(Container* container) {
  const size_t bytes =
      container->capacity() * sizeof(typename Container::value_type);
  if (bytes > kKeptBytes) {
    Container().swap(*container);
  } else {
    container->clear();
  }
}

}  // namespace

EventValues::EventValues(std::span<const std::string> fields)
    : fields_(fields), slots_(fields.size()) {}

void EventValues::Begin(const EventView& event,
                        std::span<const FieldRename> renames) {
  event_ = &event;
  renames_ = renames;
  ++event_number_;
  ClearAndTrim(&values_);
  ClearAndTrim(&found_);
  ClearAndTrim(&scratch_);
  ClearAndTrim(&folded_scalars_);
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
    base::AppendFolded(value.text(), &scratch_);
    value.folded_text =
        scratch_ == value.text() ? value.text() : arena_.Copy(scratch_);
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
  for (TestedValue& value : scalars) folded_scalars_ += Folded(value);
}

void EventValues::Push(const FieldValue& value) {
  TestedValue tested;
  tested.value =
      value.is_number() && value.text().empty() ? WithText(value) : value;
  values_.push_back(tested);
}

FieldValue EventValues::WithText(const FieldValue& number) {
  if (number.kind() == FieldKind::kDouble) {
    scratch_.clear();
    base::AppendJsonDouble(number.double_value(), &scratch_);
    return FieldValue::Double(number.double_value(), arena_.Copy(scratch_));
  }
  const bool is_unsigned = number.kind() == FieldKind::kUint;
  char digits[24];
  char* const limit = digits + sizeof(digits);
  const char* const end =
      is_unsigned ? std::to_chars(digits, limit, number.uint_value()).ptr
                  : std::to_chars(digits, limit, number.int_value()).ptr;
  const std::string_view text = arena_.Copy(std::string_view(digits, end));
  return is_unsigned ? FieldValue::Uint(number.uint_value(), text)
                     : FieldValue::Int(number.int_value(), text);
}

}  // namespace tocsin::runtime
