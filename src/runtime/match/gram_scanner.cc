#include "src/runtime/match/gram_scanner.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "src/base/ascii_fold.h"
#include "src/runtime/match/scan_text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

// The least size of literals that are found by their places at multiples of 2
// and of 4.
constexpr size_t kStrideTwo = 4 + 2 - 1;
constexpr size_t kStrideFour = 4 + 4 - 1;

// Up to so many shorter literals eight buckets keep apart well enough.
constexpr size_t kFewLiterals = 48;

// How often a byte stands in text, roughly: 0 rare, 3 common. Only guides the
// choice of the bytes that a literal is found by.
int Commonness(char c) {
  static constexpr std::string_view kCommon = "etaoinsrlcdmup\\ ./";
  static constexpr std::string_view kUsual = "hgfbwvy-_:\"0123456789";
  if (kCommon.find(c) != std::string_view::npos) return 3;
  if (kUsual.find(c) != std::string_view::npos) return 2;
  return c >= 'a' && c <= 'z' ? 1 : 0;
}

// The place of `grams` neighbouring grams of `width` bytes each that texts hold
// least often, by that guess. One common gram spoils a place.
size_t RarestPlace(std::string_view text, size_t width, size_t grams) {
  size_t best = 0;
  uint64_t least = UINT64_MAX;
  for (size_t i = 0; i + width + grams - 1 <= text.size(); ++i) {
    uint64_t cost = 0;
    for (size_t g = i; g < i + grams; ++g) {
      int common = 0;
      for (size_t k = g; k < g + width; ++k) common += Commonness(text[k]);
      cost += uint64_t{1} << common;
    }
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}

}  // namespace

template <int kWidth>
uint32_t GramScanner::Gram(const char* data) const {
  uint32_t gram = 0;
  std::memcpy(&gram, data, kWidth);
  return gram | lower_;
}

void GramScanner::Add(std::string_view literal, uint32_t id) {
  Literal added;
  added.begin = static_cast<uint32_t>(texts_.size());
  added.size = static_cast<uint32_t>(literal.size());
  added.id = id;
  literals_.push_back(added);
  texts_ += literal;
}

void GramScanner::BuildMarks(Marks* marks) {
  if (marks->added.empty()) return;
  // One mark in 512 bits, from 1 KiB up to 32 KiB: what the bitmap lets through
  // for nothing costs more than the cache it takes.
  marks->bits = 13;
  while (marks->bits < 18 &&
         marks->added.size() * 512 > (size_t{1} << marks->bits)) {
    ++marks->bits;
  }
  marks->bitmap.assign((size_t{1} << marks->bits) / 32, 0);
  std::sort(marks->added.begin(), marks->added.end(),
            [](const auto& a, const auto& b) {
              return std::tie(a.first, a.second.literal, a.second.offset) <
                     std::tie(b.first, b.second.literal, b.second.offset);
            });
  for (const auto& [gram, mark] : marks->added) {
    const uint32_t hash = Hash(gram, marks->bits);
    marks->bitmap[hash >> 5] |= uint32_t{1} << (hash & 31);
    Range& range = marks->by_gram[gram];
    if (range.count++ == 0) {
      range.first = static_cast<uint32_t>(marks->marks.size());
    }
    marks->marks.push_back(mark);
  }
  marks->added = {};
}

void GramScanner::Build() {
  std::vector<uint32_t> shorter;
  for (uint32_t i = 0; i < literals_.size(); ++i) {
    const uint32_t size = literals_[i].size;
    if (size >= 2 && size < kStrideFour) shorter.push_back(i);
  }
  const bool few = shorter.size() <= kFewLiterals;
  for (uint32_t i = 0; i < literals_.size(); ++i) {
    const Literal& literal = literals_[i];
    const std::string_view text =
        std::string_view(texts_).substr(literal.begin, literal.size);
    if (text.size() >= kStrideTwo) {
      const bool four = text.size() >= kStrideFour;
      if (few && !four) continue;
      const size_t grams = four ? 4 : 2;
      const size_t first = RarestPlace(text, 4, grams);
      for (size_t k = first; k < first + grams; ++k) {
        (four ? by_four_ : by_two_)
            .added.push_back(
                {Gram<4>(text.data() + k), {i, static_cast<uint32_t>(k)}});
      }
      continue;
    }
    if (few && text.size() > 1) continue;
    const size_t width = std::min<size_t>(text.size(), 4);
    const size_t place = RarestPlace(text, width, 1);
    uint32_t gram = 0;
    std::memcpy(&gram, text.data() + place, width);
    by_width_[width].added.push_back(
        {gram | lower_, {i, static_cast<uint32_t>(place)}});
  }
  BuildMarks(&by_four_);
  BuildMarks(&by_two_);
  for (Marks& marks : by_width_) BuildMarks(&marks);
  if (few) BuildHalves(std::move(shorter));
#if defined(__x86_64__)
  has_avx2_ = __builtin_cpu_supports("avx2") != 0;
#endif
}

