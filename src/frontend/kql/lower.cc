#include "src/frontend/kql/lower.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/ip_network.h"
#include "src/base/number.h"
#include "src/base/regex.h"
#include "src/frontend/kql/dates.h"
#include "src/frontend/kql/words.h"

namespace tocsin::kql {
namespace {

using base::PatternToken;
using ir::Expr;

ir::Test FieldTest(ir::TestOp op, const std::string& field) {
  ir::Test test;
  test.op = op;
  test.field = field;
  test.any_field = field.empty();
  return test;
}

Expr PatternTest(const std::string& field, const WildText& text, bool cased) {
  ir::Test test = FieldTest(ir::TestOp::kPattern, field);
  test.pattern.cased = cased;
  for (size_t i = 0; i < text.pieces.size(); ++i) {
    if (i > 0) test.pattern.tokens.push_back({PatternToken::kAnyRun, ""});
    if (text.pieces[i].empty()) continue;
    test.pattern.tokens.push_back({PatternToken::kLiteral, text.pieces[i]});
  }
  return Expr::Of(std::move(test));
}

// A value that is not null, or an object.
Expr Exists(const std::string& field) {
  WildText anything;
  anything.pieces = {"", ""};
  std::vector<Expr> either;
  either.push_back(Expr::Not(Expr::Of(FieldTest(ir::TestOp::kNull, field))));
  // An array may have a null among its elements.
  either.push_back(PatternTest(field, anything, true));
  return Expr::Or(std::move(either));
}

Expr NumberTest(const std::string& field, ir::CompareOp op,
                base::Number number) {
  ir::Test test = FieldTest(ir::TestOp::kCompare, field);
  test.compare = op;
  test.number = std::move(number);
  return Expr::Of(std::move(test));
}

Expr BoolTest(const std::string& field, bool flag) {
  ir::Test test = FieldTest(ir::TestOp::kBool, field);
  test.flag = flag;
  return Expr::Of(std::move(test));
}

Expr RegexTest(const std::string& field, std::string regex) {
  ir::Test test = FieldTest(ir::TestOp::kRegex, field);
  test.regex = std::move(regex);
  return Expr::Of(std::move(test));
}

Expr CidrTest(const std::string& field, std::vector<base::IpNetwork> networks) {
  if (networks.empty()) return Expr::False();
  ir::Test test = FieldTest(ir::TestOp::kCidr, field);
  test.networks = std::move(networks);
  return Expr::Of(std::move(test));
}

Expr ExpressionTest(ir::Expression expression) {
  ir::Test test = FieldTest(ir::TestOp::kExpression, "");
  test.expression =
      std::make_shared<const ir::Expression>(std::move(expression));
  return Expr::Of(std::move(test));
}

// A text in which `regex` is found. What must stand there in any case is a test
// of its own, for which there are guards.
Expr Found(const std::string& field, const WildText& literals,
           std::string regex) {
  std::vector<Expr> both;
  WildText inside = literals;
  inside.pieces.insert(inside.pieces.begin(), "");
  inside.pieces.emplace_back();
  both.push_back(PatternTest(field, inside, false));
  both.push_back(RegexTest(field, std::move(regex)));
  return Expr::And(std::move(both));
}

Expr PhraseTest(const std::string& field,
                const std::vector<std::string>& words) {
  WildText literals;
  literals.pieces = words;
  return Found(field, literals, PhraseRegex(words));
}

// One value by its words, in `field` or, if that is "", in any.
Expr WordsTest(const std::string& field, const Value& value) {
  if (value.kind == Value::kWild) {
    const bool open = value.text.pieces.size() == 3 &&
                      value.text.pieces.front().empty() &&
                      value.text.pieces.back().empty();
    if (open) return PatternTest(field, value.text, false);
    return Found(field, value.text, WildRegex(value.text));
  }
  const std::vector<std::string> words = WordsOf(value.text.Text());
  if (words.empty()) return Expr::False();
  if (value.quoted) return PhraseTest(field, words);
  std::vector<Expr> any;
  for (const std::string& word : words) {
    any.push_back(PhraseTest(field, {word}));
  }
  return Expr::Or(std::move(any));
}

// Addresses in order: those of IPv4 lie among the others as ::ffff:a.b.c.d.
std::vector<base::IpNetwork> NetworksOf(RangeOp op,
                                        const base::IpAddress& address) {
  base::IpAddress lowest;
  base::IpAddress highest;
  highest.bytes.fill(0xFF);
  base::IpAddress bound = address;
  switch (op) {
    case RangeOp::kLt:
      if (address == lowest) return {};
      base::StepBack(&bound);
      return base::NetworksBetween(lowest, bound);
    case RangeOp::kLe:
      return base::NetworksBetween(lowest, bound);
    case RangeOp::kGt:
      if (address == highest) return {};
      base::StepOn(&bound);
      return base::NetworksBetween(bound, highest);
    case RangeOp::kGe:
      return base::NetworksBetween(bound, highest);
  }
  return {};
}

class Lowerer {
 public:
  Lowerer(const FieldTypes& types, text::Reporter* reporter)
      : types_(types), reporter_(*reporter), expressions_(types) {}

