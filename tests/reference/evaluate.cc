#include "tests/reference/evaluate.h"

#include <re2/re2.h>

#include <algorithm>
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/base/case_fold.h"
#include "src/base/time_parse.h"
#include "src/base/utf8.h"

namespace tocsin::reference {
namespace {

using Points = std::vector<char32_t>;

// nullopt: not known, because a field is absent.
using Answer = std::optional<bool>;

Points ToPoints(std::string_view text, bool fold) {
  Points points;
  while (!text.empty()) {
    const base::CodePoint point = base::DecodeUtf8(text);
    points.push_back(fold ? base::FoldCodePoint(point.value) : point.value);
    text.remove_prefix(static_cast<size_t>(point.length));
  }
  return points;
}

bool GlobFrom(const base::Pattern& pattern, size_t token_at, const Points& text,
              size_t at) {
  if (token_at == pattern.tokens.size()) return at == text.size();
  const base::PatternToken& token = pattern.tokens[token_at];
  const Points own = ToPoints(token.text, !pattern.cased);
  switch (token.kind) {
    case base::PatternToken::kLiteral:
      for (size_t i = 0; i < own.size(); ++i) {
        if (at + i >= text.size() || text[at + i] != own[i]) return false;
      }
      return GlobFrom(pattern, token_at + 1, text, at + own.size());
    case base::PatternToken::kAnyRun:
      for (size_t end = at; end <= text.size(); ++end) {
        if (GlobFrom(pattern, token_at + 1, text, end)) return true;
      }
      return false;
    case base::PatternToken::kAnyOne:
      return at < text.size() && GlobFrom(pattern, token_at + 1, text, at + 1);
    case base::PatternToken::kOneOf:
      return at < text.size() &&
             std::find(own.begin(), own.end(), text[at]) != own.end() &&
             GlobFrom(pattern, token_at + 1, text, at + 1);
  }
  return false;
}

std::optional<std::string> TextOf(const Value& value) {
  switch (value.kind) {
    case Value::kBool:
      return value.flag ? "true" : "false";
    case Value::kNumber:
    case Value::kString:
      return value.text;
    default:
      return std::nullopt;
  }
}

bool Holds(std::partial_ordering order, ir::CompareOp op) {
  switch (op) {
    case ir::CompareOp::kEq:
      return order == 0;
    case ir::CompareOp::kLt:
      return order < 0;
    case ir::CompareOp::kLe:
      return order <= 0;
    case ir::CompareOp::kGt:
      return order > 0;
    case ir::CompareOp::kGe:
      return order >= 0;
  }
  return false;
}

bool PassesCompare(const ir::Test& test, const Value& value) {
  if (value.kind != Value::kNumber && value.kind != Value::kString) {
    return false;
  }
  const auto number = base::ParseNumber(value.text);
  if (!number) return false;
  const bool holds = Holds(base::Compare(*number, test.number), test.compare);
  if (value.kind == Value::kNumber || test.compare != ir::CompareOp::kEq) {
    return holds;
  }
  // A text equals a number only if it is written as the rule writes it, or as
  // short as can be: no fraction or exponent for whole numbers, no last zero.
  const bool plain = value.text.find_first_of("eE") == std::string::npos;
  const bool shortest = number->kind != base::Number::kDouble
                            ? value.text != "-0"
                            : plain &&
                                  value.text.find('.') != std::string::npos &&
                                  value.text.back() != '0';
  return holds && (value.text == test.number.text || shortest);
}

int PartOf(const base::CivilParts& parts, ir::TimePart part) {
  switch (part) {
    case ir::TimePart::kMinute:
      return parts.minute;
    case ir::TimePart::kHour:
      return parts.hour;
    case ir::TimePart::kDay:
      return parts.day;
    case ir::TimePart::kWeek:
      return parts.week;
    case ir::TimePart::kMonth:
      return parts.month;
    case ir::TimePart::kYear:
      return static_cast<int>(parts.year);
  }
  return 0;
}

bool PassesTimePart(const ir::Test& test, const Value& value) {
  if (value.kind != Value::kNumber && value.kind != Value::kString) {
    return false;
  }
  const auto parts = base::ParseCivilParts(value.text);
  if (!parts) return false;
  base::Number part;
  part.int_value = PartOf(*parts, test.part);
  return Holds(base::Compare(part, test.number), test.compare);
}

bool PassesCidr(const ir::Test& test, const Value& value) {
  if (value.kind != Value::kString) return false;
  const auto address = base::ParseIpAddress(value.text);
  if (!address) return false;
  for (const base::IpNetwork& network : test.networks) {
    if (network.Contains(*address)) return true;
  }
  return false;
}

bool Passes(const ir::Test& test, const Value& value) {
  const std::optional<std::string> text = TextOf(value);
  switch (test.op) {
    case ir::TestOp::kPattern:
      return text && MatchesGlob(test.pattern, *text);
    case ir::TestOp::kCompare:
      return PassesCompare(test, value);
    case ir::TestOp::kBool:
      return text && value.kind != Value::kNumber &&
             base::EqualFolded(*text, test.flag ? "true" : "false");
    case ir::TestOp::kRegex:
      return text && RE2::PartialMatch(*text, test.regex);
    case ir::TestOp::kCidr:
      return PassesCidr(test, value);
    case ir::TestOp::kNull:
      return value.kind == Value::kNull;
    case ir::TestOp::kTimePart:
      return PassesTimePart(test, value);
    case ir::TestOp::kExists:
    case ir::TestOp::kFieldRef:
    case ir::TestOp::kExpression:  // Has tests of its own.
      break;
  }
  return false;
}

bool Related(const ir::Test& test, const Value& a, const Value& b) {
  const std::optional<std::string> a_text = TextOf(a);
  const std::optional<std::string> b_text = TextOf(b);
  if (!a_text || !b_text) return false;
  // The second text as a pattern: the relation says where it may be padded.
  base::Pattern pattern;
  pattern.cased = test.cased;
  const base::PatternToken run = {base::PatternToken::kAnyRun, ""};
  const bool open_start = test.relation == ir::FieldRelation::kContains ||
                          test.relation == ir::FieldRelation::kEndsWith;
  const bool open_end = test.relation == ir::FieldRelation::kContains ||
                        test.relation == ir::FieldRelation::kStartsWith;
  if (open_start) pattern.tokens.push_back(run);
  pattern.tokens.push_back({base::PatternToken::kLiteral, *b_text});
  if (open_end) pattern.tokens.push_back(run);
  return MatchesGlob(pattern, *a_text);
}

class Evaluator {
 public:
  Evaluator(const Value& event, const EvaluateOptions& options)
      : event_(event), options_(options) {}

