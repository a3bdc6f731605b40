// Snapshots through the whole engine.

#include "tocsin/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using testing_snapshot::kRules;
using testing_snapshot::MakeStream;
using testing_snapshot::Notes;
using testing_snapshot::Saved;
using testing_snapshot::StreamEvent;

EngineOptions Lateness(int seconds) {
  EngineOptions options;
  options.lateness = absl::Seconds(seconds);
  return options;
}

void Feed(const StreamEvent& event, Engine* engine) {
  engine->Feed(Event::Json(event.json).set_time(event.time));
}

// What a stream gives, a line an incident, if after every `every` events
// another engine takes over; 0: never.
std::string Play(const std::shared_ptr<const RuleSet>& rules,
                 const std::vector<StreamEvent>& stream, int lateness,
                 size_t every) {
  Notes notes;
  auto engine = std::make_unique<Engine>(rules, notes, Lateness(lateness));
  for (size_t i = 0; i < stream.size(); ++i) {
    if (every > 0 && i % every == 0) {
      const std::string bytes = Saved(*engine);
      engine = std::make_unique<Engine>(rules, notes, Lateness(lateness));
      const auto report = engine->LoadFrom(bytes);
      EXPECT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(Saved(*engine), bytes) << "event " << i;
    }
    Feed(stream[i], engine.get());
  }
  engine->AdvanceTo(Timestamp(INT64_MAX));
  std::string all;
  for (const std::string& line : notes.lines) all += line + '\n';
  return all;
}

TEST(SnapshotTest, AfterARestartAtAnyEventTheRestIsTheSame) {
  const auto rules = CompileRules(kRules);
  for (const int lateness : {0, 20}) {
    for (uint32_t seed = 0; seed < 6; ++seed) {
      const auto stream = MakeStream(seed, 150, lateness);
      const auto undisturbed = Play(rules, stream, lateness, 0);
      ASSERT_THAT(undisturbed, Not(IsEmpty()));
      EXPECT_EQ(Play(rules, stream, lateness, 1), undisturbed) << seed;
      EXPECT_EQ(Play(rules, stream, lateness, 17), undisturbed) << seed;
    }
  }
}

TEST(SnapshotTest, EveryRuleOfTheTestsFires) {
  const auto rules = CompileRules(kRules);
  Notes notes;
  Engine engine(rules, notes, Lateness(20));
  for (uint32_t seed = 0; seed < 6; ++seed) {
    for (StreamEvent event : MakeStream(seed, 150, 20)) {
      event.time = event.time + absl::Hours(seed);
      Feed(event, &engine);
    }
  }
  engine.AdvanceTo(Timestamp(INT64_MAX));
  const auto by_rule = engine.detections_by_rule();
  for (size_t i = 0; i < by_rule.size(); ++i) {
    EXPECT_GT(by_rule[i], 0) << rules->rules()[i].id;
  }
}

TEST(SnapshotTest, CountersAndTheNoteComeBack) {
  const auto rules = CompileRules(kRules);
  Notes notes;
  Engine engine(rules, notes, Lateness(5));
  for (const StreamEvent& event : MakeStream(1, 100, 20)) Feed(event, &engine);
  engine.Feed(Event::Json("no event"));
  std::string bytes;
  engine.SaveTo(&bytes, "events.ndjson 4711");

  Engine other(rules, notes, Lateness(5));
  const auto report = other.LoadFrom(bytes);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->note, "events.ndjson 4711");
  // All but the two over one event.
  EXPECT_THAT(report->kept, SizeIs(rules->rules().size() - 2));
  EXPECT_EQ(other.stats().events, 101);
  EXPECT_EQ(other.stats().malformed, 1);
  EXPECT_GT(other.stats().late, 0);
  EXPECT_EQ(other.stats().incidents, engine.stats().incidents);
  EXPECT_THAT(other.detections_by_rule(),
              ::testing::ElementsAreArray(engine.detections_by_rule()));
  EXPECT_EQ(other.correlation_stats()[0].groups,
            engine.correlation_stats()[0].groups);
}

TEST(SnapshotTest, SavingAppendsAndChangesNothing) {
  const auto rules = CompileRules(kRules);
  Notes notes;
  Engine engine(rules, notes, Lateness(5));
  for (const StreamEvent& event : MakeStream(1, 50, 0)) Feed(event, &engine);
  std::string bytes = "before";
  engine.SaveTo(&bytes);
  EXPECT_EQ(bytes, "before" + Saved(engine));
}

TEST(SnapshotTest, AnotherLatenessIsRefused) {
  const auto rules = CompileRules(kRules);
  Notes notes;
  const Engine engine(rules, notes, Lateness(300));
  Engine other(rules, notes, Lateness(60));
  EXPECT_THAT(other.LoadFrom(Saved(engine)).status().ToString(),
              HasSubstr("the snapshot was taken with a lateness of 5m, and "
                        "that of this engine is 1m"));
}

