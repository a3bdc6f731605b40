#include "src/runtime/correlate/correlator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "absl/base/attributes.h"
#include "src/base/number.h"
#include "src/runtime/correlate/field_numbers.h"
#include "src/runtime/correlate/fired_event.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/correlate/machine.h"
#include "src/runtime/correlate/odd_keys.h"
#include "src/runtime/correlate/reorder_buffer.h"
#include "src/runtime/correlate/rule_uses.h"
#include "src/runtime/correlate/where_test.h"

namespace tocsin::runtime {
namespace {

using program::StepMask;

// Groups that one event joins at most.
constexpr size_t kMostKeys = 64;
// So many events too far ahead in a row are believed.
constexpr int kBelievedLeap = 8;
// Groups that one event sheds at most to keep room; it makes fewer.
constexpr int kShedPerEvent = 8;
// Events that wait for the end of Take at most, each once for each group; and
// how far ahead of the one at work memory is asked for.
constexpr size_t kMostTaken = 64;
constexpr size_t kGroupsAhead = 6;
constexpr uint32_t kSortedGroupsAhead = 3;
constexpr uint32_t kSortedPlacesAhead = 8;
constexpr uint64_t kRefMask = (uint64_t{1} << 48) - 1;

// A rule and what about it does not change.
struct Entry {
  const program::Correlation* rule = nullptr;
  std::unique_ptr<Machine> machine;
  // One field for each part, the same for all steps: the common case.
  std::vector<uint32_t> plain_key;
  bool has_plain_key = false;
  bool is_sorted = false;
  bool has_words = false;  // Events have columns, or what is captured.
  bool has_own_time = false;
};

// An event for one group, taken and not yet at work. Where its columns stand
// is counted from the start of those of all.
struct Taken {
  KeyedEvent event;       // Its key and columns are not known yet.
  int64_t watermark = 0;  // To which time goes before it.
  uint32_t rule = 0;
  uint32_t key = 0;  // KeyWriter::Keep.
  uint32_t key_size = 0;
  uint32_t columns = 0;
  bool ends_event = false;  // The last of its event.
  EventLog::Kept log_event;
};

constexpr size_t kLeastWaitingBytes = 4 + 8 + 8 + 4 + 4 + 4;
constexpr size_t kMostKeyBytes = 0xFFFF;

}  // namespace

struct Correlator::Impl final : public FiredHandler {
  Impl(std::span<const program::Correlation> rule_list, size_t rule_count,
       FiredHandler* handler_in, const CorrelatorOptions& options_in)
      : handler(handler_in),
        options(options_in),
        context(options_in.budget),
        most_taken(options_in.budget / 4 * 3),
        reorder(&context.slab, options_in.lateness),
        uses(rule_list, rule_count),
        touched(rule_list.size(), 0),
        touched_rules(rule_list.size() + 1) {
    context.seed = options.seed;
    context.lateness = options.lateness;
    context.handler = this;
    context.findings = options.findings;
    context.shed_any = [this] { return ShedAny(); };
    for (uint32_t i = 0; i < rule_list.size(); ++i) AddRule(rule_list[i], i);
  }

  void AddRule(const program::Correlation& rule, uint32_t index) {
    Entry entry;
    entry.rule = &rule;
    entry.machine = MakeMachine(rule, index, &context);
    entry.is_sorted = rule.is_sorted;
    entry.has_words = HasWords(rule);
    entry.has_own_time = rule.time_field != program::Correlation::kNoTimeField;
    entry.has_plain_key = !rule.any_of;
    has_ties |= rule.any_of;
    for (const program::CorrelationKey& part : rule.keys) {
      entry.has_plain_key &= !part.missing_is_value && part.missing_in == 0;
      for (const auto& fields : part.fields) {
        entry.has_plain_key &= fields.size() == 1 && fields == part.fields[0];
      }
      if (entry.has_plain_key) entry.plain_key.push_back(part.fields[0][0]);
    }
    entries.push_back(std::move(entry));
  }

