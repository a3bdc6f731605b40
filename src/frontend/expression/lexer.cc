#include "src/frontend/expression/lexer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/json_unescape.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/base/time_parse.h"
#include "src/base/utf8.h"
#include "src/ir/expression.h"
#include "src/text/reporter.h"

namespace tocsin::expression {
namespace {

using text::Quoted;
using text::Span;

// Characters that look like one of the grammar's and are not.
struct LookAlike {
  char32_t character;
  std::string_view name;
  std::string_view write;
};
constexpr LookAlike kLookAlikes[] = {
    {0x00A0, "a no-break space", "a plain space"},
    {0x2007, "a figure space", "a plain space"},
    {0x202F, "a narrow no-break space", "a plain space"},
    {0x3000, "an ideographic space", "a plain space"},
    {0x2018, "a curly quote", "`\"`"},
    {0x2019, "a curly quote", "`\"`"},
    {0x201C, "a curly quote", "`\"`"},
    {0x201D, "a curly quote", "`\"`"},
    {0x00AB, "an angle quote", "`\"`"},
    {0x00BB, "an angle quote", "`\"`"},
    {0x2010, "a hyphen", "`-`"},
    {0x2011, "a no-break hyphen", "`-`"},
    {0x2013, "a dash", "`-`"},
    {0x2014, "a long dash", "`-`"},
    {0x2212, "a minus sign", "`-`"},
    {0x2264, "`less or equal` in one character", "`<=`"},
    {0x2265, "`greater or equal` in one character", "`>=`"},
    {0x2260, "`not equal` in one character", "`!=`"},
    {0x00D7, "a multiplication sign", "`*`, or `x` for a factor"},
    {0xFF08, "a wide bracket", "`(`"},
    {0xFF09, "a wide bracket", "`)`"},
    {0xFF0C, "a wide comma", "`,`"},
    {0xFF1A, "a wide colon", "`:`"},
    {0x200B, "a zero-width space", "nothing"},
    {0xFEFF, "a byte order mark", "nothing"},
};

// Longest first, so that the first that fits is the token.
constexpr std::array<std::string_view, 28> kSymbols = {
    "==", "!=", "<=", ">=", "..", "(", ")", "{", "}", "[", "]", ",", ".", ":",
    "=",  "<",  ">",  "+",  "-",  "*", "/", "%", "?", "|", ";", "&", "^", "!"};

bool StartsName(char c) {
  return absl::ascii_isalpha(c) || c == '_' || c == '@' || c == '$';
}
bool ContinuesName(char c) { return StartsName(c) || absl::ascii_isdigit(c); }

std::optional<int64_t> Multiply(double count, int64_t amount) {
  const double product = count * static_cast<double>(amount);
  if (!(product < 9.2e18)) return std::nullopt;
  return std::llround(product);
}

class Lexer {
 public:
  Lexer(const text::Source& source, const Dialect& dialect)
      : text_(source.text()), dialect_(dialect) {}

  Tokens Run() {
    while (SkipSpace()) LexOne();
    Token end;
    end.span = {Position(), Position()};
    tokens_.tokens.push_back(std::move(end));
    return std::move(tokens_);
  }

 private:
  uint32_t Position() const { return static_cast<uint32_t>(at_); }
  std::string_view Rest() const { return std::string_view(text_).substr(at_); }
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool IsFirstOnLine(size_t at) const {
    while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    return at == 0 || text_[at - 1] == '\n' || text_[at - 1] == '\r';
  }

