#include "src/ingest/envelope.h"

#include "src/base/json_items.h"
#include "src/base/json_unescape.h"

namespace tocsin::ingest {
namespace {

using base::JsonItems;

// The members of an envelope, as far as they tell what it is.
struct Members {
  std::string_view message_type;
  std::string_view log_events;
  std::string_view records;
  std::string_view awslogs;
  std::string_view kinesis;
  bool has_log_group = false;
  bool has_digest_start = false;
  bool has_digest_object = false;
  bool has_digest_signature = false;
  bool has_stream = false;
  bool has_request = false;
  bool has_timestamp = false;
};

// An envelope begins with one of its own names, so other events are told by
// their first member.
bool MayBeEnvelope(std::string_view first_key) {
  return first_key == "messageType" || first_key == "owner" ||
         first_key == "logGroup" || first_key == "logStream" ||
         first_key == "subscriptionFilters" || first_key == "logEvents" ||
         first_key == "awsAccountId" || first_key.starts_with("digest") ||
         first_key == "invocationId" || first_key == "deliveryStreamArn" ||
         first_key == "requestId" || first_key == "awslogs" ||
         first_key == "kinesis";
}

Members ReadMembers(JsonItems* items) {
  Members members;
  do {
    const std::string_view key = items->key();
    if (key == "messageType") members.message_type = items->value();
    if (key == "logEvents") members.log_events = items->value();
    if (key == "records") members.records = items->value();
    if (key == "awslogs") members.awslogs = items->value();
    if (key == "kinesis") members.kinesis = items->value();
    members.has_log_group |= key == "logGroup";
    members.has_digest_start |= key == "digestStartTime";
    members.has_digest_object |= key == "digestS3Object";
    members.has_digest_signature |= key == "digestSignatureAlgorithm";
    members.has_stream |= key == "deliveryStreamArn";
    members.has_request |= key == "requestId";
    members.has_timestamp |= key == "timestamp";
  } while (items->Next());
  return members;
}

bool IsQuoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

// Batches as Firehose hands them to a function, and as it posts them.
bool IsBatch(const Members& members) {
  if (!members.records.starts_with('[')) return false;
  if (members.has_stream) return true;
  if (!members.has_request || !members.has_timestamp) return false;
  JsonItems records(members.records);
  return records.Next() && !DataOfRecord(records.value()).empty();
}

}  // namespace

DocumentKind Classify(std::string_view object, std::string_view* content) {
  JsonItems items(object);
  if (!items.Next() || !MayBeEnvelope(items.key())) {
    return DocumentKind::kEvent;
  }
  const Members members = ReadMembers(&items);
  if (members.has_digest_start && members.has_digest_object &&
      members.has_digest_signature) {
    return DocumentKind::kNoEvents;
  }
  if (IsBatch(members)) {
    *content = members.records;
    return DocumentKind::kRecords;
  }
  for (const std::string_view record : {members.awslogs, members.kinesis}) {
    *content = DataOfRecord(record);
    if (!content->empty()) return DocumentKind::kRecord;
  }
  if (!members.has_log_group || !members.log_events.starts_with('[')) {
    return DocumentKind::kEvent;
  }
  if (members.message_type == "\"CONTROL_MESSAGE\"") {
    return DocumentKind::kNoEvents;
  }
  if (members.message_type != "\"DATA_MESSAGE\"") return DocumentKind::kEvent;
  if (!JsonItems(members.log_events).Next()) return DocumentKind::kNoEvents;
  *content = members.log_events;
  return DocumentKind::kLogEvents;
}

std::string_view DataOfRecord(std::string_view record) {
  if (!record.starts_with('{')) return {};
  JsonItems items(record);
  while (items.Next()) {
    if (items.key() == "data" && IsQuoted(items.value())) return items.value();
  }
  return {};
}

LogMessage ReadLogMessage(std::string_view object) {
  LogMessage message;
  JsonItems items(object);
  while (items.Next()) {
    if (items.key() == "messageType") message.type = items.value();
    if (items.key() == "logGroup") message.log_group = items.value();
    if (items.key() == "logEvents" && items.value().starts_with('[')) {
      message.log_events = items.value();
    }
  }
  return message;
}

std::string UnquoteJson(std::string_view quoted) {
  if (!IsQuoted(quoted)) return {};
  std::string text(quoted.substr(1, quoted.size() - 2));
  text.resize(base::UnescapeJsonInPlace(text.data(), text.size()));
  return text;
}

bool IsJsonObject(std::string_view text) {
  return text.starts_with('{') && text.ends_with('}') &&
         base::WholeJsonValueSize(text) == text.size();
}

std::string_view UnwrapLogEvent(std::string_view log_event,
                                std::string* buffer) {
  JsonItems items(log_event);
  while (items.Next()) {
    if (items.key() != "message") continue;
    if (!IsQuoted(items.value())) return log_event;
    *buffer = UnquoteJson(items.value());
    const std::string_view message = base::TrimJsonBlanks(*buffer);
    return IsJsonObject(message) ? message : log_event;
  }
  return log_event;
}

}  // namespace tocsin::ingest
