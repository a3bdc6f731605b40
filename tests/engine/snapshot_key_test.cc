// One group key on its way from engine to engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "tests/engine/snapshot_testing.h"
#include "tocsin/engine.h"
#include "tocsin/snapshot.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using testing_snapshot::CompileRules;
using testing_snapshot::MakeStream;
using testing_snapshot::Notes;
using testing_snapshot::StreamEvent;

constexpr int kLateness = 20;

EngineOptions Options(std::string secret = "for tests") {
  EngineOptions options;
  options.lateness = absl::Seconds(kLateness);
  options.state_secret = std::move(secret);
  return options;
}

std::vector<IncidentKey> User(std::string name) {
  return {{.name = "user.name", .value = std::move(name)}};
}

std::string KeyBytes(const Engine& engine,
                     const std::vector<IncidentKey>& key) {
  std::string bytes;
  engine.SaveKey(key, &bytes);
  return bytes;
}

// The rules of the other tests, all of them by user. Left out are those whose
// groups have more to them, one that also finds events of no user, and one that
// knows since when it has had events of any key.
std::shared_ptr<const RuleSet> UserRules() {
  std::string text(testing_snapshot::kRules);
  for (const std::string_view name :
       {"two_keys", "ties", "rises", "lives_of_many", "lives_of_ties",
        "lives_of_events", "held_of_many", "held_of_ties", "held_events"}) {
    const size_t begin = text.find("rule " + std::string(name));
    text.erase(begin, text.find('}', begin) + 1 - begin);
  }
  const std::string_view host = "by host.name";
  for (size_t at = 0; (at = text.find(host, at)) != std::string::npos;) {
    text.replace(at, host.size(), "by user.name");
  }
  return CompileRules(text);
}

// Each user's events go to one of two engines, and users change places all the
// time. Both know how far time has come.
class Shards {
 public:
  Shards(const std::shared_ptr<const RuleSet>& rules, uint32_t seed)
      : rules_(rules), random_(seed) {
    for (Engine*& engine : engines_) {
      owned_.push_back(std::make_unique<Engine>(rules, notes_, Options()));
      engine = owned_.back().get();
    }
  }

  void Feed(const StreamEvent& event) {
    newest_ = std::max(newest_, event.time);
    const size_t at = event.json.find("user.name\":\"");
    if (at == std::string::npos) return;  // Of no group.
    const std::string user = event.json.substr(at + 12, 5);
    int& place = places_[user];
    if (random_() % 3 == 0) {
      Move(user, engines_[place], engines_[1 - place]);
      place = 1 - place;
      // What came with the key can be saved at once.
      if (random_() % 2 == 0) {
        EXPECT_TRUE(engines_[place]->Reload(rules_).ok());
      }
    }
    engines_[place]->Feed(Event::Json(event.json).set_time(event.time));
    for (Engine* engine : engines_) {
      engine->AdvanceTo(newest_ - absl::Seconds(kLateness));
    }
  }

  std::vector<std::string> Finish() {
    for (Engine* engine : engines_) engine->AdvanceTo(Timestamp(INT64_MAX));
    std::sort(notes_.lines.begin(), notes_.lines.end());
    return notes_.lines;
  }

 private:
  static void Move(const std::string& user, Engine* from, Engine* to) {
    const std::string bytes = KeyBytes(*from, User(user));
    from->DropKey(User(user));
    const auto report = to->LoadKey(bytes);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->changed, IsEmpty());
    EXPECT_THAT(report->dropped, IsEmpty());
  }

  const std::shared_ptr<const RuleSet> rules_;
  std::mt19937 random_;
  Notes notes_;
  Engine* engines_[2];
  std::vector<std::unique_ptr<Engine>> owned_;
  std::map<std::string, int> places_;
  Timestamp newest_;
};

