// Every function of the table does what its example says.

#include "src/functions/function.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/string_map.h"
#include "src/frontend/expression/fold.h"
#include "src/frontend/expression/lexer.h"
#include "src/frontend/expression/parser.h"
#include "src/text/reporter.h"

namespace tocsin::functions {
namespace {

// What a constant expression is; or the messages of the parser.
std::string ValueOf(std::string_view text) {
  const text::Source source("x", std::string(text));
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const expression::Tokens tokens = expression::Lex(source);
  expression::TokenStream stream(tokens, &reporter);
  ir::Expression parsed = expression::Parser(&stream).ParseCondition();
  if (!stream.AtEnd()) return "unread: " + std::string(text);
  if (!diagnostics.empty()) return RenderDiagnostic(diagnostics[0]);
  expression::Fold(&parsed);
  if (parsed.kind != ir::Expression::kLiteral) return Print(parsed);
  return PrintValue(parsed.value);
}

class FunctionTest : public ::testing::TestWithParam<const Function*> {};

TEST_P(FunctionTest, DoesWhatItsExampleSays) {
  const Function& function = *GetParam();
  if (function.needs_event) {  // One at the beginning of 2027.
    Context context;
    context.event_time = 1'798'761'600'000'000'000;
    const Value argument = Value::String("2026-12-31T23:00:00Z");
    const Value result =
        CallFunction(function, {{&argument, 1}, false, &context});
    EXPECT_EQ(PrintValue(result), function.example_result);
  } else {
    EXPECT_EQ(ValueOf(function.example), function.example_result);
  }
  EXPECT_NE(function.example.find(function.name), std::string_view::npos);
  EXPECT_FALSE(function.description.empty());
  EXPECT_EQ(function.description.back(), '.');
}

std::vector<const Function*> Pointers() {
  std::vector<const Function*> all;
  for (const Function& function : AllFunctions()) all.push_back(&function);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Table, FunctionTest, ::testing::ValuesIn(Pointers()),
                         [](const auto& test) {
                           return std::string(test.param->name);
                         });

TEST(FunctionsTest, NamesAreFoundInAnyLetterCaseAndAreDifferent) {
  EXPECT_EQ(FindFunction("CIDRMATCH")->name, "cidrMatch");
  EXPECT_EQ(FindFunction("nothing"), nullptr);
  for (const Function& function : AllFunctions()) {
    EXPECT_EQ(FindFunction(function.name), &function);
  }
}

TEST(FunctionsTest, ANullArgumentGivesNull) {
  EXPECT_EQ(ValueOf("length(null)"), "null");
  EXPECT_EQ(ValueOf("concat(\"a\", null)"), "null");
}

TEST(FunctionsTest, AnArrayIsLookedAtElementByElement) {
  EXPECT_EQ(ValueOf("length(split(\"a,bcd\", \",\"))"), "[1, 3]");
  EXPECT_EQ(ValueOf("split(\"a,bcd\", \",\") == \"bcd\""), "true");
  EXPECT_EQ(ValueOf("split(\"a,bcd\", \",\") != \"bcd\""), "false");
}

TEST(FunctionsTest, WhatDoesNotFitIsNull) {
  EXPECT_EQ(ValueOf("substring(\"abc\", \"x\")"), "null");
  EXPECT_EQ(ValueOf("cidrMatch(\"x\", \"10.0.0.0/8\")"), "null");
  EXPECT_EQ(ValueOf("number(\"12x\")"), "null");
  EXPECT_EQ(ValueOf("base64Decode(\"a\")"), "null");
}

TEST(FunctionsTest, TextsAreCountedInCharacters) {
  EXPECT_EQ(ValueOf("length(\"\\u{e9}\\u{1f600}\")"), "2");
  EXPECT_EQ(ValueOf("substring(\"\\u{e9}ab\", 1, 2)"), "\"a\"");
  EXPECT_EQ(ValueOf("indexOf(\"\\u{e9}ab\", \"b\")"), "2");
}

TEST(FunctionsTest, BetweenTakesTheFirstOrTheLastMarker) {
  EXPECT_EQ(ValueOf("between(\"a(b)c)d\", \"(\", \")\")"), "\"b\"");
  EXPECT_EQ(ValueOf("between(\"a(b)c)d\", \"(\", \")\", true)"), "\"b)c\"");
  EXPECT_EQ(ValueOf("between(\"abc\", \"x\", \"y\")"), "null");
  EXPECT_EQ(ValueOf("between~(\"aXbYc\", \"x\", \"y\")"), "\"b\"");
}

TEST(FunctionsTest, SubstringCountsFromTheEndAndStaysInside) {
  EXPECT_EQ(ValueOf("substring(\"abc\", -2, 99)"), "\"bc\"");
  EXPECT_EQ(ValueOf("substring(\"abc\", 2, 1)"), "\"\"");
  EXPECT_EQ(ValueOf("substring(\"abc\", null, 1)"), "\"a\"");
}

TEST(FunctionsTest, NumbersKeepAllTheirBits) {
  EXPECT_EQ(ValueOf("9007199254740993 + 0"), "9007199254740993");
  EXPECT_EQ(ValueOf("9223372036854775807 + 1"), "9223372036854775808");
  EXPECT_EQ(ValueOf("18446744073709551615 == \"18446744073709551615\""),
            "true");
  EXPECT_EQ(ValueOf("7 / 2"), "3");
  EXPECT_EQ(ValueOf("7 / 2.0"), "3.5");
  EXPECT_EQ(ValueOf("7 / 0"), "null");
  EXPECT_EQ(ValueOf("-7 % 3"), "-1");
}

TEST(FunctionsTest, TimesAndDurationsCalculate) {
  EXPECT_EQ(ValueOf("2027-01-02 - 2027-01-01"), "1d");
  EXPECT_EQ(ValueOf("2027-01-01 + 90m"), "2027-01-01T01:30:00Z");
  EXPECT_EQ(ValueOf("1h / 15m"), "4");
  EXPECT_EQ(ValueOf("2027-01-02 > \"2027-01-01T23:59:59Z\""), "true");
}

TEST(FunctionsTest, LogicHasThreeValues) {
  EXPECT_EQ(ValueOf("not null"), "null");
  EXPECT_EQ(ValueOf("(length(null) == 1) == null"), "true");
  EXPECT_EQ(ValueOf("null == 1"), "false");
  EXPECT_EQ(ValueOf("null != null"), "false");
  EXPECT_EQ(ValueOf("length(null) > 1 or true"), "true");
  EXPECT_EQ(ValueOf("not \"A\" : \"a\""), "false");
}

TEST(FunctionsTest, WildcardsAreForLikeAndColonOnly) {
  EXPECT_EQ(ValueOf("\"PowerShell.exe\" : \"power*.?xe\""), "true");
  EXPECT_EQ(ValueOf("\"PowerShell.exe\" like \"power*\""), "false");
  EXPECT_EQ(ValueOf("\"PowerShell.exe\" like~ (\"x\", \"power*\")"), "true");
  EXPECT_EQ(ValueOf("\"a.b\" : \"a?c\""), "false");
  EXPECT_EQ(ValueOf("\"abc\" regex \"b\""), "false");
  EXPECT_EQ(ValueOf("\"abc\" regex~ \"A.C\""), "true");
}

TEST(FunctionsTest, HostileArgumentsCostLittle) {
  const std::string long_text(3000, 'a');
  EXPECT_EQ(ValueOf("levenshtein(\"" + long_text + "\", \"b\")"), "null");
  EXPECT_EQ(ValueOf("search(\"a\", \"(\")"), "null");
  EXPECT_EQ(ValueOf("domain(\"..\")"), "null");
  EXPECT_EQ(ValueOf("registeredDomain(\"co.uk\")"), "null");
  EXPECT_EQ(ValueOf("registeredDomain(\".co.uk\")"), "null");
}

}  // namespace
}  // namespace tocsin::functions