  bool ShedAny() {
    Machine* largest = nullptr;
    for (const Entry& entry : entries) {
      if (largest == nullptr ||
          entry.machine->group_count() > largest->group_count()) {
        largest = entry.machine.get();
      }
    }
    return largest != nullptr && largest->ShedOldest();
  }

  // Groups grow while they are at work, when no other can be shed for them; so
  // some are shed before that is needed.
  void KeepRoom() {
    for (int i = 0;
         context.slab.bytes_taken() > most_taken && i < kShedPerEvent; ++i) {
      if (!ShedAny()) return;
    }
  }

  // --- Time.

  // Whether the event's time can be believed; then it may move the watermark,
  // when its turn comes.
  bool TakeTime(int64_t time) {
    if (time > believed_until) {
      if (context.newest == INT64_MIN) context.began = context.newest = time;
      believed_until = AddTime(context.newest, options.max_future_skew);
      if (time > believed_until && ++leapt < kBelievedLeap) return false;
    }
    leapt = 0;
    // Without a branch: whether an event is newer than all others cannot be
    // guessed.
    context.newest = std::max(context.newest, time);
    promised = std::max(promised, SubTime(context.newest, options.lateness));
    return true;
  }

  // What TakeTime would say.
  bool Believes(int64_t time) const {
    return time <= believed_until || context.newest == INT64_MIN ||
           time <= AddTime(context.newest, options.max_future_skew) ||
           leapt + 1 >= kBelievedLeap;
  }

  void MoveTo(int64_t watermark) {
    if (watermark <= context.watermark) return;
    if (reorder.size() > 0 || !context.timers.empty()) {
      Advance(watermark);
    } else {  // Nothing waits for it.
      context.heading = context.watermark = watermark;
    }
  }

  // Lets out what the watermark passes, in the order of time.
  void Advance(int64_t watermark) {
    context.heading = watermark;
    if (reorder.size() > 0 || !context.timers.empty()) {
      ReorderBuffer::Waiting first;
      while (true) {
        const bool has_event = reorder.Front(watermark, &first);
        const int64_t until = has_event ? first.event.at.time : watermark;
        if (!context.timers.empty() && context.timers.front().time <= until) {
          context.quiet_until = until;
          RunTimer();
          continue;
        }
        if (!has_event) break;
        FetchAhead();
        context.watermark = std::max(context.watermark, until);
        KeepRoom();
        if (first.rule != ReorderBuffer::kDropped) {
          entries[first.rule].machine->OnEvent(first.event);
        }
        reorder.Pop();
        FeedFired();
      }
    }
    context.watermark = watermark;
  }

  // What the events next in order will ask memory for.
  void FetchAhead() const {
    uint64_t hash = 0;
    uint32_t rule = reorder.Upcoming(kSortedPlacesAhead, &hash);
    if (rule != ReorderBuffer::kDropped) {
      entries[rule].machine->PrefetchPlace(hash);
    }
    rule = reorder.Upcoming(kSortedGroupsAhead, &hash);
    if (rule != ReorderBuffer::kDropped) {
      entries[rule].machine->PrefetchGroup(hash);
    }
  }

  void RunTimer() {
    const CorrelateContext::Timer timer = context.timers.front();
    std::pop_heap(context.timers.begin(), context.timers.end(),
                  std::greater<>());
    context.timers.pop_back();
    context.watermark = std::max(context.watermark, timer.time);
    entries[timer.rule].machine->RunTimers(timer.time);
    FeedFired();
  }

  // --- What rules fire.

  void OnFired(const Fired& fired) override {
    handler->OnFired(fired);
    const bool is_alert =
        !uses.of_alerts().empty() && !uses.reads_findings(fired.rule) &&
        entries[fired.rule].rule->reports && handler->IsAlert();
    if (!uses.of_risks().empty() && !uses.reads_findings(fired.rule)) {
      for (std::string& risk : handler->TakeRisks()) {
        fired_events.push_back(
            {.rule = fired.rule, .at = fired.at, .risk = std::move(risk)});
      }
    }
    if (uses.of_fired(fired.rule).empty() && !is_alert) return;
    fired_events.push_back(
        {.rule = fired.rule,
         .at = fired.at,
         .key = std::string(fired.key),
         .values = {fired.values, fired.values + fired.value_count},
         .level = std::string(handler->Level()),
         .is_alert = is_alert});
  }

