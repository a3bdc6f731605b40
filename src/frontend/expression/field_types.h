// What is known of fields before any event comes: the types of those of the
// Elastic Common Schema. Others are kAny.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_FIELD_TYPES_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_FIELD_TYPES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/base/string_map.h"
#include "src/base/value.h"
#include "src/ir/expression.h"

namespace tocsin::expression {

ir::Type TypeOfField(std::string_view name);
bool IsKnownField(std::string_view name);

// What is known of a field beyond its type.
struct FieldTraits {
  enum Text : uint8_t {
    kKeyword,   // The whole text is one term.
    kAnalyzed,  // Its words are terms, in any letter case.
    kVersion,   // 1.10.0 comes behind 1.9.0, and before it 1.10.0-beta.
  };

  ir::Type type = ir::Type::kAny;
  Text text = kKeyword;
  // Stands for a null that is written out; null: nothing does.
  base::Value null_value;
};

// Types of fields for rules that were written against the mapping of an index.
// What is not set is as ECS says.
class FieldTable {
 public:
  void Set(std::string_view name, FieldTraits traits) {
    traits_.insert_or_assign(std::string(name), std::move(traits));
  }
  FieldTraits TraitsOf(std::string_view name) const;

 private:
  base::StringMap<FieldTraits> traits_;
};

// Fields of ECS that hold text to search in, not one term: `message`,
// `process.command_line.text`.
bool IsAnalyzedField(std::string_view name);

// Words of `event.category`.
std::span<const std::string_view> Categories();
bool IsCategory(std::string_view word);

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_FIELD_TYPES_H_
