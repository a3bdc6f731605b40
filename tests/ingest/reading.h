// What an EventReader makes of some bytes, as text that tests can compare.

#ifndef TOCSIN_TESTS_INGEST_READING_H_
#define TOCSIN_TESTS_INGEST_READING_H_

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/event_reader.h"

namespace tocsin {

// Hands out `step` bytes at a time, to put every seam everywhere.
class SlowSource : public ByteSource {
 public:
  SlowSource(std::string_view bytes, size_t step) : rest_(bytes), step_(step) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override {
    const size_t count = std::min({step_, capacity, rest_.size()});
    std::copy_n(rest_.data(), count, buffer);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  size_t step_;
};

struct Reading {
  // "3:1 {...}" for an event, "3:1 error: ..." for an error.
  std::vector<std::string> steps;
  EventReaderStats stats;
};

inline Reading ReadFrom(std::unique_ptr<ByteSource> source,
                        EventReaderOptions options = {}) {
  Reading reading;
  EventReader reader(std::move(source), options);
  while (true) {
    const EventReader::Step step = reader.Next();
    if (step == EventReader::kEnd) break;
    if (step == EventReader::kEvent) {
      const InputEvent& event = reader.event();
      reading.steps.push_back(std::to_string(event.line) + ":" +
                              std::to_string(event.column) + " " +
                              std::string(event.json));
    } else {
      const InputError& error = reader.error();
      reading.steps.push_back(std::to_string(error.line) + ":" +
                              std::to_string(error.column) +
                              " error: " + error.reason);
    }
  }
  reading.stats = reader.stats();
  return reading;
}

inline std::vector<std::string> Read(std::string_view bytes,
                                     EventReaderOptions options = {}) {
  return ReadFrom(FromBytes(bytes), options).steps;
}

}  // namespace tocsin

#endif  // TOCSIN_TESTS_INGEST_READING_H_
