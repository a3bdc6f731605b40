#include "src/runtime/event/json_tree.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace tocsin::runtime {
namespace {

class JsonTreeTest : public testing::Test {
 protected:
  // The error with its offset, or "".
  std::string Parse(std::string_view json) {
    result_ = tree_.Parse(json);
    if (result_.ok()) return "";
    EXPECT_TRUE(tree_.empty());
    return std::string(result_.error) + " @" +
           std::to_string(result_.error_offset);
  }

  FieldValue Get(std::string_view key) {
    const uint32_t index = tree_.FindMember(0, key);
    EXPECT_NE(index, 0u) << key;
    return index == 0 ? FieldValue() : tree_.value(tree_.node(index));
  }

  std::string Nested(int depth) {
    std::string json = "{\"a\":";
    json.append(static_cast<size_t>(depth - 1), '[');
    json.append(static_cast<size_t>(depth - 1), ']');
    return json + "}";
  }

  JsonTree tree_;
  LoadResult result_;
};

TEST_F(JsonTreeTest, ScalarsKeepTheirTypes) {
  ASSERT_EQ(Parse(R"( {"s":"x","i":-7,"d":1.50,"t":true,"f":false,"n":null} )"),
            "");
  EXPECT_EQ(Get("s").text(), "x");
  EXPECT_EQ(Get("i").int_value(), -7);
  EXPECT_EQ(Get("d").double_value(), 1.5);
  EXPECT_EQ(Get("d").text(), "1.50");
  EXPECT_TRUE(Get("t").bool_value());
  EXPECT_EQ(Get("f").text(), "false");
  EXPECT_TRUE(Get("n").is_null());
}

TEST_F(JsonTreeTest, NumbersBeyond64BitsOrADoublesRangeAreKept) {
  ASSERT_EQ(Parse(R"({"big":18446744073709551615,"neg":-9223372036854775808,
                      "over":184467440737095516160,"dec":1e400,"id":90071992547409931})"),
            "");
  EXPECT_EQ(Get("big").uint_value(), UINT64_MAX);
  EXPECT_EQ(Get("neg").int_value(), INT64_MIN);
  EXPECT_EQ(Get("over").kind(), FieldKind::kDouble);
  EXPECT_EQ(Get("over").text(), "184467440737095516160");
  EXPECT_TRUE(std::isinf(Get("dec").double_value()));
  EXPECT_EQ(Get("id").int_value(), 90071992547409931);
}

TEST_F(JsonTreeTest, StringsAndKeysAreUnescaped) {
  ASSERT_EQ(Parse(R"({"a\u0062c":"\ud800 x","nul":"a\u0000b","p":"C:\\x"})"),
            "");
  EXPECT_EQ(Get("abc").text(), "\uFFFD x");
  EXPECT_EQ(Get("nul").text(), std::string_view("a\0b", 3));
  EXPECT_EQ(Get("p").text(), "C:\\x");
}

TEST_F(JsonTreeTest, OfEqualKeysTheLastWins) {
  ASSERT_EQ(Parse(R"({"dup":1,"x":0,"dup":2,"d\u0075p":3})"), "");
  EXPECT_EQ(Get("dup").int_value(), 3);
  int visited = 0;
  tree_.ForEachChild(0, [&](uint32_t) { ++visited; });
  EXPECT_EQ(visited, 2);
}

TEST_F(JsonTreeTest, OfEqualKeysTheLastWinsAmongManyMembers) {
  std::string json = "{";
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) {
      json += "\"k" + std::to_string(i) + "\":" + std::to_string(round) + ",";
    }
  }
  json += "\"nested\":{\"k0\":9}}";
  ASSERT_EQ(Parse(json), "");
  EXPECT_EQ(Get("k0").int_value(), 1);
  EXPECT_EQ(Get("k99").int_value(), 1);
  EXPECT_EQ(tree_.FindMember(0, "k100"), 0u);
  int visited = 0;
  tree_.ForEachChild(0, [&](uint32_t) { ++visited; });
  EXPECT_EQ(visited, 101);
}

TEST_F(JsonTreeTest, KeysThatDifferInCaseAreBothKept) {
  ASSERT_EQ(Parse(R"({"Image":"a","image":"b"})"), "");
  EXPECT_EQ(Get("Image").text(), "a");
  EXPECT_EQ(Get("image").text(), "b");
}

TEST_F(JsonTreeTest, InvalidUtf8IsRepairedAndFlagged) {
  ASSERT_EQ(Parse("{\"n\":4,\"bad\":\"\xFF latin1 \xE9\"}"), "");
  EXPECT_TRUE(result_.repaired_utf8);
  EXPECT_EQ(Get("bad").text(), "\uFFFD latin1 \uFFFD");
  EXPECT_EQ(Get("n").int_value(), 4);
  ASSERT_EQ(Parse(R"({"n":5})"), "");
  EXPECT_FALSE(result_.repaired_utf8);
}

