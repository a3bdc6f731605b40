// Bytes as a file of events, and as one event: read, loaded, searched, dated.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "src/runtime/event/event_time.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/event/field_index.h"
#include "src/runtime/event/raw_event.h"
#include "tocsin/event.h"
#include "tocsin/event_reader.h"

// Written, so that the reads that lead to it are not dropped.
volatile size_t json_event_fuzz_sum = 0;

namespace {

using tocsin::EventReader;
using tocsin::FieldValue;
using tocsin::runtime::EventView;

// Touches every byte of a value, so that a sanitizer sees one that is gone.
size_t Touch(const FieldValue& value) {
  size_t sum = 0;
  for (const char c : value.text()) sum += static_cast<unsigned char>(c);
  return sum;
}

const std::vector<std::string>& Fields() {
  static const auto* const fields = new std::vector<std::string>{
      "a",   "a.b",           "a.b.c", "",      ".",          "n",
      "ts",  "EventID",       "Data",  "Image", "ThreatName", "Channel",
      "dup", "Provider_Name", "b",     "b.a",   "a.a",        "Event.System"};
  return *fields;
}

bool Equal(const FieldValue& a, const FieldValue& b) {
  return a.kind() == b.kind() && a.text() == b.text();
}

// Two readers, one answer: what the quick one takes, the careful one reads
// the same.
void CompareOnce(tocsin::runtime::RawEvent& raw, std::string_view json,
                 const EventView& view, bool is_read) {
  if (raw.Load(json) != tocsin::runtime::RawEvent::kOk) return;
  if (!is_read) std::abort();
  std::vector<FieldValue> values;
  for (uint32_t field = 0; field < Fields().size(); ++field) {
    values.clear();
    if (view.Find(Fields()[field], &values) != raw.Has(field)) std::abort();
    const auto* next = raw.First(field);
    for (const FieldValue& value : values) {
      if (next == nullptr) std::abort();
      if (!Equal(raw.Read(*next), value)) std::abort();
      next = raw.Next(*next);
    }
    if (next != nullptr) std::abort();
  }
}

// The second time the quick reader knows how the event is laid out, and that
// others are laid out as it is but for blanks before it.
void Compare(std::string_view json, const EventView& view, bool is_read) {
  tocsin::runtime::FieldIndex index(Fields());
  tocsin::runtime::RawEvent raw(&index);
  const std::string behind_blanks =
      std::string(json.size() % 300, ' ').append(json);
  CompareOnce(raw, behind_blanks, view, is_read);
  CompareOnce(raw, json, view, is_read);
  CompareOnce(raw, behind_blanks, view, is_read);
  CompareOnce(raw, json, view, is_read);
}

void ReadEvent(std::string_view json, EventView* view) {
  const bool is_read = view->Load(tocsin::Event::Json(json)).ok();
  Compare(json, *view, is_read);
  if (!is_read) return;
  tocsin::runtime::EventTimeFinder({}).In(*view);
  tocsin::runtime::EventTimeFinder({.field = "EventTime",
                                    .format = tocsin::TimeFormat::kFileTime,
                                    .assumed_zone = absl::Hours(1)})
      .In(*view);
  std::vector<FieldValue> values;
  size_t sum = 0;
  for (const std::string& field : Fields()) {
    values.clear();
    view->Find(field, &values);
    for (const FieldValue& value : values) sum += Touch(value);
  }
  view->ForEachScalar([&](std::string_view key, const FieldValue& value) {
    sum += key.size() + Touch(value);
  });
  json_event_fuzz_sum = sum;
}

void ReadAll(std::string_view bytes, tocsin::InputFormat format,
             EventView* view) {
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
  EventView view;
  ReadAll(bytes, tocsin::InputFormat::kAuto, &view);
  ReadAll(bytes, tocsin::InputFormat::kNdjson, &view);
  ReadAll(bytes, tocsin::InputFormat::kLines, &view);
  ReadEvent(bytes, &view);
  return 0;
}
