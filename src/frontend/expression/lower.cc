#include "src/frontend/expression/lower.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/ip_network.h"

namespace tocsin::expression {

using base::PatternToken;
using base::Value;
using base::ValueKind;
using ir::Expr;
using ir::Expression;
using ir::Operator;
using ir::Test;
using ir::TestOp;
using ir::Type;

namespace {

base::Pattern LiteralPattern(std::string_view text, bool folded) {
  base::Pattern pattern;
  pattern.cased = !folded;
  if (!text.empty()) {
    pattern.tokens.push_back({PatternToken::kLiteral, std::string(text)});
  }
  return pattern;
}

base::Pattern WildcardPattern(std::string_view text, bool folded) {
  base::Pattern pattern;
  pattern.cased = !folded;
  while (!text.empty()) {
    const size_t special = text.find_first_of("*?");
    if (special != 0) {
      pattern.tokens.push_back(
          {PatternToken::kLiteral, std::string(text.substr(0, special))});
    }
    if (special == std::string_view::npos) break;
    const PatternToken::Kind kind =
        text[special] == '*' ? PatternToken::kAnyRun : PatternToken::kAnyOne;
    pattern.tokens.push_back({kind, ""});
    text.remove_prefix(special + 1);
  }
  return pattern;
}

Expr PatternTest(const std::string& field, base::Pattern pattern) {
  Test test;
  test.op = TestOp::kPattern;
  test.field = field;
  test.pattern = std::move(pattern);
  return Expr::Of(std::move(test));
}

// A value that is not null and no object.
Expr HasValue(const std::string& field) {
  base::Pattern anything;
  anything.tokens.push_back({PatternToken::kAnyRun, ""});
  return PatternTest(field, std::move(anything));
}

// As `field == null`.
Expr IsNothing(const std::string& field) {
  Test null;
  null.op = TestOp::kNull;
  null.field = field;
  std::vector<Expr> both;
  both.push_back(Expr::Of(std::move(null)));
  // An array may have a null among its elements.
  both.push_back(Expr::Not(HasValue(field)));
  return Expr::And(std::move(both));
}

Expr IsSomething(const std::string& field) {
  Test null;
  null.op = TestOp::kNull;
  null.field = field;
  std::vector<Expr> either;
  either.push_back(Expr::Not(Expr::Of(std::move(null))));
  either.push_back(HasValue(field));
  return Expr::Or(std::move(either));
}

Expr NumberTest(const std::string& field, ir::CompareOp op,
                base::Number number) {
  Test test;
  if (number.text.empty()) {
    number.text = number.kind == base::Number::kInt
                      ? std::to_string(number.int_value)
                  : number.kind == base::Number::kUint
                      ? std::to_string(static_cast<uint64_t>(number.int_value))
                      : *base::TextOf(Value::Double(number.double_value));
  }
  test.op = TestOp::kCompare;
  test.field = field;
  test.compare = op;
  test.number = std::move(number);
  return Expr::Of(std::move(test));
}

Expr BoolTest(const std::string& field, bool flag) {
  Test test;
  test.op = TestOp::kBool;
  test.field = field;
  test.flag = flag;
  return Expr::Of(std::move(test));
}

Expr CidrTest(const std::string& field, std::vector<base::IpNetwork> networks) {
  Test test;
  test.op = TestOp::kCidr;
  test.field = field;
  test.networks = std::move(networks);
  return Expr::Of(std::move(test));
}

Expr RegexTest(const std::string& field, std::string regex) {
  Test test;
  test.op = TestOp::kRegex;
  test.field = field;
  test.regex = std::move(regex);
  return Expr::Of(std::move(test));
}

std::optional<ir::CompareOp> OrderOf(Operator op) {
  switch (op) {
    case Operator::kEq:
      return ir::CompareOp::kEq;
    case Operator::kLt:
      return ir::CompareOp::kLt;
    case Operator::kLe:
      return ir::CompareOp::kLe;
    case Operator::kGt:
      return ir::CompareOp::kGt;
    case Operator::kGe:
      return ir::CompareOp::kGe;
    default:
      return std::nullopt;
  }
}

Operator Mirrored(Operator op) {
  switch (op) {
    case Operator::kLt:
      return Operator::kGt;
    case Operator::kLe:
      return Operator::kGe;
    case Operator::kGt:
      return Operator::kLt;
    case Operator::kGe:
      return Operator::kLe;
    default:
      return op;
  }
}

ir::CompareOp Opposite(ir::CompareOp op) {
  switch (op) {
    case ir::CompareOp::kLt:
      return ir::CompareOp::kGe;
    case ir::CompareOp::kLe:
      return ir::CompareOp::kGt;
    case ir::CompareOp::kGt:
      return ir::CompareOp::kLe;
    default:
      return ir::CompareOp::kLt;
  }
}

// Spellings are no meaning, but for that of null.
void DropSpelling(Expression* e) {
  if (!e->value.is_null()) e->spelling.clear();
  e->span = {};
  e->name_span = {};
  for (Expression& child : e->children) DropSpelling(&child);
}

// A leaf and its negation, both two-valued: exactly one of three holds for an
// event, `is_true`, `is_false`, or neither, when the leaf is null.
struct Leaf {
  Expr is_true;
  Expr is_false;
};

Leaf WithValue(const std::string& field, Expr is_true) {
  std::vector<Expr> both;
  both.push_back(Expr::Not(is_true));
  both.push_back(HasValue(field));
  return {std::move(is_true), Expr::And(std::move(both))};
}

class Lowerer {
 public:
  explicit Lowerer(const text::Source& source) : source_(source) {}

