// Sequences: for each key and stage at most one run of events waits, the newest
// that got so far. An event is tried at the last stage first, so that it never
// follows itself.
//
// Events that must be missing cost one word a run. Between two stages it is
// when the first of them came behind the run; a run that goes on past it is
// spoiled, but goes on, since it still takes the place of older ones. Before
// the sequence it is when the last of them came. Behind it the run waits until
// the watermark has passed.
//
// A stage may have a condition over the event and those of the run that it
// would go on with. What conditions ask for is kept beside a run's events, in
// places of a fixed size; an event that does not meet one leaves the run as it
// is.

#include "src/runtime/correlate/sequence_machine.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <tuple>
#include <vector>

#include "src/runtime/correlate/where_test.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {
namespace {

using program::StepMask;

// Runs of a key that wait for their end at most.
constexpr int64_t kMostEnding = 1024;

// What is kept of a key: words of 64 bits. First these, then a run for each
// stage but the last, then runs that wait for their end.
struct KeyState {
  int64_t number = 0;            // No two groups have the same.
  int64_t lead = kNever;         // When what must not come before came last,
  int64_t lead_before = kNever;  // and last before that time.
  int64_t ending = 0;            // Runs that wait for their end.
};

// Its events stand behind it.
struct Run {
  int64_t is_there = 0;
  int64_t lead = kNever;    // KeyState::lead as of its first event.
  int64_t broken = kNever;  // When what must be missing came behind it.
  int64_t is_spoiled = 0;
};

// Of one event of a run at most so much is kept for conditions; of one with
// more nothing is, and its fields count as missing.
constexpr size_t kMostKept = 2048;
constexpr size_t kKeptWords = 1 + kMostKept / 8;  // With its length.

constexpr size_t kRunWords = sizeof(Run) / 8;
constexpr size_t kKeyWords = sizeof(KeyState) / 8;

struct Ending {
  int64_t due = 0;  // Before events at this time.
  uint64_t hash = 0;
  int64_t number = 0;

  friend bool operator>(const Ending& a, const Ending& b) {
    return std::tie(a.due, a.number) > std::tie(b.due, b.number);
  }
};

class SequenceMachine final : public GroupMachine {
 public:
  SequenceMachine(const program::Correlation& rule, uint32_t index,
                  CorrelateContext* context)
      : GroupMachine(rule, index, context, rule.span),
        where_(rule, context->findings) {
    StepMask gap = 0;
    for (const program::SequenceStage& stage : rule.stages) {
      const StepMask bit = StepMask{1} << stage.step;
      if (stage.missing) {
        gap |= bit;
        continue;
      }
      if (stages_.empty()) {
        leading_ = gap;
      } else {
        gaps_.push_back(gap);
      }
      gap = 0;
      stages_.push_back(
          {.step = bit, .keeps = stage.keeps, .condition = stage.condition});
    }
    trailing_ = gap;
    size_t words = kKeyWords;
    for (size_t i = 0; i + 1 < stages_.size(); ++i) {
      offsets_.push_back(words);
      words += RunWords(rule.unordered ? 1 : i + 1);
    }
    if (rule.unordered) {  // The last stage waits as well.
      offsets_.push_back(words);
      words += RunWords(1);
    }
    fixed_words_ = words;
  }

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    uint32_t* place = Find(event.hash, event.key);
    if (place == nullptr) {
      if (!Begins(event.steps)) return;
      place = MakeGroup(event.hash, event.key, event.at.time);
      if (place == nullptr) return;
    }
    GroupHead* const head = HeadOf(*place);
    if (event.at.time > head->last_time) head->ordinal = 0;
    head->last_time = std::max(head->last_time, event.at.time);
    const bool ends = (event.steps & rule_.until) != 0;
    if (ends && rule_.until_first) Drop(head);
    NoteMissing(head, event);
    if (rule_.unordered) {
      OnUnordered(head, event);
    } else {
      // A run that waits for its end may move the group.
      for (size_t i = stages_.size(); i-- > 0;) {
        if ((event.steps & stages_[i].step) != 0) Advance(place, i, event);
      }
    }
    if (ends && !rule_.until_first) Drop(HeadOf(*place));
  }

  void RunTimers(int64_t time) override {
    while (!endings_.empty() && endings_.front().due <= time) {
      const Ending ending = endings_.front();
      std::pop_heap(endings_.begin(), endings_.end(), std::greater<>());
      endings_.pop_back();
      uint32_t* const place = table_.Find(ending.hash, [&](uint32_t group) {
        return State(HeadOf(group))->number == ending.number;
      });
      if (place != nullptr) End(HeadOf(*place), ending.due);
    }
    if (!endings_.empty()) context_.AddTimer(endings_.front().due, index_);
  }