TEST(SnapshotTest, OnlyRulesThatAreTheSameKeepTheirState) {
  const auto text = [](int limit, const std::string& more) {
    return absl::StrCat(
        "a = any where kind == \"a\"\n"
        "rule same { when a >= 2 within 1m by user.name }\n"
        "rule other { when a >= ",
        limit, " within 1m by user.name }\n", more.c_str());
  };
  Notes notes;
  Engine engine(
      CompileRules(text(2, "rule gone { when a >= 2 within 2m by kind }")),
      notes);
  const Timestamp time(1'700'000'000'000'000'000);
  const std::string json = R"({"kind":"a","user.name":"kim"})";
  engine.Feed(Event::Json(json).set_time(time));

  Engine next(
      CompileRules(text(3, "rule young { when a >= 2 within 2m by kind }")),
      notes);
  const auto report = next.LoadFrom(Saved(engine));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->kept, ElementsAre("same"));
  EXPECT_THAT(report->changed, ElementsAre("other"));
  EXPECT_THAT(report->added, ElementsAre("young"));
  EXPECT_THAT(report->dropped, ElementsAre("gone"));
  next.Feed(Event::Json(json).set_time(time));
  EXPECT_THAT(notes.lines, ElementsAre(HasSubstr("same ")));
}

TEST(SnapshotTest, ARuleWhoseStepReadsAnotherRuleNowIsAnotherRule) {
  const auto text = [](const std::string& kind) {
    return "a = any where kind == \"" + kind +
           "\"\n"
           "rule r { when a >= 2 within 1m by user.name }\n";
  };
  Notes notes;
  Engine engine(CompileRules(text("a")), notes);
  EXPECT_THAT(engine.Reload(CompileRules(text("b")))->changed,
              ElementsAre("r"));
}

TEST(SnapshotTest, AnEngineThatReloadsGoesOnWithOtherRules) {
  const std::string rule =
      "a = any where kind == \"a\"\n"
      "rule same { when a >= 2 within 1m by user.name }\n";
  Notes notes;
  Engine engine(CompileRules(rule), notes);
  const Timestamp time(1'700'000'000'000'000'000);
  const std::string json = R"({"kind":"a","user.name":"kim"})";
  engine.Feed(Event::Json(json).set_time(time));
  const auto report = engine.Reload(
      CompileRules(rule + "rule single { detect any where kind == \"a\" }"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->kept, ElementsAre("same"));
  EXPECT_THAT(report->added, IsEmpty());
  engine.Feed(Event::Json(json).set_time(time));
  EXPECT_THAT(notes.lines, ElementsAre(Not(IsEmpty()), HasSubstr("same ")));
  EXPECT_EQ(engine.stats().events, 2);
}

TEST(SnapshotTest, RulesOverOneEventKeepOnlyTheirCounts) {
  const auto rules = CompileRules("rule r { detect any where kind == \"a\" }");
  Notes notes;
  Engine engine(rules, notes);
  engine.Feed(Event::Json(R"({"kind":"a"})"));
  Engine other(rules, notes);
  const auto report = other.LoadFrom(Saved(engine));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->kept, IsEmpty());
  EXPECT_THAT(other.detections_by_rule(), ElementsAre(1));
}

TEST(SnapshotTest, CorrelationsMayAllComeOrGo) {
  const auto none = CompileRules("rule r { detect any where kind == \"a\" }");
  const auto one = CompileRules(
      "a = any where kind == \"a\"\n"
      "rule same { when a >= 2 within 1m by u }\n");
  Notes notes;
  Engine engine(none, notes);
  EXPECT_THAT(engine.Reload(one)->added, ElementsAre("same"));
  EXPECT_THAT(engine.Reload(none)->dropped, ElementsAre("same"));
}

TEST(SnapshotTest, CountersDoNotGoBackWhereCorrelationsComeAndGo) {
  const auto none = CompileRules("rule r { detect any where kind == \"a\" }");
  const auto one = CompileRules(
      "a = any where kind == \"a\"\n"
      "rule same { when a >= 2 within 1m by u }\n");
  Notes notes;
  Engine engine(one, notes);
  const Timestamp time(1'700'000'000'000'000'000);
  engine.Feed(Event::Json("{}").set_time(time));
  engine.Feed(Event::Json("{}").set_time(time - absl::Hours(1)));
  ASSERT_EQ(engine.stats().late, 1);
  ASSERT_TRUE(engine.Reload(none).ok());
  ASSERT_TRUE(engine.Reload(one).ok());
  engine.Feed(Event::Json("{}").set_time(time));
  EXPECT_EQ(engine.stats().late, 1);
}