  Expr Lower(const Expression& e, bool wanted) const {
    switch (e.kind) {
      case Expression::kAnd:
      case Expression::kOr: {
        std::vector<Expr> children;
        for (const Expression& child : e.children) {
          children.push_back(Lower(child, wanted));
        }
        return (e.kind == Expression::kAnd) == wanted
                   ? Expr::And(std::move(children))
                   : Expr::Or(std::move(children));
      }
      case Expression::kNot:
        return Lower(e.children[0], !wanted);
      case Expression::kLiteral: {
        const bool is_wanted =
            e.value.kind == ValueKind::kBool && e.value.is_true() == wanted;
        return is_wanted ? Expr::True() : Expr::False();
      }
      default:
        break;
    }
    std::optional<Leaf> leaf = LowerLeaf(e);
    if (!leaf) return Stay(e, wanted);
    Expr& chosen = wanted ? leaf->is_true : leaf->is_false;
    chosen.range = source_.RangeOf(e.span);
    return std::move(chosen);
  }

 private:
  // What is no predicate.
  Expr Stay(const Expression& e, bool wanted) const {
    Expression kept = e;
    if (!wanted) {
      kept = Expression::Of(Expression::kNot, {std::move(kept)});
    }
    DropSpelling(&kept);
    Test test;
    test.op = TestOp::kExpression;
    test.any_field = true;
    test.expression = std::make_shared<const Expression>(std::move(kept));
    return Expr::Of(std::move(test), source_.RangeOf(e.span));
  }

  // The name of a field that can be looked up as it is; "" for others.
  static std::string FieldOf(const Expression& e) {
    if (e.kind != Expression::kField || e.field.has_index()) return {};
    // A null that stands for a value is none to plain tests.
    if (!e.value.is_null()) return {};
    return e.field.Name();
  }

  std::optional<Leaf> LowerLeaf(const Expression& e) const {
    switch (e.kind) {
      case Expression::kField: {
        const std::string field = FieldOf(e);
        if (field.empty()) return std::nullopt;
        std::vector<Expr> both;
        both.push_back(Expr::Not(BoolTest(field, true)));
        both.push_back(BoolTest(field, false));
        return Leaf{BoolTest(field, true), Expr::And(std::move(both))};
      }
      case Expression::kCompare:
        return LowerCompare(e);
      case Expression::kMatch:
        return LowerMatch(e);
      case Expression::kIn:
        return LowerIn(e);
      case Expression::kCall:
        return LowerCall(e);
      default:
        return std::nullopt;
    }
  }

