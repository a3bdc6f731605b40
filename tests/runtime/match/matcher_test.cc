// One small event a question: what each test means.

#include "src/runtime/match/matcher.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/runtime/match/match_testing.h"
#include "tocsin/event.h"

namespace tocsin::runtime {
namespace {

using ir::CompareOp;
using ir::FieldRelation;
using reference::And;
using reference::BoolIs;
using reference::CasedText;
using reference::Cidr;
using reference::Compare;
using reference::Exists;
using reference::FieldRef;
using reference::Keyword;
using reference::Not;
using reference::Null;
using reference::NumberIs;
using reference::Or;
using reference::Regex;
using reference::Text;
using reference::TimePart;

// Texts.

TEST(MatcherTest, TextIsComparedWholeAndInAnyCase) {
  EXPECT_TRUE(Matches(Text("F", "Abc"), R"({"F":"aBC"})"));
  EXPECT_FALSE(Matches(Text("F", "abc"), R"({"F":"abcd"})"));
  EXPECT_FALSE(
      Matches(Text("Channel", "Sec?rity"), R"({"Channel":"MySec1rityLog"})"));
  EXPECT_FALSE(Matches(Text("F", "net*user"), R"({"F":"mynetXuserZ"})"));
}

TEST(MatcherTest, FieldNamesAreCaseSensitive) {
  EXPECT_FALSE(Matches(Text("F", "a"), R"({"f":"a"})"));
  EXPECT_TRUE(Matches(Text("Image", "a"), R"({"Image":"a","image":"b"})"));
  EXPECT_FALSE(Matches(Text("Image", "b"), R"({"Image":"a","image":"b"})"));
}

TEST(MatcherTest, CaseFoldingIsNotForAsciiOnly) {
  const char* const event = R"({"Image":"c:\\программа.exe"})";
  EXPECT_TRUE(Matches(Text("Image", "*\\ПРОГРАММА.EXE"), event));
  EXPECT_FALSE(Matches(CasedText("Image", "*\\ПРОГРАММА.EXE"), event));
}

TEST(MatcherTest, CaseFoldingHasNoLocale) {
  EXPECT_FALSE(Matches(Text("F", "i"), "{\"F\":\"\u0130\"}"));
  EXPECT_TRUE(Matches(Text("F", "kill"), "{\"F\":\"\u212Aill\"}"));
}

TEST(MatcherTest, CasedTextIsComparedExactly) {
  EXPECT_TRUE(Matches(CasedText("F", "*CMD.EXE*"), R"({"F":"x CMD.EXE y"})"));
  EXPECT_FALSE(Matches(CasedText("F", "*CMD.EXE*"), R"({"F":"x cmd.exe y"})"));
}

TEST(MatcherTest, WhiteSpaceIsPartOfTheText) {
  EXPECT_FALSE(Matches(Text("F", "a"), R"({"F":"a "})"));
  EXPECT_FALSE(Matches(Text("F", "a"), R"({"F":"a\n"})"));
}

TEST(MatcherTest, ABackslashBeforeAWildcardIsABackslash) {
  EXPECT_TRUE(Matches(Text("F", "*\\Desktop\\*"),
                      R"({"F":"C:\\Users\\kim\\Desktop\\a.exe"})"));
  EXPECT_FALSE(Matches(Text("F", "*\\Desktop\\*"),
                       R"({"F":"C:\\Users\\kim\\Desktop"})"));
}

TEST(MatcherTest, AStarOrQuestionMarkInALiteralIsItself) {
  ir::Expr star = Text("F", "");
  star.test.pattern.tokens = {{base::PatternToken::kLiteral, "a*c?"}};
  EXPECT_TRUE(Matches(star, R"({"F":"A*C?"})"));
  EXPECT_FALSE(Matches(star, R"({"F":"abcd"})"));
}

TEST(MatcherTest, TextMeetsNumbersByTheirDigits) {
  EXPECT_TRUE(Matches(Text("EventID", "4688"), R"({"EventID":4688})"));
  EXPECT_TRUE(Matches(Text("EventID", "*68*"), R"({"EventID":4688})"));
  EXPECT_FALSE(Matches(Text("EventID", "4688"), R"({"EventID":46880})"));
  EXPECT_TRUE(Matches(Text("F", "1.50"), R"({"F":1.50})"));
  EXPECT_TRUE(Matches(Text("F", "1E5"), R"({"F":1e5})"));
}

TEST(MatcherTest, TextMeetsBoolsByTheirWord) {
  EXPECT_TRUE(Matches(Text("F", "TRUE"), R"({"F":true})"));
  EXPECT_FALSE(Matches(Text("F", "true"), R"({"F":false})"));
}

TEST(MatcherTest, NoTextMatchesNullOrAnObject) {
  EXPECT_FALSE(Matches(Text("F", "*"), R"({"F":null})"));
  EXPECT_FALSE(Matches(Text("F", "null"), R"({"F":null})"));
  EXPECT_FALSE(Matches(Text("F", "*"), R"({"F":{"a":1}})"));
  EXPECT_FALSE(Matches(Text("F", "*"), R"({"F":[]})"));
  EXPECT_FALSE(Matches(Text("F", "*"), R"({})"));
}

TEST(MatcherTest, TheEmptyTextIsAValue) {
  EXPECT_TRUE(Matches(Text("F", ""), R"({"F":""})"));
  EXPECT_TRUE(Matches(Text("F", "*"), R"({"F":""})"));
  EXPECT_FALSE(Matches(Text("F", ""), R"({})"));
  EXPECT_FALSE(Matches(Text("F", ""), R"({"F":null})"));
}

TEST(MatcherTest, AnyElementOfAnArrayIsEnough) {
  EXPECT_TRUE(Matches(Text("args", "*-enc*"), R"({"args":["a","-enc"]})"));
  EXPECT_TRUE(Matches(Text("args", "7"), R"({"args":["a",7]})"));
  EXPECT_FALSE(
      Matches(Text("F", "admin, change"), R"({"F":["admin","change"]})"));
  EXPECT_TRUE(Matches(And({Text("F", "admin"), Text("F", "change")}),
                      R"({"F":["admin","change"]})"));
}

TEST(MatcherTest, DottedNamesAreKeysOrPaths) {
  EXPECT_TRUE(Matches(Text("host.name", "n1"), R"({"host.name":"n1"})"));
  EXPECT_TRUE(Matches(Text("host.name", "n1"), R"({"host":{"name":"n1"}})"));
  EXPECT_TRUE(Matches(Text("a.b", "2"), R"({"a":[{"b":1},{"b":2}]})"));
  EXPECT_FALSE(Matches(Text("aws.cloudtrail.eventName", "x"),
                       R"({"aws_cloudtrail_eventName":"x"})"));
}

// Numbers.

TEST(MatcherTest, ANumberMeetsNumbersAndTheirText) {
  EXPECT_TRUE(Matches(NumberIs("EventID", "7045"), R"({"EventID":7045})"));
  EXPECT_TRUE(Matches(NumberIs("EventID", "7045"), R"({"EventID":"7045"})"));
  EXPECT_TRUE(Matches(NumberIs("EventID", "7045"), R"({"EventID":7045.0})"));
}

TEST(MatcherTest, ANumberMeetsNoTextThatIsWrittenOtherwise) {
  for (const char* const text : {"7045 ", " 7045", "07045", "+7045", "7045.0",
                                 "0x1b85", "7,045", "", "7045a"}) {
    const std::string event = R"({"F":")" + std::string(text) + R"("})";
    EXPECT_FALSE(Matches(NumberIs("F", "7045"), event)) << event;
  }
  EXPECT_FALSE(Matches(NumberIs("F", "1.5"), R"({"F":"1.50"})"));
  EXPECT_TRUE(Matches(NumberIs("F", "1.5"), R"({"F":"1.5"})"));
  EXPECT_TRUE(Matches(NumberIs("F", "1.5"), R"({"F":1.50})"));
}

TEST(MatcherTest, ANumberWrittenAsInTheRuleIsEqual) {
  EXPECT_TRUE(Matches(NumberIs("F", "1.50"), R"({"F":"1.50"})"));
  EXPECT_TRUE(Matches(NumberIs("F", "1.50"), R"({"F":"1.5"})"));
}

TEST(MatcherTest, IntegersAreExactOverAllSixtyFourBits) {
  const char* const odd = R"({"id":9007199254740993})";
  EXPECT_TRUE(Matches(NumberIs("id", "9007199254740993"), odd));
  EXPECT_FALSE(Matches(NumberIs("id", "9007199254740992"), odd));
  EXPECT_TRUE(Matches(Compare("id", CompareOp::kGt, "9007199254740992"), odd));
  const char* const large = R"({"id":18446744073709551615})";
  EXPECT_TRUE(Matches(NumberIs("id", "18446744073709551615"), large));
  EXPECT_FALSE(Matches(NumberIs("id", "18446744073709551614"), large));
  EXPECT_FALSE(Matches(NumberIs("id", "-1"), large));
  EXPECT_TRUE(Matches(NumberIs("id", "-9223372036854775808"),
                      R"({"id":-9223372036854775808})"));
}

TEST(MatcherTest, AnIntegerBeyondSixtyFourBitsStillMeetsItsDigits) {
  EXPECT_TRUE(Matches(NumberIs("id", "100000000000000000000"),
                      R"({"id":"100000000000000000000"})"));
  EXPECT_TRUE(Matches(NumberIs("id", "100000000000000000000"),
                      R"({"id":100000000000000000000})"));
}

TEST(MatcherTest, ComparisonsReadNumericText) {
  const auto at_least_10 = [] {
    return Compare("amount", CompareOp::kGe, "10");
  };
  EXPECT_FALSE(Matches(at_least_10(), R"({"amount":"9"})"));
  EXPECT_TRUE(Matches(at_least_10(), R"({"amount":"10"})"));
  EXPECT_TRUE(Matches(at_least_10(), R"({"amount":"10.50"})"));
  EXPECT_FALSE(Matches(at_least_10(), R"({"amount":"abc"})"));
  EXPECT_FALSE(Matches(at_least_10(), R"({"amount":9.5})"));
  EXPECT_FALSE(Matches(at_least_10(), R"({"amount":" 12"})"));
  EXPECT_FALSE(Matches(at_least_10(), R"({"amount":true})"));
  EXPECT_FALSE(Matches(at_least_10(), R"({"amount":null})"));
  EXPECT_FALSE(Matches(at_least_10(), R"({})"));
}

TEST(MatcherTest, EachComparisonHasItsOwnBorder) {
  const char* const five = R"({"n":5})";
  EXPECT_FALSE(Matches(Compare("n", CompareOp::kLt, "5"), five));
  EXPECT_TRUE(Matches(Compare("n", CompareOp::kLe, "5"), five));
  EXPECT_FALSE(Matches(Compare("n", CompareOp::kGt, "5"), five));
  EXPECT_TRUE(Matches(Compare("n", CompareOp::kGe, "5"), five));
  EXPECT_TRUE(Matches(Compare("n", CompareOp::kLt, "5.5"), five));
  EXPECT_TRUE(Matches(Compare("n", CompareOp::kGt, "-1"), five));
}

// Bools.

TEST(MatcherTest, ABoolMeetsBoolsAndTheirWordInAnyCase) {
  EXPECT_TRUE(Matches(BoolIs("F", true), R"({"F":true})"));
  EXPECT_TRUE(Matches(BoolIs("F", true), R"({"F":"True"})"));
  EXPECT_FALSE(Matches(BoolIs("F", true), R"({"F":1})"));
  EXPECT_FALSE(Matches(BoolIs("F", true), R"({"F":"1"})"));
  EXPECT_FALSE(Matches(BoolIs("F", true), R"({"F":"yes"})"));
  EXPECT_TRUE(Matches(BoolIs("F", false), R"({"F":"FALSE"})"));
  EXPECT_FALSE(Matches(BoolIs("F", false), R"({"F":true})"));
  EXPECT_FALSE(Matches(BoolIs("F", false), R"({})"));
}

// Regular expressions.

TEST(MatcherTest, ARegexIsSearchedAnywhereAndKnowsCase) {
  EXPECT_TRUE(Matches(Regex("F", "b+"), R"({"F":"abbc"})"));
  EXPECT_FALSE(Matches(Regex("F", "abc"), R"({"F":"ABC"})"));
  EXPECT_TRUE(Matches(Regex("F", "(?i)abc"), R"({"F":"ABC"})"));
  EXPECT_FALSE(Matches(Regex("F", "^b"), R"({"F":"ab"})"));
}

TEST(MatcherTest, ARegexMeetsTheTextOfNumbersAndTheRestOfScalars) {
  EXPECT_TRUE(Matches(Regex("F", "^46"), R"({"F":4688})"));
  EXPECT_TRUE(Matches(Regex("F", "^true$"), R"({"F":true})"));
  EXPECT_TRUE(Matches(Regex("F", "^$"), R"({"F":""})"));
  EXPECT_FALSE(Matches(Regex("F", ".*"), R"({"F":null})"));
  EXPECT_FALSE(Matches(Regex("F", ".*"), R"({})"));
}

TEST(MatcherTest, ARegexThatHurtsBacktrackersIsLinear) {
  const std::string event = R"({"F":")" + std::string(1 << 20, 'a') + R"(!"})";
  EXPECT_FALSE(Matches(Regex("F", "^(\\w+\\s?)*$"), event));
}

TEST(MatcherTest, ARegexWhoseAutomatonIsTooLargeFindsTheSame) {
  // Two thousand positions after any `a` can be live at once: more states than
  // the memory limit holds.
  std::string text;
  uint32_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 1664525 + 1013904223;
    text += (random >> 24) % 2 == 0 ? 'a' : 'b';
  }
  const auto far_apart = [] { return Regex("F", "a[ab]{900}c"); };
  EXPECT_FALSE(Matches(far_apart(), R"({"F":")" + text + R"("})"));
  text.replace(10'000, 1, "a");
  text.replace(10'901, 1, "c");
  EXPECT_TRUE(Matches(far_apart(), R"({"F":")" + text + R"("})"));
}

// Addresses.

TEST(MatcherTest, AnAddressLiesInANetwork) {
  EXPECT_TRUE(Matches(Cidr("ip", {"192.0.2.0/24"}), R"({"ip":"192.0.2.9"})"));
  EXPECT_FALSE(Matches(Cidr("ip", {"192.0.2.0/24"}), R"({"ip":"192.0.3.9"})"));
  EXPECT_TRUE(Matches(Cidr("ip", {"192.0.2.0/24", "2001:db8::/64"}),
                      R"({"ip":"2001:db8::1234"})"));
  EXPECT_FALSE(
      Matches(Cidr("ip", {"2001:db8::/64"}), R"({"ip":"2001:db8:1::1"})"));
  EXPECT_TRUE(
      Matches(Cidr("ip", {"192.0.2.0/24"}), R"({"ip":["x","192.0.2.9"]})"));
}

TEST(MatcherTest, WhatIsNoAddressLiesInNoNetwork) {
  EXPECT_FALSE(Matches(Cidr("ip", {"0.0.0.0/0"}), R"({"ip":"AWS Internal"})"));
  EXPECT_FALSE(Matches(Cidr("ip", {"0.0.0.0/0"}), R"({"ip":3221225985})"));
  EXPECT_FALSE(Matches(Cidr("ip", {"0.0.0.0/0"}), R"({"ip":null})"));
  EXPECT_FALSE(Matches(Cidr("ip", {"0.0.0.0/0"}), R"({})"));
}

// Null and existence.

TEST(MatcherTest, NullIsAbsentOrNullOrAnEmptyArray) {
  EXPECT_TRUE(Matches(Null("F"), R"({})"));
  EXPECT_TRUE(Matches(Null("F"), R"({"F":null})"));
  EXPECT_TRUE(Matches(Null("F"), R"({"F":[]})"));
  EXPECT_FALSE(Matches(Null("F"), R"({"F":""})"));
  EXPECT_FALSE(Matches(Null("F"), R"({"F":"null"})"));
  EXPECT_FALSE(Matches(Null("F"), R"({"F":0})"));
  EXPECT_FALSE(Matches(Null("F"), R"({"F":false})"));
  EXPECT_FALSE(Matches(Null("F"), R"({"F":{}})"));
}

TEST(MatcherTest, ANullAmongElementsIsANull) {
  EXPECT_TRUE(Matches(Null("F"), R"({"F":["a",null]})"));
  EXPECT_FALSE(Matches(Null("F"), R"({"F":["a"]})"));
}

TEST(MatcherTest, ANullExists) {
  EXPECT_TRUE(Matches(Exists("F"), R"({"F":null})"));
  EXPECT_TRUE(Matches(Exists("F"), R"({"F":[]})"));
  EXPECT_TRUE(Matches(Exists("F"), R"({"F":{}})"));
  EXPECT_FALSE(Matches(Exists("F"), R"({})"));
  EXPECT_FALSE(Matches(Exists("F", false), R"({"F":null})"));
  EXPECT_TRUE(Matches(Exists("F", false), R"({})"));
  EXPECT_TRUE(Matches(Exists("a.b"), R"({"a":[{"c":1},{"b":null}]})"));
}

// Two fields.

TEST(MatcherTest, FieldsAreComparedAsTextInAnyCase) {
  const auto equal = [] { return FieldRef("a", FieldRelation::kEquals, "b"); };
  EXPECT_TRUE(Matches(equal(), R"({"a":"Kim","b":"kim"})"));
  EXPECT_FALSE(Matches(equal(), R"({"a":"kim","b":"lee"})"));
  EXPECT_TRUE(Matches(equal(), R"({"a":7,"b":"7"})"));
  EXPECT_TRUE(Matches(equal(), R"({"a":["x","kim"],"b":["y","kim"]})"));
  EXPECT_TRUE(Matches(equal(), R"({"a":"","b":""})"));
  EXPECT_FALSE(Matches(FieldRef("a", FieldRelation::kEquals, "b", true),
                       R"({"a":"Kim","b":"kim"})"));
}

TEST(MatcherTest, AFieldThatIsMissingOrNullEqualsNone) {
  const auto equal = [] { return FieldRef("a", FieldRelation::kEquals, "b"); };
  EXPECT_FALSE(Matches(equal(), R"({"a":"kim"})"));
  EXPECT_FALSE(Matches(equal(), R"({"b":"kim"})"));
  EXPECT_FALSE(Matches(equal(), R"({})"));
  EXPECT_FALSE(Matches(equal(), R"({"a":null,"b":null})"));
  EXPECT_FALSE(Matches(equal(), R"({"a":{},"b":{}})"));
}

TEST(MatcherTest, TheFirstFieldContainsTheSecond) {
  const char* const event = R"({"a":"C:\\Users\\Kim","b":"kim"})";
  EXPECT_TRUE(Matches(FieldRef("a", FieldRelation::kContains, "b"), event));
  EXPECT_TRUE(Matches(FieldRef("a", FieldRelation::kEndsWith, "b"), event));
  EXPECT_FALSE(Matches(FieldRef("a", FieldRelation::kStartsWith, "b"), event));
  EXPECT_FALSE(Matches(FieldRef("b", FieldRelation::kContains, "a"), event));
  EXPECT_TRUE(Matches(FieldRef("a", FieldRelation::kStartsWith, "b"),
                      R"({"a":"kim@example.com","b":"kim"})"));
}

TEST(MatcherTest, AStarInAFieldIsNoWildcard) {
  EXPECT_FALSE(Matches(FieldRef("a", FieldRelation::kEquals, "b"),
                       R"({"a":"abc","b":"a*"})"));
}

// Parts of times.

TEST(MatcherTest, PartsOfATimeAreThoseThatAreWritten) {
  const char* const event = R"({"t":"2026-01-15T23:20:30+05:00"})";
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kMinute, "20"), event));
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kHour, "23"), event));
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kDay, "15"), event));
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kWeek, "3"), event));
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kMonth, "1"), event));
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kYear, "2026"), event));
  EXPECT_FALSE(Matches(TimePart("t", ir::TimePart::kHour, "18"), event));
  EXPECT_TRUE(
      Matches(TimePart("t", ir::TimePart::kHour, "22", CompareOp::kGe), event));
}

