#include "src/frontend/sigma/wild_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::sigma {
namespace {

Item ItemOf(std::vector<std::string> modifiers, std::string text) {
  Item item;
  item.fields = {"field"};
  for (std::string& name : modifiers) {
    item.modifiers.push_back({std::move(name), {}});
  }
  Value value;
  value.kind = Value::kString;
  value.text = std::move(text);
  item.values.push_back(std::move(value));
  return item;
}

std::string Text(std::vector<std::string> modifiers, std::string text) {
  const Item item = ItemOf(std::move(modifiers), std::move(text));
  return TextOf(item, item.values[0]).text();
}

// The raw result of replacing in `raw`; "-" if nothing matches, or the error.
std::string Replace(std::string_view regex, std::string_view replacement,
                    std::string_view raw, Replacer::Options options = {}) {
  std::string error;
  std::unique_ptr<Replacer> replacer = Replacer::Make(
      std::make_unique<RE2>(std::string(regex)), replacement, options, &error);
  if (replacer == nullptr) return error;
  size_t budget = 1000;
  bool too_much = false;
  const std::optional<WildText> made =
      replacer->Replace(WildText::Parse(raw, false), &budget, &too_much);
  if (too_much) return "too much";
  return made.has_value() ? made->Raw(false) : "-";
}

TEST(WildTextTest, RawReadsBackAsTheSameText) {
  for (const char* raw : {R"(C:\Windows\\*.exe)", R"(\\\\srv\share\)",
                          R"(a\*b\?c*d?e)", R"(\\\*)", R"(100%)", ""}) {
    const WildText text = WildText::Parse(raw, false);
    EXPECT_EQ(WildText::Parse(text.Raw(false), false), text) << raw;
  }
}

TEST(WildTextTest, PercentSignsAndPlaceholdersReadBackUnderExpand) {
  for (const char* raw : {R"(\%a%name%)", R"(%a%\\%b%)", R"(50\%*)"}) {
    const WildText text = WildText::Parse(raw, true);
    EXPECT_EQ(WildText::Parse(text.Raw(true), true), text) << raw;
  }
}

TEST(WildTextTest, ModifiersPadOnlyEndsWithoutAWildcard) {
  EXPECT_EQ(Text({"contains"}, "a"), "*a*");
  EXPECT_EQ(Text({"startswith"}, "a"), "a*");
  EXPECT_EQ(Text({"endswith"}, "*a"), "*a");
  EXPECT_EQ(Text({"contains"}, R"(\*a\*)"), "**a**");
  EXPECT_EQ(Text({"base64offset", "contains"}, "a"), "a");
  EXPECT_EQ(Text({}, "a*b"), "a*b");
}

TEST(WildTextTest, ATrailingBackslashDoesNotEscapeTheAddedWildcard) {
  const Item item = ItemOf({"contains"}, R"(\Desktop\)");
  EXPECT_EQ(TextOf(item, item.values[0]).Raw(false), R"(*\\Desktop\\*)");
}

TEST(WildTextTest, RegexMatchesWhatTheTextMatches) {
  EXPECT_EQ(WildText::Parse(R"(*.example.\?m?)", false).Regex(),
            R"(.*\.example\.\?m.)");
}

TEST(SetTextsTest, ValuesThatStayTakeInTheWildcardsOfTheItem) {
  Item item = ItemOf({"endswith", "all"}, "a");
  item.values.push_back(item.values[0]);
  item.values[1].text = "b";
  SetTexts({std::vector<WildText>{WildText::Parse("x", false)}, std::nullopt},
           &item);
  EXPECT_EQ(item.values[0].text, "x");
  EXPECT_EQ(item.values[1].text, "*b");
  ASSERT_EQ(item.modifiers.size(), 1u);
  EXPECT_EQ(item.modifiers[0].name, "all");
}

TEST(ReplacerTest, GroupsKeepWildcards) {
  EXPECT_EQ(Replace(R"(^(.*)\\([^\\]+)$)", R"(\2 in \g<1>)", R"(*\a*.exe)"),
            "a*.exe in *");
  EXPECT_EQ(Replace("(?P<x>b)", R"([\g<x>])", "abc"), "a[b]c");
}

TEST(ReplacerTest, ALiteralStarStaysLiteral) {
  EXPECT_EQ(Replace("b", "c", R"(a\*b*)"), R"(a\*c*)");
}

TEST(ReplacerTest, ABackslashBeforeAWildcardStaysABackslash) {
  EXPECT_EQ(Replace("C:", "D:", R"(C:\\*)"), R"(D:\\*)");
}

TEST(ReplacerTest, StarsOfTheReplacementAreWildcards) {
  EXPECT_EQ(Replace("b+", "*", "abbc"), "a*c");
  EXPECT_EQ(Replace("b+", R"(\*)", "abbc"), R"(a\*c)");
  EXPECT_EQ(Replace("b+", "*", "abbc", {.skip_special = true}), R"(a\*c)");
  EXPECT_EQ(Replace("b+", "*", "abbc",
                    {.skip_special = true, .interpret_special = true}),
            "a*c");
}

TEST(ReplacerTest, SkipSpecialMatchesLiteralStretchesOnly) {
  EXPECT_EQ(Replace("[*]", "x", "a*b"), "axb");
  EXPECT_EQ(Replace("[*]", "x", "a*b", {.skip_special = true}), "-");
  EXPECT_EQ(Replace("^b$", "x", "a*b", {.skip_special = true}), "a*x");
}

TEST(ReplacerTest, EmptyMatchesStepOverWholeCharacters) {
  EXPECT_EQ(Replace("", "-", "é1"), "-é-1-");
  EXPECT_EQ(Replace("x*", "-", "axb"), "-a--b-");
}

TEST(ReplacerTest, BadTemplatesAreNamed) {
  EXPECT_EQ(Replace("a", R"(\1)", "a"), "has no group `1`");
  EXPECT_EQ(Replace("a", R"(\g<n>)", "a"), "has no group `n`");
  EXPECT_EQ(Replace("a", R"(\gn)", "a"), "has a `\\g` without `<name>`");
  EXPECT_EQ(Replace("a", R"(\q)", "a"), "has an unknown escape `\\q`");
}

TEST(ReplacerTest, ResultsAreBounded) {
  EXPECT_EQ(Replace("", std::string(100, 'x'), std::string(100, 'y')),
            "too much");
}

}  // namespace
}  // namespace tocsin::sigma
