// Sliding windows that end at their event, where late events are waited for:
// these take their places, and what comes behind them is looked at again. Also
// windows and chains with a condition over several steps.

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "src/runtime/correlate/captured_events.h"
#include "src/runtime/correlate/chain_search.h"
#include "src/runtime/correlate/cores.h"
#include "src/runtime/correlate/event_ring.h"
#include "src/runtime/correlate/running_measures.h"
#include "src/runtime/correlate/where_test.h"
#include "src/runtime/correlate/window_machine.h"

namespace tocsin::runtime {
namespace {

// A group: state, policy unless it fires every time, one Running a measure, and
// the ring of events.
struct alignas(8) SlidingState {
  EventRing ring;
  // The window: events [low, high) are in the Runnings.
  uint32_t low = 0;
  uint32_t high = 0;
};

constexpr size_t kMostMeasures = 32;
constexpr uint32_t kNoTrigger = UINT32_MAX;

class SlidingMachine final : public GroupMachine {
 public:
  SlidingMachine(const program::Correlation& rule, uint32_t index,
                 CorrelateContext* context)
      : GroupMachine(rule, index, context, std::max(rule.span, rule.throttle)),
        measures_(rule, &context->slab),
        is_chain_(rule.kind == program::Correlation::kChain),
        where_(rule, context->findings),
        chain_(rule),
        captured_(rule, rule.columns.size() + (is_chain_ ? 1 : 0),
                  &context->slab),
        event_bytes_(EventRing::EventBytes(captured_.columns())),
        has_policy_(rule.fire != base::FirePolicy::kEvery),
        waits_(!rule.is_sorted && context->lateness > 0) {}

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    uint32_t* place = Find(event);
    if (place == nullptr) {
      place = Create(event.hash, event.key, event.at.time,
                     StateBytes(EventRing::kFirstRoom));
      if (place == nullptr) return;
      InitGroup(HeadOf(*place));
    }
    GroupHead* head = HeadOf(*place);
    // A group that was silent for so long begins anew, whether it has been
    // forgotten yet or not.
    if (has_policy_ && SubTime(event.at.time, head->last_time) > retention_) {
      *Policy(head) = FirstPolicyWord(rule_);
    }
    head->last_time = std::max(head->last_time, event.at.time);
    DropOld(head, event.at.time);
    head = MakeRoom(place);
    if (head == nullptr) {
      ++counters_.refused;
      return;
    }
    SlidingState* const state = State(head);
    const uint32_t size = state->ring.size;
    if (size == 0 || At(head, size - 1).at() <= event.at || !waits_) {
      Append(head, event);
      Fresh(head, size);
    } else {
      OnLate(head, event);
    }
  }

 private:
  // Events [low, high), for measures.
  struct Window {
    const SlidingMachine* machine;
    GroupHead* head;

    uint32_t size() const { return State(head)->high - State(head)->low; }
    WindowEvent At(uint32_t i) const {
      return Open(machine->At(head, State(head)->low + i));
    }
  };
  static WindowEvent Open(const StoredEvent& event) {
    return {.time = event.time,
            .steps = event.steps,
            .columns = reinterpret_cast<const uint64_t*>(&event + 1)};
  }

  size_t FixedBytes() const {
    return sizeof(SlidingState) + (has_policy_ ? 8 : 0) + measures_.Bytes();
  }
  size_t StateBytes(uint32_t room) const {
    return FixedBytes() + room * event_bytes_;
  }
  static SlidingState* State(GroupHead* head) {
    return StateOf<SlidingState>(head);
  }
  int64_t* Policy(GroupHead* head) const {
    return reinterpret_cast<int64_t*>(State(head) + 1);
  }
  Running* Runnings(GroupHead* head) const {
    return reinterpret_cast<Running*>(
        reinterpret_cast<std::byte*>(State(head) + 1) + (has_policy_ ? 8 : 0));
  }
  std::byte* Events(GroupHead* head) const {
    return reinterpret_cast<std::byte*>(State(head)) + FixedBytes();
  }
  StoredEvent& At(GroupHead* head, uint32_t i) const {
    return State(head)->ring.At(Events(head), event_bytes_, i);
  }

  void InitGroup(GroupHead* head) {
    *State(head) = {};
    State(head)->ring.room = EventRing::kFirstRoom;
    if (has_policy_) *Policy(head) = FirstPolicyWord(rule_);
    measures_.Init(Runnings(head));
  }

  void OnForget(GroupHead* head, bool /*is_shed*/) override {
    for (uint32_t i = 0; captured_.is_needed() && i < State(head)->ring.size;
         ++i) {
      captured_.Free(&At(head, i));
    }
    measures_.Clear(Runnings(head));
  }

  // --- The window.

