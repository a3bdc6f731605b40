#include "src/frontend/kql/words.h"

#include <re2/re2.h>

#include "absl/strings/ascii.h"

namespace tocsin::kql {
namespace {

// A character of a word, and what may stand between two of them.
#define WORD "\\p{L}\\p{N}\\p{M}_"
#define INNER ".'"
constexpr char kWordStart[] =
    "(?:\\A|[^" WORD INNER "]|(?:\\A|[^" WORD "])[" INNER "])";
constexpr char kWordEnd[] =
    "(?:\\z|[^" WORD INNER "]|[" INNER "](?:\\z|[^" WORD "]))";
constexpr char kBetweenWords[] = "[^" WORD "]+";
constexpr char kRunInWord[] = "[" WORD INNER "]*";
#undef WORD
#undef INNER

std::string Quoted(std::string_view text) {
  return RE2::QuoteMeta({text.data(), text.size()});
}

// Of bytes beyond ASCII all belong to words: which letters they are is left to
// the regular expression. Invisible signs and dashes of other scripts are rare
// in what queries ask for.
bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || absl::ascii_isalnum(byte) || c == '_';
}

}  // namespace

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool inner = (text[i] == '.' || text[i] == '\'') && open &&
                       i + 1 < text.size() && IsWordByte(text[i + 1]);
    if (!inner && !IsWordByte(text[i])) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    words.back() += text[i];
    open = true;
  }
  return words;
}

std::string PhraseRegex(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string regex = std::string("(?is)") + kWordStart;
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
    for (const char c : piece) {
      one_word &= IsWordByte(c) || c == '.' || c == '\'';
    }
  }
  std::string regex = "(?is)";
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

}  // namespace tocsin::kql
