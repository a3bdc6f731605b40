// Queries without STATS: filters of one event.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/esql/compile_esql.h"
#include "tests/frontend/esql/run_esql.h"

namespace tocsin::esql {
namespace {

using testing::Holds;

TEST(EsqlMatchTest, ComparisonsAreOnlyTrueOfWhatIsThere) {
  EXPECT_TRUE(Holds(R"(where a == "x")", R"({"a":"x"})"));
  EXPECT_FALSE(Holds(R"(where a == "x")", R"({"a":"X"})"));
  EXPECT_FALSE(Holds(R"(where a != "x")", R"({"b":"y"})"));
  EXPECT_TRUE(Holds(R"(where a != "x")", R"({"a":"y"})"));
  EXPECT_FALSE(Holds(R"(where not a == "x")", R"({"b":"y"})"));
  EXPECT_FALSE(Holds("where a == null", R"({"b":1})"));
  EXPECT_TRUE(Holds("where a is null", R"({"b":1})"));
  EXPECT_TRUE(Holds("where a IS NOT NULL", R"({"a":1})"));
  EXPECT_TRUE(Holds("where n >= 5 and n < 6", R"({"n":5})"));
  EXPECT_TRUE(Holds("where n == -5", R"({"n":-5})"));
  EXPECT_TRUE(Holds(R"(where a =~ "ABC")", R"({"a":"abc"})"));
  EXPECT_TRUE(Holds("where flag", R"({"flag":true})"));
  EXPECT_FALSE(Holds("where not flag", R"({"b":1})"));
}

TEST(EsqlMatchTest, AndBindsCloserThanOrAndNotCloserStill) {
  EXPECT_TRUE(Holds("where a == 1 or b == 1 and c == 1", R"({"a":1})"));
  EXPECT_FALSE(Holds("where (a == 1 or b == 1) and c == 1", R"({"a":1})"));
  EXPECT_TRUE(Holds("where not a == 1 and b == 1", R"({"a":2,"b":1})"));
  EXPECT_TRUE(Holds("where 2 + 3 * 4 == n", R"({"n":14})"));
  EXPECT_TRUE(Holds("where n - 2 - 1 == 0", R"({"n":3})"));
  EXPECT_TRUE(Holds("where 7 / 2 == n", R"({"n":3})"));
  EXPECT_TRUE(Holds("where 7::double / 2 == n", R"({"n":3.5})"));
}

TEST(EsqlMatchTest, LikeAndRlikeMatchTheWholeValue) {
  const std::string path = R"({"p":"C:\\Windows\\cmd.exe"})";
  EXPECT_TRUE(Holds(R"(where p like "*cmd.exe")", path));
  EXPECT_FALSE(Holds(R"(where p like "*CMD.exe")", path));
  EXPECT_TRUE(Holds(R"(where p like "C:\\\\Windows\\\\*")", path));
  EXPECT_TRUE(Holds("where p like \"\"\"C:\\\\Windows\\\\*\"\"\"", path));
  EXPECT_TRUE(Holds(R"(where p like "C:?Windows?cmd.exe")", path));
  EXPECT_TRUE(Holds(R"(where p like ("x*", "*.exe"))", path));
  EXPECT_TRUE(Holds(R"(where p not like "x*")", path));
  EXPECT_TRUE(Holds(R"(where a like "b\\*")", R"({"a":"b*"})"));
  EXPECT_FALSE(Holds(R"(where a like "b\\*")", R"({"a":"bc"})"));
  EXPECT_TRUE(Holds(R"(where p rlike ".*(cmd|sh)\\.exe")", path));
  EXPECT_FALSE(Holds(R"(where p rlike "cmd")", path));
  EXPECT_TRUE(Holds(R"(where a rlike "^a.c$")", R"({"a":"^abc$"})"));
  EXPECT_TRUE(Holds(R"(where to_lower(p) like "*windows*")", path));
  EXPECT_FALSE(Holds(R"(where to_lower(p) like "*Windows*")", path));
}

TEST(EsqlMatchTest, InIsEqualToOneOfTheList) {
  EXPECT_TRUE(Holds(R"(where a in ("x", "y"))", R"({"a":"y"})"));
  EXPECT_TRUE(Holds("where n in (1, 2)", R"({"n":2})"));
  EXPECT_FALSE(Holds(R"(where a not in ("x", "y"))", R"({"a":"y"})"));
  EXPECT_FALSE(Holds(R"(where a not in ("x", "y"))", R"({"b":"y"})"));
  EXPECT_TRUE(Holds("where a in (b, c)", R"({"a":1,"b":2,"c":1})"));
}

TEST(EsqlMatchTest, NamesMayStandInBackTicks) {
  EXPECT_TRUE(Holds("where source.`as`.number == 1",
                    R"({"source":{"as":{"number":1}}})"));
  EXPECT_TRUE(Holds("where `a.b` == 1", R"({"a":{"b":1}})"));
  EXPECT_TRUE(Holds("where `a b` == 1", R"({"a b":1})"));
  EXPECT_TRUE(Holds("where @timestamp is not null",
                    R"({"@timestamp":"2026-01-15T00:00:00Z"})"));
}

TEST(EsqlMatchTest, CommentsAreSpace) {
  EXPECT_TRUE(Holds("/* a\n| b */ where a == 1 // | drop it\n| keep a, b.*",
                    R"({"a":1})"));
}

TEST(EsqlMatchTest, ColumnsArePutInWhereTheyAreUsed) {
  EXPECT_TRUE(Holds(R"(eval b = to_upper(a), c = concat(b, "!")
                       | where c == "X!")",
                    R"({"a":"x"})"));
  EXPECT_TRUE(
      Holds("eval n = n + 1 | eval n = n + 1 | where n == 3", R"({"n":1})"));
  EXPECT_TRUE(Holds("rename a as b | where b == 1", R"({"a":1})"));
  EXPECT_TRUE(Holds(R"(eval k = case(n > 5, "big", n > 2, "mid", "small")
                       | where k == "mid")",
                    R"({"n":4})"));
  EXPECT_TRUE(
      Holds(R"(eval k = case(n > 5, "big") | where k is null)", R"({"n":4})"));
  EXPECT_TRUE(Holds(R"(eval k = coalesce(a, b, "none") | where k == "none")",
                    R"({"c":1})"));
}

