// Outcomes: what becomes of what rules find, from firing to the sink.
//
// Correlations hand it each firing, the engine each detection of a rule that
// has an outcome. It decides which go out, keeps open incidents, and ends what
// the watermark has passed. It is part of snapshots: a section of its own, with
// the clauses that have something in it by their rules' ids and contents and
// the fields they go by.

#ifndef TOCSIN_SRC_ENGINE_OUTCOMES_H_
#define TOCSIN_SRC_ENGINE_OUTCOMES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/engine/firing.h"
#include "src/engine/outcome_texts.h"
#include "src/program/outcome.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/incident/incident_book.h"
#include "src/runtime/incident/window_book.h"
#include "src/state/snapshot.h"
#include "tocsin/engine.h"
#include "tocsin/incident.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"
#include "tocsin/suppressed.h"

namespace tocsin::engine {

class Outcomes {
 public:
  // `first_listed`: where correlations begin in RuleSet::rules(). All must
  // outlive this.
  Outcomes(const RuleSet& rules, uint32_t first_listed,
           const EngineOptions& options, Sink* sink, EngineStats* stats);

  // Reports it, unless it only counts on another, and what ends before it.
  // Whether it was reported. `level`: what Firing::Level says.
  bool OnFiring(const Firing& firing, std::string_view level);

  // A rule over one event, number `listed` in RuleSet::rules(), has found
  // something. `fields` are those of its event. Whether it goes out; if so, it
  // is to be reported, and then OnReported called with the same.
  // `texts` is filled before.
  bool GoesOut(uint32_t listed, const program::Outcome& outcome,
               const Detection& detection, runtime::EventFields* fields,
               DetectionTexts* texts);
  void OnReported(uint32_t listed, const program::Outcome& outcome,
                  const Detection& detection, runtime::EventFields* fields);

  // A score that was given, for rules that read risks.
  struct GivenRisk {
    double score = 0;
    std::string entity;  // "user.name:kim".
  };
  // Whether some rule reads them; else none are given.
  void set_gives_risks(bool gives) { gives_risks_ = gives; }
  // What was given since the last call, and whether there is any.
  bool has_risks() const { return !risks_.empty(); }
  std::vector<GivenRisk> TakeRisks() { return std::exchange(risks_, {}); }

  // Open incidents and what is held back; none of it is reported any more.
  void Forget();

  // Ends what the watermark has passed.
  void MoveTo(int64_t watermark) {
    if (windows_->IsDue(watermark) || book_->IsDue(watermark)) End(watermark);
  }

  // --- Snapshots. `key`: only what is of that group key; null: all.
  void Save(const std::vector<IncidentKey>* key,
            state::SnapshotWriter* out) const;
  // What Load has read, to be taken over when all else has been read.
  struct Loaded {
    std::unique_ptr<runtime::IncidentBook> book;
    std::unique_ptr<runtime::WindowBook> windows;
    EngineStats stats;  // Those that the section has.
  };
  // `body`: of the section; empty: there was none, and nothing is kept.
  absl::StatusOr<Loaded> Load(std::string_view body) const;
  void TakeOver(Loaded loaded);
  absl::Status LoadKey(const std::vector<IncidentKey>& key,
                       std::string_view body);
  void DropKey(std::span<const IncidentKey> key);

 private:
  using Keys = std::vector<std::optional<std::string>>;

  // A clause that keeps something by key.
  struct Clause {
    uint32_t listed = 0;
    std::string word;  // Tells those of one rule from each other.
    std::vector<std::string> fields;
    // Keys of the group of a rule that ties events by any of several fields:
    // the number of the field, and the value.
    bool is_tied = false;
    int64_t span = 1;  // Of slots.
    int64_t most = 0;  // Of limits.
    bool is_of_risk = false;
  };
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  void AddClauses(uint32_t listed);
  Clause MakeClause(uint32_t listed, std::string word,
                    const std::vector<program::OutcomeKey>* own_keys) const;
  std::unique_ptr<runtime::IncidentBook> MakeBook() const;
  std::unique_ptr<runtime::WindowBook> MakeWindows() const;

