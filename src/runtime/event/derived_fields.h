// DerivedFields: fields that an event does not have itself, made of those that
// it has, as mappings say (base/field_mapping.h).
//
// Which fields of an event a mapping looks at is the same for all events of a
// class, so it is worked out with the class; a derived field is a mapping and
// what it looks at. Its values are made when somebody first asks for them, once
// an event. Cost: what nobody asks for costs nothing.

#ifndef TOCSIN_SRC_RUNTIME_EVENT_DERIVED_FIELDS_H_
#define TOCSIN_SRC_RUNTIME_EVENT_DERIVED_FIELDS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "re2/re2.h"
#include "src/base/field_mapping.h"
#include "src/base/value.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/event/lazy_event_view.h"
#include "src/runtime/event/raw_event.h"

namespace tocsin::runtime {

class DerivedFields final : public RawEvent::Deriver {
 public:
  // `names` are those of fields by their numbers; they, `event` and `tree`,
  // which is of the same event, must outlive this.
  DerivedFields(std::span<const std::string> names, RawEvent* event,
                LazyEventView* tree)
      : names_(names), event_(event), tree_(tree) {}

  // The number of the field that `mapping`, which must outlive this, makes of
  // `inputs`, numbers of fields that are not derived ones.
  uint32_t NumberOf(const base::FieldMapping& mapping,
                    std::vector<uint32_t> inputs);

  // What a derived field is made of.
  std::span<const uint32_t> InputsOf(uint32_t field) const {
    return fields_.find(field)->second.inputs;
  }

  // The one field whose values, if they are no objects, tell those of `field`;
  // kNoField if there is none such.
  uint32_t OnlyInputOf(uint32_t field) const {
    const std::span<const uint32_t> inputs = InputsOf(field);
    return inputs.size() == 1 ? inputs[0] : kNoField;
  }

  // The same where they are as few as they;
  // kNoField if there is none such.
  uint32_t KeyOf(uint32_t field) const;

  void Derive(uint32_t field, RawEvent* event) override;

 private:
  struct Field {
    const base::FieldMapping* mapping = nullptr;
    std::vector<uint32_t> inputs;
    std::unique_ptr<re2::RE2> capture;
  };

  void DeriveEach(const Field& field, uint32_t number, uint32_t input);
  void AddPresence(const Field& field, uint32_t number);
  void AddObjects(const Field& field, uint32_t number);
  bool HasValue(uint32_t input) const;
  void AddText(const Field& field, uint32_t number, std::string_view text,
               bool is_kept);

  std::span<const std::string> names_;
  RawEvent* event_;
  LazyEventView* tree_;
  absl::flat_hash_map<uint32_t, Field> fields_;  // By number.
  absl::flat_hash_map<
      std::pair<const base::FieldMapping*, std::vector<uint32_t>>, uint32_t>
      numbers_;
  std::vector<std::string> made_;  // Scratch, as is the other.
  std::vector<std::string> words_;
};

// An object or array as one text: `{a=1, b=[x, y]}`.
void AppendObjectText(const base::Value& value, std::string* text);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EVENT_DERIVED_FIELDS_H_
