#include "src/frontend/sigma/sigma.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/compile_sigma.h"

namespace tocsin::sigma {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kRule[] =
    "title: t\nlogsource: {product: windows}\n"
    "detection: {s: {User: kim}, condition: s}\n";

std::string Condition(const Compiled& compiled) {
  return compiled.result.rules.empty()
             ? compiled.Messages()
             : ir::Print(compiled.result.rules[0].condition);
}

// The condition of a rule with one selection.
std::string Lowered(const std::string& item) {
  return Condition(
      Compile(RuleWith("  s:\n    " + item + "\n  condition: s\n")));
}

TEST(SigmaTest, MetadataIsKept) {
  const Compiled compiled = Compile(
      "title: Whoami\nid: 9d1cbd6f-6f52-4b53-9a5c-3a0f6a3b7c11\nname: who\n"
      "description: d\nlevel: high\nstatus: test\nauthor: kim, lee\n"
      "date: 2026-01-15\nmodified: 2026-01-16\ntags: [attack.discovery]\n"
      "references:\n  - https://www.example.com/a\nfalsepositives: none\n"
      "fields: [User]\nlogsource:\n  product: windows\n  service: security\n"
      "detection:\n  s: {User: kim}\n  condition: s\n");
  ASSERT_EQ(compiled.Messages(), "");
  const RuleInfo& info = compiled.result.rules.at(0).info;
  EXPECT_EQ(info.id, "9d1cbd6f-6f52-4b53-9a5c-3a0f6a3b7c11");
  EXPECT_EQ(info.name, "who");
  EXPECT_EQ(info.title, "Whoami");
  EXPECT_EQ(info.level, "high");
  EXPECT_EQ(info.status, "test");
  EXPECT_EQ(info.author, "kim, lee");
  EXPECT_EQ(info.date, "2026-01-15");
  EXPECT_THAT(info.tags, ElementsAre("attack.discovery"));
  EXPECT_THAT(info.false_positives, ElementsAre("none"));
  EXPECT_THAT(info.fields, ElementsAre("User"));
  EXPECT_EQ(info.log_source,
            (LogSource{.product = "windows", .service = "security"}));
  EXPECT_EQ(info.format, "sigma");
  EXPECT_EQ(info.path, "rule.yml");
  EXPECT_EQ(info.line, 1);
}

TEST(SigmaTest, ARuleWithoutIdIsNamedByItsContentNotItsPlace) {
  const std::string id = Compile(kRule).result.rules.at(0).info.id;
  EXPECT_THAT(id, SizeIs(32));
  const Compiled moved = Compile(std::string("# comment\n\n") + kRule);
  EXPECT_EQ(moved.result.rules.at(0).info.id, id);
  EXPECT_EQ(moved.result.rules.at(0).info.line, 3);
  std::string other = kRule;
  other.replace(other.find("kim"), 3, "lee");
  EXPECT_NE(Compile(other).result.rules.at(0).info.id, id);
}

TEST(SigmaTest, EveryDocumentIsLoadedOrReported) {
  const Compiled compiled =
      Compile(std::string(kRule) + "---\ntitle: x\n---\na: [\n---\ntitle: c\n" +
              "correlation: x\n---\n" + kRule);
  EXPECT_EQ(compiled.result.documents, 5);
  EXPECT_THAT(compiled.result.rules, SizeIs(2));
  int errors = 0;
  for (const Diagnostic& d : compiled.diagnostics) {
    if (d.severity == Severity::kError) ++errors;
  }
  EXPECT_EQ(errors, 3) << compiled.Messages();
}

TEST(SigmaTest, ARepeatedIdCostsNoRule) {
  const std::string rule = std::string("id: a\n") + kRule;
  const Compiled compiled = Compile(rule + "---\n" + rule);
  EXPECT_THAT(compiled.result.rules, SizeIs(2));
  EXPECT_THAT(compiled.Messages(), HasSubstr("warning[T013]"));
}

TEST(SigmaTest, AnErrorOfOneItemDoesNotHideTheNext) {
  const Compiled compiled =
      Compile(RuleWith("  s:\n    a|foo: x\n    b|cidr: y\n    c|re: '('\n"
                       "  condition: s and t\n"));
  EXPECT_THAT(compiled.diagnostics, SizeIs(4)) << compiled.Messages();
}

// B096
TEST(SigmaTest, ARegexThatCannotBeHadIsPointedAt) {
  const Compiled look =
      Compile(RuleWith("  s:\n    a|re: (?=x)y\n  condition: s\n"));
  EXPECT_THAT(look.Messages(), HasSubstr("look-ahead `(?=`"));
  EXPECT_EQ(look.diagnostics.at(0).column, 11);
  const Compiled back =
      Compile(RuleWith("  s:\n    a|re: (a)\\1\n  condition: s\n"));
  EXPECT_THAT(back.Messages(), HasSubstr("back-reference `\\1`"));
  EXPECT_EQ(back.diagnostics.at(0).column, 14);
}

TEST(SigmaTest, WhatOnlyLooksUnsupportedInARegexIsFine) {
  for (const char* regex :
       {"[(?=]", "\\(?=x", "a\\++", "[+]+", "\\\\1", "[\\1]?x{2}?"}) {
    const Compiled compiled = Compile(RuleWith(
        "  s:\n    a|re: '" + std::string(regex) + "'\n  condition: s\n"));
    EXPECT_THAT(compiled.Messages(), Not(HasSubstr("not supported"))) << regex;
  }
}

// B081
TEST(SigmaTest, LeadingZerosMakeText) {
  EXPECT_EQ(Lowered("code: 0123"), "code is \"0123\"  #s\n");
  EXPECT_EQ(Lowered("code: 08"), "code is \"08\"  #s\n");
}

// B079
TEST(SigmaTest, LongIntegersStayExact) {
  EXPECT_EQ(Lowered("id: 9007199254740993"), "id == 9007199254740993  #s\n");
  EXPECT_EQ(Lowered("id: 18446744073709551617"),
            "id is \"18446744073709551617\"  #s\n");
}

// B088
TEST(SigmaTest, Yaml11WordsAreFieldNames) {
  EXPECT_EQ(Lowered("on: a\n    off: b\n    y: c"),
            "and  #s\n  on is \"a\"\n  off is \"b\"\n  y is \"c\"\n");
}

TEST(SigmaTest, DashesOfAListStayAlternativesInsideAll) {
  EXPECT_EQ(Lowered("c|contains|all|windash: ['-a', '-b']"),
            "and  #s\n"
            "  c is *[-/\u2013\u2014\u2015]\"a\"*\n"
            "  c is *[-/\u2013\u2014\u2015]\"b\"*\n");
}

TEST(SigmaTest, NeqIsNoneOfTheValues) {
  EXPECT_EQ(Lowered("u|neq: [kim, lee]"),
            "not  #s\n  or\n    u is \"kim\"\n    u is \"lee\"\n");
}

TEST(SigmaTest, TheOrderOfModifiersThatDoNotChangeTextIsFree) {
  const std::string wanted =
      "and  #s\n  c is *\"A\"* cased\n"
      "  c is *\"B\"* cased\n";
  EXPECT_EQ(Lowered("c|cased|contains|all: [A, B]"), wanted);
  EXPECT_EQ(Lowered("c|all|contains|cased: [A, B]"), wanted);
  EXPECT_EQ(Lowered("c|contains|all|cased: [A, B]"), wanted);
}

TEST(SigmaTest, ASelectionOfARuleMayBeNamedRules) {
  EXPECT_EQ(
      Condition(Compile(RuleWith("  rules: {x: 1}\n  condition: rules\n"))),
      "x == 1  #rules\n");
}

TEST(SigmaTest, ASelectionNamedTwiceIsInTheConditionTwice) {
  EXPECT_EQ(Condition(Compile(RuleWith(
                "  a: {x: 1}\n  b: {y: 2}\n  condition: a or b and a\n"))),
            "or\n  x == 1  #a\n  and\n    y == 2  #b\n    x == 1  #a\n");
}

TEST(SigmaTest, ProblemsOfADetectionAreToldTogetherWithThoseOfItsCondition) {
  const Compiled compiled = Compile(
      RuleWith("  s: {}\n  timeframe: 5m\n  condition: s | count() > 5\n"));
  EXPECT_THAT(compiled.Messages(), HasSubstr("selection `s` is empty"));
  EXPECT_THAT(compiled.Messages(), HasSubstr("`timeframe`"));
  EXPECT_THAT(compiled.Messages(), HasSubstr("aggregations"));
}

// A short text must not become any number of tests.
TEST(SigmaTest, ManyReferencesToALargeSelectionAreRefused) {
  std::string values;
  for (int i = 0; i < 400; ++i) values += "v" + std::to_string(i) + ", ";
  std::string condition = "s";
  for (int i = 0; i < 400; ++i) condition += " or s";
  const Compiled compiled = Compile(RuleWith(
      "  s: {a: [" + values + "]}\n" + "  condition: " + condition + "\n"));
  EXPECT_THAT(compiled.result.rules, IsEmpty());
  EXPECT_THAT(compiled.diagnostics, SizeIs(1));
  EXPECT_EQ(compiled.diagnostics.at(0).code, "T027");
}

TEST(SigmaTest, AFileOfLargeRegexesIsRefusedBeforeItTakesLong) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "---\n" + RuleWith("  s: {a|re: '\\pL{150}'}\n  condition: s\n");
  }
  const Compiled compiled = Compile(text);
  EXPECT_EQ(compiled.result.documents, 100);
  EXPECT_THAT(compiled.Messages(), HasSubstr("error[T027]"));
}

