#include "src/engine/eql_replay.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/case_fold.h"
#include "src/base/string_map.h"
#include "src/base/time_parse.h"
#include "src/plan/expressions.h"
#include "src/plan/planner.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/expression/evaluator.h"
#include "src/runtime/match/matcher.h"

namespace tocsin::engine {
namespace {

using base::Value;
using ir::Expression;

// Tuples that are tried for one key of a sample at most.
constexpr int kMostTries = 100'000;
// Keys of one event.
constexpr size_t kMostKeys = 1024;

// The fields of one text of JSON, by the numbers of a list of names.
class JsonFields final : public runtime::EventFields,
                         public runtime::ExpressionFields {
 public:
  JsonFields(const std::vector<std::string>& names,
             const std::vector<program::Program::ComputedField>& computed)
      : names_(names), computed_(computed) {}

  void Begin(const runtime::EventView* view, std::optional<int64_t> time) {
    view_ = view;
    time_ = time;
  }

  std::span<const FieldValue> Find(uint32_t field) override {
    values_.clear();
    for (const auto& computed : computed_) {
      if (computed.field == field) return Compute(computed.expression);
    }
    view_->Find(names_[field], &values_);
    return values_;
  }
  bool Find(uint32_t field, std::vector<Value>* values) override {
    std::vector<FieldValue> found;
    const bool exists = view_->Find(names_[field], &found);
    for (const FieldValue& value : found) values->push_back(Value::Of(value));
    return exists;
  }
  bool FindWhole(uint32_t field, std::vector<Value>* values) override {
    return view_->FindWhole(names_[field], values);
  }
  std::optional<int64_t> EventTime() override { return time_; }

 private:
  std::span<const FieldValue> Compute(const program::Expression& expression) {
    const Value result = evaluator_.Evaluate(expression, this);
    texts_.clear();
    const auto add = [&](const Value& value) {
      std::optional<std::string> text = base::TextOf(value);
      if (text) texts_.push_back(*std::move(text));
    };
    if (result.is_array()) {
      for (const Value& item : result.items) add(item);
    } else {
      add(result);
    }
    values_.clear();
    for (const std::string& text : texts_) {
      values_.push_back(FieldValue::String(text));
    }
    return values_;
  }

  const std::vector<std::string>& names_;
  const std::vector<program::Program::ComputedField>& computed_;
  const runtime::EventView* view_ = nullptr;
  std::optional<int64_t> time_;
  runtime::Evaluator evaluator_;
  std::vector<FieldValue> values_;
  std::vector<std::string> texts_;
};

// A hit on its way through pipes, with what they add to it, as JSON members.
struct PipedHit {
  EqlHit hit;
  std::string extra;
};

struct PlannedPipe {
  std::string name;
  size_t count = 0;  // head, tail.
  std::vector<program::Expression> expressions;
};

// Which processes are meant by `child of [...]`.
struct Kin {
  base::StringSet matched;  // Whose events the inner condition holds for.
  base::StringSet kin;      // Their children or descendants.
};

// Null sorts first.
bool Less(const Value& a, const Value& b, bool folds) {
  if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
  const auto order = base::Order(a, b, folds);
  return order ? *order < 0 : a.kind < b.kind;
}

std::optional<int64_t> TimeOfKey(std::string_view text) {
  if (const auto time = base::TimeOf(Value::String(std::string(text)))) {
    return time;
  }
  std::string day(text);
  // 17-12-2022 as well as 2022-12-17.
  if (day.size() == 10 && day[2] == '-' && day[5] == '-') {
    day = absl::StrCat(day.substr(6), "-", day.substr(3, 2), "-",
                       day.substr(0, 2));
  }
  return base::TimeOf(Value::String(day + "T00:00:00Z"));
}

}  // namespace

struct EqlReplay::Impl final : public runtime::FiredHandler {
  eql::Query query;
  EqlReplayOptions options;
  std::unique_ptr<program::Program> program;
  uint32_t first_step = 0;  // Behind the rules of lineages.
  std::vector<PlannedPipe> pipes;
  std::vector<std::string> pipe_fields;

  std::span<const ReplayedEvent> events;
  struct Found {
    runtime::Moment at;
    EqlHit hit;
  };
  std::vector<Found> found;
  std::vector<Kin> kin;

  // --- Compiling.

