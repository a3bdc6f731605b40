#include "src/frontend/lucene/parser.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"

namespace tocsin::lucene {
namespace {

constexpr int kMaxDepth = 60;
constexpr int kMaxNodes = 20'000;
constexpr size_t kMaxValueBytes = 16'384;
constexpr std::string_view kWideSpace = "\u3000";

// A word as it is written, and what it means.
struct Word {
  std::string text;  // Escapes resolved; wildcards as they are.
  base::Pattern pattern;
  bool is_wild = false;
  bool is_star = false;     // A star and nothing else.
  bool is_escaped = false;  // It has an escape: no operator.
  text::Span span;
};

class Parser {
 public:
  Parser(text::Span span, text::Reporter* reporter)
      : reporter_(*reporter),
        text_(std::string_view(reporter->source().text()).substr(0, span.end)),
        at_(span.begin) {}

  Node ParseAll() {
    SkipSpace();
    if (AtEnd()) return {};
    Node node = ParseQuery(nullptr);
    if (!failed_ && !AtEnd()) Fail("T520", Here(1), "this `)` closes nothing");
    return node;
  }

 private:
  enum class Conjunction : uint8_t { kNone, kAnd, kOr };
  enum class Sign : uint8_t { kNone, kPlus, kMinus };

  // --- Characters.

  bool AtEnd() const { return failed_ || at_ >= text_.size(); }
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  text::Span Here(uint32_t length) const {
    const auto end = static_cast<uint32_t>(text_.size());
    return {std::min(at_, end), std::min(at_ + length, end)};
  }
  text::Span From(uint32_t begin) const { return {begin, at_}; }

  size_t SpaceAt(size_t at) const {
    if (at >= text_.size()) return 0;
    const char c = text_[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return 1;
    return text_.substr(at).starts_with(kWideSpace) ? kWideSpace.size() : 0;
  }
  void SkipSpace() {
    while (const size_t length = SpaceAt(at_)) {
      at_ += static_cast<uint32_t>(length);
    }
  }

  // Whether a word goes on with the character at `at`.
  bool InWord(size_t at, bool first) const {
    if (at >= text_.size() || SpaceAt(at) > 0) return false;
    const char c = text_[at];
    if (first && (c == '+' || c == '-')) return false;
    return std::string_view("!():^[]\"{}~/").find(c) == std::string_view::npos;
  }

  void Fail(std::string_view code, text::Span span, std::string message,
            std::string help = {}) {
    if (failed_) return;
    failed_ = true;
    if (is_peeking_) return;
    reporter_.Error(code, reporter_.source().RangeOf(span), std::move(message),
                    std::move(help));
  }

  bool Count() {
    if (++nodes_ <= kMaxNodes) return true;
    Fail("T524", Here(1), "a query has 20,000 parts at most");
    return false;
  }

  // --- Words.

  static void AppendLiteral(std::string_view piece, base::Pattern* pattern) {
    auto& tokens = pattern->tokens;
    if (tokens.empty() || tokens.back().kind != base::PatternToken::kLiteral) {
      tokens.push_back({base::PatternToken::kLiteral, ""});
    }
    tokens.back().text += piece;
  }

  // What a backslash and the character behind it stand for.
  std::string Unescape() {
    const uint32_t begin = at_++;
    if (at_ >= text_.size()) {
      Fail("T520", {begin, at_}, "there is nothing behind this backslash",
           "a backslash as such is written `\\\\`");
      return {};
    }
    if (text_[at_] == 'u') {
      char32_t code = 0;
      size_t digits = 0;
      for (; digits < 4; ++digits) {
        const char c =
            absl::ascii_tolower(static_cast<unsigned char>(Peek(1 + digits)));
        if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) break;
        code =
            code * 16 + static_cast<char32_t>(
                            absl::ascii_isdigit(static_cast<unsigned char>(c))
                                ? c - '0'
                                : c - 'a' + 10);
      }
      if (digits < 4) {
        Fail("T520", {begin, at_ + 1}, "`\\u` is followed by four digits",
             "write a character such as `\\u0041`");
        return {};
      }
      at_ += 5;
      std::string out;
      base::AppendUtf8(code, &out);
      return base::RepairUtf8(out);
    }
    const size_t length = base::DecodeUtf8(text_.substr(at_)).length;
    std::string out(text_.substr(at_, length));
    at_ += static_cast<uint32_t>(length);
    return out;
  }

