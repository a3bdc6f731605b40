// Engine: rules meet events.
//
//   tocsin::CallbackSink sink([](const tocsin::Detection& d) { Raise(d); });
//   tocsin::Engine engine(compiled.rules, sink);
//   for (std::string_view line : lines) {
//     tocsin::FeedResult fed = engine.Feed(tocsin::Event::Json(line));
//     if (!fed.ok()) Report(line, fed.error, fed.error_offset);
//   }
//
// Holds all state of a stream. One thread at a time; for more cores, make
// more engines over the same RuleSet. Never throws, reads a clock (but for one
// that the host hands in), starts a thread or does I/O. A malformed event is
// counted and costs only itself.
// Cost: follows the size of the event, hardly the number of rules, and is a few
// microseconds with thousands of rules (docs/performance.md). The first event
// of each kind costs more: what its rules are is worked out then. After that
// an event that no rule matches allocates nothing.

#ifndef TOCSIN_ENGINE_H_
#define TOCSIN_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tocsin/event.h"
#include "tocsin/incident.h"
#include "tocsin/log_source.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"
#include "tocsin/snapshot.h"

namespace tocsin {

// How a number that is a time is read.
enum class TimeFormat {
  kAuto,  // RFC 3339 text, or epoch with the unit guessed from its size.
  kEpochSeconds,
  kEpochMillis,
  kEpochMicros,
  kEpochNanos,
  kFileTime,  // 100 ns since 1601-01-01, as Windows counts.
};

struct EngineOptions {
  // On: a rule meets only events of its log source. Off: every rule meets
  // every event, and field renames of the log-source table are not applied.
  bool routing = true;

  // What all events of this engine are, for streams the table does not know
  // or gets wrong. Added to what the table finds.
  std::optional<LogSource> log_source;

  // Recognisers added to the built-in table.
  std::vector<LogSourceRecognizer> recognizers;

  // With routing, events of unknown source meet only rules that name no
  // product, category or service. True: they meet every rule.
  bool unknown_source_meets_all = false;

  // The field that holds the event time; empty: the built-in list
  // (docs/events.md, "Time").
  std::string time_field;

  // The unit of event times that are numbers.
  TimeFormat time_format = TimeFormat::kAuto;

  // Offset from UTC of times that carry no zone.
  absl::Duration assumed_zone = absl::ZeroDuration();

  // `not selection` is true where the selection's field is absent, as Sigma
  // defines it. True: a test on an absent field makes its rule fail even under
  // `not`, except tests for null or existence.
  bool require_fields = false;

  // How far behind the newest event others may come and still count for
  // correlations. What late events could undo is decided when so much time has
  // passed.
  absl::Duration lateness = absl::Minutes(5);

  // Correlations set an event aside whose time is further ahead of all others
  // than this: one wrong clock must not end every window. If some come in a
  // row, time has leapt, and they count.
  absl::Duration max_future_skew = absl::Hours(24);

  // Most memory that correlations keep about groups, in bytes. Beyond it the
  // oldest groups are forgotten and counted, and incidents that may lack events
  // for it say so.
  int64_t state_budget_bytes = int64_t{256} << 20;

  // Most incidents that are open at one time, some 300 bytes each. Beyond it
  // the one that would end next is closed early, says so, and is counted.
  int64_t max_open_incidents = 100'000;

  // Most keys of which detections are held back, or risk is capped, at one
  // time; some 250 bytes each. Beyond it the one that would end next ends
  // early.
  int64_t max_suppressed_keys = 100'000;

  // Elastic's rules find at most so many in each of their intervals as they say
  // (`max_signals`; 100, where they say nothing); what goes beyond it is held
  // back, counted (EngineStats::over_limit) and reported by its number. False:
  // all goes out.
  bool limit_signals = true;

  // Of recent events that joined groups, copies are kept in a ring of so many
  // bytes, a power of two, and half as many beside it; incidents hand out up to
  // `sample_events` of those they are made of, the first and the latest. 0:
  // none.
  int64_t sample_bytes = int64_t{4} << 20;
  int sample_events = 10;

  // The same of indicators that rules match events with (Elastic's
  // threat_match), which may have come long before: incidents hand them out
  // whole. Taken only if there is such a rule.
  int64_t indicator_bytes = int64_t{16} << 20;

  // Keeps hashes of event values from being foreseen. Empty: one is made up.
  // Engines that hand group keys to each other (SaveKey) need the same one. A
  // snapshot holds what follows from it, and LoadFrom takes that over.
  std::string state_secret;

  // Counts what each rule costs: Engine::rule_costs. Slows matching a little.
  bool collect_rule_costs = false;

