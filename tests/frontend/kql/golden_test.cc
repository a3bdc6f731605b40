// Every tests/golden/kql/errors/NAME.in compiles with the messages of NAME.out,
// and every lower/NAME.in to the condition of NAME.ir.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/golden.h"
#include "tests/frontend/kql/compile_kql.h"

namespace tocsin::kql {
namespace {

constexpr std::string_view kErrors = "kql/errors";
constexpr std::string_view kLower = "kql/lower";

// An index mapping: there are no fields but these.
FieldTypes ClosedTypes() {
  FieldTypes types;
  types.Set("foo", FieldType::kKeyword);
  types.Set("size", FieldType::kNumber);
  types.Set("seen", FieldType::kDate);
  types.Set("host", FieldType::kKeyword);
  types.Set("objects", FieldType::kNested);
  types.Set("objects.id", FieldType::kKeyword);
  types.set_closed(true);
  return types;
}

class KqlErrorsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(KqlErrorsTest, HasTheMessagesOfTheGoldenFile) {
  const std::string input = tocsin::testing::GoldenInput(kErrors, GetParam());
  const bool closed = GetParam().starts_with("closed_types");
  const testing::Compiled compiled = testing::Compile(
      input, GetParam() + ".kql", closed ? ClosedTypes() : FieldTypes::Ecs());
  EXPECT_FALSE(compiled.diagnostics.empty());
  EXPECT_EQ(compiled.Faults(), "");
  tocsin::testing::ExpectGolden(kErrors, GetParam(), "out",
                                compiled.Messages());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, KqlErrorsTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kErrors)),
    [](const auto& test) { return test.param; });

class KqlLowerTest : public ::testing::TestWithParam<std::string> {};

TEST_P(KqlLowerTest, LowersToTheConditionOfTheGoldenFile) {
  const testing::Compiled compiled = testing::Compile(
      tocsin::testing::GoldenInput(kLower, GetParam()), GetParam() + ".kql");
  EXPECT_EQ(compiled.Messages(), "");
  EXPECT_EQ(compiled.Faults(), "");
  tocsin::testing::ExpectGolden(kLower, GetParam(), "ir", compiled.Ir());
}

INSTANTIATE_TEST_SUITE_P(
    Golden, KqlLowerTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kLower)),
    [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tocsin::kql
