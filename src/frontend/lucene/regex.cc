#include "src/frontend/lucene/regex.h"

#include <re2/re2.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/regex.h"
#include "src/base/utf8.h"

namespace tocsin::lucene {
namespace {

constexpr size_t kMaxLength = size_t{16} << 10;

class Translator {
 public:
  Translator(std::string_view text, bool operators)
      : text_(text), operators_(operators) {}

  RegexResult Run() {
    if (text_.size() > kMaxLength) Fail("is too long", 0);
    while (at_ < text_.size() && result_.problem.empty()) Step();
    if (!result_.problem.empty()) return std::move(result_);
    const RE2 compiled(result_.regex, base::RegexOptions());
    if (!compiled.ok()) {
      Fail("cannot be read: " + absl::AsciiStrToLower(compiled.error()), 0);
    }
    return std::move(result_);
  }

 private:
  void Fail(std::string problem, size_t at) {
    if (!result_.problem.empty()) return;
    result_.problem = std::move(problem);
    result_.at = at;
  }

  void Quote(std::string_view literal) {
    result_.regex += RE2::QuoteMeta({literal.data(), literal.size()});
  }

  void Step() {
    const char c = text_[at_];
    // What could repeat something, with nothing before it, is itself.
    const bool starts = at_ == 0 || is_open_;
    is_open_ = c == '(' || c == '|';
    if (starts && std::string_view("?*+{").find(c) != std::string_view::npos) {
      Quote(text_.substr(at_++, 1));
      return;
    }
    switch (c) {
      case '\\':
        Escape();
        return;
      case '[':
        Class();
        return;
      case '(':
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '?') {
          Fail("has `(?`, which Lucene has not", at_);
          return;
        }
        break;
      case '^':
      case '$':
        Quote(text_.substr(at_++, 1));
        return;
      default:
        break;
    }
    if (operators_ && Operator(c)) return;
    if (std::string_view("@#&~<>\"").find(c) != std::string_view::npos) {
      Quote(text_.substr(at_++, 1));
      return;
    }
    result_.regex += c;
    ++at_;
  }

  bool Operator(char c) {
    switch (c) {
      case '@':
        result_.regex += "(?:.*)";
        ++at_;
        return true;
      case '"': {
        const size_t close = text_.find('"', at_ + 1);
        if (close == std::string_view::npos) {
          Fail("has a `\"` that is never closed", at_);
          return true;
        }
        result_.regex += "(?:";
        Quote(text_.substr(at_ + 1, close - at_ - 1));
        result_.regex += ')';
        at_ = close + 1;
        return true;
      }
      case '~':
        Fail("has the complement `~`", at_);
        return true;
      case '&':
        Fail("has the intersection `&`", at_);
        return true;
      case '#':
        Fail("has the empty language `#`", at_);
        return true;
      case '<':
        Fail("has a numeric interval `<`", at_);
        return true;
      default:
        return false;
    }
  }

  // A class such as `\d`, or one character as it is.
  void Escape() {
    if (at_ + 1 >= text_.size()) {
      Fail("ends in a backslash", at_);
      return;
    }
    const char c = text_[at_ + 1];
    if (std::string_view("dDwWsS").find(c) != std::string_view::npos) {
      result_.regex += text_.substr(at_, 2);
      at_ += 2;
      return;
    }
    const size_t length = base::DecodeUtf8(text_.substr(at_ + 1)).length;
    Quote(text_.substr(at_ + 1, length));
    at_ += 1 + length;
  }

  void Class() {
    const size_t open = at_++;
    std::string set = "[";
    if (at_ < text_.size() && text_[at_] == '^') {
      set += '^';
      ++at_;
    }
    bool is_empty = true;
    while (at_ < text_.size() && (text_[at_] != ']' || is_empty)) {
      is_empty = false;
      if (text_[at_] == '\\') {
        if (++at_ >= text_.size()) break;
        const bool named = std::string_view("dDwWsS").find(text_[at_]) !=
                           std::string_view::npos;
        if (named) {
          set += '\\';
          set += text_[at_++];
          continue;
        }
        Member(&set);
        continue;
      }
      if (text_[at_] == '-') {
        set += text_[at_++];
        continue;
      }
      Member(&set);
    }
    if (at_ >= text_.size()) {
      Fail("has a `[` that is never closed", open);
      return;
    }
    ++at_;
    // A `-` at an end is itself.
    if (set.ends_with('-')) set.insert(set.size() - 1, 1, '\\');
    result_.regex += set + ']';
  }

  void Member(std::string* set) {
    const size_t length = base::DecodeUtf8(text_.substr(at_)).length;
    const std::string_view member = text_.substr(at_, length);
    if (std::string_view("[]^\\-").find(member[0]) != std::string_view::npos) {
      *set += '\\';
    }
    *set += member;
    at_ += length;
  }

  const std::string_view text_;
  const bool operators_;
  size_t at_ = 0;
  bool is_open_ = false;  // Behind `(` or `|`.
  RegexResult result_;
};

}  // namespace

RegexResult TranslateRegex(std::string_view lucene, bool operators) {
  return Translator(lucene, operators).Run();
}

}  // namespace tocsin::lucene
