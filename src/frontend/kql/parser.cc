#include "src/frontend/kql/parser.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "src/base/number.h"
#include "src/base/utf8.h"

namespace tocsin::kql {

std::string WildText::Text() const {
  std::string text = pieces[0];
  for (size_t i = 1; i < pieces.size(); ++i) text += '*' + pieces[i];
  return text;
}

std::string_view Spelling(RangeOp op) {
  constexpr std::string_view kSpellings[] = {"<", "<=", ">", ">="};
  return kSpellings[static_cast<int>(op)];
}

namespace {

constexpr std::string_view kSpecial = "\\():<>\"*{}";
constexpr std::string_view kKeywords[] = {"and", "or", "not"};

bool IsSpecial(char c) { return kSpecial.find(c) != std::string_view::npos; }

bool IsSpace(char c) { return absl::ascii_isspace(c); }

bool EqualsFolded(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(text[i])) != lower[i]) {
      return false;
    }
  }
  return true;
}

Value::Kind KindOf(const Value& value) {
  if (value.text.has_star()) return Value::kWild;
  const std::string& text = value.text.pieces[0];
  if (base::ParseNumber(text)) return Value::kNumber;
  if (value.quoted) return Value::kText;
  if (text == "true" || text == "false") return Value::kBool;
  return text == "null" ? Value::kNull : Value::kText;
}

class Parser {
 public:
  Parser(text::Span span, text::Reporter* reporter)
      : reporter_(*reporter),
        text_(std::string_view(reporter->source().text()).substr(0, span.end)),
        at_(span.begin),
        begin_(span.begin) {}

  Node ParseAll() {
    SkipSpace();
    if (AtEnd()) return {};
    Node node = ParseOr(nullptr);
    while (!AtEnd()) {
      const uint32_t begin = at_;
      Fail("`and`, `or` or the end of the query");
      // What is closed without having been opened.
      if (at_ == begin) ++at_;
      SkipSpace();
      if (AtEnd()) break;
      if (KeywordAt(at_) == "and" || KeywordAt(at_) == "or") {
        at_ += static_cast<uint32_t>(KeywordAt(at_).size());
      }
      SkipSpace();
      if (!AtEnd()) ParseOr(nullptr);
    }
    return node;
  }

