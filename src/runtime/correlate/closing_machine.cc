// Windows that are decided when they have closed: those that lie behind or
// around their event, fixed ones, sessions, and ratios of fixed ones to their
// past. Events come in order, when the watermark has passed them.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "src/runtime/correlate/captured_events.h"
#include "src/runtime/correlate/chain_search.h"
#include "src/runtime/correlate/cores.h"
#include "src/runtime/correlate/event_ring.h"
#include "src/runtime/correlate/formula.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/correlate/where_test.h"
#include "src/runtime/correlate/window_machine.h"

namespace tocsin::runtime {
namespace {

using base::WindowKind;

// Most events of a group; the oldest give way. What is gone through for each
// event is shorter.
constexpr uint32_t kMostInFixed = 1u << 16;
constexpr uint32_t kMostInSliding = 1u << 12;
constexpr size_t kMostMeasures = 32;
constexpr int64_t kNoBucket = INT64_MIN;
constexpr uint32_t kNone = UINT32_MAX;
// Most empty buckets in a row that are looked at before time leaps.
constexpr int64_t kMostSilent = 10'000;

struct ClosingState {
  EventRing ring;
  uint32_t ordinal = 0;  // Of the last that fired, among those of its time.
  uint64_t number = 0;   // No two groups have the same.
  int64_t policy = 0;
  int64_t last_fire = kNever;
  int64_t opened = kNever;        // kSession: its first event; kTumbling: none.
  int64_t bucket = kNoBucket;     // kTumbling: the one that is open.
  int64_t last_true = kNoBucket;  // kTumbling: the newest that was true.
};

// A window that closes.
struct Closing {
  int64_t due = 0;  // Before events at this time.
  uint64_t hash = 0;
  uint64_t number = 0;  // ClosingState::number.
  // Which of the rule's events opened it, or the first window of those that
  // follow each other. Unlike the group's number it does not tell whether the
  // group had been forgotten before.
  uint64_t opener = 0;
  Moment at;  // kSliding: the event it belongs to.

  friend bool operator>(const Closing& a, const Closing& b) {
    return std::tie(a.due, a.opener, a.number) >
           std::tie(b.due, b.opener, b.number);
  }
};

class ClosingMachine final : public GroupMachine {
 public:
  ClosingMachine(const program::Correlation& rule, uint32_t index,
                 CorrelateContext* context)
      : GroupMachine(rule, index, context, Retention(rule)),
        is_ratio_(rule.kind == program::Correlation::kRatio),
        past_words_(is_ratio_ ? rule.past : 0),
        where_(rule, context->findings),
        chain_(rule),
        captured_(rule, rule.columns.size(), &context->slab),
        event_bytes_(EventRing::EventBytes(captured_.columns())) {}

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    Start(event.at.time);
    uint32_t* place = Find(event.hash, event.key);
    if (place == nullptr) {
      // Groups that are expected are there already.
      if (!rule_.expected.empty()) return;
      place = MakeGroup(event.hash, event.key, event.at.time);
      if (place == nullptr) return;
    }
    GroupHead* head = HeadOf(*place);
    head->last_time = std::max(head->last_time, event.at.time);
    switch (rule_.window) {
      case WindowKind::kSliding:
        DropBefore(head, SubTime(event.at.time, KeptSpan(rule_)));
        break;
      case WindowKind::kTumbling:
        OpenBucket(head, event.hash, BucketOf(event.at.time), EventNumber());
        break;
      case WindowKind::kSession:
        OpenSession(head, event);
        break;
    }
    head = MakeRoom(place);
    const uint32_t size = State(head)->ring.size++;
    StoredEvent& stored = At(head, size);
    stored = {.time = event.at.time, .ref = event.at.ref, .steps = event.steps};
    if (!rule_.columns.empty()) {
      std::memcpy(static_cast<void*>(&stored + 1), event.columns,
                  rule_.columns.size() * 8);
    }
    if (captured_.is_needed() && !captured_.Keep(event, &stored)) {
      MarkShed(head);
    }
    if (rule_.window == WindowKind::kSliding &&
        (event.steps & rule_.triggers) != 0) {
      Push({.due = AddTime(WindowEnd(rule_, event.at.time), 1),
            .hash = event.hash,
            .number = State(head)->number,
            .opener = EventNumber(),
            .at = event.at});
    }
  }

