// The naive evaluator is trusted by other tests, so a few fixed answers first.

#include "tests/reference/evaluate.h"

#include <gtest/gtest.h>

#include "tests/reference/build.h"
#include "tests/reference/event.h"
#include "tests/reference/generate.h"

namespace tocsin::reference {
namespace {

const Value& Sample() {
  static const Value* const kEvent = new Value(Value::Object(
      {{"a", Value::String("first")},
       {"list", Value::Array({Value::String("x"), Value::Null()})},
       {"c", Value::Object({{"d", Value::String("path")}})},
       {"e", Value::Object({{"f", Value::String("hidden")}})},
       {"e.f", Value::String("literal")},
       {"many", Value::Array({Value::Object({{"k", Value::Number("1")}}),
                              Value::Object({{"k", Value::Number("2")}})})},
       {"a", Value::String("last")}}));
  return *kEvent;
}

TEST(EvaluateTest, OfTwoEqualKeysTheLastCounts) {
  EXPECT_TRUE(Matches(Text("a", "LAST"), Sample()));
  EXPECT_FALSE(Matches(Text("a", "first"), Sample()));
}

TEST(EvaluateTest, ALiteralKeyWinsOverAPath) {
  EXPECT_TRUE(Matches(Text("c.d", "path"), Sample()));
  EXPECT_TRUE(Matches(Text("e.f", "literal"), Sample()));
  EXPECT_FALSE(Matches(Text("e.f", "hidden"), Sample()));
}

TEST(EvaluateTest, PathsCrossArraysOfObjects) {
  EXPECT_TRUE(Matches(NumberIs("many.k", "2"), Sample()));
  EXPECT_FALSE(Matches(NumberIs("many.k", "3"), Sample()));
}

TEST(EvaluateTest, AnUnknownStaysUnknownUnderNot) {
  const ir::Expr not_there = Not(Text("absent", "x"));
  EXPECT_TRUE(Matches(not_there, Sample()));
  EXPECT_FALSE(
      Matches(not_there, Sample(), {.require_fields = true, .renames = {}}));
}

TEST(EvaluateTest, EventsAreWrittenAsJson) {
  EXPECT_EQ(ToJson(Value::Object(
                {{"a", Value::Array({Value::Number("1.50"), Value::Null()})},
                 {"b", Value::Bool(true)},
                 {"a", Value::String("\"\n")}})),
            R"({"a":[1.50,null],"b":true,"a":"\"\n"})");
}

TEST(GeneratorTest, TheSameSeedMakesTheSameRulesAndEvents) {
  Generator one(7);
  Generator two(7);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ir::Print(one.Rule()), ir::Print(two.Rule()));
    EXPECT_EQ(ToJson(one.Event()), ToJson(two.Event()));
  }
}

TEST(GeneratorTest, RulesPassVerification) {
  Generator generator(8);
  for (const ir::Rule& rule : generator.Rules(500)) {
    EXPECT_EQ(ir::Verify(rule), "") << ir::Print(rule);
  }
}

}  // namespace
}  // namespace tocsin::reference