  // False at the end of the text.
  bool SkipSpace() {
    while (at_ < text_.size()) {
      if (absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else if (Rest().starts_with("//")) {
        const size_t end =
            std::min(text_.find_first_of("\r\n", at_), text_.size());
        AddComment(end);
      } else if (Rest().starts_with("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string::npos) {
          Token& token = Add(Token::kBad, text_.size());
          Fail(&token, "T300", {token.span.begin, token.span.begin + 2},
               "this comment has no end", "close it with `*/`");
          return false;
        }
        AddComment(end + 2);
      } else {
        return true;
      }
    }
    return false;
  }

  void AddComment(size_t end) {
    tokens_.comments.push_back(
        {{Position(), static_cast<uint32_t>(end)}, IsFirstOnLine(at_)});
    at_ = end;
  }

  // Adds a token that ends before `end`, and goes there.
  Token& Add(Token::Kind kind, size_t end) {
    Token token;
    token.kind = kind;
    token.span = {Position(), static_cast<uint32_t>(end)};
    at_ = end;
    tokens_.tokens.push_back(std::move(token));
    return tokens_.tokens.back();
  }

  static void Fail(Token* token, std::string_view code, Span span,
                   std::string error, std::string help = {}) {
    if (!token->code.empty()) return;
    token->code = code;
    token->error_span = span;
    token->error = std::move(error);
    token->help = std::move(help);
  }

  void LexOne() {
    const char c = Peek();
    const bool is_element = c == '$' && dialect_.endpoint;
    if (StartsName(c) || is_element) return LexName();
    if (absl::ascii_isdigit(c)) return LexNumber();
    if (c == '.' && absl::ascii_isdigit(Peek(1)) && IsNoMember()) {
      return LexNumber();
    }
    if (c == '?' && (Peek(1) == '"' || Peek(1) == '\'') && dialect_.is_eql()) {
      return LexOldRawString();
    }
    if (Rest().starts_with("\"\"\"")) return LexRawString();
    if (c == '"') return LexString();
    if (c == '`') return LexQuotedName();
    if (c == '\'') return LexSingleQuoted();
    for (const std::string_view symbol : kSymbols) {
      if (!Rest().starts_with(symbol)) continue;
      Add(Token::kSymbol, at_ + symbol.size()).text = symbol;
      return;
    }
    LexUnknown();
  }

  void LexName() {
    size_t end = at_ + 1;
    while (end < text_.size() && ContinuesName(text_[end])) ++end;
    std::string name = text_.substr(at_, end - at_);
    const bool tilde = end < text_.size() && text_[end] == '~';
    Token& token = Add(Token::kName, end + (tilde ? 1 : 0));
    token.text = std::move(name);
    token.tilde = tilde;
  }

  // Two back-ticks stand for one.
  void LexQuotedName() {
    std::string name;
    size_t end = at_ + 1;
    for (; end < text_.size() && text_[end] != '\n'; ++end) {
      if (text_[end] == '`') {
        if (end + 1 >= text_.size() || text_[end + 1] != '`') break;
        ++end;
      }
      name += text_[end];
    }
    const bool closed = end < text_.size() && text_[end] == '`';
    Token& token = Add(Token::kName, closed ? end + 1 : end);
    token.text = std::move(name);
    token.quoted = true;
    if (!closed) {
      Fail(&token, "T300", {token.span.begin, token.span.begin + 1},
           "this name has no end on its line", "close it with a back-tick");
    } else if (token.text.empty()) {
      Fail(&token, "T300", token.span, "a name is empty");
    }
  }

  // Whether a point here does not go on with the name of a field.
  bool IsNoMember() const {
    return dialect_.is_eql() &&
           (at_ == 0 || (!ContinuesName(text_[at_ - 1]) &&
                         text_[at_ - 1] != ']' && text_[at_ - 1] != '`'));
  }

  // ?"C:\Windows"
  void LexOldRawString() {
    const char quote = Peek(1);
    std::string content;
    size_t end = at_ + 2;
    for (; end < text_.size() && text_[end] != quote && text_[end] != '\n';
         ++end) {
      const bool escapes = text_[end] == '\\' && end + 1 < text_.size() &&
                           text_[end + 1] == quote;
      if (escapes) ++end;
      content += text_[end];
    }
    const bool closed = end < text_.size() && text_[end] == quote;
    Token& token = Add(Token::kString, closed ? end + 1 : end);
    token.text = std::move(content);
    if (!dialect_.is_endgame()) {
      Fail(&token, "T303", token.span, "raw strings take three double quotes",
           "write `\"\"\"...\"\"\"`");
    } else if (!closed) {
      Fail(&token, "T300", {token.span.begin, token.span.begin + 2},
           "this raw string has no end on its line", "close it as it begins");
    }
    CheckUtf8(&token);
  }

  void LexSingleQuoted() {
    if (dialect_.is_endgame()) return LexString();
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '\'' && text_[end] != '\n')
      ++end;
    const std::string inner = text_.substr(at_ + 1, end - at_ - 1);
    const bool closed = end < text_.size() && text_[end] == '\'';
    Token& token = Add(Token::kString, closed ? end + 1 : end);
    token.text = inner;
    Fail(&token, "T303", token.span, "strings take double quotes",
         absl::StrCat("write `", ir::QuoteString(inner.substr(0, 60)),
                      "`; raw text goes in `\"\"\"...\"\"\"`"));
  }

