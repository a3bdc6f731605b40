#include "tests/reference/build.h"

#include <utility>

namespace tocsin::reference {
namespace {

using base::PatternToken;

ir::Test On(std::string field, ir::TestOp op) {
  ir::Test test;
  test.op = op;
  test.field = std::move(field);
  return test;
}

}  // namespace

base::Pattern Glob(std::string_view glob) {
  base::Pattern pattern;
  for (const char c : glob) {
    if (c == '*') {
      pattern.tokens.push_back({PatternToken::kAnyRun, ""});
    } else if (c == '?') {
      pattern.tokens.push_back({PatternToken::kAnyOne, ""});
    } else if (!pattern.tokens.empty() &&
               pattern.tokens.back().kind == PatternToken::kLiteral) {
      pattern.tokens.back().text += c;
    } else {
      pattern.tokens.push_back({PatternToken::kLiteral, std::string(1, c)});
    }
  }
  return pattern;
}

base::Pattern CasedGlob(std::string_view glob) {
  base::Pattern pattern = Glob(glob);
  pattern.cased = true;
  return pattern;
}

ir::Expr Text(std::string field, std::string_view glob) {
  ir::Test test = On(std::move(field), ir::TestOp::kPattern);
  test.pattern = Glob(glob);
  return ir::Expr::Of(std::move(test));
}

ir::Expr CasedText(std::string field, std::string_view glob) {
  ir::Test test = On(std::move(field), ir::TestOp::kPattern);
  test.pattern = CasedGlob(glob);
  return ir::Expr::Of(std::move(test));
}

ir::Expr Keyword(std::string_view glob) {
  ir::Test test = On("", ir::TestOp::kPattern);
  test.any_field = true;
  test.pattern = Glob(glob);
  return ir::Expr::Of(std::move(test));
}

ir::Expr Compare(std::string field, ir::CompareOp op, std::string_view number) {
  ir::Test test = On(std::move(field), ir::TestOp::kCompare);
  test.compare = op;
  test.number = *base::ParseNumber(number);
  return ir::Expr::Of(std::move(test));
}

ir::Expr NumberIs(std::string field, std::string_view number) {
  return Compare(std::move(field), ir::CompareOp::kEq, number);
}

ir::Expr BoolIs(std::string field, bool flag) {
  ir::Test test = On(std::move(field), ir::TestOp::kBool);
  test.flag = flag;
  return ir::Expr::Of(std::move(test));
}

ir::Expr Regex(std::string field, std::string regex) {
  ir::Test test = On(std::move(field), ir::TestOp::kRegex);
  test.regex = std::move(regex);
  return ir::Expr::Of(std::move(test));
}

ir::Expr Cidr(std::string field, std::initializer_list<const char*> networks) {
  ir::Test test = On(std::move(field), ir::TestOp::kCidr);
  for (const char* network : networks) {
    test.networks.push_back(*base::ParseIpNetwork(network));
  }
  return ir::Expr::Of(std::move(test));
}

ir::Expr Null(std::string field) {
  return ir::Expr::Of(On(std::move(field), ir::TestOp::kNull));
}

ir::Expr Exists(std::string field, bool flag) {
  ir::Test test = On(std::move(field), ir::TestOp::kExists);
  test.flag = flag;
  return ir::Expr::Of(std::move(test));
}

ir::Expr FieldRef(std::string field, ir::FieldRelation relation,
                  std::string other, bool cased) {
  ir::Test test = On(std::move(field), ir::TestOp::kFieldRef);
  test.relation = relation;
  test.other_field = std::move(other);
  test.cased = cased;
  return ir::Expr::Of(std::move(test));
}

ir::Expr TimePart(std::string field, ir::TimePart part, std::string_view number,
                  ir::CompareOp op) {
  ir::Test test = On(std::move(field), ir::TestOp::kTimePart);
  test.part = part;
  test.compare = op;
  test.number = *base::ParseNumber(number);
  return ir::Expr::Of(std::move(test));
}

ir::Expr Labelled(std::string label, ir::Expr expr) {
  expr.label = std::move(label);
  return expr;
}

ir::Rule RuleOf(ir::Expr condition) {
  ir::Rule rule;
  rule.condition = std::move(condition);
  rule.info.title = "Test";
  return rule;
}

}  // namespace tocsin::reference
