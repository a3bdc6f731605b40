// docs/rule-language.md: its rules compile, are laid out as fmt would, and its
// list of functions is the table's. With TOCSIN_UPDATE_GOLDENS=1 the list is
// written anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "src/functions/function.h"
#include "tests/frontend/golden.h"
#include "tests/frontend/toc/compile_toc.h"
#include "tocsin/authoring.h"

namespace tocsin::toc {
namespace {

constexpr char kPage[] = TOCSIN_SOURCE_DIR "/docs/rule-language.md";

std::vector<std::string> Blocks(const std::string& page) {
  std::vector<std::string> blocks;
  const std::string open = "\n```toc\n";
  for (size_t at = page.find(open); at != std::string::npos;
       at = page.find(open, at + 1)) {
    const size_t begin = at + open.size();
    blocks.push_back(page.substr(begin, page.find("```\n", begin) - begin));
  }
  return blocks;
}

std::string InCell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string FunctionTable() {
  std::string table =
      "| function | is | example | gives |\n|---|---|---|---|\n";
  for (const functions::Function& function : functions::AllFunctions()) {
    table += "| `" + InCell(function.Signature()) + "` | " +
             InCell(function.description) + " | `" + InCell(function.example) +
             "` | `" + InCell(function.example_result) + "` |\n";
  }
  return table;
}

TEST(RuleLanguagePageTest, ItsRulesCompileAndAreLaidOut) {
  const std::vector<std::string> blocks =
      Blocks(tocsin::testing::ReadFile(kPage));
  EXPECT_GE(blocks.size(), 4u);
  for (const std::string& block : blocks) {
    std::string errors;
    for (const Diagnostic& d : testing::Compile({block}).diagnostics) {
      errors += RenderDiagnostic(d);
    }
    EXPECT_EQ(errors, "");
    EXPECT_EQ(FormatRules(block, "page.toc").text, block);
  }
}

TEST(RuleLanguagePageTest, ListsAllFunctions) {
  std::string page = tocsin::testing::ReadFile(kPage);
  const std::string head = "| function | is | example | gives |\n";
  const size_t at = std::min(page.find(head), page.size());
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(kPage) << page.substr(0, at) << FunctionTable();
    return;
  }
  EXPECT_EQ(page.substr(at), FunctionTable());
}

}  // namespace
}  // namespace tocsin::toc
