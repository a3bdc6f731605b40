// What is known of fields before any event comes: the types of those of the
// Elastic Common Schema. Others are kAny.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_FIELD_TYPES_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_FIELD_TYPES_H_

#include <span>
#include <string_view>

#include "src/ir/expression.h"

namespace tocsin::expression {

ir::Type TypeOfField(std::string_view name);
bool IsKnownField(std::string_view name);

// Words of `event.category`.
std::span<const std::string_view> Categories();
bool IsCategory(std::string_view word);

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_FIELD_TYPES_H_
