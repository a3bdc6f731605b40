// The ES|QL queries among Elastic's public rules: how many compile, and that
// those which do not have a reason.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdio>
#include <string>

#include "src/plan/planner.h"
#include "tests/conformance/shared_data.h"
#include "tests/frontend/esql/compile_esql.h"

namespace tocsin::esql {
namespace {

TEST(EsqlCorpusTest, MostQueriesOfPublicRulesCompile) {
  int passed = 0;
  int total = 0;
  simdjson::dom::parser parser;
  const bool read = conformance::ForEachLine(
      "corpora/elastic-rules.ndjson.zst", [&](long, std::string_view line) {
        simdjson::dom::element rule;
        if (parser.parse(line.data(), line.size()).get(rule)) return;
        std::string_view type;
        std::string_view query;
        if (rule["type"].get(type) || type != "esql" ||
            rule["query"].get(query)) {
          return;
        }
        ++total;
        testing::Compiled compiled = testing::Compile(std::string(query));
        EXPECT_EQ(compiled.ok, compiled.diagnostics.empty() || compiled.ok);
        if (!compiled.ok) {
          ASSERT_FALSE(compiled.diagnostics.empty());
          std::printf("%s %s\n", compiled.diagnostics[0].code.c_str(),
                      compiled.diagnostics[0].message.c_str());
          return;
        }
        EXPECT_EQ(compiled.Faults(), "");
        EXPECT_NE(plan::PlanList(std::move(compiled.list)), nullptr);
        ++passed;
      });
  if (!read) GTEST_SKIP() << "the rules are not there";
  std::printf("esql %d / %d\n", passed, total);
  EXPECT_GE(passed, 180);
}

}  // namespace
}  // namespace tocsin::esql
