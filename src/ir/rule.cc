#include "src/ir/rule.h"

#include <re2/re2.h>

#include "src/base/regex.h"

namespace tocsin::ir {
namespace {

std::string CheckPattern(const base::Pattern& pattern) {
  using base::PatternToken;
  const PatternToken* last = nullptr;
  for (const PatternToken& token : pattern.tokens) {
    const bool has_text = token.kind == PatternToken::kLiteral ||
                          token.kind == PatternToken::kOneOf;
    if (has_text && token.text.empty()) return "an empty pattern token";
    if (!has_text && !token.text.empty()) return "a wildcard with text";
    if (last != nullptr && last->kind == PatternToken::kLiteral &&
        token.kind == PatternToken::kLiteral) {
      return "neighbouring literals";
    }
    last = &token;
  }
  return {};
}

std::string CheckTest(const Test& test) {
  if (test.any_field != test.field.empty()) {
    return "a test needs a field, or any_field";
  }
  switch (test.op) {
    case TestOp::kPattern:
      return CheckPattern(test.pattern);
    case TestOp::kRegex: {
      const RE2 regex(test.regex, base::RegexOptions());
      return regex.ok() ? "" : "regex does not compile: " + regex.error();
    }
    case TestOp::kCidr:
      return test.networks.empty() ? "a cidr test without networks" : "";
    case TestOp::kNull:
    case TestOp::kExists:
      return test.any_field ? "a test of presence on any field" : "";
    case TestOp::kFieldRef:
      if (test.any_field) return "a field reference on any field";
      return test.other_field.empty() ? "a field reference without field" : "";
    case TestOp::kTimePart:
      return test.any_field ? "a time part of any field" : "";
    case TestOp::kExpression:
      if (!test.any_field) return "an expression of one field";
      return test.expression == nullptr ? "an expression that is not there"
                                        : "";
    case TestOp::kCompare:
    case TestOp::kBool:
      return {};
  }
  return "an unknown test";
}

std::string CheckExpr(const Expr& expr, int depth) {
  if (depth > kMaxDepth) return "nested too deep";
  const bool leaf = expr.kind == Expr::kTrue || expr.kind == Expr::kFalse ||
                    expr.kind == Expr::kTest;
  if (leaf && !expr.children.empty()) return "a leaf with children";
  if (expr.kind == Expr::kNot && expr.children.size() != 1) {
    return "a `not` without exactly one child";
  }
  if (expr.kind == Expr::kTest) return CheckTest(expr.test);
  for (const Expr& child : expr.children) {
    std::string problem = CheckExpr(child, depth + 1);
    if (!problem.empty()) return problem;
  }
  return {};
}

}  // namespace

std::string Print(const Rule& rule) {
  std::string out = "log_source:";
  const LogSource& source = rule.info.log_source;
  if (!source.product.empty()) out += " product=" + source.product;
  if (!source.category.empty()) out += " category=" + source.category;
  if (!source.service.empty()) out += " service=" + source.service;
  if (source == LogSource()) out += " any";
  return out + '\n' + Print(rule.condition);
}

std::string Verify(const Rule& rule) { return CheckExpr(rule.condition, 1); }

}  // namespace tocsin::ir
