// Payload: the events in one record of a cloud service.
//
//   absl::StatusOr<tocsin::Payload> payload =
//       tocsin::Payload::FromBase64(record.data);
//   if (!payload.ok()) return Fail(payload.status());
//   for (const tocsin::PayloadItem& item : payload->items()) {
//     engine.Feed(tocsin::Event::Json(item.event));
//   }
//
// For hosts that are handed records: functions behind Firehose, Kinesis and
// subscriptions of CloudWatch Logs. A record may be compressed with gzip, in
// several members too, or zstd, and holds messages of CloudWatch Logs, joined
// with nothing between them; or the `Records` of CloudTrail; or lines of JSON
// or text. Files that hold such records are read by EventReader.
//
// Hostile input is an error or a line: what a record unpacks to is bounded, and
// nothing is read in levels. Costs a walk over the bytes. A value type; its
// views live as long as it does, also when it is moved.

#ifndef TOCSIN_PAYLOAD_H_
#define TOCSIN_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tocsin {

struct PayloadOptions {
  // Most bytes that a record may unpack to; more is an error.
  size_t max_bytes = size_t{64} << 20;
};

struct PayloadItem {
  // What goes on: the message of a log event, its line breaks made blanks, or
  // the line itself.
  std::string_view line;

  // What an engine is fed, in one line too: a message that is a JSON object,
  // else the log event around it; the line, where there is none.
  std::string_view event;
};

class Payload {
 public:
  // Reads the bytes of a record. DataLoss for what is damaged or cut short,
  // ResourceExhausted for what is too large.
  static absl::StatusOr<Payload> Decode(std::string_view bytes,
                                        const PayloadOptions& options = {});

  // The same of base64, as records stand in JSON; InvalidArgument if it is
  // none.
  static absl::StatusOr<Payload> FromBase64(std::string_view text,
                                            const PayloadOptions& options = {});

  Payload(Payload&&) noexcept;
  Payload& operator=(Payload&&) noexcept;
  ~Payload();

  std::span<const PayloadItem> items() const;

  // Messages of CloudWatch Logs that only say that the stream is alive.
  int64_t control_messages() const;

  // The log groups of its messages, each once.
  std::span<const std::string> log_groups() const;

 private:
  struct Impl;
  explicit Payload(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin

#endif  // TOCSIN_PAYLOAD_H_
