#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/toc/keywords.h"
#include "src/frontend/toc/parse.h"
#include "src/frontend/toc/parser.h"

namespace tocsin::toc {

using text::Quoted;

namespace {

// "one of string, nocase, ..." and what was probably meant.
std::string OneOf(std::string_view word,
                  std::span<const std::string_view> words) {
  const std::string meant = text::DidYouMean(word, words);
  std::string all;
  for (const std::string_view each : words) {
    all += (all.empty() ? "" : ", ");
    all += each;
  }
  return absl::StrCat(meant, meant.empty() ? "one of " : " One of ", all);
}

}  // namespace

Word Parser::ToWord(const Token* token) const {
  if (token == nullptr) return {};
  return {token->text, token->span};
}

Word Parser::ParseName(std::string_view what) {
  const Token* const name = stream_.TakeName(what);
  if (name != nullptr && name->quoted) {
    stream_.Error("T300", name->span, "only fields take back-ticks");
  }
  return ToWord(name);
}

Word Parser::ParseString(std::string_view what) {
  return ToWord(stream_.TakeString(what));
}

Amount Parser::ParseDuration() {
  const Token& token = stream_.Peek();
  if (token.kind == Token::kDuration) {
    stream_.Take();
    if (token.value.int_value <= 0 && token.code.empty()) {
      stream_.Error("T311", token.span, "a duration of nothing",
                    "write how long, such as `10m`");
    }
    return {token.value, token.span};
  }
  if (token.kind != Token::kNumber) {
    stream_.Fail("a duration such as `10m`",
                 "units are ms, s, m, h, d, w and can be joined: `1h30m`");
    return {};
  }
  // 10 minutes, 10 m, 10.
  const Token& unit = stream_.Peek(1);
  std::string write;
  Span span = token.span;
  const bool same_line = stream_.source().LineOf(token.span.begin) ==
                         stream_.source().LineOf(unit.span.begin);
  if (unit.kind == Token::kName && !unit.quoted && same_line) {
    constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
        {"milli", "ms"}, {"ms", "ms"}, {"mo", ""}, {"s", "s"},
        {"m", "m"},      {"h", "h"},   {"d", "d"}, {"w", "w"}};
    for (const auto& [prefix, short_unit] : kUnits) {
      if (!unit.text.starts_with(prefix)) continue;
      if (short_unit.empty()) break;  // A month has no fixed length.
      write = absl::StrCat(base::ToAbsl(stream_.source().Slice(token.span)),
                           base::ToAbsl(short_unit));
      span.end = unit.span.end;
      break;
    }
  }
  const std::string found(stream_.source().Slice(span));
  stream_.Error(
      "T311", span, "expected a duration such as `10m`, found " + Quoted(found),
      absl::StrCat(write.empty() ? "" : "write `" + write + "`; ",
                   "units are ms, s, m, h, d, w and can be joined: `1h30m`"));
  // Goes on as if it were well, so that the rest is looked at too.
  stream_.Take();
  if (!write.empty()) stream_.Take();
  broken_ = true;
  return {base::Value::Duration(60'000'000'000), span};
}

std::optional<Amount> Parser::ParseDurationIf(std::string_view word) {
  if (!stream_.TakeIf(word)) return std::nullopt;
  return ParseDuration();
}

Amount Parser::ParseNumber(std::string_view what) {
  const Token& token = stream_.Peek();
  if (token.kind != Token::kNumber) {
    stream_.Fail(what);
    return {};
  }
  stream_.Take();
  return {token.value, token.span};
}

// --- Items
// --------------------------------------------------------------------

std::vector<Item> Parser::ParseItems() {
  std::vector<Item> items;
  while (!stream_.AtEnd()) {
    if (items.size() == kMaxParts) {
      stream_.Fail("T341", stream_.Peek().span,
                   absl::StrCat("a file has more than ", kMaxParts, " items"));
      break;
    }
    const size_t start = stream_.position();
    const int errors = stream_.reporter()->errors();
    const uint32_t begin = stream_.Peek().span.begin;
    broken_ = false;
    Item item = ParseItem();
    item.span = From(begin);
    if (stream_.at_loss()) stream_.Recover(AfterBadItem(start));
    item.broken = broken_ || stream_.reporter()->errors() > errors;
    items.push_back(std::move(item));
  }
  return items;
}

size_t Parser::AfterBadItem(size_t start) const {
  // An item begins with its word, as the first of a line and outside of
  // braces; or with `rule NAME {` wherever braces stand.
  int depth = 0;
  for (size_t at = start;; ++at) {
    const Token& token = stream_.At(at);
    if (token.kind == Token::kEnd) return at;
    if (at > start && at >= stream_.position() && IsFirstOnLine(at)) {
      const Token& second = stream_.At(at + 1);
      const bool rule = token.IsWord("rule") && second.kind == Token::kName &&
                        stream_.At(at + 2).Is("{");
      const bool item = depth <= 0 && token.kind == Token::kName &&
                        (BeginsItem(token.text) || second.Is("="));
      if (rule || item) return at;
    }
    if (token.Is("{")) ++depth;
    if (token.Is("}")) --depth;
  }
}

Item Parser::ParseItem() {
  Item item;
  const Token& first = stream_.Peek();
  const bool is_step = first.kind == Token::kName && stream_.Peek(1).Is("=");
  if (is_step) {
    item.what = ParseStep();
  } else if (stream_.TakeIf("import")) {
    item.what = ParseImport();
  } else if (stream_.TakeIf("list")) {
    item.what = ParseList();
  } else if (stream_.TakeIf("define")) {
    item.what = ParseDefine();
  } else if (stream_.TakeIf("action")) {
    item.what = ParseAction();
  } else if (stream_.TakeIf("calendar")) {
    item.what = ParseCalendar();
  } else if (stream_.TakeIf("except")) {
    item.what = ParseExcept(true);
  } else if (stream_.TakeIf("rule")) {
    item.what = ParseRule();
  } else if (stream_.TakeIf("detector")) {
    item.what = ParseDetector();
  } else {
    std::vector<std::string_view> words;
    for (const Keyword& keyword : Keywords()) {
      if (keyword.place == Keyword::kFile) words.push_back(keyword.word);
    }
    const bool clause = first.kind == Token::kName && ClauseOf(first.text);
    stream_.Fail(
        "`rule`, `list`, `define`, a step such as `failed = ...`, or "
        "another item",
        clause ? "this belongs inside the braces of a rule"
        : first.kind == Token::kName ? text::DidYouMean(first.text, words)
                                     : "");
  }
  return item;
}

Import Parser::ParseImport() {
  Import import;
  import.path = ParseString("the path of a file in double quotes");
  if (stream_.TakeIf("as")) import.as = ParseName("a name for the file");
  return import;
}

ListType Parser::ParseListType(std::string_view word, Span span) {
  const auto types = ListTypes();
  const auto found = std::find(types.begin(), types.end(), word);
  if (found != types.end()) {
    return static_cast<ListType>(found - types.begin());
  }
  if (!stream_.at_loss()) {
    stream_.Error("T301", span, "unknown type " + Quoted(word),
                  OneOf(word, types));
  }
  return ListType::kString;
}

List Parser::ParseList() {
  List list;
  list.name = ParseName("the name of the list");
  if (stream_.TakeIf("of")) {
    list.type_word = ParseName("the type of the list");
    list.type = ParseListType(list.type_word->text, list.type_word->span);
  }
  if (stream_.TakeIf("=")) {
    list.values = conditions_.ParseValues();
  } else if (stream_.TakeIf("from")) {
    ParseListSource(&list);
  } else {
    stream_.Fail("`=` and values in brackets, or `from` and a file");
  }
  return list;
}

void Parser::ParseListSource(List* list) {
  list->from = ParseString("the path of a file in double quotes");
  if (stream_.TakeIf("columns") && stream_.Expect("(")) {
    do {
      Column column;
      column.name = ToWord(stream_.TakeName("the name of a column"));
      const Word type = ParseName("the type of the column");
      column.type = ParseListType(type.text, type.span);
      list->columns.push_back(std::move(column));
    } while (stream_.TakeIf(","));
    stream_.Expect(")");
  }
  while (ParseListOption(list)) {
  }
}

bool Parser::ParseListOption(List* list) {
  if (stream_.at_loss()) return false;
  if (stream_.Peek(1).Is("=")) return false;  // A step of that name.
  if (stream_.TakeIf("reload")) {
    list->reload = ParseDuration();
  } else if (stream_.TakeIf("expires")) {
    if (stream_.Peek().kind == Token::kName) {
      list->expires_column = ParseName("a column");
    } else {
      list->expires = ParseDuration();
    }
  } else if (stream_.TakeIf("max")) {
    list->longest = ParseNumber("the most rows there may be");
  } else if (stream_.TakeIf("optional")) {
    list->optional = true;
  } else {
    return false;
  }
  return true;
}

Define Parser::ParseDefine() {
  Define define;
  define.name = ParseName("the name of the macro");
  stream_.Expect("(", "a macro has brackets also without parameters");
  while (!stream_.at_loss() && !stream_.Peek().Is(")")) {
    define.parameters.push_back(ParseName("a parameter"));
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect(")");
  stream_.Expect("=");
  define.body = conditions_.ParseCondition();
  return define;
}

Action Parser::ParseAction() {
  Action action;
  action.name = ParseName("the name of the action");
  stream_.Expect("(");
  while (!stream_.at_loss() && !stream_.Peek().Is(")")) {
    Action::Parameter parameter;
    parameter.name = ParseName("a parameter");
    stream_.Expect(":");
    parameter.type = ParseName("the type of the parameter");
    ParseListType(parameter.type.text, parameter.type.span);
    action.parameters.push_back(std::move(parameter));
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect(")");
  return action;
}

Calendar Parser::ParseCalendar() {
  Calendar calendar;
  calendar.name = ParseName("the name of the calendar");
  stream_.Expect("{");
  const auto moment = [this] {
    const Token& token = stream_.Peek();
    if (token.kind != Token::kTime) {
      stream_.Fail("a day such as `2027-03-31`, or a time with its zone");
      return Amount();
    }
    stream_.Take();
    return Amount{token.value, token.span};
  };
  while (!stream_.at_loss() && !stream_.Peek().Is("}")) {
    Calendar::Entry entry;
    entry.name = ParseString("what this stretch of time is called");
    entry.begin = moment();
    stream_.Expect("..");
    entry.end = moment();
    if (!stream_.at_loss() &&
        entry.begin.value.int_value > entry.end.value.int_value) {
      stream_.Error("T300", entry.end.span, "this ends before it begins");
    }
    calendar.entries.push_back(std::move(entry));
  }
  stream_.Expect("}");
  return calendar;
}

File Parse(const text::Source& source, text::Reporter* reporter) {
  File file;
  if (source.text().size() > UINT32_MAX / 2) {
    reporter->Error("T341", {}, "the file is too long");
    return file;
  }
  expression::Tokens tokens = expression::Lex(source);
  file.items = Parser(tokens, reporter).ParseItems();
  file.comments = std::move(tokens.comments);
  return file;
}

}  // namespace tocsin::toc
