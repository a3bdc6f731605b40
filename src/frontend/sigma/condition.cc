#include "src/frontend/sigma/condition.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "src/base/string_map.h"
#include "src/base/utf8.h"

namespace tocsin::sigma {
namespace {

using text::Quoted;

// A longer condition is no work of a person.
constexpr size_t kMaxLength = 64 * 1024;

// Brackets inside brackets. Far more than anyone reads, and few enough for the
// depth that ir::kMaxDepth allows.
constexpr int kMaxBrackets = 40;

struct Token {
  enum Kind { kWord, kOpen, kClose, kPipe, kEnd };

  Kind kind = kEnd;
  std::string_view text;
  int begin = 0;  // Characters before it in the condition,
  int end = 0;    // and up to its end.
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool Is(const Token& token, std::string_view word) {
  return token.kind == Token::kWord &&
         absl::EqualsIgnoreCase(base::ToAbsl(token.text), base::ToAbsl(word));
}

Token::Kind KindOf(char c) {
  switch (c) {
    case '(':
      return Token::kOpen;
    case ')':
      return Token::kClose;
    case '|':
      return Token::kPipe;
    default:
      return Token::kWord;
  }
}

// The last token is the only kEnd.
std::vector<Token> Tokenize(std::string_view text) {
  std::vector<Token> tokens;
  size_t i = 0;
  int characters = 0;
  while (i < text.size()) {
    const size_t begin = i++;
    if (IsSpace(text[begin])) {
      ++characters;
      continue;
    }
    const Token::Kind kind = KindOf(text[begin]);
    if (kind == Token::kWord) {
      while (i < text.size() && !IsSpace(text[i]) &&
             KindOf(text[i]) == Token::kWord) {
        ++i;
      }
    }
    const std::string_view word = text.substr(begin, i - begin);
    const int end = characters + static_cast<int>(base::CountCodePoints(word));
    tokens.push_back({kind, word, characters, end});
    characters = end;
  }
  tokens.push_back({Token::kEnd, {}, characters, characters});
  return tokens;
}

class ConditionParser {
 public:
  ConditionParser(std::string_view text, text::Range range,
                  std::string_view noun, text::Reporter* reporter)
      : range_(range),
        noun_(noun),
        reporter_(reporter),
        tokens_(Tokenize(text)) {}

  std::optional<Condition> Parse() {
    if (Peek().kind == Token::kEnd) {
      Fail(Peek(), "the condition is empty", "name a " + noun_);
      return std::nullopt;
    }
    std::optional<Condition> condition = ParseOr();
    if (condition && Peek().kind != Token::kEnd) {
      FailAtExtra();
      return std::nullopt;
    }
    return condition;
  }

 private:
  // An operand of `or`; bare: an `and` without brackets around it.
  struct Operand {
    Condition condition;
    bool bare_and = false;
    bool has_not = false;
  };

  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  const Token& Take() {
    const Token& token = Peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
  }

  std::optional<Condition> ParseOr() {
    const size_t begin = next_;
    std::vector<Condition> operands;
    bool after_single = false;  // An operand without `and` came before.
    do {
      const size_t start = next_;
      std::optional<Operand> operand = ParseAnd();
      if (!operand) return std::nullopt;
      if (operand->bare_and && operand->has_not && after_single) {
        WarnOfPrecedence(tokens_[start]);
      }
      after_single = after_single || !operand->bare_and;
      operands.push_back(std::move(operand->condition));
    } while (TakeWord("or"));
    if (operands.size() == 1) return std::move(operands.front());
    return Node(Condition::kOr, begin, std::move(operands));
  }

  std::optional<Operand> ParseAnd() {
    const size_t begin = next_;
    Operand operand;
    std::vector<Condition> operands;
    do {
      operand.has_not = operand.has_not || Is(Peek(), "not");
      std::optional<Condition> part = ParseNot();
      if (!part) return std::nullopt;
      operands.push_back(std::move(*part));
    } while (TakeWord("and"));
    operand.bare_and = operands.size() > 1;
    operand.condition = operand.bare_and
                            ? Node(Condition::kAnd, begin, std::move(operands))
                            : std::move(operands.front());
    return operand;
  }

  std::optional<Condition> ParseNot() {
    const size_t begin = next_;
    bool negated = false;
    while (TakeWord("not")) negated = !negated;
    std::optional<Condition> operand = ParsePrimary();
    if (!operand || !negated) return operand;
    std::vector<Condition> operands;
    operands.push_back(std::move(*operand));
    return Node(Condition::kNot, begin, std::move(operands));
  }

