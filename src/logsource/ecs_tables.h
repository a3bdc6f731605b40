// The built-in mappings of fields to the Elastic Common Schema: plain data, one
// row a field of events of one source. docs/formats/ecs.md is made from it.
// Sources of the facts: the schema's own reference and the vendors'
// descriptions of their formats.
//
// A new field is a new row here, never new code.

#ifndef TOCSIN_SRC_LOGSOURCE_ECS_TABLES_H_
#define TOCSIN_SRC_LOGSOURCE_ECS_TABLES_H_

#include <span>
#include <string_view>
#include <vector>

#include "src/base/field_mapping.h"

namespace tocsin::logsource {

struct EcsField {
  std::string_view field;
  // Names of the source's fields, divided by `|`: the first that an event has
  // counts. Names of Sigma's taxonomy are found by the renames of the log
  // source, too.
  std::string_view from = {};
  base::Derivation as = base::Derivation::kSame;
  // kValue, kPresent: the values, divided by `|`. Else the argument.
  std::string_view argument = {};
  // What the values become: `a=b|c;d=e`, with `*` for all others. Without it
  // others are dropped.
  std::string_view words = {};
};

struct EcsTable {
  std::string_view name;
  // Log source of the events; and, if it is not empty, values of a field that
  // one of them has, divided by `|`.
  std::string_view product = {};
  std::string_view category = {};
  std::string_view service = {};
  std::string_view when_field = {};
  std::string_view when_values = {};
  std::span<const EcsField> fields = {};
  // An event, and some of what follows from it: `field=value` lines.
  std::string_view example = {};
  std::string_view example_fields = {};
};

// In the order in which they are tried: of several that have a field, the first
// that applies counts.
std::vector<EcsTable> EcsTables();

// Parts of it, by source.
std::span<const EcsTable> EcsWindowsTables();
std::span<const EcsTable> EcsWindowsEventTables();
std::span<const EcsTable> EcsCloudTables();
std::span<const EcsTable> EcsLinuxTables();
std::span<const EcsTable> EcsNetworkTables();

// All rows as mappings.
std::vector<base::FieldMapping> EcsMappings();

}  // namespace tocsin::logsource

#endif  // TOCSIN_SRC_LOGSOURCE_ECS_TABLES_H_
