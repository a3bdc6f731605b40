// docs/log-sources.md says what the table says.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/logsource/table_page.h"

namespace tocsin::logsource {
namespace {

constexpr char kPage[] = TOCSIN_SOURCE_DIR "/docs/log-sources.md";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The page ends with the table. With TOCSIN_UPDATE_GOLDENS=1 that part is
// written anew.
TEST(LogSourcesPageTest, ThePageEndsWithTheTable) {
  const std::string page = ReadFile(kPage);
  const std::string heading = "## The table\n\n";
  const size_t start = page.find(heading);
  ASSERT_NE(start, std::string::npos);
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(kPage) << page.substr(0, start + heading.size())
                         << TableMarkdown();
    return;
  }
  EXPECT_EQ(page.substr(start + heading.size()), TableMarkdown());
}

}  // namespace
}  // namespace tocsin::logsource
