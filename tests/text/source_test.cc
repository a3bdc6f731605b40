#include "src/text/source.h"

#include <gtest/gtest.h>

namespace tocsin::text {
namespace {

TEST(SourceTest, LinesEndAtAnyUsualBreak) {
  const Source source("a.yml", "one\ntwo\r\nthree\rfour");
  EXPECT_EQ(source.line_count(), 4);
  EXPECT_EQ(source.Line(1), "one");
  EXPECT_EQ(source.Line(2), "two");
  EXPECT_EQ(source.Line(3), "three");
  EXPECT_EQ(source.Line(4), "four");
  EXPECT_EQ(source.Line(0), "");
  EXPECT_EQ(source.Line(5), "");
}

TEST(SourceTest, ColumnsCountCharactersNotBytes) {
  const Source source("a.yml", "x\nпуть: y");
  const Position place = source.Locate(source.text().find(':'));
  EXPECT_EQ(place, (Position{2, 5}));
  EXPECT_EQ(source.Offset(place), source.text().find(':'));
}

TEST(SourceTest, AnOffsetPastTheEndIsTheEnd) {
  const Source source("a.yml", "ab");
  EXPECT_EQ(source.Locate(99), (Position{1, 3}));
  EXPECT_EQ(source.Offset({1, 50}), 2u);
  EXPECT_EQ(source.Offset({7, 1}), 2u);
}

TEST(SourceTest, AByteOrderMarkIsNotPartOfTheText) {
  const Source source("a.yml", "\xEF\xBB\xBFtitle: x");
  EXPECT_EQ(source.text(), "title: x");
}

// Places far into a long line are found from marks.
TEST(SourceTest, PlacesInALongLineAreThoseOfAnyLine) {
  std::string text = "first\n";
  for (int i = 0; i < 10'000; ++i) text += i % 3 == 0 ? "\u00e9" : "ab";
  text += "\nlast";
  const Source source("x", text);
  int column = 1;
  size_t offset = 6;
  while (text[offset] != '\n') {
    ASSERT_EQ(source.Locate(offset), (Position{2, column}));
    ASSERT_EQ(source.Offset({2, column}), offset);
    offset += text[offset] == 'a' || text[offset] == 'b' ? 1 : 2;
    ++column;
  }
  EXPECT_EQ(source.Offset({2, 1'000'000}), offset);
  EXPECT_EQ(source.Locate(text.size()), (Position{3, 5}));
  EXPECT_EQ(source.LineOf(offset), 2);
}

}  // namespace
}  // namespace tocsin::text
