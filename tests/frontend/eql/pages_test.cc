// The pages of the diagnostics of EQL: what stands under "Wrong:" has the
// messages of the page, what stands under "Right:" has none. With
// TOCSIN_UPDATE_GOLDENS=1 the messages are written anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/frontend/eql/compile_eql.h"
#include "tests/frontend/golden.h"

namespace tocsin::eql {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kFolder[] = TOCSIN_SOURCE_DIR "/docs/diagnostics/";

struct Block {
  std::string text;
  size_t begin = std::string::npos;
};
// The first block of `fence` behind `heading`.
Block FindBlock(const std::string& page, const std::string& heading,
                const std::string& fence) {
  Block block;
  const size_t at = page.find("\n" + heading + "\n");
  if (at == std::string::npos) return block;
  const std::string open = "\n```" + fence + "\n";
  const size_t start = page.find(open, at);
  if (start == std::string::npos) return block;
  block.begin = start + open.size();
  block.text =
      page.substr(block.begin, page.find("```\n", block.begin) - block.begin);
  return block;
}

std::vector<std::string> Pages() {
  std::vector<std::string> pages;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    if (name >= "T400" && name <= "T449") pages.push_back(name);
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

class EqlPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EqlPagesTest, ShowsWhatTheCompilerSays) {
  const std::string path = kFolder + GetParam() + ".md";
  std::string page = tocsin::testing::ReadFile(path);
  const Block wrong = FindBlock(page, "Wrong:", "eql");
  const Block shown = FindBlock(page, "Wrong:", "text");
  const Block right = FindBlock(page, "Right:", "eql");
  ASSERT_NE(wrong.begin, std::string::npos);
  ASSERT_NE(shown.begin, std::string::npos);
  ASSERT_NE(right.begin, std::string::npos);
  const std::string messages =
      testing::Compile(wrong.text, "rule.eql").Messages();
  EXPECT_THAT(messages, HasSubstr("[" + GetParam() + "]"));
  EXPECT_EQ(testing::Compile(right.text, "rule.eql").Messages(), "");
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    page.replace(shown.begin, shown.text.size(), messages);
    std::ofstream(path) << page;
    return;
  }
  EXPECT_EQ(messages, shown.text);
}

INSTANTIATE_TEST_SUITE_P(Pages, EqlPagesTest, ::testing::ValuesIn(Pages()),
                         [](const auto& test) { return test.param; });

TEST(EqlPagesTest, EveryCodeHasAPageAndALineInTheIndex) {
  std::string sources;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(TOCSIN_SOURCE_DIR "/src/frontend")) {
    if (entry.path().extension() == ".cc") {
      sources += tocsin::testing::ReadFile(entry.path().string());
    }
  }
  const std::string index =
      tocsin::testing::ReadFile(std::string(kFolder) + "README.md");
  const std::vector<std::string> pages = Pages();
  for (int code = 400; code < 450; ++code) {
    const std::string name = "T" + std::to_string(code);
    const bool used = sources.find('"' + name + '"') != std::string::npos;
    EXPECT_EQ(used, std::find(pages.begin(), pages.end(), name) != pages.end())
        << name;
    if (!used) continue;
    EXPECT_THAT(index, HasSubstr("| [" + name + "](" + name + ".md)"));
  }
}

}  // namespace
}  // namespace tocsin::eql
