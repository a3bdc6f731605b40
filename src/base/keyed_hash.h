// A fast 64-bit hash of short bytes under a secret seed, for tables whose keys
// come from events: without the seed nobody can make keys collide. Not for
// identities that leave the process; those are digests.

#ifndef TOCSIN_SRC_BASE_KEYED_HASH_H_
#define TOCSIN_SRC_BASE_KEYED_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tocsin::base {

struct HashSeed {
  uint64_t a = 0;
  uint64_t b = 0;

  friend bool operator==(const HashSeed&, const HashSeed&) = default;
};

// Both halves of the 128-bit product, folded.
inline uint64_t FoldProduct(uint64_t x, uint64_t y) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(x) * y;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// REQUIRES: zeros behind `data` up to a multiple of eight bytes. It is read by
// whole words, as what was just written by words can be.
inline uint64_t KeyedHash(const HashSeed& seed, const void* data, size_t size) {
  // Odd constants, so that a product never loses its factor's low bits.
  constexpr uint64_t kFirst = 0x9E3779B97F4A7C15;
  constexpr uint64_t kSecond = 0xD1B54A32D192ED03;
  const auto* bytes = static_cast<const unsigned char*>(data);
  uint64_t hash = FoldProduct(seed.a ^ size, kFirst);
  uint64_t x = 0;
  uint64_t y = 0;
  for (; size > 8; bytes += 16) {
    std::memcpy(&x, bytes, 8);
    std::memcpy(&y, bytes + 8, 8);
    hash = FoldProduct(x ^ seed.b ^ hash, y ^ seed.a ^ kSecond);
    size -= size > 16 ? 16 : size;
  }
  if (size > 0) {
    std::memcpy(&x, bytes, 8);
    hash = FoldProduct(x ^ seed.b ^ hash, seed.a ^ kSecond);
  }
  return FoldProduct(hash ^ seed.a, kFirst ^ seed.b);
}

}  // namespace tocsin::base

#endif  // TOCSIN_SRC_BASE_KEYED_HASH_H_
