// Bytes as a record of a cloud service, as lists of indicators, and as an event
// that they are joined to.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "tocsin/enrich.h"
#include "tocsin/event_reader.h"
#include "tocsin/payload.h"

namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

void Look(const absl::StatusOr<tocsin::Payload>& payload) {
  if (!payload.ok()) return;
  size_t sum = 0;
  for (const tocsin::PayloadItem& item : payload->items()) {
    // One record goes out as lines.
    if (item.line.find('\n') != std::string_view::npos) std::abort();
    if (item.event.find('\n') != std::string_view::npos) std::abort();
    sum += item.line.size() + item.event.size();
  }
  // Hostile input does not grow but by what it unpacks to.
  if (sum > 3 * kMaxBytes) std::abort();
}

void ReadEvents(std::string_view bytes) {
  tocsin::EventReader reader(tocsin::FromBytes(bytes),
                             {.max_event_bytes = 65536});
  while (reader.Next() != tocsin::EventReader::kEnd) {
  }
}

void Join(std::string_view bytes) {
  tocsin::Indicators indicators;
  indicators.AddText(bytes, "text");
  indicators.AddCsv(bytes, "csv").IgnoreError();
  indicators.AddStix(bytes, "stix").IgnoreError();
  std::string json;
  indicators.Find(bytes, &json);
  indicators.Add("192.0.2.0/24");
  tocsin::Enricher enricher;
  enricher.Add(
      std::make_shared<const tocsin::Indicators>(std::move(indicators)));
  enricher.Enrich(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Look(tocsin::Payload::Decode(bytes, {.max_bytes = kMaxBytes}));
  Look(tocsin::Payload::FromBase64(bytes, {.max_bytes = kMaxBytes}));
  ReadEvents(bytes);
  Join(bytes);
  return 0;
}
