// docs/formats/ecs.md says what the tables say, and each derivation does what
// its row says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/base/field_mapping.h"
#include "src/base/string_map.h"
#include "src/logsource/ecs_tables.h"

namespace tocsin::logsource {
namespace {

using base::Derivation;
using base::ToAbsl;

constexpr char kPage[] = TOCSIN_SOURCE_DIR "/docs/formats/ecs.md";

std::string Code(std::string_view text) {
  // A bar would end a cell.
  return absl::StrCat("`", absl::StrReplaceAll(ToAbsl(text), {{"|", "\\|"}}),
                      "`");
}

std::string Joined(std::string_view list, std::string_view between) {
  std::vector<std::string> words;
  for (const absl::string_view word : absl::StrSplit(ToAbsl(list), '|')) {
    words.push_back(Code(base::FromAbsl(word)));
  }
  return absl::StrJoin(words, ToAbsl(between));
}

std::string_view NameOf(Derivation as) {
  return base::Derivations()[static_cast<size_t>(as)].name;
}

std::string Meaning(const EcsField& row) {
  std::string text;
  if (row.as == Derivation::kValue) return Joined(row.argument, ", ");
  text = Joined(row.from, " or ");
  if (row.as == Derivation::kAll) text = Joined(row.from, ", ");
  if (row.as == Derivation::kPresent) {
    const std::vector<std::string> words =
        absl::StrSplit(ToAbsl(row.argument), '|');
    absl::StrAppend(&text, " there: ", Code(words[0]), ", else ",
                    Code(words[1]));
    return text;
  }
  if (row.as != Derivation::kSame) {
    absl::StrAppend(&text, ", ", ToAbsl(NameOf(row.as)));
  }
  if (!row.argument.empty()) absl::StrAppend(&text, " ", Code(row.argument));
  std::vector<std::string> words;
  for (const absl::string_view pair : absl::StrSplit(ToAbsl(row.words), ';')) {
    if (pair.empty()) continue;
    const std::vector<std::string> sides =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    const std::string value = sides[0] == "*" ? "others" : Code(sides[0]);
    words.push_back(sides[1].empty() ? absl::StrCat(value, ": none")
                    : sides[1] == "*"
                        ? absl::StrCat(value, " stay")
                        : absl::StrCat(value, ": ", Joined(sides[1], ", ")));
  }
  if (!words.empty()) {
    absl::StrAppend(&text, "; ", absl::StrJoin(words, "; "));
  }
  return text;
}

std::string TablesMarkdown() {
  std::string page;
  absl::StrAppend(&page, "| `as` | makes | of | this |\n|---|---|---|---|\n");
  for (const base::DerivationSpec& spec : base::Derivations()) {
    std::string name = Code(spec.name);
    if (!spec.argument.empty()) {
      absl::StrAppend(&name, " with ", ToAbsl(spec.argument));
    }
    absl::StrAppend(
        &page, "| ", name, " | ", ToAbsl(spec.meaning), " | ",
        spec.example.empty() ? "" : Code(spec.example),
        spec.example_argument.empty()
            ? ""
            : absl::StrCat(" with ", Code(spec.example_argument)),
        " | ",
        spec.example_result.empty() ? "" : Joined(spec.example_result, ", "),
        " |\n");
  }
  for (const EcsTable& table : EcsTables()) {
    absl::StrAppend(&page, "\n### ", ToAbsl(table.name), "\n\n");
    std::vector<std::string> source;
    if (!table.product.empty()) {
      source.push_back(absl::StrCat("product ", Code(table.product)));
    }
    if (!table.category.empty()) {
      source.push_back(absl::StrCat("category ", Code(table.category)));
    }
    if (!table.service.empty()) {
      source.push_back(absl::StrCat("service ", Code(table.service)));
    }
    absl::StrAppend(&page, "Events of ", absl::StrJoin(source, ", "));
    if (!table.when_field.empty()) {
      absl::StrAppend(&page, " whose ", Code(table.when_field), " is ",
                      Joined(table.when_values, " or "));
    }
    absl::StrAppend(&page, ".\n\n| field | is |\n|---|---|\n");
    for (const EcsField& row : table.fields) {
      absl::StrAppend(&page, "| ", Code(row.field), " | ", Meaning(row),
                      " |\n");
    }
  }
  return page;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The page ends with the tables. With TOCSIN_UPDATE_GOLDENS=1 that part is
// written anew.
TEST(EcsPageTest, ThePageEndsWithTheTables) {
  const std::string page = ReadFile(kPage);
  const std::string heading = "## The tables\n\n";
  const size_t start = page.find(heading);
  ASSERT_NE(start, std::string::npos);
  if (std::getenv("TOCSIN_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(kPage) << page.substr(0, start + heading.size())
                         << TablesMarkdown();
    return;
  }
  EXPECT_EQ(page.substr(start + heading.size()), TablesMarkdown());
}

TEST(EcsPageTest, EachDerivationDoesWhatItsRowSays) {
  for (size_t i = 0; i < base::Derivations().size(); ++i) {
    const base::DerivationSpec& spec = base::Derivations()[i];
    EXPECT_EQ(static_cast<size_t>(spec.derivation), i) << spec.name;
    if (spec.example.empty()) continue;
    const RE2 capture{std::string(spec.example_argument)};
    std::vector<std::string> made;
    base::Derive(spec.derivation, spec.example_argument, &capture, spec.example,
                 &made);
    const std::vector<std::string> expected =
        absl::StrSplit(ToAbsl(spec.example_result), '|');
    EXPECT_EQ(made, expected) << spec.name;
  }
}

// A text that a derivation has no use for makes nothing, and no fault.
TEST(EcsPageTest, DerivationsBearAnyText) {
  for (const base::DerivationSpec& spec : base::Derivations()) {
    for (const std::string text :
         {"", "\\", "/", "\"", "=", ",=,", "\\\\\\\"", "DWORD (0x)",
          "QWORD (0x00000000-0x0000000g)", "a.", ".", "'", " \t "}) {
      std::vector<std::string> made;
      base::Derive(spec.derivation, "a", nullptr, text, &made);
      EXPECT_LE(made.size(), base::kMaxArguments) << spec.name << " " << text;
    }
  }
}

TEST(EcsPageTest, NoMappingIsWithoutUse) {
  for (const base::FieldMapping& mapping : EcsMappings()) {
    SCOPED_TRACE(mapping.field);
    EXPECT_EQ(mapping.from.empty(), mapping.as == Derivation::kValue);
    EXPECT_FALSE(mapping.source.product.empty());
    if (mapping.as == Derivation::kCapture) {
      const RE2 capture(mapping.argument);
      EXPECT_TRUE(capture.ok()) << mapping.argument;
      EXPECT_GE(capture.NumberOfCapturingGroups(), 1);
    }
  }
}

TEST(EcsPageTest, ArgumentsOfWindowsAreTakenApartAsWindowsDoes) {
  const auto arguments = [](std::string_view line) {
    std::vector<std::string> made;
    base::Derive(Derivation::kWindowsArguments, "", nullptr, line, &made);
    return made;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(arguments(R"(a.exe "b c" d)"), ElementsAre("a.exe", "b c", "d"));
  EXPECT_THAT(arguments(R"(a "b\"c" d)"), ElementsAre("a", "b\"c", "d"));
  EXPECT_THAT(arguments(R"(a b\\c "d\\" e)"),
              ElementsAre("a", R"(b\\c)", R"(d\)", "e"));
  EXPECT_THAT(arguments(R"(a "" b)"), ElementsAre("a", "", "b"));
  EXPECT_THAT(arguments(R"(a "b""c")"), ElementsAre("a", "b\"c"));
  EXPECT_THAT(arguments("  "), ElementsAre());
}

}  // namespace
}  // namespace tocsin::logsource