  bool Plan(text::Reporter* reporter) {
    ir::RuleList list;
    for (const expression::Lineage& lineage : query.lineages) {
      eql::EventQuery inner;
      inner.category = lineage.category;
      inner.any = lineage.category == "any";
      inner.condition = lineage.condition;
      const std::optional<ir::Expr> condition =
          eql::LowerEvent(inner, options.eql, reporter);
      if (!condition) return false;
      ir::Rule rule;
      rule.role = ir::RuleRole::kStep;
      rule.condition = *condition;
      list.rules.push_back(std::move(rule));
    }
    first_step = static_cast<uint32_t>(list.rules.size());
    RuleInfo info;
    info.id = "query";
    info.format = "eql";
    if (!eql::LowerQuery(query, options.eql, info, reporter, &list)) {
      return false;
    }
    for (const eql::Pipe& pipe : query.pipes) {
      if (!PlanPipe(pipe, reporter)) return false;
    }
    program = plan::PlanList(std::move(list));
    return true;
  }

  bool PlanPipe(const eql::Pipe& pipe, text::Reporter* reporter) {
    PlannedPipe planned;
    planned.name = pipe.name;
    if (pipe.name == "head" || pipe.name == "tail") {
      planned.count = static_cast<size_t>(pipe.arguments[0].value.int_value);
      pipes.push_back(std::move(planned));
      return true;
    }
    for (const Expression& argument : pipe.arguments) {
      Expression checked = argument;
      if (!eql::Check(&checked, pipe.name != "filter", options.eql, reporter)) {
        return false;
      }
      planned.expressions.push_back(
          plan::PlanExpression(checked, [this](const std::string& name) {
            const auto at =
                std::find(pipe_fields.begin(), pipe_fields.end(), name);
            if (at == pipe_fields.end()) pipe_fields.push_back(name);
            return static_cast<uint32_t>(
                std::find(pipe_fields.begin(), pipe_fields.end(), name) -
                pipe_fields.begin());
          }));
    }
    pipes.push_back(std::move(planned));
    return true;
  }

  // --- Running.

  std::vector<EqlHit> Run(std::span<const ReplayedEvent> all) {
    events = all;
    found.clear();
    kin.assign(query.lineages.size(), {});
    runtime::Matcher matcher(*program);
    int64_t now = 0;
    matcher.set_event_time([&now] { return std::optional<int64_t>(now); });
    JsonFields fields(program->correlation_fields, program->computed_fields);
    std::optional<runtime::Correlator> correlator;
    const bool correlates =
        query.kind == eql::Query::kSequence || query.kind == eql::Query::kJoin;
    if (correlates) {
      correlator.emplace(program->correlations, program->rules.size(), this,
                         runtime::CorrelatorOptions{});
    }
    runtime::EventView view;
    std::vector<uint32_t> matched;
    std::vector<Members> members(query.stages.size());
    for (size_t i = 0; i < events.size(); ++i) {
      now = events[i].time;
      std::string json(events[i].json);
      for (size_t l = 0; l < query.lineages.size(); ++l) {
        AddLineage(l, &json, &view, &matcher);
      }
      if (!view.Load(Event::Json(json)).ok()) continue;
      matcher.Begin(view, {});
      matched.clear();
      for (uint32_t r = first_step; r < program->rules.size(); ++r) {
        if (matcher.Matches(r)) matched.push_back(r);
      }
      if (matched.empty()) continue;
      fields.Begin(&view, now);
      if (correlates) {
        correlator->Feed({.time = now, .ref = i}, fields, matched);
      } else if (query.kind == eql::Query::kSample) {
        for (const uint32_t r : matched) {
          AddMember(r - first_step, static_cast<int64_t>(i), &fields, &members);
        }
      } else {
        found.push_back({{.time = now, .ref = i},
                         {.events = {static_cast<int64_t>(i)}, .keys = {}}});
      }
    }
    if (correlator) {
      correlator->AdvanceTo(INT64_MAX);
      std::stable_sort(
          found.begin(), found.end(), [](const Found& a, const Found& b) {
            return std::tie(a.at, a.hit.keys) < std::tie(b.at, b.hit.keys);
          });
    }
    std::vector<PipedHit> hits;
    for (Found& each : found) hits.push_back({std::move(each.hit), ""});
    if (query.kind == eql::Query::kSample) AddSamples(members, &hits);
    for (const PlannedPipe& pipe : pipes) Apply(pipe, &hits);
    std::vector<EqlHit> results;
    for (PipedHit& each : hits) results.push_back(std::move(each.hit));
    return results;
  }

  void OnFired(const runtime::Fired& fired) override {
    Found one;
    one.at = fired.at;
    for (uint32_t i = 0; i < fired.event_count; ++i) {
      const uint64_t ref = fired.events[i].ref;
      one.hit.events.push_back(
          ref == runtime::kNoEvent ? -1 : static_cast<int64_t>(ref));
    }
    std::vector<runtime::KeyText> components;
    runtime::ReadKey(fired.key, &components);
    for (runtime::KeyText& component : components) {
      if (component.is_missing) {
        one.hit.keys.emplace_back();
      } else {
        one.hit.keys.emplace_back(std::move(component.text));
      }
    }
    found.push_back(std::move(one));
  }

