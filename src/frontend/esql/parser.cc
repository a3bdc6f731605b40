#include "src/frontend/esql/parser.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/frontend/esql/lexer.h"

namespace tocsin::esql {
namespace {

using ir::Expression;
using ir::Operator;

constexpr int kMaxNesting = 80;
constexpr int kMaxNodes = 50'000;
constexpr size_t kMaxCommands = 200;

struct Unit {
  std::string_view name;
  int64_t nanos;
};
constexpr int64_t kSecond = 1'000'000'000;
// Months and years have no fixed length and are told of by who wants one.
constexpr Unit kUnits[] = {{"ms", 1'000'000},
                           {"millisecond", 1'000'000},
                           {"milliseconds", 1'000'000},
                           {"s", kSecond},
                           {"sec", kSecond},
                           {"second", kSecond},
                           {"seconds", kSecond},
                           {"m", 60 * kSecond},
                           {"min", 60 * kSecond},
                           {"minute", 60 * kSecond},
                           {"minutes", 60 * kSecond},
                           {"h", 3600 * kSecond},
                           {"hour", 3600 * kSecond},
                           {"hours", 3600 * kSecond},
                           {"d", 86400 * kSecond},
                           {"day", 86400 * kSecond},
                           {"days", 86400 * kSecond},
                           {"w", 604800 * kSecond},
                           {"week", 604800 * kSecond},
                           {"weeks", 604800 * kSecond},
                           {"mo", 0},
                           {"month", 0},
                           {"months", 0},
                           {"q", 0},
                           {"quarter", 0},
                           {"quarters", 0},
                           {"y", 0},
                           {"yr", 0},
                           {"year", 0},
                           {"years", 0}};

std::string Lower(std::string_view text) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  return lower;
}
std::string Upper(std::string_view text) {
  std::string upper(text);
  absl::AsciiStrToUpper(&upper);
  return upper;
}

const Unit* FindUnit(const Token& token) {
  if (token.kind != Token::kName || token.quoted) return nullptr;
  const std::string word = Lower(token.text);
  for (const Unit& unit : kUnits) {
    if (unit.name == word) return &unit;
  }
  return nullptr;
}

class Parser {
 public:
  Parser(text::Span span, text::Reporter* reporter)
      : reporter_(*reporter),
        tokens_(Lex(reporter->source(), span)),
        span_(span) {}

  std::optional<Query> Run() {
    Query query;
    query.span = span_;
    do {
      if (query.commands.size() == kMaxCommands) {
        Fail("T554", Peek().span, "a query has 200 commands at most");
        break;
      }
      query.commands.push_back(ParseCommand(query.commands.empty()));
    } while (!failed_ && TakeIf("|"));
    if (!failed_ && Peek().kind != Token::kEnd) Expected("`|` or the end");
    if (failed_) return std::nullopt;
    return query;
  }

 private:
  // --- Tokens.

  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& Take() {
    const Token& token = Peek();
    if (token.kind == Token::kBad) {
      Fail("T550", token.span, token.text);
      return tokens_.back();
    }
    if (at_ + 1 < tokens_.size()) ++at_;
    end_ = token.span.end;
    return token;
  }
  bool TakeIf(std::string_view symbol) {
    if (failed_ || !Peek().Is(symbol)) return false;
    Take();
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (failed_ || !Peek().IsWord(word)) return false;
    Take();
    return true;
  }
  bool Expect(std::string_view symbol) {
    if (TakeIf(symbol)) return true;
    Expected("`" + std::string(symbol) + "`");
    return false;
  }

  void Fail(std::string_view code, text::Span span, std::string message,
            std::string help = {}) {
    if (failed_) return;
    failed_ = true;
    reporter_.Error(code, reporter_.source().RangeOf(span), std::move(message),
                    std::move(help));
  }
  void Expected(std::string_view what) {
    const Token& token = Peek();
    if (token.kind == Token::kBad) {
      Fail("T550", token.span, token.text);
      return;
    }
    const std::string found =
        token.kind == Token::kEnd
            ? "the end of the query"
            : text::Quoted(reporter_.source().Slice(token.span));
    Fail("T550", token.span,
         "expected " + std::string(what) + ", found " + found);
  }

  text::Span From(uint32_t begin) const {
    return {begin, std::max(begin, end_)};
  }

  bool Count() {
    if (++nodes_ <= kMaxNodes) return true;
    Fail("T554", Peek().span, "this query is too large");
    return false;
  }

