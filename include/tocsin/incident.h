// Incident: several events say something together.
//
// Each time that a correlation fires is a firing. Firings of one rule and group
// that come within a day of each other (or what the rule says: `incident by
// source.ip idle 4h max 2d`) are one incident. It is reported when it is
// opened, each time it is updated by a further firing, and once when it is
// closed: when no firing can join it any more, since the watermark has passed.
//
//   tocsin::CallbackSink sink(on_detection, [](const tocsin::Incident& i) {
//     if (i.change() == tocsin::IncidentChange::kClosed) return;
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

#include <cstdint>
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

// An event that an incident is made of.
struct IncidentEvent {
  std::vector<std::string_view> steps;  // Of the rule, that it is of.
  Timestamp time;
  std::string_view id;    // Empty: the host gave none.
  std::string_view json;  // Empty: it had no text, or a very long one.
};

enum class IncidentChange : uint8_t {
  kOpened,   // Its first firing.
  kUpdated,  // A further one.
  kClosed,   // There will be no other. Not a firing.
};

// "opened", "updated", "closed".
std::string_view IncidentChangeName(IncidentChange change);

// One report of an incident.
class Incident {
 public:
  // What is worked out only when a sink asks for it.
  class Details {
   public:
    virtual std::string_view id() const = 0;
    virtual std::span<const IncidentKey> keys() const = 0;
    virtual std::span<const IncidentValue> values() const { return {}; }
    virtual std::string_view message() const { return {}; }
    // "", less than 0: as the rule says.
    virtual std::string_view title() const { return {}; }
    virtual double risk_score() const { return -1; }
    virtual std::span<const IncidentEvent> events() const { return {}; }
    virtual bool has_all_events() const { return false; }
    virtual bool is_sequence() const { return false; }
    virtual std::span<const std::string> indicators() const { return {}; }

   protected:
    ~Details() = default;
  };

  // Made by engines. All that is referred to must outlive the report.
  struct Data {
    const RuleInfo* rule = nullptr;
    Timestamp time;
    Timestamp first_time;
    std::string_view level;
    bool revised = false;
    bool exact = true;
    IncidentChange change = IncidentChange::kOpened;
    std::string_view incident_id;
    int64_t firings = 1;
    Timestamp incident_begin;
    Timestamp incident_end;
    bool closed_early = false;
  };
  Incident(const Data& data, const Details& details)
      : data_(&data), details_(&details) {}

  const RuleInfo& rule() const { return *data_->rule; }

  IncidentChange change() const { return data_->change; }

  // 32 hex digits, of this report: a hash of the rule's content, the keys and
  // the time. The same after a retry, a restart or a replay, in other batches,
  // and whether events came late or not. Fits any `_id` or dedup key. Made when
  // first asked for, as are keys(), values(), message() and events().
  std::string_view id() const { return details_->id(); }

  // Of all reports of the incident: the id of the one that opened it.
  std::string_view incident_id() const { return data_->incident_id; }

  // Firings of the incident so far.
  int64_t firings() const { return data_->firings; }

  // Of the event at which the rule was true, and of the first that counted. Of
  // one that is closed, as the next two.
  Timestamp time() const { return data_->time; }
  Timestamp first_time() const { return data_->first_time; }

  // Of all firings so far: the time of the first event that counted, and the
  // last time at which the rule was true.
  Timestamp incident_begin() const { return data_->incident_begin; }
  Timestamp incident_end() const { return data_->incident_end; }

  // What the events of the firing have in common; of an incident that is
  // closed, those of all its firings.
  std::span<const IncidentKey> keys() const { return details_->keys(); }

  // How grave it is: the rule's level, or what the rule has for such firings.
  std::string_view level() const { return data_->level; }

  // What it is called: the rule's title, or what the rule takes from what its
  // events have in common.
  std::string_view title() const {
    const std::string_view title = details_->title();
    return title.empty() ? std::string_view(rule().title) : title;
  }

  // From 0 to 100, of the rule or, where it takes it from there, of what its
  // events have in common. Less than 0: there is none.
  double risk_score() const {
    const double score = details_->risk_score();
    return score < 0 ? rule().risk_score : score;
  }

  // For people: the rule's message, with values of the firing, or its title and
  // what the events have in common. Empty of one that is closed.
  std::string_view message() const { return details_->message(); }

  // None of one that is closed.
  std::span<const IncidentValue> values() const { return details_->values(); }

  // Some of the events of the firing's window, by their time: the first and the
  // latest of those that are still known (EngineOptions::sample_bytes). Counts
  // are in values(). None of an incident that is closed.
  std::span<const IncidentEvent> events() const { return details_->events(); }

  // Whether the events are those of a sequence, in its order: one for each of
  // its stages, but for those that must be missing. Of one that is not known
  // any more there is the time.
  bool is_sequence() const { return details_->is_sequence(); }

  // Of a rule that matches indicators: those that it found in the event, the
  // newest first, each a JSON object.
  std::span<const std::string> indicators() const {
    return details_->indicators();
  }

  // Whether these are all events of the window, or of the sequence, whole.
  bool has_all_events() const { return details_->has_all_events(); }

  // Others were closed for want of room (EngineOptions::max_open_incidents)
  // before they had come to their end, and this is one of them.
  bool closed_early() const { return data_->closed_early; }

  // A late event made the rule true at a time that had been looked at before.
  bool revised() const { return data_->revised; }

  // False: events of the group may have been forgotten for want of memory. Of
  // one that is closed: for any of its firings.
  bool exact() const { return data_->exact; }

 private:
  const Data* data_;
  const Details* details_;
};

}  // namespace tocsin

#endif  // TOCSIN_INCIDENT_H_
