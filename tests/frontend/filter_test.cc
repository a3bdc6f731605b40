#include "src/frontend/sigma/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/sigma_testing.h"

namespace tocsin::sigma {
namespace {

using testing::Compile;
using testing::Compiled;
using ::testing::HasSubstr;
using testing::Indent;
using testing::RuleOf;

// A filter for Windows with `body` under `filter:`.
std::string FilterOf(std::string_view body,
                     std::string_view log_source = "{product: windows}") {
  return "title: A filter\nlogsource: " + std::string(log_source) +
         "\nfilter:\n" + Indent(2, body);
}

const std::string kRule = RuleOf("selection: {a: x}\ncondition: selection");

TEST(FilterTest, ItsConditionIsAddedAsItIsWritten) {
  const Compiled compiled =
      Compile({kRule, FilterOf("rules: [rule_1]\n"
                               "selection: {User: svc}\n"
                               "condition: not selection")});
  EXPECT_EQ(compiled.conditions() + compiled.problems(),
            "and\n"
            "  a is \"x\"  #selection\n"
            "  not\n"
            "    User is \"svc\"  #selection\n");
  EXPECT_EQ(compiled.result.filters_loaded, 1);
  EXPECT_EQ(compiled.result.documents, 2);
}

TEST(FilterTest, ItsSelectionsAndPatternsAreItsOwn) {
  EXPECT_EQ(Compile({RuleOf("sel_a: {a: x}\ncondition: 1 of sel_*"),
                     FilterOf("rules: [00000000-0000-4000-8000-000000000001]\n"
                              "sel_user: {User: svc}\n"
                              "sel_host: {Host: lab}\n"
                              "condition: not 1 of sel_*")})
                .conditions(),
            "and\n"
            "  a is \"x\"  #sel_a\n"
            "  not\n"
            "    or\n"
            "      User is \"svc\"  #sel_user\n"
            "      Host is \"lab\"  #sel_host\n");
}

TEST(FilterTest, SeveralFiltersApplyToOneRule) {
  EXPECT_EQ(
      Compile({kRule, FilterOf("rules: [rule_1]\nf: {b: 1}\ncondition: not f"),
               FilterOf("rules: any\nf: {c: 2}\ncondition: not f")})
          .conditions(),
      "and\n"
      "  a is \"x\"  #selection\n"
      "  not\n"
      "    b == 1  #f\n"
      "  not\n"
      "    c == 2  #f\n");
}

TEST(FilterTest, ANameGivenTwiceAppliesOnce) {
  EXPECT_EQ(Compile({kRule, FilterOf("rules: [rule_1, "
                                     "00000000-0000-4000-8000-000000000001]\n"
                                     "f: {b: 1}\ncondition: not f")})
                .conditions(),
            "and\n"
            "  a is \"x\"  #selection\n"
            "  not\n"
            "    b == 1  #f\n");
}

TEST(FilterTest, AnyMeansTheRulesItsLogSourceCovers) {
  const std::string body = "rules: any\nf: {b: 1}\ncondition: not f";
  auto applies = [&](std::string_view log_source) {
    return Compile({kRule, FilterOf(body, log_source)})
               .conditions()
               .find("b == 1") != std::string::npos;
  };
  EXPECT_TRUE(applies("{product: windows}"));
  EXPECT_TRUE(applies("{category: process_creation}"));
  EXPECT_TRUE(applies("{product: windows, category: process_creation}"));
  EXPECT_FALSE(applies("{product: linux}"));
  EXPECT_FALSE(applies("{product: windows, service: sysmon}"));
}

TEST(FilterTest, OneThatReachesNoRuleIsTold) {
  EXPECT_THAT(Compile({kRule, FilterOf("rules: any\nf: {b: 1}\n"
                                       "condition: not f",
                                       "{product: linux}")})
                  .problems(),
              HasSubstr("T074 rule2.yml:2:12 no rule that is loaded has a log "
                        "source that this filter covers"));
  EXPECT_THAT(Compile({kRule, FilterOf("rules: [rule_1]\nf: {b: 1}\n"
                                       "condition: not f",
                                       "{product: linux}")})
                  .problems(),
              HasSubstr("T074 rule2.yml:4:11 the filter's log source does not "
                        "cover that of the rule `rule_1`"));
}

TEST(FilterTest, AReferenceThatLeadsNowhereCostsOnlyItself) {
  const Compiled compiled =
      Compile({kRule, FilterOf("rules: [no_such_rule, rule_1]\n"
                               "f: {b: 1}\ncondition: not f")});
  EXPECT_THAT(compiled.conditions(), HasSubstr("b == 1"));
  EXPECT_EQ(compiled.problems(),
            "T072 rule2.yml:4:11 no rule with the id or name `no_such_rule` is "
            "loaded (load the rule too, or take the reference out)\n");
}

TEST(FilterTest, APositiveConditionIsTakenAtItsWordAndWarnedOf) {
  const Compiled compiled =
      Compile({kRule, FilterOf("rules: [rule_1]\nf: {b: 1}\ncondition: f")});
  EXPECT_EQ(compiled.conditions(),
            "and\n"
            "  a is \"x\"  #selection\n"
            "  b == 1  #f\n");
  EXPECT_EQ(compiled.problems(),
            "T073 rule2.yml:6:14 the filter keeps only the events that its "
            "selections match (to leave them out, write `not f`)\n");
}

TEST(FilterTest, OnlyConditionsThatKeepWhatTheySelectAreWarnedOf) {
  auto problems = [](std::string_view condition) {
    return Compile({kRule, FilterOf("rules: [rule_1]\nf: {b: 1}\ng: {c: 1}\n"
                                    "condition: " +
                                    std::string(condition))})
        .problems();
  };
  EXPECT_THAT(problems("f and g"), HasSubstr("write `not (f and g)`"));
  EXPECT_THAT(problems("1 of them"), HasSubstr("write `not (1 of them)`"));
  EXPECT_EQ(problems("not f or not g"), "");
  EXPECT_EQ(problems("not (f or g)"), "");
  EXPECT_EQ(problems("not (f and not g)"), "");
}

TEST(FilterTest, AFilterInErrorCostsItselfOnly) {
  const Compiled compiled =
      Compile({kRule, FilterOf("rules: [rule_1]\nf: {b|startwith: x}\n"
                               "condition: not f")});
  EXPECT_EQ(compiled.conditions(), "a is \"x\"  #selection\n");
  EXPECT_THAT(compiled.problems(), HasSubstr("T014 rule2.yml:5:9"));
  EXPECT_EQ(compiled.diagnostics.size(), 1u) << compiled.problems();
  EXPECT_EQ(compiled.result.filters_loaded, 0);
}

TEST(FilterTest, WhatFiltersAddToRulesIsBounded) {
  std::string values;
  for (int i = 0; i < 1500; ++i) values += "v, ";
  std::vector<std::string> files;
  for (int i = 0; i < 3000; ++i) {
    files.push_back(
        "title: t\nlogsource: {product: windows}\n"
        "detection: {s: {a: x}, condition: s}\n");
  }
  files.push_back(
      FilterOf("rules: any\nf: {b: [" + values + "]}\ncondition: not f"));
  const Compiled compiled = Compile(files);
  EXPECT_EQ(compiled.result.rules.size(), 3000u);
  EXPECT_EQ(compiled.result.filters_loaded, 0);
  EXPECT_THAT(compiled.problems(),
              HasSubstr("T077 rule3001.yml:2:12 with this filter, filters add "
                        "more than 4000000 values to rules (it would apply to "
                        "3000 rules"));
}

TEST(FilterTest, PipelinesRenameTheFieldsOfFiltersToo) {
  EXPECT_EQ(Compile({kRule, FilterOf("rules: any\nf: {User|expand: '%svc%'}\n"
                                     "condition: not f")},
                    {"vars: {svc: [kim, lee]}\n"
                     "transformations:\n"
                     "  - {type: value_placeholders}\n"
                     "  - {type: field_name_mapping, "
                     "mapping: {User: user.name}}\n"})
                .conditions(),
            "and\n"
            "  a is \"x\"  #selection\n"
            "  not\n"
            "    or  #f\n"
            "      user.name is \"kim\"\n"
            "      user.name is \"lee\"\n");
}

TEST(FilterTest, APlaceholderWithoutValueCostsTheFilterAndNoRule) {
  const Compiled compiled =
      Compile({kRule, FilterOf("rules: any\nf: {User|expand: '%svc%'}\n"
                               "condition: not f")});
  EXPECT_EQ(compiled.result.rules.size(), 1u);
  EXPECT_EQ(compiled.result.filters_loaded, 0);
  EXPECT_THAT(compiled.problems(), HasSubstr("rule2.yml:5:"));
  EXPECT_THAT(compiled.problems(), HasSubstr("placeholder `%svc%`"));
}

}  // namespace
}  // namespace tocsin::sigma
