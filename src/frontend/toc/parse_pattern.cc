#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/toc/keywords.h"
#include "src/frontend/toc/parser.h"

namespace tocsin::toc {

using text::Quoted;

namespace {

bool IsOrOfSteps(const Truth& truth) {
  if (truth.kind == Truth::kStep) return true;
  if (truth.kind != Truth::kOr || !truth.in_brackets) return false;
  for (const Truth& child : truth.children) {
    if (child.kind != Truth::kStep) return false;
  }
  return true;
}

// What a rule may be called that is `truth`: `recon_and_exec`.
std::string NameFor(const Truth& truth) {
  std::string name;
  for (const Truth& child : truth.children) {
    const Truth& leaf = child.children.empty() ? child : child.children[0];
    if (leaf.name.text.empty()) continue;
    if (!name.empty()) name += truth.kind == Truth::kAnd ? "_and_" : "_or_";
    name += leaf.name.text;
  }
  return name.empty() ? "both" : name;
}

}  // namespace

std::optional<ir::Operator> ToComparison(const expression::Token& token) {
  if (token.kind != expression::Token::kSymbol) return std::nullopt;
  if (token.text == "==" || token.text == "=") return ir::Operator::kEq;
  if (token.text == "!=") return ir::Operator::kNe;
  if (token.text == "<") return ir::Operator::kLt;
  if (token.text == "<=") return ir::Operator::kLe;
  if (token.text == ">") return ir::Operator::kGt;
  if (token.text == ">=") return ir::Operator::kGe;
  return std::nullopt;
}

bool Parser::IsWindowWord() const {
  const Token& token = stream_.Peek();
  return (token.IsWord("within") || token.IsWord("per") ||
          token.IsWord("idle")) &&
         !stream_.Peek(1).Is("=");
}

When Parser::ParseWhen() {
  When when;
  when.pattern = ParsePattern();
  if (IsWindowWord()) when.window = ParseWindowBody();
  if (stream_.Peek().IsWord("by") && !stream_.Peek(1).Is("=")) {
    when.by = ParseBy();
  }
  if (IsWindowWord()) {
    const Span word = stream_.Peek().span;
    const bool second = when.window.has_value();
    const Window window = ParseWindowBody();
    if (second) {
      stream_.Error("T312", word, "this `when` has a window already");
    } else if (!stream_.at_loss()) {
      const text::Source& source = stream_.source();
      stream_.Error(
          "T312", window.span,
          absl::StrCat(base::ToAbsl(Quoted(source.Slice(word))),
                       " comes before `by`"),
          absl::StrCat(
              "write `when ", base::ToAbsl(source.Slice(when.pattern.span)),
              " ", base::ToAbsl(source.Slice(window.span)), " ",
              base::ToAbsl(source.Slice(when.by ? when.by->span : Span())),
              "` (`tocsin fmt --fix` moves it)"));
      when.window = window;
    }
  }
  if (stream_.TakeIf("where")) when.where = conditions_.ParseCondition();
  return when;
}

Pattern Parser::ParsePattern() {
  const uint32_t begin = stream_.Peek().span.begin;
  Pattern pattern;
  if (stream_.TakeIf("new")) {
    pattern = ParseNew();
  } else if (stream_.TakeIf("spike")) {
    pattern = ParseChange(Pattern::kSpike);
  } else if (stream_.TakeIf("drop")) {
    pattern = ParseChange(Pattern::kDrop);
  } else {
    Truth first = ParseTruth();
    if (stream_.TakeIf("with")) {
      pattern.kind = Pattern::kWith;
      pattern.truth = std::move(first);
      pattern.context = ParseTruth();
    } else if (stream_.Peek().IsWord("then")) {
      pattern.kind = Pattern::kChain;
      ParseChain(std::move(first), &pattern);
    } else {
      pattern.truth = std::move(first);
    }
  }
  pattern.span = From(begin);
  return pattern;
}

// new (x, y) of step [learn DUR]
Pattern Parser::ParseNew() {
  Pattern pattern;
  pattern.kind = Pattern::kNew;
  stream_.Expect("(",
                 "`new` takes fields in brackets: `new (user.name) of "
                 "login`");
  while (!stream_.at_loss() && !stream_.Peek().Is(")")) {
    pattern.keys.push_back(conditions_.ParseSum());
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect(")");
  stream_.Expect("of");
  Word step;
  step.text = conditions_.ParseQualifiedName("the name of a step", &step.span);
  pattern.of = std::move(step);
  pattern.learn = std::nullopt;
  if (stream_.TakeIf("learn")) {
    // None at all is a decision too.
    const Token& token = stream_.Peek();
    if (token.kind == Token::kDuration) {
      stream_.Take();
      pattern.learn = Amount{token.value, token.span};
    } else {
      pattern.learn = ParseDuration();
    }
  }
  return pattern;
}

// spike m >= 4x past 7d [min 20]
Pattern Parser::ParseChange(Pattern::Kind kind) {
  Pattern pattern;
  pattern.kind = kind;
  pattern.truth = ParseMeasure();
  const std::optional<ir::Operator> op = ToComparison(stream_.Peek());
  if (!op) {
    stream_.Fail("a comparison such as `>= 4x`");
    return pattern;
  }
  pattern.op = *op;
  const Span op_span = stream_.Take().span;
  if (*op != ir::Operator::kGe && !stream_.at_loss()) {
    stream_.Error("T300", op_span,
                  kind == Pattern::kSpike ? "a spike is compared with `>=`"
                                          : "a drop is compared with `>=`",
                  "write `>= 4x`: at least four times as much, or as little");
  }
  const Token& factor = stream_.Peek();
  if (factor.kind != Token::kFactor) {
    stream_.Fail("a factor such as `4x`");
    return pattern;
  }
  stream_.Take();
  pattern.factor = {factor.value, factor.span};
  stream_.Expect("past", "say how long the past is: `past 7d`");
  pattern.past = ParseDuration();
  if (stream_.TakeIf("min")) {
    const Token& least = stream_.Peek();
    if (least.kind != Token::kNumber && least.kind != Token::kSize) {
      stream_.Fail("the least that counts, a number");
      return pattern;
    }
    stream_.Take();
    pattern.least = Amount{least.value, least.span};
  }
  return pattern;
}

void Parser::ParseChain(Truth first, Pattern* pattern) {
  const text::Source& source = stream_.source();
  const bool mixed = (first.kind == Truth::kAnd || first.kind == Truth::kOr) &&
                     !IsOrOfSteps(first);
  if (mixed) {
    const std::string name = NameFor(first);
    const std::string_view word = first.kind == Truth::kAnd ? "and" : "or";
    stream_.Error(
        "T314", first.op_span,
        absl::StrCat("`", base::ToAbsl(word),
                     "` and `then` do not mix in one `when`"),
        absl::StrCat("make `", base::ToAbsl(source.Slice(first.span)),
                     "` a rule of its own and use it: `", name, " = rule \"",
                     name, "\"`, `when ", name, " then ...`"));
    broken_ = true;
  } else if (first.kind == Truth::kNot) {
    stream_.Error("T315", first.span,
                  "a sequence cannot begin with what is absent",
                  "say what comes first, and what is missing before it: "
                  "`when b with not a within 8h`");
    broken_ = true;
  } else {
    CheckLeg(first);
  }
  pattern->legs.push_back({std::move(first), std::nullopt});
  while (stream_.TakeIf("then")) {
    Leg leg;
    leg.what = ParseTruthNot();
    CheckLeg(leg.what);
    if (stream_.TakeIf("in")) leg.gap = ParseDuration();
    pattern->legs.push_back(std::move(leg));
    const Token& next = stream_.Peek();
    if (next.IsWord("and") || next.IsWord("or")) {
      stream_.Fail(
          "T314", next.span,
          absl::StrCat("`", next.text, "` and `then` do not mix in one `when`"),
          next.text == "or"
              ? "alternatives of one step go in brackets: `then (a or "
                "b)`"
              : "make what is joined by `and` a rule of its own, and "
                "use it as a step: `ab = rule \"...\"`");
      return;
    }
  }
  if (stream_.TakeIf("until")) {
    Word until;
    until.text =
        conditions_.ParseQualifiedName("the name of a step", &until.span);
    pattern->until = std::move(until);
  }
}

// step | step >= n | (step or step) [>= n] | not step
void Parser::CheckLeg(const Truth& what) {
  if (stream_.at_loss() || what.kind == Truth::kError) return;
  if (IsOrOfSteps(what)) return;
  if (what.kind == Truth::kNot && IsOrOfSteps(what.children[0])) return;
  if (what.kind == Truth::kCompare && IsOrOfSteps(what.children[0]) &&
      what.children[1].kind == Truth::kValue) {
    const base::Value& count = what.children[1].value.value;
    if (what.op != ir::Operator::kGe) {
      const uint32_t end = what.children[1].span.end;
      stream_.Error(
          "T321", {what.op_span.begin, end},
          "a step of a sequence takes `>= n` only",
          absl::StrCat("other numbers need a closed window: `a and b ",
                       base::ToAbsl(ir::Spelling(what.op)),
                       " 2` in a `when` without `then`"));
      broken_ = true;
      return;
    }
    if (count.kind == base::ValueKind::kInt && count.int_value >= 1 &&
        count.int_value <= 1'000'000) {
      return;
    }
    stream_.Error("T321", what.children[1].span,
                  "the count of a step is a whole number from 1 to 1000000");
    broken_ = true;
    return;
  }
  stream_.Error("T321", what.span, "this is no step of a sequence",
                "a step is `a`, `a >= 3`, `(a or b)` or `not a`");
  broken_ = true;
}

Truth Parser::JoinTruth(Truth::Kind kind, std::string_view word,
                        Truth (Parser::*operand)()) {
  Truth first = (this->*operand)();
  if (!stream_.Peek().IsWord(word)) return first;
  Truth joined;
  joined.kind = kind;
  joined.op_span = stream_.Peek().span;
  joined.span.begin = first.span.begin;
  joined.children.push_back(std::move(first));
  while (stream_.TakeIf(word)) joined.children.push_back((this->*operand)());
  joined.span.end = stream_.end();
  return joined;
}

Truth Parser::ParseTruth() {
  if (++truth_depth_ == expression::kMaxNesting) {
    stream_.Fail("T341", stream_.Peek().span, "the pattern is nested too deep");
  }
  Truth truth = JoinTruth(Truth::kOr, "or", &Parser::ParseTruthAnd);
  --truth_depth_;
  return truth;
}

Truth Parser::ParseTruthAnd() {
  return JoinTruth(Truth::kAnd, "and", &Parser::ParseTruthNot);
}

Truth Parser::ParseTruthNot() {
  if (!stream_.Peek().IsWord("not")) return ParseTest();
  Truth truth;
  truth.kind = Truth::kNot;
  truth.span.begin = stream_.Take().span.begin;
  if (++truth_depth_ == expression::kMaxNesting) {
    stream_.Fail("T341", stream_.Peek().span, "the pattern is nested too deep");
  }
  truth.children.push_back(ParseTruthNot());
  --truth_depth_;
  truth.span.end = stream_.end();
  return truth;
}

Truth Parser::ParseTest() {
  Truth left = ParseMeasure();
  const std::optional<ir::Operator> op = ToComparison(stream_.Peek());
  if (!op) return left;
  Truth test;
  test.kind = Truth::kCompare;
  test.op = *op;
  test.op_span = stream_.Take().span;
  if (stream_.source().Slice(test.op_span) == "=") {
    stream_.Error("T302", test.op_span, "`=` does not compare", "write `==`");
  }
  test.span.begin = left.span.begin;
  test.children.push_back(std::move(left));
  test.children.push_back(ParseMeasure());
  test.span.end = stream_.end();
  if (ToComparison(stream_.Peek())) {
    stream_.Fail("T308", stream_.Peek().span, "comparisons do not chain",
                 "join two of them with `and`");
  }
  return test;
}

Truth Parser::ParseMeasure() {
  Truth left = ParseMeasureProduct();
  int links = 0;
  while (stream_.Peek().Is("+") || stream_.Peek().Is("-")) {
    if (++links == expression::kMaxNesting) {
      stream_.Fail("T341", stream_.Peek().span, "too many operators in a row");
      break;
    }
    Truth sum;
    sum.kind = Truth::kArithmetic;
    sum.op_span = stream_.Take().span;
    sum.op = stream_.source().Slice(sum.op_span) == "+" ? ir::Operator::kAdd
                                                        : ir::Operator::kSub;
    sum.span.begin = left.span.begin;
    sum.children.push_back(std::move(left));
    sum.children.push_back(ParseMeasureProduct());
    sum.span.end = stream_.end();
    left = std::move(sum);
  }
  return left;
}

Truth Parser::ParseMeasureProduct() {
  Truth left = ParsePart();
  int links = 0;
  while (stream_.Peek().Is("*") || stream_.Peek().Is("/")) {
    if (++links == expression::kMaxNesting) {
      stream_.Fail("T341", stream_.Peek().span, "too many operators in a row");
      break;
    }
    Truth product;
    product.kind = Truth::kArithmetic;
    product.op_span = stream_.Take().span;
    product.op = stream_.source().Slice(product.op_span) == "*"
                     ? ir::Operator::kMul
                     : ir::Operator::kDiv;
    product.span.begin = left.span.begin;
    product.children.push_back(std::move(left));
    product.children.push_back(ParsePart());
    product.span.end = stream_.end();
    left = std::move(product);
  }
  return left;
}

// "(" truth ")" | value | name "(" ... ")" [ "of" step ] | step
Truth Parser::ParsePart() {
  Truth part;
  const Token& token = stream_.Peek();
  part.span.begin = token.span.begin;
  if (token.Is("(")) {
    stream_.Take();
    part = ParseTruth();
    stream_.Expect(")");
    part.in_brackets = true;
    part.span = {token.span.begin, stream_.end()};
    return part;
  }
  if (token.kind != Token::kName) {
    const Token& value = token.Is("-") ? stream_.Peek(1) : token;
    const bool is_value = value.kind == Token::kNumber ||
                          value.kind == Token::kSize ||
                          value.kind == Token::kDuration;
    if (!is_value) {
      stream_.Fail("a step, a measure or a number",
                   "a `when` joins named steps: `failed = ...`, then `when "
                   "failed >= 5 within 10m`");
      return part;
    }
    part.kind = Truth::kValue;
    part.value = conditions_.ParseLiteral();
    part.span.end = stream_.end();
    return part;
  }
  part.name.text =
      conditions_.ParseQualifiedName("a step or measure", &part.name.span);
  if (!stream_.TakeIf("(")) {
    if (!stream_.at_loss()) part.kind = Truth::kStep;
    part.span.end = stream_.end();
    return part;
  }
  part.kind = Truth::kMeasure;
  while (!stream_.at_loss() && !stream_.Peek().Is(")")) {
    part.arguments.push_back(conditions_.ParseCondition());
    if (!stream_.TakeIf(",")) break;
  }
  stream_.Expect(")");
  if (stream_.TakeIf("of")) {
    Word step;
    step.text =
        conditions_.ParseQualifiedName("the name of a step", &step.span);
    part.of = std::move(step);
  }
  part.span.end = stream_.end();
  if (stream_.at_loss()) part.kind = Truth::kError;
  return part;
}

Window Parser::ParseWindowBody() {
  Window window;
  const Token& word = stream_.Take();
  window.span.begin = word.span.begin;
  window.kind = word.text == "within" ? Window::kWithin
                : word.text == "per"  ? Window::kPer
                                      : Window::kIdle;
  window.span_of_time = ParseDuration();
  if (window.kind == Window::kWithin) {
    constexpr std::string_view kFlags[] = {"before", "after", "around",
                                           "half_open"};
    for (bool more = true; more;) {
      more = false;
      for (const std::string_view flag : kFlags) {
        if (!stream_.Peek().IsWord(flag) || stream_.Peek(1).Is("=")) continue;
        window.flags.push_back(ToWord(&stream_.Take()));
        more = window.flags.size() < 4;
      }
    }
  } else if (window.kind == Window::kPer) {
    window.second = ParseDurationIf("offset");
  } else {
    window.second = ParseDurationIf("max");
  }
  window.span.end = stream_.end();
  return window;
}

By Parser::ParseBy() {
  By by;
  by.span.begin = stream_.Peek().span.begin;
  stream_.Expect("by");
  if (stream_.Peek().IsWord("any") && stream_.Peek(1).IsWord("of")) {
    stream_.Take();
    stream_.Take();
    by.any_of = true;
  }
  do {
    std::vector<Expression> names;
    do {
      names.push_back(conditions_.ParseSum());
    } while (stream_.TakeIf("="));
    by.keys.push_back(std::move(names));
  } while (stream_.TakeIf(","));
  if (stream_.Peek().IsWord("each") && stream_.Peek(1).IsWord("of")) {
    stream_.Take();
    stream_.Take();
    Word list;
    list.text =
        conditions_.ParseQualifiedName("the name of a list", &list.span);
    by.each_of = std::move(list);
  }
  by.span.end = stream_.end();
  return by;
}

}  // namespace tocsin::toc
