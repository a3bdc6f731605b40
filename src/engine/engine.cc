#include "tocsin/engine.h"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/digest.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/engine/alert_documents.h"
#include "src/engine/correlations.h"
#include "src/engine/findings.h"
#include "src/engine/jobs.h"
#include "src/engine/rule_size.h"
#include "src/logsource/classifier.h"
#include "src/program/program.h"
#include "src/runtime/event/event_time.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/event_matcher.h"
#include "src/state/snapshot.h"

namespace tocsin {
namespace {

runtime::EventMatcherOptions MatcherOptions(const EngineOptions& options) {
  return {.routing = options.routing,
          .log_source = options.log_source,
          .recognizers = options.recognizers,
          .unknown_source_meets_all = options.unknown_source_meets_all,
          .require_fields = options.require_fields,
          .time = {.field = options.time_field,
                   .format = options.time_format,
                   .assumed_zone = options.assumed_zone}};
}

// How many events of one kind there were.
struct KindCount {
  const logsource::EventKind* kind = nullptr;  // Null: none yet.
  int64_t events = 0;
  size_t rules = 0;
};

// What of a detection is worked out only if its sink asks.
class LazyDetails final : public Detection::Details {
 public:
  explicit LazyDetails(runtime::EventMatcher* matcher) : matcher_(matcher) {}

  void Begin(uint32_t number, const RuleInfo& rule, const Event& event,
             Timestamp time) {
    number_ = number;
    rule_ = &rule;
    event_ = &event;
    time_ = time;
    id_.clear();
    matched_.clear();
    explained_ = false;
  }

  std::string_view id() const override {
    if (id_.empty()) id_ = MakeId();
    return id_;
  }

  std::span<const MatchedField> matched() const override {
    if (!explained_) matcher_->Explain(number_, &matched_);
    explained_ = true;
    return matched_;
  }

 private:
  std::string MakeId() const {
    base::Digest digest;
    digest.Add(rule_->content_hash).Add(rule_->id);
    if (!event_->id().empty()) {
      digest.Add("id").Add(event_->id());
    } else {
      digest.Add("content").AddInt(time_.nanos());
      AddContent(&digest);
    }
    return digest.Hex();
  }

  // A Lookup event has no bytes of its own, so its scalars stand in, in the
  // order the host gives them.
  void AddContent(base::Digest* digest) const {
    if (event_->lookup() == nullptr) {
      digest->Add(event_->json());
      return;
    }
    std::string number;
    matcher_->ForEachScalar([&](std::string_view key, const FieldValue& value) {
      number.clear();
      if (value.is_number()) base::AppendNumberText(value, &number);
      digest->Add(key).Add(value.is_number() ? number : value.text());
    });
  }

  runtime::EventMatcher* matcher_;
  uint32_t number_ = 0;
  const RuleInfo* rule_ = nullptr;
  const Event* event_ = nullptr;
  Timestamp time_;
  mutable std::string id_;
  mutable std::vector<MatchedField> matched_;
  mutable bool explained_ = false;
};

// The counters that snapshots have, in their order.
std::array<int64_t*, 11> Counters(EngineStats* stats) {
  return {&stats->events,         &stats->malformed,    &stats->invalid_utf8,
          &stats->unknown_source, &stats->without_time, &stats->zone_assumed,
          &stats->detections,     &stats->incidents,    &stats->late,
          &stats->future,         &stats->timeless};
}

// Alerts about alerts about alerts: so many times over, and so many from what
// one event brings about.
constexpr int kMostAlertDepth = 8;
constexpr size_t kMostAlertsAtOnce = 1000;

// By what a snapshot knows a rule over one event.
constexpr size_t kRuleNameBytes = 16;
std::string NameOf(const RuleInfo& rule) {
  return base::Digest().Add(rule.id).Add(rule.content_hash).Bytes();
}

}  // namespace

struct Engine::Impl {
  Impl(std::shared_ptr<const RuleSet> rule_set, Sink& sink_in,
       EngineOptions options_in)
      : rules(std::move(rule_set)),
        sink(&sink_in),
        options(std::move(options_in)),
        matcher(rules->program(), MatcherOptions(options)),
        details(&matcher),
        by_rule(rules->rules().size(), 0) {
    const program::Program& program = rules->program();
    for (const program::Rule& rule : program.rules) {
      listed.push_back(listed_rules);
      if (rule.role != program::RuleRole::kStep) ++listed_rules;
    }
    if (!program.correlations.empty() || !program.outcomes.empty() ||
        !program.jobs.empty()) {
      correlations.emplace(*rules, listed_rules, options, sink, &stats,
                           &by_rule);
    }
    if (!program.jobs.empty()) {
      jobs = std::make_unique<engine::Jobs>(program, options);
    }
    for (const program::Rule& rule : program.rules) {
      reads_anomalies |= rule.reads_anomalies;
    }
    if (options.collect_rule_costs) {
      for (const int64_t bytes : engine::RuleSizes(rules->program())) {
        costs.push_back({.bytes = bytes});
      }
    }
  }