  void Count(GroupHead* head, const StoredEvent& event, int sign) {
    measures_.Count(Runnings(head), Open(event), sign);
  }

  void MoveLow(GroupHead* head, uint32_t low) {
    SlidingState* const state = State(head);
    while (state->low < low) Count(head, At(head, state->low++), -1);
    while (state->low > low) Count(head, At(head, --state->low), +1);
  }
  void MoveHigh(GroupHead* head, uint32_t high) {
    SlidingState* const state = State(head);
    while (state->high < high) Count(head, At(head, state->high++), +1);
    while (state->high > high) Count(head, At(head, --state->high), -1);
  }

  void StartAt(GroupHead* head, int64_t start) {
    SlidingState* const state = State(head);
    uint32_t low = state->low;
    while (low < state->high && At(head, low).time < start) ++low;
    MoveLow(head, low);
  }

  // Whether it is true of the window at event number `trigger` or, with
  // kNoTrigger, of the window alone, at `time`.
  bool IsTrueNow(GroupHead* head, uint32_t trigger, int64_t time) {
    if (is_chain_) return IsChainThere(head, trigger, time);
    const bool is_true =
        measures_.IsTrue(Runnings(head), Window{.machine = this, .head = head});
    return is_true && (!where_.is_needed() || Passes(head, trigger, time));
  }

  // --- Conditions over several steps.

  std::string_view CapturedOf(GroupHead* head, uint32_t i) const {
    return captured_.is_needed() ? captured_.Of(At(head, i))
                                 : std::string_view();
  }

  // Chosen are the event that is looked at, and the newest of other steps.
  bool Passes(GroupHead* head, uint32_t trigger, int64_t time) {
    where_.Clear();
    program::StepMask left = where_.steps();
    const auto choose = [&](uint32_t i) {
      const program::StepMask steps = At(head, i).steps & left;
      if (steps != 0) where_.Choose(steps, CapturedOf(head, i));
      left &= ~steps;
    };
    if (trigger != kNoTrigger) choose(trigger);
    const SlidingState* const state = State(head);
    for (uint32_t i = state->high; i-- > state->low && left != 0;) choose(i);
    return where_.Passes(time);
  }

  // When the chain began that ends with the event; kNever: there is none.
  int64_t& ChainBegin(GroupHead* head, uint32_t i) const {
    return reinterpret_cast<int64_t*>(
        At(head, i).columns())[captured_.saved_columns() - 1];
  }

  // A chain that ends with the trigger, or any that lies in the window.
  bool IsChainThere(GroupHead* head, uint32_t trigger, int64_t time) {
    const SlidingState* const state = State(head);
    if (trigger == kNoTrigger) {
      const int64_t start = WindowStart(rule_, time);
      for (uint32_t i = state->low; i < state->high; ++i) {
        const int64_t begin = ChainBegin(head, i);
        if (begin != kNever && begin >= start) return true;
      }
      return false;
    }
    const ChainSearch::Found found = chain_.Find(
        state->low, trigger,
        [&](uint32_t i) -> const StoredEvent& { return At(head, i); },
        [&](std::span<const uint32_t> last) {
          where_.Clear();
          for (size_t leg = 0; leg < last.size(); ++leg) {
            where_.Choose(At(head, last[leg]).steps & rule_.legs[leg].steps,
                          CapturedOf(head, last[leg]));
          }
          return where_.Passes(time);
        });
    if (!found.is_there && found.is_cut) ++counters_.not_compared;
    ChainBegin(head, trigger) =
        found.is_there ? At(head, found.first).time : kNever;
    return found.is_there;
  }

  // Looks at event number `i`, the first behind the window. Returns whether it
  // fires as the stream is known now.
  bool StepOver(GroupHead* head, uint32_t i, int64_t* first) {
    const int64_t time = At(head, i).time;
    StartAt(head, WindowStart(rule_, time));
    int64_t unused = 0;
    int64_t* const policy = has_policy_ ? Policy(head) : &unused;
    const bool is_edge = rule_.fire == base::FirePolicy::kEdge;
    if (is_edge && *policy == 0 && !IsTrueNow(head, kNoTrigger, time)) {
      *policy = 1;
    }
    const bool is_trigger = (At(head, i).steps & rule_.triggers) != 0;
    if (rule_.trigger_counts) MoveHigh(head, i + 1);
    const bool is_true = is_trigger && IsTrueNow(head, i, time);
    bool clear = false;
    const bool fires = is_true && Decide(rule_, time, policy, &clear);
    if (fires) {
      const SlidingState* const state = State(head);
      *first = is_chain_                  ? ChainBegin(head, i)
               : state->low < state->high ? At(head, state->low).time
                                          : time;
      for (uint32_t m = 0; m < rule_.measures.size() && m < kMostMeasures;
           ++m) {
        values_[m] = measures_.Value(Runnings(head), m,
                                     Window{.machine = this, .head = head});
      }
    }
    MoveHigh(head, i + 1);
    if (clear) MoveLow(head, i + 1);
    StoredEvent& event = At(head, i);
    event.flags &= StoredEvent::kReported;
    if (fires) event.flags |= StoredEvent::kFires;
    if (is_edge && *policy != 0) event.flags |= StoredEvent::kArmed;
    return fires;
  }

