#include "src/runtime/match/event_values.h"

#include "src/base/case_fold.h"
#include "src/base/number.h"

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

// Nothing is read for it: a text may be long, and of a number it does not
// matter here which kind it is of.
FieldKind KindOf(RawKind kind) {
  switch (kind) {
    case RawKind::kString:
    case RawKind::kText:
      return FieldKind::kString;
    case RawKind::kNumber:
      return FieldKind::kDouble;
    case RawKind::kTrue:
    case RawKind::kFalse:
      return FieldKind::kBool;
    case RawKind::kObject:
      return FieldKind::kObject;
    case RawKind::kNull:
      break;
  }
  return FieldKind::kNull;
}

}  // namespace

EventValues::EventValues(std::span<const std::string> fields)
    : fields_(fields), slots_(fields.size()) {}

void EventValues::Begin(const EventView& event,
                        std::span<const FieldRename> renames) {
  Clear();
  event_ = &event;
  renames_ = renames;
}

void EventValues::Begin(RawEvent& event, std::span<const uint32_t> sources,
                        LazyEventView* tree) {
  Clear();
  event_ = nullptr;
  raw_ = &event;
  sources_ = sources;
  tree_ = tree;
}

void EventValues::Clear() {
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

bool EventValues::FindWhole(program::FieldId field,
                            std::vector<base::Value>* values) {
  const EventView& view = event_ != nullptr ? *event_ : tree_->Loaded();
  if (view.FindWhole(fields_[field], values)) return true;
  // What has another name in the event, or is made of other fields.
  if (!Exists(field)) return false;
  for (TestedValue& value : Of(field)) {
    values->push_back(base::Value::Of(Read(value)));
  }
  return true;
}

std::span<TestedValue> EventValues::Scalars() {
  FindScalars();
  return {values_.data() + scalars_.first, scalars_.count};
}

std::string_view EventValues::FoldedScalars() {
  FindScalars();
  return folded_scalars_;
}

const FieldValue& EventValues::Read(TestedValue& value) {
  if (!value.is_read) {
    value.value = raw_->Read(raw_->At(value.raw));
    value.is_read = true;
  }
  return value.value;
}

std::string_view EventValues::Folded(TestedValue& value) {
  if (value.raw != 0) return raw_->Folded(raw_->At(value.raw));
  if (!value.is_folded) {
    scratch_.clear();
    const std::string_view text = value.value.text();
    base::AppendFolded(text, &scratch_);
    value.folded_text = scratch_ == text ? text : arena_.Copy(scratch_);
    value.is_folded = true;
  }
  return value.folded_text;
}

const EventValues::FieldSlot& EventValues::Slot(program::FieldId field) {
  FieldSlot& slot = slots_[field];
  if (slot.event_number == event_number_) return slot;
  slot.event_number = event_number_;
  slot.first = static_cast<uint32_t>(values_.size());
  slot.exists = event_ != nullptr ? PushByName(field) : PushRaw(field);
  slot.count = static_cast<uint32_t>(values_.size()) - slot.first;
  return slot;
}

bool EventValues::PushByName(program::FieldId field) {
  const std::string& name = fields_[field];
  found_.clear();
  bool exists = event_->Find(name, &found_);
  for (const FieldRename& rename : renames_) {
    if (exists) break;
    if (rename.rule_field != name) continue;
    found_.clear();
    exists = event_->Find(rename.event_field, &found_);
  }
  if (!exists) return false;
  for (const FieldValue& value : found_) Push(value);
  return true;
}

bool EventValues::PushRaw(program::FieldId field) {
  const uint32_t source = sources_.empty() ? field : sources_[field];
  if (source == kNoField) return false;
  raw_->Prepare(source);
  if (!raw_->Has(source)) return false;
  for (const RawValue* raw = raw_->First(source); raw != nullptr;
       raw = raw_->Next(*raw)) {
    TestedValue tested;
    tested.raw = raw_->PlaceOf(*raw);
    tested.kind = KindOf(raw->kind);
    values_.push_back(tested);
  }
  return true;
}

void EventValues::FindScalars() {
  if (scalars_.event_number == event_number_) return;
  scalars_.event_number = event_number_;
  scalars_.first = static_cast<uint32_t>(values_.size());
  const EventView& event = event_ != nullptr ? *event_ : tree_->Loaded();
  event.ForEachScalar(
      [this](std::string_view, const FieldValue& value) { Push(value); });
  scalars_.count = static_cast<uint32_t>(values_.size()) - scalars_.first;
  const std::span<TestedValue> scalars(values_.data() + scalars_.first,
                                       scalars_.count);
  folded_scalars_.clear();
  for (TestedValue& value : scalars) folded_scalars_ += Folded(value);
}

void EventValues::Push(const FieldValue& value) {
  TestedValue tested;
  tested.kind = value.kind();
  tested.is_read = true;
  tested.value =
      value.is_number() && value.text().empty() ? WithText(value) : value;
  values_.push_back(tested);
}

FieldValue EventValues::WithText(const FieldValue& number) {
  scratch_.clear();
  base::AppendNumberText(number, &scratch_);
  const std::string_view text = arena_.Copy(scratch_);
  switch (number.kind()) {
    case FieldKind::kDouble:
      return FieldValue::Double(number.double_value(), text);
    case FieldKind::kUint:
      return FieldValue::Uint(number.uint_value(), text);
    default:
      return FieldValue::Int(number.int_value(), text);
  }
}

}  // namespace tocsin::runtime
