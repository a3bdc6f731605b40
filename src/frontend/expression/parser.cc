#include "src/frontend/expression/parser.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"

namespace tocsin::expression {

using ir::Expression;
using ir::Operator;
using text::Quoted;
using text::Span;

namespace {

std::optional<Operator> ComparisonOf(const Token& token) {
  if (token.kind != Token::kSymbol) return std::nullopt;
  if (token.text == "==" || token.text == "=") return Operator::kEq;
  if (token.text == "!=") return Operator::kNe;
  if (token.text == "<") return Operator::kLt;
  if (token.text == "<=") return Operator::kLe;
  if (token.text == ">") return Operator::kGt;
  if (token.text == ">=") return Operator::kGe;
  return std::nullopt;
}

std::optional<Operator> MatchOf(const Token& token) {
  if (token.Is(":")) return Operator::kColon;
  if (token.IsWord("like")) return Operator::kLike;
  if (token.IsWord("regex")) return Operator::kRegex;
  return std::nullopt;
}

Operator ArithmeticOf(const Token& token) {
  switch (token.text[0]) {
    case '+':
      return Operator::kAdd;
    case '-':
      return Operator::kSub;
    case '*':
      return Operator::kMul;
    case '/':
      return Operator::kDiv;
    default:
      return Operator::kMod;
  }
}

// The operator with its operands turned round: `1 < x` is `x > 1`.
std::string_view Mirrored(Operator op) {
  switch (op) {
    case Operator::kLt:
      return ">";
    case Operator::kLe:
      return ">=";
    case Operator::kGt:
      return "<";
    case Operator::kGe:
      return "<=";
    default:
      return ir::Spelling(op);
  }
}

bool IsValue(const Token& token) {
  switch (token.kind) {
    case Token::kString:
    case Token::kNumber:
    case Token::kSize:
    case Token::kDuration:
    case Token::kTime:
      return true;
    default:
      return token.IsWord("true") || token.IsWord("false") ||
             token.IsWord("null");
  }
}

}  // namespace

// Counts how deep the parser is in itself.
class Nesting {
 public:
  explicit Nesting(Parser* parser) : parser_(*parser) {
    if (++parser_.depth_ == kMaxNesting) {
      parser_.stream_.Fail(
          "T341", parser_.stream_.Peek().span,
          absl::StrCat("the condition is nested deeper than ", kMaxNesting),
          "name parts of it with `define`, or use a list");
    }
  }
  ~Nesting() { --parser_.depth_; }

