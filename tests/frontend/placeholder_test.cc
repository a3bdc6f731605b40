#include "src/frontend/sigma/placeholder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::sigma {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PlaceholderTest, AnEscapedPercentSignIsPlain) {
  const PlaceholderParts parts =
      SplitPlaceholders(R"(\%a%name%)", ValueSyntax::kSigma);
  EXPECT_THAT(parts.texts, ElementsAre("%a", ""));
  EXPECT_THAT(parts.names, ElementsAre("name"));
}

TEST(PlaceholderTest, SeveralPlaceholdersKeepTheTextBetween) {
  const PlaceholderParts parts =
      SplitPlaceholders("a%x%b%y-z.1%%w%", ValueSyntax::kSigma);
  EXPECT_THAT(parts.texts, ElementsAre("a", "b", "", ""));
  EXPECT_THAT(parts.names, ElementsAre("x", "y-z.1", "w"));
}

TEST(PlaceholderTest, ADoubledBackslashDoesNotEscapeThePercentSign) {
  const PlaceholderParts parts =
      SplitPlaceholders(R"(C:\\%dir%)", ValueSyntax::kSigma);
  EXPECT_THAT(parts.texts, ElementsAre(R"(C:\\)", ""));
  EXPECT_THAT(parts.names, ElementsAre("dir"));
}

TEST(PlaceholderTest, PercentSignsWithoutANameArePlain) {
  for (const char* raw : {"100%", "%%", "% a%", "%a b%", "%a"}) {
    EXPECT_THAT(PlaceholderNames(raw, ValueSyntax::kSigma), IsEmpty()) << raw;
    EXPECT_EQ(WithoutExpand(raw, ValueSyntax::kSigma), raw);
  }
}

TEST(PlaceholderTest, ARegexKeepsItsEscapes) {
  const PlaceholderParts parts =
      SplitPlaceholders(R"(\d\\%n%\.\%)", ValueSyntax::kRegex);
  EXPECT_THAT(parts.texts, ElementsAre(R"(\d\\)", R"(\.%)"));
  EXPECT_THAT(parts.names, ElementsAre("n"));
}

}  // namespace
}  // namespace tocsin::sigma
