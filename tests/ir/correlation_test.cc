#include "src/ir/correlation.h"

#include <gtest/gtest.h>

namespace tocsin::ir {
namespace {

// `failed >= 5 then success within 10m by user.name`.
RuleList Chain() {
  RuleList list;
  list.rules.resize(2);
  Correlation rule;
  rule.steps = {{.name = "failed", .source_index = 0},
                {.name = "success", .source_index = 1}};
  rule.pattern.kind = Pattern::kChain;
  rule.pattern.legs = {{.steps = {0}, .count = 5}, {.steps = {1}}};
  rule.window.span = absl::Minutes(10);
  rule.group.parts = {
      {.name = "user.name", .fields = {{"user.name"}, {"user.name"}}}};
  rule.fire = base::FirePolicy::kReset;
  list.correlations.push_back(rule);
  return list;
}

TEST(CorrelationTest, AChainIsPrintedLegByLeg) {
  EXPECT_EQ(Print(Chain().correlations[0]),
            "step failed = rule 0\n"
            "step success = rule 1\n"
            "chain\n"
            "  failed >= 5\n"
            "  success\n"
            "window within 10m before\n"
            "by user.name = user.name\n"
            "fire reset\n");
}

TEST(CorrelationTest, ATruthIsPrintedAsATree) {
  RuleList list = Chain();
  Correlation& rule = list.correlations[0];
  Measure users{.kind = base::MeasureKind::kDistinct,
                .steps = {0, 1},
                .fields = {"user.name"}};
  rule.pattern = {};
  rule.pattern.truth.kind = Truth::kNot;
  Truth compare;
  compare.terms = {{.kind = Term::kMeasure, .measure = users},
                   {.kind = Term::kNumber, .number = 20}};
  rule.pattern.truth.children = {compare};
  rule.pattern.triggers = {1};
  rule.pattern.trigger_counts = false;
  EXPECT_EQ(Verify(list, 0), "");
  EXPECT_NE(Print(rule).find("truth at success apart\n"
                             "  not\n"
                             "    distinct(user.name) of failed | success >= "
                             "20\n"),
            std::string::npos)
      << Print(rule);
}

TEST(CorrelationTest, WhatAFrontEndPromisesIsChecked) {
  EXPECT_EQ(Verify(Chain(), 0), "");
  RuleList list = Chain();
  list.correlations[0].pattern.legs[0].negated = true;
  EXPECT_EQ(Verify(list, 0), "a chain that begins with not");
  list = Chain();
  list.correlations[0].pattern.legs[1].steps = {7};
  EXPECT_EQ(Verify(list, 0), "a step that is not there");
  list = Chain();
  list.correlations[0].window.span = absl::ZeroDuration();
  EXPECT_EQ(Verify(list, 0), "a window without length");
}

TEST(CorrelationTest, ARingOfCorrelationsIsFound) {
  RuleList list = Chain();
  list.correlations.push_back(list.correlations[0]);
  for (uint32_t i : {0u, 1u}) {
    list.correlations[i].steps[0].source = Step::kCorrelation;
    list.correlations[i].steps[0].source_index = 1 - i;
  }
  EXPECT_EQ(Verify(list, 0), "correlations form a ring");
}

}  // namespace
}  // namespace tocsin::ir
