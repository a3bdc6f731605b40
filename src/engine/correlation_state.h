// CorrelationState: the correlator of an engine, and how it becomes bytes.
//
// A snapshot of it is sections: the clock, one for each correlation, the events
// that wait. That of one group key is the key, then the same of what belongs to
// it. docs/state_format.md has the layout.

#ifndef TOCSIN_SRC_ENGINE_CORRELATION_STATE_H_
#define TOCSIN_SRC_ENGINE_CORRELATION_STATE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/state/snapshot.h"
#include "tocsin/engine.h"
#include "tocsin/incident.h"
#include "tocsin/rule_set.h"
#include "tocsin/snapshot.h"

namespace tocsin::engine {

class CorrelationState {
 public:
  // `first_listed`: where correlations begin in RuleSet::rules(), and so their
  // counts in `by_rule`. All must outlive this.
  CorrelationState(const RuleSet& rules, uint32_t first_listed,
                   const EngineOptions& options, runtime::FiredHandler* handler,
                   runtime::FindingReader* findings, runtime::EventLog* log,
                   runtime::EventLog* indicator_log,
                   std::vector<int64_t>* by_rule);

  runtime::Correlator& correlator() { return *correlator_; }
  const runtime::Correlator& correlator() const { return *correlator_; }

  // Events of one time keep the order in which they came.
  uint64_t NextRef() { return ++events_fed_; }

  void Save(state::SnapshotWriter* out) const;
  // On an error nothing changes.
  absl::Status Load(std::span<const state::SnapshotReader::Section> sections,
                    LoadReport* report);

  // As of Engine.
  void SaveKey(std::span<const IncidentKey> key,
               state::SnapshotWriter* out) const;
  // `key`: which it is.
  absl::Status LoadKey(std::span<const state::SnapshotReader::Section> sections,
                       std::vector<IncidentKey>* key, LoadReport* report);
  void DropKey(std::span<const IncidentKey> key);

 private:
  struct SavedRule;

  std::unique_ptr<runtime::Correlator> MakeCorrelator(
      const runtime::CorrelatorOptions& options) const;
  std::span<const program::Correlation> correlations() const {
    return rules_.program().correlations;
  }
  std::span<const RuleInfo> infos() const {
    return rules_.rules().subspan(first_listed_);
  }

  // What must be the same where bytes are read: lateness and seed; and how many
  // events there were.
  struct Origin;
  void SaveOrigin(state::SnapshotWriter* out) const;
  absl::Status LoadOrigin(state::SnapshotReader* in, Origin* origin) const;

  void SaveRuleHead(uint32_t rule, int64_t incidents,
                    state::SnapshotWriter* out) const;
  static absl::Status OpenRules(
      std::span<const state::SnapshotReader::Section> sections,
      std::vector<SavedRule>* saved);
  std::vector<uint32_t> MatchRules(const std::vector<SavedRule>& saved,
                                   LoadReport* report) const;
  runtime::Correlator::Keys KeysOf(std::span<const IncidentKey> key) const;

  const RuleSet& rules_;
  const uint32_t first_listed_;
  runtime::FiredHandler* const handler_;
  std::vector<int64_t>* const by_rule_;
  runtime::CorrelatorOptions options_;
  uint64_t events_fed_ = 0;
  std::unique_ptr<runtime::Correlator> correlator_;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_CORRELATION_STATE_H_
