#include "src/runtime/match/counted_run.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "src/base/regex.h"

namespace tocsin::runtime {
namespace {

TEST(CountedRunTest, TakesExpressionsThatOnlyCount) {
  for (const char* regex : {".{1000,}", "(.){200,}", ".{150}", "[^/]{100,}$",
                            ".{2,5}", "[^/ ]{3}"}) {
    EXPECT_TRUE(CountedRun::Parse(regex)) << regex;
  }
}

TEST(CountedRunTest, LeavesOthersToTheGeneralMatcher) {
  for (const char* regex :
       {"",          ".",         "a{3}",    ".{3",
        ".{,3}",     "(.{3}",     "(.{3})",  "^.{3}",
        ".{3}x",     ".{3}?",     ".{3}|a",  ".{0,}",
        "[^a-z]{3}", "[^\\d]{3}", "[^]]{3}", "[^[:alpha:]]{3}",
        "(?s).{3}",  ".{5,2}",    "[^]{3}",  "[^é]{3}"}) {
    EXPECT_FALSE(CountedRun::Parse(regex)) << regex;
  }
}

TEST(CountedRunTest, AgreesWithRe2) {
  std::mt19937 random(20260120);
  static constexpr std::string_view kParts[] = {"a", "/", " ", "\n", "é", "€"};
  for (const char* text_of : {".{3,}", "(.){4}", "[^/]{3,}$", "[^/ ]{2}",
                              ".{2,3}$", "[^a\n]{1,2}", ".{7}"}) {
    const std::optional<CountedRun> run = CountedRun::Parse(text_of);
    ASSERT_TRUE(run) << text_of;
    const RE2 regex(text_of, base::RegexOptions());
    ASSERT_TRUE(regex.ok());
    for (int i = 0; i < 2000; ++i) {
      std::string text;
      for (size_t parts = random() % 10; parts > 0; --parts) {
        text += kParts[random() % std::size(kParts)];
      }
      ASSERT_EQ(run->Matches(text), RE2::PartialMatch(text, regex))
          << text_of << " in " << text;
    }
  }
}

}  // namespace
}  // namespace tocsin::runtime