class DamagedSnapshotTest : public ::testing::Test {
 protected:
  DamagedSnapshotTest() : engine_(CompileRules(kRules), notes_, Lateness(20)) {
    for (const StreamEvent& event : MakeStream(1, 60, 20)) {
      Feed(event, &engine_);
    }
    bytes_ = Saved(engine_);
    Feed(MakeStream(1, 61, 20).back(), &engine_);
    before_ = Saved(engine_);
  }

  std::string MessageOf(const std::string& bytes) {
    const auto report = engine_.LoadFrom(bytes);
    EXPECT_EQ(Saved(engine_), before_);
    return report.ok() ? "" : report.status().ToString();
  }

  Notes notes_;
  Engine engine_;
  std::string bytes_;
  std::string before_;
};

TEST_F(DamagedSnapshotTest, OneThatWasCutChangesNothing) {
  for (size_t size = 0; size < bytes_.size(); size += 97) {
    ASSERT_THAT(MessageOf(bytes_.substr(0, size)), Not(IsEmpty())) << size;
  }
  EXPECT_THAT(MessageOf(bytes_.substr(0, bytes_.size() - 1)),
              HasSubstr("the snapshot ends too early"));
}

TEST_F(DamagedSnapshotTest, FlippedBitsChangeNothing) {
  for (size_t bit = 0; bit < bytes_.size() * 8; bit += 801) {
    std::string flipped = bytes_;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_THAT(MessageOf(flipped), Not(IsEmpty())) << bit;
  }
}

TEST_F(DamagedSnapshotTest, OtherBytesAreNoSnapshot) {
  EXPECT_THAT(MessageOf(""), HasSubstr("these bytes are no snapshot"));
  EXPECT_THAT(MessageOf("{\"kind\":\"a\"}"),
              HasSubstr("these bytes are no snapshot"));
  EXPECT_THAT(MessageOf(bytes_ + "x"), HasSubstr("ends too early"));
}

TEST_F(DamagedSnapshotTest, AnotherVersionIsNamed) {
  bytes_[8] = 9;
  EXPECT_THAT(
      MessageOf(bytes_),
      HasSubstr("the snapshot has version 9, and version 1 is read here"));
}

TEST_F(DamagedSnapshotTest, AMissingSectionIsNoticed) {
  bytes_[12] = static_cast<char>(bytes_[12] + 1);
  EXPECT_THAT(MessageOf(bytes_), HasSubstr("lacks sections"));
}

// Ten thousand groups where there is room for fewer.
class SmallBudgetTest : public ::testing::Test {
 protected:
  static EngineOptions Options() {
    EngineOptions options;
    options.state_budget_bytes = 1 << 20;
    return options;
  }
  static void FeedUsers(int first, int last, Engine* engine) {
    const Timestamp start(1'700'000'000'000'000'000);
    for (int i = first; i < last; ++i) {
      engine->Feed(Event::Json(base::FromAbsl(absl::StrCat(
                                   R"({"kind":"a","u":"user)", i, "\"}")))
                       .set_time(start + absl::Milliseconds(i)));
    }
  }

  std::shared_ptr<const RuleSet> rules_ = CompileRules(
      "a = any where kind == \"a\"\n"
      "rule r { when a >= 2 within 1h by u }\n");
  Notes notes_;
};

TEST_F(SmallBudgetTest, WhatWasShedStaysCountedAndInexact) {
  Engine engine(rules_, notes_, Options());
  FeedUsers(0, 10000, &engine);
  const CorrelationStats before = engine.correlation_stats()[0];
  ASSERT_GT(before.shed, 0);
  Engine other(rules_, notes_, Options());
  ASSERT_TRUE(other.LoadFrom(Saved(engine)).ok());
  const CorrelationStats after = other.correlation_stats()[0];
  EXPECT_EQ(after.shed, before.shed);
  EXPECT_EQ(after.groups, before.groups);
  EXPECT_EQ(Saved(other), Saved(engine));
  // The first user was shed, and may have been seen more often than is known.
  FeedUsers(0, 1, &other);
  FeedUsers(0, 1, &other);
  EXPECT_THAT(notes_.lines, ElementsAre(HasSubstr("u=user0")));
  EXPECT_THAT(notes_.lines.back(), HasSubstr("inexact"));
}

TEST_F(SmallBudgetTest, AnEngineWithLessMemoryShedsTheOldest) {
  EngineOptions roomy;
  Engine engine(rules_, notes_, roomy);
  FeedUsers(0, 10000, &engine);
  ASSERT_EQ(engine.correlation_stats()[0].shed, 0);
  Engine other(rules_, notes_, Options());
  const auto report = other.LoadFrom(Saved(engine));
  ASSERT_TRUE(report.ok()) << report.status();
  const CorrelationStats after = other.correlation_stats()[0];
  EXPECT_GT(after.shed, 0);
  EXPECT_GT(after.groups, 0);
  EXPECT_EQ(after.shed + after.groups, 10000);
}

}  // namespace
}  // namespace tocsin
