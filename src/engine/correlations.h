// The correlations of an engine: its events to a Correlator, and what that
// fires, by way of Outcomes, to the sink. Without correlations it is the clock
// of outcomes of rules over one event.

#ifndef TOCSIN_SRC_ENGINE_CORRELATIONS_H_
#define TOCSIN_SRC_ENGINE_CORRELATIONS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "src/engine/correlation_state.h"
#include "src/engine/outcomes.h"
#include "src/program/outcome.h"
#include "src/runtime/match/event_matcher.h"
#include "tocsin/engine.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"

namespace tocsin::engine {

class Correlations {
 public:
  // `first_listed`: where correlations begin in RuleSet::rules(). Counts in
  // `stats` and, by listed rule, in `by_rule`. All must outlive this.
  Correlations(const RuleSet& rules, uint32_t first_listed,
               const EngineOptions& options, Sink* sink, EngineStats* stats,
               std::vector<int64_t>* by_rule);
  ~Correlations();

  // An event that `matcher`, the same each time, has loaded, and that matched
  // `rules`. Null: nothing has loaded it. What it makes true may wait for
  // Finish, which all that is not const here and is about correlations begins
  // with.
  void Take(const Event& event, runtime::EventMatcher* matcher, Timestamp time,
            std::span<const uint32_t> rules);
  void Finish();

  void AdvanceTo(Timestamp watermark);
  // As Engine::ForgetReports.
  void ForgetReports();
  // Alerts of what fired since the last call; none unless some rule reads them.
  struct OwnAlert {
    std::string id;
    std::string json;
    Timestamp time;
  };
  std::vector<OwnAlert> TakeAlerts();

  // Whether an event of that time would count, and not be too far ahead.
  bool Believes(Timestamp time) const;
  // No event before is expected any more.
  Timestamp watermark() const;

  // As of Outcomes; `matcher` has loaded the event.
  bool GoesOut(uint32_t listed, const program::Outcome& outcome,
               const Detection& detection, runtime::EventMatcher* matcher,
               DetectionTexts* texts);
  void OnReported(uint32_t listed, const program::Outcome& outcome,
                  const Detection& detection);

  // Whether some rule reads `alerts`.
  bool reads_alerts() const;
  // An alert about the event that was taken last, as a finding
  // (src/engine/findings.h).
  void FeedAlert(std::string_view json);
  // One of another engine.
  void FeedAlert(std::string_view json, Timestamp time);

  // The same of scores, and what the detection reported last has given.
  bool reads_risks() const;
  std::vector<Outcomes::GivenRisk> TakeRisks();
  void FeedRisk(std::string_view json);
  void FeedRisk(std::string_view json, Timestamp time);

  std::vector<CorrelationStats> stats() const;

  // For snapshots; as CorrelationState and Outcomes have them. REQUIRES of
  // saving: nothing waits for Finish.
  void Save(state::SnapshotWriter* out) const;
  absl::Status Load(std::span<const state::SnapshotReader::Section> sections,
                    LoadReport* report);
  void SaveKey(std::span<const IncidentKey> key,
               state::SnapshotWriter* out) const;
  absl::Status LoadKey(std::span<const state::SnapshotReader::Section> sections,
                       LoadReport* report);
  void DropKey(std::span<const IncidentKey> key);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_CORRELATIONS_H_
