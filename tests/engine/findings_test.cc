// Rules that read what others find.

#include "src/engine/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kStart(1'767'225'600'000'000'000);

class NameSink : public Sink {
 public:
  void OnDetection(const Detection& detection) override {
    names.push_back(detection.rule().title);
  }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    names.push_back(incident.rule().title);
  }
  std::vector<std::string> names;
};

class FindingsTest : public ::testing::Test {
 protected:
  void Load(const std::string& own, const std::string& sigma = {}) {
    Compiler compiler;
    if (!sigma.empty()) compiler.AddText(sigma, "rules.yml");
    compiler.AddText(own, "rules.toc");
    const CompileResult compiled = compiler.Compile();
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      EXPECT_NE(diagnostic.severity, Severity::kError)
          << RenderDiagnostic(diagnostic);
    }
    engine_ = std::make_unique<Engine>(compiled.rules, sink_);
  }

  void Feed(int second, const std::string& json) {
    Event event = Event::Json(json);
    engine_->Feed(event.set_time(kStart + absl::Seconds(second)));
  }
  std::vector<std::string> Take() { return std::exchange(sink_.names, {}); }

  NameSink sink_;
  std::unique_ptr<Engine> engine_;
};

constexpr char kTwoShells[] = R"(
rule shell { severity high  tags attack.execution, attack.t1059.001
  detect any where name == "cmd.exe" }
rule quiet { severity low  detect any where name == "ls" }
rule noisy_host {
  alert = alerts where severity >= "medium" and threat.tactic.id == "TA0002"
      and threat.technique.id == "T1059"
  when alert >= 2 within 1h by host.name }
)";

TEST_F(FindingsTest, AlertsAreDetectionsWithTheFieldsOfTheirEvents) {
  Load(kTwoShells);
  Feed(0, R"({"name":"cmd.exe","host":{"name":"a"}})");
  Feed(1, R"({"name":"cmd.exe","host.name":"b"})");
  Feed(2, R"({"name":"ls","host.name":"a"})");
  EXPECT_THAT(Take(), ElementsAre("shell", "shell", "quiet"));
  Feed(3, R"({"name":"cmd.exe","host.name":"a"})");
  EXPECT_THAT(Take(), ElementsAre("shell", "noisy_host"));
}

TEST_F(FindingsTest, WhatAnEventCallsItsSeverityIsNotThatOfTheAlert) {
  Load(kTwoShells);
  Feed(0, R"({"name":"ls","host.name":"a","severity":"critical"})");
  Feed(1, R"({"name":"ls","host.name":"a","severity":"critical"})");
  EXPECT_THAT(Take(), ElementsAre("quiet", "quiet"));
  Feed(2, R"({"name":"cmd.exe","host.name":"a","severity":"low"})");
  Feed(3, R"({"name":"cmd.exe","host.name":"a","severity":"low"})");
  EXPECT_THAT(Take(), ElementsAre("shell", "shell", "noisy_host"));
}

TEST_F(FindingsTest, EventsThatLookLikeAlertsAreNone) {
  Load(kTwoShells);
  const std::string alert = R"({"severity":"high","threat.tactic.id":"TA0002",)"
                            R"("threat.technique.id":"T1059","host.name":"a"})";
  for (int i = 0; i < 3; ++i) Feed(i, alert);
  EXPECT_THAT(Take(), IsEmpty());
  for (int i = 3; i < 5; ++i) {
    EXPECT_TRUE(engine_->FeedAlert(alert, kStart + absl::Seconds(i)).ok());
  }
  EXPECT_THAT(Take(), ElementsAre("noisy_host"));
}

TEST_F(FindingsTest, AnAlertThatIsNoJsonIsAnError) {
  Load(kTwoShells);
  EXPECT_FALSE(engine_->FeedAlert("{", kStart).ok());
}

TEST_F(FindingsTest, IncidentsAreAlertsWithTheirKeysAndValues) {
  Load(R"(
    failed = any where name == "failed"
    rule guesses { severity high
      when failed >= 2 within 1m by user.name
      fire reset }
    rule often {
      guessed = alerts where rule.id == "guesses" and failed.count >= 2
      when guessed >= 2 within 1h by user.name }
  )");
  for (const int second : {0, 1, 100}) {
    Feed(second, R"({"name":"failed","user.name":"kim"})");
  }
  EXPECT_THAT(Take(), ElementsAre("guesses"));
  Feed(101, R"({"name":"failed","user.name":"kim"})");
  EXPECT_THAT(Take(), ElementsAre("guesses", "often"));
}

TEST_F(FindingsTest, AnIncidentIsAsGraveToOthersAsItIs) {
  Load(R"(
rule guesses { severity low  severity critical if user == "root"
  failed = any where action == "fail"
  when failed >= 2 within 1h by user  fire every }
rule grave {
  worst = rule "guesses" where severity == "critical"
  when worst within 1h by user }
rule any_low { severity low
  low = alerts where severity == "low"
  when low within 1h by user  fire every })");
  Feed(0, R"({"action":"fail","user":"kim"})");
  Feed(1, R"({"action":"fail","user":"kim"})");
  EXPECT_THAT(Take(), ElementsAre("guesses", "any_low"));
  Feed(2, R"({"action":"fail","user":"root"})");
  Feed(3, R"({"action":"fail","user":"root"})");
  EXPECT_THAT(Take(), ElementsAre("guesses", "grave"));
}

