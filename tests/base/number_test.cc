#include "src/base/number.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace tocsin::base {
namespace {

Number Parse(std::string_view text) {
  const std::optional<Number> number = ParseNumber(text);
  EXPECT_TRUE(number.has_value()) << text;
  return number.value_or(Number());
}

bool Less(std::string_view a, std::string_view b) {
  return Compare(Parse(a), Parse(b)) < 0 && Compare(Parse(b), Parse(a)) > 0;
}

bool Equal(std::string_view a, std::string_view b) {
  return Compare(Parse(a), Parse(b)) == 0 && Compare(Parse(b), Parse(a)) == 0;
}

TEST(NumberTest, IntegersKeepAll64Bits) {
  EXPECT_EQ(Parse("9007199254740993").int_value, 9007199254740993);
  EXPECT_EQ(Parse("-9223372036854775808").int_value, INT64_MIN);
  const Number big = Parse("18446744073709551615");
  EXPECT_EQ(big.kind, Number::kUint);
  EXPECT_EQ(static_cast<uint64_t>(big.int_value), UINT64_MAX);
}

TEST(NumberTest, TextIsKeptAsWritten) {
  EXPECT_EQ(Parse("1.50").text, "1.50");
  EXPECT_EQ(Parse("184467440737095516160").text, "184467440737095516160");
}

TEST(NumberTest, IntegersBeyond64BitsBecomeDoubles) {
  EXPECT_EQ(Parse("184467440737095516160").kind, Number::kDouble);
  EXPECT_EQ(Parse("-9223372036854775809").double_value, -9223372036854775808.0);
}

TEST(NumberTest, BeyondADoublesRangeIsInfinityOrZero) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Parse("1e400").double_value, infinity);
  EXPECT_EQ(Parse("-1e400").double_value, -infinity);
  EXPECT_EQ(Parse("1e-400").double_value, 0);
  EXPECT_TRUE(std::signbit(Parse("-1e-400").double_value));
  EXPECT_EQ(Parse("1e99999999999999999999").double_value, infinity);
  EXPECT_EQ(Parse("1e-99999999999999999999").double_value, 0);
  EXPECT_EQ(Parse("0e99999999999999999999").double_value, 0);
  EXPECT_EQ(Parse("1" + std::string(400, '0')).double_value, infinity);
  EXPECT_EQ(Parse("0." + std::string(400, '0') + "1").double_value, 0);
  EXPECT_EQ(Parse("0." + std::string(400, '0') + "1e+900").double_value,
            infinity);
}

TEST(NumberTest, OnlyJsonNumbersAreNumbers) {
  for (const char* text :
       {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", " 1", "1 ", "0x10",
        "NaN", "inf", "1_000", "--1", "1.5.2", "1e5.0", "4688 "}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
  for (const char* text : {"0", "-0", "0.0", "1e5", "1E+5", "1e-5", "-12.25"}) {
    EXPECT_TRUE(ParseNumber(text).has_value()) << text;
  }
}

TEST(NumberTest, NeighboursAbove2To53AreDifferent) {
  EXPECT_TRUE(Less("9007199254740992", "9007199254740993"));
  EXPECT_TRUE(Less("9007199254740992.0", "9007199254740993"));
  EXPECT_TRUE(Equal("9007199254740992.0", "9007199254740992"));
}

TEST(NumberTest, SignedAndUnsignedAreOneLine) {
  EXPECT_TRUE(Less("-1", "18446744073709551615"));
  EXPECT_TRUE(Less("9223372036854775807", "9223372036854775808"));
  EXPECT_TRUE(Less("9223372036854775807", "9223372036854775808.0"));
  EXPECT_TRUE(Equal("9223372036854775808", "9223372036854775808.0"));
  EXPECT_TRUE(Less("18446744073709551615", "18446744073709551616"));
  EXPECT_TRUE(Equal("-9223372036854775808", "-9223372036854775808.0"));
}

TEST(NumberTest, FractionsCountWithTheirSign) {
  EXPECT_TRUE(Less("1", "1.5"));
  EXPECT_TRUE(Less("-1.5", "-1"));
  EXPECT_TRUE(Less("9.5", "10"));
  EXPECT_TRUE(Equal("-0", "0.0"));
  EXPECT_TRUE(Less("18446744073709551615", "1e400"));
  EXPECT_TRUE(Less("-1e400", "-9223372036854775808"));
}

TEST(NumberTest, NanIsUnordered) {
  Number nan;
  nan.kind = Number::kDouble;
  nan.double_value = std::numeric_limits<double>::quiet_NaN();
  for (const char* text : {"1", "18446744073709551615", "1.5"}) {
    EXPECT_EQ(Compare(nan, Parse(text)), std::partial_ordering::unordered);
    EXPECT_EQ(Compare(Parse(text), nan), std::partial_ordering::unordered);
  }
}

TEST(NumberTest, NumericValuesAndTextsAreNumbers) {
  EXPECT_EQ(ToNumber(FieldValue::Int(-7, "-7"))->int_value, -7);
  EXPECT_EQ(ToNumber(FieldValue::Uint(UINT64_MAX))->kind, Number::kUint);
  EXPECT_EQ(ToNumber(FieldValue::Double(2.5, "2.50"))->double_value, 2.5);
  EXPECT_EQ(ToNumber(FieldValue::String("7"))->int_value, 7);
  EXPECT_FALSE(ToNumber(FieldValue::String("7 ")).has_value());
  EXPECT_FALSE(ToNumber(FieldValue::Bool(true)).has_value());
  EXPECT_FALSE(ToNumber(FieldValue::Null()).has_value());
}

}  // namespace
}  // namespace tocsin::base
