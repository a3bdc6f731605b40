// Sliding windows that end at their event, where events come in order: what is
// kept of an event is its time and what measures ask of it.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "src/runtime/correlate/cores.h"
#include "src/runtime/correlate/running_measures.h"
#include "src/runtime/correlate/window_machine.h"

namespace tocsin::runtime {
namespace {

// A group: this, the word of the policy, if any, one Running a measure, and the
// ring of events. All of these are in the window.
struct OrderedState {
  uint32_t room = 0;  // A power of two.
  uint32_t first = 0;
  uint32_t size = 0;
  uint32_t ordinal = 0;  // How often it fired at its newest time.
};

constexpr size_t kMostMeasures = 32;
constexpr uint32_t kFirstRoom = 1;

class OrderedMachine final : public GroupMachine {
 public:
  OrderedMachine(const program::Correlation& rule, uint32_t index,
                 CorrelateContext* context)
      : GroupMachine(rule, index, context, std::max(rule.span, rule.throttle)),
        measures_(rule, &context->slab),
        policy_words_(PolicyWords(rule)),
        fixed_bytes_(sizeof(OrderedState) + policy_words_ * 8 +
                     measures_.Bytes()),
        all_steps_(static_cast<program::StepMask>(
            (uint64_t{1} << rule.steps.size()) - 1)),
        columns_at_(1 + (NeedsSteps(rule, all_steps_) ? 1 : 0)),
        event_words_(columns_at_ + rule.columns.size()) {}

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    uint32_t* place = Find(event);
    if (place == nullptr) {
      place =
          Create(event.hash, event.key, event.at.time, StateBytes(kFirstRoom));
      if (place == nullptr) return;
      InitGroup(HeadOf(*place), kFirstRoom);
    }
    GroupHead* head = HeadOf(*place);
    if (head->last_time < event.at.time) {
      // A group that was silent for so long begins anew, whether it has been
      // forgotten yet or not.
      if (policy_words_ > 0 &&
          SubTime(event.at.time, head->last_time) > retention_) {
        *Policy(head) = FirstPolicyWord(rule_);
      }
      head->last_time = event.at.time;
      State(head)->ordinal = 0;
      DropBefore(head, WindowStart(rule_, event.at.time));
    }
    if (State(head)->size == State(head)->room) {
      MakeRoom(place);
      head = HeadOf(*place);
    }
    Step(head, event);
  }

 private:
  // The events of a group, for measures.
  struct Window {
    const OrderedMachine* machine;
    GroupHead* head;

    uint32_t size() const { return State(head)->size; }
    WindowEvent At(uint32_t i) const {
      return machine->Open(machine->WordsOf(head, i));
    }
  };

  // Steps are kept where measures do not count events of all steps alike.
  static bool NeedsSteps(const program::Correlation& rule,
                         program::StepMask all) {
    for (const auto& measure : rule.measures) {
      if ((measure.steps & all) != all) return true;
    }
    return false;
  }

  size_t StateBytes(uint32_t room) const {
    return fixed_bytes_ + room * event_words_ * 8;
  }
  static OrderedState* State(GroupHead* head) {
    return StateOf<OrderedState>(head);
  }
  int64_t* Policy(GroupHead* head) const {
    return reinterpret_cast<int64_t*>(State(head) + 1);
  }
  Running* Runnings(GroupHead* head) const {
    return reinterpret_cast<Running*>(Policy(head) + policy_words_);
  }
  uint64_t* Words(GroupHead* head) const {
    return reinterpret_cast<uint64_t*>(
        reinterpret_cast<std::byte*>(State(head)) + fixed_bytes_);
  }
  // Event number `i`, the oldest first: time, steps where they are kept, and
  // columns.
  uint64_t* WordsOf(GroupHead* head, uint32_t i) const {
    const OrderedState* const state = State(head);
    return Words(head) +
           ((state->first + i) & (state->room - 1)) * event_words_;
  }
  WindowEvent Open(const uint64_t* words) const {
    return {.time = static_cast<int64_t>(words[0]),
            .steps = columns_at_ > 1 ? static_cast<program::StepMask>(words[1])
                                     : all_steps_,
            .columns = words + columns_at_};
  }

  void InitGroup(GroupHead* head, uint32_t room) {
    *State(head) = {.room = room};
    if (policy_words_ > 0) *Policy(head) = FirstPolicyWord(rule_);
    measures_.Init(Runnings(head));
  }

  void OnForget(GroupHead* head, bool /*is_shed*/) override {
    measures_.Clear(Runnings(head));
  }

  void DropFirst(GroupHead* head) {
    OrderedState* const state = State(head);
    measures_.Count(Runnings(head), Open(WordsOf(head, 0)), -1);
    state->first = (state->first + 1) & (state->room - 1);
    --state->size;
  }

  void DropBefore(GroupHead* head, int64_t start) {
    while (State(head)->size > 0 &&
           static_cast<int64_t>(*WordsOf(head, 0)) < start) {
      DropFirst(head);
    }
  }