TEST(MatcherTest, TheWeekIsTheIsoWeek) {
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kWeek, "1"),
                      R"({"t":"2025-12-29T00:00:00Z"})"));
  EXPECT_TRUE(Matches(TimePart("t", ir::TimePart::kWeek, "53"),
                      R"({"t":"2021-01-03T00:00:00Z"})"));
}

TEST(MatcherTest, AnEpochIsReadAsUtc) {
  const auto at_ten = [] { return TimePart("t", ir::TimePart::kHour, "10"); };
  EXPECT_TRUE(Matches(at_ten(), R"({"t":1768472430})"));
  EXPECT_TRUE(Matches(at_ten(), R"({"t":1768472430123})"));
  EXPECT_TRUE(Matches(at_ten(), R"({"t":1768472430.5})"));
}

TEST(MatcherTest, WhatIsNoTimeHasNoParts) {
  const auto any_hour = [] {
    return TimePart("t", ir::TimePart::kHour, "0", CompareOp::kGe);
  };
  EXPECT_TRUE(Matches(any_hour(), R"({"t":"2026-01-15T10:20:30Z"})"));
  EXPECT_FALSE(Matches(any_hour(), R"({"t":"yesterday"})"));
  EXPECT_FALSE(Matches(any_hour(), R"({"t":true})"));
  EXPECT_FALSE(Matches(any_hour(), R"({"t":null})"));
  EXPECT_FALSE(Matches(any_hour(), R"({})"));
}

