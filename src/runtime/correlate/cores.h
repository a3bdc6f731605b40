// Cores: what is kept of one group of a rule whose answer needs no more than a
// few times, as plain words that can be copied. A core is fed events in order.
//
// Its words are that of the policy, if any, and rings of times. A ring for a
// count of n holds the n newest times, so that the oldest of them tells whether
// n lie in a window. Rings begin with room for two and grow with what a group
// needs: `room` is the most that any ring of a core holds now.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_CORES_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_CORES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "src/program/correlation.h"
#include "src/runtime/correlate/keyed_event.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"

namespace tocsin::runtime {

// What a policy keeps of a group: one word, if any.
//   kEdge: 1 if it was false since it last fired, else 0.
//   kThrottle: when it last fired, or kNever.
inline size_t PolicyWords(const program::Correlation& rule) {
  return rule.fire == base::FirePolicy::kEdge ||
                 rule.fire == base::FirePolicy::kThrottle
             ? 1
             : 0;
}
inline int64_t FirstPolicyWord(const program::Correlation& rule) {
  return rule.fire == base::FirePolicy::kEdge ? 1 : kNever;
}

// The rule was found false.
inline void SetFalse(const program::Correlation& rule, int64_t* policy) {
  if (rule.fire == base::FirePolicy::kEdge) *policy = 1;
}

// Whether a rule that is true at `time` fires; `clear` tells that the events
// are spent.
inline bool Decide(const program::Correlation& rule, int64_t time,
                   int64_t* policy, bool* clear) {
  switch (rule.fire) {
    case base::FirePolicy::kEvery:
      return true;
    case base::FirePolicy::kEdge:
      return std::exchange(*policy, 0) != 0;
    case base::FirePolicy::kReset:
      *clear = true;
      return true;
    case base::FirePolicy::kThrottle:
      if (*policy != kNever && SubTime(time, *policy) < rule.throttle) {
        return false;
      }
      *policy = time;
      return true;
  }
  return true;
}

// What a step of a core found.
struct CoreStep {
  bool fired = false;
  int64_t first = 0;  // Time of the first event that counted.
};

// A ring of a core: where it lies and how wide its entries are. Entries are
// times, or pairs of them.
class Ring {
 public:
  Ring(uint32_t most, uint32_t width) : most_(most), width_(width) {}

  uint32_t most() const { return most_; }
  uint32_t Room(uint32_t room) const { return std::min(room, most_); }
  // One word for the place of the oldest entry, unless there is but one.
  size_t Words(uint32_t room) const {
    return (most_ > 1 ? 1 : 0) + size_t{Room(room)} * width_;
  }

  void Init(int64_t* words, uint32_t room) const {
    std::fill_n(words, Words(room), kNever);
    if (most_ > 1) words[0] = 0;
  }

  // The oldest entry there is room for.
  const int64_t* Oldest(const int64_t* words) const {
    return most_ > 1 ? words + 1 + static_cast<size_t>(words[0]) * width_
                     : words;
  }
  // The same if it is the `most`-th newest; else null.
  const int64_t* Last(const int64_t* words, uint32_t room) const {
    return room < most_ ? nullptr : Oldest(words);
  }

  const int64_t* Newest(const int64_t* words, uint32_t room) const {
    if (most_ == 1) return words;
    const auto next = static_cast<uint32_t>(words[0]);
    return words + 1 + size_t{next == 0 ? Room(room) - 1 : next - 1} * width_;
  }

  void Push(int64_t* words, uint32_t room, int64_t first,
            int64_t second = 0) const {
    auto* entry = const_cast<int64_t*>(Oldest(words));
    entry[0] = first;
    if (width_ > 1) entry[1] = second;
    if (most_ > 1 && ++words[0] == Room(room)) words[0] = 0;
  }

  // Whether Push would lose an entry that a window from `start` on still needs.
  bool IsFull(const int64_t* words, uint32_t room, int64_t start) const {
    return room < most_ && Oldest(words)[0] >= start;
  }

