#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A rule of no log source with this selection.
std::string Rule(const std::string& title, const std::string& selection) {
  return "title: " + title +
         "\nlogsource:\n  category: test\ndetection:\n  selection:\n    " +
         selection + "\n  condition: selection\n";
}

class RuleCostsTest : public ::testing::Test {
 protected:
  Engine MakeEngine(const std::vector<std::string>& rules,
                    EngineOptions options) {
    Compiler compiler;
    for (const std::string& rule : rules) compiler.AddText(rule, "rule.yml");
    options.routing = false;
    return Engine(compiler.Compile().rules, sink_, std::move(options));
  }

  CallbackSink sink_{[](const Detection&) {}};
};

TEST_F(RuleCostsTest, AreNotCollectedUnlessAskedFor) {
  Engine engine = MakeEngine({Rule("Shell", "Image: a.exe")}, {});
  engine.Feed(Event::Json(R"({"Image":"a.exe"})"));
  EXPECT_THAT(engine.rule_costs(), IsEmpty());
}

TEST_F(RuleCostsTest, AnEventWithoutTheGuardCostsTheRuleNothing) {
  Engine engine = MakeEngine({Rule("Shell", "Image|endswith: shell.exe")},
                             {.collect_rule_costs = true});
  engine.Feed(Event::Json(R"({"Image":"notepad.exe"})"));
  EXPECT_EQ(engine.rule_costs()[0].candidates, 0);
}

TEST_F(RuleCostsTest, CountsWhatWasEvaluatedAndWhatMatched) {
  Engine engine =
      MakeEngine({Rule("Shell", "Image|endswith: shell.exe\n    Size|gt: 10"),
                  Rule("Other", "Image|endswith: other.exe")},
                 {.collect_rule_costs = true});
  engine.Feed(Event::Json(R"({"Image":"powershell.exe","Size":5})"));
  engine.Feed(Event::Json(R"({"Image":"powershell.exe","Size":50})"));
  ASSERT_THAT(engine.rule_costs(), SizeIs(2));
  EXPECT_EQ(engine.rule_costs()[0].candidates, 2);
  EXPECT_EQ(engine.rule_costs()[0].evaluations, 2);
  EXPECT_EQ(engine.rule_costs()[0].matches, 1);
  EXPECT_EQ(engine.rule_costs()[1].candidates, 0);
}

TEST_F(RuleCostsTest, MatchesAreTheDetectionsOfTheRule) {
  Engine engine =
      MakeEngine({Rule("Any", "Image: '*'")}, {.collect_rule_costs = true});
  for (int i = 0; i < 3; ++i) {
    engine.Feed(Event::Json(R"({"Image":"a"})"));
  }
  EXPECT_EQ(engine.rule_costs()[0].matches, 3);
  EXPECT_EQ(engine.detections_by_rule()[0], 3);
}

TEST_F(RuleCostsTest, TimeIsThatOfTheHostsClock) {
  int64_t now = 0;
  Engine engine = MakeEngine(
      {Rule("Shell", "Image|endswith: shell.exe\n    Size|gt: 10")},
      {.collect_rule_costs = true, .clock = [&now] { return now += 7; }});
  engine.Feed(Event::Json(R"({"Image":"powershell.exe","Size":5})"));
  engine.Feed(Event::Json(R"({"Image":"powershell.exe","Size":6})"));
  EXPECT_EQ(engine.rule_costs()[0].nanos, 14);
}

TEST_F(RuleCostsTest, WithoutAClockNoTimeIsMeasured) {
  Engine engine = MakeEngine({Rule("Shell", "Image|endswith: shell.exe")},
                             {.collect_rule_costs = true});
  engine.Feed(Event::Json(R"({"Image":"powershell.exe"})"));
  EXPECT_EQ(engine.rule_costs()[0].nanos, 0);
}

TEST_F(RuleCostsTest, ALongerRuleTakesMoreBytes) {
  const Engine engine = MakeEngine(
      {Rule("Short", "Image|endswith: shell.exe"),
       Rule("Long", "Image|endswith: [shell.exe, command.exe, script.exe]")},
      {.collect_rule_costs = true});
  EXPECT_GT(engine.rule_costs()[0].bytes, 0);
  EXPECT_GT(engine.rule_costs()[1].bytes, engine.rule_costs()[0].bytes);
}

}  // namespace
}  // namespace tocsin
