// One test or more for each kind of transformation.

#include "src/frontend/sigma/transformations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/sigma_testing.h"

namespace tocsin::sigma {
namespace {

using testing::Compile;
using testing::Compiled;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PipelineOf;
using testing::RuleOf;

// The condition of the rule after the transformation, or what is wrong.
std::string Apply(std::string_view transformation, std::string_view detection) {
  const Compiled compiled =
      Compile({RuleOf(detection)}, {PipelineOf(transformation)});
  return compiled.conditions() + compiled.problems();
}

std::vector<std::string> FieldsAfter(std::string_view transformation) {
  const Compiled compiled = Compile({RuleOf("s: {a: x}\ncondition: s")},
                                    {PipelineOf(transformation)});
  if (compiled.result.rules.empty()) return {};
  return compiled.result.rules[0].info.fields;
}

TEST(TransformationKindsTest, EveryExampleIsAPipeline) {
  for (const TransformationKind& kind : TransformationKinds()) {
    const Compiled compiled = Compile({RuleOf("s: {Image: x}\ncondition: s")},
                                      {PipelineOf(kind.example)});
    const bool refuses = kind.name == "strict_field_mapping_failure" ||
                         kind.name == "rule_failure";
    EXPECT_EQ(compiled.problems(), refuses && !compiled.diagnostics.empty()
                                       ? compiled.problems()
                                       : "")
        << kind.name;
    for (const Diagnostic& d : compiled.diagnostics) EXPECT_EQ(d.code, "T069");
    EXPECT_FALSE(kind.description.empty());
  }
}

// ---- Fields.

TEST(FieldNameMappingTest, NamesAreReplacedInItemsAndInTheListOfFields) {
  constexpr char kMapping[] =
      "type: field_name_mapping\n"
      "mapping: {Image: process.executable, User: [user.name, user.id]}";
  EXPECT_EQ(Apply(kMapping, "s: {Image: x, other: y}\ncondition: s"),
            "and  #s\n"
            "  process.executable is \"x\"\n"
            "  other is \"y\"\n");
  EXPECT_THAT(FieldsAfter(kMapping),
              ElementsAre("process.executable", "user.name", "user.id"));
}

TEST(FieldNameMappingTest, ATrailingBackslashStaysOne) {
  EXPECT_EQ(Apply("type: field_name_mapping\nmapping: {Image: exe}",
                  R"(s: {Image|contains: ':\Users\All Users\'})"
                  "\ncondition: s"),
            R"(exe is *":\\Users\\All Users\\"*  #s)"
            "\n");
}

TEST(FieldNameMappingTest, SeveralNamesMeanAnyOfThem) {
  EXPECT_EQ(Apply("type: field_name_mapping\nmapping: {a: [b, c]}",
                  "s: {a: [x, y], d: z}\ncondition: s"),
            "and  #s\n"
            "  or\n"
            "    b is \"x\"\n"
            "    b is \"y\"\n"
            "    c is \"x\"\n"
            "    c is \"y\"\n"
            "  d is \"z\"\n");
}

TEST(FieldNameMappingTest, NullTestsAreMappedLikeAnyOther) {
  EXPECT_EQ(Apply("type: field_name_mapping\n"
                  "mapping: {Details: registry.value}\n"
                  "rule_conditions:\n"
                  "  - {type: contains_detection_item, field: EventID, "
                  "value: 13}",
                  "s: {EventID: 13}\nf: {Details: null}\n"
                  "condition: s and not f"),
            "and\n"
            "  EventID == 13  #s\n"
            "  not\n"
            "    registry.value is null  #f\n");
}

TEST(FieldNameMappingTest, FieldsThatValuesReferToAreMappedToo) {
  EXPECT_EQ(Apply("type: field_name_mapping\nmapping: {a: b, c: d}",
                  "s: {a|fieldref: c}\ncondition: s"),
            "b equals field d  #s\n");
}

TEST(FieldNameMappingTest, TheKeyNullMapsKeywordsToPartsOfAField) {
  EXPECT_EQ(Apply("type: field_name_mapping\nmapping: {null: message}",
                  "s: [x, y*z]\ncondition: s"),
            "or  #s\n"
            "  message is *\"x\"*\n"
            "  message is *\"y\"*\"z\"*\n");
}

TEST(FieldNameMappingTest, KeywordsStayWithoutIt) {
  EXPECT_EQ(
      Apply("type: field_name_prefix\nprefix: w.", "s: [x]\ncondition: s"),
      "<any field> is *\"x\"*  #s\n");
}

TEST(FieldNamePrefixMappingTest, TheFirstPrefixThatFitsIsReplaced) {
  EXPECT_EQ(Apply("type: field_name_prefix_mapping\n"
                  "mapping: {win.: [w., v.], wi: x}",
                  "s: {win.a: 1, wia: 2, b: 3}\ncondition: s"),
            "and  #s\n"
            "  or\n"
            "    w.a == 1\n"
            "    v.a == 1\n"
            "  xa == 2\n"
            "  b == 3\n");
}

TEST(FieldNamePrefixTest, IsPutBeforeEveryName) {
  EXPECT_EQ(
      Apply("type: field_name_prefix\nprefix: win.", "s: {a: x}\ncondition: s"),
      "win.a is \"x\"  #s\n");
  EXPECT_THAT(FieldsAfter("type: field_name_prefix\nprefix: win."),
              ElementsAre("win.Image", "win.User"));
}

TEST(FieldNameSuffixTest, IsPutBehindEveryName) {
  EXPECT_EQ(Apply("type: field_name_suffix\nsuffix: .keyword",
                  "s: {a: x}\ncondition: s"),
            "a.keyword is \"x\"  #s\n");
}

TEST(FieldListTest, NamesAreAddedRemovedAndSet) {
  EXPECT_THAT(FieldsAfter("type: add_field\nfield: x"),
              ElementsAre("Image", "User", "x"));
  EXPECT_THAT(FieldsAfter("type: remove_field\nfield: [User, x]"),
              ElementsAre("Image"));
  EXPECT_THAT(FieldsAfter("type: set_field\nfields: [x, y]"),
              ElementsAre("x", "y"));
}

// ---- Items.

constexpr char kDropA[] =
    "type: drop_detection_item\n"
    "field_name_conditions:\n"
    "  - {type: include_fields, fields: [a]}";

TEST(DropDetectionItemTest, TheOtherItemsStay) {
  EXPECT_EQ(Apply(kDropA, "s: {a: x, b: y}\ncondition: s"), "b is \"y\"  #s\n");
}

TEST(DropDetectionItemTest, AnAlternativeWithoutItemsIsNoAlternative) {
  EXPECT_EQ(Apply(kDropA, "s: [{a: x}, {b: y}]\ncondition: s"),
            "b is \"y\"  #s\n");
}

TEST(DropDetectionItemTest, ASelectionWithoutItemsLeavesTheCondition) {
  EXPECT_EQ(Apply(kDropA,
                  "s: {a: x}\nt: {b: y}\nu: {c: z}\n"
                  "condition: s and t or not s and (u or s)"),
            "or\n"
            "  b is \"y\"  #t\n"
            "  c is \"z\"  #u\n");
  EXPECT_EQ(Apply(kDropA,
                  "s_1: {a: x}\ns_2: {b: y}\nf_1: {a: z}\n"
                  "condition: all of s_* and not 1 of f_*"),
            "b is \"y\"  #s_2\n");
}

TEST(DropDetectionItemTest, ARuleWithoutItemsIsRefused) {
  EXPECT_THAT(Apply(kDropA, "s: {a: x}\ncondition: s"),
              HasSubstr("T076 rule.yml:9:12 the pipeline `p` drops everything "
                        "that the rule tests"));
}

TEST(DetectionItemFailureTest, RefusesTheRuleAtTheItem) {
  EXPECT_EQ(Apply("type: detection_item_failure\n"
                  "message: a is not collected\n"
                  "field_name_conditions:\n"
                  "  - {type: include_fields, fields: [a]}",
                  "s: {a: x}\ncondition: s"),
            "T069 rule.yml:11:7 the pipeline `p` refuses the rule: a is not "
            "collected (the transformation that does so is at "
            "pipeline.yml:4)\n");
}

TEST(HashesFieldsTest, EachAlgorithmGetsAField) {
  EXPECT_EQ(Apply("type: hashes_fields\n"
                  "valid_hash_algos: [MD5, SHA1]\n"
                  "field_prefix: File",
                  "s:\n  Hashes|contains:\n"
                  "    - MD5=00000000000000000000000000000000\n"
                  "    - SHA1=0000000000000000000000000000000000000000\n"
                  "    - MD5=11111111111111111111111111111111\n"
                  "condition: s"),
            "or  #s\n"
            "  FileMD5 is \"00000000000000000000000000000000\"\n"
            "  FileMD5 is \"11111111111111111111111111111111\"\n"
            "  FileSHA1 is \"0000000000000000000000000000000000000000\"\n");
}

TEST(HashesFieldsTest, ABareHashIsKnownByItsLengthAndPartOfOneIsAStart) {
  EXPECT_EQ(Apply("type: hashes_fields\n"
                  "valid_hash_algos: [MD5, SHA1]\n"
                  "field_prefix: Hash\n"
                  "drop_algo_prefix: true",
                  "s: {Hashes: '00000000000000000000000000000000', b: c}\n"
                  "t: {Hashes|contains: 'SHA1=0123'}\n"
                  "condition: s and t"),
            "and\n"
            "  and  #s\n"
            "    Hash is \"00000000000000000000000000000000\"\n"
            "    b is \"c\"\n"
            "  Hash is \"0123\"*  #t\n");
}

TEST(HashesFieldsTest, AllOfThemStaysAllOfThem) {
  EXPECT_EQ(Apply("type: hashes_fields\nvalid_hash_algos: [MD5, SHA1]",
                  "s: {Hashes|contains|all: ['MD5=01', 'SHA1=02']}\n"
                  "condition: s"),
            "and  #s\n"
            "  MD5 is \"01\"*\n"
            "  SHA1 is \"02\"*\n");
}

TEST(HashesFieldsTest, NoneOfThemStaysNoneOfThem) {
  EXPECT_EQ(Apply("type: hashes_fields\nvalid_hash_algos: [MD5, SHA1]",
                  "s: {Hashes|contains|neq: ['MD5=01', 'SHA1=02']}\n"
                  "condition: s"),
            "and  #s\n"
            "  not\n"
            "    MD5 is \"01\"*\n"
            "  not\n"
            "    SHA1 is \"02\"*\n");
}

TEST(HashesFieldsTest, AHashWithoutAFieldIsLeftOutAndTold) {
  EXPECT_THAT(
      Apply("type: hashes_fields\nvalid_hash_algos: [MD5]",
            "s: {Hashes|contains: ['IMPHASH=01', 'MD5=02']}\n"
            "condition: s"),
      HasSubstr("MD5 is \"02\"*  #s\n"
                "T070 rule.yml:11:7 the pipeline `p` has no field for 1 of "
                "2 hashes, the first of them `*IMPHASH=01*`"));
  EXPECT_THAT(Apply("type: hashes_fields\nvalid_hash_algos: [MD5]",
                    "s: {Hashes|contains: 'IMPHASH=01'}\ncondition: s"),
              HasSubstr("the pipeline `p` has no field for any of these "
                        "hashes"));
}

// ---- Placeholders.

// A pipeline with the variables of `vars`, in YAML flow style.
std::string WithVars(std::string_view vars, std::string_view detection,
                     std::string_view options = "") {
  const Compiled compiled =
      Compile({RuleOf(detection)},
              {"name: p\nvars: " + std::string(vars) +
               "\ntransformations:\n  - type: value_placeholders\n" +
               testing::Indent(4, options)});
  return compiled.conditions() + compiled.problems();
}

TEST(ValuePlaceholdersTest, EachValueOfTheVariableIsTried) {
  EXPECT_EQ(WithVars("{admin: [kim, lee], n: 4}",
                     "s: {User|expand: ['adm-%admin%-%n%', x]}\ncondition: s"),
            "or  #s\n"
            "  User is \"adm-kim-4\"\n"
            "  User is \"adm-lee-4\"\n"
            "  User is \"x\"\n");
}

TEST(ValuePlaceholdersTest, ValuesAreSigmaStrings) {
  EXPECT_EQ(
      WithVars(R"({a: ['x*', 'y\*', 'z\']})", R"(s: {User|expand: '%a%*'})"
                                              "\ncondition: s"),
      "or  #s\n"
      "  User is \"x\"*\n"
      "  User is \"y*\"*\n"
      "  User is \"z\\\\\"*\n");
}

TEST(ValuePlaceholdersTest, AnEscapedPercentSignIsPlain) {
  EXPECT_EQ(WithVars("{name: x}", R"(s: {User|expand: '\%a%name%'})"
                                  "\ncondition: s"),
            "User is \"%ax\"  #s\n");
}

TEST(ValuePlaceholdersTest, OtherModifiersApplyToTheValues) {
  EXPECT_EQ(WithVars("{a: [x, y]}",
                     "s: {User|contains|all|expand: '%a%'}\ncondition: s"),
            "and  #s\n"
            "  User is *\"x\"*\n"
            "  User is *\"y\"*\n");
  EXPECT_EQ(WithVars("{net: [192.0.2.0/24, '2001:db8::/32']}",
                     "s: {Ip|cidr|expand: '%net%'}\ncondition: s"),
            "Ip in 192.0.2.0/24 2001:db8:0:0:0:0:0:0/32  #s\n");
}

TEST(ValuePlaceholdersTest, ARegexTakesTheValueLiterallyButForItsWildcards) {
  EXPECT_EQ(
      WithVars("{a: '*.example.com'}", R"(s: {Host|re|expand: '^%a%\.?$'})"
                                       "\ncondition: s"),
      R"(Host matches "^.*\\.example\\.com\\.?$"  #s)"
      "\n");
}

TEST(ValuePlaceholdersTest, OnlyItemsUnderExpandHavePlaceholders) {
  EXPECT_EQ(WithVars("{a: x}", "s: {User: '%a%'}\ncondition: s"),
            "User is \"%a%\"  #s\n");
}

TEST(ValuePlaceholdersTest, AMissingVariableIsNamed) {
  EXPECT_EQ(
      WithVars("{admins: x}", "s: {User|expand: '%admin%'}\ncondition: s"),
      "T068 rule.yml:11:20 the placeholder `%admin%` has no value: no "
      "pipeline has a variable `admin` (did you mean `admins`?)\n");
  EXPECT_THAT(
      WithVars("{admin: []}", "s: {User|expand: '%admin%'}\ncondition: s"),
      HasSubstr("the variable `admin` is not a text, a number or a "
                "list of these"));
}

TEST(ValuePlaceholdersTest, PlaceholdersThatAreExcludedMakeTheRuleFail) {
  const std::string problems =
      WithVars("{a: x, b: y}", "s: {User|expand: '%a%%b%'}\ncondition: s",
               "exclude: [b]");
  EXPECT_THAT(problems, HasSubstr("placeholder `%b%`"));
}

TEST(ValuePlaceholdersTest, VariablesOfAllPipelinesCountAndTheLastOneWins) {
  const Compiled compiled =
      Compile({RuleOf("s: {User|expand: '%a%%b%'}\ncondition: s")},
              {"name: p\npriority: 2\nvars: {a: 1, b: 1}\n",
               "name: q\npriority: 1\nvars: {b: 2}\n"
               "transformations: [{type: value_placeholders}]\n"});
  EXPECT_EQ(compiled.conditions() + compiled.problems(),
            "User is \"11\"  #s\n");
}

TEST(WildcardPlaceholdersTest, TakeAnyValue) {
  EXPECT_EQ(Apply("type: wildcard_placeholders",
                  "s: {User|expand: 'adm-%a%-\\%'}\ncondition: s"),
            "User is \"adm-\"*\"-%\"  #s\n");
  EXPECT_EQ(Apply("type: wildcard_placeholders",
                  "s: {User|re|expand: '^adm-%a%$'}\ncondition: s"),
            "User matches \"^adm-.*$\"  #s\n");
}

TEST(WildcardPlaceholdersTest, CompleteWhatValuesHaveLeft) {
  const Compiled compiled =
      Compile({RuleOf("s: {User|expand: ['%a%\\%%b%', '\\%c']}\ncondition: s")},
              {"name: p\nvars: {a: '50%b%'}\ntransformations:\n"
               "  - {type: value_placeholders, include: [a]}\n"
               "  - {type: wildcard_placeholders}\n"});
  EXPECT_EQ(compiled.conditions() + compiled.problems(),
            "or  #s\n"
            "  User is \"50%b%%\"*\n"
            "  User is \"%c\"\n");
}

// ---- Values.

TEST(MapStringTest, WholeStringsAreReplaced) {
  EXPECT_EQ(Apply("type: map_string\nmapping: {x: ['1', 'a*'], '*y': z}",
                  "s: {a: [x, xx, X], b|endswith: y}\ncondition: s"),
            "and  #s\n"
            "  or\n"
            "    a is \"1\"\n"
            "    a is \"a\"*\n"
            "    a is \"xx\"\n"
            "    a is \"X\"\n"
            "  b is \"z\"\n");
}

TEST(ReplaceStringTest, WorksOnTheTextWithTheWildcardsOfModifiers) {
  EXPECT_EQ(Apply("type: replace_string\n"
                  R"(regex: '^\*\\([^\\]+)$')"
                  "\n"
                  R"(replacement: '\1')",
                  R"(s: {Image|endswith: ['\cmd.exe', '\a\b.exe']})"
                  "\ncondition: s"),
            "or  #s\n"
            "  Image is \"cmd.exe\"\n"
            "  Image is *\"\\\\a\\\\b.exe\"\n");
}

TEST(ReplaceStringTest, NumbersBecomeStringsAndOtherValuesStay) {
  EXPECT_EQ(Apply("type: replace_string\nregex: '4'\nreplacement: '5'",
                  "s: {a: [4, 3], d: null, b|re: 4, c|gt: 4}\ncondition: s"),
            "and  #s\n"
            "  or\n"
            "    a is \"5\"\n"
            "    a == 3\n"
            "  d is null\n"
            "  b matches \"4\"\n"
            "  c > 4\n");
}

TEST(ReplaceStringTest, WhatRe2RefusesIsTold) {
  EXPECT_THAT(Apply("type: replace_string\nregex: '(?=x)'\nreplacement: y",
                    "s: {a: x}\ncondition: s"),
              HasSubstr("T066 pipeline.yml:5:12 the regular expression cannot "
                        "be used: invalid perl operator: (?="));
  EXPECT_THAT(Apply("type: replace_string\nregex: 'x'\nreplacement: '\\1'",
                    "s: {a: x}\ncondition: s"),
              HasSubstr("T066 pipeline.yml:6:18 the replacement has no group "
                        "`1`"));
}

TEST(CaseTest, LettersAreChangedAndWildcardsKept) {
  EXPECT_EQ(
      Apply("type: case\nmethod: upper", "s: {a|cased: 'x*Y'}\ncondition: s"),
      "a is \"X\"*\"Y\" cased  #s\n");
  EXPECT_EQ(Apply("type: case", "s: {a|cased: 'x*Y'}\ncondition: s"),
            "a is \"x\"*\"y\" cased  #s\n");
  EXPECT_EQ(Apply("type: case_transformation\nmethod: lower",
                  "s: {a|cased: X}\ncondition: s"),
            "a is \"x\" cased  #s\n");
}

TEST(SetValueTest, TakesThePlaceOfAllValuesAndTheirModifiers) {
  EXPECT_EQ(Apply("type: set_value\nvalue: 5",
                  "s: {a|contains|all: [x, y]}\ncondition: s"),
            "a == 5  #s\n");
  EXPECT_EQ(
      Apply("type: set_value\nvalue: null", "s: {a|neq: x}\ncondition: s"),
      "not  #s\n  a is null\n");
  EXPECT_EQ(Apply("type: set_value\nvalue: 5\nforce_type: str",
                  "s: {a: x}\ncondition: s"),
            "a is \"5\"  #s\n");
  EXPECT_EQ(Apply("type: set_value\nvalue: '5'\nforce_type: num",
                  "s: {a: x}\ncondition: s"),
            "a == 5  #s\n");
}

TEST(ConvertTypeTest, NumbersAndStringsBecomeEachOther) {
  EXPECT_EQ(Apply("type: convert_type\ntarget_type: str",
                  "s: {a: [5, true, x], b: null}\ncondition: s"),
            "and  #s\n"
            "  or\n"
            "    a is \"5\"\n"
            "    a is \"true\"\n"
            "    a is \"x\"\n"
            "  b is null\n");
  EXPECT_EQ(Apply("type: convert_type\ntarget_type: num",
                  "s: {a: ['5', 6], b: null}\ncondition: s"),
            "and  #s\n"
            "  or\n"
            "    a == 5\n"
            "    a == 6\n"
            "  b is null\n");
}

TEST(ConvertTypeTest, ATextThatIsNoNumberRefusesTheRule) {
  EXPECT_THAT(Apply("type: convert_type\ntarget_type: num",
                    "s: {a: '5*'}\ncondition: s"),
              HasSubstr("T070 rule.yml:11:10 the pipeline `p` makes a number "
                        "of `5*`, which is none"));
}

// ---- Rules.

TEST(AddConditionTest, IsDemandedAsWell) {
  EXPECT_EQ(Apply("type: add_condition\n"
                  "conditions: {index: [a, b], size|gt: 3}",
                  "s: {a: x}\ncondition: s or s"),
            "and\n"
            "  or\n"
            "    a is \"x\"  #s\n"
            "    a is \"x\"  #s\n"
            "  and  #_added\n"
            "    or\n"
            "      index is \"a\"\n"
            "      index is \"b\"\n"
            "    size > 3\n");
}

TEST(AddConditionTest, NegatedItIsForbidden) {
  EXPECT_EQ(Apply("type: add_condition\nnegated: true\nname: lab\n"
                  "conditions: {host: lab-1}",
                  "s: {a: x}\ncondition: s"),
            "and\n"
            "  a is \"x\"  #s\n"
            "  not\n"
            "    host is \"lab-1\"  #lab\n");
}

TEST(AddConditionTest, ATemplateKnowsTheLogSource) {
  EXPECT_EQ(Apply("type: add_condition\ntemplate: true\n"
                  "conditions: {index: '$product-${category}-$$-$service'}",
                  "s: {a: x}\ncondition: s"),
            "and\n"
            "  a is \"x\"  #s\n"
            "  index is \"windows-process_creation-$-\"  #_added\n");
}

TEST(AddConditionTest, ASelectionOfTheSameNameIsNoClash) {
  EXPECT_EQ(Apply("type: add_condition\nname: s\nconditions: {b: y}",
                  "s: {a: x}\ncondition: s"),
            "and\n"
            "  a is \"x\"  #s\n"
            "  b is \"y\"  #s\n");
}

TEST(AddConditionTest, LaterTransformationsChangeItToo) {
  const Compiled compiled =
      Compile({RuleOf("s: {a: x}\ncondition: s")},
              {"transformations:\n"
               "  - {type: add_condition, conditions: {b: y}, id: added}\n"
               "  - type: field_name_prefix\n"
               "    prefix: p.\n"
               "    detection_item_conditions:\n"
               "      - {type: processing_item_applied, "
               "processing_item_id: added}\n"});
  EXPECT_EQ(compiled.conditions() + compiled.problems(),
            "and\n"
            "  a is \"x\"  #s\n"
            "  p.b is \"y\"  #_added\n");
}

TEST(AddConditionTest, ItsMistakesAreToldOnceAtTheirPlace) {
  const Compiled compiled = Compile(
      {RuleOf("s: {a: x}\ncondition: s", 1),
       RuleOf("s: {a: x}\ncondition: s", 2)},
      {PipelineOf("type: add_condition\nconditions: {b|startwith: y}")});
  EXPECT_THAT(compiled.problems(),
              HasSubstr("T014 pipeline.yml:5:20 unknown modifier `startwith`"));
  EXPECT_EQ(compiled.diagnostics.size(), 2u) << compiled.problems();
}

TEST(ChangeLogsourceTest, ReplacesAllOfIt) {
  const Compiled compiled =
      Compile({RuleOf("s: {a: x}\ncondition: s")},
              {PipelineOf("type: change_logsource\nproduct: linux\n"
                          "service: auditd")});
  ASSERT_EQ(compiled.result.rules.size(), 1u);
  EXPECT_EQ(
      compiled.result.rules[0].info.log_source,
      (LogSource{.product = "linux", .category = "", .service = "auditd"}));
}

TEST(RuleFailureTest, RefusesTheRuleWithItsMessage) {
  EXPECT_EQ(Apply("type: rule_failure\nmessage: no process events here\n"
                  "rule_conditions:\n"
                  "  - {type: logsource, category: process_creation}",
                  "s: {a: x}\ncondition: s"),
            "T069 rule.yml:9:12 the pipeline `p` refuses the rule: no process "
            "events here (the transformation that does so is at "
            "pipeline.yml:4)\n");
}

TEST(StrictFieldMappingFailureTest, RefusesFieldsThatNoMappingHasNamed) {
  const std::string pipeline =
      "name: p\ntransformations:\n"
      "  - {type: field_name_mapping, mapping: {a: b}}\n"
      "  - {type: strict_field_mapping_failure}\n";
  EXPECT_EQ(
      Compile({RuleOf("s: {a: x}\ncondition: s")}, {pipeline}).conditions(),
      "b is \"x\"  #s\n");
  EXPECT_THAT(
      Compile({RuleOf("s: {a: x, c: y}\nt: {d: z}\ncondition: s or t")},
              {pipeline})
          .problems(),
      HasSubstr("T069 rule.yml:11:13 the pipeline `p` refuses the rule: no "
                "mapping for c, d"));
}

TEST(NestTest, ItsTransformationsFollowItsConditions) {
  constexpr char kNest[] =
      "type: nest\n"
      "items:\n"
      "  - {type: field_name_prefix, prefix: x.}\n"
      "  - {type: field_name_suffix, suffix: .y}\n"
      "rule_conditions:\n"
      "  - {type: logsource, product: ";
  EXPECT_EQ(Apply(std::string(kNest) + "windows}", "s: {a: x}\ncondition: s"),
            "x.a.y is \"x\"  #s\n");
  EXPECT_EQ(Apply(std::string(kNest) + "linux}", "s: {a: x}\ncondition: s"),
            "a is \"x\"  #s\n");
}

TEST(BudgetTest, APipelineThatDoublesARuleAtEveryStepIsStopped) {
  std::string pipeline = "name: p\ntransformations:\n";
  for (int i = 0; i < 40; ++i) {
    pipeline += "  - {type: replace_string, regex: x, replacement: xx}\n";
  }
  EXPECT_THAT(
      Compile({RuleOf("s: {a: x}\ncondition: s")}, {pipeline}).problems(),
      HasSubstr("T071 rule.yml:11:7 the pipeline `p` makes the rule too "
                "large"));
  pipeline = "name: p\ntransformations:\n";
  for (int i = 0; i < 40; ++i) {
    pipeline +=
        "  - {type: field_name_prefix_mapping, mapping: {x: [xa, xb]}}\n";
  }
  EXPECT_THAT(
      Compile({RuleOf("s: {x: y}\ncondition: s")}, {pipeline}).problems(),
      HasSubstr("T071"));
}

}  // namespace
}  // namespace tocsin::sigma