TEST(SigmaTest, AFileOfNoiseTellsAReasonForEachDocumentAndNoMore) {
  std::string items;
  for (int i = 0; i < 100; ++i) items += "a" + std::to_string(i) + "|x: 1, ";
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += "---\n" + RuleWith("  s: {" + items + "}\n  condition: s\n");
  }
  const Compiled compiled = Compile(text);
  EXPECT_EQ(compiled.result.documents, 200);
  EXPECT_LT(compiled.diagnostics.size(), 5'300u);
  EXPECT_GT(compiled.diagnostics.size(), 5'000u);
}

TEST(SigmaTest, AGlobalDocumentCopiedTooOftenIsRefused) {
  std::string text = "action: global\ntags: [";
  for (int i = 0; i < 5000; ++i) text += "a, ";
  text += "]\n";
  for (int i = 0; i < 200; ++i) text += "---\n" + std::string(kRule);
  const Compiled compiled = Compile(text);
  EXPECT_THAT(compiled.Messages(), HasSubstr("error[T005]"));
}

TEST(SigmaTest, UnfinishedAndHugeTextsAreErrors) {
  for (const std::string& text :
       {std::string("title: ["), std::string(200'000, '['),
        std::string(200'000, '{'), std::string(100'000, '-'),
        std::string("detection:\n  a|") + std::string(2'000'000, 'b'),
        "title: x\ndetection:\n  s: {a: b}\n  condition: " +
            std::string(200'000, '('),
        std::string("\0\0\0", 3), std::string("%\n%\n---\n&a *a")}) {
    const Compiled compiled = Compile(text);
    EXPECT_THAT(compiled.result.rules, IsEmpty());
    EXPECT_THAT(compiled.diagnostics, Not(IsEmpty()));
  }
}

}  // namespace
}  // namespace tocsin::sigma
