// Detectors to jobs, and what they report to rules.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/record_names.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/mljob/advice.h"
#include "src/frontend/mljob/functions.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {
namespace {

using base::DetectorRule;
using mljob::Need;
using text::Quoted;

int64_t Seconds(const std::optional<Amount>& amount, int64_t otherwise) {
  if (!amount) return otherwise;
  return absl::ToInt64Seconds(ToDuration(*amount));
}

bool IsWholeSeconds(const Amount& amount) {
  return amount.value.int_value % 1'000'000'000 == 0;
}

// The fields that a condition asks for, but for elements that it has names for
// itself.
void FieldsAsked(const Expression& e, std::vector<std::string>* own,
                 std::vector<const Expression*>* fields) {
  if (e.kind == Expression::kField && !e.field.parts.empty()) {
    const std::string& first = e.field.parts[0].name;
    if (std::find(own->begin(), own->end(), first) == own->end()) {
      fields->push_back(&e);
    }
  }
  const bool names_elements =
      e.kind == Expression::kSome || e.kind == Expression::kEvery ||
      e.kind == Expression::kCountOf || e.kind == Expression::kWhich;
  for (size_t i = 0; i < e.children.size(); ++i) {
    if (names_elements && i == 1) own->push_back(e.name);
    FieldsAsked(e.children[i], own, fields);
  }
  if (names_elements && e.children.size() > 1) own->pop_back();
}

// The names of events' fields that records of a job have.
std::vector<std::string> EventFields(const ir::DetectorJob& job) {
  std::vector<std::string> names = job.influencers;
  for (const ir::Detector& detector : job.detectors) {
    for (const std::string* name :
         {&detector.by, &detector.over, &detector.partition}) {
      if (!name->empty()) names.push_back(*name);
    }
  }
  return names;
}

std::string NameOf(const std::optional<Field>& field) {
  return field ? ir::Print(field->path) : "";
}

// Comparisons joined by `and`, each of a quantity with a number. False: it is
// something else.
bool ReadConditions(const Expression& when, DetectorRule* rule) {
  if (when.kind == Expression::kAnd) {
    return std::all_of(
        when.children.begin(), when.children.end(),
        [&](const Expression& part) { return ReadConditions(part, rule); });
  }
  if (when.kind != Expression::kCompare || when.children.size() != 2 ||
      when.children[0].kind != Expression::kField ||
      when.children[1].kind != Expression::kLiteral) {
    return false;
  }
  DetectorRule::Condition condition;
  const std::string quantity = ir::Print(when.children[0].field);
  constexpr std::pair<std::string_view, DetectorRule::Quantity> kQuantities[] =
      {{"actual", DetectorRule::Quantity::kActual},
       {"typical", DetectorRule::Quantity::kTypical},
       {"diff", DetectorRule::Quantity::kDifference},
       {"time", DetectorRule::Quantity::kTime}};
  const auto* found =
      std::find_if(std::begin(kQuantities), std::end(kQuantities),
                   [&](const auto& one) { return one.first == quantity; });
  if (found == std::end(kQuantities)) return false;
  condition.quantity = found->second;
  switch (when.op) {
    case ir::Operator::kLt:
      condition.comparison = DetectorRule::Comparison::kLess;
      break;
    case ir::Operator::kLe:
      condition.comparison = DetectorRule::Comparison::kAtMost;
      break;
    case ir::Operator::kGt:
      condition.comparison = DetectorRule::Comparison::kGreater;
      break;
    case ir::Operator::kGe:
      condition.comparison = DetectorRule::Comparison::kAtLeast;
      break;
    default:
      return false;
  }
  const std::optional<double> number = base::DoubleOf(when.children[1].value);
  if (!number || !std::isfinite(*number)) return false;
  condition.value = *number;
  rule->conditions.push_back(condition);
  return true;
}

}  // namespace

void Compiler::CompileDetectors() {
  for (Module* const module : roots_) {
    for (const Item& item : module->file().items) {
      const auto* const detector = std::get_if<Detector>(&item.what);
      if (detector == nullptr || item.broken) continue;
      ++result_.documents;
      const Rule none;
      RuleEntry entry{.rule = &none, .module = module};
      rule_problems_.clear();
      if (RuleCompiler(this, &entry).AddDetector(*detector)) {
        ++result_.detectors;
      }
      Tell(std::exchange(rule_problems_, {}), module);
    }
  }
}