  void RunTimers(int64_t time) override {
    while (!closings_.empty() && closings_.front().due <= time) {
      const Closing closing = closings_.front();
      std::pop_heap(closings_.begin(), closings_.end(), std::greater<>());
      closings_.pop_back();
      uint32_t* const place = table_.Find(closing.hash, [&](uint32_t group) {
        return State(HeadOf(group))->number == closing.number;
      });
      if (place != nullptr) Close(HeadOf(*place), closing);
    }
    if (!closings_.empty()) context_.AddTimer(closings_.front().due, index_);
  }

 private:
  // How long before an event others may still be asked for.
  static int64_t KeptSpan(const program::Correlation& rule) {
    return rule.reach == base::WindowReach::kAround
               ? AddTime(rule.span, rule.span)
               : rule.span;
  }
  static int64_t Retention(const program::Correlation& rule) {
    int64_t kept = AddTime(std::max(rule.throttle, KeptSpan(rule)), rule.span);
    for (uint32_t i = 0; i < rule.past; ++i) kept = AddTime(kept, rule.span);
    return kept;
  }

  int64_t BucketOf(int64_t time) const {
    const int64_t shifted = SubTime(time, rule_.offset);
    const int64_t bucket = shifted / rule_.span;
    return shifted % rule_.span < 0 ? bucket - 1 : bucket;
  }
  int64_t BucketEnd(int64_t bucket) const {
    int64_t start = 0;
    if (__builtin_mul_overflow(bucket + 1, rule_.span, &start)) {
      return INT64_MAX;
    }
    return AddTime(start, rule_.offset);
  }

  size_t FixedBytes() const { return sizeof(ClosingState) + past_words_ * 8; }
  static ClosingState* State(GroupHead* head) {
    return StateOf<ClosingState>(head);
  }
  // kRatio: the measure of the buckets before the open one, by their number.
  double* Past(GroupHead* head) const {
    return reinterpret_cast<double*>(State(head) + 1);
  }
  StoredEvent& At(GroupHead* head, uint32_t i) const {
    auto* const events =
        reinterpret_cast<std::byte*>(State(head)) + FixedBytes();
    return State(head)->ring.At(events, event_bytes_, i);
  }

  // Of the first event of the rule.
  void Start(int64_t time) {
    if (first_bucket_ != kNoBucket || rule_.window != WindowKind::kTumbling) {
      return;
    }
    first_bucket_ = BucketOf(time);
    for (const std::vector<std::string>& key : rule_.expected) {
      KeyWriter writer;
      for (const std::string& text : key) {
        writer.Add(FieldValue::String(text));
      }
      const std::string_view bytes = writer.bytes();
      const uint64_t hash =
          base::KeyedHash(context_.seed, bytes.data(), bytes.size());
      if (Find(hash, bytes) != nullptr) continue;
      uint32_t* const place = MakeGroup(hash, bytes, time);
      if (place == nullptr) return;
      OpenBucket(HeadOf(*place), hash, first_bucket_, EventNumber());
    }
  }

  // Groups that are expected stay.
  int64_t KeptUntil(GroupHead* head) const override {
    return rule_.expected.empty() ? GroupMachine::KeptUntil(head) : INT64_MAX;
  }

  uint32_t* MakeGroup(uint64_t hash, std::string_view key, int64_t time) {
    uint32_t* const place = Create(
        hash, key, time, FixedBytes() + EventRing::kFirstRoom * event_bytes_);
    if (place == nullptr) return nullptr;
    GroupHead* const head = HeadOf(*place);
    *State(head) = {};
    State(head)->number = ++groups_made_;
    State(head)->ring.room = EventRing::kFirstRoom;
    State(head)->policy = FirstPolicyWord(rule_);
    std::fill_n(Past(head), past_words_, 0.0);
    return place;
  }

