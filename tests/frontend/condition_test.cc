#include "src/frontend/sigma/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::sigma {
namespace {

// (or a (and b (not c))), [1 sel*] and [all sel*].
std::string Shown(const Condition& condition) {
  switch (condition.kind) {
    case Condition::kName:
      return condition.name;
    case Condition::kOneOf:
      return "[1 " + condition.name + "]";
    case Condition::kAllOf:
      return "[all " + condition.name + "]";
    default:
      break;
  }
  std::string text = condition.kind == Condition::kAnd  ? "(and"
                     : condition.kind == Condition::kOr ? "(or"
                                                        : "(not";
  for (const Condition& child : condition.children) {
    text += " " + Shown(child);
  }
  return text + ")";
}

std::string Parse(const std::string& text) {
  const text::Source source("rule.yml", text);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const std::optional<Condition> condition =
      ParseCondition(text, {{1, 1}, static_cast<int>(text.size())}, &reporter);
  if (!condition) return diagnostics.at(0).code;
  return Shown(*condition);
}

TEST(ConditionTest, NotBindsTighterThanAndThanOr) {
  EXPECT_EQ(Parse("a or b and c"), "(or a (and b c))");
  EXPECT_EQ(Parse("a and b or c"), "(or (and a b) c)");
  EXPECT_EQ(Parse("not a and b"), "(and (not a) b)");
  EXPECT_EQ(Parse("not (a or b) and c"), "(and (not (or a b)) c)");
  EXPECT_EQ(Parse("not not a"), "a");
  EXPECT_EQ(Parse("not not not a"), "(not a)");
}

TEST(ConditionTest, QuantifiersTakeAPatternOrThem) {
  EXPECT_EQ(Parse("1 of sel*main and not all of f_*"),
            "(and [1 sel*main] (not [all f_*]))");
  EXPECT_EQ(Parse("any of them"), "[1 *]");
  EXPECT_EQ(Parse("all of name"), "[all name]");
}

TEST(ConditionTest, KeywordsAreKnownInAnyCase) {
  EXPECT_EQ(Parse("a AND NOT 1 Of b*"), "(and a (not [1 b*]))");
}

TEST(ConditionTest, SelectionsMayHaveTheNamesOfQuantities) {
  EXPECT_EQ(Parse("all or any and 1"), "(or all (and any 1))");
}

TEST(ConditionTest, LineBreaksAreSpaces) {
  EXPECT_EQ(Parse("a\n  and\tb\r\n"), "(and a b)");
}

TEST(ConditionTest, AggregationsAreToldApartFromOtherMistakes) {
  EXPECT_EQ(Parse("a | count() by b > 5"), "T026");
  EXPECT_EQ(Parse("a | near b"), "T026");
  EXPECT_EQ(Parse("a ||"), "T026");
  EXPECT_EQ(Parse("a b"), "T023");
}

TEST(ConditionTest, DeepBracketsAndLongTextsAreRefused) {
  EXPECT_EQ(Parse(std::string(40, '(') + "a" + std::string(40, ')')), "a");
  EXPECT_EQ(Parse(std::string(41, '(') + "a" + std::string(41, ')')), "T023");
  EXPECT_EQ(Parse(std::string(60'000, '(')), "T023");
  EXPECT_EQ(Parse(std::string(100'000, 'a')), "T023");
  std::string nots;
  for (int i = 0; i < 10'000; ++i) nots += "not ";
  EXPECT_EQ(Parse(nots + "a"), "a");
}

TEST(PatternSelectsTest, AStarIsAnyRun) {
  EXPECT_TRUE(PatternSelects("sel*", "selection"));
  EXPECT_TRUE(PatternSelects("sel*", "sel"));
  EXPECT_TRUE(PatternSelects("*_b", "sel_b"));
  EXPECT_TRUE(PatternSelects("a*b*c", "a_b_b_c"));
  EXPECT_FALSE(PatternSelects("a*b*c", "a_c_b"));
  EXPECT_FALSE(PatternSelects("sel", "selection"));
}

TEST(PatternSelectsTest, AStarInsideAPatternKeepsBothEnds) {
  EXPECT_TRUE(PatternSelects("sel*main", "sel_a_main"));
  EXPECT_FALSE(PatternSelects("sel*main", "sel_b"));
}

TEST(PatternSelectsTest, UnderscoredNamesAreMeantOnlyByUnderscoredPatterns) {
  EXPECT_FALSE(PatternSelects("*", "_x"));
  EXPECT_TRUE(PatternSelects("_*", "_x"));
  EXPECT_FALSE(PatternSelects("*x", "_x"));
}

}  // namespace
}  // namespace tocsin::sigma
