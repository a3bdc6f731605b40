#include "src/runtime/correlate/core_machine.h"

#include <algorithm>
#include <array>
#include <optional>

#include "src/runtime/correlate/cores.h"
#include "src/state/paged_queue.h"

namespace tocsin::runtime {
namespace {

// An event that late ones may still come before.
class RecentEvent {
 public:
  RecentEvent() = default;
  RecentEvent(const Moment& at, program::StepMask steps)
      : time_(at.time), rest_(at.ref << 16 | uint64_t{steps} << 1) {}

  Moment at() const { return {.time = time_, .ref = rest_ >> 16}; }
  int64_t time() const { return time_; }
  program::StepMask steps() const { return (rest_ >> 1) & 0x7FFF; }
  bool is_reported() const { return (rest_ & 1) != 0; }
  void SetReported() { rest_ |= 1; }

 private:
  int64_t time_ = 0;
  uint64_t rest_ = 0;  // Ref, steps, whether it was reported.
};

// An event whose group fires when a time has passed without another.
struct Pending {
  int64_t due = 0;  // Before events at this time.
  Moment at;
  int64_t first = 0;
  uint64_t hash = 0;
  uint64_t number = 0;  // Of the event, among all of the machine.
  uint64_t group = 0;   // GroupState::number.
};

// A group: state, core, and if late events are waited for a second core, of
// all events, and the ring of those that are not in the first.
struct GroupState {
  uint32_t room = 0;
  uint32_t recent_room = 0;
  uint32_t recent_first = 0;
  uint32_t recent_size = 0;
};

// Of a rule that waits for absence.
struct AbsenceState {
  uint64_t number = 0;       // No two groups have the same.
  uint64_t last_absent = 0;  // Number of the last event that undoes.
};

// Recent events of one group at most; beyond, the oldest is taken as settled.
constexpr uint32_t kMostRecent = 4096;
constexpr size_t kMostValues = 32;

template <typename Core>
class CoreMachine final : public GroupMachine {
 public:
  CoreMachine(const program::Correlation& rule, uint32_t index,
              CorrelateContext* context)
      : GroupMachine(rule, index, context, Retention(rule)),
        core_(rule),
        waits_(!rule.is_sorted && context->lateness > 0),
        pending_(&context->slab) {
    if (rule.kind == program::Correlation::kChain) {
      absent_ = rule.legs.back().not_after;
    }
  }

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    uint32_t* place = Find(event.hash, event.key);
    if (place == nullptr) {
      place =
          Create(event.hash, event.key, event.at.time,
                 StateBytes(std::min(2u, core_.most_room()), waits_ ? 2u : 0u));
      if (place == nullptr) return;
      InitGroup(HeadOf(*place));
    }
    GroupHead* const head = HeadOf(*place);
    head->last_time = std::max(head->last_time, event.at.time);
    if (waits_) {
      OnEager(place, event);
    } else {
      OnSettled(place, event);
    }
  }

  void RunTimers(int64_t time) override {
    while (!pending_.empty() && pending_.front().due <= time) {
      const Pending pending = pending_.front();
      pending_.Pop();
      Decide(pending);
    }
    if (!pending_.empty()) {
      context_.AddTimer(pending_.front().due, index_);
    }
  }

 private:
  static int64_t Retention(const program::Correlation& rule) {
    const int64_t kept = std::max(rule.span, rule.throttle);
    const bool waits = rule.kind == program::Correlation::kChain &&
                       rule.legs.back().not_after != 0;
    return waits ? AddTime(AddTime(kept, rule.span), 1) : kept;
  }