// Literals that begin alike share a bucket, so that buckets stay distinct.
void GramScanner::BuildHalves(std::vector<uint32_t> literals) {
  if (literals.empty()) return;
  halves_.empty = false;
  const auto text_of = [this](uint32_t i) {
    return std::string_view(texts_).substr(literals_[i].begin,
                                           literals_[i].size);
  };
  std::sort(literals.begin(), literals.end(),
            [&](uint32_t a, uint32_t b) { return text_of(a) < text_of(b); });
  for (size_t i = 0; i < literals.size(); ++i) {
    const size_t bucket = i * halves_.buckets.size() / literals.size();
    const auto bit = static_cast<uint8_t>(1u << bucket);
    halves_.buckets[bucket].push_back(literals[i]);
    const std::string_view text = text_of(literals[i]);
    for (size_t k = 0; k < 3; ++k) {
      for (size_t half = 0; half < 16; ++half) {
        const bool any = k >= text.size();
        const size_t byte =
            any ? 0 : static_cast<unsigned char>(text[k]) | (lower_ & 0xFF);
        if (any || (byte & 15) == half) halves_.low[k][half] |= bit;
        if (any || byte >> 4 == half) halves_.high[k][half] |= bit;
      }
    }
  }
}

bool GramScanner::StandsAt(const Literal& literal, std::string_view text,
                           size_t begin) const {
  if (begin + literal.size > text.size()) return false;
  const char* const have = text.data() + begin;
  const char* const want = texts_.data() + literal.begin;
  if (lower_ == 0) return std::memcmp(have, want, literal.size) == 0;
  return base::EqualsFoldedAscii(have, want, literal.size) &&
         BeginsCharacter(text, begin);
}

// A literal may stand at `begin`.
void GramScanner::Check(Literal& literal, std::string_view text, size_t begin,
                        std::vector<uint32_t>* ids) {
  if (literal.found_in == text_number_ || !StandsAt(literal, text, begin)) {
    return;
  }
  literal.found_in = text_number_;
  ids->push_back(literal.id);
}

void GramScanner::LookInBuckets(uint32_t buckets, std::string_view text,
                                size_t at, std::vector<uint32_t>* ids) {
  for (; buckets != 0; buckets &= buckets - 1) {
    for (const uint32_t i :
         halves_.buckets[static_cast<size_t>(__builtin_ctz(buckets))]) {
      Check(literals_[i], text, at, ids);
    }
  }
}

void GramScanner::FindHalves(bool avx2, std::string_view text,
                             std::vector<uint32_t>* ids) {
  if (halves_.empty) return;
  size_t at = 0;
#if defined(__x86_64__)
  if (avx2) at = ScanHalvesAvx2(text, ids);
#else
  (void)avx2;
#endif
  const auto lower = static_cast<unsigned char>(lower_ & 0xFF);
  for (; at < text.size(); ++at) {
    uint32_t buckets = 0xFF;
    for (size_t k = 0; k < 3 && at + k < text.size(); ++k) {
      const auto byte = static_cast<unsigned char>(
          static_cast<unsigned char>(text[at + k]) | lower);
      buckets &= halves_.low[k][byte & 15] & halves_.high[k][byte >> 4];
    }
    if (buckets != 0) LookInBuckets(buckets, text, at, ids);
  }
}

// The bitmap says that a literal may stand here.
template <int kWidth>
void GramScanner::Look(const Marks& marks, std::string_view text, size_t at,
                       std::vector<uint32_t>* ids) {
  const auto found = marks.by_gram.find(Gram<kWidth>(text.data() + at));
  if (found == marks.by_gram.end()) return;
  for (uint32_t i = 0; i < found->second.count; ++i) {
    const Mark& mark = marks.marks[found->second.first + i];
    if (at >= mark.offset) {
      Check(literals_[mark.literal], text, at - mark.offset, ids);
    }
  }
}

template <int kWidth, int kStep>
void GramScanner::Scan(const Marks& marks, std::string_view text, size_t from,
                       std::vector<uint32_t>* ids) {
  const uint32_t* const bitmap = marks.bitmap.data();
  for (size_t i = from; i + kWidth <= text.size(); i += kStep) {
    const uint32_t hash = Hash(Gram<kWidth>(text.data() + i), marks.bits);
    if ((bitmap[hash >> 5] >> (hash & 31) & 1) != 0) [[unlikely]] {
      Look<kWidth>(marks, text, i, ids);
    }
  }
}