  static std::string TextOfField(const runtime::EventView& view,
                                 const std::string& field) {
    std::vector<FieldValue> values;
    view.Find(field, &values);
    if (values.empty()) return {};
    return base::TextOf(Value::Of(values[0])).value_or("");
  }

  // Puts the field that stands for lineage number `l` into the event.
  void AddLineage(size_t l, std::string* json, runtime::EventView* view,
                  runtime::Matcher* matcher) {
    if (!view->Load(Event::Json(*json)).ok()) return;
    matcher->Begin(*view, {});
    const bool matches = matcher->Matches(static_cast<uint32_t>(l));
    const std::string id = TextOfField(*view, options.process_id);
    const std::string parent = TextOfField(*view, options.parent_id);
    const std::string subtype = TextOfField(*view, "subtype");
    Kin& of = kin[l];
    const std::string& relation = query.lineages[l].relation;
    const bool is_new = !parent.empty() && subtype == "create";
    if (is_new) {
      of.matched.erase(id);
      of.kin.erase(id);
      const bool inherits = relation == "descendant" && of.kin.contains(parent);
      if (inherits || of.matched.contains(parent)) of.kin.insert(id);
    }
    if (matches && !id.empty()) of.matched.insert(id);
    const bool holds =
        relation == "event" ? of.matched.contains(id) : of.kin.contains(id);
    if (!parent.empty() && subtype == "terminate") {
      of.matched.erase(id);
      of.kin.erase(id);
    }
    const size_t open = json->find('{');
    if (open == std::string::npos) return;
    json->insert(open + 1,
                 absl::StrCat("\"", base::ToAbsl(expression::kLineageField),
                              ".", l, "\":", holds ? "true" : "false", ","));
  }

  // --- Samples.

  using Key = std::vector<std::optional<std::string>>;
  using Members = std::map<Key, std::vector<int64_t>>;

  void AddMember(size_t step, int64_t event, JsonFields* fields,
                 std::vector<Members>* members) const {
    const program::Correlation& rule = program->correlations[0];
    std::vector<Key> keys = {{}};
    for (const program::CorrelationKey& part : rule.keys) {
      const uint32_t field = part.fields[step][0];
      const std::string& name = program->correlation_fields[field];
      const bool is_time =
          options.eql.dialect.TraitsOf(name).type == ir::Type::kTime;
      std::vector<std::optional<std::string>> values;
      for (const FieldValue& value : fields->Find(field)) {
        std::optional<std::string> text = base::TextOf(Value::Of(value));
        if (!text) continue;
        if (is_time) {
          const auto time = TimeOfKey(*text);
          if (time) text = absl::StrCat(*time / 1'000'000);
        }
        if (std::find(values.begin(), values.end(), text) == values.end()) {
          values.push_back(std::move(text));
        }
      }
      if (values.empty()) {
        if ((part.missing_in >> step & 1) == 0) return;
        values.emplace_back();
      }
      std::vector<Key> longer;
      for (const Key& key : keys) {
        for (const auto& value : values) {
          if (longer.size() == kMostKeys) break;
          longer.push_back(key);
          longer.back().push_back(value);
        }
      }
      keys = std::move(longer);
    }
    for (const Key& key : keys) (*members)[step][key].push_back(event);
  }

  void AddSamples(const std::vector<Members>& members,
                  std::vector<PipedHit>* hits) const {
    for (const auto& [key, unused] : members[0]) {
      std::vector<const std::vector<int64_t>*> of_steps;
      for (const Members& step : members) {
        const auto at = step.find(key);
        if (at != step.end()) of_steps.push_back(&at->second);
      }
      if (of_steps.size() < members.size()) continue;
      std::vector<int64_t> chosen;
      size_t made = 0;
      int tries = 0;
      Choose(of_steps, &chosen, &tries, [&] {
        if (hits->size() == options.size) return false;
        hits->push_back({{.events = chosen, .keys = key}, ""});
        return ++made < options.samples_of_key;
      });
    }
  }

  // Calls `take` for each tuple of different events until it has enough. False:
  // it has.
  template <typename Take>
  static bool Choose(const std::vector<const std::vector<int64_t>*>& of_steps,
                     std::vector<int64_t>* chosen, int* tries,
                     const Take& take) {
    if (chosen->size() == of_steps.size()) return take();
    for (const int64_t event : *of_steps[chosen->size()]) {
      if (++*tries > kMostTries) return false;
      if (std::find(chosen->begin(), chosen->end(), event) != chosen->end()) {
        continue;
      }
      chosen->push_back(event);
      const bool go_on = Choose(of_steps, chosen, tries, take);
      chosen->pop_back();
      if (!go_on) return false;
    }
    return true;
  }

