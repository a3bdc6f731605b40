// All public rules of the corpus, active and deprecated. Skipped without it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/sigma/sigma.h"
#include "src/ir/rule.h"
#include "src/text/source.h"
#include "tests/conformance/shared_data.h"
#include "tests/frontend/golden.h"

namespace tocsin::sigma {
namespace {

namespace fs = std::filesystem;

struct Corpus {
  SigmaResult result;
  Diagnostics diagnostics;

  // Paths of the files with an error, by its code.
  std::map<std::string, std::set<std::string>> Refused() const {
    std::map<std::string, std::set<std::string>> refused;
    for (const Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.severity != Severity::kError) continue;
      refused[diagnostic.code].insert(diagnostic.path);
    }
    return refused;
  }
};

Corpus Load(const std::vector<std::string_view>& folders) {
  std::vector<std::shared_ptr<const text::Source>> sources;
  const fs::path root = conformance::SigmaRulesFolder();
  for (const std::string_view folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".yml") continue;
      const std::string path = entry.path().string();
      sources.push_back(
          std::make_shared<const text::Source>(path, testing::ReadFile(path)));
    }
  }
  Corpus corpus;
  corpus.result = CompileSigma(sources, {}, &corpus.diagnostics);
  return corpus;
}

class SigmaCorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (conformance::SharedFolder().empty()) {
      GTEST_SKIP()
          << "SKIPPED: no outside data; TOCSIN_CORPUS names its folder";
    }
  }
};

// Two rules outside the folder of placeholder rules need one too.
TEST_F(SigmaCorpusTest, EveryActiveRuleLoadsOrNamesItsPlaceholder) {
  const Corpus corpus = Load({std::begin(conformance::kActiveRuleFolders),
                              std::end(conformance::kActiveRuleFolders)});
  EXPECT_EQ(corpus.result.documents, 3780);
  EXPECT_EQ(corpus.result.rules.size(), 3755u);
  const auto refused = corpus.Refused();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused.at("T019").size(), 25u);
  for (const Diagnostic& diagnostic : corpus.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    EXPECT_TRUE(diagnostic.message.starts_with("placeholder `%"))
        << diagnostic.message;
  }
}

TEST_F(SigmaCorpusTest, EveryRuleKeepsThePromisesOfTheIr) {
  const Corpus corpus = Load({std::begin(conformance::kActiveRuleFolders),
                              std::end(conformance::kActiveRuleFolders)});
  for (const ir::Rule& rule : corpus.result.rules) {
    EXPECT_EQ(ir::Verify(rule), "") << rule.info.path;
    EXPECT_FALSE(rule.info.title.empty()) << rule.info.path;
  }
}

// Public rules are written with care; a warning about many of them is wrong.
TEST_F(SigmaCorpusTest, WarningsAreFew) {
  const Corpus corpus = Load({"rules"});
  size_t warnings = 0;
  for (const Diagnostic& diagnostic : corpus.diagnostics) {
    if (diagnostic.severity == Severity::kWarning) ++warnings;
  }
  EXPECT_LT(warnings, 30u);
}

TEST_F(SigmaCorpusTest, DeprecatedRulesLoadButForSigma1AndPlaceholders) {
  const Corpus corpus = Load({"deprecated"});
  EXPECT_EQ(corpus.result.documents, 172);
  EXPECT_EQ(corpus.result.rules.size(), 168u);
  const auto refused = corpus.Refused();
  EXPECT_EQ(refused.at("T019").size(), 3u);
  EXPECT_EQ(refused.at("T026").size(), 1u);
  EXPECT_EQ(refused.size(), 2u);
}

}  // namespace
}  // namespace tocsin::sigma
