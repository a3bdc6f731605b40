#include "src/runtime/match/text_choice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/runtime/match/pattern_match.h"
#include "tests/reference/build.h"
#include "tests/reference/generate.h"

namespace tocsin::runtime {
namespace {

using reference::Glob;

TextChoice ChoiceOf(const std::vector<std::string>& globs) {
  TextChoice choice;
  for (const std::string& glob : globs) choice.Add(Glob(glob));
  choice.Build();
  return choice;
}

TEST(TextChoiceTest, APatternIsSimpleIfItIsOneLiteralBetweenRuns) {
  EXPECT_TRUE(TextChoice::IsSimple(Glob("abc")));
  EXPECT_TRUE(TextChoice::IsSimple(Glob("*abc")));
  EXPECT_TRUE(TextChoice::IsSimple(Glob("abc*")));
  EXPECT_TRUE(TextChoice::IsSimple(Glob("*abc*")));
  EXPECT_FALSE(TextChoice::IsSimple(Glob("")));
  EXPECT_FALSE(TextChoice::IsSimple(Glob("*")));
  EXPECT_FALSE(TextChoice::IsSimple(Glob("a*c")));
  EXPECT_FALSE(TextChoice::IsSimple(Glob("?bc")));
  EXPECT_FALSE(TextChoice::IsSimple(reference::CasedGlob("abc")));
}

TEST(TextChoiceTest, OnePatternThatMatchesIsEnough) {
  TextChoice choice = ChoiceOf({"*\\cmd.exe", "c:\\temp*", "*mimi*", "system"});
  EXPECT_TRUE(choice.Matches("c:\\windows\\cmd.exe"));
  EXPECT_TRUE(choice.Matches("c:\\temp\\a"));
  EXPECT_TRUE(choice.Matches("a mimi b"));
  EXPECT_TRUE(choice.Matches("system"));
  EXPECT_FALSE(choice.Matches("cmd.exe"));
  EXPECT_FALSE(choice.Matches("systems"));
  EXPECT_FALSE(choice.Matches(""));
}

TEST(TextChoiceTest, AgreesWithTheSinglePatterns) {
  reference::Generator generator(20260116);
  for (int round = 0; round < 300; ++round) {
    TextChoice choice;
    std::vector<base::Pattern> patterns;
    while (patterns.size() < 6) {
      std::string glob = generator.Text();
      if (glob.empty() || glob.find_first_of("*?") != std::string::npos) {
        continue;
      }
      if (generator.OneIn(2)) glob = "*" + glob;
      if (generator.OneIn(2)) glob += "*";
      patterns.push_back(Glob(glob));
      choice.Add(patterns.back());
    }
    choice.Build();
    for (int i = 0; i < 20; ++i) {
      const std::string text = generator.Text() + generator.Text();
      bool expected = false;
      for (const base::Pattern& pattern : patterns) {
        expected = expected || MatchesPattern(pattern, text);
      }
      ASSERT_EQ(choice.Matches(text), expected) << text;
    }
  }
}

}  // namespace
}  // namespace tocsin::runtime
