#include "src/frontend/sigma/value_pattern.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"

namespace tocsin::sigma {
namespace {

using base::Pattern;
using base::PatternToken;

// - / en dash, em dash, horizontal bar.
constexpr std::string_view kDashes = "-/\u2013\u2014\u2015";

// Joins neighbouring literals and neighbouring `*` while tokens are added.
void AppendLiteral(std::string_view text, Pattern* pattern) {
  if (text.empty()) return;
  std::vector<PatternToken>& tokens = pattern->tokens;
  if (tokens.empty() || tokens.back().kind != PatternToken::kLiteral) {
    tokens.push_back({PatternToken::kLiteral, {}});
  }
  tokens.back().text += text;
}

void AppendWildcard(PatternToken::Kind kind, Pattern* pattern) {
  std::vector<PatternToken>& tokens = pattern->tokens;
  const bool repeated = kind == PatternToken::kAnyRun && !tokens.empty() &&
                        tokens.back().kind == kind;
  if (!repeated) tokens.push_back({kind, {}});
}

// Letters, digits and `_`. Of what is not ASCII all but the blocks of
// punctuation counts as a letter.
bool IsWord(char32_t c) {
  if (c < 0x80) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  }
  return !(c >= 0x80 && c <= 0xBF) && c != 0xD7 && c != 0xF7 &&
         !(c >= 0x2000 && c <= 0x206F) && !(c >= 0x3000 && c <= 0x303F);
}

void AppendVaried(std::string_view text, Pattern* out) {
  bool after_word = false;
  size_t literal_start = 0;
  for (size_t i = 0; i < text.size();) {
    const base::CodePoint c = base::DecodeUtf8(text.substr(i));
    const size_t next = i + c.length;
    const bool varied = (c.value == '-' || c.value == '/') && !after_word &&
                        next < text.size() &&
                        IsWord(base::DecodeUtf8(text.substr(next)).value);
    if (varied) {
      AppendLiteral(text.substr(literal_start, i - literal_start), out);
      out->tokens.push_back({PatternToken::kOneOf, std::string(kDashes)});
      literal_start = next;
    }
    after_word = IsWord(c.value);
    i = next;
  }
  AppendLiteral(text.substr(literal_start), out);
}

void AppendUnit(char32_t unit, bool big_endian, std::string* out) {
  const char low = static_cast<char>(unit & 0xFF);
  const char high = static_cast<char>(unit >> 8);
  *out += big_endian ? high : low;
  *out += big_endian ? low : high;
}

std::string Utf16Bytes(std::string_view text, bool big_endian) {
  std::string out;
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    text.remove_prefix(c.length);
    if (c.value < 0x10000) {
      AppendUnit(c.value, big_endian, &out);
    } else {
      const char32_t rest = c.value - 0x10000;
      AppendUnit(0xD800 + (rest >> 10), big_endian, &out);
      AppendUnit(0xDC00 + (rest & 0x3FF), big_endian, &out);
    }
  }
  return out;
}

}  // namespace

Pattern ParseValue(std::string_view raw) {
  Pattern pattern;
  pattern.tokens.reserve(3);  // Mostly a literal and a wildcard at either end.
  size_t literal_start = 0;
  const auto end_literal = [&](size_t end) {
    AppendLiteral(raw.substr(literal_start, end - literal_start), &pattern);
  };
  for (size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '\\' && i + 1 < raw.size() &&
        (raw[i + 1] == '*' || raw[i + 1] == '?' || raw[i + 1] == '\\')) {
      end_literal(i);
      literal_start = i + 1;
      ++i;
    } else if (c == '*' || c == '?') {
      end_literal(i);
      AppendWildcard(c == '*' ? PatternToken::kAnyRun : PatternToken::kAnyOne,
                     &pattern);
      literal_start = i + 1;
    }
  }
  end_literal(raw.size());
  return pattern;
}

Pattern LiteralPattern(std::string text) {
  Pattern pattern;
  if (!text.empty()) {
    pattern.tokens.push_back({PatternToken::kLiteral, std::move(text)});
  }
  return pattern;
}

