#include "src/logsource/ecs_tables.h"

#include <string>
#include <utility>

#include "absl/strings/str_split.h"
#include "src/base/string_map.h"

namespace tocsin::logsource {
namespace {

using base::Derivation;
using base::ToAbsl;

std::vector<std::string> Split(std::string_view text, char divider) {
  if (text.empty()) return {};
  return absl::StrSplit(ToAbsl(text), divider);
}

base::FieldMapping MappingOf(const EcsTable& table, const EcsField& row) {
  base::FieldMapping mapping;
  mapping.field = std::string(row.field);
  mapping.source = {.product = std::string(table.product),
                    .category = std::string(table.category),
                    .service = std::string(table.service)};
  mapping.when_field = std::string(table.when_field);
  mapping.when_values = Split(table.when_values, '|');
  mapping.from = Split(row.from, '|');
  mapping.as = row.as;
  if (row.as == Derivation::kValue || row.as == Derivation::kPresent) {
    mapping.values = Split(row.argument, '|');
  } else {
    mapping.argument = std::string(row.argument);
  }
  for (const std::string& pair : Split(row.words, ';')) {
    const size_t equals = pair.find('=');
    mapping.words.emplace_back(pair.substr(0, equals),
                               Split(pair.substr(equals + 1), '|'));
  }
  return mapping;
}

}  // namespace

std::vector<EcsTable> EcsTables() {
  std::vector<EcsTable> tables;
  for (const std::span<const EcsTable> part :
       {EcsWindowsEventTables(), EcsWindowsTables(), EcsCloudTables(),
        EcsLinuxTables(), EcsNetworkTables()}) {
    tables.insert(tables.end(), part.begin(), part.end());
  }
  return tables;
}

std::vector<base::FieldMapping> EcsMappings() {
  std::vector<base::FieldMapping> mappings;
  for (const EcsTable& table : EcsTables()) {
    for (const EcsField& row : table.fields) {
      mappings.push_back(MappingOf(table, row));
    }
  }
  return mappings;
}

}  // namespace tocsin::logsource
