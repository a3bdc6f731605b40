#include "src/frontend/elastic/lower.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/elastic/embedded.h"
#include "src/frontend/elastic/filter.h"
#include "src/frontend/elastic/members.h"
#include "src/frontend/elastic/routing.h"
#include "src/frontend/eql/eql.h"
#include "src/frontend/esql/esql.h"
#include "src/frontend/kql/kql.h"
#include "src/frontend/kql/lower.h"
#include "src/frontend/kql/parser.h"
#include "src/frontend/lucene/lucene.h"

namespace tocsin::elastic {
namespace {

using base::ToAbsl;
using ir::Expr;
using text::Quoted;

constexpr size_t kMostKeys = 10;
constexpr size_t kMostMappings = 64;
// How long an indicator counts where its query does not say.
constexpr absl::Duration kIndicatorLife = absl::Hours(24 * 30);

class RuleLowerer {
 public:
  RuleLowerer(const Rule& rule, const LowerContext& context,
              text::Reporter* reporter, ir::RuleList* list)
      : rule_(rule),
        context_(context),
        reporter_(*reporter),
        members_(*rule.object, reporter),
        list_(*list) {}

  bool Lower() {
    const int before = reporter_.errors();
    const size_t first_rule = list_.rules.size();
    const size_t first_correlation = list_.correlations.size();
    std::vector<Expr> around = Around();
    switch (rule_.type) {
      case RuleType::kQuery:
        LowerQuery();
        break;
      case RuleType::kEql:
        LowerEql();
        break;
      case RuleType::kThreshold:
        LowerThreshold();
        break;
      case RuleType::kNewTerms:
        LowerNewTerms();
        break;
      case RuleType::kMachineLearning:
        LowerMachineLearning();
        break;
      case RuleType::kThreatMatch:
        LowerThreatMatch();
        break;
      case RuleType::kEsql:
        LowerEsql(&around);
        break;
    }
    ReadOutcome(first_rule, first_correlation);
    ReadTime(first_correlation);
    TellIdle(rule_, list_.correlations.size() > first_correlation, &reporter_);
    if (reporter_.errors() > before) {
      list_.rules.resize(first_rule);
      list_.correlations.resize(first_correlation);
      return false;
    }
    for (size_t i = first_rule; i < list_.rules.size(); ++i) {
      Expr& condition = list_.rules[i].condition;
      if (rule_.off != nullptr) {
        condition = Expr::False();
        condition.range = members_.RangeOf(*rule_.off);
        continue;
      }
      const bool is_asked_of_events =
          list_.rules[i].role != ir::RuleRole::kCondition &&
          !bare_rules_.contains(i);
      if (!is_asked_of_events) continue;
      list_.rules[i].reads_alerts = reads_alerts_;
      const text::Range range = condition.range;
      std::vector<Expr> all;
      if (condition.kind != Expr::kTrue) all.push_back(std::move(condition));
      all.insert(all.end(), around.begin(), around.end());
      condition = Expr::And(std::move(all));
      condition.range = range;
    }
    return true;
  }

 private:
  void Error(std::string_view code, const Value& at, std::string message,
             std::string help = {}) {
    reporter_.Error(code, members_.RangeOf(at), std::move(message),
                    std::move(help));
  }

  // --- What becomes of what it finds.

  void ReadOutcome(size_t first_rule, size_t first_correlation) {
    ir::Outcome outcome;
    const std::optional<ir::SuppressPolicy> suppress = ReadSuppression();
    outcome.severities = ReadSeverities();
    outcome.severities_replace = true;
    ReadScore(&outcome);
    outcome.title_field = members_.Text("rule_name_override");
    outcome.limit = {.most = rule_.max_signals, .span = rule_.interval};
    if (list_.correlations.size() > first_correlation) {
      outcome.subject = rule_.type == RuleType::kEql           ? "*"
                        : rule_.type == RuleType::kNewTerms    ? "events"
                        : rule_.type == RuleType::kThreatMatch ? "event"
                                                               : "";
      list_.correlations.back().outcome = std::move(outcome);
      if (suppress) SuppressIncidents(*suppress);
      return;
    }
    if (list_.rules.size() == first_rule) return;
    outcome.suppress = suppress;
    // Elsewhere lists are equal as a whole.
    if (suppress && rule_.type == RuleType::kQuery) {
      outcome.suppress->splits_lists = true;
    }
    list_.rules.back().outcome =
        std::make_shared<const ir::Outcome>(std::move(outcome));
  }

