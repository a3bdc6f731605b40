// The pages of the diagnostics of anomaly detection jobs.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "src/frontend/mljob/mljob.h"
#include "tests/frontend/pages.h"

namespace tocsin::mljob {
namespace {

std::string MessagesOf(const std::string& job) {
  Diagnostics diagnostics;
  ir::RuleList list;
  CompileJobs({std::make_shared<const text::Source>("logons.json", job)}, &list,
              &diagnostics);
  std::string messages;
  for (const Diagnostic& d : diagnostics) messages += RenderDiagnostic(d);
  return messages;
}

class MlJobPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(MlJobPagesTest, ShowsWhatTheCompilerSays) {
  tocsin::testing::ExpectPage(GetParam(), {"json"}, MessagesOf);
}

INSTANTIATE_TEST_SUITE_P(Pages, MlJobPagesTest,
                         ::testing::ValuesIn(tocsin::testing::PagesOf(700,
                                                                      719)),
                         [](const auto& test) { return test.param; });

TEST(MlJobPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  tocsin::testing::ExpectPagesOf(700, 719, "src/frontend/mljob");
}

}  // namespace
}  // namespace tocsin::mljob
