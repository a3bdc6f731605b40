#include <utility>
#include <vector>

#include "src/frontend/eql/eql.h"
#include "src/frontend/expression/lower.h"

namespace tocsin::eql {

std::optional<ir::Expr> LowerEvent(const EventQuery& event,
                                   const EqlOptions& options,
                                   text::Reporter* reporter) {
  ir::Expression condition = event.condition;
  if (!Check(&condition, false, options, reporter)) return std::nullopt;
  std::vector<ir::Expr> both;
  if (!event.any) {
    // One category of several is enough.
    both.push_back(expression::FieldEquals(
        options.category_field, base::Value::String(event.category),
        ir::Type::kString, options.dialect.folds));
  }
  both.push_back(expression::LowerTrue(condition, reporter->source()));
  ir::Expr all = ir::Expr::And(std::move(both));
  all.range = reporter->source().RangeOf(event.span);
  return all;
}

}  // namespace tocsin::eql