  // Touches those of `of` whose conditions the open finding meets.
  void TouchAsked(const RuleUses::Uses& of) {
    for (const RuleUse& use : of) {
      StepMask steps = use.steps;
      for (StepMask left = use.asked; left != 0; left &= left - 1) {
        const auto step = static_cast<uint32_t>(std::countr_zero(left));
        const uint32_t condition =
            entries[use.rule].rule->steps[step].condition;
        if (!options.findings->Meets(condition))
          steps &= ~(StepMask{1} << step);
      }
      if (steps == 0) continue;
      TouchRule(use.rule, steps);
    }
  }

  // Feeds rules with what others fired, and with what they fire in turn: rules
  // form no ring, so this ends. No machine is at work.
  void FeedFired() {
    for (size_t i = 0; i < fired_events.size() && options.findings; ++i) {
      const FiredEvent event = std::move(fired_events[i]);
      // It is known only now, and so it is an event of now.
      const Moment at = {.time = std::max(event.at.time, context.watermark),
                         .ref = event.at.ref};
      const std::string json =
          !event.risk.empty()
              ? event.risk
              : FindingOf(*entries[event.rule].rule, event,
                          options.findings->MembersOf(event.rule, event.level));
      EventFields& fields = options.findings->Open(json, at.time);
      TouchAsked(event.risk.empty() ? uses.of_fired(event.rule)
                                    : uses.of_risks());
      if (event.is_alert) TouchAsked(uses.of_alerts());
      for (size_t k = 0; k < touched_count; ++k) {
        const uint32_t rule = touched_rules[k];
        FeedRule(rule, std::exchange(touched[rule], 0), at, fields);
      }
      touched_count = 0;
    }
    fired_events.clear();
  }

  // A finding about the event that was fed last.
  void FeedFinding(std::string_view finding, const RuleUses::Uses& of) {
    if (of.empty()) return;
    Finish();  // Findings of events before it are read by the same reader.
    EventFields& fields = options.findings->Open(finding, last_at.time);
    TouchAsked(of);
    if (touched_count > 0) TakeOrCount(fields);
    Finish();
  }

  // --- Events.

  // The rule is to be fed what is of `steps`, which are some.
  void TouchRule(uint32_t rule, StepMask steps) {
    touched_rules[touched_count] = rule;
    touched_count += touched[rule] == 0 ? 1 : 0;
    touched[rule] |= steps;
  }

  ABSL_ATTRIBUTE_NOINLINE void TakeEvent(const Moment& at, EventFields& fields,
                                         std::span<const uint32_t> matched,
                                         bool is_believed) {
    if (!is_believed) ++counters.future;
    const bool is_late = at.time < promised;
    if (is_late) ++counters.late;
    for (const uint32_t rule : matched) {
      for (const RuleUse& use : uses.of_rule(rule)) {
        TouchRule(use.rule, use.steps);
      }
    }
    if (touched_count > 0) TakeOrCount(fields);
  }

  void TakeTouched(const Moment& at, EventFields& fields) {
    is_taking = true;
    const size_t before = taken_count;
    for (size_t i = 0; i < touched_count; ++i) {
      const uint32_t rule = touched_rules[i];
      const StepMask steps = std::exchange(touched[rule], 0);
      const Entry& entry = entries[rule];
      Moment when = at;
      if (entry.has_own_time && !FindOwnTime(entry, fields, &when)) continue;
      if (entry.has_words) ReadColumns(rule, steps, when.time, fields);
      if (WritePlainKey(entry, fields)) {
        Take(entry, rule, steps, when);
      } else {
        FeedOddKeys(rule, steps, when, fields);
      }
    }
    touched_count = 0;
    if (taken_count > before) taken[taken_count - 1].ends_event = true;
    is_taking = false;
    if (taken_count >= kMostTaken) Finish();
  }