  // Nothing is taken if no word begins here.
  std::optional<Word> TakeWord() {
    if (!InWord(at_, true)) return std::nullopt;
    Word word;
    const uint32_t begin = at_;
    while (!failed_ && InWord(at_, false)) {
      const char c = text_[at_];
      if (c == '\\') {
        word.is_escaped = true;
        const std::string piece = Unescape();
        word.text += piece;
        AppendLiteral(piece, &word.pattern);
      } else if (c == '*' || c == '?') {
        word.is_wild = true;
        word.text += c;
        word.pattern.tokens.push_back({c == '*' ? base::PatternToken::kAnyRun
                                                : base::PatternToken::kAnyOne,
                                       ""});
        ++at_;
      } else {
        word.text += c;
        AppendLiteral(text_.substr(at_, 1), &word.pattern);
        ++at_;
      }
    }
    word.span = From(begin);
    word.is_star = word.is_wild && text_.substr(begin, at_ - begin) == "*";
    CheckLength(word.text, word.span);
    return word;
  }

  void CheckLength(const std::string& value, text::Span span) {
    if (value.size() <= kMaxValueBytes) return;
    Fail("T524", span, "a value has 16,384 bytes at most");
  }

  // The word at this place; the parser does not move. What is wrong with it is
  // told by who takes it.
  std::optional<Word> PeekWord() {
    const uint32_t begin = at_;
    is_peeking_ = true;
    std::optional<Word> word = TakeWord();
    is_peeking_ = false;
    if (std::exchange(failed_, false)) word.reset();
    behind_ = at_;
    at_ = begin;
    return word;
  }

  static bool IsAnd(const Word& w) {
    return !w.is_escaped && !w.is_wild && (w.text == "AND" || w.text == "&&");
  }
  static bool IsOr(const Word& w) {
    return !w.is_escaped && !w.is_wild && (w.text == "OR" || w.text == "||");
  }
  static bool IsNot(const Word& w) {
    return !w.is_escaped && !w.is_wild && w.text == "NOT";
  }
  static bool IsPlain(const Word& w) {
    return !w.is_wild && !IsAnd(w) && !IsOr(w) && !IsNot(w);
  }

  // --- Queries.

  Node ParseQuery(const kql::Field* field) {
    Node node;
    node.kind = Node::kClauses;
    const uint32_t begin = at_;
    if (++depth_ > kMaxDepth) {
      Fail("T524", Here(1), "brackets go 60 deep at most");
    }
    bool is_first = true;
    while (!failed_) {
      SkipSpace();
      if (AtEnd() || Peek() == ')') break;
      const Conjunction conjunction =
          is_first ? Conjunction::kNone : TakeConjunction();
      const Sign sign = TakeSign();
      if (failed_) break;
      SkipSpace();
      if (AtEnd() || Peek() == ')') {
        FailMissing();
        break;
      }
      Node clause = ParseClause(field);
      if (clause.kind != Node::kNone) {
        Add(conjunction, sign, std::move(clause), &node.clauses);
      }
      is_first = false;
    }
    if (is_first && !failed_) FailMissing();
    --depth_;
    node.span = From(begin);
    if (node.clauses.size() == 1 && node.clauses[0].occur != Occur::kMustNot) {
      Node only = std::move(node.clauses[0].node);
      return only;
    }
    return node;
  }

  void FailMissing() {
    Fail("T520", Here(1),
         AtEnd() ? "expected a value, found the end of the query"
                 : "expected a value, found `)`",
         "words such as AND are values in quotes only: `\"AND\"`");
  }