  // --- Events.

  void DropOld(GroupHead* head, int64_t time) {
    SlidingState* const state = State(head);
    EventRing& ring = state->ring;
    const int64_t settled = waits_ ? context_.watermark : time;
    const int64_t start = WindowStart(rule_, settled);
    while (ring.size > 0 && At(head, 0).time < start) DropFirst(head);
  }

  void DropFirst(GroupHead* head) {
    SlidingState* const state = State(head);
    if (captured_.is_needed()) captured_.Free(&At(head, 0));
    if (state->low == 0) MoveLow(head, 1);
    --state->low;
    --state->high;
    state->ring.first = (state->ring.first + 1) & (state->ring.room - 1);
    --state->ring.size;
  }

  // Room for one more event. Null without memory.
  GroupHead* MakeRoom(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const EventRing old = State(head)->ring;
    if (old.size < old.room) return head;
    // The ring is straightened by turning it, so that it can be copied whole.
    if (old.room < MostEvents()) {
      std::byte* const events = Events(head);
      std::rotate(events, events + old.first * event_bytes_,
                  events + old.room * event_bytes_);
      State(head)->ring.first = 0;
      if (Resize(place, StateBytes(old.room * 2))) {
        head = HeadOf(*place);
        State(head)->ring.room = old.room * 2;
        return head;
      }
    }
    MarkShed(head);
    DropFirst(head);
    return head;
  }

  void MarkShed(GroupHead* head) {
    ++counters_.shed;
    head->is_inexact = 1;
    shed_until_ = std::max(shed_until_, AddTime(head->last_time, retention_));
  }

  void Write(GroupHead* head, uint32_t i, const KeyedEvent& event) {
    StoredEvent* const to = &At(head, i);
    *to = {.time = event.at.time, .ref = event.at.ref, .steps = event.steps};
    if (!rule_.columns.empty()) {
      std::memcpy(static_cast<void*>(to + 1), event.columns,
                  rule_.columns.size() * 8);
    }
    if (is_chain_) ChainBegin(head, i) = kNever;
    if (captured_.is_needed() && !captured_.Keep(event, to)) MarkShed(head);
  }

  void Append(GroupHead* head, const KeyedEvent& event) {
    const uint32_t size = State(head)->ring.size++;
    Write(head, size, event);
  }

  // The newest event, number `i`, has been appended.
  void Fresh(GroupHead* head, uint32_t i) {
    int64_t first = 0;
    if (!StepOver(head, i, &first)) return;
    ReportAt(head, i, first, false);
  }

  void OnLate(GroupHead* head, const KeyedEvent& event) {
    EventRing& ring = State(head)->ring;
    uint32_t at = ring.size;
    while (at > 0 && event.at < At(head, at - 1).at()) --at;
    Rewind(head, at, WindowStart(rule_, event.at.time));
    for (uint32_t i = ring.size++; i > at; --i) {
      std::memcpy(static_cast<void*>(&At(head, i)), &At(head, i - 1),
                  event_bytes_);
    }
    Write(head, at, event);
    Replay(head, at);
  }

  // Brings window and policy to where they were before event number `at`.
  void Rewind(GroupHead* head, uint32_t at, int64_t start) {
    uint32_t low = 0;
    if (has_policy_) {
      uint32_t last = at;
      while (last > 0 &&
             (At(head, last - 1).flags & StoredEvent::kFires) == 0) {
        --last;
      }
      if (rule_.fire == base::FirePolicy::kThrottle) {
        *Policy(head) = last > 0 ? At(head, last - 1).time : kNever;
      } else if (rule_.fire == base::FirePolicy::kEdge) {
        *Policy(head) =
            at == 0 || (At(head, at - 1).flags & StoredEvent::kArmed) != 0;
      }
      if (rule_.fire == base::FirePolicy::kReset) low = last;
    }
    low = std::max(
        low, State(head)->ring.LowerBound(Events(head), event_bytes_, start));
    low = std::min(low, at);
    // The narrower way: events leave the window at its end, and come back at
    // its start.
    MoveHigh(head, std::max(at, State(head)->low));
    MoveLow(head, low);
    MoveHigh(head, at);
  }

