// Envelopes: JSON objects that are known to carry events, or none.
//
// {"Records":[...]} is not among them: it can be too long to hold, and is the
// splitter's.

#ifndef TOCSIN_SRC_INGEST_ENVELOPE_H_
#define TOCSIN_SRC_INGEST_ENVELOPE_H_

#include <string>
#include <string_view>

namespace tocsin::ingest {

enum class DocumentKind {
  kEvent,
  kNoEvents,   // A CloudTrail digest, a CloudWatch control message.
  kLogEvents,  // A CloudWatch Logs subscription message.
  kRecords,    // A batch of Firehose: records with `data` in base64.
  kRecord,     // One such record: of Kinesis, or the `awslogs` of a function.
};

// `content` is set to the array of a kLogEvents or kRecords, or to the quoted
// data of a kRecord.
DocumentKind Classify(std::string_view object, std::string_view* content);

// The quoted `data` of a record of a batch; empty if it has none.
std::string_view DataOfRecord(std::string_view record);

// A message of CloudWatch Logs, as far as Classify looks at it.
struct LogMessage {
  std::string_view type;        // With its quotes; empty: it has none.
  std::string_view log_events;  // Empty: it has none.
  std::string_view log_group;   // With its quotes.
};
LogMessage ReadLogMessage(std::string_view object);

// The text of a JSON string, given with its quotes, its escapes resolved.
std::string UnquoteJson(std::string_view quoted);

bool IsJsonObject(std::string_view text);

// The event that one of the `logEvents` carries: its `message` where that is
// the text of a JSON object, unescaped into `*buffer`, else `log_event` itself.
std::string_view UnwrapLogEvent(std::string_view log_event,
                                std::string* buffer);

}  // namespace tocsin::ingest

#endif  // TOCSIN_SRC_INGEST_ENVELOPE_H_