  // --- Commands.

  Command ParseCommand(bool is_first) {
    Command command;
    const uint32_t begin = Peek().span.begin;
    if (Peek().kind != Token::kName) {
      Expected("a command such as `WHERE`");
      return command;
    }
    command.name = Upper(Peek().text);
    command.name_span = Take().span;
    const std::string& name = command.name;
    if (is_first != (name == "FROM")) {
      if (is_first && (name == "ROW" || name == "SHOW" || name == "TS")) {
        SkipCommand();
        command.span = From(begin);
        return command;
      }
      Fail("T550", command.name_span,
           is_first ? "a query begins with `FROM`"
                    : "`FROM` stands at the beginning only");
      return command;
    }
    if (name == "FROM") {
      ParseFrom(&command);
    } else if (name == "WHERE") {
      command.kind = Command::kWhere;
      command.condition = ParseOr();
    } else if (name == "EVAL") {
      command.kind = Command::kEval;
      command.assignments = ParseAssignments(false);
    } else if (name == "STATS") {
      command.kind = Command::kStats;
      if (!Peek().IsWord("by")) command.assignments = ParseAssignments(true);
      if (TakeWord("by")) command.keys = ParseAssignments(false);
    } else if (name == "KEEP" || name == "DROP" || name == "SORT" ||
               name == "LIMIT") {
      command.kind = Command::kKeep;
      SkipCommand();
    } else if (name == "RENAME") {
      ParseRename(&command);
    } else if (name == "DISSECT") {
      command.kind = Command::kDissect;
      command.condition = ParsePrimary();
      command.words = {TakeString(), ""};
      if (TakeWord("append_separator") && Expect("=")) {
        command.words[1] = TakeString();
      }
    } else if (name == "GROK") {
      command.kind = Command::kGrok;
      command.condition = ParsePrimary();
      do {
        command.words.push_back(TakeString());
      } while (TakeIf(","));
    } else if (name == "MV_EXPAND") {
      command.kind = Command::kMvExpand;
      command.words = {ParseName()};
    } else {
      if (name == "INLINE" || name == "LOOKUP" || name == "CHANGE") {
        command.name += ' ' + Upper(Peek().text);
        command.name_span.end = Peek().span.end;
      }
      SkipCommand();
    }
    command.span = From(begin);
    CheckDepth(command.condition);
    for (const auto* all : {&command.assignments, &command.keys}) {
      for (const Assignment& each : *all) {
        CheckDepth(each.expression);
        if (each.where) CheckDepth(*each.where);
      }
    }
    return command;
  }

  void CheckDepth(const Expression& e) {
    if (DepthOf(e) <= kMaxDepth) return;
    Fail("T554", e.span, "expressions go 200 deep at most");
  }

  // Up to the next `|` that is in no brackets.
  void SkipCommand() {
    int depth = 0;
    while (!failed_ && Peek().kind != Token::kEnd) {
      const Token& token = Peek();
      if (token.Is("|") && depth <= 0) return;
      if (token.Is("(") || token.Is("[")) ++depth;
      if (token.Is(")") || token.Is("]")) --depth;
      // What means nothing here may mean something there.
      ++at_;
      end_ = token.span.end;
    }
  }

  // Patterns of indexes are no names: they go up to a comma.
  void ParseFrom(Command* command) {
    command->kind = Command::kFrom;
    while (!failed_) {
      const uint32_t begin = Peek().span.begin;
      uint32_t end = begin;
      std::string pattern;
      while (!failed_ && Peek().kind != Token::kEnd && !Peek().Is("|") &&
             !Peek().Is(",") && !Peek().IsWord("metadata")) {
        const Token& token = Peek();
        if (token.Is("(")) {
          Fail("T551", token.span, "subqueries in `FROM` are not supported");
          return;
        }
        if (!pattern.empty() && token.span.begin != end) break;
        pattern += token.kind == Token::kString
                       ? token.text
                       : reporter_.source().Slice(token.span);
        end = token.span.end;
        ++at_;
        end_ = end;
      }
      if (pattern.empty()) {
        Expected("the name of an index");
        return;
      }
      command->words.push_back(std::move(pattern));
      if (!TakeIf(",")) break;
    }
    const bool brackets = Peek().Is("[") && Peek(1).IsWord("metadata");
    if (brackets) Take();
    if (TakeWord("metadata")) {
      do {
        ParseName();
      } while (!failed_ && TakeIf(","));
    }
    if (brackets) Expect("]");
  }

