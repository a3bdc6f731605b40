#include "src/state/slab.h"

#include <algorithm>
#include <bit>

namespace tocsin::state {
namespace {

constexpr size_t kLargestChunk = size_t{1} << 20;
constexpr size_t kSmallestChunk = size_t{1} << 14;

}  // namespace

Slab::Slab(size_t budget)
    : budget_(budget),
      chunk_bytes_(std::clamp(std::bit_floor(budget / 64), kSmallestChunk,
                              kLargestChunk)) {
  // Handle 0 is none: a chunk without memory takes its number.
  chunks_.emplace_back();
}

// Steps of 16 bytes up to 512, then eight classes for each doubling.
size_t Slab::ClassOf(size_t bytes, size_t* rounded) {
  constexpr size_t kFine = 512;
  if (bytes <= kFine) {
    const size_t units = std::max<size_t>(1, (bytes + kUnit - 1) / kUnit);
    *rounded = units * kUnit;
    return units - 1;
  }
  const int log = std::bit_width(bytes - 1) - 1;  // 2^log < bytes.
  const size_t step = size_t{1} << (log - 3);
  const size_t over = (bytes - (size_t{1} << log) + step - 1) / step;
  *rounded = (size_t{1} << log) + over * step;
  return kFine / kUnit + static_cast<size_t>(log - 9) * 8 + over - 1;
}

size_t Slab::RoundUp(size_t bytes) {
  size_t rounded = 0;
  ClassOf(bytes, &rounded);
  return rounded;
}

uint32_t Slab::AddChunk(size_t bytes, size_t reserve) {
  if (taken_ + bytes + reserve > budget_) return 0;
  uint32_t number = static_cast<uint32_t>(chunks_.size());
  if (!empty_chunks_.empty()) {
    number = empty_chunks_.back();
    empty_chunks_.pop_back();
  } else if (number > kUnitMask) {
    return 0;
  } else {
    chunks_.emplace_back();
  }
  chunks_[number].memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
  chunks_[number].bytes = bytes;
  taken_ += bytes;
  return number;
}

Slab::Handle Slab::Allocate(size_t bytes, size_t reserve) {
  size_t rounded = 0;
  const size_t size_class = ClassOf(bytes, &rounded);
  if (rounded > chunk_bytes_ / 2) {  // A chunk of its own.
    const uint32_t number = AddChunk(rounded, reserve);
    if (number == 0) return kNone;
    used_ += rounded;
    return number << kUnitBits;
  }
  Handle handle = free_[size_class];
  if (handle != kNone) {
    free_[size_class] = *At<Handle>(handle);
    used_ += rounded;
    return handle;
  }
  if (current_ == 0 || cut_ + rounded > chunk_bytes_) {
    const uint32_t number = AddChunk(chunk_bytes_, reserve);
    if (number == 0) return kNone;
    current_ = number;
    cut_ = 0;
  }
  handle = (current_ << kUnitBits) | static_cast<uint32_t>(cut_ / kUnit);
  cut_ += rounded;
  used_ += rounded;
  return handle;
}

void Slab::Free(Handle handle, size_t bytes) {
  size_t rounded = 0;
  const size_t size_class = ClassOf(bytes, &rounded);
  used_ -= rounded;
  if (rounded > chunk_bytes_ / 2) {
    const uint32_t number = handle >> kUnitBits;
    taken_ -= chunks_[number].bytes;
    chunks_[number] = {};
    empty_chunks_.push_back(number);
    return;
  }
  *At<Handle>(handle) = free_[size_class];
  free_[size_class] = handle;
}

}  // namespace tocsin::state
