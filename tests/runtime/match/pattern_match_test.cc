#include "src/runtime/match/pattern_match.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/case_fold.h"
#include "src/base/utf8.h"
#include "tests/reference/build.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/generate.h"

namespace tocsin::runtime {
namespace {

using base::PatternToken;
using reference::CasedGlob;

bool Matches(std::string_view glob, std::string_view text) {
  return MatchesPattern(CasedGlob(glob), text);
}

base::Pattern Tokens(std::vector<PatternToken> tokens) {
  return {.tokens = std::move(tokens), .cased = true};
}

TEST(PatternMatchTest, ALiteralMatchesTheWholeText) {
  EXPECT_TRUE(Matches("abc", "abc"));
  EXPECT_FALSE(Matches("abc", "abcd"));
  EXPECT_FALSE(Matches("abc", "xabc"));
  EXPECT_FALSE(Matches("abc", ""));
}

TEST(PatternMatchTest, AnEmptyPatternMatchesEmptyTextOnly) {
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("", "a"));
}

TEST(PatternMatchTest, AStarMatchesAnythingEvenNothing) {
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("*", "abc"));
  EXPECT_TRUE(Matches("a*c", "ac"));
  EXPECT_TRUE(Matches("a*c", "abbc"));
  EXPECT_FALSE(Matches("a*c", "abcd"));
}

TEST(PatternMatchTest, AStarMatchesLineBreaksAndNuls) {
  EXPECT_TRUE(Matches("a*c", "a\r\nc"));
  EXPECT_TRUE(Matches("a?c", "a\nc"));
  EXPECT_TRUE(Matches("a*c", std::string_view("a\0c", 3)));
}

TEST(PatternMatchTest, StartsEndsAndContains) {
  EXPECT_TRUE(Matches("ab*", "abc"));
  EXPECT_FALSE(Matches("ab*", "a"));
  EXPECT_TRUE(Matches("*bc", "abc"));
  EXPECT_FALSE(Matches("*bc", "abcd"));
  EXPECT_TRUE(Matches("*b*", "abc"));
  EXPECT_FALSE(Matches("*x*", "abc"));
}

TEST(PatternMatchTest, HeadAndTailDoNotShareText) {
  EXPECT_FALSE(Matches("ab*bc", "abc"));
  EXPECT_TRUE(Matches("ab*bc", "abbc"));
  EXPECT_FALSE(Matches("ab*b*bc", "abbc"));
  EXPECT_TRUE(Matches("ab*b*bc", "abbbc"));
}

TEST(PatternMatchTest, PartsComeInOrder) {
  EXPECT_TRUE(Matches("*a*b*", "xaxbx"));
  EXPECT_FALSE(Matches("*a*b*", "xbxax"));
  EXPECT_TRUE(Matches("*ab*ab", "abab"));
  EXPECT_FALSE(Matches("*ab*ab", "ab"));
}

TEST(PatternMatchTest, AQuestionMarkIsOneCodePointNotOneByte) {
  EXPECT_TRUE(Matches("a?c", "aжc"));
  EXPECT_TRUE(Matches("a?c",
                      "a\U0001F514"
                      "c"));
  EXPECT_FALSE(Matches("a??c", "aжc"));
  EXPECT_FALSE(Matches("a?c", "ac"));
  EXPECT_TRUE(Matches("*?", "ж"));
  EXPECT_FALSE(Matches("*??", "ж"));
  EXPECT_TRUE(Matches("??", "жd"));
}

TEST(PatternMatchTest, AQuestionMarkMayStandBetweenStars) {
  EXPECT_TRUE(Matches("*?*", "ж"));
  EXPECT_FALSE(Matches("*?*", ""));
  EXPECT_TRUE(Matches("*b?d*", "abxabcdx"));
  EXPECT_TRUE(Matches("*?b*b?", "abba"));
}

