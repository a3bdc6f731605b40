// The correlator and its twin, on rules and streams that are made up.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/reference/correlate.h"
#include "tests/reference/maker.h"
#include "tests/reference/play.h"

namespace tocsin::reference {
namespace {

// A step that the rule does not have is not matched.
void DropSteps(const ir::Correlation& rule, std::vector<Event>* events) {
  const auto mask = static_cast<uint32_t>((1u << rule.steps.size()) - 1);
  std::erase_if(*events, [&](Event& event) {
    event.steps &= mask;
    return event.steps == 0;
  });
}

constexpr int kRounds = 4000;

TEST(CorrelateTest, InOrderTheCorrelatorFindsWhatTheTwinFinds) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    ASSERT_EQ(Play(made, events, 0).firings,
              Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
  }
}

TEST(CorrelateTest, InStrictOrderLateEventsChangeNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    Made made = maker.Rule();
    ir::Correlation& rule = made.rule;
    rule.order = base::OrderMode::kStrict;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    maker.Delay(8, &events);
    ASSERT_EQ(Play(made, events, 8).firings,
              Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
  }
}

// What fires every time, and what further events cannot undo, is the same as
// if all had come in order; so are the ids.
TEST(CorrelateTest, EagerRulesThatFireEveryTimeFindTheSameLate) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    Made made = maker.Rule();
    ir::Correlation& rule = made.rule;
    rule.fire = base::FirePolicy::kEvery;
    // A late end undoes what was reported; a late first sight is only learnt.
    rule.pattern.until.clear();
    if (rule.pattern.kind == ir::Pattern::kSeen) continue;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    const Collector in_order = Play(made, events, 0);
    maker.Delay(8, &events);
    const Collector late = Play(made, events, 8);
    ASSERT_EQ(late.firings, Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
    ASSERT_EQ(late.ids, in_order.ids) << "round " << round;
  }
}

TEST(CorrelateTest, WaitingForLateEventsChangesNothingInOrder) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    ASSERT_EQ(Play(made, events, 8).firings,
              Correlate(rule, events, made.where))
        << "round " << round << "\n"
        << ir::Print(rule);
  }
}

// The order in which incidents come out is compared, too.
void ExpectSameAfterRestarts(const Made& made, const std::vector<Event>& events,
                             int64_t lateness, int round) {
  const Collector undisturbed = Play(made, events, lateness);
  const Collector restarted = Play(made, events, lateness, true);
  ASSERT_EQ(restarted.in_order, undisturbed.in_order)
      << "round " << round << "\n"
      << ir::Print(made.rule);
}

TEST(CorrelateTest, InOrderARestartAfterEachEventChangesNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    ExpectSameAfterRestarts(made, events, 0, round);
  }
}

TEST(CorrelateTest, InEagerOrderARestartAfterEachEventChangesNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    const Made made = maker.Rule();
    const ir::Correlation& rule = made.rule;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    maker.Delay(8, &events);
    ExpectSameAfterRestarts(made, events, 8, round);
  }
}

TEST(CorrelateTest, InStrictOrderARestartAfterEachEventChangesNothing) {
  for (int round = 0; round < kRounds; ++round) {
    Maker maker(static_cast<uint32_t>(round));
    Made made = maker.Rule();
    ir::Correlation& rule = made.rule;
    rule.order = base::OrderMode::kStrict;
    std::vector<Event> events = maker.Stream(24);
    DropSteps(rule, &events);
    maker.Delay(8, &events);
    ExpectSameAfterRestarts(made, events, 8, round);
  }
}

}  // namespace
}  // namespace tocsin::reference
