#include "src/runtime/correlate/fired_event.h"

#include "src/base/json_writer.h"
#include "src/runtime/correlate/key_writer.h"

namespace tocsin::runtime {

std::string FindingOf(const program::Correlation& rule, const FiredEvent& event,
                      std::string_view members) {
  std::string json = "{";
  json += members;
  const auto name = [&](std::string_view member) {
    json += ',';
    base::AppendJsonString(member, &json);
    json += ':';
  };
  std::vector<KeyText> key;
  ReadKey(event.key, &key);
  size_t part = 0;
  if (rule.any_of && !key.empty()) {  // The number of the part comes first.
    for (const char c : key[0].text) {
      part = part * 10 + static_cast<size_t>(c - '0');
    }
    key.erase(key.begin());
  }
  for (size_t i = 0; i < key.size() && part + i < rule.keys.size(); ++i) {
    if (key[i].is_missing) continue;
    const std::string& field = rule.keys[part + i].name;
    name(field);
    base::AppendJsonString(key[i].text, &json);
    if (!rule.any_of) continue;
    name("tie.field");
    base::AppendJsonString(field, &json);
    name("tie.value");
    base::AppendJsonString(key[i].text, &json);
  }
  const auto& names = rule.value_names;
  for (size_t i = 0; i < names.size() && i < event.values.size(); ++i) {
    if (names[i].empty()) continue;
    name(names[i]);
    base::AppendJsonDouble(event.values[i], &json);
  }
  return json + "}";
}

}  // namespace tocsin::runtime
