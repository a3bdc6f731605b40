// What queries match: a query, an event, and the answer, from text to engine.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/kql/compile_kql.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin::kql {
namespace {

bool Holds(const std::string& query, const std::string& json) {
  Compiler compiler;
  compiler.AddText(query, "rule.kql");
  const CompileResult compiled = compiler.Compile();
  EXPECT_TRUE(compiled.ok()) << query;
  if (!compiled.ok()) return false;
  bool found = false;
  CallbackSink sink([&](const Detection& detection) {
    EXPECT_EQ(detection.rule().id, "rule");
    EXPECT_EQ(detection.rule().format, "kql");
    found = true;
  });
  Engine engine(compiled.rules, sink);
  EXPECT_TRUE(engine.Feed(Event::Json(json)).ok());
  return found;
}

TEST(KqlMatchTest, NotHoldsForAnEventWithoutTheField) {
  EXPECT_TRUE(Holds("not a:x", R"({"b":1})"));
  EXPECT_FALSE(Holds("not a:x", R"({"a":["y","x"]})"));
  EXPECT_FALSE(Holds("a:(not x)", R"({"a":"x"})"));
}

TEST(KqlMatchTest, KeywordsAreComparedWholeAndByLetterCase) {
  EXPECT_TRUE(Holds("user.name : kim", R"({"user":{"name":"kim"}})"));
  EXPECT_FALSE(Holds("user.name : kim", R"({"user":{"name":"Kim"}})"));
  EXPECT_FALSE(Holds("user.name : ki", R"({"user":{"name":"kim"}})"));
  EXPECT_TRUE(Holds("event.code : 4624", R"({"event.code":4624})"));
}

TEST(KqlMatchTest, TwoValuesOfAListMayBeTwoElements) {
  EXPECT_TRUE(Holds("a:(x and y)", R"({"a":["x","y"]})"));
  EXPECT_FALSE(Holds("a:(x and z)", R"({"a":["x","y"]})"));
}

TEST(KqlMatchTest, WildcardsAreStarsOnlyAndMatchTheWholeValue) {
  EXPECT_TRUE(Holds("a:b*d", R"({"a":"bcd"})"));
  EXPECT_FALSE(Holds("a:b*d", R"({"a":"bcde"})"));
  EXPECT_FALSE(Holds("a:b?d", R"({"a":"bcd"})"));
  EXPECT_TRUE(Holds("a:foo\\*bar", R"({"a":"foo*bar"})"));
  EXPECT_FALSE(Holds("a:foo\\*bar", R"({"a":"fooxbar"})"));
  EXPECT_FALSE(Holds("a:\"foo*bar\"", R"({"a":"fooxbar"})"));
  EXPECT_TRUE(Holds("a:foo\\*b*", R"({"a":"foo*bar"})"));
  EXPECT_FALSE(Holds("a:foo\\*b*", R"({"a":"fooxbar"})"));
  EXPECT_TRUE(Holds("a: *\\\\*", R"({"a":"back\\slash"})"));
  EXPECT_FALSE(Holds("a: *\\\\*", R"({"a":"backslash"})"));
}

TEST(KqlMatchTest, ASlashIsNoRegularExpression) {
  EXPECT_TRUE(Holds("a:/etc/passwd", R"({"a":"/etc/passwd"})"));
  EXPECT_FALSE(Holds("a:/etc.passwd/", R"({"a":"etcxpasswd"})"));
}

TEST(KqlMatchTest, TextsAreComparedByTheirWords) {
  const std::string event =
      R"({"message":"Failed password for root@example.com, twice"})";
  EXPECT_TRUE(Holds("message:FAILED", event));
  EXPECT_FALSE(Holds("message:fail", event));
  EXPECT_TRUE(Holds("message:fail*", event));
  EXPECT_TRUE(Holds("message:*word", event));
  EXPECT_FALSE(Holds("message:*wor", event));
  EXPECT_TRUE(Holds("message:\"password for root\"", event));
  EXPECT_FALSE(Holds("message:\"password root\"", event));
  EXPECT_TRUE(Holds("message:nothing twice", event));
  EXPECT_TRUE(Holds("message:example.com", event));
  EXPECT_FALSE(Holds("message:example", event));
  EXPECT_FALSE(Holds("message:f*root", event));
  EXPECT_TRUE(Holds("message:*password for*", event));
}

TEST(KqlMatchTest, ExistsAsksForAValueThatIsNotNull) {
  EXPECT_TRUE(Holds("a:*", R"({"a":""})"));
  EXPECT_TRUE(Holds("a:*", R"({"a":{"b":1}})"));
  EXPECT_TRUE(Holds("a:*", R"({"a":[null,1]})"));
  EXPECT_FALSE(Holds("a:*", R"({"a":null})"));
  EXPECT_FALSE(Holds("a:*", R"({"a":[]})"));
  EXPECT_FALSE(Holds("a:*", R"({"b":1})"));
  EXPECT_TRUE(Holds("*", R"({"b":1})"));
  EXPECT_TRUE(Holds("*:*", R"({"b":1})"));
}

TEST(KqlMatchTest, AddressesAreComparedAsSuch) {
  EXPECT_TRUE(Holds("source.ip:10.0.0.0/8", R"({"source.ip":"10.1.2.3"})"));
  EXPECT_TRUE(Holds("source.ip:10.1.2.3/8", R"({"source.ip":"10.9.9.9"})"));
  EXPECT_TRUE(Holds("source.ip:\"::1\"", R"({"source.ip":"0:0:0:0:0:0:0:1"})"));
  EXPECT_TRUE(
      Holds("source.ip >= 192.0.2.10", R"({"source.ip":"192.0.2.10"})"));
  EXPECT_FALSE(
      Holds("source.ip > 192.0.2.10", R"({"source.ip":"192.0.2.10"})"));
  EXPECT_TRUE(
      Holds("source.ip > 192.0.2.10", R"({"source.ip":"2001:db8::1"})"));
  EXPECT_FALSE(Holds("source.ip < 192.0.2.10", R"({"source.ip":"text"})"));
  EXPECT_TRUE(Holds("source.ip < 192.0.2.10", R"({"source.ip":"::1"})"));
}

TEST(KqlMatchTest, NumbersAreComparedByValue) {
  EXPECT_TRUE(Holds("file.size:10", R"({"file.size":10.0})"));
  EXPECT_TRUE(Holds("file.size > 9", R"({"file.size":"10"})"));
  EXPECT_FALSE(Holds("file.size > 9", R"({"file.size":"many"})"));
  EXPECT_TRUE(Holds("n:-1", R"({"n":-1})"));
}

TEST(KqlMatchTest, DatesAreStretchesOfTime) {
  const std::string event = R"({"@timestamp":"2026-01-15T10:20:30Z"})";
  EXPECT_TRUE(Holds("@timestamp:2026-01-15", event));
  EXPECT_TRUE(Holds("@timestamp <= 2026-01-15", event));
  EXPECT_FALSE(Holds("@timestamp > 2026-01-15", event));
  EXPECT_FALSE(Holds("@timestamp < 2026-01", event));
  EXPECT_TRUE(Holds("@timestamp >= \"2026-01-16||-1d/d\"", event));
  EXPECT_TRUE(Holds("@timestamp >= 1768472430000", event));
}

TEST(KqlMatchTest, NowIsTheTimeOfTheEvent) {
  const std::string event =
      R"({"@timestamp":"2026-01-15T10:00:00Z",
          "file":{"created":"2026-01-10T10:00:00Z"}})";
  EXPECT_TRUE(Holds("file.created >= now-5d", event));
  EXPECT_FALSE(Holds("file.created > now-5d", event));
  EXPECT_TRUE(Holds("file.created < now-4d", event));
}

