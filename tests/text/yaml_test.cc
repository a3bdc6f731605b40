#include "src/text/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::text {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Parsed {
  explicit Parsed(std::string text, YamlOptions options = {})
      : source("a.yml", std::move(text)),
        documents(ParseYaml(source, &diagnostics, &found, options)) {}

  Source source;
  Diagnostics diagnostics;
  int found = 0;
  std::vector<YamlDocument> documents;
};

TEST(YamlTest, ScalarsKeepPlaceAndQuoting) {
  const Parsed parsed("a: 4688\nb: 'x''y'\n");
  ASSERT_THAT(parsed.documents, SizeIs(1));
  const YamlNode& root = parsed.documents[0].root;
  const YamlNode* a = root.Find("a");
  EXPECT_EQ(a->value, "4688");
  EXPECT_FALSE(a->quoted);
  EXPECT_EQ(a->range, (Range{{1, 4}, 4}));
  const YamlNode* b = root.Find("b");
  EXPECT_EQ(b->value, "x'y");
  EXPECT_TRUE(b->quoted);
  EXPECT_EQ(b->range, (Range{{2, 4}, 6}));
}

TEST(YamlTest, PlacesCountCharacters) {
  const Parsed parsed("\n ключ: значение");
  const YamlNode& root = parsed.documents[0].root;
  EXPECT_EQ(root.entries[0].first.range, (Range{{2, 2}, 4}));
  EXPECT_EQ(root.entries[0].second.range, (Range{{2, 8}, 8}));
}

TEST(YamlTest, OneBrokenDocumentDoesNotCostTheOthers) {
  const Parsed parsed("a: 1\n---\nb: [1\n---\nc: 'open\n---\nd: 4\n");
  EXPECT_EQ(parsed.found, 4);
  ASSERT_THAT(parsed.documents, SizeIs(2));
  EXPECT_NE(parsed.documents[0].root.Find("a"), nullptr);
  EXPECT_NE(parsed.documents[1].root.Find("d"), nullptr);
  EXPECT_EQ(parsed.documents[1].start, (Position{7, 1}));
  ASSERT_THAT(parsed.diagnostics, SizeIs(2));
  EXPECT_EQ(parsed.diagnostics[0].code, "T003");
}

TEST(YamlTest, ThreeDotsEndADocument) {
  const Parsed parsed("a: 1\n...\nb: [\n...\nc: 3\n...\n...\n");
  EXPECT_EQ(parsed.found, 3);
  ASSERT_THAT(parsed.documents, SizeIs(2));
  EXPECT_EQ(parsed.documents[1].start, (Position{5, 1}));
}

TEST(YamlTest, AFileOfNothingButMarkersIsRefusedEarly) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "---\n";
  const Parsed parsed(text);
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(parsed.diagnostics[0].code, "T005");
}

TEST(YamlTest, EmptyDocumentsAreLeftOut) {
  const Parsed parsed("# comment\n---\n---\na: 1\n---\n# the end\n");
  EXPECT_EQ(parsed.found, 1);
  EXPECT_THAT(parsed.documents, SizeIs(1));
  EXPECT_THAT(parsed.diagnostics, IsEmpty());
}

TEST(YamlTest, DirectivesBelongToTheDocumentBelow) {
  const Parsed parsed("%YAML 1.2\n---\na: 1\n");
  EXPECT_THAT(parsed.documents, SizeIs(1));
  EXPECT_THAT(parsed.diagnostics, IsEmpty());
}

// B092
TEST(YamlTest, ARepeatedKeyNamesBothLines) {
  const Parsed parsed(
      "s:\n  CommandLine|contains: a\n  Image: x\n"
      "  CommandLine|contains: b\n");
  EXPECT_THAT(parsed.documents, IsEmpty());
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(parsed.diagnostics[0].code, "T004");
  EXPECT_EQ(parsed.diagnostics[0].line, 4);
  EXPECT_THAT(parsed.diagnostics[0].message, HasSubstr("first on line 2"));
}

TEST(YamlTest, ARepeatedKeyOfALongMapIsFoundToo) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "k" + std::to_string(i) + ": 1\n";
  text += "k7: 2\n";
  EXPECT_EQ(Parsed(text).diagnostics.at(0).code, "T004");
}

// B088
TEST(YamlTest, Yaml11WordsAreText) {
  const Parsed parsed("on: a\noff: b\ny: c\nv: yes\n");
  const YamlNode& root = parsed.documents[0].root;
  ASSERT_THAT(root.entries, SizeIs(4));
  EXPECT_EQ(root.entries[0].first.value, "on");
  EXPECT_EQ(root.entries[2].first.value, "y");
  EXPECT_EQ(root.Find("v")->AsBool(), std::nullopt);
}

