#include "src/frontend/sigma/yaml_keys.h"

#include <utility>
#include <vector>

namespace tocsin::sigma {

std::string_view Describe(const text::YamlNode& node) {
  if (node.is_mapping()) return "a map";
  if (node.is_sequence()) return "a list";
  return node.is_null() ? "nothing" : "text";
}

bool Contains(std::span<const std::string_view> words, std::string_view word) {
  for (const std::string_view known : words) {
    if (known == word) return true;
  }
  return false;
}

std::string Join(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined += ", ";
    joined += word;
  }
  return joined;
}

void WarnOfKeys(const text::YamlNode& map,
                std::span<const std::string_view> known, std::string_view where,
                text::Reporter* reporter) {
  std::vector<std::string_view> absent;
  for (const std::string_view word : known) {
    if (map.Find(word) == nullptr) absent.push_back(word);
  }
  // Comparing is not free, and a map of thousands of keys is no slip.
  constexpr int kMaxCompared = 100;
  int compared = 0;
  for (const auto& [key, value] : map.entries) {
    if (Contains(known, key.value)) continue;
    if (++compared > kMaxCompared) return;
    std::string help = text::DidYouMean(key.value, absent);
    if (help.empty()) continue;
    reporter->Warning("T010", key.range,
                      "key " + text::Quoted(key.value) + " is none " +
                          std::string(where) + " and has no effect",
                      std::move(help));
  }
}

}  // namespace tocsin::sigma
