#include "src/analysis/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "src/text/source.h"
#include "tests/reference/build.h"

namespace tocsin::analysis {
namespace {

using ir::CompareOp;
using reference::And;
using reference::Exists;
using reference::Keyword;
using reference::Labelled;
using reference::Not;
using reference::Null;
using reference::NumberIs;
using reference::Or;
using reference::Regex;
using reference::Text;
using reference::TimePart;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Diagnostics LintOf(ir::Expr condition) {
  const text::Source source("rule.yml", "a line");
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  Lint(reference::RuleOf(std::move(condition)), &reporter);
  return diagnostics;
}

std::vector<std::string> CodesOf(ir::Expr condition) {
  std::vector<std::string> codes;
  for (const Diagnostic& diagnostic : LintOf(std::move(condition))) {
    codes.push_back(diagnostic.code);
  }
  return codes;
}

TEST(LintTest, AnOrdinaryRuleIsFine) {
  EXPECT_THAT(CodesOf(And({Text("Image", "*\\cmd.exe"),
                           Not(Or({Text("User", "SYSTEM"), Null("User")}))})),
              IsEmpty());
}

TEST(LintTest, LintsAreWarnings) {
  const Diagnostics diagnostics = LintOf(ir::Expr::False());
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].severity, Severity::kWarning);
  EXPECT_EQ(diagnostics[0].message, "this rule can never match");
}

TEST(LintTest, FalseNeverMatches) {
  EXPECT_THAT(CodesOf(And({Text("F", "a"), ir::Expr::False()})),
              ElementsAre("T080"));
  EXPECT_THAT(CodesOf(Not(ir::Expr::True())), ElementsAre("T080"));
}

TEST(LintTest, ASelectionAndItsNegationNeverMatch) {
  EXPECT_THAT(CodesOf(And({Text("F", "a"), Not(Text("F", "a"))})),
              ElementsAre("T080"));
  const auto both = [] { return And({Text("F", "a"), Text("G", "b")}); };
  EXPECT_THAT(CodesOf(And({Labelled("selection", both()),
                           Not(Labelled("filter", both()))})),
              ElementsAre("T080"));
}

TEST(LintTest, ANegationInAnotherCaseIsTheSame) {
  EXPECT_THAT(CodesOf(And({Text("F", "*ab"), Not(Text("F", "*AB"))})),
              ElementsAre("T080"));
  EXPECT_THAT(
      CodesOf(And({Text("F", "ab"), Not(reference::CasedText("F", "ab"))})),
      IsEmpty());
}

TEST(LintTest, AFieldThatMustBeAbsentAndHaveAValueNeverMatches) {
  EXPECT_THAT(CodesOf(And({Exists("F", false), Text("F", "a")})),
              ElementsAre("T080"));
  EXPECT_THAT(CodesOf(And({Exists("F", false), Exists("F")})),
              ElementsAre("T080"));
}

TEST(LintTest, TwoValuesOfOneFieldAreNoContradiction) {
  EXPECT_THAT(CodesOf(And({Text("F", "a"), Text("F", "b")})), IsEmpty());
}

TEST(LintTest, ANegationOfSomethingElseIsNoContradiction) {
  EXPECT_THAT(CodesOf(And({Text("F", "a"), Not(Text("F", "b"))})), IsEmpty());
}

TEST(LintTest, ASelectionOrItsNegationAlwaysMatches) {
  EXPECT_THAT(CodesOf(Or({Text("F", "a"), Not(Text("F", "a"))})),
              ElementsAre("T081"));
  EXPECT_THAT(CodesOf(ir::Expr::True()), ElementsAre("T081"));
}

TEST(LintTest, ANegationAloneMatchesEventsWithoutItsFields) {
  EXPECT_THAT(CodesOf(Not(Text("id.orig_h", "a"))), ElementsAre("T082"));
  EXPECT_THAT(CodesOf(Or({Text("F", "a"), Not(Text("G", "b"))})),
              ElementsAre("T082"));
  EXPECT_THAT(CodesOf(Null("F")), ElementsAre("T082"));
  EXPECT_THAT(CodesOf(Exists("F", false)), ElementsAre("T082"));
}

TEST(LintTest, APositiveTestBesideTheNegationIsEnough) {
  EXPECT_THAT(CodesOf(And({Exists("G"), Not(Text("F", "a"))})), IsEmpty());
  EXPECT_THAT(CodesOf(Not(Or({Null("F"), Text("F", "a")}))), IsEmpty());
}

TEST(LintTest, AKeywordOfStarsOccursEverywhere) {
  EXPECT_THAT(CodesOf(Keyword("*")), ElementsAre("T083"));
  EXPECT_THAT(CodesOf(Keyword("**")), ElementsAre("T083"));
  EXPECT_THAT(CodesOf(Keyword("*a*")), IsEmpty());
}

TEST(LintTest, AStarForAFieldAsksForAValueAndIsFine) {
  EXPECT_THAT(CodesOf(Text("F", "*")), IsEmpty());
}

TEST(LintTest, ARegexThatIsFoundInAnyTextIsReported) {
  EXPECT_THAT(CodesOf(Regex("F", ".*")), ElementsAre("T083"));
  EXPECT_THAT(CodesOf(Regex("F", "a*")), ElementsAre("T083"));
  EXPECT_THAT(CodesOf(Regex("F", "^a*$")), IsEmpty());
  EXPECT_THAT(CodesOf(Regex("F", ".+x")), IsEmpty());
}

TEST(LintTest, AnHourThatNoClockShowsIsReported) {
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kHour, "24")),
              ElementsAre("T084"));
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kHour, "1.5")),
              ElementsAre("T084"));
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kHour, "23", CompareOp::kGt)),
              ElementsAre("T084"));
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kDay, "1", CompareOp::kLt)),
              ElementsAre("T084"));
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kHour, "23", CompareOp::kGe)),
              IsEmpty());
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kMonth, "12")), IsEmpty());
  EXPECT_THAT(CodesOf(TimePart("t", ir::TimePart::kYear, "1066")), IsEmpty());
}

TEST(LintTest, AllLintsOfARuleAreReported) {
  EXPECT_THAT(CodesOf(Or({Not(Text("F", "a")), Keyword("*")})),
              ElementsAre("T082", "T083"));
}

}  // namespace
}  // namespace tocsin::analysis
