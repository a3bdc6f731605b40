// EventViewFields: the fields of an event, for the correlator.

#ifndef TOCSIN_SRC_ENGINE_EVENT_FIELDS_H_
#define TOCSIN_SRC_ENGINE_EVENT_FIELDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/value.h"
#include "src/logsource/classifier.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/event/field_index.h"
#include "src/runtime/expression/evaluator.h"
#include "src/runtime/match/event_matcher.h"
#include "tocsin/event.h"
#include "tocsin/timestamp.h"

namespace tocsin::engine {

// The fields of an event, each looked up once, and not before one is asked for.
class EventViewFields final : public runtime::EventFields,
                              public runtime::ExpressionFields {
 public:
  explicit EventViewFields(const program::Program& program)
      : names_(program.correlation_fields),
        values_(names_.size()),
        computed_(names_.size(), nullptr),
        results_(names_.size()),
        found_in_(names_.size(), 0) {
    for (const auto& computed : program.computed_fields) {
      computed_[computed.field] = &computed.expression;
    }
  }

  // `matcher`: has loaded the event, too, and is the same each time; null if
  // none has.
  void Begin(const Event& event, const logsource::EventKind* kind,
             Timestamp time, runtime::EventMatcher* matcher) {
    if (matcher != nullptr && numbers_.empty()) {
      for (const std::string& name : names_) {
        numbers_.push_back(matcher->FieldNumber(name));
      }
    }
    matcher_ = matcher;
    event_ = &event;
    time_ = time;
    kind_ = kind;
    is_loaded_ = false;
    ++number_;
  }

  std::span<const FieldValue> Find(uint32_t field) override {
    std::vector<FieldValue>& values = values_[field];
    if (found_in_[field] == number_) return values;
    found_in_[field] = number_;
    values.clear();
    if (computed_[field] != nullptr) {
      Compute(field);
      return values;
    }
    const bool found = matcher_ != nullptr
                           ? matcher_->Find(numbers_[field], &values)
                           : View().Find(names_[field], &values);
    if (found || kind_ == nullptr) return values;
    for (const FieldRename& rename : kind_->renames) {
      if (rename.rule_field == names_[field] &&
          FindNamed(rename.event_field, &values)) {
        return values;
      }
    }
    if (matcher_ != nullptr) matcher_->FindMapped(field, &values);
    return values;
  }

  // What is more than one plain value is looked up with all it holds.
  bool AppendJson(uint32_t field, std::string* out) override {
    const std::span<const FieldValue> plain = Find(field);
    if (plain.size() == 1 && plain[0].kind() != FieldKind::kObject) {
      base::AppendJson(base::Value::Of(plain[0]), out);
      return true;
    }
    std::vector<base::Value> values;
    if (!FindWhole(field, &values)) return false;
    if (values.size() == 1) {
      base::AppendJson(values[0], out);
    } else {
      base::AppendJson(base::Value::Array(std::move(values)), out);
    }
    return true;
  }

  // ExpressionFields, for fields that are worked out.
  bool Find(uint32_t field, std::vector<base::Value>* values) override {
    for (const FieldValue& value : Find(field)) {
      values->push_back(base::Value::Of(value));
    }
    return !values->empty();
  }
  bool FindWhole(uint32_t field, std::vector<base::Value>* values) override {
    const std::span<const FieldValue> plain = Find(field);
    if (View().FindWhole(names_[field], values)) return true;
    // What has another name in the event, or is made of other fields.
    for (const FieldValue& value : plain) {
      values->push_back(base::Value::Of(value));
    }
    return !plain.empty();
  }
  std::optional<int64_t> EventTime() override { return time_.nanos(); }

 private:
  const runtime::EventView& View() {
    if (!is_loaded_) view_.Load(*event_);
    is_loaded_ = true;
    return view_;
  }

  bool FindNamed(std::string_view name, std::vector<FieldValue>* values) {
    if (matcher_ != nullptr) {
      const uint32_t number = matcher_->FieldNumber(name);
      if (number != runtime::kNoField) return matcher_->Find(number, values);
    }
    return View().Find(name, values);
  }

  // What is no scalar is no value of a field. Others are seen as texts, which
  // numbers are equal to.
  void Compute(uint32_t field) {
    base::Value result = evaluator_.Evaluate(*computed_[field], this);
    std::vector<std::string>& texts = results_[field];
    texts.clear();
    const auto add = [&](const base::Value& value) {
      std::optional<std::string> text = base::TextOf(value);
      if (text) texts.push_back(*std::move(text));
    };
    if (result.is_array()) {
      for (const base::Value& item : result.items) add(item);
    } else {
      add(result);
    }
    for (const std::string& text : texts) {
      values_[field].push_back(FieldValue::String(text));
    }
  }

  std::span<const std::string> names_;
  std::vector<uint32_t> numbers_;  // Of names_, for matcher_.
  std::vector<std::vector<FieldValue>> values_;
  std::vector<const program::Expression*> computed_;  // Null: the event's own.
  std::vector<std::vector<std::string>> results_;     // What values_ views.
  runtime::Evaluator evaluator_;
  Timestamp time_;
  std::vector<uint64_t> found_in_;  // Number of the event.
  uint64_t number_ = 0;
  const Event* event_ = nullptr;
  const logsource::EventKind* kind_ = nullptr;
  runtime::EventMatcher* matcher_ = nullptr;
  bool is_loaded_ = false;
  runtime::EventView view_;  // Of what the matcher does not tell.
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_EVENT_FIELDS_H_
