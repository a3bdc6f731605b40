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

#include "absl/time/time.h"
#include "tocsin/event.h"
#include "tocsin/log_source.h"
#include "tocsin/rule_set.h"
#include "tocsin/sink.h"

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

struct FeedResult {
  // Empty if the event was well-formed; else what was wrong, lower-case, for
  // people.
  std::string_view error;
  size_t error_offset = 0;  // Byte offset in the JSON text.
  int detections = 0;

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

  // Matches one event against all rules; hands detections to the sink.
  FeedResult Feed(const Event& event);

  const EngineStats& stats() const;

  // Detections by rule, in the order of RuleSet::rules().
  std::span<const int64_t> detections_by_rule() const;

  // By rule, in the order of RuleSet::rules(); empty without
  // collect_rule_costs.
  std::span<const RuleCost> rule_costs() const;

  // The kinds of events seen so far, once each; empty without routing. Tells
  // why rules are quiet: a kind may be unknown, or meet no rule.
  std::vector<SourceStats> sources() const;

  const RuleSet& rules() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin

#endif  // TOCSIN_ENGINE_H_
