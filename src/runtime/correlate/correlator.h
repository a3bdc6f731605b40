// Correlator: all correlations of a program, over one stream of events.
//
// Fed with the rules over one event that an event matched, it groups, waits,
// and hands out what fires. It knows events by their fields only, through
// EventFields, so that any kind of event can feed it.
//
// Time: the watermark is the newest event time less the lateness, or what
// AdvanceTo was given, whichever is later. An event behind it is counted as
// late and not fed to any rule. One that lies further ahead than
// `max_future_skew` is set aside and does not move it, unless as many of these
// as kBelievedLeap come in a row: then the stream has leapt.
//
// What one correlation fires is an event for those that have it as a step, or
// read alerts: its fields are the names of its keys and values and what
// FindingReader adds, its time is when it was decided. What rules find that
// read alerts, themselves or by their steps, is no alert: so there is no ring.
//
// Memory: keyed state never takes more than the budget. When it would, the
// oldest groups are forgotten, counted in RuleCounters::shed, and what fires
// for a group that may have lost events says so (Fired::exact).
//
// Cost per event and rule: a look-up of its group and a few words of work.
// Nothing is allocated from the system once the slab has grown.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_CORRELATOR_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_CORRELATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/keyed_hash.h"
#include "src/program/correlation.h"
#include "src/runtime/correlate/keyed_event.h"
#include "src/runtime/incident/event_log.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"
#include "tocsin/field_value.h"

namespace tocsin::runtime {

// The event that is fed.
class EventFields {
 public:
  virtual ~EventFields() = default;

  // The values of a field, elements of arrays one by one; none if it is
  // missing. Valid until the next call.
  virtual std::span<const FieldValue> Find(uint32_t field) = 0;

  // Appends the value of a field as JSON, with all that it holds; returns
  // whether it exists. Needed by conditions over several steps.
  virtual bool AppendJson(uint32_t /*field*/, std::string* /*out*/) {
    return false;
  }
};

// What rules found, as an event for others: a JSON object.
class FindingReader {
 public:
  virtual ~FindingReader() = default;

  // The members by which findings of a correlation name it, with commas between
  // them: `"rule.id":"x","severity":"high"`.
  virtual std::string_view MembersOf(uint32_t rule, std::string_view level) = 0;

  // The fields of a finding, which must live until the next call.
  virtual EventFields& Open(std::string_view json, int64_t time) = 0;

  // Whether the finding opened last meets a rule of Program::conditions.
  virtual bool Meets(uint32_t condition) = 0;

  // Whether another object meets one, at a time. The finding stays open.
  virtual bool Holds(uint32_t condition, std::string_view json,
                     int64_t time) = 0;
};

struct CorrelatorOptions {
  size_t budget = size_t{256} << 20;
  int64_t lateness = 0;
  int64_t max_future_skew = INT64_MAX;
  base::HashSeed seed;
  // Needed by rules that read what others find, or have conditions over several
  // steps.
  FindingReader* findings = nullptr;
  // Is told of groups that events join, by their hashes and the word of the
  // rule; null: nobody is.
  EventLog* log = nullptr;
  // The same of indicators alone (program::Correlation::has_indicators).
  EventLog* indicator_log = nullptr;
  std::vector<uint64_t> log_words;  // By rule. Needed for either.
};

struct CorrelatorCounters {
  int64_t late = 0;    // Events behind the watermark.
  int64_t future = 0;  // Events too far ahead, set aside.
};

class Correlator {
 public:
  // `rules` and `handler` must outlive the correlator. `rule_count`: rules over
  // one event that steps may name.
  Correlator(std::span<const program::Correlation> rules, size_t rule_count,
             FiredHandler* handler, const CorrelatorOptions& options);
  ~Correlator();

  // An event that matches the rules `matched`. `ref` orders events of equal
  // time, and should be different for each; its upper 16 bits are ignored.
  void Feed(const Moment& at, EventFields& fields,
            std::span<const uint32_t> matched) {
    Take(at, fields, matched);
    Finish();
  }

  // Feed in two parts: Take reads `fields` and may leave the work to Finish, or
  // to a later Take. Several events taken before one Finish are found in memory
  // together, which takes less time than one by one; what fires is the same.
  // REQUIRES: nothing but Take, Finish and AdvanceTo is called in between.
  void Take(const Moment& at, EventFields& fields,
            std::span<const uint32_t> matched);
  void Finish();

  // Whether an event of that time would count: it is not too far ahead.
  bool Believes(int64_t time) const;

  // What a rule over one event found in the event fed last, for rules that read
  // alerts.
  void FeedAlert(std::string_view finding);
  bool reads_alerts() const;

  // The same of a score that it gave, for rules that read risks.
  void FeedRisk(std::string_view finding);
  bool reads_risks() const;

  // Whether a rule reads alerts or risks, by any of its steps: what it finds is
  // neither.
  bool reads_findings(uint32_t rule) const;

  // No event before `watermark` is expected any more. An earlier one than
  // before changes nothing.
  void AdvanceTo(int64_t watermark);

  // What the log calls a group.
  uint64_t LogGroup(uint32_t rule, std::string_view key) const;

  int64_t watermark() const;
  const CorrelatorCounters& counters() const;
  const RuleCounters& counters(uint32_t rule) const;
  size_t group_count(uint32_t rule) const;
  size_t bytes_taken() const;
  size_t bytes_used() const;

  // --- Snapshots: the clock, rule by rule what is kept, and the events that
  // wait. Reading a whole one needs a correlator that has been fed nothing, and
  // the order of these functions. If a reader is not ok() afterwards the
  // correlator is of no more use.

  // The bytes of one group key, by rule; none for rules that are not of it.
  using Keys = std::vector<std::optional<std::string>>;

  void SaveClock(state::SnapshotWriter* out) const;
  void LoadClock(state::SnapshotReader* in);

  void SaveRule(uint32_t rule, state::SnapshotWriter* out) const;
  void LoadRule(uint32_t rule, state::SnapshotReader* in);

  // `rules`: by the number of a rule in the snapshot, which rule it is now;
  // kNoRule: none, and what waits for it is dropped. `keys`: only events of
  // these are written, and rules without one are not numbered; null: all.
  void SaveWaiting(const Keys* keys, state::SnapshotWriter* out) const;
  void LoadWaiting(std::span<const uint32_t> rules, const Keys* keys,
                   state::SnapshotReader* in);
  static constexpr uint32_t kNoRule = 0xFFFFFFFF;

  // What is kept of one group key. Before it is read, and after an error, it
  // must be dropped.
  void SaveKey(uint32_t rule, const std::string& key,
               state::SnapshotWriter* out) const;
  void LoadKey(uint32_t rule, const std::string& key,
               state::SnapshotReader* in);
  void DropKey(const Keys& keys);
  // Decides what of a key that was read the watermark has passed here.
  void CatchUp();

  // State can be read back where this is the same. Lateness and seed must be
  // the same as well.
  static uint32_t StateLayout(const program::Correlation& rule);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_CORRELATOR_H_
