// EventLog: recent events that joined groups, for samples of what an incident
// is made of.
//
// An event that joins a group of some rule is copied once into a ring of bytes.
// For each group that it joins a link says so: links of one group form a chain,
// from the newest on, whose head stands in a table that is found by the group's
// hash. A table of this kind has no collisions to look through: a group that
// falls on the head of another takes its place. So chains may be cut, events
// may have been overwritten, and a sample says whether it can have missed any;
// but nothing is allocated, and what is kept of groups stays as it is.
//
// Events may be copied before their turn comes to join. What is found does not
// depend on that: of the ring a quarter is left for those that are ahead.
//
// Cost of an event: a copy of its bytes; of a group it joins, a cache line.

#ifndef TOCSIN_SRC_RUNTIME_INCIDENT_EVENT_LOG_H_
#define TOCSIN_SRC_RUNTIME_INCIDENT_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/state/prefetch.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {

class EventLog {
 public:
  // So many bytes of events, and about half as many again beside them; 0: it
  // keeps none.
  explicit EventLog(size_t bytes);

  bool is_on() const { return !ring_.empty(); }
  size_t bytes() const { return ring_.size(); }

  // The event that Keep is about; its views must live until Close.
  void Open(std::string_view json, std::string_view id, int64_t time);
  void Close() { is_open_ = false; }

  // Where an event stands, in bytes from the first one ever.
  struct Kept {
    uint64_t begin = 0;
    uint64_t end = 0;  // 0: there is none.
  };
  // Copies the open event, the first time. Without one that is open, none.
  Kept Keep();
  // Whether so much was kept and has not joined yet that some must do so before
  // another event is opened.
  bool IsFarAhead() const { return written_ - joined_to_ > ring_.size() / 16; }

  // The event joined a group, as one of `steps`. `group`: a hash of rule and
  // key. Those kept behind it are not there yet.
  void Join(uint64_t group, const Kept& event, uint32_t steps);
  // The group had events that are not here: what Find says of it from now on is
  // not all.
  void Cut(uint64_t group) {
    if (is_on()) heads_[PlaceOf(group)] = kLost;
  }
  // Asks for what Join will need.
  void Prefetch(uint64_t group) const {
    if (is_on()) state::Prefetch(&heads_[PlaceOf(group)]);
  }

  // Views into the log, valid until the next Join.
  struct Found {
    uint32_t steps = 0;
    int64_t time = 0;
    std::string_view id;
    std::string_view json;
  };
  // Events of a group in [first, last], the newest first. True: all there were.
  // Looks at no more than `most`; further back than `reach` before `first` it
  // does not look, since events came no later.
  bool Find(uint64_t group, int64_t first, int64_t last, int64_t reach,
            size_t most, std::vector<Found>* found) const;

  // --- Snapshots. Load of one of another size keeps nothing, and cuts all.
  void Save(state::SnapshotWriter* out) const;
  void Load(state::SnapshotReader* in);

 private:
  struct Link {
    uint64_t group = 0;
    uint64_t event = 0;  // Where it begins, counted from the first byte ever.
    uint64_t previous = 0;  // Number of the link before; kNone, kLost.
    uint32_t steps = 0;
  };
  struct EventHead {
    int64_t time = 0;
    uint32_t id_size = 0;
    uint32_t json_size = 0;
  };
  static constexpr uint64_t kNone = 0;
  static constexpr uint64_t kLost = UINT64_MAX;

  void Copy();
  // Whether it has joined and is not overwritten, even if others are ahead.
  bool IsThere(uint64_t event) const {
    return event < joined_to_ &&
           joined_to_ - event <= ring_.size() - ring_.size() / 4;
  }
  bool IsKept(uint64_t event) const {
    return written_ - event <= ring_.size() && event < written_;
  }
  bool HasLink(uint64_t number) const {
    return number != kNone && number <= joined_ &&
           joined_ - number < links_.size();
  }
  const Link& LinkOf(uint64_t number) const {
    return links_[(number - 1) & (links_.size() - 1)];
  }
  Link& LinkOf(uint64_t number) {
    return links_[(number - 1) & (links_.size() - 1)];
  }
  size_t PlaceOf(uint64_t group) const {
    return (group >> 7) & (heads_.size() - 1);
  }

  std::vector<char> ring_;  // A power of two.
  std::vector<Link> links_;
  std::vector<uint64_t> heads_;  // Numbers of links, from 1 on.
  uint64_t written_ = 0;         // Bytes, ever.
  uint64_t joined_to_ = 0;       // Of them, to the end of what joined last.
  uint64_t joined_ = 0;          // Links, ever.

  bool is_open_ = false;
  bool is_copied_ = false;
  uint64_t copied_at_ = 0;
  std::string_view json_;
  std::string_view id_;
  int64_t time_ = 0;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_INCIDENT_EVENT_LOG_H_