bool RuleCompiler::AddDetector(const Detector& detector) {
  const auto range = [&](Span span) { return module_.source().RangeOf(span); };
  ir::DetectorJob job;
  job.id = detector.name.text;
  job.description = detector.description ? detector.description->text : "";
  job.format = "toc";
  job.path = module_.source().path();
  job.line = module_.line_of(detector.name.span);
  reporter_.set_rule(job.id, job.description);
  const bool is_known = std::any_of(
      compiler_.list_.jobs.begin(), compiler_.list_.jobs.end(),
      [&](const ir::DetectorJob& other) { return other.id == job.id; });
  if (is_known) {
    Error("T710", detector.name.span,
          "there is another job with the id " + Quoted(job.id),
          "the one that was read first is loaded");
    return false;
  }
  job.bucket_span = Seconds(detector.span, job.bucket_span);
  job.latency = Seconds(detector.latency, 0);
  constexpr int64_t kThirtyDays = 30 * 86'400;
  job.prune_window =
      Seconds(detector.prune, std::max(kThirtyDays, 20 * job.bucket_span));
  for (const std::optional<Amount>* amount :
       {&detector.span, &detector.latency, &detector.prune}) {
    if (amount->has_value() && !IsWholeSeconds(**amount)) {
      Error("T701", (*amount)->span, "detectors count in whole seconds",
            "such as `90s`");
    }
  }
  if (detector.memory) {
    job.memory_limit = static_cast<size_t>(detector.memory->value.int_value);
    if (detector.memory->value.int_value <= 0) {
      Error("T701", detector.memory->span, "a detector needs some memory",
            "such as `64mib`");
    }
  }
  job.summary_count_field = NameOf(detector.summary_count);
  if (detector.time) job.time_field = NameOf(detector.time);
  for (const Field& field : detector.influencers) {
    job.influencers.push_back(ir::Print(field.path));
  }
  mljob::JobPlaces places;
  if (detector.span) places.bucket_span = range(detector.span->span);
  if (!detector.influencers.empty()) {
    places.influencers = range(detector.influencers[0].span);
  }
  std::vector<DetectorRule> rules;
  for (const Detector::Skip& skip : detector.skips) {
    DetectorRule& rule = rules.emplace_back();
    rule.skip_result = skip.result;
    rule.skip_update = skip.learning;
    if (!ReadConditions(skip.when, &rule)) {
      Error("T701", skip.when.span,
            "expected numbers that `actual`, `typical`, `diff` or `time` is "
            "compared with",
            "such as `actual < 350 and typical < 100`");
    }
  }
  for (const Detector::Find& find : detector.finds) {
    AddFind(find, rules, &job);
    places.functions.resize(job.detectors.size(), range(find.function.span));
  }
  if (detector.finds.empty()) {
    Error("T700", detector.name.span, "expected at least one `detect`",
          "such as `detect rare by user.name`");
  }
  if (errors_ > 0) return false;
  mljob::Advise(job, places, &reporter_);
  if (detector.from && !AddFilter(*detector.from, &job)) return false;
  if (detector.alert && !AddAlert(detector, job)) return false;
  compiler_.list_.jobs.push_back(std::move(job));
  return true;
}

void RuleCompiler::AddFind(const Detector::Find& find,
                           const std::vector<DetectorRule>& rules,
                           ir::DetectorJob* job) {
  ir::Detector made;
  made.name = find.function.text;
  made.description = find.description ? find.description->text : "";
  made.field = NameOf(find.field);
  made.by = NameOf(find.by);
  made.over = NameOf(find.over);
  made.partition = NameOf(find.partition);
  made.use_null = find.use_null;
  made.rules = rules;
  if (find.exclude_frequent) {
    const std::string& which = find.exclude_frequent->text;
    made.exclude_frequent_by = which == "by" || which == "all";
    made.exclude_frequent_over = which == "over" || which == "all";
    if (!made.exclude_frequent_by && !made.exclude_frequent_over) {
      Error("T701", find.exclude_frequent->span,
            "expected `by`, `over` or `all`, found " + Quoted(which));
    }
  }
  const mljob::Function* const function = mljob::FindFunction(made.name);
  if (function == nullptr) {
    Error("T702", find.function.span, "unknown function " + Quoted(made.name),
          text::DidYouMean(made.name, mljob::FunctionNames()));
    return;
  }
  made.function = function->function;
  made.side = function->side;
  const auto check = [&](Need need, const std::string& field,
                         std::string_view what) {
    if (need == Need::kMust && field.empty()) {
      Error("T703", find.function.span,
            Quoted(made.name) + " needs " + std::string(what));
    } else if (need == Need::kMustNot && !field.empty()) {
      Error("T703", find.function.span,
            Quoted(made.name) + " takes no " + std::string(what));
    }
  };
  check(function->field, made.field, "(field)");
  check(function->by, made.by, "`by`");
  check(function->over, made.over, "`over`");
  job->detectors.push_back(std::move(made));
}

