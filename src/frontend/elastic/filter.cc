#include "src/frontend/elastic/filter.h"

#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/json_writer.h"
#include "src/base/number.h"
#include "src/base/string_map.h"
#include "src/base/utf8.h"
#include "src/frontend/kql/lower.h"

namespace tocsin::elastic {
namespace {

using base::PatternToken;
using base::ToAbsl;
using ir::Expr;
using text::Quoted;

kql::Node FieldNode(kql::Node::Kind kind, const std::string& field,
                    text::Span span) {
  auto name = std::make_shared<kql::Field>();
  name->name.pieces = {field};
  name->span = span;
  kql::Node node;
  node.kind = kind;
  node.field = std::move(name);
  node.span = span;
  node.value.span = span;
  return node;
}

// What a value is where no field says otherwise.
kql::Value::Kind KindOf(const std::string& text) {
  if (base::ParseNumber(text)) return kql::Value::kNumber;
  if (text == "true" || text == "false") return kql::Value::kBool;
  return kql::Value::kText;
}

void AddText(std::string_view text, base::Pattern* pattern) {
  if (pattern->tokens.empty() ||
      pattern->tokens.back().kind != PatternToken::kLiteral) {
    pattern->tokens.push_back({PatternToken::kLiteral, ""});
  }
  pattern->tokens.back().text += text;
}

base::Pattern ParseWildcard(std::string_view text) {
  base::Pattern pattern;
  while (!text.empty()) {
    const char c = text[0];
    if (c == '*' || c == '?') {
      const auto kind =
          c == '*' ? PatternToken::kAnyRun : PatternToken::kAnyOne;
      const bool is_twice = kind == PatternToken::kAnyRun &&
                            !pattern.tokens.empty() &&
                            pattern.tokens.back().kind == kind;
      if (!is_twice) pattern.tokens.push_back({kind, ""});
      text.remove_prefix(1);
      continue;
    }
    if (c == '\\' && text.size() > 1) text.remove_prefix(1);
    const auto length = static_cast<size_t>(base::DecodeUtf8(text).length);
    AddText(text.substr(0, length), &pattern);
    text.remove_prefix(length);
  }
  return pattern;
}

}  // namespace

std::optional<std::string> FilterLowerer::ScalarText(const Value& value) {
  switch (value.kind) {
    case Value::kString:
      return value.text;
    case Value::kBool:
      return value.flag ? "true" : "false";
    case Value::kInt:
      return absl::StrCat(value.integer);
    case Value::kDouble: {
      std::string text;
      base::AppendJsonDouble(value.number, &text);
      return text;
    }
    default:
      return std::nullopt;
  }
}

Expr FilterLowerer::Refuse(text::Span span, std::string message,
                           std::string help) {
  reporter_.Error("T607", reporter_.source().RangeOf(span), std::move(message),
                  std::move(help));
  return Expr::True();
}

Expr FilterLowerer::Lower(kql::Node node) {
  return kql::Lower(node, types_, &reporter_);
}

Expr FilterLowerer::Is(const std::string& field, const std::string& text,
                       bool is_phrase, text::Span span) {
  kql::Node node = FieldNode(kql::Node::kIs, field, span);
  node.value.kind = KindOf(text);
  node.value.quoted = is_phrase;
  node.value.text.pieces = {text};
  return Lower(std::move(node));
}

Expr FilterLowerer::Exists(const std::string& field, text::Span span) {
  kql::Node node = FieldNode(kql::Node::kIs, field, span);
  node.value.kind = kql::Value::kWild;
  node.value.text.pieces = {"", ""};
  return Lower(std::move(node));
}

Expr FilterLowerer::Compare(const std::string& field, kql::RangeOp op,
                            const std::string& text, text::Span span) {
  kql::Node node = FieldNode(kql::Node::kRange, field, span);
  node.op = op;
  node.value.kind = KindOf(text);
  node.value.text.pieces = {text};
  return Lower(std::move(node));
}

Expr FilterLowerer::Wildcard(const std::string& field, std::string_view pattern,
                             bool folded, text::Span span) {
  ir::Test test;
  test.op = ir::TestOp::kPattern;
  test.field = field;
  test.pattern = ParseWildcard(pattern);
  test.pattern.cased = !folded;
  return Expr::Of(std::move(test), reporter_.source().RangeOf(span));
}

Expr FilterLowerer::Filter(const Value& filter) {
  if (!filter.is_object()) {
    return Refuse(filter.span, "a filter is an object");
  }
  const Value* meta = filter.Find("meta");
  const auto flag = [&](std::string_view name) {
    const Value* value = meta == nullptr ? nullptr : meta->Find(name);
    return value != nullptr && value->kind == Value::kBool && value->flag;
  };
  if (flag("disabled")) return Expr::True();
  // Several in one: they stand in `meta`.
  const Value* type = meta == nullptr ? nullptr : meta->Find("type");
  Expr expr;
  if (type != nullptr && type->text == "combined") {
    const Value* parts = meta->Find("params");
    const Value* relation = meta->Find("relation");
    if (parts == nullptr || !parts->is_array() || depth_ > 20) {
      return Refuse(filter.span, "a combined filter has a list `params`");
    }
    ++depth_;
    std::vector<Expr> children;
    for (const Value& part : parts->items) children.push_back(Filter(part));
    --depth_;
    const bool is_any = relation != nullptr && relation->text == "OR";
    expr =
        is_any ? Expr::Or(std::move(children)) : Expr::And(std::move(children));
  } else if (const Value* query = filter.Find("query")) {
    expr = Clause(*query);
  } else {
    // As they were kept before: the clause beside `meta`.
    Value clause;
    clause.kind = Value::kObject;
    clause.span = filter.span;
    for (const Member& member : filter.members) {
      if (member.name != "meta" && member.name != "$state") {
        clause.members.push_back(member);
      }
    }
    expr = Clause(clause);
  }
  return flag("negate") ? Expr::Not(std::move(expr)) : expr;
}

Expr FilterLowerer::Clause(const Value& clause) {
  if (!clause.is_object() || clause.members.size() != 1) {
    return Refuse(clause.span, "a clause of a filter has one member");
  }
  const Member& member = clause.members[0];
  const Value& body = member.value;
  if (!body.is_object()) {
    return Refuse(body.span, Quoted(member.name) + " of a filter is an object");
  }
  if (depth_ > 20) return Refuse(clause.span, "clauses are nested too deep");
  ++depth_;
  Expr expr;
  if (member.name == "match_all") {
    expr = Expr::True();
  } else if (member.name == "match_none") {
    expr = Expr::False();
  } else if (member.name == "match_phrase") {
    expr = Match(body, true);
  } else if (member.name == "match") {
    expr = Match(body, false);
  } else if (member.name == "term") {
    expr = Term(body);
  } else if (member.name == "terms") {
    expr = Terms(body);
  } else if (member.name == "wildcard") {
    expr = WildcardClause(body, false);
  } else if (member.name == "prefix") {
    expr = WildcardClause(body, true);
  } else if (member.name == "exists") {
    const Value* field = body.Find("field");
    expr = field != nullptr && field->is_string() && !field->text.empty()
               ? Exists(field->text, body.span)
               : Refuse(body.span, "`exists` needs a `field`");
  } else if (member.name == "range") {
    expr = Range(body);
  } else if (member.name == "bool") {
    expr = Bool(body);
  } else {
    expr = Refuse(member.name_span,
                  "a filter with " + Quoted(member.name) + " is not covered",
                  "match_phrase, match, term, terms, wildcard, prefix, exists, "
                  "range and bool are");
  }
  --depth_;
  return expr;
}

const Member* FilterLowerer::OneField(const Value& body) {
  const Member* field = nullptr;
  for (const Member& member : body.members) {
    if (member.name == "boost" || member.name == "_name") continue;
    if (field != nullptr || member.name.empty()) {
      field = nullptr;
      break;
    }
    field = &member;
  }
  if (field == nullptr) Refuse(body.span, "the clause is about one field");
  return field;
}

namespace {

// What a clause asks of its field: the value itself, or a member of an object.
const Value* AskedOf(const Value& value, std::string_view name) {
  return value.is_object() ? value.Find(name) : &value;
}

bool FlagOf(const Value& value, std::string_view name) {
  const Value* flag = value.is_object() ? value.Find(name) : nullptr;
  return flag != nullptr && flag->kind == Value::kBool && flag->flag;
}

}  // namespace

Expr FilterLowerer::Match(const Value& body, bool is_phrase) {
  const Member* field = OneField(body);
  if (field == nullptr) return Expr::True();
  const Value* asked = AskedOf(field->value, "query");
  const std::optional<std::string> text =
      asked == nullptr ? std::nullopt : ScalarText(*asked);
  if (!text)
    return Refuse(field->value.span, "the filter has no text to match");
  const Value* type =
      field->value.is_object() ? field->value.Find("type") : nullptr;
  const bool is_old_phrase = type != nullptr && type->text == "phrase";
  return Is(field->name, *text, is_phrase || is_old_phrase, field->value.span);
}

Expr FilterLowerer::Term(const Value& body) {
  const Member* field = OneField(body);
  if (field == nullptr) return Expr::True();
  const Value* asked = AskedOf(field->value, "value");
  const std::optional<std::string> text =
      asked == nullptr ? std::nullopt : ScalarText(*asked);
  if (!text) return Refuse(field->value.span, "`term` has no value");
  if (!FlagOf(field->value, "case_insensitive")) {
    return Is(field->name, *text, true, field->value.span);
  }
  ir::Test test;
  test.op = ir::TestOp::kPattern;
  test.field = field->name;
  if (!text->empty()) AddText(*text, &test.pattern);
  return Expr::Of(std::move(test),
                  reporter_.source().RangeOf(field->value.span));
}

Expr FilterLowerer::Terms(const Value& body) {
  const Member* field = OneField(body);
  if (field == nullptr) return Expr::True();
  if (!field->value.is_array()) {
    return Refuse(field->value.span, "`terms` has a list of values");
  }
  std::vector<Expr> any;
  for (const Value& item : field->value.items) {
    const std::optional<std::string> text = ScalarText(item);
    any.push_back(text ? Is(field->name, *text, true, item.span)
                       : Refuse(item.span, "`terms` has a list of values"));
  }
  return any.empty() ? Expr::False() : Expr::Or(std::move(any));
}

Expr FilterLowerer::WildcardClause(const Value& body, bool is_prefix) {
  const Member* field = OneField(body);
  if (field == nullptr) return Expr::True();
  const Value* asked = AskedOf(field->value, "value");
  if (asked == nullptr) asked = AskedOf(field->value, "wildcard");
  if (asked == nullptr || !asked->is_string()) {
    return Refuse(field->value.span, "the filter has no pattern");
  }
  std::string pattern = asked->text;
  if (is_prefix) {
    pattern.clear();
    for (const char c : asked->text) {
      if (c == '*' || c == '?' || c == '\\') pattern += '\\';
      pattern += c;
    }
    pattern += '*';
  }
  return Wildcard(field->name, pattern,
                  FlagOf(field->value, "case_insensitive"), asked->span);
}

Expr FilterLowerer::Range(const Value& body) {
  const Member* field = OneField(body);
  if (field == nullptr) return Expr::True();
  if (!field->value.is_object()) {
    return Refuse(field->value.span, "`range` has bounds such as `gte`");
  }
  struct Bound {
    std::string_view name;
    kql::RangeOp op;
  };
  constexpr Bound kBounds[] = {{"gt", kql::RangeOp::kGt},
                               {"gte", kql::RangeOp::kGe},
                               {"lt", kql::RangeOp::kLt},
                               {"lte", kql::RangeOp::kLe}};
  std::vector<Expr> all;
  for (const Member& bound : field->value.members) {
    if (bound.name == "format" || bound.name == "boost") continue;
    const Bound* known = nullptr;
    for (const Bound& candidate : kBounds) {
      if (candidate.name == bound.name) known = &candidate;
    }
    if (known == nullptr) {
      return Refuse(bound.name_span,
                    Quoted(bound.name) + " is no bound of a range",
                    "bounds are gt, gte, lt and lte");
    }
    if (bound.value.kind == Value::kNull) continue;
    const std::optional<std::string> text = ScalarText(bound.value);
    if (!text) return Refuse(bound.value.span, "a bound is one value");
    all.push_back(Compare(field->name, known->op, *text, bound.value.span));
  }
  return all.empty() ? Exists(field->name, field->value.span)
                     : Expr::And(std::move(all));
}

Expr FilterLowerer::All(const Value& clauses, bool any) {
  std::vector<Expr> children;
  if (clauses.is_object()) {
    // An empty object in place of a list of none.
    if (clauses.members.empty()) return any ? Expr::False() : Expr::True();
    children.push_back(Clause(clauses));
  } else if (clauses.is_array()) {
    for (const Value& clause : clauses.items) {
      children.push_back(Clause(clause));
    }
  } else {
    return Refuse(clauses.span, "`bool` has lists of clauses");
  }
  if (children.empty()) return any ? Expr::False() : Expr::True();
  return any ? Expr::Or(std::move(children)) : Expr::And(std::move(children));
}

Expr FilterLowerer::Bool(const Value& body) {
  std::vector<Expr> all;
  const Value* should = nullptr;
  const Value* least = nullptr;
  bool has_must = false;
  for (const Member& part : body.members) {
    if (part.name == "must" || part.name == "filter") {
      const bool is_empty =
          part.value.items.empty() && part.value.members.empty();
      has_must |= !is_empty;
      all.push_back(All(part.value, false));
    } else if (part.name == "must_not") {
      all.push_back(Expr::Not(All(part.value, true)));
    } else if (part.name == "should") {
      should = &part.value;
    } else if (part.name == "minimum_should_match") {
      least = &part.value;
    } else if (part.name != "boost" && part.name != "_name") {
      return Refuse(part.name_span,
                    Quoted(part.name) + " is no part of `bool`");
    }
  }
  const std::optional<std::string> count =
      least == nullptr ? std::nullopt : ScalarText(*least);
  if (count && *count != "0" && *count != "1") {
    return Refuse(least->span, "of `should` one clause or none must hold");
  }
  // Beside other clauses it only counts for the score.
  const bool is_asked = count ? *count == "1" : !has_must;
  const bool is_there =
      should != nullptr && !(should->items.empty() && should->members.empty());
  if (is_there && is_asked) all.push_back(All(*should, true));
  return all.empty() ? Expr::True() : Expr::And(std::move(all));
}

}  // namespace tocsin::elastic