  uint64_t EventNumber() const {
    return static_cast<uint64_t>(counters_.events);
  }

  void Push(const Closing& closing) {
    const bool is_first =
        closings_.empty() || closing.due < closings_.front().due;
    closings_.push_back(closing);
    std::push_heap(closings_.begin(), closings_.end(), std::greater<>());
    if (is_first) context_.AddTimer(closing.due, index_);
  }

  void OpenBucket(GroupHead* head, uint64_t hash, int64_t bucket,
                  uint64_t opener) {
    ClosingState* const state = State(head);
    // What others fire may come for a bucket that was not gone through.
    if (bucket <= state->bucket) return;
    SkipTo(head, bucket);
    Push({.due = BucketEnd(bucket),
          .hash = hash,
          .number = state->number,
          .opener = opener});
  }

  // Buckets in which nothing came count as zero in the past.
  void SkipTo(GroupHead* head, int64_t bucket) {
    ClosingState* const state = State(head);
    if (is_ratio_ && state->bucket != kNoBucket) {
      const int64_t last = std::min(
          bucket, AddTime(state->bucket, static_cast<int64_t>(past_words_)));
      for (int64_t b = state->bucket + 1; b < last; ++b) *PastOf(head, b) = 0;
    }
    state->bucket = bucket;
  }
  double* PastOf(GroupHead* head, int64_t bucket) const {
    const auto width = static_cast<int64_t>(past_words_);
    return Past(head) + ((bucket % width) + width) % width;
  }

  void OpenSession(GroupHead* head, const KeyedEvent& event) {
    ClosingState* const state = State(head);
    if (state->ring.size > 0) return;
    state->opened = event.at.time;
    Push({.due = SessionEnd(head),
          .hash = event.hash,
          .number = state->number,
          .opener = EventNumber()});
  }
  int64_t SessionEnd(GroupHead* head) const {
    const int64_t idle = AddTime(head->last_time, rule_.span);
    const int64_t longest = rule_.longest == program::kForever
                                ? INT64_MAX
                                : AddTime(State(head)->opened, rule_.longest);
    return AddTime(std::min(idle, longest), 1);
  }

  void DropBefore(GroupHead* head, int64_t time) {
    EventRing& ring = State(head)->ring;
    while (ring.size > 0 && At(head, 0).time < time) DropFirst(head);
  }
  void DropFirst(GroupHead* head) {
    EventRing& ring = State(head)->ring;
    if (captured_.is_needed()) captured_.Free(&At(head, 0));
    ring.first = (ring.first + 1) & (ring.room - 1);
    --ring.size;
  }
  void DropAll(GroupHead* head) {
    FreeCaptured(head);
    State(head)->ring.first = 0;
    State(head)->ring.size = 0;
  }