  // The time that the event has for a rule with a field of its own for it.
  // False: it is late there, and counted.
  bool FindOwnTime(const Entry& entry, EventFields& fields,
                   Moment* when) const {
    when->time = OwnTimeOf(fields.Find(entry.rule->time_field), when->time);
    if (when->time >= promised) return true;
    ++entry.machine->counters().late;
    return false;
  }

  // Works on what was taken, in order.
  void Finish() {
    const size_t count = taken_count;
    const size_t ahead = std::min(count, kGroupsAhead);
    for (size_t i = 0; i < ahead; ++i) FetchGroup(&taken[i]);
    size_t i = 0;
    for (; i < count - ahead; ++i) {
      FetchGroup(&taken[i + ahead]);
      WorkOn(&taken[i]);
    }
    for (; i < count; ++i) WorkOn(&taken[i]);
    taken_count = 0;
    key.DropKept();
    taken_columns.clear();
    MoveTo(promised);
  }

  // To the log an event joins all its groups at once.
  void JoinLog(const Taken* first) {
    if (first->log_event.end == 0) return;
    if (has_ties) handler->EndTies();  // They are of events before it.
    const Taken* next = first;
    do {
      options.log->Join(next->event.hash ^ options.log_words[next->rule],
                        next->log_event, next->event.steps);
    } while (!next++->ends_event);
  }

  void WorkOn(Taken* next) {
    MoveTo(next->watermark);
    if (next == taken.data() || next[-1].ends_event) JoinLog(next);
    next->event.key = {key.Kept(next->key), next->key_size};
    next->event.columns = taken_columns.data() + next->columns;
    Work(entries[next->rule], next->rule, next->event);
    if (next->ends_event && !fired_events.empty()) FeedFired();
  }

  void FetchGroup(Taken* next) const {
    const Entry& entry = entries[next->rule];
    if (!entry.is_sorted) {
      next->event.place = entry.machine->PrefetchGroup(next->event.hash);
    }
  }

  // Takes the event for the rules that are touched, unless the event fed last,
  // which it is about, is late or too far ahead.
  void TakeOrCount(EventFields& fields) {
    if (last_at.time < promised) {
      CountTouched(&RuleCounters::late);
    } else if (!last_believed) {
      CountTouched(&RuleCounters::future);
    } else {
      TakeTouched(last_at, fields);
    }
  }

  void CountTouched(int64_t RuleCounters::* counter) {
    for (size_t i = 0; i < touched_count; ++i) {
      touched[touched_rules[i]] = 0;
      ++(entries[touched_rules[i]].machine->counters().*counter);
    }
    touched_count = 0;
  }

  void FeedRule(uint32_t number, StepMask steps, const Moment& at,
                EventFields& fields) {
    const Entry& entry = entries[number];
    if (entry.has_words) ReadColumns(number, steps, at.time, fields);
    if (WritePlainKey(entry, fields)) {
      FeedGroup(number, steps, at);
    } else {
      FeedOddKeys(number, steps, at, fields);
    }
  }

  // False: it has no plain key.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool WritePlainKey(const Entry& entry,
                                                  EventFields& fields) {
    key.Clear();
    if (!entry.has_plain_key) return false;
    for (const uint32_t field : entry.plain_key) {
      const std::span<const FieldValue> values = fields.Find(field);
      if (values.size() != 1 || !IsThere(values[0])) {
        key.Clear();
        return false;
      }
      key.Add(values[0]);
    }
    return true;
  }

  void FeedGroup(uint32_t number, StepMask steps, const Moment& at) {
    if (is_taking) {
      Take(entries[number], number, steps, at);
      return;
    }
    Work(entries[number], number,
         {.at = at,
          .steps = steps,
          .hash = KeyHash(),
          .key = key.bytes(),
          .columns = columns.data()});
  }

  uint64_t KeyHash() const {
    const std::string_view bytes = key.bytes();
    return base::KeyedHash(context.seed, bytes.data(), bytes.size());
  }