TEST_F(FindingsTest, AnAlertNamesTheTie) {
  Load(R"(
    failed = any where name == "failed"
    rule tied { severity high
      when failed >= 2 within 1m by any of source.ip, user.name }
    rule by_user {
      seen = rule "tied" where tie.field == "user.name"
      when seen within 1h by tie.value }
  )");
  Feed(0, R"({"name":"failed","user.name":"kim","source.ip":"192.0.2.1"})");
  Feed(1, R"({"name":"failed","user.name":"lee","source.ip":"192.0.2.1"})");
  EXPECT_THAT(Take(), ElementsAre("tied"));
  Feed(2, R"({"name":"failed","user.name":"kim","source.ip":"192.0.2.2"})");
  EXPECT_THAT(Take(), ElementsAre("tied", "by_user"));
}

TEST_F(FindingsTest, WhatReadsAlertsIsNoAlert) {
  Load(R"(
    rule shell { severity high  detect any where name == "cmd.exe" }
    rule one { severity high  alert = alerts where severity == "high"
      when alert within 1h  fire every }
    rule two { severity high  alert = alerts where severity == "high"
      when alert >= 2 within 1h  fire every }
    rule three { found = rule "one"  when found within 1h  fire every }
  )");
  Feed(0, R"({"name":"cmd.exe"})");
  EXPECT_THAT(Take(), ElementsAre("shell", "one", "three"));
}

TEST_F(FindingsTest, AConditionOnAStepIsAskedOfWhatItsRuleFound) {
  Load(R"(
    failed = any where name == "failed"
    rule guesses { when distinct(host.name) of failed >= 2 within 1m by user.name
      fire every }
    rule known { found = rule "guesses" where user.name in ("kim", "root")
      when found within 1h by user.name }
  )");
  for (const char* user : {"lee", "kim"}) {
    for (const char* host : {"a", "b"}) {
      Feed(0, R"({"name":"failed","user.name":")" + std::string(user) +
                  R"(","host.name":")" + host + "\"}");
    }
  }
  EXPECT_THAT(Take(), ElementsAre("guesses", "guesses", "known"));
}

constexpr char kSigma[] = R"(title: Failed Logon
id: 11111111-1111-4111-8111-111111111111
name: failed_logon
logsource: {}
detection:
  selection:
    name: failed
  condition: selection
---
title: Many Failed Logons
id: 22222222-2222-4222-8222-222222222222
name: many_failed
correlation:
  type: event_count
  rules: [failed_logon]
  group-by: [user.name]
  timespan: 1m
  condition:
    gte: 2
)";

TEST_F(FindingsTest, StepsAreSigmaRulesAndCorrelationsByIdNameOrTitle) {
  for (const char* name : {"22222222-2222-4222-8222-222222222222",
                           "many_failed", "Many Failed Logons"}) {
    Load(
        "rule then_in {\n"
        "  many = rule \"" +
            std::string(name) +
            "\"\n"
            "  one = rule \"failed_logon\" where host.name == \"a\"\n"
            "  login = any where name == \"in\"\n"
            "  when many then one then login within 1h by user.name }\n",
        kSigma);
    for (int i = 0; i < 3; ++i) {
      Feed(i, R"({"name":"failed","user.name":"kim","host.name":"a"})");
    }
    Take();
    Feed(4, R"({"name":"in","user.name":"kim"})");
    EXPECT_THAT(Take(), ElementsAre("then_in")) << name;
  }
}

TEST(FindingMembersTest, TacticsAndTechniquesAreNamedByTheirIds) {
  RuleInfo rule;
  rule.id = "r";
  rule.title = "A \"rule\"";
  rule.level = "informational";
  rule.tags = {"attack.credential_access", "attack.t1110.001", "attack.t1110",
               "cve.2026.1", "attack.ta0001"};
  EXPECT_EQ(engine::FindingMembers(rule, rule.level),
            R"("rule.id":"r","rule.title":"A \"rule\"","severity":"info",)"
            R"("tags":["attack.credential_access","attack.t1110.001",)"
            R"("attack.t1110","cve.2026.1","attack.ta0001"],)"
            R"("threat.tactic.id":["TA0006","TA0001"],)"
            R"("threat.technique.id":["T1110"],)"
            R"("threat.technique.subtechnique.id":["T1110.001"])");
}

TEST(FindingOfTest, MembersStandBehindThoseOfTheEvent) {
  EXPECT_EQ(engine::FindingOf("\"a\":1", "{}"), "{\"a\":1}");
  EXPECT_EQ(engine::FindingOf("\"a\":1", "{\"b\":{}} \n"),
            "{\"b\":{},\"a\":1}");
  EXPECT_EQ(engine::FindingOf("\"a\":1", ""), "{\"a\":1}");
}

}  // namespace
}  // namespace tocsin