  size_t AbsenceBytes() const {
    return absent_ != 0 ? sizeof(AbsenceState) : 0;
  }
  size_t StateBytes(uint32_t room, uint32_t recent_room) const {
    return sizeof(GroupState) + AbsenceBytes() +
           core_.Bytes(room) * (waits_ ? 2 : 1) +
           recent_room * sizeof(RecentEvent);
  }
  static GroupState* State(GroupHead* head) {
    return StateOf<GroupState>(head);
  }
  AbsenceState* Absence(GroupHead* head) const {
    return reinterpret_cast<AbsenceState*>(State(head) + 1);
  }
  // The core of settled events.
  std::byte* Settled(GroupHead* head) const {
    return reinterpret_cast<std::byte*>(State(head) + 1) + AbsenceBytes();
  }
  // The core of all events.
  std::byte* Current(GroupHead* head) const {
    return Settled(head) + core_.Bytes(State(head)->room);
  }
  RecentEvent* Recent(GroupHead* head) const {
    return reinterpret_cast<RecentEvent*>(Settled(head) +
                                          core_.Bytes(State(head)->room) * 2);
  }
  // Number `i` of the recent events, the oldest first.
  RecentEvent& RecentAt(GroupHead* head, uint32_t i) const {
    const GroupState* state = State(head);
    return Recent(head)[(state->recent_first + i) & (state->recent_room - 1)];
  }

  void InitGroup(GroupHead* head) {
    GroupState* const state = State(head);
    *state = {.room = std::min(2u, core_.most_room()),
              .recent_room = waits_ ? 2u : 0u};
    if (absent_ != 0) *Absence(head) = {.number = ++groups_made_};
    core_.Init(Settled(head), state->room);
    if (waits_) core_.Init(Current(head), state->room);
  }

  // Makes room in rings for more times.
  bool GrowRoom(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const GroupState old = *State(head);
    const uint32_t room = std::min(old.room * 2, core_.most_room());
    const size_t cores = waits_ ? 2 : 1;
    const size_t old_bytes = core_.Bytes(old.room);
    scratch_.assign(Settled(head), Settled(head) + old_bytes * cores);
    recent_scratch_.clear();
    for (uint32_t i = 0; i < old.recent_size; ++i) {
      recent_scratch_.push_back(RecentAt(head, i));
    }
    if (!Resize(place, StateBytes(room, old.recent_room))) return false;
    head = HeadOf(*place);
    GroupState* const state = State(head);
    state->room = room;
    state->recent_first = 0;
    core_.Grow(scratch_.data(), old.room, Settled(head), room);
    if (waits_) {
      core_.Grow(scratch_.data() + old_bytes, old.room, Current(head), room);
      std::copy(recent_scratch_.begin(), recent_scratch_.end(), Recent(head));
    }
    return true;
  }

  bool GrowRecent(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const GroupState old = *State(head);
    recent_scratch_.clear();
    for (uint32_t i = 0; i < old.recent_size; ++i) {
      recent_scratch_.push_back(RecentAt(head, i));
    }
    if (!Resize(place, StateBytes(old.room, old.recent_room * 2))) return false;
    head = HeadOf(*place);
    State(head)->recent_room = old.recent_room * 2;
    State(head)->recent_first = 0;
    std::copy(recent_scratch_.begin(), recent_scratch_.end(), Recent(head));
    return true;
  }

  // Grows until an event can be added without losing one that counts. Without
  // memory the oldest is lost.
  void MakeRoom(uint32_t* place, bool current, int64_t time,
                program::StepMask steps) {
    while (true) {
      GroupHead* const head = HeadOf(*place);
      const uint32_t room = State(head)->room;
      if (room == core_.most_room()) return;
      std::byte* const core = current ? Current(head) : Settled(head);
      if (!core_.IsFull(core, room, time, steps)) return;
      if (!GrowRoom(place)) {
        MarkShed(head, time);
        return;
      }
    }
  }

  void MarkShed(GroupHead* head, int64_t time) {
    ++counters_.shed;
    head->is_inexact = 1;
    shed_until_ = std::max(shed_until_, AddTime(time, retention_));
  }

  // --- Rules that are decided in order.

  void OnSettled(uint32_t* place, const KeyedEvent& event) {
    MakeRoom(place, false, event.at.time, event.steps);
    GroupHead* const head = HeadOf(*place);
    const uint32_t room = State(head)->room;
    std::byte* const core = Settled(head);
    ++events_seen_;
    if ((event.steps & absent_) != 0) {
      Absence(head)->last_absent = events_seen_;
    }
    const CoreStep step =
        core_.Step(core, room, event.at.time, event.steps, values_.data());
    if (!step.fired) return;
    if (absent_ != 0) {
      Wait(head, event, step.first);
      return;
    }
    const auto* core_head = reinterpret_cast<const CoreHead*>(core);
    ReportAt(head, event.at, step.first, core_head->ordinal, false);
  }

