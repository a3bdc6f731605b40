#include "src/runtime/match/scan_text.h"

#include <gtest/gtest.h>

#include <random>
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

TEST(ScanTextTest, EscapesOfMoreThanOneFormHideText) {
  EXPECT_EQ(HiddenIn(R"(\u0041)"), Hidden::kAny);
  EXPECT_EQ(HiddenIn(R"(http:\/\/example.com)"), Hidden::kAny);
  EXPECT_EQ(HiddenIn(R"(\\\u0041)"), Hidden::kAny);
  EXPECT_EQ(HiddenIn(R"(C:\Windows)"), Hidden::kAny);  // No escape of JSON.
  EXPECT_EQ(HiddenIn(R"(C:\\users\\kim)"), Hidden::kNothing);
  EXPECT_EQ(HiddenIn(R"(a\\/b)"), Hidden::kNothing);
  EXPECT_EQ(HiddenIn(R"(\b\f\n\r\t\")"), Hidden::kNothing);
  EXPECT_EQ(HiddenIn(""), Hidden::kNothing);
}

TEST(ScanTextTest, LettersThatFoldToAsciiHideAsciiToo) {
  EXPECT_EQ(HiddenIn("\xE2\x84\xAAill"), Hidden::kAny);    // U+212A.
  EXPECT_EQ(HiddenIn("\xC5\xBFsh"), Hidden::kAny);         // U+017F.
  EXPECT_EQ(HiddenIn("\xE2\x84\xA2"), Hidden::kNonAscii);  // U+2122.
  EXPECT_EQ(HiddenIn("программа"), Hidden::kNonAscii);
}

TEST(ScanTextTest, WhatHidesIsSeenAtEveryPlace) {
  for (const std::string_view hidden : {R"(\u0041)", R"(\/)", "\xC5\xBF"}) {
    for (size_t before = 0; before < 140; ++before) {
      std::string text(before, 'x');
      text += hidden;
      EXPECT_EQ(HiddenIn(text), Hidden::kAny) << before;
      text += std::string(70, 'x');
      EXPECT_EQ(HiddenIn(text), Hidden::kAny) << before;
    }
  }
}

TEST(ScanTextTest, ABackslashCountsAcrossTheBordersOfBlocks) {
  for (size_t before = 0; before < 140; ++before) {
    std::string text(before, 'x');
    EXPECT_EQ(HiddenIn(text + R"(\\user)"), Hidden::kNothing) << before;
    EXPECT_EQ(HiddenIn(text + R"(\\\user)"), Hidden::kAny) << before;
  }
}

TEST(ScanTextTest, AgreesWithItsPortableTwin) {
  std::mt19937 random(20260117);
  static constexpr std::string_view kAlphabet = "\\\\\\\\nu/\"bx";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    const size_t size = random() % 200;
    while (text.size() < size) text += kAlphabet[random() % kAlphabet.size()];
    // Mostly well-formed, or nearly all of it would be hidden.
    for (size_t at = 0; at + 1 < text.size(); ++at) {
      if (text[at] != '\\') continue;
      if (random() % 64 != 0) text[at + 1] = "\\nbt\""[random() % 5];
      ++at;
    }
    if (random() % 4 == 0) text += "\xC3\xBC";
    ASSERT_EQ(HiddenIn(text), HiddenInPortably(text)) << text;
  }
}

TEST(ScanTextTest, APieceLeavesOutWhatOnlyAnEscapeCanWrite) {
  EXPECT_EQ(LongestScanPiece(R"(\temp\)"), R"(\\temp\\)");
  EXPECT_EQ(LongestScanPiece("ab\x01"
                             "cde"),
            "cde");
  EXPECT_EQ(LongestScanPiece("xïve"), "ve");
  EXPECT_EQ(LongestScanPiece("программа"), "");
}

TEST(ScanTextTest, ACharacterBeginsBehindAnEvenNumberOfBackslashes) {
  EXPECT_TRUE(BeginsCharacter("an", 1));
  EXPECT_FALSE(BeginsCharacter(R"(\n)", 1));
  EXPECT_TRUE(BeginsCharacter(R"(\\n)", 2));
  EXPECT_FALSE(BeginsCharacter(R"(\\\n)", 3));
}

}  // namespace
}  // namespace tocsin::runtime
