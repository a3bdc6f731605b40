// Hostile files cost bounded time and memory, and say what is wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/toc/compile_toc.h"
#include "tocsin/authoring.h"

namespace tocsin::toc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(TocLimitsTest, UnfinishedAndHugeTextsAreErrors) {
  for (const std::string& text :
       {std::string("rule"), std::string("rule r {"), std::string("/*"),
        std::string(100'000, '{'), std::string(100'000, '('),
        std::string(100'000, '"'), std::string(100'000, '`'),
        "rule r { detect any where " + std::string(100'000, '('),
        "rule r { when " + std::string(100'000, '('),
        "rule r { example \"x\" { at 0s " + std::string(100'000, '{'),
        "rule r { detect any where x == " + std::string(100'000, '-') + "1 }",
        "list x = (" + std::string(100'000, ','), std::string("\0\0\0", 3),
        std::string("\xff\xfe\x80")}) {
    const testing::Compiled compiled = testing::Compile({text});
    EXPECT_THAT(compiled.result.rules, IsEmpty());
    EXPECT_THAT(compiled.diagnostics, Not(IsEmpty()));
    FormatRules(text, "x.toc");
  }
}

// Were places found by counting from the line's beginning, this would take
// minutes.
TEST(TocLimitsTest, ManyRulesOnOneLineAreFast) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += "rule r" + std::to_string(i) + " { detect any where a == \"b\" } ";
  }
  EXPECT_EQ(testing::Compile({text}).result.rules.size(), 20'000u);
}

TEST(TocLimitsTest, AFileOfNoiseTellsAReasonForEachRuleAndNoMore) {
  std::string text;
  for (int i = 0; i < 7'000; ++i) {
    text += "rule r" + std::to_string(i) +
            " { detect any where a in b and c in d and e in f }\n";
  }
  const testing::Compiled compiled = testing::Compile({text});
  EXPECT_EQ(compiled.result.documents, 7'000);
  EXPECT_GE(compiled.diagnostics.size(), 7'000u);
  EXPECT_LT(compiled.diagnostics.size(), 12'100u);
}

TEST(TocLimitsTest, MacrosThatGrowAreRefused) {
  std::string text = "define m0(x) = x == \"a\" or x == \"b\"\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "m" + std::to_string(i - 1) + "(x)";
    text += "define m" + std::to_string(i) + "(x) = " + before + " or " +
            before + "\n";
  }
  text += "rule r { detect any where m39(a) }\n";
  EXPECT_THAT(testing::Compile({text}).Messages(), HasSubstr("T341"));
}

TEST(TocLimitsTest, RulesMadeOfRulesHaveADeepest) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += "rule r" + std::to_string(i) + " { detect rule \"r" +
            std::to_string(i + 1) + "\" }\n";
  }
  text += "rule r300 { detect process }\n";
  EXPECT_THAT(testing::Compile({text}).Messages(),
              HasSubstr("deeper than 100"));
}

}  // namespace
}  // namespace tocsin::toc
