#include "src/frontend/kql/words.h"

#include <re2/re2.h>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"

namespace tocsin::kql {
namespace {

// What separates words, but for `.` and `'`, which do so only where no word
// goes on behind them. Beyond ASCII these are the blocks of signs and
// punctuation: all categories of Unicode would make an expression of thousands
// of ranges.
#define SEPARATOR                                                       \
  "\\x00-\\x26\\x28-\\x2D\\x2F\\x3A-\\x40\\x5B-\\x5E\\x60\\x7B-\\x{A9}" \
  "\\x{AB}-\\x{B4}\\x{B6}-\\x{B9}\\x{BB}-\\x{BF}\\x{2000}-\\x{206F}"    \
  "\\x{3000}-\\x{303F}"
#define INNER ".'"
constexpr char kWordStart[] =
    "(?:\\A|[" SEPARATOR "]|(?:\\A|[" SEPARATOR INNER "])[" INNER "])";
constexpr char kWordEnd[] =
    "(?:\\z|[" SEPARATOR "]|[" INNER "](?:\\z|[" SEPARATOR INNER "]))";
constexpr char kBetweenWords[] = "[" SEPARATOR INNER "]+";
constexpr char kRunInWord[] = "[^" SEPARATOR "]*";
#undef SEPARATOR
#undef INNER

bool IsWordChar(char32_t c) {
  if (c < 0x80) return absl::ascii_isalnum(static_cast<uint8_t>(c)) || c == '_';
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  return (c < 0x2000 || c > 0x206F) && (c < 0x3000 || c > 0x303F);
}

// Letter case is left out of account here only: classes of separators would
// grow by it.
std::string Quoted(std::string_view text) {
  if (text.empty()) return {};
  return "(?i:" + RE2::QuoteMeta({text.data(), text.size()}) + ")";
}

}  // namespace

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  while (!text.empty()) {
    const base::CodePoint at = base::DecodeUtf8(text);
    const std::string_view rest = text.substr(at.length);
    const bool inner = (at.value == '.' || at.value == '\'') && open &&
                       !rest.empty() &&
                       IsWordChar(base::DecodeUtf8(rest).value);
    const bool belongs = inner || IsWordChar(at.value);
    if (belongs) {
      if (!open) words.emplace_back();
      words.back() += text.substr(0, at.length);
    }
    open = belongs;
    text = rest;
  }
  return words;
}

std::string PhraseRegex(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string regex = std::string("(?s)") + kWordStart;
  for (const std::string& word : words) {
    if (&word != words.data()) regex += kBetweenWords;
    regex += Quoted(word);
  }
  return regex + kWordEnd;
}

std::string WildRegex(const WildText& text) {
  // A star reaches over the end of a word only where the author wrote one.
  bool one_word = true;
  for (const std::string& piece : text.pieces) {
    for (std::string_view rest = piece; !rest.empty();) {
      const base::CodePoint at = base::DecodeUtf8(rest);
      one_word &= IsWordChar(at.value) || at.value == '.' || at.value == '\'';
      rest.remove_prefix(at.length);
    }
  }
  std::string regex = "(?s)";
  if (!text.pieces.front().empty()) regex += kWordStart;
  for (size_t i = 0; i < text.pieces.size(); ++i) {
    const bool outer = i <= 1 && text.pieces.front().empty();
    const bool last = i + 1 == text.pieces.size() && text.pieces.back().empty();
    if (i > 0 && !outer && !last) regex += one_word ? kRunInWord : ".*";
    regex += Quoted(text.pieces[i]);
  }
  if (!text.pieces.back().empty()) regex += kWordEnd;
  return regex;
}

std::string WordRegex(std::string_view regex) {
  return std::string("(?s)") + kWordStart + "(?i:" + std::string(regex) + ")" +
         kWordEnd;
}

}  // namespace tocsin::kql