  // Room for one more event; without memory the oldest gives way.
  GroupHead* MakeRoom(uint32_t* place) {
    GroupHead* head = HeadOf(*place);
    const EventRing old = State(head)->ring;
    if (old.size < old.room) return head;
    if (old.room < MostEvents()) {
      auto* const events =
          reinterpret_cast<std::byte*>(State(head)) + FixedBytes();
      std::rotate(events, events + old.first * event_bytes_,
                  events + old.room * event_bytes_);
      State(head)->ring.first = 0;
      if (Resize(place, FixedBytes() + old.room * 2 * event_bytes_)) {
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

  void FreeCaptured(GroupHead* head) {
    for (uint32_t i = 0; captured_.is_needed() && i < State(head)->ring.size;
         ++i) {
      captured_.Free(&At(head, i));
    }
  }
  void OnForget(GroupHead* head, bool /*is_shed*/) override {
    FreeCaptured(head);
  }

  // --- When a window has closed.

  void Close(GroupHead* head, const Closing& closing) {
    switch (rule_.window) {
      case WindowKind::kSliding:
        CloseSliding(head, closing.at);
        break;
      case WindowKind::kTumbling:
        CloseBucket(head, closing);
        break;
      case WindowKind::kSession:
        if (SessionEnd(head) > closing.due) {
          Push({.due = SessionEnd(head),
                .hash = closing.hash,
                .number = closing.number,
                .opener = closing.opener});
          return;
        }
        // Between sessions nothing is true.
        SetFalse(rule_, &State(head)->policy);
        if (IsTrueOver(head, 0, State(head)->ring.size, kNone, closing.due)) {
          Fire(head, At(head, State(head)->ring.size - 1).at(),
               At(head, 0).time);
        }
        DropAll(head);
        break;
    }
  }

  void CloseSliding(GroupHead* head, const Moment& at) {
    const ClosingState* const state = State(head);
    const bool is_chain = rule_.kind == program::Correlation::kChain;
    // Windows that overlap one that fired have said what they have to say.
    const bool is_once = rule_.fire == base::FirePolicy::kEdge ||
                         rule_.fire == base::FirePolicy::kReset;
    if (is_once && state->last_fire != kNever &&
        SubTime(at.time, state->last_fire) <=
            (is_chain ? rule_.span : KeptSpan(rule_)) -
                (rule_.half_open ? 1 : 0)) {
      return;
    }
    uint32_t low = 0;
    uint32_t own = kNone;
    const int64_t start = rule_.reach == base::WindowReach::kAround
                              ? WindowStart(rule_, at.time)
                              : at.time;
    const int64_t end = WindowEnd(rule_, at.time);
    uint32_t high = state->ring.size;
    while (high > 0 && At(head, high - 1).time > end) --high;
    for (uint32_t i = 0; i < high && own == kNone; ++i) {
      StoredEvent& event = At(head, i);
      // What rules find at one event has its moment: each is looked at once.
      if (event.at() != at || (event.steps & rule_.triggers) == 0 ||
          (event.flags & StoredEvent::kReported) != 0) {
        continue;
      }
      event.flags |= StoredEvent::kReported;
      own = i;
    }
    if (own == kNone) return;  // It had to give way.
    if (rule_.reach == base::WindowReach::kAround) {
      while (At(head, low).time < start) ++low;
    } else {
      low = own;
    }
    if (is_chain) {
      if (!IsChainThere(head, low, own, high, &low)) return;
    } else {
      const uint32_t apart = rule_.trigger_counts ? kNone : own;
      if (!IsTrueOver(head, low, high, apart, at.time, own)) return;
    }
    State(head)->policy =
        rule_.fire == base::FirePolicy::kEdge ? 1 : State(head)->policy;
    Fire(head, at, At(head, low).time);
  }

  void CloseBucket(GroupHead* head, const Closing& closing) {
    ClosingState* const state = State(head);
    const int64_t bucket = state->bucket;
    const uint32_t size = state->ring.size;
    const int64_t end = BucketEnd(bucket);
    const bool is_true =
        is_ratio_ ? IsRatioTrue(head, bucket) && Passes(head, 0, size, end)
                  : IsTrueOver(head, 0, size, kNone, end);
    if (state->last_true != bucket - 1) SetFalse(rule_, &state->policy);
    if (is_true) {
      state->last_true = bucket;
      const Moment at = size > 0 ? At(head, size - 1).at()
                                 : Moment{.time = BucketEnd(bucket) - 1};
      Fire(head, at, size > 0 ? At(head, 0).time : at.time);
    }
    DropAll(head);
    // Silence is seen where a group is expected, or has a past.
    if (rule_.expected.empty() && !(is_ratio_ && HasPast(head))) return;
    int64_t next = bucket + 1;
    if (context_.heading == INT64_MAX) {
      // The stream has ended: behind its newest event there is no silence.
      if (next > BucketOf(context_.newest)) return;
    } else if (size == 0 && !is_ratio_) {
      // One empty bucket is as the next: where time leaps they are not all gone
      // through.
      const int64_t ahead = BucketOf(context_.quiet_until) - next;
      if (ahead > kMostSilent) {
        next += ahead - kMostSilent;
        if (is_true) state->last_true = next - 1;
      }
    }
    OpenBucket(head, closing.hash, next, closing.opener);
  }

  bool HasPast(GroupHead* head) const {
    return std::any_of(Past(head), Past(head) + past_words_,
                       [](double value) { return value != 0; });
  }

  bool IsRatioTrue(GroupHead* head, int64_t bucket) {
    MeasureAll(head, 0, State(head)->ring.size, kNone);
    double value = ValueOf(
        rule_.formula, [&](uint32_t number) { return values_[number]; },
        &stack_);
    if (std::isnan(value)) value = 0;
    double sum = 0;
    for (size_t i = 0; i < past_words_; ++i) sum += Past(head)[i];
    const double mean = std::max(
        sum / static_cast<double>(std::max<size_t>(past_words_, 1)), 1.0);
    *PastOf(head, bucket) = value;
    if (bucket - first_bucket_ < static_cast<int64_t>(past_words_)) {
      return false;
    }
    if (rule_.drop) {
      return mean >= rule_.minimum && value <= mean / rule_.factor;
    }
    return value >= rule_.minimum && value >= mean * rule_.factor;
  }

  // Events [low, high) without number `apart`.
  double Value(GroupHead* head, uint32_t number, uint32_t low, uint32_t high,
               uint32_t apart) {
    const program::MeasureData& measure = rule_.measures[number];
    samples_.clear();
    for (uint32_t i = low; i < high; ++i) {
      const StoredEvent& event = At(head, i);
      if (i == apart || (event.steps & measure.steps) == 0) continue;
      Sample sample{.time = event.time};
      if (measure.column != program::kNoColumn) {
        sample.number = std::bit_cast<double>(event.column(measure.column));
        sample.tuple = event.column(measure.column);
      }
      samples_.push_back(sample);
    }
    return Measure(measure, rule_.span, samples_, &scratch_);
  }

  void MeasureAll(GroupHead* head, uint32_t low, uint32_t high,
                  uint32_t apart) {
    const size_t count = std::min(rule_.measures.size(), kMostMeasures);
    for (uint32_t i = 0; i < count; ++i) {
      values_[i] = Value(head, i, low, high, apart);
    }
  }

  // `trigger`: the event that is looked at, if there is one.
  bool IsTrueOver(GroupHead* head, uint32_t low, uint32_t high, uint32_t apart,
                  int64_t time, uint32_t trigger = kNone) {
    MeasureAll(head, low, high, apart);
    const bool is_true = IsTrue(
        rule_.formula, [&](uint32_t number) { return values_[number]; },
        &stack_);
    return is_true && Passes(head, low, high, time, trigger);
  }

  // --- Conditions over several steps.

  std::string_view CapturedOf(GroupHead* head, uint32_t i) const {
    return captured_.is_needed() ? captured_.Of(At(head, i))
                                 : std::string_view();
  }

  // Chosen are the event that is looked at, and the newest of other steps.
  bool Passes(GroupHead* head, uint32_t low, uint32_t high, int64_t time,
              uint32_t trigger = kNone) {
    if (!where_.is_needed()) return true;
    where_.Clear();
    program::StepMask left = where_.steps();
    const auto choose = [&](uint32_t i) {
      const program::StepMask steps = At(head, i).steps & left;
      if (steps != 0) where_.Choose(steps, CapturedOf(head, i));
      left &= ~steps;
    };
    if (trigger != kNone) choose(trigger);
    for (uint32_t i = high; i-- > low && left != 0;) choose(i);
    return where_.Passes(time);
  }

  // A chain in events [low, own] that ends with number `own`, and nothing
  // behind it up to `high` that must be absent. `first`: where it begins.
  bool IsChainThere(GroupHead* head, uint32_t low, uint32_t own, uint32_t high,
                    uint32_t* first) {
    for (uint32_t i = own + 1; i < high; ++i) {
      if ((At(head, i).steps & rule_.legs.back().not_after) != 0) return false;
    }
    const int64_t time = At(head, own).time;
    const ChainSearch::Found found = chain_.Find(
        low, own, [&](uint32_t i) -> const StoredEvent& { return At(head, i); },
        [&](std::span<const uint32_t> last) {
          where_.Clear();
          for (size_t leg = 0; leg < last.size(); ++leg) {
            where_.Choose(At(head, last[leg]).steps & rule_.legs[leg].steps,
                          CapturedOf(head, last[leg]));
          }
          return where_.Passes(time);
        });
    if (!found.is_there && found.is_cut) ++counters_.not_compared;
    *first = found.first;
    for (size_t leg = 0; leg < rule_.legs.size(); ++leg) {
      values_[leg] = rule_.legs[leg].count;
    }
    return found.is_there;
  }

  void Fire(GroupHead* head, const Moment& at, int64_t first) {
    ClosingState* const state = State(head);
    bool clear = false;
    if (!Decide(rule_, at.time, &state->policy, &clear)) return;
    state->ordinal = state->last_fire == at.time ? state->ordinal + 1 : 0;
    state->last_fire = at.time;
    Fired fired(index_, KeyOf(head), at, first);
    fired.ordinal = state->ordinal;
    fired.exact = IsExact(head, at.time);
    fired.values = values_.data();
    fired.value_count = static_cast<uint32_t>(
        rule_.legs.empty() ? rule_.measures.size() : rule_.legs.size());
    Report(fired);
  }

  // --- Snapshots.

  uint32_t MostEvents() const {
    return rule_.window == WindowKind::kSliding ? kMostInSliding : kMostInFixed;
  }
  std::byte* Events(GroupHead* head) const {
    return reinterpret_cast<std::byte*>(State(head)) + FixedBytes();
  }

  void SaveRest(state::SnapshotWriter* out) const override {
    out->PutInt(first_bucket_);
    out->Put64(groups_made_);
  }
  void LoadRest(state::SnapshotReader* in) override {
    const int64_t first = LoadBucket(in);
    const uint64_t groups = in->Get64();
    if (!IsNumber(groups)) in->Fail("has a number out of range");
    loaded_groups_.clear();
    if (!is_moving_) {
      first_bucket_ = first;
      groups_made_ = groups;
    } else if (rule_.expected.empty() && first != kNoBucket) {
      // Groups that are expected begin with the first event here.
      first_bucket_ =
          first_bucket_ == kNoBucket ? first : std::min(first_bucket_, first);
    }
  }

  // A bucket that there can be an event in.
  int64_t LoadBucket(state::SnapshotReader* in) const {
    const int64_t bucket = in->GetInt();
    if (bucket != kNoBucket &&
        (bucket < BucketOf(INT64_MIN) || bucket > BucketOf(INT64_MAX) ||
         bucket >= INT64_MAX - 1)) {
      in->Fail("has a window beyond all time");
    }
    return bucket;
  }

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    const ClosingState* const state = State(head);
    out->Put64(state->number);
    out->Put32(state->ordinal);
    out->PutInt(state->policy);
    out->PutInt(state->last_fire);
    out->PutInt(state->opened);
    out->PutInt(state->bucket);
    out->PutInt(state->last_true);
    for (size_t i = 0; i < past_words_; ++i) out->PutDouble(Past(head)[i]);
    state->ring.Save(Events(head), captured_.columns(),
                     captured_.saved_columns(), out);
    for (uint32_t i = 0; captured_.is_needed() && i < state->ring.size; ++i) {
      out->PutText(captured_.Of(At(head, i)));
    }
  }

  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    ClosingState state;
    state.number = in->Get64();
    state.ordinal = in->Get32();
    state.policy = in->GetInt();
    state.last_fire = in->GetInt();
    state.opened = in->GetInt();
    state.bucket = LoadBucket(in);
    state.last_true = LoadBucket(in);
    loaded_past_.clear();
    for (size_t i = 0; i < past_words_ && in->ok(); ++i) {
      loaded_past_.push_back(in->GetDouble());
    }
    const uint32_t size =
        EventRing::Load(in, captured_.columns(), captured_.saved_columns(),
                        MostEvents(), &loaded_);
    captured_.Load(size, in, &loaded_texts_);
    if (!in->ok()) return;
    if (is_moving_) state.number = ++groups_made_;
    state.ring = {.room = EventRing::RoomFor(size), .size = size};
    loaded_groups_.push_back(
        {.hash = saved.hash, .number = state.number, .bucket = state.bucket});
    GroupHead* const head =
        CreateSaved(saved, FixedBytes() + state.ring.room * event_bytes_);
    if (head == nullptr) return;
    *State(head) = state;
    std::copy(loaded_past_.begin(), loaded_past_.end(), Past(head));
    std::copy(loaded_.begin(), loaded_.end(), Events(head));
    for (uint32_t i = 0; i < loaded_texts_.size(); ++i) {
      if (!captured_.Keep(loaded_texts_[i], &At(head, i))) MarkShed(head);
    }
  }

  // Those of groups that were shed have nothing to close.
  void SaveQueue(const std::vector<uint32_t>& groups,
                 state::SnapshotWriter* out) const override {
    absl::flat_hash_map<uint64_t, uint64_t> places;  // By number.
    for (size_t i = 0; i < groups.size(); ++i) {
      places[State(HeadOf(groups[i]))->number] = i;
    }
    std::vector<Closing> closings = closings_;
    std::erase_if(closings, [&](const Closing& closing) {
      return !places.contains(closing.number);
    });
    std::sort(closings.begin(), closings.end(),
              [](const Closing& a, const Closing& b) { return b > a; });
    out->Put64(closings.size());
    for (const Closing& closing : closings) {
      out->Put64(places[closing.number]);
      out->PutInt(closing.due);
      out->Put64(closing.opener);
      out->PutInt(closing.at.time);
      out->Put64(closing.at.ref);
    }
  }

  void LoadQueue(state::SnapshotReader* in) override {
    for (uint64_t left = in->GetCount(5 * 8); left > 0; --left) {
      const uint64_t place = in->Get64();
      Closing closing;
      closing.due = in->GetInt();
      closing.opener = in->Get64();
      closing.at.time = in->GetInt();
      closing.at.ref = in->Get64();
      if (place >= loaded_groups_.size()) {
        in->Fail("has a window that closes without a group");
        return;
      }
      const LoadedGroup& group = loaded_groups_[place];
      // A window of the past would be followed by all that came since.
      if (rule_.window == WindowKind::kTumbling &&
          (group.bucket == kNoBucket ||
           closing.due != BucketEnd(group.bucket) ||
           (!is_moving_ && closing.due < context_.watermark))) {
        in->Fail("has a window that closes at a wrong time");
        return;
      }
      closing.hash = group.hash;
      closing.number = group.number;
      Push(closing);
    }
    loaded_groups_ = {};
  }

  // How a window that closes finds its group.
  struct LoadedGroup {
    uint64_t hash = 0;
    uint64_t number = 0;
    int64_t bucket = kNoBucket;
  };

  const bool is_ratio_;
  const size_t past_words_;
  WhereTest where_;
  ChainSearch chain_;
  CapturedEvents captured_;
  const size_t event_bytes_;
  int64_t first_bucket_ = kNoBucket;
  uint64_t groups_made_ = 0;
  std::vector<Closing> closings_;           // A heap.
  std::vector<LoadedGroup> loaded_groups_;  // While groups are read.
  std::vector<std::byte> loaded_;           // Of one of them.
  std::vector<std::string_view> loaded_texts_;
  std::vector<double> loaded_past_;
  std::vector<Sample> samples_;
  std::vector<double> scratch_;
  std::vector<double> stack_;
  std::array<double, kMostMeasures> values_{};
};

// What was not seen for its key in the span before. The key is a group that
// knows its first event; each tuple of it is one that knows when it was seen.
class SeenMachine final : public GroupMachine {
 public:
  SeenMachine(const program::Correlation& rule, uint32_t index,
              CorrelateContext* context)
      : GroupMachine(rule, index, context, std::max(rule.span, rule.learn)),
        where_(rule, context->findings) {}

