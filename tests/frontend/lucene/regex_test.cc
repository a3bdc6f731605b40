#include "src/frontend/lucene/regex.h"

#include <gtest/gtest.h>

namespace tocsin::lucene {
namespace {

std::string Translated(std::string_view text, bool operators = true) {
  const RegexResult result = TranslateRegex(text, operators);
  return result.problem.empty() ? result.regex : "! " + result.problem;
}

TEST(LuceneRegexTest, WhatBothHaveStays) {
  EXPECT_EQ(Translated("a.b?c+d*(e|f){2,3}"), "a.b?c+d*(e|f){2,3}");
  EXPECT_EQ(Translated("[a-z0-9]+"), "[a-z0-9]+");
  EXPECT_EQ(Translated("[^a\\d]"), "[^a\\d]");
  EXPECT_EQ(Translated("\\d\\W"), "\\d\\W");
}

TEST(LuceneRegexTest, AnchorsAreCharacters) {
  EXPECT_EQ(Translated("^a$"), "\\^a\\$");
}

TEST(LuceneRegexTest, AnEscapedCharacterIsItself) {
  EXPECT_EQ(Translated("\\.\\n\\@"), "\\.n\\@");
  EXPECT_EQ(Translated("\\xe9"), "xe9");
}

TEST(LuceneRegexTest, InSetsCharactersStandForThemselves) {
  EXPECT_EQ(Translated("[[a]"), "[\\[a]");
  EXPECT_EQ(Translated("[]a]"), "[\\]a]");
  EXPECT_EQ(Translated("[a\\]\\-b-]"), "[a\\]\\-b\\-]");
  EXPECT_EQ(Translated("[!@#$%^&*]"), "[!@#$%\\^&*]");
}

TEST(LuceneRegexTest, OperatorsOfItsOwn) {
  EXPECT_EQ(Translated("a@"), "a(?:.*)");
  EXPECT_EQ(Translated("\"a.b\"+"), "(?:a\\.b)+");
  EXPECT_EQ(Translated("a@b", false), "a\\@b");
  EXPECT_EQ(Translated("\"a\"", false), "\\\"a\\\"");
  EXPECT_EQ(Translated("a&b"), "! has the intersection `&`");
  EXPECT_EQ(Translated("~a"), "! has the complement `~`");
  EXPECT_EQ(Translated("#"), "! has the empty language `#`");
  EXPECT_EQ(Translated("<1-5>"), "! has a numeric interval `<`");
}

TEST(LuceneRegexTest, WhatCouldRepeatNothingIsItself) {
  EXPECT_EQ(Translated("*a*"), "\\*a*");
  EXPECT_EQ(Translated("(+a|*b)"), "(\\+a|\\*b)");
}

TEST(LuceneRegexTest, WhatIsNoExpressionIsTold) {
  EXPECT_EQ(Translated("[a"), "! has a `[` that is never closed");
  EXPECT_EQ(Translated("a\\"), "! ends in a backslash");
  EXPECT_EQ(Translated("\"a"), "! has a `\"` that is never closed");
  EXPECT_EQ(Translated("(?i)a"), "! has `(?`, which Lucene has not");
  EXPECT_TRUE(Translated("(a").starts_with("! cannot be read"));
  EXPECT_TRUE(Translated(std::string(20'000, 'a')).starts_with("! is too"));
}

}  // namespace
}  // namespace tocsin::lucene
