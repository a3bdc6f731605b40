// EventReader: bytes of a file or stream in, one JSON event at a time out.
//
//   absl::StatusOr<std::unique_ptr<tocsin::ByteSource>> source =
//       tocsin::OpenFile("trail.json.gz");
//   tocsin::EventReader reader(std::move(*source));
//   while (true) {
//     switch (reader.Next()) {
//       case tocsin::EventReader::kEvent:
//         engine.Feed(tocsin::Event::Json(reader.event().json));
//         continue;
//       case tocsin::EventReader::kError:  // Located and counted; go on.
//         std::cerr << reader.error().line << ": " << reader.error().reason;
//         continue;
//       case tocsin::EventReader::kEnd: break;
//     }
//     break;
//   }
//
// Reads NDJSON, a JSON array, {"Records":[...]}, concatenated or
// pretty-printed objects; gzip (several members too) and zstd, told by their
// first bytes. Messages of CloudWatch Logs, batches of Firehose, records of
// Kinesis and what subscriptions hand to functions are opened: the events in
// them are handed out. Memory: two buffers of the longest event, bounded by
// `max_event_bytes`, and one record of such a batch (payload.h); a longer event
// is skipped and is one error. Reading goes on
// behind an error at the next line. One thread.

#ifndef TOCSIN_EVENT_READER_H_
#define TOCSIN_EVENT_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tocsin {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads up to `capacity` bytes into `buffer`; 0 at the end. An error is
  // final. A short count is not the end.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t capacity) = 0;
};

// Opens a file for reading; NotFound, PermissionDenied, FailedPrecondition for
// a folder. Compression is undone by the EventReader, not here.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);

// Reads from an open file descriptor (0 is standard input), without closing it.
std::unique_ptr<ByteSource> FromDescriptor(int descriptor);

// Reads `bytes`, which must outlive the source.
std::unique_ptr<ByteSource> FromBytes(std::string_view bytes);

enum class InputFormat {
  kAuto,    // JSON in any of the shapes above.
  kNdjson,  // One JSON value a line, whatever the lines look like.
  kLines,   // Text: each line becomes {"message": line}.
};

struct EventReaderOptions {
  InputFormat format = InputFormat::kAuto;

  // Longest event; at least 1 KiB.
  size_t max_event_bytes = size_t{16} << 20;
};

struct InputEvent {
  std::string_view json;  // Until the next call of Next.
  int64_t line = 0;       // 1-based line where it starts.
  int64_t column = 0;     // 1-based byte in that line.
  int64_t offset = 0;     // Bytes before it, after decompression.
};

struct InputError {
  std::string reason;  // Lower-case, for people.
  int64_t line = 0;
  int64_t column = 0;
  int64_t offset = 0;
};

struct EventReaderStats {
  int64_t events = 0;
  int64_t errors = 0;
  // Documents that are known to hold no events: CloudTrail digests, control
  // messages, empty `Records`.
  int64_t skipped = 0;
  int64_t bytes = 0;  // After decompression.
};

class EventReader {
 public:
  enum Step { kEvent, kError, kEnd };

  explicit EventReader(std::unique_ptr<ByteSource> source,
                       EventReaderOptions options = {});
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;

  Step Next();

  const InputEvent& event() const;  // After Next returned kEvent.
  const InputError& error() const;  // After Next returned kError.
  const EventReaderStats& stats() const;

  // Compressed or plain bytes taken from the source so far, for a progress bar.
  int64_t source_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin

#endif  // TOCSIN_EVENT_READER_H_
