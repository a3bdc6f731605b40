#include "src/analysis/lint.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "src/base/case_fold.h"
#include "src/base/regex.h"
#include "src/base/string_map.h"

namespace tocsin::analysis {
namespace {

using ir::CompareOp;
using ir::Expr;
using ir::TestOp;

enum class Outcome { kNever, kAlways, kDepends };

// Drops what does not change the meaning: names of selections, case of text
// that is compared in any case.
void Normalize(Expr* expr) {
  expr->label.clear();
  base::Pattern& pattern = expr->test.pattern;
  for (base::PatternToken& token : pattern.tokens) {
    if (!pattern.cased) token.text = base::Fold(token.text);
  }
  for (Expr& child : expr->children) Normalize(&child);
}

// Equal for two expressions that mean the same.
std::string KeyOf(Expr expr) {
  Normalize(&expr);
  return ir::Print(expr);
}

// Equal for two expressions of the same key, and for few others: a key is dear.
size_t ShapeOf(const Expr& expr) {
  size_t shape = absl::HashOf(expr.kind, expr.children.size());
  if (expr.kind == Expr::kTest) {
    shape = absl::HashOf(shape, expr.test.op, expr.test.field);
  }
  for (const Expr& child : expr.children) {
    shape = absl::HashOf(shape, ShapeOf(child));
  }
  return shape;
}

// Whether one of `children` is the negation of another.
bool HoldsAndNegates(const std::vector<Expr>& children) {
  absl::flat_hash_set<size_t> shapes;
  for (const Expr& child : children) {
    if (child.kind == Expr::kNot) shapes.insert(ShapeOf(child.children[0]));
  }
  if (shapes.empty()) return false;
  std::vector<const Expr*> alike;
  for (const Expr& child : children) {
    if (shapes.contains(ShapeOf(child))) alike.push_back(&child);
  }
  if (alike.empty()) return false;
  base::StringSet negated;
  for (const Expr& child : children) {
    if (child.kind == Expr::kNot) negated.insert(KeyOf(child.children[0]));
  }
  return std::any_of(alike.begin(), alike.end(), [&](const Expr* child) {
    return negated.contains(KeyOf(*child));
  });
}

// Whether a field must be absent for one of `children` and there for another.
// Two different values of a field are no contradiction: it may be an array.
bool WantsAbsentField(const std::vector<Expr>& children) {
  base::StringSet absent;
  for (const Expr& child : children) {
    if (child.kind == Expr::kTest && child.test.op == TestOp::kExists &&
        !child.test.flag) {
      absent.insert(child.test.field);
    }
  }
  const auto needs_absent_field = [&](const Expr& child) {
    if (child.kind != Expr::kTest || child.test.op == TestOp::kNull) {
      return false;
    }
    if (child.test.op == TestOp::kExists && !child.test.flag) return false;
    return absent.contains(child.test.field);
  };
  return !absent.empty() &&
         std::any_of(children.begin(), children.end(), needs_absent_field);
}

// What a condition comes to, as far as it can be told without an event.
Outcome Decide(const Expr& expr) {
  switch (expr.kind) {
    case Expr::kTrue:
      return Outcome::kAlways;
    case Expr::kFalse:
      return Outcome::kNever;
    case Expr::kTest:
      return Outcome::kDepends;
    case Expr::kNot: {
      const Outcome outcome = Decide(expr.children[0]);
      if (outcome == Outcome::kNever) return Outcome::kAlways;
      if (outcome == Outcome::kAlways) return Outcome::kNever;
      return outcome;
    }
    case Expr::kAnd:
    case Expr::kOr:
      break;
  }
  const bool is_and = expr.kind == Expr::kAnd;
  const Outcome decisive = is_and ? Outcome::kNever : Outcome::kAlways;
  const Outcome neutral = is_and ? Outcome::kAlways : Outcome::kNever;
  Outcome outcome = neutral;
  for (const Expr& child : expr.children) {
    const Outcome part = Decide(child);
    if (part == decisive) return decisive;
    if (part != neutral) outcome = part;
  }
  if (HoldsAndNegates(expr.children)) return decisive;
  if (is_and && WantsAbsentField(expr.children)) return Outcome::kNever;
  return outcome;
}

// Whether the condition holds for an event that has no field at all.
bool HoldsForNothing(const Expr& expr) {
  switch (expr.kind) {
    case Expr::kTrue:
      return true;
    case Expr::kFalse:
      return false;
    case Expr::kNot:
      return !HoldsForNothing(expr.children[0]);
    case Expr::kAnd:
      return std::all_of(expr.children.begin(), expr.children.end(),
                         HoldsForNothing);
    case Expr::kOr:
      return std::any_of(expr.children.begin(), expr.children.end(),
                         HoldsForNothing);
    case Expr::kTest:
      return expr.test.op == TestOp::kNull ||
             (expr.test.op == TestOp::kExists && !expr.test.flag);
  }
  return false;
}

bool IsCatchAll(const base::Pattern& pattern) {
  return !pattern.tokens.empty() &&
         std::all_of(pattern.tokens.begin(), pattern.tokens.end(),
                     [](const base::PatternToken& token) {
                       return token.kind == base::PatternToken::kAnyRun;
                     });
}

// Told by samples that have nothing in common; only a regex that does not look
// at its text is found in all of them.
bool MatchesAnyText(const std::string& regex) {
  // What matches the empty sample holds one of these, so that most need not be
  // compiled. Of an empty regex front ends speak themselves.
  if (regex.find_first_of("*?|{^$\\") == std::string::npos) return false;
  const RE2 compiled(regex, base::RegexOptions());
  for (const char* const sample : {"", "x", "7 \u0436", "-/\u212A_@"}) {
    if (!RE2::PartialMatch(sample, compiled)) return false;
  }
  return compiled.ok();
}

struct TimePartRange {
  std::string_view name;
  int first;
  int last;
};

// nullptr for the year, which has no bounds.
const TimePartRange* RangeOf(ir::TimePart part) {
  static constexpr TimePartRange kMinutes = {"minute", 0, 59};
  static constexpr TimePartRange kHours = {"hour", 0, 23};
  static constexpr TimePartRange kDays = {"day", 1, 31};
  static constexpr TimePartRange kWeeks = {"week", 1, 53};
  static constexpr TimePartRange kMonths = {"month", 1, 12};
  switch (part) {
    case ir::TimePart::kMinute:
      return &kMinutes;
    case ir::TimePart::kHour:
      return &kHours;
    case ir::TimePart::kDay:
      return &kDays;
    case ir::TimePart::kWeek:
      return &kWeeks;
    case ir::TimePart::kMonth:
      return &kMonths;
    case ir::TimePart::kYear:
      break;
  }
  return nullptr;
}

// Whether no number of the range passes the comparison.
bool NeverInRange(const TimePartRange& range, const ir::Test& test) {
  for (int value = range.first; value <= range.last; ++value) {
    base::Number number;
    number.int_value = value;
    const auto order = base::Compare(number, test.number);
    const bool less =
        test.compare == CompareOp::kLt || test.compare == CompareOp::kLe;
    const bool greater =
        test.compare == CompareOp::kGt || test.compare == CompareOp::kGe;
    const bool equal =
        test.compare != CompareOp::kLt && test.compare != CompareOp::kGt;
    if ((less && order < 0) || (greater && order > 0) ||
        (equal && order == 0)) {
      return false;
    }
  }
  return true;
}

void LintTest(const Expr& expr, text::Reporter* reporter) {
  const ir::Test& test = expr.test;
  // `field: "*"` is how authors ask for a field with a value, so it is fine.
  if (test.op == TestOp::kPattern && test.any_field &&
      IsCatchAll(test.pattern)) {
    reporter->Warning("T083", expr.range, "this keyword occurs in every event",
                      "name what the event must hold");
  }
  if (test.op == TestOp::kRegex && MatchesAnyText(test.regex)) {
    const std::string of_field =
        test.any_field ? "" : "for " + text::Quoted(test.field) + " ";
    reporter->Warning(
        "T083", expr.range,
        "the regular expression " + of_field + "is found in any text",
        "it matches the empty text, which is everywhere; ask for at least one "
        "character, as `+` does, or anchor it with `^` and `$`");
  }
  if (test.op == TestOp::kTimePart) {
    const TimePartRange* const range = RangeOf(test.part);
    if (range != nullptr && NeverInRange(*range, test)) {
      reporter->Warning("T084", expr.range,
                        "no " + std::string(range->name) + " of `" +
                            test.field + "` passes the comparison with " +
                            test.number.text,
                        "it is a number from " + std::to_string(range->first) +
                            " to " + std::to_string(range->last));
    }
  }
}

void LintTests(const Expr& expr, text::Reporter* reporter) {
  if (expr.kind == Expr::kTest) LintTest(expr, reporter);
  for (const Expr& child : expr.children) LintTests(child, reporter);
}

}  // namespace

void Lint(const ir::Rule& rule, text::Reporter* reporter) {
  const Expr& condition = rule.condition;
  const Outcome outcome = Decide(condition);
  if (outcome == Outcome::kNever) {
    reporter->Warning("T080", condition.range, "this rule can never match",
                      condition.kind == Expr::kFalse
                          ? "it is turned off, or it is plainly false"
                          : "its condition contradicts itself; look for a "
                            "selection that is both required and excluded");
  } else if (outcome == Outcome::kAlways) {
    reporter->Warning("T081", condition.range, "this rule matches every event",
                      "add a selection that tells the events that are meant");
  } else if (HoldsForNothing(condition)) {
    reporter->Warning(
        "T082", condition.range,
        "this rule matches events that have none of its fields",
        "`not` and null hold where a field is absent; add a selection that "
        "must be there, or set `require_fields` in the engine's options");
  }
  LintTests(condition, reporter);
}

void WarnOfNoGuard(text::Range condition, text::Reporter* reporter) {
  reporter->Warning(
      "T085", condition,
      "this rule is evaluated for every event of its log source",
      "a rule costs little where it names a text that events must hold; add "
      "such a selection to each way to match");
}

void WarnOfWord(std::string_view key, std::string_view word, text::Range range,
                std::span<const std::string_view> known,
                text::Reporter* reporter) {
  // Nearly always it is written as it is known.
  if (word.empty() ||
      std::find(known.begin(), known.end(), word) != known.end()) {
    return;
  }
  const bool is_known = std::any_of(
      known.begin(), known.end(),
      [&](std::string_view other) { return base::EqualFolded(word, other); });
  if (is_known) return;
  const std::string meant = text::DidYouMean(word, known);
  if (meant.empty()) return;
  reporter->Warning(
      "T086", range,
      "no built-in " + std::string(key) + " is called " + text::Quoted(word),
      meant);
}

}  // namespace tocsin::analysis
