// Decompressor: undoes gzip and zstd, told by their first bytes; other bytes
// pass as they are.

#ifndef TOCSIN_SRC_INGEST_DECOMPRESS_H_
#define TOCSIN_SRC_INGEST_DECOMPRESS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tocsin/event_reader.h"

namespace tocsin::ingest {

// Compressed bytes, read ahead in one buffer.
class CompressedInput {
 public:
  explicit CompressedInput(std::unique_ptr<ByteSource> source);

  // Reads until `count` bytes are there, or all there are. An error of the
  // source is kept and is as the end.
  void Require(size_t count);

  const char* data() const { return buffer_.data() + begin_; }
  size_t size() const { return end_ - begin_; }
  void Take(size_t count) { begin_ += count; }

  const absl::Status& status() const { return status_; }
  int64_t bytes_read() const { return bytes_read_; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
  absl::Status status_;
  int64_t bytes_read_ = 0;
};

// One format's decoder.
class Codec {
 public:
  virtual ~Codec() = default;

  // As ByteSource::Read. Truncated and damaged input are DataLoss; what could
  // be decoded before it is handed out first.
  virtual absl::StatusOr<size_t> Read(CompressedInput* input, char* buffer,
                                      size_t capacity) = 0;
};

class Decompressor : public ByteSource {
 public:
  explicit Decompressor(std::unique_ptr<ByteSource> source);

  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) override;

  int64_t source_bytes() const { return input_.bytes_read(); }

 private:
  CompressedInput input_;
  std::unique_ptr<Codec> codec_;  // Made by the first Read.
};

}  // namespace tocsin::ingest

#endif  // TOCSIN_SRC_INGEST_DECOMPRESS_H_
