// WildText: a Sigma string as pipelines see it, its escapes resolved and the
// wildcards that modifiers add in place.
//
// Pipelines are written against values such as `*\cmd.exe`: the text of
// `Image|endswith: '\cmd.exe'`. Each byte of the text remembers what it is, so
// a literal star and a wildcard stay apart through every replacement.

#ifndef TOCSIN_SRC_FRONTEND_SIGMA_WILD_TEXT_H_
#define TOCSIN_SRC_FRONTEND_SIGMA_WILD_TEXT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "re2/re2.h"
#include "src/frontend/sigma/ast.h"

namespace tocsin::sigma {

class WildText {
 public:
  enum Mark : char { kLiteral, kWildcard, kPlaceholder };

  WildText() = default;

  // Reads a raw value. With `expand`, `%name%` is marked as a placeholder and
  // `\%` is a percent sign.
  static WildText Parse(std::string_view raw, bool expand);

  // The raw value that Parse reads as this.
  std::string Raw(bool expand) const;

  // A regular expression that matches what this matches.
  std::string Regex() const;

  void Append(char c, Mark mark);
  void Append(std::string_view text, Mark mark);
  // Appends bytes [begin, end) of `other`.
  void Append(const WildText& other, size_t begin, size_t end);

  // Puts a `*` at an end that has none.
  void PadStart();
  void PadEnd();

  bool has_wildcard() const;
  const std::string& text() const { return text_; }
  size_t size() const { return text_.size(); }
  Mark mark(size_t i) const { return static_cast<Mark>(marks_[i]); }

  friend bool operator==(const WildText&, const WildText&) = default;

 private:
  std::string text_;
  std::string marks_;  // A Mark for each byte of text_.
};

// The part of an item's values that pipelines call strings: not under `re`,
// `cidr`, `fieldref`, a comparison and their like.
bool HoldsStrings(const Item& item);

bool HasModifier(const Item& item, std::string_view name);
void RemoveModifier(std::string_view name, Item* item);

// The text of a string or number of `item`, with the wildcards of `contains`,
// `startswith` and `endswith` unless an encoding (`base64`, `wide`, ...) stands
// in between.
WildText TextOf(const Item& item, const Value& value);

// Puts `texts[i]`, made from TextOf, in place of value i of `item`, and drops
// the modifiers that TextOf has taken in. nullopt: the value stays as it is.
void SetTexts(const std::vector<std::optional<std::vector<WildText>>>& texts,
              Item* item);

// A replacement for matches of a regular expression, with Python's syntax of
// templates: \1, \g<1>, \g<name>, \\, \n.
class Replacer {
 public:
  struct Options {
    // Literal stretches are matched one by one; wildcards and placeholders are
    // left alone.
    bool skip_special = false;
    // With skip_special: `*` and `?` of the replacement are wildcards.
    bool interpret_special = false;
  };

  // Null on a bad template, with what is wrong with it in `error`.
  static std::unique_ptr<Replacer> Make(std::unique_ptr<RE2> regex,
                                        std::string_view replacement,
                                        Options options, std::string* error);

  // nullopt if nothing matches, or if the work would cost more than `budget`,
  // in which case `too_much` is set. Takes what it cost from `budget`: a byte
  // for each of the result, and kMatchCost for each match.
  std::optional<WildText> Replace(const WildText& text, size_t* budget,
                                  bool* too_much) const;
  static constexpr size_t kMatchCost = 16;

 private:
  struct Piece {
    int group = -1;  // >= 0: that group of the match; else `text`.
    WildText text;
  };

  Replacer() = default;
  // False if it would cost more than `budget`.
  bool ReplaceRun(const WildText& text, size_t begin, size_t end, size_t budget,
                  WildText* out, size_t* matches) const;

  std::unique_ptr<RE2> regex_;
  Options options_;
  std::vector<Piece> pieces_;
};

}  // namespace tocsin::sigma

#endif  // TOCSIN_SRC_FRONTEND_SIGMA_WILD_TEXT_H_
