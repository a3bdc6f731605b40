// The pages of the diagnostics of ES|QL.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/esql/compile_esql.h"
#include "tests/frontend/pages.h"

namespace tocsin::esql {
namespace {

class EsqlPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EsqlPagesTest, ShowsWhatTheCompilerSays) {
  tocsin::testing::ExpectPage(GetParam(), {"esql"},
                              [](const std::string& text) {
                                return testing::Compile(text).Messages();
                              });
}

INSTANTIATE_TEST_SUITE_P(Pages, EsqlPagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(550,
                                                                      569)),
                         [](const auto& test) { return test.param; });

TEST(EsqlPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(550, 569, "src/frontend/esql");
}

}  // namespace
}  // namespace tocsin::esql
