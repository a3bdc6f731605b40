// The canonical form of queries, and that it means what the query does.

#include "src/frontend/kql/print.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/kql/compile_kql.h"
#include "tocsin/authoring.h"

namespace tocsin::kql {
namespace {

using testing::Canonical;

TEST(KqlPrintTest, TestsOfAFieldStandTogetherWhereTheFieldCameFirst) {
  EXPECT_EQ(Canonical("a:1 or b:2 or a:3"), "a:(1 or 3) or b:2");
  EXPECT_EQ(Canonical("a:1 and b:2 and a:(3 and 4)"),
            "a:(1 and 3 and 4) and b:2");
}

TEST(KqlPrintTest, NotStandsAroundAllItsValues) {
  EXPECT_EQ(Canonical("not a:1 and not a:(2 or 3)"), "not a:(1 or 2 or 3)");
  EXPECT_EQ(Canonical("not not not a:1"), "not a:1");
  EXPECT_EQ(Canonical("not (a:1 and b:2)"), "not (a:1 and b:2)");
}

TEST(KqlPrintTest, BracketsStandWhereTheyMust) {
  EXPECT_EQ(Canonical("((a:1)) and (b:1 or (c:1 or d:1))"),
            "a:1 and (b:1 or c:1 or d:1)");
  EXPECT_EQ(Canonical("(a:1 and b:1) or c:1"), "a:1 and b:1 or c:1");
}

TEST(KqlPrintTest, QuotesStandWhereTheyMust) {
  EXPECT_EQ(Canonical(R"(a:"x y" and b:"and" and c:"*" and d:"true")"),
            R"(a:"x y" and b:"and" and c:"*" and d:"true")");
  EXPECT_EQ(Canonical(R"(a:x\:y or a:"\"")"), R"(a:("x:y" or "\""))");
  EXPECT_EQ(Canonical(R"(a:C\:\\Win*\ dows)"), "(an error)");
}

TEST(KqlPrintTest, WordsKeepTheirQuotesWhereTheyMakeAPhrase) {
  FieldTypes types;
  types.Set("t", FieldType::kText);
  EXPECT_EQ(Canonical(R"(t:"a-b" and t:(a b) and k:"a-b")", types),
            R"(t:("a-b" and a b) and k:a-b)");
}

TEST(KqlPrintTest, RangesNestedAndWildcardsAreWrittenOut) {
  EXPECT_EQ(Canonical(R"(a>=1 and b : {c:d   and e<2} and f:x\*y* and g* : z)"),
            R"(a >= 1 and b:{ c:d and e < 2 } and f:x\*y* and g*:z)");
}

TEST(KqlPrintTest, TheCanonicalFormIsItsOwn) {
  for (const char* query :
       {"a:(b and not c) or not (d:e and \"f g\") and h > 2",
        "a:((b or not c or not d) and e) and a:f or x:{ y:z or y:w }",
        "not a:b or not c:d or a:(not x y*z and \"or\")",
        "message:(one two or \"three four\") and \\or:\\and",
        "message:(one\not two or dog or'cat) and x*\not*",
        "a:\" x \" and b:\\u0020y* and c:\"tab\\there\""}) {
    const std::string once = Canonical(query, FieldTypes::Ecs());
    EXPECT_NE(once, "(an error)") << query;
    EXPECT_EQ(Canonical(once, FieldTypes::Ecs()), once) << query;
  }
}

TEST(KqlPrintTest, ExplainingShowsTheCanonicalFormAndTheCondition) {
  const ExplainedRules explained =
      ExplainRules({{"rules/shells.kql", "a : \"b\" or (a:c)"}});
  EXPECT_EQ(explained.rules, 1);
  EXPECT_EQ(explained.text,
            "shells\n"
            "  query      a:(b or c)\n"
            "  condition  or\n"
            "               a is \"b\" cased\n"
            "               a is \"c\" cased\n");
}

TEST(KqlPrintTest, TheTreeShowsHowAQueryWasRead) {
  EXPECT_EQ(PrintTree(*testing::TreeOf("a:(1 or not \"x\") and b <= c d")),
            "and\n"
            "  or\n"
            "    is a number `1`\n"
            "    not\n"
            "      is a text quoted `x`\n"
            "  range b <= text `c d`\n");
}

}  // namespace
}  // namespace tocsin::kql