  // Marks by what stands between two clauses, as Lucene does.
  static void Add(Conjunction conjunction, Sign sign, Node node,
                  std::vector<Clause>* clauses) {
    if (!clauses->empty() && conjunction == Conjunction::kAnd &&
        clauses->back().occur != Occur::kMustNot) {
      clauses->back().occur = Occur::kMust;
    }
    Occur occur = Occur::kShould;
    if (sign == Sign::kMinus) {
      occur = Occur::kMustNot;
    } else if (sign == Sign::kPlus || conjunction == Conjunction::kAnd) {
      occur = Occur::kMust;
    }
    clauses->push_back({occur, std::move(node)});
  }

  Conjunction TakeConjunction() {
    const std::optional<Word> word = PeekWord();
    if (!word || (!IsAnd(*word) && !IsOr(*word))) return Conjunction::kNone;
    at_ = behind_;
    SkipSpace();
    return IsAnd(*word) ? Conjunction::kAnd : Conjunction::kOr;
  }

  Sign TakeSign() {
    const char c = Peek();
    const bool bare = SpaceAt(at_ + 1) > 0;
    if ((c == '+' || c == '-' || c == '!') && (!bare || c == '!')) {
      ++at_;
      return c == '+' ? Sign::kPlus : Sign::kMinus;
    }
    const std::optional<Word> word = PeekWord();
    if (!word || !IsNot(*word)) return Sign::kNone;
    at_ = behind_;
    return Sign::kMinus;
  }

  Node ParseClause(const kql::Field* outer) {
    if (!Count()) return {};
    const uint32_t begin = at_;
    kql::Field field;
    const kql::Field* about = outer;
    if (const std::optional<Word> word = PeekWord();
        word && behind_ < text_.size() && text_[behind_] == ':') {
      if (word->is_wild && !word->is_star) {
        Fail("T520", word->span, "a wildcard in a field's name is escaped",
             "write `\\*`");
        return {};
      }
      field = FieldOf(*word);
      about = &field;
      at_ = behind_ + 1;
      SkipSpace();
      if (AtEnd()) {
        Fail("T520", Here(1), "expected a value, found the end of the query");
        return {};
      }
    }
    Node node;
    if (Peek() == '(') {
      const uint32_t open = at_++;
      node = ParseQuery(about);
      if (failed_) return node;
      if (Peek() != ')') {
        Fail("T520", {open, open + 1}, "this `(` is never closed");
        return node;
      }
      ++at_;
      TakeBoost();
    } else {
      node = ParseTerm(about, about == outer);
    }
    node.span = From(begin);
    return node;
  }

  // A star that is escaped is one of names.
  static std::vector<std::string> Pieces(std::string_view name) {
    std::vector<std::string> pieces;
    while (true) {
      const size_t star = name.find('*');
      pieces.emplace_back(name.substr(0, star));
      if (star == std::string_view::npos) return pieces;
      name.remove_prefix(star + 1);
    }
  }

  static kql::Field FieldOf(const Word& word) {
    kql::Field field;
    field.span = word.span;
    field.name.pieces = Pieces(word.text);
    return field;
  }

  static Node About(const kql::Field* field) {
    Node node;
    // `*:` is any field.
    if (field != nullptr && !field->name.is_star()) {
      node.has_field = true;
      node.field = *field;
    }
    return node;
  }

  // `may_join`: no field stands right before it.
  Node ParseTerm(const kql::Field* field, bool may_join) {
    const char c = Peek();
    if (c == '"') return ParsePhrase(field);
    if (c == '/') return ParseRegex(field);
    if (c == '[' || c == '{') return ParseRange(field);
    if ((c == '+' || c == '-') && SpaceAt(at_ + 1) > 0) {
      ++at_;  // A sign on its own is a term without words.
      Node nothing;
      nothing.kind = Node::kNone;
      return nothing;
    }
    std::optional<Word> word = TakeWord();
    if (failed_) return {};
    if (!word || IsAnd(*word) || IsOr(*word) || IsNot(*word)) {
      const text::Span span = word ? word->span : Here(1);
      Fail("T520", span,
           "expected a value, found " +
               text::Quoted(reporter_.source().Slice(span)),
           "a character that means something is escaped by a backslash");
      return {};
    }
    const uint32_t begin = word->span.begin;
    const bool joins =
        may_join && IsPlain(*word) &&
        std::string_view("^~:").find(Peek()) == std::string_view::npos;
    if (joins) JoinWords(&*word);
    TakeSuffix(word->is_wild ? "a wildcard" : "a word");
    Node node = OfWord(*word, field);
    node.span = From(begin);
    return node;
  }

