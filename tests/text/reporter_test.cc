#include "src/text/reporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace tocsin::text {
namespace {

using ::testing::HasSubstr;

Diagnostic Report(const std::string& text, Range range,
                  const std::string& message) {
  const Source source("rules/a.yml", text);
  Diagnostics diagnostics;
  Reporter reporter(source, &diagnostics);
  reporter.Error("T014", range, message, "did you mean `startswith`?");
  return diagnostics.front();
}

TEST(RenderTest, ShowsPlaceLineCaretsAndHelp) {
  const Diagnostic diagnostic =
      Report("\n        user.name|startwith: adm\n", {{2, 19}, 9},
             "unknown modifier `startwith`");
  EXPECT_EQ(RenderDiagnostic(diagnostic),
            "rules/a.yml:2:19: error[T014]: unknown modifier `startwith`\n"
            "   2 |         user.name|startwith: adm\n"
            "     |                   ^^^^^^^^^\n"
            "   = help: did you mean `startswith`?\n");
}

TEST(RenderTest, CaretsStandUnderCharactersOfAnyLength) {
  const Diagnostic diagnostic = Report("путь: x", {{1, 7}, 1}, "m");
  EXPECT_THAT(RenderDiagnostic(diagnostic), HasSubstr("   1 | путь: x\n"
                                                      "     |       ^\n"));
}

TEST(RenderTest, ControlCharactersBecomeSpaces) {
  Diagnostic diagnostic =
      Report("a\tb\x1b[31mc", {{1, 3}, 1}, "bad\nname \x1b[0m");
  diagnostic.path = "a\nb";
  const std::string text = RenderDiagnostic(diagnostic);
  EXPECT_EQ(text,
            "a b:1:3: error[T014]: bad name  [0m\n"
            "   1 | a b [31mc\n"
            "     |   ^\n"
            "   = help: did you mean `startswith`?\n");
}

TEST(RenderTest, ALongLineIsCutAroundThePlace) {
  const std::string line =
      std::string(5000, 'a') + "HERE" + std::string(5000, 'b');
  const Diagnostic diagnostic = Report(line, {{1, 5001}, 4}, "m");
  EXPECT_EQ(diagnostic.source_line.size(), 400u);
  const std::string text = RenderDiagnostic(diagnostic);
  EXPECT_LT(text.size(), 400u);
  EXPECT_THAT(text, HasSubstr("..."));
  const size_t line_start = text.find(" | ") + 3;
  const size_t caret_start = text.find(" | ", line_start) + 3;
  EXPECT_EQ(text.find("HERE", line_start) - line_start,
            text.find("^^^^", caret_start) - caret_start);
}

TEST(RenderTest, AFileWithoutPlaceHasNoSourceLine) {
  EXPECT_EQ(RenderDiagnostic(Report("x", {}, "cannot be read")),
            "rules/a.yml: error[T014]: cannot be read\n"
            "   = help: did you mean `startswith`?\n");
}

TEST(RenderTest, JsonHasTheMembersOfTheStruct) {
  const std::string json = DiagnosticToJson(Report("a\"b", {{1, 2}, 1}, "m"));
  EXPECT_EQ(json, R"({"severity":"error","code":"T014","path":"rules/a.yml",)"
                  R"("line":1,"column":2,"length":1,"message":"m",)"
                  R"("source_line":"a\"b","help":"did you mean `startswith`?",)"
                  R"("rule_id":"","rule_title":""})");
}

TEST(ReporterTest, AFloodOfProblemsIsCutAndSaysSo) {
  const Source source("a.yml", "x");
  Diagnostics diagnostics;
  Reporter reporter(source, &diagnostics);
  for (int i = 0; i < 1000; ++i) reporter.Error("T014", {}, "m");
  EXPECT_EQ(reporter.errors(), 1000);
  EXPECT_EQ(diagnostics.size(), size_t{Reporter::kMaxDiagnostics});
  EXPECT_THAT(diagnostics.back().help, HasSubstr("not listed"));
}

TEST(ReporterTest, TheFirstErrorIsToldAfterAnyNumberOfWarnings) {
  const Source source("a.yml", "x");
  Diagnostics diagnostics;
  Reporter reporter(source, &diagnostics);
  for (int i = 0; i < 1000; ++i) reporter.Warning("T050", {}, "m");
  reporter.Error("T014", {}, "lost");
  EXPECT_EQ(diagnostics.back().message, "lost");
}

TEST(DidYouMeanTest, FindsTheNearestWord) {
  constexpr std::array<std::string_view, 4> kWords = {"startswith", "endswith",
                                                      "contains", "lt"};
  EXPECT_EQ(DidYouMean("startwith", kWords), "did you mean `startswith`?");
  EXPECT_EQ(DidYouMean("CONTAINS", kWords), "did you mean `contains`?");
  EXPECT_EQ(DidYouMean("cotnains", kWords), "did you mean `contains`?");
  EXPECT_EQ(DidYouMean("xyz", kWords), "");
  EXPECT_EQ(DidYouMean("gt", kWords), "did you mean `lt`?");
  EXPECT_EQ(DidYouMean(std::string(100, 'x'), kWords), "");
}

}  // namespace
}  // namespace tocsin::text
