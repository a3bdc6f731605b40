#include "src/base/case_fold.h"

#include <gtest/gtest.h>

#include <string>

namespace tocsin::base {
namespace {

TEST(CaseFoldTest, AsciiLettersAreLowered) {
  EXPECT_EQ(Fold("C:\\Windows\\CMD.EXE [@`{]"), "c:\\windows\\cmd.exe [@`{]");
}

TEST(CaseFoldTest, EmptyTextStaysEmpty) { EXPECT_EQ(Fold(""), ""); }

TEST(CaseFoldTest, CyrillicLettersAreLowered) {
  EXPECT_EQ(Fold("\\ПРОГРАММА.EXE"), "\\программа.exe");
  EXPECT_EQ(Fold("Ѐ"), "ѐ");
}

TEST(CaseFoldTest, TheKelvinSignIsK) {
  EXPECT_EQ(Fold("\u212Aill"), "kill");
  EXPECT_TRUE(EqualFolded("\u212AILL", "kill"));
}

TEST(CaseFoldTest, TheLongSIsS) { EXPECT_EQ(Fold("\u017F"), "s"); }

TEST(CaseFoldTest, BothSmallSigmasAreOne) {
  EXPECT_EQ(Fold("ΣΑΣ"), "σασ");
  EXPECT_EQ(Fold("σας"), "σασ");
}

TEST(CaseFoldTest, TheDottedCapitalIStaysItself) {
  EXPECT_EQ(FoldCodePoint(0x0130), char32_t{0x0130});
  EXPECT_FALSE(EqualFolded("\u0130", "i"));
}

TEST(CaseFoldTest, TheDotlessIIsNotI) { EXPECT_FALSE(EqualFolded("ı", "I")); }

TEST(CaseFoldTest, TheCapitalSharpSIsTheSmallOneAndNotTwoLetters) {
  EXPECT_EQ(Fold("\u1E9E"), "ß");
  EXPECT_FALSE(EqualFolded("ß", "SS"));
}

TEST(CaseFoldTest, CherokeeFoldsToItsCapitals) {
  EXPECT_EQ(FoldCodePoint(0xAB70), char32_t{0x13A0});
  EXPECT_EQ(FoldCodePoint(0x13A0), char32_t{0x13A0});
  EXPECT_EQ(FoldCodePoint(0x13F8), char32_t{0x13F0});
}

TEST(CaseFoldTest, LettersBeyondSixteenBitsFold) {
  EXPECT_EQ(FoldCodePoint(0x10400), char32_t{0x10428});  // Deseret.
  EXPECT_EQ(FoldCodePoint(0x1E921), char32_t{0x1E943});  // Adlam.
}

TEST(CaseFoldTest, AGapInARangeOfEverySecondCodePointStays) {
  EXPECT_EQ(FoldCodePoint(0x0100), char32_t{0x0101});
  EXPECT_EQ(FoldCodePoint(0x0101), char32_t{0x0101});
  EXPECT_EQ(FoldCodePoint(0x0102), char32_t{0x0103});
}

TEST(CaseFoldTest, FoldingTwiceChangesNothingMore) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const char32_t folded = FoldCodePoint(c);
    ASSERT_EQ(FoldCodePoint(folded), folded) << static_cast<uint32_t>(c);
  }
}

TEST(CaseFoldTest, TextCanGrowAndShrink) {
  EXPECT_EQ(Fold("\u023A"), "\u2C65");    // Two bytes to three.
  EXPECT_EQ(Fold("x\u212B"), "x\u00E5");  // Three bytes to two.
}

TEST(CaseFoldTest, InvalidBytesAreCopied) {
  EXPECT_EQ(Fold("A\xFF\xC3"), "a\xFF\xC3");
  EXPECT_TRUE(EqualFolded("A\xFF", "a\xFF"));
  EXPECT_FALSE(EqualFolded("\xFF", "\xFE"));
  EXPECT_FALSE(EqualFolded("\xFF", "\uFFFD"));
}

TEST(CaseFoldTest, AppendingKeepsWhatWasThere) {
  std::string out = "X";
  AppendFolded("ЙA", &out);
  EXPECT_EQ(out, "Xйa");
}

TEST(CaseFoldTest, APrefixIsNotEqual) {
  EXPECT_FALSE(EqualFolded("ab", "abc"));
  EXPECT_FALSE(EqualFolded("abc", "ab"));
}

}  // namespace
}  // namespace tocsin::base
