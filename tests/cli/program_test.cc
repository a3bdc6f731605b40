// The tocsin program as its users run it: arguments and files in; output,
// summary and exit code out.

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cli/subprocess.h"

namespace tocsin::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kShellRule = R"(title: Shell Started
id: 11111111-1111-4111-8111-111111111111
tags: [attack.execution]
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\cmd.exe'
  condition: selection
level: high
)";

constexpr std::string_view kAnyRule = R"(title: Word Seen
id: 22222222-2222-4222-8222-222222222222
logsource: {}
detection:
  keywords: [needle]
  condition: keywords
level: low
)";

constexpr std::string_view kBadRule = R"(title: Broken
id: 33333333-3333-4333-8333-333333333333
logsource:
  product: windows
detection:
  selection:
    Image|startwith: a
  condition: selection
)";

// One event that Shell Started is for.
constexpr std::string_view kShellEvent =
    R"({"EventTime":"2026-01-15T10:20:30Z","Channel":"Security","EventID":4688,)"
    R"("NewProcessName":"C:\\Windows\\System32\\cmd.exe"})"
    "\n";

constexpr std::string_view kNeedleEvent =
    R"({"time":"2026-01-15T10:20:30Z","text":"a needle"})"
    "\n";

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(TOCSIN_BINARY_DIR) / "tests/cli/scratch" / info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Put("shell.yml", kShellRule);
    Put("any.yml", kAnyRule);
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }

  void Put(const std::string& name, std::string_view text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  // Packs `name` with a program such as gzip; false where there is none.
  bool Pack(const std::string& program, const std::string& name) {
    const std::string command =
        "cd '" + folder_.string() + "' && " + program + " " + name;
    return std::system(command.c_str()) == 0;
  }

  Finished Run(const std::vector<std::string>& arguments,
               std::string_view input = {}) {
    return RunProgram(arguments, folder_.string(), input);
  }

  fs::path folder_;
};

// --- Input ---------------------------------------------------------------

TEST_F(ProgramTest, AFileIsReadAndWhatFiresIsShown) {
  Put("a.ndjson", kShellEvent);
  const Finished run = Run({"run", "-r", "shell.yml", "a.ndjson"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("2026-01-15T10:20:30Z"),
                             HasSubstr("Shell Started"),
                             HasSubstr("a.ndjson:1"), HasSubstr("cmd.exe")));
  EXPECT_THAT(run.err, HasSubstr("rules: 1 of 1 loaded\n"));
  EXPECT_THAT(run.err, HasSubstr("events: 1 from 1 file, 0 input errors\n"));
  EXPECT_THAT(run.err, HasSubstr("detections: 1 (1 high) by 1 rule\n"));
}

TEST_F(ProgramTest, StandardInputIsReadWhereNoFileIsNamed) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", "-r", "shell.yml"},
        std::vector<std::string>{"run", "-r", "shell.yml", "-"}}) {
    const Finished run = Run(arguments, kShellEvent);
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("stdin:1"));
  }
}