 private:
  struct Stage {
    StepMask step = 0;
    bool keeps = false;
    uint32_t condition = program::kNoRule;
  };

  // What conditions ask for is kept of each event of a run that waits for more.
  size_t RunWords(size_t events) const {
    const size_t kept = rule_.captured.empty() ? 0 : kKeptWords;
    return kRunWords + (2 + kept) * events;
  }
  size_t EndingWords() const { return kRunWords + 2 * stages_.size(); }

  static KeyState* State(GroupHead* head) { return StateOf<KeyState>(head); }
  Run* RunAt(GroupHead* head, size_t stage) const {
    return reinterpret_cast<Run*>(StateOf<int64_t>(head) + offsets_[stage]);
  }
  Run* EndingAt(GroupHead* head, int64_t i) const {
    return reinterpret_cast<Run*>(StateOf<int64_t>(head) + fixed_words_ +
                                  static_cast<size_t>(i) * EndingWords());
  }
  static Moment* EventsOf(Run* run) {
    return reinterpret_cast<Moment*>(run + 1);
  }
  // Where it is kept, of a run of `events` events.
  static int64_t* KeptOf(Run* run, size_t events) {
    return reinterpret_cast<int64_t*>(EventsOf(run) + events);
  }
  static std::string_view KeptAt(const int64_t* kept, size_t event) {
    const int64_t* const place = kept + event * kKeptWords;
    // A snapshot may say anything.
    const auto size =
        static_cast<size_t>(std::clamp<int64_t>(place[0], 0, kMostKept));
    return {reinterpret_cast<const char*>(place + 1), size};
  }

  std::string_view CapturedOf(const KeyedEvent& event) const {
    return CapturedBehind(event.columns, rule_.columns.size());
  }

  // Whether the event meets the condition of a stage, behind `before`.
  bool MeetsCondition(size_t stage, Run* before, const KeyedEvent& event) {
    where_.Clear();
    const int64_t* const kept = KeptOf(before, stage);
    for (size_t i = 0; i < stage; ++i) {
      where_.Choose(stages_[i].step, KeptAt(kept, i));
    }
    where_.Choose(stages_[stage].step, CapturedOf(event));
    return where_.Meets(stages_[stage].condition, event.at.time);
  }

  // Appends to kept_ what is captured of an event.
  void Keep(std::string_view captured) {
    if (captured.size() > kMostKept) {
      captured = {};
      ++counters_.not_compared;
    }
    const size_t at = kept_.size();
    kept_.resize(at + kKeptWords, 0);
    kept_[at] = static_cast<int64_t>(captured.size());
    std::memcpy(kept_.data() + at + 1, captured.data(), captured.size());
  }

  // Whether an event of these steps tells anything of a key that is new.
  bool Begins(StepMask steps) const {
    if (!rule_.unordered) return (steps & (stages_[0].step | leading_)) != 0;
    return std::any_of(stages_.begin(), stages_.end(), [&](const Stage& stage) {
      return (steps & stage.step) != 0;
    });
  }

  uint32_t* MakeGroup(uint64_t hash, std::string_view key, int64_t time) {
    uint32_t* const place = Create(hash, key, time, fixed_words_ * 8);
    if (place != nullptr) Clear(HeadOf(*place));
    return place;
  }
  void Clear(GroupHead* head) {
    *State(head) = {};
    State(head)->number = ++groups_made_;
    std::fill_n(StateOf<int64_t>(head) + kKeyWords, fixed_words_ - kKeyWords,
                0);
  }

  void Drop(GroupHead* head) {
    for (size_t i = 0; i < offsets_.size(); ++i) RunAt(head, i)->is_there = 0;
  }

  void NoteMissing(GroupHead* head, const KeyedEvent& event) {
    const int64_t time = event.at.time;
    if ((event.steps & leading_) != 0) {
      KeyState* const state = State(head);
      if (time > state->lead) {
        state->lead_before = state->lead;
        state->lead = time;
      }
    }
    for (size_t i = 0; i < gaps_.size(); ++i) {
      if ((event.steps & gaps_[i]) == 0) continue;
      Run* const run = RunAt(head, i);
      const bool behind = run->is_there != 0 && time > EventsOf(run)[i].time;
      if (behind && run->broken == kNever) run->broken = time;
    }
    if ((event.steps & trailing_) == 0) return;
    for (int64_t i = State(head)->ending; i-- > 0;) {
      Run* const run = EndingAt(head, i);
      const Moment* const events = EventsOf(run);
      if (time <= events[stages_.size() - 1].time) continue;
      // Between what came before and this lies more than the span: then it is
      // no answer to it. Nothing before: nothing is asked of what comes behind.
      const int64_t since = leading_ != 0 ? run->lead : events[0].time;
      if (since != kNever && SubTime(time, since) <= rule_.span) {
        RemoveEnding(head, i);
      }
    }
  }

