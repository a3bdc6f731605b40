// Each pipeline of examples/pipelines/ makes of the rules of
// tests/golden/pipeline/NAME.in what NAME.ir holds.

#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/golden.h"
#include "tests/frontend/sigma_testing.h"

namespace tocsin::sigma {
namespace {

constexpr std::string_view kFolder = "pipeline";

class ExamplePipelinesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ExamplePipelinesTest, MakesOfRulesWhatTheGoldenFileHolds) {
  const testing::Compiled compiled = testing::Compile(
      {tocsin::testing::GoldenInput(kFolder, GetParam())},
      {tocsin::testing::ReadFile(TOCSIN_SOURCE_DIR "/examples/pipelines/" +
                                 GetParam() + ".yml")});
  EXPECT_EQ(compiled.problems(), "");
  std::string rules;
  for (const ir::Rule& rule : compiled.result.rules) {
    EXPECT_EQ(ir::Verify(rule), "");
    if (!rules.empty()) rules += '\n';
    rules += ir::Print(rule);
    for (const std::string& field : rule.info.fields) {
      rules += "field: " + field + "\n";
    }
  }
  tocsin::testing::ExpectGolden(kFolder, GetParam(), "ir", rules);
}

INSTANTIATE_TEST_SUITE_P(
    Golden, ExamplePipelinesTest,
    ::testing::ValuesIn(tocsin::testing::GoldenNames(kFolder)),
    [](const auto& test) {
      std::string name = test.param;
      for (char& c : name) {
        if (c == '-') c = '_';
      }
      return name;
    });

}  // namespace
}  // namespace tocsin::sigma
