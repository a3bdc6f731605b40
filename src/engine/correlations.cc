#include "src/engine/correlations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/base/json_writer.h"
#include "src/engine/alert_documents.h"
#include "src/engine/correlation_state.h"
#include "src/engine/event_fields.h"
#include "src/engine/findings.h"
#include "src/engine/firing.h"
#include "src/engine/outcomes.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/incident/event_log.h"

namespace tocsin::engine {
namespace {

// Events that wait at most: what is reported for one comes no later.
constexpr int kMostWaiting = 64;

}  // namespace

struct Correlations::Impl final : public runtime::FiredHandler {
  Impl(const RuleSet& rule_set, uint32_t first, const EngineOptions& options,
       Sink* sink_in, EngineStats* stats_in, std::vector<int64_t>* by_rule_in)
      : rules(rule_set),
        first_listed(first),
        stats(stats_in),
        by_rule(by_rule_in),
        fields(rules.program()),
        findings(rules.program()),
        log(rule_set.program().correlations.empty() ||
                    options.sample_events <= 0
                ? 0
                : static_cast<size_t>(
                      std::max<int64_t>(options.sample_bytes, 0))),
        indicators(HasIndicators(rule_set.program())
                       ? static_cast<size_t>(
                             std::max<int64_t>(options.indicator_bytes, 0))
                       : 0),
        state(rules, first, options, this, &findings, &log, &indicators,
              by_rule),
        outcomes(rules, first, options, sink_in, stats_in),
        firing(rules, first, state, log, indicators, options) {
    outcomes.set_gives_risks(state.correlator().reads_risks());
  }

  static bool HasIndicators(const program::Program& program) {
    return std::any_of(
        program.correlations.begin(), program.correlations.end(),
        [](const program::Correlation& rule) { return rule.has_indicators; });
  }

  // Of a rule that relates by any of several fields, what fires for one event
  // through several ties is one incident.
  void OnFired(const runtime::Fired& fired) override {
    const program::Correlation& rule = rules.program().correlations[fired.rule];
    if (!rule.reports) {
      level = rules.rules()[first_listed + fired.rule].level;
      return;
    }
    if (has_tied &&
        (fired.rule != firing.correlation() || fired.at != firing.at())) {
      Flush();
    }
    if (has_tied) {
      firing.AddTie(fired);
    } else {
      firing.Begin(fired);
    }
    has_tied = true;
    level = firing.Level();
    if (!rule.any_of) Flush();
  }

  void EndTies() override { Flush(); }
  // Of several ties it is not known yet.
  bool IsAlert() override { return has_tied || is_reported; }
  std::string_view Level() override { return level; }
  std::vector<std::string> TakeRisks() override {
    return std::exchange(risk_findings, {});
  }

  void Flush() {
    if (!has_tied) return;
    has_tied = false;
    is_reported = outcomes.OnFiring(firing, level);
    if (!is_reported) return;
    ++stats->incidents;
    ++(*by_rule)[first_listed + firing.correlation()];
    if (rules.program().has_alert_readers) AddAlerts();
    if (outcomes.has_risks()) AddRisks();
  }

  void AddAlerts() {
    std::vector<AlertDocument> documents;
    const Incident::Data data = {.rule = &firing.rule(),
                                 .time = firing.time(),
                                 .first_time = firing.first_time(),
                                 .level = level};
    AppendAlerts(Incident(data, firing), &documents);
    for (AlertDocument& document : documents) {
      alerts.push_back({.id = std::move(document.id),
                        .json = std::move(document.json),
                        .time = firing.time()});
    }
  }

  void AddRisks() {
    const std::vector<Outcomes::GivenRisk> given = outcomes.TakeRisks();
    if (state.correlator().reads_findings(firing.correlation())) return;
    const std::string members = FindingMembers(firing.rule(), level);
    for (const Outcomes::GivenRisk& risk : given) {
      std::string json = "{" + members;
      const auto name = [&](std::string_view member) {
        json += ',';
        base::AppendJsonString(member, &json);
        json += ':';
      };
      for (const IncidentKey& key : firing.keys()) {
        if (key.missing) continue;
        name(key.name);
        base::AppendJsonString(key.value, &json);
      }
      for (const IncidentValue& value : firing.values()) {
        name(value.name);
        base::AppendJsonDouble(value.value, &json);
      }
      json += "," + RiskMembers(risk.score, risk.entity) + "}";
      risk_findings.push_back(std::move(json));
    }
  }