  Expr Lower(const Node& node) {
    switch (node.kind) {
      case Node::kAll:
      case Node::kError:
        return Expr::True();
      case Node::kAnd:
      case Node::kOr: {
        std::vector<Expr> children;
        for (const Node& child : node.children) {
          children.push_back(Lower(child));
        }
        return node.kind == Node::kAnd ? Expr::And(std::move(children))
                                       : Expr::Or(std::move(children));
      }
      case Node::kNot:
        return Expr::Not(Lower(node.children[0]));
      case Node::kIs:
      case Node::kRange:
      case Node::kFree:
      case Node::kNested: {
        Expr expr = LowerTest(node);
        CountRegexes(expr, node);
        expr.range = reporter_.source().RangeOf(node.span);
        return expr;
      }
    }
    return Expr::True();
  }

 private:
  // Many words, or long ones with many stars, would ask for much memory.
  void CountRegexes(const Expr& expr, const Node& node) {
    if (regex_budget_ < 0) return;
    for (const Expr& child : expr.children) CountRegexes(child, node);
    if (expr.kind != Expr::kTest || expr.test.op != ir::TestOp::kRegex) return;
    const RE2 regex(expr.test.regex, base::RegexOptions());
    regex_budget_ -= regex.ok() ? regex.ProgramSize() : kRegexBudget + 1;
    if (regex_budget_ >= 0) return;
    reporter_.Error("T506", reporter_.source().RangeOf(node.value.span),
                    "there are too many words to look for",
                    "a field that is compared as a whole takes more");
  }

  Expr LowerTest(const Node& node) {
    if (node.kind == Node::kNested) {
      CheckNested(node, "");
      return ExpressionTest(expressions_.Nested(node));
    }
    if (node.kind == Node::kFree) {
      if (node.value.text.is_star()) return Expr::True();
      Expr expr = WordsTest("", node.value);
      if (expr.kind == Expr::kFalse) WarnOfNoWord(node);
      return expr;
    }
    const WildText& name = node.field->name;
    if (name.is_star() && node.kind == Node::kIs && node.value.text.is_star()) {
      return Expr::True();
    }
    if (!Check(node, name)) return Expr::False();
    if (name.has_star()) {
      // Without knowing all fields, what is known of a few says nothing of the
      // others; but `hash.*` may be known as a whole.
      FieldType type = types_.Of(name.Text());
      if (types_.closed()) {
        const std::vector<FieldType> types = types_.Matching(name);
        type = types.size() == 1 ? types[0] : FieldType::kAny;
      }
      return ExpressionTest(expressions_.OfMany(node, type));
    }
    const FieldType type = types_.Of(name.Text());
    return node.kind == Node::kRange ? LowerRange(node, type)
                                     : LowerIs(node, type);
  }

  // Whether a field of this name, full as it is in the event, can hold the
  // value.
  bool Check(const Node& node, const WildText& name) {
    std::vector<FieldType> types;
    if (name.has_star() && types_.closed()) {
      types = types_.Matching(name);
    } else if (types_.Knows(name.Text())) {
      types = {types_.Of(name.Text())};
    }
    if (types.empty() && types_.closed()) {
      Tell("T504", node.field->span,
           "there is no field " + text::Quoted(name.Text()));
      return false;
    }
    std::string misfit;
    for (const FieldType type : types) {
      if (misfit.empty()) misfit = Misfit(node, type);
    }
    if (misfit.empty()) return true;
    Tell("T503", node.value.span,
         text::Quoted(name.Text()) + " holds " + misfit);
    return false;
  }

  // In a closed table an error, else the test is never true.
  void Tell(std::string_view code, text::Span span, std::string message) {
    const text::Range range = reporter_.source().RangeOf(span);
    if (types_.closed()) {
      reporter_.Error(code, range, std::move(message));
    } else {
      reporter_.Warning(code, range, std::move(message),
                        "this test is never true");
    }
  }

  void WarnOfNoWord(const Node& node) {
    reporter_.Warning("T505", reporter_.source().RangeOf(node.value.span),
                      text::Quoted(node.value.text.Text()) +
                          " has no letter or digit to look for",
                      "this test is never true");
  }

  // "a number, found `x`"; "" if the type can hold the value.
  static std::string Misfit(const Node& node, FieldType type) {
    const Value& value = node.value;
    if (node.kind == Node::kIs &&
        (value.text.is_star() || value.kind == Value::kNull)) {
      return {};
    }
    const std::string text = value.text.Text();
    bool fits = true;
    switch (type) {
      case FieldType::kAny:
      case FieldType::kKeyword:
      case FieldType::kText:
      case FieldType::kVersion:
        break;
      case FieldType::kNumber:
        fits = !value.text.has_star() && base::ParseNumber(text);
        break;
      case FieldType::kBoolean:
        fits = node.kind == Node::kIs && (text == "true" || text == "false");
        break;
      case FieldType::kDate:
        fits = !value.text.has_star() && ParseDate(text);
        break;
      case FieldType::kIp:
        fits =
            !value.text.has_star() &&
            (node.kind == Node::kIs ? base::ParseIpNetwork(text).has_value()
                                    : base::ParseIpAddress(text).has_value());
        break;
      case FieldType::kObject:
      case FieldType::kNested:
        fits = false;
        break;
    }
    if (fits) return {};
    return std::string(Describe(type)) + ", found " + text::Quoted(text);
  }

