// The pages of the diagnostics of Elastic's rules.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/elastic/compile_elastic.h"
#include "tests/frontend/pages.h"

namespace tocsin::elastic {
namespace {

class ElasticPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ElasticPagesTest, ShowsWhatTheCompilerSays) {
  tocsin::testing::ExpectPage(GetParam(), {"json", "toml"},
                              [](const std::string& text) {
                                return testing::Compile(text).Messages();
                              });
}

INSTANTIATE_TEST_SUITE_P(Pages, ElasticPagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(600,
                                                                      629)),
                         [](const auto& test) { return test.param; });

TEST(ElasticPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(600, 629, "src/frontend/elastic");
}

}  // namespace
}  // namespace tocsin::elastic
