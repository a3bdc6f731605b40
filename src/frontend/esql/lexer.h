#ifndef TOCSIN_SRC_FRONTEND_ESQL_LEXER_H_
#define TOCSIN_SRC_FRONTEND_ESQL_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/value.h"
#include "src/text/source.h"

namespace tocsin::esql {

struct Token {
  enum Kind : uint8_t {
    kEnd,
    kName,    // `text`.
    kString,  // `text`, escapes resolved.
    kNumber,  // `value`.
    kSymbol,  // `text`: `==`, `(`, `|`.
    kBad,     // None of these; `text` says why.
  };

  Kind kind = kEnd;
  bool quoted = false;  // A name in back-ticks.
  text::Span span;
  std::string text;
  base::Value value;

  bool Is(std::string_view symbol) const {
    return kind == kSymbol && text == symbol;
  }
  // An unquoted word, in any letter case.
  bool IsWord(std::string_view lower) const;
};

// The bytes `span` of the source as tokens; the last is kEnd. Cost: linear.
std::vector<Token> Lex(const text::Source& source, text::Span span);

}  // namespace tocsin::esql

#endif  // TOCSIN_SRC_FRONTEND_ESQL_LEXER_H_
