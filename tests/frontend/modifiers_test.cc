#include "src/frontend/sigma/modifiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/frontend/compile_sigma.h"
#include "tests/frontend/golden.h"

namespace tocsin::sigma {
namespace {

using ::testing::HasSubstr;

TEST(ModifiersTest, EveryExampleCompilesWithoutAWord) {
  for (const ModifierInfo& modifier : Modifiers()) {
    const std::string example(modifier.example);
    EXPECT_THAT(example, HasSubstr("|" + std::string(modifier.name)));
    const Compiled compiled = Compile(RuleWith("  selection:\n    " + example +
                                               "\n  condition: selection\n"));
    EXPECT_EQ(compiled.Messages(), "") << example;
    EXPECT_EQ(compiled.result.rules.size(), 1u) << example;
  }
}

TEST(ModifiersTest, NamesAreUnique) {
  for (const ModifierInfo& modifier : Modifiers()) {
    EXPECT_EQ(FindModifier(modifier.name), &modifier) << modifier.name;
  }
}

TEST(ModifiersTest, ThoseOfTheSpecificationAndOthersInUseAreKnown) {
  for (const char* name :
       {"all",      "startswith", "endswith",  "contains", "exists",
        "cased",    "neq",        "windash",   "re",       "i",
        "m",        "s",          "base64",    "wide",     "base64offset",
        "utf16le",  "utf16be",    "utf16",     "lt",       "lte",
        "gt",       "gte",        "minute",    "hour",     "day",
        "week",     "month",      "year",      "cidr",     "expand",
        "fieldref", "ignorecase", "multiline", "dotall"}) {
    EXPECT_NE(FindModifier(name), nullptr) << name;
  }
}

TEST(ModifiersTest, TheReferencePageListsThemAll) {
  const std::string page =
      testing::ReadFile(TOCSIN_SOURCE_DIR "/docs/sigma.md");
  for (const ModifierInfo& modifier : Modifiers()) {
    std::string example(modifier.example);
    // A bar would end the cell of the table.
    for (size_t at = 0; (at = example.find('|', at)) != std::string::npos;) {
      example.replace(at, 1, "\\|");
      at += 2;
    }
    EXPECT_THAT(page, HasSubstr("| `" + std::string(modifier.name) + "` | " +
                                std::string(modifier.description) + " | `" +
                                example + "` |"));
  }
}

}  // namespace
}  // namespace tocsin::sigma