// Keywords.

TEST(MatcherTest, AKeywordIsLookedForInEveryScalarAtAnyDepth) {
  EXPECT_TRUE(Matches(Keyword("*needle*"), R"({"a":"x Needle y"})"));
  EXPECT_TRUE(Matches(Keyword("*needle*"), R"({"a":{"b":["x","needle"]}})"));
  EXPECT_TRUE(Matches(Keyword("*123*"), R"({"a":91234})"));
  EXPECT_FALSE(Matches(Keyword("*needle*"), R"({"needle":"key"})"));
  EXPECT_FALSE(Matches(Keyword("*"), R"({})"));
  EXPECT_FALSE(Matches(Keyword("*"), R"({"a":null})"));
}

TEST(MatcherTest, AKeywordDoesNotSpanTwoValues) {
  EXPECT_FALSE(Matches(Keyword("*needle*"), R"({"a":"nee","b":"dle"})"));
  EXPECT_FALSE(Matches(Keyword("*a*b*"), R"({"a":"a","b":"b"})"));
}

// And, or, not.

TEST(MatcherTest, NotOfAnAbsentFieldHolds) {
  EXPECT_TRUE(Matches(Not(Text("F", "a")), R"({})"));
  EXPECT_TRUE(Matches(Not(Text("F", "a")), R"({"F":"b"})"));
  EXPECT_FALSE(Matches(Not(Text("F", "a")), R"({"F":"a"})"));
}

