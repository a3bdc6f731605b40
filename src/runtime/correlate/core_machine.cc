#include "src/runtime/correlate/core_machine.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
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
  uint64_t group = 0;   // AbsenceState::number.
};

// A group is a core. If late events are waited for, this comes before it, and
// behind it a second core, of all events, and the ring of those that are not in
// the first.
struct RecentState {
  uint32_t room = 0;
  uint32_t first = 0;
  uint32_t size = 0;
  uint32_t padding = 0;
};

// Of a rule that waits for absence.
struct AbsenceState {
  uint64_t number = 0;       // No two groups have the same.
  uint64_t last_absent = 0;  // Number of the last event that undoes.
  int64_t last_fire = kNever;
  uint64_t ordinal = 0;  // Of it, among those of its time.
};

// How what waits for a time finds its group.
struct LoadedGroup {
  uint64_t hash = 0;
  uint64_t number = 0;
};

constexpr std::string_view kBadNumber = "has a number out of range";

// Recent events of one group at most; beyond, the oldest is taken as settled.
constexpr uint32_t kMostRecent = 4096;
constexpr uint32_t kFirstRecent = 2;
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
    while ((1u << first_room_log_) < std::min(2u, core_.most_room())) {
      ++first_room_log_;
    }
  }

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    uint32_t* place = Find(event);
    if (place == nullptr) {
      place = MakeGroup(event);
      if (place == nullptr) return;
    }
    if (waits_) {
      GroupHead* const head = HeadOf(*place);
      head->last_time = std::max(head->last_time, event.at.time);
      OnEager(place, event);
    } else {
      OnSettled(place, event);
    }
  }

  void RunTimers(int64_t time) override {
    while (!pending_.empty() && pending_.front().due <= time) {
      const Pending pending = pending_.front();
      pending_.Pop();
      DecideAbsence(pending);
    }
    if (!pending_.empty()) {
      context_.AddTimer(pending_.front().due, index_);
    }
  }

 private:
  static bool IsDueBefore(const Pending& a, const Pending& b) {
    return a.due < b.due;
  }

  static int64_t Retention(const program::Correlation& rule) {
    const int64_t kept = std::max(rule.span, rule.throttle);
    const bool waits = rule.kind == program::Correlation::kChain &&
                       rule.legs.back().not_after != 0;
    return waits ? AddTime(AddTime(kept, rule.span), 1) : kept;
  }

  uint32_t RoomOf(const GroupHead* head) const {
    return std::min(1u << head->room_log, core_.most_room());
  }
  size_t StateBytes(uint32_t room, uint32_t recent_room) const {
    return (absent_ != 0 ? sizeof(AbsenceState) : 0) +
           (waits_ ? sizeof(RecentState) : 0) +
           core_.Bytes(room) * (waits_ ? 2 : 1) +
           recent_room * sizeof(RecentEvent);
  }
  // Only one of these is there: rules that wait for absence are decided in
  // order.
  static AbsenceState* Absence(GroupHead* head) {
    return StateOf<AbsenceState>(head);
  }
  static RecentState* State(GroupHead* head) {
    return StateOf<RecentState>(head);
  }
  // The core of settled events.
  int64_t* Settled(GroupHead* head) const {
    std::byte* const state = StateOf<std::byte>(head);
    return reinterpret_cast<int64_t*>(
        state + (waits_ ? sizeof(RecentState)
                        : (absent_ != 0 ? sizeof(AbsenceState) : 0)));
  }
  // The core of all events.
  int64_t* Current(GroupHead* head) const {
    return Settled(head) + core_.Bytes(RoomOf(head)) / 8;
  }
  RecentEvent* Recent(GroupHead* head) const {
    return reinterpret_cast<RecentEvent*>(Settled(head) +
                                          core_.Bytes(RoomOf(head)) / 8 * 2);
  }
  // Number `i` of the recent events, the oldest first.
  RecentEvent& RecentAt(GroupHead* head, uint32_t i) const {
    const RecentState* state = State(head);
    return Recent(head)[(state->first + i) & (state->room - 1)];
  }

  uint32_t* MakeGroup(const KeyedEvent& event) {
    const uint32_t room = std::min(2u, core_.most_room());
    uint32_t* const place = Create(event.hash, event.key, event.at.time,
                                   StateBytes(room, waits_ ? kFirstRecent : 0));
    if (place == nullptr) return nullptr;
    GroupHead* const head = HeadOf(*place);
    head->room_log = first_room_log_;
    if (absent_ != 0) *Absence(head) = {.number = ++groups_made_};
    if (waits_) *State(head) = {.room = kFirstRecent};
    core_.Init(Settled(head), room);
    if (waits_) core_.Init(Current(head), room);
    return place;
  }

  void CopyRecent(GroupHead* head) {
    recent_scratch_.clear();
    for (uint32_t i = 0; i < State(head)->size; ++i) {
      recent_scratch_.push_back(RecentAt(head, i));
    }
  }

  // Makes room in rings for more times.
  bool GrowRoom(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const uint32_t old_room = RoomOf(head);
    const uint32_t room = std::min(old_room * 2, core_.most_room());
    const size_t old_words = core_.Bytes(old_room) / 8;
    scratch_.assign(Settled(head),
                    Settled(head) + old_words * (waits_ ? 2 : 1));
    if (waits_) CopyRecent(head);
    if (!Resize(place, StateBytes(room, waits_ ? State(head)->room : 0))) {
      return false;
    }
    head = HeadOf(*place);
    ++head->room_log;
    core_.Grow(scratch_.data(), old_room, Settled(head), room);
    if (waits_) {
      State(head)->first = 0;
      core_.Grow(scratch_.data() + old_words, old_room, Current(head), room);
      std::copy(recent_scratch_.begin(), recent_scratch_.end(), Recent(head));
    }
    return true;
  }

  bool GrowRecent(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const uint32_t room = State(head)->room * 2;
    CopyRecent(head);
    if (!Resize(place, StateBytes(RoomOf(head), room))) return false;
    head = HeadOf(*place);
    State(head)->room = room;
    State(head)->first = 0;
    std::copy(recent_scratch_.begin(), recent_scratch_.end(), Recent(head));
    return true;
  }

  // Grows until an event can be added without losing one that counts. Without
  // memory the oldest is lost.
  void MakeRoom(uint32_t* place, bool current, int64_t time,
                program::StepMask steps) {
    while (true) {
      GroupHead* const head = HeadOf(*place);
      const uint32_t room = RoomOf(head);
      if (room == core_.most_room()) return;
      const int64_t* const core = current ? Current(head) : Settled(head);
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
    if (core_.most_room() > 1) {
      MakeRoom(place, false, event.at.time, event.steps);
    }
    GroupHead* const head = HeadOf(*place);
    if (head->last_time < event.at.time) {
      head->last_time = event.at.time;
      head->ordinal = 0;
    }
    ++events_seen_;
    if ((event.steps & absent_) != 0) {
      Absence(head)->last_absent = events_seen_;
    }
    const CoreStep step = core_.Step(Settled(head), RoomOf(head), event.at.time,
                                     event.steps, values_.data());
    if (!step.fired) return;
    if (absent_ != 0) {
      Wait(head, event, step.first);
      return;
    }
    ReportAt(head, event.at, step.first, head->ordinal++, false);
  }

  void Wait(GroupHead* head, const KeyedEvent& event, int64_t first) {
    const bool was_empty = pending_.empty();
    const Pending pending = {.due = AddTime(WindowEnd(rule_, event.at.time), 1),
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

  void DecideAbsence(const Pending& pending) {
    uint32_t* const place = table_.Find(pending.hash, [&](uint32_t group) {
      return Absence(HeadOf(group))->number == pending.group;
    });
    if (place == nullptr) return;  // Shed, and counted as such.
    GroupHead* const head = HeadOf(*place);
    int64_t* const core = Settled(head);
    AbsenceState* const absence = Absence(head);
    if (absence->last_absent > pending.number) {
      SetFalse(rule_, core);
      return;
    }
    bool clear = false;
    if (!Decide(rule_, pending.at.time, core, &clear)) return;
    if (clear) core_.Clear(core, RoomOf(head));
    std::fill(values_.begin(), values_.end(), 1);
    // Decided in the order of their times, so those of one time are neighbours.
    absence->ordinal =
        absence->last_fire == pending.at.time ? absence->ordinal + 1 : 0;
    absence->last_fire = pending.at.time;
    ReportAt(head, pending.at, pending.first,
             static_cast<uint32_t>(absence->ordinal), false);
  }

  // --- Rules that report at once and take late events in.

  void OnEager(uint32_t* place, const KeyedEvent& event) {
    Settle(place, context_.watermark);
    GroupHead* head = HeadOf(*place);
    RecentState* state = State(head);
    if (state->size == state->room) {
      if (state->room == kMostRecent && event.at < RecentAt(head, 0).at()) {
        ++counters_.late;  // Behind what had to be settled early.
        return;
      }
      if (state->room == kMostRecent || !GrowRecent(place)) SettleFirst(place);
      head = HeadOf(*place);
      state = State(head);
    }
    if (state->size > 0 && event.at < RecentAt(head, state->size - 1).at()) {
      OnLate(place, event);
      return;
    }
    if (RoomOf(head) < core_.most_room()) {
      MakeRoom(place, true, event.at.time, event.steps);
      head = HeadOf(*place);
      state = State(head);
    }
    const CoreStep step = core_.Step(Current(head), RoomOf(head), event.at.time,
                                     event.steps, values_.data());
    const uint32_t at = state->size++;
    RecentAt(head, at) = RecentEvent(event.at, event.steps);
    if (step.fired) ReportRecent(head, at, step.first, false);
  }

  // Moves recent events that nothing can come before any more into the settled
  // core.
  void Settle(uint32_t* place, int64_t before) {
    while (true) {
      GroupHead* const head = HeadOf(*place);
      if (State(head)->size == 0 || RecentAt(head, 0).time() >= before) return;
      SettleFirst(place);
    }
  }

  void SettleFirst(uint32_t* place) {
    const RecentEvent event = RecentAt(HeadOf(*place), 0);
    MakeRoom(place, false, event.time(), event.steps());
    GroupHead* const head = HeadOf(*place);
    RecentState* const state = State(head);
    core_.Step(Settled(head), RoomOf(head), event.time(), event.steps(),
               unused_values_.data());
    state->first = (state->first + 1) & (state->room - 1);
    --state->size;
  }

  void OnLate(uint32_t* place, const KeyedEvent& event) {
    GroupHead* const head = HeadOf(*place);
    uint32_t i = State(head)->size++;
    for (; i > 0 && event.at < RecentAt(head, i - 1).at(); --i) {
      RecentAt(head, i) = RecentAt(head, i - 1);
    }
    RecentAt(head, i) = RecentEvent(event.at, event.steps);
    if constexpr (Core::kIsNewestEvents) {
      if (rule_.fire == base::FirePolicy::kEvery) {
        while (!ReplayNear(place, i)) {
        }
        return;
      }
    }
    while (!Replay(place)) {
    }
  }

  // As Replay, but from recent event number `late` on, which came just now, and
  // only as far as that counts.
  bool ReplayNear(uint32_t* place, uint32_t late) {
    GroupHead* const head = HeadOf(*place);
    const uint32_t room = RoomOf(head);
    const uint32_t size = State(head)->size;
    replay_.assign(Settled(head), Current(head));
    for (size_t part = 0; part < core_.part_count(); ++part) {
      before_.clear();
      for (uint32_t i = late; i-- > 0;) {
        if ((RecentAt(head, i).steps() & core_.PartSteps(part)) == 0) continue;
        before_.push_back(RecentAt(head, i).time());
        if (before_.size() == core_.PartCount(part)) break;
      }
      for (size_t i = before_.size(); i-- > 0;) {
        core_.PushPart(replay_.data(), room, part, before_[i]);
      }
    }
    const program::StepMask late_steps = RecentAt(head, late).steps();
    after_.assign(core_.part_count(), 0);
    for (uint32_t i = late; i < size; ++i) {
      const RecentEvent recent = RecentAt(head, i);
      if (room < core_.most_room() &&
          core_.IsFull(replay_.data(), room, recent.time(), recent.steps())) {
        if (GrowRoom(place)) return false;
        MarkShed(head, recent.time());
      }
      const CoreStep step = core_.Step(replay_.data(), room, recent.time(),
                                       recent.steps(), values_.data());
      if (step.fired && !recent.is_reported()) {
        ReportRecent(head, i, step.first, true);
      }
      if (i == late) continue;
      bool counts = false;
      for (size_t part = 0; part < core_.part_count(); ++part) {
        const program::StepMask steps = core_.PartSteps(part);
        if ((recent.steps() & steps) != 0) ++after_[part];
        counts |=
            (late_steps & steps) != 0 && after_[part] < core_.PartCount(part);
      }
      if (!counts) return true;
    }
    std::copy(replay_.begin(), replay_.end(), Current(head));
    return true;
  }

  // Runs the recent events again, from the settled core on, and reports what
  // was not reported. False if rings had to grow, and it must be done again.
  bool Replay(uint32_t* place) {
    GroupHead* const head = HeadOf(*place);
    const uint32_t room = RoomOf(head);
    const uint32_t size = State(head)->size;
    replay_.assign(Settled(head), Current(head));
    // What fires now without having been reported, for all policies but
    // kEvery: it may be the same as something reported later in time.
    std::optional<std::pair<uint32_t, int64_t>> unreported;
    for (uint32_t i = 0; i < size; ++i) {
      const RecentEvent recent = RecentAt(head, i);
      if (room < core_.most_room() &&
          core_.IsFull(replay_.data(), room, recent.time(), recent.steps())) {
        if (GrowRoom(place)) return false;
        MarkShed(head, recent.time());
      }
      const CoreStep step = core_.Step(replay_.data(), room, recent.time(),
                                       recent.steps(), values_.data());
      if (rule_.fire == base::FirePolicy::kEvery) {
        if (step.fired && !recent.is_reported()) {
          ReportRecent(head, i, step.first, true);
        }
      } else if (step.fired && !recent.is_reported()) {
        if (unreported) {
          ReportRecent(head, unreported->first, unreported->second, true);
        }
        unreported.emplace(i, step.first);
      } else if (!step.fired && recent.is_reported()) {
        unreported.reset();
      }
    }
    if (unreported)
      ReportRecent(head, unreported->first, unreported->second, true);
    std::copy(replay_.begin(), replay_.end(), Current(head));
    return true;
  }

  void ReportRecent(GroupHead* head, uint32_t i, int64_t first, bool revised) {
    RecentEvent& event = RecentAt(head, i);
    const uint32_t size = State(head)->size;
    // How many of its time there are already.
    uint32_t ordinal = 0;
    for (uint32_t j = size;
         j-- > 0 && RecentAt(head, j).time() >= event.time();) {
      const RecentEvent& other = RecentAt(head, j);
      if (other.time() == event.time() && other.is_reported()) ++ordinal;
    }
    event.SetReported();
    ReportAt(head, event.at(), first, ordinal, revised);
  }

  // --- Snapshots.

  void SaveRest(state::SnapshotWriter* out) const override {
    out->Put64(events_seen_);
    out->Put64(groups_made_);
  }
  void LoadRest(state::SnapshotReader* in) override {
    const uint64_t events = in->Get64();
    const uint64_t groups = in->Get64();
    if (!IsNumber(events) || !IsNumber(groups)) in->Fail(kBadNumber);
    events_seen_ = std::max(events_seen_, events);
    if (!is_moving_) groups_made_ = groups;
    loaded_.clear();
  }

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    const uint32_t room = RoomOf(head);
    if (absent_ != 0) {
      const AbsenceState* const absence = Absence(head);
      out->Put64(absence->number);
      out->Put64(absence->last_absent);
      out->PutInt(absence->last_fire);
      out->Put64(absence->ordinal);
    }
    core_.Save(Settled(head), room, out);
    if (!waits_) return;
    core_.Save(Current(head), room, out);
    out->Put64(State(head)->size);
    for (uint32_t i = 0; i < State(head)->size; ++i) {
      const RecentEvent& recent = RecentAt(head, i);
      out->PutInt(recent.time());
      out->Put64(recent.at().ref);
      out->Put32(recent.steps());
      out->PutBool(recent.is_reported());
    }
  }

  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    AbsenceState absence;
    if (absent_ != 0) {
      absence.number = in->Get64();
      absence.last_absent = in->Get64();
      absence.last_fire = in->GetInt();
      absence.ordinal = in->Get64();
      if (is_moving_) absence.number = ++groups_made_;
      loaded_.push_back({saved.hash, absence.number});
    }
    scratch_.clear();
    uint32_t room = std::max(core_.Load(in, &scratch_), 1u << first_room_log_);
    if (waits_) {
      room = std::max(room, core_.Load(in, &scratch_));
      LoadRecent(in);
    }
    if (!in->ok()) return;
    const auto room_log = static_cast<uint8_t>(std::bit_width(room - 1));
    room = std::min(1u << room_log, core_.most_room());
    const auto recent_size = static_cast<uint32_t>(recent_scratch_.size());
    const uint32_t recent_room =
        waits_ ? std::bit_ceil(std::max(recent_size, kFirstRecent)) : 0;
    GroupHead* const head = CreateSaved(saved, StateBytes(room, recent_room));
    if (head == nullptr) return;
    head->room_log = room_log;
    if (absent_ != 0) *Absence(head) = absence;
    if (waits_) *State(head) = {.room = recent_room, .size = recent_size};
    const int64_t* const rest =
        core_.Fill(scratch_.data(), Settled(head), room);
    if (!waits_) return;
    core_.Fill(rest, Current(head), room);
    std::copy(recent_scratch_.begin(), recent_scratch_.end(), Recent(head));
  }

  void LoadRecent(state::SnapshotReader* in) {
    recent_scratch_.clear();
    const uint64_t size = in->GetCount(8 + 8 + 4 + 1);
    if (size > kMostRecent) in->Fail("has too many recent events of a group");
    for (uint64_t i = 0; in->ok() && i < size; ++i) {
      Moment at;
      at.time = in->GetInt();
      at.ref = in->Get64();
      const uint32_t steps = in->Get32();
      RecentEvent recent(at, steps);
      if (in->GetBool()) recent.SetReported();
      if (recent.at() != at || recent.steps() != steps ||
          (i > 0 && at < recent_scratch_.back().at())) {
        in->Fail("has recent events that cannot be");
      }
      recent_scratch_.push_back(recent);
    }
  }

  // Those of groups that were shed have nothing to wait for.
  void SaveQueue(const std::vector<uint32_t>& groups,
                 state::SnapshotWriter* out) const override {
    if (absent_ == 0) return;
    absl::flat_hash_map<uint64_t, uint64_t> places;  // By number.
    for (size_t i = 0; i < groups.size(); ++i) {
      places[Absence(HeadOf(groups[i]))->number] = i;
    }
    uint64_t count = 0;
    const size_t count_at = out->Reserve64();
    pending_.ForEach([&](const Pending& pending) {
      const auto place = places.find(pending.group);
      if (place == places.end()) return;
      ++count;
      out->Put64(place->second);
      out->PutInt(pending.due);
      out->PutInt(pending.at.time);
      out->Put64(pending.at.ref);
      out->PutInt(pending.first);
      out->Put64(pending.number);
    });
    out->Set64(count_at, count);
  }

  void LoadQueue(state::SnapshotReader* in) override {
    if (absent_ == 0) return;
    std::vector<Pending> queue;
    for (uint64_t left = in->GetCount(6 * 8); left > 0; --left) {
      const uint64_t place = in->Get64();
      Pending pending;
      pending.due = in->GetInt();
      pending.at.time = in->GetInt();
      pending.at.ref = in->Get64();
      pending.first = in->GetInt();
      pending.number = in->Get64();
      if (place >= loaded_.size() ||
          (!queue.empty() && IsDueBefore(pending, queue.back()))) {
        in->Fail("has something to wait for that cannot be");
        return;
      }
      pending.hash = loaded_[place].hash;
      pending.group = loaded_[place].number;
      queue.push_back(pending);
    }
    // With what other keys wait for already.
    const size_t loaded = queue.size();
    for (; !pending_.empty(); pending_.Pop()) {
      queue.push_back(pending_.front());
    }
    std::inplace_merge(queue.begin(),
                       queue.begin() + static_cast<ptrdiff_t>(loaded),
                       queue.end(), IsDueBefore);
    for (const Pending& pending : queue) {
      if (!pending_.Push(pending)) ++counters_.refused;
    }
    loaded_ = {};
    if (!pending_.empty()) context_.AddTimer(pending_.front().due, index_);
  }

  void ReportAt(GroupHead* head, const Moment& at, int64_t first,
                uint32_t ordinal, bool revised) {
    Fired fired(index_, KeyOf(head), at, first);
    fired.ordinal = ordinal;
    fired.revised = revised;
    fired.exact = IsExact(head, at.time);
    fired.values = values_.data();
    fired.value_count = static_cast<uint32_t>(core_.value_count());
    Report(fired);
  }

  Core core_;
  const bool waits_;
  uint8_t first_room_log_ = 0;
  program::StepMask absent_ = 0;
  uint64_t events_seen_ = 0;
  uint64_t groups_made_ = 0;
  state::PagedQueue<Pending> pending_;
  std::vector<LoadedGroup> loaded_;  // While groups are read.
  std::vector<int64_t> scratch_;
  std::vector<int64_t> replay_;
  std::vector<int64_t> before_;  // A late event.
  std::vector<uint32_t> after_;  // By part.
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
