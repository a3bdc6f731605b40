#include "src/runtime/match/gram_scanner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/runtime/match/scan_text.h"

namespace tocsin::runtime {
namespace {

std::set<uint32_t> Ids(GramScanner& scanner, std::string_view text) {
  std::vector<uint32_t> ids;
  scanner.Find(text, &ids);
  return {ids.begin(), ids.end()};
}

std::set<uint32_t> PortableIds(GramScanner& scanner, std::string_view text) {
  std::vector<uint32_t> ids;
  scanner.FindPortably(text, &ids);
  return {ids.begin(), ids.end()};
}

char Lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// What the scanner promises, in one loop.
std::set<uint32_t> NaiveIds(const std::vector<std::string>& literals,
                            std::string_view text, bool scan_text) {
  std::string haystack(text);
  if (scan_text) {
    std::transform(haystack.begin(), haystack.end(), haystack.begin(), Lower);
  }
  std::set<uint32_t> ids;
  for (uint32_t i = 0; i < literals.size(); ++i) {
    for (size_t at = haystack.find(literals[i]); at != std::string::npos;
         at = haystack.find(literals[i], at + 1)) {
      if (scan_text && !BeginsCharacter(haystack, at)) continue;
      ids.insert(i);
      break;
    }
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

TEST(GramScannerTest, InScanTextsCaseDoesNotCount) {
  GramScanner scanner(GramScanner::Form::kScanText);
  scanner.Add("mimikatz", 0);
  scanner.Add("iex", 1);
  scanner.Add("a_b", 2);
  scanner.Build();
  EXPECT_EQ(Ids(scanner, "MimiKatz | IEX"), (std::set<uint32_t>{0, 1}));
  EXPECT_TRUE(Ids(scanner,
                  "a\x7f"
                  "b")
                  .empty());  // Differs in one bit.
}

TEST(GramScannerTest, InScanTextsALiteralBeginsWhereACharacterDoes) {
  GramScanner scanner(GramScanner::Form::kScanText);
  scanner.Add("nop", 0);
  scanner.Add(R"(\\temp)", 1);
  scanner.Build();
  EXPECT_TRUE(Ids(scanner, R"(a\nop)").empty());  // A line break, then "op".
  EXPECT_EQ(Ids(scanner, R"(a\\nop)"), std::set<uint32_t>{0});
  EXPECT_TRUE(Ids(scanner, R"(c:\\\temp)").empty());  // Then a tab.
  EXPECT_EQ(Ids(scanner, R"(c:\\temp)"), std::set<uint32_t>{1});
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
    const bool scan_text = round % 2 == 0;
    GramScanner scanner(scan_text ? GramScanner::Form::kScanText
                                  : GramScanner::Form::kPlain);
    std::vector<std::string> literals;
    for (uint32_t i = 0; i < 30; ++i) {
      std::string literal = text_of(1 + random() % 12);
      if (scan_text) {
        std::transform(literal.begin(), literal.end(), literal.begin(), Lower);
      }
      literals.push_back(literal);
      scanner.Add(literal, i);
    }
    scanner.Build();
    for (int i = 0; i < 10; ++i) {
      const std::string text = text_of(random() % 200);
      const std::set<uint32_t> expected = NaiveIds(literals, text, scan_text);
      ASSERT_EQ(Ids(scanner, text), expected) << text;
      ASSERT_EQ(PortableIds(scanner, text), expected) << text;
    }
  }
}

// Texts full of what a literal would be found by, so that it is found by other
// bytes after a while.
TEST(GramScannerTest, FindsTheSameWhateverTheStreamHolds) {
  std::mt19937 random(20260116);
  std::vector<std::string> literals = {"quizzical", "zebra", "jukebox-zone",
                                       "exec_master"};
  for (int i = 0; i < 30; ++i) {
    literals.push_back("qx" + std::to_string(random() % 1000));
  }
  GramScanner scanner(GramScanner::Form::kScanText);
  for (uint32_t i = 0; i < literals.size(); ++i) scanner.Add(literals[i], i);
  scanner.Build();
  size_t bytes = 0;
  while (bytes < (size_t{3} << 20)) {
    std::string text;
    while (text.size() < 2000) {
      const std::string& literal = literals[random() % literals.size()];
      const size_t from = random() % literal.size();
      text += literal.substr(from, 1 + random() % (literal.size() - from));
    }
    bytes += text.size();
    if (random() % 20 != 0) {
      Ids(scanner, text);
      continue;
    }
    ASSERT_EQ(Ids(scanner, text), NaiveIds(literals, text, true)) << text;
  }
}

}  // namespace
}  // namespace tocsin::runtime
