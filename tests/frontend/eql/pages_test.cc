// The pages of the diagnostics of EQL.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/eql/compile_eql.h"
#include "tests/frontend/pages.h"

namespace tocsin::eql {
namespace {

class EqlPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EqlPagesTest, ShowsWhatTheCompilerSays) {
  const bool endpoint = GetParam() == "T404";
  tocsin::testing::ExpectPage(
      GetParam(), {"eql"}, [endpoint](const std::string& text) {
        return testing::Compile(text, "rule.eql", endpoint).Messages();
      });
}

INSTANTIATE_TEST_SUITE_P(Pages, EqlPagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(400,
                                                                      449)),
                         [](const auto& test) { return test.param; });

TEST(EqlPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(400, 449, "src/frontend");
}

}  // namespace
}  // namespace tocsin::eql
