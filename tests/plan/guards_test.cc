#include "src/plan/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/plan/planner.h"
#include "src/program/program.h"
#include "tests/reference/build.h"

namespace tocsin::plan {
namespace {

using reference::And;
using reference::BoolIs;
using reference::Cidr;
using reference::Keyword;
using reference::Not;
using reference::Null;
using reference::NumberIs;
using reference::Or;
using reference::Regex;
using reference::Text;
using testing::ElementsAre;
using testing::IsEmpty;

// Guards of a rule with this condition, each as "field:anchor:text|...", an
// inner one behind "inner ".
std::vector<std::string> GuardsOf(ir::Expr condition) {
  std::vector<ir::Rule> rules;
  rules.push_back(reference::RuleOf(std::move(condition)));
  const std::unique_ptr<program::Program> program = Plan(std::move(rules));
  static constexpr const char* kAnchors[] = {"whole", "start", "end", "inner",
                                             "number"};
  std::vector<std::string> guards;
  const program::Rule& rule = program->rules[0];
  for (uint32_t g = 0; g < rule.guard_count; ++g) {
    const program::Guard& guard = program->guards[rule.first_guard + g];
    std::string text = guard.inner ? "inner " : "";
    for (uint32_t i = 0; i < guard.count; ++i) {
      const program::Literal& literal =
          program->literals[program->guard_literals[guard.first + i]];
      if (i > 0) text += "|";
      text += literal.field == program::kAnyField
                  ? "*"
                  : program->fields[literal.field];
      text += std::string(":") + kAnchors[literal.anchor] + ":" + literal.text;
    }
    guards.push_back(text);
  }
  return guards;
}

TEST(GuardsTest, ATestIsGuardedByItsLiteral) {
  EXPECT_THAT(GuardsOf(Text("Image", "*\\CMD.exe")),
              ElementsAre("Image:end:\\cmd.exe"));
  EXPECT_THAT(GuardsOf(Text("Image", "C:\\temp*")),
              ElementsAre("Image:start:c:\\temp"));
  EXPECT_THAT(GuardsOf(Text("Image", "System")),
              ElementsAre("Image:whole:system"));
  EXPECT_THAT(GuardsOf(Text("Line", "*mimikatz*")),
              ElementsAre("inner Line:inner:mimikatz"));
  EXPECT_THAT(GuardsOf(NumberIs("EventID", "4688")),
              ElementsAre("EventID:number:4688"));
  EXPECT_THAT(GuardsOf(Keyword("*passwd*")),
              ElementsAre("inner *:inner:passwd"));
}

TEST(GuardsTest, OfAPatternTheLongestLiteralCounts) {
  EXPECT_THAT(GuardsOf(Text("Line", "a*secret*bc")),
              ElementsAre("inner Line:inner:secret"));
  EXPECT_THAT(GuardsOf(Text("Line", "*a?longer")),
              ElementsAre("Line:end:longer"));
}

TEST(GuardsTest, OfAnAndEachSortKeepsItsBest) {
  EXPECT_THAT(GuardsOf(And({Text("Image", "*\\cmd.exe"), Text("Flag", "true"),
                            Text("Line", "*mimikatz*")})),
              ElementsAre("Image:end:\\cmd.exe", "Flag:whole:true",
                          "inner Line:inner:mimikatz"));
}

TEST(GuardsTest, AnOrIsGuardedIfAllItsPartsAre) {
  EXPECT_THAT(GuardsOf(Or({Text("Image", "*\\a.exe"), Text("Name", "a.exe")})),
              ElementsAre("Image:end:\\a.exe|Name:whole:a.exe"));
  EXPECT_THAT(GuardsOf(Or({Text("Image", "*\\a.exe"), Null("Name")})),
              IsEmpty());
  EXPECT_THAT(
      GuardsOf(Or({Text("Image", "*\\a.exe"), Text("Line", "*mimikatz*")})),
      ElementsAre("inner Image:end:\\a.exe|Line:inner:mimikatz"));
}

TEST(GuardsTest, WhatIsNegatedGuardsNothing) {
  EXPECT_THAT(GuardsOf(Not(Text("Image", "a"))), IsEmpty());
  EXPECT_THAT(
      GuardsOf(And({Not(Text("Image", "abcdef")), Text("Name", "abcdef")})),
      ElementsAre("Name:whole:abcdef"));
}

TEST(GuardsTest, ADoubleNegationGuards) {
  EXPECT_THAT(GuardsOf(Not(Not(Text("Name", "abcdef")))),
              ElementsAre("Name:whole:abcdef"));
  EXPECT_THAT(GuardsOf(Not(Or({Not(Text("Name", "abcdef")), Text("x", "y")}))),
              ElementsAre("Name:whole:abcdef"));
}

TEST(GuardsTest, TestsWithoutALiteralGuardNothing) {
  EXPECT_THAT(GuardsOf(Null("Image")), IsEmpty());
  EXPECT_THAT(GuardsOf(Text("Image", "*")), IsEmpty());
  EXPECT_THAT(GuardsOf(Text("Image", "")), IsEmpty());
  EXPECT_THAT(GuardsOf(Cidr("ip", {"10.0.0.0/8"})), IsEmpty());
  EXPECT_THAT(GuardsOf(Regex("Line", "[0-9]+")), IsEmpty());
}

TEST(GuardsTest, ARegexIsGuardedByTheTextsItNeeds) {
  EXPECT_THAT(GuardsOf(Regex("Line", "(?i)invoke-[a-z]+ -EncodedCommand")),
              ElementsAre("inner Line:inner: -encodedcommand",
                          "inner Line:inner:invoke-"));
}

TEST(GuardsTest, OfARegexWithAlternativesOneTextOfEachSetIsNeeded) {
  EXPECT_THAT(GuardsOf(Regex("Line", "(hostname|whoami).*&&")),
              ElementsAre("inner Line:inner:hostname|Line:inner:whoami",
                          "inner Line:inner:&&"));
}

TEST(GuardsTest, AnOrOfAndsIsGuardedByTheirSecondBestToo) {
  EXPECT_THAT(
      GuardsOf(
          Or({And({Text("Line", "*mimikatz*"), Text("Line", "*sekurlsa*")}),
              Text("Line", "*lsadump*")})),
      ElementsAre("inner Line:inner:mimikatz|Line:inner:lsadump",
                  "inner Line:inner:sekurlsa|Line:inner:lsadump"));
}

TEST(GuardsTest, WhatStandsInEventsOfAllSortsTellsLittle) {
  EXPECT_THAT(
      GuardsOf(
          And({Text("Line", "*\\Windows\\*"), Text("Line", "*mimikatz*")})),
      ElementsAre("inner Line:inner:mimikatz", "inner Line:inner:\\windows\\"));
}

TEST(GuardsTest, ANumberThatIsWrittenOtherwiseHasBothTexts) {
  EXPECT_THAT(GuardsOf(NumberIs("size", "1.50")),
              ElementsAre("size:number:1.5|size:number:1.50"));
}

TEST(GuardsTest, ABooleanIsItsText) {
  EXPECT_THAT(GuardsOf(BoolIs("on", true)), ElementsAre("on:whole:true"));
}

}  // namespace
}  // namespace tocsin::plan
