// One test or more for each kind of condition of a transformation.

#include "src/frontend/sigma/pipeline_conditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/frontend/sigma_testing.h"

namespace tocsin::sigma {
namespace {

using testing::Compile;
using testing::Compiled;
using ::testing::HasSubstr;
using testing::Indent;
using testing::PipelineOf;
using testing::RuleOf;

constexpr char kRename[] = "type: field_name_prefix\nprefix: p.\n";

std::string Keys(ConditionSide side) {
  switch (side) {
    case ConditionSide::kRule:
      return "rule_cond";
    case ConditionSide::kDetectionItem:
      return "detection_item_cond";
    case ConditionSide::kFieldName:
      return "field_name_cond";
  }
  return "";
}

// A pipeline that puts `p.` before names where the condition holds.
std::string RenameWhere(ConditionSide side, std::string_view condition) {
  return PipelineOf(std::string(kRename) + Keys(side) + "itions:\n  - " +
                    std::string(condition));
}

// Whether the condition on the rule holds for the rule with `detection`.
bool RuleHolds(std::string_view condition,
               std::string_view detection = "s: {a: x}\ncondition: s") {
  const Compiled compiled = Compile(
      {RuleOf(detection)}, {RenameWhere(ConditionSide::kRule, condition)});
  EXPECT_EQ(compiled.problems(), "");
  return compiled.conditions().find("p.") != std::string::npos;
}

// Whether the condition on items holds for `item`.
bool ItemHolds(std::string_view condition, std::string_view item) {
  const Compiled compiled =
      Compile({RuleOf("s:\n" + Indent(2, item) + "condition: s")},
              {RenameWhere(ConditionSide::kDetectionItem, condition)});
  for (const Diagnostic& d : compiled.diagnostics) {
    EXPECT_EQ(d.severity, Severity::kWarning) << d.message;
  }
  return compiled.conditions().find("p.") != std::string::npos;
}

// What is left of the names a, b and Image under the condition.
std::string FieldsThatHold(std::string_view condition) {
  const Compiled compiled =
      Compile({RuleOf("s: {a: 1, b: 2, Image: 3}\ncondition: s")},
              {RenameWhere(ConditionSide::kFieldName, condition)});
  std::string names;
  for (const char* name : {"a", "b", "Image"}) {
    if (compiled.conditions().find(absl::StrCat("p.", name, " ")) !=
        std::string::npos) {
      absl::StrAppend(&names, names.empty() ? "" : " ", name);
    }
  }
  return names + compiled.problems();
}

std::string ProblemsOf(std::string_view transformation) {
  return Compile({RuleOf("s: {a: x}\ncondition: s")},
                 {PipelineOf(transformation)})
      .problems();
}

TEST(ConditionKindsTest, EveryExampleIsACondition) {
  for (const ConditionKind& kind : ConditionKinds()) {
    EXPECT_EQ(Compile({RuleOf("s: {a: x}\ncondition: s")},
                      {RenameWhere(kind.side, kind.example)})
                  .problems(),
              "")
        << kind.name;
    EXPECT_FALSE(kind.description.empty());
  }
}

// ---- Rule side.

TEST(RuleConditionTest, LogsourceAsksForTheKeysItGives) {
  EXPECT_TRUE(RuleHolds("{type: logsource, product: windows}"));
  EXPECT_TRUE(RuleHolds(
      "{type: logsource, product: windows, category: process_creation}"));
  EXPECT_FALSE(
      RuleHolds("{type: logsource, product: windows, service: sysmon}"));
  EXPECT_THAT(
      ProblemsOf(std::string(kRename) + "rule_conditions: [{type: logsource}]"),
      HasSubstr("needs a `product`, `category` or `service`"));
}

TEST(RuleConditionTest, ContainsFieldLooksAtAllSelections) {
  constexpr char kDetection[] =
      "s: {a: x}\nt: [{b: y}, {c|contains: z}]\n"
      "condition: s or t";
  EXPECT_TRUE(RuleHolds("{type: contains_field, field: c}", kDetection));
  EXPECT_FALSE(RuleHolds("{type: contains_field, field: d}", kDetection));
}

TEST(RuleConditionTest, ContainsDetectionItemTellsNumbersFromStrings) {
  constexpr char kDetection[] =
      "s: {a: [1, '2'], b|endswith: '\\x'}\n"
      "condition: s";
  auto holds = [&](std::string_view field, std::string_view value) {
    return RuleHolds(absl::StrCat("{type: contains_detection_item, field: ",
                                  base::ToAbsl(field),
                                  ", value: ", base::ToAbsl(value), "}"),
                     kDetection);
  };
  EXPECT_TRUE(holds("a", "1"));
  EXPECT_FALSE(holds("a", "'1'"));
  EXPECT_TRUE(holds("a", "'2'"));
  EXPECT_FALSE(holds("b", "'\\x'"));
  EXPECT_TRUE(holds("b", "'*\\x'"));
}

TEST(RuleConditionTest, AttributesCompareByTheirKind) {
  auto holds = [](std::string_view attribute, std::string_view op,
                  std::string_view value) {
    return RuleHolds(absl::StrCat(
        "{type: rule_attribute, attribute: ", base::ToAbsl(attribute),
        ", op: ", base::ToAbsl(op), ", value: ", base::ToAbsl(value), "}"));
  };
  EXPECT_TRUE(holds("level", "gte", "medium"));
  EXPECT_TRUE(holds("level", "lt", "critical"));
  EXPECT_FALSE(holds("level", "gt", "high"));
  EXPECT_TRUE(holds("status", "gt", "experimental"));
  EXPECT_TRUE(holds("date", "gte", "2026-01-01"));
  EXPECT_TRUE(holds("date", "lt", "2026/02/01"));
  EXPECT_TRUE(holds("title", "eq", "A rule"));
  EXPECT_TRUE(holds("title", "ne", "x"));
  EXPECT_TRUE(holds("tags", "in", "attack.t1059"));
  EXPECT_TRUE(holds("tags", "not_in", "attack.t1"));
  EXPECT_FALSE(holds("tags", "eq", "attack.t1059"));
  EXPECT_FALSE(holds("unheard-of", "ne", "x"));
}

TEST(RuleConditionTest, AttributesThatCannotCompareAreToldWhenRead) {
  auto problems = [](std::string_view condition) {
    return ProblemsOf(absl::StrCat(kRename,
                                   "rule_conditions:\n  - {type: "
                                   "rule_attribute, ",
                                   base::ToAbsl(condition), "}"));
  };
  EXPECT_THAT(problems("attribute: level, value: hihg"),
              HasSubstr("`hihg` is not a level (did you mean `high`?)"));
  EXPECT_THAT(problems("attribute: title, value: x, op: gt"),
              HasSubstr("`title` is text: expected `eq` or `ne`"));
  EXPECT_THAT(problems("attribute: tags, value: x, op: gt"),
              HasSubstr("`tags` is a list: expected `in` or `not_in`"));
  EXPECT_THAT(problems("attribute: tier, value: x, op: in"),
              HasSubstr("`tier` is not a list"));
  EXPECT_THAT(problems("attribute: level, value: low, op: above"),
              HasSubstr("T063 pipeline.yml:7:66 expected one of `eq`, `ne`, "
                        "`gte`, `gt`, `lte`, `lt`, `in`, `not_in` for `op`, "
                        "found `above`"));
}

TEST(RuleConditionTest, TagIsFoundInAnyCase) {
  EXPECT_TRUE(RuleHolds("{type: tag, tag: attack.T1059}"));
  EXPECT_FALSE(RuleHolds("{type: tag, tag: attack.t1}"));
}

TEST(RuleConditionTest, ADocumentIsARuleAndNoCorrelation) {
  EXPECT_TRUE(RuleHolds("{type: is_sigma_rule}"));
  EXPECT_FALSE(RuleHolds("{type: is_sigma_correlation_rule}"));
}

TEST(RuleConditionTest, WhatWasAppliedIsKnownAcrossPipelines) {
  const std::string later =
      RenameWhere(ConditionSide::kRule,
                  "{type: processing_item_applied, processing_item_id: first}");
  auto condition = [&](std::string_view product) {
    return Compile({RuleOf("s: {a: x}\ncondition: s")},
                   {absl::StrCat("transformations:\n"
                                 "  - {id: first, type: set_state, key: k, "
                                 "val: v, rule_conditions: [{type: logsource, "
                                 "product: ",
                                 base::ToAbsl(product), "}]}\n"),
                    later})
        .conditions();
  };
  EXPECT_EQ(condition("windows"), "p.a is \"x\"  #s\n");
  EXPECT_EQ(condition("linux"), "a is \"x\"  #s\n");
}

TEST(RuleConditionTest, StateAndAttributesThatWereSetAreCompared) {
  auto holds = [](std::string_view condition) {
    return Compile({RuleOf("s: {a: x}\ncondition: s")},
                   {"transformations:\n"
                    "  - {type: set_state, key: n, val: 5}\n"
                    "  - {type: set_state, key: t, val: abc}\n"
                    "  - {type: set_custom_attribute, attribute: tier, "
                    "value: 2}\n",
                    RenameWhere(ConditionSide::kRule, condition)})
               .conditions() == "p.a is \"x\"  #s\n";
  };
  EXPECT_TRUE(holds("{type: processing_state, key: n, val: 5}"));
  EXPECT_TRUE(holds("{type: processing_state, key: n, val: 4, op: gt}"));
  EXPECT_FALSE(holds("{type: processing_state, key: n, val: '5'}"));
  EXPECT_TRUE(holds("{type: processing_state, key: n, val: '5', op: ne}"));
  EXPECT_TRUE(holds("{type: processing_state, key: t, val: abc}"));
  EXPECT_FALSE(holds("{type: processing_state, key: u, val: abc, op: ne}"));
  EXPECT_TRUE(
      holds("{type: rule_attribute, attribute: tier, value: 1, op: gte}"));
}

// ---- Item side.

TEST(ItemConditionTest, MatchStringSeesTheWildcardsOfModifiers) {
  constexpr char kBare[] =
      R"({type: match_string, cond: any, pattern: '^\*\\[^\\]+$'})";
  EXPECT_TRUE(ItemHolds(kBare, R"(a|endswith: '\cmd.exe')"));
  EXPECT_FALSE(ItemHolds(kBare, R"(a: '\cmd.exe')"));
  EXPECT_FALSE(ItemHolds(kBare, R"(a|endswith: '\x\cmd.exe')"));
}

TEST(ItemConditionTest, MatchStringMatchesFromTheStart) {
  EXPECT_FALSE(
      ItemHolds("{type: match_string, cond: any, pattern: b}", "a: ab"));
  EXPECT_TRUE(
      ItemHolds("{type: match_string, cond: any, pattern: a}", "a: ab"));
}

TEST(ItemConditionTest, AnyOrAllValuesMustPass) {
  EXPECT_TRUE(
      ItemHolds("{type: match_string, cond: any, pattern: x}", "a: [x, y]"));
  EXPECT_FALSE(
      ItemHolds("{type: match_string, cond: all, pattern: x}", "a: [x, y]"));
  EXPECT_TRUE(
      ItemHolds("{type: match_string, cond: all, pattern: z, negate: true}",
                "a: [x, y]"));
}

TEST(ItemConditionTest, OnlyStringsMatchAString) {
  EXPECT_FALSE(
      ItemHolds("{type: match_string, cond: any, pattern: '.*'}", "a: 4"));
  EXPECT_FALSE(
      ItemHolds("{type: match_string, cond: any, pattern: '.*'}", "a|re: x"));
}

TEST(ItemConditionTest, MatchValueComparesKindAndValue) {
  EXPECT_TRUE(ItemHolds("{type: match_value, cond: any, value: 4}", "a: 4"));
  EXPECT_FALSE(ItemHolds("{type: match_value, cond: any, value: 4}", "a: '4'"));
  EXPECT_TRUE(ItemHolds("{type: match_value, cond: any, value: x}", "a: x"));
  EXPECT_FALSE(ItemHolds("{type: match_value, cond: any, value: x}", "a: X"));
}

TEST(ItemConditionTest, ContainsWildcardTellsLiteralStarsApart) {
  constexpr char kWild[] = "{type: contains_wildcard, cond: any}";
  EXPECT_TRUE(ItemHolds(kWild, "a: x*"));
  EXPECT_TRUE(ItemHolds(kWild, "a|contains: x"));
  EXPECT_FALSE(ItemHolds(kWild, R"(a: 'x\*')"));
}

TEST(ItemConditionTest, IsNull) {
  EXPECT_TRUE(ItemHolds("{type: is_null, cond: all}", "a: null"));
  EXPECT_FALSE(ItemHolds("{type: is_null, cond: all}", "a: 'null'"));
}

TEST(ItemConditionTest, CondMustBeGiven) {
  EXPECT_THAT(ProblemsOf(std::string(kRename) +
                         "detection_item_conditions: [{type: is_null}]"),
              HasSubstr("the condition `is_null` needs the key `cond`"));
}

// ---- Field side.

TEST(FieldConditionTest, IncludeAndExcludeFieldsNameThem) {
  EXPECT_EQ(FieldsThatHold("{type: include_fields, fields: [a, Image]}"),
            "a Image");
  EXPECT_EQ(FieldsThatHold("{type: exclude_fields, fields: [a, Image]}"), "b");
  EXPECT_EQ(FieldsThatHold("{type: include_fields, fields: a}"), "a");
}

TEST(FieldConditionTest, InModeReTheyMatchFromTheStart) {
  EXPECT_EQ(
      FieldsThatHold("{type: include_fields, fields: ['I.a', m], mode: re}"),
      "Image");
  EXPECT_EQ(
      FieldsThatHold("{type: exclude_fields, fields: ['[ab]$'], mode: re}"),
      "Image");
}

TEST(FieldConditionTest, WhatWasMappedIsKnownForItemsAndTheListOfFields) {
  const Compiled compiled = Compile(
      {RuleOf("s: {Image: x, b: y}\ncondition: s")},
      {"transformations:\n"
       "  - {id: m, type: field_name_mapping, mapping: {Image: exe}}\n"
       "  - type: field_name_prefix\n"
       "    prefix: p.\n"
       "    field_name_cond_not: true\n"
       "    field_name_conditions:\n"
       "      - {type: processing_item_applied, processing_item_id: m}\n"});
  EXPECT_EQ(compiled.conditions(), "and  #s\n  exe is \"x\"\n  p.b is \"y\"\n");
  ASSERT_EQ(compiled.result.rules.size(), 1u);
  EXPECT_THAT(compiled.result.rules[0].info.fields,
              ::testing::ElementsAre("exe", "p.User"));
}

TEST(FieldConditionTest, TheNameInAValueIsAskedForByItself) {
  EXPECT_EQ(
      Compile({RuleOf("s: {Image|fieldref: b}\ncondition: s")},
              {"transformations:\n"
               "  - {id: m, type: field_name_mapping, mapping: {Image: exe}}\n"
               "  - type: field_name_prefix\n"
               "    prefix: p.\n"
               "    field_name_cond_not: true\n"
               "    field_name_conditions:\n"
               "      - {type: processing_item_applied, "
               "processing_item_id: m}\n"})
          .conditions(),
      "exe equals field p.b  #s\n");
}

TEST(FieldConditionTest, StateCountsOnEverySide) {
  for (const ConditionSide side :
       {ConditionSide::kDetectionItem, ConditionSide::kFieldName}) {
    EXPECT_EQ(
        Compile({RuleOf("s: {a: x}\ncondition: s")},
                {"transformations: [{type: set_state, key: k, val: v}]\n",
                 RenameWhere(side, "{type: processing_state, key: k, val: v}")})
            .conditions(),
        "p.a is \"x\"  #s\n");
  }
}

TEST(FieldConditionTest, AnItemWithSeveralFieldsIsSplit) {
  const std::string pipeline =
      "transformations:\n"
      "  - {type: field_name_mapping, mapping: {a: [b, c]}}\n"
      "  - type: set_value\n"
      "    value: 5\n"
      "    field_name_conditions: [{type: include_fields, fields: [b]}]\n";
  EXPECT_EQ(Compile({RuleOf("s: {a: x, d: y}\ncondition: s")}, {pipeline})
                .conditions(),
            "or  #s\n"
            "  and\n"
            "    b == 5\n"
            "    d is \"y\"\n"
            "  and\n"
            "    c is \"x\"\n"
            "    d is \"y\"\n");
  EXPECT_EQ(
      Compile({RuleOf("s: {a|neq: x}\ncondition: s")}, {pipeline}).conditions(),
      "and  #s\n"
      "  not\n"
      "    b == 5\n"
      "  not\n"
      "    c is \"x\"\n");
}

// ---- How conditions are linked.

std::string Linked(std::string_view links) {
  const Compiled compiled = Compile(
      {RuleOf("s: {a: x}\ncondition: s")},
      {PipelineOf(absl::StrCat(kRename,
                               "rule_conditions:\n"
                               "  yes: {type: logsource, product: windows}\n"
                               "  no: {type: logsource, product: linux}\n",
                               base::ToAbsl(links)))});
  if (!compiled.diagnostics.empty()) return compiled.problems();
  return compiled.conditions()[0] == 'p' ? "holds" : "does not hold";
}

TEST(ConditionLinkTest, AllMustHoldUnlessOneIsEnough) {
  EXPECT_EQ(Linked(""), "does not hold");
  EXPECT_EQ(Linked("rule_cond_op: and"), "does not hold");
  EXPECT_EQ(Linked("rule_cond_op: or"), "holds");
  EXPECT_EQ(Linked("rule_cond_not: true"), "holds");
}

TEST(ConditionLinkTest, AnExpressionLinksNames) {
  EXPECT_EQ(Linked("rule_cond_expr: yes and not no"), "holds");
  EXPECT_EQ(Linked("rule_cond_expr: not (yes or no)"), "does not hold");
}

TEST(ConditionLinkTest, MistakesOfExpressionsAreTold) {
  EXPECT_EQ(Linked("rule_cond_expr: yes and nope"),
            "T065 pipeline.yml:9:29 no condition is named `nope`\n"
            "T065 pipeline.yml:8:7 the condition `no` is not used in "
            "`rule_cond_expr`\n");
  EXPECT_THAT(Linked("rule_cond_expr: 1 of them"),
              HasSubstr("only `and`, `or`, `not` and names of conditions"));
  EXPECT_THAT(Linked("rule_cond_expr: yes or no\nrule_cond_op: or"),
              HasSubstr("`rule_cond_op` and `rule_cond_expr` exclude each "
                        "other"));
  EXPECT_THAT(ProblemsOf(std::string(kRename) +
                         "rule_conditions: [{type: is_sigma_rule}]\n"
                         "rule_cond_expr: a"),
              HasSubstr("needs conditions with names"));
}

TEST(ConditionLinkTest, UnknownConditionsAndKeysAreNamed) {
  EXPECT_EQ(ProblemsOf(std::string(kRename) +
                       "rule_conditions: [{type: log_source}]"),
            "T062 pipeline.yml:6:30 unknown condition `log_source` in "
            "`rule_conditions` (did you mean `logsource`?)\n");
  EXPECT_EQ(ProblemsOf(std::string(kRename) +
                       "rule_conditions: [{type: logsource, produkt: x, "
                       "category: y}]"),
            "T060 pipeline.yml:6:41 unknown key `produkt` in the condition "
            "`logsource` (did you mean `product`?)\n");
  EXPECT_THAT(ProblemsOf(std::string(kRename) + "rule_conditions: x"),
              HasSubstr("expected a list or a mapping of conditions"));
}

}  // namespace
}  // namespace tocsin::sigma