TEST(MatcherTest, OrNotFiresWithoutThePositiveValues) {
  EXPECT_TRUE(Matches(Or({Text("F", "a"), Not(Text("G", "b"))}), R"({})"));
}

TEST(MatcherTest, AndOfNothingHoldsAndOrOfNothingDoesNot) {
  ir::Expr all;
  all.kind = ir::Expr::kAnd;
  ir::Expr any;
  any.kind = ir::Expr::kOr;
  EXPECT_TRUE(Matches(all, R"({})"));
  EXPECT_FALSE(Matches(any, R"({})"));
  EXPECT_TRUE(Matches(ir::Expr::True(), R"({})"));
  EXPECT_FALSE(Matches(ir::Expr::False(), R"({})"));
}

TEST(MatcherTest, NotNullMeansThereIsAValue) {
  const auto condition = [] {
    return And({Text("sel", "x"), Not(Null("LogonId"))});
  };
  EXPECT_FALSE(Matches(condition(), R"({"sel":"x"})"));
  EXPECT_TRUE(Matches(condition(), R"({"sel":"x","LogonId":"null"})"));
}

// require_fields.

TEST(MatcherTest, WithRequireFieldsNotOfAnAbsentFieldDoesNotHold) {
  const MatcherOptions require = {.require_fields = true};
  EXPECT_FALSE(Matches(Not(Text("id.orig_h", "a")), R"({})", require));
  EXPECT_TRUE(
      Matches(Not(Text("id.orig_h", "a")), R"({"id.orig_h":"b"})", require));
  EXPECT_TRUE(
      Matches(Not(Text("id.orig_h", "a")), R"({"id.orig_h":null})", require));
}

