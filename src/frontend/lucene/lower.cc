#include "src/frontend/lucene/lower.h"

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/base/ip_network.h"
#include "src/base/number.h"
#include "src/base/regex.h"
#include "src/base/utf8.h"
#include "src/frontend/kql/dates.h"
#include "src/frontend/kql/lower.h"
#include "src/frontend/kql/words.h"
#include "src/frontend/lucene/lucene.h"
#include "src/frontend/lucene/parser.h"
#include "src/frontend/lucene/regex.h"

namespace tocsin::lucene {
namespace {

using base::PatternToken;
using ir::Expr;
using kql::FieldType;

// Instructions of the regular expressions of one query.
constexpr int64_t kRegexBudget = 1'000'000;

bool HasAnyOne(const base::Pattern& pattern) {
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind == PatternToken::kAnyOne) return true;
  }
  return false;
}

// A pattern without `?`, as KQL has it.
kql::WildText ToWildText(const base::Pattern& pattern) {
  kql::WildText text;
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind == PatternToken::kAnyRun) {
      text.pieces.emplace_back();
    } else {
      text.pieces.back() += token.text;
    }
  }
  return text;
}

kql::Value ValueOf(std::string text, bool quoted, text::Span span) {
  kql::Value value;
  value.quoted = quoted;
  value.span = span;
  if (base::ParseNumber(text)) {
    value.kind = kql::Value::kNumber;
  } else if (!quoted && (text == "true" || text == "false")) {
    value.kind = kql::Value::kBool;
  }
  value.text.pieces = {std::move(text)};
  return value;
}

ir::Expression Variable(std::string name) {
  ir::Expression field;
  field.kind = ir::Expression::kField;
  field.field.parts.push_back({std::move(name), {}});
  return field;
}

class Lowerer {
 public:
  Lowerer(const kql::FieldTypes& types, text::Reporter* reporter)
      : types_(types), reporter_(*reporter) {}

  Expr Lower(const Node& node) {
    switch (node.kind) {
      case Node::kAll:
        return Expr::True();
      case Node::kNone:
        return Expr::False();
      case Node::kClauses:
        return LowerClauses(node);
      case Node::kTerm:
        return LowerTerm(node);
      case Node::kWildcard:
        return LowerWildcard(node);
      case Node::kRegex:
        return LowerRegex(node);
      case Node::kRange:
        return LowerRange(node);
      case Node::kExists: {
        kql::Value star;
        star.kind = kql::Value::kWild;
        star.text.pieces = {"", ""};
        star.span = node.span;
        return LowerKql(KqlNode(node, kql::Node::kIs, std::move(star)));
      }
    }
    return Expr::True();
  }

 private:
  Expr LowerClauses(const Node& node) {
    std::vector<Expr> all;
    std::vector<Expr> optional;
    const Node* idle = nullptr;
    bool has_wanted = false;
    for (const Clause& clause : node.clauses) {
      has_wanted |= clause.occur == Occur::kMust;
    }
    for (const Clause& clause : node.clauses) {
      Expr expr = Lower(clause.node);
      switch (clause.occur) {
        case Occur::kMust:
          all.push_back(std::move(expr));
          break;
        case Occur::kMustNot:
          all.push_back(Expr::Not(std::move(expr)));
          break;
        case Occur::kShould:
          if (idle == nullptr) idle = &clause.node;
          optional.push_back(std::move(expr));
          break;
      }
    }
    if (has_wanted && idle != nullptr) {
      reporter_.Warning("T525", reporter_.source().RangeOf(idle->span),
                        "this part decides nothing: others are wanted, and "
                        "this one is optional",
                        "AND and OR are no logic here: set brackets around "
                        "what belongs together");
    }
    if (!has_wanted && !optional.empty()) {
      all.push_back(Expr::Or(std::move(optional)));
    }
    return Expr::And(std::move(all));
  }

  kql::Node KqlNode(const Node& node, kql::Node::Kind kind,
                    kql::Value value) const {
    kql::Node test;
    test.kind = node.has_field ? kind : kql::Node::kFree;
    if (node.has_field) {
      test.field = std::make_shared<const kql::Field>(node.field);
    }
    test.value = std::move(value);
    test.span = node.span;
    return test;
  }

  Expr LowerKql(const kql::Node& node) {
    Expr expr = kql::Lower(node, types_, &reporter_);
    CountRegexes(expr, node.span);
    return expr;
  }

