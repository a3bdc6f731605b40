#include "src/runtime/match/literal_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::runtime {
namespace {

using Anchor = LiteralFinder::Anchor;
using Form = LiteralFinder::Form;

std::set<uint32_t> AnchoredIds(const LiteralFinder& finder,
                               std::string_view text) {
  std::vector<uint32_t> ids;
  finder.FindAnchored(text, &ids);
  return {ids.begin(), ids.end()};
}

TEST(LiteralFinderTest, LiteralsOfEachAnchorAreFoundInScanTexts) {
  LiteralFinder finder(Form::kScanText);
  finder.Add(Anchor::kEnd, R"(\cmd.exe)", 0);
  finder.Add(Anchor::kStart, R"(c:\windows\)", 1);
  finder.Add(Anchor::kWhole, R"(c:\windows\cmd.exe)", 2);
  finder.Add(Anchor::kNumber, "4688", 3);
  finder.Add(Anchor::kWhole, "", 4);
  finder.Build();
  EXPECT_EQ(AnchoredIds(finder, R"(C:\\Windows\\CMD.EXE)"),
            (std::set<uint32_t>{0, 1, 2}));
  EXPECT_EQ(AnchoredIds(finder, R"(D:\\cmd.exe)"), std::set<uint32_t>{0});
  EXPECT_TRUE(AnchoredIds(finder, R"(D:\\\cmd.exe)").empty());
  EXPECT_EQ(AnchoredIds(finder, "4688"), std::set<uint32_t>{3});
  EXPECT_EQ(AnchoredIds(finder, ""), std::set<uint32_t>{4});
  EXPECT_EQ(finder.numbers(), std::vector<uint32_t>{3});
}

TEST(LiteralFinderTest, PlainTextsAreComparedAsTheyAre) {
  LiteralFinder finder(Form::kPlain);
  finder.Add(Anchor::kEnd, R"(\a)", 0);
  finder.Add(Anchor::kAnywhere, R"(b\)", 1);
  finder.Build();
  EXPECT_EQ(AnchoredIds(finder, R"(\\a)"), std::set<uint32_t>{0});
  EXPECT_TRUE(AnchoredIds(finder, R"(\A)").empty());
  std::vector<uint32_t> ids;
  finder.FindInner(R"(ab\c)", true, &ids);
  EXPECT_EQ(ids, std::vector<uint32_t>{1});
}

TEST(LiteralFinderTest, AgreesWithAComparisonForEachLiteral) {
  std::mt19937 random(20260118);
  const auto text_of = [&](size_t size) {
    std::string text;
    while (text.size() < size) text += "ab"[random() % 2];
    return text;
  };
  for (int round = 0; round < 300; ++round) {
    LiteralFinder finder(Form::kScanText);
    std::vector<std::pair<Anchor, std::string>> literals;
    for (uint32_t i = 0; i < 40; ++i) {
      const Anchor anchor =
          std::vector{Anchor::kWhole, Anchor::kStart, Anchor::kEnd}[i % 3];
      literals.emplace_back(anchor, text_of(1 + random() % 12));
      finder.Add(anchor, literals.back().second, i);
    }
    finder.Build();
    for (int i = 0; i < 20; ++i) {
      const std::string text = text_of(random() % 24);
      std::set<uint32_t> expected;
      for (uint32_t id = 0; id < literals.size(); ++id) {
        const auto& [anchor, literal] = literals[id];
        const bool stands = anchor == Anchor::kStart ? text.starts_with(literal)
                            : anchor == Anchor::kEnd ? text.ends_with(literal)
                                                     : text == literal;
        if (stands) expected.insert(id);
      }
      ASSERT_EQ(AnchoredIds(finder, text), expected) << text;
    }
  }
}

}  // namespace
}  // namespace tocsin::runtime