TEST_F(JsonTreeTest, OffsetsOfErrorsAreThoseOfTheGivenBytes) {
  EXPECT_EQ(Parse("{\"bad\":\"\xFF\xFF\xFF\",\"a\":NaN}"),
            "expected a JSON value @17");
  EXPECT_EQ(Parse("\xEF\xBB\xBF{\"a\":NaN}"), "expected a JSON value @8");
}

TEST_F(JsonTreeTest, MalformedTextIsLocated) {
  EXPECT_EQ(Parse(""), "no JSON object, only blanks @0");
  EXPECT_EQ(Parse("  "), "no JSON object, only blanks @0");
  EXPECT_EQ(Parse(" null"), "not a JSON object @1");
  EXPECT_EQ(Parse("\"text\""), "not a JSON object @0");
  EXPECT_EQ(Parse("[{\"a\":1}]"), "not a JSON object @0");
  EXPECT_EQ(Parse("{\"n\":12,\"a\":NaN}"), "expected a JSON value @12");
  EXPECT_EQ(Parse("{\"a\":tru}"), "expected a JSON value @5");
  EXPECT_EQ(Parse("{\"a\":01}"), "expected a JSON value @5");
  EXPECT_EQ(Parse("{\"a\":}"), "expected a JSON value @5");
  EXPECT_EQ(Parse("{\"a\":[1,]}"), "expected a JSON value @8");
  EXPECT_EQ(Parse("{\"a\":\"x"), "string is not closed @5");
  EXPECT_EQ(Parse("{\"a\":\"x\\\"}"), "string is not closed @5");
  EXPECT_EQ(Parse("{\"a\":1"), "object is not closed @6");
  EXPECT_EQ(Parse("{\"a\":[1}"), "malformed JSON @7");
  EXPECT_EQ(Parse("{\"a\":1} {\"b\":2}"), "text behind the object @8");
  EXPECT_EQ(Parse("{\"a\":1} x"), "text behind the object @8");
  EXPECT_EQ(Parse("{\"a\":1}}"), "text behind the object @7");
  EXPECT_EQ(Parse("{\"a\":\"x\ny\"}"), "control character in a string @7");
}

TEST_F(JsonTreeTest, MalformedObjectsAreNotRead) {
  for (const char* json : {"{\"a\" 1}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\":1 \"b\":2}",
                           "{1:1}",
                           "{\"a\"}",
                           "{,}",
                           "{\"a\":1,,\"b\":2}",
                           "{\"a\":[1 2]}",
                           "{\"a\":\"x\"y}",
                           "{\"a\":1\"b\"}",
                           "{\"a\":true\"b\"}",
                           "{\"a\":[}",
                           "{\"a\"::1}",
                           "}",
                           "{",
                           "{\"a\":[1,2}",
                           "{\"a\":{]}",
                           "{\"a\":-}",
                           "{\"a\":1.}",
                           "{\"a\":+1}",
                           "{\"a\":[\"b\":1]}",
                           "{\"a\":\"b\":1}"}) {
    EXPECT_NE(Parse(json), "") << json;
  }
}

TEST_F(JsonTreeTest, NestingHasALimit) {
  EXPECT_EQ(Parse(Nested(256)), "");
  EXPECT_EQ(Parse(Nested(257)),
            "depth limit: objects and arrays nested more than 256 deep @260");
  EXPECT_TRUE(Parse(Nested(100'000)).starts_with("depth limit"));
  EXPECT_TRUE(Parse("{\"a\":" + std::string(100'000, '[')).size() > 0);
}

TEST_F(JsonTreeTest, ATreeIsReusedAndMoved) {
  ASSERT_EQ(Parse(R"({"a":[1,2,3]})"), "");
  ASSERT_EQ(Parse(R"({"b":2})"), "");
  EXPECT_EQ(tree_.FindMember(0, "a"), 0u);
  JsonTree moved = std::move(tree_);
  EXPECT_EQ(moved.value(moved.node(moved.FindMember(0, "b"))).int_value(), 2);
}

TEST_F(JsonTreeTest, AValueOfManyThousandBytesIsWhole) {
  const std::string value = std::string(9000, 'x') + "needle";
  ASSERT_EQ(Parse("{\"c\":\"" + value + "\"}"), "");
  EXPECT_EQ(Get("c").text(), value);
}

}  // namespace
}  // namespace tocsin::runtime