#if defined(__x86_64__)
// Eight places at a time; returns the place where it stopped for want of bytes.
template <int kWidth, int kStep>
__attribute__((target("avx2"))) size_t GramScanner::ScanAvx2(
    const Marks& marks, std::string_view text, std::vector<uint32_t>* ids) {
  const auto* const bitmap = reinterpret_cast<const int*>(marks.bitmap.data());
  const __m256i lower = _mm256_set1_epi32(static_cast<int>(lower_));
  const __m256i width_mask =
      _mm256_set1_epi32(kWidth == 4 ? -1 : (1 << (8 * (kWidth % 4))) - 1);
  const __m256i multiplier = _mm256_set1_epi32(static_cast<int>(0x9E3779B1u));
  const __m128i hash_shift = _mm_cvtsi32_si128(32 - marks.bits);
  const __m256i bit_mask = _mm256_set1_epi32(31);
  size_t at = 0;
  for (; at + 32 + 3 <= text.size(); at += 32) {
    for (int shift = 0; shift < 4; shift += kStep) {
      __m256i gram = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(text.data() + at + shift));
      gram = _mm256_or_si256(_mm256_and_si256(gram, width_mask), lower);
      const __m256i hash =
          _mm256_srl_epi32(_mm256_mullo_epi32(gram, multiplier), hash_shift);
      const __m256i words =
          _mm256_i32gather_epi32(bitmap, _mm256_srli_epi32(hash, 5), 4);
      // The bit asked for, moved to the sign.
      const __m256i bits =
          _mm256_sllv_epi32(words, _mm256_andnot_si256(hash, bit_mask));
      auto lanes =
          static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(bits)));
      while (lanes != 0) {
        const auto lane = static_cast<size_t>(__builtin_ctz(lanes));
        lanes &= lanes - 1;
        Look<kWidth>(marks, text, at + 4 * lane + static_cast<size_t>(shift),
                     ids);
      }
    }
  }
  return at;
}

// 32 places at a time; as ScanAvx2.
__attribute__((target("avx2"))) size_t
GramScanner::ScanHalvesAvx2(std::string_view text, std::vector<uint32_t>* ids) {
  const __m256i lower = _mm256_set1_epi32(static_cast<int>(lower_));
  const __m256i half_mask = _mm256_set1_epi8(15);
  size_t at = 0;
  for (; at + 34 <= text.size(); at += 32) {
    __m256i buckets = _mm256_set1_epi8(-1);
    for (size_t k = 0; k < 3; ++k) {
      const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(
          reinterpret_cast<const __m128i*>(halves_.low[k].data())));
      const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(
          reinterpret_cast<const __m128i*>(halves_.high[k].data())));
      const __m256i bytes = _mm256_or_si256(
          _mm256_loadu_si256(
              reinterpret_cast<const __m256i*>(text.data() + at + k)),
          lower);
      const __m256i by_low =
          _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half_mask));
      const __m256i by_high = _mm256_shuffle_epi8(
          high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half_mask));
      buckets = _mm256_and_si256(buckets, _mm256_and_si256(by_low, by_high));
    }
    const auto none = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256())));
    uint32_t places = ~none;
    if (places == 0) continue;
    alignas(32) std::array<uint8_t, 32> at_place;
    _mm256_store_si256(reinterpret_cast<__m256i*>(at_place.data()), buckets);
    for (; places != 0; places &= places - 1) {
      const auto place = static_cast<size_t>(__builtin_ctz(places));
      LookInBuckets(at_place[place], text, at + place, ids);
    }
  }
  return at;
}
#endif

template <int kWidth, int kStep>
void GramScanner::FindMarks(const Marks& marks, bool avx2,
                            std::string_view text, std::vector<uint32_t>* ids) {
  if (marks.empty()) return;
  size_t from = 0;
#if defined(__x86_64__)
  if (avx2) from = ScanAvx2<kWidth, kStep>(marks, text, ids);
#else
  (void)avx2;
#endif
  Scan<kWidth, kStep>(marks, text, from, ids);
}

void GramScanner::FindWith(bool avx2, std::string_view text,
                           std::vector<uint32_t>* ids) {
  if (literals_.empty()) return;
  if (++text_number_ == 0) {  // Numbers begin again.
    for (Literal& literal : literals_) literal.found_in = 0;
    text_number_ = 1;
  }
  FindMarks<4, 4>(by_four_, avx2, text, ids);
  FindMarks<4, 2>(by_two_, avx2, text, ids);
  FindHalves(avx2, text, ids);
  FindMarks<4, 1>(by_width_[4], avx2, text, ids);
  FindMarks<3, 1>(by_width_[3], avx2, text, ids);
  FindMarks<2, 1>(by_width_[2], avx2, text, ids);
  FindMarks<1, 1>(by_width_[1], avx2, text, ids);
}

}  // namespace tocsin::runtime