TEST_F(ProgramTest, AFolderIsReadWithAllBelowItInOrder) {
  Put("logs/b.json", kNeedleEvent);
  Put("logs/deep/a.jsonl", kNeedleEvent);
  Put("logs/a.log", kNeedleEvent);
  Put("logs/c.NDJSON", kNeedleEvent);
  Put("logs/readme.txt", "no event\n");
  const Finished run = Run({"run", "-r", "any.yml", "--format", "csv", "logs"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("events: 4 from 4 files"));
  EXPECT_LT(run.out.find("logs/a.log"), run.out.find("logs/b.json"));
  EXPECT_LT(run.out.find("logs/b.json"), run.out.find("logs/deep/a.jsonl"));
}

TEST_F(ProgramTest, GzipAndZstdFilesAreUnpacked) {
  Put("logs/a.ndjson", kNeedleEvent);
  Put("logs/b.json", kNeedleEvent);
  ASSERT_TRUE(Pack("gzip -q", "logs/a.ndjson"));
  ASSERT_TRUE(Pack("zstd -q --rm", "logs/b.json"));
  const Finished run = Run({"run", "-r", "any.yml", "logs"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("logs/a.ndjson.gz:1"),
                             HasSubstr("logs/b.json.zst:1")));
}

TEST_F(ProgramTest, LinesOfTextAreEventsWhereAskedFor) {
  Put("a.log", "nothing\na needle in a line\n");
  const Finished run =
      Run({"run", "-r", "any.yml", "--input", "lines", "a.log"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("a.log:2"));
}

TEST_F(ProgramTest, TextThatIsNotJsonIsAnErrorWithAHint) {
  Put("a.log", "a needle in a line\n");
  const Finished run = Run({"run", "-r", "any.yml", "a.log"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("a.log:1:"));
  EXPECT_THAT(run.err, HasSubstr("--input lines"));
}

TEST_F(ProgramTest, ABadLineCostsOnlyItselfAndIsLocated) {
  Put("a.ndjson",
      std::string(kNeedleEvent) + "{\"a\":tru}\n" + std::string(kNeedleEvent));
  const Finished run = Run({"run", "-r", "any.yml", "a.ndjson"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("events: 2 from 1 file, 1 input error\n"));
  EXPECT_THAT(run.err, HasSubstr("  a.ndjson:2:"));
  EXPECT_THAT(run.err, HasSubstr("detections: 2"));
}

TEST_F(ProgramTest, AFileThatIsNotThereIsSaidAndTheRestIsRead) {
  Put("a.ndjson", kNeedleEvent);
  const Finished run =
      Run({"run", "-r", "any.yml", "missing.ndjson", "a.ndjson"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("  cannot open missing.ndjson"));
  EXPECT_THAT(run.err, HasSubstr("detections: 1"));
}

TEST_F(ProgramTest, AFolderWithoutEventFilesIsSaidToHaveNone) {
  Put("logs/readme.txt", "");
  const Finished run = Run({"run", "-r", "any.yml", "logs"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("no event files below this folder"));
}

TEST_F(ProgramTest, CloudTrailRecordsAreEventsEach) {
  Put("trail.json", "{\"Records\":[\n" + std::string(kNeedleEvent) + ",\n" +
                        std::string(kNeedleEvent) + "]}\n");
  const Finished run = Run({"run", "-r", "any.yml", "trail.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("events: 2 from 1 file"));
}

TEST_F(ProgramTest, OwnRulesReadSigmaRulesAndCorrelationsOfTheSameRun) {
  Put("rules/sigma.yml", R"(title: Word Seen
id: 22222222-2222-4222-8222-222222222222
name: word
logsource: {}
detection:
  keywords: [needle]
  condition: keywords
level: medium
---
title: Words Seen
id: 44444444-4444-4444-8444-444444444444
correlation:
  type: event_count
  rules: [word]
  group-by: [user]
  timespan: 1m
  generate: true
  condition:
    gte: 2
level: high
)");
  Put("rules/own.toc", R"(
rule words_then_end {
  title "Words, then the end"
  words = rule "44444444-4444-4444-8444-444444444444" where user == "kim"
  word  = rule "Word Seen"
  end   = any where text == "end"
  when words then word then end within 10m by user
}
rule two_rules_found_one_user {
  title "Two rules found one user"
  found = alerts where severity >= "medium"
  when distinct(rule.id) of found >= 2 within 1h by user
}
)");
  std::string events;
  int second = 10;
  for (const char* text : {"a needle", "a needle", "needle", "end"}) {
    events += R"({"time":"2026-01-15T10:20:)" + std::to_string(second++) +
              R"(Z","user":"kim","text":")" + text + "\"}\n";
  }
  Put("a.ndjson", events);
  const Finished run =
      Run({"run", "-r", "rules", "--format", "ndjson", "a.ndjson"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("rules: 4 of 4 loaded"));
  for (const char* title :
       {"Words Seen", "Words, then the end", "Two rules found one user"}) {
    EXPECT_THAT(run.out,
                HasSubstr("\"rule.title\":\"" + std::string(title) + "\""));
  }
}

// --- Output --------------------------------------------------------------

TEST_F(ProgramTest, NdjsonHasOneObjectADetection) {
  Put("a.ndjson", kShellEvent);
  const Finished run =
      Run({"run", "-r", "shell.yml", "--format", "ndjson", "a.ndjson"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
  EXPECT_THAT(run.out, AllOf(StartsWith("{\"id\":\""),
                             HasSubstr("\"time\":\"2026-01-15T10:20:30Z\""),
                             HasSubstr("\"rule.title\":\"Shell Started\""),
                             HasSubstr("\"rule.tags\":[\"attack.execution\"]"),
                             HasSubstr("\"rule.path\":\"shell.yml\""),
                             HasSubstr("\"event.file\":\"a.ndjson\""),
                             HasSubstr("\"event.line\":1"),
                             Not(HasSubstr("\"event\":"))));
}

TEST_F(ProgramTest, TheWholeEventIsAddedWhereAskedFor) {
  const Finished run =
      Run({"run", "-r", "shell.yml", "--format", "ndjson", "--with-event"},
          kShellEvent);
  EXPECT_THAT(run.out, HasSubstr("\"event\":{\"EventTime\":"));
}

TEST_F(ProgramTest, TheNameOfTheOutputFileTellsItsForm) {
  Put("a.ndjson", kShellEvent);
  Run({"run", "-r", "shell.yml", "-o", "found.ndjson", "a.ndjson"});
  Run({"run", "-r", "shell.yml", "-o", "found.csv", "a.ndjson"});
  Run({"run", "-r", "shell.yml", "-o", "found.txt", "a.ndjson"});
  EXPECT_THAT(ReadFile(folder_ / "found.ndjson"), StartsWith("{\"id\""));
  EXPECT_THAT(ReadFile(folder_ / "found.csv"), StartsWith("id,time,level"));
  EXPECT_THAT(ReadFile(folder_ / "found.txt"), StartsWith("TIME "));
}

TEST_F(ProgramTest, AnInputIsNeverOverwritten) {
  Put("logs/a.ndjson", kShellEvent);
  const Finished run =
      Run({"run", "-r", "shell.yml", "-o", "logs/a.ndjson", "logs"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("is also an input"));
  EXPECT_EQ(ReadFile(folder_ / "logs/a.ndjson"), kShellEvent);
}

TEST_F(ProgramTest, ARuleIsNeverOverwritten) {
  Put("a.ndjson", kNeedleEvent);
  Put("rules/any.yml", kAnyRule);
  const Finished run =
      Run({"run", "-r", "rules", "-o", "rules/any.yml", "a.ndjson"});
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(ReadFile(folder_ / "rules/any.yml"), kAnyRule);
}

TEST_F(ProgramTest, AnOutputThatCannotBeMadeIsABadArgument) {
  const Finished run = Run(
      {"run", "-r", "shell.yml", "-o", "no/such/folder/x.csv"}, kShellEvent);
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("no/such/folder/x.csv: cannot be written"));
}

TEST_F(ProgramTest, AFullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const Finished run =
      Run({"run", "-r", "shell.yml", "-o", "/dev/full"}, kShellEvent);
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("/dev/full: cannot be written"));
}

TEST_F(ProgramTest, AnEventCannotWriteToTheTerminal) {
  const Finished run =
      Run({"run", "-r", "any.yml"}, R"({"a":"needle \u001b[2J \u009b31m"})"
                                    "\n{\"b\x1b\":\n");
  EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(run.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(run.out, HasSubstr("\\x1b[2J \\x9b31m"));
}

TEST_F(ProgramTest, ATerminalGetsColoursAndRowsThatFit) {
  Put("a.ndjson", kShellEvent);
  const Finished run = RunOnTerminal({"run", "-r", "shell.yml", "a.ndjson"},
                                     folder_.string(), 60);
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("\x1b[31mhigh"));
  std::istringstream lines(run.out);
  std::string heading;
  std::string row;
  std::getline(lines, heading);
  std::getline(lines, row);
  EXPECT_THAT(row, HasSubstr("\u2026\r"));  // Cut.
}

TEST_F(ProgramTest, AReaderThatHasEnoughEndsTheRunQuietly) {
  Running run({"run", "-r", "any.yml", "--format", "ndjson"}, folder_.string());
  run.Write(kNeedleEvent);
  run.ReadLine();
  run.CloseOutput();
  run.Write(kNeedleEvent);
  run.Write(kNeedleEvent);
  run.CloseInput();
  const Finished finished = run.Finish();
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, Not(HasSubstr("cannot be written")));
}

TEST_F(ProgramTest, DetectionsOfALiveStreamComeAtOnce) {
  Running run({"run", "-r", "any.yml", "--format", "ndjson"}, folder_.string());
  run.Write(kNeedleEvent);
  EXPECT_THAT(run.ReadLine(), HasSubstr("\"event.line\":1"));  // Still open.
  run.Write(kNeedleEvent);
  EXPECT_THAT(run.ReadLine(), HasSubstr("\"event.line\":2"));
  run.CloseInput();
  EXPECT_EQ(run.Finish().code, 0);
}

// --- Exit codes ----------------------------------------------------------

TEST_F(ProgramTest, AnInterruptedRunTellsWhatItFound) {
  Running run({"run", "-r", "any.yml", "--format", "ndjson"}, folder_.string());
  run.Write(kNeedleEvent);
  run.ReadLine();
  run.Signal(SIGINT);
  const Finished finished = run.Finish();
  EXPECT_EQ(finished.code, 130);
  EXPECT_THAT(finished.err, HasSubstr("interrupted"));
  EXPECT_THAT(finished.err, HasSubstr("detections: 1"));
}

TEST_F(ProgramTest, AFindingOfTheLevelAskedForFailsTheRun) {
  const auto code = [&](const std::string& level) {
    return Run({"run", "-r", "shell.yml", "--fail-on", level}, kShellEvent)
        .code;
  };
  EXPECT_EQ(code("critical"), 0);
  EXPECT_EQ(code("high"), 1);
  EXPECT_EQ(code("low"), 1);
  EXPECT_EQ(code("hihg"), 3);
}

TEST_F(ProgramTest, ABadRuleFailsTheRunButTheOthersAreUsed) {
  Put("bad.yml", kBadRule);
  const Finished run =
      Run({"run", "-r", "shell.yml", "-r", "bad.yml"}, kShellEvent);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("bad.yml:7:"));
  EXPECT_THAT(run.err, HasSubstr("did you mean `startswith`?"));
  EXPECT_THAT(run.err, HasSubstr("rules: 1 of 2 loaded, 1 refused"));
  EXPECT_THAT(run.out, HasSubstr("Shell Started"));
}

TEST_F(ProgramTest, ABadRuleIsAWarningWhereAskedFor) {
  Put("bad.yml", kBadRule);
  const Finished run =
      Run({"run", "-r", "shell.yml", "-r", "bad.yml", "--skip-bad-rules"},
          kShellEvent);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("bad.yml:7:"));
}

TEST_F(ProgramTest, WithoutAnyRuleLeftNothingIsRun) {
  Put("bad.yml", kBadRule);
  const Finished run =
      Run({"run", "-r", "bad.yml", "--skip-bad-rules"}, kShellEvent);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("no rule to run: 0 of 1 loaded, 1 refused"));
}

TEST_F(ProgramTest, AFindingOutweighsABadRuleAndABadLine) {
  Put("bad.yml", kBadRule);
  const std::string input = std::string(kShellEvent) + "{\n";
  EXPECT_EQ(
      Run({"run", "-r", "shell.yml", "-r", "bad.yml", "--fail-on", "high"},
          input)
          .code,
      1);
  EXPECT_EQ(Run({"run", "-r", "shell.yml", "-r", "bad.yml"}, input).code, 2);
  EXPECT_EQ(Run({"run", "-r", "shell.yml"}, input).code, 4);
}

TEST_F(ProgramTest, BadArgumentsAreRefusedBeforeAnythingIsRead) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"rnu"},
      {"run"},
      {"run", "-r"},
      {"run", "-r", "missing.yml"},
      {"run", "-r", "-"},
      {"run", "-r", "any.yml", "--colour"},
      {"run", "-r", "any.yml", "--logsource", "vendor=x"},
      {"run", "-r", "any.yml", "-p", "missing.yml"},
      {"run", "-r", "any.yml", "--routing", "maybe"},
      {"check"},
      {"check", "missing.yml"},
      {"help", "rnu"}};
  for (const std::vector<std::string>& arguments : wrong) {
    const Finished run = Run(arguments, kNeedleEvent);
    EXPECT_EQ(run.code, 3) << ::testing::PrintToString(arguments);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, StartsWith("tocsin"));
  }
}

// --- Nobody is left without a reason --------------------------------------

TEST_F(ProgramTest, EventsOfUnknownSourceAreSaidToBe) {
  const Finished run = Run({"run", "-r", "shell.yml"}, kNeedleEvent);
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.err, HasSubstr("the log source of every event is unknown "
                                 "(first: stdin:1)"));
  EXPECT_THAT(run.err, HasSubstr("--routing off"));
}

TEST_F(ProgramTest, ADeclaredLogSourceMakesRulesApply) {
  const std::string_view event = R"({"Image":"C:\\x\\cmd.exe"})";
  EXPECT_THAT(Run({"run", "-r", "shell.yml"}, event).err,
              HasSubstr("detections: 0"));
  EXPECT_THAT(Run({"run", "-r", "shell.yml", "--logsource",
                   "product=windows,category=process_creation"},
                  event)
                  .err,
              HasSubstr("detections: 1"));
  EXPECT_THAT(Run({"run", "-r", "shell.yml", "--routing", "off"}, event).err,
              HasSubstr("detections: 1"));
}

TEST_F(ProgramTest, EventsThatNoRuleIsForAreSaidToBe) {
  const Finished run =
      Run({"run", "-r", "shell.yml"},
          R"({"eventVersion":"1.08","eventSource":"iam.amazonaws.com",)"
          R"("eventName":"ListUsers","awsRegion":"us-east-1",)"
          R"("eventTime":"2026-01-15T10:20:30Z","eventID":"1"})");
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.err,
              HasSubstr("no loaded rule is for the log source of any event"));
}