  void CountKind() {
    const logsource::EventKind* kind = matcher.kind();
    if (kind == nullptr) return;
    if (!kind->known) ++stats.unknown_source;
    if (kinds.size() <= kind->id) kinds.resize(kind->id + 1);
    KindCount& count = kinds[kind->id];
    if (count.kind == nullptr) {
      count.kind = kind;
      count.rules = matcher.rules_met();
    }
    ++count.events;
  }

  void FindTime(const Event& event) {
    time_source = TimeSource::kNone;
    time = Timestamp();
    if (event.time().has_value()) {
      time = *event.time();
      time_source = TimeSource::kHost;
      return;
    }
    if (const auto found = matcher.FindTime()) {
      time = found->time;
      time_source = TimeSource::kField;
      if (found->zone_assumed) ++stats.zone_assumed;
      return;
    }
    ++stats.without_time;
    if (event.arrival_time().has_value()) {
      time = *event.arrival_time();
      time_source = TimeSource::kArrival;
    }
  }

  void Finish() {
    if (correlations) correlations->Finish();
  }

  // Feeds what was reported of an event to rules that read alerts or risks.
  void FeedFindings(const Event& event) {
    if (reported.empty()) return;
    const std::string record = RecordOf(event);
    for (const Reported& finding : reported) {
      correlations->FeedAlert(engine::FindingOf(finding.members, record));
    }
    for (const Reported& finding : reported) {
      for (const auto& risk : finding.risks) {
        correlations->FeedRisk(
            engine::FindingOf(finding.members + "," +
                                  engine::RiskMembers(risk.score, risk.entity),
                              record));
      }
    }
    reported.clear();
  }

  // The event as a JSON object.
  std::string RecordOf(const Event& event) {
    if (event.lookup() == nullptr) return std::string(event.json());
    EventBuilder record;
    matcher.ForEachScalar([&](std::string_view key, const FieldValue& value) {
      if (value.kind() == FieldKind::kBool) {
        record.Add(key, value.bool_value());
      } else if (value.kind() == FieldKind::kInt) {
        record.Add(key, value.int_value());
      } else if (value.kind() == FieldKind::kUint) {
        record.Add(key, value.uint_value());
      } else if (value.kind() == FieldKind::kDouble) {
        record.Add(key, value.double_value());
      } else {
        record.Add(key, value.text());
      }
    });
    return std::string(record.json());
  }

