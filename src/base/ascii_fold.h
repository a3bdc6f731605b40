// Comparing ASCII texts without regard to case, eight bytes at a time.

#ifndef TOCSIN_SRC_BASE_ASCII_FOLD_H_
#define TOCSIN_SRC_BASE_ASCII_FOLD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tocsin::base {

// The eight bytes of `x` with ASCII capitals made small; others as they are.
inline uint64_t FoldEightAscii(uint64_t x) {
  constexpr uint64_t kOnes = 0x0101010101010101u;
  const uint64_t low = x & 0x7F * kOnes;
  const uint64_t from_a = low + (0x80 - 'A') * kOnes;
  const uint64_t past_z = low + (0x7F - 'Z') * kOnes;
  const uint64_t capital = (from_a & ~past_z & ~x) & 0x80 * kOnes;
  return x | capital >> 2;
}

// The first `size` bytes at `data`, at most eight, in the low bytes. Reads none
// beyond them.
inline uint64_t LoadUpToEight(const char* data, size_t size) {
  if (size >= 8) {
    uint64_t bytes;
    std::memcpy(&bytes, data, 8);
    return bytes;
  }
  if (size >= 4) {
    uint32_t first;
    uint32_t last;
    std::memcpy(&first, data, 4);
    std::memcpy(&last, data + size - 4, 4);
    return first | uint64_t{last} << (8 * (size - 4));
  }
  uint64_t bytes = 0;
  for (size_t i = 0; i < size; ++i) {
    bytes |= uint64_t{static_cast<unsigned char>(data[i])} << (8 * i);
  }
  return bytes;
}

// Whether `size` bytes are the same; mostly without a call.
inline bool EqualBytes(const char* a, const char* b, size_t size) {
  const auto differ = [a, b](size_t at) {
    uint64_t first;
    uint64_t second;
    std::memcpy(&first, a + at, 8);
    std::memcpy(&second, b + at, 8);
    return first ^ second;
  };
  if (size < 8) return LoadUpToEight(a, size) == LoadUpToEight(b, size);
  if (size <= 16) return (differ(0) | differ(size - 8)) == 0;
  if (size <= 32) {
    return (differ(0) | differ(8) | differ(size - 16) | differ(size - 8)) == 0;
  }
  return std::memcmp(a, b, size) == 0;
}

// Whether `text`, with ASCII capitals made small, is `folded`; `size` bytes
// each.
inline bool EqualsFoldedAscii(const char* text, const char* folded,
                              size_t size) {
  if (size < 8) {
    return FoldEightAscii(LoadUpToEight(text, size)) ==
           LoadUpToEight(folded, size);
  }
  size_t at = 0;
  while (true) {
    uint64_t a;
    uint64_t b;
    std::memcpy(&a, text + at, 8);
    std::memcpy(&b, folded + at, 8);
    if (FoldEightAscii(a) != b) return false;
    if (at + 8 == size) return true;
    at = at + 16 <= size ? at + 8 : size - 8;
  }
}

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_ASCII_FOLD_H_