  static Leaf Negated(Leaf leaf) {
    return {std::move(leaf.is_false), std::move(leaf.is_true)};
  }

  std::optional<Leaf> LowerCompare(const Expression& e) const {
    const bool literal_first = e.children[0].kind == Expression::kLiteral;
    const Expression& operand = e.children[literal_first ? 1 : 0];
    const Expression& literal = e.children[literal_first ? 0 : 1];
    const Operator op = literal_first ? Mirrored(e.op) : e.op;
    const std::string field = FieldOf(operand);
    if (field.empty() || literal.kind != Expression::kLiteral) {
      return std::nullopt;
    }
    if (literal.is_null()) {
      Leaf leaf = {IsNothing(field), IsSomething(field)};
      return op == Operator::kNe ? Negated(std::move(leaf)) : std::move(leaf);
    }
    if (operand.type == Type::kTime || operand.type == Type::kDuration) {
      return std::nullopt;
    }
    if (op == Operator::kEq || op == Operator::kNe) {
      const bool known = literal.value.is_string() ||
                         literal.value.is_number() ||
                         literal.value.kind == ValueKind::kBool;
      if (!known) return std::nullopt;
      Leaf leaf = WithValue(
          field, FieldEquals(field, literal.value, operand.type, e.folded));
      return op == Operator::kNe ? Negated(std::move(leaf)) : std::move(leaf);
    }
    const bool as_number =
        literal.value.is_number() ||
        (operand.type == Type::kNumber && literal.value.is_string());
    const std::optional<base::Number> number = base::NumberOf(literal.value);
    if (!as_number || !number) return std::nullopt;
    const ir::CompareOp compare = *OrderOf(op);
    std::vector<Expr> both;
    both.push_back(Expr::Not(NumberTest(field, compare, *number)));
    both.push_back(NumberTest(field, Opposite(compare), *number));
    return Leaf{NumberTest(field, compare, *number),
                Expr::And(std::move(both))};
  }

  std::optional<Leaf> LowerMatch(const Expression& e) const {
    const std::string field = FieldOf(e.children[0]);
    if (field.empty()) return std::nullopt;
    std::vector<Expr> any;
    for (size_t i = 1; i < e.children.size(); ++i) {
      const std::string& text = e.children[i].value.text;
      if (e.op == Operator::kRegex) {
        any.push_back(RegexTest(
            field, (e.folded ? "(?is)\\A(?:" : "(?s)\\A(?:") + text + ")\\z"));
      } else {
        any.push_back(PatternTest(field, WildcardPattern(text, e.folded)));
      }
    }
    return WithValue(field, Expr::Or(std::move(any)));
  }

  std::optional<Leaf> LowerIn(const Expression& e) const {
    const Expression& operand = e.children[0];
    const std::string field = FieldOf(operand);
    if (field.empty() || operand.type == Type::kTime) return std::nullopt;
    std::vector<Expr> any;
    for (size_t i = 1; i < e.children.size(); ++i) {
      if (e.children[i].kind != Expression::kLiteral) return std::nullopt;
      const Value& value = e.children[i].value;
      if (value.is_null()) continue;  // Equal to nothing.
      if (value.kind == ValueKind::kTime ||
          value.kind == ValueKind::kDuration) {
        return std::nullopt;
      }
      any.push_back(FieldEquals(field, value, operand.type, e.folded));
    }
    Leaf leaf = WithValue(field, Expr::Or(std::move(any)));
    return e.negated ? Negated(std::move(leaf)) : std::move(leaf);
  }