TEST_F(ProgramTest, EventsWithoutTimeAreSaidToHaveNone) {
  const Finished run = Run({"run", "-r", "any.yml"}, "{\"a\":\"needle\"}\n");
  EXPECT_THAT(run.err, HasSubstr("no event time was found in any event"));
  EXPECT_THAT(Run({"run", "-r", "any.yml", "--time-field", "when"},
                  "{\"a\":\"needle\",\"when\":\"2026-01-15T10:20:30Z\"}\n")
                  .out,
              HasSubstr("2026-01-15T10:20:30Z"));
}

TEST_F(ProgramTest, AnEmptyInputIsSaidToBeEmpty) {
  const Finished run = Run({"run", "-r", "any.yml"}, "");
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.err, HasSubstr("no event was read"));
}

// --- The other commands ----------------------------------------------------

TEST_F(ProgramTest, CheckShowsEveryDiagnosticAndCounts) {
  Put("bad.yml", kBadRule);
  const Finished run = Run({"check", "."});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.out, HasSubstr("bad.yml:7:"));
  EXPECT_THAT(run.out,
              HasSubstr("\nrules: 2 of 3 loaded, 1 refused, 1 warning\n"));
}

TEST_F(ProgramTest, CheckOfGoodRulesIsFine) {
  const Finished run = Run({"check", "shell.yml", "any.yml"});
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("rules: 2 of 2 loaded"));
}

