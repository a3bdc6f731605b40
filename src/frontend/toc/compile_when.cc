#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/expression/field_types.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/toc/compiler.h"
#include "src/frontend/toc/keywords.h"
#include "src/frontend/toc/never_true.h"

namespace tocsin::toc {

using base::MeasureKind;
using text::Quoted;

namespace {

struct MeasureWord {
  std::string_view name;
  MeasureKind kind;
  int fields;    // How many it takes; -1: one or more.
  bool numbers;  // Of numbers only.
};
constexpr MeasureWord kMeasures[] = {
    {"count", MeasureKind::kCount, 0, false},
    {"distinct", MeasureKind::kDistinct, -1, false},
    {"sum", MeasureKind::kSum, 1, true},
    {"avg", MeasureKind::kAvg, 1, true},
    {"min", MeasureKind::kMin, 1, true},
    {"max", MeasureKind::kMax, 1, true},
    {"median", MeasureKind::kMedian, 1, true},
    {"percentile", MeasureKind::kPercentile, 1, true},
    {"stddev", MeasureKind::kStddev, 1, true},
    {"interval", MeasureKind::kInterval, 0, false},
    {"jitter", MeasureKind::kJitter, 0, false},
    {"rate", MeasureKind::kRate, 0, false},
    {"first", MeasureKind::kFirst, 1, false},
    {"last", MeasureKind::kLast, 1, false},
    {"values", MeasureKind::kValues, 1, false},
};

const MeasureWord* FindMeasure(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kMeasures), std::end(kMeasures),
                   [&](const MeasureWord& m) { return m.name == name; });
  return found == std::end(kMeasures) ? nullptr : &*found;
}

std::vector<std::string_view> MeasureNames() {
  std::vector<std::string_view> names;
  for (const MeasureWord& measure : kMeasures) names.push_back(measure.name);
  return names;
}

// Numbers of things that there cannot be fewer of than none.
bool IsNeverNegative(std::string_view field) {
  return field.ends_with(".bytes") || field.ends_with(".packets") ||
         field.ends_with(".size") || field == "risk.score";
}

bool IsSize(const Truth& value) {
  if (value.kind != Truth::kValue || value.value.spelling.empty()) return false;
  const char last = value.value.spelling.back();
  return last == 'b' || last == 'B';
}

base::MeasureCompare CompareOf(ir::Operator op) {
  switch (op) {
    case ir::Operator::kEq:
      return base::MeasureCompare::kEq;
    case ir::Operator::kNe:
      return base::MeasureCompare::kNe;
    case ir::Operator::kLt:
      return base::MeasureCompare::kLt;
    case ir::Operator::kLe:
      return base::MeasureCompare::kLe;
    case ir::Operator::kGt:
      return base::MeasureCompare::kGt;
    default:
      return base::MeasureCompare::kGe;
  }
}

bool IsAlternatives(const Truth& truth) {
  return truth.kind == Truth::kStep || truth.kind == Truth::kOr;
}

bool HasNot(const Truth& truth) {
  return truth.kind == Truth::kNot ||
         std::any_of(truth.children.begin(), truth.children.end(), HasNot);
}

}  // namespace

bool RuleCompiler::RunWhen() {
  const int before = errors_;
  if (!CheckLoneStep()) return false;
  CheckStepNames();
  if (errors_ > before) return false;
  for (RuleStep& step : steps_) {
    step.usable = Resolve(*step.source, &module_, &step.resolved, 0);
    TakeMarkedFindings(&step);
  }
  const bool has_window = CheckWindow();
  LowerPattern();
  if (has_window) LowerWindow();
  LowerGroup();
  LowerWhere();
  WarnOfNever();
  LowerFire();
  LowerShown();
  LowerOutcome();
  WarnOfUnusedSteps();
  return errors_ == before;
}