  void ParseRename(Command* command) {
    command->kind = Command::kRename;
    do {
      Assignment rename;
      const uint32_t begin = Peek().span.begin;
      std::string first = ParseName();
      if (failed_) return;
      const text::Span first_span = From(begin);
      const bool to_the_left = TakeIf("=");
      if (!to_the_left && !TakeWord("as")) {
        Expected("`AS`");
        return;
      }
      const uint32_t second_begin = Peek().span.begin;
      std::string second = ParseName();
      rename.name = to_the_left ? first : second;
      rename.expression = Field(to_the_left ? second : first,
                                to_the_left ? From(second_begin) : first_span);
      rename.span = From(begin);
      command->assignments.push_back(std::move(rename));
    } while (TakeIf(","));
  }

  std::vector<Assignment> ParseAssignments(bool aggregates) {
    std::vector<Assignment> all;
    do {
      // Rules often leave a comma before what follows.
      if (!all.empty() && (Peek().IsWord("by") || Peek().Is("|"))) break;
      Assignment one;
      const uint32_t begin = Peek().span.begin;
      const size_t start = at_;
      bool named = false;
      if (Peek().kind == Token::kName) {
        one.name = ParseName();
        named = !failed_ && TakeIf("=");
        if (!named && !failed_) at_ = start;
      }
      one.expression = ParseOr();
      one.span = From(begin);
      if (!named) one.name = NameOf(one.expression);
      if (aggregates && TakeWord("where")) one.where = ParseOr();
      all.push_back(std::move(one));
    } while (!failed_ && TakeIf(","));
    return all;
  }

  std::string NameOf(const Expression& e) const {
    if (e.kind == Expression::kField) return e.field.Name();
    return std::string(reporter_.source().Slice(e.span));
  }

  std::string TakeString() {
    if (Peek().kind != Token::kString) {
      Expected("a text in quotes");
      return {};
    }
    return Take().text;
  }

  // `a.b`, with parts in back-ticks or of digits.
  std::string ParseName() {
    std::string name;
    if (Peek().kind != Token::kName) {
      Expected("a name");
      return name;
    }
    name = Take().text;
    while (Peek().Is(".")) {
      const Token& next = Peek(1);
      const bool digits =
          next.kind == Token::kNumber && next.span.begin == Peek().span.end;
      if (next.kind != Token::kName && !digits) break;
      Take();
      const text::Span span = Take().span;
      name += '.';
      name += digits ? std::string(reporter_.source().Slice(span)) : next.text;
      // `0x`, which is a number and a word.
      if (digits && Peek().kind == Token::kName && !Peek().quoted &&
          Peek().span.begin == span.end) {
        name += Take().text;
      }
    }
    return name;
  }

  static Expression Field(std::string_view name, text::Span span) {
    Expression field;
    field.kind = Expression::kField;
    field.span = span;
    while (true) {
      const size_t dot = name.find('.');
      field.field.parts.emplace_back();
      field.field.parts.back().name = name.substr(0, dot);
      if (dot == std::string_view::npos) return field;
      name.remove_prefix(dot + 1);
    }
  }

  // --- Expressions, from what binds loosest.

  Expression ParseOr() {
    return ParseJoined(Expression::kOr, "or", &Parser::ParseAnd);
  }
  Expression ParseAnd() {
    return ParseJoined(Expression::kAnd, "and", &Parser::ParseNot);
  }

  Expression ParseJoined(Expression::Kind kind, std::string_view word,
                         Expression (Parser::*operand)()) {
    const uint32_t begin = Peek().span.begin;
    std::vector<Expression> children;
    do {
      children.push_back((this->*operand)());
    } while (!failed_ && TakeWord(word));
    if (children.size() == 1) return std::move(children[0]);
    return Expression::Of(kind, std::move(children), From(begin));
  }

  Expression ParseNot() {
    const uint32_t begin = Peek().span.begin;
    if (!TakeWord("not")) return ParseTest();
    if (!Deeper()) return {};
    std::vector<Expression> child;
    child.push_back(ParseNot());
    --depth_;
    return Expression::Of(Expression::kNot, std::move(child), From(begin));
  }

  bool Deeper() {
    if (++depth_ > kMaxNesting) {
      Fail("T554", Peek().span, "brackets go 80 deep at most");
    }
    return !failed_ && Count();
  }