  void LexRawString() {
    const size_t begin = at_ + 3;
    size_t end = text_.find("\"\"\"", begin);
    if (end == std::string::npos) {
      Token& token = Add(Token::kString, text_.size());
      Fail(&token, "T300", {token.span.begin, token.span.begin + 3},
           "this raw string has no end", "close it with `\"\"\"`");
      return;
    }
    // Of four or five quotes the first ones are content.
    while (end + 3 < text_.size() && text_[end + 3] == '"') ++end;
    std::string content = text_.substr(begin, end - begin);
    Token& token = Add(Token::kString, end + 3);
    token.text = std::move(content);
    CheckUtf8(&token);
  }

  void LexString() {
    const size_t begin = at_;
    const char quote = text_[begin];
    size_t end = begin + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end +=
          text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n'
              ? 2
              : 1;
    }
    end = std::min(end, text_.size());
    const bool closed = end < text_.size() && text_[end] == quote;
    Token& token = Add(Token::kString, closed ? end + 1 : end);
    if (!closed) {
      Fail(&token, "T300", {token.span.begin, token.span.begin + 1},
           "this string has no end on its line",
           "close it with `\"`; text over several lines goes in "
           "`\"\"\"...\"\"\"`");
    }
    Unescape(begin + 1, end, &token);
    CheckUtf8(&token);
  }

  void Unescape(size_t begin, size_t end, Token* token) {
    for (size_t i = begin; i < end; ++i) {
      if (text_[i] != '\\' || i + 1 >= end) {
        token->text += text_[i];
        continue;
      }
      const size_t escape = i++;
      switch (text_[i]) {
        case 'n':
          token->text += '\n';
          break;
        case 'r':
          token->text += '\r';
          break;
        case 't':
          token->text += '\t';
          break;
        case '\\':
        case '"':
          token->text += text_[i];
          break;
        case 'b':
        case 'f':
        case '\'':
          if (dialect_.is_eql()) {
            token->text += text_[i] == 'b'   ? '\b'
                           : text_[i] == 'f' ? '\f'
                                             : '\'';
            break;
          }
          FailEscape(begin, end, escape, token);
          token->text.append(text_, escape, i - escape + 1);
          break;
        case 'u':
          if (UnescapeCodePoint(end, &i, token)) break;
          [[fallthrough]];
        default:
          FailEscape(begin, end, escape, token);
          token->text.append(text_, escape, i - escape + 1);
      }
    }
  }

  void FailEscape(size_t begin, size_t end, size_t escape, Token* token) {
    const int length =
        base::DecodeUtf8(std::string_view(text_).substr(escape + 1)).length;
    const std::string raw =
        text_.substr(begin, std::min(end - begin, size_t{60}));
    const bool raw_fits = raw.find("\"\"\"") == std::string::npos;
    Fail(token, "T304",
         {static_cast<uint32_t>(escape),
          static_cast<uint32_t>(escape + 1 + length)},
         "unknown escape " + Quoted(text_.substr(escape, 1 + length)),
         absl::StrCat(
             "write `\\\\` for a backslash",
             raw_fits ? absl::StrCat(", or `\"\"\"", raw,
                                     end - begin > 60 ? "..." : "", "\"\"\"`")
                      : ""));
  }