TEST(YamlTest, PlainScalarsHaveTheTypesOfTheCoreSchema) {
  const Parsed parsed(
      "n: [null, ~, Null, NULL]\nb: [true, FALSE]\n"
      "i: [4688, -1, +1, 1.5e3]\nt: [0123, 0x1F, .5, 1_000, '5', nULL]\n");
  const YamlNode& root = parsed.documents[0].root;
  for (const YamlNode& node : root.Find("n")->items) {
    EXPECT_TRUE(node.is_null()) << node.value;
  }
  EXPECT_EQ(root.Find("b")->items[0].AsBool(), true);
  EXPECT_EQ(root.Find("b")->items[1].AsBool(), false);
  for (const YamlNode& node : root.Find("i")->items) {
    EXPECT_TRUE(node.AsNumber().has_value()) << node.value;
  }
  for (const YamlNode& node : root.Find("t")->items) {
    EXPECT_FALSE(node.AsNumber() || node.is_null()) << node.value;
  }
}

TEST(YamlTest, AliasesAreCopies) {
  const Parsed parsed(
      "a: &x {k: [1, 2]}\nb: *x\nc: [&y z, *y]\n? &key q\n: *key\n");
  EXPECT_THAT(parsed.diagnostics, IsEmpty());
  const YamlNode& root = parsed.documents.at(0).root;
  EXPECT_THAT(root.Find("b")->Find("k")->items, SizeIs(2));
  EXPECT_EQ(root.Find("c")->items[1].value, "z");
  EXPECT_EQ(root.Find("q")->value, "q");
}

TEST(YamlTest, AnAliasInsideItsOwnAnchorIsAnError) {
  for (const char* text : {"&a [*a]", "&a {k: *a}", "x: &a {k: [1, *a]}"}) {
    const Parsed parsed(text);
    ASSERT_THAT(parsed.diagnostics, SizeIs(1)) << text;
    EXPECT_THAT(parsed.diagnostics[0].message, HasSubstr("its own anchor"));
  }
}

// B090
TEST(YamlTest, AnAliasBombIsRefused) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i <= 21; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last +
            ", " + last + "]\n";
  }
  const Parsed parsed(text);
  EXPECT_THAT(parsed.documents, IsEmpty());
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(parsed.diagnostics[0].code, "T005");
  EXPECT_THAT(parsed.diagnostics[0].message, HasSubstr("aliases"));
}

TEST(YamlTest, DepthAndSizeAreLimited) {
  const Parsed deep(std::string(100'000, '['));
  ASSERT_THAT(deep.diagnostics, SizeIs(1));
  EXPECT_EQ(deep.diagnostics[0].code, "T005");
  const Parsed wide("[a, b, c, d, e]", {.max_nodes = 5});
  ASSERT_THAT(wide.diagnostics, SizeIs(1));
  EXPECT_EQ(wide.diagnostics[0].code, "T005");
}

TEST(YamlTest, OtherEncodingsAreNamed) {
  const Parsed utf16(std::string("\xFF\xFEt\0i\0", 6));
  ASSERT_THAT(utf16.diagnostics, SizeIs(1));
  EXPECT_THAT(utf16.diagnostics[0].message, HasSubstr("UTF-16"));
  EXPECT_EQ(utf16.found, 1);
  const Parsed latin1("a: 1\n---\nb: caf\xE9\n---\nc: 3\n");
  EXPECT_THAT(latin1.documents, SizeIs(2));
  ASSERT_THAT(latin1.diagnostics, SizeIs(1));
  EXPECT_EQ(latin1.diagnostics[0].code, "T002");
  EXPECT_EQ(latin1.diagnostics[0].line, 3);
  EXPECT_EQ(latin1.diagnostics[0].column, 7);
}

TEST(YamlTest, SyntaxErrorsComeWithAdvice) {
  const Parsed tab("a:\n\tb: 1\n");
  EXPECT_THAT(tab.diagnostics.at(0).help, HasSubstr("tabs"));
  const Parsed escape("a: \"C:\\Windows\"\n");
  EXPECT_THAT(escape.diagnostics.at(0).help, HasSubstr("single quotes"));
  EXPECT_EQ(escape.diagnostics.at(0).line, 1);
}

TEST(YamlTest, WindowsLineBreaksCountOnce) {
  const Parsed parsed("a: 1\r\nb: x\r\n");
  EXPECT_EQ(parsed.documents[0].root.Find("b")->range.start, (Position{2, 4}));
}

TEST(YamlTest, JsonIsRead) {
  const Parsed parsed(R"({"a": [1, "2"], "b": null})");
  const YamlNode& root = parsed.documents.at(0).root;
  EXPECT_TRUE(root.Find("a")->items[0].AsNumber().has_value());
  EXPECT_FALSE(root.Find("a")->items[1].AsNumber().has_value());
  EXPECT_TRUE(root.Find("b")->is_null());
}

}  // namespace
}  // namespace tocsin::text