  // When events were, for a rule that says where that stands.
  void ReadTime(size_t first_correlation) {
    const bool is_over_events = rule_.type == RuleType::kEql ||
                                rule_.type == RuleType::kThreshold ||
                                rule_.type == RuleType::kNewTerms;
    if (!is_over_events || list_.correlations.size() == first_correlation) {
      return;
    }
    list_.correlations.back().time_field = rule_.time_field;
  }

  // A mapping that says what none can is told of, and has no effect.
  void IgnoreMapping(const Value& at, std::string message) {
    reporter_.Warning("T605", members_.RangeOf(at), std::move(message),
                      "the mapping has no effect");
  }

  bool IsEquals(const Members& mapping) {
    const Value* word = mapping.Find("operator", Value::kString);
    if (word == nullptr || word->text == "equals") return true;
    IgnoreMapping(*word, "the `operator` of a mapping is equals, found " +
                             Quoted(word->text));
    return false;
  }

  // Of several mappings the first alone counts, as in Kibana.
  void ReadScore(ir::Outcome* outcome) {
    bool is_first = true;
    for (const Value* item : members_.Objects("risk_score_mapping")) {
      const Members mapping(*item, &reporter_);
      std::string field = mapping.RequiredText("field");
      const bool counts = IsEquals(mapping) && is_first;
      is_first = false;
      if (counts) outcome->score_fields.push_back(std::move(field));
    }
  }

  // Severities that a value of the finding gives.
  std::vector<ir::SeverityIf> ReadSeverities() {
    std::vector<ir::SeverityIf> severities;
    for (const Value* item : members_.Objects("severity_mapping")) {
      const Members mapping(*item, &reporter_);
      const std::string field = mapping.RequiredText("field");
      const std::string level = mapping.RequiredText("severity");
      if (field.empty() || level.empty()) continue;
      if (!IsSeverity(level)) {
        IgnoreMapping(*mapping.Find("severity"),
                      "`severity` is low, medium, high or critical, found " +
                          Quoted(level));
        continue;
      }
      if (!IsEquals(mapping)) continue;
      const Value* value = mapping.Find("value");
      const std::optional<std::string> text =
          value == nullptr ? std::nullopt : FilterLowerer::ScalarText(*value);
      if (!text) {
        IgnoreMapping(value == nullptr ? *item : *value,
                      "the `value` of a mapping is a text or a number");
        continue;
      }
      // Numbers are compared by their text.
      const text::Source source("", "string(" + ir::PrintName(field) +
                                        ") == " + ir::QuoteString(*text));
      Diagnostics ignored;
      text::Reporter reporter(source, &ignored);
      std::optional<ir::Expression> condition =
          eql::ParseExpression(source, {}, &reporter);
      if (!condition) {
        Error("T605", *item, Quoted(field) + " cannot be the name of a field");
        continue;
      }
      severities.push_back({level, std::make_shared<const ir::Expression>(
                                       *std::move(condition))});
    }
    return severities;
  }

