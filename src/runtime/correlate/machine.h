// Machine: one rule at work, with the state of all its groups.
//
// There is one kind of machine for each kind of state (program::Correlation).
// All are fed events of which the group is known, and told of the watermark by
// the correlator.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_MACHINE_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "src/base/keyed_hash.h"
#include "src/program/correlation.h"
#include "src/runtime/correlate/keyed_event.h"
#include "src/state/key_calendar.h"
#include "src/state/key_table.h"
#include "src/state/prefetch.h"
#include "src/state/slab.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {

class FindingReader;

// What the machines of all rules share.
struct CorrelateContext {
  explicit CorrelateContext(size_t budget) : slab(budget) {}

  state::Slab slab;
  base::HashSeed seed;
  int64_t lateness = 0;
  // Before this no event is expected any more.
  int64_t watermark = INT64_MIN;
  // Where the watermark is on its way to, time by time.
  int64_t heading = INT64_MIN;
  // While timers run: no event comes before this.
  int64_t quiet_until = INT64_MIN;
  // The newest time of any event, and that of the first that was fed, or of the
  // newest where state was loaded.
  int64_t newest = INT64_MIN;
  int64_t began = INT64_MAX;
  FiredHandler* handler = nullptr;
  FindingReader* findings = nullptr;

  // Machines that have something to do when the watermark has come so far, the
  // earliest first; what is no longer true is ignored when its time comes.
  struct Timer {
    int64_t time = 0;
    uint32_t rule = 0;
    friend auto operator<=>(const Timer&, const Timer&) = default;
  };
  std::vector<Timer> timers;  // A heap.
  void AddTimer(int64_t time, uint32_t rule);

  // Makes room by forgetting the oldest group of some rule; false if there is
  // none.
  std::function<bool()> shed_any;
};

class Machine {
 public:
  Machine(const program::Correlation& rule, uint32_t index,
          CorrelateContext* context)
      : rule_(rule), index_(index), context_(*context) {}
  virtual ~Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // `event` is not behind the watermark. For a rule that is decided in order,
  // events come in order, and when the watermark has passed them.
  virtual void OnEvent(const KeyedEvent& event) = 0;

  // Does all that is due before any event at `time`.
  virtual void RunTimers(int64_t /*time*/) {}

  // Fetch ahead what OnEvent reads first, and then what it reads next; the
  // latter returns what may be KeyedEvent::place.
  void PrefetchPlace(uint64_t hash) const { groups_->Prefetch(hash); }
  uint32_t* PrefetchGroup(uint64_t hash) const {
    uint32_t* const place = groups_->FindFirst(hash);
    if (place == nullptr) return nullptr;
    const std::byte* const memory = context_.slab.At(*place);
    state::Prefetch(memory);
    if (has_large_groups_) state::Prefetch(memory + 64);
    return place;
  }

  // Whether there may be groups that have nothing to say any more. ForgetSome,
  // called before each event then, looks at some of them from time to time.
  bool HasPassed() const { return context_.watermark > look_after_; }
  virtual void ForgetSome() = 0;

  // Forgets about the oldest group; false if there is none.
  virtual bool ShedOldest() = 0;

  virtual size_t group_count() const = 0;

  // Writes all that the rule keeps, without groups that have nothing to say any
  // more. The bytes do not depend on where things lie in memory.
  virtual void Save(state::SnapshotWriter* out) const = 0;

  // Reads it back. REQUIRES: nothing is kept yet; the watermark is that of the
  // snapshot. Groups that there is no memory for are shed, and counted. If `in`
  // is not ok() afterwards the machine is of no more use.
  virtual void Load(state::SnapshotReader* in) = 0;

  // The same for what is kept of one group key, with zeros behind it as keys of
  // events have. REQUIRES of loading: nothing is kept of the key. If `in` is
  // not ok() afterwards, something may be that must be dropped.
  virtual void SaveKey(std::string_view key,
                       state::SnapshotWriter* out) const = 0;
  virtual void LoadKey(std::string_view key, state::SnapshotReader* in) = 0;
  virtual void DropKey(std::string_view key) = 0;

  const program::Correlation& rule() const { return rule_; }
  RuleCounters& counters() { return counters_; }

 protected:
  void Report(const Fired& fired) {
    ++counters_.fired;
    context_.handler->OnFired(fired);
  }

  const program::Correlation& rule_;
  const uint32_t index_;
  CorrelateContext& context_;
  RuleCounters counters_;
  int64_t look_after_ = INT64_MAX;
  const state::KeyTable* groups_ = nullptr;
  bool has_large_groups_ = false;  // Beyond a line of the cache.
};

// The first words of a group's state; the key's bytes come behind, padded to
// eight, then what its machine keeps.
struct GroupHead {
  int64_t last_time = 0;  // Of its newest event.
  uint32_t bytes = 0;     // Of all of it.
  uint16_t key_size = 0;
  // Others of the rule were shed shortly before.
  uint8_t is_inexact : 1 = 0;
  // How much its machine's parts hold: 2 to this power.
  uint8_t room_log : 7 = 0;
  // How often it fired at last_time, where that is not found otherwise.
  uint8_t ordinal = 0;
};

// A machine that keeps state by key.
class GroupMachine : public Machine {
 public:
  GroupMachine(const program::Correlation& rule, uint32_t index,
               CorrelateContext* context, int64_t retention)
      : Machine(rule, index, context),
        retention_(retention),
        table_(&context->slab),
        calendar_(&context->slab, AddTime(retention, context->lateness)) {
    groups_ = &table_;
  }

  void ForgetSome() override;
  bool ShedOldest() override;
  size_t group_count() const override { return table_.size(); }

  void Save(state::SnapshotWriter* out) const override;
  void Load(state::SnapshotReader* in) override;