  void Wait(GroupHead* head, const KeyedEvent& event, int64_t first) {
    const bool was_empty = pending_.empty();
    const int64_t end = WindowEnd(rule_, event.at.time);
    const Pending pending = {.due = AddTime(end, 1),
                             .at = event.at,
                             .first = first,
                             .hash = event.hash,
                             .number = events_seen_,
                             .group = Absence(head)->number};
    if (!pending_.Push(pending)) {
      ++counters_.refused;
      return;
    }
    if (was_empty) context_.AddTimer(pending.due, index_);
  }

  void Decide(const Pending& pending) {
    uint32_t* const place = table_.Find(pending.hash, [&](uint32_t group) {
      return Absence(HeadOf(group))->number == pending.group;
    });
    if (place == nullptr) return;  // Shed, and counted as such.
    GroupHead* const head = HeadOf(*place);
    std::byte* const core = Settled(head);
    auto* const core_head = reinterpret_cast<CoreHead*>(core);
    if (Absence(head)->last_absent > pending.number) {
      core_head->armed = 1;
      return;
    }
    bool clear = false;
    if (!runtime::Decide(rule_, pending.at.time, core_head, &clear)) return;
    if (clear) core_.Clear(core, State(head)->room);
    std::fill(values_.begin(), values_.end(), 1);
    ReportAt(head, pending.at, pending.first, core_head->ordinal, false);
  }

  // --- Rules that report at once and take late events in.

  void OnEager(uint32_t* place, const KeyedEvent& event) {
    Settle(place, context_.watermark);
    GroupHead* head = HeadOf(*place);
    GroupState* state = State(head);
    if (state->recent_size == state->recent_room && !GrowOrSettle(place)) {
      ++counters_.refused;
      return;
    }
    head = HeadOf(*place);
    state = State(head);
    const bool in_order =
        state->recent_size == 0 ||
        RecentAt(head, state->recent_size - 1).at() <= event.at;
    if (!in_order) {
      OnLate(place, event);
      return;
    }
    MakeRoom(place, true, event.at.time, event.steps);
    head = HeadOf(*place);
    state = State(head);
    const CoreStep step = core_.Step(Current(head), state->room, event.at.time,
                                     event.steps, values_.data());
    RecentEvent recent(event.at, event.steps);
    if (step.fired) {
      const uint32_t ordinal = OrdinalAt(head, event.at.time);
      recent.SetReported();
      RecentAt(head, state->recent_size++) = recent;
      ReportAt(head, event.at, step.first, ordinal, false);
      return;
    }
    RecentAt(head, state->recent_size++) = recent;
  }

  // Moves recent events that nothing can come before any more into the settled
  // core.
  void Settle(uint32_t* place, int64_t before) {
    while (true) {
      GroupHead* const head = HeadOf(*place);
      const GroupState* state = State(head);
      if (state->recent_size == 0 || RecentAt(head, 0).time() >= before) return;
      SettleFirst(place);
    }
  }

  void SettleFirst(uint32_t* place) {
    const RecentEvent event = RecentAt(HeadOf(*place), 0);
    MakeRoom(place, false, event.time(), event.steps());
    GroupHead* const head = HeadOf(*place);
    GroupState* const state = State(head);
    core_.Step(Settled(head), state->room, event.time(), event.steps(),
               unused_values_.data());
    state->recent_first = (state->recent_first + 1) & (state->recent_room - 1);
    --state->recent_size;
  }

  bool GrowOrSettle(uint32_t* place) {
    if (State(HeadOf(*place))->recent_room < kMostRecent && GrowRecent(place)) {
      return true;
    }
    SettleFirst(place);
    return true;
  }

