#include "src/frontend/sigma/value_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/ir/predicate.h"

namespace tocsin::sigma {
namespace {

using base::Pattern;
using base::PatternToken;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// "a"*"b" for a pattern of two literals with a wildcard between.
std::string Shown(const Pattern& pattern) {
  ir::Test test;
  test.field = "f";
  test.pattern = pattern;
  std::string text = ir::Print(ir::Expr::Of(test));
  return text.substr(5, text.size() - 6);  // Without "f is " and the newline.
}

TEST(ParseValueTest, ABackslashEscapesWildcardsAndItselfOnly) {
  EXPECT_EQ(Shown(ParseValue(R"(a\b)")), R"("a\\b")");
  EXPECT_EQ(Shown(ParseValue(R"(a\\b)")), R"("a\\b")");
  EXPECT_EQ(Shown(ParseValue(R"(\*\?)")), R"("*?")");
  EXPECT_EQ(Shown(ParseValue(R"(a\\*)")), R"("a\\"*)");
  EXPECT_EQ(Shown(ParseValue(R"(a\\\*)")), R"("a\\*")");
  EXPECT_EQ(Shown(ParseValue(R"(foo\)")), R"("foo\\")");
  EXPECT_EQ(Shown(ParseValue(R"(\\srv)")), R"("\\srv")");
  EXPECT_EQ(Shown(ParseValue(R"(\\\\srv)")), R"("\\\\srv")");
  EXPECT_EQ(Shown(ParseValue(R"(a\\\)")), R"("a\\\\")");
  EXPECT_EQ(Shown(ParseValue(R"(a\\\\)")), R"("a\\\\")");
}

TEST(ParseValueTest, StarsInARowAreOne) {
  EXPECT_EQ(Shown(ParseValue("a***b")), R"("a"*"b")");
  EXPECT_EQ(Shown(ParseValue("a*?*b")), R"("a"*?*"b")");
}

TEST(ParseValueTest, NothingIsAPatternWithoutTokens) {
  EXPECT_THAT(ParseValue("").tokens, SizeIs(0));
}

// A backslash at the end is text before `contains` adds its wildcard.
TEST(AllowAnyTest, ATrailingBackslashDoesNotEscapeTheAddedWildcard) {
  Pattern pattern = ParseValue(R"(\Desktop\)");
  AllowAnyBefore(&pattern);
  AllowAnyAfter(&pattern);
  EXPECT_EQ(Shown(pattern), R"(*"\\Desktop\\"*)");
}

TEST(AllowAnyTest, AddsNoSecondWildcard) {
  Pattern pattern = ParseValue("*a*");
  AllowAnyBefore(&pattern);
  AllowAnyAfter(&pattern);
  EXPECT_EQ(Shown(pattern), R"(*"a"*)");
}

TEST(MatchesEverythingTest, IsTrueOfWildcardsForAnyRunOnly) {
  EXPECT_TRUE(MatchesEverything(ParseValue("**")));
  EXPECT_FALSE(MatchesEverything(ParseValue("?*")));
  EXPECT_FALSE(MatchesEverything(ParseValue("")));
  EXPECT_FALSE(MatchesEverything(ParseValue(R"(\*)")));
}

TEST(VaryDashesTest, VariesOnlyWhatStartsAnOption) {
  const auto varied = [](const char* raw) {
    return Shown(VaryDashes(ParseValue(raw)));
  };
  EXPECT_EQ(varied(" -enc"), "\" \"[-/\u2013\u2014\u2015]\"enc\"");
  EXPECT_EQ(varied("/c"), "[-/\u2013\u2014\u2015]\"c\"");
  EXPECT_EQ(varied("cmd/c"), "\"cmd/c\"");
  EXPECT_EQ(varied("--help"), "\"-\"[-/\u2013\u2014\u2015]\"help\"");
  EXPECT_EQ(varied("a - b"), "\"a - b\"");
  EXPECT_EQ(varied("x-"), "\"x-\"");
  EXPECT_EQ(varied(" -*x"), "\" -\"*\"x\"");
  // A letter of any script makes an option.
  EXPECT_EQ(varied(" -\u0436"), "\" \"[-/\u2013\u2014\u2015]\"\u0436\"");
  EXPECT_EQ(varied("\u0436-a"), "\"\u0436-a\"");
}

TEST(ExpandChoicesTest, WritesOutEachChoiceUpToTheLimit) {
  const Pattern pattern = VaryDashes(ParseValue(" -a -b"));
  const auto expanded = ExpandChoices(pattern, 25);
  ASSERT_TRUE(expanded.has_value());
  EXPECT_THAT(*expanded, SizeIs(25));
  EXPECT_EQ(Shown(expanded->front()), "\" -a -b\"");
  EXPECT_EQ(ExpandChoices(pattern, 24), std::nullopt);
}

TEST(EncodeUtf16Test, CodePointsAboveFFFFAreSurrogatePairs) {
  const auto bytes = [](Utf16 form) {
    return *LiteralText(EncodeUtf16(ParseValue("a\U0001F600"), form));
  };
  EXPECT_EQ(bytes(Utf16::kLittleEndian), std::string("a\0\x3D\xD8\x00\xDE", 6));
  EXPECT_EQ(bytes(Utf16::kBigEndian), std::string("\0a\xD8\x3D\xDE\x00", 6));
  EXPECT_EQ(bytes(Utf16::kWithByteOrderMark), std::string("\xFF\xFE"
                                                          "a\0\x3D\xD8\x00\xDE",
                                                          8));
}

TEST(EncodeBase64Test, PadsToWholeGroups) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  EXPECT_EQ(EncodeBase64("\xFB\xFF\xFE"), "+//+");
}

TEST(EncodeBase64OffsetsTest, GivesWhatIsFixedAtEachOffset) {
  EXPECT_THAT(EncodeBase64Offsets("IEX ("),
              ElementsAre("SUVYIC", "lFWCAo", "JRVggK"));
}

// Whatever stands around it, the encoded text holds one of the three.
TEST(EncodeBase64OffsetsTest, FindsTheValueAnywhere) {
  const std::string value = "http://example.com";
  const std::vector<std::string> needles = EncodeBase64Offsets(value);
  for (size_t before = 0; before < 6; ++before) {
    for (size_t after = 0; after < 6; ++after) {
      const std::string text = EncodeBase64(std::string(before, '\xA5') +
                                            value + std::string(after, '\x5A'));
      EXPECT_NE(text.find(needles[before % 3]), std::string::npos)
          << before << " " << after;
    }
  }
}

TEST(EncodeBase64OffsetsTest, OfOneByteNothingIsLeft) {
  EXPECT_THAT(EncodeBase64Offsets("x"), ElementsAre("e", "", "4"));
}

}  // namespace
}  // namespace tocsin::sigma