  std::optional<ir::SuppressPolicy> ReadSuppression() {
    const Value* object = members_.Find("alert_suppression", Value::kObject);
    if (object == nullptr) return std::nullopt;
    const Members suppression(*object, &reporter_);
    ir::SuppressPolicy policy;
    // Without a duration it reaches as far as one run of the rule would.
    policy.span = rule_.interval;
    if (const Value* duration = suppression.Find("duration", Value::kObject)) {
      const Members parts(*duration, &reporter_);
      const std::optional<double> value = Count(parts, "value");
      const std::optional<absl::Duration> unit =
          ParseInterval("1" + parts.Text("unit"));
      if (!unit) {
        Error("T606", *duration, "the unit of a duration is s, m or h");
      }
      if (!value || !unit) return std::nullopt;
      policy.span = *unit * *value;
    }
    const std::string missing = suppression.Text("missing_fields_strategy");
    if (!missing.empty() && missing != "suppress" &&
        missing != "doNotSuppress") {
      Error("T605", *object,
            "`missing_fields_strategy` is suppress or doNotSuppress, found " +
                Quoted(missing));
    }
    const auto fields = Fields(suppression, "group_by");
    if (!fields) return std::nullopt;
    if (rule_.type == RuleType::kThreshold) return policy;  // By its groups.
    policy.keys.emplace();
    for (const std::string& field : *fields) {
      policy.keys->push_back({field, missing != "doNotSuppress"});
    }
    return policy;
  }

  // A finding of several events has the fields that they have in common, or
  // those of its group and no more.
  void SuppressIncidents(const ir::SuppressPolicy& policy) {
    ir::Correlation& correlation = list_.correlations.back();
    if (!correlation.outcome.subject.empty()) {
      correlation.outcome.suppress = policy;
      return;
    }
    const std::vector<ir::KeyPart>& parts = correlation.group.parts;
    for (const auto& key :
         policy.keys.value_or(std::vector<ir::SuppressPolicy::Key>())) {
      const bool is_known = std::any_of(
          parts.begin(), parts.end(),
          [&](const ir::KeyPart& part) { return part.name == key.field; });
      if (is_known) continue;
      reporter_.Warning(
          "T616", members_.RangeOf(*members_.Find("alert_suppression")),
          "nothing is suppressed: what the rule finds has no " +
              Quoted(key.field),
          "its fields are those by which it holds events together");
      return;
    }
    correlation.outcome.suppress = policy;
  }

  // --- What an event must be before the query is asked.

  void AddFilters(std::string_view name, std::vector<Expr>* all) {
    const Value* filters = members_.Find(name, Value::kArray);
    if (filters == nullptr) return;
    FilterLowerer lowerer(context_.types, &reporter_);
    for (const Value& filter : filters->items) {
      all->push_back(lowerer.Filter(filter));
    }
  }

  std::vector<Expr> Around() {
    std::vector<Expr> all;
    AddFilters("filters", &all);
    AddExceptions(&all);
    const bool needs_time =
        members_.Flag("timestamp_override_fallback_disabled").value_or(false);
    if (needs_time && !rule_.time_field.empty()) {
      FilterLowerer lowerer(context_.types, &reporter_);
      all.push_back(lowerer.Exists(rule_.time_field, rule_.object->span));
    }
    AddRoute(rule_.index, &all);
    std::erase_if(all, [](const Expr& e) { return e.kind == Expr::kTrue; });
    return all;
  }

  void AddRoute(const std::vector<std::string>& index, std::vector<Expr>* all) {
    if (Expr route = RouteTo(index); route.kind != Expr::kTrue) {
      all->push_back(std::move(route));
    }
    if (!ReachesAlerts(index)) return;
    reads_alerts_ = true;
    all->push_back(NotOfThisRule());
  }

  void AddExceptions(std::vector<Expr>* all) {
    std::vector<Expr> any;
    std::set<std::string> named;
    for (const Value* entry : members_.Objects("exceptions_list")) {
      const Value* id = entry->Find("list_id");
      if (id == nullptr || !named.insert(id->text).second) continue;
      const ExceptionLists::List* list = context_.exceptions.Find(id->text);
      if (list == nullptr) {
        reporter_.Warning("T609", members_.RangeOf(*id),
                          "there is no exception list " + Quoted(id->text),
                          "export it with the rules; they run without it");
      } else if (list->is_broken) {
        Error("T608", *id,
              "an exception of " + Quoted(id->text) + " was refused");
      } else if ((*context_.exception_budget -= list->nodes) < 0) {
        Error("T608", *id,
              absl::StrCat("exceptions have more than ", kMaxExceptionNodes,
                           " parts, counted for each rule that has them"));
        return;
      } else {
        any.insert(any.end(), list->items.begin(), list->items.end());
      }
    }
    if (!any.empty()) all->push_back(Expr::Not(Expr::Or(std::move(any))));
  }