 private:
  Parser& parser_;
};

Expression Parser::Error() const {
  Expression error;
  error.kind = Expression::kError;
  error.span = stream_.Behind();
  return error;
}

bool Parser::Count() {
  if (++nodes_ <= kMaxNodes) return true;
  stream_.Fail("T341", stream_.Peek().span,
               absl::StrCat("the conditions of this file have more than ",
                            kMaxNodes, " parts"),
               "put values in a list file, or rules in several files");
  return false;
}

Expression Parser::Join(Expression::Kind kind, std::string_view word,
                        Expression (Parser::*operand)()) {
  Expression first = (this->*operand)();
  if (!stream_.Peek().IsWord(word)) return first;
  const uint32_t begin = first.span.begin;
  std::vector<Expression> children;
  // Brackets that change nothing are not kept: `(a and b) and c`.
  const auto add = [&](Expression child) {
    if (child.kind != kind) {
      children.push_back(std::move(child));
      return;
    }
    for (Expression& inner : child.children) {
      children.push_back(std::move(inner));
    }
  };
  add(std::move(first));
  while (stream_.TakeIf(word)) add((this->*operand)());
  return Expression::Of(kind, std::move(children), {begin, stream_.end()});
}

Expression Parser::ParseCondition() {
  const Nesting nesting(this);
  return Join(Expression::kOr, "or", &Parser::ParseAnd);
}

Expression Parser::ParseAnd() {
  return Join(Expression::kAnd, "and", &Parser::ParseNot);
}

Expression Parser::ParseNot() {
  if (!stream_.Peek().IsWord("not")) return ParseComparison();
  const Nesting nesting(this);
  const Span word = stream_.Take().span;
  std::vector<Expression> child;
  child.push_back(ParseNot());
  return Expression::Of(Expression::kNot, std::move(child),
                        {word.begin, stream_.end()});
}

Expression Parser::ParseComparison() {
  Expression left = ParseSum();
  const Token& next = stream_.Peek();
  if (next.IsWord("in")) return ParseIn(std::move(left), false);
  if (next.IsWord("not") && stream_.Peek(1).IsWord("in")) {
    stream_.Take();
    return ParseIn(std::move(left), true);
  }
  if (MatchOf(next)) return ParseMatch(std::move(left));
  const std::optional<Operator> op = ComparisonOf(next);
  if (!op) return left;

  Expression made;
  made.kind = Expression::kCompare;
  made.op = *op;
  made.name_span = stream_.Take().span;
  if (stream_.source().Slice(made.name_span) == "=" && !dialect_.is_endgame()) {
    stream_.Error("T302", made.name_span, "`=` does not compare",
                  "write `==` (exact) or `:` (any letter case, wildcards)");
  }
  made.children.push_back(std::move(left));
  made.children.push_back(ParseSum());
  made.span = {made.children[0].span.begin, stream_.end()};
  if (!stream_.at_loss() && ComparisonOf(stream_.Peek())) {
    const Span second = stream_.Take().span;
    const std::string_view second_op = stream_.source().Slice(second);
    const Expression third = ParseSum();
    const auto written = [&](const Expression& e) {
      return base::ToAbsl(stream_.source().Slice(e.span));
    };
    const bool literal_first = made.children[0].kind == Expression::kLiteral;
    const std::string first =
        literal_first ? absl::StrCat(written(made.children[1]), " ",
                                     base::ToAbsl(Mirrored(made.op)), " ",
                                     written(made.children[0]))
                      : absl::StrCat(written(made.children[0]), " ",
                                     base::ToAbsl(Spelling(made.op)), " ",
                                     written(made.children[1]));
    stream_.Error(
        "T308", second, "comparisons do not chain",
        absl::StrCat("write `", first, " and ", written(made.children[1]), " ",
                     base::ToAbsl(second_op), " ", written(third), "`"));
    made.kind = Expression::kError;
  }
  const bool equality = made.op == Operator::kEq || made.op == Operator::kNe;
  if (equality && !dialect_.is_endgame()) {
    WarnOfStar(made.children[0], made.children[1],
               made.op == Operator::kEq ? "==" : "!=");
  }
  return made;
}

void Parser::WarnOfStar(const Expression& left, const Expression& literal,
                        std::string_view op) {
  if (literal.kind != Expression::kLiteral || !literal.value.is_string())
    return;
  if (literal.value.text.find('*') == std::string::npos) return;
  if (left.kind != Expression::kField) return;
  const std::string field = ir::Print(left.field);
  const std::string_view no = op == "!=" ? "not " : "";
  stream_.Warning(
      "T305", literal.span,
      absl::StrCat("`", base::ToAbsl(op), "` takes the star literally"),
      absl::StrCat("for a wildcard write `", base::ToAbsl(no), field, " like ",
                   base::ToAbsl(stream_.source().Slice(literal.span)),
                   "`, or `:` in any letter case"));
}

Expression Parser::ParseIn(Expression left, bool negated) {
  const Token& word = stream_.Take();
  Expression made;
  made.kind = Expression::kIn;
  made.folded = word.tilde;
  made.negated = negated;
  made.name_span = word.span;
  made.span.begin = left.span.begin;
  made.children.push_back(std::move(left));
  ParseSet(false, &made);
  made.span.end = stream_.end();
  return made;
}

Expression Parser::ParseMatch(Expression left) {
  const Token& word = stream_.Take();
  Expression made;
  made.kind = Expression::kMatch;
  made.op = *MatchOf(word);
  made.folded = word.tilde || made.op == Operator::kColon;
  made.name_span = word.span;
  made.span.begin = left.span.begin;
  made.children.push_back(std::move(left));
  if (stream_.Peek().kind == Token::kString) {
    made.children.push_back(ParseLiteral());
  } else if (stream_.Peek().Is("(") ||
             (stream_.Peek().kind == Token::kName && !dialect_.is_eql())) {
    ParseSet(true, &made);
  } else {
    const std::string_view named =
        dialect_.is_eql() ? " or a list of strings"
                          : ", a list of strings, or the name of a list";
    stream_.Fail(absl::StrCat("a string", base::ToAbsl(named), " after `",
                              base::ToAbsl(Spelling(made.op)), "`"),
                 IsValue(stream_.Peek())
                     ? "patterns are strings; for other values write `==`"
                     : "");
  }
  made.span.end = stream_.end();
  return made;
}

// Values in brackets, or the name of a list.
bool Parser::ParseSet(bool texts_only, Expression* into) {
  const Token& next = stream_.Peek();
  if (dialect_.is_eql()) {
    if (!stream_.Expect("(", IsValue(next) ? "values stand in brackets" : "")) {
      return false;
    }
    while (!stream_.at_loss() && Count()) {
      into->children.push_back(texts_only ? ParseLiteral() : ParseCondition());
      Expression& value = into->children.back();
      if (texts_only && value.kind == Expression::kLiteral &&
          !value.value.is_string()) {
        stream_.Error("T300", value.span, "a pattern is a string",
                      "compare other values with `==` or `in`");
        value.kind = Expression::kError;
      }
      if (!stream_.TakeIf(",")) break;
    }
    return stream_.Expect(")");
  }
  if (next.kind == Token::kName && !IsValue(next)) {
    into->name = ParseQualifiedName("the name of a list", &into->name_span);
    return !into->name.empty();
  }
  if (!next.Is("(")) {
    stream_.Fail(
        "values in brackets, or the name of a list",
        IsValue(next)
            ? absl::StrCat("write `(",
                           base::ToAbsl(stream_.source().Slice(next.span)),
                           ")`")
            : "");
    return false;
  }
  const std::string_view op = stream_.source().Slice(into->name_span);
  const Token& inner = stream_.Peek(1);
  if (inner.kind == Token::kName && !IsValue(inner) &&
      stream_.Peek(2).Is(")")) {
    stream_.Take();
    const std::string left(stream_.source().Slice(into->children[0].span));
    stream_.Error("T306",
                  {stream_.Peek().span.begin - 1, stream_.Peek(1).span.end},
                  "a list is named without brackets",
                  absl::StrCat("write `", left, " ", base::ToAbsl(op), " ",
                               inner.text, "`"));
    into->name = stream_.Peek().text;
    into->name_span = stream_.Take().span;
    stream_.Take();
    return true;
  }
  for (Expression& value : ParseValues()) {
    if (texts_only && value.kind == Expression::kLiteral &&
        !value.value.is_string()) {
      stream_.Error("T300", value.span, "a pattern is a string",
                    "put it in double quotes, or compare with `==` or `in`");
      value.kind = Expression::kError;
    }
    into->children.push_back(std::move(value));
  }
  return !stream_.at_loss();
}

std::vector<Expression> Parser::ParseValues() {
  std::vector<Expression> values;
  if (!stream_.Expect("(")) return values;
  while (!stream_.at_loss() && Count()) {
    values.push_back(ParseLiteral());
    if (!stream_.TakeIf(",")) break;
    if (stream_.Peek().Is(")")) break;  // A comma behind the last is fine.
  }
  stream_.Expect(")");
  return values;
}

Expression Parser::ParseLiteral() {
  const bool minus = stream_.Peek().Is("-");
  const uint32_t begin = stream_.Peek().span.begin;
  if (minus) stream_.Take();
  const Token& token = stream_.Peek();
  const bool fits = minus ? token.kind == Token::kNumber ||
                                token.kind == Token::kSize ||
                                token.kind == Token::kDuration
                          : IsValue(token);
  if (!fits) {
    stream_.Fail("a value", token.kind == Token::kName
                                ? "text goes in double quotes"
                                : "");
    return Error();
  }
  stream_.Take();
  Expression made = Expression::Literal(token.value, {begin, token.span.end});
  if (token.kind == Token::kString) {
    made.value = base::Value::String(token.text);
  } else if (token.kind == Token::kName && token.text != "null") {
    made.value = base::Value::Bool(token.text == "true");
  }
  if (minus) {
    made.value.int_value =
        static_cast<int64_t>(-static_cast<uint64_t>(made.value.int_value));
    made.value.double_value = -made.value.double_value;
    if (made.value.kind == base::ValueKind::kUint) {
      // Beyond what is negative in 64 bits.
      made.value = base::Value::Double(
          -static_cast<double>(static_cast<uint64_t>(token.value.int_value)));
    }
  }
  // What was mended is spelt as it should have been.
  made.spelling = token.code.empty()
                      ? std::string(stream_.source().Slice(made.span))
                      : ir::QuoteString(token.text);
  return made;
}

Expression Parser::ParseChain(Expression (Parser::*operand)(),
                              std::string_view first, std::string_view second,
                              std::string_view third) {
  Expression left = (this->*operand)();
  int links = 0;
  while (stream_.Peek().Is(first) || stream_.Peek().Is(second) ||
         stream_.Peek().Is(third)) {
    if (++links == kMaxNesting) {
      stream_.Fail(
          "T341", stream_.Peek().span,
          absl::StrCat("more than ", kMaxNesting, " operators in a row"));
      break;
    }
    const Token& op = stream_.Take();
    Expression made;
    made.kind = Expression::kArithmetic;
    made.op = ArithmeticOf(op);
    made.name_span = op.span;
    made.span.begin = left.span.begin;
    made.children.push_back(std::move(left));
    made.children.push_back((this->*operand)());
    made.span.end = stream_.end();
    left = std::move(made);
  }
  return left;
}

Expression Parser::ParseSum() {
  return ParseChain(&Parser::ParseProduct, "+", "-", "+");
}

Expression Parser::ParseProduct() {
  return ParseChain(&Parser::ParseUnary, "*", "/", "%");
}

Expression Parser::ParseUnary() {
  if (!stream_.Peek().Is("-")) {
    Expression primary = ParsePrimary();
    return dialect_.is_endgame() ? ParseMethods(std::move(primary))
                                 : std::move(primary);
  }
  const Token& next = stream_.Peek(1);
  if (next.kind == Token::kNumber || next.kind == Token::kSize ||
      next.kind == Token::kDuration) {
    return ParseLiteral();
  }
  const Nesting nesting(this);
  const uint32_t begin = stream_.Take().span.begin;
  std::vector<Expression> child;
  child.push_back(ParseUnary());
  return Expression::Of(Expression::kNegate, std::move(child),
                        {begin, stream_.end()});
}

Expression Parser::ParsePrimary() {
  if (!Count()) return Error();
  const Token& token = stream_.Peek();
  if (token.Is("(")) {
    const uint32_t begin = stream_.Take().span.begin;
    Expression inner = ParseCondition();
    stream_.Expect(")");
    inner.span = {begin, stream_.end()};
    return inner;
  }
  if (IsValue(token)) return ParseLiteral();
  if (!dialect_.is_eql() && (token.IsWord("some") || token.IsWord("every")) &&
      stream_.Peek(1).kind == Token::kName && stream_.Peek(2).IsWord("in")) {
    return ParseElements();
  }
  const bool lineage = (dialect_.is_endgame() || dialect_.endpoint) &&
                       (token.IsWord("child") || token.IsWord("descendant") ||
                        token.IsWord("event")) &&
                       stream_.Peek(1).IsWord("of") && stream_.Peek(2).Is("[");
  if (lineage) return ParseLineage();
  if (token.Is("?") || token.kind == Token::kName) return ParseFieldOrCall();
  stream_.Fail("a field or a value");
  return Error();
}

// some s in file.code_signature (s.trusted == false)
Expression Parser::ParseElements() {
  const Nesting nesting(this);
  const Token& word = stream_.Take();
  Expression made;
  made.kind = word.text == "some" ? Expression::kSome : Expression::kEvery;
  made.span.begin = word.span.begin;
  const Token& name = stream_.Take();
  made.name = name.text;
  made.name_span = name.span;
  stream_.Expect("in");
  Expression array;
  array.kind = Expression::kField;
  array.field = ParseField(&array.span);
  made.children.push_back(std::move(array));
  stream_.Expect("(");
  made.children.push_back(ParseCondition());
  stream_.Expect(")");
  made.span.end = stream_.end();
  return made;
}

Expression Parser::ParseLineage() {
  const Nesting nesting(this);
  Lineage lineage;
  const uint32_t begin = stream_.Peek().span.begin;
  lineage.relation = stream_.Take().text;
  stream_.Take();
  stream_.Take();
  if (const Token* name = stream_.TakeName("a category, or `any`")) {
    lineage.category = name->text;
  }
  stream_.Expect("where");
  lineage.condition = ParseCondition();
  stream_.Expect("]");
  Expression made;
  made.kind = Expression::kField;
  made.span = {begin, stream_.end()};
  made.field.parts.push_back({std::string(kLineageField), {}});
  made.field.parts.push_back({std::to_string(lineages.size()), {}});
  lineages.push_back(std::move(lineage));
  return made;
}

// "hello":length()
Expression Parser::ParseMethods(Expression receiver) {
  int links = 0;
  while (stream_.Peek().Is(":") && stream_.Peek(1).kind == Token::kName &&
         stream_.Peek(2).Is("(") && ++links < kMaxNesting) {
    stream_.Take();
    const Token& name = stream_.Take();
    Expression call;
    call.kind = Expression::kCall;
    call.name = name.text;
    call.folded = name.tilde;
    call.name_span = name.span;
    call.span.begin = receiver.span.begin;
    call.children.push_back(std::move(receiver));
    ParseArguments(&call);
    call.span.end = stream_.end();
    receiver = std::move(call);
  }
  return receiver;
}

// "(" [ arguments ] ")".
void Parser::ParseArguments(Expression* call) {
  stream_.Expect("(");
  while (!stream_.at_loss() && !stream_.Peek().Is(")")) {
    call->children.push_back(ParseCondition());
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect(")");
}

// arraySearch(array, element, condition), arrayCount of the same.
Expression Parser::ParseArraySearch(Expression call) {
  const Nesting nesting(this);
  stream_.Expect("(");
  Expression made;
  made.kind = absl::EqualsIgnoreCase(call.name, "arrayCount")
                  ? Expression::kCountOf
                  : Expression::kSome;
  made.span = call.span;
  made.children.push_back(ParseCondition());
  stream_.Expect(",");
  const Token* const name = stream_.TakeName("a name for the element");
  if (name == nullptr) return Error();
  made.name = name->text;
  made.name_span = name->span;
  stream_.Expect(",");
  made.children.push_back(ParseCondition());
  stream_.Expect(")");
  made.span.end = stream_.end();
  if (made.children[0].kind != Expression::kField) {
    stream_.Error("T300", made.children[0].span,
                  "only the elements of a field can be searched");
    return Error();
  }
  return made;
}

Expression Parser::ParseFieldOrCall() {
  const Token& first = stream_.Peek();
  Expression made;
  made.kind = Expression::kField;
  made.field = ParseField(&made.span);
  if (made.field.parts.empty()) return Error();
  const bool may_be_call =
      !made.field.optional && !made.field.has_index() && stream_.Peek().Is("(");
  if (!may_be_call) {
    if (first.tilde && !stream_.at_loss()) {
      stream_.Error("T300", first.span,
                    "`~` stands behind `in`, `like`, `regex` or a function");
    }
    return made;
  }
  const Nesting nesting(this);
  if (stream_.source().Slice(made.span).find('`') != std::string_view::npos) {
    stream_.Error("T300", made.span,
                  "the name of a function has no back-ticks");
  }
  made.kind = Expression::kCall;
  made.name = made.field.Name();
  made.name_span = made.span;
  // The last part's: `stem.name~(`.
  made.folded = stream_.source().Slice(made.span).ends_with('~');
  made.field = {};
  const bool of_elements = absl::EqualsIgnoreCase(made.name, "arraySearch") ||
                           (absl::EqualsIgnoreCase(made.name, "_arraysearch") &&
                            dialect_.endpoint) ||
                           (absl::EqualsIgnoreCase(made.name, "arrayCount") &&
                            dialect_.is_endgame());
  if (dialect_.is_eql() && of_elements) {
    return ParseArraySearch(std::move(made));
  }
  ParseArguments(&made);
  made.span.end = stream_.end();
  return made;
}

bool Parser::ParseIndexes(ir::FieldPart* part) {
  // Behind keys of EQL a bracket begins a step.
  const auto is_index = [&] {
    return !dialect_.is_eql() || stream_.Peek(1).kind == Token::kNumber ||
           stream_.Peek(1).Is("-");
  };
  while (stream_.Peek().Is("[") && is_index()) {
    stream_.Take();
    const bool minus = stream_.TakeIf("-");
    const Token& number = stream_.Peek();
    if (number.kind != Token::kNumber ||
        number.value.kind != base::ValueKind::kInt ||
        number.value.int_value > 1'000'000) {
      stream_.Fail("the number of an element, such as `0` or `-1`");
      return false;
    }
    stream_.Take();
    part->indexes.push_back(minus ? -number.value.int_value
                                  : number.value.int_value);
    if (!stream_.Expect("]")) return false;
  }
  return true;
}

ir::FieldPath Parser::ParseField(Span* span) {
  ir::FieldPath field;
  Span whole;
  whole.begin = stream_.Peek().span.begin;
  field.optional = stream_.TakeIf("?");
  const Token& first = stream_.Peek();
  if (first.kind == Token::kName && !first.quoted &&
      IsReserved(first.text, dialect_)) {
    stream_.Fail("a field or a value",
                 "a field of this name goes in back-ticks");
    return {};
  }
  do {
    const Token* const name = stream_.TakeName("the name of a field");
    if (name == nullptr) return {};
    field.parts.push_back({name->text, {}});
    if (!ParseIndexes(&field.parts.back())) return {};
    if (field.parts.size() > kMaxNesting) {
      stream_.Fail("T341", name->span, "the name of this field is too long");
      return {};
    }
  } while (stream_.TakeIf("."));
  whole.end = stream_.end();
  if (span != nullptr) *span = whole;
  return field;
}

std::string Parser::ParseQualifiedName(std::string_view what, Span* span) {
  Span whole;
  whole.begin = stream_.Peek().span.begin;
  std::string name;
  do {
    const Token* const part = stream_.TakeName(what);
    if (part == nullptr) return {};
    if (part->quoted) {
      stream_.Error("T300", part->span, "only fields take back-ticks");
    }
    if (!name.empty()) name += '.';
    name += part->text;
  } while (stream_.TakeIf("."));
  whole.end = stream_.end();
  if (span != nullptr) *span = whole;
  return name;
}

}  // namespace tocsin::expression
