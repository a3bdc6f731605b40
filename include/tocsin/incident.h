// Incident: a correlation fired; several events say something together.
//
//   tocsin::CallbackSink sink(on_detection, [](const tocsin::Incident& i) {
//     std::cout << i.rule().title;
//     for (const tocsin::IncidentKey& key : i.keys()) {
//       std::cout << " " << key.name << "=" << key.value;
//     }
//     std::cout << "\n";
//   });
//
// Views are valid during the call that hands the incident out. Copy what is
// kept. Times are event times.

#ifndef TOCSIN_INCIDENT_H_
#define TOCSIN_INCIDENT_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin {

// What the events have in common. A rule that relates events by any of several
// fields has one for each tie; else there is one for each field of the group.
struct IncidentKey {
  std::string name;
  std::string value;  // Numbers by their decimal text.
  bool missing = false;
};

// A number of the incident: `failed.count`. A count is of events known to lie
// in the window; where the rule asks for at least n there may have been more.
struct IncidentValue {
  std::string name;
  double value = 0;
};

class Incident {
 public:
  // Made by engines.
  struct Data {
    const RuleInfo* rule = nullptr;
    std::string id;
    Timestamp time;
    Timestamp first_time;
    std::vector<IncidentKey> keys;
    std::vector<IncidentValue> values;
    bool revised = false;
    bool exact = true;
  };
  explicit Incident(const Data& data) : data_(&data) {}

  const RuleInfo& rule() const { return *data_->rule; }

  // 32 hex digits: a hash of the rule's content, the keys and the time. The
  // same after a retry, a restart or a replay, in other batches, and whether
  // events came late or not. Fits any `_id` or dedup key.
  std::string_view id() const { return data_->id; }

  // Of the event at which the rule was true, and of the first that counted.
  Timestamp time() const { return data_->time; }
  Timestamp first_time() const { return data_->first_time; }

  std::span<const IncidentKey> keys() const { return data_->keys; }
  std::span<const IncidentValue> values() const { return data_->values; }

  // A late event made the rule true at a time that had been looked at before.
  bool revised() const { return data_->revised; }

  // False: events of the group may have been forgotten for want of memory.
  bool exact() const { return data_->exact; }

 private:
  const Data* data_;
};

}  // namespace tocsin

#endif  // TOCSIN_INCIDENT_H_
