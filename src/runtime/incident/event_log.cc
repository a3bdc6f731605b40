#include "src/runtime/incident/event_log.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tocsin::runtime {
namespace {

constexpr size_t kLeastBytes = size_t{64} << 10;
constexpr size_t kMostBytes = size_t{1} << 30;
constexpr size_t kBytesOfALink = 256;  // Of events, for one link.
constexpr size_t kMostIdBytes = 1024;

}  // namespace

EventLog::EventLog(size_t bytes) {
  if (bytes == 0) return;
  ring_.resize(std::bit_floor(std::clamp(bytes, kLeastBytes, kMostBytes)));
  links_.resize(ring_.size() / kBytesOfALink);
  heads_.resize(links_.size(), kNone);
}

void EventLog::Open(std::string_view json, std::string_view id, int64_t time) {
  is_open_ = is_on();
  is_copied_ = false;
  json_ = json;
  id_ = id.substr(0, kMostIdBytes);
  time_ = time;
}

// An event is one stretch of the ring; what does not fit before its end goes to
// its beginning. One that is too large for a sample is kept without its text.
void EventLog::Copy() {
  is_copied_ = true;
  if (json_.size() > ring_.size() / 16) json_ = {};
  const size_t bytes =
      (sizeof(EventHead) + id_.size() + json_.size() + 7) & ~size_t{7};
  const size_t mask = ring_.size() - 1;
  if ((written_ & mask) + bytes > ring_.size()) {
    written_ = (written_ | mask) + 1;
  }
  copied_at_ = written_;
  char* to = ring_.data() + (written_ & mask);
  const EventHead head = {.time = time_,
                          .id_size = static_cast<uint32_t>(id_.size()),
                          .json_size = static_cast<uint32_t>(json_.size())};
  std::memcpy(to, &head, sizeof(head));
  to += sizeof(head);
  if (!id_.empty()) std::memcpy(to, id_.data(), id_.size());
  if (!json_.empty()) std::memcpy(to + id_.size(), json_.data(), json_.size());
  written_ += bytes;
}

EventLog::Kept EventLog::Keep() {
  if (!is_open_) return {};
  if (!is_copied_) Copy();
  return {.begin = copied_at_, .end = written_};
}

void EventLog::Join(uint64_t group, const Kept& event, uint32_t steps) {
  joined_to_ = event.end;
  uint64_t& head = heads_[PlaceOf(group)];
  uint64_t previous = kNone;
  if (head != kNone) {
    previous = HasLink(head) && LinkOf(head).group == group ? head : kLost;
  }
  head = ++joined_;
  LinkOf(joined_) = {.group = group,
                     .event = event.begin,
                     .previous = previous,
                     .steps = steps};
}

bool EventLog::Find(uint64_t group, int64_t first, int64_t last, int64_t reach,
                    size_t most, std::vector<Found>* found) const {
  if (!is_on()) return false;
  int64_t end = 0;
  if (__builtin_sub_overflow(first, reach, &end)) end = INT64_MIN;
  uint64_t number = heads_[PlaceOf(group)];
  for (size_t looked = 0; looked < most; ++looked) {
    if (number == kNone) return true;
    if (!HasLink(number) || LinkOf(number).group != group) return false;
    const Link& link = LinkOf(number);
    if (!IsThere(link.event)) return false;
    const char* from = ring_.data() + (link.event & (ring_.size() - 1));
    EventHead head;
    std::memcpy(&head, from, sizeof(head));
    if (head.time < end) return true;
    if (head.time >= first && head.time <= last) {
      found->push_back(
          {.steps = link.steps,
           .time = head.time,
           .id = {from + sizeof(head), head.id_size},
           .json = {from + sizeof(head) + head.id_size, head.json_size}});
    }
    number = link.previous;
  }
  return false;
}

// The ring as it is, so that the same is forgotten at the same time. Nothing is
// ahead.
void EventLog::Save(state::SnapshotWriter* out) const {
  out->Put64(ring_.size());
  out->Put64(written_);
  out->Put64(joined_);
  out->PutText(std::string_view(ring_.data(),
                                std::min<uint64_t>(written_, ring_.size())));
  const uint64_t count = std::min<uint64_t>(joined_, links_.size());
  out->Put64(count);
  for (uint64_t number = joined_ - count + 1; number <= joined_; ++number) {
    const Link& link = LinkOf(number);
    out->Put64(link.group);
    out->Put64(link.event);
    out->Put64(link.previous);
    out->Put32(link.steps);
  }
  // Also those of links that are gone: that there were some is known by them.
  const size_t heads = static_cast<size_t>(std::count_if(
      heads_.begin(), heads_.end(), [](uint64_t head) { return head != 0; }));
  out->Put64(heads);
  for (size_t i = 0; i < heads_.size(); ++i) {
    if (heads_[i] == kNone) continue;
    out->Put32(static_cast<uint32_t>(i));
    out->Put64(heads_[i]);
  }
}

void EventLog::Load(state::SnapshotReader* in) {
  const bool is_same = in->Get64() == ring_.size();
  const uint64_t written = in->Get64();
  const uint64_t joined = in->Get64();
  const std::string_view bytes = in->GetText();
  const uint64_t count = in->GetCount(8 + 8 + 8 + 4);
  if (is_same && (bytes.size() != std::min<uint64_t>(written, ring_.size()) ||
                  count != std::min<uint64_t>(joined, links_.size()))) {
    in->Fail("has events that cannot be");
  }
  const bool is_taken = is_same && is_on() && in->ok();
  if (is_taken) {
    if (!bytes.empty()) std::memcpy(ring_.data(), bytes.data(), bytes.size());
    written_ = joined_to_ = written;
    joined_ = joined;
  } else if (joined > 0) {
    std::fill(heads_.begin(), heads_.end(), kLost);
  }
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    Link link;
    link.group = in->Get64();
    link.event = in->Get64();
    link.previous = in->Get64();
    link.steps = in->Get32();
    if (!is_taken) continue;
    const uint64_t number = joined - count + 1 + i;
    // Chains go back, and events lie within the ring.
    const size_t mask = ring_.size() - 1;
    EventHead head;
    const bool has_head = (link.event & mask) + sizeof(head) <= ring_.size();
    if (has_head) {
      std::memcpy(&head, ring_.data() + (link.event & mask), sizeof(head));
    }
    const bool is_whole =
        !IsKept(link.event) ||
        (has_head && sizeof(head) + uint64_t{head.id_size} + head.json_size <=
                         std::min<uint64_t>(ring_.size() - (link.event & mask),
                                            written_ - link.event));
    if ((link.previous != kLost && link.previous >= number) || !is_whole) {
      in->Fail("has events that cannot be");
      return;
    }
    LinkOf(number) = link;
  }
  for (uint64_t left = in->GetCount(4 + 8); left > 0 && in->ok(); --left) {
    const uint32_t place = in->Get32();
    const uint64_t number = in->Get64();
    if (!is_taken) continue;
    if (place >= heads_.size() || (number > joined_ && number != kLost)) {
      in->Fail("has events that cannot be");
      return;
    }
    heads_[place] = number;
  }
}

}  // namespace tocsin::runtime
