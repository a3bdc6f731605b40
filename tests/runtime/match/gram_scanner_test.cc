#include "src/runtime/match/gram_scanner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::runtime {
namespace {

std::set<uint32_t> Ids(const GramScanner& scanner, std::string_view text) {
  std::vector<uint32_t> ids;
  scanner.Find(text, &ids);
  return {ids.begin(), ids.end()};
}

std::set<uint32_t> PortableIds(const GramScanner& scanner,
                               std::string_view text) {
  std::vector<uint32_t> ids;
  scanner.FindPortably(text, &ids);
  return {ids.begin(), ids.end()};
}

char Lower(char c) { return static_cast<char>(c | 0x20); }

// What the scanner promises, in one loop.
std::set<uint32_t> NaiveIds(const std::vector<std::string>& literals,
                            std::string_view text, bool lower) {
  std::string haystack(text);
  if (lower) {
    std::transform(haystack.begin(), haystack.end(), haystack.begin(), Lower);
  }
  std::set<uint32_t> ids;
  for (uint32_t i = 0; i < literals.size(); ++i) {
    std::string needle = literals[i];
    if (lower) {
      std::transform(needle.begin(), needle.end(), needle.begin(), Lower);
    }
    if (haystack.find(needle) != std::string::npos) ids.insert(i);
  }
  return ids;
}

TEST(GramScannerTest, ALiteralIsFoundAtEveryPlaceOfAText) {
  for (const std::string_view literal :
       {"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefghij"}) {
    GramScanner scanner;
    scanner.Add(literal, 7);
    scanner.Build();
    for (size_t before = 0; before < 80; ++before) {
      std::string text(before, '.');
      text += literal;
      EXPECT_EQ(Ids(scanner, text), std::set<uint32_t>{7}) << literal;
      text += std::string(before, '.');
      EXPECT_EQ(Ids(scanner, text), std::set<uint32_t>{7}) << literal;
      text.erase(before, 1);
      EXPECT_TRUE(Ids(scanner, text).empty() || literal.size() == 1) << text;
    }
  }
}

TEST(GramScannerTest, TextsShorterThanTheLiteralsHoldNone) {
  GramScanner scanner;
  scanner.Add("abcdefg", 0);
  scanner.Add("abc", 1);
  scanner.Build();
  EXPECT_TRUE(Ids(scanner, "").empty());
  EXPECT_TRUE(Ids(scanner, "ab").empty());
}

TEST(GramScannerTest, EqualLiteralsHaveAnIdEach) {
  GramScanner scanner;
  scanner.Add("mimikatz", 3);
  scanner.Add("mimikatz", 4);
  scanner.Build();
  EXPECT_EQ(Ids(scanner, "run mimikatz now"), (std::set<uint32_t>{3, 4}));
}

TEST(GramScannerTest, WithTheLowerBitCaseDoesNotCount) {
  GramScanner scanner(GramScanner::Case::kLowerBit);
  scanner.Add("mimikatz", 0);
  scanner.Add("iex", 1);
  scanner.Build();
  EXPECT_EQ(Ids(scanner, "MimiKatz | IEX"), (std::set<uint32_t>{0, 1}));
}

// Small alphabets, so that parts of literals occur again and again.
TEST(GramScannerTest, AgreesWithASearchForEachLiteral) {
  std::mt19937 random(20260115);
  const auto text_of = [&](size_t size) {
    static constexpr std::string_view kAlphabet = "abAB\\|x";
    std::string text;
    while (text.size() < size) text += kAlphabet[random() % kAlphabet.size()];
    return text;
  };
  for (int round = 0; round < 200; ++round) {
    const bool lower = round % 2 == 0;
    GramScanner scanner(lower ? GramScanner::Case::kLowerBit
                              : GramScanner::Case::kAsIs);
    std::vector<std::string> literals;
    for (uint32_t i = 0; i < 30; ++i) {
      literals.push_back(text_of(1 + random() % 12));
      scanner.Add(literals.back(), i);
    }
    scanner.Build();
    for (int i = 0; i < 10; ++i) {
      const std::string text = text_of(random() % 200);
      const std::set<uint32_t> expected = NaiveIds(literals, text, lower);
      ASSERT_EQ(Ids(scanner, text), expected) << text;
      ASSERT_EQ(PortableIds(scanner, text), expected) << text;
    }
  }
}

}  // namespace
}  // namespace tocsin::runtime
