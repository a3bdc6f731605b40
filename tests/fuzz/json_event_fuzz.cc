// Bytes as a file of events, and as one event: read, loaded, searched, dated.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "src/runtime/event/event_time.h"
#include "src/runtime/event/event_view.h"
#include "tocsin/event.h"
#include "tocsin/event_reader.h"

// Written, so that the reads that lead to it are not dropped.
volatile size_t json_event_fuzz_sum = 0;

namespace {

using tocsin::EventReader;

// Touches every byte of a value, so that a sanitizer sees one that is gone.
size_t Touch(const tocsin::FieldValue& value) {
  size_t sum = 0;
  for (const char c : value.text()) sum += static_cast<unsigned char>(c);
  return sum;
}

void ReadEvent(std::string_view json, tocsin::runtime::EventView* view) {
  if (!view->Load(tocsin::Event::Json(json)).ok()) return;
  tocsin::runtime::TimeOptions options;
  tocsin::runtime::FindEventTime(*view, options);
  options.field = "EventTime";
  options.format = tocsin::TimeFormat::kFileTime;
  tocsin::runtime::FindEventTime(*view, options);
  std::vector<tocsin::FieldValue> values;
  size_t sum = 0;
  for (const char* field :
       {"a", "a.b", "a.b.c", "", ".", "EventID", "Provider_Name", "Data",
        "Image", "ThreatName", "Channel", "Event.EventData.Data"}) {
    values.clear();
    view->Find(field, &values);
    for (const tocsin::FieldValue& value : values) sum += Touch(value);
  }
  view->ForEachScalar(
      [&](std::string_view key, const tocsin::FieldValue& value) {
        sum += key.size() + Touch(value);
      });
  json_event_fuzz_sum = sum;
}

void ReadAll(std::string_view bytes, tocsin::InputFormat format,
             tocsin::runtime::EventView* view) {
  tocsin::EventReaderOptions options;
  options.format = format;
  options.max_event_bytes = 4096;
  EventReader reader(tocsin::FromBytes(bytes), options);
  while (true) {
    const EventReader::Step step = reader.Next();
    if (step == EventReader::kEnd) break;
    if (step == EventReader::kEvent) ReadEvent(reader.event().json, view);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  tocsin::runtime::EventView view;
  ReadAll(bytes, tocsin::InputFormat::kAuto, &view);
  ReadAll(bytes, tocsin::InputFormat::kNdjson, &view);
  ReadAll(bytes, tocsin::InputFormat::kLines, &view);
  ReadEvent(bytes, &view);
  return 0;
}