  // How many entries are not before `start`.
  uint32_t Count(const int64_t* words, uint32_t room, int64_t start) const {
    const int64_t* entries = words + (most_ > 1 ? 1 : 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < Room(room); ++i) {
      if (entries[size_t{i} * width_] >= start) ++count;
    }
    return count;
  }

  // Copies into a ring with more room: what is empty comes first.
  void Grow(const int64_t* from, uint32_t room, int64_t* to,
            uint32_t to_room) const {
    Init(to, to_room);
    const uint32_t size = Room(room);
    const uint32_t more = Room(to_room) - size;
    const size_t shift = most_ > 1 ? 1 : 0;
    for (uint32_t i = 0; i < size; ++i) {
      const uint32_t at =
          most_ > 1 ? (static_cast<uint32_t>(from[0]) + i) % size : i;
      std::copy_n(from + shift + size_t{at} * width_, width_,
                  to + shift + size_t{more + i} * width_);
    }
  }

  // Entries from the oldest on, without empty ones.
  void Save(const int64_t* words, uint32_t room,
            state::SnapshotWriter* out) const {
    const int64_t* const entries = words + (most_ > 1 ? 1 : 0);
    const uint32_t size = Room(room);
    out->Put32(Count(words, room, kNever + 1));
    for (uint32_t i = 0; i < size; ++i) {
      const uint32_t at =
          most_ > 1 ? (static_cast<uint32_t>(words[0]) + i) % size : 0;
      const int64_t* const entry = entries + size_t{at} * width_;
      if (entry[0] == kNever) continue;
      for (uint32_t w = 0; w < width_; ++w) out->PutInt(entry[w]);
    }
  }

  // Appends how many entries there are, and their words, to `read`.
  uint32_t Load(state::SnapshotReader* in, std::vector<int64_t>* read) const {
    const uint32_t count = in->Get32();
    if (count > most_ || count > in->remaining() / 8 / width_) {
      in->Fail("has more times of a group than its rule asks for");
      return 0;
    }
    read->push_back(count);
    for (uint32_t i = 0; i < count * width_; ++i) {
      read->push_back(in->GetInt());
      if (i % width_ == 0 && read->back() == kNever) {
        in->Fail("has an empty time");
      }
    }
    return count;
  }

  // Puts what Load read into an empty ring. Returns what comes behind it.
  const int64_t* Fill(const int64_t* read, int64_t* words,
                      uint32_t room) const {
    const auto count = static_cast<uint32_t>(*read++);
    for (uint32_t i = 0; i < count; ++i, read += width_) {
      Push(words, room, read[0], width_ > 1 ? read[1] : 0);
    }
    return read;
  }

 private:
  uint32_t most_;
  uint32_t width_;
};

// What both kinds of core have in common: words of the policy, words of the
// kind, and rings.
class CoreLayout {
 public:
  uint32_t most_room() const { return most_room_; }
  size_t Bytes(uint32_t room) const {
    size_t words = fixed_words_;
    if (most_room_ == 1) return (words + rings_.size()) * 8;
    for (const Ring& ring : rings_) words += ring.Words(room);
    return words * 8;
  }

  void Init(int64_t* core, uint32_t room) const {
    if (policy_words_ > 0) *core = FirstPolicyWord(rule_);
    Clear(core, room);
  }

  // Forgets all events, but not when it fired.
  void Clear(int64_t* core, uint32_t room) const {
    std::fill(core + policy_words_, core + Bytes(room) / 8, kNever);
    if (most_room_ == 1) return;
    int64_t* words = core + fixed_words_;
    for (const Ring& ring : rings_) {
      if (ring.most() > 1) words[0] = 0;
      words += ring.Words(room);
    }
  }

  void Grow(const int64_t* from, uint32_t room, int64_t* to,
            uint32_t to_room) const {
    std::copy_n(from, fixed_words_, to);
    from += fixed_words_;
    to += fixed_words_;
    for (const Ring& ring : rings_) {
      ring.Grow(from, room, to, to_room);
      from += ring.Words(room);
      to += ring.Words(to_room);
    }
  }

