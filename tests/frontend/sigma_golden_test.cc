// Every tests/golden/sigma/errors/NAME.in compiles with the messages of
// NAME.out, and every lower/NAME.in to the rules of NAME.ir.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/compile_sigma.h"
#include "tests/frontend/golden.h"

namespace tocsin::sigma {
namespace {

constexpr std::string_view kErrors = "sigma/errors";
constexpr std::string_view kLower = "sigma/lower";

class SigmaErrorsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SigmaErrorsTest, HasTheMessagesOfTheGoldenFile) {
  const Compiled compiled =
      Compile(testing::GoldenInput(kErrors, GetParam()), GetParam() + ".yml");
  EXPECT_FALSE(compiled.diagnostics.empty());
  testing::ExpectGolden(kErrors, GetParam(), "out", compiled.Messages());
}

INSTANTIATE_TEST_SUITE_P(Golden, SigmaErrorsTest,
                         ::testing::ValuesIn(testing::GoldenNames(kErrors)),
                         [](const auto& test) { return test.param; });

class SigmaLowerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SigmaLowerTest, LowersToTheRulesOfTheGoldenFile) {
  const Compiled compiled =
      Compile(testing::GoldenInput(kLower, GetParam()), GetParam() + ".yml");
  EXPECT_EQ(compiled.Messages(), "");
  for (const ir::Rule& rule : compiled.result.rules) {
    EXPECT_EQ(ir::Verify(rule), "");
  }
  const ir::RuleList list{compiled.result.rules, compiled.result.correlations};
  for (size_t i = 0; i < list.correlations.size(); ++i) {
    EXPECT_EQ(ir::Verify(list, i), "");
  }
  testing::ExpectGolden(kLower, GetParam(), "ir",
                        compiled.Rules() + compiled.Correlations());
}

INSTANTIATE_TEST_SUITE_P(Golden, SigmaLowerTest,
                         ::testing::ValuesIn(testing::GoldenNames(kLower)),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tocsin::sigma
