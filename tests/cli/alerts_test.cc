// Options of `tocsin run` for Elastic's rules: alerts as documents, building
// blocks, events of the past.

#include <filesystem>
#include <fstream>
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

class AlertsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(TOCSIN_BINARY_DIR) / "tests/cli/scratch" / info->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }
  void Put(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Finished Run(const std::vector<std::string>& arguments) {
    return RunProgram(arguments, folder_.string(), "");
  }

  fs::path folder_;
};

constexpr std::string_view kBlock =
    R"({"rule_id":"b","name":"Block","type":"query","query":"user.name:kim",)"
    R"("severity":"low","building_block_type":"default","max_signals":2})"
    "\n";
constexpr std::string_view kEvents =
    R"({"@timestamp":"2026-01-15T10:20:30Z","user":{"name":"kim"}})"
    "\n"
    R"({"@timestamp":"2026-01-15T10:20:31Z","user":{"name":"kim"}})"
    "\n"
    R"({"@timestamp":"2026-01-15T10:20:32Z","user":{"name":"kim"}})"
    "\n";

TEST_F(AlertsTest, AreDocumentsWhereAskedFor) {
  Put("rules.ndjson", kBlock);
  Put("events.ndjson", kEvents);
  const Finished run =
      Run({"run", "-r", "rules.ndjson", "--format", "alerts", "events.ndjson"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(
      run.out,
      AllOf(HasSubstr(R"("kibana.alert.rule.rule_id":"b")"),
            HasSubstr(R"("kibana.alert.building_block_type":"default")"),
            HasSubstr(R"("user":{"name":"kim"})")));
}

TEST_F(AlertsTest, BuildingBlocksAreHiddenWhereAskedFor) {
  Put("rules.ndjson", kBlock);
  Put("events.ndjson", kEvents);
  const Finished run = Run(
      {"run", "-r", "rules.ndjson", "--hide-building-blocks", "events.ndjson"});
  EXPECT_THAT(run.out, IsEmpty());
}

TEST_F(AlertsTest, WhatIsBeyondMaxSignalsIsCountedInTheSummary) {
  Put("rules.ndjson", kBlock);
  Put("events.ndjson", kEvents);
  EXPECT_THAT(
      Run({"run", "-r", "rules.ndjson", "events.ndjson"}).err,
      AllOf(HasSubstr("detections: 2"), HasSubstr("1 beyond max_signals")));
  EXPECT_THAT(
      Run({"run", "-r", "rules.ndjson", "--no-signal-limit", "events.ndjson"})
          .err,
      AllOf(HasSubstr("detections: 3"), Not(HasSubstr("beyond max_signals"))));
}

TEST_F(AlertsTest, EventsOfThePastAreLearntFromAndNotReported) {
  Put("rules.ndjson",
      R"({"rule_id":"n","name":"New user","type":"new_terms",)"
      R"("query":"event.action:login","severity":"low",)"
      R"("new_terms_fields":["user.name"],"history_window_start":"now-7d"})"
      "\n"
      R"({"rule_id":"q","name":"Login","type":"query",)"
      R"("query":"event.action:login","severity":"low"})"
      "\n");
  const auto login = [](const char* time, const char* user) {
    return std::string(R"({"@timestamp":")") + time +
           R"(","event.action":"login","user.name":")" + user + "\"}\n";
  };
  Put("past.ndjson", login("2026-01-14T08:00:00Z", "kim") +
                         login("2026-01-14T20:00:00Z", "kim"));
  Put("today.ndjson", login("2026-01-15T10:00:00Z", "kim") +
                          login("2026-01-15T10:00:01Z", "lee"));
  const Finished run =
      Run({"run", "-r", "rules.ndjson", "--warm-up", "past.ndjson", "--format",
           "ndjson", "today.ndjson"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("New user"), HasSubstr("lee"),
                             Not(HasSubstr("2026-01-14"))));
  EXPECT_THAT(run.err, AllOf(HasSubstr("events: 2 from 1 file"),
                             HasSubstr("detections: 3")));
  // Without it the rule is silent on its first day.
  EXPECT_THAT(Run({"run", "-r", "rules.ndjson", "today.ndjson"}).err,
              HasSubstr("detections: 2"));
}

TEST_F(AlertsTest, WhatIsFoundInThePastHoldsNothingBack) {
  Put("rules.ndjson", R"({"rule_id":"q","name":"Login","type":"query",)"
                      R"("query":"event.action:login","severity":"low",)"
                      R"("alert_suppression":{"group_by":["user.name"],)"
                      R"("duration":{"value":1,"unit":"h"}}})"
                      "\n");
  const auto login = [](const char* time) {
    return std::string(R"({"@timestamp":")") + time +
           R"(","event.action":"login","user.name":"kim"})" + "\n";
  };
  Put("past.ndjson", login("2026-01-15T09:59:00Z"));
  Put("today.ndjson",
      login("2026-01-15T10:00:00Z") + login("2026-01-15T10:00:01Z"));
  const auto run_again = [&] {
    return Run({"run", "-r", "rules.ndjson", "--warm-up", "past.ndjson",
                "--state", "state", "today.ndjson"});
  };
  const Finished run = run_again();
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("2026-01-15T10:00:00Z"));
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("detections: 1 (1 low)"),
                    HasSubstr("1 more suppressed"), HasSubstr("        2  ")));
  // A run that goes on knows the past, and what was found since.
  Put("today.ndjson", login("2026-01-15T10:00:00Z") +
                          login("2026-01-15T10:00:01Z") +
                          login("2026-01-15T10:00:02Z"));
  EXPECT_THAT(run_again().err, AllOf(HasSubstr("detections: 0"),
                                     HasSubstr("1 more suppressed")));
}

TEST_F(AlertsTest, APastThatIsNotThereIsAnInputError) {
  Put("rules.ndjson", kBlock);
  Put("events.ndjson", kEvents);
  const Finished run = Run({"run", "-r", "rules.ndjson", "--warm-up",
                            "nothing.ndjson", "events.ndjson"});
  EXPECT_THAT(run.err, HasSubstr("nothing.ndjson"));
  EXPECT_EQ(run.code, 4);
}

}  // namespace
}  // namespace tocsin::cli