  void Advance(uint32_t* place, size_t stage, const KeyedEvent& event) {
    GroupHead* const head = HeadOf(*place);
    const bool is_last = stage + 1 == stages_.size();
    Run header;
    scratch_.clear();
    kept_.clear();
    if (stage == 0) {
      const KeyState* const state = State(head);
      header.lead =
          state->lead < event.at.time ? state->lead : state->lead_before;
    } else {
      Run* const before = RunAt(head, stage - 1);
      if (before->is_there == 0) return;
      const Moment* const events = EventsOf(before);
      if (event.at.time > WindowEnd(rule_, events[0].time)) {
        before->is_there = 0;
        return;
      }
      if (stages_[stage].condition != program::kNoRule &&
          !MeetsCondition(stage, before, event)) {
        return;
      }
      if (!stages_[stage].keeps) before->is_there = 0;
      header = *before;
      if (before->broken != kNever && before->broken < event.at.time) {
        header.is_spoiled = 1;
      }
      header.broken = kNever;
      scratch_.assign(events, events + stage);
      if (!rule_.captured.empty() && !is_last) {
        const int64_t* const kept = KeptOf(before, stage);
        kept_.assign(kept, kept + stage * kKeptWords);
      }
    }
    header.is_there = 1;
    scratch_.push_back(event.at);
    if (!is_last) {
      Run* const run = RunAt(head, stage);
      *run = header;
      std::copy(scratch_.begin(), scratch_.end(), EventsOf(run));
      if (rule_.captured.empty()) return;
      Keep(CapturedOf(event));
      std::copy(kept_.begin(), kept_.end(), KeptOf(run, stage + 1));
      return;
    }
    if (header.is_spoiled != 0) return;
    const bool led = leading_ != 0 && header.lead != kNever;
    if (trailing_ == 0) {
      const bool fails =
          led && SubTime(event.at.time, header.lead) <= rule_.span;
      if (!fails) Fire(head, scratch_.data(), event.at.time);
      return;
    }
    // Without anything before, what comes behind does not matter.
    if (leading_ != 0 && !led) {
      Fire(head, scratch_.data(), event.at.time);
      return;
    }
    AddEnding(place, header, event);
  }

  void OnUnordered(GroupHead* head, const KeyedEvent& event) {
    bool is_full = true;
    for (size_t i = 0; i < stages_.size(); ++i) {
      Run* const run = RunAt(head, i);
      const bool is_old = run->is_there != 0 &&
                          event.at.time > WindowEnd(rule_, EventsOf(run)->time);
      if (is_old) run->is_there = 0;
    }
    for (size_t i = 0; i < stages_.size(); ++i) {
      Run* const run = RunAt(head, i);
      // The first one stays.
      if ((event.steps & stages_[i].step) != 0 && run->is_there == 0) {
        run->is_there = 1;
        *EventsOf(run) = event.at;
      }
      is_full &= run->is_there != 0;
    }
    if (!is_full) return;
    scratch_.clear();
    for (size_t i = 0; i < stages_.size(); ++i) {
      scratch_.push_back(*EventsOf(RunAt(head, i)));
    }
    Drop(head);
    Fire(head, scratch_.data(), event.at.time);
  }

  // --- Runs that wait for their end.

  int64_t DueOf(Run* run) const {
    const int64_t first = leading_ != 0 ? run->lead : EventsOf(run)[0].time;
    const int64_t last = EventsOf(run)[stages_.size() - 1].time;
    return AddTime(std::max(WindowEnd(rule_, first), last), 1);
  }

  void AddEnding(uint32_t* place, const Run& header, const KeyedEvent& event) {
    const int64_t count = State(HeadOf(*place))->ending;
    const size_t words =
        fixed_words_ + static_cast<size_t>(count + 1) * EndingWords();
    const GroupHead* const head = HeadOf(*place);
    const size_t room = (head->bytes - HeadBytes(head->key_size)) / 8;
    const size_t wanted =
        fixed_words_ + static_cast<size_t>(2 * count + 2) * EndingWords();
    if (count >= kMostEnding || (room < words && !Resize(place, wanted * 8))) {
      ++counters_.refused;
      return;
    }
    GroupHead* const moved = HeadOf(*place);
    Run* const run = EndingAt(moved, State(moved)->ending++);
    *run = header;
    std::copy(scratch_.begin(), scratch_.end(), EventsOf(run));
    Push({.due = DueOf(run),
          .hash = event.hash,
          .number = State(moved)->number});
  }