  // `*i` is at the u of \u{hex}; at its last character afterwards.
  bool UnescapeCodePoint(size_t end, size_t* i, Token* token) {
    const size_t open = *i + 1;
    if (open >= end || text_[open] != '{') return false;
    const size_t close = text_.find('}', open);
    if (close == std::string::npos || close >= end) return false;
    const size_t digits = close - open - 1;
    if (digits < 1 || digits > 8) return false;
    uint64_t value = 0;
    for (size_t at = open + 1; at < close; ++at) {
      if (!absl::ascii_isxdigit(text_[at])) return false;
      const char c = absl::ascii_tolower(text_[at]);
      value = value * 16 + (absl::ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value > 0x10FFFF || surrogate) return false;
    base::AppendUtf8(static_cast<char32_t>(value), &token->text);
    *i = close;
    return true;
  }

  static void CheckUtf8(Token* token) {
    if (token->span.end - token->span.begin > kMaxTokenBytes) {
      Fail(token, "T341", {token->span.begin, token->span.begin + 1},
           absl::StrCat("a string is longer than ", kMaxTokenBytes, " bytes"));
    } else if (!base::IsValidUtf8(token->text)) {
      Fail(token, "T300", token->span, "a string is not UTF-8",
           "save the file as UTF-8");
    }
  }

  // --- Numbers and what begins with a digit --------------------------------

  void LexNumber() {
    if (!dialect_.is_eql() && LexTime()) return;
    const size_t begin = at_;
    size_t end = EndOfNumber(begin);
    const std::string digits = NumberText(begin, end);
    if (end == text_.size() || !ContinuesName(text_[end])) {
      Token& token = Add(Token::kNumber, end);
      SetNumber(digits, &token);
      return;
    }
    if (!dialect_.is_eql() && text_[end] == 'x' &&
        (end + 1 == text_.size() || !ContinuesName(text_[end + 1]))) {
      Token& token = Add(Token::kFactor, end + 1);
      SetNumber(digits, &token);
      return;
    }
    size_t unit_end = end;
    while (unit_end < text_.size() && absl::ascii_isalpha(text_[unit_end])) {
      ++unit_end;
    }
    const std::string unit =
        absl::AsciiStrToLower(text_.substr(end, unit_end - end));
    for (const Unit& size : SizeUnits()) {
      if (size.name != unit || dialect_.is_eql()) continue;
      Token& token = Add(Token::kSize, unit_end);
      const std::optional<int64_t> bytes =
          Multiply(ToDouble(digits), size.amount);
      if (bytes) token.value = base::Value::Int(*bytes);
      if (!bytes) Fail(&token, "T300", token.span, "this size is too large");
      return;
    }
    LexDuration(begin);
  }

  // Digits, `_` between them, a fraction, an exponent.
  size_t EndOfNumber(size_t at) const {
    const auto digit = [&](size_t i) {
      return i < text_.size() && absl::ascii_isdigit(text_[i]);
    };
    while (digit(at) ||
           (at < text_.size() && text_[at] == '_' && digit(at + 1))) {
      ++at;
    }
    if (at < text_.size() && text_[at] == '.' && digit(at + 1)) {
      ++at;
      while (digit(at)) ++at;
    }
    if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
      size_t exponent = at + 1;
      if (exponent < text_.size() &&
          (text_[exponent] == '+' || text_[exponent] == '-')) {
        ++exponent;
      }
      if (digit(exponent)) {
        at = exponent;
        while (digit(at)) ++at;
      }
    }
    return at;
  }

  std::string NumberText(size_t begin, size_t end) const {
    std::string digits = text_.substr(begin, end - begin);
    std::erase(digits, '_');
    return digits;
  }

  static double ToDouble(const std::string& digits) {
    double value = 0;
    if (!absl::SimpleAtod(digits, &value)) return HUGE_VAL;
    return value;
  }

