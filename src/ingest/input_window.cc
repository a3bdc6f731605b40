#include "src/ingest/input_window.h"

#include <cstring>

namespace tocsin::ingest {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;

}  // namespace

bool InputWindow::Fill() {
  if (at_end_) return false;
  if (buffer_.size() - size_ < kChunkBytes) {
    const auto drop = static_cast<size_t>(needed_from_ - base_);
    if (drop > 0) {
      size_ -= drop;
      std::memmove(buffer_.data(), buffer_.data() + drop, size_);
      base_ = needed_from_;
    }
    // Half of it free, so that moving costs a byte or two for each byte read.
    if (buffer_.size() / 2 < size_ + kChunkBytes) {
      buffer_.resize(2 * (size_ + kChunkBytes));
    }
  }
  const absl::StatusOr<size_t> got =
      source_->Read(buffer_.data() + size_, buffer_.size() - size_);
  if (!got.ok()) status_ = got.status();
  at_end_ = !got.ok() || *got == 0;
  if (at_end_) return false;
  size_ += *got;
  return true;
}

}  // namespace tocsin::ingest