  // --- Pipes.

  // The hit as one object: the event, or its events in an array.
  std::string JsonOf(const PipedHit& hit) const {
    std::string json;
    if (query.kind == eql::Query::kEvent && hit.hit.events.size() == 1) {
      json = events[static_cast<size_t>(hit.hit.events[0])].json;
      json.insert(json.find('{') + 1, hit.extra);
      return json;
    }
    json = absl::StrCat("{", hit.extra, "\"events\":[");
    for (size_t i = 0; i < hit.hit.events.size(); ++i) {
      if (i > 0) json += ',';
      const int64_t event = hit.hit.events[i];
      json += event < 0 ? "null" : events[static_cast<size_t>(event)].json;
    }
    return json + "]}";
  }

  std::vector<Value> ValuesOf(const PlannedPipe& pipe, const PipedHit& hit) {
    static const std::vector<program::Program::ComputedField> kNone;
    const std::string json = JsonOf(hit);
    runtime::EventView view;
    std::vector<Value> values;
    if (!view.Load(Event::Json(json)).ok()) return values;
    JsonFields fields(pipe_fields, kNone);
    fields.Begin(&view, std::nullopt);
    runtime::Evaluator evaluator;
    for (const program::Expression& expression : pipe.expressions) {
      values.push_back(evaluator.Evaluate(expression, &fields));
    }
    return values;
  }

  std::string KeyOf(const std::vector<Value>& values) const {
    std::string key;
    for (const Value& value : values) {
      const std::string text = base::PrintValue(value);
      key += options.eql.dialect.folds ? base::Fold(text) : text;
      key += '\0';
    }
    return key;
  }

  void Apply(const PlannedPipe& pipe, std::vector<PipedHit>* hits) {
    if (pipe.name == "head") {
      hits->resize(std::min(hits->size(), pipe.count));
    } else if (pipe.name == "tail") {
      const size_t drop = hits->size() - std::min(hits->size(), pipe.count);
      hits->erase(hits->begin(),
                  hits->begin() + static_cast<std::ptrdiff_t>(drop));
    } else if (pipe.name == "filter") {
      std::erase_if(*hits, [&](const PipedHit& hit) {
        const std::vector<Value> values = ValuesOf(pipe, hit);
        return values.empty() || !values[0].is_true();
      });
    } else if (pipe.name == "sort") {
      std::vector<std::pair<std::vector<Value>, PipedHit>> keyed;
      for (PipedHit& hit : *hits) {
        std::vector<Value> values = ValuesOf(pipe, hit);
        keyed.emplace_back(std::move(values), std::move(hit));
      }
      std::stable_sort(
          keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
            return std::lexicographical_compare(
                a.first.begin(), a.first.end(), b.first.begin(), b.first.end(),
                [&](const Value& x, const Value& y) {
                  return Less(x, y, options.eql.dialect.folds);
                });
          });
      for (size_t i = 0; i < keyed.size(); ++i) {
        (*hits)[i] = std::move(keyed[i].second);
      }
    } else {
      Count(pipe, hits);
    }
  }

  // unique, unique_count and count: the first of each, with how many there are.
  void Count(const PlannedPipe& pipe, std::vector<PipedHit>* hits) {
    base::StringMap<size_t> place;
    std::vector<PipedHit> firsts;
    std::vector<size_t> counts;
    const size_t total = hits->size();
    for (PipedHit& hit : *hits) {
      const auto [at, is_new] =
          place.try_emplace(KeyOf(ValuesOf(pipe, hit)), firsts.size());
      if (is_new) {
        firsts.push_back(std::move(hit));
        counts.push_back(0);
      }
      ++counts[at->second];
    }
    for (size_t i = 0; i < firsts.size() && pipe.name != "unique"; ++i) {
      firsts[i].extra = absl::StrCat(
          "\"count\":", counts[i], ",\"percent\":",
          static_cast<double>(counts[i]) / static_cast<double>(total), ",",
          firsts[i].extra);
    }
    *hits = std::move(firsts);
  }
};

EqlReplay::EqlReplay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EqlReplay::~EqlReplay() = default;

std::unique_ptr<EqlReplay> EqlReplay::Compile(const text::Source& source,
                                              const EqlReplayOptions& options,
                                              text::Reporter* reporter) {
  std::optional<eql::Query> query = eql::Parse(source, options.eql, reporter);
  if (!query) return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->query = *std::move(query);
  impl->options = options;
  if (!impl->Plan(reporter)) return nullptr;
  return std::unique_ptr<EqlReplay>(new EqlReplay(std::move(impl)));
}

std::vector<EqlHit> EqlReplay::Run(std::span<const ReplayedEvent> events) {
  return impl_->Run(events);
}

}  // namespace tocsin::engine