  // A rule over alerts must not find what it has found itself.
  Expr NotOfThisRule() {
    FilterLowerer lowerer(context_.types, &reporter_);
    std::vector<Expr> any;
    for (const char* field :
         {"kibana.alert.rule.rule_id", "kibana.alert.rule.uuid",
          "kibana.alert.ancestors.rule", "signal.rule.rule_id"}) {
      any.push_back(lowerer.Is(field, rule_.info.id, true, rule_.object->span));
    }
    return Expr::Not(Expr::Or(std::move(any)));
  }

  // --- Queries.

  // The condition of a query that is asked of one event. nullopt: an error.
  std::optional<Expr> Condition(const Value* query,
                                const std::string& language) {
    if (language != "kuery" && language != "lucene") {
      const Value* named = members_.Find("language");
      const Value& at = named == nullptr ? *rule_.object : *named;
      Error("T611", at, "queries in " + Quoted(language) + " are not read here",
            "this type of rules has kuery or lucene");
      return std::nullopt;
    }
    if (query == nullptr) return Expr::True();
    EmbeddedText text(*query, rule_.info, &reporter_);
    std::optional<Expr> condition;
    if (language == "lucene") {
      condition = lucene::Compile(text.span(), context_.types, text.reporter());
    } else if (std::optional<kql::Query> parsed =
                   kql::Compile(text.span(), context_.types, text.reporter())) {
      condition = std::move(parsed->condition);
    }
    text.PassOn();
    if (!condition) return std::nullopt;
    text.Map(&*condition);
    if (condition->range.start.line == 0) {
      condition->range = members_.RangeOf(*query);
    }
    return condition;
  }

  void AddRule(ir::RuleRole role, std::string_view suffix, Expr condition) {
    ir::Rule rule;
    rule.info = rule_.info;
    rule.info.id += suffix;
    rule.info.name = rule.info.id;
    rule.role = role;
    rule.condition = std::move(condition);
    list_.rules.push_back(std::move(rule));
  }

  void LowerQuery() {
    std::optional<Expr> condition = Condition(rule_.query, rule_.language);
    if (!condition) return;
    AddRule(ir::RuleRole::kReports, "", *std::move(condition));
  }

  void LowerEql() {
    if (rule_.query == nullptr) return;  // Told already.
    if (rule_.language != "eql") {
      Error("T611", *members_.Find("language"),
            "queries in " + Quoted(rule_.language) + " are not read here",
            "this type of rules has eql");
      return;
    }
    eql::EqlOptions options;
    const std::string category = members_.Text("event_category_override");
    if (!category.empty()) options.category_field = category;
    EmbeddedText text(*rule_.query, rule_.info, &reporter_);
    const size_t first = list_.rules.size();
    std::optional<eql::Query> query =
        eql::ParseForStream(text.source(), options, text.reporter());
    std::optional<eql::Lowered> lowered;
    if (query) {
      // What has no end of its own ends where the rule looks no further back.
      if (!query->maxspan && query->kind != eql::Query::kEvent) {
        query->maxspan = rule_.look_back;
      }
      lowered =
          eql::LowerQuery(*query, options, rule_.info, text.reporter(), &list_);
    }
    text.PassOn();
    if (!lowered) return;
    for (size_t i = first; i < list_.rules.size(); ++i) {
      text.Map(&list_.rules[i].condition);
    }
    if (!lowered->is_correlation) return;
    ir::Correlation& correlation = list_.correlations[lowered->index];
    correlation.range = text.Map(correlation.range);
    for (ir::Step& step : correlation.steps) {
      step.range = text.Map(step.range);
    }
  }

