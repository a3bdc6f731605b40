// Lowering of a query to predicates, and, where an object is looked at by
// itself or a field's name has stars, to an expression.

#ifndef TOCSIN_SRC_FRONTEND_KQL_LOWER_H_
#define TOCSIN_SRC_FRONTEND_KQL_LOWER_H_

#include <optional>
#include <string>

#include "src/frontend/kql/ast.h"
#include "src/frontend/kql/field_types.h"
#include "src/ir/expression.h"
#include "src/ir/predicate.h"
#include "src/text/reporter.h"

namespace tocsin::kql {

// Tells what does not fit the types. REQUIRES: no kError in the tree.
ir::Expr Lower(const Node& node, const FieldTypes& types,
               text::Reporter* reporter);

// A test as an expression about `operand`: what lower_expression.cc is made of.
class ExpressionLowerer {
 public:
  ExpressionLowerer(const FieldTypes& types) : types_(types) {}

  // `node` about the object that variable `object` stands for, whose full name
  // is `path`. True or false, never null.
  ir::Expression InObject(const Node& node, const std::string& object,
                          const std::string& path);
  // kNested of the event.
  ir::Expression Nested(const Node& node);
  // kIs or kRange with stars in the field's name.
  ir::Expression OfMany(const Node& node, FieldType type) const;
  // kIs or kRange; may be null.
  static ir::Expression Test(const Node& node, ir::Expression operand,
                             FieldType type);

 private:
  ir::Expression Some(const Node& node, ir::Expression objects,
                      const std::string& path);

  const FieldTypes& types_;
  int variables_ = 0;
};

}  // namespace tocsin::kql

#endif  // TOCSIN_SRC_FRONTEND_KQL_LOWER_H_
