#include "src/base/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace tocsin::base {
namespace {

std::string Encoded(char32_t code_point) {
  std::string out;
  AppendUtf8(code_point, &out);
  return out;
}

TEST(Utf8Test, WhatIsWrittenReadsBack) {
  for (const char32_t c : {0x0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000,
                           0xFFFF, 0x10000, 0x10FFFF}) {
    const std::string text = Encoded(c);
    EXPECT_EQ(DecodeUtf8(text).value, c);
    EXPECT_EQ(DecodeUtf8(text).length, static_cast<int>(text.size()));
  }
}

TEST(Utf8Test, WhatUtf8CannotHoldIsWrittenAsTheReplacementCharacter) {
  EXPECT_EQ(Encoded(0xD800), "\xEF\xBF\xBD");
  EXPECT_EQ(Encoded(0xDFFF), "\xEF\xBF\xBD");
  EXPECT_EQ(Encoded(0x110000), "\xEF\xBF\xBD");
}

TEST(Utf8Test, SurrogatesOverlongFormsAndCutOnesAreInvalid) {
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsValidUtf8("\xC0\xAF"));
  EXPECT_FALSE(IsValidUtf8("\xE0\x80\xAF"));
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsValidUtf8("\xE2\x82"));
  EXPECT_TRUE(IsValidUtf8("\xE2\x82\xAC"));
}

TEST(Utf8Test, ARealReplacementCharacterIsValid) {
  EXPECT_TRUE(IsValidUtf8("\xEF\xBF\xBD"));
}

TEST(Utf8Test, EachInvalidByteIsReplacedByItself) {
  EXPECT_EQ(RepairUtf8("a\xFF\xFE z"), "a\xEF\xBF\xBD\xEF\xBF\xBD z");
  EXPECT_EQ(CountCodePoints("a\xFF\xFE z"), 5u);
}

TEST(Utf8Test, ControlsAndMarksOfDirectionAreInvisible) {
  EXPECT_TRUE(IsInvisible(0x1B));
  EXPECT_TRUE(IsInvisible(0x9B));
  EXPECT_TRUE(IsInvisible(0x202E));
  EXPECT_TRUE(IsInvisible(0x200B));
  EXPECT_TRUE(IsInvisible(0xE0041));
  EXPECT_FALSE(IsInvisible(' '));
  EXPECT_FALSE(IsInvisible(0xE9));
  EXPECT_FALSE(IsInvisible(0x1F600));
}

}  // namespace
}  // namespace tocsin::base
