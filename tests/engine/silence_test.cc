// Groups that are expected, and silent: what comes out does not depend on how
// far time goes at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/engine/snapshot_testing.h"
#include "tocsin/engine.h"

namespace tocsin {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing_snapshot::CompileRules;
using testing_snapshot::Notes;

constexpr Timestamp kStart(1'700'000'000'000'000'000);

std::string Rules(const std::string& fire, const std::string& pattern) {
  return "list hosts = (\"h1\", \"h2\")\n"
         "beat = any where kind == \"beat\"\n"
         "rule silent { when " +
         pattern + " per 1m by host.name each of hosts fire " + fire + " }\n";
}

void Beat(const std::string& host, absl::Duration at, Engine* engine) {
  engine->Feed(Event::Json(R"({"kind":"beat","host.name":")" + host + "\"}")
                   .set_time(kStart + at));
}

// Two hosts that beat, are silent for hours, and beat again.
std::vector<std::string> Play(const std::string& fire,
                              const std::string& pattern, bool in_steps) {
  Notes notes;
  Engine engine(CompileRules(Rules(fire, pattern)), notes);
  for (int minute = 0; minute < 5; ++minute) {
    Beat("h1", absl::Minutes(minute), &engine);
  }
  const auto go_on = [&](int from, int to) {
    for (int minute = from; in_steps && minute < to; ++minute) {
      engine.AdvanceTo(kStart + absl::Minutes(minute));
    }
    engine.AdvanceTo(kStart + absl::Minutes(to));
  };
  go_on(5, 300);
  Beat("h2", absl::Minutes(301), &engine);
  Beat("h1", absl::Minutes(302), &engine);
  go_on(303, 700);
  return notes.lines;
}

TEST(SilenceTest, HowFarTimeGoesAtOnceDoesNotMatter) {
  for (const std::string fire : {"edge", "every", "reset", "throttle 25m"}) {
    for (const std::string pattern : {"beat < 1", "beat >= 1", "beat < 2"}) {
      const auto at_once = Play(fire, pattern, false);
      EXPECT_THAT(at_once, Not(IsEmpty())) << fire << " " << pattern;
      EXPECT_EQ(at_once, Play(fire, pattern, true)) << fire << " " << pattern;
    }
  }
}

// Windows so short that leaps pass them by, but not those of waiting events.
TEST(SilenceTest, EventsThatWaitHaveTheirWindowsInALeap) {
  const auto play = [](bool in_steps) {
    Notes notes;
    Engine engine(CompileRules("list hosts = (\"h1\", \"h2\")\n"
                               "beat = any where kind == \"beat\"\n"
                               "rule r { when beat >= 1 per 1ms by host.name "
                               "each of hosts fire every }\n"),
                  notes);
    for (const int second : {0, 1, 50, 51, 130}) {
      Beat("h1", absl::Seconds(second), &engine);
    }
    for (int second = 1; in_steps && second < 200; ++second) {
      engine.AdvanceTo(kStart + absl::Seconds(second));
    }
    engine.AdvanceTo(kStart + absl::Seconds(200));
    return notes.lines;
  };
  EXPECT_THAT(play(false), SizeIs(5));
  EXPECT_EQ(play(false), play(true));
}

TEST(SilenceTest, AtTheEndOfTimeWindowsCloseAndNoneOpens) {
  for (const std::string fire : {"edge", "every"}) {
    Notes notes;
    Engine engine(CompileRules(Rules(fire, "beat < 1")), notes);
    Beat("h1", absl::ZeroDuration(), &engine);
    engine.AdvanceTo(Timestamp(INT64_MAX));
    EXPECT_THAT(notes.lines, ElementsAre(HasSubstr("opened"),
                                         AllOf(HasSubstr("closed"),
                                               HasSubstr("host.name=h2"))))
        << fire;
  }
}

// Else this would go on for years, too.
TEST(SilenceTest, ALeapOfCenturiesIsNotLookedAtSecondBySecond) {
  Notes notes;
  Engine engine(CompileRules("list hosts = (\"h1\", \"h2\", \"h3\")\n"
                             "beat = any where kind == \"beat\"\n"
                             "rule silent { when beat < 1 per 1ms by host.name "
                             "each of hosts }\n"),
                notes);
  Beat("h1", absl::ZeroDuration(), &engine);
  for (int i = 0; i < 8; ++i) {
    Beat("h1", absl::Hours(24 * 365 * 200) + absl::Seconds(i), &engine);
  }
  const auto opened = std::count_if(
      notes.lines.begin(), notes.lines.end(), [](const std::string& line) {
        return line.find(" opened ") != std::string::npos;
      });
  EXPECT_EQ(opened, 3);
}

}  // namespace
}  // namespace tocsin