  void Take(const Entry& entry, uint32_t number, StepMask steps,
            const Moment& at) {
    const uint64_t hash = KeyHash();
    if (!entry.is_sorted) entry.machine->PrefetchPlace(hash);
    if (taken_count == taken.size()) taken.resize(2 * taken_count);
    Taken& next = taken[taken_count++];
    next.event.at = at;
    next.event.steps = steps;
    next.event.hash = hash;
    next.event.place = nullptr;
    next.watermark = promised;
    next.rule = number;
    next.key_size = static_cast<uint32_t>(key.bytes().size());
    next.key = static_cast<uint32_t>(key.Keep());
    next.columns = static_cast<uint32_t>(taken_columns.size());
    next.ends_event = false;
    if (options.log != nullptr) {
      next.log_event = options.log->Keep();
      options.log->Prefetch(hash ^ options.log_words[number]);
    }
    if (options.indicator_log != nullptr && entry.rule->has_indicators &&
        (steps & 1) != 0) {
      const EventLog::Kept kept = options.indicator_log->Keep();
      if (kept.end != 0) {
        options.indicator_log->Join(hash ^ options.log_words[number], kept,
                                    steps);
      }
    }
    if (entry.has_words) {
      taken_columns.insert(taken_columns.end(), columns.begin(), columns.end());
    }
  }

  void Work(const Entry& entry, uint32_t number, const KeyedEvent& event) {
    if (entry.machine->HasPassed()) entry.machine->ForgetSome();
    if (!entry.is_sorted) {
      if (context.slab.bytes_taken() > most_taken) KeepRoom();
      entry.machine->OnEvent(event);
    } else if (!reorder.Add(number, event,
                            EventWords(*entry.rule, event.columns))) {
      ++entry.machine->counters().refused;
    }
  }

  // Keys of arrays, of several fields, of other fields for other steps, or with
  // parts missing.
  void FeedOddKeys(uint32_t number, StepMask steps, const Moment& at,
                   EventFields& fields) {
    const Entry& entry = entries[number];
    const auto& keys = entry.rule->keys;
    // Of a sequence the last steps are fed first, one by one.
    while (entry.rule->kind == program::Correlation::kSequence && steps != 0) {
      const auto last = static_cast<uint32_t>(std::bit_width(steps) - 1);
      steps &= ~(StepMask{1} << last);
      FeedOddStep(number, last, StepMask{1} << last, at, fields);
    }
    // Steps whose keys stand in the same fields are fed together.
    for (StepMask left = steps; left != 0;) {
      const auto first = static_cast<uint32_t>(std::countr_zero(left));
      StepMask same = 0;
      for (StepMask rest = left; rest != 0; rest &= rest - 1) {
        const auto step = static_cast<uint32_t>(std::countr_zero(rest));
        bool is_same = true;
        for (const auto& part : keys) {
          is_same &= part.fields[step] == part.fields[first];
        }
        if (is_same) same |= StepMask{1} << step;
      }
      left &= ~same;
      FeedOddStep(number, first, same, at, fields);
    }
  }

  void FeedOddStep(uint32_t number, uint32_t step, StepMask steps,
                   const Moment& at, EventFields& fields) {
    const program::Correlation& rule = *entries[number].rule;
    RuleCounters& counts = entries[number].machine->counters();
    odd.Clear();
    for (const program::CorrelationKey& part : rule.keys) {
      for (const uint32_t field : part.fields[step]) {
        for (const FieldValue& value : fields.Find(field)) {
          if (!IsThere(value)) continue;
          key.Clear();
          key.Add(value);
          odd.Add(key.bytes());
        }
      }
      const bool missing_is_value =
          part.missing_is_value || (part.missing_in >> step & 1) != 0;
      if (odd.is_empty() && missing_is_value) {
        key.Clear();
        key.AddMissing();
        odd.Add(key.bytes());
      }
      counts.keys_cut += static_cast<int64_t>(odd.FinishPart(kMostKeys));
    }
    if (rule.any_of) {
      FeedTies(number, steps, at);
      return;
    }
    for (size_t part = 0; part < rule.keys.size(); ++part) {
      if (odd.Values(part).empty()) {
        ++counts.without_key;
        return;
      }
    }
    chosen.assign(rule.keys.size(), 0);
    for (size_t fed = 0;; ++fed) {
      if (fed == kMostKeys) {
        ++counts.keys_cut;
        return;
      }
      key.Clear();
      for (size_t i = 0; i < chosen.size(); ++i) {
        key.AddBytes(odd.Bytes(odd.Values(i)[chosen[i]]));
      }
      FeedGroup(number, steps, at);
      size_t i = 0;
      while (i < chosen.size() && ++chosen[i] == odd.Values(i).size()) {
        chosen[i++] = 0;
      }
      if (i == chosen.size()) return;
    }
  }

