#include "tocsin/event_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/json_items.h"
#include "src/ingest/decompress.h"
#include "src/ingest/envelope.h"
#include "src/ingest/input_window.h"
#include "src/ingest/json_splitter.h"
#include "tocsin/payload.h"

namespace tocsin {
namespace {

constexpr size_t kLeastEventBytes = 1024;

std::unique_ptr<ingest::Decompressor> Decompress(
    std::unique_ptr<ByteSource> source) {
  return std::make_unique<ingest::Decompressor>(std::move(source));
}

// Appends `line` as a JSON string. Invalid UTF-8 stays as it is: the engine
// repairs and counts it.
void AppendQuoted(std::string_view line, std::string* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out->push_back('"');
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (byte < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

}  // namespace

struct EventReader::Impl {
  Impl(std::unique_ptr<ingest::Decompressor> source,
       const EventReaderOptions& options)
      : decompressor(source.get()),
        window(std::move(source)),
        format(options.format),
        max_bytes(std::max(options.max_event_bytes, kLeastEventBytes)),
        splitter(&window, options.format == InputFormat::kNdjson, max_bytes) {}

  Step Next();
  Step NextDocument();
  void EnterItems(std::string_view array, bool are_records);
  bool NextItem();
  bool NextLogEvent();
  std::optional<Step> NextOfRecords();
  std::optional<Step> OpenRecord(std::string_view quoted_data);
  Step NextLine();
  bool IsUtf16();

  Step SetEvent(std::string_view json, const ingest::Place& place);
  Step SetError(std::string reason, const ingest::Place& place);

  const ingest::Decompressor* decompressor;  // Owned by the window.
  ingest::InputWindow window;
  const InputFormat format;
  const size_t max_bytes;
  ingest::JsonSplitter splitter;

  InputEvent event;
  InputError error;
  EventReaderStats stats;
  bool has_started = false;
  bool has_ended = false;
  int64_t skipped_documents = 0;

  // Of a message with several events, or a batch of records: those to come,
  // and where we are in it.
  std::string_view document;
  base::JsonItems items{std::string_view()};
  ingest::Place item_place;
  size_t item_offset = 0;
  bool in_log_events = false;
  bool in_records = false;
  std::optional<Payload> payload;  // Of a record; it stands at item_place.
  size_t payload_items_told = 0;
  std::string buffer;

  ingest::Place line_place;  // For kLines.
};

EventReader::Step EventReader::Impl::SetEvent(std::string_view json,
                                              const ingest::Place& place) {
  event.json = json;
  event.line = place.line;
  event.column = place.column();
  event.offset = place.offset;
  ++stats.events;
  return kEvent;
}

EventReader::Step EventReader::Impl::SetError(std::string reason,
                                              const ingest::Place& place) {
  error.reason = std::move(reason);
  error.line = place.line;
  error.column = place.column();
  error.offset = place.offset;
  ++stats.errors;
  return kError;
}

bool EventReader::Impl::IsUtf16() {
  while (window.end() < 2) {
    if (!window.Fill()) return false;
  }
  const std::string_view head = window.Text(0, 2);
  return head == "\xFF\xFE" || head == "\xFE\xFF";
}

EventReader::Step EventReader::Impl::Next() {
  if (has_ended) return kEnd;
  if (!has_started) {
    has_started = true;
    if (IsUtf16()) {
      has_ended = true;
      return SetError("input is UTF-16; convert it to UTF-8", ingest::Place());
    }
  }
  const Step step = format == InputFormat::kLines ? NextLine() : NextDocument();
  if (step == kEnd) has_ended = true;
  stats.skipped = skipped_documents + splitter.empty_envelopes();
  stats.bytes = window.end();
  return step;
}

EventReader::Step EventReader::Impl::NextDocument() {
  while (true) {
    if (in_log_events) {
      if (NextLogEvent()) return kEvent;
      in_log_events = false;
    }
    if (in_records || payload) {
      if (const std::optional<Step> step = NextOfRecords()) return *step;
    }
    switch (splitter.Next()) {
      case ingest::JsonSplitter::kEnd:
        return kEnd;
      case ingest::JsonSplitter::kError:
        return SetError(splitter.reason(), splitter.place());
      case ingest::JsonSplitter::kObject:
        break;
    }
    document = splitter.object();
    std::string_view content;
    switch (ingest::Classify(document, &content)) {
      case ingest::DocumentKind::kEvent:
        return SetEvent(document, splitter.place());
      case ingest::DocumentKind::kNoEvents:
        ++skipped_documents;
        break;
      case ingest::DocumentKind::kLogEvents:
        EnterItems(content, /*are_records=*/false);
        break;
      case ingest::DocumentKind::kRecords:
        EnterItems(content, /*are_records=*/true);
        break;
      case ingest::DocumentKind::kRecord:
        item_place = splitter.place();
        if (const std::optional<Step> step = OpenRecord(content)) return *step;
        break;
    }
  }
}

void EventReader::Impl::EnterItems(std::string_view array, bool are_records) {
  items = base::JsonItems(array);
  item_place = splitter.place();
  item_offset = 0;
  in_log_events = !are_records;
  in_records = are_records;
}

// Moves on to the next item of the array, and its place.
bool EventReader::Impl::NextItem() {
  if (!items.Next()) return false;
  const auto offset =
      static_cast<size_t>(items.value().data() - document.data());
  for (; item_offset < offset; ++item_offset) {
    if (document[item_offset] == '\n') {
      item_place.EnterNextLine();
    } else {
      ++item_place.offset;
    }
  }
  return true;
}

bool EventReader::Impl::NextLogEvent() {
  if (!NextItem()) return false;
  SetEvent(ingest::UnwrapLogEvent(items.value(), &buffer), item_place);
  return true;
}

// Nothing where all records have been read.
std::optional<EventReader::Step> EventReader::Impl::NextOfRecords() {
  while (true) {
    if (payload) {
      if (payload_items_told < payload->items().size()) {
        return SetEvent(payload->items()[payload_items_told++].event,
                        item_place);
      }
      payload.reset();
    }
    if (!in_records || !NextItem()) break;
    const std::string_view data = ingest::DataOfRecord(items.value());
    if (data.empty()) return SetError("record has no data", item_place);
    if (const std::optional<Step> step = OpenRecord(data)) return step;
  }
  in_records = false;
  return std::nullopt;
}

// Nothing where the record can be read; its events are to come.
std::optional<EventReader::Step> EventReader::Impl::OpenRecord(
    std::string_view quoted_data) {
  absl::StatusOr<Payload> opened =
      Payload::FromBase64(ingest::UnquoteJson(quoted_data));
  if (!opened.ok()) {
    return SetError(
        "record cannot be read: " + std::string(opened.status().message()),
        item_place);
  }
  skipped_documents += opened->control_messages();
  payload = *std::move(opened);
  payload_items_told = 0;
  return std::nullopt;
}

// A line that is too long is dropped as it comes.
EventReader::Step EventReader::Impl::NextLine() {
  while (true) {
    window.Forget(line_place.offset);
    const ingest::Place start = line_place;
    int64_t& at = line_place.offset;
    bool too_long = false;
    while (window.Has(at)) {
      const std::string_view rest = window.Text(at, window.end());
      const size_t size = std::min(rest.find('\n'), rest.size());
      at += static_cast<int64_t>(size);
      too_long |= at - start.offset > static_cast<int64_t>(max_bytes);
      if (size < rest.size()) break;
      if (too_long) window.Forget(at);
    }
    const bool is_end = !window.Has(at);
    const int64_t end = at;
    if (!is_end) line_place.EnterNextLine();
    if (too_long) {
      return SetError(
          "line is longer than " + std::to_string(max_bytes) + " bytes", start);
    }
    std::string_view line = window.Text(start.offset, end);
    if (start.offset == 0 && line.starts_with("\xEF\xBB\xBF")) {
      line.remove_prefix(3);
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) {
      buffer.assign("{\"message\":");
      AppendQuoted(line, &buffer);
      buffer.push_back('}');
      return SetEvent(buffer, start);
    }
    if (is_end) {
      has_ended = true;
      if (window.status().ok()) return kEnd;
      return SetError(std::string(window.status().message()), line_place);
    }
  }
}

EventReader::EventReader(std::unique_ptr<ByteSource> source,
                         EventReaderOptions options)
    : impl_(std::make_unique<Impl>(Decompress(std::move(source)), options)) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

EventReader::Step EventReader::Next() { return impl_->Next(); }
const InputEvent& EventReader::event() const { return impl_->event; }
const InputError& EventReader::error() const { return impl_->error; }
const EventReaderStats& EventReader::stats() const { return impl_->stats; }
int64_t EventReader::source_bytes() const {
  return impl_->decompressor->source_bytes();
}

}  // namespace tocsin
