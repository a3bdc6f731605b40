// Evaluator: the value of compiled expressions at one event.
//
// It is reached by the few events that pass the plain tests beside it, so it
// is written to be read. Cost: each call of a function may allocate.

#ifndef TOCSIN_SRC_RUNTIME_EXPRESSION_EVALUATOR_H_
#define TOCSIN_SRC_RUNTIME_EXPRESSION_EVALUATOR_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/base/value.h"
#include "src/functions/function.h"
#include "src/program/expression.h"

namespace tocsin::runtime {

// Where an expression's fields come from.
class ExpressionFields {
 public:
  virtual ~ExpressionFields() = default;

  // Appends the values of a field; returns whether it exists.
  virtual bool Find(uint32_t field, std::vector<base::Value>* values) = 0;

  // The same, with all that objects hold.
  virtual bool FindWhole(uint32_t field, std::vector<base::Value>* values) = 0;

  virtual std::optional<int64_t> EventTime() = 0;
};

class Evaluator {
 public:
  // Whether the expression is true: not false, and not null.
  bool IsTrue(const program::Expression& expression, ExpressionFields* fields);

  base::Value Evaluate(const program::Expression& expression,
                       ExpressionFields* fields);

 private:
  using Expression = program::Expression;

  base::Value Of(const Expression& e);
  base::Value OfField(const Expression& e);
  base::Value OfElement(const Expression& e);
  base::Value OfElements(const Expression& e);
  base::Value OfCall(const Expression& e);

  ExpressionFields* fields_ = nullptr;
  functions::Context context_;
  bool has_time_ = false;  // context_ has this event's.
  std::vector<base::Value> variables_;
  absl::flat_hash_map<const Expression*, const functions::Function*> functions_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_EXPRESSION_EVALUATOR_H_
