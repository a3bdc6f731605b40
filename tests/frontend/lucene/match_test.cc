// What query strings match: a query, an event, and the answer.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/lucene/compile_lucene.h"
#include "tests/runtime/match/match_testing.h"

namespace tocsin::lucene {
namespace {

struct Case {
  const char* query;
  const char* event;
  bool matches;
};

void Expect(const Case& each) {
  testing::Compiled compiled = testing::Compile(each.query);
  ASSERT_TRUE(compiled.condition) << each.query << compiled.Messages();
  ir::Rule rule;
  rule.condition = *compiled.condition;
  EXPECT_EQ(ir::Verify(rule), "") << each.query;
  EXPECT_EQ(runtime::Matches(*compiled.condition, each.event), each.matches)
      << each.query << "\n"
      << each.event << "\n"
      << compiled.Ir();
}

template <size_t n>
void ExpectAll(const Case (&cases)[n]) {
  for (const Case& each : cases) Expect(each);
}

constexpr bool yes = true;
constexpr bool no = false;

TEST(LuceneMatchTest, ATermOfAKeywordIsItsWholeValueByLetterCase) {
  ExpectAll({
      {"user.name:kim", R"({"user":{"name":"kim"}})", yes},
      {"user.name:kim", R"({"user":{"name":"Kim"}})", no},
      {"user.name:kim", R"({"user":{"name":"kimberly"}})", no},
      {"user.name:kim", R"({"user":{"name":["lee","kim"]}})", yes},
      {"user.name:kim", R"({})", no},
      {"user.name: kim", R"({"user":{"name":"kim"}})", yes},
      {"user.name:\"kim lee\"", R"({"user":{"name":"kim lee"}})", yes},
      {"user.name:\"kim\"", R"({"user":{"name":"kim lee"}})", no},
      {"user.name:\"k*\"", R"({"user":{"name":"kim"}})", no},
      {"user.name:\"k*\"", R"({"user":{"name":"k*"}})", yes},
      {"", R"({"a":1})", yes},
      {"  ", R"({"a":1})", yes},
  });
}

TEST(LuceneMatchTest, WordsWithoutOperatorsAreOneValue) {
  ExpectAll({
      // The second word is not about the field.
      {"a:new york", R"({"a":"new"})", yes},
      {"a:new york", R"({"b":"york"})", yes},
      {"a:new york", R"({"a":"new york"})", yes},
      {"new york", R"({"b":"york"})", yes},
      {"a:(new york)", R"({"a":"new york"})", yes},
      {"a:(new york)", R"({"a":"new"})", no},
      {"a:(new york city)", R"({"a":"new york city"})", yes},
      {"message:(new york)", R"({"message":"in New Delhi"})", yes},
      {"message:(new york)", R"({"message":"in York"})", yes},
      {"message:(new york)", R"({"message":"in Paris"})", no},
      // The word before AND stands alone.
      {"a:(x y AND z)", R"({"a":["y","z"]})", yes},
      {"a:(x y AND z)", R"({"a":["x y","z"]})", no},
  });
}

TEST(LuceneMatchTest, TextsAreComparedByTheirWords) {
  const char* const event = R"({"message":"Failed password for root"})";
  ExpectAll({
      {"message:password", event, yes},
      {"message:PASSWORD", event, yes},
      {"message:pass", event, no},
      {"message:pass*", event, yes},
      {"message:passw?rd", event, yes},
      {"message:passw?d", event, no},
      {"message:\"failed password\"", event, yes},
      {"message:\"password failed\"", event, no},
      {"message:/pass(word|phrase)/", event, yes},
      {"message:/pass/", event, no},
      {"password", event, yes},
      {"\"for root\"", event, yes},
      {"\"root for\"", event, no},
      {"pass*", event, yes},
      {"pas?word", event, yes},
      {"/r..t/", event, yes},
      {"*:password", event, yes},
  });
}

TEST(LuceneMatchTest, WildcardsMatchTheWholeValue) {
  ExpectAll({
      {"a:b*d", R"({"a":"bcccd"})", yes},
      {"a:b*d", R"({"a":"bccce"})", no},
      {"a:b?d", R"({"a":"bcd"})", yes},
      {"a:b?d", R"({"a":"bd"})", no},
      {"a:b?d", R"({"a":"bccd"})", no},
      {"a:B?d", R"({"a":"bcd"})", no},
      {"a:?im", R"({"a":"kim"})", yes},
      {"a:b\\*", R"({"a":"b*"})", yes},
      {"a:b\\*", R"({"a":"bcd"})", no},
      {"a:b\\?*", R"({"a":"b?x"})", yes},
      {"a:b\\?*", R"({"a":"bxx"})", no},
      {"a:*\\\\x.exe", R"({"a":"C:\\x.exe"})", yes},
      {"*", R"({"a":1})", yes},
      {"*:*", R"({"a":1})", yes},
      {"a:*", R"({"a":1})", yes},
      {"a:*", R"({"a":null})", no},
      {"a:*", R"({"b":1})", no},
      {"*:x*", R"({"b":"xy"})", yes},
      {"a.\\*:x", R"({"a":{"b":"x"}})", yes},
      {"a.\\*:x?z", R"({"a":{"b":"xyz"}})", yes},
      {"a.\\*:x", R"({"b":{"b":"x"}})", no},
  });
}

TEST(LuceneMatchTest, ExistsAsksForAValueThatIsNotNull) {
  ExpectAll({
      {"_exists_:a", R"({"a":1})", yes},
      {"_exists_:a.b", R"({"a":{"b":"x"}})", yes},
      {"_exists_:a", R"({"a":null})", no},
      {"_exists_:a", R"({"b":1})", no},
      {"NOT _exists_:a", R"({"b":1})", yes},
      {"_exists_:\"a\"", R"({"a":1})", yes},
      {"_exists_:a*", R"({"abc":1})", yes},
  });
}

TEST(LuceneMatchTest, RangesHaveEndsThatBelongToThemOrNot) {
  ExpectAll({
      {"n:[1 TO 5]", R"({"n":1})", yes},
      {"n:[1 TO 5]", R"({"n":5})", yes},
      {"n:[1 TO 5]", R"({"n":"5"})", yes},
      {"n:[1 TO 5]", R"({"n":6})", no},
      {"n:{1 TO 5}", R"({"n":1})", no},
      {"n:{1 TO 5}", R"({"n":4.5})", yes},
      {"n:[1 TO 5}", R"({"n":5})", no},
      {"n:{1 TO 5]", R"({"n":5})", yes},
      {"n:[1 TO *]", R"({"n":100})", yes},
      {"n:[* TO 5}", R"({"n":-100})", yes},
      {"n:[* TO *]", R"({"n":0})", yes},
      {"n:[* TO *]", R"({"m":0})", no},
      // One element lies within, not one above and one below.
      {"n:[2 TO 4]", R"({"n":[1,5]})", no},
      {"n:[2 TO 4]", R"({"n":[1,3]})", yes},
      {"n:>=5", R"({"n":5})", yes},
      {"n:>5", R"({"n":5})", no},
      {"n:<5", R"({"n":4})", yes},
      {"n:<=5", R"({"n":5})", yes},
      {"n:(>=10 AND <20)", R"({"n":15})", yes},
      {"n:(>=10 AND <20)", R"({"n":20})", no},
      {"n:(+>=10 +<20)", R"({"n":9})", no},
      {"a:[alpha TO omega]", R"({"a":"beta"})", yes},
      {"a:[alpha TO omega]", R"({"a":"zeta"})", no},
      {"@timestamp:[2026-01-01 TO 2026-01-15]",
       R"({"@timestamp":"2026-01-15T23:00:00Z"})", yes},
      {"@timestamp:[2026-01-01 TO 2026-01-15}",
       R"({"@timestamp":"2026-01-15T23:00:00Z"})", no},
      {"@timestamp:{2026-01-15 TO *]",
       R"({"@timestamp":"2026-01-15T23:00:00Z"})", no},
      {"source.ip:[192.0.2.10 TO 192.0.2.20]",
       R"({"source":{"ip":"192.0.2.20"}})", yes},
      {"source.ip:[192.0.2.10 TO 192.0.2.20}",
       R"({"source":{"ip":"192.0.2.20"}})", no},
      {"host.ip:[192.0.2.10 TO 192.0.2.20]",
       R"({"host":{"ip":["192.0.2.1","192.0.2.30"]}})", no},
      {"source.ip:\"192.0.2.0/24\"", R"({"source":{"ip":"192.0.2.77"}})", yes},
      {"source.ip:192.0.2.0\\/24", R"({"source":{"ip":"192.0.3.7"}})", no},
  });
}

TEST(LuceneMatchTest, WithoutWantedPartsOneOptionalPartIsEnough) {
  ExpectAll({
      {"a:1 OR b:2", R"({"b":2})", yes},
      {"a:1 || b:2", R"({"a":1})", yes},
      {"a:1 b:2", R"({"b":2})", yes},
      {"a:1 b:2", R"({"c":2})", no},
      {"a:1 NOT b:2", R"({"a":1})", yes},
      {"a:1 NOT b:2", R"({"a":1,"b":2})", no},
      {"a:1 NOT b:2", R"({"c":1})", no},
      {"a:1 -b:2", R"({"a":1,"b":2})", no},
      {"a:1 !b:2", R"({"a":1,"b":2})", no},
      {"NOT b:2", R"({"a":1})", yes},
      {"NOT b:2", R"({"b":2})", no},
      {"-b:2", R"({"a":1})", yes},
      {"a:(NOT x)", R"({"a":"y"})", yes},
      {"a:(NOT x)", R"({"b":1})", yes},
      {"a:(NOT x)", R"({"a":"x"})", no},
  });
}

TEST(LuceneMatchTest, AndMarksBothItsSides) {
  ExpectAll({
      {"a:1 AND b:2", R"({"a":1,"b":2})", yes},
      {"a:1 && b:2", R"({"a":1})", no},
      {"a:1 AND NOT b:2", R"({"a":1})", yes},
      {"a:1 AND NOT b:2", R"({"a":1,"b":2})", no},
      {"+a:1 b:2", R"({"a":1})", yes},
      {"+a:1 b:2", R"({"b":2})", no},
      {"+a:1 +b:2", R"({"a":1})", no},
      {"+a:1 -b:2", R"({"a":1,"b":2})", no},
      // No logic: the first part is optional beside wanted ones.
      {"a:1 OR b:2 AND c:3", R"({"a":1})", no},
      {"a:1 OR b:2 AND c:3", R"({"b":2,"c":3})", yes},
      {"a:1 AND b:2 OR c:3", R"({"c":3})", no},
      {"a:1 AND b:2 OR c:3", R"({"a":1,"b":2})", yes},
      {"a:1 OR (b:2 AND c:3)", R"({"a":1})", yes},
      {"(a:1 OR b:2) AND c:3", R"({"b":2,"c":3})", yes},
      {"(a:1 OR b:2) AND c:3", R"({"b":2})", no},
      {"NOT a:1 AND b:2", R"({"b":2})", yes},
      {"NOT a:1 AND b:2", R"({"a":1,"b":2})", no},
      {"a:1 AND (NOT b:2)", R"({"a":1,"c":1})", yes},
  });
}

TEST(LuceneMatchTest, AGroupIsAboutItsField) {
  ExpectAll({
      {"a:(x OR y)", R"({"a":"y"})", yes},
      {"a:(x OR y)", R"({"b":"y"})", no},
      {"a:(x AND y)", R"({"a":["x","y"]})", yes},
      {"a:(x AND y)", R"({"a":"x"})", no},
      {"a:(+x -y)", R"({"a":["x","y"]})", no},
      {"a:(x OR b:y)", R"({"b":"y"})", yes},
      {"a:((x OR y) AND NOT z)", R"({"a":"x"})", yes},
      {"a:(\"x y\" OR z*)", R"({"a":"zz"})", yes},
  });
}

TEST(LuceneMatchTest, BackslashesTakeTheMeaningOfACharacter) {
  ExpectAll({
      {"a:x\\:y", R"({"a":"x:y"})", yes},
      {"a:\\(1\\+1\\)\\=2", R"({"a":"(1+1)=2"})", yes},
      {"a:C\\:\\\\Windows", R"({"a":"C:\\Windows"})", yes},
      {"a:\"C:\\\\Windows\"", R"({"a":"C:\\Windows"})", yes},
      {"a:\"say \\\"hi\\\"\"", R"({"a":"say \"hi\""})", yes},
      {"a:\\u0041", R"({"a":"A"})", yes},
      {"a:two\\ words", R"({"a":"two words"})", yes},
      {"first\\ name:kim", R"({"first name":"kim"})", yes},
      {"a:\\AND", R"({"a":"AND"})", yes},
      {"a:x-y+z", R"({"a":"x-y+z"})", yes},
      {"a:\\-x", R"({"a":"-x"})", yes},
      {"a:me@example.com", R"({"a":"me@example.com"})", yes},
      {"a:\\/etc\\/passwd", R"({"a":"/etc/passwd"})", yes},
      {"a:x&y", R"({"a":"x&y"})", yes},
  });
}

TEST(LuceneMatchTest, RegularExpressionsMatchTheWholeValue) {
  ExpectAll({
      {"a:/joh?n(ath[oa]n)/", R"({"a":"jonathon"})", yes},
      {"a:/jon/", R"({"a":"jonathon"})", no},
      {"a:/jon.*/", R"({"a":"jonathon"})", yes},
      {"a:/x^y/", R"({"a":"x^y"})", yes},
      {"a:/[a-c]{2}\\d+/", R"({"a":"ab12"})", yes},
      {"a:/[^a-c]+/", R"({"a":"xyz"})", yes},
      {"a:/a\\/b/", R"({"a":"a/b"})", yes},
      {"a:/\"a.b\"c/", R"({"a":"a.bc"})", yes},
      {"a:/\"a.b\"c/", R"({"a":"axbc"})", no},
      {"a:/a@/", R"({"a":"abc"})", yes},
      {"a:/A/", R"({"a":"a"})", no},
  });
}

TEST(LuceneMatchTest, NumbersAndTruthsAreComparedByValue) {
  ExpectAll({
      {"n:10", R"({"n":10.0})", yes},
      {"n:\\-1", R"({"n":-1})", yes},
      {"process.pid:42", R"({"process":{"pid":"42"}})", yes},
      {"t:true", R"({"t":true})", yes},
      {"t:true", R"({"t":false})", no},
      {"process.hash.md5:123", R"({"process":{"hash":{"md5":"123"}}})", yes},
  });
}

TEST(LuceneMatchTest, BoostsHaveNoEffectAndSaySo) {
  const testing::Compiled compiled = testing::Compile("a:x^2 (b:y)^1.5");
  EXPECT_TRUE(compiled.condition);
  ASSERT_EQ(compiled.diagnostics.size(), 2u);
  EXPECT_EQ(compiled.diagnostics[0].code, "T523");
  Expect({"a:x^2", R"({"a":"x"})", yes});
}

TEST(LuceneMatchTest, PartsThatDecideNothingAreTold) {
  const testing::Compiled compiled = testing::Compile("a:1 OR b:2 AND c:3");
  ASSERT_EQ(compiled.diagnostics.size(), 1u);
  EXPECT_EQ(compiled.diagnostics[0].code, "T525");
}

TEST(LuceneMatchTest, WhatIsNotThereIsRefusedByName) {
  const auto code = [](const std::string& query) {
    const testing::Compiled compiled = testing::Compile(query);
    EXPECT_FALSE(compiled.condition) << query;
    return compiled.diagnostics.size() == 1 ? compiled.diagnostics[0].code
                                            : compiled.Messages();
  };
  EXPECT_EQ(code("a:kim~"), "T521");
  EXPECT_EQ(code("a:kim~2"), "T521");
  EXPECT_EQ(code("a:\"kim lee\"~5"), "T521");
  EXPECT_EQ(code("a:/a&b/"), "T522");
  EXPECT_EQ(code("a:/~(ab)/"), "T522");
  EXPECT_EQ(code("a:/<1-10>/"), "T522");
  EXPECT_EQ(code("a:/(?i)x/"), "T522");
  EXPECT_EQ(code("a:/(x/"), "T522");
  for (const char* query :
       {"a:",   "a:(x",      "a:x)",    "(",         "()",      "a:\"x",
        "a:/x", "a:[1 TO 2", "a:[1 2]", "a:[ TO 2]", "AND a",   "a AND",
        "a OR", "NOT",       "+",       "a:x\\",     "a:\\u00", "[1 TO 2]",
        "a*:x", "a:x^",      "a:b:c:",  "a AND OR b"}) {
    if (std::string(query) == "+") continue;
    EXPECT_EQ(code(query), "T520") << query;
  }
}

TEST(LuceneMatchTest, WhatTakesTooMuchMemoryIsRefused) {
  std::string many = "a:1";
  for (int i = 0; i < 20'000; ++i) many += " OR a:2";
  std::string words = "message:(a?b?c";
  for (int i = 0; i < 19'000; ++i) words += " OR a?b?c";
  for (const std::string& query :
       {many, words + ")", std::string(100, '(') + "a:1",
        "a:" + std::string(20'000, 'x')}) {
    const testing::Compiled compiled = testing::Compile(query);
    ASSERT_EQ(compiled.diagnostics.size(), 1u);
    EXPECT_EQ(compiled.diagnostics[0].code, "T524");
  }
}

TEST(LuceneMatchTest, AValueThatItsFieldCannotHoldIsTold) {
  for (const char* query :
       {"process.pid:abc", "process.pid:1*", "process.pid:1?",
        "process.pid:/1.*/", "source.ip:[a TO b]"}) {
    const testing::Compiled compiled = testing::Compile(query);
    EXPECT_TRUE(compiled.condition);
    ASSERT_FALSE(compiled.diagnostics.empty()) << query;
    EXPECT_EQ(compiled.diagnostics[0].code, "T503") << query;
  }
}

}  // namespace
}  // namespace tocsin::lucene