  // `around`: what its events must be, to which the query adds where it looks.
  void LowerEsql(std::vector<Expr>* around) {
    if (rule_.query == nullptr) return;  // Told already.
    if (rule_.language != "esql") {
      Error("T611", *members_.Find("language"),
            "queries in " + Quoted(rule_.language) + " are not read here",
            "this type of rules has esql");
      return;
    }
    EmbeddedText text(*rule_.query, rule_.info, &reporter_);
    const size_t first = list_.rules.size();
    const std::optional<esql::Lowered> lowered = esql::Compile(
        text.span(), {.look_back = rule_.look_back, .types = &context_.types},
        rule_.info, text.reporter(), &list_);
    text.PassOn();
    if (!lowered) return;
    if (rule_.index.empty()) AddRoute(lowered->indexes, around);
    for (size_t i = first; i < list_.rules.size(); ++i) {
      text.Map(&list_.rules[i].condition);
    }
    if (!lowered->is_correlation) return;
    ir::Correlation& correlation = list_.correlations[lowered->index];
    correlation.range = text.Map(correlation.range);
    for (ir::Step& step : correlation.steps) {
      step.range = text.Map(step.range);
    }
  }

  // --- Rules over several events that one query is asked of.

  // A correlation over the events of the query, held together by `keys`.
  std::optional<ir::Correlation> OverEvents(
      const std::vector<std::string>& keys) {
    std::optional<Expr> condition = Condition(rule_.query, rule_.language);
    if (!condition) return std::nullopt;
    ir::Correlation correlation;
    correlation.info = rule_.info;
    correlation.range = members_.PlaceOfObject();
    ir::Step step;
    step.name = "events";
    step.source_index = static_cast<uint32_t>(list_.rules.size());
    step.range = condition->range;
    AddRule(ir::RuleRole::kStep, ".events", *std::move(condition));
    correlation.steps.push_back(std::move(step));
    for (const std::string& key : keys) {
      correlation.group.parts.push_back({.name = key, .fields = {{key}}});
    }
    return correlation;
  }

  static ir::Truth AtLeast(base::MeasureKind kind,
                           std::vector<std::string> fields, double number) {
    ir::Truth truth;
    truth.terms.resize(2);
    truth.terms[0].kind = ir::Term::kMeasure;
    truth.terms[0].measure = {.kind = kind, .steps = {0}};
    truth.terms[0].measure.fields = std::move(fields);
    truth.terms[1].number = number;
    return truth;
  }

  // A whole number of at least 1.
  std::optional<double> Count(const Members& of, std::string_view name) {
    const Value* value = of.Required(name, Value::kDouble);
    if (value == nullptr) return std::nullopt;
    if (value->number < 1 || value->number > 1e9 ||
        value->number !=
            static_cast<double>(static_cast<int64_t>(value->number))) {
      Error("T605", *value,
            absl::StrCat(ToAbsl(Quoted(name)),
                         " is a whole number of at least 1"));
      return std::nullopt;
    }
    return value->number;
  }

  // Names of fields; empty ones are none.
  std::optional<std::vector<std::string>> Fields(const Members& of,
                                                 std::string_view name) {
    std::vector<std::string> fields;
    for (std::string& field : of.Texts(name)) {
      if (!field.empty()) fields.push_back(std::move(field));
    }
    if (fields.size() <= kMostKeys) return fields;
    Error("T605", *of.Find(name),
          absl::StrCat("there are more than ", kMostKeys, " fields"));
    return std::nullopt;
  }