  // Whether it goes out. `is_read`: some rule reads what others find.
  bool Report(uint32_t number, const Event& event, bool is_read) {
    const RuleInfo& rule = rules->program().infos[number];
    details.Begin(number, rule, event, time);
    const uint32_t outcome = rules->program().rules[number].outcome;
    if (outcome == program::kNoOutcome) {
      Report(number, Detection(rule, event, time, time_source, details));
      if (is_read) AddFinding(rule, rule.level);
      return true;
    }
    const program::Outcome& clauses = rules->program().outcomes[outcome];
    const Detection detection(rule, event, time, time_source, details, &texts);
    if (!correlations->GoesOut(listed[number], clauses, detection, &matcher,
                               &texts)) {
      return false;
    }
    Report(number, detection);
    correlations->OnReported(listed[number], clauses, detection);
    if (is_read) AddFinding(rule, texts.level);
    return true;
  }

  void AddFinding(const RuleInfo& rule, std::string_view level) {
    reported.push_back({.members = engine::FindingMembers(rule, level),
                        .risks = correlations->TakeRisks()});
  }

  // Moves jobs to the event's time, unless that is too far ahead; returns the
  // detections that rules made of what they found.
  int MoveJobs() {
    is_believed =
        time_source != TimeSource::kNone && correlations->Believes(time);
    if (!is_believed) return 0;
    jobs->Move(time);
    return ReportAnomalies();
  }

  // The event that the matcher has loaded, to jobs that want it.
  int AddToJobs(const Event& event, std::span<const uint32_t> matches) {
    if (!is_believed) return 0;
    jobs->Add(event, &matcher, time, matches);
    return ReportAnomalies();
  }

  // Hands out what jobs have found; returns the detections that rules made of
  // it. Sets `is_loaded` to false where the matcher has loaded others for it.
  int ReportAnomalies() {
    int detections = 0;
    std::string json;
    while (jobs->HasFound()) {
      const engine::Jobs::Found found = jobs->TakeFound();
      sink->OnAnomalies(found.bucket);
      if (!reads_anomalies) continue;
      for (const AnomalyRecord& record : found.bucket.records) {
        json.clear();
        AppendAnomalyRecordJson(found.bucket, record, &json);
        detections += FeedRecord(json, record.id, found.decided);
      }
    }
    return detections;
  }

  // A record is an event to the rules that ask for what jobs find, and to no
  // others: what these find does not depend on which jobs are loaded.
  int FeedRecord(std::string_view json, std::string_view id,
                 Timestamp decided) {
    is_loaded = false;
    const Event record = Event::Json(json).set_id(id);
    if (!matcher.Load(record).ok()) {
      ++stats.alerts_unread;
      return 0;
    }
    const Timestamp event_time = std::exchange(time, decided);
    const TimeSource event_source =
        std::exchange(time_source, TimeSource::kField);
    const int detections =
        FeedFound(record, &program::Rule::reads_anomalies, true);
    time = event_time;
    time_source = event_source;
    return detections;
  }

  // Holds what was found, which the matcher has loaded, against the rules that
  // read such. Returns how many of them report it. `is_waiting`: rules over
  // several events take it as well.
  int FeedFound(const Event& event, bool program::Rule::* reads,
                bool is_waiting) {
    int detections = 0;
    const std::vector<program::Rule>& all = rules->program().rules;
    std::vector<uint32_t> matches;
    const bool is_read =
        correlations->reads_alerts() || correlations->reads_risks();
    reported.clear();
    for (const uint32_t rule : matcher.Match()) {
      if (!(all[rule].*reads)) continue;
      matches.push_back(rule);
      if (all[rule].role != program::RuleRole::kReports) continue;
      if (Report(rule, event, is_read)) ++detections;
    }
    if (!is_waiting) return detections;
    correlations->Take(event, &matcher, time, matches);
    correlations->Finish();
    FeedFindings(event);
    return detections;
  }

  // --- Rules over the alerts of this engine.

  void KeepAlert(const Detection& detection) {
    std::vector<engine::AlertDocument> documents;
    engine::AppendAlerts(detection, &documents);
    for (engine::AlertDocument& document : documents) {
      alerts.push_back({.alert = {.id = std::move(document.id),
                                  .json = std::move(document.json),
                                  .time = detection.time()},
                        .depth = alert_depth + 1});
    }
  }

