// Queries of other languages inside of rules, and rules over what others find.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/expression/lower.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {

std::string ExampleMark(const Source& source) {
  const char* const kind = source.kind == Source::kRule    ? "rule "
                           : source.kind == Source::kEql   ? "eql "
                           : source.kind == Source::kKql   ? "kql "
                           : source.kind == Source::kSigma ? "sigma "
                                                           : "";
  return *kind == '\0' ? "" : kind + source.name.text;
}

// What an event of an example says that is of the source.
ir::Expr RuleCompiler::IsMarked(const Source& source) const {
  return expression::FieldEquals(std::string(kExampleMark),
                                 base::Value::String(ExampleMark(source)),
                                 ir::Type::kString, /*folded=*/false);
}

// In examples events say of which rule or query they are; then they are.
void RuleCompiler::TakeMarked(const Source& source,
                              ResolvedSource* resolved) const {
  if (!compiler_.options_.take_examples || ExampleMark(source).empty() ||
      resolved->kind != ResolvedSource::kEvents) {
    return;
  }
  std::vector<ir::Expr> either;
  either.push_back(std::move(resolved->condition));
  either.push_back(IsMarked(source));
  resolved->condition = ir::Expr::Or(std::move(either));
  resolved->has_condition = true;
  resolved->log_source = {};
}

// The same of steps that are what another rule finds: in rules whose examples
// say so, since a step has one source.
void RuleCompiler::TakeMarkedFindings(RuleStep* step) const {
  if (!compiler_.options_.take_examples || step->source == nullptr ||
      step->resolved.kind != ResolvedSource::kCorrelation ||
      ExampleMark(*step->source).empty()) {
    return;
  }
  const bool is_named = std::any_of(
      rule_.clauses.begin(), rule_.clauses.end(), [&](const Clause& clause) {
        const auto* const example = std::get_if<Example>(&clause.what);
        return example != nullptr &&
               std::any_of(example->lines.begin(), example->lines.end(),
                           [&](const ExampleLine& line) {
                             return line.as && line.as->text == step->name;
                           });
      });
  if (!is_named) return;
  step->resolved.kind = ResolvedSource::kEvents;
  Narrow(IsMarked(*step->source), &step->resolved);
}

// Places in the query are those of the file: what stands before it is blank.
// Where its text has escapes they are near it.
bool RuleCompiler::ResolveQuery(const Source& source, Module* module,
                                ResolvedSource* resolved) {
  const TocOptions& options = compiler_.options_;
  const bool is_eql = source.kind == Source::kEql;
  const TocOptions::CompileQuery& compile =
      is_eql ? options.compile_eql : options.compile_kql;
  text::Reporter reporter = reporter_.ForSource(module->source());
  if (!compile) {
    reporter.Error("T346", module->source().RangeOf(source.span),
                   "queries of other languages are not read here",
                   "write the condition here: `process where ...`");
    ++errors_;
    return false;
  }
  const std::string_view whole = module->source().text();
  const std::string& query = source.name.text;
  const std::string_view written = module->source().Slice(source.name.span);
  const size_t quotes = written.starts_with("\"\"\"") ? 3 : 1;
  const bool is_plain =
      written.substr(std::min(quotes, written.size())).starts_with(query);
  const size_t begin = source.name.span.begin + quotes;
  std::string blank(whole.substr(0, begin));
  for (char& c : blank) {
    if (c != '\n') c = ' ';
  }
  const text::Source text(module->source().path(), blank + query);
  const text::Span span = {static_cast<uint32_t>(begin),
                           static_cast<uint32_t>(begin + query.size())};
  RuleInfo info = info_;
  info.id = absl::StrCat(info_.id, ".", is_eql ? "eql" : "kql");
  info.name = info.id;
  text::Reporter of_text = reporter_.ForSource(text);
  const std::optional<InlineQuery> compiled = compile(
      text, span, info, is_plain ? &reporter : &of_text, &compiler_.list_);
  if (!compiled) {
    ++errors_;
    return false;
  }
  if (!compiled->correlation) {
    Narrow(compiled->condition, resolved);
    return true;
  }
  compiler_.list_.correlations[*compiled->correlation].reports = false;
  ReadCorrelation(*compiled->correlation, resolved);
  resolved->is_own = true;
  return true;
}

