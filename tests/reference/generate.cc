#include "tests/reference/generate.h"

#include <utility>

namespace tocsin::reference {
namespace {

using base::PatternToken;

// "only" never occurs in an event, but "other" does, which a rename makes of
// it.
constexpr std::string_view kRuleFields[] = {"a", "b", "A", "c.d", "only", "e"};
constexpr std::string_view kEventKeys[] = {"a", "b", "A", "c.d", "other", "e"};

constexpr std::string_view kFragments[] = {
    "a", "a",  "b",      "A",      "B", "ab", "*", "?", "\\",     "é",
    "É", "ж",  "Ж",      "k",      "K", "s",  "1", ".", "\u212A", "\u017F",
    "ß", "\n", "\u0130", "\u023A", "-", "/",  "–", "𐐀", "𐐨",      "\""};

// Long enough to be worth an index.
constexpr std::string_view kLongFragments[] = {
    "needle",       "NEEDLE in a haystack",  "haystack",
    "\\cmd.exe",    "C:\\Windows\\System32", "программа",
    "ПРОГРАММА.EXE"};

constexpr std::string_view kNumbers[] = {"0",
                                         "1",
                                         "12",
                                         "-1",
                                         "1.5",
                                         "12.0",
                                         "1e1",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744073709551615",
                                         "-9223372036854775808",
                                         "100000000000000000000"};

constexpr std::string_view kNumberTexts[] = {
    "0",  "1",   "12",  "012",  "12 ", "1.5", "1.50", "12.0",
    "1.", "+12", "1e1", "0x0c", "-1",  "-0",  "",     "9007199254740993"};

constexpr std::string_view kAddresses[] = {
    "192.0.2.1",   "192.0.2.200", "198.51.100.7", "::ffff:192.0.2.1",
    "2001:db8::1", "2001:db9::1", "fe80::1%eth0", "192.0.2.1:80"};

constexpr std::string_view kNetworks[] = {"192.0.2.0/24",  "192.0.2.128/25",
                                          "0.0.0.0/0",     "::/0",
                                          "2001:db8::/32", "198.51.100.7"};

constexpr std::string_view kTimes[] = {
    "2026-01-15T10:20:30Z", "2026-01-15 23:59:59", "2025-12-29T00:00:00+02:00",
    "2024-02-29T10:00:00.5Z", "2026-02-30T10:00:00Z"};

constexpr std::string_view kWords[] = {"true", "True", "FALSE", "null", "yes"};

constexpr std::string_view kRegexes[] = {
    "a",       "^a",     "b$",      "(?i)AB", "a.b",   "(?s)a.b", "^$",
    "[0-9]+$", "(?m)^b", "(a|b)*k", "\\.",    "(?i)ж", "^.{2}$",  "\\bA"};

base::Number NumberOf(std::string_view text) {
  return *base::ParseNumber(text);
}

}  // namespace

std::string Generator::Text() {
  std::string text;
  if (OneIn(4)) text += Pick(kLongFragments);
  for (size_t n = Below(5); n > 0; --n) text += Pick(kFragments);
  return text;
}

base::Pattern Generator::Pattern() {
  base::Pattern pattern;
  pattern.cased = OneIn(4);
  if (OneIn(10)) {  // A number or word as text.
    const std::string_view text = OneIn(2) ? Pick(kWords) : Pick(kNumberTexts);
    if (!text.empty()) {
      pattern.tokens.push_back({PatternToken::kLiteral, std::string(text)});
    }
    return pattern;
  }
  if (OneIn(3)) {  // As most rules have them: a text, open at some end.
    const PatternToken run = {PatternToken::kAnyRun, ""};
    if (OneIn(2)) pattern.tokens.push_back(run);
    pattern.tokens.push_back(
        {PatternToken::kLiteral, std::string(Pick(kLongFragments))});
    if (OneIn(2)) pattern.tokens.push_back(run);
    return pattern;
  }
  for (size_t n = Below(5); n > 0; --n) {
    PatternToken token;
    token.kind = static_cast<PatternToken::Kind>(Below(4));
    if (token.kind == PatternToken::kLiteral) {
      token.text = Text();
      if (token.text.empty()) continue;
      if (!pattern.tokens.empty() &&
          pattern.tokens.back().kind == PatternToken::kLiteral) {
        pattern.tokens.back().text += token.text;
        continue;
      }
    }
    if (token.kind == PatternToken::kOneOf) {
      token.text = OneIn(2) ? "-/–—―" : Text() + "a";
    }
    pattern.tokens.push_back(std::move(token));
  }
  return pattern;
}

ir::Test Generator::Test() {
  ir::Test test;
  test.op = static_cast<ir::TestOp>(Below(9));
  if (OneIn(3)) test.op = ir::TestOp::kPattern;
  test.field = Pick(kRuleFields);
  switch (test.op) {
    case ir::TestOp::kPattern:
      test.pattern = Pattern();
      test.any_field = OneIn(5);
      break;
    case ir::TestOp::kCompare:
      test.compare = static_cast<ir::CompareOp>(Below(5));
      test.number = NumberOf(Pick(kNumbers));
      break;
    case ir::TestOp::kBool:
    case ir::TestOp::kExists:
      test.flag = OneIn(2);
      break;
    case ir::TestOp::kRegex:
      test.regex = Pick(kRegexes);
      test.any_field = OneIn(5);
      break;
    case ir::TestOp::kCidr:
      for (size_t n = 1 + Below(2); n > 0; --n) {
        test.networks.push_back(*base::ParseIpNetwork(Pick(kNetworks)));
      }
      break;
    case ir::TestOp::kNull:
      break;
    case ir::TestOp::kFieldRef:
      test.other_field = Pick(kRuleFields);
      test.relation = static_cast<ir::FieldRelation>(Below(4));
      test.cased = OneIn(2);
      break;
    case ir::TestOp::kExpression:
      break;  // Not made up here.
    case ir::TestOp::kTimePart:
      test.part = static_cast<ir::TimePart>(Below(6));
      test.compare = static_cast<ir::CompareOp>(Below(5));
      test.number = NumberOf(std::to_string(1 + Below(30)));
      break;
  }
  if (test.any_field) test.field.clear();
  return test;
}

ir::Expr Generator::Condition(int depth) {
  ir::Expr expr;
  if (depth == 0 || OneIn(3)) {
    expr = ir::Expr::Of(Test());
  } else if (OneIn(20)) {
    expr = OneIn(2) ? ir::Expr::True() : ir::Expr::False();
  } else if (OneIn(4)) {
    expr = ir::Expr::Not(Condition(depth - 1));
  } else {
    std::vector<ir::Expr> children;
    for (size_t n = Below(4); n > 0; --n) {
      children.push_back(Condition(depth - 1));
    }
    expr = OneIn(2) ? ir::Expr::And(std::move(children))
                    : ir::Expr::Or(std::move(children));
  }
  if (OneIn(3)) expr.label = OneIn(2) ? "selection" : "filter";
  return expr;
}

ir::Rule Generator::Rule() {
  ir::Rule rule;
  rule.condition = Condition();
  rule.info.title = "Generated";
  rule.info.format = "sigma";
  return rule;
}

std::vector<ir::Rule> Generator::Rules(size_t count) {
  std::vector<ir::Rule> rules;
  for (size_t i = 0; i < count; ++i) {
    rules.push_back(Rule());
    rules.back().info.id = std::to_string(i);
  }
  return rules;
}

Value Generator::Scalar() {
  switch (Below(12)) {
    case 0:
      return Value::Null();
    case 1:
      return Value::Bool(OneIn(2));
    case 2:
    case 3:
      return Value::Number(std::string(Pick(kNumbers)));
    case 4:
      return Value::String(std::string(Pick(kNumberTexts)));
    case 5:
      return Value::String(std::string(Pick(kAddresses)));
    case 6:
      return Value::String(std::string(Pick(kTimes)));
    case 7:
      return Value::String(std::string(Pick(kWords)));
    default:
      return Value::String(Text());
  }
}

Value Generator::FieldContent(int depth) {
  if (depth == 0 || !OneIn(4)) return Scalar();
  if (OneIn(3)) return Value::Object({{"d", FieldContent(depth - 1)}});
  std::vector<Value> items;
  for (size_t n = Below(4); n > 0; --n) {
    items.push_back(FieldContent(depth - 1));
  }
  return Value::Array(std::move(items));
}

Value Generator::Event() {
  std::vector<Value::Entry> members;
  for (size_t n = Below(7); n > 0; --n) {
    members.push_back({std::string(Pick(kEventKeys)), FieldContent(2)});
  }
  if (OneIn(3)) {  // The path c -> d, with or without the key "c.d".
    Value inner = Value::Object({{"d", FieldContent(1)}});
    if (OneIn(2)) inner = Value::Array({inner, FieldContent(1), inner});
    members.push_back({"c", std::move(inner)});
  }
  return Value::Object(std::move(members));
}

std::span<const FieldRename> Generator::Renames() {
  static const auto* const kRenames = new std::vector<FieldRename>{
      {.event_field = "none", .rule_field = "only"},
      {.event_field = "other", .rule_field = "only"},
      {.event_field = "e", .rule_field = "only"},
      {.event_field = "b", .rule_field = "a"}};
  return *kRenames;
}

}  // namespace tocsin::reference