  void KeepFired() {
    for (auto& alert : correlations->TakeAlerts()) {
      alerts.push_back({.alert = std::move(alert), .depth = alert_depth + 1});
    }
  }

  // Holds what was found against rules that read alerts, and what these find in
  // turn. Nothing waits.
  void FeedOwnAlerts() {
    if (!rules->program().has_alert_readers || !correlations) return;
    KeepFired();
    for (size_t fed = 0; !alerts.empty(); alerts.pop_front()) {
      const KeptAlert kept = std::move(alerts.front());
      alert_depth = kept.depth;
      if (kept.depth > kMostAlertDepth || ++fed > kMostAlertsAtOnce ||
          !FeedOwnAlert(kept.alert)) {
        ++stats.alerts_unread;
      } else {
        ++stats.alerts_read;
      }
      KeepFired();
      alert_depth = 0;
    }
  }

  // It is known only now, and so it is an event of now. Behind the end of time
  // correlations have nothing to wait for.
  bool FeedOwnAlert(const engine::Correlations::OwnAlert& alert) {
    const Timestamp watermark = correlations->watermark();
    const bool is_over = watermark.nanos() == INT64_MAX;
    const std::string json = engine::AsStored(alert.json);
    const Event event = Event::Json(json).set_id(alert.id);
    if (!matcher.Load(event).ok()) return false;
    is_loaded = false;
    time = is_over ? alert.time : std::max(alert.time, watermark);
    time_source = TimeSource::kHost;
    FeedFound(event, &program::Rule::reads_alerts, !is_over);
    return true;
  }

  // What is decided up to the newest event is known to rules that read alerts
  // before time goes on.
  void AdvanceTo(Timestamp watermark) {
    if (!correlations) return;
    int64_t newest = 0;
    const int64_t now = correlations->watermark().nanos();
    const bool goes_in_steps =
        rules->program().has_alert_readers && now != INT64_MIN &&
        !__builtin_add_overflow(
            now, absl::ToInt64Nanoseconds(options.lateness) + 1, &newest) &&
        newest < watermark.nanos();
    if (goes_in_steps) {
      correlations->AdvanceTo(Timestamp(newest));
      FeedOwnAlerts();
    }
    correlations->AdvanceTo(watermark);
    FeedOwnAlerts();
  }

  void Report(uint32_t number, const Detection& detection) {
    ++by_rule[listed[number]];
    ++stats.detections;
    sink->OnDetection(detection);
    if (rules->program().has_alert_readers) KeepAlert(detection);
  }

  // --- Snapshots.

  void Save(std::string_view note, std::string* bytes) const {
    const size_t begin = bytes->size();
    state::SnapshotWriter out(bytes);
    state::BeginSnapshot(&out);
    out.BeginSection(state::kEngineSection);
    out.PutText(note);
    EngineStats counted = stats;
    for (const int64_t* counter : Counters(&counted)) out.PutInt(*counter);
    uint64_t count = 0;
    const size_t count_at = out.Reserve64();
    for (uint32_t i = 0; i < listed_rules; ++i) {
      if (by_rule[i] == 0) continue;
      ++count;
      out.PutBytes(NameOf(rules->rules()[i]));
      out.PutInt(by_rule[i]);
    }
    out.Set64(count_at, count);
    out.EndSection();
    if (jobs != nullptr) jobs->Save(&out);
    if (correlations) correlations->Save(&out);
    state::EndSnapshot(begin, &out);
  }