// `when process where ...`: one event.
bool RuleCompiler::CheckLoneStep() {
  const Truth& truth = when_->pattern.truth;
  const bool lone =
      when_->pattern.kind == Pattern::kTruth && truth.kind == Truth::kStep;
  if (!lone) return true;
  const bool known = std::any_of(steps_.begin(), steps_.end(),
                                 [&](const RuleStep& step) {
                                   return step.name == truth.name.text;
                                 }) ||
                     module_.FindStep(truth.name.text).has_value();
  const bool event = when_->where && !when_->window && !when_->by;
  if (known || (!event && !expression::IsCategory(truth.name.text))) {
    return true;
  }
  const Span all = {truth.span.begin,
                    when_->where ? when_->where->span.end : truth.span.end};
  Error("T313", all, "a `when` joins named steps",
        absl::StrCat("one event: `detect ", Written(all),
                     "`; several: `start = ", Written(all),
                     "`, then `when start ...`"));
  return false;
}

bool RuleCompiler::CheckWindow() {
  const Pattern& pattern = when_->pattern;
  const bool change =
      pattern.kind == Pattern::kSpike || pattern.kind == Pattern::kDrop;
  const bool sliding = pattern.kind == Pattern::kChain ||
                       pattern.kind == Pattern::kNew ||
                       pattern.kind == Pattern::kWith;
  const char* const what = pattern.kind == Pattern::kChain  ? "a sequence"
                           : pattern.kind == Pattern::kNew  ? "`new`"
                           : pattern.kind == Pattern::kWith ? "`with`"
                           : change                         ? "a change"
                                                            : "a count";
  if (!when_->window) {
    const uint32_t at = when_->by ? when_->by->span.begin : pattern.span.end;
    std::string help =
        change ? "add `per 1h`, whose counts are compared with those before"
        : sliding
            ? absl::StrCat("add `within ",
                           pattern.kind == Pattern::kNew ? "30d" : "10m", "`")
            : "add `within 10m` (sliding), `per 1h` (fixed) or `idle "
              "15m` (session)";
    if (when_->by) help += " before `by`";
    Error("T310", {at, at}, absl::StrCat(what, " needs a window"),
          std::move(help));
    return false;
  }
  const Window& window = *when_->window;
  if (sliding && window.kind != Window::kWithin) {
    Error("T310", window.span, absl::StrCat(what, " needs a sliding window"),
          "write `within 10m`");
    return false;
  }
  if (change && window.kind != Window::kPer) {
    Error("T310", window.span, "a change needs fixed windows",
          "write `per 1h`: the counts of full hours are compared");
    return false;
  }
  return true;
}

// --- Steps ------------------------------------------------------------------

std::optional<ir::StepIndex> RuleCompiler::UseStep(const Word& name) {
  auto found = std::find_if(
      steps_.begin(), steps_.end(),
      [&](const RuleStep& step) { return step.name == name.text; });
  if (found == steps_.end()) {
    const std::optional<SharedStep> shared = module_.FindStep(name.text);
    if (!shared) {
      std::vector<std::string_view> names = module_.StepNames();
      for (const RuleStep& step : steps_) names.push_back(step.name);
      std::string meant = text::DidYouMean(name.text, names);
      if (!meant.empty()) {
        const size_t open = meant.find('`');
        const size_t close = meant.rfind('`');
        const std::string near = meant.substr(open + 1, close - open - 1);
        int line = 0;
        for (const RuleStep& step : steps_) {
          if (step.name == near) line = module_.line_of(step.span);
        }
        if (const auto step = module_.FindStep(near); step && line == 0) {
          line = step->module->line_of(step->step->name.span);
        }
        meant = absl::StrCat(meant.substr(0, close + 1), " (line ", line, ")?");
      }
      Error("T316", name.span, "no step is called " + Quoted(name.text),
            meant.empty() ? absl::StrCat("define it: `", name.text,
                                         " = authentication where ...`")
                          : meant);
      return std::nullopt;
    }
    Source named;
    named.kind = Source::kNamed;
    named.name = name;
    RuleStep step{.name = name.text, .span = name.span, .shared = true};
    step.usable = ResolveNamed(named, &module_, &step.resolved, 0);
    steps_.push_back(std::move(step));
    scope_.AddStep(name.text);
    found = steps_.end() - 1;
  }
  found->used = true;
  if (!found->usable) return std::nullopt;
  // Steps are numbered as they are used.
  for (size_t i = 0; i < correlation_.steps.size(); ++i) {
    if (correlation_.steps[i].name == name.text) {
      return static_cast<ir::StepIndex>(i);
    }
  }
  if (correlation_.steps.size() == ir::kMaxSteps) {
    Error("T341", name.span,
          absl::StrCat("a `when` has more than ", ir::kMaxSteps, " steps"));
    return std::nullopt;
  }
  ir::Step step;
  step.name = name.text;
  step.range = module_.source().RangeOf(found->span);
  correlation_.steps.push_back(std::move(step));
  return static_cast<ir::StepIndex>(correlation_.steps.size() - 1);
}

