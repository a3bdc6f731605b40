#include "src/runtime/match/keyword_scanner.h"

#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tocsin::runtime {
namespace {

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

size_t SuspectPlace(std::string_view json) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return FindSuspect(json);
#endif
  return json.empty() ? json.size() : 0;
}

// Whether the text could stand for letters that it does not show: by \u, or by
// U+212A and U+017F, which fold to `k` and `s`.
bool HasUnseenLetters(std::string_view json) {
  for (size_t i = SuspectPlace(json); i < json.size(); ++i) {
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

}  // namespace

void KeywordScanner::Add(std::string_view text, uint32_t id) {
  static constexpr size_t kLeast = 3;
  const std::string_view piece = LongestPlainPiece(text);
  if (piece.size() < kLeast) {
    always_.push_back(id);
  } else {
    pieces_.Add(piece, id);
  }
}

bool KeywordScanner::Find(std::string_view json,
                          std::vector<uint32_t>* ids) const {
  if (HasUnseenLetters(json)) return false;
  ids->insert(ids->end(), always_.begin(), always_.end());
  pieces_.Find(json, ids);
  return true;
}

}  // namespace tocsin::runtime
