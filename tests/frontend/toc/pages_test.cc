// The pages of the diagnostics of the rule language.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/pages.h"
#include "tests/frontend/toc/compile_toc.h"

namespace tocsin::toc {
namespace {

class TocPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(TocPagesTest, ShowsWhatTheCompilerSays) {
  tocsin::testing::ExpectPage(GetParam(), {"toc"}, [](const std::string& text) {
    return testing::Compile({text}).Messages();
  });
}

INSTANTIATE_TEST_SUITE_P(Pages, TocPagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(300,
                                                                      399)),
                         [](const auto& test) { return test.param; });

TEST(TocPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(300, 399, "src/frontend");
}

}  // namespace
}  // namespace tocsin::toc