  static void SetNumber(std::string digits, Token* token) {
    if (digits.starts_with('.')) digits.insert(0, "0");
    // Not octal: a zero in front means nothing.
    const size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
    size_t drop = zeros;
    if (drop == digits.size() || !absl::ascii_isdigit(digits[drop])) {
      drop = drop > 0 ? drop - 1 : 0;
    }
    digits.erase(0, drop);
    const std::optional<base::Number> number = base::ParseNumber(digits);
    if (!number) {
      Fail(token, "T300", token->span, "this number cannot be read");
      return;
    }
    switch (number->kind) {
      case base::Number::kInt:
        token->value = base::Value::Int(number->int_value);
        break;
      case base::Number::kUint:
        token->value =
            base::Value::Uint(static_cast<uint64_t>(number->int_value));
        break;
      case base::Number::kDouble:
        token->value = base::Value::Double(number->double_value);
        if (token->value.is_null()) {
          Fail(token, "T300", token->span, "this number is too large");
        }
        break;
    }
  }

  // 1h30m; also what has an unknown unit, which is no token.
  void LexDuration(size_t begin) {
    size_t at = begin;
    double nanos = 0;
    std::string unknown;
    while (at < text_.size() && absl::ascii_isdigit(text_[at])) {
      const size_t number_end = EndOfNumber(at);
      size_t unit_end = number_end;
      while (unit_end < text_.size() && absl::ascii_isalpha(text_[unit_end])) {
        ++unit_end;
      }
      const std::string unit = text_.substr(number_end, unit_end - number_end);
      bool known = false;
      for (const Unit& each : DurationUnits()) {
        if (each.name != unit) continue;
        nanos += ToDouble(NumberText(at, number_end)) *
                 static_cast<double>(each.amount);
        known = true;
      }
      if (!known && unknown.empty()) unknown = unit;
      at = unit_end;
      if (!known) break;
    }
    // A number that begins with its point is no part of a duration.
    size_t end = std::max(at, EndOfNumber(begin));
    while (end < text_.size() && ContinuesName(text_[end])) ++end;
    Token& token = Add(Token::kDuration, end);
    const std::string shown = text_.substr(begin, end - begin);
    if (!unknown.empty() || end != at) {
      token.kind = Token::kBad;
      Fail(&token, "T311", token.span,
           "a number with the unit of nothing: " + Quoted(shown),
           "durations take ms, s, m, h, d, w and can be joined: `1h30m`; sizes "
           "kb, mb, gb, tb and kib, mib, gib, tib; a name that begins with a "
           "digit goes in back-ticks");
    } else if (!(nanos < 9.2e18)) {
      Fail(&token, "T311", token.span, "this duration is too long",
           "at most 292 years can be told");
    } else {
      token.value = base::Value::Duration(std::llround(nanos));
    }
  }

  // 2027-03-31, or RFC 3339 with a zone.
  bool LexTime() {
    constexpr std::string_view kShape = "dddd-dd-dd";
    const std::string_view rest = Rest();
    if (rest.size() < kShape.size()) return false;
    for (size_t i = 0; i < kShape.size(); ++i) {
      if (kShape[i] == 'd' ? !absl::ascii_isdigit(rest[i]) : rest[i] != '-') {
        return false;
      }
    }
    size_t end = kShape.size();
    const bool has_clock = rest.size() > end + 1 && rest[end] == 'T' &&
                           absl::ascii_isdigit(rest[end + 1]);
    if (has_clock) {
      ++end;
      while (end < rest.size() &&
             (absl::ascii_isalnum(rest[end]) || rest[end] == ':' ||
              rest[end] == '+' || rest[end] == '-' ||
              (rest[end] == '.' && end + 1 < rest.size() &&
               absl::ascii_isdigit(rest[end + 1])))) {
        ++end;
      }
    } else if (end < rest.size() && ContinuesName(rest[end])) {
      return false;
    }
    const std::string written(rest.substr(0, end));
    Token& token = Add(Token::kTime, at_ + end);
    const std::optional<base::ParsedTime> time = base::ParseTime(
        has_clock ? written : written + "T00:00:00Z", absl::ZeroDuration());
    if (!time) {
      Fail(&token, "T300", token.span, Quoted(written) + " is no time",
           "write a day such as `2027-03-31`, or RFC 3339: "
           "`2027-03-31T08:00:00Z`");
    } else if (time->zone_assumed) {
      Fail(&token, "T300", token.span, "a time with a clock needs its zone",
           absl::StrCat("write `", written, "Z` for UTC"));
    } else {
      token.value = base::Value::Time(time->time.nanos());
    }
    return true;
  }

