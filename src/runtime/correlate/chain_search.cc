#include "src/runtime/correlate/chain_search.h"

#include <algorithm>

#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {

// Candidates, and those that stand with the last of them in one leg; and one
// more, to know whether there are any.
void ChainSearch::FindPlaces(uint32_t low, uint32_t end, At at) {
  for (auto& places : places_) places.clear();
  const size_t legs = rule_.legs.size();
  size_t full = 0;
  for (uint32_t i = end;; --i) {
    const StoredEvent& event = at(i);
    for (size_t leg = 0; leg < legs; ++leg) {
      // The last event of the last leg is given, and fills no other.
      const bool is_last = leg + 1 == legs;
      const uint32_t candidates = is_last ? 0 : kMostCandidates;
      const size_t most = candidates + rule_.legs[leg].count;
      if ((event.steps & rule_.legs[leg].steps) == 0 ||
          (i == end && !is_last) || places_[leg].size() == most) {
        continue;
      }
      places_[leg].push_back(i);
      if (places_[leg].size() == most) ++full;
    }
    // What ends a chain may begin the next one.
    if (i == low || full == legs ||
        (i < end && (event.steps & rule_.until) != 0)) {
      return;
    }
  }
}

bool ChainSearch::IsLeg(size_t leg, uint32_t candidate, At at) const {
  const program::CorrelationLeg& wanted = rule_.legs[leg];
  const std::vector<uint32_t>& places = places_[leg];
  const size_t first = candidate + wanted.count - 1;
  if (first >= places.size()) return false;
  if (leg == 0) return true;
  const uint32_t before = last_[leg - 1];
  const uint32_t last = places[candidate];
  if (places[first] <= before) return false;
  if (wanted.gap != program::kForever &&
      SubTime(at(last).time, at(before).time) > wanted.gap) {
    return false;
  }
  const program::StepMask absent = rule_.legs[leg - 1].not_after;
  if (absent == 0) return true;
  // Up to the first event that can be of the leg.
  for (uint32_t i = before + 1; i <= last; ++i) {
    const bool begins =
        wanted.count == 1 ? i == last : (at(i).steps & wanted.steps) != 0;
    if (begins) return true;
    if ((at(i).steps & absent) != 0) return false;
  }
  return true;
}

bool ChainSearch::Try(size_t leg, At at, Passes passes) {
  const bool is_last = leg + 1 == rule_.legs.size();
  const std::vector<uint32_t>& places = places_[leg];
  for (uint32_t candidate = 0; candidate < places.size(); ++candidate) {
    if (is_last && candidate > 0) return false;
    if (leg > 0 && places[candidate] <= last_[leg - 1]) return false;
    if (!is_last && candidate >= kMostCandidates) {
      found_.is_cut = true;
      return false;
    }
    if (++tried_ > kMostTried) {
      found_.is_cut = true;
      return false;
    }
    if (!IsLeg(leg, candidate, at)) continue;
    last_[leg] = places[candidate];
    if (leg == 0) found_.first = places[candidate + rule_.legs[0].count - 1];
    if (!is_last) {
      if (Try(leg + 1, at, passes)) return true;
      if (tests_ > kMostTests || tried_ > kMostTried) return false;
      continue;
    }
    if (++tests_ > kMostTests) {
      found_.is_cut = true;
      return false;
    }
    if (passes(last_)) return true;
  }
  return false;
}

ChainSearch::Found ChainSearch::Find(uint32_t low, uint32_t end, At at,
                                     Passes passes) {
  tests_ = 0;
  tried_ = 0;
  found_ = {};
  FindPlaces(low, end, at);
  found_.is_there = Try(0, at, passes);
  return found_;
}

}  // namespace tocsin::runtime