  // Behind what is done at one time.
  void Finish() {
    waiting = 0;
    state.correlator().Finish();
    Flush();
    // Of ties, which are one only now.
    for (const std::string& risk : TakeRisks()) {
      state.correlator().FeedRisk(risk);
      Flush();
    }
    outcomes.MoveTo(state.correlator().watermark());
  }

  const RuleSet& rules;
  const uint32_t first_listed;
  EngineStats* stats;
  std::vector<int64_t>* by_rule;
  EventViewFields fields;
  Findings findings;
  runtime::EventLog log;
  runtime::EventLog indicators;
  CorrelationState state;
  Outcomes outcomes;

  Firing firing;            // The last one.
  bool has_tied = false;    // It is not done: there may be more ties.
  bool is_reported = true;  // It was.
  int waiting = 0;          // Events that were taken.
  std::string_view level;   // Of what fired last, reported or not.
  std::vector<std::string> risk_findings;
  std::vector<OwnAlert> alerts;
};

Correlations::Correlations(const RuleSet& rules, uint32_t first_listed,
                           const EngineOptions& options, Sink* sink,
                           EngineStats* stats, std::vector<int64_t>* by_rule)
    : impl_(std::make_unique<Impl>(rules, first_listed, options, sink, stats,
                                   by_rule)) {}
Correlations::~Correlations() = default;

void Correlations::Take(const Event& event, runtime::EventMatcher* matcher,
                        Timestamp time, std::span<const uint32_t> rules) {
  Impl& impl = *impl_;
  if (++impl.waiting == kMostWaiting || impl.log.IsFarAhead()) impl.Finish();
  impl.fields.Begin(event, matcher != nullptr ? matcher->kind() : nullptr, time,
                    matcher);
  const runtime::Moment at = {.time = time.nanos(),
                              .ref = impl.state.NextRef()};
  runtime::Correlator& correlator = impl.state.correlator();
  const runtime::CorrelatorCounters before = correlator.counters();
  if (matcher != nullptr) {
    impl.log.Open(event.json(), event.id(), time.nanos());
    impl.indicators.Open(event.json(), event.id(), time.nanos());
  }
  correlator.Take(at, impl.fields, rules);
  impl.log.Close();
  impl.indicators.Close();
  // The engine's have more to them where it had no correlations for a while.
  if (impl.rules.program().correlations.empty()) return;
  impl.stats->late += correlator.counters().late - before.late;
  impl.stats->future += correlator.counters().future - before.future;
}

void Correlations::Finish() { impl_->Finish(); }

bool Correlations::reads_alerts() const {
  return impl_->state.correlator().reads_alerts();
}

void Correlations::FeedAlert(std::string_view json) {
  impl_->state.correlator().FeedAlert(json);
  impl_->Finish();
}

void Correlations::FeedAlert(std::string_view json, Timestamp time) {
  // As an event that no rule over one event was held against.
  Take(Event::Json(json), nullptr, time, {});
  Finish();
  FeedAlert(json);
}

bool Correlations::reads_risks() const {
  return impl_->state.correlator().reads_risks();
}

std::vector<Outcomes::GivenRisk> Correlations::TakeRisks() {
  return impl_->outcomes.TakeRisks();
}

void Correlations::FeedRisk(std::string_view json) {
  impl_->state.correlator().FeedRisk(json);
  impl_->Finish();
}

void Correlations::FeedRisk(std::string_view json, Timestamp time) {
  Take(Event::Json(json), nullptr, time, {});
  Finish();
  FeedRisk(json);
}

void Correlations::AdvanceTo(Timestamp watermark) {
  impl_->Finish();
  impl_->state.correlator().AdvanceTo(watermark.nanos());
  impl_->Finish();
}

void Correlations::ForgetReports() {
  impl_->Finish();
  impl_->outcomes.Forget();
}

bool Correlations::Believes(Timestamp time) const {
  return impl_->state.correlator().Believes(time.nanos());
}

Timestamp Correlations::watermark() const {
  return Timestamp(impl_->state.correlator().watermark());
}

std::vector<Correlations::OwnAlert> Correlations::TakeAlerts() {
  return std::exchange(impl_->alerts, {});
}

bool Correlations::GoesOut(uint32_t listed, const program::Outcome& outcome,
                           const Detection& detection,
                           runtime::EventMatcher* matcher,
                           DetectionTexts* texts) {
  impl_->fields.Begin(detection.event(), matcher->kind(), detection.time(),
                      matcher);
  return impl_->outcomes.GoesOut(listed, outcome, detection, &impl_->fields,
                                 texts);
}

void Correlations::OnReported(uint32_t listed, const program::Outcome& outcome,
                              const Detection& detection) {
  impl_->outcomes.OnReported(listed, outcome, detection, &impl_->fields);
}

std::vector<CorrelationStats> Correlations::stats() const {
  const runtime::Correlator& correlator = impl_->state.correlator();
  std::vector<CorrelationStats> all;
  const size_t count = impl_->rules.program().correlations.size();
  for (uint32_t i = 0; i < count; ++i) {
    const runtime::RuleCounters& counters = correlator.counters(i);
    all.push_back({.events = counters.events,
                   .incidents = (*impl_->by_rule)[impl_->first_listed + i],
                   .late = counters.late,
                   .future = counters.future,
                   .without_key = counters.without_key,
                   .keys_cut = counters.keys_cut,
                   .shed = counters.shed,
                   .refused = counters.refused,
                   .not_compared = counters.not_compared,
                   .groups = static_cast<int64_t>(correlator.group_count(i))});
  }
  return all;
}

// --- Snapshots: sections of the state, then that of outcomes.

namespace {

using Sections = std::span<const state::SnapshotReader::Section>;

// The body of the last section, which is taken off `sections`, if it is of that
// kind; else empty.
std::string_view TakeLast(state::SectionKind kind, Sections* sections) {
  if (sections->empty() || sections->back().kind != kind) return {};
  const std::string_view body = sections->back().body;
  *sections = sections->first(sections->size() - 1);
  return body;
}

}  // namespace

void Correlations::Save(state::SnapshotWriter* out) const {
  impl_->state.Save(out);
  impl_->outcomes.Save(nullptr, out);
  if (impl_->log.is_on()) {
    out->BeginSection(state::kEventSection);
    impl_->log.Save(out);
    out->EndSection();
  }
  if (impl_->indicators.is_on()) {
    out->BeginSection(state::kIndicatorSection);
    impl_->indicators.Save(out);
    out->EndSection();
  }
}

absl::Status Correlations::Load(Sections sections, LoadReport* report) {
  const std::string_view saved_indicators =
      TakeLast(state::kIndicatorSection, &sections);
  const std::string_view events = TakeLast(state::kEventSection, &sections);
  auto outcomes =
      impl_->outcomes.Load(TakeLast(state::kOutcomeSection, &sections));
  if (!outcomes.ok()) return outcomes.status();
  // On an error the one there was stays.
  runtime::EventLog log(impl_->log.bytes());
  absl::Status status;
  if (!events.empty()) {
    state::SnapshotReader in(events);
    log.Load(&in);
    status = state::FinishReading(in);
  }
  runtime::EventLog indicators(impl_->indicators.bytes());
  if (status.ok() && !saved_indicators.empty()) {
    state::SnapshotReader in(saved_indicators);
    indicators.Load(&in);
    status = state::FinishReading(in);
  }
  if (status.ok()) status = impl_->state.Load(sections, report);
  if (!status.ok()) return status;
  impl_->outcomes.TakeOver(*std::move(outcomes));
  impl_->log = std::move(log);
  impl_->indicators = std::move(indicators);
  return status;
}

void Correlations::SaveKey(std::span<const IncidentKey> key,
                           state::SnapshotWriter* out) const {
  impl_->state.SaveKey(key, out);
  const std::vector<IncidentKey> parts(key.begin(), key.end());
  impl_->outcomes.Save(&parts, out);
}

absl::Status Correlations::LoadKey(Sections sections, LoadReport* report) {
  const std::string_view outcomes = TakeLast(state::kOutcomeSection, &sections);
  std::vector<IncidentKey> key;
  absl::Status status = impl_->state.LoadKey(sections, &key, report);
  if (!status.ok()) return status;
  status = impl_->outcomes.LoadKey(key, outcomes);
  if (!status.ok()) {
    impl_->state.DropKey(key);
    return status;
  }
  impl_->state.correlator().CatchUp();
  impl_->Finish();
  return status;
}

void Correlations::DropKey(std::span<const IncidentKey> key) {
  impl_->state.DropKey(key);
  impl_->outcomes.DropKey(key);
}

}  // namespace tocsin::engine