  void OnLate(uint32_t* place, const KeyedEvent& event) {
    GroupHead* const head = HeadOf(*place);
    GroupState* const state = State(head);
    uint32_t i = state->recent_size++;
    for (; i > 0 && event.at < RecentAt(head, i - 1).at(); --i) {
      RecentAt(head, i) = RecentAt(head, i - 1);
    }
    RecentAt(head, i) = RecentEvent(event.at, event.steps);
    while (!Replay(place)) {
    }
  }

  // Runs the recent events again, from the settled core on, and reports what
  // was not reported. False if rings had to grow, and it must be done again.
  bool Replay(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const uint32_t room = State(head)->room;
    const uint32_t size = State(head)->recent_size;
    const size_t bytes = core_.Bytes(room);
    replay_.assign(Settled(head), Settled(head) + bytes);
    // What fires now without having been reported, for all policies but
    // kEvery: it may be the same as something reported later in time.
    std::optional<uint32_t> unreported;
    int64_t unreported_first = 0;
    const auto report = [&](uint32_t i, int64_t first) {
      RecentEvent& recent = RecentAt(head, i);
      const uint32_t ordinal = OrdinalAt(head, recent.time());
      recent.SetReported();
      ReportAt(head, recent.at(), first, ordinal, i + 1 < size);
    };
    for (uint32_t i = 0; i < size; ++i) {
      const RecentEvent& recent = RecentAt(head, i);
      if (room < core_.most_room() &&
          core_.IsFull(replay_.data(), room, recent.time(), recent.steps())) {
        if (GrowRoom(place)) return false;
        MarkShed(head, recent.time());
      }
      const CoreStep step = core_.Step(replay_.data(), room, recent.time(),
                                       recent.steps(), values_.data());
      if (rule_.fire == base::FirePolicy::kEvery) {
        if (step.fired && !recent.is_reported()) report(i, step.first);
        continue;
      }
      if (step.fired && !recent.is_reported()) {
        if (unreported) report(*unreported, unreported_first);
        unreported = i;
        unreported_first = step.first;
      } else if (!step.fired && recent.is_reported()) {
        unreported.reset();
      }
    }
    if (unreported) report(*unreported, unreported_first);
    std::copy(replay_.begin(), replay_.end(), Current(head));
    return true;
  }

  // How many detections of the group there are at `time` already.
  uint32_t OrdinalAt(GroupHead* head, int64_t time) const {
    uint32_t count = 0;
    for (uint32_t i = State(head)->recent_size; i-- > 0;) {
      const RecentEvent& recent = RecentAt(head, i);
      if (recent.time() < time) break;
      if (recent.time() == time && recent.is_reported()) ++count;
    }
    return count;
  }

  void ReportAt(GroupHead* head, const Moment& at, int64_t first,
                uint32_t ordinal, bool revised) {
    Fired fired;
    fired.key = KeyOf(head);
    fired.at = at;
    fired.first = first;
    fired.ordinal = ordinal;
    fired.revised = revised;
    fired.exact = IsExact(head, at.time);
    fired.values = values_.data();
    fired.value_count = static_cast<uint32_t>(core_.value_count());
    Report(&fired);
  }

  Core core_;
  const bool waits_;
  program::StepMask absent_ = 0;
  uint64_t events_seen_ = 0;
  uint64_t groups_made_ = 0;
  state::PagedQueue<Pending> pending_;
  std::vector<std::byte> scratch_;
  std::vector<std::byte> replay_;
  std::vector<RecentEvent> recent_scratch_;
  std::array<double, kMostValues> values_{};
  std::array<double, kMostValues> unused_values_{};
};

}  // namespace

std::unique_ptr<Machine> MakeThresholdMachine(const program::Correlation& rule,
                                              uint32_t index,
                                              CorrelateContext* context) {
  return std::make_unique<CoreMachine<ThresholdCore>>(rule, index, context);
}

std::unique_ptr<Machine> MakeChainMachine(const program::Correlation& rule,
                                          uint32_t index,
                                          CorrelateContext* context) {
  return std::make_unique<CoreMachine<ChainCore>>(rule, index, context);
}

}  // namespace tocsin::runtime