  // Words that follow each other are one value, up to one that has something
  // to say to what stands behind it.
  void JoinWords(Word* word) {
    while (!failed_) {
      const uint32_t begin = at_;
      SkipSpace();
      const std::optional<Word> next = PeekWord();
      bool belongs = next && at_ > begin && IsPlain(*next);
      if (belongs && behind_ < text_.size()) {
        const char c = text_[behind_];
        belongs = c != ':' && c != '^' && c != '~';
      }
      if (belongs) {
        const uint32_t start = at_;
        at_ = behind_;
        SkipSpace();
        const std::optional<Word> after = PeekWord();
        belongs = !after || (!IsAnd(*after) && !IsOr(*after));
        at_ = start;
      }
      if (!belongs) {
        at_ = begin;
        return;
      }
      at_ = begin;
      SkipSpace();
      const std::optional<Word> taken = TakeWord();
      if (!taken || !Count()) return;
      word->text += ' ' + taken->text;
      CheckLength(word->text, taken->span);
    }
  }

  Node OfWord(const Word& word, const kql::Field* field) {
    Node node = About(field);
    if (word.is_wild) {
      if (word.is_star && !node.has_field) return node;  // kAll.
      if (node.has_field && node.field.name.Text() == "_exists_") {
        node.kind = Node::kExists;
        node.field.name.pieces = Pieces(word.text);
        return node;
      }
      node.kind = word.is_star ? Node::kExists : Node::kWildcard;
      node.pattern = word.pattern;
      node.text = word.text;
      return node;
    }
    node.kind = Node::kTerm;
    node.text = word.text;
    return Special(std::move(node));
  }

  // `_exists_:f`, and `f:>=5`.
  Node Special(Node node) {
    if (!node.has_field) return node;
    const std::string name = node.field.name.Text();
    if (name == "_exists_") {
      node.kind = Node::kExists;
      node.field.name.pieces = Pieces(node.text);
      return node;
    }
    const bool ordered =
        node.text.size() > 1 && (node.text[0] == '<' || node.text[0] == '>');
    if (!ordered) return node;
    const bool above = node.text[0] == '>';
    const bool inclusive = node.text.size() > 2 && node.text[1] == '=';
    node.kind = Node::kRange;
    Bound& bound = above ? node.low : node.high;
    bound.is_open = false;
    bound.inclusive = inclusive;
    bound.text = node.text.substr(inclusive ? 2 : 1);
    bound.span = node.span;
    return node;
  }

  Node ParsePhrase(const kql::Field* field) {
    const uint32_t begin = at_++;
    Node node = About(field);
    node.kind = Node::kTerm;
    node.quoted = true;
    while (!failed_ && at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        node.text += Unescape();
      } else {
        node.text += text_[at_++];
      }
    }
    if (failed_) return node;
    if (at_ >= text_.size()) {
      Fail("T520", {begin, begin + 1}, "this `\"` is never closed");
      return node;
    }
    ++at_;
    node.span = From(begin);
    CheckLength(node.text, node.span);
    TakeSuffix("a phrase");
    return Special(std::move(node));
  }

