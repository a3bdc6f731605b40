#include "src/runtime/expression/evaluator.h"

#include <span>
#include <string>
#include <utility>

#include "src/functions/arithmetic.h"
#include "src/functions/logic.h"

namespace tocsin::runtime {

using base::Value;
using functions::Arithmetic;
using functions::Comparison;

namespace {

// The rest of a path as one key comes before its parts. Paths cross arrays.
void CollectPath(const Value& at, std::span<const std::string> path,
                 std::vector<Value>* found) {
  if (at.is_array()) {
    for (const Value& item : at.items) CollectPath(item, path, found);
    return;
  }
  if (path.empty()) {
    found->push_back(at);
    return;
  }
  std::vector<std::string> names = {path[0]};
  for (size_t i = 1; i < path.size(); ++i) {
    names.push_back(names.back() + '.' + path[i]);
  }
  for (size_t taken = names.size(); taken > 0; --taken) {
    if (const Value* const member = at.Find(names[taken - 1])) {
      CollectPath(*member, path.subspan(taken), found);
      return;
    }
  }
}

Value AtPath(const Value& at, std::span<const std::string> path) {
  if (path.empty()) return at;
  std::vector<Value> found;
  CollectPath(at, path, &found);
  if (found.empty()) return {};
  if (found.size() == 1) return std::move(found[0]);
  return Value::Array(std::move(found));
}

}  // namespace

bool Evaluator::IsTrue(const Expression& expression, ExpressionFields* fields) {
  return functions::ToCondition(Evaluate(expression, fields)).is_true();
}

Value Evaluator::Evaluate(const Expression& expression,
                          ExpressionFields* fields) {
  fields_ = fields;
  has_time_ = false;
  return Of(expression);
}

Value Evaluator::Of(const Expression& e) {
  switch (e.op) {
    case Expression::kLiteral:
      return e.value;
    case Expression::kField:
      return OfField(e);
    case Expression::kWhole: {
      std::vector<Value> values;
      fields_->FindWhole(e.field, &values);
      return Value::Array(std::move(values));
    }
    case Expression::kMember:
      return AtPath(variables_[static_cast<size_t>(e.index)], e.path);
    case Expression::kPath:
      return AtPath(Of(e.children[0]), e.path);
    case Expression::kElement:
      return OfElement(e);
    case Expression::kAnd: {
      Value all = Value::Bool(true);
      for (const Expression& child : e.children) {
        all = functions::AndValues(all, functions::ToCondition(Of(child)));
        if (!all.is_null() && !all.is_true()) return all;
      }
      return all;
    }
    case Expression::kOr: {
      Value any = Value::Bool(false);
      for (const Expression& child : e.children) {
        any = functions::OrValues(any, functions::ToCondition(Of(child)));
        if (any.is_true()) return any;
      }
      return any;
    }
    case Expression::kNot:
      return functions::NotValue(functions::ToCondition(Of(e.children[0])));
    case Expression::kIsNull:
      return Value::Bool(functions::IsNothing(Of(e.children[0])) != e.negated);
    case Expression::kCompare:
      return functions::CompareValues(static_cast<Comparison>(e.detail),
                                      Of(e.children[0]), Of(e.children[1]),
                                      e.folded);
    case Expression::kRegex: {
      const Value value = Of(e.children[0]);
      Value any = Value::Bool(false);
      for (const std::string& regex : e.path) {
        any = functions::OrValues(
            any, functions::MatchRegex(value, regex, e.folded, &context_));
        if (any.is_true()) break;
      }
      return any;
    }
    case Expression::kIn: {
      const Value value = Of(e.children[0]);
      Value any = Value::Bool(false);
      for (size_t i = 1; i < e.children.size() && !any.is_true(); ++i) {
        any = functions::OrValues(
            any, functions::CompareValues(Comparison::kEq, value,
                                          Of(e.children[i]), e.folded));
      }
      return e.negated ? functions::NotValue(any) : any;
    }
    case Expression::kArithmetic: {
      const Value a = Of(e.children[0]);
      const Value b = Of(e.children[1]);
      // Arrays calculate by their first element, as functions would by each.
      const auto one = [](const Value& v) -> const Value& {
        static const Value& null = *new Value();
        if (!v.is_array()) return v;
        return v.items.empty() ? null : v.items[0];
      };
      return functions::Calculate(static_cast<Arithmetic>(e.detail), one(a),
                                  one(b));
    }
    case Expression::kNegate:
      return functions::Negate(Of(e.children[0]));
    case Expression::kCall:
      return OfCall(e);
    case Expression::kSome:
    case Expression::kEvery:
    case Expression::kCountOf:
    case Expression::kWhich:
      return OfElements(e);
  }
  return {};
}

Value Evaluator::OfField(const Expression& e) {
  std::vector<Value> values;
  fields_->Find(e.field, &values);
  // What a null that is written out stands for.
  if (!e.value.is_null()) {
    for (Value& value : values) {
      if (value.is_null()) value = e.value;
    }
  }
  if (e.has_index) {
    const auto size = static_cast<int64_t>(values.size());
    const int64_t at = e.index < 0 ? e.index + size : e.index;
    if (at < 0 || at >= size) return {};
    return std::move(values[static_cast<size_t>(at)]);
  }
  if (values.empty()) return {};
  if (values.size() == 1) return std::move(values[0]);
  return Value::Array(std::move(values));
}

Value Evaluator::OfElement(const Expression& e) {
  Value whole = Of(e.children[0]);
  // What is no array is its own only element.
  const auto size =
      static_cast<int64_t>(whole.is_array() ? whole.items.size() : 1);
  const int64_t at = e.index < 0 ? e.index + size : e.index;
  if (at < 0 || at >= size) return {};
  return whole.is_array() ? std::move(whole.items[static_cast<size_t>(at)])
                          : whole;
}

Value Evaluator::OfElements(const Expression& e) {
  std::vector<Value> elements;
  const Expression& array = e.children[0];
  if (array.op == Expression::kField) {
    fields_->FindWhole(array.field, &elements);
  } else {
    Value value = Of(array);
    if (value.is_array()) {
      elements = std::move(value.items);
    } else if (!value.is_null()) {
      elements.push_back(std::move(value));
    }
  }
  const bool some = e.op == Expression::kSome;
  Value result = Value::Bool(!some && !elements.empty());
  int64_t count = 0;
  std::vector<Value> which;
  variables_.resize(static_cast<size_t>(e.index) + 1);
  for (Value& element : elements) {
    variables_[static_cast<size_t>(e.index)] = std::move(element);
    const Value one = functions::ToCondition(Of(e.children[1]));
    if (one.is_true()) ++count;
    if (one.is_true() && e.op == Expression::kWhich) {
      which.push_back(variables_[static_cast<size_t>(e.index)]);
    }
    result = some ? functions::OrValues(result, one)
                  : functions::AndValues(result, one);
  }
  if (e.op == Expression::kCountOf) return Value::Int(count);
  if (e.op == Expression::kWhich) {
    if (which.empty()) return {};
    if (which.size() == 1) return std::move(which[0]);
    return Value::Array(std::move(which));
  }
  return result;
}

Value Evaluator::OfCall(const Expression& e) {
  const functions::Function*& function = functions_[&e];
  if (function == nullptr) function = functions::FindFunction(e.text);
  if (function == nullptr) return {};
  std::vector<Value> arguments;
  arguments.reserve(e.children.size());
  const functions::Function* const called = function;
  functions::Call call{
      .folded = e.folded, .context = &context_, .table = e.table.get()};
  for (size_t i = 0; i < e.children.size(); ++i) {
    const Expression& child = e.children[i];
    if (i < 32 && child.op == Expression::kLiteral) call.written |= 1u << i;
    arguments.push_back(Of(child));
  }
  const bool expires = e.table != nullptr && e.table->list->expires;
  if ((called->needs_event || expires) && !has_time_) {
    context_.event_time = fields_->EventTime();
    has_time_ = true;
  }
  call.arguments = arguments;
  return functions::CallFunction(*called, call);
}

}  // namespace tocsin::runtime