TEST(EsqlMatchTest, FunctionsMeanWhatTheyDoThere) {
  for (const char* condition :
       {R"(starts_with(s, "Pow"))",
        R"(ends_with(s, "ell"))",
        R"(contains(s, "wer"))",
        "length(s) == 10",
        R"(left(s, 5) == "Power")",
        R"(right(s, 5) == "Shell")",
        R"(substring(s, 6) == "Shell")",
        R"(substring(s, 2, 3) == "owe")",
        R"(locate(s, "Shell") == 6)",
        R"(locate(s, "x") == 0)",
        R"(replace(s, "[A-Z]", "_") == "_ower_hell")",
        R"e(replace(s, "(P)(o)", "$2$1") == "oPwerShell")e",
        R"(to_lower(s) == "powershell")",
        R"(concat(s, "!") == "PowerShell!")",
        R"(repeat("ab", 2) == "abab")",
        R"(trim("  a ") == "a")",
        R"(mv_count(l) == 3)",
        R"(mv_first(l) == "b")",
        R"(mv_last(l) == "b")",
        R"(mv_min(l) == "a")",
        R"(mv_max(l) == "b")",
        R"(mv_concat(l, "-") == "b-a-b")",
        R"(mv_count(mv_dedupe(l)) == 2)",
        R"(mv_contains(l, "a"))",
        R"(not mv_contains(l, "z"))",
        R"(mv_slice(l, 1) == "a")",
        R"(cidr_match(ip, "192.0.2.0/24"))",
        R"(not cidr_match(to_ip(ip), "198.51.100.0/24", "::1"))",
        R"(to_integer("12") == 12)",
        R"("12"::integer == 12)",
        R"(to_string(n) == "7")",
        "round(2.346, 2) == 2.35",
        "greatest(1, n, 3) == 7",
        "abs(-3) == 3",
        "n % 4 == 3",
        R"(date_diff("minutes", t, @timestamp) == 90)",
        "date_trunc(1 hour, @timestamp) == "
        "to_datetime(\"2026-01-15T10:00:00Z\")",
        "bucket(@timestamp, 1 hour) <= @timestamp",
        "@timestamp > now() - 1 minute",
        "t < now() - 1 hour",
        R"(@timestamp >= "2026-01-15" and @timestamp < "2026-01-16")",
        R"(date_extract("hour_of_day", @timestamp) == 10)",
        R"(url_decode("a%20b") == "a b")",
        R"(from_base64("eA==") == "x")",
        R"(mv_last(split(u, "/")) == "c")",
        R"(json_extract(_source, "$.o.p") == "q")",
        R"(hash("md5", "a") == "0cc175b9c0f1b6a831c399e269772661")"}) {
    EXPECT_TRUE(Holds(std::string("where ") + condition,
                      R"({"s":"PowerShell","l":["b","a","b"],"n":7,
                          "ip":"192.0.2.7","u":"a/b/c","o":{"p":"q"},
                          "t":"2026-01-15T09:00:00Z",
                          "@timestamp":"2026-01-15T10:30:00Z"})"))
        << condition;
  }
}

