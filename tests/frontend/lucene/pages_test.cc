// The pages of the diagnostics of Lucene query strings.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/lucene/compile_lucene.h"
#include "tests/frontend/pages.h"

namespace tocsin::lucene {
namespace {

class LucenePagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(LucenePagesTest, ShowsWhatTheCompilerSays) {
  tocsin::testing::ExpectPage(GetParam(), {"lucene"},
                              [](const std::string& text) {
                                return testing::Compile(text).Messages();
                              });
}

INSTANTIATE_TEST_SUITE_P(Pages, LucenePagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(520,
                                                                      539)),
                         [](const auto& test) { return test.param; });

TEST(LucenePagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(520, 539, "src/frontend/lucene");
}

}  // namespace
}  // namespace tocsin::lucene
