// `tocsin run --state`: runs that go on where others stood.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
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

constexpr std::string_view kRule = R"(
failed = any where kind == "failed"
rule three_failures {
  severity high
  when failed >= 3 within 10m by user.name fire reset
}
)";

// Number `i` of a stream of failures of five users.
std::string EventLine(int i) {
  const int second = i % 60;
  const int minute = i / 60 % 60;
  const int hour = i / 3600;
  const auto two = [](int n) {
    return (n < 10 ? "0" : "") + std::to_string(n);
  };
  return R"({"@timestamp":"2026-01-15T)" + two(hour) + ":" + two(minute) + ":" +
         two(second) + R"(Z","kind":"failed","user.name":"user)" +
         std::to_string(i * i % 11 % 5) + "\"}\n";
}

std::string Lines(int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) text += EventLine(i);
  return text;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class RunStateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(TOCSIN_BINARY_DIR) / "tests/cli/state" / info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Put("rule.toc", kRule);
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }

  void Put(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string Get(const std::string& name) { return ReadFile(folder_ / name); }

  Finished Run(std::vector<std::string> more, std::string_view input = {}) {
    std::vector<std::string> arguments = {
        "run", "-r", "rule.toc", "--state", "state", "--format", "ndjson"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments, folder_.string(), input);
  }

  // What one run over the events gives that is told that more may come.
  std::string Undisturbed(std::string_view events) {
    Put("all.ndjson", events);
    const Finished run =
        RunProgram({"run", "-r", "rule.toc", "--state", "other", "--format",
                    "ndjson", "all.ndjson"},
                   folder_.string());
    fs::remove(folder_ / "other");
    fs::remove(folder_ / "all.ndjson");
    return run.out;
  }

  fs::path folder_;
};

