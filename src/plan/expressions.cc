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
      case ir::Expression::kCountOf:
      case ir::Expression::kWhich:
        planned.op = e.kind == ir::Expression::kSome      ? Planned::kSome
                     : e.kind == ir::Expression::kEvery   ? Planned::kEvery
                     : e.kind == ir::Expression::kCountOf ? Planned::kCountOf
                                                          : Planned::kWhich;
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
    const std::vector<ir::FieldPart>& parts = e.field.parts;
    // The innermost variable of a name is meant.
    for (size_t i = variables_.size(); i-- > 0;) {
      if (variables_[i] != parts[0].name) continue;
      planned->op = Planned::kMember;
      planned->index = static_cast<int64_t>(i);
      size_t next = 0;
      for (; parts[next].indexes.empty() && next + 1 < parts.size(); ++next) {
        planned->path.push_back(parts[next + 1].name);
      }
      PlanElements(parts, next, planned);
      return;
    }
    planned->op = Planned::kField;
    planned->value = e.value;
    const std::vector<int64_t>& last = parts.back().indexes;
    size_t first = 0;
    std::string name = parts[0].name;
    while (parts[first].indexes.empty() && first + 1 < parts.size()) {
      name += '.' + parts[++first].name;
    }
    planned->field = field_(name);
    if (first + 1 == parts.size() && last.size() <= 1) {
      planned->has_index = !last.empty();
      planned->index = last.empty() ? 0 : last[0];
      return;
    }
    planned->op = Planned::kWhole;
    PlanElements(parts, first, planned);
  }

  // Around `planned`, which is the value of the parts up to number `at`, what
  // the indexes there and all that follows pick of it.
  static void PlanElements(const std::vector<ir::FieldPart>& parts, size_t at,
                           Planned* planned) {
    const auto wrap = [&](Planned::Op op) {
      Planned around;
      around.op = op;
      around.children.push_back(std::move(*planned));
      *planned = std::move(around);
    };
    while (true) {
      for (const int64_t index : parts[at].indexes) {
        wrap(Planned::kElement);
        planned->index = index;
      }
      if (at + 1 == parts.size()) return;
      wrap(Planned::kPath);
      do {
        planned->path.push_back(parts[++at].name);
      } while (parts[at].indexes.empty() && at + 1 < parts.size());
    }
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