TEST(EsqlMatchTest, WhatIsMissingMakesFunctionsNull) {
  for (const char* condition :
       {"length(x) == 0", R"(concat(a, x) == "a")", "x + 1 == 1",
        R"(not starts_with(x, "a"))", "x > 1 or x <= 1",
        R"(case(x > 1, true, false) == null)"}) {
    EXPECT_FALSE(Holds(std::string("where ") + condition, R"({"a":"a"})"))
        << condition;
  }
  EXPECT_TRUE(Holds("where case(x > 1, 1, 2) == 2", R"({"a":"a"})"));
}

TEST(EsqlMatchTest, QueriesOfOtherLanguagesStandInside) {
  EXPECT_TRUE(Holds(R"(where kql("a:x* and not b:1"))", R"({"a":"xy"})"));
  EXPECT_FALSE(Holds(R"(where not kql("a:x*"))", R"({"a":"xy"})"));
  EXPECT_TRUE(Holds(R"(where not kql("a:x*"))", R"({"b":"xy"})"));
  EXPECT_TRUE(Holds(R"(eval k = case(kql("a:x or b > 3"), 1, 0)
                       | where k == 1)",
                    R"({"b":4})"));
  EXPECT_TRUE(Holds(R"(where qstr("a:x? AND NOT b:1"))", R"({"a":"xy"})"));
  EXPECT_TRUE(Holds(R"(where match(message, "failed root"))",
                    R"({"message":"login of root"})"));
  EXPECT_TRUE(
      Holds(R"(where message : "root")", R"({"message":"login of root"})"));
  EXPECT_FALSE(Holds(R"(where match_phrase(message, "root login"))",
                     R"({"message":"login of root"})"));
  EXPECT_TRUE(Holds(R"(where match(a, "x"))", R"({"a":["w","x"]})"));
}

TEST(EsqlMatchTest, GrokTakesColumnsOutOfAText) {
  const std::string event =
      R"({"m":"user=kim ip=192.0.2.7 took 12 ms","p":"/a/b"})";
  EXPECT_TRUE(Holds(R"(grok m "user=%{WORD:u} ip=%{IP:ip}"
                       | where u == "kim" and ip == "192.0.2.7")",
                    event));
  EXPECT_TRUE(
      Holds(R"(grok m "took %{NUMBER:took:int}" | where took > 9)", event));
  EXPECT_TRUE(Holds(R"e(grok m "(user|name)=(?<u.name>[a-z]+)"
                       | where u.name == "kim")e",
                    event));
  EXPECT_TRUE(Holds(R"(grok m "nothing %{WORD:u}" | where u is null)", event));
  EXPECT_TRUE(Holds(R"(grok m "x=%{WORD:u}", "user=%{WORD:u}"
                       | where u == "kim")",
                    event));
}

TEST(EsqlMatchTest, DissectCutsATextAtWhatStandsBetween) {
  const std::string event = R"({"m":"a - b  [c] d e"})";
  EXPECT_TRUE(Holds(R"(dissect m "%{x} - %{y->} %{z} %{rest}"
                       | where x == "a" and y == "b" and z == "[c]"
                         and rest == "d e")",
                    event));
  EXPECT_TRUE(
      Holds(R"(dissect m "%{?x} - %{}[%{z}]%{}" | where z == "c")", event));
  EXPECT_TRUE(Holds(R"(dissect m "%{+w} - %{+w}  [%{}" append_separator="+"
                       | where w == "a+b")",
                    event));
  EXPECT_TRUE(Holds(R"(dissect m "%{x}=%{y}" | where x is null)", event));
}

TEST(EsqlMatchTest, OfAnArrayAnyElementWillDo) {
  EXPECT_TRUE(Holds(R"(where a == "x")", R"({"a":["w","x"]})"));
  EXPECT_FALSE(Holds(R"(where a != "x")", R"({"a":["w","x"]})"));
  EXPECT_TRUE(Holds(R"(where to_upper(a) == "X")", R"({"a":["w","x"]})"));
}

