#include "src/frontend/sigma/wild_text.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"
#include "src/frontend/sigma/placeholder.h"

namespace tocsin::sigma {
namespace {

constexpr std::string_view kNotStrings[] = {
    "re",  "cidr",   "fieldref", "exists", "lt",   "lte",   "gt",
    "gte", "minute", "hour",     "day",    "week", "month", "year",
};

constexpr std::string_view kEncodings[] = {
    "wide", "utf16", "utf16le", "utf16be", "base64", "base64offset",
};

constexpr std::string_view kPaddings[] = {"contains", "startswith", "endswith"};

bool HasAnyOf(const Item& item, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return HasModifier(item, name);
  });
}

bool IsWildcardByte(char c) { return c == '*' || c == '?'; }

// Appends a raw text without placeholders.
void AppendRaw(std::string_view raw, WildText* out) {
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size() &&
        (raw[i + 1] == '\\' || IsWildcardByte(raw[i + 1]))) {
      out->Append(raw[++i], WildText::kLiteral);
    } else {
      out->Append(raw[i], IsWildcardByte(raw[i]) ? WildText::kWildcard
                                                 : WildText::kLiteral);
    }
  }
}

}  // namespace

WildText WildText::Parse(std::string_view raw, bool expand) {
  WildText text;
  if (!expand) {
    AppendRaw(raw, &text);
    return text;
  }
  const PlaceholderParts parts = SplitPlaceholders(raw, ValueSyntax::kSigma);
  for (size_t i = 0; i < parts.texts.size(); ++i) {
    AppendRaw(parts.texts[i], &text);
    if (i == parts.names.size()) break;
    text.Append('%', kPlaceholder);
    text.Append(parts.names[i], kPlaceholder);
    text.Append('%', kPlaceholder);
  }
  return text;
}

std::string WildText::Raw(bool expand) const {
  std::string raw;
  for (size_t i = 0; i < size(); ++i) {
    const char c = text_[i];
    const bool escape =
        mark(i) == kLiteral &&
        (c == '\\' || IsWildcardByte(c) || (expand && c == '%'));
    if (escape) raw += '\\';
    raw += c;
  }
  return raw;
}

std::string WildText::Regex() const {
  std::string regex;
  for (size_t i = 0; i < size(); ++i) {
    if (mark(i) == kWildcard) {
      regex += text_[i] == '*' ? ".*" : ".";
    } else {
      regex += RE2::QuoteMeta(re2::StringPiece(&text_[i], 1));
    }
  }
  return regex;
}

void WildText::Append(char c, Mark mark) {
  text_ += c;
  marks_ += mark;
}

void WildText::Append(std::string_view text, Mark mark) {
  text_ += text;
  marks_.append(text.size(), mark);
}

void WildText::Append(const WildText& other, size_t begin, size_t end) {
  text_.append(other.text_, begin, end - begin);
  marks_.append(other.marks_, begin, end - begin);
}

void WildText::PadStart() {
  if (size() > 0 && text_.front() == '*' && mark(0) == kWildcard) return;
  text_.insert(text_.begin(), '*');
  marks_.insert(marks_.begin(), kWildcard);
}

void WildText::PadEnd() {
  if (size() > 0 && text_.back() == '*' && mark(size() - 1) == kWildcard) {
    return;
  }
  Append('*', kWildcard);
}

bool WildText::has_wildcard() const {
  return marks_.find(kWildcard) != std::string::npos;
}

bool HasModifier(const Item& item, std::string_view name) {
  return std::any_of(item.modifiers.begin(), item.modifiers.end(),
                     [&](const Modifier& m) { return m.name == name; });
}

void RemoveModifier(std::string_view name, Item* item) {
  std::erase_if(item->modifiers,
                [&](const Modifier& m) { return m.name == name; });
}

bool HoldsStrings(const Item& item) { return !HasAnyOf(item, kNotStrings); }

WildText TextOf(const Item& item, const Value& value) {
  WildText text = WildText::Parse(value.text, HasModifier(item, "expand"));
  if (HasAnyOf(item, kEncodings)) return text;
  const bool contains = HasModifier(item, "contains");
  if (contains || HasModifier(item, "endswith")) text.PadStart();
  if (contains || HasModifier(item, "startswith")) text.PadEnd();
  return text;
}

void SetTexts(const std::vector<std::optional<std::vector<WildText>>>& texts,
              Item* item) {
  const bool expand = HasModifier(*item, "expand");
  const bool padded =
      HasAnyOf(*item, kPaddings) && !HasAnyOf(*item, kEncodings);
  std::vector<Value> values;
  auto add = [&](const Value& old, const WildText& text) {
    Value& value = values.emplace_back();
    value.kind = Value::kString;
    value.text = text.Raw(expand);
    value.quoted = true;
    value.range = old.range;
  };
  for (size_t i = 0; i < texts.size(); ++i) {
    const Value& value = item->values[i];
    if (texts[i].has_value()) {
      for (const WildText& text : *texts[i]) add(value, text);
    } else if (padded &&
               (value.kind == Value::kString || value.kind == Value::kNumber)) {
      // The item's modifiers go, so the others take their wildcards in too.
      add(value, TextOf(*item, value));
    } else {
      values.push_back(value);
    }
  }
  item->values = std::move(values);
  if (!padded) return;
  for (std::string_view name : kPaddings) RemoveModifier(name, item);
}