  // Nanoseconds of a clock that never goes back, for RuleCost::nanos; called
  // twice per evaluation of a rule. Empty: time is not measured. Only used with
  // collect_rule_costs.
  std::function<int64_t()> clock;
};

// What one rule has cost since construction.
struct RuleCost {
  // Events in which the rule's guards let it through (docs/performance.md), so
  // that it was a candidate; of these, those whose class did not decide it.
  int64_t candidates = 0;
  int64_t evaluations = 0;
  int64_t matches = 0;

  // Time of evaluations. What several rules ask of an event is worked out once,
  // at the expense of the first; finding candidates and reporting detections is
  // not in it.
  int64_t nanos = 0;

  // Memory of its compiled form. Parts that rules share count for each.
  int64_t bytes = 0;
};

// Counters since construction. They never go back.
struct EngineStats {
  int64_t events = 0;          // All that were fed, malformed ones included.
  int64_t malformed = 0;       // Not JSON objects, or beyond a limit.
  int64_t invalid_utf8 = 0;    // Events with bytes replaced by U+FFFD.
  int64_t unknown_source = 0;  // Events no recogniser knew (routing on).
  int64_t without_time = 0;    // Events in which no time was found.
  int64_t zone_assumed = 0;    // Events whose time carried no zone.
  int64_t detections = 0;
  int64_t incidents = 0;  // Times that correlations fired, and said so.
  // Events that correlations did not count: behind the lateness, too far in the
  // future, without any time.
  int64_t late = 0;
  int64_t future = 0;
  int64_t timeless = 0;
  // Lives of incidents (incident.h).
  int64_t incidents_opened = 0;
  int64_t incidents_closed = 0;  // Early ones included.
  int64_t incidents_closed_early = 0;
  int64_t incidents_open = 0;  // Now.
  // Detections and firings that only counted on another; in no other counter.
  int64_t suppressed = 0;
  // Those that were more than their rule may find in a while; likewise.
  int64_t over_limit = 0;
  int64_t responses = 0;  // What rules asked the host to do.
  // Alerts of this engine that rules over alerts were asked of, and those that
  // were left out, since they are alerts about alerts too many times over, or
  // too many from one event. Records of jobs that are too large for an event
  // are among those as well; the sink has them.
  int64_t alerts_read = 0;
  int64_t alerts_unread = 0;
};

// What one correlation did, since construction. Counters never go back.
struct CorrelationStats {
  int64_t events = 0;  // That joined one of its groups.
  int64_t incidents = 0;
  int64_t late = 0;         // That came too late to count.
  int64_t future = 0;       // That were too far ahead to count.
  int64_t without_key = 0;  // That lacked a field of the group.
  int64_t keys_cut = 0;     // Values of arrays beyond 64 groups an event.
  int64_t shed = 0;         // Groups forgotten for want of memory.
  int64_t refused = 0;      // Events there was no memory for at all.
  // Times when a condition behind `by` was not tested on all there was: more
  // than it looks at, or values that are too long.
  int64_t not_compared = 0;
  int64_t groups = 0;  // Kept now.
};

// What one job of detectors did, since construction. Counters never go back.
struct JobStats {
  int64_t events = 0;    // That fell into a bucket.
  int64_t late = 0;      // Of buckets that were over.
  int64_t untimely = 0;  // Without the job's time, or with one that cannot be.
  // Series, values and people that were not taken on for want of memory, each
  // once a bucket.
  int64_t refused = 0;
  int64_t buckets = 0;  // That had events, and are over.
  int64_t records = 0;
  int64_t bytes = 0;  // Of what it has learned, about.
};

// One kind of event that was fed, as routing sees it.
struct SourceStats {
  bool known = false;  // Some recogniser knew it.
  std::vector<std::string> products;
  std::vector<std::string> categories;
  std::vector<std::string> services;
  int64_t events = 0;
  int rules = 0;  // Rules that such events meet.
};

// Why correlations do not count an event. Rules over one event met it all the
// same.
enum class Uncounted : uint8_t {
  kNo,        // They do, or there are none.
  kLate,      // It came behind the lateness.
  kFuture,    // It is too far ahead of all others.
  kTimeless,  // It has no time.
};

struct FeedResult {
  // Empty if the event was well-formed; else what was wrong, lower-case, for
  // people.
  std::string_view error;
  size_t error_offset = 0;  // Byte offset in the JSON text.
  int detections = 0;
  Uncounted uncounted = Uncounted::kNo;