TEST(EsqlMatchTest, ExpandedElementsAreLookedAtOneByOne) {
  EXPECT_TRUE(Holds(R"(mv_expand a | where a == "x")", R"({"a":["w","x"]})"));
  EXPECT_TRUE(Holds(R"(mv_expand a | where a != "x")", R"({"a":["w","x"]})"));
  EXPECT_TRUE(Holds(R"(mv_expand a | where a like "w*" and length(a) == 3)",
                    R"({"a":["w","wxy"]})"));
  EXPECT_FALSE(Holds(R"(mv_expand a | where a like "w*" and length(a) == 3)",
                     R"({"a":["w","xyz"]})"));
  EXPECT_TRUE(Holds(R"(mv_expand a | mv_expand b | where a == b)",
                    R"({"a":[1,2],"b":[3,2]})"));
  EXPECT_TRUE(
      Holds(R"(mv_expand a | rename a as b | where b == "x")", R"({"a":"x"})"));
}

TEST(EsqlMatchTest, WhatIsNoFilterIsRefusedByItsName) {
  const auto code = [](const std::string& query) {
    const testing::Compiled compiled =
        testing::Compile("from logs-* | " + query);
    EXPECT_FALSE(compiled.ok) << query;
    return compiled.diagnostics.size() == 1
               ? compiled.diagnostics[0].code + " " +
                     compiled.diagnostics[0].message
               : compiled.Messages();
  };
  for (const char* name : {"ENRICH", "LOOKUP JOIN", "INLINE STATS",
                           "COMPLETION", "CHANGE_POINT", "SAMPLE", "FORK"}) {
    EXPECT_EQ(code(std::string(name) + " x on y"),
              "T551 `" + std::string(name) + "` is not supported");
  }
  EXPECT_EQ(code("stats a = count(*) | stats b = max(a)"),
            "T551 a second `STATS` is not supported");
  EXPECT_EQ(code("stats a = count(*) | mv_expand a"),
            "T551 `MV_EXPAND` behind `STATS` is not supported");
  EXPECT_EQ(code("where frobnicate(a)"),
            "T552 the function `frobnicate` is not supported");
  EXPECT_EQ(code("where @timestamp > now() - 1 month"),
            "T553 months and years have no fixed length");
  EXPECT_EQ(code(R"(where a rlike "(b")").substr(0, 4), "T555");
  EXPECT_EQ(code(R"(where kql("(b"))").substr(0, 4), "T555");
  EXPECT_EQ(code(R"(grok a "%{NOSUCH:x}")").substr(0, 4), "T555");
  EXPECT_EQ(code("stats a = count(*) by b | where c == 1"),
            "T556 behind STATS there is no column `c`");
  EXPECT_EQ(code("stats a = min(host.name) | where a > \"x\"").substr(0, 4),
            "T557");
  EXPECT_EQ(code("where a ==").substr(0, 4), "T550");
  EXPECT_EQ(code("where a == \"x").substr(0, 4), "T550");
  EXPECT_EQ(code("where (a == 1").substr(0, 4), "T550");
}

TEST(EsqlMatchTest, WhatTakesTooMuchMemoryIsRefused) {
  std::string grows = "from a | eval b = concat(a, a)";
  for (int i = 0; i < 30; ++i) grows += " | eval b = concat(b, b)";
  std::string deep = "from a | where ";
  for (int i = 0; i < 200; ++i) deep += "(";
  std::string chain = "from a | where 1";
  for (int i = 0; i < 200; ++i) chain += " + 1";
  std::string pipes = "from a";
  for (int i = 0; i < 300; ++i) pipes += " | keep a";
  for (const std::string& query :
       {grows + " | where b == \"\"", deep, chain + " == 2", pipes}) {
    const testing::Compiled compiled = testing::Compile(query);
    EXPECT_FALSE(compiled.ok);
    ASSERT_EQ(compiled.diagnostics.size(), 1u);
    EXPECT_EQ(compiled.diagnostics[0].code, "T554");
  }
}

TEST(EsqlMatchTest, AFilterHasTheGuardsOfItsTests) {
  const testing::Compiled compiled = testing::Compile(
      "from a | eval n = to_lower(process.name) | where n == \"cmd.exe\"");
  ASSERT_TRUE(compiled.ok) << compiled.Messages();
  EXPECT_EQ(compiled.Ir(), "process.name is \"cmd.exe\"\n");
}

}  // namespace
}  // namespace tocsin::esql
