#include "src/frontend/esql/lexer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/number.h"
#include "src/base/utf8.h"

namespace tocsin::esql {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
bool InName(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '@';
}

class Lexer {
 public:
  Lexer(const text::Source& source, text::Span span)
      : text_(std::string_view(source.text()).substr(0, span.end)),
        at_(span.begin) {}

  std::vector<Token> Run() {
    while (true) {
      SkipSpace();
      Token token;
      token.span.begin = at_;
      if (at_ < text_.size()) Take(&token);
      token.span.end = at_;
      tokens_.push_back(std::move(token));
      if (tokens_.back().kind == Token::kEnd) return std::move(tokens_);
    }
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool Starts(std::string_view with) const {
    return text_.substr(at_).starts_with(with);
  }

  void SkipSpace() {
    while (at_ < text_.size()) {
      if (absl::ascii_isspace(static_cast<unsigned char>(Peek()))) {
        ++at_;
      } else if (Starts("//")) {
        const size_t end = text_.find('\n', at_);
        at_ = static_cast<uint32_t>(std::min(end, text_.size()));
      } else if (Starts("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos
                  ? static_cast<uint32_t>(text_.size())
                  : static_cast<uint32_t>(end + 2);
      } else {
        return;
      }
    }
  }

  void Take(Token* token) {
    const char c = Peek();
    if (c == '"') {
      TakeString(token);
    } else if (c == '`') {
      TakeQuotedName(token);
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !BehindName())) {
      TakeNumber(token);
    } else if (InName(c)) {
      token->kind = Token::kName;
      while (InName(Peek())) token->text += text_[at_++];
    } else {
      TakeSymbol(token);
    }
  }

  // `a.0.b`: a part of a name may be digits.
  bool BehindName() const {
    if (tokens_.empty()) return false;
    const Token& last = tokens_.back();
    return last.kind == Token::kName && last.span.end == at_;
  }

  void Bad(std::string why, Token* token) {
    token->kind = Token::kBad;
    token->text = std::move(why);
  }

  void TakeString(Token* token) {
    token->kind = Token::kString;
    if (Starts("\"\"\"")) {
      const size_t begin = at_ + 3;
      size_t end = text_.find("\"\"\"", begin);
      if (end == std::string_view::npos) {
        at_ = static_cast<uint32_t>(text_.size());
        Bad("this string is never closed", token);
        return;
      }
      // Quotes more than three belong to the string.
      for (int more = 0;
           more < 2 && end + 3 < text_.size() && text_[end + 3] == '"';
           ++more) {
        ++end;
      }
      token->text = text_.substr(begin, end - begin);
      at_ = static_cast<uint32_t>(end + 3);
      return;
    }
    ++at_;
    while (at_ < text_.size() && Peek() != '"' && Peek() != '\n') {
      if (Peek() != '\\') {
        token->text += text_[at_++];
        continue;
      }
      constexpr std::pair<char, char> kEscapes[] = {
          {'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};
      const auto* const found =
          std::find_if(std::begin(kEscapes), std::end(kEscapes),
                       [&](const auto& each) { return each.first == Peek(1); });
      if (found == std::end(kEscapes)) {
        // What is no escape is two characters.
        token->text += text_[at_++];
        continue;
      }
      token->text += found->second;
      at_ += 2;
    }
    if (Peek() != '"') {
      Bad("this string is never closed", token);
      return;
    }
    ++at_;
  }

  void TakeQuotedName(Token* token) {
    token->kind = Token::kName;
    token->quoted = true;
    ++at_;
    while (at_ < text_.size()) {
      if (Peek() == '`' && Peek(1) == '`')
        ++at_;
      else if (Peek() == '`')
        break;
      token->text += text_[at_++];
    }
    if (at_ >= text_.size()) {
      Bad("this name is never closed", token);
      return;
    }
    ++at_;
    if (token->text.empty()) Bad("a name without letters", token);
  }

  void TakeNumber(Token* token) {
    const uint32_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    const size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 2 : 1;
    if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(sign))) {
      at_ += static_cast<uint32_t>(sign);
      while (IsDigit(Peek())) ++at_;
    }
    std::string digits(text_.substr(begin, at_ - begin));
    if (digits[0] == '.') digits.insert(0, 1, '0');
    const size_t zeros = digits.find_first_not_of('0');
    if (zeros != std::string::npos && zeros > 0) {
      digits.erase(0, IsDigit(digits[zeros]) ? zeros : zeros - 1);
    }
    if (zeros == std::string::npos) digits = "0";
    token->kind = Token::kNumber;
    const std::optional<base::Number> number = base::ParseNumber(digits);
    if (!number) {
      Bad("this is no number", token);
    } else if (number->kind == base::Number::kInt) {
      token->value = base::Value::Int(number->int_value);
    } else if (number->kind == base::Number::kUint) {
      token->value =
          base::Value::Uint(static_cast<uint64_t>(number->int_value));
    } else {
      token->value = base::Value::Double(number->double_value);
    }
  }

  void TakeSymbol(Token* token) {
    token->kind = Token::kSymbol;
    for (const std::string_view two : {"==", "=~", "!=", "<=", ">=", "::"}) {
      if (!Starts(two)) continue;
      token->text = two;
      at_ += 2;
      return;
    }
    constexpr std::string_view kSymbols = "|,.()[]{}=<>+-*/%:?";
    const size_t length = base::DecodeUtf8(text_.substr(at_)).length;
    token->text = text_.substr(at_, length);
    at_ += static_cast<uint32_t>(length);
    if (length > 1 || kSymbols.find(token->text) == std::string_view::npos) {
      Bad("this means nothing here", token);
    }
  }

  const std::string_view text_;
  uint32_t at_;
  std::vector<Token> tokens_;
};

}  // namespace

bool Token::IsWord(std::string_view lower) const {
  if (kind != kName || quoted || text.size() != lower.size()) return false;
  return std::equal(
      text.begin(), text.end(), lower.begin(), [](char a, char b) {
        return absl::ascii_tolower(static_cast<unsigned char>(a)) ==
               static_cast<unsigned char>(b);
      });
}

std::vector<Token> Lex(const text::Source& source, text::Span span) {
  return Lexer(source, span).Run();
}

}  // namespace tocsin::esql