  Expression Binary(Expression::Kind kind, Expression a, Expression b,
                    uint32_t begin) const {
    std::vector<Expression> children;
    children.push_back(std::move(a));
    children.push_back(std::move(b));
    return Expression::Of(kind, std::move(children), From(begin));
  }

  static void Negate(Expression* e) {
    const text::Span span = e->span;
    std::vector<Expression> child;
    child.push_back(std::move(*e));
    *e = Expression::Of(Expression::kNot, std::move(child), span);
  }

  Expression ParseTest() {
    const uint32_t begin = Peek().span.begin;
    Expression left = ParseSum();
    if (failed_ || !Count()) return left;
    constexpr std::pair<std::string_view, Operator> kCompares[] = {
        {"==", Operator::kEq}, {"=~", Operator::kEq}, {"!=", Operator::kNe},
        {"<", Operator::kLt},  {"<=", Operator::kLe}, {">", Operator::kGt},
        {">=", Operator::kGe}};
    for (const auto& [symbol, op] : kCompares) {
      if (!Peek().Is(symbol)) continue;
      Take();
      Expression e =
          Binary(Expression::kCompare, std::move(left), ParseSum(), begin);
      e.op = op;
      e.folded = symbol == "=~";
      return e;
    }
    if (TakeIf(":")) {
      Expression e =
          Binary(Expression::kCall, std::move(left), ParsePrimary(), begin);
      e.name = "$match";
      return e;
    }
    const bool negated = Peek().IsWord("not") &&
                         (Peek(1).IsWord("like") || Peek(1).IsWord("rlike") ||
                          Peek(1).IsWord("in"));
    if (negated) Take();
    if (TakeWord("is")) {
      const bool is_not = TakeWord("not");
      if (!TakeWord("null")) {
        Expected("`NULL`");
        return left;
      }
      Expression null = Expression::Literal({}, From(end_));
      null.spelling = "null";
      Expression e =
          Binary(Expression::kCompare, std::move(left), std::move(null), begin);
      e.op = is_not ? Operator::kNe : Operator::kEq;
      return e;
    }
    const bool like = Peek().IsWord("like");
    if (like || Peek().IsWord("rlike") || Peek().IsWord("in")) {
      const bool in = Peek().IsWord("in");
      Take();
      std::vector<Expression> children;
      children.push_back(std::move(left));
      if (in || Peek().Is("(")) {
        if (!Expect("(")) return {};
        do {
          children.push_back(in ? ParseOr() : ParsePrimary());
        } while (!failed_ && TakeIf(","));
        Expect(")");
      } else {
        children.push_back(ParsePrimary());
      }
      Expression e = Expression::Of(in ? Expression::kIn : Expression::kMatch,
                                    std::move(children), From(begin));
      e.op = like ? Operator::kLike : Operator::kRegex;
      if (in) {
        e.negated = negated;
      } else if (negated) {
        Negate(&e);
      }
      return e;
    }
    return left;
  }

  Expression ParseSum() {
    const uint32_t begin = Peek().span.begin;
    Expression left = ParseProduct();
    int chain = 0;
    while (!failed_ && (Peek().Is("+") || Peek().Is("-"))) {
      const Operator op = Take().text == "+" ? Operator::kAdd : Operator::kSub;
      left = Binary(Expression::kArithmetic, std::move(left), ParseProduct(),
                    begin);
      left.op = op;
      CountChain(++chain);
    }
    return left;
  }

  Expression ParseProduct() {
    const uint32_t begin = Peek().span.begin;
    Expression left = ParseSign();
    int chain = 0;
    while (!failed_ && (Peek().Is("*") || Peek().Is("/") || Peek().Is("%"))) {
      const std::string symbol = Take().text;
      left =
          Binary(Expression::kArithmetic, std::move(left), ParseSign(), begin);
      left.op = symbol == "*"   ? Operator::kMul
                : symbol == "/" ? Operator::kDiv
                                : Operator::kMod;
      CountChain(++chain);
    }
    return left;
  }

  // A chain is a tree as deep as it is long.
  void CountChain(int length) {
    Count();
    if (length > kMaxNesting) {
      Fail("T554", Peek().span, "expressions go 80 deep at most");
    }
  }