// `a`, or `(a or b)`.
std::vector<ir::StepIndex> RuleCompiler::UseSteps(const Truth& truth) {
  std::vector<ir::StepIndex> steps;
  if (truth.kind == Truth::kStep) {
    if (const auto step = UseStep(truth.name)) steps.push_back(*step);
  } else if (truth.kind == Truth::kOr) {
    for (const Truth& child : truth.children) {
      for (const ir::StepIndex step : UseSteps(child)) steps.push_back(step);
    }
  } else {
    Error("T300", truth.span, "here stands a step, or `(a or b)`");
  }
  return steps;
}

void RuleCompiler::WarnOfUnusedSteps() {
  for (const RuleStep& step : steps_) {
    if (step.used || step.shared) continue;
    Warning("T317", step.span, "step " + Quoted(step.name) + " is never used",
            "name it in `when`, or remove it");
  }
}

// --- Patterns ---------------------------------------------------------------

void RuleCompiler::LowerPattern() {
  const Pattern& from = when_->pattern;
  ir::Pattern& pattern = correlation_.pattern;
  switch (from.kind) {
    case Pattern::kTruth:
    case Pattern::kWith:
      LowerTruthPattern();
      return;
    case Pattern::kChain:
      LowerChain();
      return;
    case Pattern::kNew: {
      pattern.kind = ir::Pattern::kSeen;
      UseStep(*from.of);
      for (const Expression& key : from.keys) {
        const std::optional<std::string> name = FieldName(key);
        if (name) pattern.fields.push_back(*name);
      }
      if (from.keys.empty()) {
        Error("T322", from.span, "`new` needs at least one field",
              "write `new (user.name) of login`");
      }
      pattern.learn = from.learn ? ToDuration(*from.learn) : absl::Hours(24);
      return;
    }
    case Pattern::kSpike:
    case Pattern::kDrop: {
      pattern.kind = ir::Pattern::kRatio;
      pattern.drop = from.kind == Pattern::kDrop;
      pattern.change = LowerTerm(from.truth, nullptr);
      pattern.factor = base::DoubleOf(from.factor.value).value_or(1);
      if (from.least) {
        pattern.minimum = base::DoubleOf(from.least->value).value_or(0);
      }
      pattern.past = ToDuration(from.past);
      const bool short_past =
          when_->window &&
          pattern.past < ToDuration(when_->window->span_of_time);
      if (short_past) {
        Error("T310", from.past.span, "the past is shorter than one window");
      }
      return;
    }
  }
}

// Silence is no event, and windows begin with one.
void RuleCompiler::WarnOfNever() {
  if (errors_ > 0 || !when_->window) return;
  const std::optional<ir::StepIndex> step = NeverAbsent(correlation_);
  if (!step) return;
  const std::string& name = correlation_.steps[*step].name;
  const bool fixed = when_->window->kind == Window::kPer;
  Warning("T350", when_->pattern.truth.span,
          absl::StrCat("this is never true: it is looked at when there is an "
                       "event of `",
                       name, "`"),
          fixed
              ? absl::StrCat("name the groups that must not be silent: `",
                             Written(when_->window->span),
                             " by host.name each of hosts`")
              : absl::StrCat("say behind what it is absent: `a then not ", name,
                             "`; or name who must not be silent: "
                             "`per 10m by host.name each of hosts`"));
}