TEST_F(RunStateTest, AFileThatHasGrownIsReadOnFromWhereItWasRead) {
  Put("a.ndjson", Lines(0, 50));
  const Finished first = Run({"a.ndjson"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("state: new\n"));
  Put("a.ndjson", Lines(0, 100));
  const Finished second = Run({"a.ndjson"});
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_THAT(second.err, AllOf(HasSubstr("events: 50 from 1 file"),
                                HasSubstr("state: 1 correlation goes on\n")));
  EXPECT_THAT(second.out, Not(IsEmpty()));
  EXPECT_EQ(first.out + second.out, Undisturbed(Lines(0, 100)));
}

TEST_F(RunStateTest, AnotherFileOfTheSameNameIsReadFromItsBeginning) {
  Put("a.ndjson", Lines(0, 50));
  const Finished first = Run({"a.ndjson"});
  Put("a.ndjson", Lines(50, 100));
  const Finished second = Run({"a.ndjson"});
  EXPECT_THAT(second.err, HasSubstr("events: 50 from 1 file"));
  EXPECT_EQ(first.out + second.out, Undisturbed(Lines(0, 100)));
}

TEST_F(RunStateTest, StandardInputGoesOn) {
  const Finished first = Run({}, Lines(0, 50));
  const Finished second = Run({}, Lines(50, 100));
  EXPECT_THAT(
      second.err,
      HasSubstr("it goes on behind 50 events and errors of standard input"));
  EXPECT_EQ(first.out + second.out, Undisturbed(Lines(0, 100)));
}

TEST_F(RunStateTest, TheOutputIsContinuedWithoutWhatComesTwice) {
  Put("a.ndjson", Lines(0, 50));
  Run({"-o", "out.ndjson", "a.ndjson"});
  // As of a run that was killed before it wrote its state.
  std::ofstream(folder_ / "out.ndjson", std::ios::app) << "half a line";
  Put("a.ndjson", Lines(0, 100));
  Run({"-o", "out.ndjson", "a.ndjson"});
  EXPECT_EQ(Get("out.ndjson"), Undisturbed(Lines(0, 100)));
}

TEST_F(RunStateTest, AnotherOutputIsNotCut) {
  Put("a.ndjson", Lines(0, 50));
  Run({"-o", "out.ndjson", "a.ndjson"});
  const std::string text(100'000, 'x');
  Put("other.ndjson", text);
  Put("a.ndjson", Lines(0, 100));
  Run({"-o", "other.ndjson", "a.ndjson"});
  const std::string other = Get("other.ndjson");
  EXPECT_EQ(other.substr(0, text.size()), text);
  EXPECT_EQ(Get("out.ndjson") + other.substr(text.size()),
            Undisturbed(Lines(0, 100)));
}

TEST_F(RunStateTest, ATableHasOneHeaderLine) {
  Put("a.ndjson", Lines(0, 50));
  Run({"--format", "csv", "-o", "out.csv", "a.ndjson"});
  Put("a.ndjson", Lines(0, 100));
  Run({"--format", "csv", "-o", "out.csv", "a.ndjson"});
  const std::string out = Get("out.csv");
  EXPECT_EQ(out.find("id,time,level"), out.rfind("id,time,level"));
}

TEST_F(RunStateTest, ErrorsAreToldOnce) {
  Put("a.ndjson", "{broken\n" + Lines(0, 10));
  EXPECT_EQ(Run({"a.ndjson"}).code, 4);
  const Finished second = Run({"a.ndjson"});
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(second.err, HasSubstr("events: 0 from 1 file, 0 input errors"));
}

TEST_F(RunStateTest, RulesThatChangedAreNamed) {
  Put("a.ndjson", Lines(0, 50));
  Run({"a.ndjson"});
  std::string rule(kRule);
  rule.replace(rule.find(">= 3"), 4, ">= 4");
  Put("rule.toc", rule);
  EXPECT_THAT(Run({"a.ndjson"}).err,
              HasSubstr("state: 0 correlations go on; fresh, for they "
                        "changed: three_failures\n"));
}

TEST_F(RunStateTest, JobsAreCountedByRunAndNamedAsJobs) {
  const std::string job = "detector busy { per 1m latency 1s detect count }";
  Put("rule.toc", job);
  Put("a.ndjson", Lines(0, 1'200));
  EXPECT_THAT(Run({"a.ndjson"}).err, HasSubstr("busy (1,200 events in "));
  Put("a.ndjson", Lines(0, 1'300));
  EXPECT_THAT(Run({"a.ndjson"}).err, AllOf(HasSubstr("state: 1 job goes on\n"),
                                           HasSubstr("busy (100 events in ")));
  Put("rule.toc", std::string(kRule) + job);
  Put("a.ndjson", Lines(0, 1'310));
  EXPECT_THAT(Run({"a.ndjson"}).err, HasSubstr("state: 1 job goes on; fresh, "
                                               "for they are new: "
                                               "three_failures\n"));
  EXPECT_THAT(Run({"a.ndjson"}).err,
              HasSubstr("state: 1 correlation and 1 job go on\n"));
}

TEST_F(RunStateTest, TheNameOfAJobIsShownWhole) {
  Put("rule.toc", "detector many_failures { per 1m detect count }");
  std::string events;
  for (int i = 0; i < 4'000; ++i) {
    events += EventLine(i);
    for (int j = 0; i > 3'700 && j < 20; ++j) events += EventLine(i);
  }
  Put("a.ndjson", events);
  EXPECT_THAT(
      RunProgram({"run", "-r", "rule.toc", "--format", "table", "a.ndjson"},
                 folder_.string())
          .out,
      HasSubstr("  many_failures: count  "));
}

TEST_F(RunStateTest, AStateThatCannotBeReadIsLeftAlone) {
  Put("a.ndjson", Lines(0, 50));
  Run({"a.ndjson"});
  std::string state = Get("state");
  state[state.size() / 2] = static_cast<char>(state[state.size() / 2] ^ 1);
  Put("state", state);
  const Finished run = Run({"a.ndjson"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("tocsin run: state: the snapshot has a "
                                 "section that does not match its digest\n"));
  EXPECT_EQ(Get("state"), state);
}

TEST_F(RunStateTest, AFileThatIsAnInputIsNoState) {
  Put("state", Lines(0, 3));
  const Finished run = Run({"state"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("state: is also an input or the output"));
  EXPECT_EQ(Get("state"), Lines(0, 3));
}

TEST_F(RunStateTest, AStateThatCannotBeWrittenIsAnError) {
  fs::create_directory(folder_ / "state.new");
  Put("a.ndjson", Lines(0, 50));
  const Finished run = Run({"a.ndjson"});
  EXPECT_EQ(run.code, 4);
  EXPECT_THAT(run.err, HasSubstr("state.new: cannot be written"));
}

TEST_F(RunStateTest, ANumberOfEventsIsNeeded) {
  const Finished run = Run({"--state-every", "0"});
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err, HasSubstr("`--state-every` takes a number from 1 on, "
                                 "not `0`"));
}

TEST_F(RunStateTest, AnInterruptedRunIsGoneOnWith) {
  const std::vector<std::string> arguments = {
      "run", "-r", "rule.toc", "--state", "state", "--format", "ndjson"};
  Running run(arguments, folder_.string());
  run.Write(Lines(0, 50));
  const std::string line = run.ReadLine();
  run.Signal(SIGINT);
  const Finished first = run.Finish();
  EXPECT_EQ(first.code, 130);
  const Finished second = Run({}, "");
  EXPECT_THAT(second.err, HasSubstr("events and errors of standard input"));
}

// A reader of the output sees some lines twice, but none that another run would
// not give, and misses none.
TEST_F(RunStateTest, RunsThatAreKilledLoseNothing) {
  const std::string events = Lines(0, 4000);
  const std::string undisturbed = Undisturbed(events);
  Put("a.ndjson", events);
  const std::vector<std::string> arguments = {
      "run",      "-r",     "rule.toc",      "--state", "state",
      "--format", "ndjson", "--state-every", "7",       "a.ndjson"};
  std::set<std::string> lines;
  const auto collect = [&](const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      if (!stream.eof()) lines.insert(line);  // Else it was cut by death.
    }
  };
  for (int i = 0; i < 10; ++i) {
    Running run(arguments, folder_.string());
    for (int line = 0; line < 40; ++line) collect(run.ReadLine() + "\n");
    run.Signal(SIGKILL);
    collect(run.Finish().out);
  }
  collect(Run({"a.ndjson"}).out);
  std::istringstream expected(undisturbed);
  std::set<std::string> expected_lines;
  for (std::string line; std::getline(expected, line);) {
    expected_lines.insert(line);
  }
  EXPECT_EQ(lines, expected_lines);
}

}  // namespace
}  // namespace tocsin::cli
