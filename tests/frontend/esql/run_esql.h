// Helper of the tests of ES|QL: a query and events in, firings out.

#ifndef TOCSIN_TESTS_FRONTEND_ESQL_RUN_ESQL_H_
#define TOCSIN_TESTS_FRONTEND_ESQL_RUN_ESQL_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin::esql::testing {

// What fires: "event" for a rule over one event; else the keys of the group
// and the seconds since midnight.
class FiringSink : public Sink {
 public:
  void OnDetection(const Detection&) override { firings.push_back("event"); }
  void OnIncident(const Incident& incident) override {
    std::string text;
    for (const auto& key : incident.keys()) {
      absl::StrAppend(&text, key.missing ? "-" : key.value, " ");
    }
    const int64_t seconds = incident.time().nanos() / 1'000'000'000 % 86'400;
    firings.push_back(absl::StrCat(text, "@", seconds));
  }
  std::vector<std::string> firings;
};

// An event so many seconds after midnight; `members` without the braces.
inline std::string At(int seconds, const std::string& members) {
  const absl::Time time =
      absl::FromUnixSeconds(1'768'435'200 + seconds);  // 2026-01-15.
  return absl::StrCat(
      R"({"@timestamp":")",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()), "\"",
      members.empty() ? "" : ",", members, "}");
}

inline std::vector<std::string> Firings(
    const std::string& query, const std::vector<std::string>& events) {
  Compiler compiler;
  compiler.AddText(query, "rule.esql");
  const CompileResult compiled = compiler.Compile();
  std::vector<std::string> messages;
  for (const Diagnostic& d : compiled.diagnostics) {
    messages.push_back(RenderDiagnostic(d));
  }
  if (!compiled.ok() || compiled.rules_loaded != 1) return messages;
  FiringSink sink;
  Engine engine(compiled.rules, sink);
  for (const std::string& event : events) {
    EXPECT_TRUE(engine.Feed(Event::Json(event)).ok()) << event;
  }
  // Long after all of them.
  engine.AdvanceTo(Timestamp(1'768'435'200'000'000'000 + 86'400'000'000'000));
  return sink.firings;
}

inline bool Holds(const std::string& condition, const std::string& event) {
  const std::vector<std::string> found =
      Firings("from logs-* | " + condition, {event});
  if (!found.empty() && found[0] != "event") ADD_FAILURE() << found[0];
  return !found.empty();
}

}  // namespace tocsin::esql::testing

#endif  // TOCSIN_TESTS_FRONTEND_ESQL_RUN_ESQL_H_
