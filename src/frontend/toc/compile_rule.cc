#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/expression/field_types.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/toc/compiler.h"
#include "src/frontend/toc/keywords.h"

namespace tocsin::toc {

using ir::Expr;
using text::Quoted;

RuleCompiler::RuleCompiler(Compiler* compiler, RuleEntry* entry)
    : compiler_(*compiler),
      entry_(*entry),
      rule_(*entry->rule),
      module_(*entry->module),
      reporter_(entry->module->source(), &compiler->rule_problems_),
      scope_(*entry->module) {}

void RuleCompiler::Error(std::string_view code, Span span, std::string message,
                         std::string help) {
  ++errors_;
  reporter_.Error(code, module_.source().RangeOf(span), std::move(message),
                  std::move(help));
}

void RuleCompiler::Warning(std::string_view code, Span span,
                           std::string message, std::string help) {
  reporter_.Warning(code, module_.source().RangeOf(span), std::move(message),
                    std::move(help));
}

std::string RuleCompiler::Written(Span span) const {
  const std::string_view text = module_.source().Slice(span);
  return std::string(text.substr(0, text.find('\n')));
}

void RuleCompiler::CheckSharedStep(const SharedStep& step) {
  Source named;
  named.kind = Source::kNamed;
  named.name = step.step->name;
  ResolvedSource resolved;
  ResolveNamed(named, step.module, &resolved, 0);
}

bool RuleCompiler::Run() {
  ReadClauses();
  reporter_.set_rule(info_.id, info_.title);
  if (when_ != nullptr && detect_ != nullptr) {
    Error("T336", rule_.name.span, "a rule has `detect` or `when`, not both",
          "make two rules, and use one as a step of the other");
  } else if (when_ == nullptr && detect_ == nullptr) {
    // What was lost may have been one.
    if (!entry_.broken) {
      Error("T336", rule_.name.span,
            "rule " + Quoted(rule_.name.text) + " looks for nothing",
            steps_.empty()
                ? "one event: `detect process where ...`; several: steps and "
                  "`when`"
                : "say what the steps add up to: `when a then b within 10m`");
    }
  } else if (when_ != nullptr) {
    RunWhen();
  } else {
    RunDetect();
  }
  CheckMessages();
  CheckExamples();
  if (entry_.broken || errors_ > 0) return false;
  if (when_ != nullptr) return AddCorrelation();
  return true;
}

void RuleCompiler::ReadClauses() {
  info_.format = "toc";
  info_.path = module_.source().path();
  info_.line = module_.line_of(rule_.name.span);
  info_.name = rule_.name.text;
  info_.id = rule_.name.text;
  info_.title = rule_.name.text;
  info_.level = "medium";
  info_.status = "stable";
  base::StringSet seen;
  for (const Clause& clause : rule_.clauses) {
    const bool repeats =
        clause.kind == Clause::kStep || clause.kind == Clause::kExcept ||
        clause.kind == Clause::kExample || clause.kind == Clause::kRisk ||
        clause.kind == Clause::kRespond ||
        (clause.kind == Clause::kSeverity &&
         std::get<Level>(clause.what).condition);
    if (!repeats && !seen.insert(std::string(WordOf(clause.kind))).second) {
      Error("T337", clause.span,
            absl::StrCat("`", base::ToAbsl(WordOf(clause.kind)),
                         "` stands twice in this rule"),
            clause.kind == Clause::kWhen || clause.kind == Clause::kDetect
                ? "make two rules"
                : "keep one of them");
      continue;
    }
    ReadFacts(clause);
  }
  for (const RuleStep& step : steps_) scope_.AddStep(step.name);
}

void RuleCompiler::WarnOfNoEffect(const Clause& clause, std::string_view what) {
  const std::string_view word = WordOf(clause.kind);
  Warning("T347",
          {clause.span.begin,
           clause.span.begin + static_cast<uint32_t>(word.size())},
          absl::StrCat("`", base::ToAbsl(word),
                       "` has no effect yet: ", base::ToAbsl(what)));
}

void RuleCompiler::ReadFacts(const Clause& clause) {
  const auto texts = [&] { return std::get<Texts>(clause.what).texts; };
  const auto copy = [&](std::vector<std::string>* into) {
    for (const Word& word : texts()) into->push_back(word.text);
  };
  switch (clause.kind) {
    case Clause::kId:
      info_.id = texts()[0].text;
      break;
    case Clause::kTitle:
      info_.title = texts()[0].text;
      break;
    case Clause::kDescription:
      info_.description = texts()[0].text;
      break;
    case Clause::kStatus:
      info_.status = texts()[0].text;
      break;
    case Clause::kAuthor:
      for (const Word& word : texts()) {
        absl::StrAppend(&info_.author, info_.author.empty() ? "" : ", ",
                        word.text);
      }
      break;
    case Clause::kReferences:
      copy(&info_.references);
      break;
    case Clause::kFalsePositives:
      copy(&info_.false_positives);
      break;
    case Clause::kTags:
      copy(&info_.tags);
      break;
    case Clause::kSeverity: {
      const Level& level = std::get<Level>(clause.what);
      if (!level.condition) info_.level = LevelOf(level.level.text);
      break;
    }
    case Clause::kStep: {
      const Step& step = std::get<Step>(clause.what);
      const auto same = std::find_if(
          steps_.begin(), steps_.end(),
          [&](const RuleStep& other) { return other.name == step.name.text; });
      if (same != steps_.end()) {
        Error("T332", step.name.span,
              absl::StrCat("step ", base::ToAbsl(Quoted(step.name.text)),
                           " is defined already (line ",
                           module_.line_of(same->span), ")"));
        break;
      }
      constexpr size_t kMaxSteps = 1000;
      if (steps_.size() == kMaxSteps) {
        Error("T341", step.name.span, "a rule has more than 1000 steps");
        break;
      }
      if (IsReservedForSteps(step.name.text)) {
        Error("T318", step.name.span,
              "no step can be called " + Quoted(step.name.text),
              "it is a word of patterns; rename the step, for instance `" +
                  step.name.text + "_`");
      }
      steps_.push_back({.name = step.name.text,
                        .span = step.name.span,
                        .source = &step.source});
      break;
    }
    case Clause::kDetect:
      detect_ = &std::get<Source>(clause.what);
      break;
    case Clause::kWhen:
      when_ = &std::get<When>(clause.what);
      break;
    case Clause::kFire:
      fire_ = &std::get<Fire>(clause.what);
      break;
    case Clause::kSuppress:
      suppress_ = &std::get<Suppress>(clause.what);
      break;
    case Clause::kIncident:
      incident_ = &std::get<Incident>(clause.what);
      break;
    case Clause::kNextSteps:
      copy(&info_.next_steps);
      break;
    case Clause::kRisk:
    case Clause::kRespond:
    case Clause::kVersion:
    case Clause::kMessage:
    case Clause::kShow:
    case Clause::kExample:
      break;
    case Clause::kExcept:
      WarnOfNoEnd(std::get<Except>(clause.what), &reporter_);
      break;
  }
}

void WarnOfNoEnd(const Except& except, text::Reporter* reporter) {
  if (!except.never) return;
  reporter->Warning("T349", reporter->source().RangeOf(except.end),
                    "this exception has no end",
                    "look at it again, or write `until 2027-03-31`");
}

void RuleCompiler::CheckRespond(const Respond& respond) {
  const Action* const action = module_.FindAction(respond.action.text);
  if (action == nullptr) {
    const std::string meant =
        text::DidYouMean(respond.action.text, module_.ActionNames());
    Error("T338", respond.action.span,
          "no action is called " + Quoted(respond.action.text),
          meant.empty() ? absl::StrCat("say what the host can do: `action ",
                                       respond.action.text, "(...)`")
                        : meant);
    return;
  }
  for (const Respond::Argument& argument : respond.arguments) {
    const bool known =
        std::any_of(action->parameters.begin(), action->parameters.end(),
                    [&](const Action::Parameter& parameter) {
                      return parameter.name.text == argument.name.text;
                    });
    if (known) continue;
    std::vector<std::string_view> names;
    for (const Action::Parameter& each : action->parameters) {
      names.push_back(each.name.text);
    }
    Error("T345", argument.name.span,
          absl::StrCat("action `", action->name.text, "` has no parameter ",
                       base::ToAbsl(Quoted(argument.name.text))),
          text::DidYouMean(argument.name.text, names));
  }
  for (const Action::Parameter& parameter : action->parameters) {
    const bool given =
        std::any_of(respond.arguments.begin(), respond.arguments.end(),
                    [&](const Respond::Argument& argument) {
                      return argument.name.text == parameter.name.text;
                    });
    if (given) continue;
    Error("T345", respond.action.span,
          absl::StrCat("action `", action->name.text, "` needs ",
                       base::ToAbsl(Quoted(parameter.name.text))));
  }
}

// --- Steps and fields -------------------------------------------------------

void RuleCompiler::CollectFields(const Expression& e,
                                 std::vector<Field>* fields) const {
  if (e.kind == Expression::kField) fields->push_back({e.field, e.span});
  for (const Expression& child : e.children) CollectFields(child, fields);
}

// `user = any where user.name != null`: is `user.name` a field of the event or
// of the step? Nobody has to ask.
void RuleCompiler::CheckStepNames() {
  std::vector<Field> fields;
  for (const RuleStep& step : steps_) {
    if (step.source != nullptr && step.source->where) {
      CollectFields(*step.source->where, &fields);
    }
  }
  if (when_->by) {
    for (const std::vector<Expression>& names : when_->by->keys) {
      for (const Expression& name : names) CollectFields(name, &fields);
    }
  }
  for (const RuleStep& step : steps_) {
    const auto hidden =
        std::find_if(fields.begin(), fields.end(), [&](const Field& field) {
          return field.path.parts.size() > 1 &&
                 field.path.parts[0].name == step.name &&
                 expression::IsKnownField(field.path.Name());
        });
    if (hidden == fields.end()) continue;
    Error("T318", step.span,
          absl::StrCat("step `", step.name, "` hides fields that begin with `",
                       step.name, ".`"),
          absl::StrCat("rename the step, for instance `", step.name, "_seen`"));
  }
}

// --- Rules of one event -----------------------------------------------------

// What holds for events that exceptions remove.
Expr RuleCompiler::ExceptionsFor(std::string_view step) {
  std::vector<Expr> any;
  const auto add = [&](const Except& except, Module* module) {
    const bool fits =
        except.steps.empty() ||
        std::any_of(except.steps.begin(), except.steps.end(),
                    [&](const Word& word) { return word.text == step; });
    if (!fits) return;
    Expression condition = except.condition;
    text::Reporter reporter = reporter_.ForSource(module->source());
    const ModuleScope scope(*module);
    expression::Checker checker(scope, &reporter);
    if (!checker.CheckCondition(&condition)) {
      ++errors_;
      return;
    }
    std::vector<Expr> both;
    both.push_back(expression::LowerTrue(condition, module->source()));
    if (except.until) {
      // By event time, so that a replay finds the same.
      Expression age;
      age.kind = Expression::kCall;
      age.name = "age";
      age.children.push_back(Expression::Literal(except.until->value));
      Expression before = Expression::Of(
          Expression::kCompare,
          {std::move(age), Expression::Literal(base::Value::Duration(0))});
      before.op = ir::Operator::kLt;
      both.push_back(expression::LowerTrue(before, module->source()));
    }
    any.push_back(Expr::And(std::move(both)));
  };
  for (const Clause& clause : rule_.clauses) {
    const Except* const except = std::get_if<Except>(&clause.what);
    if (except != nullptr) add(*except, &module_);
  }
  // One that names a rule by more than one of its names counts once.
  std::vector<std::pair<const Except*, Module*>> shared;
  const auto gather = [&](const auto& map, const std::string& name) {
    const auto found = map.find(name);
    if (found == map.end()) return;
    for (const auto& each : found->second) {
      if (std::find(shared.begin(), shared.end(), each) == shared.end()) {
        shared.push_back(each);
      }
    }
  };
  for (const std::string* name : {&info_.name, &info_.id, &info_.title}) {
    gather(compiler_.exceptions_by_rule_, *name);
  }
  for (const std::string& tag : info_.tags) {
    gather(compiler_.exceptions_by_tag_, tag);
  }
  for (const auto& [except, module] : shared) add(*except, module);
  const auto own = compiler_.exceptions_by_file_.find(&module_);
  if (own != compiler_.exceptions_by_file_.end()) {
    for (const Except* except : own->second) add(*except, &module_);
  }
  return Expr::Or(std::move(any));
}

bool RuleCompiler::RunDetect() {
  if (!steps_.empty()) {
    Error("T336", steps_[0].span, "a rule with `detect` has no steps",
          "put the condition into `detect`, or join steps with `when`");
  }
  if (fire_ != nullptr && fire_->policy.text != "every") {
    Error("T336", fire_->policy.span,
          "a rule of one event fires at every event",
          "leave `fire` out; `suppress` is for detections that are alike");
  }
  ResolvedSource resolved;
  if (!Resolve(*detect_, &module_, &resolved, 0)) {
    ++errors_;
    return false;
  }
  detect_table_ = resolved.table;
  if (resolved.kind != ResolvedSource::kEvents) {
    return DetectFindings(std::move(resolved));
  }
  Expr except = ExceptionsFor("");
  if (entry_.broken || errors_ > 0) return false;
  Expr condition = std::move(resolved.condition);
  if (except.kind != Expr::kFalse) {
    std::vector<Expr> both;
    both.push_back(std::move(condition));
    both.push_back(Expr::Not(std::move(except)));
    condition = Expr::And(std::move(both));
  }
  condition.range = module_.source().RangeOf(detect_->span);
  LowerOutcome();
  // Messages and examples are looked at before it is added.
  CheckMessages();
  CheckExamples();
  if (errors_ > 0) return false;
  AddRule(std::move(condition), resolved.log_source);
  compiler_.list_.rules.back().reads_anomalies = resolved.reads_anomalies;
  return true;
}

void RuleCompiler::AddRule(Expr condition, const LogSource& log_source) {
  ir::Rule rule;
  rule.info = info_;
  rule.info.log_source = log_source;
  rule.condition = std::move(condition);
  if (!outcome_.is_empty()) {
    rule.outcome = std::make_shared<const ir::Outcome>(std::move(outcome_));
  }
  if (detect_->kind == Source::kLogSource) {
    const text::Range word = module_.source().RangeOf(detect_->name.span);
    rule.log_source_ranges = {word, word, word};
  }
  entry_.index = static_cast<uint32_t>(compiler_.list_.rules.size());
  compiler_.list_.rules.push_back(std::move(rule));
}

// --- Examples ---------------------------------------------------------------

void RuleCompiler::CheckExamples() {
  if (examples_checked_) return;
  examples_checked_ = true;
  for (const Clause& clause : rule_.clauses) {
    const Example* const example = std::get_if<Example>(&clause.what);
    if (example != nullptr) CheckExample(*example);
  }
}

void RuleCompiler::CheckExample(const Example& example) {
  base::StringSet records;
  bool expects = false;
  for (const ExampleLine& line : example.lines) {
    if (line.kind == ExampleLine::kLet) records.insert(line.name.text);
    if (line.kind == ExampleLine::kExpect) {
      expects = true;
      if (line.where) {
        Expression where = *line.where;
        expression::Checker checker(scope_, &reporter_);
        checker.set_steps_allowed(true);
        if (!checker.CheckCondition(&where)) ++errors_;
      }
    }
    if (line.kind != ExampleLine::kAt) continue;
    if (!line.name.text.empty() && !records.contains(line.name.text)) {
      std::vector<std::string_view> names(records.begin(), records.end());
      const std::string meant = text::DidYouMean(line.name.text, names);
      Error("T344", line.name.span,
            "no record is called " + Quoted(line.name.text),
            meant.empty() ? absl::StrCat("define it above: `let ",
                                         line.name.text, " = { ... }`")
                          : meant);
    }
    if (!line.as) continue;
    const bool known = std::any_of(steps_.begin(), steps_.end(),
                                   [&](const RuleStep& step) {
                                     return step.name == line.as->text;
                                   }) ||
                       module_.FindStep(line.as->text).has_value();
    if (!known) {
      Error("T344", line.as->span, "no step is called " + Quoted(line.as->text),
            "`as` names a step, from whose source the event comes");
    }
  }
  if (!expects) {
    Error("T344", example.title.span,
          "this example expects nothing of the rule",
          "end it with `expect 1` or `expect nothing`");
  }
}

}  // namespace tocsin::toc