  void LowerThreshold() {
    const Value* object = members_.Required("threshold", Value::kObject);
    if (object == nullptr) return;
    const Members threshold(*object, &reporter_);
    const auto fields = Fields(threshold, "field");
    const std::optional<double> count = Count(threshold, "value");
    std::vector<ir::Truth> all;
    std::vector<ir::Shown> shown;
    if (count) all.push_back(AtLeast(base::MeasureKind::kCount, {}, *count));
    for (const Value* part : threshold.Objects("cardinality")) {
      const Members cardinality(*part, &reporter_);
      const std::string field = cardinality.RequiredText("field");
      const std::optional<double> least = Count(cardinality, "value");
      if (field.empty() || !least) return;
      all.push_back(AtLeast(base::MeasureKind::kDistinct, {field}, *least));
      shown.push_back(
          {absl::StrCat("distinct(", field, ")"), all.back().terms[0].measure});
    }
    if (!fields || !count) return;
    std::optional<ir::Correlation> correlation = OverEvents(*fields);
    if (!correlation) return;
    if (all.size() == 1) {
      correlation->pattern.truth = std::move(all[0]);
    } else {
      correlation->pattern.truth.kind = ir::Truth::kAnd;
      correlation->pattern.truth.children = std::move(all);
    }
    correlation->shown = std::move(shown);
    correlation->window.span = rule_.look_back;
    correlation->fire = base::FirePolicy::kReset;
    list_.correlations.push_back(*std::move(correlation));
  }

  // The fields and how far back they are remembered, as Kibana has them, or as
  // the public repository.
  void LowerNewTerms() {
    const Value* fields_in = rule_.object;
    std::string_view fields_name = "new_terms_fields";
    const Value* start = members_.Find("history_window_start");
    if (const Value* object = members_.Find("new_terms", Value::kObject)) {
      fields_in = object;
      fields_name = "value";
      start = object->Find("history_window_start");
    }
    if (start != nullptr && start->is_array() && start->items.size() == 1) {
      start = start->items[0].Find("value");
    }
    const auto fields = Fields(Members(*fields_in, &reporter_), fields_name);
    if (!fields) return;
    if (fields->empty()) {
      reporter_.Error("T603", members_.PlaceOfObject(),
                      "there is no " + Quoted(fields_name));
    }
    std::optional<absl::Duration> history;
    if (start != nullptr) history = ParseAge(start->text);
    if (start == nullptr) {
      reporter_.Error("T603", members_.PlaceOfObject(),
                      "there is no `history_window_start`");
      return;
    }
    if (!history || *history <= absl::ZeroDuration()) {
      Error("T606", *start,
            "expected a time such as `now-7d`, found " + Quoted(start->text));
      return;
    }
    std::optional<ir::Correlation> correlation = OverEvents(*fields);
    if (!correlation) return;
    correlation->pattern.kind = ir::Pattern::kSeen;
    correlation->pattern.learn = context_.options.warm_up;
    correlation->window.span = *history;
    correlation->fire = base::FirePolicy::kEvery;
    list_.correlations.push_back(*std::move(correlation));
  }

  // --- Events that have a value in common with an indicator.

  // One entry of the mapping: fields of the event and of the indicator.
  struct Entry {
    std::string field;
    std::string value;
    bool negated = false;
  };
  using EntryGroup = std::vector<Entry>;

  std::vector<EntryGroup> ReadMapping() {
    std::vector<EntryGroup> groups;
    for (const Value* object : members_.Objects("threat_mapping")) {
      EntryGroup& group = groups.emplace_back();
      bool has_positive = false;
      for (const Value* item :
           Members(*object, &reporter_).Objects("entries")) {
        const Members entry(*item, &reporter_);
        group.push_back({entry.RequiredText("field"),
                         entry.RequiredText("value"),
                         entry.Flag("negate").value_or(false)});
        has_positive |= !group.back().negated;
      }
      if (!has_positive) {
        Error("T614", *object,
              "no entry says what the event and the indicator have in common");
        return {};
      }
      // What ties them comes first.
      std::stable_sort(group.begin(), group.end(),
                       [](const Entry& a, const Entry& b) {
                         return !a.negated && b.negated;
                       });
    }
    if (groups.empty() || groups.size() > kMostMappings) {
      reporter_.Error("T614", members_.PlaceOfObject(),
                      absl::StrCat("`threat_mapping` has between 1 and ",
                                   kMostMappings, " groups of entries"));
      return {};
    }
    return groups;
  }

