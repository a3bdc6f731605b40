#include "tocsin/payload.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "src/base/base64.h"
#include "src/base/json_items.h"
#include "src/ingest/decompress.h"
#include "src/ingest/envelope.h"
#include "tocsin/event_reader.h"

namespace tocsin {
namespace {

using base::JsonItems;
using base::TrimJsonBlanks;
using base::WholeJsonValueSize;

absl::Status TooLarge(size_t max_bytes) {
  return absl::ResourceExhaustedError(
      absl::StrCat("it unpacks to more than ", max_bytes, " bytes"));
}

absl::StatusOr<std::string> Unpack(std::string_view bytes, size_t max_bytes) {
  constexpr size_t kStep = size_t{64} << 10;
  ingest::Decompressor source(FromBytes(bytes));
  std::string content;
  while (true) {
    const size_t before = content.size();
    // Grows by halves, so that what is read is copied a few times at most.
    const size_t step =
        std::min(std::max(kStep, before / 2), max_bytes + 1 - before);
    content.resize(before + step);
    const absl::StatusOr<size_t> got =
        source.Read(content.data() + before, step);
    if (!got.ok()) return got.status();
    content.resize(before + *got);
    if (*got == 0) return content;
    if (content.size() > max_bytes) return TooLarge(max_bytes);
  }
}

// The whole JSON objects that `text` is made of, blanks or nothing between
// them; empty if that is not what it is.
std::vector<std::string_view> Objects(std::string_view text) {
  std::vector<std::string_view> objects;
  for (text = TrimJsonBlanks(text); !text.empty();
       text = TrimJsonBlanks(text)) {
    const size_t size = text[0] == '{' ? WholeJsonValueSize(text) : 0;
    if (size == 0) return {};
    objects.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return objects;
}

// The array of {"Records":[...]}, if `text` is that.
std::string_view Records(std::string_view text) {
  text = TrimJsonBlanks(text);
  JsonItems items(text);
  if (!text.starts_with('{') || !items.Next() || items.key() != "Records" ||
      !items.value().starts_with("[") || !ingest::IsJsonObject(text)) {
    return {};
  }
  return items.value();
}

}  // namespace

struct Payload::Impl {
  std::string content;
  std::deque<std::string> texts;  // What is not in the content as it is.
  std::vector<PayloadItem> items;
  std::vector<std::string> log_groups;
  int64_t control_messages = 0;

  std::string_view Keep(std::string text) {
    return texts.emplace_back(std::move(text));
  }

  // `text`, which is kept, in one line.
  std::string_view OneLine(std::string_view text) {
    if (text.find('\n') == std::string_view::npos) return text;
    std::string one_line(text);
    std::replace(one_line.begin(), one_line.end(), '\n', ' ');
    return Keep(std::move(one_line));
  }

  void AddLogEvent(std::string_view log_event) {
    if (!log_event.starts_with('{')) return;
    std::string message;
    JsonItems members(log_event);
    while (members.Next()) {
      if (members.key() != "message") continue;
      message = members.value().starts_with('"')
                    ? ingest::UnquoteJson(members.value())
                    : std::string(members.value());
      break;
    }
    const std::string_view kept = Keep(std::move(message));
    const std::string_view trimmed = TrimJsonBlanks(kept);
    const std::string_view event =
        ingest::IsJsonObject(trimmed) ? trimmed : log_event;
    items.push_back({OneLine(kept), OneLine(event)});
  }

  absl::Status AddMessage(std::string_view object) {
    const ingest::LogMessage message = ingest::ReadLogMessage(object);
    if (message.type != "\"DATA_MESSAGE\"") {
      ++control_messages;
      return absl::OkStatus();
    }
    if (message.log_events.empty()) {
      return absl::DataLossError(
          "a message of CloudWatch Logs, and it has no "
          "logEvents");
    }
    std::string group = ingest::UnquoteJson(message.log_group);
    if (std::find(log_groups.begin(), log_groups.end(), group) ==
        log_groups.end()) {
      log_groups.push_back(std::move(group));
    }
    JsonItems log_events(message.log_events);
    while (log_events.Next()) AddLogEvent(log_events.value());
    return absl::OkStatus();
  }

  // False if the content is not messages alone.
  absl::StatusOr<bool> AddMessages() {
    if (content.find("\"messageType\"") == std::string::npos) return false;
    const std::vector<std::string_view> objects = Objects(content);
    for (const std::string_view object : objects) {
      if (ingest::ReadLogMessage(object).type.empty()) return false;
    }
    for (const std::string_view object : objects) {
      if (absl::Status status = AddMessage(object); !status.ok()) return status;
    }
    return !objects.empty();
  }

  bool AddRecords() {
    const std::string_view records = Records(content);
    if (records.empty()) return false;
    JsonItems items_of(records);
    while (items_of.Next()) {
      if (!items_of.value().starts_with('{')) return AbandonRecords();
      const std::string_view line = OneLine(items_of.value());
      items.push_back({line, line});
    }
    return true;
  }
  bool AbandonRecords() {
    items.clear();
    return false;
  }

  void AddLines() {
    std::string_view rest = content;
    while (!rest.empty()) {
      const size_t size = std::min(rest.find_first_of("\r\n"), rest.size());
      const std::string_view line = TrimJsonBlanks(rest.substr(0, size));
      rest.remove_prefix(std::min(size + 1, rest.size()));
      if (line.empty()) continue;
      // Producers that put no line break behind their objects.
      const std::vector<std::string_view> objects = Objects(line);
      if (objects.empty()) {
        items.push_back({line, line});
      } else {
        for (const std::string_view object : objects) {
          items.push_back({object, object});
        }
      }
    }
  }
};

Payload::Payload(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Payload::Payload(Payload&&) noexcept = default;
Payload& Payload::operator=(Payload&&) noexcept = default;
Payload::~Payload() = default;

absl::StatusOr<Payload> Payload::Decode(std::string_view bytes,
                                        const PayloadOptions& options) {
  absl::StatusOr<std::string> content = Unpack(bytes, options.max_bytes);
  if (!content.ok()) return content.status();
  auto impl = std::make_unique<Impl>();
  impl->content = *std::move(content);
  const absl::StatusOr<bool> is_messages = impl->AddMessages();
  if (!is_messages.ok()) return is_messages.status();
  if (!*is_messages && !impl->AddRecords()) impl->AddLines();
  return Payload(std::move(impl));
}

absl::StatusOr<Payload> Payload::FromBase64(std::string_view text,
                                            const PayloadOptions& options) {
  std::string bytes;
  if (!base::DecodeBase64(text, &bytes)) {
    return absl::InvalidArgumentError("it is not base64");
  }
  return Decode(bytes, options);
}

std::span<const PayloadItem> Payload::items() const { return impl_->items; }
int64_t Payload::control_messages() const { return impl_->control_messages; }
std::span<const std::string> Payload::log_groups() const {
  return impl_->log_groups;
}

}  // namespace tocsin
