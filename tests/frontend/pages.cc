#include "tests/frontend/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/frontend/golden.h"

namespace tocsin::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kFolder[] = TOCSIN_SOURCE_DIR "/docs/diagnostics/";

// The first block of `fence` behind `heading`, and where it stands.
struct Block {
  std::string text;
  size_t begin = std::string::npos;
};
Block FindBlock(const std::string& page, std::string_view heading,
                std::string_view fence) {
  Block block;
  const size_t at = page.find("\n" + std::string(heading) + "\n");
  if (at == std::string::npos) return block;
  const std::string open = "\n```" + std::string(fence) + "\n";
  const size_t start = page.find(open, at);
  if (start == std::string::npos) return block;
  block.begin = start + open.size();
  const size_t end = page.find("```\n", block.begin);
  block.text = page.substr(block.begin, end - block.begin);
  return block;
}

std::string Code(int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 3 - std::min<size_t>(3, digits.size()), '0');
  return "T" + digits;
}

}  // namespace

std::vector<std::string> PagesOf(int first, int last) {
  std::vector<std::string> pages;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem().string();
    if (name >= Code(first) && name <= Code(last)) pages.push_back(name);
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

void ExpectPage(
    const std::string& code, const std::vector<std::string_view>& fences,
    const std::function<std::string(const std::string&)>& messages) {
  const std::string path = kFolder + code + ".md";
  std::string page = ReadFile(path);
  std::string_view language = fences[0];
  for (const std::string_view fence : fences) {
    if (FindBlock(page, "Right:", fence).begin != std::string::npos) {
      language = fence;
    }
  }
  const Block wrong = FindBlock(page, "Wrong:", language);
  const Block shown = FindBlock(page, "Wrong:", "text");
  const Block right = FindBlock(page, "Right:", language);
  ASSERT_NE(wrong.begin, std::string::npos);
  ASSERT_NE(shown.begin, std::string::npos);
  ASSERT_NE(right.begin, std::string::npos);
  const std::string told = messages(wrong.text);
  EXPECT_THAT(told, HasSubstr("[" + code + "]"));
  EXPECT_EQ(messages(right.text), "");
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    page.replace(shown.begin, shown.text.size(), told);
    std::ofstream(path) << page;
    return;
  }
  EXPECT_EQ(told, shown.text);
}

void ExpectPagesOf(int first, int last, std::string_view folder) {
  std::string sources;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(
           TOCSIN_SOURCE_DIR "/" + std::string(folder))) {
    if (entry.path().extension() == ".cc") {
      sources += ReadFile(entry.path().string());
    }
  }
  const std::string index = ReadFile(std::string(kFolder) + "README.md");
  const std::vector<std::string> pages = PagesOf(first, last);
  for (int number = first; number <= last; ++number) {
    const std::string code = Code(number);
    const bool is_told = sources.find('"' + code + '"') != std::string::npos;
    const bool has_page =
        std::find(pages.begin(), pages.end(), code) != pages.end();
    EXPECT_EQ(is_told, has_page) << code;
    if (!has_page) continue;
    const std::string page = ReadFile(kFolder + code + ".md");
    const std::string title = page.substr(8, page.find('\n') - 8);
    EXPECT_THAT(page, HasSubstr("# " + code + ": "));
    EXPECT_THAT(index, HasSubstr("| [" + code + "](" + code + ".md) | " +
                                 title + " |"));
  }
}

}  // namespace tocsin::testing
