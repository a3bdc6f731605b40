#include "src/ir/predicate.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "src/base/json_writer.h"

namespace tocsin::ir {
namespace {

Expr Join(Expr::Kind kind, Expr empty, std::vector<Expr> children) {
  if (children.empty()) return empty;
  if (children.size() == 1) return std::move(children.front());
  bool flat = true;
  for (const Expr& child : children) {
    if (child.kind == kind && child.label.empty()) flat = false;
  }
  Expr joined;
  joined.kind = kind;
  if (flat) {
    joined.children = std::move(children);
    return joined;
  }
  for (Expr& child : children) {
    if (child.kind == kind && child.label.empty()) {
      for (Expr& inner : child.children) {
        joined.children.push_back(std::move(inner));
      }
    } else {
      joined.children.push_back(std::move(child));
    }
  }
  return joined;
}

bool IsPlainName(std::string_view name) {
  for (const char c : name) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                       c == '_' || c == '-' || c == '.' || c == '@';
    if (!plain) return false;
  }
  return !name.empty();
}

// A name as it is, or as a JSON string if it holds anything unusual.
void AppendName(std::string_view name, std::string* out) {
  if (IsPlainName(name)) {
    *out += name;
  } else {
    base::AppendJsonString(name, out);
  }
}

void AppendPattern(const base::Pattern& pattern, std::string* out) {
  if (pattern.tokens.empty()) *out += "\"\"";
  for (const base::PatternToken& token : pattern.tokens) {
    switch (token.kind) {
      case base::PatternToken::kLiteral:
        base::AppendJsonString(token.text, out);
        break;
      case base::PatternToken::kAnyRun:
        *out += '*';
        break;
      case base::PatternToken::kAnyOne:
        *out += '?';
        break;
      case base::PatternToken::kOneOf:
        *out += '[' + token.text + ']';
        break;
    }
  }
  if (pattern.cased) *out += " cased";
}

std::string Hex(int value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), kDigits[value & 15]);
    value >>= 4;
  } while (value > 0);
  return out;
}

bool IsIpv4(const base::IpNetwork& network) {
  const auto& bytes = network.address.bytes;
  for (int i = 0; i < 10; ++i) {
    if (bytes[i] != 0) return false;
  }
  return bytes[10] == 0xFF && bytes[11] == 0xFF && network.prefix >= 96;
}

// An IPv6 address is written with all its eight groups.
void AppendNetwork(const base::IpNetwork& network, std::string* out) {
  const auto& bytes = network.address.bytes;
  const bool ipv4 = IsIpv4(network);
  if (ipv4) {
    for (int i = 12; i < 16; ++i) {
      if (i > 12) *out += '.';
      *out += std::to_string(bytes[i]);
    }
  } else {
    for (int i = 0; i < 16; i += 2) {
      if (i > 0) *out += ':';
      *out += Hex(bytes[i] * 256 + bytes[i + 1]);
    }
  }
  *out += '/' + std::to_string(network.prefix - (ipv4 ? 96 : 0));
}

std::string_view Text(CompareOp op) {
  switch (op) {
    case CompareOp::kEq:
      return "==";
    case CompareOp::kLt:
      return "<";
    case CompareOp::kLe:
      return "<=";
    case CompareOp::kGt:
      return ">";
    case CompareOp::kGe:
      return ">=";
  }
  return "";
}

std::string_view Text(FieldRelation relation) {
  switch (relation) {
    case FieldRelation::kEquals:
      return "equals";
    case FieldRelation::kContains:
      return "contains";
    case FieldRelation::kStartsWith:
      return "starts with";
    case FieldRelation::kEndsWith:
      return "ends with";
  }
  return "";
}

std::string_view Text(TimePart part) {
  switch (part) {
    case TimePart::kMinute:
      return "minute";
    case TimePart::kHour:
      return "hour";
    case TimePart::kDay:
      return "day";
    case TimePart::kWeek:
      return "week";
    case TimePart::kMonth:
      return "month";
    case TimePart::kYear:
      return "year";
  }
  return "";
}

void AppendComparison(const Test& test, std::string* out) {
  *out += Text(test.compare);
  *out += ' ' + test.number.text;
}

void AppendTest(const Test& test, std::string* out) {
  if (test.op == TestOp::kExpression) {
    *out += "expression";
  } else if (test.any_field) {
    *out += "<any field>";
  } else {
    AppendName(test.field, out);
  }
  *out += ' ';
  switch (test.op) {
    case TestOp::kPattern:
      *out += "is ";
      AppendPattern(test.pattern, out);
      break;
    case TestOp::kCompare:
      AppendComparison(test, out);
      break;
    case TestOp::kBool:
      *out += test.flag ? "is true" : "is false";
      break;
    case TestOp::kRegex:
      *out += "matches ";
      base::AppendJsonString(test.regex, out);
      break;
    case TestOp::kCidr:
      *out += "in";
      for (const base::IpNetwork& network : test.networks) {
        *out += ' ';
        AppendNetwork(network, out);
      }
      break;
    case TestOp::kNull:
      *out += "is null";
      break;
    case TestOp::kExists:
      *out += test.flag ? "exists" : "does not exist";
      break;
    case TestOp::kFieldRef:
      *out += Text(test.relation);
      *out += " field ";
      AppendName(test.other_field, out);
      if (test.cased) *out += " cased";
      break;
    case TestOp::kTimePart:
      *out += Text(test.part);
      *out += ' ';
      AppendComparison(test, out);
      break;
    case TestOp::kExpression:
      *out += Print(*test.expression);
      break;
  }
}

void AppendExpr(const Expr& expr, int indent, std::string* out) {
  out->append(indent, ' ');
  switch (expr.kind) {
    case Expr::kTrue:
      *out += "true";
      break;
    case Expr::kFalse:
      *out += "false";
      break;
    case Expr::kAnd:
      *out += "and";
      break;
    case Expr::kOr:
      *out += "or";
      break;
    case Expr::kNot:
      *out += "not";
      break;
    case Expr::kTest:
      AppendTest(expr.test, out);
      break;
  }
  if (!expr.label.empty()) {
    *out += "  #";
    AppendName(expr.label, out);
  }
  *out += '\n';
  for (const Expr& child : expr.children) AppendExpr(child, indent + 2, out);
}

}  // namespace

Expr Expr::True() { return Expr(); }

Expr Expr::False() {
  Expr expr;
  expr.kind = kFalse;
  return expr;
}

Expr Expr::And(std::vector<Expr> children) {
  return Join(kAnd, True(), std::move(children));
}

Expr Expr::Or(std::vector<Expr> children) {
  return Join(kOr, False(), std::move(children));
}

Expr Expr::Not(Expr child) {
  Expr expr;
  expr.kind = kNot;
  expr.children.push_back(std::move(child));
  return expr;
}

Expr Expr::Of(Test test, text::Range range) {
  Expr expr;
  expr.kind = kTest;
  expr.test = std::move(test);
  expr.range = range;
  return expr;
}

void SetMapped(Expr* expr) {
  if (expr->kind == Expr::kTest) expr->test.mapped = true;
  for (Expr& child : expr->children) SetMapped(&child);
}

std::string Print(const Expr& expr) {
  std::string out;
  AppendExpr(expr, 0, &out);
  return out;
}

}  // namespace tocsin::ir
