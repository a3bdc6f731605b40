// TokenStream: the tokens of one file, as parsers read them.
//
// Errors are told once. After one that leaves no sense in going on, the stream
// is at a loss: it shows the end of the file, so that every loop of a parser
// ends, and tells nothing more, until Recover sets it to a token from where it
// makes sense again.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_TOKEN_STREAM_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_TOKEN_STREAM_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/expression/lexer.h"
#include "src/text/reporter.h"
#include "src/text/source.h"

namespace tocsin::expression {

class TokenStream {
 public:
  // All must outlive the stream.
  TokenStream(const Tokens& tokens, text::Reporter* reporter)
      : tokens_(tokens.tokens), reporter_(reporter) {}

  const Token& Peek(size_t ahead = 0) const {
    if (at_loss_) return tokens_.back();
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool AtEnd() const { return Peek().kind == Token::kEnd; }

  // Takes the next token, and tells what is wrong with it.
  const Token& Take();
  // The same if it is this symbol or unquoted word.
  bool TakeIf(std::string_view word);
  // The same, or an error: "expected `)`, found `x`".
  bool Expect(std::string_view symbol, std::string_view help = {});

  // Takes the next token if it is a name or, in back-ticks, any text.
  const Token* TakeName(std::string_view what);
  const Token* TakeString(std::string_view what);

  // Where the token that was taken last ends.
  uint32_t end() const { return end_; }
  // The place behind it, for what is missing there.
  text::Span Behind() const { return {end_, end_}; }

  // "expected `what`, found ...", at the next token; then at a loss.
  void Fail(std::string_view what, std::string_view help = {});
  // Any error that leaves the parser at a loss.
  void Fail(std::string_view code, text::Span span, std::string message,
            std::string help = {});
  // Errors and warnings after which parsing goes on.
  void Error(std::string_view code, text::Span span, std::string message,
             std::string help = {});
  void Warning(std::string_view code, text::Span span, std::string message,
               std::string help = {});

  bool at_loss() const { return at_loss_; }
  size_t position() const { return at_; }
  // The token at `position`, also at a loss.
  const Token& At(size_t position) const {
    return tokens_[std::min(position, tokens_.size() - 1)];
  }
  void Recover(size_t position) {
    at_ = std::min(position, tokens_.size() - 1);
    if (at_ > 0) end_ = tokens_[at_ - 1].span.end;
    at_loss_ = false;
  }

  const text::Source& source() const { return reporter_->source(); }
  text::Reporter* reporter() { return reporter_; }

 private:
  const std::vector<Token>& tokens_;
  text::Reporter* reporter_;
  size_t at_ = 0;
  uint32_t end_ = 0;
  bool at_loss_ = false;
};

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_TOKEN_STREAM_H_
