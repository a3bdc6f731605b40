// Examples of rules, as `tocsin test` runs them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tocsin/authoring.h"

namespace tocsin {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<ExampleResult> Tested(const std::string& text) {
  return TestRules({{"rules.toc", text}}).examples;
}

// What must hold of the one example of a rule of one event.
ExampleResult TestedLines(const std::string& lines) {
  return Tested(
             "rule r { detect process where user.name == \"kim\"\n"
             "  example \"e\" { " +
             lines + " } }")
      .at(0);
}

TEST(RuleTestsTest, AnExamplePassesWhereTheRuleDoesAsItSays) {
  EXPECT_EQ(TestedLines("let k = { event.category: \"process\" }\n"
                        "at 0s k { user.name: \"kim\" } expect 1\n"
                        "at 1s k { user.name: \"lee\" } expect nothing\n"
                        "at 2s 3x every 1s k { user.name: \"kim\" } expect 3 "
                        "where user.name : \"K*\"")
                .problem,
            "");
}

TEST(RuleTestsTest, AnExampleFailsWithItsLine) {
  const ExampleResult result = TestedLines(
      "\nat 0s { event.category: \"process\", user.name: \"kim\" }\nexpect 2");
  EXPECT_EQ(result.outcome, ExampleResult::kFailed);
  EXPECT_EQ(result.problem, "expected 2, found 1");
  EXPECT_EQ(result.line, 2);
  EXPECT_EQ(result.problem_line, 4);
}

TEST(RuleTestsTest, TheConditionOfExpectIsAboutWhatWasFound) {
  const ExampleResult result = TestedLines(
      "at 0s { event.category: \"process\", user.name: \"kim\" }\n"
      "expect 1 where user.name == \"lee\"");
  EXPECT_EQ(result.problem,
            "what was found does not satisfy `user.name == \"lee\"`");
}

TEST(RuleTestsTest, NumbersOfRepeatsStandInTexts) {
  EXPECT_EQ(
      Tested("rule r { detect any where user.name == \"u3\"\n"
             "  example \"e\" { at 0s 5x every 1s { user.name: \"u{n}\" } "
             "expect 1 } }")
          .at(0)
          .problem,
      "");
}

TEST(RuleTestsTest, AnEventAsAStepIsOfItsSource) {
  const std::vector<ExampleResult> results = Tested(
      "base = windows/security where event.code == \"4625\"\n"
      "rule r { a = base b = file when a and b within 5m by host.name\n"
      "  example \"as steps\" {\n"
      "    at 0s as a { event.code: \"4625\", host.name: \"h\" }\n"
      "    at 1s as b { host.name: \"h\" } expect 1 }\n"
      "  example \"not as steps\" {\n"
      "    at 0s { event.code: \"4625\", host.name: \"h\" }\n"
      "    at 1s as b { host.name: \"h\" } expect nothing } }");
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].problem, "");
  EXPECT_EQ(results[1].problem, "");
}

TEST(RuleTestsTest, ARuleThatIsNotLoadedIsNotRun) {
  const TestedRules tested = TestRules(
      {{"rules.toc",
        "rule r { detect process where a = 1 example \"e\" { at 0s { a: 1 } "
        "expect 1 } }"}});
  ASSERT_THAT(tested.examples, SizeIs(1));
  EXPECT_EQ(tested.examples[0].outcome, ExampleResult::kNotRun);
  EXPECT_THAT(tested.diagnostics, SizeIs(1));
}

TEST(RuleTestsTest, KeysAndMeasuresMayBeWorkedOut) {
  const std::vector<ExampleResult> results = Tested(
      "rule r { q = dns\n"
      "  when distinct(lower(dns.question.name)) of q >= 2 within 5m by "
      "registeredDomain(dns.question.name)\n"
      "  example \"one domain\" {\n"
      "    at 0s as q { dns.question.name: \"a.x.example\" }\n"
      "    at 1s as q { dns.question.name: \"A.X.example\" } expect nothing\n"
      "    at 2s as q { dns.question.name: \"b.y.example\" } expect nothing\n"
      "    at 3s as q { dns.question.name: \"b.x.example\" } expect 1 } }");
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].problem, "");
}

TEST(RuleTestsTest, AChangeMayBeOfAFormula) {
  const std::vector<ExampleResult> examples = Tested(R"(
    up = network where k == "up"
    rule larger {
      when spike sum(b) of up / up >= 3x past 2m per 1m by host
      example "three times the mean size, not the count" {
        let e = { k: "up", host: "h", b: 10 }
        at 0s 4x every 10s as up e
        at 60s 8x every 5s as up e
        at 120s as up e { b: 29 }
        at 180s as up e { b: 10 }
        advance 181s
        expect nothing
        at 240s as up e { b: 60 }
        advance 301s
        expect 1 where up.count == 1
      }
    })");
  ASSERT_THAT(examples, SizeIs(1));
  EXPECT_EQ(examples[0].outcome, ExampleResult::kPassed) << examples[0].problem;
}

// A Sigma rule that one of the worked examples names.
constexpr char kDumpRule[] = R"yaml(
title: Memory of a process is dumped
id: 5ef9853e-4d0e-4a70-846f-a9ca37d876da
logsource: {product: windows, category: process_creation}
detection:
  dump: {CommandLine|contains: 'comsvcs'}
  condition: dump
)yaml";

TEST(RuleTestsTest, TheWorkedExamplesPass) {
  const std::string folder = TOCSIN_SOURCE_DIR "/tests/golden/toc/";
  std::ifstream file(folder + "format/worked_examples.out");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const TestedRules tested =
      TestRules({{folder + "worked.toc", text}, {"dump.yml", kDumpRule}});
  EXPECT_THAT(tested.examples, SizeIs(26));
  for (const ExampleResult& result : tested.examples) {
    EXPECT_EQ(result.outcome, ExampleResult::kPassed)
        << result.rule << ", " << result.example << ", line "
        << result.problem_line << ": " << result.problem;
  }
}

TEST(RuleTestsTest, AnEventMaySayThatAnotherRuleFoundIt) {
  const std::vector<ExampleResult> results = Tested(
      "rule many { a = file when a >= 3 within 5m by host.name }\n"
      "rule r { many_ = rule \"many\" b = eql \"\"\"network where true\"\"\"\n"
      "  when many_ then b within 5m by host.name\n"
      "  example \"said\" {\n"
      "    at 0s as many_ { host.name: \"h\" }\n"
      "    at 1s as b { host.name: \"h\" } expect 1 }\n"
      "  example \"also what is one\" {\n"
      "    at 0s as many_ { host.name: \"h\" }\n"
      "    at 1s { event.category: \"network\", host.name: \"h\" } expect 1 } "
      "}");
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].problem, "");
  EXPECT_EQ(results[1].problem, "");
}

}  // namespace
}  // namespace tocsin