TEST(KqlMatchTest, VersionsAreInOrderOfTheirNumbers) {
  FieldTypes types;
  types.Set("v", FieldType::kVersion);
  const testing::Compiled compiled =
      testing::Compile("v >= 1.10", "rule.kql", types);
  EXPECT_EQ(compiled.Ir(),
            "expression versionKey(v) >= versionKey(\"1.10\")\n");
}

TEST(KqlMatchTest, ANestedQueryLooksAtOneObject) {
  const std::string event =
      R"({"t":[{"n":"kim","g":["users"]},{"n":"lee","g":["admins"]}]})";
  EXPECT_TRUE(Holds("t:{ n:lee and g:admins }", event));
  EXPECT_FALSE(Holds("t:{ n:kim and g:admins }", event));
  EXPECT_TRUE(Holds("t.n:kim and t.g:admins", event));
  EXPECT_TRUE(Holds("t:{ n:kim and not g:admins }", event));
  EXPECT_TRUE(Holds("t:{ not x:1 }", event));
  EXPECT_FALSE(Holds("t:{ x:* }", event));
  EXPECT_TRUE(Holds("not t:{ x:1 }", event));
  EXPECT_TRUE(Holds("t:{ n:k* }", event));
  EXPECT_TRUE(Holds("t:{ not (n:kim or g:users) }", event));
}