  // A group for each value of each part: the number of the part, and the value.
  void FeedTies(uint32_t number, StepMask steps, const Moment& at) {
    bool has_any = false;
    for (size_t i = 0; i < entries[number].rule->keys.size(); ++i) {
      for (const OddKeys::Place& value : odd.Values(i)) {
        key.Clear();
        key.Add(FieldValue::Int(static_cast<int64_t>(i)));
        key.AddBytes(odd.Bytes(value));
        FeedGroup(number, steps, at);
        has_any = true;
      }
    }
    if (!has_any) ++entries[number].machine->counters().without_key;
  }

  static bool HasWords(const program::Correlation& rule) {
    return !rule.columns.empty() || !rule.captured.empty();
  }

  void ReadColumns(uint32_t number, StepMask steps, int64_t time,
                   EventFields& fields) {
    const program::Correlation& rule = *entries[number].rule;
    columns.clear();
    for (const program::Column& column : rule.columns) {
      const bool is_number = column.kind == program::Column::kNumber;
      if ((steps & column.steps) == 0) {
        columns.push_back(
            is_number ? std::bit_cast<uint64_t>(NumberOf({}, false)) : 0);
      } else if (is_number) {
        columns.push_back(std::bit_cast<uint64_t>(
            NumberOf(fields.Find(column.fields[0]), column.never_negative)));
      } else {
        columns.push_back(TupleOf(column, fields));
      }
    }
    if (rule.captured.empty()) return;
    if (!Capture(rule, steps, time, fields, &captured)) {
      ++entries[number].machine->counters().not_compared;
    }
    AppendCaptured(captured, &columns);
  }

  uint64_t TupleOf(const program::Column& column, EventFields& fields) {
    key.Clear();
    for (const uint32_t field : column.fields) {
      bool is_there = false;
      for (const FieldValue& value : fields.Find(field)) {
        if (!IsThere(value)) continue;
        key.Add(value);
        is_there = true;
        break;
      }
      if (!is_there) return 0;
    }
    const uint64_t hash =
        base::KeyedHash(context.seed, key.bytes().data(), key.bytes().size());
    return hash == 0 ? 1 : hash;
  }

  // --- Snapshots.

  void LoadWaitingEvent(std::span<const uint32_t> rules,
                        const Correlator::Keys* of_keys,
                        state::SnapshotReader* in) {
    const uint32_t number = in->Get32();
    KeyedEvent event;
    event.at.time = in->GetInt();
    event.at.ref = in->Get64();
    event.steps = in->Get32();
    const std::string_view text = in->GetText();
    const uint32_t column_count = in->Get32();
    columns.clear();
    for (uint32_t i = 0; in->ok() && i < column_count; ++i) {
      columns.push_back(in->Get64());
    }
    // What waits is not behind the watermark, unless time has come further here
    // than where a key comes from.
    if (number >= rules.size() || text.size() > kMostKeyBytes ||
        (of_keys == nullptr && event.at.time < context.watermark)) {
      in->Fail("has a waiting event that cannot be");
    }
    if (!in->ok()) return;
    const uint32_t rule = rules[number];
    if (rule == Correlator::kNoRule) return;
    if (!AreEventWords(*entries[rule].rule, columns) ||
        !entries[rule].rule->is_sorted ||
        (of_keys != nullptr && (*of_keys)[rule] != text)) {
      in->Fail("has a waiting event of another rule");
      return;
    }
    key.Clear();
    key.AddBytes(text);
    event.key = key.bytes();
    event.hash =
        base::KeyedHash(context.seed, event.key.data(), event.key.size());
    event.columns = columns.data();
    if (!reorder.Add(rule, event, column_count)) {
      ++entries[rule].machine->counters().refused;
    }
  }

