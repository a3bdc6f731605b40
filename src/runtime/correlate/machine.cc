#include "src/runtime/correlate/machine.h"

#include <algorithm>
#include <array>

#include "src/runtime/correlate/core_machine.h"
#include "src/runtime/correlate/sequence_machine.h"
#include "src/runtime/correlate/window_machine.h"

namespace tocsin::runtime {
namespace {

// Groups shed at most for one allocation.
constexpr int kMostShed = 256;
// After so many events of a rule so many groups are looked at; an event makes
// one group at most, or two.
constexpr int kEventsPerLook = 16;
constexpr size_t kLooks = 40;

}  // namespace

void CorrelateContext::AddTimer(int64_t time, uint32_t rule) {
  timers.push_back({time, rule});
  std::push_heap(timers.begin(), timers.end(), std::greater<>());
}

void GroupMachine::Forget(uint32_t* place, bool is_shed) {
  const uint32_t group = *place;
  GroupHead* const head = HeadOf(group);
  OnForget(head, is_shed);
  table_.Erase(place);
  context_.slab.Free(group, head->bytes);
}

// Step by step for all of them, so that what one needs from memory is on its
// way while others are looked at.
void GroupMachine::ForgetSome() {
  if (++events_since_look_ < kEventsPerLook) return;
  events_since_look_ = 0;
  std::array<uint64_t, kLooks> hashes;
  size_t count = 0;
  while (count < kLooks &&
         calendar_.PopPassed(context_.watermark, &hashes[count])) {
    table_.Prefetch(hashes[count++]);
  }
  if (count < kLooks) {
    look_after_ = calendar_.size() == 0 ? INT64_MAX : calendar_.first_end();
  }
  for (size_t i = 0; i < count; ++i) PrefetchGroup(hashes[i]);
  for (size_t i = 0; i < count; ++i) {
    uint32_t* const place =
        table_.Find(hashes[i], [](uint32_t) { return true; });
    if (place == nullptr) continue;
    const int64_t until = KeptUntil(HeadOf(*place));
    if (until < context_.watermark) {
      Forget(place, false);
    } else {
      LookAgain(place, hashes[i], until);
    }
  }
}

// If there is no memory to look again it goes.
void GroupMachine::LookAgain(uint32_t* place, uint64_t hash, int64_t until) {
  if (calendar_.Add(hash, until)) {
    look_after_ = std::min(look_after_, calendar_.first_end());
    return;
  }
  ++counters_.shed;
  Forget(place, true);
}

bool GroupMachine::ShedOldest() {
  uint64_t hash = 0;
  // The calendar's first is the oldest unless it has had events since; then
  // the next is tried, but not without end.
  for (int tries = 0; calendar_.PopFirst(&hash); ++tries) {
    uint32_t* const place = table_.Find(hash, [](uint32_t) { return true; });
    if (place == nullptr) continue;
    const int64_t until = KeptUntil(HeadOf(*place));
    if (tries < 8 && until > calendar_.first_end() &&
        calendar_.Add(hash, until)) {
      continue;
    }
    shed_until_ = std::max(shed_until_, until);
    ++counters_.shed;
    Forget(place, true);
    return true;
  }
  return false;
}

uint32_t GroupMachine::Allocate(size_t bytes, size_t reserve) {
  uint32_t handle = context_.slab.Allocate(bytes, reserve);
  for (int i = 0; handle == state::Slab::kNone && i < kMostShed; ++i) {
    if (!ShedOldest() && !context_.shed_any()) break;
    handle = context_.slab.Allocate(bytes, reserve);
  }
  return handle;
}

uint32_t* GroupMachine::Create(uint64_t hash, std::string_view key,
                               int64_t time, size_t state_bytes) {
  const size_t bytes = HeadBytes(key.size()) + state_bytes;
  // Tables and calendars need memory that groups cannot give back.
  const uint32_t group = Allocate(bytes, context_.slab.budget() / 4);
  if (group == state::Slab::kNone) {
    ++counters_.refused;
    return nullptr;
  }
  has_large_groups_ |= bytes > 64;
  auto* head = context_.slab.At<GroupHead>(group);
  *head = {.last_time = time,
           .bytes = static_cast<uint32_t>(bytes),
           .key_size = static_cast<uint16_t>(key.size()),
           .is_inexact = time <= shed_until_};
  std::memset(static_cast<void*>(head + 1), 0,
              HeadBytes(key.size()) - sizeof(GroupHead));
  std::memcpy(head + 1, key.data(), key.size());
  uint32_t* const place = table_.Insert(hash, group);
  if (place == nullptr) {
    context_.slab.Free(group, bytes);
    ++counters_.refused;
    return nullptr;
  }
  if (!calendar_.Add(hash, AddTime(time, retention_))) {
    table_.Erase(place);
    context_.slab.Free(group, bytes);
    ++counters_.refused;
    return nullptr;
  }
  look_after_ = std::min(look_after_, calendar_.first_end());
  return place;
}

bool GroupMachine::Resize(uint32_t* place, size_t state_bytes) {
  const uint32_t group = *place;
  GroupHead* const head = HeadOf(group);
  const size_t bytes = HeadBytes(head->key_size) + state_bytes;
  // Nothing is shed for it: that could move `place`.
  const uint32_t moved =
      context_.slab.Allocate(bytes, context_.slab.budget() / 8);
  if (moved == state::Slab::kNone) return false;
  has_large_groups_ |= bytes > 64;
  std::memcpy(context_.slab.At(moved), head,
              std::min<size_t>(bytes, head->bytes));
  context_.slab.Free(group, head->bytes);
  HeadOf(moved)->bytes = static_cast<uint32_t>(bytes);
  *place = moved;
  return true;
}

std::unique_ptr<Machine> MakeMachine(const program::Correlation& rule,
                                     uint32_t index,
                                     CorrelateContext* context) {
  switch (rule.kind) {
    case program::Correlation::kThreshold:
      return MakeThresholdMachine(rule, index, context);
    case program::Correlation::kChain:
      if (rule.where == program::kNoRule) {
        return MakeChainMachine(rule, index, context);
      }
      return rule.legs.back().not_after == 0
                 ? MakeSlidingMachine(rule, index, context)
                 : MakeClosingMachine(rule, index, context);
    case program::Correlation::kWindow:
      return rule.window == base::WindowKind::kSliding &&
                     rule.reach == base::WindowReach::kBefore
                 ? MakeSlidingMachine(rule, index, context)
                 : MakeClosingMachine(rule, index, context);
    case program::Correlation::kSeen:
      return rule.columns.empty() ? MakeNewKeyMachine(rule, index, context)
                                  : MakeSeenMachine(rule, index, context);
    case program::Correlation::kRatio:
      return MakeClosingMachine(rule, index, context);
    case program::Correlation::kSequence:
      return MakeSequenceMachine(rule, index, context);
  }
  return nullptr;
}

}  // namespace tocsin::runtime
