// The pages of the lints: what stands under "Wrong:" has the messages of the
// page, what stands under "Right:" has none.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tocsin/compiler.h"
#include "tocsin/diagnostic.h"

namespace tocsin {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The first block of the page behind `heading` with fence ````kind`.
std::string BlockOf(const std::string& page, const std::string& heading,
                    const std::string& kind) {
  const std::string fence = "```" + kind + "\n";
  const size_t begin = page.find(fence, page.find("\n" + heading + "\n"));
  if (begin == std::string::npos) return {};
  const size_t text = begin + fence.size();
  return page.substr(text, page.find("```\n", text) - text);
}

std::string MessagesOf(const std::string& rule) {
  Compiler compiler;
  compiler.AddText(rule, "rule.yml");
  std::string messages;
  for (const Diagnostic& diagnostic : compiler.Compile().diagnostics) {
    messages += RenderDiagnostic(diagnostic);
  }
  return messages;
}

class LintPagesTest : public ::testing::TestWithParam<const char*> {
 protected:
  const std::string folder_ = TOCSIN_SOURCE_DIR "/docs/diagnostics/";
  const std::string page_ = ReadFile(folder_ + GetParam() + ".md");
};

TEST_P(LintPagesTest, ShowsWhatTheCompilerSays) {
  const std::string messages = BlockOf(page_, "Wrong:", "text");
  EXPECT_THAT(messages, ::testing::HasSubstr("[" + std::string(GetParam())));
  EXPECT_EQ(MessagesOf(BlockOf(page_, "Wrong:", "yaml rule")), messages);
}

TEST_P(LintPagesTest, ShowsARuleThatIsRight) {
  const std::string rule = BlockOf(page_, "Right:", "yaml rule");
  EXPECT_FALSE(rule.empty());
  EXPECT_EQ(MessagesOf(rule), "");
}

TEST_P(LintPagesTest, IsListedInTheIndex) {
  const std::string code = GetParam();
  const std::string title = page_.substr(0, page_.find('\n'));
  ASSERT_TRUE(title.starts_with("# " + code + ": ")) << title;
  EXPECT_THAT(ReadFile(folder_ + "README.md"),
              ::testing::HasSubstr("| [" + code + "](" + code + ".md) | " +
                                   title.substr(8) + " | warning |"));
}

INSTANTIATE_TEST_SUITE_P(Pages, LintPagesTest,
                         ::testing::Values("T080", "T081", "T082", "T083",
                                           "T084", "T085", "T086"),
                         [](const auto& test) {
                           return std::string(test.param);
                         });

}  // namespace
}  // namespace tocsin
