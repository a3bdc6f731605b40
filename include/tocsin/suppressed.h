// Suppressed: how many detections did not go out, since one like them had.
//
//   tocsin::CallbackSink sink(
//       on_detection, on_incident, [](const tocsin::Suppressed& s) {
//         std::cout << s.count() << " more: " << s.rule().title << "\n";
//       });
//
// A rule that says `suppress 1h by user.name` hands out the first detection of
// a user at once. Those of the hour behind it only count; when the hour is
// over, they are reported once, by their number. One of a higher severity than
// any that went out goes out all the same.
//
// Views are valid during the call that hands it out.

#ifndef TOCSIN_SUPPRESSED_H_
#define TOCSIN_SUPPRESSED_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tocsin/incident.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin {

class Suppressed {
 public:
  // Made by engines.
  struct Data {
    const RuleInfo* rule = nullptr;
    std::string id;
    std::string detection_id;
    std::vector<IncidentKey> keys;
    int64_t count = 0;
    Timestamp first_time;
    Timestamp last_time;
    bool ended_early = false;
    bool over_limit = false;
  };
  explicit Suppressed(const Data& data) : data_(&data) {}

  const RuleInfo& rule() const { return *data_->rule; }

  // 32 hex digits, of this report. The same after a restart or a replay.
  std::string_view id() const { return data_->id; }

  // Detection::id() or Incident::id() of the one that went out.
  std::string_view detection_id() const { return data_->detection_id; }

  // What makes them alike: the fields behind `by`, or the keys of the group.
  std::span<const IncidentKey> keys() const { return data_->keys; }

  // How many did not go out, at least 1, and their times.
  int64_t count() const { return data_->count; }
  Timestamp first_time() const { return data_->first_time; }
  Timestamp last_time() const { return data_->last_time; }

  // It was reported before its time was over, for want of room
  // (EngineOptions::max_suppressed_keys). The next one goes out again.
  bool ended_early() const { return data_->ended_early; }

  // They were not like another one, but more than the rule may find in a while:
  // its `max_signals`.
  bool over_limit() const { return data_->over_limit; }

 private:
  const Data* data_;
};

}  // namespace tocsin

#endif  // TOCSIN_SUPPRESSED_H_
