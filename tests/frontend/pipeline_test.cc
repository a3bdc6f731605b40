#include "src/frontend/sigma/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/sigma_testing.h"

namespace tocsin::sigma {
namespace {

using testing::Compile;
using testing::Compiled;
using ::testing::HasSubstr;
using testing::RuleOf;

const std::string kRule = RuleOf("s: {a: x}\ncondition: s");

std::string ProblemsOf(const std::string& pipeline) {
  return Compile({kRule}, {pipeline}).problems();
}

std::string Renaming(std::string_view priority, std::string_view prefix) {
  return std::string(priority) +
         "transformations: [{type: field_name_prefix, prefix: " +
         std::string(prefix) + "}]\n";
}

TEST(PipelineTest, LowPrioritiesComeFirstThenTheOrderOfAddition) {
  EXPECT_EQ(
      Compile({kRule}, {Renaming("priority: 20\n", "d."),
                        Renaming("priority: 10\n", "b."),
                        Renaming("priority: 10\n", "c."), Renaming("", "a.")})
          .conditions(),
      "d.c.b.a.a is \"x\"  #s\n");
}

TEST(PipelineTest, WhatConcernsQueriesIsIgnoredAndTold) {
  EXPECT_EQ(ProblemsOf("name: p\n"
                       "allowed_backends: [x]\n"
                       "postprocessing: [{type: embed}]\n"
                       "finalizers: [{type: concat}]\n"),
            "T067 pipeline.yml:2:19 `allowed_backends` is ignored: rules are "
            "not turned into queries here\n"
            "T067 pipeline.yml:3:17 `postprocessing` is ignored: it changes "
            "the text of queries, which there are none of here\n"
            "T067 pipeline.yml:4:13 `finalizers` is ignored: they change the "
            "text of queries, which there are none of here\n");
}

TEST(PipelineTest, UnknownKeysAreNamedWithTheNearest) {
  EXPECT_EQ(ProblemsOf("nmae: p\n"),
            "T060 pipeline.yml:1:1 unknown key `nmae` in the pipeline (did you "
            "mean `name`?)\n");
  EXPECT_EQ(ProblemsOf("transformations:\n"
                       "  - type: field_name_mapping\n"
                       "    maping: {a: b}\n"),
            "T063 pipeline.yml:2:5 the transformation `field_name_mapping` "
            "needs the key `mapping`\n"
            "T060 pipeline.yml:3:5 unknown key `maping` in the transformation "
            "`field_name_mapping` (did you mean `mapping`?)\n");
}

TEST(PipelineTest, UnknownTransformationsAreNamedWithTheNearest) {
  EXPECT_EQ(ProblemsOf("transformations: [{type: field_name_maping}]\n"),
            "T061 pipeline.yml:1:26 unknown transformation "
            "`field_name_maping` (did you mean `field_name_mapping`?)\n");
}

TEST(PipelineTest, TransformationsOfQueriesAreRefusedWithAWayOut) {
  EXPECT_THAT(
      ProblemsOf("transformations: [{type: query_expression_placeholders}]\n"),
      HasSubstr("T064 pipeline.yml:1:26 the transformation "
                "`query_expression_placeholders` is not supported (it writes "
                "text of a query language; use `value_placeholders`"));
  EXPECT_THAT(ProblemsOf("transformations: [{type: regex}]\n"),
              HasSubstr("T064"));
}

TEST(PipelineTest, ValuesOfTheWrongShapeAreTold) {
  EXPECT_THAT(ProblemsOf("priority: high\n"),
              HasSubstr("T063 pipeline.yml:1:11 expected a whole number for "
                        "`priority` of the pipeline"));
  EXPECT_THAT(ProblemsOf("vars: [a]\n"), HasSubstr("expected a mapping"));
  EXPECT_THAT(ProblemsOf("transformations: {a: b}\n"),
              HasSubstr("expected a list of transformations"));
  EXPECT_THAT(ProblemsOf("transformations: [x]\n"),
              HasSubstr("expected a mapping for the transformation"));
  EXPECT_THAT(ProblemsOf("transformations: [{id: x}]\n"),
              HasSubstr("the transformation needs the key `type`"));
  EXPECT_THAT(ProblemsOf("- a\n"), HasSubstr("expected a mapping"));
  EXPECT_THAT(
      ProblemsOf("transformations: [{type: field_name_prefix, prefix: [a]}]\n"),
      HasSubstr("expected text for `prefix`"));
  EXPECT_THAT(
      ProblemsOf("transformations: [{type: field_name_mapping, mapping: "
                 "{a: []}}]\n"),
      HasSubstr("expected a name or a list of names for `a`"));
  EXPECT_THAT(ProblemsOf("transformations: [{type: case, method: uper}]\n"),
              HasSubstr("expected one of `lower`, `upper` for `method`, found "
                        "`uper` (did you mean `upper`?)"));
}

TEST(PipelineTest, ConditionsWithoutEffectAreTold) {
  EXPECT_THAT(
      ProblemsOf("transformations:\n"
                 "  - type: set_state\n"
                 "    key: k\n"
                 "    val: v\n"
                 "    field_name_conditions:\n"
                 "      - {type: include_fields, fields: [a]}\n"),
      HasSubstr("T067 pipeline.yml:6:7 `field_name_conditions` has no effect "
                "on the transformation `set_state`"));
}

TEST(PipelineTest, AllProblemsOfAFileAreTold) {
  EXPECT_EQ(Compile({kRule}, {"x: 1\ntransformations: [{type: y}, {z: 1}]\n"})
                .diagnostics.size(),
            4u);
}

TEST(PipelineTest, TransformationsOfAPipelineAreBounded) {
  std::string pipeline = "transformations:\n";
  for (int i = 0; i < 5001; ++i)
    pipeline += "  - {type: set_state, key: k, val: v}\n";
  EXPECT_EQ(ProblemsOf(pipeline),
            "T071 pipeline.yml:5002:5 the pipeline has too many "
            "transformations (join mappings, or split the pipeline in two)\n");
}

TEST(PipelineTest, NoRuleIsLoadedWithoutAPipelineThatItMayNeed) {
  for (const char* pipeline : {"nmae: p\n", "name: [\n", "a: 1\na: 2\n"}) {
    const Compiled compiled = Compile({kRule}, {"name: fine\n", pipeline});
    EXPECT_TRUE(compiled.result.rules.empty()) << pipeline;
    EXPECT_EQ(compiled.result.documents, 1);
    const Diagnostic& last = compiled.diagnostics.back();
    EXPECT_EQ(RenderDiagnostic(last),
              "pipeline2.yml: error[T078]: the pipeline cannot be used, so no "
              "rule is loaded\n"
              "   = help: mend it, or load the rules without it\n");
  }
}

TEST(PipelineTest, AnEmptyPipelineChangesNothing) {
  const Compiled compiled = Compile({kRule}, {"name: p\nvars:\n"});
  EXPECT_EQ(compiled.conditions() + compiled.problems(), "a is \"x\"  #s\n");
}

TEST(PipelineTest, RulesDoNotSeeEachOthersState) {
  const std::string pipeline =
      "transformations:\n"
      "  - type: set_state\n"
      "    key: k\n"
      "    val: v\n"
      "    rule_conditions: [{type: contains_field, field: b}]\n"
      "  - type: field_name_prefix\n"
      "    prefix: p.\n"
      "    rule_conditions: [{type: processing_state, key: k, val: v}]\n";
  EXPECT_EQ(Compile({RuleOf("s: {b: x}\ncondition: s", 1),
                     RuleOf("s: {a: x}\ncondition: s", 2)},
                    {pipeline})
                .conditions(),
            "p.b is \"x\"  #s\na is \"x\"  #s\n");
}

}  // namespace
}  // namespace tocsin::sigma