  bool ok() const { return error.empty(); }
};

class Engine {
 public:
  // `sink` must outlive the engine. REQUIRES: `rules` is not null.
  Engine(std::shared_ptr<const RuleSet> rules, Sink& sink,
         EngineOptions options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Matches one event against all rules; hands detections, incidents and what
  // jobs found to the sink.
  FeedResult Feed(const Event& event);

  // Feed in two parts, for hosts that have more events at hand: what the event
  // makes of correlations may wait for Finish or up to 64 later events, so that
  // memory is asked for several of them at once. What is handed out is the
  // same, in the same order. The event itself is needed for the call only.
  // Counters of correlations leave out what waits. All other calls that change
  // or save the engine begin with Finish; what waits when it goes is dropped.
  //
  //   for (std::string_view line : lines) engine.Take(Event::Json(line));
  //   engine.Finish();
  FeedResult Take(const Event& event);
  void Finish();

  // An alert from elsewhere (another engine of the same stream, another
  // product), one JSON object: rules that read `alerts` see it as if a rule of
  // this engine had found it. No other rule does. Its fields are those of
  // docs/rule-language.md, "Alerts". Counters of events leave it out.
  FeedResult FeedAlert(std::string_view json, Timestamp time);

  // The same of a score from elsewhere, for rules that read `risks`: its fields
  // are `risk.score`, `risk.entity` ("user.name:kim") and those of an alert.
  FeedResult FeedRisk(std::string_view json, Timestamp time);

  // Forgets what was reported: open incidents, of which none is reported as
  // closed, and what suppression and limits held back or would hold back. What
  // rules know of events stays. For engines that were fed events of the past to
  // learn from, with a sink that shows nobody what was found in them.
  void ForgetReports();

  // No event before `watermark` will come any more: correlations decide what
  // waits for it. For streams that stand still, and at their end. An earlier
  // one than before, or than the newest event less the lateness, changes
  // nothing.
  void AdvanceTo(Timestamp watermark);

  const EngineStats& stats() const;

  // Of each correlation, in the order of RuleSet::rules(), where they are last.
  std::vector<CorrelationStats> correlation_stats() const;

  // Of each job, in the order of RuleSet::jobs().
  std::vector<JobStats> job_stats() const;

  // Detections and incidents by rule, in the order of RuleSet::rules().
  std::span<const int64_t> detections_by_rule() const;

  // By rule, in the order of RuleSet::rules(); empty without
  // collect_rule_costs.
  std::span<const RuleCost> rule_costs() const;

  // The kinds of events seen so far, once each; empty without routing. Tells
  // why rules are quiet: a kind may be unknown, or meet no rule.
  std::vector<SourceStats> sources() const;

  // Appends the state of the engine to `bytes`: groups, waiting events, what
  // jobs have learned and their open buckets, time and counters, and `note`,
  // which LoadFrom gives back. What costs were counted and which kinds of
  // events were seen is not kept. Nothing changes by it, but for what Finish
  // does. Cost: follows the state; `bytes` grows to about its size.
  void SaveTo(std::string* bytes, std::string_view note = {}) const;

  // Replaces the state by that of a snapshot. A correlation keeps what belongs
  // to the same rule, by id and content, and so does a job; the report tells
  // what became of each.
  // `lateness` must be that of the engine that saved; with less memory the
  // oldest groups are shed, and counted. On an error nothing changes.
  // Cost: as SaveTo; until it returns both states take memory.
  absl::StatusOr<LoadReport> LoadFrom(std::string_view bytes);

  // The same for one group key, so that a host can hand it to another engine
  // with the same rules: all groups, of whatever correlation, whose fields are
  // those of `key` in any order, and their waiting events; jobs have no keys.
  // Of one that relates `by any of` several fields, the group of the one that
  // `key` names. Values are texts, as Incident::keys() gives them; numbers by
  // their decimal text. Copies of recent events stay: they lie among those of
  // all other keys, and incidents say that their sample is not whole until new
  // ones have come. Costs what the key holds, and a look at every waiting
  // event, and at every group of rules for what is `new`.
  void SaveKey(std::span<const IncidentKey> key, std::string* bytes) const;

  // Replaces what is kept of the key that was saved; of which key that is
  // stands in the bytes. What this engine's watermark has passed is decided at
  // once, and handed to the sink. The report is about rules of the key that the
  // other engine had. Bytes that are damaged change nothing; ones that were
  // made up may leave the key without state.
  absl::StatusOr<LoadReport> LoadKey(std::string_view bytes);

  // Forgets the key, as after it was handed to another engine.
  void DropKey(std::span<const IncidentKey> key);

  // Goes on with another rule set; correlations that are the same in both keep
  // their state. rules() and what lists by them change, costs and sources()
  // begin anew, counters of rules that are gone are gone. An error would be a
  // fault of this library; nothing changes then.
  // REQUIRES: `rules` is not null. Cost: SaveTo, making an engine, LoadFrom.
  absl::StatusOr<LoadReport> Reload(std::shared_ptr<const RuleSet> rules);

  const RuleSet& rules() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin

#endif  // TOCSIN_ENGINE_H_
