#include "src/runtime/match/gram_scanner.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "src/base/ascii_fold.h"
#include "src/base/common_text.h"
#include "src/runtime/match/scan_text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

// The least size of literals that are found at multiples of four.
constexpr size_t kStrideFour = 4 + 4 - 1;

// No literal is found by what is behind so many of its bytes.
constexpr size_t kMaxPlaceOfMark = 60000;

// Up to so many shorter literals eight buckets keep apart well enough.
constexpr size_t kFewLiterals = 16;

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
// least often, as a census of grams of four says, if there is one, and else by
// that guess. One common gram spoils a place.
size_t RarestPlace(std::string_view text, size_t width, size_t grams,
                   const GramCensus* census = nullptr) {
  constexpr uint64_t kMaxGuess = uint64_t{1} << 16;
  std::vector<int> commonness(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    commonness[i] = std::max(commonness[i], Commonness(text[i]));
    for (size_t k = base::CommonPieceAt(text.substr(i)); k > 0; --k) {
      commonness[i + k - 1] = 4;
    }
  }
  size_t best = 0;
  uint64_t least = UINT64_MAX;
  for (size_t i = 0; i + width + grams - 1 <= text.size(); ++i) {
    uint64_t cost = 0;
    for (size_t g = i; g < i + grams; ++g) {
      int common = 0;
      for (size_t k = g; k < g + width; ++k) common += commonness[k];
      cost += uint64_t{1} << common;
      if (census != nullptr) {
        cost += census->CountOf(text.data() + g) * kMaxGuess;
      }
    }
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}

// std::popcount is a call where the processor is not known to have it.
inline uint32_t CountBits(uint32_t x) {
  x -= x >> 1 & 0x55555555u;
  x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
  return ((x + (x >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
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
  for (auto& [gram, mark] : marks->added) gram = Hash(gram, marks->bits);
  std::sort(marks->added.begin(), marks->added.end(),
            [](const auto& a, const auto& b) {
              return std::tie(a.first, a.second.literal, a.second.offset) <
                     std::tie(b.first, b.second.literal, b.second.offset);
            });
  uint32_t last = UINT32_MAX;
  for (const auto& [bit, mark] : marks->added) {
    marks->bitmap[bit >> 5] |= uint32_t{1} << (bit & 31);
    if (bit != last) {
      marks->ranges.push_back({static_cast<uint32_t>(marks->marks.size()), 0});
    }
    last = bit;
    ++marks->ranges.back().count;
    marks->marks.push_back(mark);
  }
  uint32_t before = 0;
  for (const uint32_t bits : marks->bitmap) {
    marks->words.push_back({bits, before});
    before += CountBits(bits);
  }
  marks->added = {};
}

// The literal's place `offset`, of a gram, and four more of its bytes.
GramScanner::Mark GramScanner::MarkAt(uint32_t literal, size_t offset) const {
  const std::string_view text = TextOf(literals_[literal]);
  Mark mark;
  mark.literal = literal;
  mark.offset = static_cast<uint16_t>(offset);
  if (text.size() < kNear) return mark;
  size_t near = offset;
  if (offset + 2 * kNear <= text.size()) {
    near = offset + kNear;
  } else if (offset >= kNear) {
    near = offset - kNear;
  } else if (offset < text.size() - kNear - offset) {
    near = text.size() - kNear;
  } else {
    near = 0;
  }
  mark.near = static_cast<uint16_t>(near);
  mark.near_bytes = Gram<4>(text.data() + near);
  return mark;
}

void GramScanner::Build() {
  const auto count_of = [this](size_t least, size_t most) {
    return static_cast<size_t>(std::count_if(
        literals_.begin(), literals_.end(), [=](const Literal& literal) {
          return literal.size >= least && literal.size <= most;
        }));
  };
  const bool few_short = count_of(3, kStrideFour - 1) <= kFewLiterals;
  const bool few_of_three = count_of(3, 3) <= kFewLiterals;
  std::vector<Mark> in_halves;
  std::vector<Mark> bytes;
  for (uint32_t i = 0; i < literals_.size(); ++i) {
    const std::string_view text = TextOf(literals_[i]);
    const auto add = [&](Marks* marks, uint32_t gram) {
      marks->added.push_back({gram, MarkAt(i, 0)});
    };
    if (text.size() == 1) {
      bytes.push_back(MarkAt(i, 0));
    } else if (text.size() == 2) {
      add(&by_two_, Gram<2>(text.data()));
    } else if (text.size() < kStrideFour &&
               (few_short || (text.size() == 3 && few_of_three))) {
      in_halves.push_back(MarkAt(i, RarestPlace(text, 3, 1)));
    } else if (text.size() == 3) {
      add(&by_three_, Gram<3>(text.data()));
    } else {
      (few_short ? in_strides_ : in_each_).push_back(i);
    }
  }
  BuildMarks(&by_three_);
  BuildMarks(&by_two_);
  BuildHalves(3, std::move(in_halves), &by_halves_);
  BuildHalves(1, std::move(bytes), &by_byte_);
  PlaceMarks(nullptr);
#if defined(__x86_64__)
  has_avx2_ = __builtin_cpu_supports("avx2") != 0;
#endif
}

// Decides by which four bytes literals are found.
void GramScanner::PlaceMarks(const GramCensus* census) {
  const auto place = [&](const std::vector<uint32_t>& literals, size_t grams,
                         Marks* marks) {
    *marks = Marks();
    for (const uint32_t i : literals) {
      const std::string_view text =
          TextOf(literals_[i]).substr(0, kMaxPlaceOfMark);
      const size_t first = RarestPlace(text, 4, grams, census);
      for (size_t k = first; k < first + grams; ++k) {
        marks->added.push_back({Gram<4>(text.data() + k), MarkAt(i, k)});
      }
    }
    BuildMarks(marks);
  };
  place(in_strides_, 4, &by_four_);
  place(in_each_, 1, &by_each_four_);
}

// Looks at what is in the stream, and if literals are often looked at for
// nothing, has them found by what is rarer there.
void GramScanner::TakeCensus(std::string_view text) {
  if (census_ == nullptr) {
    census_ = std::make_unique<GramCensus>(lower_);
    looks_ = 0;
    bytes_at_census_ = bytes_;
  }
  census_->Add(text.substr(0, kMaxCensusText));
  if (census_->bytes() < kCensusBytes) return;
  if (looks_ * kBytesPerLook > bytes_ - bytes_at_census_) {
    PlaceMarks(census_.get());
  }
  census_.reset();
  next_census_ = bytes_ * kCensusGrowth;
}

// Literals that are found by similar bytes share a bucket, so that buckets stay
// distinct.
void GramScanner::BuildHalves(size_t width, std::vector<Mark> marks,
                              Halves* halves) {
  if (marks.empty()) return;
  halves->width = width;
  const auto piece_of = [&](const Mark& mark) {
    return TextOf(literals_[mark.literal]).substr(mark.offset, width);
  };
  std::sort(marks.begin(), marks.end(), [&](const Mark& a, const Mark& b) {
    return piece_of(a) < piece_of(b);
  });
  for (size_t i = 0; i < marks.size(); ++i) {
    const size_t bucket = i * halves->buckets.size() / marks.size();
    const auto bit = static_cast<uint8_t>(1u << bucket);
    halves->buckets[bucket].push_back(marks[i]);
    for (size_t k = 0; k < width; ++k) {
      const uint32_t byte =
          static_cast<unsigned char>(piece_of(marks[i])[k]) | (lower_ & 0xFF);
      halves->low[k][byte & 15] |= bit;
      halves->high[k][byte >> 4] |= bit;
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

// The literal of `mark` may stand where that would put it. Whether it has been
// found, here or before.
bool GramScanner::Check(const Mark& mark, std::string_view text, size_t at,
                        std::vector<uint32_t>* ids) {
  if (at < mark.offset) return false;
  // Mostly this tells; it needs nothing else from memory.
  const size_t near = at - mark.offset + mark.near;
  if (mark.near_bytes != 0 &&
      (near + kNear > text.size() ||
       Gram<4>(text.data() + near) != mark.near_bytes)) {
    return false;
  }
  Literal& literal = literals_[mark.literal];
  if (literal.found_in == text_number_) return true;
  if (!StandsAt(literal, text, at - mark.offset)) {
    return false;
  }
  if (accepts_ != nullptr && !(*accepts_)(at - mark.offset, literal.size)) {
    return false;
  }
  literal.found_in = text_number_;
  ids->push_back(literal.id);
  return true;
}

void GramScanner::LookInBuckets(Halves& halves, uint32_t buckets,
                                std::string_view text, size_t at,
                                std::vector<uint32_t>* ids) {
  for (; buckets != 0; buckets &= buckets - 1) {
    const auto bucket = static_cast<size_t>(__builtin_ctz(buckets));
    bool all_found = true;
    for (const Mark& mark : halves.buckets[bucket]) {
      all_found = Check(mark, text, at, ids) && all_found;
    }
    if (all_found) halves.open &= static_cast<uint8_t>(~(1u << bucket));
  }
}

void GramScanner::FindHalves(Halves& halves, bool avx2, std::string_view text,
                             std::vector<uint32_t>* ids) {
  if (halves.width == 0) return;
  halves.open = 0xFF;
  size_t at = 0;
#if defined(__x86_64__)
  if (avx2) at = ScanHalvesAvx2(halves, text, ids);
#else
  (void)avx2;
#endif
  const auto lower = static_cast<unsigned char>(lower_ & 0xFF);
  for (; at + halves.width <= text.size(); ++at) {
    uint32_t buckets = halves.open;
    for (size_t k = 0; k < halves.width; ++k) {
      const auto byte = static_cast<unsigned char>(
          static_cast<unsigned char>(text[at + k]) | lower);
      buckets &= halves.low[k][byte & 15] & halves.high[k][byte >> 4];
    }
    if (buckets != 0) LookInBuckets(halves, buckets, text, at, ids);
  }
}

// The bitmap says that a literal may stand here.
void GramScanner::Look(Marks& marks, uint32_t bit, std::string_view text,
                       size_t at, std::vector<uint32_t>* ids) {
  ++looks_;
  const Marks::Word& word = marks.words[bit >> 5];
  const uint32_t lower = word.bits & ((uint32_t{1} << (bit & 31)) - 1);
  const Range& range = marks.ranges[word.before + CountBits(lower)];
  bool all_found = true;
  for (uint32_t i = 0; i < range.count; ++i) {
    const Mark& mark = marks.marks[range.first + i];
    all_found = Check(mark, text, at, ids) && all_found;
  }
  if (all_found) {
    marks.bitmap[bit >> 5] &= ~(uint32_t{1} << (bit & 31));
    marks.done.push_back(bit);
  }
}

template <int kWidth, int kStep>
void GramScanner::Scan(Marks& marks, std::string_view text, size_t from,
                       std::vector<uint32_t>* ids) {
  const uint32_t* const bitmap = marks.bitmap.data();
  for (size_t i = from; i + kWidth <= text.size(); i += kStep) {
    const uint32_t hash = Hash(Gram<kWidth>(text.data() + i), marks.bits);
    if ((bitmap[hash >> 5] >> (hash & 31) & 1) != 0) [[unlikely]] {
      Look(marks, hash, text, i, ids);
    }
  }
}

#if defined(__x86_64__)
// Eight places at a time; returns the place where it stopped for want of bytes.
template <int kWidth, int kStep>
__attribute__((target("avx2"))) size_t GramScanner::ScanAvx2(
    Marks& marks, std::string_view text, std::vector<uint32_t>* ids) {
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
      if (lanes == 0) continue;
      alignas(32) std::array<uint32_t, 8> hashes;
      _mm256_store_si256(reinterpret_cast<__m256i*>(hashes.data()), hash);
      while (lanes != 0) {
        const auto lane = static_cast<size_t>(__builtin_ctz(lanes));
        lanes &= lanes - 1;
        Look(marks, hashes[lane], text,
             at + 4 * lane + static_cast<size_t>(shift), ids);
      }
    }
  }
  return at;
}

// 32 places at a time; as ScanAvx2.
__attribute__((target("avx2"))) size_t GramScanner::ScanHalvesAvx2(
    Halves& halves, std::string_view text, std::vector<uint32_t>* ids) {
  const __m256i lower = _mm256_set1_epi32(static_cast<int>(lower_));
  const __m256i half_mask = _mm256_set1_epi8(15);
  size_t at = 0;
  for (; at + 34 <= text.size(); at += 32) {
    __m256i buckets = _mm256_set1_epi8(-1);
    for (size_t k = 0; k < halves.width; ++k) {
      const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(
          reinterpret_cast<const __m128i*>(halves.low[k].data())));
      const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(
          reinterpret_cast<const __m128i*>(halves.high[k].data())));
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
    buckets = _mm256_and_si256(
        buckets, _mm256_set1_epi8(static_cast<char>(halves.open)));
    const auto none = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256())));
    uint32_t places = ~none;
    if (places == 0) continue;
    alignas(32) std::array<uint8_t, 32> at_place;
    _mm256_store_si256(reinterpret_cast<__m256i*>(at_place.data()), buckets);
    for (; places != 0; places &= places - 1) {
      const auto place = static_cast<size_t>(__builtin_ctz(places));
      const uint32_t open = at_place[place] & halves.open;
      if (open != 0) LookInBuckets(halves, open, text, at + place, ids);
    }
  }
  return at;
}
#endif

template <int kWidth, int kStep>
void GramScanner::FindMarks(Marks& marks, bool avx2, std::string_view text,
                            std::vector<uint32_t>* ids) {
  if (marks.empty()) return;
  size_t from = 0;
#if defined(__x86_64__)
  if (avx2) from = ScanAvx2<kWidth, kStep>(marks, text, ids);
#else
  (void)avx2;
#endif
  Scan<kWidth, kStep>(marks, text, from, ids);
  for (const uint32_t bit : marks.done) {
    marks.bitmap[bit >> 5] |= uint32_t{1} << (bit & 31);
  }
  marks.done.clear();
}

void GramScanner::FindWith(bool avx2, std::string_view text,
                           std::vector<uint32_t>* ids) {
  if (literals_.empty()) return;
  if (++text_number_ == 0) {  // Numbers begin again.
    for (Literal& literal : literals_) literal.found_in = 0;
    text_number_ = 1;
  }
  FindMarks<4, 4>(by_four_, avx2, text, ids);
  FindMarks<4, 1>(by_each_four_, avx2, text, ids);
  FindMarks<3, 1>(by_three_, avx2, text, ids);
  FindMarks<2, 1>(by_two_, avx2, text, ids);
  FindHalves(by_halves_, avx2, text, ids);
  FindHalves(by_byte_, avx2, text, ids);
  bytes_ += text.size();
  if (bytes_ >= next_census_) [[unlikely]]
    TakeCensus(text);
}

}  // namespace tocsin::runtime