  void RemoveEnding(GroupHead* head, int64_t i) {
    int64_t* const first = reinterpret_cast<int64_t*>(EndingAt(head, i));
    int64_t* const end =
        reinterpret_cast<int64_t*>(EndingAt(head, State(head)->ending));
    std::copy(first + EndingWords(), end, first);
    --State(head)->ending;
  }

  void Push(const Ending& ending) {
    const bool is_first = endings_.empty() || ending.due < endings_.front().due;
    endings_.push_back(ending);
    std::push_heap(endings_.begin(), endings_.end(), std::greater<>());
    if (is_first) context_.AddTimer(ending.due, index_);
  }

  void End(GroupHead* head, int64_t due) {
    for (int64_t i = 0; i < State(head)->ending;) {
      Run* const run = EndingAt(head, i);
      if (DueOf(run) > due) {
        ++i;
        continue;
      }
      const Moment* const events = EventsOf(run);
      scratch_.assign(events, events + stages_.size());
      RemoveEnding(head, i);
      Fire(head, scratch_.data(), SubTime(due, 1));
    }
  }

  // With places for events that are missing.
  void Fire(GroupHead* head, const Moment* events, int64_t decided) {
    reported_.clear();
    size_t next = 0;
    for (const program::SequenceStage& stage : rule_.stages) {
      reported_.push_back(stage.missing ? Moment{.time = 0, .ref = kNoEvent}
                                        : events[next++]);
    }
    Fired fired(index_, KeyOf(head), events[stages_.size() - 1],
                events[0].time);
    if (rule_.unordered) {
      fired.at = *std::max_element(events, events + stages_.size());
      fired.first = std::min_element(events, events + stages_.size())->time;
    }
    fired.decided = decided;
    fired.ordinal = head->ordinal++;
    fired.exact = IsExact(head, fired.first);
    fired.events = reported_.data();
    fired.event_count = static_cast<uint32_t>(reported_.size());
    Report(fired);
  }

  int64_t KeptUntil(GroupHead* head) const override {
    int64_t until = GroupMachine::KeptUntil(head);
    for (int64_t i = 0; i < State(head)->ending; ++i) {
      until = std::max(until, DueOf(EndingAt(head, i)));
    }
    return until;
  }

  // --- Snapshots.

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    const KeyState state = *State(head);
    out->PutInt(state.lead);
    out->PutInt(state.lead_before);
    out->Put64(static_cast<uint64_t>(state.ending));
    const size_t words =
        fixed_words_ + static_cast<size_t>(state.ending) * EndingWords();
    const int64_t* const all = StateOf<int64_t>(head);
    for (size_t i = kKeyWords; i < words; ++i) out->PutInt(all[i]);
  }

  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    KeyState state;
    state.lead = in->GetInt();
    state.lead_before = in->GetInt();
    const uint64_t ending = in->GetCount(EndingWords() * 8);
    if (ending > kMostEnding) in->Fail("has more runs than there can be");
    if (!in->ok()) return;
    state.ending = static_cast<int64_t>(ending);
    const size_t words = fixed_words_ + ending * EndingWords();
    std::vector<int64_t> rest(words - kKeyWords);
    for (int64_t& word : rest) word = in->GetInt();
    if (!in->ok()) return;
    GroupHead* const head = CreateSaved(saved, words * 8);
    if (head == nullptr) return;
    state.number = ++groups_made_;
    *State(head) = state;
    std::copy(rest.begin(), rest.end(), StateOf<int64_t>(head) + kKeyWords);
    for (int64_t i = 0; i < state.ending; ++i) {
      Push({.due = DueOf(EndingAt(head, i)),
            .hash = saved.hash,
            .number = state.number});
    }
  }

  std::vector<Stage> stages_;    // Those of events that must come.
  std::vector<StepMask> gaps_;   // Between a stage and the next.
  StepMask leading_ = 0;         // Before the first,
  StepMask trailing_ = 0;        // and behind the last.
  std::vector<size_t> offsets_;  // Of runs, in words.
  size_t fixed_words_ = 0;
  int64_t groups_made_ = 0;
  std::vector<Ending> endings_;  // A heap.
  std::vector<Moment> scratch_;
  std::vector<Moment> reported_;
  std::vector<int64_t> kept_;  // Scratch, as are those above.
  WhereTest where_;
};

}  // namespace

std::unique_ptr<Machine> MakeSequenceMachine(const program::Correlation& rule,
                                             uint32_t index,
                                             CorrelateContext* context) {
  return std::make_unique<SequenceMachine>(rule, index, context);
}

}  // namespace tocsin::runtime
