#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/ir/correlation.h"
#include "tests/frontend/sigma_testing.h"

namespace tocsin::sigma {
namespace {

using testing::Compile;
using testing::Compiled;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Rule(const std::string& name, const std::string& id = "") {
  return "title: Rule " + name + "\nname: " + name +
         (id.empty() ? "" : "\nid: " + id) +
         "\nlogsource: {product: windows}\ndetection:\n  s: {kind: " + name +
         "}\n  condition: s\n";
}

// An event_count of `rules`; `more` are further keys.
std::string Count(const std::string& name, const std::string& rules,
                  const std::string& more = "") {
  return "title: Count " + name + "\nname: " + name +
         "\ncorrelation: {type: event_count, rules: [" + rules +
         "], group-by: [User], timespan: 5m, condition: {gte: 3}" + more +
         "}\n";
}

std::string Together(const std::vector<std::string>& documents) {
  std::string text;
  for (const std::string& document : documents) text += document + "---\n";
  return text;
}

std::vector<std::string> Titles(const Compiled& compiled) {
  std::vector<std::string> titles;
  for (const ir::Correlation& c : compiled.result.correlations) {
    titles.push_back(c.info.title);
  }
  return titles;
}

void ExpectVerified(const Compiled& compiled) {
  const ir::RuleList list{compiled.result.rules, compiled.result.correlations};
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    EXPECT_EQ(ir::Verify(list, i), "");
  }
}

// "feeds" or "alerts" for each rule.
std::vector<std::string> Roles(const Compiled& compiled) {
  std::vector<std::string> roles;
  for (const ir::Rule& rule : compiled.result.rules) {
    roles.push_back(rule.role == ir::RuleRole::kReports ? "alerts" : "feeds");
  }
  return roles;
}

TEST(CorrelationTest, ARuleIsReferredToByIdAndByName) {
  for (const std::string reference : {"base", "base-id"}) {
    const Compiled compiled =
        Compile({Together({Rule("base", "base-id"), Count("n", reference)})});
    EXPECT_EQ(compiled.problems(), "");
    ASSERT_THAT(compiled.result.correlations, SizeIs(1));
    EXPECT_EQ(compiled.result.correlations[0].steps[0].name, "base");
    EXPECT_EQ(compiled.result.correlations[0].steps[0].source_index, 0u);
  }
}

TEST(CorrelationTest, BothReferencesToARuleAreOneStep) {
  const Compiled compiled = Compile(
      {Together({Rule("base", "base-id"), Count("n", "base, base-id")})});
  ASSERT_THAT(compiled.result.correlations, SizeIs(1));
  EXPECT_THAT(compiled.result.correlations[0].steps, SizeIs(1));
}

TEST(CorrelationTest, RulesMayStandBeforeBehindAndInOtherFiles) {
  const std::vector<std::vector<std::string>> orders = {
      {Together({Rule("a"), Rule("b"), Count("n", "b")})},
      {Together({Count("n", "b"), Rule("a"), Rule("b")})},
      {Count("n", "b"), Rule("a"), Rule("b")},
      {Rule("a"), Rule("b"), Count("n", "b")}};
  for (const std::vector<std::string>& files : orders) {
    const Compiled compiled = Compile(files);
    EXPECT_EQ(compiled.problems(), "");
    ASSERT_THAT(compiled.result.correlations, SizeIs(1));
    EXPECT_EQ(compiled.result.correlations[0].steps[0].source_index, 1u);
    EXPECT_THAT(Roles(compiled), ElementsAre("alerts", "feeds"));
  }
}

TEST(CorrelationTest, RulesAreNumberedWithoutThoseThatAreNotLoaded) {
  const std::string broken =
      "title: broken\nlogsource: {product: windows}\ndetection:\n"
      "  s: {a|cidr: x}\n  condition: s\n";
  const Compiled compiled =
      Compile({Together({broken, Count("n", "b"), Rule("a"), Rule("b")})});
  ASSERT_THAT(compiled.result.correlations, SizeIs(1));
  EXPECT_EQ(compiled.result.correlations[0].steps[0].source_index, 1u);
  EXPECT_EQ(compiled.result.documents, 4);
}

TEST(CorrelationTest, AMissingReferenceCostsThatDocumentOnly) {
  const Compiled compiled =
      Compile({Together({Rule("a"), Rule("b"), Count("bad", "a, no_such_rule"),
                         Count("ok", "b")})});
  EXPECT_THAT(compiled.problems(), StartsWith("T039 rule.yml:"));
  EXPECT_THAT(Titles(compiled), ElementsAre("Count ok"));
  EXPECT_THAT(Roles(compiled), ElementsAre("alerts", "feeds"));
}

TEST(CorrelationTest, RulesThatShareANameAreCountedTogether) {
  const Compiled compiled =
      Compile({Together({Rule("twin", "1"), Rule("twin", "2"),
                         "title: t\ncorrelation: {type: temporal, rules: "
                         "[twin, other], timespan: 5m}\n",
                         Rule("other")})});
  ASSERT_THAT(compiled.result.correlations, SizeIs(1));
  EXPECT_THAT(ir::Print(compiled.result.correlations[0]),
              HasSubstr("    count of twin | twin >= 1\n"
                        "    count of other >= 1\n"));
  ExpectVerified(compiled);
}

TEST(CorrelationTest, OneThatAsksForTheAlertsIsEnough) {
  EXPECT_THAT(Roles(Compile({Together({Rule("a"), Count("m", "a"),
                                       Count("n", "a", ", generate: true")})})),
              ElementsAre("alerts"));
  EXPECT_THAT(Roles(Compile({Together({Rule("a"), Count("m", "a"),
                                       Count("n", "a", ", generate: no")})})),
              ElementsAre("feeds"));
}

TEST(CorrelationTest, WhatHasBeenLostLeavesItsRulesAlerting) {
  const Compiled compiled = Compile({Together(
      {Rule("a"), Count("inner", "a, gone"), Count("outer", "inner")})});
  EXPECT_THAT(Titles(compiled), IsEmpty());
  EXPECT_THAT(Roles(compiled), ElementsAre("alerts"));
  EXPECT_THAT(compiled.problems(),
              HasSubstr("correlation `inner` is not loaded, as it has errors"));
}

TEST(CorrelationTest, PipelinesRenameTheFieldsOfRules) {
  const std::string mapping =
      "name: p\ntransformations:\n  - type: field_name_mapping\n"
      "    mapping: {User: user.name, Ip: [source.ip, client.ip], kind: k}\n";
  const Compiled compiled = Compile(
      {Together({Rule("a"),
                 "title: t\nname: inner\ncorrelation: {type: value_count, "
                 "rules: [a], group-by: [User, Ip], timespan: 5m, condition: "
                 "{field: User, gte: 3}}\n",
                 "title: u\ncorrelation: {type: event_count, rules: [inner], "
                 "group-by: [User], timespan: 5m, condition: {gte: 3}}\n"})},
      {mapping});
  EXPECT_EQ(compiled.problems(), "");
  ASSERT_THAT(compiled.result.correlations, SizeIs(2));
  EXPECT_THAT(ir::Print(compiled.result.correlations[0]),
              HasSubstr("distinct(user.name) of a >= 3\n"
                        "window within 5m before\n"
                        "by User = user.name\n"
                        "by Ip = source.ip + client.ip\n"));
  EXPECT_THAT(ir::Print(compiled.result.correlations[1]),
              HasSubstr("by User = User\n"));
}

TEST(CorrelationTest, PipelinesMayNameFieldsOfEachRuleDifferently) {
  const std::string rule_b =
      "title: Rule b\nname: b\nlogsource: {product: linux}\ndetection:\n"
      "  s: {kind: b}\n  condition: s\n";
  const std::string mapping =
      "name: p\ntransformations:\n  - type: field_name_mapping\n"
      "    mapping: {User: winlog.user}\n"
      "    rule_conditions: [{type: logsource, product: windows}]\n";
  const Compiled compiled =
      Compile({Together({Rule("a"), rule_b, Count("n", "a, b")})}, {mapping});
  EXPECT_EQ(compiled.problems(), "");
  ASSERT_THAT(compiled.result.correlations, SizeIs(1));
  EXPECT_THAT(ir::Print(compiled.result.correlations[0]),
              HasSubstr("by User = a:winlog.user, b:User\n"));
}

TEST(CorrelationTest, ARuleThatAPipelineRefusesCostsItsCorrelations) {
  const Compiled compiled = Compile(
      {Together({Rule("a"), Rule("b"), Count("n", "a"), Count("m", "b")})},
      {"name: p\ntransformations:\n  - type: rule_failure\n"
       "    message: no\n    rule_conditions: [{type: "
       "contains_detection_item, field: kind, value: a}]\n"});
  EXPECT_THAT(compiled.problems(),
              HasSubstr("rule `a` is not loaded, as it has errors"));
  EXPECT_THAT(Titles(compiled), ElementsAre("Count m"));
}

TEST(CorrelationTest, FiltersAreNeverForCorrelations) {
  const Compiled compiled =
      Compile({Together({Rule("a"), Count("n", "a"),
                         "title: f\nlogsource: {product: windows}\nfilter:\n"
                         "  rules: [n]\n  s: {x: y}\n  condition: not s\n"})});
  EXPECT_THAT(compiled.problems(), StartsWith("T072"));
  EXPECT_THAT(Titles(compiled), ElementsAre("Count n"));
}

TEST(CorrelationTest, AChainIsLoadedUpToItsLimit) {
  const auto chain = [](int length) {
    std::vector<std::string> documents = {Rule("c0")};
    for (int i = 1; i <= length; ++i) {
      documents.push_back(
          Count("c" + std::to_string(i), "c" + std::to_string(i - 1)));
    }
    return Compile({Together(documents)});
  };
  const Compiled whole = chain(16);
  EXPECT_EQ(whole.problems(), "");
  EXPECT_THAT(whole.result.correlations, SizeIs(16));
  ExpectVerified(whole);
  // The rest falls with the first that is too deep.
  const Compiled deep = chain(20'000);
  EXPECT_THAT(deep.result.correlations, SizeIs(16));
  EXPECT_THAT(deep.diagnostics, SizeIs(20'000 - 16));
  EXPECT_EQ(deep.result.documents, 20'001);
}

TEST(CorrelationTest, ARingOfAnyLengthIsRefused) {
  for (const int length : {1, 2, 3, 20'000}) {
    std::vector<std::string> documents = {Rule("base"), Count("ok", "base")};
    for (int i = 0; i < length; ++i) {
      documents.push_back(Count("r" + std::to_string(i),
                                "r" + std::to_string((i + 1) % length)));
    }
    const Compiled compiled = Compile({Together(documents)});
    EXPECT_THAT(Titles(compiled), ElementsAre("Count ok"));
    ASSERT_THAT(compiled.diagnostics, Not(IsEmpty()));
    for (const Diagnostic& d : compiled.diagnostics) EXPECT_EQ(d.code, "T048");
  }
}

TEST(CorrelationTest, ThousandsOfReferencesAreRefused) {
  std::string names;
  for (int i = 0; i < 50'000; ++i) names += "r" + std::to_string(i) + ", ";
  const Compiled compiled =
      Compile({Together({Rule("a"), Count("n", names + "a")})});
  EXPECT_THAT(compiled.problems(), StartsWith("T051"));
  EXPECT_THAT(compiled.diagnostics, SizeIs(1));
}

TEST(CorrelationTest, ThousandsOfDocumentsOfOneNameAreRefused) {
  std::vector<std::string> documents;
  for (int i = 0; i < 5'000; ++i) documents.push_back(Count("n", "n"));
  const Compiled compiled = Compile({Together(documents)});
  EXPECT_THAT(compiled.result.correlations, IsEmpty());
  EXPECT_THAT(compiled.problems(),
              HasSubstr("5000 documents have the id or name `n`"));
}

TEST(CorrelationTest, NamesThatMeanManyDocumentsMakeNoMoreStepsThanAllowed) {
  std::vector<std::string> documents;
  std::string names;
  for (int i = 0; i < 5; ++i) {
    const std::string name = "n" + std::to_string(i);
    for (int k = 0; k < 8; ++k) {
      documents.push_back(Rule(name, name + std::to_string(k)));
    }
    names += (i == 0 ? "" : ", ") + name;
  }
  documents.push_back(Count("c", names));
  EXPECT_THAT(Compile({Together(documents)}).problems(),
              HasSubstr("stand for 40 documents, more than 32"));
}

TEST(CorrelationTest, NestedConditionsOverRulesAreRefusedWhenDeep) {
  const std::string deep =
      std::string(5'000, '(') + "a" + std::string(5'000, ')');
  const Compiled compiled =
      Compile({Together({Rule("a"),
                         "title: t\ncorrelation: {type: temporal, rules: "
                         "[a], timespan: 5m, condition: '" +
                             deep + "'}\n"})});
  EXPECT_THAT(compiled.problems(), StartsWith("T023"));
}

}  // namespace
}  // namespace tocsin::sigma