TEST(SnapshotKeyTest, KeysThatChangeEnginesGiveWhatOneEngineGives) {
  const auto rules = UserRules();
  for (uint32_t seed = 0; seed < 10; ++seed) {
    const auto stream = MakeStream(seed, 150, kLateness);
    Notes alone;
    Engine engine(rules, alone, Options());
    Shards shards(rules, seed);
    for (const StreamEvent& event : stream) {
      engine.Feed(Event::Json(event.json).set_time(event.time));
      shards.Feed(event);
    }
    engine.AdvanceTo(Timestamp(INT64_MAX));
    std::sort(alone.lines.begin(), alone.lines.end());
    ASSERT_THAT(alone.lines, Not(IsEmpty()));
    EXPECT_EQ(absl::StrJoin(shards.Finish(), "\n"),
              absl::StrJoin(alone.lines, "\n"))
        << seed;
  }
}

class OneRuleTest : public ::testing::Test {
 protected:
  std::string Bytes(const Engine& engine) {
    return KeyBytes(engine, User("kim"));
  }
  void Feed(const std::string& json, Engine* engine) {
    engine->Feed(
        Event::Json(json).set_time(Timestamp(1'700'000'000'000'000'000)));
  }

  const std::string text_ =
      "a = any where kind == \"a\"\n"
      "rule r { when a >= 2 within 1m by user.name }\n";
  const std::string kim_ = R"({"kind":"a","user.name":"kim","host.name":"h"})";
  Notes notes_;
};

TEST_F(OneRuleTest, AKeyIsReplacedByWhatIsLoaded) {
  const auto rules = CompileRules(text_);
  Engine empty(rules, notes_, Options());
  Engine engine(rules, notes_, Options());
  Feed(kim_, &engine);
  ASSERT_TRUE(engine.LoadKey(Bytes(empty)).ok());
  Feed(kim_, &engine);
  EXPECT_THAT(notes_.lines, IsEmpty());
}

TEST_F(OneRuleTest, OtherKeysStay) {
  const auto rules = CompileRules(text_);
  Engine engine(rules, notes_, Options());
  Feed(kim_, &engine);
  engine.DropKey(User("lee"));
  engine.DropKey({{{.name = "host.name", .value = "kim"}}});
  Feed(kim_, &engine);
  EXPECT_THAT(notes_.lines, SizeIs(1));
}

TEST_F(OneRuleTest, ANumberAndItsTextAreOneKey) {
  const auto rules = CompileRules(text_);
  Engine engine(rules, notes_, Options());
  Feed(R"({"kind":"a","user.name":1001})", &engine);
  engine.DropKey(User("1001"));
  EXPECT_EQ(engine.correlation_stats()[0].groups, 0);
}

TEST_F(OneRuleTest, FieldsOfAKeyMayStandInAnyOrder) {
  const auto rules = CompileRules(
      "a = any where kind == \"a\"\n"
      "rule r { when a >= 2 within 1m by user.name, ?host.name }\n");
  Engine engine(rules, notes_, Options());
  Feed(R"({"kind":"a","user.name":"kim"})", &engine);
  Feed(kim_, &engine);
  ASSERT_EQ(engine.correlation_stats()[0].groups, 2);
  engine.DropKey({{{.name = "host.name", .value = "h"},
                   {.name = "user.name", .value = "kim"}}});
  EXPECT_EQ(engine.correlation_stats()[0].groups, 1);
  engine.DropKey({{{.name = "host.name", .missing = true},
                   {.name = "user.name", .value = "kim"}}});
  EXPECT_EQ(engine.correlation_stats()[0].groups, 0);
}

TEST_F(OneRuleTest, WhatTimeHasPassedElsewhereIsDecidedWhereTheKeyComes) {
  const auto rules = CompileRules(
      "a = any where kind == \"a\"\n"
      "b = any where kind == \"b\"\n"
      "rule r { when a then not b within 1m by user.name }\n");
  Engine engine(rules, notes_, Options());
  Feed(kim_, &engine);
  Engine later(rules, notes_, Options());
  later.AdvanceTo(Timestamp(1'700'000'000'000'000'000) + absl::Minutes(2));
  ASSERT_TRUE(later.LoadKey(Bytes(engine)).ok());
  EXPECT_THAT(notes_.lines, ElementsAre(HasSubstr("user.name=kim")));
  Engine third(rules, notes_, Options());
  EXPECT_TRUE(third.LoadFrom(testing_snapshot::Saved(later)).ok());
}

