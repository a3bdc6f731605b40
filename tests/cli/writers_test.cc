#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/cli/detection_writer.h"

namespace tocsin::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A detection that owns what it points at.
struct Sample : Detection::Details {
  RuleInfo rule{.id = "r1",
                .title = "Shell Started",
                .level = "high",
                .tags = {"attack.execution", "attack.t1059"},
                .path = "rules/shell.yml"};
  Event event = Event::Json("{}").set_origin("a.ndjson", 7);
  std::vector<MatchedField> fields = {
      {.field = "Image", .selection = "s", .value = FieldValue::String("sh")}};

  Timestamp time = Timestamp(1'768'472'430'000'000'000);
  TimeSource time_source = TimeSource::kField;

  std::string_view id() const override { return "0123"; }
  std::span<const MatchedField> matched() const override { return fields; }

  Detection Get() const {
    return Detection(rule, event, time, time_source, *this);
  }
};

std::string Write(DetectionWriter& writer, const Sample& sample) {
  std::string out;
  writer.Append(sample.Get(), &out);
  return out;
}

std::string CsvOf(const Sample& sample) {
  return Write(*MakeCsvWriter(), sample);
}

TEST(CsvWriterTest, OneLineADetection) {
  EXPECT_EQ(CsvOf(Sample()),
            "0123,2026-01-15T10:20:30Z,high,r1,\"Shell Started\","
            "rules/shell.yml,\"attack.execution attack.t1059\",a.ndjson,7,"
            "Image=sh,,\n");
}

TEST(CsvWriterTest, TheHeaderNamesAsManyColumnsAsALineHas) {
  std::string header;
  MakeCsvWriter()->Begin(&header);
  Sample sample;
  sample.rule.tags.clear();
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(commas(header), commas(CsvOf(sample)));
}

TEST(CsvWriterTest, QuotesAndCommasAreQuoted) {
  Sample sample;
  sample.rule.title = "a \"b\", c";
  EXPECT_THAT(CsvOf(sample), HasSubstr(",\"a \"\"b\"\", c\","));
}

TEST(CsvWriterTest, AFormulaIsNotOneForASpreadsheet) {
  for (const char* start : {"=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1"}) {
    Sample sample;
    sample.rule.title = start;
    EXPECT_THAT(CsvOf(sample), HasSubstr(std::string("'") + start)) << start;
  }
}

TEST(CsvWriterTest, LineBreaksAndControlCharactersAreWrittenOut) {
  Sample sample;
  sample.fields[0].value = FieldValue::String("a\nb\x1b[0m\t=1");
  EXPECT_THAT(CsvOf(sample), HasSubstr("Image=a\\nb\\x1b[0m\\t=1"));
}

TEST(CsvWriterTest, ADetectionWithoutTimeHasAnEmptyCell) {
  Sample sample;
  sample.time_source = TimeSource::kNone;
  EXPECT_THAT(CsvOf(sample), HasSubstr("0123,,high"));
}

TEST(TableWriterTest, RowsStandInColumnsBelowAHeading) {
  const auto writer = MakeTableWriter({.title_width = 13, .place_width = 10});
  EXPECT_EQ(Write(*writer, Sample()),
            "TIME                      LEVEL     RULE           EVENT       "
            "MATCHED\n"
            "2026-01-15T10:20:30Z      high      Shell Started  a.ndjson:7  "
            "Image=sh\n");
  EXPECT_THAT(Write(*writer, Sample()), Not(HasSubstr("TIME")));
}

TEST(TableWriterTest, TimesAreShownToTheMillisecond) {
  Sample sample;
  sample.time = Timestamp(1'768'472'430'123'456'789);
  EXPECT_THAT(Write(*MakeTableWriter({}), sample),
              HasSubstr("2026-01-15T10:20:30.123Z  high"));
}

TEST(TableWriterTest, ARowFitsTheTerminal) {
  const auto writer = MakeTableWriter(
      {.terminal = {.is_terminal = true, .width = 50}, .title_width = 13});
  Sample sample;
  sample.fields[0].value = FieldValue::String(std::string(500, 'x'));
  std::istringstream lines(Write(*writer, sample));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(DisplayWidth(line), 50) << line;
  }
}

TEST(TableWriterTest, ColoursAreOnlyForTerminals) {
  EXPECT_THAT(Write(*MakeTableWriter({}), Sample()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(
      Write(*MakeTableWriter({.terminal = {.colours = true}}), Sample()),
      HasSubstr("\x1b[31mhigh"));
}

TEST(TableWriterTest, AnEventCannotWriteToTheTerminal) {
  Sample sample;
  sample.fields[0].value = FieldValue::String("\x1b]0;title\x07");
  sample.fields[0].field =
      "Im\x1b"
      "age";
  sample.rule.title = "Shell\nStarted";
  const std::string out = Write(*MakeTableWriter({}), sample);
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
}

TEST(MatchedTextsTest, SaysOnceWhatStandsInSeveralSelections) {
  Sample sample;
  sample.fields.push_back(sample.fields[0]);
  sample.fields.back().selection = "other";
  EXPECT_EQ(MatchedTexts(sample.Get()).size(), 1u);
}

TEST(MatchedTextsTest, KeywordsAbsenceAndNullHaveNames) {
  Sample sample;
  sample.fields = {{.field = "", .value = FieldValue::String("word")},
                   {.field = "a", .absent = true},
                   {.field = "b"}};
  EXPECT_THAT(MatchedTexts(sample.Get()),
              ::testing::ElementsAre(MatchedText{"(any field)", "word"},
                                     MatchedText{"a", "(absent)"},
                                     MatchedText{"b", "null"}));
}

TEST(ValueTextTest, NumbersKeepTheirDigits) {
  EXPECT_EQ(ValueText(FieldValue::Int(7, "7")), "7");
  EXPECT_EQ(ValueText(FieldValue::Int(-7)), "-7");
  EXPECT_EQ(ValueText(FieldValue::Uint(18446744073709551615u)),
            "18446744073709551615");
  EXPECT_EQ(ValueText(FieldValue::Double(0.5)), "0.5");
  EXPECT_EQ(ValueText(FieldValue::Bool(true)), "true");
}

TEST(LevelRankTest, LevelsAreOrdered) {
  EXPECT_LT(LevelRank("informational"), LevelRank("low"));
  EXPECT_LT(LevelRank("low"), LevelRank("medium"));
  EXPECT_LT(LevelRank("medium"), LevelRank("high"));
  EXPECT_LT(LevelRank("high"), LevelRank("critical"));
  EXPECT_EQ(LevelRank(""), LevelRank("informational"));
}

}  // namespace
}  // namespace tocsin::cli
