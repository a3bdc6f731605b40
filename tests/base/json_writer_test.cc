#include "src/base/json_writer.h"

#include <limits>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace tocsin::base {
namespace {

std::string Written(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

std::string Written(double value) {
  std::string out;
  AppendJsonDouble(value, &out);
  return out;
}

TEST(JsonWriterTest, QuotesBackslashesAndControlsAreEscaped) {
  EXPECT_EQ(Written(R"(C:\a "b")"), R"("C:\\a \"b\"")");
  EXPECT_EQ(Written(std::string_view("\n\t\x1b\x7f\0", 5)),
            R"("\n\t\u001b\u007f\u0000")");
}

TEST(JsonWriterTest, LineSeparatorsAreEscapedAndOtherTextIsKept) {
  EXPECT_EQ(Written("\u00e9\u2028\u2029"), "\"\u00e9\\u2028\\u2029\"");
}

TEST(JsonWriterTest, InvalidBytesBecomeReplacementCharacters) {
  EXPECT_EQ(Written("a\xFF"), "\"a\uFFFD\"");
}

TEST(JsonWriterTest, DoublesAreTheShortestTextThatReadsBack) {
  EXPECT_EQ(Written(0.1), "0.1");
  EXPECT_EQ(Written(-2.0), "-2");
}

TEST(JsonWriterTest, WhatJsonHasNoNumberForIsNull) {
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Written(std::numeric_limits<double>::quiet_NaN()), "null");
}

}  // namespace
}  // namespace tocsin::base
