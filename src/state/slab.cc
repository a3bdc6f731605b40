#include "src/state/slab.h"

#include <algorithm>
#include <bit>

namespace tocsin::state {

Slab::Slab(size_t budget)
    : budget_(budget),
      chunk_bytes_(budget >= (size_t{16} << 20) ? kLargestChunk
                                                : kLargestChunk / 4) {
  // Handle 0 is none: a chunk without memory takes its number.
  chunks_.emplace_back();
  memory_.push_back(nullptr);
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

uint32_t Slab::AddChunk(size_t bytes, size_t reserve) {
  while (taken_ + bytes + reserve > budget_) {
    if (!DropEmptyChunk()) return 0;
  }
  auto number = static_cast<uint32_t>(chunks_.size());
  if (!dropped_.empty()) {
    number = dropped_.back();
    dropped_.pop_back();
  } else if (number >= 1u << (32 - kUnitBits)) {
    return 0;
  } else {
    chunks_.emplace_back();
    memory_.push_back(nullptr);
  }
  Chunk& chunk = chunks_[number];
  chunk = {};
  chunk.memory.reset(
      static_cast<std::byte*>(::operator new(bytes, kAlignment)));
  memory_[number] = chunk.memory.get();
  chunk.bytes = bytes;
  taken_ += bytes;
  return number;
}

void Slab::DropChunk(uint32_t number) {
  taken_ -= chunks_[number].bytes;
  chunks_[number] = {};
  memory_[number] = nullptr;
  dropped_.push_back(number);
}

bool Slab::DropEmptyChunk() {
  for (const std::vector<uint32_t>& open : open_) {
    for (const uint32_t number : open) {
      if (chunks_[number].pieces > 0) continue;
      Close(number);
      DropChunk(number);
      return true;
    }
  }
  return false;
}

void Slab::Open(uint32_t number) {
  std::vector<uint32_t>& open = open_[chunks_[number].size_class];
  open.push_back(number);
  chunks_[number].open_at = static_cast<uint32_t>(open.size());
}

void Slab::Close(uint32_t number) {
  std::vector<uint32_t>& open = open_[chunks_[number].size_class];
  const uint32_t at = chunks_[number].open_at - 1;
  open[at] = open.back();
  chunks_[open[at]].open_at = at + 1;
  open.pop_back();
  chunks_[number].open_at = 0;
}

Slab::Handle Slab::Allocate(size_t bytes, size_t reserve) {
  size_t rounded = 0;
  const size_t size_class = ClassOf(bytes, &rounded);
  if (rounded > chunk_bytes_ / 2) {  // A chunk of its own.
    const uint32_t number = AddChunk(rounded, reserve);
    if (number != 0) used_ += rounded;
    return number << kUnitBits;
  }
  if (open_[size_class].empty()) {
    const uint32_t added = AddChunk(chunk_bytes_, reserve);
    if (added == 0) return kNone;
    chunks_[added].size_class = static_cast<uint32_t>(size_class);
    chunks_[added].piece_bytes = static_cast<uint32_t>(rounded);
    Open(added);
  }
  const uint32_t number = open_[size_class].back();
  Chunk& chunk = chunks_[number];
  Handle handle = chunk.free;
  if (handle != kNone) {
    chunk.free = *At<Handle>(handle);
  } else {
    handle = (number << kUnitBits) | (chunk.cut / kUnit);
    chunk.cut += chunk.piece_bytes;
  }
  ++chunk.pieces;
  used_ += rounded;
  if (chunk.free == kNone && chunk.cut + rounded > chunk.bytes) Close(number);
  return handle;
}

void Slab::Free(Handle handle, size_t bytes) {
  size_t rounded = 0;
  ClassOf(bytes, &rounded);
  used_ -= rounded;
  const uint32_t number = handle >> kUnitBits;
  if (rounded > chunk_bytes_ / 2) {
    DropChunk(number);
    return;
  }
  Chunk& chunk = chunks_[number];
  *At<Handle>(handle) = chunk.free;
  chunk.free = handle;
  --chunk.pieces;
  if (chunk.open_at == 0) Open(number);
  // One empty chunk of a class is kept for what comes next.
  if (chunk.pieces == 0 && open_[chunk.size_class].size() > 1) {
    Close(number);
    DropChunk(number);
  }
}

}  // namespace tocsin::state
