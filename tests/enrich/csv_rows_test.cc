#include "src/enrich/csv_rows.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tocsin::enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::vector<std::string>> Rows(std::string_view text) {
  std::vector<std::vector<std::string>> all;
  CsvRows rows(text);
  while (rows.Next()) all.push_back(rows.cells());
  return all;
}

TEST(CsvRowsTest, CellsStandBetweenCommas) {
  EXPECT_THAT(Rows("a,b\r\n1,,\n"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "", "")));
}

TEST(CsvRowsTest, QuotedCellsHoldCommasQuotesAndLineBreaks) {
  EXPECT_THAT(Rows("\"a, b\",\"say \"\"x\"\"\",\"two\nlines\"\nlast"),
              ElementsAre(ElementsAre("a, b", "say \"x\"", "two\nlines"),
                          ElementsAre("last")));
}

TEST(CsvRowsTest, CommentsAndEmptyLinesAreNoRows) {
  EXPECT_THAT(Rows("# made today\n\n \r\na\n#b\n"),
              ElementsAre(ElementsAre("a")));
  EXPECT_THAT(Rows(""), IsEmpty());
}

TEST(CsvRowsTest, AQuoteThatIsNotClosedEndsWithTheText) {
  EXPECT_THAT(Rows("a,\"b\nc"), ElementsAre(ElementsAre("a", "b\nc")));
}

}  // namespace
}  // namespace tocsin::enrich