void RuleCompiler::PositiveSteps(const Truth& truth, bool positive,
                                 std::vector<ir::StepIndex>* steps) {
  const auto add = [&](const Word& name) {
    const std::optional<ir::StepIndex> step = UseStep(name);
    const bool is_new =
        step && std::find(steps->begin(), steps->end(), *step) == steps->end();
    if (positive && is_new) steps->push_back(*step);
  };
  if (truth.kind == Truth::kStep) add(truth.name);
  if (truth.kind == Truth::kMeasure && truth.of) add(*truth.of);
  for (const Truth& child : truth.children) {
    PositiveSteps(child, truth.kind == Truth::kNot ? !positive : positive,
                  steps);
  }
}

void RuleCompiler::LowerTruthPattern() {
  const Pattern& from = when_->pattern;
  ir::Pattern& pattern = correlation_.pattern;
  pattern.kind = ir::Pattern::kTruth;
  if (from.kind == Pattern::kWith) {
    if (!IsAlternatives(from.truth)) {
      Error("T300", from.truth.span,
            "before `with` stands a step, or `(a or b)`",
            "what is counted stands behind it: `a with b >= 3`");
    } else {
      pattern.triggers = UseSteps(from.truth);
    }
    pattern.trigger_counts = false;
    pattern.truth = LowerTruth(from.context);
    return;
  }
  // The first steps are numbered first, also those of negated parts.
  const int before = errors_;
  std::vector<ir::StepIndex> positive;
  PositiveSteps(from.truth, true, &positive);
  if (errors_ > before) return;  // Unknown steps are told once.
  if (from.truth.kind == Truth::kNot && positive.empty()) {
    Error("T300", from.truth.span,
          "a pattern of absent steps only has no moment to look at",
          "say when to look: `a and not b`, `a then not b`, or `b < 1 per "
          "10m by key each of list`");
    return;
  }
  pattern.truth = LowerTruth(from.truth);
  // With `not`, each positive event opens a window, tested when it closes.
  const bool closes = HasNot(from.truth) && when_->window &&
                      when_->window->kind == Window::kWithin;
  if (closes) {
    pattern.triggers = positive;
    correlation_.window.reach = base::WindowReach::kAfter;
  }
}

void RuleCompiler::LowerChain() {
  const Pattern& from = when_->pattern;
  ir::Pattern& pattern = correlation_.pattern;
  pattern.kind = ir::Pattern::kChain;
  for (size_t i = 0; i < from.legs.size(); ++i) {
    const Truth* what = &from.legs[i].what;
    ir::Leg leg;
    if (what->kind == Truth::kNot) {
      leg.negated = true;
      what = &what->children[0];
      if (from.legs[i].gap) {
        Error("T300", from.legs[i].gap->span, "what is absent has no distance",
              "say within what it is absent with the window: `a then not b "
              "within 2m`");
      }
      if (i > 0 && from.legs[i - 1].what.kind == Truth::kNot) {
        Error("T300", from.legs[i].what.span, "two absent steps in a row",
              "write `then not (a or b)`");
      }
    } else if (what->kind == Truth::kCompare) {
      leg.count = static_cast<int>(what->children[1].value.value.int_value);
      what = &what->children[0];
    }
    if (!IsAlternatives(*what)) {
      ++errors_;  // Told by the parser.
      continue;
    }
    leg.steps = UseSteps(*what);
    if (from.legs[i].gap) leg.gap = ToDuration(*from.legs[i].gap);
    pattern.legs.push_back(std::move(leg));
  }
  if (from.until) {
    if (const auto step = UseStep(*from.until)) pattern.until = {*step};
  }
}