  Answer Evaluate(const ir::Expr& expr) const {
    switch (expr.kind) {
      case ir::Expr::kTrue:
        return true;
      case ir::Expr::kFalse:
        return false;
      case ir::Expr::kTest:
        return EvaluateTest(expr.test);
      case ir::Expr::kNot: {
        const Answer answer = Evaluate(expr.children[0]);
        if (!answer) return std::nullopt;
        return !*answer;
      }
      case ir::Expr::kAnd:
        return Combine(expr.children, false);
      case ir::Expr::kOr:
        return Combine(expr.children, true);
    }
    return false;
  }

 private:
  // One child with the answer `decisive` decides; else one unknown is enough
  // to know nothing.
  Answer Combine(const std::vector<ir::Expr>& children, bool decisive) const {
    Answer combined = !decisive;
    for (const ir::Expr& child : children) {
      const Answer answer = Evaluate(child);
      if (answer == Answer(decisive)) return decisive;
      if (!answer) combined = std::nullopt;
    }
    return combined;
  }

  Answer EvaluateTest(const ir::Test& test) const {
    if (test.any_field) return AnyPasses(test, Scalars(event_));
    const Found found = Lookup(test.field);
    if (test.op == ir::TestOp::kExists) return found.exists == test.flag;
    if (test.op == ir::TestOp::kNull) {
      return found.values.empty() || AnyPasses(test, found.values);
    }
    if (test.op == ir::TestOp::kFieldRef) {
      const Found other = Lookup(test.other_field);
      if (!found.exists || !other.exists) return Absent();
      for (const Value* a : found.values) {
        for (const Value* b : other.values) {
          if (Related(test, *a, *b)) return true;
        }
      }
      return false;
    }
    if (!found.exists) return Absent();
    return AnyPasses(test, found.values);
  }

  Answer Absent() const {
    if (options_.require_fields) return std::nullopt;
    return false;
  }

  static bool AnyPasses(const ir::Test& test,
                        const std::vector<const Value*>& values) {
    return std::any_of(values.begin(), values.end(), [&](const Value* value) {
      return Passes(test, *value);
    });
  }

  Found Lookup(std::string_view field) const {
    Found found = Find(event_, field);
    for (const FieldRename& rename : options_.renames) {
      if (found.exists) break;
      if (rename.rule_field == field) found = Find(event_, rename.event_field);
    }
    return found;
  }

  const Value& event_;
  const EvaluateOptions& options_;
};

}  // namespace

bool MatchesGlob(const base::Pattern& pattern, std::string_view text) {
  return GlobFrom(pattern, 0, ToPoints(text, !pattern.cased), 0);
}

bool Matches(const ir::Expr& condition, const Value& event,
             const EvaluateOptions& options) {
  return Evaluator(event, options).Evaluate(condition) == Answer(true);
}

}  // namespace tocsin::reference