  void Save(const int64_t* core, uint32_t room,
            state::SnapshotWriter* out) const {
    for (size_t i = 0; i < fixed_words_; ++i) out->PutInt(core[i]);
    const int64_t* words = core + fixed_words_;
    for (const Ring& ring : rings_) {
      ring.Save(words, room, out);
      words += ring.Words(room);
    }
  }

  // Appends to `read`, for Fill. Returns what room a core needs for it.
  uint32_t Load(state::SnapshotReader* in, std::vector<int64_t>* read) const {
    for (size_t i = 0; i < fixed_words_; ++i) read->push_back(in->GetInt());
    uint32_t room = 1;
    for (const Ring& ring : rings_) room = std::max(room, ring.Load(in, read));
    return room;
  }

  // Makes a core of what Load read; returns what comes behind it.
  const int64_t* Fill(const int64_t* read, int64_t* core, uint32_t room) const {
    Init(core, room);
    std::copy_n(read, fixed_words_, core);
    read += fixed_words_;
    int64_t* words = core + fixed_words_;
    for (const Ring& ring : rings_) {
      read = ring.Fill(read, words, room);
      words += ring.Words(room);
    }
    return read;
  }

 protected:
  explicit CoreLayout(const program::Correlation& rule)
      : rule_(rule),
        policy_words_(PolicyWords(rule)),
        fixed_words_(policy_words_) {}

  void AddRing(uint32_t most, uint32_t width) {
    rings_.emplace_back(most, width);
    most_room_ = std::max(most_room_, most);
  }

  const program::Correlation& rule_;
  std::vector<Ring> rings_;
  const size_t policy_words_;
  size_t fixed_words_;
  uint32_t most_room_ = 1;
};

// Counts in a window: all parts, or any of them.
class ThresholdCore : public CoreLayout {
 public:
  explicit ThresholdCore(const program::Correlation& rule)
      : CoreLayout(rule), asks_once_(rule.trigger_counts && !rule.any_part) {
    for (const auto& part : rule.parts) {
      AddRing(part.count, 1);
      part_steps_.push_back(part.steps);
      asks_once_ &= part.count == 1;
    }
  }

  bool IsFull(const int64_t* core, uint32_t room, int64_t time,
              program::StepMask steps) const {
    const int64_t start = WindowStart(rule_, time);
    const int64_t* words = core + fixed_words_;
    for (size_t i = 0; i < rings_.size(); ++i) {
      if ((steps & rule_.parts[i].steps) != 0 &&
          rings_[i].IsFull(words, room, start)) {
        return true;
      }
      words += rings_[i].Words(room);
    }
    return false;
  }

  // Adds an event. If that makes it fire, `values` are filled.
  CoreStep Step(int64_t* core, uint32_t room, int64_t time,
                program::StepMask steps, double* values) const {
    if (asks_once_) return StepOnce(core, room, time, steps, values);
    const int64_t start = WindowStart(rule_, time);
    const bool is_trigger = (steps & rule_.triggers) != 0;
    int64_t first = time;
    bool is_true = false;
    if (!rule_.trigger_counts || policy_words_ > 0) {
      is_true = IsTrue(core, room, start, &first);
      if (!is_true) SetFalse(rule_, core);
    }
    if (rule_.trigger_counts) {
      Push(core, room, time, steps);
      if (!is_trigger) return {};
      first = time;
      is_true = IsTrue(core, room, start, &first);
    }
    bool clear = false;
    const bool fired =
        is_true && is_trigger && Decide(rule_, time, core, &clear);
    if (fired) Values(core, room, start, values);
    if (clear) {
      Clear(core, room);
    } else if (!rule_.trigger_counts) {
      Push(core, room, time, steps);
    }
    return {.fired = fired, .first = first};
  }

  // One for each part: how many of its events lie in the window.
  size_t value_count() const { return rings_.size(); }

