#include "src/ingest/envelope.h"

#include "src/base/json_unescape.h"

namespace tocsin::ingest {
namespace {

// The members of an envelope, as far as they tell what it is.
struct Members {
  std::string_view message_type;
  std::string_view log_events;
  bool has_log_group = false;
  bool has_digest_start = false;
  bool has_digest_object = false;
  bool has_digest_signature = false;
};

// An envelope begins with one of its own names, so other events are told by
// their first member.
bool MayBeEnvelope(std::string_view first_key) {
  return first_key == "messageType" || first_key == "owner" ||
         first_key == "logGroup" || first_key == "logStream" ||
         first_key == "subscriptionFilters" || first_key == "logEvents" ||
         first_key == "awsAccountId" || first_key.starts_with("digest");
}

Members ReadMembers(JsonItems* items) {
  Members members;
  do {
    const std::string_view key = items->key();
    if (key == "messageType") members.message_type = items->value();
    if (key == "logEvents") members.log_events = items->value();
    members.has_log_group |= key == "logGroup";
    members.has_digest_start |= key == "digestStartTime";
    members.has_digest_object |= key == "digestS3Object";
    members.has_digest_signature |= key == "digestSignatureAlgorithm";
  } while (items->Next());
  return members;
}

}  // namespace

DocumentKind Classify(std::string_view object, std::string_view* log_events) {
  JsonItems items(object);
  if (!items.Next() || !MayBeEnvelope(items.key())) {
    return DocumentKind::kEvent;
  }
  const Members members = ReadMembers(&items);
  if (members.has_digest_start && members.has_digest_object &&
      members.has_digest_signature) {
    return DocumentKind::kNoEvents;
  }
  if (!members.has_log_group || !members.log_events.starts_with('[')) {
    return DocumentKind::kEvent;
  }
  if (members.message_type == "\"CONTROL_MESSAGE\"") {
    return DocumentKind::kNoEvents;
  }
  if (members.message_type != "\"DATA_MESSAGE\"") return DocumentKind::kEvent;
  if (!JsonItems(members.log_events).Next()) return DocumentKind::kNoEvents;
  *log_events = members.log_events;
  return DocumentKind::kLogEvents;
}

std::string_view UnwrapLogEvent(std::string_view log_event,
                                std::string* buffer) {
  JsonItems items(log_event);
  while (items.Next()) {
    if (items.key() != "message") continue;
    const std::string_view quoted = items.value();
    if (quoted.size() < 2 || quoted[0] != '"') return log_event;
    buffer->assign(quoted.substr(1, quoted.size() - 2));
    buffer->resize(base::UnescapeJsonInPlace(buffer->data(), buffer->size()));
    const std::string_view message = TrimJsonBlanks(*buffer);
    const bool is_object = message.starts_with('{') && message.ends_with('}') &&
                           JsonValueSize(message) == message.size();
    return is_object ? message : log_event;
  }
  return log_event;
}

}  // namespace tocsin::ingest
