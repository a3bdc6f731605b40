// Links between the project's pages lead somewhere.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TOCSIN_SOURCE_DIR;

std::vector<fs::path> Pages() {
  std::vector<fs::path> pages;
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  return pages;
}

// Targets of `[text](target)`.
std::vector<std::string> LinksOf(const fs::path& page) {
  std::ifstream file(page);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> links;
  for (size_t at = text.find("]("); at != std::string::npos;
       at = text.find("](", at + 1)) {
    links.push_back(text.substr(at + 2, text.find(')', at) - at - 2));
  }
  return links;
}

TEST(LinksTest, EveryLinkToAFileLeadsToOne) {
  std::vector<std::string> broken;
  for (const fs::path& page : Pages()) {
    for (const std::string& link : LinksOf(page)) {
      const std::string target = link.substr(0, link.find('#'));
      // Elsewhere, or a lambda of an example.
      if (target.empty() || target.find("://") != std::string::npos ||
          target.find(' ') != std::string::npos) {
        continue;
      }
      if (!fs::exists(page.parent_path() / target)) {
        broken.push_back(fs::relative(page, kRoot).string() + ": " + link);
      }
    }
  }
  EXPECT_THAT(broken, ::testing::IsEmpty());
}

}  // namespace