TEST_F(OneRuleTest, AKeyFromAheadCanBeSavedWhereTimeIsBehind) {
  const auto rules = CompileRules(
      "a = any where kind == \"a\"\n"
      "b = any where kind == \"b\"\n"
      "rule r { when a then not b within 1m by user.name }\n");
  Engine engine(rules, notes_, Options());
  Feed(kim_, &engine);
  Engine behind(rules, notes_, Options());
  behind.Feed(Event::Json(R"({"kind":"a","user.name":"lee"})")
                  .set_time(Timestamp(1'600'000'000'000'000'000)));
  ASSERT_TRUE(behind.LoadKey(Bytes(engine)).ok());
  Engine third(rules, notes_, Options());
  ASSERT_TRUE(third.LoadFrom(testing_snapshot::Saved(behind)).ok());
  third.AdvanceTo(Timestamp(INT64_MAX));
  EXPECT_THAT(
      notes_.lines,
      ElementsAre(HasSubstr("user.name=lee"), HasSubstr("user.name=lee"),
                  HasSubstr("user.name=kim"), HasSubstr("user.name=kim")));
}

TEST_F(OneRuleTest, ATieIsAKeyOfItsOwn) {
  const auto rules = CompileRules(
      "a = any where kind == \"a\"\n"
      "rule r { when a >= 2 within 1m by any of user.name, host.name }\n");
  Engine engine(rules, notes_, Options());
  Feed(kim_, &engine);
  ASSERT_EQ(engine.correlation_stats()[0].groups, 2);
  engine.DropKey(User("kim"));
  EXPECT_EQ(engine.correlation_stats()[0].groups, 1);
}

TEST_F(OneRuleTest, ARuleThatIsAnotherStartsFresh) {
  Engine engine(CompileRules(text_), notes_, Options());
  Feed(kim_, &engine);
  std::string changed = text_;
  changed.replace(changed.find(">= 2"), 4, ">= 3");
  Engine other(CompileRules(changed), notes_, Options());
  const auto report = other.LoadKey(Bytes(engine));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->changed, ElementsAre("r"));
  EXPECT_EQ(other.correlation_stats()[0].groups, 0);
}

TEST_F(OneRuleTest, HashesUnderAnotherSecretAreRefused) {
  const auto rules = CompileRules(
      "a = any where kind == \"a\"\n"
      "rule r { when distinct(host.name) of a >= 2 within 1m by user.name }\n");
  Engine engine(rules, notes_, Options());
  Engine other(rules, notes_, Options("another"));
  EXPECT_THAT(other.LoadKey(Bytes(engine)).status().ToString(),
              HasSubstr("under another secret"));
}

TEST_F(OneRuleTest, DamagedBytesChangeNothing) {
  const auto rules = CompileRules(text_);
  Engine engine(rules, notes_, Options());
  Feed(kim_, &engine);
  const std::string bytes = Bytes(engine);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(engine.LoadKey(flipped).ok()) << "byte " << i;
    EXPECT_FALSE(engine.LoadKey(bytes.substr(0, i)).ok()) << i << " bytes";
  }
  EXPECT_EQ(Bytes(engine), bytes);
}

TEST_F(OneRuleTest, ASnapshotOfAnEngineIsNoKeyAndTheOtherWayRound) {
  const auto rules = CompileRules(text_);
  Engine engine(rules, notes_, Options());
  EXPECT_THAT(
      engine.LoadKey(testing_snapshot::Saved(engine)).status().ToString(),
      HasSubstr("has other sections than it should"));
  EXPECT_THAT(engine.LoadFrom(Bytes(engine)).status().ToString(),
              HasSubstr("has other sections than it should"));
}

}  // namespace
}  // namespace tocsin