TEST(MatcherTest, WithRequireFieldsWhatIsDecidedOtherwiseStands) {
  const MatcherOptions require = {.require_fields = true};
  const auto absent = [] { return Text("absent", "a"); };
  EXPECT_TRUE(Matches(Or({Text("F", "a"), absent()}), R"({"F":"a"})", require));
  EXPECT_TRUE(
      Matches(Not(And({Text("F", "a"), absent()})), R"({"F":"b"})", require));
  EXPECT_FALSE(
      Matches(And({Text("F", "a"), Not(absent())}), R"({"F":"a"})", require));
  EXPECT_FALSE(
      Matches(Not(Or({Text("F", "a"), absent()})), R"({"F":"b"})", require));
}

TEST(MatcherTest, WithRequireFieldsTestsForAbsenceStillWork) {
  const MatcherOptions require = {.require_fields = true};
  EXPECT_TRUE(Matches(Null("F"), R"({})", require));
  EXPECT_FALSE(Matches(Not(Null("F")), R"({})", require));
  EXPECT_TRUE(Matches(Exists("F", false), R"({})", require));
  EXPECT_TRUE(Matches(Not(Exists("F")), R"({})", require));
}

TEST(MatcherTest, WithRequireFieldsBothFieldsOfAComparisonAreNeeded) {
  const MatcherOptions require = {.require_fields = true};
  const auto differ = [] {
    return Not(FieldRef("a", FieldRelation::kEquals, "b"));
  };
  EXPECT_FALSE(Matches(differ(), R"({"a":"kim"})", require));
  EXPECT_FALSE(Matches(differ(), R"({"b":"kim"})", require));
  EXPECT_TRUE(Matches(differ(), R"({"a":"kim","b":"lee"})", require));
}

