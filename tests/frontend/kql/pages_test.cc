// The pages of the diagnostics of KQL.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/kql/compile_kql.h"
#include "tests/frontend/pages.h"

namespace tocsin::kql {
namespace {

class KqlPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(KqlPagesTest, ShowsWhatTheCompilerSays) {
  // This one is about a host that says which fields there are.
  FieldTypes types = FieldTypes::Ecs();
  if (GetParam() == "T504") {
    types = {};
    types.Set("user.name", FieldType::kKeyword);
    types.set_closed(true);
  }
  tocsin::testing::ExpectPage(
      GetParam(), {"kql"}, [&](const std::string& text) {
        return testing::Compile(text, "rule.kql", types).Messages();
      });
}

INSTANTIATE_TEST_SUITE_P(Pages, KqlPagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(500,
                                                                      519)),
                         [](const auto& test) { return test.param; });

TEST(KqlPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(500, 519, "src/frontend/kql");
}

}  // namespace
}  // namespace tocsin::kql
