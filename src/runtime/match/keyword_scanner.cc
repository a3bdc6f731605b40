#include "src/runtime/match/keyword_scanner.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

constexpr size_t kStride = 4;
constexpr size_t kLongPiece = 4 + kStride - 1;
constexpr size_t kShortPiece = 3;

// Characters that no JSON writer escapes but as \u.
bool IsPlain(char c) {
  return c >= ' ' && c < 0x7F && c != '"' && c != '\\' && c != '/';
}

std::string_view LongestPlainPiece(std::string_view text) {
  std::string_view longest;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && IsPlain(text[i])) continue;
    if (i - begin > longest.size()) longest = text.substr(begin, i - begin);
    begin = i + 1;
  }
  return longest;
}

// Lower case as far as the bitmaps go: also maps `@` to "`" and the like, on
// both sides alike.
char Lower(char c) { return static_cast<char>(c | 0x20); }

template <int kWidth>
uint32_t Gram(const char* data) {
  uint32_t gram = 0;
  std::memcpy(&gram, data, kWidth);
  return gram;
}

#if defined(__x86_64__)
// A place before which no `\u` and no byte beyond ASCII stands, and which is in no
// escape; the size of the text if there are none at all.
__attribute__((target("avx2"))) size_t FindSuspect(std::string_view json) {
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i u = _mm256_set1_epi8('u');
  size_t at = 0;
  for (; at + 33 <= json.size(); at += 32) {
    const auto* const block =
        reinterpret_cast<const __m256i*>(json.data() + at);
    const auto* const next =
        reinterpret_cast<const __m256i*>(json.data() + at + 1);
    const __m256i bytes = _mm256_loadu_si256(block);
    const __m256i escapes =
        _mm256_and_si256(_mm256_cmpeq_epi8(bytes, backslash),
                         _mm256_cmpeq_epi8(_mm256_loadu_si256(next), u));
    // The sign of a byte tells that it is beyond ASCII.
    if (_mm256_movemask_epi8(_mm256_or_si256(escapes, bytes)) != 0) break;
  }
  if (at + 33 > json.size()) {
    bool suspect = false;
    for (size_t i = at; i < json.size(); ++i) {
      suspect = suspect || json[i] == '\\' ||
                static_cast<unsigned char>(json[i]) >= 0x80;
    }
    if (!suspect) return json.size();
  }
  // Not between a backslash and what it escapes.
  while (at > 0 && json[at - 1] == '\\') --at;
  return at;
}
#endif

}  // namespace

void KeywordScanner::AddMark(uint32_t gram, Mark mark, Marks* marks) {
  if (marks->bitmap.empty()) {
    marks->bitmap.assign((size_t{1} << kBitmapBits) / 32, 0);
  }
  const uint32_t hash = Hash(gram);
  marks->bitmap[hash >> 5] |= uint32_t{1} << (hash & 31);
  marks->by_gram[gram].push_back(mark);
}

void KeywordScanner::Add(std::string_view text, uint32_t number) {
  const std::string_view plain = LongestPlainPiece(text);
  if (plain.size() < kShortPiece) {
    always_.push_back(number);
    return;
  }
  Piece piece;
  piece.number = number;
  for (const char c : plain) piece.text += Lower(c);
  pieces_.push_back(std::move(piece));
}

void KeywordScanner::Build() {
  for (uint32_t i = 0; i < pieces_.size(); ++i) {
    const std::string& text = pieces_[i].text;
    if (text.size() >= kLongPiece) {
      // Any four neighbouring places will do; the end of a word is rarer than
      // its beginning.
      const size_t first = text.size() - kLongPiece;
      for (size_t k = 0; k < kStride; ++k) {
        const size_t offset = first + k;
        AddMark(Gram<4>(text.data() + offset),
                {i, static_cast<uint32_t>(offset)}, &long_);
      }
    } else {
      AddMark(Gram<3>(text.data()) | 0x20000000u, {i, 0}, &short_);
    }
  }
#if defined(__x86_64__)
  vector_ = __builtin_cpu_supports("avx2") != 0;
#endif
}

// The bitmap says that a piece may stand here.
template <int kWidth>
void KeywordScanner::Look(const Marks& marks, std::string_view json, size_t at,
                          std::vector<uint32_t>* numbers) const {
  const auto found =
      marks.by_gram.find(Gram<kWidth>(json.data() + at) | kLowerCase);
  if (found == marks.by_gram.end()) return;
  for (const Mark& mark : found->second) {
    const Piece& piece = pieces_[mark.piece];
    if (at < mark.offset) continue;
    const size_t begin = at - mark.offset;
    if (begin + piece.text.size() > json.size()) continue;
    const char* const text = json.data() + begin;
    if (std::equal(piece.text.begin(), piece.text.end(), text,
                   [](char a, char b) { return a == Lower(b); })) {
      numbers->push_back(piece.number);
    }
  }
}

