#include "src/runtime/match/text_choice.h"

#include <cstddef>

namespace tocsin::runtime {
namespace {

using Anchor = LiteralFinder::Anchor;
using base::PatternToken;

bool IsRun(const PatternToken& token) {
  return token.kind == PatternToken::kAnyRun;
}

}  // namespace

bool TextChoice::IsSimple(const base::Pattern& pattern) {
  if (pattern.cased) return false;
  int literals = 0;
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind == PatternToken::kLiteral) {
      ++literals;
    } else if (!IsRun(token)) {
      return false;
    }
  }
  return literals == 1;
}

void TextChoice::Add(const base::Pattern& pattern) {
  const std::vector<PatternToken>& tokens = pattern.tokens;
  const bool before = IsRun(tokens.front());
  const bool behind = IsRun(tokens.back());
  const std::string_view literal = tokens[before ? 1 : 0].text;
  literals_.Add(before ? (behind ? Anchor::kAnywhere : Anchor::kEnd)
                       : (behind ? Anchor::kStart : Anchor::kWhole),
                literal, 0);
}

void TextChoice::Build() { literals_.Build(); }

bool TextChoice::Matches(std::string_view text) {
  found_.clear();
  literals_.FindAnchored(text, &found_);
  if (found_.empty()) literals_.FindInner(text, false, &found_);
  return !found_.empty();
}

}  // namespace tocsin::runtime