  void OnEvent(const KeyedEvent& event) override {
    ++counters_.events;
    const int64_t time = event.at.time;
    bool is_made = false;
    int64_t last_time = time;
    uint32_t* place =
        FindOrCreate(event.hash, event.key, time, &is_made, &last_time);
    if (place == nullptr) return;
    // Its first event. A key that was silent for so long is a new one, whether
    // it has been forgotten yet or not.
    int64_t* const first = StateOf<int64_t>(HeadOf(*place));
    is_made |= SubTime(time, last_time) > retention_;
    *first = is_made ? time : std::min(*first, time);
    const bool is_known = time >= AddTime(*first, rule_.learn);
    const uint64_t tuple = event.columns[0];
    if (tuple == 0) return;

    tuple_key_.assign(event.key);
    tuple_key_.push_back(kTuple);
    tuple_key_.append(reinterpret_cast<const char*>(&tuple), sizeof(tuple));
    const size_t size = tuple_key_.size();
    tuple_key_.append(8, '\0');
    const std::string_view key = std::string_view(tuple_key_).substr(0, size);
    const uint64_t hash = base::KeyedHash(context_.seed, key.data(), size);
    place = FindOrCreate(hash, key, time, &is_made, &last_time);
    if (place == nullptr) return;
    int64_t* const last = StateOf<int64_t>(HeadOf(*place));
    const bool is_new =
        is_made || (*last < WindowStart(rule_, time) && *last <= time);
    *last = is_made ? time : std::max(*last, time);
    if (!is_new || !is_known || !Passes(event)) return;
    Fired fired(index_, event.key, event.at, time);
    fired.exact = IsExact(HeadOf(*place), time);
    Report(fired);
  }