template <int kWidth, int kStep>
void KeywordScanner::Scan(const Marks& marks, std::string_view json,
                          size_t from, std::vector<uint32_t>* numbers) const {
  const uint32_t* const bitmap = marks.bitmap.data();
  for (size_t i = from; i + kWidth <= json.size(); i += kStep) {
    const uint32_t hash = Hash(Gram<kWidth>(json.data() + i) | kLowerCase);
    if ((bitmap[hash >> 5] >> (hash & 31) & 1) != 0) [[unlikely]] {
      Look<kWidth>(marks, json, i, numbers);
    }
  }
}

#if defined(__x86_64__)
// Eight places at a time; returns where it stopped for want of bytes.
template <int kWidth, int kStep>
__attribute__((target("avx2"))) size_t KeywordScanner::ScanAvx2(
    const Marks& marks, std::string_view json,
    std::vector<uint32_t>* numbers) const {
  const auto* const bitmap = reinterpret_cast<const int*>(marks.bitmap.data());
  const __m256i lower = _mm256_set1_epi32(static_cast<int>(kLowerCase));
  const __m256i width_mask =
      _mm256_set1_epi32(kWidth == 4 ? -1 : (1 << (8 * (kWidth % 4))) - 1);
  const __m256i multiplier = _mm256_set1_epi32(static_cast<int>(kMultiplier));
  const __m256i bit_mask = _mm256_set1_epi32(31);
  size_t at = 0;
  for (; at + 32 + 3 <= json.size(); at += 32) {
    for (int shift = 0; shift < 4; shift += kStep) {
      __m256i gram = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(json.data() + at + shift));
      gram = _mm256_or_si256(_mm256_and_si256(gram, width_mask), lower);
      const __m256i hash = _mm256_srli_epi32(
          _mm256_mullo_epi32(gram, multiplier), 32 - kBitmapBits);
      const __m256i words =
          _mm256_i32gather_epi32(bitmap, _mm256_srli_epi32(hash, 5), 4);
      // The bit asked for, moved to the sign.
      const __m256i bits = _mm256_sllv_epi32(
          words, _mm256_sub_epi32(bit_mask, _mm256_and_si256(hash, bit_mask)));
      auto lanes = static_cast<uint32_t>(
          _mm256_movemask_ps(_mm256_castsi256_ps(bits)));
      while (lanes != 0) {
        const auto lane = static_cast<size_t>(__builtin_ctz(lanes));
        lanes &= lanes - 1;
        Look<kWidth>(marks, json, at + 4 * lane + static_cast<size_t>(shift),
                     numbers);
      }
    }
  }
  return at;
}
#endif

// Whether the text could stand for letters that it does not show: by \u, or by
// U+212A and U+017F, which fold to `k` and `s`.
bool KeywordScanner::HasUnseenLetters(bool vector, std::string_view json) {
  size_t from = 0;
#if defined(__x86_64__)
  if (vector) {
    from = FindSuspect(json);
    if (from == json.size()) return false;
  }
#else
  (void)vector;
#endif
  for (size_t i = from; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i);
    if (rest.starts_with("\xE2\x84\xAA") || rest.starts_with("\xC5\xBF")) {
      return true;
    }
    if (json[i] != '\\' || i + 1 >= json.size()) continue;
    if (json[i + 1] == 'u') return true;
    ++i;  // An escaped backslash begins no escape.
  }
  return false;
}

bool KeywordScanner::FindWith(bool vector, std::string_view json,
                              std::vector<uint32_t>* numbers) const {
  if (HasUnseenLetters(vector, json)) return false;
  numbers->insert(numbers->end(), always_.begin(), always_.end());
  size_t long_from = 0;
  size_t short_from = 0;
#if defined(__x86_64__)
  if (vector) {
    if (!long_.empty()) long_from = ScanAvx2<4, 4>(long_, json, numbers);
    if (!short_.empty()) short_from = ScanAvx2<3, 1>(short_, json, numbers);
  }
#else
  (void)vector;
#endif
  if (!long_.empty()) Scan<4, 4>(long_, json, long_from, numbers);
  if (!short_.empty()) Scan<3, 1>(short_, json, short_from, numbers);
  return true;
}

bool KeywordScanner::Find(std::string_view json,
                          std::vector<uint32_t>* numbers) const {
  return FindWith(vector_, json, numbers);
}

bool KeywordScanner::FindPortably(std::string_view json,
                                  std::vector<uint32_t>* numbers) const {
  return FindWith(false, json, numbers);
}

}  // namespace tocsin::runtime
