#include "src/ir/predicate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/ir/rule.h"

namespace tocsin::ir {
namespace {

using base::PatternToken;
using ::testing::HasSubstr;

Expr Literal(std::string field, std::string text) {
  ir::Test test;
  test.field = std::move(field);
  test.pattern.tokens = {{PatternToken::kLiteral, std::move(text)}};
  return Expr::Of(std::move(test));
}

TEST(ExprTest, OneChildIsReturnedAsItIs) {
  EXPECT_EQ(Print(Expr::And({Literal("a", "x")})), "a is \"x\"\n");
}

TEST(ExprTest, NoChildrenOfAndIsTrueOfOrIsFalse) {
  EXPECT_EQ(Print(Expr::And({})), "true\n");
  EXPECT_EQ(Print(Expr::Or({})), "false\n");
}

TEST(ExprTest, ChildrenOfTheSameKindAreFlattenedUnlessLabelled) {
  Expr labelled = Expr::And({Literal("a", "1"), Literal("b", "2")});
  Expr plain = labelled;
  labelled.label = "selection";
  EXPECT_EQ(Print(Expr::And({plain, labelled, Literal("c", "3")})),
            "and\n"
            "  a is \"1\"\n"
            "  b is \"2\"\n"
            "  and  #selection\n"
            "    a is \"1\"\n"
            "    b is \"2\"\n"
            "  c is \"3\"\n");
}

TEST(PrintTest, TellsWildcardsFromLiterals) {
  ir::Test test;
  test.field = "cs-uri query";
  test.pattern.tokens = {{PatternToken::kAnyRun, ""},
                         {PatternToken::kLiteral, "a*\\"},
                         {PatternToken::kAnyOne, ""},
                         {PatternToken::kOneOf, "-/"}};
  test.pattern.cased = true;
  EXPECT_EQ(Print(Expr::Of(test)),
            "\"cs-uri query\" is *\"a*\\\\\"?[-/] cased\n");
}

TEST(VerifyTest, FindsWhatAFrontEndMustNotDo) {
  Rule rule;
  rule.condition = Literal("a", "x");
  EXPECT_EQ(Verify(rule), "");
  rule.condition = Literal("", "x");
  EXPECT_THAT(Verify(rule), HasSubstr("needs a field"));
  rule.condition = Literal("a", "x");
  rule.condition.test.op = TestOp::kRegex;
  rule.condition.test.regex = "(";
  EXPECT_THAT(Verify(rule), HasSubstr("does not compile"));
  rule.condition.kind = Expr::kNot;
  EXPECT_THAT(Verify(rule), HasSubstr("exactly one child"));
  rule.condition = Literal("a", "x");
  for (int i = 0; i < kMaxDepth; ++i) {
    rule.condition = Expr::Not(std::move(rule.condition));
  }
  EXPECT_THAT(Verify(rule), HasSubstr("too deep"));
}

}  // namespace
}  // namespace tocsin::ir