  // The key of a finding by fields of its own. nullopt: it lacks one.
  std::optional<std::string> OwnKey(std::span<const program::OutcomeKey> parts,
                                    const Firing& firing,
                                    const program::Outcome& outcome);
  std::optional<std::string> OwnKey(std::span<const program::OutcomeKey> parts,
                                    runtime::EventFields* fields);
  // Those by which a finding about an event is suppressed; none: it goes out.
  std::vector<std::string> SuppressKeys(const program::SuppressPolicy& policy,
                                        runtime::EventFields* fields);
  // What a key that Clause::fields are the names of says.
  void AppendClauseKeys(const Clause& clause, std::string_view key,
                        std::vector<IncidentKey>* keys);

  // Whether a rule has found as many as it may; if so, this one is counted.
  bool IsOverLimit(uint32_t listed, int64_t time);
  // One more of them goes out. `id`: makes it, where it is asked for.
  void CountOnLimit(uint32_t listed, absl::FunctionRef<std::string_view()> id,
                    int64_t time);
  // Whether a finding only counts on others, of each of its keys.
  bool IsHeldBack(uint32_t slot, std::span<const std::string> keys,
                  absl::FunctionRef<std::string_view()> id, int64_t time,
                  int level);
  void Respond(const program::Outcome& outcome, const RuleInfo& rule,
               std::string_view detection_id);
  void HandOut(const Response& response);
  void GiveRisk(uint32_t listed, size_t line, const FieldValue& value,
                std::string_view id, int64_t time);
  void Report(uint32_t incident, const Incident::Details& details,
              std::span<const std::string> keys);
  void End(int64_t watermark);
  void OnClosed(const runtime::OpenIncident& incident, bool is_early);
  void OnEnded(const runtime::OutcomeWindow& window, bool is_early);
  const program::Correlation* CorrelationOf(uint32_t listed) const;

  static Keys KeysOf(const std::vector<Clause>& clauses,
                     std::span<const IncidentKey> key);
  std::vector<uint32_t> SaveClauses(const std::vector<Clause>& clauses,
                                    const Keys* keys,
                                    state::SnapshotWriter* out) const;
  std::vector<uint32_t> LoadClauses(const std::vector<Clause>& clauses,
                                    state::SnapshotReader* in) const;
  absl::Status ReadSection(std::string_view body, const Keys* incident_keys,
                           const Keys* window_keys, Loaded* loaded) const;

  const RuleSet& rules_;
  const uint32_t first_listed_;
  const size_t most_open_;
  const size_t most_windows_;
  const bool limits_;
  Sink* const sink_;
  EngineStats* const stats_;

  // By listed rule; null where it has none.
  std::vector<const program::Outcome*> outcomes_;
  std::vector<uint32_t> incident_of_;  // Index into incidents_, or kNone.
  std::vector<uint32_t> suppress_of_;  // Index into slots_, or kNone.
  std::vector<uint32_t> limit_of_;     // Likewise.
  // By line of `risk`: index into slots_, or kNone without a cap.
  std::vector<std::vector<uint32_t>> risks_of_;
  std::vector<Clause> incidents_;
  std::vector<Clause> slots_;

  std::unique_ptr<runtime::IncidentBook> book_;
  std::unique_ptr<runtime::WindowBook> windows_;
  bool gives_risks_ = false;
  std::vector<GivenRisk> risks_;

  // Scratch.
  OutcomeTexts texts_of_;
  runtime::KeyWriter writer_;
  std::vector<runtime::KeyText> texts_;
  std::vector<std::string> own_keys_;
  Incident::Data data_;
  Suppressed::Data suppressed_;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_OUTCOMES_H_