  // Room for one more event. Without memory the oldest gives way.
  void MakeRoom(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const OrderedState old = *State(head);
    if (old.room < measures_.most_events()) {
      // The ring is straightened by turning it, so that it can be copied whole.
      uint64_t* const words = Words(head);
      std::rotate(words, words + old.first * event_words_,
                  words + old.room * event_words_);
      State(head)->first = 0;
      if (Resize(place, StateBytes(old.room * 2))) {
        State(HeadOf(*place))->room = old.room * 2;
        return;
      }
    }
    ++counters_.shed;
    head->is_inexact = 1;
    shed_until_ = std::max(shed_until_, AddTime(head->last_time, retention_));
    DropFirst(head);
  }

  void Append(GroupHead* head, const KeyedEvent& event) {
    uint64_t* const words = WordsOf(head, State(head)->size++);
    words[0] = static_cast<uint64_t>(event.at.time);
    if (columns_at_ > 1) words[1] = event.steps;
    for (size_t i = columns_at_; i < event_words_; ++i) {
      words[i] = event.columns[i - columns_at_];
    }
    measures_.Count(Runnings(head), Open(words), +1);
  }

  void Step(GroupHead* head, const KeyedEvent& event) {
    const Window window = {.machine = this, .head = head};
    Running* const runnings = Runnings(head);
    int64_t unused = 0;
    int64_t* const policy = policy_words_ > 0 ? Policy(head) : &unused;
    if (rule_.fire == base::FirePolicy::kEdge && *policy == 0 &&
        !measures_.IsTrue(runnings, window)) {
      *policy = 1;
    }
    if (rule_.trigger_counts) Append(head, event);
    bool clear = false;
    if ((event.steps & rule_.triggers) != 0 &&
        measures_.IsTrue(runnings, window) &&
        Decide(rule_, event.at.time, policy, &clear)) {
      ReportNow(head, event);
    }
    if (!rule_.trigger_counts) Append(head, event);
    if (clear) {
      while (State(head)->size > 0) DropFirst(head);
    }
  }

  void ReportNow(GroupHead* head, const KeyedEvent& event) {
    const Window window = {.machine = this, .head = head};
    for (uint32_t i = 0; i < rule_.measures.size() && i < kMostMeasures; ++i) {
      values_[i] = measures_.Value(Runnings(head), i, window);
    }
    Fired fired(index_, KeyOf(head), event.at,
                window.size() > 0 ? window.At(0).time : event.at.time);
    fired.ordinal = State(head)->ordinal++;
    fired.exact = IsExact(head, event.at.time);
    fired.values = values_.data();
    fired.value_count = static_cast<uint32_t>(rule_.measures.size());
    Report(fired);
  }

  // --- Snapshots.

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    const OrderedState* const state = State(head);
    if (policy_words_ > 0) out->PutInt(*Policy(head));
    out->Put32(state->ordinal);
    out->Put64(state->size);
    for (uint32_t i = 0; i < state->size; ++i) {
      const WindowEvent event = Open(WordsOf(head, i));
      out->PutInt(event.time);
      out->Put32(event.steps);
      for (size_t c = 0; c < rule_.columns.size(); ++c) {
        out->Put64(event.columns[c]);
      }
    }
  }

  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    const int64_t policy = policy_words_ > 0 ? in->GetInt() : 0;
    const uint32_t ordinal = in->Get32();
    const uint64_t size = in->GetCount(8 + 4 + rule_.columns.size() * 8);
    if (size > measures_.most_events()) {
      in->Fail("has more events of a group than are kept");
      return;
    }
    loaded_.clear();
    int64_t last_time = kNever;
    for (uint64_t i = 0; i < size; ++i) {
      const int64_t time = in->GetInt();
      if (time < last_time) in->Fail("has events that are not in order");
      last_time = time;
      loaded_.push_back(static_cast<uint64_t>(time));
      const uint32_t steps = in->Get32();
      if (columns_at_ > 1) loaded_.push_back(steps);
      for (size_t c = 0; c < rule_.columns.size(); ++c) {
        loaded_.push_back(in->Get64());
      }
    }
    if (!in->ok()) return;
    const uint32_t room =
        std::bit_ceil(std::max(static_cast<uint32_t>(size), kFirstRoom));
    GroupHead* const head = CreateSaved(saved, StateBytes(room));
    if (head == nullptr) return;
    InitGroup(head, room);
    if (policy_words_ > 0) *Policy(head) = policy;
    State(head)->ordinal = ordinal;
    State(head)->size = static_cast<uint32_t>(size);
    std::copy(loaded_.begin(), loaded_.end(), Words(head));
    // What measures keep of the window follows from its events.
    for (uint32_t i = 0; i < size; ++i) {
      measures_.Count(Runnings(head), Open(WordsOf(head, i)), +1);
    }
  }

  RunningMeasures measures_;
  const size_t policy_words_;
  const size_t fixed_bytes_;
  const program::StepMask all_steps_;
  const size_t columns_at_;  // In words of an event.
  const size_t event_words_;
  std::vector<uint64_t> loaded_;  // The events of a group that is read.
  std::array<double, kMostMeasures> values_{};
};

}  // namespace

std::unique_ptr<Machine> MakeOrderedMachine(const program::Correlation& rule,
                                            uint32_t index,
                                            CorrelateContext* context) {
  return std::make_unique<OrderedMachine>(rule, index, context);
}

}  // namespace tocsin::runtime
