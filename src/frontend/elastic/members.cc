#include "src/frontend/elastic/members.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"

namespace tocsin::elastic {
namespace {

using base::ToAbsl;

constexpr int64_t kMostUnits = 100'000'000;

std::optional<absl::Duration> UnitNamed(char unit) {
  switch (unit) {
    case 's':
      return absl::Seconds(1);
    case 'm':
      return absl::Minutes(1);
    case 'h':
    case 'H':
      return absl::Hours(1);
    case 'd':
      return absl::Hours(24);
    case 'w':
      return absl::Hours(24 * 7);
    case 'M':
      return absl::Hours(24 * 30);
    case 'y':
      return absl::Hours(24 * 365);
    default:
      return std::nullopt;
  }
}

// Takes "15m" off the front.
std::optional<absl::Duration> TakeAmount(std::string_view* text) {
  int64_t count = 0;
  size_t digits = 0;
  while (digits < text->size() && (*text)[digits] >= '0' &&
         (*text)[digits] <= '9') {
    count = count * 10 + ((*text)[digits++] - '0');
    if (count > kMostUnits) return std::nullopt;
  }
  if (digits == 0 || digits == text->size()) return std::nullopt;
  const std::optional<absl::Duration> unit = UnitNamed((*text)[digits]);
  if (!unit) return std::nullopt;
  text->remove_prefix(digits + 1);
  return *unit * count;
}

}  // namespace

std::optional<absl::Duration> ParseInterval(std::string_view text) {
  const std::optional<absl::Duration> amount = TakeAmount(&text);
  if (!amount || !text.empty()) return std::nullopt;
  return amount;
}

std::optional<absl::Duration> ParseAge(std::string_view text) {
  if (!text.starts_with("now")) return std::nullopt;
  text.remove_prefix(3);
  absl::Duration age;
  while (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    const bool is_before = text[0] == '-';
    text.remove_prefix(1);
    const std::optional<absl::Duration> amount = TakeAmount(&text);
    if (!amount) return std::nullopt;
    age += is_before ? *amount : -*amount;
  }
  if (text.size() == 2 && text[0] == '/' && UnitNamed(text[1])) text = {};
  if (!text.empty()) return std::nullopt;
  return age;
}

bool Members::Check(std::string_view name, const Value& value,
                    Value::Kind kind) const {
  const bool fits = value.kind == kind ||
                    (kind == Value::kDouble && value.kind == Value::kInt);
  if (fits) return true;
  reporter_.Error(
      "T602", RangeOf(value),
      absl::StrCat(ToAbsl(text::Quoted(name)), " is ", ToAbsl(Describe(kind)),
                   ", found ", ToAbsl(Describe(value.kind))));
  return false;
}

const Value* Members::Find(std::string_view name) const {
  const Value* value = object_.Find(name);
  return value == nullptr || value->kind == Value::kNull ? nullptr : value;
}

const Value* Members::Find(std::string_view name, Value::Kind kind) const {
  const Value* value = Find(name);
  return value != nullptr && Check(name, *value, kind) ? value : nullptr;
}

std::string Members::Text(std::string_view name) const {
  const Value* value = Find(name, Value::kString);
  return value == nullptr ? "" : value->text;
}

std::optional<double> Members::Number(std::string_view name) const {
  const Value* value = Find(name, Value::kDouble);
  if (value == nullptr) return std::nullopt;
  return value->number;
}

std::optional<bool> Members::Flag(std::string_view name) const {
  const Value* value = Find(name, Value::kBool);
  if (value == nullptr) return std::nullopt;
  return value->flag;
}

std::vector<std::string> Members::Texts(std::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return {};
  if (value->is_string()) return {value->text};
  if (!Check(name, *value, Value::kArray)) return {};
  std::vector<std::string> texts;
  for (const Value& item : value->items) {
    if (!Check(name, item, Value::kString)) return {};
    texts.push_back(item.text);
  }
  return texts;
}

std::vector<const Value*> Members::Objects(std::string_view name) const {
  const Value* value = Find(name, Value::kArray);
  if (value == nullptr) return {};
  std::vector<const Value*> objects;
  for (const Value& item : value->items) {
    if (Check(name, item, Value::kObject)) objects.push_back(&item);
  }
  return objects;
}

text::Range Members::PlaceOfObject() const {
  text::Range range = RangeOf(object_);
  range.length = std::min(range.length, 1);
  return range;
}

const Value* Members::Required(std::string_view name, Value::Kind kind) const {
  if (Find(name) == nullptr) {
    reporter_.Error("T603", PlaceOfObject(),
                    "there is no " + text::Quoted(name));
    return nullptr;
  }
  return Find(name, kind);
}

std::string Members::RequiredText(std::string_view name) const {
  const Value* value = Required(name, Value::kString);
  return value == nullptr ? "" : value->text;
}

}  // namespace tocsin::elastic
