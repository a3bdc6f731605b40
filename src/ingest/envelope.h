// Envelopes: JSON objects that are known to carry events, or none.
//
// {"Records":[...]} is not among them: it can be too long to hold, and is the
// splitter's.

#ifndef TOCSIN_SRC_INGEST_ENVELOPE_H_
#define TOCSIN_SRC_INGEST_ENVELOPE_H_

#include <optional>
#include <string>
#include <string_view>

#include "src/ingest/json_items.h"

namespace tocsin::ingest {

enum class DocumentKind {
  kEvent,
  kNoEvents,   // A CloudTrail digest, a CloudWatch control message.
  kLogEvents,  // A CloudWatch Logs subscription message.
};

// `log_events` is set to the array of a kLogEvents.
DocumentKind Classify(std::string_view object, std::string_view* log_events);

// The event that one of the `logEvents` carries: its `message` where that is
// the text of a JSON object, unescaped into `*buffer`, else `log_event` itself.
std::string_view UnwrapLogEvent(std::string_view log_event,
                                std::string* buffer);

}  // namespace tocsin::ingest

#endif  // TOCSIN_SRC_INGEST_ENVELOPE_H_
