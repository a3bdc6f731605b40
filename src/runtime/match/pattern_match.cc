#include "src/runtime/match/pattern_match.h"

#include <string.h>  // memmem, which <cstring> need not have.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "src/base/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

using base::CodePoint;
using base::PatternToken;

// Tokens without a kAnyRun among them: what they match has a fixed number of
// code points.
using Segment = std::span<const PatternToken>;

bool IsInvalid(const CodePoint& point) {
  return point.length == 1 && point.value == base::kReplacementCharacter;
}

// The last code point of `text`, cut as a decoder from the front would cut it:
// a lead byte always starts a code point, so it is enough to try the last four
// bytes.
CodePoint DecodeLastUtf8(std::string_view text) {
  for (size_t length = 1; length <= std::min<size_t>(4, text.size());
       ++length) {
    const CodePoint point = base::DecodeUtf8(text.substr(text.size() - length));
    if (static_cast<size_t>(point.length) == length && !IsInvalid(point)) {
      return point;
    }
  }
  return {base::kReplacementCharacter, 1};
}

// Whether kAnyOne or kOneOf `token` takes `point`.
bool Takes(const PatternToken& token, const CodePoint& point) {
  if (token.kind == PatternToken::kAnyOne) return true;
  if (IsInvalid(point)) return false;
  for (std::string_view set = token.text; !set.empty();) {
    const CodePoint member = base::DecodeUtf8(set);
    if (member.value == point.value) return true;
    set.remove_prefix(static_cast<size_t>(member.length));
  }
  return false;
}

// Takes what `segment` matches off the front of `text`.
bool ConsumeFront(Segment segment, std::string_view* text) {
  for (const PatternToken& token : segment) {
    if (token.kind == PatternToken::kLiteral) {
      if (!text->starts_with(token.text)) return false;
      text->remove_prefix(token.text.size());
      continue;
    }
    if (text->empty()) return false;
    const CodePoint point = base::DecodeUtf8(*text);
    if (!Takes(token, point)) return false;
    text->remove_prefix(static_cast<size_t>(point.length));
  }
  return true;
}

// The same at the back.
bool ConsumeBack(Segment segment, std::string_view* text) {
  for (size_t i = segment.size(); i > 0; --i) {
    const PatternToken& token = segment[i - 1];
    if (token.kind == PatternToken::kLiteral) {
      if (!text->ends_with(token.text)) return false;
      text->remove_suffix(token.text.size());
      continue;
    }
    if (text->empty()) return false;
    const CodePoint point = DecodeLastUtf8(*text);
    if (!Takes(token, point)) return false;
    text->remove_suffix(static_cast<size_t>(point.length));
  }
  return true;
}

size_t FindLinearly(std::string_view text, std::string_view part) {
  const void* const found =
      memmem(text.data(), text.size(), part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

#if defined(__x86_64__)
// How rare a byte is in folded text, roughly; the two rarest of a part are what
// it is looked for by.
int Rarity(char c) {
  static constexpr std::string_view kCommon = " eatoinsrlcdmup\\./";
  const size_t place = kCommon.find(c);
  if (place != std::string_view::npos) return static_cast<int>(place / 6);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? 4 : 5;
}

// Looks for places where two bytes of `part` fit, 32 at a time; several times
// faster than memmem. Gives up where too many fit and fail, for a text made so
// would cost quadratic time; `*from` is how far it came. REQUIRES: `part` has
// two bytes or more.
__attribute__((target("avx2"))) size_t FindByRareBytes(std::string_view text,
                                                       std::string_view part,
                                                       size_t* from) {
  size_t rare = 0;
  for (size_t i = 1; i < part.size(); ++i) {
    if (Rarity(part[i]) > Rarity(part[rare])) rare = i;
  }
  size_t other = rare == 0 ? part.size() - 1 : 0;
  for (size_t i = 0; i < part.size(); ++i) {
    if (i != rare && Rarity(part[i]) > Rarity(part[other])) other = i;
  }
  const __m256i rare_byte = _mm256_set1_epi8(part[rare]);
  const __m256i other_byte = _mm256_set1_epi8(part[other]);
  size_t patience = 64 + text.size() / 16;
  size_t at = 0;
  for (; at + part.size() - 1 + 32 <= text.size() && patience > 0; at += 32) {
    const __m256i at_rare = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(text.data() + at + rare));
    const __m256i at_other = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(text.data() + at + other));
    auto fits = static_cast<uint32_t>(_mm256_movemask_epi8(
        _mm256_and_si256(_mm256_cmpeq_epi8(at_rare, rare_byte),
                         _mm256_cmpeq_epi8(at_other, other_byte))));
    for (; fits != 0 && patience > 0; fits &= fits - 1) {
      const size_t place = at + static_cast<size_t>(__builtin_ctz(fits));
      if (std::memcmp(text.data() + place, part.data(), part.size()) == 0) {
        return place;
      }
      --patience;
    }
    if (patience == 0) break;  // This block is not done.
  }
  *from = at;
  return std::string_view::npos;
}
#endif

// std::string_view::find can take quadratic time; memmem is linear.
size_t FindText(std::string_view text, std::string_view part) {
  if (part.empty()) return 0;  // Also where data() is null.
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2 && part.size() > 1) {
    size_t from = 0;
    const size_t place = FindByRareBytes(text, part, &from);
    if (place != std::string_view::npos) return place;
    const size_t in_rest = FindLinearly(text.substr(from), part);
    return in_rest == std::string_view::npos ? in_rest : from + in_rest;
  }
#endif
  return FindLinearly(text, part);
}

// Takes `text` up to the end of the leftmost match of `segment`. To take the
// leftmost is always right: it leaves most to what follows.
bool ConsumeFirst(Segment segment, std::string_view* text) {
  if (segment.empty()) return true;
  const bool literal = segment[0].kind == PatternToken::kLiteral;
  while (true) {
    if (literal) {
      const size_t at = FindText(*text, segment[0].text);
      if (at == std::string_view::npos) return false;
      text->remove_prefix(at);
    }
    std::string_view rest = *text;
    if (ConsumeFront(segment, &rest)) {
      *text = rest;
      return true;
    }
    if (text->empty()) return false;
    text->remove_prefix(static_cast<size_t>(base::DecodeUtf8(*text).length));
  }
}

}  // namespace

bool ContainsText(std::string_view text, std::string_view part) {
  return FindText(text, part) != std::string_view::npos;
}

bool MatchesPattern(const base::Pattern& pattern, std::string_view text) {
  const Segment tokens = pattern.tokens;
  const auto is_run = [](const PatternToken& token) {
    return token.kind == PatternToken::kAnyRun;
  };
  const auto first_run = std::find_if(tokens.begin(), tokens.end(), is_run);
  if (!ConsumeFront(Segment(tokens.begin(), first_run), &text)) return false;
  if (first_run == tokens.end()) return text.empty();

  const auto behind_last_run =
      std::find_if(tokens.rbegin(), tokens.rend(), is_run).base();
  if (!ConsumeBack(Segment(behind_last_run, tokens.end()), &text)) return false;

  // Between the outer runs segments are found one behind the other.
  for (auto begin = first_run; begin != behind_last_run;) {
    ++begin;  // Past the run.
    const auto end = std::find_if(begin, behind_last_run, is_run);
    if (!ConsumeFirst(Segment(begin, end), &text)) return false;
    begin = end;
  }
  return true;
}

}  // namespace tocsin::runtime
