// FiredEvent: what a rule fired, as an event for others.

#ifndef TOCSIN_SRC_RUNTIME_CORRELATE_FIRED_EVENT_H_
#define TOCSIN_SRC_RUNTIME_CORRELATE_FIRED_EVENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/program/correlation.h"
#include "src/runtime/correlate/keyed_event.h"

namespace tocsin::runtime {

// What a rule fired and others read, until they are fed with it.
struct FiredEvent {
  uint32_t rule = 0;
  Moment at;
  std::string key;
  std::vector<double> values;
  std::string level;
  bool is_alert = false;
  std::string risk;  // Not empty: a finding for rules that read risks.
};

// The finding, a JSON object: `members`, then keys, the tie, and values.
std::string FindingOf(const program::Correlation& rule, const FiredEvent& event,
                      std::string_view members);

}  // namespace tocsin::runtime

#endif  // TOCSIN_SRC_RUNTIME_CORRELATE_FIRED_EVENT_H_
