#include "src/cli/summary.h"

#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/program/program.h"

namespace tocsin::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SummaryTest : public ::testing::Test {
 protected:
  SummaryTest() {
    auto program = std::make_unique<program::Program>();
    program->infos = {
        {.title = "One",
         .level = "high",
         .log_source = {.product = "windows", .category = "process_creation"},
         .path = "one.yml"},
        {.title = "Two", .level = "low", .path = "two.yml"}};
    compiled_.rules = std::make_shared<const RuleSet>(std::move(program));
    compiled_.documents = 3;
    compiled_.rules_loaded = 2;
    compiled_.refused = 1;
    report_.compiled = &compiled_;
    report_.files = 1;
    report_.stats.events = 10;
    report_.detections_by_rule = {0, 0};
    report_.sources = {{.known = true,
                        .products = {"windows"},
                        .categories = {"process_creation"},
                        .events = 10,
                        .rules = 2}};
  }

  std::string Render() const { return RenderSummary(report_); }

  CompileResult compiled_;
  RunReport report_;
};

TEST_F(SummaryTest, SaysHowManyRulesLoaded) {
  EXPECT_THAT(Render(), HasSubstr("rules: 2 of 3 loaded, 1 refused\n"));
}

TEST_F(SummaryTest, CountsDetectionsByLevelAndByRule) {
  report_.stats.detections = 1201;
  report_.detections_by_rule = {1, 1200};
  report_.detections_by_level = {{"high", 2}, {"low", 1199}};
  EXPECT_THAT(Render(),
              HasSubstr("detections: 1,201 (2 high, 1,199 low) by 2 "
                        "rules\n"
                        "      1,200  low            Two (two.yml)\n"
                        "          1  high           One (one.yml)\n"));
}

TEST_F(SummaryTest, EventsThatRulesOverSeveralDidNotCountAreNamed) {
  report_.stats.late = 3;
  report_.stats.timeless = 1;
  const std::string summary = Render();
  EXPECT_THAT(summary, HasSubstr("note: rules over several events did not "
                                 "count 3 events that came too late\n"));
  EXPECT_THAT(summary, HasSubstr("count 1 event that has no time\n"));
}

TEST_F(SummaryTest, NamesTheFirstErrorsAndCountsTheRest) {
  for (int i = 1; i <= 12; ++i) {
    report_.input_errors.Add("a.ndjson", i, 3, "no value");
  }
  report_.input_errors.Add("b.ndjson", 0, 0, "b.ndjson: no such file");
  const std::string summary = Render();
  EXPECT_THAT(summary,
              HasSubstr("13 input errors\n  a.ndjson:1:3: no value\n"));
  EXPECT_THAT(summary, HasSubstr("  and 3 more: a.ndjson 2, b.ndjson 1\n"));
}

TEST_F(SummaryTest, AnErrorCannotWriteToTheTerminal) {
  report_.input_errors.Add("a\x1b.ndjson", 1, 1, "got \x1b");
  EXPECT_THAT(Render(), Not(HasSubstr("\x1b")));
}

TEST_F(SummaryTest, EventsOfUnknownSourceComeWithWhatToDo) {
  report_.sources = {{.events = 10, .rules = 1}};
  report_.stats.unknown_source = 10;
  report_.first_unknown = "a.ndjson:1";
  const std::string summary = Render();
  EXPECT_THAT(summary, HasSubstr("10  unknown (1 rule looks at them)\n"));
  EXPECT_THAT(summary, HasSubstr("note: the log source of every event is "
                                 "unknown (first: a.ndjson:1)"));
  EXPECT_THAT(summary, HasSubstr("--logsource (the rules loaded are mostly for "
                                 "product=windows,category=process_creation)"));
  EXPECT_THAT(summary, HasSubstr("--routing off"));
}

TEST_F(SummaryTest, SourcesWithoutRulesAreNamed) {
  report_.sources.push_back(
      {.known = true, .products = {"zeek"}, .services = {"dns"}, .events = 4});
  EXPECT_THAT(
      Render(),
      HasSubstr("note: no loaded rule is for the log source of 4 events "
                "(zeek / dns)"));
}

TEST_F(SummaryTest, AnErrorAboutAWholeFileNamesItOnce) {
  report_.input_errors.Add("b.ndjson", 0, 0, "cannot open b.ndjson");
  EXPECT_THAT(Render(), HasSubstr("1 input error\n  cannot open b.ndjson\n"));
}

TEST_F(SummaryTest, SourcesWithoutRulesAreCountedBehindTheFirst) {
  report_.sources.push_back(
      {.known = true, .products = {"zeek"}, .services = {"dns"}, .events = 4});
  report_.sources.push_back(
      {.known = true, .products = {"zeek"}, .services = {"ssl"}, .events = 2});
  EXPECT_THAT(Render(), HasSubstr("6 events (zeek / dns and 1 more)"));
}

TEST_F(SummaryTest, ADeclaredSourceThatNoRuleIsForComesWithWhatRulesAreFor) {
  report_.sources = {{.known = true, .products = {"windw"}, .events = 10}};
  EXPECT_THAT(Render(), HasSubstr("--routing off (the rules loaded are mostly "
                                  "for product=windows,category=process_"
                                  "creation)\n"));
}

TEST_F(SummaryTest, EventsWithoutTimeAreSaidToHaveNone) {
  report_.stats.without_time = 10;
  EXPECT_THAT(Render(),
              HasSubstr("note: no event time was found in any event"));
  report_.stats.without_time = 1;
  EXPECT_THAT(Render(), HasSubstr("note: no event time was found in 1 event,"));
}

TEST_F(SummaryTest, ARunWithoutAnyReasonToFindNothingSaysSo) {
  EXPECT_THAT(Render(),
              HasSubstr("note: every event was looked at by the rules "
                        "for its log source, and none matched\n"));
}

TEST_F(SummaryTest, ANoteOnTimesIsNoReasonToFindNothing) {
  report_.stats.without_time = 10;
  EXPECT_THAT(Render(), HasSubstr("note: every event was looked at"));
}

TEST_F(SummaryTest, WhatIsKnownIsToldFromWhatIsUnknown) {
  report_.stats.unknown_source = 3;
  EXPECT_THAT(Render(), HasSubstr("note: every other event was looked at"));
}

TEST_F(SummaryTest, TextIsNotAskedForAFieldWithItsTime) {
  report_.text_input = true;
  report_.stats.without_time = 10;
  EXPECT_THAT(Render(), HasSubstr("detections of them carry none\n"));
}

TEST_F(SummaryTest, ARunWithDetectionsNeedsNoNote) {
  report_.stats.detections = 1;
  report_.detections_by_rule = {1, 0};
  EXPECT_THAT(Render(), Not(HasSubstr("note:")));
}

TEST_F(SummaryTest, TextThatIsNotJsonIsSaidToBeText) {
  report_.stats = {};
  report_.sources.clear();
  report_.input_errors.Add("a.log", 1, 1, "expected a JSON object");
  EXPECT_THAT(Render(), HasSubstr("use --input lines"));
}

TEST_F(SummaryTest, AFileThatDoesNotOpenIsNotTakenForText) {
  report_.stats = {};
  report_.sources.clear();
  report_.files = 0;
  report_.input_errors.Add("a.log", 0, 0, "cannot open a.log");
  const std::string summary = Render();
  EXPECT_THAT(summary, HasSubstr("note: no input could be opened"));
  EXPECT_THAT(summary, Not(HasSubstr("--input lines")));
}

}  // namespace
}  // namespace tocsin::cli