 private:
  bool Passes(const KeyedEvent& event) {
    if (!where_.is_needed()) return true;
    where_.Clear();
    if (!rule_.captured.empty()) {
      where_.Choose(1, CapturedBehind(event.columns, rule_.columns.size()));
    }
    return where_.Passes(event.at.time);
  }

  // Follows a key's bytes where no component begins.
  static constexpr char kTuple = 0x7F;

  uint32_t* FindOrCreate(uint64_t hash, std::string_view key, int64_t time,
                         bool* is_made, int64_t* last_time) {
    uint32_t* place = Find(hash, key);
    *is_made = place == nullptr;
    if (place == nullptr) place = Create(hash, key, time, sizeof(int64_t));
    if (place == nullptr) return nullptr;
    GroupHead* const head = HeadOf(*place);
    *last_time = head->last_time;
    head->last_time = std::max(head->last_time, time);
    return place;
  }

  bool BelongsTo(std::string_view group_key,
                 std::string_view key) const override {
    if (!group_key.starts_with(key)) return false;
    group_key.remove_prefix(key.size());
    return group_key.empty() ||
           (group_key.size() == 1 + sizeof(uint64_t) && group_key[0] == kTuple);
  }
  std::vector<uint32_t> GroupsOf(std::string_view key) const override {
    std::vector<uint32_t> groups;
    table_.ForEach([&](uint64_t, uint32_t group) {
      if (BelongsTo(KeyOf(HeadOf(group)), key)) groups.push_back(group);
    });
    return groups;
  }

  void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const override {
    out->PutInt(*StateOf<int64_t>(head));
  }
  void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) override {
    const int64_t time = in->GetInt();
    if (!in->ok()) return;
    GroupHead* const head = CreateSaved(saved, sizeof(int64_t));
    if (head != nullptr) *StateOf<int64_t>(head) = time;
  }

  WhereTest where_;
  std::string tuple_key_;
};

}  // namespace

std::unique_ptr<Machine> MakeClosingMachine(const program::Correlation& rule,
                                            uint32_t index,
                                            CorrelateContext* context) {
  return std::make_unique<ClosingMachine>(rule, index, context);
}

std::unique_ptr<Machine> MakeSeenMachine(const program::Correlation& rule,
                                         uint32_t index,
                                         CorrelateContext* context) {
  return std::make_unique<SeenMachine>(rule, index, context);
}

}  // namespace tocsin::runtime
