#include "src/plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/reference/build.h"

namespace tocsin::plan {
namespace {

using base::PatternToken;
using reference::And;
using reference::CasedText;
using reference::Cidr;
using reference::Exists;
using reference::FieldRef;
using reference::Keyword;
using reference::Labelled;
using reference::Not;
using reference::Null;
using reference::NumberIs;
using reference::Or;
using reference::Regex;
using reference::RuleOf;
using reference::Text;
using ::testing::ElementsAre;

std::unique_ptr<program::Program> PlanAll(std::vector<ir::Expr> conditions) {
  std::vector<ir::Rule> rules;
  for (ir::Expr& condition : conditions) {
    rules.push_back(RuleOf(std::move(condition)));
  }
  return Plan(std::move(rules));
}

std::string HashOf(ir::Rule rule) {
  std::vector<ir::Rule> rules;
  rules.push_back(std::move(rule));
  return Plan(std::move(rules))->infos[0].content_hash;
}

std::string HashOf(ir::Expr condition) {
  return HashOf(RuleOf(std::move(condition)));
}

TEST(PlannerTest, NoRulesMakeAnEmptyProgram) {
  const auto program = Plan({});
  EXPECT_TRUE(program->rules.empty());
  EXPECT_TRUE(program->tests.empty());
}

TEST(PlannerTest, RulesKeepTheirOrderAndInfos) {
  std::vector<ir::Rule> rules;
  rules.push_back(RuleOf(Text("a", "x")));
  rules.push_back(RuleOf(Text("b", "y")));
  rules[1].info.title = "Second";
  const auto program = Plan(std::move(rules));
  ASSERT_EQ(program->rules.size(), 2u);
  EXPECT_EQ(program->infos[1].title, "Second");
  EXPECT_NE(program->rules[0].root, program->rules[1].root);
}

TEST(PlannerTest, EqualTestsOfDifferentRulesAreOne) {
  const auto program =
      PlanAll({Text("Image", "*\\CMD.exe"),
               And({Text("Image", "*\\cmd.EXE"), Text("User", "kim")})});
  EXPECT_EQ(program->tests.size(), 2u);
  EXPECT_THAT(program->fields, ElementsAre("Image", "User"));
}

TEST(PlannerTest, TestsThatDifferInAnythingAreTwo) {
  const auto program =
      PlanAll({Text("F", "a"),
               CasedText("F", "a"),
               Text("G", "a"),
               Text("F", "a*"),
               Text("F", "?a"),
               Keyword("a"),
               NumberIs("F", "1"),
               NumberIs("F", "2"),
               reference::Compare("F", ir::CompareOp::kLt, "1"),
               Regex("F", "a"),
               Regex("F", "b"),
               Cidr("F", {"192.0.2.0/24"}),
               Cidr("F", {"192.0.2.0/25"}),
               Null("F"),
               Exists("F"),
               Exists("F", false),
               reference::BoolIs("F", true),
               reference::BoolIs("F", false),
               FieldRef("F", ir::FieldRelation::kEquals, "G"),
               FieldRef("F", ir::FieldRelation::kEquals, "G", true),
               FieldRef("F", ir::FieldRelation::kContains, "G"),
               reference::TimePart("F", ir::TimePart::kHour, "1"),
               reference::TimePart("F", ir::TimePart::kDay, "1")});
  EXPECT_EQ(program->tests.size(), program->rules.size());
}

TEST(PlannerTest, TextsThatReadAlikeInAKeyAreStillTwo) {
  const auto program = PlanAll({FieldRef("a1", ir::FieldRelation::kEquals, "b"),
                                FieldRef("a", ir::FieldRelation::kEquals, "1b"),
                                Text("a", "1;b"), Text("a1;", "b")});
  EXPECT_EQ(program->tests.size(), 4u);
}

TEST(PlannerTest, AFieldOfAReferenceIsAField) {
  const auto program =
      PlanAll({FieldRef("a", ir::FieldRelation::kEquals, "b")});
  ASSERT_THAT(program->fields, ElementsAre("a", "b"));
  EXPECT_EQ(program->fields[program->tests[0].other_field], "b");
}

TEST(PlannerTest, AKeywordHasNoField) {
  const auto program = PlanAll({Keyword("*a*")});
  EXPECT_EQ(program->tests[0].field, program::kAnyField);
  EXPECT_TRUE(program->fields.empty());
}

TEST(PlannerTest, LiteralsAreFoldedUnlessCased) {
  const auto program = PlanAll({Text("F", "ПРО*"), CasedText("F", "ПРО*")});
  EXPECT_EQ(program->tests[0].pattern.tokens[0].text, "про");
  EXPECT_EQ(program->tests[1].pattern.tokens[0].text, "ПРО");
}

TEST(PlannerTest, RunsSideBySideBecomeOne) {
  const auto program = PlanAll({Text("F", "a**b*"), Text("F", "a*b*")});
  EXPECT_EQ(program->tests.size(), 1u);
  EXPECT_EQ(program->tests[0].pattern.tokens.size(), 4u);
}

TEST(PlannerTest, EqualSubtreesAreOneNode) {
  const auto program = PlanAll({Not(Or({Text("F", "a"), Text("F", "b")})),
                                Not(Or({Text("F", "a"), Text("F", "b")}))});
  EXPECT_EQ(program->rules[0].root, program->rules[1].root);
  EXPECT_EQ(program->nodes.size(), 4u);
}

TEST(PlannerTest, SubtreesOfTwoSelectionsAreTwoNodes) {
  const auto program = PlanAll(
      {Labelled("one", Text("F", "a")), Labelled("two", Text("F", "a"))});
  EXPECT_EQ(program->nodes.size(), 2u);
  EXPECT_EQ(program->tests.size(), 1u);
  EXPECT_THAT(program->labels, ElementsAre("", "one", "two"));
}

TEST(ContentHashTest, IsThirtyTwoHexDigits) {
  EXPECT_THAT(HashOf(Text("F", "a")), testing::MatchesRegex("[0-9a-f]{32}"));
}

TEST(ContentHashTest, StaysWhenOnlyWordsAboutTheRuleChange) {
  ir::Rule plain = RuleOf(Text("F", "a"));
  ir::Rule other = RuleOf(Labelled("renamed", Text("F", "a")));
  other.info.title = "Another title";
  other.info.description = "Another description";
  other.info.level = "high";
  other.info.path = "elsewhere.yml";
  other.info.line = 7;
  other.condition.range = {{3, 4}, 5};
  EXPECT_EQ(HashOf(std::move(plain)), HashOf(std::move(other)));
}

TEST(ContentHashTest, StaysWhicheverRulesAreLoadedBeside) {
  const auto program = PlanAll({Text("G", "b"), Text("F", "a")});
  EXPECT_EQ(program->infos[1].content_hash, HashOf(Text("F", "a")));
}

TEST(ContentHashTest, ChangesWithTheCondition) {
  EXPECT_NE(HashOf(Text("F", "a")), HashOf(Text("F", "b")));
  EXPECT_NE(HashOf(Text("F", "a")), HashOf(CasedText("F", "a")));
  EXPECT_NE(HashOf(Text("F", "a")), HashOf(Not(Text("F", "a"))));
  EXPECT_NE(HashOf(And({Text("F", "a"), Text("F", "b")})),
            HashOf(Or({Text("F", "a"), Text("F", "b")})));
  EXPECT_NE(HashOf(And({Text("F", "a"), Not(And({Text("F", "b")}))})),
            HashOf(Not(And({Text("F", "a"), Text("F", "b")}))));
}

TEST(ContentHashTest, ChangesWithTheLogSource) {
  ir::Rule windows = RuleOf(Text("F", "a"));
  windows.info.log_source.product = "windows";
  ir::Rule service = RuleOf(Text("F", "a"));
  service.info.log_source.service = "windows";
  const std::string none = HashOf(Text("F", "a"));
  const std::string product_hash = HashOf(std::move(windows));
  EXPECT_NE(none, product_hash);
  EXPECT_NE(product_hash, HashOf(std::move(service)));
}

// Detection ids are made from it and are kept in other systems: a change of
// this value is a change for all users.
TEST(ContentHashTest, IsTheSameInEveryVersion) {
  ir::Rule rule = RuleOf(
      And({Text("Image", "*\\cmd.exe"), Not(NumberIs("EventID", "4688"))}));
  rule.info.log_source = {"windows", "process_creation", ""};
  EXPECT_EQ(HashOf(std::move(rule)), "6c2c405adf5ee867c5095b9f67f038d5");
}

}  // namespace
}  // namespace tocsin::plan
