// Elastic's rules from their text to what an engine hands out.

#ifndef TOCSIN_TESTS_ENGINE_ELASTIC_TESTING_H_
#define TOCSIN_TESTS_ENGINE_ELASTIC_TESTING_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {

inline constexpr int64_t kBegin = 1'767'225'600'000'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

struct Timed {
  int64_t second = 0;
  std::string json;
};

inline Timestamp At(int64_t second) {
  return Timestamp(kBegin + second * kSecond);
}

// "level score title" of what was found, "rule second" of the same, and the
// documents of all alerts.
struct AlertSink : public Sink {
  void OnDetection(const Detection& detection) override { Add(detection); }
  void OnIncident(const Incident& incident) override {
    if (incident.change() == IncidentChange::kClosed) return;
    Add(incident);
  }
  void OnSuppressed(const Suppressed& suppressed) override {
    counted.push_back(std::to_string(suppressed.count()) +
                      (suppressed.over_limit() ? " over the limit" : ""));
    counted_ids.emplace(suppressed.id());
  }
  template <typename Finding>
  void Add(const Finding& finding) {
    found.push_back(std::string(finding.level()) + " " +
                    std::to_string(static_cast<int>(finding.risk_score())) +
                    " " + std::string(finding.title()));
    const int64_t since = finding.time().nanos() - kBegin;
    fired.push_back(finding.rule().id + " " + std::to_string(since / kSecond));
    std::string lines;
    AppendAlertJson(finding, &lines);
    for (size_t at = 0; at < lines.size();) {
      const size_t end = lines.find('\n', at);
      alerts.push_back(lines.substr(at, end - at));
      at = end + 1;
    }
  }
  std::vector<std::string> found;
  std::vector<std::string> fired;
  std::vector<std::string> alerts;
  std::vector<std::string> counted;
  std::set<std::string> counted_ids;  // Of the same reports.
};

struct Outcome : public AlertSink {
  EngineStats stats;
};

// All that comes of the rules, one a line or one in TOML, and the events.
inline Outcome RunOf(const std::string& rules, const std::vector<Timed>& events,
                     EngineOptions options = {}) {
  Compiler compiler;
  compiler.AddText(rules,
                   rules.starts_with('{') ? "rules.ndjson" : "rule.toml");
  const CompileResult compiled = compiler.Compile();
  for (const Diagnostic& told : compiled.diagnostics) {
    if (told.severity == Severity::kNote) continue;
    ADD_FAILURE() << RenderDiagnostic(told);
  }
  Outcome run;
  Engine engine(compiled.rules, run, std::move(options));
  for (const Timed& event : events) {
    EXPECT_TRUE(
        engine.Feed(Event::Json(event.json).set_time(At(event.second))).ok());
  }
  engine.AdvanceTo(Timestamp(INT64_MAX));
  run.stats = engine.stats();
  return run;
}

// A rule of a type, with `members` behind those that all have.
inline std::string Rule(std::string_view type, std::string_view members,
                        std::string_view id = "r") {
  return R"({"rule_id":")" + std::string(id) +
         R"(","name":"R","description":"d","severity":"medium",)"
         R"("risk_score":21,"type":")" +
         std::string(type) + R"(",)" + std::string(members) + "}\n";
}

}  // namespace tocsin

#endif  // TOCSIN_TESTS_ENGINE_ELASTIC_TESTING_H_