  // Unless a policy looks back, a core is the newest events of each part, so
  // many as it asks for: one can be made for any moment, and no event counts
  // any more behind so many others of its parts.
  static constexpr bool kIsNewestEvents = true;
  size_t part_count() const { return rings_.size(); }
  program::StepMask PartSteps(size_t part) const { return part_steps_[part]; }
  uint32_t PartCount(size_t part) const { return rings_[part].most(); }
  void PushPart(int64_t* core, uint32_t room, size_t part, int64_t time) const {
    int64_t* words = core + fixed_words_;
    for (size_t i = 0; i < part; ++i) words += rings_[i].Words(room);
    rings_[part].Push(words, room, time);
  }

 private:
  // Step where all parts ask for one event each: of each part the time of its
  // newest event is kept, one word behind the other.
  CoreStep StepOnce(int64_t* core, uint32_t room, int64_t time,
                    program::StepMask steps, double* values) const {
    const int64_t start = WindowStart(rule_, time);
    int64_t* const newest = core + policy_words_;
    const size_t parts = part_steps_.size();
    if (policy_words_ > 0) {
      int64_t least = time;
      for (size_t i = 0; i < parts; ++i) least = std::min(least, newest[i]);
      if (least < start) SetFalse(rule_, core);
    }
    int64_t least = time;
    for (size_t i = 0; i < parts; ++i) {
      // Without a branch: of which part an event is cannot be guessed.
      const int64_t is_of =
          -static_cast<int64_t>((steps & part_steps_[i]) != 0);
      newest[i] = (time & is_of) | (newest[i] & ~is_of);
      least = std::min(least, newest[i]);
    }
    if (least < start || (steps & rule_.triggers) == 0) return {};
    bool clear = false;
    const bool fired = Decide(rule_, time, core, &clear);
    if (fired) std::fill_n(values, parts, 1);
    if (clear) Clear(core, room);
    return {.fired = fired, .first = least};
  }

  void Values(const int64_t* core, uint32_t room, int64_t start,
              double* values) const {
    const int64_t* words = core + fixed_words_;
    for (size_t i = 0; i < rings_.size(); ++i) {
      values[i] = rings_[i].Count(words, room, start);
      words += rings_[i].Words(room);
    }
  }

  bool IsTrue(const int64_t* core, uint32_t room, int64_t start,
              int64_t* first) const {
    const int64_t* words = core + fixed_words_;
    for (const Ring& ring : rings_) {
      const int64_t* const last = ring.Last(words, room);
      const bool holds = last != nullptr && *last >= start;
      if (holds) *first = std::min(*first, *last);
      if (holds == rule_.any_part) return holds;
      words += ring.Words(room);
    }
    return !rule_.any_part;
  }

  void Push(int64_t* core, uint32_t room, int64_t time,
            program::StepMask steps) const {
    int64_t* words = core + fixed_words_;
    for (size_t i = 0; i < rings_.size(); ++i) {
      if ((steps & rule_.parts[i].steps) != 0) {
        rings_[i].Push(words, room, time);
      }
      words += rings_[i].Words(room);
    }
  }

  std::vector<program::StepMask> part_steps_;
  bool asks_once_;
};

// Legs one behind the other. For each leg but the last the newest chain up to
// it is kept: when it began and, where a rule has gaps, when it ended. A leg
// with a count has a ring of the chains up to the leg before that its newest
// events found.
class ChainCore : public CoreLayout {
 public:
  explicit ChainCore(const program::Correlation& rule)
      : CoreLayout(rule), is_absence_(rule.legs.back().not_after != 0) {
    for (const auto& leg : rule.legs) {
      if (leg.gap != program::kForever) width_ = 2;
    }
    fixed_words_ += (rule.legs.size() - 1) * width_;
    for (const auto& leg : rule.legs) {
      if (leg.count > 1) AddRing(leg.count, width_);
    }
  }

