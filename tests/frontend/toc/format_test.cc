// Every tests/golden/toc/format/NAME.in is laid out as NAME.out, which stays as
// it is.

#include "src/frontend/toc/format.h"

#include <gtest/gtest.h>

#include <string>

#include "src/frontend/toc/parse.h"
#include "src/text/reporter.h"
#include "tests/frontend/golden.h"

namespace tocsin::toc {
namespace {

constexpr std::string_view kFolder = "toc/format";

// The laid out text, behind the messages of errors that fmt cannot mend.
std::string Laid(const std::string& text, const FormatOptions& options = {}) {
  const text::Source source("x.toc", text);
  Diagnostics diagnostics;
  text::Reporter reporter(source, &diagnostics);
  const File file = Parse(source, &reporter);
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    const bool harmless = d.severity == Severity::kWarning ||
                          IsMechanical(d.code) || d.code == "T346";
    if (!harmless) out += RenderDiagnostic(d);
  }
  return out + Format(file, source, options);
}

class FormatTest : public ::testing::TestWithParam<std::string> {};

TEST_P(FormatTest, LaysOutAsInTheGoldenFile) {
  const std::string once = Laid(testing::GoldenInput(kFolder, GetParam()));
  testing::ExpectGolden(kFolder, GetParam(), "out", once);
  EXPECT_EQ(Laid(once), once);
}

INSTANTIATE_TEST_SUITE_P(Golden, FormatTest,
                         ::testing::ValuesIn(testing::GoldenNames(kFolder)),
                         [](const auto& test) { return test.param; });

TEST(FormatTest, LineEndsAreWhiteSpace) {
  std::string text = testing::GoldenInput(kFolder, "on_one_line");
  const std::string laid = Laid(text);
  for (char& c : text) {
    if (c == ' ') c = '\n';
  }
  EXPECT_EQ(Laid(text), laid);
}

TEST(FormatTest, ListsAreSortedOnlyWhenAsked) {
  std::string text = "list x = (";
  for (int i = 20; i > 10; --i) {
    text += "\"value_number_" + std::to_string(i) + "\", ";
  }
  text += "\"z\")\n";
  EXPECT_LT(Laid(text).find("_20"), Laid(text).find("_11"));
  const std::string sorted = Laid(text, {.sort = true});
  EXPECT_GT(sorted.find("_20"), sorted.find("_11"));
}

}  // namespace
}  // namespace tocsin::toc
