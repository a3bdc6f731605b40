// Which rules the compiler warns of for their cost (T085).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tocsin/compiler.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> WarningsOf(const std::string& detection) {
  Compiler compiler;
  compiler.AddText(
      "title: A rule\nlogsource:\n  category: test\ndetection:\n" + detection,
      "rule.yml");
  std::vector<std::string> codes;
  for (const Diagnostic& diagnostic : compiler.Compile().diagnostics) {
    codes.push_back(diagnostic.code);
  }
  return codes;
}

TEST(UnguardedRulesTest, ATextInEachEventIsAGuard) {
  EXPECT_THAT(WarningsOf("  selection:\n    Image|endswith: shell.exe\n"
                         "    Size|gt: 10\n  condition: selection\n"),
              IsEmpty());
}

TEST(UnguardedRulesTest, ASizeAloneIsNone) {
  EXPECT_THAT(WarningsOf("  selection:\n    Size|gt: 10\n"
                         "  condition: selection\n"),
              ElementsAre("T085"));
}

TEST(UnguardedRulesTest, OneWayToMatchWithoutATextIsEnough) {
  EXPECT_THAT(WarningsOf("  a:\n    Image|endswith: shell.exe\n"
                         "  b:\n    Size|gt: 10\n  condition: a or b\n"),
              ElementsAre("T085"));
}

TEST(UnguardedRulesTest, ARuleThatMatchesEventsWithoutItsFieldsIsWarnedOfOnce) {
  EXPECT_THAT(WarningsOf("  a:\n    Image|endswith: shell.exe\n"
                         "  condition: not a\n"),
              ElementsAre("T082"));
}

}  // namespace
}  // namespace tocsin
