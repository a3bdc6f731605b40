// Every tests/golden/toc/errors/NAME.in compiles with the messages of NAME.out,
// and every lower/NAME.in to the rules of NAME.ir.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/golden.h"
#include "tests/frontend/toc/compile_toc.h"

namespace tocsin::toc {
namespace {

constexpr std::string_view kErrors = "toc/errors";
constexpr std::string_view kLower = "toc/lower";

class TocErrorsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(TocErrorsTest, HasTheMessagesOfTheGoldenFile) {
  const testing::Compiled compiled = testing::Compile(
      {tocsin::testing::GoldenInput(kErrors, GetParam())}, GetParam() + ".toc");
  EXPECT_FALSE(compiled.diagnostics.empty());
  EXPECT_EQ(compiled.Faults(), "");
  tocsin::testing::ExpectGolden(kErrors, GetParam(), "out",
                                compiled.Messages());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, TocErrorsTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kErrors)),
    [](const auto& test) { return test.param; });

class TocLowerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(TocLowerTest, LowersToTheRulesOfTheGoldenFile) {
  const testing::Compiled compiled = testing::Compile(
      {tocsin::testing::GoldenInput(kLower, GetParam())}, GetParam() + ".toc");
  EXPECT_EQ(compiled.Messages(), "");
  EXPECT_EQ(compiled.Faults(), "");
  tocsin::testing::ExpectGolden(kLower, GetParam(), "ir", compiled.Ir());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, TocLowerTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kLower)),
    [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tocsin::toc