  void CountRegexes(const Expr& expr, text::Span span) {
    if (regex_budget_ < 0) return;
    for (const Expr& child : expr.children) CountRegexes(child, span);
    if (expr.kind != Expr::kTest || expr.test.op != ir::TestOp::kRegex) return;
    const RE2 regex(expr.test.regex, base::RegexOptions());
    regex_budget_ -= regex.ok() ? regex.ProgramSize() : kRegexBudget + 1;
    if (regex_budget_ >= 0) return;
    reporter_.Error("T524", reporter_.source().RangeOf(span),
                    "there is too much to look for in this query",
                    "a field that is compared as a whole takes less");
  }

  Expr LowerTerm(const Node& node) {
    return LowerKql(KqlNode(node, kql::Node::kIs,
                            ValueOf(node.text, node.quoted, node.span)));
  }

  // The type of the field; with stars in its name, if all that is known of
  // them is one.
  FieldType TypeOf(const Node& node) const {
    if (!node.has_field) return FieldType::kText;
    return types_.Of(node.field.name.Text());
  }

  Expr LowerWildcard(const Node& node) {
    if (!HasAnyOne(node.pattern)) {
      kql::Value value;
      value.kind = kql::Value::kWild;
      value.text = ToWildText(node.pattern);
      value.span = node.span;
      return LowerKql(KqlNode(node, kql::Node::kIs, std::move(value)));
    }
    const FieldType type = TypeOf(node);
    if (type != FieldType::kText && node.has_field &&
        !node.field.name.has_star()) {
      if (!HoldsText(node, type)) return Expr::False();
      ir::Test test = TestOf(node, ir::TestOp::kPattern);
      test.pattern = node.pattern;
      test.pattern.cased = true;
      return Expr::Of(std::move(test), Range(node));
    }
    std::string regex;
    for (const PatternToken& token : node.pattern.tokens) {
      switch (token.kind) {
        case PatternToken::kAnyRun:
          regex += ".*";
          break;
        case PatternToken::kAnyOne:
          regex += '.';
          break;
        default:
          regex += RE2::QuoteMeta(token.text);
      }
    }
    return OfRegex(node, type, std::move(regex));
  }

  Expr LowerRegex(const Node& node) {
    RegexResult result = TranslateRegex(node.text, /*operators=*/true);
    if (!result.problem.empty()) {
      reporter_.Error("T522", Range(node),
                      "this regular expression " + result.problem,
                      "regular expressions run in linear time here, with what "
                      "RE2 has");
      return Expr::False();
    }
    return OfRegex(node, TypeOf(node), std::move(result.regex));
  }

  // `regex` matches the whole of a value or, of texts, of a word.
  Expr OfRegex(const Node& node, FieldType type, std::string regex) {
    if (!HoldsText(node, type)) return Expr::False();
    if (node.has_field && node.field.name.has_star()) {
      return OfMany(node, type, std::move(regex));
    }
    ir::Test test = TestOf(node, ir::TestOp::kRegex);
    if (type == FieldType::kText) {
      test.regex = kql::WordRegex(regex);
    } else {
      test.regex = "(?s)\\A(?:" + regex + ")\\z";
    }
    Expr expr = Expr::Of(std::move(test), Range(node));
    CountRegexes(expr, node.span);
    return expr;
  }

  // Any field of such a name.
  static Expr OfMany(const Node& node, FieldType type, std::string regex) {
    std::vector<ir::Expression> arguments;
    arguments.push_back(Variable("event"));
    arguments.push_back(
        ir::Expression::Literal(base::Value::String(node.field.name.Text())));
    ir::Expression values =
        ir::Expression::Of(ir::Expression::kCall, std::move(arguments));
    values.name = "valuesAt";
    std::vector<ir::Expression> match;
    match.push_back(std::move(values));
    match.push_back(ir::Expression::Literal(base::Value::String(
        type == FieldType::kText ? ".*" + kql::WordRegex(regex) + ".*"
                                 : std::move(regex))));
    ir::Expression test =
        ir::Expression::Of(ir::Expression::kMatch, std::move(match));
    test.op = ir::Operator::kRegex;
    std::vector<ir::Expression> both;
    both.push_back(Variable(""));
    both.push_back(std::move(test));
    ir::Expression some =
        ir::Expression::Of(ir::Expression::kSome, std::move(both));
    some.name = "event";
    return OfExpression(std::move(some));
  }

  bool HoldsText(const Node& node, FieldType type) {
    switch (type) {
      case FieldType::kNumber:
      case FieldType::kBoolean:
      case FieldType::kDate:
      case FieldType::kIp:
      case FieldType::kObject:
      case FieldType::kNested:
        reporter_.Warning("T503", Range(node),
                          text::Quoted(node.field.name.Text()) + " holds " +
                              std::string(kql::Describe(type)) +
                              ", and patterns are for text",
                          "this test is never true");
        return false;
      default:
        return true;
    }
  }