 private:
  using FieldPtr = std::shared_ptr<const Field>;

  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }

  // The keyword, in lower case, that stands at `at`; else "". It ends at a
  // space, a special character, or with the text.
  std::string_view KeywordAt(size_t at) const {
    for (const std::string_view keyword : kKeywords) {
      if (!EqualsFolded(text_.substr(at, keyword.size()), keyword)) continue;
      const size_t end = at + keyword.size();
      if (end >= text_.size() || IsSpace(text_[end]) || text_[end] == '(' ||
          text_[end] == ')' || text_[end] == '"' || text_[end] == '}') {
        return keyword;
      }
    }
    return {};
  }

  bool TakeKeyword(std::string_view keyword) {
    SkipSpace();
    if (AtEnd() || KeywordAt(at_) != keyword) return false;
    const uint32_t begin = at_;
    at_ += static_cast<uint32_t>(keyword.size());
    const bool binary = keyword != "not";
    const bool open_before = binary && begin > begin_ &&
                             !IsSpace(text_[begin - 1]) &&
                             text_[begin - 1] != ')' && text_[begin - 1] != '}';
    const bool open_behind = !AtEnd() && text_[at_] == '"';
    if (open_before || open_behind) {
      Error("T500", {begin, at_},
            text::Quoted(keyword) + " needs a space " +
                (open_before ? "before it" : "behind it"),
            "write: a and b");
    }
    return true;
  }

  Node ParseOr(const FieldPtr& field) {
    return ParseJoined(Node::kOr, "or", field);
  }
  Node ParseAnd(const FieldPtr& field) {
    return ParseJoined(Node::kAnd, "and", field);
  }

  Node ParseJoined(Node::Kind kind, std::string_view keyword,
                   const FieldPtr& field) {
    SkipSpace();
    const uint32_t begin = at_;
    const auto part = [&] {
      return kind == Node::kOr ? ParseAnd(field) : ParseNot(field);
    };
    Node first = part();
    if (!TakeKeyword(keyword)) return first;
    Node joined;
    joined.kind = kind;
    joined.children.push_back(std::move(first));
    do {
      joined.children.push_back(part());
    } while (TakeKeyword(keyword));
    joined.span = {begin, at_};
    return joined;
  }

  Node ParseNot(const FieldPtr& field) {
    SkipSpace();
    const uint32_t begin = at_;
    if (!TakeKeyword("not")) return ParseOperand(field);
    if (!Enter(begin)) return Failed();
    Node node;
    node.kind = Node::kNot;
    node.children.push_back(ParseNot(field));
    node.span = {begin, node.children[0].span.end};
    --depth_;
    return node;
  }

  // `field`: that of the list of values in which this stands.
  Node ParseOperand(const FieldPtr& field) {
    SkipSpace();
    if (Peek() == '(') return ParseBrackets(field);
    const uint32_t begin = at_;
    if (AtEnd() || (IsSpecial(Peek()) && Peek() != '"' && Peek() != '*' &&
                    Peek() != '\\')) {
      return Fail(field == nullptr ? "a field or a value" : "a value");
    }
    if (!KeywordAt(at_).empty()) {
      return Fail(field == nullptr ? "a field or a value" : "a value",
                  "a keyword that is meant as a word stands in quotes");
    }
    std::optional<Value> value = TakeValue();
    if (!value) return Failed();
    if (++tests_ > kMaxTests) {
      if (tests_ == kMaxTests + 1) {
        Error("T506", value->span,
              "a query can have " + std::to_string(kMaxTests) + " tests",
              "put the values into a list file or more than one rule");
      }
      at_ = static_cast<uint32_t>(text_.size());
      return Failed();
    }
    const uint32_t end = at_;
    SkipSpace();
    const char next = Peek();
    if (field != nullptr) {
      if (next == ':' || next == '<' || next == '>') {
        return Fail("`and`, `or` or `)` behind a value of a list",
                    "a list has the values of one field: close it before the "
                    "next");
      }
      return Is(field, std::move(*value), begin);
    }
    if (next == ':' || next == '<' || next == '>') {
      return ParseTest(std::move(*value), begin);
    }
    at_ = end;
    Node node;
    node.kind = Node::kFree;
    node.span = value->span;
    node.value = std::move(*value);
    return node;
  }

  Node ParseBrackets(const FieldPtr& field) {
    const uint32_t begin = at_;
    ++at_;
    if (!Enter(begin)) return Failed();
    Node node = ParseOr(field);
    --depth_;
    return Close(')', begin, std::move(node));
  }

  // What follows `open_at` must be closed here.
  Node Close(char bracket, uint32_t open_at, Node node) {
    SkipSpace();
    while (Peek() != bracket) {
      const bool lost = AtEnd() || Peek() == ')' || Peek() == '}';
      if (lost) {
        Error("T501", {open_at, open_at + 1},
              std::string("this bracket is never closed; expected `") +
                  bracket + "`");
        node.kind = Node::kError;
        return node;
      }
      Fail(std::string("`and`, `or` or `") + bracket + "`");
      node.kind = Node::kError;
      // Goes on behind the next keyword, to tell what is wrong there too.
      if (KeywordAt(at_) == "and" || KeywordAt(at_) == "or") {
        at_ += static_cast<uint32_t>(KeywordAt(at_).size());
        ParseOr(nullptr);
      }
      SkipSpace();
    }
    ++at_;
    node.span = {open_at, at_};
    return node;
  }

  // Behind `name`, at the operator.
  Node ParseTest(Value name, uint32_t begin) {
    auto field = std::make_shared<Field>();
    field->name = std::move(name.text);
    field->span = name.span;
    if (field->span.end - field->span.begin > kMaxNameBytes) {
      Error("T506", field->span,
            "the name of a field can have " + std::to_string(kMaxNameBytes) +
                " bytes");
    }
    if (field->name == WildText()) {
      Error("T500", field->span, "a field has no name");
    }
    const char first = text_[at_++];
    if (first == ':') {
      SkipSpace();
      if (Peek() == '{') return ParseNested(std::move(field), begin);
      Node node = Peek() == '(' ? ParseBrackets(field) : ParseOneValue(field);
      node.span.begin = begin;
      return node;
    }
    Node node;
    node.kind = Node::kRange;
    const bool or_equal = Peek() == '=';
    if (or_equal) ++at_;
    node.op = first == '<' ? (or_equal ? RangeOp::kLe : RangeOp::kLt)
                           : (or_equal ? RangeOp::kGe : RangeOp::kGt);
    SkipSpace();
    Node value = ParseOneValue(field);
    if (value.kind == Node::kError) return value;
    if (value.value.text.has_star()) {
      Error("T500", value.value.span, "a range has no wildcards");
      return Failed();
    }
    node.field = std::move(field);
    node.value = std::move(value.value);
    node.span = {begin, node.value.span.end};
    return node;
  }

  Node ParseOneValue(const FieldPtr& field) {
    const uint32_t begin = at_;
    if (AtEnd() || (IsSpecial(Peek()) && Peek() != '"' && Peek() != '*' &&
                    Peek() != '\\')) {
      return Fail("a value");
    }
    if (!KeywordAt(at_).empty()) {
      return Fail("a value",
                  "a keyword that is meant as a word stands in quotes");
    }
    ++tests_;
    std::optional<Value> value = TakeValue();
    if (!value) return Failed();
    return Is(field, std::move(*value), begin);
  }

  Node ParseNested(FieldPtr field, uint32_t begin) {
    const uint32_t open = at_;
    ++at_;
    if (!Enter(open)) return Failed();
    if (field->name.has_star()) {
      Error("T500", field->span, "nested objects have one field, not several",
            "write its name without `*`");
    }
    Node node;
    node.kind = Node::kNested;
    node.field = std::move(field);
    node.children.push_back(Close('}', open, ParseOr(nullptr)));
    --depth_;
    node.span = {begin, at_};
    return node;
  }

  static Node Is(const FieldPtr& field, Value value, uint32_t begin) {
    Node node;
    node.kind = Node::kIs;
    node.field = field;
    node.span = {begin, value.span.end};
    node.value = std::move(value);
    return node;
  }

  std::optional<Value> TakeValue() {
    Value value;
    const uint32_t begin = at_;
    value.quoted = Peek() == '"';
    const bool ok =
        value.quoted ? TakeQuoted(&value.text) : TakeWords(&value.text);
    if (!ok) return std::nullopt;
    value.span = {begin, at_};
    if (at_ - begin > kMaxValueBytes) {
      Error("T506", value.span,
            "a value can have " + std::to_string(kMaxValueBytes) + " bytes");
      return std::nullopt;
    }
    value.kind = KindOf(value);
    return value;
  }

  // A backslash before anything but what is listed here is itself.
  bool TakeQuoted(WildText* into) {
    const uint32_t begin = at_++;
    std::string& text = into->pieces[0];
    while (!AtEnd() && Peek() != '"') {
      if (Peek() != '\\') {
        text += text_[at_++];
        continue;
      }
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (next == '"' || next == '\\') {
        text += next;
        at_ += 2;
      } else if (!TakeSpaceEscape(&text) && !TakeUnicodeEscape(&text)) {
        text += text_[at_++];
      }
    }
    if (AtEnd()) {
      Error("T501", {begin, begin + 1}, "this quote is never closed");
      return false;
    }
    ++at_;
    return true;
  }

  bool TakeSpaceEscape(std::string* text) {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    const size_t which = std::string_view("trn").find(next);
    if (next == '\0' || which == std::string_view::npos) return false;
    *text += "\t\r\n"[which];
    at_ += 2;
    return true;
  }

  // \uXXXX. A half of a surrogate pair is no character.
  bool TakeUnicodeEscape(std::string* text) {
    const std::optional<uint32_t> first = HexAt(at_);
    if (!first) return false;
    uint32_t code = *first;
    uint32_t length = 6;
    if (code >= 0xD800 && code < 0xDC00) {
      const std::optional<uint32_t> second = HexAt(at_ + 6);
      if (!second || *second < 0xDC00 || *second > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (*second - 0xDC00);
      length = 12;
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return false;
    }
    base::AppendUtf8(static_cast<char32_t>(code), text);
    at_ += length;
    return true;
  }

  std::optional<uint32_t> HexAt(size_t at) const {
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') {
      return std::nullopt;
    }
    uint32_t code = 0;
    for (const char c : text_.substr(at + 2, 4)) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
        return std::nullopt;
      }
      const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                            ? c - '0'
                            : (c | 0x20) - 'a' + 10;
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    return code;
  }

  bool TakeEscape(std::string* text) {
    for (const std::string_view keyword : kKeywords) {
      const std::string_view written =
          text_.substr(std::min<size_t>(at_ + 1, text_.size()), keyword.size());
      const size_t end = at_ + 1 + keyword.size();
      if (!EqualsFolded(written, keyword)) continue;
      if (end < text_.size() && !IsSpace(text_[end]) &&
          !IsSpecial(text_[end])) {
        continue;
      }
      *text += text_.substr(at_ + 1, keyword.size());
      at_ += static_cast<uint32_t>(keyword.size()) + 1;
      return true;
    }
    if (TakeSpaceEscape(text) || TakeUnicodeEscape(text)) return true;
    if (at_ + 1 < text_.size() && IsSpecial(text_[at_ + 1])) {
      *text += text_[at_ + 1];
      at_ += 2;
      return true;
    }
    const uint32_t length = at_ + 1 < text_.size() ? 2 : 1;
    Error("T502", {at_, at_ + length},
          "unknown escape " + text::Quoted(text_.substr(at_, length)),
          "a backslash itself is written `\\\\`, or the value is put in "
          "quotes");
    at_ += length;
    return false;
  }

  bool TakeWords(WildText* into) {
    bool ok = true;
    while (!AtEnd()) {
      const char c = Peek();
      if (IsSpace(c)) {
        size_t next = at_;
        while (next < text_.size() && IsSpace(text_[next])) ++next;
        if (next == text_.size() || !KeywordAt(next).empty()) break;
        // An escape and a star go on with the value.
        if (IsSpecial(text_[next]) && text_[next] != '\\' &&
            text_[next] != '*') {
          break;
        }
        into->pieces.back() += text_.substr(at_, next - at_);
        at_ = static_cast<uint32_t>(next);
      } else if (c == '\\') {
        ok &= TakeEscape(&into->pieces.back());
      } else if (c == '*') {
        // Stars side by side are one.
        if (into->pieces.size() == 1 || !into->pieces.back().empty()) {
          into->pieces.emplace_back();
        }
        ++at_;
      } else if (IsSpecial(c)) {
        break;
      } else {
        into->pieces.back() += c;
        ++at_;
      }
    }
    return ok;
  }

  bool Enter(uint32_t at) {
    if (++depth_ <= kMaxNesting) return true;
    Error("T506", {at, at + 1},
          "brackets and `not` go " + std::to_string(kMaxNesting) +
              " deep at most");
    at_ = static_cast<uint32_t>(text_.size());
    return false;
  }

  void Error(std::string_view code, text::Span span, std::string message,
             std::string help = {}) {
    if (stopped_) return;
    stopped_ = code == "T506";
    reporter_.Error(code, reporter_.source().RangeOf(span), std::move(message),
                    std::move(help));
  }

  static Node Failed() {
    Node node;
    node.kind = Node::kError;
    return node;
  }

  // "expected ..., found ..."; goes on at the next keyword or bracket that
  // closes.
  Node Fail(std::string_view expected, std::string help = {}) {
    const uint32_t begin = at_;
    uint32_t end = at_;
    if (help.empty() && Peek() == ':') {
      help =
          "tests are joined by `and` or `or`; a colon that is part of a value "
          "is written `\\:`, or the value is put in quotes";
    }
    if (!AtEnd() && IsSpecial(Peek())) {
      ++end;
      if (end < text_.size() && text_[end] == '=' && Peek() != '=') ++end;
    } else {
      while (end < text_.size() && !IsSpace(text_[end]) &&
             !IsSpecial(text_[end])) {
        ++end;
      }
    }
    Error("T500", {begin, end},
          "expected " + std::string(expected) + ", found " +
              (AtEnd() ? std::string("the end of the query")
                       : text::Quoted(text_.substr(begin, end - begin))),
          std::move(help));
    Recover();
    return Failed();
  }

  void Recover() {
    int open = 0;
    bool fresh = true;  // Behind a space or a bracket: a keyword can begin.
    const uint32_t begin = at_;
    for (; !AtEnd(); ++at_) {
      const char c = Peek();
      if (open == 0 && at_ > begin && fresh &&
          (KeywordAt(at_) == "and" || KeywordAt(at_) == "or")) {
        return;
      }
      if (c == '"') {
        const size_t end = text_.find('"', at_ + 1);
        if (end == std::string_view::npos) {
          at_ = static_cast<uint32_t>(text_.size());
          return;
        }
        at_ = static_cast<uint32_t>(end);
      }
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      if (c == '(' || c == '{') ++open;
      if ((c == ')' || c == '}') && --open < 0) return;
      fresh = IsSpace(c) || c == ')' || c == '}';
    }
  }

  text::Reporter& reporter_;
  std::string_view text_;
  uint32_t at_;
  uint32_t begin_;
  int depth_ = 0;
  int tests_ = 0;
  bool stopped_ = false;  // At a limit: what follows is no news.
};

}  // namespace

Node Parse(text::Span span, text::Reporter* reporter) {
  return Parser(span, reporter).ParseAll();
}

}  // namespace tocsin::kql
