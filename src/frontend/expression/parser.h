// The parser of conditions: recursive descent, at most two tokens ahead.
//
//   cond  = and { "or" and }          and = inv { "and" inv }
//   inv   = "not" inv | comp
//   comp  = sum [ cmp sum | [ "not" ] ("in" | "in~") set
//               | (":" | "like" | "like~" | "regex" | "regex~") (STRING | set)
//               ]
//
// EQL (dialect.h) allows more in sets: any expression, and no names of lists.
//
// A condition ends at the first token that cannot continue it. What is wrong is
// told at once; what could still be read is returned.

#ifndef TOCSIN_SRC_FRONTEND_EXPRESSION_PARSER_H_
#define TOCSIN_SRC_FRONTEND_EXPRESSION_PARSER_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/frontend/expression/dialect.h"
#include "src/frontend/expression/token_stream.h"
#include "src/ir/expression.h"

namespace tocsin::expression {

// Deepest nesting, and longest chain of `+` or `*`.
inline constexpr int kMaxNesting = 100;
// Most nodes of the conditions of one file.
inline constexpr int kMaxNodes = 200'000;

// kEndgame: `child of [process where ...]`. The condition has a field of the
// name below in its place, which is true of the events that are meant.
struct Lineage {
  std::string relation;  // "child", "descendant" or "event".
  std::string category;  // "any": of all.
  ir::Expression condition;
};
inline constexpr std::string_view kLineageField = "$lineage";

class Parser {
 public:
  // `stream` must outlive the parser.
  explicit Parser(TokenStream* stream, const Dialect& dialect = {})
      : stream_(*stream), dialect_(dialect) {}

  ir::Expression ParseCondition();
  ir::Expression ParseSum();

  // `user.name`, `?user.name`, `process.args[0]`. At a loss: no parts.
  ir::FieldPath ParseField(text::Span* span = nullptr);

  // A constant, perhaps with a sign. kError at a loss.
  ir::Expression ParseLiteral();
  // "(" literal { "," literal } ")".
  std::vector<ir::Expression> ParseValues();

  // Those that were read so far, inner ones first; number i is the field
  // `$lineage.i`.
  std::vector<Lineage> lineages;

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
  ir::Expression ParseArraySearch(ir::Expression call);
  ir::Expression ParseLineage();
  ir::Expression ParseMethods(ir::Expression receiver);
  void ParseArguments(ir::Expression* call);
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
  const Dialect dialect_;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace tocsin::expression

#endif  // TOCSIN_SRC_FRONTEND_EXPRESSION_PARSER_H_
