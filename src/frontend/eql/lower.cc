#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/eql/aliases.h"
#include "src/frontend/eql/eql.h"
#include "src/frontend/expression/lower.h"

namespace tocsin::eql {

std::optional<ir::Expr> LowerEvent(const EventQuery& event,
                                   const EqlOptions& options,
                                   text::Reporter* reporter) {
  ir::Expression condition = event.condition;
  if (!Check(&condition, false, options, reporter)) return std::nullopt;
  std::vector<ir::Expr> both;
  if (!event.any) {
    // One category of several is enough.
    both.push_back(expression::FieldEquals(
        options.category_field, base::Value::String(event.category),
        ir::Type::kString, options.dialect.folds));
  }
  both.push_back(expression::LowerTrue(condition, reporter->source()));
  ir::Expr all = ir::Expr::And(std::move(both));
  ir::SetMapped(&all);
  all.range = reporter->source().RangeOf(event.span);
  return all;
}

namespace {

// A sequence without `maxspan` has all the time there is.
constexpr absl::Duration kNoLimit = absl::Hours(24 * 365 * 100);
// How long the events of a sample or join may lie apart in a stream.
constexpr absl::Duration kSampleSpan = absl::Hours(24);

class QueryLowerer {
 public:
  QueryLowerer(const Query& query, const EqlOptions& options,
               const RuleInfo& info, text::Reporter* reporter)
      : query_(query), options_(options), info_(info), reporter_(*reporter) {}

  std::optional<Lowered> Run(ir::RuleList* list) {
    const bool until_first = options_.dialect.is_endgame();
    // Events of an `until` are looked at behind all others, or before them:
    // later steps come first.
    if (query_.until && !until_first) AddStep(*query_.until, "until");
    int number = 0;
    for (const Stage& stage : query_.stages) {
      const uint32_t step = AddStep(stage, absl::StrCat("event", ++number));
      const std::optional<uint32_t> condition = AddCondition(stage, step);
      for (int run = 0; run < stage.runs; ++run) {
        correlation_.pattern.stages.push_back({.step = step,
                                               .missing = stage.missing,
                                               .keeps = stage.keeps,
                                               .condition = condition});
      }
      if (!stage.alias.empty()) {
        aliases_.Add(stage.alias, step, correlation_.steps[step].name);
      }
    }
    if (query_.until && until_first) AddStep(*query_.until, "until");
    if (query_.until) {
      correlation_.pattern.until = {
          until_first ? static_cast<uint32_t>(correlation_.steps.size() - 1)
                      : 0};
    }
    const bool too_many = correlation_.pattern.stages.size() > ir::kMaxStages ||
                          correlation_.steps.size() > ir::kMaxSteps;
    if (too_many) {
      failed_ = true;
      reporter_.Error(
          "T401", reporter_.source().RangeOf(query_.span),
          absl::StrCat("a sequence has at most ", ir::kMaxSteps, " steps, and ",
                       ir::kMaxStages, " with their runs"));
    }
    AddKeys();
    if (failed_) return std::nullopt;
    FillIn();
    const auto first = static_cast<uint32_t>(list->rules.size());
    for (ir::Step& step : correlation_.steps) step.source_index += first;
    for (ir::SequenceStage& stage : correlation_.pattern.stages) {
      if (stage.condition) *stage.condition += first;
    }
    for (ir::Rule& rule : rules_) list->rules.push_back(std::move(rule));
    list->correlations.push_back(std::move(correlation_));
    return Lowered{true, static_cast<uint32_t>(list->correlations.size() - 1)};
  }

 private:
  uint32_t AddStep(const Stage& stage, const std::string& name) {
    EventQuery event = stage.event;
    const int errors = reporter_.errors();
    about_others_ = aliases_.TakeOut(stage.alias, &event.condition, &reporter_);
    if (reporter_.errors() > errors) failed_ = true;
    std::optional<ir::Expr> condition = LowerEvent(event, options_, &reporter_);
    if (!condition) failed_ = true;
    ir::Rule rule;
    rule.info = info_;
    rule.info.id = absl::StrCat(info_.id, ".", name);
    rule.info.name = rule.info.id;
    rule.role = ir::RuleRole::kStep;
    if (condition) rule.condition = *std::move(condition);
    ir::Step step;
    step.name = name;
    step.source_index = static_cast<uint32_t>(rules_.size());
    step.range = reporter_.source().RangeOf(stage.span);
    rules_.push_back(std::move(rule));
    correlation_.steps.push_back(std::move(step));
    of_steps_.push_back(&stage);
    return static_cast<uint32_t>(correlation_.steps.size() - 1);
  }

  // The rule for what a step says of earlier ones, which was taken out of its
  // condition; its number.
  std::optional<uint32_t> AddCondition(const Stage& stage, uint32_t step) {
    if (about_others_.empty()) return std::nullopt;
    if (stage.missing || query_.kind != Query::kSequence) {
      failed_ = true;
      reporter_.Error("T404", reporter_.source().RangeOf(stage.span),
                      "this step cannot look at the events of others",
                      "steps of a `sequence` that are not missing can");
      return std::nullopt;
    }
    std::vector<std::string> steps;
    for (const ir::Step& other : correlation_.steps) {
      steps.push_back(other.name);
    }
    for (ir::Expression& part : about_others_) {
      aliases_.NameSteps(step, correlation_.steps[step].name, &part,
                         &correlation_.where_fields);
    }
    ir::Expression all =
        about_others_.size() == 1
            ? std::move(about_others_[0])
            : ir::Expression::Of(ir::Expression::kAnd, std::move(about_others_),
                                 stage.event.span);
    about_others_.clear();
    if (!CheckOverSteps(&all, steps, options_, &reporter_)) {
      failed_ = true;
      return std::nullopt;
    }
    ir::Rule rule;
    rule.info = info_;
    rule.info.id = absl::StrCat(info_.id, ".", correlation_.steps[step].name,
                                ".condition");
    rule.info.name = rule.info.id;
    rule.role = ir::RuleRole::kCondition;
    rule.condition = expression::LowerTrue(all, reporter_.source());
    rules_.push_back(std::move(rule));
    return static_cast<uint32_t>(rules_.size() - 1);
  }

