// The tokens of Tocsin's rule language and of EQL.
//
// A file is cut into tokens once. A token that is not well-formed carries what
// is wrong with it, told by whoever uses the token: places that read text by
// other rules (tags, JSON of examples) do not use it.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_LEXER_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/value.h"
#include "src/frontend/expression/dialect.h"
#include "src/text/source.h"

namespace tocsin::expression {

struct Token {
  enum Kind : uint8_t {
    kEnd,
    kName,      // `text`; `tilde` if a `~` follows at once.
    kString,    // `text` is its content.
    kNumber,    // `value`.
    kSize,      // `value`, in bytes.
    kDuration,  // `value`.
    kTime,      // `value`.
    kFactor,    // 4x: `value`.
    kSymbol,    // `text`: `==`, `(`, `..`.
    kBad,       // None of these; `error` says why.
  };

  Kind kind = kEnd;
  text::Span span;
  std::string text;
  base::Value value;
  bool tilde = false;
  bool quoted = false;  // A name in back-ticks.

  // What is wrong with it; "" if nothing is.
  std::string_view code;
  text::Span error_span;
  std::string error;
  std::string help;

  bool Is(std::string_view symbol) const {
    return kind == kSymbol && text == symbol;
  }
  // An unquoted word.
  bool IsWord(std::string_view word) const {
    return kind == kName && !quoted && text == word;
  }
};

struct Comment {
  text::Span span;        // Without the line end.
  bool own_line = false;  // Nothing but space stands before it on its line.
};

struct Tokens {
  std::vector<Token> tokens;  // The last is kEnd.
  std::vector<Comment> comments;
};

// Longest token that is taken; one that is longer is bad.
inline constexpr size_t kMaxTokenBytes = size_t{1} << 20;

// Cost: linear in the text.
Tokens Lex(const text::Source& source, const Dialect& dialect = {});

// What a token is called in a message: "`name`", "the end of the file".
std::string Describe(const Token& token, const text::Source& source);

// Reads what stands in double quotes of JSON, escapes resolved. False: it is
// not well-formed.
bool UnescapeJson(std::string_view inner, std::string* out);

// The table of units of durations and of sizes: name and nanoseconds or bytes.
struct Unit {
  std::string_view name;
  int64_t amount;
};
const std::vector<Unit>& DurationUnits();
const std::vector<Unit>& SizeUnits();

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_LEXER_H_
