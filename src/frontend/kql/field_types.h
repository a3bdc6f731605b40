// FieldTypes: what kind of value a field holds, which decides how a query's
// values are compared with it.
//
// An index has a mapping for this; a stream has none, so there is a table: that
// of the Elastic Common Schema, or the host's own.
//
//   FieldTypes types = FieldTypes::Ecs();
//   types.Set("app.note", FieldType::kText);
//   types.Set("app.*.count", FieldType::kNumber);

#ifndef TOCSIN_SRC_FRONTEND_KQL_FIELD_TYPES_H_
#define TOCSIN_SRC_FRONTEND_KQL_FIELD_TYPES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/string_map.h"
#include "src/frontend/kql/ast.h"

namespace tocsin::kql {

enum class FieldType : uint8_t {
  kAny,      // Not known: the form of the query's value decides.
  kKeyword,  // A text as a whole, letter case counts.
  kText,     // A text by its words, letter case does not count.
  kNumber,
  kBoolean,
  kDate,
  kIp,
  kVersion,  // As kKeyword, but in order 1.9 comes before 1.10.
  kObject,
  kNested,  // Objects that are looked at one by one.
};

// "a number", for messages.
std::string_view Describe(FieldType type);

// The type that an index mapping calls `name`: "scaled_float" is kNumber.
std::optional<FieldType> FieldTypeNamed(std::string_view name);

class FieldTypes {
 public:
  // No field is known.
  FieldTypes() = default;

  // The fields of ECS that are no keywords, a few that are, and `*.text`.
  static const FieldTypes& Ecs();

  // `field` may have `*` in it, for any run of characters. A name without is
  // meant before all that have one, then the one that was set last.
  void Set(std::string_view field, FieldType type);

  // There are no fields but these: others are errors, and so are values that
  // their fields cannot hold.
  void set_closed(bool closed) { closed_ = closed; }
  bool closed() const { return closed_; }

  // kAny for what is not known.
  FieldType Of(std::string_view field) const;
  bool Knows(std::string_view field) const;

  // Of the known fields that a name with stars means, each type once.
  std::vector<FieldType> Matching(const WildText& field) const;

 private:
  const FieldType* Find(std::string_view field) const;

  struct Wild {
    WildText field;
    FieldType type;
  };
  base::StringMap<FieldType> types_;
  std::vector<Wild> wild_;
  bool closed_ = false;
};

// Whether `name` is one that `pattern` means. Letter case counts.
bool Matches(const WildText& pattern, std::string_view name);

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_FIELD_TYPES_H_