  Node ParseRegex(const kql::Field* field) {
    const uint32_t begin = at_++;
    Node node = About(field);
    node.kind = Node::kRegex;
    while (at_ < text_.size() && text_[at_] != '/') {
      if (text_[at_] == '\\' && Peek(1) == '/') {
        ++at_;  // The slash alone.
      } else if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        node.text += text_[at_++];
      }
      node.text += text_[at_++];
    }
    if (at_ >= text_.size()) {
      Fail("T520", {begin, begin + 1}, "this `/` is never closed",
           "a slash in a word is escaped: `\\/`");
      return node;
    }
    ++at_;
    node.span = From(begin);
    CheckLength(node.text, node.span);
    TakeSuffix("a regular expression");
    return node;
  }

  Node ParseRange(const kql::Field* field) {
    const uint32_t begin = at_;
    Node node = About(field);
    node.kind = Node::kRange;
    node.low.inclusive = text_[at_++] == '[';
    ParseBound(begin, &node.low);
    SkipSpace();
    const bool has_to =
        text_.substr(std::min<size_t>(at_, text_.size())).starts_with("TO") &&
        SpaceAt(at_ + 2) > 0;
    if (!has_to) {
      Fail("T520", Here(1), "expected `TO` in this range", "write `[1 TO 5]`");
      return node;
    }
    at_ += 2;
    ParseBound(begin, &node.high);
    SkipSpace();
    if (Peek() != ']' && Peek() != '}') {
      Fail("T520", {begin, begin + 1}, "this range is never closed");
      return node;
    }
    node.high.inclusive = text_[at_++] == ']';
    node.span = From(begin);
    TakeSuffix("a range");
    return node;
  }

  void ParseBound(uint32_t range, Bound* bound) {
    SkipSpace();
    const uint32_t begin = at_;
    const bool quoted = Peek() == '"';
    if (quoted) ++at_;
    while (!failed_ && at_ < text_.size()) {
      const char c = text_[at_];
      if (quoted ? c == '"' : c == ']' || c == '}' || SpaceAt(at_) > 0) break;
      if (c == '\\') {
        bound->text += Unescape();
      } else {
        bound->text += text_[at_++];
      }
    }
    if (quoted && Peek() == '"') ++at_;
    bound->span = From(begin);
    CheckLength(bound->text, bound->span);
    if (bound->span.begin == bound->span.end) {
      Fail("T520", {range, range + 1}, "this range has an end without a value",
           "an end that is open is `*`");
    }
    bound->is_open = !quoted && bound->text == "*";
  }

  // `~2` is refused, `^3` has no effect.
  void TakeSuffix(std::string_view what) {
    if (failed_) return;
    if (Peek() == '~') {
      const uint32_t begin = at_++;
      while (absl::ascii_isdigit(static_cast<unsigned char>(Peek())) ||
             Peek() == '.') {
        ++at_;
      }
      const bool near = what == "a phrase";
      Fail("T521", From(begin),
           std::string(near ? "proximity" : "fuzziness") +
               " (`~`) is not supported",
           near ? "look for the words one by one, joined by AND"
                : "write the values out, or use a wildcard");
      return;
    }
    TakeBoost();
  }

  void TakeBoost() {
    if (failed_ || Peek() != '^') return;
    const uint32_t begin = at_++;
    while (absl::ascii_isdigit(static_cast<unsigned char>(Peek())) ||
           Peek() == '.') {
      ++at_;
    }
    if (at_ == begin + 1) {
      Fail("T520", From(begin), "expected a number behind `^`");
      return;
    }
    reporter_.Warning("T523", reporter_.source().RangeOf(From(begin)),
                      "a boost has no effect: a rule matches or does not",
                      "drop it");
    if (Peek() == '~') TakeSuffix("a word");
  }

  text::Reporter& reporter_;
  const std::string_view text_;
  uint32_t at_;
  uint32_t behind_ = 0;  // Where the word that was peeked at ends.
  int depth_ = 0;
  int nodes_ = 0;
  bool failed_ = false;
  bool is_peeking_ = false;
};

}  // namespace

Node Parse(text::Span span, text::Reporter* reporter) {
  return Parser(span, reporter).ParseAll();
}

}  // namespace tocsin::lucene
