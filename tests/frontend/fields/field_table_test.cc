#include "src/frontend/fields/field_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/frontend/pages.h"

namespace tocsin::fields {
namespace {

using base::Derivation;
using base::FieldMapping;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<FieldMapping> Read(const std::string& yaml) {
  Diagnostics diagnostics;
  const text::Source source("fields.yml", yaml);
  std::vector<FieldMapping> mappings = ParseFieldTables(source, &diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) {
    ADD_FAILURE() << RenderDiagnostic(diagnostic);
  }
  return mappings;
}

std::string Messages(const std::string& yaml) {
  Diagnostics diagnostics;
  const text::Source source("fields.yml", yaml);
  ParseFieldTables(source, &diagnostics);
  std::string messages;
  for (const Diagnostic& diagnostic : diagnostics) {
    messages += RenderDiagnostic(diagnostic);
  }
  return messages;
}

TEST(FieldTableTest, ANameIsAnotherName) {
  const std::vector<FieldMapping> mappings = Read(R"(
fields:
  - logsource: {product: acme, service: login}
    map:
      user.name: acme.who
      source.ip: [acme.ip, acme.address]
)");
  ASSERT_THAT(mappings, SizeIs(2));
  EXPECT_EQ(mappings[0].field, "user.name");
  EXPECT_EQ(mappings[0].source,
            (LogSource{.product = "acme", .service = "login"}));
  EXPECT_EQ(mappings[0].as, Derivation::kSame);
  EXPECT_THAT(mappings[0].from, ElementsAre("acme.who"));
  EXPECT_THAT(mappings[1].from, ElementsAre("acme.ip", "acme.address"));
}

TEST(FieldTableTest, AFieldMayBeMadeOfAnother) {
  const std::vector<FieldMapping> mappings = Read(R"(
fields:
  - when: {acme.kind: [a, b]}
    map:
      event.category: {value: [network, web]}
      process.name: {from: acme.exe, as: file_name}
      event.outcome: {from: acme.code, words: {"0": success, "*": failure}}
      event.type: {from: acme.error, as: present, values: [error, info]}
      user.email: {from: acme.text, as: capture, with: 'mail=(\S+)'}
      acme.*: other.*
)");
  ASSERT_THAT(mappings, SizeIs(6));
  EXPECT_EQ(mappings[0].when_field, "acme.kind");
  EXPECT_THAT(mappings[0].when_values, ElementsAre("a", "b"));
  EXPECT_EQ(mappings[0].as, Derivation::kValue);
  EXPECT_THAT(mappings[0].values, ElementsAre("network", "web"));
  EXPECT_EQ(mappings[1].as, Derivation::kFileName);
  EXPECT_THAT(mappings[2].words,
              ElementsAre(Pair("0", ElementsAre("success")),
                          Pair("*", ElementsAre("failure"))));
  EXPECT_THAT(mappings[3].values, ElementsAre("error", "info"));
  EXPECT_EQ(mappings[4].argument, "mail=(\\S+)");
  EXPECT_TRUE(mappings[5].is_pattern());
}

TEST(FieldTableTest, WhatIsWrongIsLeftOutAndTheRestStays) {
  Diagnostics diagnostics;
  const text::Source source("fields.yml", R"(
fields:
  - map:
      a: {from: b, as: file}
      c: d
)");
  EXPECT_THAT(ParseFieldTables(source, &diagnostics), SizeIs(1));
  EXPECT_THAT(diagnostics, SizeIs(1));
}

TEST(FieldTableTest, AnUnknownWordIsNamed) {
  EXPECT_THAT(Messages("fields:\n  - map:\n      a: {from: b, as: filename}\n"),
              HasSubstr("[T901]: unknown word `filename` for `as`"));
}

TEST(FieldTableTest, AnUnknownKeyIsNamed) {
  EXPECT_THAT(Messages("fields:\n  - maps: {a: b}\n"),
              HasSubstr("did you mean `map`?"));
}

TEST(FieldTableTest, ACaptureNeedsAGroup) {
  EXPECT_THAT(
      Messages(
          "fields:\n  - map:\n      a: {from: b, as: capture, with: '\\d+'}\n"),
      HasSubstr("the expression has no group to take from"));
}

TEST(FieldTableTest, AStarStandsAtTheEnd) {
  EXPECT_THAT(Messages("fields:\n  - map:\n      a: b.*\n"),
              HasSubstr("[T902]: `*` may stand at the end of a name only"));
}

TEST(FieldTableTest, ThePagesOfDiagnosticsShowWhatIsSaid) {
  for (const std::string& code : tocsin::testing::PagesOf(900, 909)) {
    tocsin::testing::ExpectPage(code, {"yaml"}, Messages);
  }
  tocsin::testing::ExpectPagesOf(900, 909, "src/frontend/fields");
}

}  // namespace
}  // namespace tocsin::fields
