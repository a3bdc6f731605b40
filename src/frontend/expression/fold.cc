#include "src/frontend/expression/fold.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/functions/arithmetic.h"
#include "src/functions/function.h"
#include "src/functions/logic.h"

namespace tocsin::expression {
namespace {

using base::Value;
using ir::Expression;
using ir::Operator;

bool IsConstant(const Expression& e) { return e.kind == Expression::kLiteral; }

// The value of an expression whose children are literals; false: it has none
// before an event comes.
bool Evaluate(const Expression& e, functions::Context* context, Value* result) {
  const auto child = [&](size_t i) -> const Value& {
    return e.children[i].value;
  };
  switch (e.kind) {
    case Expression::kNot:
      *result = functions::NotValue(functions::ToCondition(child(0)));
      return true;
    case Expression::kCompare: {
      if (e.children[0].is_null() || e.children[1].is_null()) {
        const bool both =
            functions::IsNothing(child(0)) && functions::IsNothing(child(1));
        const bool asks = e.op == Operator::kEq || e.op == Operator::kNe;
        *result = asks ? Value::Bool(both == (e.op == Operator::kEq)) : Value();
        return true;
      }
      *result =
          functions::CompareValues(static_cast<functions::Comparison>(e.op),
                                   child(0), child(1), e.folded);
      return true;
    }
    case Expression::kArithmetic:
      *result = functions::Calculate(
          static_cast<functions::Arithmetic>(static_cast<int>(e.op) -
                                             static_cast<int>(Operator::kAdd)),
          child(0), child(1));
      return true;
    case Expression::kNegate:
      *result = functions::Negate(child(0));
      return true;
    case Expression::kMatch:
    case Expression::kIn: {
      if (!e.name.empty()) return false;
      Value any = Value::Bool(false);
      for (size_t i = 1; i < e.children.size(); ++i) {
        Value one;
        if (e.kind == Expression::kIn) {
          one = functions::CompareValues(functions::Comparison::kEq, child(0),
                                         child(i), e.folded);
        } else {
          const std::string regex =
              e.op == Operator::kRegex
                  ? child(i).text
                  : functions::WildcardRegex(child(i).text);
          one = functions::MatchRegex(child(0), regex, e.folded, context);
        }
        any = functions::OrValues(any, one);
      }
      *result = e.negated ? functions::NotValue(any) : any;
      return true;
    }
    case Expression::kCall: {
      const functions::Function* const function =
          functions::FindFunction(e.name);
      if (function == nullptr || function->needs_event) return false;
      if (function->make_index != nullptr &&
          (e.table == nullptr || e.table->list->expires)) {
        return false;
      }
      std::vector<Value> arguments;
      for (const Expression& each : e.children) arguments.push_back(each.value);
      *result = functions::CallFunction(*function, {.arguments = arguments,
                                                    .folded = e.folded,
                                                    .context = context,
                                                    .table = e.table.get(),
                                                    .written = ~0u});
      return true;
    }
    default:
      return false;
  }
}

// Drops what does not matter beside a constant: `x and true`, `x or false`.
void FoldJoined(Expression* e) {
  const bool is_and = e->kind == Expression::kAnd;
  std::vector<Expression> kept;
  for (Expression& child : e->children) {
    if (!IsConstant(child)) {
      kept.push_back(std::move(child));
      continue;
    }
    const Value value = functions::ToCondition(child.value);
    if (!value.is_null() && value.is_true() == is_and) continue;
    if (value.is_null()) {
      // One null is as good as several.
      const bool has_null =
          std::any_of(kept.begin(), kept.end(), [](const Expression& other) {
            return IsConstant(other) && other.value.is_null();
          });
      if (!has_null || !child.value.is_null()) kept.push_back(std::move(child));
      continue;
    }
    // It decides.
    e->kind = Expression::kLiteral;
    e->value = Value::Bool(!is_and);
    e->spelling.clear();
    e->children.clear();
    return;
  }
  if (kept.empty()) {
    e->kind = Expression::kLiteral;
    e->value = Value::Bool(is_and);
    e->spelling.clear();
    e->children.clear();
  } else if (kept.size() == 1) {
    Expression only = std::move(kept[0]);
    *e = std::move(only);
  } else {
    e->children = std::move(kept);
  }
}

void FoldIn(Expression* e, functions::Context* context) {
  for (Expression& child : e->children) FoldIn(&child, context);
  if (e->kind == Expression::kAnd || e->kind == Expression::kOr) {
    FoldJoined(e);
    return;
  }
  if (e->children.empty() && e->kind != Expression::kCall) return;
  if (!std::all_of(e->children.begin(), e->children.end(), IsConstant)) return;
  Value value;
  if (!Evaluate(*e, context, &value)) return;
  e->kind = Expression::kLiteral;
  e->value = std::move(value);
  e->spelling.clear();
  e->children.clear();
  e->name.clear();
}

}  // namespace

void Fold(Expression* expression) {
  functions::Context context;
  FoldIn(expression, &context);
}

}  // namespace tocsin::expression