ir::Truth RuleCompiler::LowerTruth(const Truth& truth) {
  ir::Truth lowered;
  switch (truth.kind) {
    case Truth::kAnd:
    case Truth::kOr:
    case Truth::kNot:
      lowered.kind = truth.kind == Truth::kAnd  ? ir::Truth::kAnd
                     : truth.kind == Truth::kOr ? ir::Truth::kOr
                                                : ir::Truth::kNot;
      for (const Truth& child : truth.children) {
        lowered.children.push_back(LowerTruth(child));
      }
      return lowered;
    case Truth::kCompare:
      lowered.compare = CompareOf(truth.op);
      lowered.terms.push_back(LowerTerm(truth.children[0], &truth.children[1]));
      lowered.terms.push_back(LowerTerm(truth.children[1], &truth.children[0]));
      return lowered;
    case Truth::kStep: {
      lowered.compare = base::MeasureCompare::kGe;
      lowered.terms.push_back(LowerTerm(truth, nullptr));
      ir::Term one;
      one.number = 1;
      lowered.terms.push_back(std::move(one));
      return lowered;
    }
    case Truth::kError:
      ++errors_;
      break;
    default:
      Error("T300", truth.span, "a measure is compared with something",
            absl::StrCat("write `", Written(truth.span), " >= 3`"));
      break;
  }
  lowered.terms.resize(2);
  return lowered;
}

// `other` is what it is compared with, if it is.
// What is for reports only is no number.
void RuleCompiler::CheckCompared(const Truth& truth,
                                 const ir::Measure& measure) {
  const bool reports = measure.kind == base::MeasureKind::kFirst ||
                       measure.kind == base::MeasureKind::kLast ||
                       measure.kind == base::MeasureKind::kValues;
  if (!reports || is_shown_) return;
  const std::string field =
      truth.arguments.empty() ? "x" : Written(truth.arguments[0].span);
  Error("T323", truth.name.span,
        absl::StrCat("`", truth.name.text, "` is no number, and for `show`"),
        absl::StrCat("`distinct(", field, ") of ",
                     truth.of ? truth.of->text : "a",
                     "` counts different values; `where ",
                     truth.of ? truth.of->text : "a", ".", field,
                     " == \"...\"` behind `by` asks for the newest"));
}

ir::Term RuleCompiler::LowerTerm(const Truth& truth, const Truth* other) {
  ir::Term term;
  switch (truth.kind) {
    case Truth::kValue: {
      const base::Value& value = truth.value.value;
      const bool counted = other != nullptr && other->kind == Truth::kStep;
      if (value.kind == base::ValueKind::kDuration) {
        const bool seconds = other != nullptr &&
                             other->kind == Truth::kMeasure &&
                             other->name.text == "interval";
        if (!seconds) {
          Error("T324", truth.span, "a measure is compared with a duration",
                "durations are for `interval()`");
        }
        term.number = static_cast<double>(value.int_value) / 1e9;
        return term;
      }
      if (counted && IsSize(truth)) {
        Error("T324", truth.span, "a count is compared with a size",
              absl::StrCat("write `sum(network.bytes) of ", other->name.text,
                           " >= ", Written(truth.span), "`"));
      }
      term.number = base::DoubleOf(value).value_or(0);
      return term;
    }
    case Truth::kStep: {
      term.kind = ir::Term::kMeasure;
      if (const auto step = UseStep(truth.name)) {
        term.measure.steps = {*step};
      }
      return term;
    }
    case Truth::kMeasure: {
      if (!truth.of) {
        if (std::optional<ir::Term> macro = ExpandMacro(truth)) return *macro;
      }
      term.kind = ir::Term::kMeasure;
      term.measure = LowerMeasure(truth);
      CheckCompared(truth, term.measure);
      return term;
    }
    case Truth::kArithmetic: {
      term.kind = truth.op == ir::Operator::kAdd   ? ir::Term::kAdd
                  : truth.op == ir::Operator::kSub ? ir::Term::kSub
                  : truth.op == ir::Operator::kMul ? ir::Term::kMul
                                                   : ir::Term::kDiv;
      for (const Truth& child : truth.children) {
        term.children.push_back(LowerTerm(child, nullptr));
      }
      return term;
    }
    case Truth::kOr:
      // `(a or b) >= 3`: events of either.
      term.kind = ir::Term::kMeasure;
      term.measure.steps = UseSteps(truth);
      return term;
    case Truth::kError:
      ++errors_;
      return term;
    default:
      Error("T300", truth.span, "this is no number",
            "compare measures: `a >= 3 and b >= 2`");
      return term;
  }
}