  // Keys of the head, then those of each step, by their place.
  void AddKeys() {
    for (const ir::Expression& key : query_.keys) {
      AddPart([&](size_t) { return &key; });
    }
    for (size_t i = 0; i < query_.stages[0].keys.size(); ++i) {
      AddPart([&](size_t step) { return &of_steps_[step]->keys[i]; });
    }
  }

  template <typename KeyOf>
  void AddPart(const KeyOf& key_of) {
    ir::KeyPart part;
    for (size_t step = 0; step < of_steps_.size(); ++step) {
      const ir::Expression& key = *key_of(step);
      part.fields.push_back({FieldOf(key)});
      const bool optional =
          key.kind == ir::Expression::kField && key.field.optional;
      // Null joins null in the old dialect.
      if (optional || options_.dialect.is_endgame()) {
        part.missing_in.push_back(static_cast<uint32_t>(step));
      }
    }
    const size_t named = query_.until && !options_.dialect.is_endgame() ? 1 : 0;
    part.name = part.fields[named][0];
    correlation_.group.parts.push_back(std::move(part));
  }

  // Of a key that is no plain field, one that is worked out.
  std::string FieldOf(const ir::Expression& key) {
    if (key.kind == ir::Expression::kField && !key.field.has_index()) {
      return key.field.Name();
    }
    ir::Expression checked = key;
    if (!Check(&checked, true, options_, &reporter_)) {
      failed_ = true;
      return "?";
    }
    std::string name = ir::Print(checked);
    for (const ir::ComputedField& other : correlation_.computed) {
      if (other.name == name) return name;
    }
    correlation_.computed.push_back(
        {name, std::make_shared<const ir::Expression>(std::move(checked))});
    return name;
  }

  void FillIn() {
    correlation_.info = info_;
    correlation_.pattern.kind = ir::Pattern::kSequence;
    correlation_.pattern.until_first = options_.dialect.is_endgame();
    correlation_.pattern.unordered = query_.kind != Query::kSequence;
    correlation_.window.span = query_.maxspan.value_or(
        query_.kind == Query::kSample ? kSampleSpan : kNoLimit);
    correlation_.fire = base::FirePolicy::kEvery;
    correlation_.order = base::OrderMode::kStrict;
    correlation_.mapped = true;
    correlation_.range = reporter_.source().RangeOf(query_.span);
  }

  const Query& query_;
  const EqlOptions& options_;
  const RuleInfo& info_;
  text::Reporter& reporter_;
  ir::Correlation correlation_;
  std::vector<ir::Rule> rules_;
  std::vector<const Stage*> of_steps_;
  Aliases aliases_{options_.dialect.endpoint};
  std::vector<ir::Expression> about_others_;  // Of the step added last.
  bool failed_ = false;
};

}  // namespace

std::optional<Lowered> LowerQuery(const Query& query, const EqlOptions& options,
                                  const RuleInfo& info,
                                  text::Reporter* reporter,
                                  ir::RuleList* list) {
  if (query.kind != Query::kEvent) {
    return QueryLowerer(query, options, info, reporter).Run(list);
  }
  std::optional<ir::Expr> condition =
      LowerEvent(query.event, options, reporter);
  if (!condition) return std::nullopt;
  ir::Rule rule;
  rule.info = info;
  rule.condition = *std::move(condition);
  list->rules.push_back(std::move(rule));
  return Lowered{false, static_cast<uint32_t>(list->rules.size() - 1)};
}

std::optional<Query> ParseForStream(const text::Source& source,
                                    const EqlOptions& options,
                                    text::Reporter* reporter) {
  std::optional<Query> query = Parse(source, options, reporter);
  if (!query) return std::nullopt;
  if (!query->pipes.empty()) {
    reporter->Error("T402", source.RangeOf(query->pipes[0].span),
                    "a rule over a stream has no pipes",
                    "a stream has no end to count from: drop the pipe");
    return std::nullopt;
  }
  if (!query->lineages.empty()) {
    reporter->Error("T403", source.RangeOf(query->span),
                    absl::StrCat("`", query->lineages[0].relation,
                                 " of` is known in a replay only"),
                    "join the events by `process.entity_id` in a `sequence`");
    return std::nullopt;
  }
  return query;
}

bool CompileEql(const text::Source& source, const EqlOptions& options,
                ir::RuleList* list, Diagnostics* diagnostics) {
  text::Reporter reporter(source, diagnostics);
  RuleInfo info;
  info.format = "eql";
  info.path = source.path();
  info.line = 1;
  const std::string& path = source.path();
  const size_t slash = path.rfind('/');
  info.name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  info.name = info.name.substr(0, info.name.rfind('.'));
  info.id = info.name;
  info.title = info.name;
  reporter.set_rule(info.id, info.title);
  const std::optional<Query> query = ParseForStream(source, options, &reporter);
  if (!query) return false;
  return LowerQuery(*query, options, info, &reporter, list).has_value();
}

}  // namespace tocsin::eql