  bool IsFull(const int64_t* core, uint32_t room, int64_t time,
              program::StepMask steps) const {
    const int64_t start = WindowStart(rule_, time);
    const int64_t* words = core + fixed_words_;
    size_t ring = 0;
    for (const auto& leg : rule_.legs) {
      if (leg.count == 1) continue;
      if ((steps & leg.steps) != 0 && rings_[ring].IsFull(words, room, start)) {
        return true;
      }
      words += rings_[ring++].Words(room);
    }
    return false;
  }

  // Adds an event. If that makes it fire, or something absent has to be waited
  // for, `values` are filled.
  CoreStep Step(int64_t* core, uint32_t room, int64_t time,
                program::StepMask steps, double* values) const {
    const int64_t start = WindowStart(rule_, time);
    const size_t legs = rule_.legs.size();
    if (legs == 1 || Chain(core, legs - 2)[0] < start) SetFalse(rule_, core);

    CoreStep found;
    bool is_complete = false;
    int64_t* ring_words = core + fixed_words_;
    for (const Ring& ring : rings_) ring_words += ring.Words(room);
    size_t ring = rings_.size();
    // From the last leg to the first, so that no event fills two.
    for (size_t i = legs; i-- > 0;) {
      const program::CorrelationLeg& leg = rule_.legs[i];
      const Ring* const counted = leg.count > 1 ? &rings_[--ring] : nullptr;
      if (counted != nullptr) ring_words -= counted->Words(room);
      if (i + 1 < legs && (steps & leg.not_after) != 0) {
        Chain(core, i)[0] = kNever;
      }
      if ((steps & leg.steps) != 0) {
        int64_t begin = time;
        int64_t before = time;
        if (i > 0) {
          begin = Chain(core, i - 1)[0];
          if (width_ > 1) before = Chain(core, i - 1)[1];
        }
        if (begin < start && counted != nullptr) {
          // Nothing to begin with, but a chain that counts already goes on.
          const int64_t* const newest = counted->Newest(ring_words, room);
          begin = newest[0];
          if (width_ > 1) before = newest[1];
        }
        if (begin >= start && counted != nullptr) {
          counted->Push(ring_words, room, begin, before);
          const int64_t* const last = counted->Last(ring_words, room);
          begin = last == nullptr ? kNever : last[0];
          if (last != nullptr && width_ > 1) before = last[1];
        }
        if (begin >= start && (leg.gap == program::kForever ||
                               SubTime(time, before) <= leg.gap)) {
          if (i + 1 == legs) {
            is_complete = true;
            found.first = begin;
          } else {
            Chain(core, i)[0] = begin;
            if (width_ > 1) Chain(core, i)[1] = time;
          }
        }
      }
      if (i + 1 == legs && (steps & rule_.until) != 0) {
        Clear(core, room);
        // It ends what began before it, and may begin a chain itself.
        if (i == 0 && counted != nullptr && (steps & leg.steps) != 0) {
          counted->Push(ring_words, room, time, time);
        }
      }
    }
    if (!is_complete) return found;
    bool clear = false;
    found.fired = is_absence_ || Decide(rule_, time, core, &clear);
    if (found.fired) Values(core, room, start, values);
    if (clear) Clear(core, room);
    return found;
  }

  // One for each leg: how many of its events are known to lie in the window.
  size_t value_count() const { return rule_.legs.size(); }

  static constexpr bool kIsNewestEvents = false;

 private:
  void Values(const int64_t* core, uint32_t room, int64_t start,
              double* values) const {
    const int64_t* words = core + fixed_words_;
    size_t ring = 0;
    for (size_t i = 0; i < rule_.legs.size(); ++i) {
      values[i] = 1;
      if (rule_.legs[i].count == 1) continue;
      values[i] = rings_[ring].Count(words, room, start);
      words += rings_[ring++].Words(room);
    }
  }

  int64_t* Chain(int64_t* core, size_t leg) const {
    return core + policy_words_ + leg * width_;
  }

  uint32_t width_ = 1;
  // A chain with something absent behind it: complete is not yet true, and the
  // policy is asked later.
  const bool is_absence_;
};

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_CORES_H_