  FiredHandler* handler;
  CorrelatorOptions options;
  CorrelateContext context;
  const size_t most_taken;  // Bytes of memory beyond which groups are shed.
  ReorderBuffer reorder;
  std::vector<Entry> entries;
  const RuleUses uses;
  Moment last_at;  // Of the event fed last.
  bool last_believed = true;
  std::vector<FiredEvent> fired_events;
  CorrelatorCounters counters;
  int leapt = 0;
  int64_t believed_until = INT64_MIN;  // At least to here; no need to ask.

  // Events that were taken, and the watermark behind them all.
  std::vector<Taken> taken = std::vector<Taken>(2 * kMostTaken);
  size_t taken_count = 0;
  std::vector<uint64_t> taken_columns;
  int64_t promised = INT64_MIN;
  bool is_taking = false;
  bool has_ties = false;  // Of any rule.

  // Scratch of one event.
  std::vector<StepMask> touched;        // By correlation.
  std::vector<uint32_t> touched_rules;  // The first `touched_count` of them.
  size_t touched_count = 0;
  std::vector<uint64_t> columns;
  std::string captured;
  KeyWriter key;
  OddKeys odd;
  std::vector<size_t> chosen;
};

Correlator::Correlator(std::span<const program::Correlation> rules,
                       size_t rule_count, FiredHandler* handler,
                       const CorrelatorOptions& options)
    : impl_(std::make_unique<Impl>(rules, rule_count, handler, options)) {}
Correlator::~Correlator() = default;

void Correlator::Take(const Moment& at, EventFields& fields,
                      std::span<const uint32_t> matched) {
  Impl& impl = *impl_;
  const bool is_believed = impl.TakeTime(at.time);
  impl.last_at = {.time = at.time, .ref = at.ref & kRefMask};
  impl.last_believed = is_believed;
  uint8_t is_used = 0;
  for (const uint32_t rule : matched) is_used |= impl.uses.is_used(rule);
  // Most events are of no correlation.
  if (is_used == 0 && is_believed && at.time >= impl.promised) return;
  impl.TakeEvent(at, fields, matched, is_believed);
}

void Correlator::Finish() { impl_->Finish(); }

bool Correlator::Believes(int64_t time) const { return impl_->Believes(time); }

void Correlator::FeedAlert(std::string_view finding) {
  impl_->FeedFinding(finding, impl_->uses.of_alerts());
}

void Correlator::FeedRisk(std::string_view finding) {
  impl_->FeedFinding(finding, impl_->uses.of_risks());
}

bool Correlator::reads_alerts() const {
  return !impl_->uses.of_alerts().empty();
}
bool Correlator::reads_risks() const { return !impl_->uses.of_risks().empty(); }
bool Correlator::reads_findings(uint32_t rule) const {
  return impl_->uses.reads_findings(rule);
}

void Correlator::AdvanceTo(int64_t watermark) {
  impl_->Finish();
  if (watermark <= impl_->context.watermark) return;
  impl_->promised = watermark;
  impl_->Advance(watermark);
  // Streams that stand still forget too, in bounded time.
  constexpr int kLooks = 256;
  for (const auto& entry : impl_->entries) {
    for (int i = 0; i < kLooks && entry.machine->HasPassed(); ++i) {
      entry.machine->ForgetSome();
    }
  }
}

uint64_t Correlator::LogGroup(uint32_t rule, std::string_view key) const {
  const std::string padded = std::string(key) + std::string(8, '\0');
  return base::KeyedHash(impl_->context.seed, padded.data(), key.size()) ^
         impl_->options.log_words[rule];
}

int64_t Correlator::watermark() const { return impl_->context.watermark; }
const CorrelatorCounters& Correlator::counters() const {
  return impl_->counters;
}
const RuleCounters& Correlator::counters(uint32_t rule) const {
  return impl_->entries[rule].machine->counters();
}
size_t Correlator::group_count(uint32_t rule) const {
  return impl_->entries[rule].machine->group_count();
}
void Correlator::SaveClock(state::SnapshotWriter* out) const {
  const Impl& impl = *impl_;
  out->PutInt(impl.context.watermark);
  out->PutInt(impl.context.newest);
  out->Put32(static_cast<uint32_t>(impl.leapt));
  out->PutInt(impl.counters.late);
  out->PutInt(impl.counters.future);
}