TEST(KqlMatchTest, AFieldWithStarsIsAnyOfThoseItMeans) {
  const std::string event =
      R"({"file":{"hash":{"md5":"ab","sha1":"cd"}},"x.hash":{"md5":"ef"}})";
  EXPECT_TRUE(Holds("file.hash.*:cd", event));
  EXPECT_FALSE(Holds("file.hash.*:ef", event));
  EXPECT_TRUE(Holds("*.hash.md5:ef", event));
  EXPECT_TRUE(Holds("*.md5:*", event));
  EXPECT_FALSE(Holds("*.sha256:*", event));
  EXPECT_TRUE(Holds("not *.sha256:*", event));
  EXPECT_TRUE(Holds("f*:a*", event));
}

TEST(KqlMatchTest, FreeTextIsLookedForInEveryField) {
  const std::string event = R"({"a":{"b":"my_term here"},"n":[7,"x"]})";
  EXPECT_TRUE(Holds("my_t*", event));
  EXPECT_TRUE(Holds("\"MY_TERM here\"", event));
  EXPECT_TRUE(Holds("7", event));
  EXPECT_FALSE(Holds("my_t", event));
  EXPECT_TRUE(Holds("not \"here my_term\"", event));
  EXPECT_TRUE(Holds("b or here", event));
}

TEST(KqlMatchTest, QuotesKeepSingleBackslashes) {
  EXPECT_TRUE(
      Holds(R"(p:"C:\Windows\\x.exe")", R"({"p":"C:\\Windows\\x.exe"})"));
  EXPECT_TRUE(Holds(R"(p:C\:\\Windows\\*)", R"({"p":"C:\\Windows\\x.exe"})"));
  EXPECT_TRUE(Holds(R"(p:"\u0041\t")", R"({"p":"A\t"})"));
}

TEST(KqlMatchTest, CommentsAndLinesAreSpace) {
  EXPECT_TRUE(Holds("// what it is for\na:1 and\n  // and this\n  b:2\n",
                    R"({"a":1,"b":2})"));
  EXPECT_TRUE(Holds("a:http\\://x", R"({"a":"http://x"})"));
}

TEST(KqlMatchTest, WhatTakesTooMuchMemoryIsRefused) {
  std::string words;
  for (int i = 0; i < 7000; ++i) words += "ab ";
  std::string stars = "a";
  for (int i = 0; i < 8000; ++i) stars += "*b";
  std::string many = "message:a";
  for (int i = 0; i < 19000; ++i) many += " or message:a*b*c";
  for (const std::string& query :
       {"message:" + words, "message:\"" + words + "\"", many,
        "message:" + stars + stars, std::string(100, '(') + "a:1",
        std::string(2000, 'a') + ":1"}) {
    const testing::Compiled compiled = testing::Compile(query);
    ASSERT_EQ(compiled.diagnostics.size(), 1u);
    EXPECT_EQ(compiled.diagnostics[0].code, "T506");
  }
  EXPECT_EQ(testing::Compile("x*y:" + stars).Messages(), "");
}

TEST(KqlMatchTest, ABadQueryCostsThatRuleOnly) {
  Compiler compiler;
  compiler.AddText("a:(1", "bad.kql");
  compiler.AddText("a:1", "good.kql");
  const CompileResult compiled = compiler.Compile();
  EXPECT_EQ(compiled.documents, 2);
  EXPECT_EQ(compiled.rules_loaded, 1);
  EXPECT_EQ(compiled.refused, 1);
}

}  // namespace
}  // namespace tocsin::kql