  Expr LowerRange(const Node& node) {
    if (node.low.is_open && node.high.is_open) {
      Node exists = node;
      exists.kind = node.has_field ? Node::kExists : Node::kAll;
      return Lower(exists);
    }
    if (!node.has_field) {
      reporter_.Error("T520", Range(node), "a range needs a field",
                      "write `field:[1 TO 5]`");
      return Expr::False();
    }
    std::vector<kql::Node> bounds;
    for (const Bound* bound : {&node.low, &node.high}) {
      if (bound->is_open) continue;
      kql::Node test = KqlNode(node, kql::Node::kRange,
                               ValueOf(bound->text, false, bound->span));
      test.op =
          bound == &node.low
              ? (bound->inclusive ? kql::RangeOp::kGe : kql::RangeOp::kGt)
              : (bound->inclusive ? kql::RangeOp::kLe : kql::RangeOp::kLt);
      bounds.push_back(std::move(test));
    }
    const FieldType type = TypeOf(node);
    if (bounds.size() == 2) {
      const auto low = base::ParseIpAddress(node.low.text);
      const auto high = base::ParseIpAddress(node.high.text);
      const bool addresses =
          (type == FieldType::kIp || type == FieldType::kAny) && low && high &&
          !node.field.name.has_star();
      if (addresses) return Between(node, *low, *high);
    }
    std::vector<Expr> all;
    const int errors = reporter_.errors();
    for (const kql::Node& bound : bounds) all.push_back(LowerKql(bound));
    const bool usable = reporter_.errors() == errors && bounds.size() == 2 &&
                        all[0].kind != Expr::kFalse &&
                        all[1].kind != Expr::kFalse &&
                        !node.field.name.has_star();
    if (!usable) return Expr::And(std::move(all));
    // Of an array one element lies between both ends.
    std::vector<ir::Expression> both;
    for (const kql::Node& bound : bounds) {
      both.push_back(
          kql::ExpressionLowerer::Test(bound, Variable("element"), type));
    }
    std::vector<ir::Expression> parts;
    parts.push_back(Variable(node.field.name.Text()));
    parts.push_back(ir::Expression::Of(ir::Expression::kAnd, std::move(both)));
    ir::Expression some =
        ir::Expression::Of(ir::Expression::kSome, std::move(parts));
    some.name = "element";
    all.push_back(OfExpression(std::move(some)));
    return Expr::And(std::move(all));
  }

  Expr Between(const Node& node, base::IpAddress low, base::IpAddress high) {
    const base::IpAddress lowest;
    base::IpAddress highest;
    highest.bytes.fill(0xFF);
    const bool nothing = (!node.low.inclusive && low == highest) ||
                         (!node.high.inclusive && high == lowest);
    if (nothing) return Expr::False();
    if (!node.low.inclusive) base::StepOn(&low);
    if (!node.high.inclusive) base::StepBack(&high);
    ir::Test test = TestOf(node, ir::TestOp::kCidr);
    test.networks = base::NetworksBetween(low, high);
    if (test.networks.empty()) return Expr::False();
    return Expr::Of(std::move(test), Range(node));
  }

  static Expr OfExpression(ir::Expression expression) {
    ir::Test test;
    test.op = ir::TestOp::kExpression;
    test.any_field = true;
    test.expression =
        std::make_shared<const ir::Expression>(std::move(expression));
    return Expr::Of(std::move(test));
  }

  static ir::Test TestOf(const Node& node, ir::TestOp op) {
    ir::Test test;
    test.op = op;
    if (node.has_field) test.field = node.field.name.Text();
    test.any_field = !node.has_field;
    return test;
  }

  text::Range Range(const Node& node) const {
    return reporter_.source().RangeOf(node.span);
  }

  const kql::FieldTypes& types_;
  text::Reporter& reporter_;
  int64_t regex_budget_ = kRegexBudget;
};

}  // namespace

Expr Lower(const Node& node, const kql::FieldTypes& types,
           text::Reporter* reporter) {
  return Lowerer(types, reporter).Lower(node);
}

std::optional<ir::Expr> Compile(text::Span span, const kql::FieldTypes& types,
                                text::Reporter* reporter) {
  const int before = reporter->errors();
  if (!base::IsValidUtf8(reporter->source().Slice(span))) {
    reporter->Error("T520",
                    reporter->source().RangeOf({span.begin, span.begin}),
                    "the query is not UTF-8");
    return std::nullopt;
  }
  const Node tree = Parse(span, reporter);
  if (reporter->errors() > before) return std::nullopt;
  Expr condition = Lower(tree, types, reporter);
  if (reporter->errors() > before) return std::nullopt;
  return condition;
}

}  // namespace tocsin::lucene