  absl::StatusOr<LoadReport> Load(std::string_view bytes) {
    const auto sections = state::OpenSnapshot(bytes);
    if (!sections.ok()) return sections.status();
    if (sections->empty() || sections->front().kind != state::kEngineSection) {
      return state::SnapshotError("has other sections than it should");
    }
    LoadReport report;
    state::SnapshotReader in(sections->front().body);
    report.note = in.GetText();
    EngineStats loaded;
    for (int64_t* counter : Counters(&loaded)) *counter = in.GetCounter();
    base::StringMap<int64_t> counts;
    for (uint64_t left = in.GetCount(kRuleNameBytes + 8); left > 0; --left) {
      const std::string_view name = in.GetBytes(kRuleNameBytes);
      counts[name] = in.GetCounter();
    }
    absl::Status status = state::FinishReading(in);
    const auto rest = std::span(*sections).subspan(1);
    const auto of_jobs =
        rest.first(static_cast<size_t>(std::find_if(rest.begin(), rest.end(),
                                                    [](const auto& section) {
                                                      return section.kind !=
                                                             state::kJobSection;
                                                    }) -
                                       rest.begin()));
    // Into jobs of their own, so that an error leaves the others.
    auto next = std::make_unique<engine::Jobs>(rules->program(), options);
    if (status.ok()) status = next->Load(of_jobs, &report);
    if (status.ok()) {
      status = LoadCorrelations(rest.subspan(of_jobs.size()), &report);
    }
    if (!status.ok()) return status;
    if (jobs != nullptr) jobs = std::move(next);
    loaded.incidents_opened = stats.incidents_opened;
    loaded.incidents_closed = stats.incidents_closed;
    loaded.incidents_closed_early = stats.incidents_closed_early;
    loaded.incidents_open = stats.incidents_open;
    loaded.suppressed = stats.suppressed;
    loaded.over_limit = stats.over_limit;
    loaded.responses = stats.responses;
    stats = loaded;
    for (uint32_t i = 0; i < listed_rules; ++i) {
      const auto found = counts.find(NameOf(rules->rules()[i]));
      by_rule[i] = found == counts.end() ? 0 : found->second;
    }
    return report;
  }

  absl::Status LoadCorrelations(
      std::span<const state::SnapshotReader::Section> sections,
      LoadReport* report) {
    if (correlations) return correlations->Load(sections, report);
    // Those of the snapshot are dropped, and have to be read for it.
    EngineStats unused = stats;
    engine::Correlations none(*rules, listed_rules, options, sink, &unused,
                              &by_rule);
    return none.Load(sections, report);
  }