std::unique_ptr<Replacer> Replacer::Make(std::unique_ptr<RE2> regex,
                                         std::string_view replacement,
                                         Options options, std::string* error) {
  std::unique_ptr<Replacer> replacer(new Replacer);
  replacer->options_ = options;
  const bool wildcards = !options.skip_special || options.interpret_special;
  auto literal = [&]() -> WildText& {
    if (replacer->pieces_.empty() || replacer->pieces_.back().group >= 0) {
      replacer->pieces_.emplace_back();
    }
    return replacer->pieces_.back().text;
  };
  auto add_group = [&](std::string_view name) {
    int group = -1;
    if (!name.empty() && name.size() <= 3 &&
        std::all_of(name.begin(), name.end(),
                    [](char c) { return c >= '0' && c <= '9'; })) {
      group = std::stoi(std::string(name));
    } else {
      const auto& names = regex->NamedCapturingGroups();
      const auto found = names.find(std::string(name));
      if (found != names.end()) group = found->second;
    }
    if (group < 0 || group > regex->NumberOfCapturingGroups()) {
      *error = "has no group `" + std::string(name) + "`";
      return false;
    }
    replacer->pieces_.push_back({.group = group, .text = {}});
    return true;
  };

  for (size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c != '\\' || i + 1 == replacement.size()) {
      literal().Append(c, wildcards && IsWildcardByte(c) ? WildText::kWildcard
                                                         : WildText::kLiteral);
      continue;
    }
    const char next = replacement[++i];
    if (next >= '0' && next <= '9') {
      size_t length = 1;
      if (i + 1 < replacement.size() && replacement[i + 1] >= '0' &&
          replacement[i + 1] <= '9') {
        length = 2;
      }
      if (!add_group(replacement.substr(i, length))) return nullptr;
      i += length - 1;
    } else if (next == 'g') {
      const size_t close = replacement.find('>', i);
      if (i + 1 == replacement.size() || replacement[i + 1] != '<' ||
          close == std::string_view::npos) {
        *error = "has a `\\g` without `<name>`";
        return nullptr;
      }
      if (!add_group(replacement.substr(i + 2, close - i - 2))) return nullptr;
      i = close;
    } else if (next == 'n' || next == 't' || next == 'r') {
      literal().Append(next == 'n'   ? '\n'
                       : next == 't' ? '\t'
                                     : '\r',
                       WildText::kLiteral);
    } else if (absl::ascii_isalpha(static_cast<unsigned char>(next))) {
      *error = "has an unknown escape `\\" + std::string(1, next) + "`";
      return nullptr;
    } else if (next == '\\' || IsWildcardByte(next)) {
      literal().Append(next, WildText::kLiteral);
    } else {
      literal().Append('\\', WildText::kLiteral);
      literal().Append(next, WildText::kLiteral);
    }
  }
  replacer->regex_ = std::move(regex);
  return replacer;
}

std::optional<WildText> Replacer::Replace(const WildText& text, size_t* budget,
                                          bool* too_much) const {
  WildText out;
  size_t matches = 0;
  size_t begin = 0;
  do {
    size_t end = text.size();
    if (options_.skip_special) {
      if (begin < text.size() && text.mark(begin) != WildText::kLiteral) {
        out.Append(text, begin, begin + 1);
        ++begin;
        continue;
      }
      end = begin;
      while (end < text.size() && text.mark(end) == WildText::kLiteral) ++end;
    }
    if (!ReplaceRun(text, begin, end, *budget, &out, &matches)) {
      *budget = 0;
      *too_much = true;
      return std::nullopt;
    }
    begin = end;
  } while (begin < text.size());
  if (matches == 0) return std::nullopt;
  *budget -= out.size() + matches * kMatchCost;
  return out;
}

bool Replacer::ReplaceRun(const WildText& text, size_t begin, size_t end,
                          size_t budget, WildText* out, size_t* matches) const {
  auto affordable = [&] {
    return out->size() + *matches * kMatchCost <= budget;
  };
  const re2::StringPiece run(text.text().data() + begin, end - begin);
  std::vector<re2::StringPiece> groups(
      1 + static_cast<size_t>(regex_->NumberOfCapturingGroups()));
  size_t at = 0;
  while (at <= run.size() &&
         regex_->Match(run, at, run.size(), RE2::UNANCHORED, groups.data(),
                       static_cast<int>(groups.size()))) {
    const size_t match = static_cast<size_t>(groups[0].data() - run.data());
    out->Append(text, begin + at, begin + match);
    for (const Piece& piece : pieces_) {
      if (piece.group < 0) {
        out->Append(piece.text, 0, piece.text.size());
      } else if (const re2::StringPiece group =
                     groups[static_cast<size_t>(piece.group)];
                 group.data() != nullptr) {
        const size_t from =
            static_cast<size_t>(group.data() - text.text().data());
        out->Append(text, from, from + group.size());
      }
      if (!affordable()) return false;
    }
    ++*matches;
    if (!affordable()) return false;
    at = match + groups[0].size();
    if (!groups[0].empty()) continue;
    // Step over a character, or it would match here again.
    size_t step = 1;
    if (at < run.size()) {
      step = static_cast<size_t>(
          base::DecodeUtf8({run.data() + at, run.size() - at}).length);
      out->Append(text, begin + at, begin + at + step);
    }
    at += step;
  }
  if (at < run.size()) out->Append(text, begin + at, end);
  return affordable();
}

}  // namespace tocsin::sigma