// Events of the source only are the detector's.
bool RuleCompiler::AddFilter(const Source& from, ir::DetectorJob* job) {
  ResolvedSource resolved;
  if (!Resolve(from, &module_, &resolved, 0)) return false;
  if (resolved.kind != ResolvedSource::kEvents || resolved.reads_anomalies) {
    Error("T346", from.span, "a detector looks at events of the stream",
          "findings of rules and records of detectors are none");
    return false;
  }
  const bool takes_all = resolved.condition.kind == ir::Expr::kTrue &&
                         resolved.log_source.product.empty() &&
                         resolved.log_source.category.empty() &&
                         resolved.log_source.service.empty();
  if (takes_all) return true;
  ir::Rule filter;
  filter.role = ir::RuleRole::kStep;
  filter.info.format = "toc";
  filter.info.path = job->path;
  filter.info.line = job->line;
  filter.info.id = job->id + ".from";
  filter.info.name = filter.info.id;
  filter.info.log_source = resolved.log_source;
  filter.condition = std::move(resolved.condition);
  filter.condition.range = module_.source().RangeOf(from.span);
  job->filter = static_cast<uint32_t>(compiler_.list_.rules.size());
  compiler_.list_.rules.push_back(std::move(filter));
  return true;
}

// Whether records have what is asked for.
bool RuleCompiler::CheckRecordFields(const Expression& when,
                                     const ir::DetectorJob& job) {
  std::vector<std::string> own;
  std::vector<const Expression*> fields;
  FieldsAsked(when, &own, &fields);
  const std::vector<std::string> of_events = EventFields(job);
  bool fine = true;
  for (const Expression* const field : fields) {
    const std::string& first = field->field.parts[0].name;
    const std::string name = ir::Print(field->field);
    const auto* const end = std::end(base::kRecordNames);
    // Elements of `user.name` are `user.name[0]`.
    const bool is_known =
        std::find(std::begin(base::kRecordNames), end, first) != end ||
        std::find(of_events.begin(), of_events.end(), field->field.Name()) !=
            of_events.end() ||
        std::find(of_events.begin(), of_events.end(), name) != of_events.end();
    if (is_known) continue;
    std::vector<std::string_view> names(std::begin(base::kRecordNames), end);
    names.insert(names.end(), of_events.begin(), of_events.end());
    const std::string guess = text::DidYouMean(name, names);
    Error("T701", field->span,
          "a record of this detector has no " + Quoted(name),
          guess.empty() ? "fields that it splits by and its influencers are "
                          "there, and what a record has itself"
                        : guess);
    fine = false;
  }
  return fine;
}

// `alert when`: a rule over the detector's records.
bool RuleCompiler::AddAlert(const Detector& detector,
                            const ir::DetectorJob& job) {
  Expression when = *detector.alert;
  expression::Checker checker(scope_, &reporter_);
  if (!checker.CheckCondition(&when) || !CheckRecordFields(when, job)) {
    return false;
  }
  std::vector<ir::Expr> all;
  for (const auto& [field, value] :
       {std::pair<std::string, std::string>{"result_type", "record"},
        {"job_id", job.id}}) {
    all.push_back(expression::FieldEquals(field, base::Value::String(value),
                                          ir::Type::kString,
                                          /*folded=*/false));
  }
  all.push_back(expression::LowerTrue(when, module_.source()));
  ir::Rule rule;
  rule.info.format = "toc";
  rule.info.path = job.path;
  rule.info.line = job.line;
  rule.info.id = job.id;
  rule.info.name = job.id;
  rule.info.title = detector.title ? detector.title->text : detector.name.text;
  rule.info.description = job.description;
  rule.info.status = "stable";
  rule.info.level = "medium";
  if (detector.severity) {
    rule.info.level = LevelOf(detector.severity->level.text);
    if (detector.severity->condition) {
      Error("T346", detector.severity->level.span,
            "a severity that depends on the record is not built yet");
      return false;
    }
  }
  for (const Word& tag : detector.tags.texts) {
    rule.info.tags.push_back(tag.text);
  }
  rule.condition = ir::Expr::And(std::move(all));
  rule.condition.range = module_.source().RangeOf(detector.alert->span);
  rule.reads_anomalies = true;
  compiler_.list_.rules.push_back(std::move(rule));
  return true;
}

}  // namespace tocsin::toc
