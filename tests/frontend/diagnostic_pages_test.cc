// The pages of the diagnostics of Sigma rules, pipelines and filters: what
// stands under "Wrong:" has the messages of the page, what stands under
// "Right:" has none.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "src/frontend/sigma/sigma.h"
#include "src/text/source.h"

namespace tocsin::sigma {
namespace {

namespace fs = std::filesystem;

// Texts by the last word of their fence: rule, filter, pipeline, text.
using Blocks = std::map<std::string, std::string>;

struct Page {
  Blocks wrong;
  Blocks right;
};

Page ReadPage(const fs::path& path) {
  Page page;
  Blocks* part = nullptr;
  std::string* block = nullptr;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line == "Wrong:") part = &page.wrong;
    if (line == "Right:") part = &page.right;
    if (line.starts_with("```")) {
      const std::string kind = line.substr(line.find_last_of(" `") + 1);
      block = kind.empty() || part == nullptr ? nullptr : &(*part)[kind];
    } else if (block != nullptr) {
      *block += line + "\n";
    }
  }
  return page;
}

std::string MessagesOf(const Blocks& blocks) {
  using Sources = std::vector<std::shared_ptr<const text::Source>>;
  Sources rules;
  Sources pipelines;
  for (const auto& [kind, text] : blocks) {
    if (kind == "text") continue;
    (kind == "pipeline" ? pipelines : rules)
        .push_back(std::make_shared<text::Source>(kind + ".yml", text));
  }
  Diagnostics diagnostics;
  CompileSigma(rules, pipelines, &diagnostics);
  std::stable_sort(
      diagnostics.begin(), diagnostics.end(),
      [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  std::string messages;
  for (const Diagnostic& d : diagnostics) messages += RenderDiagnostic(d);
  return messages;
}

std::vector<std::string> Pages() {
  std::vector<std::string> pages;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(TOCSIN_SOURCE_DIR "/docs/diagnostics")) {
    const std::string name = entry.path().stem().string();
    if (name >= "T001" && name <= "T079") pages.push_back(name);
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

class DiagnosticPagesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(DiagnosticPagesTest, ShowsWhatTheCompilerSays) {
  const Page page =
      ReadPage(TOCSIN_SOURCE_DIR "/docs/diagnostics/" + GetParam() + ".md");
  ASSERT_TRUE(page.wrong.contains("text"));
  EXPECT_THAT(page.wrong.at("text"),
              ::testing::HasSubstr("[" + GetParam() + "]"));
  // A page whose wrong text would be too long to show has none.
  if (page.wrong.size() > 1) {
    EXPECT_EQ(MessagesOf(page.wrong), page.wrong.at("text"));
  }
  ASSERT_FALSE(page.right.empty());
  EXPECT_EQ(MessagesOf(page.right), "");
}

INSTANTIATE_TEST_SUITE_P(Pages, DiagnosticPagesTest,
                         ::testing::ValuesIn(Pages()),
                         [](const auto& test) { return test.param; });

TEST(DiagnosticPagesTest, EveryCodeHasAPage) {
  std::string sources;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(TOCSIN_SOURCE_DIR "/src")) {
    if (entry.path().extension() != ".cc") continue;
    std::ifstream file(entry.path());
    sources.append(std::istreambuf_iterator<char>(file), {});
  }
  const std::vector<std::string> pages = Pages();
  for (int code = 1; code < 80; ++code) {
    const std::string name = (code < 10 ? "T00" : "T0") + std::to_string(code);
    EXPECT_EQ(sources.find('"' + name + '"') != std::string::npos,
              std::find(pages.begin(), pages.end(), name) != pages.end())
        << name;
  }
}

TEST(DiagnosticPagesTest, TheIndexListsEachPageByItsTitle) {
  std::ifstream index_file(TOCSIN_SOURCE_DIR "/docs/diagnostics/README.md");
  const std::string index((std::istreambuf_iterator<char>(index_file)), {});
  for (const std::string& page : Pages()) {
    std::ifstream file(TOCSIN_SOURCE_DIR "/docs/diagnostics/" + page + ".md");
    std::string title;  // "# T014: unknown modifier"
    std::getline(file, title);
    ASSERT_TRUE(title.starts_with("# " + page + ": ")) << title;
    EXPECT_THAT(index,
                ::testing::HasSubstr("| [" + page + "](" + page + ".md) | " +
                                     title.substr(8) + " |"));
  }
}

}  // namespace
}  // namespace tocsin::sigma
