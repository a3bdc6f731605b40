#include "src/frontend/expression/token_stream.h"

#include <utility>

namespace tocsin::expression {

using text::Quoted;

const Token& TokenStream::Take() {
  const Token& token = Peek();
  if (at_loss_) return token;
  if (!token.code.empty()) {
    // What is not well-formed but known for what it is costs no more.
    Error(token.code, token.error_span, token.error, token.help);
    if (token.kind == Token::kBad) at_loss_ = true;
  }
  end_ = token.span.end;
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenStream::TakeIf(std::string_view word) {
  const Token& token = Peek();
  if (!token.Is(word) && !token.IsWord(word)) return false;
  Take();
  return true;
}

bool TokenStream::Expect(std::string_view symbol, std::string_view help) {
  if (TakeIf(symbol)) return true;
  Fail(Quoted(symbol), help);
  return false;
}

const Token* TokenStream::TakeName(std::string_view what) {
  if (Peek().kind != Token::kName) {
    Fail(what);
    return nullptr;
  }
  return &Take();
}

const Token* TokenStream::TakeString(std::string_view what) {
  if (Peek().kind != Token::kString) {
    Fail(what, Peek().kind == Token::kName ? "text goes in double quotes" : "");
    return nullptr;
  }
  return &Take();
}

void TokenStream::Fail(std::string_view what, std::string_view help) {
  if (at_loss_) return;
  const Token& token = Peek();
  if (!token.code.empty()) {
    Error(token.code, token.error_span, token.error, token.help);
  } else {
    Error("T300", token.span,
          "expected " + std::string(what) + ", found " +
              Describe(token, source()),
          std::string(help));
  }
  at_loss_ = true;
}

void TokenStream::Fail(std::string_view code, text::Span span,
                       std::string message, std::string help) {
  Error(code, span, std::move(message), std::move(help));
  at_loss_ = true;
}

void TokenStream::Error(std::string_view code, text::Span span,
                        std::string message, std::string help) {
  if (at_loss_) return;
  reporter_->Error(code, source().RangeOf(span), std::move(message),
                   std::move(help));
}

void TokenStream::Warning(std::string_view code, text::Span span,
                          std::string message, std::string help) {
  if (at_loss_) return;
  reporter_->Warning(code, source().RangeOf(span), std::move(message),
                     std::move(help));
}

}  // namespace tocsin::expression