  Expression ParseSign() {
    const uint32_t begin = Peek().span.begin;
    if (!Peek().Is("-") && !Peek().Is("+")) return ParseCast();
    const bool minus = Take().Is("-");
    if (!Deeper()) return {};
    Expression e = ParseSign();
    --depth_;
    if (!minus) return e;
    std::vector<Expression> child;
    child.push_back(std::move(e));
    return Expression::Of(Expression::kNegate, std::move(child), From(begin));
  }

  // `x::double`.
  Expression ParseCast() {
    const uint32_t begin = Peek().span.begin;
    Expression e = ParsePrimary();
    int chain = 0;
    while (!failed_ && TakeIf("::")) {
      if (Peek().kind != Token::kName) {
        Expected("a type");
        return e;
      }
      const Token& type = Take();
      std::vector<Expression> child;
      child.push_back(std::move(e));
      e = Expression::Of(Expression::kCall, std::move(child), From(begin));
      e.name = "to_" + Lower(type.text);
      e.name_span = type.span;
      CountChain(++chain);
    }
    return e;
  }

  Expression ParsePrimary() {
    const Token& token = Peek();
    if (failed_ || !Count()) return {};
    switch (token.kind) {
      case Token::kString: {
        Expression e = Expression::Literal(base::Value::String(token.text));
        Take();
        e.span = token.span;
        return e;
      }
      case Token::kNumber:
        return ParseNumber();
      case Token::kName:
        return ParseNameOrCall();
      default:
        break;
    }
    if (!token.Is("(")) {
      Expected("a value");
      return {};
    }
    Take();
    if (!Deeper()) return {};
    Expression e = ParseOr();
    --depth_;
    Expect(")");
    return e;
  }

  Expression ParseNumber() {
    const Token& token = Take();
    const Unit* const unit = FindUnit(Peek());
    if (unit == nullptr) return Expression::Literal(token.value, token.span);
    const text::Span unit_span = Take().span;
    const text::Span span = {token.span.begin, unit_span.end};
    int64_t nanos = 0;
    const bool whole =
        token.value.kind == base::ValueKind::kInt &&
        !__builtin_mul_overflow(token.value.int_value, unit->nanos, &nanos);
    if (unit->nanos == 0) {
      Fail("T553", span, "months and years have no fixed length",
           "write days: `30 days`");
    } else if (!whole) {
      Fail("T550", span, "this span of time is too long, or no whole number");
    }
    return Expression::Literal(base::Value::Duration(nanos), span);
  }

  Expression ParseNameOrCall() {
    const Token& token = Peek();
    const uint32_t begin = token.span.begin;
    if (token.IsWord("true") || token.IsWord("false")) {
      const bool value = token.IsWord("true");
      Take();
      return Expression::Literal(base::Value::Bool(value), token.span);
    }
    if (token.IsWord("null")) {
      Take();
      // Comparing with it gives null: it asks for nothing.
      return Expression::Literal({}, token.span);
    }
    if (token.quoted || !Peek(1).Is("(")) {
      std::string name = ParseName();
      if (Peek().Is("(") && !failed_) Expected("an operator");
      return Field(name, From(begin));
    }
    Expression call;
    call.kind = Expression::kCall;
    call.name = Lower(token.text);
    call.name_span = token.span;
    Take();
    Take();
    if (!Deeper()) return {};
    if (Peek().Is("*") && Peek(1).Is(")")) {
      Take();  // count(*).
    } else if (!Peek().Is(")")) {
      do {
        // Options of a search, such as {"operator": "AND"}.
        if (Peek().Is("{")) {
          Fail("T552", Peek().span, "options of functions are not supported");
          return {};
        }
        call.children.push_back(ParseOr());
      } while (!failed_ && TakeIf(","));
    }
    --depth_;
    Expect(")");
    call.span = From(begin);
    return call;
  }

  text::Reporter& reporter_;
  const std::vector<Token> tokens_;
  const text::Span span_;
  size_t at_ = 0;
  uint32_t end_ = 0;
  int depth_ = 0;
  int nodes_ = 0;
  bool failed_ = false;
};

}  // namespace

int DepthOf(const Expression& e) {
  int deepest = 0;
  for (const Expression& child : e.children) {
    deepest = std::max(deepest, DepthOf(child));
  }
  return deepest + 1;
}

std::optional<Query> Parse(text::Span span, text::Reporter* reporter) {
  return Parser(span, reporter).Run();
}

}  // namespace tocsin::esql