  // The query for indicators without what it says of their age, which is how
  // long one counts.
  std::optional<Expr> ThreatQuery(absl::Duration* life) {
    const Value* query = members_.Find("threat_query", Value::kString);
    std::string language = members_.Text("threat_language");
    if (language.empty()) language = "kuery";
    if (query == nullptr || language != "kuery") {
      return Condition(query, language);
    }
    EmbeddedText text(*query, rule_.info, &reporter_);
    const int before = text.reporter()->errors();
    kql::Node tree = kql::Parse(text.span(), text.reporter());
    const auto is_age = [&](const kql::Node& node) {
      if (node.kind != kql::Node::kRange || !node.field) return false;
      const bool is_least =
          node.op == kql::RangeOp::kGe || node.op == kql::RangeOp::kGt;
      const std::optional<absl::Duration> age =
          ParseAge(node.value.text.Text());
      if (!is_least || !age || node.field->name.Text() != "@timestamp") {
        return false;
      }
      if (*age > absl::ZeroDuration()) *life = *age;
      return true;
    };
    if (is_age(tree)) {
      tree = {};
    } else if (tree.kind == kql::Node::kAnd) {
      std::erase_if(tree.children, is_age);
      if (tree.children.empty()) tree = {};
      if (tree.children.size() == 1) {
        kql::Node only = std::move(tree.children[0]);
        tree = std::move(only);
      }
    }
    std::optional<Expr> condition;
    if (text.reporter()->errors() == before) {
      condition = kql::Lower(tree, context_.types, text.reporter());
      if (text.reporter()->errors() > before) condition.reset();
    }
    text.PassOn();
    if (!condition) return std::nullopt;
    text.Map(&*condition);
    return condition;
  }

  void LowerThreatMatch() {
    const std::vector<EntryGroup> groups = ReadMapping();
    absl::Duration life = kIndicatorLife;
    std::optional<Expr> indicators = ThreatQuery(&life);
    std::optional<Expr> events = Condition(rule_.query, rule_.language);
    if (groups.empty() || !indicators || !events) return;
    std::vector<Expr> all;
    all.push_back(*std::move(indicators));
    AddFilters("threat_filters", &all);
    all.push_back(RouteTo(members_.Texts("threat_index")));
    std::erase_if(all, [](const Expr& e) { return e.kind == Expr::kTrue; });

    ir::Correlation correlation;
    correlation.info = rule_.info;
    correlation.range = members_.PlaceOfObject();
    const auto add_step = [&](std::string_view name, Expr condition) {
      ir::Step step;
      step.name = name;
      step.source_index = static_cast<uint32_t>(list_.rules.size());
      step.range = correlation.range;
      AddRule(ir::RuleRole::kStep, "." + step.name, std::move(condition));
      correlation.steps.push_back(std::move(step));
    };
    bare_rules_.insert(list_.rules.size());
    add_step("indicator", Expr::And(std::move(all)));
    add_step("event", *std::move(events));
    correlation.pattern.kind = ir::Pattern::kChain;
    correlation.pattern.legs = {{.steps = {0}}, {.steps = {1}}};
    correlation.has_indicators = true;
    correlation.window.span = life;
    correlation.fire = base::FirePolicy::kEvery;
    AddTies(groups, &correlation);
    list_.correlations.push_back(std::move(correlation));
  }

