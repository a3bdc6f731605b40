// Short ways to write conditions in tests.

#ifndef TOCSIN_TESTS_REFERENCE_BUILD_H_
#define TOCSIN_TESTS_REFERENCE_BUILD_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/pattern.h"
#include "src/ir/rule.h"

namespace tocsin::reference {

// `*` and `?` are wildcards, nothing else is special.
base::Pattern Glob(std::string_view glob);
base::Pattern CasedGlob(std::string_view glob);

ir::Expr Text(std::string field, std::string_view glob);
ir::Expr CasedText(std::string field, std::string_view glob);
ir::Expr Keyword(std::string_view glob);
ir::Expr Compare(std::string field, ir::CompareOp op, std::string_view number);
ir::Expr NumberIs(std::string field, std::string_view number);
ir::Expr BoolIs(std::string field, bool flag);
ir::Expr Regex(std::string field, std::string regex);
ir::Expr Cidr(std::string field, std::initializer_list<const char*> networks);
ir::Expr Null(std::string field);
ir::Expr Exists(std::string field, bool flag = true);
ir::Expr FieldRef(std::string field, ir::FieldRelation relation,
                  std::string other, bool cased = false);
ir::Expr TimePart(std::string field, ir::TimePart part, std::string_view number,
                  ir::CompareOp op = ir::CompareOp::kEq);

inline ir::Expr And(std::vector<ir::Expr> children) {
  return ir::Expr::And(std::move(children));
}
inline ir::Expr Or(std::vector<ir::Expr> children) {
  return ir::Expr::Or(std::move(children));
}
inline ir::Expr Not(ir::Expr child) { return ir::Expr::Not(std::move(child)); }

ir::Expr Labelled(std::string label, ir::Expr expr);

ir::Rule RuleOf(ir::Expr condition);

}  // namespace tocsin::reference

#endif  // TOCSIN_TESTS_REFERENCE_BUILD_H_
