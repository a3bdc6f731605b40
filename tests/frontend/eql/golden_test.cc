// Every tests/golden/eql/errors/NAME.in compiles with the messages of NAME.out,
// and every lower/NAME.in to the rules of NAME.ir; with what the endpoint adds
// if its name begins with `endpoint_`.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/eql/compile_eql.h"
#include "tests/frontend/golden.h"

namespace tocsin::eql {
namespace {

constexpr std::string_view kErrors = "eql/errors";
constexpr std::string_view kLower = "eql/lower";

class EqlErrorsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EqlErrorsTest, HasTheMessagesOfTheGoldenFile) {
  const testing::Compiled compiled = testing::Compile(
      tocsin::testing::GoldenInput(kErrors, GetParam()), GetParam() + ".eql",
      GetParam().starts_with("endpoint_"));
  EXPECT_FALSE(compiled.loaded);
  EXPECT_TRUE(compiled.list.rules.empty());
  tocsin::testing::ExpectGolden(kErrors, GetParam(), "out",
                                compiled.Messages());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, EqlErrorsTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kErrors)),
    [](const auto& test) { return test.param; });

class EqlLowerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EqlLowerTest, LowersToTheRulesOfTheGoldenFile) {
  const testing::Compiled compiled = testing::Compile(
      tocsin::testing::GoldenInput(kLower, GetParam()), GetParam() + ".eql",
      GetParam().starts_with("endpoint_"));
  EXPECT_EQ(compiled.Messages(), "");
  EXPECT_EQ(compiled.Faults(), "");
  tocsin::testing::ExpectGolden(kLower, GetParam(), "ir", compiled.Ir());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, EqlLowerTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kLower)),
    [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tocsin::eql