// A macro without `of` stands for a number: `burst()`.
std::optional<ir::Term> RuleCompiler::ExpandMacro(const Truth& truth) {
  if (module_.FindMacro(truth.name.text) == nullptr) return std::nullopt;
  Expression call;
  call.kind = Expression::kCall;
  call.name = truth.name.text;
  call.children = truth.arguments;
  call.span = truth.span;
  call.name_span = truth.name.span;
  expression::Checker checker(scope_, &reporter_);
  ir::Term term;
  if (!checker.CheckValue(&call)) {
    ++errors_;
    return term;
  }
  const std::optional<double> number = base::DoubleOf(call.value);
  if (call.kind != Expression::kLiteral || !number) {
    Error("T335", truth.span, "a macro in a pattern stands for a number");
    return term;
  }
  term.number = *number;
  return term;
}

ir::Measure RuleCompiler::LowerMeasure(const Truth& truth) {
  ir::Measure measure;
  const MeasureWord* const word = FindMeasure(truth.name.text);
  if (word == nullptr) {
    Error("T333", truth.name.span,
          "no measure is called " + Quoted(truth.name.text),
          text::DidYouMean(truth.name.text, MeasureNames()));
    return measure;
  }
  measure.kind = word->kind;
  if (truth.of) {
    if (const auto step = UseStep(*truth.of)) measure.steps = {*step};
  } else {
    Error("T334", truth.span, "a measure is of a step",
          absl::StrCat("write `", Written(truth.span), " of ",
                       steps_.empty() ? "step" : steps_[0].name, "`"));
  }
  std::vector<Expression> arguments = truth.arguments;
  if (measure.kind == MeasureKind::kPercentile) {
    std::optional<double> percent;
    if (arguments.size() == 2) percent = base::DoubleOf(arguments[1].value);
    if (!percent || !(*percent > 0 && *percent <= 100)) {
      Error("T334", truth.span, "a percentile has a field and a number to 100",
            "write `percentile(event.duration, 95) of step`");
      return measure;
    }
    measure.parameter = *percent;
    arguments.pop_back();
  }
  const auto given = static_cast<int>(arguments.size());
  if (word->fields < 0 && given == 0) {
    const uint32_t open = truth.name.span.end;
    Error("T322", {open, open + 2},
          absl::StrCat("`", base::ToAbsl(word->name),
                       "` needs at least one field"),
          absl::StrCat("write `", base::ToAbsl(word->name), "(user.name) of ",
                       truth.of ? truth.of->text : "step", "`"));
    return measure;
  }
  if (word->fields >= 0 && given != word->fields) {
    Error("T334", truth.span,
          absl::StrCat("`", base::ToAbsl(word->name), "` takes ",
                       word->fields == 0 ? "no field" : "one field"));
    return measure;
  }
  for (const Expression& argument : arguments) {
    const std::optional<std::string> field = FieldName(argument);
    if (!field) continue;
    const std::string& name = *field;
    const ir::Type type = expression::TypeOfField(name);
    const bool number = type == ir::Type::kAny || type == ir::Type::kNumber ||
                        type == ir::Type::kDuration;
    if (word->numbers && !number) {
      Error("T323", argument.span,
            absl::StrCat("`", base::ToAbsl(word->name), "` needs a number, `",
                         name, "` is ", base::ToAbsl(base::Name(type))),
            absl::StrCat("write `distinct(", name, ") of ",
                         truth.of ? truth.of->text : "step",
                         "`, or name a field that is a number"));
    }
    if (measure.kind == MeasureKind::kSum) {
      measure.never_negative = IsNeverNegative(name);
    }
    measure.fields.push_back(name);
  }
  return measure;
}

// --- What becomes of it ------------------------------------------------------

