// InputWindow: a stretch of an input in memory, by absolute offsets.
//
// The stretch begins at the last Forget and grows at its end with Fill; its
// memory is that of the longest stretch so far.

#ifndef TOCSIN_SRC_INGEST_INPUT_WINDOW_H_
#define TOCSIN_SRC_INGEST_INPUT_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tocsin/event_reader.h"

namespace tocsin::ingest {

// A place in the input. Lines are counted from 1.
struct Place {
  int64_t offset = 0;
  int64_t line = 1;
  int64_t line_start = 0;  // Offset of the line's first byte.

  int64_t column() const { return offset - line_start + 1; }

  // Moves behind the line break that stands here.
  void EnterNextLine() {
    ++offset;
    ++line;
    line_start = offset;
  }
};

class InputWindow {
 public:
  explicit InputWindow(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)) {}

  // Reads on; false at the end, and at an error, which `status` then holds.
  // Pointers into the window are no longer valid.
  bool Fill();

  // Bytes before `offset` are no longer needed.
  void Forget(int64_t offset) { needed_from_ = offset; }

  // Whether there is a byte at `offset`, which is at most end().
  bool Has(int64_t offset) { return offset < end() || Fill(); }

  int64_t end() const { return base_ + static_cast<int64_t>(size_); }

  // REQUIRES: not forgotten, and at most end().
  const char* At(int64_t offset) const {
    return buffer_.data() + (offset - base_);
  }
  std::string_view Text(int64_t from, int64_t to) const {
    return std::string_view(At(from), static_cast<size_t>(to - from));
  }

  const absl::Status& status() const { return status_; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  int64_t base_ = 0;  // Offset of the first byte of buffer_.
  size_t size_ = 0;   // Bytes of buffer_ in use.
  int64_t needed_from_ = 0;
  bool at_end_ = false;
  absl::Status status_;
};

}  // namespace tocsin::ingest

#endif  // TOCSIN_SRC_INGEST_INPUT_WINDOW_H_