TEST(PatternMatchTest, AnInvalidByteIsOneCodePoint) {
  EXPECT_TRUE(Matches("a?c",
                      "a\xFF"
                      "c"));
  EXPECT_TRUE(Matches("*?", "\xC3"));
  EXPECT_TRUE(Matches("??", "\xE2\x82"));
  EXPECT_TRUE(Matches("*\xD0?c",
                      "x\xD0\xD0\xB6"
                      "c"));
}

TEST(PatternMatchTest, OneOfTakesItsOwnCodePointsOnly) {
  const base::Pattern dash = Tokens({{PatternToken::kLiteral, "a "},
                                     {PatternToken::kOneOf, "-/–—―"},
                                     {PatternToken::kLiteral, "b"}});
  EXPECT_TRUE(MatchesPattern(dash, "a -b"));
  EXPECT_TRUE(MatchesPattern(dash, "a /b"));
  EXPECT_TRUE(MatchesPattern(dash, "a —b"));
  EXPECT_FALSE(MatchesPattern(dash, "a +b"));
  EXPECT_FALSE(MatchesPattern(dash, "a b"));
  // Bytes of a member are not members.
  EXPECT_FALSE(MatchesPattern(dash,
                              "a \x80"
                              "b"));
}

TEST(PatternMatchTest, OneOfWorksAtBothEndsAndInTheMiddle) {
  const PatternToken dash = {PatternToken::kOneOf, "-–"};
  const PatternToken run = {PatternToken::kAnyRun, ""};
  EXPECT_TRUE(MatchesPattern(Tokens({dash, run}), "–x"));
  EXPECT_TRUE(MatchesPattern(Tokens({run, dash}), "x–"));
  EXPECT_TRUE(MatchesPattern(Tokens({run, dash, run}), "x–y"));
  EXPECT_FALSE(MatchesPattern(Tokens({run, dash, run}), "x—y"));
}

TEST(PatternMatchTest, ManyStarsDoNotExplode) {
  std::string glob;
  for (int i = 0; i < 200; ++i) glob += "*a";
  const std::string text(20'000, 'a');
  EXPECT_TRUE(Matches(glob, text));
  EXPECT_FALSE(Matches(glob + "b", text));
  EXPECT_FALSE(Matches(glob + "*b*", text));
}

TEST(PatternMatchTest, ALongNeedleIsFoundAtTheEndOfALongText) {
  const std::string text = std::string(8'990, 'x') + "needle";
  EXPECT_TRUE(Matches("*needle*", text));
  EXPECT_TRUE(Matches("*needle", text));
}

TEST(PatternMatchTest, ContainsTextFindsTheEmptyTextEverywhere) {
  EXPECT_TRUE(ContainsText("", ""));
  EXPECT_TRUE(ContainsText("a", ""));
  EXPECT_FALSE(ContainsText("", "a"));
}

// What the planner makes of a pattern: folded, without empty literals.
base::Pattern Normal(base::Pattern pattern) {
  base::Pattern normal;
  normal.cased = pattern.cased;
  for (PatternToken& token : pattern.tokens) {
    if (!pattern.cased) token.text = base::Fold(token.text);
    if (token.kind == PatternToken::kLiteral && token.text.empty()) continue;
    normal.tokens.push_back(token);
  }
  return normal;
}

TEST(PatternMatchTest, AgreesWithTheNaiveMatcher) {
  reference::Generator generator(20260115);
  int hits = 0;
  for (int i = 0; i < 3'000; ++i) {
    const base::Pattern pattern = generator.Pattern();
    const base::Pattern normal = Normal(pattern);
    for (int j = 0; j < 10; ++j) {
      const std::string text = generator.Text() + generator.Text();
      const bool matches =
          MatchesPattern(normal, pattern.cased ? text : base::Fold(text));
      ASSERT_EQ(matches, reference::MatchesGlob(pattern, text)) << text;
      hits += matches;
    }
  }
  EXPECT_GT(hits, 3'000);
}

}  // namespace
}  // namespace tocsin::runtime