// --- Bench ---------------------------------------------------------------

TEST_F(ProgramTest, BenchShowsRatesAndWhatEachRuleCosts) {
  Put("a.ndjson", kShellEvent);
  const Finished run =
      Run({"bench", "-r", "shell.yml", "-r", "any.yml", "a.ndjson"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("rules       2 of 2 loaded"),
                    HasSubstr("events      1, "), HasSubstr("\nfirst pass "),
                    HasSubstr("\nwarm "), HasSubstr("Shell Started\n")));
  // It was no candidate, so it cost nothing.
  EXPECT_THAT(run.out, Not(HasSubstr("Word Seen")));
}

TEST_F(ProgramTest, BenchNeedsRulesAndEvents) {
  Put("a.ndjson", kShellEvent);
  EXPECT_EQ(Run({"bench", "a.ndjson"}).code, 3);
  const Finished run = Run({"bench", "-r", "shell.yml", "missing.ndjson"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("No such file"));
}

TEST_F(ProgramTest, BenchTakesNumbersThatMakeSense) {
  for (const char* passes : {"0", "-1", "many", "1000000"}) {
    const Finished run =
        Run({"bench", "-r", "shell.yml", "--passes", passes, "a.ndjson"});
    EXPECT_EQ(run.code, 3);
    EXPECT_THAT(run.err, HasSubstr("`--passes` takes a number from 1 to"));
  }
}

TEST_F(ProgramTest, OfSeveralFoldersOneMayBeEmpty) {
  fs::create_directories(folder_ / "empty");
  const Finished run = Run({"check", "empty", "shell.yml"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(
      run.err,
      HasSubstr("empty: no .yml, .yaml, .toc, .eql, .esql, .kql, .toml or "
                ".ndjson file"));
  EXPECT_EQ(Run({"check", "empty"}).code, 3);
  EXPECT_EQ(Run({"run", "-r", "empty"}).code, 3);
}

TEST_F(ProgramTest, CheckSpeaksJsonToPrograms) {
  Put("bad.yml", kBadRule);
  const Finished run = Run({"check", "--format", "json", "."});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.out, StartsWith("{\"documents\":3,\"loaded\":2,\"rules\":2,"
                                  "\"filters\":0,\"jobs\":0,\"refused\":1,"
                                  "\"diagnostics\":[{"));
  EXPECT_THAT(run.out, HasSubstr("\"line\":7"));
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
}

TEST_F(ProgramTest, CheckReadsARuleFromStandardInput) {
  const Finished run = Run({"check", "-"}, kBadRule);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.out, StartsWith("stdin:7:"));
}

TEST_F(ProgramTest, VersionAndHelpArePrinted) {
  EXPECT_THAT(Run({"version"}).out, StartsWith("tocsin "));
  EXPECT_THAT(Run({"help"}).out, HasSubstr("Commands:"));
  EXPECT_THAT(Run({"help", "run"}).out, HasSubstr("--rules PATH"));
  EXPECT_THAT(Run({"run", "--help"}).out, HasSubstr("--rules PATH"));
}

// --- The examples that the project ships -----------------------------------

TEST_F(ProgramTest, EveryExampleRuleFiresOnTheExampleEvents) {
  const fs::path examples = fs::path(TOCSIN_SOURCE_DIR) / "examples";
  const Finished run = Run({"run", "-r", (examples / "rules").string(),
                            (examples / "events").string()});
  EXPECT_EQ(run.code, 0) << run.err;
  const auto rules =
      std::distance(fs::directory_iterator(examples / "rules"), {});
  EXPECT_THAT(run.err, HasSubstr("by " + std::to_string(rules) + " rules\n"));
  // The alerts are of no log source; the others' are known, and met by rules.
  EXPECT_THAT(run.err,
              HasSubstr("note: the log source of 7 events is unknown"));
  // Files are read one by one, and some have older events than others.
  EXPECT_THAT(run.err,
              HasSubstr("note: rules over several events did not count"));
  const size_t first = run.err.find("note:");
  EXPECT_EQ(run.err.find("note:", first + 1), run.err.rfind("note:"));
}

// The block of README.md that shows a run is what a terminal of 100 columns
// shows; of the summary it has some lines.
TEST_F(ProgramTest, TheExampleOfTheReadmeIsARealOne) {
  const Finished run = RunOnTerminal(
      {"run", "-r", "examples/rules", "examples/events/windows_evtx.jsonl"},
      TOCSIN_SOURCE_DIR, 100);
  std::string shown = run.out;
  for (const std::string_view colour :
       {"\x1b[1;31m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[0m", "\r"}) {
    for (size_t at = 0; (at = shown.find(colour, at)) != std::string::npos;) {
      shown.erase(at, colour.size());
    }
  }
  std::istringstream readme(
      ReadFile(fs::path(TOCSIN_SOURCE_DIR) / "README.md"));
  std::string line;
  while (std::getline(readme, line) && !line.starts_with("    $ tocsin run")) {
  }
  int lines = 0;
  while (std::getline(readme, line) && line.starts_with("    ")) {
    EXPECT_THAT(shown, HasSubstr(line.substr(4) + "\n"));
    ++lines;
  }
  EXPECT_GT(lines, 5);
}

// One of two severe alerts has a story around it.
TEST_F(ProgramTest, AnIncidentNamesWhatTiesItsEvents) {
  const Finished run =
      RunProgram({"run", "-r", "examples/rules",
                  "examples/events/alerts.ndjson", "--format", "ndjson"},
                 TOCSIN_SOURCE_DIR, {});
  EXPECT_THAT(run.out, HasSubstr(R"("rule.id":"severe_alert_with_context")"));
  EXPECT_THAT(run.out,
              HasSubstr(R"("keys":[{"field":"user.name","value":"kim"}])"));
  EXPECT_THAT(run.out, HasSubstr(R"("values":{"related.count":3})"));
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
}

}  // namespace
}  // namespace tocsin::cli