  void LexUnknown() {
    const base::CodePoint c = base::DecodeUtf8(Rest());
    size_t end = at_ + c.length;
    const auto known = std::find_if(
        std::begin(kLookAlikes), std::end(kLookAlikes),
        [&](const LookAlike& each) { return each.character == c.value; });
    if (known != std::end(kLookAlikes)) {
      Token& token = Add(Token::kBad, end);
      Fail(&token, "T300", token.span,
           absl::StrCat("here stands ", base::ToAbsl(known->name)),
           absl::StrCat("write ", base::ToAbsl(known->write)));
      return;
    }
    // Characters beyond ASCII side by side are one problem.
    while (static_cast<unsigned char>(c.value > 0x7F) != 0 &&
           end < text_.size() &&
           static_cast<unsigned char>(text_[end]) >= 0x80) {
      ++end;
    }
    Token& token = Add(Token::kBad, end);
    const std::string shown = base::RepairUtf8(std::string_view(text_).substr(
        token.span.begin, token.span.end - token.span.begin));
    Fail(
        &token, "T300", token.span,
        c.value < 0x20 || base::IsInvisible(c.value)
            ? "here stands a character that cannot be seen"
            : Quoted(shown) + " has no meaning here",
        c.value > 0x7F ? "a name with such characters goes in back-ticks" : "");
  }

  const std::string& text_;
  const Dialect& dialect_;
  size_t at_ = 0;
  Tokens tokens_;
};

}  // namespace

const std::vector<Unit>& DurationUnits() {
  constexpr int64_t kSecond = 1'000'000'000;
  static const auto& units = *new std::vector<Unit>{
      {"ms", 1'000'000},      {"s", kSecond},
      {"m", 60 * kSecond},    {"h", 3600 * kSecond},
      {"d", 86400 * kSecond}, {"w", 7 * 86400 * kSecond}};
  return units;
}

const std::vector<Unit>& SizeUnits() {
  static const auto& units = *new std::vector<Unit>{{"kb", 1'000},
                                                    {"mb", 1'000'000},
                                                    {"gb", 1'000'000'000},
                                                    {"tb", 1'000'000'000'000},
                                                    {"kib", int64_t{1} << 10},
                                                    {"mib", int64_t{1} << 20},
                                                    {"gib", int64_t{1} << 30},
                                                    {"tib", int64_t{1} << 40}};
  return units;
}

Tokens Lex(const text::Source& source, const Dialect& dialect) {
  return Lexer(source, dialect).Run();
}

std::string Describe(const Token& token, const text::Source& source) {
  if (token.kind == Token::kEnd) return "the end of the file";
  std::string_view written = source.Slice(token.span);
  return Quoted(
      written.substr(0, std::min(written.find('\n'), written.size())));
}

bool UnescapeJson(std::string_view inner, std::string* out) {
  out->clear();
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\') {
      *out += inner[i];
      continue;
    }
    if (++i == inner.size()) return false;
    constexpr std::string_view kFrom = "nrtbf\"\\/";
    constexpr std::string_view kTo = "\n\r\t\b\f\"\\/";
    const size_t simple = kFrom.find(inner[i]);
    if (simple != std::string_view::npos) {
      *out += kTo[simple];
      continue;
    }
    if (inner[i] != 'u') return false;
    const auto read = [&](char32_t* value) {
      if (i + 4 >= inner.size()) return false;
      *value = 0;
      for (int digit = 0; digit < 4; ++digit) {
        const char c = absl::ascii_tolower(inner[++i]);
        if (!absl::ascii_isxdigit(c)) return false;
        *value =
            *value * 16 + (absl::ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
      }
      return true;
    };
    char32_t value = 0;
    if (!read(&value)) return false;
    const bool high = value >= 0xD800 && value < 0xDC00;
    if (high && inner.substr(i + 1).starts_with("\\u")) {
      i += 2;
      char32_t low = 0;
      if (!read(&low) || low < 0xDC00 || low > 0xDFFF) return false;
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
    }
    base::AppendUtf8(value, out);
  }
  return true;
}

}  // namespace tocsin::expression