  // Everything below an object is checked before it becomes an expression.
  void CheckNested(const Node& node, const std::string& path) {
    if (node.kind == Node::kFree) return;
    if (node.field == nullptr) {
      for (const Node& child : node.children) CheckNested(child, path);
      return;
    }
    WildText full = node.field->name;
    if (!path.empty()) full.pieces[0] = path + "." + full.pieces[0];
    if (node.kind != Node::kNested) {
      Check(node, full);
      return;
    }
    const std::string name = full.Text();
    const FieldType type = types_.Of(name);
    if (types_.closed() && !types_.Knows(name)) {
      Tell("T504", node.field->span, "there is no field " + text::Quoted(name));
    } else if (type != FieldType::kAny && type != FieldType::kNested &&
               type != FieldType::kObject) {
      Tell("T503", node.field->span,
           text::Quoted(name) + " holds " + std::string(Describe(type)) +
               ", not objects");
    }
    for (const Node& child : node.children) CheckNested(child, name);
  }

  Expr LowerIs(const Node& node, FieldType type) {
    const std::string field = node.field->name.Text();
    const Value& value = node.value;
    const std::string text = value.text.Text();
    if (value.text.is_star()) return Exists(field);
    if (value.kind == Value::kNull && type != FieldType::kText) {
      return Expr::Not(Exists(field));
    }
    switch (type) {
      case FieldType::kText: {
        Expr expr = WordsTest(field, value);
        if (expr.kind == Expr::kFalse) WarnOfNoWord(node);
        return expr;
      }
      case FieldType::kNumber:
        return NumberTest(field, ir::CompareOp::kEq, *base::ParseNumber(text));
      case FieldType::kBoolean:
        return BoolTest(field, text == "true");
      case FieldType::kDate:
        return ExpressionTest(Typed(node, type));
      case FieldType::kIp:
        return IpTest(field, text);
      case FieldType::kAny:
        return PlainTest(field, value);
      default:
        return PatternTest(field, value.text, true);
    }
  }

  // By the form of the value.
  static Expr PlainTest(const std::string& field, const Value& value) {
    const std::string text = value.text.Text();
    if (value.kind == Value::kNumber) {
      return NumberTest(field, ir::CompareOp::kEq, *base::ParseNumber(text));
    }
    if (value.kind != Value::kWild && (text == "true" || text == "false")) {
      return BoolTest(field, text == "true");
    }
    if (value.kind == Value::kText && base::ParseIpNetwork(text)) {
      return IpTest(field, text);
    }
    return PatternTest(field, value.text, true);
  }

  // An IPv4 address has one form and, written as IPv6, another; what has many
  // forms is compared as an address.
  static Expr IpTest(const std::string& field, const std::string& text) {
    WildText literal;
    literal.pieces = {text};
    std::vector<Expr> forms;
    const base::IpNetwork network = *base::ParseIpNetwork(text);
    if (text.find('/') != std::string::npos ||
        text.find(':') != std::string::npos) {
      return CidrTest(field, {network});
    }
    forms.push_back(PatternTest(field, literal, true));
    literal.pieces = {"::ffff:" + text};
    forms.push_back(PatternTest(field, literal, false));
    return Expr::Or(std::move(forms));
  }

  Expr LowerRange(const Node& node, FieldType type) {
    const std::string field = node.field->name.Text();
    const std::string text = node.value.text.Text();
    const bool plain = type == FieldType::kAny;
    if (type == FieldType::kNumber ||
        (plain && node.value.kind == Value::kNumber)) {
      constexpr ir::CompareOp kOps[] = {ir::CompareOp::kLt, ir::CompareOp::kLe,
                                        ir::CompareOp::kGt, ir::CompareOp::kGe};
      return NumberTest(field, kOps[static_cast<int>(node.op)],
                        *base::ParseNumber(text));
    }
    const std::optional<base::IpAddress> address = base::ParseIpAddress(text);
    if ((type == FieldType::kIp || plain) && address) {
      return CidrTest(field, NetworksOf(node.op, *address));
    }
    return ExpressionTest(Typed(node, type));
  }

  static ir::Expression Typed(const Node& node, FieldType type) {
    ir::Expression field;
    field.kind = ir::Expression::kField;
    field.field.parts.push_back({node.field->name.Text(), {}});
    return ExpressionLowerer::Test(node, std::move(field), type);
  }

  // Instructions of the regular expressions of one query.
  static constexpr int64_t kRegexBudget = 1'000'000;

  const FieldTypes& types_;
  text::Reporter& reporter_;
  ExpressionLowerer expressions_;
  int64_t regex_budget_ = kRegexBudget;
};

}  // namespace

Expr Lower(const Node& node, const FieldTypes& types,
           text::Reporter* reporter) {
  return Lowerer(types, reporter).Lower(node);
}

}  // namespace tocsin::kql
