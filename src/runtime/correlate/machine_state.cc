// Snapshots of machines: what is the same for all of them.

#include <algorithm>
#include <string>

#include "src/runtime/correlate/machine.h"

namespace tocsin::runtime {
namespace {

// Key, time, whether exact, ordinal.
constexpr size_t kLeastGroupBytes = 4 + 8 + 1 + 1;
constexpr size_t kMostKeyBytes = 0xFFFF;

void SaveCounters(const RuleCounters& counters, state::SnapshotWriter* out) {
  for (const int64_t counter :
       {counters.events, counters.fired, counters.late, counters.future,
        counters.without_key, counters.keys_cut, counters.shed,
        counters.refused}) {
    out->PutInt(counter);
  }
}

void LoadCounters(state::SnapshotReader* in, RuleCounters* counters) {
  for (int64_t* counter :
       {&counters->events, &counters->fired, &counters->late, &counters->future,
        &counters->without_key, &counters->keys_cut, &counters->shed,
        &counters->refused}) {
    *counter = in->GetCounter();
  }
}

// Raised when what the machine of a kind writes changes: state of its rules
// then starts fresh.
constexpr uint32_t kThresholdLayout = 1;
constexpr uint32_t kChainLayout = 1;
constexpr uint32_t kSlidingLayout = 2;
constexpr uint32_t kClosingLayout = 2;
constexpr uint32_t kSeenLayout = 3;
constexpr uint32_t kNewKeyLayout = 2;
constexpr uint32_t kRatioLayout = 2;
constexpr uint32_t kSequenceLayout = 1;

uint32_t KindLayout(const program::Correlation& rule) {
  switch (rule.kind) {
    case program::Correlation::kThreshold:
      return kThresholdLayout;
    case program::Correlation::kChain:
      return kChainLayout;
    case program::Correlation::kWindow:
      return rule.window == base::WindowKind::kSliding &&
                     rule.reach == base::WindowReach::kBefore
                 ? kSlidingLayout
                 : kClosingLayout;
    case program::Correlation::kSeen:
      return rule.columns.empty() ? kNewKeyLayout : kSeenLayout;
    case program::Correlation::kRatio:
      return kRatioLayout;
    case program::Correlation::kSequence:
      return kSequenceLayout;
  }
  return 0;
}

// Whether a rule has conditions over several events.
bool ComparesEvents(const program::Correlation& rule) {
  return rule.where != program::kNoRule || !rule.captured.empty();
}

}  // namespace

uint32_t StateLayout(const program::Correlation& rule) {
  return KindLayout(rule) << 16 | static_cast<uint32_t>(rule.kind) << 8 |
         (ComparesEvents(rule) ? 2 : 0) | (rule.is_sorted ? 1 : 0);
}

void GroupMachine::Save(state::SnapshotWriter* out) const {
  SaveCounters(counters_, out);
  if (ComparesEvents(rule_)) out->PutInt(counters_.not_compared);
  out->PutInt(shed_until_);
  SaveRest(out);
  SaveGroups(SortedGroups(), out);
}

void GroupMachine::Load(state::SnapshotReader* in) {
  LoadCounters(in, &counters_);
  if (ComparesEvents(rule_)) {
    counters_.not_compared = in->GetCounter();
  }
  shed_until_ = in->GetInt();
  LoadRest(in);
  LoadGroups(nullptr, in);
}

std::vector<uint32_t> GroupMachine::GroupsOf(std::string_view key) const {
  const uint64_t hash = base::KeyedHash(context_.seed, key.data(), key.size());
  const uint32_t* const place = Find(hash, key);
  if (place == nullptr) return {};
  return {*place};
}

void GroupMachine::SaveKey(std::string_view key,
                           state::SnapshotWriter* out) const {
  std::vector<uint32_t> groups = GroupsOf(key);
  std::erase_if(groups, [this](uint32_t group) { return !HasSay(group); });
  SortByKey(&groups);
  const bool is_inexact = std::any_of(
      groups.begin(), groups.end(),
      [this](uint32_t group) { return HeadOf(group)->is_inexact != 0; });
  out->PutInt(is_inexact ? shed_until_ : kNever);
  SaveRest(out);
  SaveGroups(groups, out);
}

void GroupMachine::LoadKey(std::string_view key, state::SnapshotReader* in) {
  is_moving_ = true;
  shed_until_ = std::max(shed_until_, in->GetInt());
  LoadRest(in);
  LoadGroups(&key, in);
  is_moving_ = false;
}

void GroupMachine::DropKey(std::string_view key) {
  for (const uint32_t group : GroupsOf(key)) {
    const std::string_view of = KeyOf(HeadOf(group));
    const uint64_t hash = base::KeyedHash(context_.seed, of.data(), of.size());
    Forget(Find(hash, of), false);
  }
}

bool GroupMachine::HasSay(uint32_t group) const {
  return KeptUntil(HeadOf(group)) >= context_.watermark;
}

// Most keys differ in their first bytes. With these in one place, groups that
// lie all over memory are looked at once each.
void GroupMachine::SortByKey(std::vector<uint32_t>* groups) const {
  struct Entry {
    uint64_t begin[2];  // As numbers in the order of the bytes.
    uint32_t group;
  };
  std::vector<Entry> entries;
  entries.reserve(groups->size());
  for (const uint32_t group : *groups) {
    const std::string_view key = KeyOf(HeadOf(group));
    Entry entry = {.begin = {}, .group = group};
    for (size_t i = 0; i < sizeof(entry.begin); ++i) {
      const uint64_t byte =
          i < key.size() ? static_cast<unsigned char>(key[i]) : 0;
      entry.begin[i / 8] = entry.begin[i / 8] << 8 | byte;
    }
    entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end(),
            [this](const Entry& a, const Entry& b) {
              if (a.begin[0] != b.begin[0]) return a.begin[0] < b.begin[0];
              if (a.begin[1] != b.begin[1]) return a.begin[1] < b.begin[1];
              return KeyOf(HeadOf(a.group)) < KeyOf(HeadOf(b.group));
            });
  for (size_t i = 0; i < entries.size(); ++i) (*groups)[i] = entries[i].group;
}

std::vector<uint32_t> GroupMachine::SortedGroups() const {
  std::vector<uint32_t> groups;
  groups.reserve(table_.size());
  table_.ForEach([&](uint64_t, uint32_t group) {
    if (HasSay(group)) groups.push_back(group);
  });
  SortByKey(&groups);
  return groups;
}

void GroupMachine::SaveGroups(const std::vector<uint32_t>& groups,
                              state::SnapshotWriter* out) const {
  out->Put64(groups.size());
  for (const uint32_t group : groups) {
    GroupHead* const head = HeadOf(group);
    out->PutText(KeyOf(head));
    out->PutInt(head->last_time);
    out->PutBool(head->is_inexact != 0);
    out->Put8(head->ordinal);
    SaveGroup(head, out);
  }
  SaveQueue(groups, out);
}

void GroupMachine::LoadGroups(const std::string_view* key_of_all,
                              state::SnapshotReader* in) {
  std::string key;  // With zeros behind it, as keys of events have.
  std::string_view previous;
  const uint64_t count = in->GetCount(kLeastGroupBytes);
  for (uint64_t i = 0; i < count; ++i) {
    const std::string_view text = in->GetText();
    if (text.size() > kMostKeyBytes) in->Fail("has a key that is too long");
    if (i > 0 && text <= previous) in->Fail("has groups that are not in order");
    if (key_of_all != nullptr && !BelongsTo(text, *key_of_all)) {
      in->Fail("has a group of another key");
    }
    key.assign(text);
    key.append(8, '\0');
    SavedHead saved;
    saved.key = std::string_view(key).substr(0, text.size());
    saved.hash =
        base::KeyedHash(context_.seed, saved.key.data(), saved.key.size());
    saved.last_time = in->GetInt();
    saved.is_inexact = in->GetBool();
    saved.ordinal = in->Get8();
    LoadGroup(saved, in);
    if (!in->ok()) return;
    previous = text;
  }
  LoadQueue(in);
}

GroupHead* GroupMachine::CreateSaved(const SavedHead& saved,
                                     size_t state_bytes) {
  const int64_t refused = counters_.refused;
  uint32_t* const place =
      Create(saved.hash, saved.key, saved.last_time, state_bytes);
  if (place == nullptr) {
    counters_.refused = refused;
    ++counters_.shed;
    shed_until_ = std::max(shed_until_, AddTime(saved.last_time, retention_));
    return nullptr;
  }
  GroupHead* const head = HeadOf(*place);
  head->is_inexact = saved.is_inexact ? 1 : 0;
  head->ordinal = saved.ordinal;
  return head;
}

}  // namespace tocsin::runtime
