#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/expression/field_types.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {

using ir::Expr;
using text::Quoted;

namespace {

constexpr int kMaxDepth = 20;
// Rows of a list that a condition may look for. More belong into a table.
constexpr size_t kMaxTableTests = 100'000;

bool Contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

void Narrow(Expr more, ResolvedSource* resolved) {
  std::vector<Expr> both;
  if (resolved->condition.kind != Expr::kTrue) {
    both.push_back(std::move(resolved->condition));
  }
  both.push_back(std::move(more));
  resolved->condition = Expr::And(std::move(both));
  resolved->has_condition = true;
}

// A category is one of the event's.
Expr RuleCompiler::Category(const std::string& word) const {
  return expression::FieldEquals("event.category", base::Value::String(word),
                                 ir::Type::kString, /*folded=*/false);
}

// What is wrong is told at the rule if the source is its own, and otherwise
// where the shared step is.
bool RuleCompiler::Resolve(const Source& source, Module* module,
                           ResolvedSource* resolved, int depth) {
  resolved->condition = Expr::True();
  bool fine = true;
  switch (source.kind) {
    case Source::kAny:
      break;
    case Source::kNamed:
      fine = ResolveNamed(source, module, resolved, depth);
      break;
    case Source::kCategory:
      Narrow(Category(source.name.text), resolved);
      break;
    case Source::kLogSource:
      fine = ResolveLogSource(source, resolved);
      break;
    case Source::kRule:
      fine = ResolveRule(source, resolved);
      break;
    case Source::kAlerts: {
      resolved->kind = ResolvedSource::kAlerts;
      if (source.where) break;
      text::Reporter reporter = reporter_.ForSource(module->source());
      reporter.Warning("T329", module->source().RangeOf(source.name.span),
                       "this rule reads every alert of the engine",
                       "name its inputs: `alerts where rule.id in watched`");
      break;
    }
    case Source::kRisks:
      resolved->kind = ResolvedSource::kRisks;
      break;
    case Source::kEql:
    case Source::kKql:
      fine = ResolveQuery(source, module, resolved);
      break;
    case Source::kSigma:
      fine = ResolveSigma(source, module, resolved);
      break;
    case Source::kDetector:
      fine = ResolveDetector(source, module, resolved);
      break;
  }
  if (!fine) return false;
  TakeMarked(source, resolved);
  if (source.where && !AddWhere(source, module, depth > 0, resolved)) {
    return false;
  }
  if (source.matches) return AddMatches(*source.matches, module, resolved);
  return true;
}

bool RuleCompiler::ResolveNamed(const Source& source, Module* module,
                                ResolvedSource* resolved, int depth) {
  const std::string& name = source.name.text;
  if (const std::optional<SharedStep> shared = module->FindStep(name)) {
    if (depth > kMaxDepth) {
      Error("T330", source.name.span,
            "step " + Quoted(name) + " is made of itself",
            "steps may not form a ring");
      return false;
    }
    // Once for all rules, so that what is wrong with it is told once.
    auto& known = compiler_.shared_steps_;
    const auto found = known.find(shared->step);
    if (found != known.end()) {
      if (!found->second) {
        ++errors_;
        return false;
      }
      *resolved = *found->second;
      return true;
    }
    const bool fine =
        Resolve(shared->step->source, shared->module, resolved, depth + 1);
    known.emplace(shared->step,
                  fine ? std::make_optional(*resolved) : std::nullopt);
    return fine;
  }
  if (!expression::IsCategory(name)) {
    std::vector<std::string_view> words = module->StepNames();
    const auto categories = expression::Categories();
    words.insert(words.end(), categories.begin(), categories.end());
    const std::string meant = text::DidYouMean(name, words);
    text::Reporter reporter = reporter_.ForSource(module->source());
    reporter.Warning("T326", module->source().RangeOf(source.name.span),
                     absl::StrCat("category ", base::ToAbsl(Quoted(name)),
                                  " is not in ECS, and no step has that name"),
                     absl::StrCat(meant,
                                  meant.empty() ? "quote it to keep it: `\""
                                                : " Quote it to keep it: `\"",
                                  name, "\"`"));
  }
  Narrow(Category(name), resolved);
  return true;
}

bool RuleCompiler::ResolveLogSource(const Source& source,
                                    ResolvedSource* resolved) {
  resolved->log_source.product = source.product;
  const std::string& word = source.name.text;
  // A word of both tables is a category, as most of them are.
  const bool service =
      !Contains(compiler_.options_.categories, word) &&
      (Contains(compiler_.options_.services, word) || !source.product.empty());
  if (service) {
    resolved->log_source.service = word;
  } else {
    resolved->log_source.category = word;
  }
  return true;
}

bool RuleCompiler::ResolveRule(const Source& source, ResolvedSource* resolved) {
  const std::string& name = source.name.text;
  if (RuleEntry* const entry = compiler_.FindRule(name)) {
    if (entry->state == RuleEntry::kOpen) {
      const std::string& self = rule_.name.text;
      Error("T330", source.name.span,
            entry == &entry_
                ? absl::StrCat("rule ", base::ToAbsl(Quoted(self)),
                               " uses itself")
                : absl::StrCat(base::ToAbsl(Quoted(self)), " uses ",
                               base::ToAbsl(Quoted(name)), ", and ",
                               base::ToAbsl(Quoted(name)), " uses ",
                               base::ToAbsl(Quoted(self)), " (",
                               entry->module->source().path(), ":",
                               entry->module->line_of(entry->rule->name.span),
                               ")"),
            "rules may not form a ring; `alerts` breaks one, as it skips "
            "ancestors");
      return false;
    }
    compiler_.Compile(entry);
    if (entry->state != RuleEntry::kLoaded) {
      Error("T338", source.name.span, "rule " + Quoted(name) + " is not loaded",
            "mend what is wrong with it");
      return false;
    }
    if (entry->is_correlation) {
      ReadCorrelation(entry->index, resolved);
      return true;
    }
    const ir::Rule& read = compiler_.list_.rules[entry->index];
    resolved->log_source = read.info.log_source;
    Narrow(read.condition, resolved);
    return true;
  }
  if (const std::optional<uint32_t> other = compiler_.FindOther(name)) {
    const ir::Rule& read = compiler_.list_.rules[*other];
    resolved->log_source = read.info.log_source;
    Narrow(read.condition, resolved);
    return true;
  }
  if (const auto other = compiler_.FindOtherCorrelation(name)) {
    ReadCorrelation(*other, resolved);
    return true;
  }
  Error("T338", source.name.span, "no rule is called " + Quoted(name),
        absl::StrCat(text::DidYouMean(name, compiler_.RuleNames()),
                     text::DidYouMean(name, compiler_.RuleNames()).empty()
                         ? "name it by id, name or title; it must be loaded "
                           "together with this one"
                         : ""));
  return false;
}

// A correlation is a step by what it finds.
void RuleCompiler::ReadCorrelation(uint32_t number, ResolvedSource* resolved) {
  resolved->kind = ResolvedSource::kCorrelation;
  resolved->correlation = number;
  const ir::Correlation& read = compiler_.list_.correlations[number];
  for (const ir::KeyPart& part : read.group.parts) {
    resolved->fields.push_back(part.name);
  }
  for (const ir::Shown& shown : read.shown) {
    resolved->fields.push_back(shown.name);
  }
  for (const ir::Step& step : read.steps) {
    resolved->fields.push_back(step.name + ".count");
  }
  for (const char* field : {"rule.id", "rule.title", "severity"}) {
    resolved->fields.emplace_back(field);
  }
}

bool RuleCompiler::AddWhere(const Source& source, Module* module, bool shared,
                            ResolvedSource* resolved) {
  Expression where = *source.where;
  text::Reporter reporter = reporter_.ForSource(module->source());
  const ModuleScope shared_scope(*module);
  const expression::Scope& scope =
      shared ? shared_scope : static_cast<const expression::Scope&>(scope_);
  expression::Checker checker(scope, &reporter);
  if (!checker.CheckCondition(&where)) {
    ++errors_;
    return false;
  }
  WarnOfNegation(*source.where, module);
  Narrow(expression::LowerTrue(where, module->source()), resolved);
  return true;
}

// `process where not user.name : "x"`: who writes that alone means to keep
// events without a user, more often than not.
void RuleCompiler::WarnOfNegation(const Expression& where, Module* module) {
  if (where.kind != Expression::kNot) return;
  const Expression& inner = where.children[0];
  const bool plain =
      (inner.kind == Expression::kCompare || inner.kind == Expression::kMatch ||
       inner.kind == Expression::kIn) &&
      inner.children[0].kind == Expression::kField;
  if (!plain || inner.children.back().is_null()) return;
  const std::string field = ir::Print(inner.children[0].field);
  text::Reporter reporter = reporter_.ForSource(module->source());
  reporter.Warning("T325", module->source().RangeOf(where.span),
                   absl::StrCat("events without `", field,
                                "` do not match, as null is not true"),
                   absl::StrCat("to keep them: `", field, " == null or ",
                                ir::Print(where), "`"));
}

// One row fits: an `or` over rows of what they ask for.
bool RuleCompiler::AddMatches(const Expression& table, Module* module,
                              ResolvedSource* resolved) {
  text::Reporter reporter = reporter_.ForSource(module->source());
  const auto fail = [&](std::string_view code, Span span, std::string message,
                        std::string help = {}) {
    reporter.Error(code, module->source().RangeOf(span), std::move(message),
                   std::move(help));
    ++errors_;
    return false;
  };
  const TocList* const list = module->FindList(table.name);
  if (list == nullptr) {
    return fail("T307", table.name_span,
                "no list is called " + Quoted(table.name),
                module->SuggestList(table.name));
  }
  if (!list->values.usable) {
    return fail("T339", table.name_span,
                "list " + Quoted(table.name) + " is not loaded",
                "mend what is wrong with it");
  }
  if (list->columns.empty()) {
    return fail("T339", table.name_span,
                "list " + Quoted(table.name) + " has no columns",
                "name them: `columns (ip ip, port number)`; for a list of "
                "values write `field in list`");
  }
  const base::ListRows& rows = *list->values.rows;
  std::vector<Expr> any;
  size_t tests = 0;
  for (const Expression& group : table.children) {
    std::vector<std::pair<const Expression*, size_t>> pairs;
    for (const Expression& pair : group.children) {
      const auto column = std::find_if(
          list->columns.begin(), list->columns.end(),
          [&](const Column& c) { return c.name.text == pair.name; });
      if (column == list->columns.end()) {
        return fail("T339", pair.name_span,
                    "list " + Quoted(table.name) + " has no column " +
                        Quoted(pair.name));
      }
      pairs.emplace_back(&pair,
                         static_cast<size_t>(column - list->columns.begin()));
    }
    for (const std::vector<base::Value>& row : rows.rows) {
      std::vector<Expr> all;
      bool complete = true;
      for (const auto& [pair, column] : pairs) {
        const base::Value& value = row[column];
        complete = complete && !value.is_null();
        if (!complete) break;
        const ListType type = list->columns[column].type;
        const ir::Type field_type = type == ListType::kIp ? ir::Type::kIp
                                    : type == ListType::kNumber
                                        ? ir::Type::kNumber
                                        : ir::Type::kString;
        const bool folded =
            type == ListType::kNoCase || type == ListType::kDomain;
        if (pair->field.has_index()) {
          Expression field;
          field.kind = Expression::kField;
          field.field = pair->field;
          Expression equal = Expression::Of(
              Expression::kIn, {std::move(field), Expression::Literal(value)});
          equal.folded = folded;
          all.push_back(expression::LowerTrue(equal, module->source()));
          continue;
        }
        all.push_back(expression::FieldEquals(pair->field.Name(), value,
                                              field_type, folded));
      }
      if (!complete) continue;
      if (rows.expires && !row[*rows.expires].is_null()) {
        Expression age;
        age.kind = Expression::kCall;
        age.name = "age";
        age.children.push_back(Expression::Literal(row[*rows.expires]));
        Expression before = Expression::Of(
            Expression::kCompare,
            {std::move(age), Expression::Literal(base::Value::Duration(0))});
        before.op = ir::Operator::kLt;
        all.push_back(expression::LowerTrue(before, module->source()));
      }
      tests += all.size();
      if (tests > kMaxTableTests) {
        return fail("T341", table.name_span,
                    absl::StrCat("list ", base::ToAbsl(Quoted(table.name)),
                                 " is too long for `matches`: more than ",
                                 kMaxTableTests, " tests"));
      }
      any.push_back(Expr::And(std::move(all)));
    }
  }
  resolved->table = table.name;
  Narrow(Expr::Or(std::move(any)), resolved);
  return true;
}

}  // namespace tocsin::toc