  void SaveKey(std::string_view key, state::SnapshotWriter* out) const override;
  void LoadKey(std::string_view key, state::SnapshotReader* in) override;
  void DropKey(std::string_view key) override;

 protected:
  GroupHead* HeadOf(uint32_t group) const {
    return context_.slab.At<GroupHead>(group);
  }
  static std::string_view KeyOf(const GroupHead* head) {
    return {reinterpret_cast<const char*>(head + 1), head->key_size};
  }
  static constexpr size_t HeadBytes(size_t key_size) {
    return sizeof(GroupHead) + ((key_size + 7) & ~size_t{7});
  }
  template <typename T>
  static T* StateOf(GroupHead* head) {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(head) +
                                HeadBytes(head->key_size));
  }

  // Keys are compared word by word: both are padded with zeros.
  static bool IsSameKey(const void* held, std::string_view key) {
    const auto* a = static_cast<const char*>(held);
    const char* b = key.data();
    for (size_t i = 0; i < key.size(); i += 8) {
      uint64_t x = 0;
      uint64_t y = 0;
      std::memcpy(&x, a + i, 8);
      std::memcpy(&y, b + i, 8);
      if (x != y) return false;
    }
    return true;
  }

  // Where the group's handle stands; null if there is none.
  uint32_t* Find(uint64_t hash, std::string_view key) const {
    return table_.Find(hash,
                       [&](uint32_t group) { return IsOfKey(group, key); });
  }
  uint32_t* Find(const KeyedEvent& event) const {
    if (event.place != nullptr &&
        state::KeyTable::HasAt(event.place, event.hash) &&
        IsOfKey(*event.place, event.key)) {
      return event.place;
    }
    return Find(event.hash, event.key);
  }
  bool IsOfKey(uint32_t group, std::string_view key) const {
    const GroupHead* const head = HeadOf(group);
    return head->key_size == key.size() && IsSameKey(head + 1, key);
  }

  // A new group with `state_bytes` behind its key, which the caller fills; null
  // if there is no memory. Other groups may be shed for it.
  uint32_t* Create(uint64_t hash, std::string_view key, int64_t time,
                   size_t state_bytes);

  // Moves a group to a place with `state_bytes` behind its key; what it held is
  // copied as far as it fits. False, and nothing is changed, without memory.
  // Pointers into the group are void.
  bool Resize(uint32_t* place, size_t state_bytes);

  // Called before a group goes.
  virtual void OnForget(GroupHead* /*head*/, bool /*is_shed*/) {}

  // Until when a group must be kept if nothing more comes.
  virtual int64_t KeptUntil(GroupHead* head) const {
    return AddTime(head->last_time, retention_);
  }

  bool IsExact(const GroupHead* head, int64_t time) const {
    return head->is_inexact == 0 || time > shed_until_;
  }

  // --- Snapshots. A group is its key and the words of its head, which are
  // written here, and what its machine writes behind them.

  // The head of a group that is read.
  struct SavedHead {
    std::string_view key;
    uint64_t hash = 0;
    int64_t last_time = 0;
    bool is_inexact = false;
    uint8_t ordinal = 0;
  };

  // All groups of a key, also those that have nothing to say any more.
  virtual std::vector<uint32_t> GroupsOf(std::string_view key) const;
  virtual bool BelongsTo(std::string_view group_key,
                         std::string_view key) const {
    return group_key == key;
  }

  // What is kept beside groups. With one key of another machine, `is_moving_`,
  // it is read too: numbers that go on must be beyond those of both.
  virtual void SaveRest(state::SnapshotWriter* /*out*/) const {}
  virtual void LoadRest(state::SnapshotReader* /*in*/) {}

  // The state of a group; to read it is to make the group, by CreateSaved,
  // after `in` was found to be ok().
  virtual void SaveGroup(GroupHead* head, state::SnapshotWriter* out) const = 0;
  virtual void LoadGroup(const SavedHead& saved, state::SnapshotReader* in) = 0;

  // What waits for a time, of `groups`, by their places among these; and of the
  // groups that were just read.
  virtual void SaveQueue(const std::vector<uint32_t>& /*groups*/,
                         state::SnapshotWriter* /*out*/) const {}
  virtual void LoadQueue(state::SnapshotReader* /*in*/) {}

  // As Create. Null: there is no memory, and the group is shed.
  GroupHead* CreateSaved(const SavedHead& saved, size_t state_bytes);

  // All groups that have something to say, by their keys' bytes.
  std::vector<uint32_t> SortedGroups() const;
  // Else it is as good as forgotten, whether it has been yet or not.
  bool HasSay(uint32_t group) const;
  void SortByKey(std::vector<uint32_t>* groups) const;
  void SaveGroups(const std::vector<uint32_t>& groups,
                  state::SnapshotWriter* out) const;
  // `key`: of which all groups must be; null: of any.
  void LoadGroups(const std::string_view* key, state::SnapshotReader* in);
  static bool IsNumber(uint64_t number) { return number < uint64_t{1} << 62; }

  bool is_moving_ = false;

  uint32_t Allocate(size_t bytes, size_t reserve);
  void LookAgain(uint32_t* place, uint64_t hash, int64_t until);
  void Forget(uint32_t* place, bool is_shed);

  const int64_t retention_;
  int events_since_look_ = 0;
  // A group that is made before this may have been shed before.
  int64_t shed_until_ = kNever;
  state::KeyTable table_;
  state::KeyCalendar calendar_;
};

std::unique_ptr<Machine> MakeMachine(const program::Correlation& rule,
                                     uint32_t index, CorrelateContext* context);

// Names what Machine::Save writes for a rule: state is read back only where the
// layout is the same.
uint32_t StateLayout(const program::Correlation& rule);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_MACHINE_H_
