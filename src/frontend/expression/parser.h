// The parser of conditions: recursive descent, at most two tokens ahead.
//
//   cond  = and { "or" and }          and = inv { "and" inv }
//   inv   = "not" inv | comp
//   comp  = sum [ cmp sum | [ "not" ] ("in" | "in~") set
//               | (":" | "like" | "like~" | "regex" | "regex~") (STRING | set)
//               ]
//
// A condition ends at the first token that cannot continue it. What is wrong is
// told at once; what could still be read is returned.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_PARSER_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_PARSER_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/expression/token_stream.h"
#include "src/ir/expression.h"

namespace tocsin::expression {

// Deepest nesting, and longest chain of `+` or `*`.
inline constexpr int kMaxNesting = 100;
// Most nodes of the conditions of one file.
inline constexpr int kMaxNodes = 200'000;

class Parser {
 public:
  // `stream` must outlive the parser.
  explicit Parser(TokenStream* stream) : stream_(*stream) {}

  ir::Expression ParseCondition();
  ir::Expression ParseSum();

  // `user.name`, `?user.name`, `process.args[0]`. At a loss: no parts.
  ir::FieldPath ParseField(text::Span* span = nullptr);

  // A constant, perhaps with a sign. kError at a loss.
  ir::Expression ParseLiteral();
  // "(" literal { "," literal } ")".
  std::vector<ir::Expression> ParseValues();

  // `lists.admins`: names joined by dots. "" at a loss.
  std::string ParseQualifiedName(std::string_view what, text::Span* span);

 private:
  friend class Nesting;

  ir::Expression ParseAnd();
  ir::Expression ParseNot();
  ir::Expression ParseComparison();
  ir::Expression ParseProduct();
  ir::Expression ParseUnary();
  ir::Expression ParsePrimary();
  ir::Expression ParseFieldOrCall();
  ir::Expression ParseElements();
  ir::Expression ParseMatch(ir::Expression left);
  ir::Expression ParseIn(ir::Expression left, bool negated);
  bool ParseSet(bool texts_only, ir::Expression* into);
  bool ParseIndexes(ir::FieldPart* part);
  ir::Expression ParseChain(ir::Expression (Parser::*operand)(),
                            std::string_view first, std::string_view second,
                            std::string_view third);
  ir::Expression Join(ir::Expression::Kind kind, std::string_view word,
                      ir::Expression (Parser::*operand)());
  void WarnOfStar(const ir::Expression& left, const ir::Expression& literal,
                  std::string_view op);
  bool Count();
  ir::Expression Error() const;

  TokenStream& stream_;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_PARSER_H_
