#include "src/plan/expressions.h"

#include <algorithm>
#include <utility>

namespace tocsin::plan {
namespace {

using Planned = program::Expression;

// A pattern of `:` and `like`, as in functions/logic.h, of which planning knows
// nothing: `*` any run, `?` one character.
std::string WildcardRegex(std::string_view pattern) {
  constexpr std::string_view kSpecial = "\\^$.|()[]{}+";
  std::string regex;
  for (const char c : pattern) {
    if (c == '*') {
      regex += ".*";
    } else if (c == '?') {
      regex += '.';
    } else {
      if (kSpecial.find(c) != std::string_view::npos) regex += '\\';
      regex += c;
    }
  }
  return regex;
}

class Planner {
 public:
  explicit Planner(absl::FunctionRef<uint32_t(const std::string&)> field)
      : field_(field) {}

  Planned Plan(const ir::Expression& e) {
    Planned planned;
    planned.folded = e.folded;
    switch (e.kind) {
      case ir::Expression::kLiteral:
      case ir::Expression::kTable:  // Lowered to predicates.
      case ir::Expression::kError:  // Never checked.
        planned.value = e.value;
        return planned;
      case ir::Expression::kField:
        PlanField(e, &planned);
        return planned;
      case ir::Expression::kAnd:
        planned.op = Planned::kAnd;
        break;
      case ir::Expression::kOr:
        planned.op = Planned::kOr;
        break;
      case ir::Expression::kNot:
        planned.op = Planned::kNot;
        break;
      case ir::Expression::kCompare:
        if (e.children[0].is_null() || e.children[1].is_null()) {
          planned.op = Planned::kIsNull;
          planned.negated = e.op == ir::Operator::kNe;
          planned.children.push_back(
              Plan(e.children[e.children[0].is_null() ? 1 : 0]));
          return planned;
        }
        planned.op = Planned::kCompare;
        planned.detail = static_cast<uint8_t>(e.op);
        break;
      case ir::Expression::kMatch:
        planned.op = Planned::kRegex;
        for (size_t i = 1; i < e.children.size(); ++i) {
          const std::string& text = e.children[i].value.text;
          planned.path.push_back(
              e.op == ir::Operator::kRegex ? text : WildcardRegex(text));
        }
        planned.children.push_back(Plan(e.children[0]));
        return planned;
      case ir::Expression::kIn:
        planned.op = Planned::kIn;
        planned.negated = e.negated;
        break;
      case ir::Expression::kArithmetic:
        planned.op = Planned::kArithmetic;
        planned.detail = static_cast<uint8_t>(
            static_cast<int>(e.op) - static_cast<int>(ir::Operator::kAdd));
        break;
      case ir::Expression::kNegate:
        planned.op = Planned::kNegate;
        break;
      case ir::Expression::kCall:
        planned.op = Planned::kCall;
        planned.text = e.name;
        planned.table = e.table;
        break;
      case ir::Expression::kSome:
      case ir::Expression::kEvery:
        planned.op =
            e.kind == ir::Expression::kSome ? Planned::kSome : Planned::kEvery;
        planned.index = static_cast<int64_t>(variables_.size());
        planned.children.push_back(Plan(e.children[0]));
        variables_.push_back(e.name);
        planned.children.push_back(Plan(e.children[1]));
        variables_.pop_back();
        return planned;
    }
    for (const ir::Expression& child : e.children) {
      planned.children.push_back(Plan(child));
    }
    return planned;
  }

 private:
  void PlanField(const ir::Expression& e, Planned* planned) {
    const ir::FieldPath& path = e.field;
    if (path.has_index()) {
      planned->has_index = true;
      planned->index =
          path.parts.back().indexes.empty() ? 0 : path.parts.back().indexes[0];
    }
    // The innermost variable of a name is meant.
    for (size_t i = variables_.size(); i-- > 0;) {
      if (variables_[i] != path.parts[0].name) continue;
      planned->op = Planned::kMember;
      planned->has_index = false;
      planned->index = static_cast<int64_t>(i);
      for (size_t part = 1; part < path.parts.size(); ++part) {
        planned->path.push_back(path.parts[part].name);
      }
      return;
    }
    planned->op = Planned::kField;
    planned->field = field_(path.Name());
  }

  absl::FunctionRef<uint32_t(const std::string&)> field_;
  std::vector<std::string> variables_;
};

}  // namespace

program::Expression PlanExpression(
    const ir::Expression& expression,
    absl::FunctionRef<uint32_t(const std::string&)> field) {
  return Planner(field).Plan(expression);
}

}  // namespace tocsin::plan