  // Looks at all events from number `from` on again, for one that came late,
  // and reports what was not reported.
  void Replay(GroupHead* head, uint32_t from) {
    const uint32_t size = State(head)->ring.size;
    struct Found {
      uint32_t event;
      int64_t first;
    };
    // What fires now without having been reported: unless the rule fires every
    // time, it may be the same as something reported later in time.
    std::optional<Found> unreported;
    for (uint32_t i = from; i < size; ++i) {
      int64_t first = 0;
      const bool fires = StepOver(head, i, &first);
      const bool was_reported =
          (At(head, i).flags & StoredEvent::kReported) != 0;
      if (!has_policy_) {
        if (fires && !was_reported) ReportAt(head, i, first, true);
      } else if (fires && !was_reported) {
        if (unreported) {
          ReportAt(head, unreported->event, unreported->first, true);
        }
        unreported = {.event = i, .first = first};
      } else if (!fires && was_reported) {
        unreported.reset();
      }
    }
    if (unreported) {
      ReportAt(head, unreported->event, unreported->first, true);
    }
  }

  void ReportAt(GroupHead* head, uint32_t i, int64_t first, bool revised) {
    StoredEvent& event = At(head, i);
    Fired fired(index_, KeyOf(head), event.at(), first);
    for (uint32_t j = State(head)->ring.size; j-- > 0;) {
      const StoredEvent& other = At(head, j);
      if (other.time < event.time) break;
      if (other.time == event.time &&
          (other.flags & StoredEvent::kReported) != 0) {
        ++fired.ordinal;
      }
    }
    event.flags |= StoredEvent::kReported;
    fired.revised = revised;
    fired.exact = IsExact(head, event.time);
    for (size_t leg = 0; is_chain_ && leg < rule_.legs.size(); ++leg) {
      values_[leg] = rule_.legs[leg].count;
    }
    fired.values = values_.data();
    fired.value_count = static_cast<uint32_t>(
        is_chain_ ? rule_.legs.size() : rule_.measures.size());
    Report(fired);
  }

  // --- Snapshots.

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    const SlidingState* const state = State(head);
    if (has_policy_) out->PutInt(*Policy(head));
    out->Put32(state->low);
    out->Put32(state->high);
    state->ring.Save(Events(head), captured_.columns(),
                     captured_.saved_columns(), out);
    for (uint32_t i = 0; captured_.is_needed() && i < state->ring.size; ++i) {
      out->PutText(captured_.Of(At(head, i)));
    }
  }

  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    const int64_t policy = has_policy_ ? in->GetInt() : 0;
    const uint32_t low = in->Get32();
    const uint32_t high = in->Get32();
    const uint32_t size =
        EventRing::Load(in, captured_.columns(), captured_.saved_columns(),
                        MostEvents(), &loaded_);
    if (low > high || high > size) in->Fail("has a window without events");
    captured_.Load(size, in, &loaded_texts_);
    if (!in->ok()) return;
    const uint32_t room = EventRing::RoomFor(size);
    GroupHead* const head = CreateSaved(saved, StateBytes(room));
    if (head == nullptr) return;
    InitGroup(head);
    if (has_policy_) *Policy(head) = policy;
    std::copy(loaded_.begin(), loaded_.end(), Events(head));
    SlidingState* const state = State(head);
    state->ring = {.room = room, .size = size};
    for (uint32_t i = 0; i < loaded_texts_.size(); ++i) {
      if (!captured_.Keep(loaded_texts_[i], &At(head, i))) MarkShed(head);
    }
    // What measures keep of the window follows from its events.
    state->low = state->high = low;
    MoveHigh(head, high);
  }

  uint32_t MostEvents() const {
    return where_.is_needed() ? RunningMeasures::kMostScanned
                              : measures_.most_events();
  }

  RunningMeasures measures_;
  // Of a chain, which has a condition then, events are kept as those of a
  // window; when the chain began that ends with one is its last saved column.
  const bool is_chain_;
  WhereTest where_;
  ChainSearch chain_;
  CapturedEvents captured_;
  const size_t event_bytes_;
  const bool has_policy_;
  const bool waits_;
  std::vector<std::byte> loaded_;  // The events of a group that is read.
  std::vector<std::string_view> loaded_texts_;  // What was captured of them.
  std::array<double, kMostMeasures> values_{};
};

}  // namespace

std::unique_ptr<Machine> MakeSlidingMachine(const program::Correlation& rule,
                                            uint32_t index,
                                            CorrelateContext* context) {
  const bool is_in_order = rule.is_sorted || context->lateness == 0;
  if (is_in_order && rule.where == program::kNoRule && rule.captured.empty()) {
    return MakeOrderedMachine(rule, index, context);
  }
  return std::make_unique<SlidingMachine>(rule, index, context);
}

}  // namespace tocsin::runtime
