#include "src/cli/terminal.h"

#include "gtest/gtest.h"

namespace tocsin::cli {
namespace {

TEST(VisibleTest, WhatATerminalWouldObeyIsWrittenOut) {
  EXPECT_EQ(Visible("a\x1b[31mb\x07"), "a\\x1b[31mb\\x07");
  EXPECT_EQ(Visible("a\r\n\tb\x7f"), "a\\r\\n\\tb\\x7f");
  EXPECT_EQ(Visible("\xc2\x9b"
                    "31m"),
            "\\x9b31m");  // One-byte CSI.
}

TEST(VisibleTest, WhatWouldReorderOrHideTextIsWrittenOut) {
  EXPECT_EQ(Visible("a\u202eb"), "a\\u202eb");
  EXPECT_EQ(Visible("a\u200bb\ufeff"), "a\\u200bb\\ufeff");
}

TEST(VisibleTest, InvalidBytesBecomeReplacementCharacters) {
  EXPECT_EQ(Visible("a\xff"), "a\ufffd");
}

TEST(VisibleTest, OrdinaryTextIsLeftAlone) {
  EXPECT_EQ(Visible("C:\\W\u00fcrfel \u96ea"), "C:\\W\u00fcrfel \u96ea");
}

TEST(VisibleTest, LineBreaksStayInMessagesOfSeveralLines) {
  EXPECT_EQ(VisibleLines("a\nb\x1b"), "a\nb\\x1b");
}

TEST(CutTest, TextThatFitsIsWhole) {
  EXPECT_EQ(CutEnd("abc", 3), "abc");
  EXPECT_EQ(CutStart("abc", 3), "abc");
}

TEST(CutTest, ALongTextEndsInAnEllipsis) {
  EXPECT_EQ(CutEnd("abcdef", 4), "abc\u2026");
  EXPECT_EQ(CutEnd("abcdef", 0), "");
}

TEST(CutTest, ALongPathKeepsItsEnd) {
  EXPECT_EQ(CutStart("logs/today.log", 8), "\u2026day.log");
}

TEST(CutTest, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("\u96ea"), 2);
  EXPECT_EQ(CutEnd("\u96ea\u96ea\u96ea", 4), "\u96ea\u2026");
  EXPECT_EQ(Pad("\u96ea", 4), "\u96ea  ");
}

TEST(CutTest, CombiningMarksTakeNone) { EXPECT_EQ(DisplayWidth("e\u0301"), 1); }

TEST(WithSeparatorsTest, GroupsOfThreeDigits) {
  EXPECT_EQ(WithSeparators(0), "0");
  EXPECT_EQ(WithSeparators(999), "999");
  EXPECT_EQ(WithSeparators(1000), "1,000");
  EXPECT_EQ(WithSeparators(1234567), "1,234,567");
  EXPECT_EQ(WithSeparators(-123456), "-123,456");
}

}  // namespace
}  // namespace tocsin::cli
