// RawEvent: where the values of the fields that matter stand in a JSON text.
//
// One pass over simdjson's index of structural characters checks the grammar,
// finds keys by a FieldIndex and records the raw bytes of values; nothing is
// unescaped, converted or copied. Events laid out as an earlier one need not
// even that: see EventLayout. Shapes that need more care (a field that
// occurs twice, escaped keys, nested EVTX) are told apart as kOdd, and left to
// the tree reader.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_RAW_EVENT_H_
#define TOCSIN_SRC_RUNTIME_EVENT_RAW_EVENT_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/text_arena.h"
#include "src/runtime/event/event_layout.h"
#include "src/runtime/event/field_index.h"
#include "src/runtime/event/raw_value.h"
#include "tocsin/field_value.h"

namespace tocsin::runtime {

class RawEvent {
 public:
  enum Outcome {
    kOk,
    kOdd,  // Well-formed or not, the tree reader must look at it.
  };

  // `index` must outlive this.
  explicit RawEvent(FieldIndex* index);
  ~RawEvent();
  RawEvent(RawEvent&&) noexcept;

  // Makes values of further fields, beyond those of the index, out of others.
  class Deriver {
   public:
    virtual ~Deriver() = default;
    // Adds what field number `field` is of the event at hand, if anything.
    virtual void Derive(uint32_t field, RawEvent* event) = 0;
  };

  // Adds a field that `deriver`, which must outlive this, makes; returns its
  // number. It has values only after it was asked for by Prepare.
  uint32_t AddDerived(Deriver* deriver);
  bool IsDerived(uint32_t field) const { return field >= first_derived_; }

  // What is needed before the values of a field that may be a derived one are
  // looked at; made once an event.
  void Prepare(uint32_t field) {
    if (IsDerived(field)) MakeDerived(field);
  }

  // Reads `json`, which must live as long as the values are used. An event
  // that is not well-formed is kOdd too: the tree reader says what is wrong.
  Outcome Load(std::string_view json);

  // Events are mostly fed line by line from one buffer. While this one is
  // worked on, the next can come from memory: a few cache lines a call, since
  // the processor waits if it is asked for many at once. Where there is no next
  // event, nothing happens.
  void FetchAhead();

  // For readers of other forms: starts an event without fields, then adds.
  void Clear();
  // The field exists; perhaps without a value.
  void Mark(uint32_t field) {
    uint64_t& word = present_[field >> 6];
    const uint64_t bit = uint64_t{1} << (field & 63);
    if ((word & bit) != 0) return;
    word |= bit;
    shape_ += field_hash_[field];
    heads_[field] = Head();
  }
  void Add(uint32_t field, RawKind kind, std::string_view text) {
    Mark(field);
    if (used_ == values_.size()) values_.resize(values_.size() * 2);
    Head& head = heads_[field];
    values_[used_] = {text.data(), static_cast<uint32_t>(text.size()), kind, 0};
    if (head.first == 0) {
      head.first = used_;
    } else {
      values_[head.last].next = used_;
    }
    head.last = used_++;
  }

  // A copy of a text that lives as long as this event's values.
  std::string_view Keep(std::string_view text) { return arena_.Copy(text); }

  bool Has(uint32_t field) const {
    return (present_[field >> 6] >> (field & 63) & 1) != 0;
  }
  // The field's first value; null if it is absent or an empty array.
  const RawValue* First(uint32_t field) const {
    return Has(field) && heads_[field].first != 0
               ? &values_[heads_[field].first]
               : nullptr;
  }
  const RawValue* Next(const RawValue& value) const {
    return value.next != 0 ? &values_[value.next] : nullptr;
  }

  // Values move when others are added, but keep their places.
  uint32_t PlaceOf(const RawValue& value) const {
    return static_cast<uint32_t>(&value - values_.data());
  }
  const RawValue& At(uint32_t place) const { return values_[place]; }

  // The value that one of this event's raw values stands for, its text with
  // escapes resolved, and that text after case folding. Made when first asked
  // for; views live until the next Load or Clear.
  FieldValue Read(const RawValue& value);
  std::string_view Text(const RawValue& value);
  std::string_view Folded(const RawValue& value);

  // One bit a field: is it there?
  std::span<const uint64_t> present() const { return present_; }
  // A hash of present(), made as fields are found. Not proof: compare bits.
  uint64_t shape() const { return shape_; }

  // The text it was loaded from, if it was loaded from one, and where in it the
  // structural characters are.
  const IndexedText* indexed_text() const {
    return text_.count != 0 ? &text_ : nullptr;
  }
  // Whether it is known that no object of it has a key twice.
  bool keys_once() const { return layout_ != nullptr && layout_->keys_once; }

  // Null at first; then what was stored there when an event that is laid out
  // like this one was at hand. So it can hold what follows from present()
  // alone. Null: this event's layout is not remembered. Valid until the next
  // Load.
  void** note() { return layout_ != nullptr ? &layout_->note : nullptr; }

 private:
  struct Head {
    uint32_t first = 0;
    uint32_t last = 0;
    uint32_t object = 0;  // Innermost object of the last value.
    uint32_t array = 0;   // Outermost array around it; 0: none.
    const FieldIndex::Key* key = nullptr;  // The key it was found by.
  };
  // Text made from a raw value; of this event if the number says so.
  struct Made {
    uint64_t event_number = 0;
    bool has_text = false;
    bool has_folded = false;
    std::string_view text;
    std::string_view folded;
  };
  struct Walker;
  struct Structure;

  Made& MadeOf(const RawValue& value);
  void MakeDerived(uint32_t field);
  void TakeFrom(const EventLayout& layout);
  void AddLayout();

  FieldIndex* index_;
  std::unique_ptr<Structure> structure_;
  IndexedText text_;  // Empty: there is none.
  EventLayouts layouts_;
  EventLayout* layout_ = nullptr;  // Of the event at hand, if known.
  std::vector<uint64_t> present_;
  std::vector<Head> heads_;       // By field; meaningful where present.
  std::vector<RawValue> values_;  // Slot 0 means none.
  uint32_t used_ = 1;             // Of values_.
  uint32_t first_derived_ = 0;
  Deriver* deriver_ = nullptr;
  std::vector<uint64_t> derived_in_;  // Numbers of events, by derived field.
  std::vector<uint64_t> field_hash_;
  std::vector<Made> made_;  // By place in values_.
  uint64_t event_number_ = 0;
  base::TextArena arena_;
  uint64_t shape_ = 0;
  const char* ahead_ = nullptr;  // What FetchAhead fetches next, and its end.
  const char* ahead_end_ = nullptr;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_RAW_EVENT_H_