  // By what an event and an indicator are held together: one group by all its
  // fields; of several the first field of each, and the rest is asked of what
  // that brings together.
  void AddTies(const std::vector<EntryGroup>& groups,
               ir::Correlation* correlation) {
    std::vector<ir::KeyPart>& parts = correlation->group.parts;
    const auto add = [&](const Entry& entry) {
      for (const ir::KeyPart& part : parts) {
        if (part.fields[0][0] == entry.value && part.name == entry.field) {
          return;
        }
      }
      parts.push_back(
          {.name = entry.field, .fields = {{entry.value}, {entry.field}}});
    };
    bool is_asked = false;
    for (const EntryGroup& group : groups) {
      add(group[0]);
      for (size_t i = 1; i < group.size(); ++i) {
        if (groups.size() == 1 && !group[i].negated) {
          add(group[i]);
        } else {
          is_asked = true;
        }
      }
    }
    correlation->group.any_of = groups.size() > 1 && parts.size() > 1;
    if (!is_asked) return;
    std::vector<Expr> any;
    for (const EntryGroup& group : groups) {
      std::vector<Expr> all;
      for (const Entry& entry : group) {
        Expr equal = Equal(entry, correlation);
        // A value that is not there is no reason to leave the event out.
        all.push_back(entry.negated ? Expr::Not(std::move(equal))
                                    : std::move(equal));
      }
      any.push_back(Expr::And(std::move(all)));
    }
    correlation->where = static_cast<uint32_t>(list_.rules.size());
    bare_rules_.insert(list_.rules.size());
    AddRule(ir::RuleRole::kCondition, ".where", Expr::Or(std::move(any)));
  }

  Expr Equal(const Entry& entry, ir::Correlation* correlation) {
    const auto field = [&](ir::StepIndex step, const std::string& name) {
      std::vector<ir::WhereField>& asked = correlation->where_fields;
      const bool is_asked =
          std::any_of(asked.begin(), asked.end(), [&](const auto& other) {
            return other.step == step && other.name == name;
          });
      if (!is_asked) asked.push_back({step, name});
      ir::Expression expression;
      expression.kind = ir::Expression::kField;
      expression.field.parts.push_back(
          {correlation->steps[step].name + "." + name, {}});
      return expression;
    };
    ir::Expression equal;
    equal.kind = ir::Expression::kCompare;
    equal.op = ir::Operator::kEq;
    equal.type = ir::Type::kBool;
    equal.children.push_back(field(0, entry.value));
    equal.children.push_back(field(1, entry.field));
    ir::Test test;
    test.op = ir::TestOp::kExpression;
    test.any_field = true;
    test.expression = std::make_shared<const ir::Expression>(std::move(equal));
    return Expr::Of(std::move(test));
  }

  // --- Rules over what jobs of anomaly detection have found.

  void LowerMachineLearning() {
    const std::vector<std::string> jobs =
        members_.Texts("machine_learning_job_id");
    if (jobs.empty()) {
      reporter_.Error("T603", members_.PlaceOfObject(),
                      "there is no `machine_learning_job_id`");
    }
    const Value* least = members_.Required("anomaly_threshold", Value::kDouble);
    if (jobs.empty() || least == nullptr) return;
    FilterLowerer lowerer(context_.types, &reporter_);
    std::vector<Expr> any_job;
    for (const std::string& job : jobs) {
      any_job.push_back(lowerer.Is("job_id", job, true, rule_.object->span));
    }
    std::vector<Expr> any_score;
    for (const char* field : {"record_score", "anomaly_score"}) {
      any_score.push_back(lowerer.Compare(field, kql::RangeOp::kGe,
                                          *FilterLowerer::ScalarText(*least),
                                          least->span));
    }
    std::vector<Expr> all;
    all.push_back(Expr::Or(std::move(any_job)));
    all.push_back(Expr::Or(std::move(any_score)));
    // A bucket that is not over yet may come again with another score.
    all.push_back(
        Expr::Not(lowerer.Is("is_interim", "true", true, rule_.object->span)));
    Expr condition = Expr::And(std::move(all));
    condition.range = members_.PlaceOfObject();
    AddRule(ir::RuleRole::kReports, "", std::move(condition));
    list_.rules.back().reads_anomalies = true;
  }

  const Rule& rule_;
  const LowerContext& context_;
  text::Reporter& reporter_;
  const Members members_;
  ir::RuleList& list_;
  // Rules of the list that are not asked of the rule's own events.
  std::set<size_t> bare_rules_;
  bool reads_alerts_ = false;
};

}  // namespace

bool LowerRule(const Rule& rule, const LowerContext& context,
               text::Reporter* reporter, ir::RuleList* list) {
  return RuleLowerer(rule, context, reporter, list).Lower();
}

}  // namespace tocsin::elastic