  std::optional<Condition> ParsePrimary() {
    const Token& token = Take();
    if (token.kind == Token::kOpen) return ParseBrackets(token);
    if (token.kind == Token::kPipe) return FailAtPipe(token);
    if (token.kind != Token::kWord) {
      return Fail(token,
                  token.kind == Token::kEnd
                      ? "the condition ends where a " + noun_ + " is expected"
                      : "expected a " + noun_ + ", found `)`");
    }
    if (Is(Peek(), "of")) return ParseQuantifier(token);
    if (Is(token, "and") || Is(token, "or") || Is(token, "of")) {
      return Fail(token,
                  "expected a " + noun_ + ", found " + Quoted(token.text));
    }
    if (token.text.find('*') != std::string_view::npos) {
      return Fail(token,
                  "a pattern of " + noun_ + "s needs a quantity before it",
                  "write `1 of` or `all of` before " + Quoted(token.text));
    }
    if (Is(token, "them")) {
      return Fail(token, "`them` needs a quantity before it",
                  "write `1 of them` or `all of them`");
    }
    Condition condition;
    condition.kind = Condition::kName;
    condition.name = token.text;
    condition.range = RangeOf(token);
    return condition;
  }

  std::optional<Condition> ParseBrackets(const Token& open) {
    if (++depth_ > kMaxBrackets) {
      return Fail(open, "brackets are nested more than " +
                            std::to_string(kMaxBrackets) + " deep");
    }
    std::optional<Condition> inner = ParseOr();
    if (!inner) return std::nullopt;
    --depth_;
    if (Peek().kind != Token::kClose) {
      if (Peek().kind != Token::kEnd) {
        FailAtExtra();
        return std::nullopt;
      }
      return Fail(open, "this bracket is not closed");
    }
    Take();
    return inner;
  }

  std::optional<Condition> ParseQuantifier(const Token& quantity) {
    Condition condition;
    if (Is(quantity, "1") || Is(quantity, "any")) {
      condition.kind = Condition::kOneOf;
    } else if (Is(quantity, "all")) {
      condition.kind = Condition::kAllOf;
    } else {
      return Fail(quantity, "expected `1 of`, `any of` or `all of`, found " +
                                Quoted(std::string(quantity.text) + " of"));
    }
    Take();  // `of`
    const Token& pattern = Take();
    if (pattern.kind != Token::kWord || Is(pattern, "and") ||
        Is(pattern, "or") || Is(pattern, "not")) {
      return Fail(pattern,
                  "expected `them` or a pattern of " + noun_ + "s after `of`");
    }
    condition.name = Is(pattern, "them") ? "*" : std::string(pattern.text);
    condition.range = RangeOf(quantity, pattern);
    return condition;
  }

  bool TakeWord(std::string_view word) {
    if (!Is(Peek(), word)) return false;
    Take();
    return true;
  }

  Condition Node(Condition::Kind kind, size_t first,
                 std::vector<Condition> children) {
    Condition condition;
    condition.kind = kind;
    condition.children = std::move(children);
    condition.range = RangeOf(tokens_[first], tokens_[next_ - 1]);
    return condition;
  }

  // Something stands behind a whole condition.
  void FailAtExtra() {
    const Token& token = Peek();
    if (token.kind == Token::kPipe) {
      FailAtPipe(token);
    } else if (token.kind == Token::kClose) {
      Fail(token, "this bracket is not opened");
    } else {
      Fail(token, "expected `and` or `or`, found " + Quoted(token.text));
    }
  }

  std::optional<Condition> FailAtPipe(const Token& token) {
    reporter_->Error(
        "T026", RangeOf(token, tokens_.back()),
        "aggregations after `|` belong to Sigma 1 and are not supported",
        "count matches with a correlation rule: `type: event_count`");
    return std::nullopt;
  }

  std::optional<Condition> Fail(const Token& token, std::string message,
                                std::string help = {}) {
    reporter_->Error("T023", RangeOf(token), std::move(message),
                     std::move(help));
    return std::nullopt;
  }

  void WarnOfPrecedence(const Token& first) {
    reporter_->Warning(
        "T042", RangeOf(first, tokens_[next_ - 1]),
        "`and` binds tighter than `or`: this `not` does not limit what stands "
        "before `or`",
        "put brackets around what belongs together: `(a or b) and not c`");
  }

  text::Range RangeOf(const Token& token) const {
    return RangeOf(token, token);
  }

  // From `first` to the end of `last`. The text of a condition is found in the
  // file if it stands on one line; else the whole value is meant.
  text::Range RangeOf(const Token& first, const Token& last) const {
    const int quotes = range_.length - tokens_.back().end;
    if (quotes != 0 && quotes != 2) return range_;
    text::Range range = range_;
    range.start.column += first.begin + quotes / 2;
    range.length = last.end - first.begin;
    return range;
  }

  text::Range range_;
  std::string noun_;
  text::Reporter* reporter_;
  std::vector<Token> tokens_;
  size_t next_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<Condition> ParseCondition(std::string_view text,
                                        text::Range range,
                                        text::Reporter* reporter,
                                        std::string_view noun) {
  if (text.size() > kMaxLength) {
    reporter->Error(
        "T023", range,
        "the condition is longer than " + std::to_string(kMaxLength) + " bytes",
        "put selections that belong together under names that one "
        "pattern fits: `1 of selection_*`");
    return std::nullopt;
  }
  return ConditionParser(text, range, noun, reporter).Parse();
}

bool PatternSelects(std::string_view pattern, std::string_view name) {
  if (name.starts_with('_') && !pattern.starts_with('_')) return false;
  // Greedy matching with one point to come back to: the last star seen.
  size_t p = 0, n = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace tocsin::sigma