// Renames.

TEST(MatcherTest, AFieldTheEventLacksIsLookedUpUnderItsOtherName) {
  const std::vector<FieldRename> renames = {
      {.event_field = "NewProcessName", .rule_field = "Image"},
      {.event_field = "ProcessPath", .rule_field = "Image"}};
  const auto image = [] { return Text("Image", "a"); };
  EXPECT_TRUE(Matches(image(), R"({"NewProcessName":"a"})", {}, renames));
  EXPECT_TRUE(Matches(image(), R"({"ProcessPath":"a"})", {}, renames));
  EXPECT_FALSE(Matches(image(), R"({"Other":"a"})", {}, renames));
  // The first that exists decides, the event's own name before all.
  EXPECT_FALSE(Matches(image(), R"({"NewProcessName":"b","ProcessPath":"a"})",
                       {}, renames));
  EXPECT_FALSE(
      Matches(image(), R"({"Image":null,"NewProcessName":"a"})", {}, renames));
}

TEST(MatcherTest, ARenamedFieldExistsAndIsNotNull) {
  const std::vector<FieldRename> renames = {
      {.event_field = "NewProcessName", .rule_field = "Image"}};
  const char* const event = R"({"NewProcessName":"a"})";
  EXPECT_TRUE(Matches(Exists("Image"), event, {}, renames));
  EXPECT_FALSE(Matches(Null("Image"), event, {}, renames));
  EXPECT_FALSE(Matches(Not(Text("Image", "a")), event, {}, renames));
}

