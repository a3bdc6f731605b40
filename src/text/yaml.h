// YAML as a tree with places, made from libyaml's events. JSON is read by the
// same code, being YAML.
//
// Scalars keep how they were written: a plain `4688` and a quoted '4688' differ
// to a rule language. Types are resolved by the caller (YAML 1.2 core schema
// helpers below), never by YAML 1.1's rules: `yes`, `no`, `on` are text.

#ifndef TOCSIN_SRC_TEXT_YAML_H_
#define TOCSIN_SRC_TEXT_YAML_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/number.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::text {

struct YamlEntry;

struct YamlNode {
  enum Kind { kScalar, kSequence, kMapping };

  Kind kind = kScalar;
  Range range;                  // The scalar, or where the collection begins.
  std::string value;            // kScalar: content after YAML's own escapes.
  bool quoted = false;          // kScalar: '..', "..", | or >.
  std::vector<YamlNode> items;  // kSequence.
  std::vector<YamlEntry> entries;  // kMapping, in order.

  bool is_scalar() const { return kind == kScalar; }
  bool is_sequence() const { return kind == kSequence; }
  bool is_mapping() const { return kind == kMapping; }

  // The value of scalar key `key`; null if there is none.
  const YamlNode* Find(std::string_view key) const;

  // Plain scalars of the 1.2 core schema. Quoted scalars are never any of
  // these.
  bool is_null() const;                          // ``, ~, null, Null, NULL.
  std::optional<bool> AsBool() const;            // true, True, TRUE, false, ...
  std::optional<base::Number> AsNumber() const;  // JSON numbers, and +1 as 1;
                                                 // not 0123, 0x1F, .5, 1_000.
};

// A key of a mapping and its value.
struct YamlEntry {
  YamlNode first;
  YamlNode second;
};

struct YamlOptions {
  int max_depth = 100;
  // Nodes of one document, aliases counted as often as they are used.
  int max_nodes = 1'000'000;
  // Nodes that aliases may add to one document.
  int max_alias_nodes = 10'000;
};

struct YamlDocument {
  YamlNode root;
  Position start;
};

// Reads all documents of `source`. One that is not well-formed, repeats a key
// (both lines are named) or breaks a limit is reported, and the others are
// returned; empty documents are left out. `found` counts documents, bad ones
// included.
std::vector<YamlDocument> ParseYaml(const Source& source,
                                    Diagnostics* diagnostics, int* found,
                                    const YamlOptions& options = {});

}  // namespace tocsin::text

#endif  // TOCSIN_SRC_TEXT_YAML_H_