void AllowAnyBefore(Pattern* pattern) {
  std::vector<PatternToken>& tokens = pattern->tokens;
  if (!tokens.empty() && tokens.front().kind == PatternToken::kAnyRun) return;
  tokens.insert(tokens.begin(), {PatternToken::kAnyRun, {}});
}

void AllowAnyAfter(Pattern* pattern) {
  AppendWildcard(PatternToken::kAnyRun, pattern);
}

bool MatchesEverything(const Pattern& pattern) {
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind != PatternToken::kAnyRun) return false;
  }
  return !pattern.tokens.empty();
}

Pattern VaryDashes(const Pattern& pattern) {
  Pattern out;
  out.cased = pattern.cased;
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind == PatternToken::kLiteral) {
      AppendVaried(token.text, &out);
    } else {
      out.tokens.push_back(token);
    }
  }
  return out;
}

std::optional<std::vector<Pattern>> ExpandChoices(const Pattern& pattern,
                                                  size_t limit) {
  std::vector<Pattern> expanded(1);
  expanded.front().cased = pattern.cased;
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind == PatternToken::kLiteral) {
      for (Pattern& out : expanded) AppendLiteral(token.text, &out);
      continue;
    }
    if (token.kind != PatternToken::kOneOf) {
      for (Pattern& out : expanded) AppendWildcard(token.kind, &out);
      continue;
    }
    std::vector<Pattern> longer;
    for (std::string_view rest = token.text; !rest.empty();) {
      const size_t length = base::DecodeUtf8(rest).length;
      if (longer.size() + expanded.size() > limit) return std::nullopt;
      for (const Pattern& prefix : expanded) {
        longer.push_back(prefix);
        AppendLiteral(rest.substr(0, length), &longer.back());
      }
      rest.remove_prefix(length);
    }
    expanded = std::move(longer);
  }
  return expanded;
}

Pattern EncodeUtf16(const Pattern& pattern, Utf16 form) {
  Pattern out;
  out.cased = pattern.cased;
  if (form == Utf16::kWithByteOrderMark) AppendLiteral("\xFF\xFE", &out);
  for (const PatternToken& token : pattern.tokens) {
    if (token.kind == PatternToken::kLiteral) {
      AppendLiteral(Utf16Bytes(token.text, form == Utf16::kBigEndian), &out);
    } else {
      out.tokens.push_back(token);
    }
  }
  return out;
}

std::optional<std::string> LiteralText(const Pattern& pattern) {
  if (pattern.tokens.empty()) return std::string();
  if (pattern.tokens.size() > 1 ||
      pattern.tokens.front().kind != PatternToken::kLiteral) {
    return std::nullopt;
  }
  return pattern.tokens.front().text;
}

std::string EncodeBase64(std::string_view bytes) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    std::array<unsigned, 3> group = {0, 0, 0};
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < count; ++j) {
      group[j] = static_cast<unsigned char>(bytes[i + j]);
    }
    const unsigned bits = group[0] << 16 | group[1] << 8 | group[2];
    out += kAlphabet[bits >> 18];
    out += kAlphabet[bits >> 12 & 63];
    out += count > 1 ? kAlphabet[bits >> 6 & 63] : '=';
    out += count > 2 ? kAlphabet[bits & 63] : '=';
  }
  return out;
}

std::vector<std::string> EncodeBase64Offsets(std::string_view bytes) {
  // Characters at either end that depend on the bytes around: those of the
  // padding before it, and those that hold bits of what follows.
  static constexpr std::array<size_t, 3> kCutFront = {0, 2, 3};
  static constexpr std::array<size_t, 3> kCutBack = {0, 3, 2};
  std::vector<std::string> texts;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string encoded =
        EncodeBase64(std::string(offset, ' ').append(bytes));
    const size_t begin = kCutFront[offset];
    const size_t back = kCutBack[(bytes.size() + offset) % 3];
    const size_t end = encoded.size() < back ? 0 : encoded.size() - back;
    texts.push_back(begin < end ? encoded.substr(begin, end - begin) : "");
  }
  return texts;
}

}  // namespace tocsin::sigma
