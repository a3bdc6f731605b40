// A query and a Sigma rule that says the same have guards alike: an engine
// looks at either for the same events.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/frontend/sigma/sigma.h"
#include "src/plan/planner.h"
#include "tests/frontend/kql/compile_kql.h"

namespace tocsin::kql {
namespace {

struct Guards {
  uint32_t count = 0;
  std::vector<std::string> literals;

  friend bool operator==(const Guards&, const Guards&) = default;
};

Guards GuardsOf(std::vector<ir::Rule> rules) {
  EXPECT_EQ(rules.size(), 1u);
  const auto program = plan::Plan(std::move(rules));
  Guards guards;
  guards.count = program->rules[0].guard_count;
  for (const auto& literal : program->literals) {
    guards.literals.push_back(literal.text);
  }
  return guards;
}

Guards OfKql(const std::string& query) {
  return GuardsOf(testing::Compile(query).rules);
}

Guards OfSigma(const std::string& detection) {
  const std::string text =
      "title: t\nlogsource: {product: windows}\ndetection:\n" + detection;
  Diagnostics diagnostics;
  return GuardsOf(
      sigma::CompileSigma({std::make_shared<const text::Source>("t.yml", text)},
                          {}, &diagnostics)
          .rules);
}

TEST(KqlTwinTest, ValuesOfAFieldGuardAsThoseOfSigmaDo) {
  const Guards guards = OfKql("process.name:(cmd.exe or powershell.exe)");
  EXPECT_GT(guards.count, 0u);
  EXPECT_EQ(guards, OfSigma("  s: {process.name: [cmd.exe, powershell.exe]}\n"
                            "  condition: s\n"));
}

TEST(KqlTwinTest, WildcardsAndNegationsGuardAsThoseOfSigmaDo) {
  EXPECT_EQ(OfKql("process.args:*encoded* and not user.name:system"),
            OfSigma("  s: {process.args|contains: encoded}\n"
                    "  n: {user.name: system}\n"
                    "  condition: s and not n\n"));
}

TEST(KqlTwinTest, WordsOfTextsHaveGuards) {
  EXPECT_GT(OfKql("message:\"failed password\"").count, 0u);
  EXPECT_GT(OfKql("mimikatz").count, 0u);
}

}  // namespace
}  // namespace tocsin::kql
