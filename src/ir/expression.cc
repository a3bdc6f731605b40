#include "src/ir/expression.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/utf8.h"

namespace tocsin::ir {
namespace {

bool IsBareName(std::string_view name) {
  if (name.empty()) return false;
  const auto starts = [](char c) {
    return absl::ascii_isalpha(c) || c == '_' || c == '@' || c == '$';
  };
  if (!starts(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return starts(c) || absl::ascii_isdigit(c);
  });
}

std::string PrintList(const Expression& expression, size_t first) {
  std::string out;
  for (size_t i = first; i < expression.children.size(); ++i) {
    if (i > first) out += ", ";
    out += Print(expression.children[i]);
  }
  return out;
}

// In brackets if it binds looser than `least`.
std::string PrintChild(const Expression& child, int least) {
  const std::string text = Print(child);
  return Precedence(child) < least ? "(" + text + ")" : text;
}

std::string PrintJoined(const Expression& expression,
                        std::string_view separator, int least) {
  std::string out;
  for (const Expression& child : expression.children) {
    if (!out.empty()) out += separator;
    out += PrintChild(child, least);
  }
  return out;
}

// `(...)` or the name of a list.
std::string PrintSet(const Expression& expression) {
  if (!expression.name.empty()) return expression.name;
  return "(" + PrintList(expression, 1) + ")";
}

std::string PrintTable(const Expression& expression) {
  // Children are groups joined by `or`, of fields named for columns.
  std::string out = "matches " + expression.name + " on ";
  for (size_t i = 0; i < expression.children.size(); ++i) {
    if (i > 0) out += " or ";
    const Expression& group = expression.children[i];
    for (size_t j = 0; j < group.children.size(); ++j) {
      if (j > 0) out += " and ";
      out += Print(group.children[j].field) + " = " +
             PrintName(group.children[j].name);
    }
  }
  return out;
}

}  // namespace

bool FieldPath::has_index() const {
  return std::any_of(parts.begin(), parts.end(), [](const FieldPart& part) {
    return !part.indexes.empty();
  });
}

std::string FieldPath::Name() const {
  std::string name;
  for (const FieldPart& part : parts) {
    if (!name.empty()) name += '.';
    name += part.name;
  }
  return name;
}

Expression Expression::Literal(base::Value value, text::Span span) {
  Expression made;
  made.value = std::move(value);
  made.span = span;
  return made;
}

Expression Expression::Of(Kind kind, std::vector<Expression> children,
                          text::Span span) {
  Expression made;
  made.kind = kind;
  made.children = std::move(children);
  made.span = span;
  return made;
}

bool SameMeaning(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.op == b.op && a.folded == b.folded &&
         a.negated == b.negated && a.value == b.value && a.field == b.field &&
         a.name == b.name &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(),
                    b.children.end(), SameMeaning);
}

bool IsReservedInConditions(std::string_view word) {
  constexpr std::array<std::string_view, 12> kWords = {
      "and",   "or",      "not",  "in",    "like", "regex",
      "where", "matches", "true", "false", "null", "some"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
         word == "every";
}

std::string PrintName(std::string_view part) {
  if (IsBareName(part)) {
    return std::string(part);
  }
  std::string out = "`";
  for (const char c : part) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + '`';
}

std::string Print(const FieldPath& field) {
  std::string out = field.optional ? "?" : "";
  for (const FieldPart& part : field.parts) {
    const bool first = &part == field.parts.data();
    if (!first) out += '.';
    out += first && IsReservedInConditions(part.name) ? "`" + part.name + "`"
                                                      : PrintName(part.name);
    for (const int64_t index : part.indexes) {
      out += '[' + std::to_string(index) + ']';
    }
  }
  return out;
}

std::string QuoteString(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const base::CodePoint c = base::DecodeUtf8(text);
    const std::string_view bytes = text.substr(0, c.length);
    text.remove_prefix(c.length);
    switch (c.value) {
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      case '"':
      case '\\':
        out += '\\';
        break;
      default:
        break;
    }
    if (!base::IsInvisible(c.value)) {
      out += bytes;
      continue;
    }
    std::string digits;
    for (char32_t rest = c.value; rest != 0 || digits.size() < 2; rest /= 16) {
      digits.insert(digits.begin(), kHex[rest % 16]);
    }
    out += "\\u{" + digits + "}";
  }
  return out + '"';
}

int Precedence(const Expression& expression) {
  switch (expression.kind) {
    case Expression::kOr:
      return 1;
    case Expression::kAnd:
      return 2;
    case Expression::kNot:
      return 3;
    case Expression::kCompare:
    case Expression::kMatch:
    case Expression::kIn:
    case Expression::kTable:
      return 4;
    case Expression::kArithmetic:
      return expression.op == Operator::kAdd || expression.op == Operator::kSub
                 ? 5
                 : 6;
    case Expression::kNegate:
      return 7;
    default:
      return 8;
  }
}

std::string_view Spelling(Operator op) {
  constexpr std::string_view kSpellings[] = {"==", "!=", "<",    "<=",   ">",
                                             ">=", "+",  "-",    "*",    "/",
                                             "%",  ":",  "like", "regex"};
  return kSpellings[static_cast<int>(op)];
}

std::string Print(const Expression& e) {
  switch (e.kind) {
    case Expression::kLiteral:
      return !e.spelling.empty()   ? e.spelling
             : e.value.is_string() ? QuoteString(e.value.text)
                                   : base::PrintValue(e.value);
    case Expression::kField:
      return Print(e.field);
    case Expression::kAnd:
      return PrintJoined(e, " and ", 3);
    case Expression::kOr:
      return PrintJoined(e, " or ", 2);
    case Expression::kNot:
      return "not " + PrintChild(e.children[0], 3);
    case Expression::kCompare:
      return PrintChild(e.children[0], 5) + ' ' + std::string(Spelling(e.op)) +
             (e.folded ? "~ " : " ") + PrintChild(e.children[1], 5);
    case Expression::kMatch: {
      const std::string_view op = Spelling(e.op);
      std::string out = PrintChild(e.children[0], 5) + ' ' + std::string(op);
      if (e.folded && e.op != Operator::kColon) out += '~';
      out += ' ';
      const bool single =
          e.name.empty() && e.children.size() == 2 && !e.negated;
      return out + (single ? Print(e.children[1]) : PrintSet(e));
    }
    case Expression::kIn:
      return PrintChild(e.children[0], 5) + (e.negated ? " not in" : " in") +
             (e.folded ? "~ " : " ") + PrintSet(e);
    case Expression::kArithmetic: {
      const int least = Precedence(e);
      return PrintChild(e.children[0], least) + ' ' +
             std::string(Spelling(e.op)) + ' ' +
             PrintChild(e.children[1], least + 1);
    }
    case Expression::kNegate:
      return "-" + PrintChild(e.children[0], 8);
    case Expression::kCall:
      return e.name + (e.folded ? "~(" : "(") + PrintList(e, 0) + ")";
    case Expression::kSome:
    case Expression::kEvery:
      return std::string(e.kind == Expression::kSome ? "some " : "every ") +
             PrintName(e.name) + " in " + Print(e.children[0]) + " (" +
             Print(e.children[1]) + ")";
    case Expression::kCountOf:
    case Expression::kWhich:
      return std::string(e.kind == Expression::kWhich ? "which("
                                                      : "arrayCount(") +
             Print(e.children[0]) + ", " + PrintName(e.name) + ", " +
             Print(e.children[1]) + ")";
    case Expression::kTable:
      return PrintTable(e);
    case Expression::kError:
      return "?";
  }
  return {};
}

}  // namespace tocsin::ir