// Hosts' own records.

class HostRecord : public FieldLookup {
 public:
  bool Find(std::string_view field,
            std::vector<FieldValue>& values) const override {
    ++finds;
    if (field == "port") values.push_back(FieldValue::Int(4688));
    if (field == "big") values.push_back(FieldValue::Uint(UINT64_MAX));
    if (field == "ratio") values.push_back(FieldValue::Double(1.5));
    if (field == "bytes") values.push_back(FieldValue::String("a\xFF"));
    return !values.empty();
  }
  void ForEachValue(absl::FunctionRef<void(std::string_view, FieldValue)> visit)
      const override {
    visit("port", FieldValue::Int(4688));
  }

  mutable int finds = 0;
};

TEST(MatcherTest, ABinaryNumberOfAHostHasItsShortestText) {
  const HostRecord record;
  const Event event = Event::Lookup(record);
  EXPECT_TRUE(MatchesEvent(Text("port", "46*"), event));
  EXPECT_TRUE(MatchesEvent(Text("big", "18446744073709551615"), event));
  EXPECT_TRUE(MatchesEvent(Text("ratio", "1.5"), event));
  EXPECT_TRUE(MatchesEvent(NumberIs("port", "4688"), event));
  EXPECT_TRUE(MatchesEvent(Keyword("*4688*"), event));
  EXPECT_TRUE(MatchesEvent(Regex("ratio", "^1\\.5$"), event));
}

TEST(MatcherTest, AHostIsAskedOnceForAField) {
  const HostRecord record;
  EXPECT_TRUE(MatchesEvent(And({Text("port", "4*"), Text("port", "*8"),
                                Not(Text("port", "5*")), Exists("port")}),
                           Event::Lookup(record)));
  EXPECT_EQ(record.finds, 1);
}

// Many events with one matcher.

TEST(MatcherTest, NothingIsLeftOfTheEventBefore) {
  const auto program = PlanOne(Or({Text("F", "a"), Keyword("*b*")}));
  Matcher matcher(*program);
  EventView view;
  const auto matches = [&](const char* json) {
    EXPECT_TRUE(view.Load(Event::Json(json)).ok());
    matcher.Begin(view, {});
    return matcher.Matches(0);
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(matches(R"({"F":"a"})"));
    EXPECT_FALSE(matches(R"({"F":"c"})"));
    EXPECT_TRUE(matches(R"({"G":"b"})"));
    EXPECT_FALSE(matches(R"({})"));
  }
}

}  // namespace
}  // namespace tocsin::runtime