void RuleCompiler::LowerFire() {
  const Pattern& pattern = when_->pattern;
  base::FirePolicy policy = base::FirePolicy::kEdge;
  if (pattern.kind == Pattern::kChain) {
    const bool absent =
        !pattern.legs.empty() && pattern.legs.back().what.kind == Truth::kNot;
    policy = absent ? base::FirePolicy::kEvery : base::FirePolicy::kReset;
  } else if (pattern.kind == Pattern::kWith || pattern.kind == Pattern::kNew) {
    policy = base::FirePolicy::kEvery;
  }
  if (fire_ != nullptr) {
    const std::string& word = fire_->policy.text;
    policy = word == "every"      ? base::FirePolicy::kEvery
             : word == "reset"    ? base::FirePolicy::kReset
             : word == "throttle" ? base::FirePolicy::kThrottle
                                  : base::FirePolicy::kEdge;
    if (fire_->throttle) {
      correlation_.throttle = ToDuration(*fire_->throttle);
    }
  }
  correlation_.fire = policy;
}

void RuleCompiler::LowerShown() {
  for (const Clause& clause : rule_.clauses) {
    const Show* const show = std::get_if<Show>(&clause.what);
    if (show == nullptr) continue;
    for (const Show::Item& item : show->items) {
      const bool measure = item.measure.kind == Truth::kStep ||
                           (item.measure.kind == Truth::kMeasure &&
                            FindMeasure(item.measure.name.text) != nullptr);
      if (!measure) {
        LowerShownCall(item);
        continue;
      }
      if (!KeepsMeasures()) {
        WarnOfNoEffect(clause, "this pattern keeps counts of steps only");
        continue;
      }
      AddShown(item.measure,
               item.name ? item.name->text : Written(item.measure.span));
    }
  }
}

bool RuleCompiler::AddCorrelation() {
  std::vector<ir::Rule>& rules = compiler_.list_.rules;
  const auto add = [&](const std::string& name, ir::Expr condition,
                       const LogSource& log_source,
                       ir::RuleRole role = ir::RuleRole::kStep) {
    ir::Rule rule;
    rule.info.format = "toc";
    rule.info.path = info_.path;
    rule.info.line = info_.line;
    rule.info.name = info_.name + "." + name;
    rule.info.id = info_.id + "." + name;
    rule.info.title = info_.title;
    rule.info.log_source = log_source;
    rule.role = role;
    rule.condition = std::move(condition);
    rules.push_back(std::move(rule));
    return static_cast<uint32_t>(rules.size() - 1);
  };
  std::vector<ir::Expr> exceptions;
  for (const ir::Step& step : correlation_.steps) {
    exceptions.push_back(ExceptionsFor(step.name));
  }
  if (errors_ > 0) return false;
  for (size_t i = 0; i < correlation_.steps.size(); ++i) {
    ir::Step& step = correlation_.steps[i];
    const auto found =
        std::find_if(steps_.begin(), steps_.end(),
                     [&](const RuleStep& s) { return s.name == step.name; });
    ResolvedSource& resolved = found->resolved;
    ir::Expr condition = std::move(resolved.condition);
    const bool excepted = exceptions[i].kind != ir::Expr::kFalse;
    if (excepted) {
      std::vector<ir::Expr> both;
      both.push_back(std::move(condition));
      both.push_back(ir::Expr::Not(std::move(exceptions[i])));
      condition = ir::Expr::And(std::move(both));
    }
    if (resolved.kind == ResolvedSource::kEvents) {
      step.source = ir::Step::kRule;
      step.source_index =
          add(step.name, std::move(condition), resolved.log_source);
      rules.back().reads_anomalies = resolved.reads_anomalies;
      continue;
    }
    step.source = resolved.kind == ResolvedSource::kAlerts ? ir::Step::kAlerts
                  : resolved.kind == ResolvedSource::kRisks
                      ? ir::Step::kRisks
                      : ir::Step::kCorrelation;
    step.source_index = resolved.correlation;
    if (resolved.has_condition || excepted) {
      step.condition =
          add(step.name, std::move(condition), {}, ir::RuleRole::kCondition);
    }
  }
  if (where_) {
    correlation_.where =
        add("where", *std::move(where_), {}, ir::RuleRole::kCondition);
  }
  correlation_.info = info_;
  correlation_.range = module_.source().RangeOf(rule_.name.span);
  entry_.is_correlation = true;
  entry_.index = static_cast<uint32_t>(compiler_.list_.correlations.size());
  compiler_.list_.correlations.push_back(std::move(correlation_));
  return true;
}

}  // namespace tocsin::toc
