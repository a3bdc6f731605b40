// Detection: one rule fired.
//
// Views point into the event and the rule set; they are valid during the call
// that hands the detection out. Copy what is kept.

#ifndef TOCSIN_DETECTION_H_
#define TOCSIN_DETECTION_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tocsin/event.h"
#include "tocsin/field_value.h"
#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin {

// Where the time of an event came from.
enum class TimeSource : uint8_t {
  kHost,     // Event::set_time.
  kField,    // A time field of the event.
  kArrival,  // Event::set_arrival_time, for want of a better one.
  kNone,     // There was none: the time is 1970-01-01T00:00:00Z.
};

// One predicate that was true and bears on the result.
struct MatchedField {
  std::string_view field;      // As the rule names it; "" for a keyword.
  std::string_view selection;  // Name of the selection it stands in.
  // The value that matched. For a test that holds because the field is absent
  // or null, a null; `absent` tells which.
  FieldValue value;
  bool absent = false;
};

// What clauses of a rule say of one of its detections.
struct DetectionTexts {
  std::string level;
  std::string message;
  std::string title;
  double risk_score = -1;
};

class Detection {
 public:
  // What is worked out only when a sink asks for it.
  class Details {
   public:
    virtual std::string_view id() const = 0;
    virtual std::span<const MatchedField> matched() const = 0;

   protected:
    ~Details() = default;
  };

  // Made by engines. All that is referred to must outlive the detection.
  Detection(const RuleInfo& rule, const Event& event, Timestamp time,
            TimeSource time_source, const Details& details,
            const DetectionTexts* texts = nullptr)
      : rule_(&rule),
        event_(&event),
        details_(&details),
        texts_(texts),
        time_(time),
        time_source_(time_source) {}

  const RuleInfo& rule() const { return *rule_; }
  const Event& event() const { return *event_; }

  // How grave it is: the rule's level, or what the rule has for such events.
  std::string_view level() const {
    return texts_ != nullptr ? texts_->level : rule_->level;
  }
  // What it is called: the rule's title, or what the rule takes from the event.
  std::string_view title() const {
    return texts_ != nullptr ? texts_->title : rule_->title;
  }
  // From 0 to 100: that of the rule, or of the event where the rule takes it
  // from there. Less than 0: there is none.
  double risk_score() const {
    return texts_ != nullptr ? texts_->risk_score : rule_->risk_score;
  }
  // For people: the rule's message, with values of the event, or its title.
  std::string_view message() const {
    return texts_ != nullptr ? texts_->message : rule_->title;
  }

  Timestamp time() const { return time_; }
  TimeSource time_source() const { return time_source_; }

  // 32 hex digits: a hash of the rule's content and the event's identity. The
  // same after a retry, a restart or a replay. Fits any `_id` or dedup key.
  // Costs a hash over the event when first asked for.
  std::string_view id() const { return details_->id(); }

  // The tests that made the rule match. Found when first asked for.
  std::span<const MatchedField> matched() const { return details_->matched(); }

 private:
  const RuleInfo* rule_;
  const Event* event_;
  const Details* details_;
  const DetectionTexts* texts_;
  Timestamp time_;
  TimeSource time_source_;
};

}  // namespace tocsin

#endif  // TOCSIN_DETECTION_H_
