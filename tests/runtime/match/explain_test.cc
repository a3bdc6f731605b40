// What a match rests on, as detections show it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/runtime/match/match_testing.h"

namespace tocsin::runtime {
namespace {

using reference::And;
using reference::Exists;
using reference::FieldRef;
using reference::Keyword;
using reference::Labelled;
using reference::Not;
using reference::Null;
using reference::NumberIs;
using reference::Or;
using reference::Text;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Each entry as "selection.field=value", a value as JSON would have it.
std::vector<std::string> Explain(ir::Expr condition, std::string_view json,
                                 MatcherOptions options = {}) {
  const auto program = PlanOne(std::move(condition));
  EventView view;
  EXPECT_TRUE(view.Load(Event::Json(json)).ok());
  Matcher matcher(*program, options);
  matcher.Begin(view, {});
  std::vector<MatchedField> matched;
  matcher.Explain(0, &matched);
  std::vector<std::string> entries;
  for (const MatchedField& field : matched) {
    std::string entry(field.selection);
    entry += "." + std::string(field.field) + "=";
    if (field.absent) {
      entry += "(absent)";
    } else if (field.value.is_null()) {
      entry += "null";
    } else {
      entry += field.value.text();
    }
    entries.push_back(entry);
  }
  return entries;
}

TEST(ExplainTest, ATrueTestIsShownWithItsSelectionAndValue) {
  EXPECT_THAT(Explain(Labelled("selection", Text("Image", "*cmd*")),
                      R"({"Image":"C:\\cmd.exe"})"),
              ElementsAre(R"(selection.Image=C:\cmd.exe)"));
}

TEST(ExplainTest, ARuleThatDoesNotMatchHasNothingToExplain) {
  EXPECT_THAT(Explain(Text("F", "a"), R"({"F":"b"})"), IsEmpty());
}

TEST(ExplainTest, OfAnArrayTheElementThatMatchedIsShown) {
  EXPECT_THAT(Explain(Text("F", "b*"), R"({"F":["a","bc","bd"]})"),
              ElementsAre(".F=bc"));
}

TEST(ExplainTest, OfAnOrOnlyWhatIsTrueIsShown) {
  EXPECT_THAT(Explain(Or({Labelled("one", Text("F", "a")),
                          Labelled("two", Text("G", "b")),
                          Labelled("three", Text("H", "c"))}),
                      R"({"F":"a","G":"x","H":"c"})"),
              ElementsAre("one.F=a", "three.H=c"));
}

TEST(ExplainTest, OfAnAndAllIsShown) {
  EXPECT_THAT(Explain(Labelled("sel", And({Text("F", "a"), Text("G", "b")})),
                      R"({"F":"a","G":"b"})"),
              ElementsAre("sel.F=a", "sel.G=b"));
}

TEST(ExplainTest, ManyPatternsOnOneValueAreOneEntry) {
  EXPECT_THAT(Explain(Labelled("sel", And({Text("F", "*a*"), Text("F", "*b*"),
                                           Text("F", "*c*")})),
                      R"({"F":"abc"})"),
              ElementsAre("sel.F=abc"));
}

TEST(ExplainTest, AnAbsentFieldUnderNotIsNamed) {
  EXPECT_THAT(Explain(And({Labelled("selection", Text("F", "a")),
                           Not(Labelled("filter", Text("User", "SYSTEM")))}),
                      R"({"F":"a"})"),
              ElementsAre("selection.F=a", "filter.User=(absent)"));
}

TEST(ExplainTest, AnAbsentFieldWithManyValuesIsNamedOnce) {
  EXPECT_THAT(Explain(Not(Labelled("filter", Or({Text("User", "kim"),
                                                 Text("User", "lee")}))),
                      R"({})"),
              ElementsAre("filter.User=(absent)"));
}

TEST(ExplainTest, AFieldThatIsThereAndDiffersUnderNotIsNoReason) {
  EXPECT_THAT(Explain(Not(Text("User", "kim")), R"({"User":"lee"})"),
              IsEmpty());
}

TEST(ExplainTest, BelowTwoNotsTrueTestsAreShownAgain) {
  EXPECT_THAT(Explain(Not(Not(Text("F", "a"))), R"({"F":"a"})"),
              ElementsAre(".F=a"));
}

TEST(ExplainTest, NullTellsWhetherTheFieldIsAbsent) {
  EXPECT_THAT(Explain(Null("F"), R"({})"), ElementsAre(".F=(absent)"));
  EXPECT_THAT(Explain(Null("F"), R"({"F":null})"), ElementsAre(".F=null"));
  EXPECT_THAT(Explain(Null("F"), R"({"F":[]})"), ElementsAre(".F=null"));
}

TEST(ExplainTest, ExistenceShowsTheValue) {
  EXPECT_THAT(Explain(Exists("F"), R"({"F":"a"})"), ElementsAre(".F=a"));
  EXPECT_THAT(Explain(Exists("F", false), R"({})"), ElementsAre(".F=(absent)"));
}

TEST(ExplainTest, AKeywordHasAValueAndNoField) {
  EXPECT_THAT(Explain(Labelled("keywords", Keyword("*needle*")),
                      R"({"a":{"b":"a needle"}})"),
              ElementsAre("keywords.=a needle"));
}

TEST(ExplainTest, NumbersAreShownAsTheEventWritesThem) {
  EXPECT_THAT(Explain(NumberIs("F", "1.5"), R"({"F":1.50})"),
              ElementsAre(".F=1.50"));
}

TEST(ExplainTest, AFieldReferenceShowsItsFirstField) {
  EXPECT_THAT(Explain(FieldRef("a", ir::FieldRelation::kEquals, "b"),
                      R"({"a":["x","Kim"],"b":"kim"})"),
              ElementsAre(".a=Kim"));
}

TEST(ExplainTest, TheInnermostSelectionIsNamed) {
  EXPECT_THAT(Explain(Labelled("outer", And({Labelled("inner", Text("F", "a")),
                                             Text("G", "b")})),
                      R"({"F":"a","G":"b"})"),
              ElementsAre("inner.F=a", "outer.G=b"));
}

}  // namespace
}  // namespace tocsin::runtime
