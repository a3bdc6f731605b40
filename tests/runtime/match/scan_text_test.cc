#include "src/runtime/match/scan_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tocsin::runtime {
namespace {

std::string ScanText(std::string_view text) {
  std::string out;
  AppendScanText(text, &out);
  return out;
}

TEST(ScanTextTest, TextIsWrittenAsJsonWritersWriteIt) {
  EXPECT_EQ(ScanText(R"(c:\a "b")"), R"(c:\\a \"b\")");
  EXPECT_EQ(ScanText("a\r\n\tb"), R"(a\r\n\tb)");
  EXPECT_EQ(ScanText("/etc/passwd"), "/etc/passwd");
}

TEST(ScanTextTest, EscapesThatCouldStandForLettersHideText) {
  EXPECT_TRUE(HidesAsciiText(R"(\u0041)"));
  EXPECT_TRUE(HidesAsciiText(R"(http:\/\/example.com)"));
  EXPECT_TRUE(HidesAsciiText(R"(\\\u0041)"));
  EXPECT_FALSE(HidesAsciiText(R"(C:\\users\\kim)"));
  EXPECT_FALSE(HidesAsciiText(R"(a\\/b)"));
  EXPECT_FALSE(HidesAsciiText(R"(\n\t\")"));
  EXPECT_FALSE(HidesAsciiText(""));
}

TEST(ScanTextTest, LettersThatFoldToAsciiHideText) {
  EXPECT_TRUE(HidesAsciiText("\xE2\x84\xAAill"));  // U+212A.
  EXPECT_TRUE(HidesAsciiText("\xC5\xBFsh"));       // U+017F.
  EXPECT_FALSE(HidesAsciiText("\xE2\x84\xA2"));    // U+2122.
}

TEST(ScanTextTest, AnythingBeyondAsciiHidesSomeText) {
  EXPECT_TRUE(HidesAnyText("программа"));
  EXPECT_FALSE(HidesAsciiText("программа"));
  EXPECT_FALSE(HidesAnyText("program"));
}

TEST(ScanTextTest, WhatHidesIsSeenAtEveryPlace) {
  for (const std::string_view hidden : {R"(\u0041)", R"(\/)", "\xC5\xBF"}) {
    for (size_t before = 0; before < 70; ++before) {
      std::string text(before, 'x');
      text += hidden;
      EXPECT_TRUE(HidesAsciiText(text)) << before;
      text += std::string(70, 'x');
      EXPECT_TRUE(HidesAsciiText(text)) << before;
      EXPECT_TRUE(HidesAnyText(text)) << before;
    }
  }
}

TEST(ScanTextTest, ABackslashCountsAcrossTheBordersOfBlocks) {
  for (size_t before = 0; before < 70; ++before) {
    std::string text(before, 'x');
    EXPECT_FALSE(HidesAsciiText(text + R"(\\user)")) << before;
    EXPECT_TRUE(HidesAsciiText(text + R"(\\\user)")) << before;
  }
}

TEST(ScanTextTest, APieceLeavesOutWhatOnlyAnEscapeCanWrite) {
  EXPECT_EQ(LongestScanPiece(R"(\temp\)", false), R"(\\temp\\)");
  EXPECT_EQ(LongestScanPiece("ab\x01"
                             "cde",
                             false),
            "cde");
  EXPECT_EQ(LongestScanPiece("xïve", true), "ve");
  EXPECT_EQ(LongestScanPiece("xïve", false), "xïve");
  EXPECT_EQ(LongestScanPiece("программа", true), "");
}

}  // namespace
}  // namespace tocsin::runtime