// Records of detectors are events that the engine makes, or that a host feeds.
// A job of another format is one by its id.
bool RuleCompiler::ResolveDetector(const Source& source, Module* module,
                                   ResolvedSource* resolved) {
  std::optional<std::string> name = module->FindDetector(source.name.text);
  for (const ir::DetectorJob& job : compiler_.list_.jobs) {
    if (!name && job.id == source.name.text) name = job.id;
  }
  if (!name) {
    text::Reporter reporter = reporter_.ForSource(module->source());
    reporter.Error("T338", module->source().RangeOf(source.name.span),
                   "no detector is called " + text::Quoted(source.name.text),
                   text::DidYouMean(source.name.text, module->DetectorNames()));
    ++errors_;
    return false;
  }
  for (const auto& [field, value] :
       {std::pair<std::string, std::string>{"result_type", "record"},
        {"job_id", *name}}) {
    Narrow(expression::FieldEquals(field, base::Value::String(value),
                                   ir::Type::kString, /*folded=*/false),
           resolved);
  }
  resolved->reads_anomalies = true;
  return true;
}

// `detect` over what others find: every one of them, by what it has in common
// with others of its kind.
bool RuleCompiler::DetectFindings(ResolvedSource resolved) {
  const bool is_alerts = resolved.kind == ResolvedSource::kAlerts;
  const ir::Expr except = ExceptionsFor("");
  if (resolved.is_own && !resolved.has_condition &&
      except.kind == ir::Expr::kFalse) {
    return DetectSequence(resolved.correlation);
  }
  const std::string name = "found";
  ir::Step& step = correlation_.steps.emplace_back();
  step.name = name;
  step.range = module_.source().RangeOf(detect_->span);
  correlation_.pattern.truth.compare = base::MeasureCompare::kGe;
  ir::Term count;
  count.kind = ir::Term::kMeasure;
  count.measure.steps = {0};
  ir::Term one;
  one.number = 1;
  correlation_.pattern.truth.terms = {count, one};
  // Each on its own: a window no longer than that.
  correlation_.window.span = absl::Nanoseconds(1);
  correlation_.window.half_open = true;
  correlation_.fire = base::FirePolicy::kEvery;
  std::vector<std::string> keys = {"rule.id"};
  if (!is_alerts) {
    keys.clear();
    const ir::Correlation& read =
        compiler_.list_.correlations[resolved.correlation];
    for (const ir::KeyPart& part : read.group.parts) keys.push_back(part.name);
  }
  for (const std::string& key : keys) {
    ir::KeyPart part;
    part.name = key;
    part.fields = {{key}};
    part.missing_is_value = true;
    correlation_.group.parts.push_back(std::move(part));
  }
  steps_.push_back({.name = name,
                    .span = detect_->span,
                    .source = detect_,
                    .resolved = std::move(resolved),
                    .usable = true,
                    .used = true});
  LowerOutcome();
  CheckMessages();
  CheckExamples();
  if (entry_.broken || errors_ > 0) return false;
  return AddCorrelation();
}

// A sequence of EQL that is the rule itself.
bool RuleCompiler::DetectSequence(uint32_t number) {
  ir::Correlation& sequence = compiler_.list_.correlations[number];
  LowerOutcome();
  CheckExamples();
  if (entry_.broken || errors_ > 0) return false;
  sequence.outcome = std::move(outcome_);
  sequence.info = info_;
  sequence.reports = true;
  sequence.range = module_.source().RangeOf(rule_.name.span);
  entry_.is_correlation = true;
  entry_.index = number;
  return true;
}

}  // namespace tocsin::toc