  std::optional<Leaf> LowerCall(const Expression& e) const {
    if (e.children.empty()) return std::nullopt;
    const std::string field = FieldOf(e.children[0]);
    if (field.empty()) return std::nullopt;
    if (e.name == "isNull") return Leaf{IsNothing(field), IsSomething(field)};
    std::vector<const Value*> literals;
    for (size_t i = 1; i < e.children.size(); ++i) {
      if (e.children[i].kind != Expression::kLiteral) return std::nullopt;
      if (!e.children[i].value.is_string()) return std::nullopt;
      literals.push_back(&e.children[i].value);
    }
    if (e.name == "cidrMatch") return InNetworks(field, literals);
    if (e.name == "isPrivate") {
      return InNetworks(
          field, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"});
    }
    if (e.name == "isLoopback") {
      return InNetworks(field, {"127.0.0.0/8", "::1/128"});
    }
    if (e.name == "isMulticast") {
      return InNetworks(field, {"224.0.0.0/4", "ff00::/8"});
    }
    if (e.name == "search" && literals.size() == 1) {
      return WithValue(field, RegexTest(field, (e.folded ? "(?is)" : "(?s)") +
                                                   literals[0]->text));
    }
    const bool at_start = e.name == "startsWith";
    const bool at_end = e.name == "endsWith";
    if (!at_start && !at_end && e.name != "stringContains") {
      return std::nullopt;
    }
    std::vector<Expr> any;
    for (const Value* literal : literals) {
      base::Pattern pattern = LiteralPattern(literal->text, e.folded);
      const PatternToken run = {PatternToken::kAnyRun, ""};
      if (!at_start) pattern.tokens.insert(pattern.tokens.begin(), run);
      if (!at_end) pattern.tokens.push_back(run);
      any.push_back(PatternTest(field, std::move(pattern)));
    }
    return WithValue(field, Expr::Or(std::move(any)));
  }

  static Leaf InNetworks(const std::string& field,
                         std::vector<base::IpNetwork> networks) {
    std::vector<base::IpNetwork> all = {*base::ParseIpNetwork("0.0.0.0/0"),
                                        *base::ParseIpNetwork("::/0")};
    Expr is_true = CidrTest(field, std::move(networks));
    std::vector<Expr> both;
    both.push_back(Expr::Not(is_true));
    both.push_back(CidrTest(field, std::move(all)));
    return {std::move(is_true), Expr::And(std::move(both))};
  }

  static Leaf InNetworks(const std::string& field,
                         const std::vector<const Value*>& literals) {
    std::vector<base::IpNetwork> networks;
    for (const Value* literal : literals) {
      networks.push_back(*base::ParseIpNetwork(literal->text));
    }
    return InNetworks(field, std::move(networks));
  }

  static Leaf InNetworks(const std::string& field,
                         std::initializer_list<const char*> literals) {
    std::vector<base::IpNetwork> networks;
    for (const char* literal : literals) {
      networks.push_back(*base::ParseIpNetwork(literal));
    }
    return InNetworks(field, std::move(networks));
  }

  const text::Source& source_;
};

}  // namespace

Expr FieldEquals(const std::string& field, const Value& value, Type type,
                 bool folded) {
  if (value.kind == ValueKind::kBool) return BoolTest(field, value.is_true());
  const std::optional<base::Number> number = base::NumberOf(value);
  if (value.is_number() || (type == Type::kNumber && number)) {
    return NumberTest(field, ir::CompareOp::kEq, *number);
  }
  if (type != Type::kIp) {
    return PatternTest(field, LiteralPattern(value.text, folded));
  }
  // An IPv4 address has one form and, written as IPv6, another; what has many
  // forms is compared as an address.
  const std::optional<base::IpNetwork> address =
      base::ParseIpNetwork(value.text);
  if (!address) return PatternTest(field, LiteralPattern(value.text, folded));
  if (value.text.find(':') != std::string::npos) {
    return CidrTest(field, {*address});
  }
  std::vector<Expr> forms;
  forms.push_back(PatternTest(field, LiteralPattern(value.text, false)));
  forms.push_back(
      PatternTest(field, LiteralPattern("::ffff:" + value.text, true)));
  return Expr::Or(std::move(forms));
}

Expr LowerTrue(const Expression& condition, const text::Source& source) {
  return Lowerer(source).Lower(condition, true);
}

Expr LowerFalse(const Expression& condition, const text::Source& source) {
  return Lowerer(source).Lower(condition, false);
}

}  // namespace tocsin::expression
