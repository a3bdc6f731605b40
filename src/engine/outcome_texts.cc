#include "src/engine/outcome_texts.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/digest.h"
#include "src/base/json_writer.h"

namespace tocsin::engine {
namespace {

using base::ElementType;
using base::Value;
using base::ValueKind;

// What stands for a value that the finding does not have.
constexpr char kUnknown[] = "?";
// Of a list so many values are written out, and of a value so many bytes.
constexpr size_t kMostValues = 10;
constexpr size_t kMostValueBytes = 512;

// 1234567 is "1.2 MB": sizes of rules count by thousands.
std::string BytesText(double bytes) {
  constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (std::abs(bytes) >= 1000 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? absl::StrFormat("%.0f bytes", bytes)
                   : absl::StrFormat("%.1f %s", bytes, kUnits[unit]);
}

// A text is cut between characters.
void AppendCut(std::string_view text, std::string* out) {
  if (text.size() > kMostValueBytes) {
    size_t end = kMostValueBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    out->append(text.substr(0, end));
    out->append("...");
    return;
  }
  out->append(text);
}

ResponseValue ToResponse(const Value& value, ElementType type) {
  const std::optional<std::string> text = base::TextOf(value);
  switch (type) {
    case ElementType::kNumber: {
      const std::optional<base::Number> number = base::NumberOf(value);
      if (!number) return {};
      if (number->kind == base::Number::kInt) return number->int_value;
      const std::optional<double> rounded = base::DoubleOf(value);
      return rounded ? ResponseValue(*rounded) : ResponseValue();
    }
    case ElementType::kTime: {
      const std::optional<int64_t> time = base::TimeOf(value);
      return time ? ResponseValue(Timestamp(*time)) : ResponseValue();
    }
    case ElementType::kDuration:
      if (value.kind != ValueKind::kDuration) return {};
      return absl::Nanoseconds(value.int_value);
    case ElementType::kBool:
      if (value.kind != ValueKind::kBool) return {};
      return value.int_value != 0;
    default:
      break;
  }
  return text ? ResponseValue(*text) : ResponseValue();
}

}  // namespace

int LevelRank(std::string_view level) {
  constexpr std::string_view kLevels[] = {"informational", "low", "medium",
                                          "high", "critical"};
  const auto* const found =
      std::find(std::begin(kLevels), std::end(kLevels), level);
  return found == std::end(kLevels)
             ? 0
             : static_cast<int>(found - std::begin(kLevels));
}

void OutcomeTexts::Open(const Event& event, Timestamp time) {
  event_ = &event;
  firing_ = nullptr;
  time_ = time;
  is_loaded_ = false;
}

void OutcomeTexts::Open(const Incident::Details& firing, Timestamp time) {
  event_ = nullptr;
  firing_ = &firing;
  time_ = time;
  common_.reset();
}

std::string_view OutcomeTexts::Level(const program::Outcome& outcome,
                                     const RuleInfo& rule) {
  names_ = &outcome.names;
  subject_ = outcome.subject;
  std::string_view best = rule.level;
  bool is_replaced = false;
  for (const program::SeverityIf& severity : outcome.severities) {
    const bool counts = (outcome.severities_replace && !is_replaced) ||
                        LevelRank(severity.level) > LevelRank(best);
    if (!counts || !evaluator_.IsTrue(severity.condition, this)) continue;
    best = severity.level;
    is_replaced = true;
  }
  return best;
}

std::string OutcomeTexts::Title(const program::Outcome& outcome,
                                const RuleInfo& rule) {
  if (outcome.title_name == program::MessagePart::kNoName) return rule.title;
  names_ = &outcome.names;
  subject_ = outcome.subject;
  values_.clear();
  Find(outcome.title_name, &values_);
  for (const Value& value : values_) {
    const std::optional<std::string> text = base::TextOf(value);
    if (!text || text->empty()) continue;
    std::string title;
    AppendCut(*text, &title);
    return title;
  }
  return rule.title;
}

double OutcomeTexts::RiskScore(const program::Outcome& outcome,
                               const RuleInfo& rule) {
  names_ = &outcome.names;
  subject_ = outcome.subject;
  for (const uint32_t name : outcome.score_names) {
    values_.clear();
    Find(name, &values_);
    double best = -1;
    for (const Value& value : values_) {
      const std::optional<double> number = base::DoubleOf(value);
      if (number && *number >= 0 && *number <= 100) {
        best = std::max(best, *number);
      }
    }
    if (best >= 0) return best;
  }
  return rule.risk_score;
}

std::string OutcomeTexts::Message(const program::Outcome& outcome,
                                  const RuleInfo& rule) {
  names_ = &outcome.names;
  std::string out;
  for (const program::MessagePart& part : outcome.message) {
    if (part.name == program::MessagePart::kNoName) {
      out += part.text;
    } else {
      AppendValue(part, &out);
    }
  }
  if (!outcome.message.empty()) return out;
  out = rule.title;
  if (firing_ == nullptr) return out;
  const std::span<const IncidentKey> keys = firing_->keys();
  for (const IncidentKey& key : keys) {
    out += &key == keys.data() ? ": " : ", ";
    out += key.name + " ";
    AppendCut(key.missing ? kUnknown : key.value, &out);
  }
  return out;
}

std::optional<double> OutcomeTexts::Shown(const program::Outcome& outcome,
                                          const program::ShownValue& shown) {
  names_ = &outcome.names;
  return base::DoubleOf(evaluator_.Evaluate(shown.value, this));
}

void OutcomeTexts::AppendValue(const program::MessagePart& part,
                               std::string* out) {
  values_.clear();
  Find(part.name, &values_);
  bool is_first = true;
  size_t count = 0;
  for (const Value& value : values_) {
    const std::optional<std::string> text = base::TextOf(value);
    if (!text) continue;
    if (!is_first) *out += ", ";
    is_first = false;
    if (count++ == kMostValues) {
      *out += "...";
      return;
    }
    const std::optional<double> number = base::DoubleOf(value);
    if (part.is_bytes && number) {
      *out += BytesText(*number);
    } else {
      AppendCut(*text, out);
    }
  }
  if (is_first) *out += kUnknown;
}

void OutcomeTexts::Respond(const program::Outcome& outcome,
                           const RuleInfo& rule, std::string_view detection_id,
                           const std::function<void(const Response&)>& sink) {
  names_ = &outcome.names;
  for (size_t i = 0; i < outcome.responses.size(); ++i) {
    const program::ResponseRule& asked = outcome.responses[i];
    if (asked.condition && !evaluator_.IsTrue(*asked.condition, this)) {
      continue;
    }
    Response::Data data;
    data.rule = &rule;
    data.id = base::Digest()
                  .Add("respond")
                  .Add(detection_id)
                  .AddInt(static_cast<int64_t>(i))
                  .Add(asked.action)
                  .Hex();
    data.detection_id = detection_id;
    data.time = time_;
    data.action = asked.action;
    data.needs_approval = asked.needs_approval;
    for (const program::ResponseRule::Argument& argument : asked.arguments) {
      Value value = evaluator_.Evaluate(argument.value, this);
      if (value.is_array() && !value.items.empty()) value = value.items[0];
      data.arguments.push_back(
          {argument.name, ToResponse(value, argument.type)});
    }
    sink(Response(data));
  }
}

bool OutcomeTexts::Find(uint32_t field, std::vector<Value>* values) {
  return FindIn((*names_)[field], values);
}

bool OutcomeTexts::FindWhole(uint32_t field, std::vector<Value>* values) {
  if (firing_ != nullptr) return FindIn((*names_)[field], values);
  if (!is_loaded_) view_.Load(*event_);
  is_loaded_ = true;
  return view_.FindWhole((*names_)[field], values);
}

bool OutcomeTexts::FindIn(std::string_view name, std::vector<Value>* values) {
  return firing_ != nullptr ? FindInFiring(name, values)
                            : FindInEvent(name, values);
}

bool OutcomeTexts::FindInEvent(std::string_view name,
                               std::vector<Value>* values) {
  if (!is_loaded_) view_.Load(*event_);
  is_loaded_ = true;
  found_.clear();
  if (!view_.Find(name, &found_)) return false;
  for (const FieldValue& value : found_) values->push_back(Value::Of(value));
  return true;
}

bool OutcomeTexts::FindInFiring(std::string_view name,
                                std::vector<Value>* values) {
  bool is_known = false;
  for (const IncidentKey& key : firing_->keys()) {
    if (name != key.name && name != "tie.field" && name != "tie.value") {
      continue;
    }
    is_known = true;
    if (name == "tie.field") {
      values->push_back(Value::String(key.name));
    } else if (!key.missing) {
      values->push_back(Value::String(key.value));
    }
  }
  for (const IncidentValue& value : firing_->values()) {
    if (name != value.name) continue;
    is_known = true;
    // Counts are whole.
    const double number = value.value;
    values->push_back(number == std::floor(number) && std::abs(number) < 1e15
                          ? Value::Int(static_cast<int64_t>(number))
                          : Value::Double(number));
  }
  return is_known || FindInSample(name, values) || FindInCommon(name, values);
}

bool OutcomeTexts::FindInCommon(std::string_view name,
                                std::vector<Value>* values) {
  if (subject_.empty()) return false;
  if (!common_) common_ = FieldsInCommon(firing_->events(), subject_);
  for (const auto& [field, texts] : *common_) {
    if (field != name) continue;
    // Each is a scalar in JSON: read as a member of an object.
    for (const std::string& text : texts) {
      const std::string object = "{\"v\":" + text + "}";
      runtime::EventView view;
      const Event event = Event::Json(object);
      if (!view.Load(event).ok()) continue;
      found_.clear();
      view.Find("v", &found_);
      for (const FieldValue& value : found_) {
        values->push_back(Value::Of(value));
      }
    }
    return true;
  }
  return false;
}

std::vector<std::string> OutcomeTexts::CommonTexts(
    const program::Outcome& outcome, std::string_view field) {
  subject_ = outcome.subject;
  std::vector<Value> values;
  std::vector<std::string> texts;
  if (!FindInCommon(field, &values)) return texts;
  for (const Value& value : values) {
    if (std::optional<std::string> text = base::TextOf(value)) {
      texts.push_back(*std::move(text));
    }
  }
  return texts;
}

// `step.field` of the newest event of a step that is known.
bool OutcomeTexts::FindInSample(std::string_view name,
                                std::vector<Value>* values) {
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view step = name.substr(0, dot);
  const std::span<const IncidentEvent> events = firing_->events();
  for (size_t i = events.size(); i-- > 0;) {
    const IncidentEvent& event = events[i];
    if (event.json.empty() || std::find(event.steps.begin(), event.steps.end(),
                                        step) == event.steps.end()) {
      continue;
    }
    sampled_ = Event::Json(event.json);
    if (!view_.Load(*sampled_).ok()) return false;
    found_.clear();
    const std::string_view field = name.substr(dot + 1);
    if (!view_.Find(field, &found_)) {
      // That of an event that has none is its time.
      if (field != "@timestamp") return false;
      values->push_back(Value::Time(event.time.nanos()));
      return true;
    }
    for (const FieldValue& value : found_) values->push_back(Value::Of(value));
    return true;
  }
  return false;
}

}  // namespace tocsin::engine