void Correlator::LoadClock(state::SnapshotReader* in) {
  Impl& impl = *impl_;
  impl.context.watermark = in->GetInt();
  impl.promised = impl.context.watermark;
  impl.context.newest = in->GetInt();
  if (impl.context.newest != INT64_MIN) {
    impl.context.began = impl.context.newest;
  }
  const uint32_t leapt = in->Get32();
  impl.counters.late = in->GetCounter();
  impl.counters.future = in->GetCounter();
  if (leapt >= kBelievedLeap ||
      (impl.context.newest != INT64_MIN &&
       impl.context.watermark <
           SubTime(impl.context.newest, impl.options.lateness))) {
    in->Fail("has a time that cannot be");
  }
  impl.leapt = static_cast<int>(leapt);
}

void Correlator::SaveRule(uint32_t rule, state::SnapshotWriter* out) const {
  impl_->entries[rule].machine->Save(out);
}

void Correlator::LoadRule(uint32_t rule, state::SnapshotReader* in) {
  impl_->entries[rule].machine->Load(in);
}

void Correlator::SaveKey(uint32_t rule, const std::string& key,
                         state::SnapshotWriter* out) const {
  const std::string padded = key + std::string(8, '\0');
  impl_->entries[rule].machine->SaveKey(
      std::string_view(padded).substr(0, key.size()), out);
}

void Correlator::LoadKey(uint32_t rule, const std::string& key,
                         state::SnapshotReader* in) {
  const std::string padded = key + std::string(8, '\0');
  impl_->entries[rule].machine->LoadKey(
      std::string_view(padded).substr(0, key.size()), in);
}

void Correlator::CatchUp() {
  if (impl_->context.watermark != INT64_MIN) {
    impl_->Advance(impl_->context.watermark);
  }
}

void Correlator::DropKey(const Keys& keys) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].has_value()) continue;
    const std::string padded = *keys[i] + std::string(8, '\0');
    impl_->entries[i].machine->DropKey(
        std::string_view(padded).substr(0, keys[i]->size()));
  }
  if (impl_->reorder.size() == 0) return;
  impl_->reorder.Drop([&](const ReorderBuffer::Waiting& waiting) {
    return keys[waiting.rule] == waiting.event.key;
  });
}

void Correlator::SaveWaiting(const Keys* keys,
                             state::SnapshotWriter* out) const {
  std::vector<ReorderBuffer::Held> waiting = impl_->reorder.InOrder();
  std::vector<uint32_t> numbers;
  uint32_t number = 0;
  for (size_t i = 0; i < impl_->entries.size(); ++i) {
    numbers.push_back(number);
    if (keys == nullptr || (*keys)[i].has_value()) ++number;
  }
  if (keys != nullptr) {
    std::erase_if(waiting, [&](const ReorderBuffer::Held& held) {
      return (*keys)[held.waiting.rule] != held.waiting.event.key;
    });
  }
  out->Put64(waiting.size());
  for (const ReorderBuffer::Held& held : waiting) {
    SaveWaitingEvent(held, numbers[held.waiting.rule], out);
  }
}

void Correlator::LoadWaiting(std::span<const uint32_t> rules, const Keys* keys,
                             state::SnapshotReader* in) {
  for (uint64_t left = in->GetCount(kLeastWaitingBytes); left > 0; --left) {
    impl_->LoadWaitingEvent(rules, keys, in);
    if (!in->ok()) return;
  }
}

uint32_t Correlator::StateLayout(const program::Correlation& rule) {
  return runtime::StateLayout(rule);
}

size_t Correlator::bytes_taken() const {
  return impl_->context.slab.bytes_taken();
}
size_t Correlator::bytes_used() const {
  return impl_->context.slab.bytes_used();
}

}  // namespace tocsin::runtime
