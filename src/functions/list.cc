// Looking things up in lists of rule files.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/case_fold.h"
#include "src/base/ip_network.h"
#include "src/functions/function.h"

namespace tocsin::functions {
namespace {

using base::ElementType;

std::string NetworkText(base::IpAddress address, int prefix) {
  for (int bit = prefix; bit < 128; ++bit) {
    auto& byte = address.bytes[static_cast<size_t>(bit / 8)];
    byte = static_cast<uint8_t>(byte & ~(0x80u >> (bit % 8)));
  }
  std::string text(address.bytes.begin(), address.bytes.end());
  text += static_cast<char>(prefix);
  return text;
}

// What an element of a list is found by. nullopt: nothing finds it.
std::optional<std::string> KeyOf(const Value& value, ElementType type) {
  const std::optional<std::string> text = base::TextOf(value);
  if (!text) return std::nullopt;
  switch (type) {
    case ElementType::kNoCase:
    case ElementType::kDomain:
      return base::Fold(*text);
    case ElementType::kIp:
    case ElementType::kCidr: {
      const auto network = base::ParseIpNetwork(*text);
      if (!network) return std::nullopt;
      return NetworkText(network->address, network->prefix);
    }
    default:
      return text;
  }
}

// Prefixes of networks in a column, the longest first; kept in the index under
// a key that no element has.
std::string PrefixKey(size_t column) {
  return absl::StrCat(std::string(1, '\xff'), column);
}

// What finds an element that is equal to `value` or holds it, the narrowest
// first.
std::vector<std::string> KeysFor(const Value& value, ElementType type,
                                 size_t column, const base::ListTable& table) {
  if (type != ElementType::kCidr && type != ElementType::kDomain) {
    std::optional<std::string> key = KeyOf(value, type);
    if (!key) return {};
    return {*std::move(key)};
  }
  const std::optional<std::string> text = base::TextOf(value);
  std::vector<std::string> keys;
  if (!text) return keys;
  if (type == ElementType::kDomain) {
    std::string name = base::Fold(*text);
    if (name.ends_with('.')) name.pop_back();
    constexpr size_t kMostLabels = 128;
    for (size_t at = 0; keys.size() < kMostLabels; ++at) {
      keys.push_back(name.substr(at));
      at = name.find('.', at);
      if (at == std::string::npos) break;
    }
    return keys;
  }
  const auto address = base::ParseIpAddress(*text);
  const auto prefixes = table.index.find(PrefixKey(column));
  if (!address || prefixes == table.index.end()) return keys;
  for (const uint32_t prefix : prefixes->second) {
    keys.push_back(NetworkText(*address, static_cast<int>(prefix)));
  }
  return keys;
}

// Parts one behind the other, with their lengths, so that no two rows of
// different parts are the same.
void AddPart(std::string_view part, std::string* key) {
  absl::StrAppend(key, part.size(), ":", base::ToAbsl(part));
}

void IndexRows(const base::ListRows& list, size_t keys,
               base::StringMap<std::vector<uint32_t>>* index) {
  std::vector<std::set<int>> prefixes(keys);
  for (size_t row = 0; row < list.rows.size(); ++row) {
    std::string key;
    bool complete = true;
    for (size_t column = 0; column < keys && complete; ++column) {
      const Value& value = list.rows[row][column];
      const ElementType type = list.columns[column].type;
      const std::optional<std::string> part = KeyOf(value, type);
      complete = part.has_value();
      if (!complete) break;
      AddPart(*part, &key);
      if (type == ElementType::kCidr) {
        prefixes[column].insert(base::ParseIpNetwork(value.text)->prefix);
      }
    }
    if (complete) (*index)[key].push_back(static_cast<uint32_t>(row));
  }
  for (size_t column = 0; column < keys; ++column) {
    if (prefixes[column].empty()) continue;
    std::vector<uint32_t>& all = (*index)[PrefixKey(column)];
    all.assign(prefixes[column].rbegin(), prefixes[column].rend());
  }
}

// The first row that holds and whose first columns are what is looked for.
std::optional<uint32_t> FindRow(
    const base::ListTable& table,
    const std::vector<std::vector<std::string>>& keys,
    std::optional<int64_t> event_time) {
  std::vector<size_t> at(keys.size(), 0);
  constexpr int kMostLooks = 4096;
  for (int looks = 0; looks < kMostLooks; ++looks) {
    std::string key;
    for (size_t i = 0; i < keys.size(); ++i) AddPart(keys[i][at[i]], &key);
    const auto found = table.index.find(key);
    if (found != table.index.end()) {
      for (const uint32_t row : found->second) {
        if (table.Holds(row, event_time)) return row;
      }
    }
    // The narrowest of the first key comes before those of the others.
    size_t i = keys.size();
    while (i > 0 && ++at[i - 1] == keys[i - 1].size()) at[--i] = 0;
    if (i == 0) break;
  }
  return std::nullopt;
}

Value Lookup(const Call& call) {
  if (call.table == nullptr) return {};
  const base::ListRows& list = *call.table->list;
  const size_t count = call.arguments.size() - 2;
  std::vector<std::vector<std::string>> keys;
  for (size_t i = 0; i < count; ++i) {
    keys.push_back(
        KeysFor(call.arguments[i + 1], list.columns[i].type, i, *call.table));
    if (keys.back().empty()) return {};
  }
  const auto column = std::find_if(
      list.columns.begin(), list.columns.end(), [&](const auto& each) {
        return each.name == call.arguments.back().text;
      });
  if (column == list.columns.end()) return {};
  const std::optional<uint32_t> row =
      FindRow(*call.table, keys, call.context->event_time);
  if (!row) return {};
  return list.rows[*row][static_cast<size_t>(column - list.columns.begin())];
}

}  // namespace

std::vector<Function> ListFunctions() {
  return {
      {.name = "lookup",
       .parameters = {{"list", ValueType::kAny},
                      {"key", ValueType::kAny},
                      {"column", ValueType::kString}},
       .least = 3,
       .repeats_before_last = true,
       .cost = Cost::kHeavy,
       .description =
           "What stands in a column of the first row of a list whose first "
           "columns are the keys; an address is found by the narrowest "
           "network, a name by itself or what it is below; null if there is "
           "none.",
       .example = "lookup(assets, \"web1\", \"owner\")",
       .example_result = "\"kim\"",
       .call = Lookup,
       .make_index = IndexRows},
  };
}

}  // namespace tocsin::functions
