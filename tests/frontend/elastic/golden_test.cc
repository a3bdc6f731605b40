// Every tests/golden/elastic/errors/NAME.in compiles with the messages of
// NAME.out, and every lower/NAME.in to the rules of NAME.ir.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/elastic/compile_elastic.h"
#include "tests/frontend/golden.h"

namespace tocsin::elastic {
namespace {

constexpr std::string_view kErrors = "elastic/errors";
constexpr std::string_view kLower = "elastic/lower";

class ElasticErrorsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ElasticErrorsTest, HasTheMessagesOfTheGoldenFile) {
  const testing::Compiled compiled =
      testing::Compile(tocsin::testing::GoldenInput(kErrors, GetParam()));
  EXPECT_FALSE(compiled.diagnostics.empty());
  EXPECT_EQ(compiled.Faults(), "");
  tocsin::testing::ExpectGolden(kErrors, GetParam(), "out",
                                compiled.Messages());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, ElasticErrorsTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kErrors)),
    [](const auto& test) { return test.param; });

class ElasticLowerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ElasticLowerTest, LowersToTheRulesOfTheGoldenFile) {
  const testing::Compiled compiled =
      testing::Compile(tocsin::testing::GoldenInput(kLower, GetParam()));
  for (const Diagnostic& told : compiled.diagnostics) {
    EXPECT_EQ(told.severity, Severity::kNote) << RenderDiagnostic(told);
  }
  EXPECT_EQ(compiled.Faults(), "");
  EXPECT_EQ(compiled.result.loaded, compiled.result.documents);
  tocsin::testing::ExpectGolden(kLower, GetParam(), "ir", compiled.Ir());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, ElasticLowerTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kLower)),
    [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tocsin::elastic
