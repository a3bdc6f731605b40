// DistinctCounter tells how many different values there were.
//
//   tocsin::detectors::DistinctCounter addresses;
//   addresses.Add(tocsin::detectors::HashText(event.source_ip));
//   const double value = addresses.Count();
//
// Exact up to 32 values; above, an estimate within 3 % (one standard deviation)
// by 1,024 registers: HyperLogLog (Flajolet and others 2007) with 64-bit
// hashes, so that no correction of large counts is needed, and linear counting
// below 2.5 registers a value (Heule, Nunkesser and Hall 2013).
//
// Counts depend only on the set of values. It sees hashes: who may choose
// values to collide must not know how they are hashed. 24 bytes while empty,
// 280 up to 32 values, 1,048 above. Thread-compatible.

#ifndef TOCSIN_DETECTORS_DISTINCT_COUNTER_H_
#define TOCSIN_DETECTORS_DISTINCT_COUNTER_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tocsin/detectors/state_bytes.h"

namespace tocsin::detectors {

// Spreads the bits of a number (the finaliser of SplitMix64, Steele and others
// 2014).
inline uint64_t MixBits(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A hash of a text, the same on every machine (FNV-1a, mixed). Not secret.
inline uint64_t HashText(std::string_view text, uint64_t seed = 0) {
  uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  return MixBits(hash);
}

class DistinctCounter {
 public:
  // Takes the hash of a value. Returns whether Count() may have changed.
  bool Add(uint64_t hash) {
    if (!registers()) {
      const auto place = std::lower_bound(words_.begin(), words_.end(), hash);
      if (place != words_.end() && *place == hash) return false;
      if (words_.size() < kExact) {
        words_.insert(place, hash);
        return true;
      }
      const std::vector<uint64_t> exact = std::move(words_);
      words_.assign(kRegisters / 8, 0);
      for (const uint64_t one : exact) Register(one);
    }
    return Register(hash);
  }

  double Count() const {
    if (!registers()) return static_cast<double>(words_.size());
    double sum = 0;
    int empty = 0;
    for (size_t i = 0; i < kRegisters; ++i) {
      const int rank = Rank(i);
      sum += std::ldexp(1.0, -rank);
      empty += rank == 0 ? 1 : 0;
    }
    constexpr double kSize = kRegisters;
    const double estimate = 0.7213 / (1 + 1.079 / kSize) * kSize * kSize / sum;
    if (estimate <= 2.5 * kSize && empty > 0) {
      return std::max<double>(kExact + 1, kSize * std::log(kSize / empty));
    }
    return estimate;
  }

  void Clear() { words_.clear(); }
  size_t memory() const {
    return sizeof(*this) + words_.capacity() * sizeof(uint64_t);
  }

  void Save(StateWriter* out) const {
    out->Put64(words_.size());
    for (const uint64_t word : words_) out->Put64(word);
  }

  bool Load(StateReader* in) {
    std::vector<uint64_t> read(in->GetCount(8));
    for (uint64_t& word : read) word = in->Get64();
    if (!in->ok() || (read.size() > kExact && read.size() != kRegisters / 8)) {
      return false;
    }
    if (read.size() <= kExact) {
      for (size_t i = 1; i < read.size(); ++i) {
        if (read[i - 1] >= read[i]) return false;
      }
    }
    words_ = std::move(read);
    return true;
  }

 private:
  static constexpr size_t kExact = 32;
  static constexpr int kIndexBits = 10;
  static constexpr size_t kRegisters = size_t{1} << kIndexBits;

  bool registers() const { return words_.size() > kExact; }

  int Rank(size_t i) const {
    return static_cast<int>(words_[i / 8] >> (i % 8 * 8) & 0xFF);
  }

  bool Register(uint64_t hash) {
    const size_t i = hash >> (64 - kIndexBits);
    const int rank =
        std::min(64 - kIndexBits + 1, std::countl_zero(hash << kIndexBits) + 1);
    if (rank <= Rank(i)) return false;
    const size_t shift = i % 8 * 8;
    words_[i / 8] = (words_[i / 8] & ~(uint64_t{0xFF} << shift)) |
                    static_cast<uint64_t>(rank) << shift;
    return true;
  }

  // Up to 32: the hashes themselves, in order. More: registers of a byte each.
  std::vector<uint64_t> words_;
};

}  // namespace tocsin::detectors

#endif  // TOCSIN_DETECTORS_DISTINCT_COUNTER_H_
