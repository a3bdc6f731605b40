#include <charconv>
#include <cmath>

#include "src/base/json_writer.h"
#include "tocsin/event.h"

namespace tocsin {
namespace {

template <typename Int>
void AppendInt(Int value, std::string* out) {
  char digits[24];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof(digits), value);
  out->append(digits, end);
}

}  // namespace

// The closing brace is there at all times and gives way to each new field, so
// that json() is a view and costs nothing.
EventBuilder::EventBuilder() : json_("{}") {}

void EventBuilder::AddKey(std::string_view field) {
  json_.pop_back();
  if (json_.size() > 1) json_.push_back(',');
  base::AppendJsonString(field, &json_);
  json_.push_back(':');
}

EventBuilder& EventBuilder::Add(std::string_view field,
                                std::string_view value) {
  AddKey(field);
  base::AppendJsonString(value, &json_);
  json_.push_back('}');
  return *this;
}

EventBuilder& EventBuilder::AddBool(std::string_view field, bool value) {
  return AddJson(field, value ? "true" : "false");
}

EventBuilder& EventBuilder::AddInt(std::string_view field, int64_t value) {
  AddKey(field);
  AppendInt(value, &json_);
  json_.push_back('}');
  return *this;
}

EventBuilder& EventBuilder::AddUint(std::string_view field, uint64_t value) {
  AddKey(field);
  AppendInt(value, &json_);
  json_.push_back('}');
  return *this;
}

EventBuilder& EventBuilder::AddDouble(std::string_view field, double value) {
  AddKey(field);
  base::AppendJsonDouble(value, &json_);
  json_.push_back('}');
  return *this;
}

EventBuilder& EventBuilder::Add(std::string_view field,
                                std::span<const std::string_view> values) {
  AddKey(field);
  json_.push_back('[');
  bool is_first = true;
  for (const std::string_view value : values) {
    if (!is_first) json_.push_back(',');
    is_first = false;
    base::AppendJsonString(value, &json_);
  }
  json_.append("]}");
  return *this;
}

EventBuilder& EventBuilder::AddNull(std::string_view field) {
  return AddJson(field, "null");
}

EventBuilder& EventBuilder::AddJson(std::string_view field,
                                    std::string_view json) {
  AddKey(field);
  json_.append(json);
  json_.push_back('}');
  return *this;
}

void EventBuilder::Clear() { json_.assign("{}"); }

std::string_view EventBuilder::json() const { return json_; }

}  // namespace tocsin
