// The pages of the diagnostics of ES|QL: what stands under "Wrong:"
// has the messages of the page, what stands under "Right:" has none. With
// TOCSIN_UPDATE_GOLDENS=1 the messages are written anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/frontend/esql/compile_esql.h"
#include "tests/frontend/golden.h"

namespace tocsin::esql {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kFolder[] = TOCSIN_SOURCE_DIR "/docs/diagnostics/";

// The text of the first block behind `heading` whose fence is `fence`, and
// where it stands in `page`.
struct Block {
  std::string text;
  size_t begin = std::string::npos;
};
Block FindBlock(const std::string& page, const std::string& heading,
                const std::string& fence) {
  Block block;
  const size_t at = page.find("\n" + heading + "\n");
  if (at == std::string::npos) return block;
  const std::string open = "\n```" + fence + "\n";
  const size_t start = page.find(open, at);
  if (start == std::string::npos) return block;
  block.begin = start + open.size();
  const size_t end = page.find("```\n", block.begin);
  block.text = page.substr(block.begin, end - block.begin);
  return block;
}

std::vector<std::string> Pages() {
  std::vector<std::string> pages;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    if (name >= "T550" && name <= "T569") pages.push_back(name);
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

class EsqlPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EsqlPagesTest, ShowsWhatTheCompilerSays) {
  const std::string path = kFolder + GetParam() + ".md";
  std::string page = tocsin::testing::ReadFile(path);
  const Block wrong = FindBlock(page, "Wrong:", "esql");
  const Block shown = FindBlock(page, "Wrong:", "text");
  const Block right = FindBlock(page, "Right:", "esql");
  ASSERT_NE(wrong.begin, std::string::npos);
  ASSERT_NE(shown.begin, std::string::npos);
  ASSERT_NE(right.begin, std::string::npos);
  const std::string messages = testing::Compile(wrong.text).Messages();
  EXPECT_THAT(messages, HasSubstr("[" + GetParam() + "]"));
  EXPECT_EQ(testing::Compile(right.text).Messages(), "");
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    page.replace(shown.begin, shown.text.size(), messages);
    std::ofstream(path) << page;
    return;
  }
  EXPECT_EQ(messages, shown.text);
}

INSTANTIATE_TEST_SUITE_P(Pages, EsqlPagesTest, ::testing::ValuesIn(Pages()),
                         [](const auto& test) { return test.param; });

TEST(EsqlPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  std::string sources;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(
           TOCSIN_SOURCE_DIR "/src/frontend/esql")) {
    if (entry.path().extension() == ".cc") {
      sources += tocsin::testing::ReadFile(entry.path().string());
    }
  }
  const std::string index =
      tocsin::testing::ReadFile(std::string(kFolder) + "README.md");
  const std::vector<std::string> pages = Pages();
  for (int code = 550; code < 570; ++code) {
    const std::string name = "T" + std::to_string(code);
    const bool used = sources.find('"' + name + '"') != std::string::npos;
    const bool has_page =
        std::find(pages.begin(), pages.end(), name) != pages.end();
    EXPECT_EQ(used, has_page) << name;
    if (!has_page) continue;
    const std::string page = tocsin::testing::ReadFile(kFolder + name + ".md");
    const std::string title = page.substr(8, page.find('\n') - 8);
    EXPECT_THAT(page, HasSubstr("# " + name + ": "));
    EXPECT_THAT(index, HasSubstr("| [" + name + "](" + name + ".md) | " +
                                 title + " |"));
  }
}

}  // namespace
}  // namespace tocsin::esql