  std::shared_ptr<const RuleSet> rules;
  Sink* sink;
  EngineOptions options;
  runtime::EventMatcher matcher;
  LazyDetails details;
  std::vector<KindCount> kinds;  // By EventKind::id.
  EngineStats stats;
  std::vector<int64_t> by_rule;
  // What the event's detections are to rules that read them.
  struct Reported {
    std::string members;
    std::vector<engine::Outcomes::GivenRisk> risks;
  };
  std::vector<Reported> reported;
  DetectionTexts texts;
  std::vector<uint32_t> listed;  // Numbers in RuleSet::rules().
  uint32_t listed_rules = 0;     // Of them, how many are over one event.
  std::optional<engine::Correlations> correlations;
  std::unique_ptr<engine::Jobs> jobs;  // Null if there are none.
  bool reads_anomalies = false;        // Some rule does.
  bool is_loaded = true;               // The matcher has the event that is fed.
  bool is_believed = true;             // Its time is not too far ahead.
  std::vector<RuleCost> costs;  // By rule of the program. Empty: not counted.
  std::vector<RuleCost> listed_costs;
  // For rules that read alerts.
  struct KeptAlert {
    engine::Correlations::OwnAlert alert;
    int depth = 1;
  };
  std::deque<KeptAlert> alerts;
  int alert_depth = 0;  // Of the alert that is an event now; 0: none is.
  Timestamp time;
  TimeSource time_source = TimeSource::kNone;
};

Engine::Engine(std::shared_ptr<const RuleSet> rules, Sink& sink,
               EngineOptions options)
    : impl_(
          std::make_unique<Impl>(std::move(rules), sink, std::move(options))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

FeedResult Engine::Feed(const Event& event) {
  const FeedResult result = Take(event);
  Finish();
  return result;
}

void Engine::Finish() { impl_->Finish(); }

FeedResult Engine::Take(const Event& event) {
  Impl& impl = *impl_;
  FeedResult result;
  ++impl.stats.events;
  const runtime::LoadResult loaded = impl.matcher.Load(event);
  if (!loaded.ok()) {
    ++impl.stats.malformed;
    result.error = loaded.error;
    result.error_offset = loaded.error_offset;
    return result;
  }
  if (loaded.repaired_utf8) ++impl.stats.invalid_utf8;
  impl.CountKind();
  impl.FindTime(event);
  if (impl.jobs) {
    impl.is_loaded = true;
    result.detections += impl.MoveJobs();
    if (!impl.is_loaded) impl.matcher.Load(event);
  }
  const std::span<const uint32_t> matches =
      impl.costs.empty()
          ? impl.matcher.Match()
          : impl.matcher.MatchAndCount(impl.costs, impl.options.clock);
  const std::vector<program::Rule>& rules = impl.rules->program().rules;
  const bool is_read =
      impl.correlations &&
      (impl.correlations->reads_alerts() || impl.correlations->reads_risks());
  impl.reported.clear();
  bool is_first = true;
  for (const uint32_t rule : matches) {
    if (rules[rule].role != program::RuleRole::kReports) continue;
    // What events before it make true is said before.
    if (std::exchange(is_first, false)) impl.Finish();
    if (impl.Report(rule, event, is_read)) ++result.detections;
  }
  if (impl.correlations) {
    if (impl.time_source == TimeSource::kNone) {
      if (!impl.rules->program().correlations.empty() || impl.jobs) {
        ++impl.stats.timeless;
        result.uncounted = Uncounted::kTimeless;
      }
      if (impl.jobs) impl.jobs->CountUntimely();
    } else {
      const int64_t late = impl.stats.late;
      const int64_t future = impl.stats.future;
      impl.correlations->Take(event, &impl.matcher, impl.time, matches);
      if (impl.stats.late > late) result.uncounted = Uncounted::kLate;
      if (impl.stats.future > future) result.uncounted = Uncounted::kFuture;
      // Findings are about the event that was taken last; and nothing waits
      // while jobs report.
      if (is_read || impl.jobs) impl.Finish();
      impl.FeedFindings(event);
      if (impl.jobs) result.detections += impl.AddToJobs(event, matches);
    }
  }
  if (impl.rules->program().has_alert_readers) {
    impl.Finish();
    impl.FeedOwnAlerts();
  }
  return result;
}

namespace {

// What is wrong with what should be one JSON object.
FeedResult LookAt(std::string_view json) {
  FeedResult result;
  runtime::EventView view;
  const runtime::LoadResult loaded = view.Load(Event::Json(json));
  if (!loaded.ok()) {
    result.error = loaded.error;
    result.error_offset = loaded.error_offset;
  }
  return result;
}

}  // namespace

FeedResult Engine::FeedAlert(std::string_view json, Timestamp time) {
  Finish();
  const FeedResult result = LookAt(json);
  if (result.ok() && impl_->correlations) {
    impl_->correlations->FeedAlert(json, time);
    impl_->FeedOwnAlerts();
  }
  return result;
}

FeedResult Engine::FeedRisk(std::string_view json, Timestamp time) {
  Finish();
  const FeedResult result = LookAt(json);
  if (result.ok() && impl_->correlations) {
    impl_->correlations->FeedRisk(json, time);
    impl_->FeedOwnAlerts();
  }
  return result;
}

void Engine::ForgetReports() {
  Finish();
  if (impl_->correlations) impl_->correlations->ForgetReports();
}

void Engine::AdvanceTo(Timestamp watermark) {
  if (impl_->jobs) {
    impl_->jobs->AdvanceTo(watermark);
    impl_->ReportAnomalies();
  }
  impl_->AdvanceTo(watermark);
}

std::vector<JobStats> Engine::job_stats() const {
  if (!impl_->jobs) return {};
  return impl_->jobs->stats();
}

std::vector<CorrelationStats> Engine::correlation_stats() const {
  if (!impl_->correlations) return {};
  return impl_->correlations->stats();
}

const EngineStats& Engine::stats() const { return impl_->stats; }

std::span<const int64_t> Engine::detections_by_rule() const {
  return impl_->by_rule;
}

std::span<const RuleCost> Engine::rule_costs() const {
  Impl& impl = *impl_;
  if (!impl.correlations) return impl.costs;
  // Steps of correlations are not listed.
  impl.listed_costs.clear();
  const std::vector<program::Rule>& rules = impl.rules->program().rules;
  for (size_t i = 0; i < impl.costs.size(); ++i) {
    if (rules[i].role == program::RuleRole::kStep) continue;
    impl.listed_costs.push_back(impl.costs[i]);
  }
  if (!impl.costs.empty()) impl.listed_costs.resize(impl.by_rule.size());
  return impl.listed_costs;
}

std::vector<SourceStats> Engine::sources() const {
  std::vector<SourceStats> sources;
  for (const KindCount& count : impl_->kinds) {
    if (count.kind == nullptr) continue;
    sources.push_back({.known = count.kind->known,
                       .products = count.kind->products,
                       .categories = count.kind->categories,
                       .services = count.kind->services,
                       .events = count.events,
                       .rules = static_cast<int>(count.rules)});
  }
  return sources;
}

void Engine::SaveTo(std::string* bytes, std::string_view note) const {
  impl_->Finish();
  impl_->Save(note, bytes);
}

absl::StatusOr<LoadReport> Engine::LoadFrom(std::string_view bytes) {
  Finish();
  return impl_->Load(bytes);
}

void Engine::SaveKey(std::span<const IncidentKey> key,
                     std::string* bytes) const {
  impl_->Finish();
  const size_t begin = bytes->size();
  state::SnapshotWriter out(bytes);
  state::BeginSnapshot(&out);
  if (impl_->correlations) impl_->correlations->SaveKey(key, &out);
  state::EndSnapshot(begin, &out);
}

absl::StatusOr<LoadReport> Engine::LoadKey(std::string_view bytes) {
  Finish();
  const auto sections = state::OpenSnapshot(bytes);
  if (!sections.ok()) return sections.status();
  LoadReport report;
  // An engine without correlations has no keys, and saves none.
  if (!impl_->correlations || sections->empty()) return report;
  const absl::Status status = impl_->correlations->LoadKey(*sections, &report);
  if (!status.ok()) return status;
  impl_->FeedOwnAlerts();
  return report;
}

void Engine::DropKey(std::span<const IncidentKey> key) {
  Finish();
  if (impl_->correlations) impl_->correlations->DropKey(key);
}

absl::StatusOr<LoadReport> Engine::Reload(
    std::shared_ptr<const RuleSet> rules) {
  std::string bytes;
  SaveTo(&bytes);
  auto next =
      std::make_unique<Impl>(std::move(rules), *impl_->sink, impl_->options);
  absl::StatusOr<LoadReport> report = next->Load(bytes);
  if (report.ok()) impl_ = std::move(next);
  return report;
}

const RuleSet& Engine::rules() const { return *impl_->rules; }

absl::StatusOr<std::string> SnapshotNote(std::string_view bytes) {
  const auto sections = state::OpenSnapshot(bytes);
  if (!sections.ok()) return sections.status();
  if (sections->empty() || sections->front().kind != state::kEngineSection) {
    return state::SnapshotError("has other sections than it should");
  }
  state::SnapshotReader in(sections->front().body);
  std::string note(in.GetText());
  if (!in.ok()) return state::SnapshotError(in.error());
  return note;
}

}  // namespace tocsin
