// Examples of rules, run.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/toc/ast.h"
#include "src/frontend/toc/parse.h"
#include "src/frontend/toc/toc.h"
#include "src/logsource/classifier.h"
#include "src/plan/expressions.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/expression/evaluator.h"
#include "tocsin/authoring.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

using base::Value;
using base::ValueKind;

// Offsets of examples count from the beginning of 2026.
constexpr int64_t kBegin = 1'767'225'600'000'000'000;
// `advance end`: behind every window there is.
constexpr int64_t kEnd = kBegin + int64_t{100} * 366 * 86'400'000'000'000;

// The field by which an event of an example says which log source it is of.
constexpr char kSourceField[] = "tocsin.example.source";
// And by which a record says that it is an alert.
constexpr char kAlertField[] = "tocsin.example.alert";
// Or a score.
constexpr char kRiskField[] = "tocsin.example.risk";

// --- Records ----------------------------------------------------------------

// `{n}` in texts is the number of the repeat.
void AppendJson(const Value& value, int64_t number, std::string* out) {
  switch (value.kind) {
    case ValueKind::kString: {
      std::string text = value.text;
      const std::string mark = "{n}";
      for (size_t at = text.find(mark); at != std::string::npos;
           at = text.find(mark, at)) {
        text.replace(at, mark.size(), std::to_string(number));
      }
      base::AppendJsonString(text, out);
      return;
    }
    case ValueKind::kArray:
      *out += '[';
      for (const Value& item : value.items) {
        if (&item != value.items.data()) *out += ',';
        AppendJson(item, number, out);
      }
      *out += ']';
      return;
    case ValueKind::kObject:
      *out += '{';
      for (size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) *out += ',';
        base::AppendJsonString(value.item_names[i], out);
        *out += ':';
        AppendJson(value.items[i], number, out);
      }
      *out += '}';
      return;
    default:
      *out += base::TextOf(value).value_or("null");
      return;
  }
}

void SetMember(const std::string& name, Value value, Value* object) {
  for (size_t i = 0; i < object->items.size(); ++i) {
    if (object->item_names[i] != name) continue;
    object->items[i] = std::move(value);
    return;
  }
  object->item_names.push_back(name);
  object->items.push_back(std::move(value));
}

// --- What was reported ------------------------------------------------------

// A detection or incident, for the conditions of `expect`.
struct Report {
  std::string event;  // The event's JSON, of a detection.
  std::vector<std::pair<std::string, Value>> values;
};

class Collector : public Sink {
 public:
  explicit Collector(std::string rule) : rule_(std::move(rule)) {}

  void OnDetection(const Detection& detection) override {
    if (detection.rule().name != rule_) return;
    Report report;
    report.event = detection.event().json();
    reports_.push_back(std::move(report));
  }

  void OnIncident(const Incident& incident) override {
    if (incident.rule().name != rule_) return;
    if (incident.change() == IncidentChange::kClosed) return;
    Report report;
    std::vector<Value> fields;
    std::vector<Value> texts;
    for (const IncidentKey& key : incident.keys()) {
      const Value value = key.missing ? Value() : Value::String(key.value);
      report.values.emplace_back(key.name, value);
      fields.push_back(Value::String(key.name));
      texts.push_back(value);
    }
    report.values.emplace_back("tie.field", Value::Array(std::move(fields)));
    report.values.emplace_back("tie.value", Value::Array(std::move(texts)));
    for (const IncidentValue& value : incident.values()) {
      report.values.emplace_back(value.name, Value::Double(value.value));
    }
    reports_.push_back(std::move(report));
  }

  std::vector<Report> Take() { return std::exchange(reports_, {}); }

 private:
  std::string rule_;
  std::vector<Report> reports_;
};

// Conditions of `expect` know no names but those of the report.
class NoNames : public expression::Scope {
 public:
  const expression::Macro* FindMacro(std::string_view) const override {
    return nullptr;
  }
  const expression::NamedList* FindList(std::string_view) const override {
    return nullptr;
  }
  std::string SuggestList(std::string_view) const override { return {}; }
  std::vector<std::string_view> MacroNames() const override { return {}; }
  bool IsStep(std::string_view) const override { return false; }
};

class ReportFields : public runtime::ExpressionFields {
 public:
  ReportFields(const Report& report, const std::vector<std::string>& names)
      : report_(report), names_(names) {
    if (!report.event.empty()) view_.Load(Event::Json(report.event));
  }

  bool Find(uint32_t field, std::vector<Value>* values) override {
    for (const auto& [name, value] : report_.values) {
      if (name != names_[field]) continue;
      if (value.is_array()) {
        values->insert(values->end(), value.items.begin(), value.items.end());
      } else {
        values->push_back(value);
      }
      return true;
    }
    std::vector<FieldValue> found;
    if (report_.event.empty() || !view_.Find(names_[field], &found)) {
      return false;
    }
    for (const FieldValue& value : found) values->push_back(Value::Of(value));
    return true;
  }
  bool FindWhole(uint32_t field, std::vector<Value>* values) override {
    if (report_.event.empty()) return false;
    return view_.FindWhole(names_[field], values);
  }
  std::optional<int64_t> EventTime() override { return std::nullopt; }

 private:
  const Report& report_;
  const std::vector<std::string>& names_;
  runtime::EventView view_;
};

bool Holds(const ir::Expression& condition, const Report& report,
           text::Reporter* reporter) {
  ir::Expression checked = condition;
  const NoNames scope;
  expression::Checker checker(scope, reporter);
  if (!checker.CheckCondition(&checked)) return false;
  std::vector<std::string> names;
  const program::Expression planned =
      plan::PlanExpression(checked, [&](const std::string& name) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found != names.end()) {
          return static_cast<uint32_t>(found - names.begin());
        }
        names.push_back(name);
        return static_cast<uint32_t>(names.size() - 1);
      });
  ReportFields fields(report, names);
  runtime::Evaluator evaluator;
  return evaluator.IsTrue(planned, &fields);
}

// --- Sources of steps -------------------------------------------------------

class Sources {
 public:
  void Add(const toc::File& file) { files_.push_back(&file); }

  // Adds to `record` what an event of step `name` of `rule` has. False: it
  // cannot be said.
  bool Give(const toc::Rule& rule, const std::string& name,
            Value* record) const {
    for (const toc::Clause& clause : rule.clauses) {
      const toc::Step* const step = std::get_if<toc::Step>(&clause.what);
      if (step != nullptr && step->name.text == name) {
        return GiveSource(step->source, record, 0);
      }
    }
    return GiveNamed(name, record, 0);
  }

  // A recogniser for each log source that some step is of.
  std::vector<LogSourceRecognizer> Recognizers() const {
    std::vector<LogSourceRecognizer> all;
    const auto add = [&](const toc::Source& source) {
      if (source.kind != toc::Source::kLogSource) return;
      LogSourceRecognizer made;
      made.name = "example " + source.product + "/" + source.name.text;
      made.conditions.push_back(
          {.field = kSourceField,
           .equals = source.product + "/" + source.name.text});
      if (!source.product.empty()) made.products = {source.product};
      made.categories = {source.name.text};
      made.services = {source.name.text};
      all.push_back(std::move(made));
    };
    for (const toc::File* file : files_) {
      for (const toc::Item& item : file->items) {
        if (const auto* step = std::get_if<toc::Step>(&item.what)) {
          add(step->source);
        }
        const auto* const rule = std::get_if<toc::Rule>(&item.what);
        if (rule == nullptr) continue;
        for (const toc::Clause& clause : rule->clauses) {
          if (const auto* step = std::get_if<toc::Step>(&clause.what)) {
            add(step->source);
          }
          if (const auto* source = std::get_if<toc::Source>(&clause.what)) {
            add(*source);
          }
        }
      }
    }
    return all;
  }

 private:
  bool GiveNamed(const std::string& name, Value* record, int depth) const {
    for (const toc::File* file : files_) {
      for (const toc::Item& item : file->items) {
        const auto* const step = std::get_if<toc::Step>(&item.what);
        if (step == nullptr || step->name.text != name) continue;
        return GiveSource(step->source, record, depth + 1);
      }
    }
    GiveCategory(name, record);
    return true;
  }

  static void GiveCategory(const std::string& name, Value* record) {
    if (record->Find("event.category") != nullptr) return;
    SetMember("event.category", Value::String(name), record);
  }

  bool GiveSource(const toc::Source& source, Value* record, int depth) const {
    constexpr int kMaxDepth = 20;
    if (depth > kMaxDepth) return false;
    switch (source.kind) {
      case toc::Source::kAny:
        return true;
      case toc::Source::kNamed:
        return GiveNamed(source.name.text, record, depth);
      case toc::Source::kCategory:
        GiveCategory(source.name.text, record);
        return true;
      case toc::Source::kAlerts:
        SetMember(kAlertField, Value::Bool(true), record);
        return true;
      case toc::Source::kRisks:
        SetMember(kRiskField, Value::Bool(true), record);
        return true;
      case toc::Source::kLogSource:
        SetMember(kSourceField,
                  Value::String(source.product + "/" + source.name.text),
                  record);
        return true;
      case toc::Source::kDetector:
        SetMember("result_type", Value::String("record"), record);
        SetMember("job_id", Value::String(source.name.text), record);
        return true;
      case toc::Source::kRule:
      case toc::Source::kEql:
      case toc::Source::kKql:
      case toc::Source::kSigma:
        SetMember(std::string(toc::kExampleMark),
                  Value::String(toc::ExampleMark(source)), record);
        return true;
    }
    return false;
  }

  std::vector<const toc::File*> files_;
};

// --- Running ----------------------------------------------------------------

class ExampleRunner {
 public:
  ExampleRunner(std::shared_ptr<const RuleSet> rules, const Sources& sources,
                const toc::Rule& rule, const text::Source& text)
      : sources_(sources),
        rule_(rule),
        text_(text),
        collector_(rule.name.text),
        engine_(std::move(rules), collector_, Options(sources)) {}

  void Run(const toc::Example& example, ExampleResult* result) {
    for (const toc::ExampleLine& line : example.lines) {
      switch (line.kind) {
        case toc::ExampleLine::kLet:
          records_[line.name.text] = *line.json;
          break;
        case toc::ExampleLine::kAt:
          if (!Feed(line, result)) return;
          break;
        case toc::ExampleLine::kAdvance:
          engine_.AdvanceTo(Timestamp(
              line.when.value.is_null() ? kEnd : MomentOf(line.when.value)));
          break;
        case toc::ExampleLine::kExpect:
          if (!Expect(line, result)) return;
          break;
      }
    }
  }

 private:
  static EngineOptions Options(const Sources& sources) {
    EngineOptions options;
    options.recognizers = sources.Recognizers();
    // Days may lie between two events of an example.
    options.max_future_skew = absl::InfiniteDuration();
    return options;
  }

  static int64_t MomentOf(const Value& when) {
    if (when.kind == ValueKind::kTime) return when.int_value;
    int64_t moment = 0;
    if (__builtin_add_overflow(kBegin, when.int_value, &moment)) return kEnd;
    return moment;
  }

  void Stop(const toc::ExampleLine& line, ExampleResult::Outcome outcome,
            std::string problem, ExampleResult* result) const {
    result->outcome = outcome;
    result->problem = std::move(problem);
    result->problem_line = text_.Locate(line.span.begin).line;
  }

  bool Feed(const toc::ExampleLine& line, ExampleResult* result) {
    Value record{.kind = ValueKind::kObject};
    if (!line.name.text.empty()) record = records_[line.name.text];
    if (line.json) {
      for (size_t i = 0; i < line.json->items.size(); ++i) {
        SetMember(line.json->item_names[i], line.json->items[i], &record);
      }
    }
    if (line.as && !sources_.Give(rule_, line.as->text, &record)) {
      Stop(line, ExampleResult::kNotRun,
           absl::StrCat("events as step `", line.as->text,
                        "` cannot be made yet"),
           result);
      return false;
    }
    const int64_t count = line.repeat ? line.repeat->value.int_value : 1;
    const int64_t gap = line.every ? line.every->value.int_value : 0;
    const bool dated = record.Find("@timestamp") != nullptr;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t time = MomentOf(line.when.value) + i * gap;
      if (!dated) {
        SetMember("@timestamp", Value::String(FormatTimestamp(Timestamp(time))),
                  &record);
      }
      std::string json;
      AppendJson(record, i + 1, &json);
      const std::string id = absl::StrCat("example-", ++fed_);
      if (record.Find(kAlertField) != nullptr) {
        engine_.FeedAlert(json, Timestamp(time));
      } else if (record.Find(kRiskField) != nullptr) {
        engine_.FeedRisk(json, Timestamp(time));
      } else {
        engine_.Feed(Event::Json(json).set_id(id).set_time(Timestamp(time)));
      }
    }
    return true;
  }

  bool Expect(const toc::ExampleLine& line, ExampleResult* result) {
    const std::vector<Report> reports = collector_.Take();
    const auto found = static_cast<int64_t>(reports.size());
    if (found != line.count) {
      Stop(line, ExampleResult::kFailed,
           absl::StrCat("expected ",
                        line.count == 0 ? "nothing" : absl::StrCat(line.count),
                        ", found ",
                        found == 0 ? "nothing" : absl::StrCat(found)),
           result);
      return false;
    }
    if (!line.where) return true;
    Diagnostics ignored;
    text::Reporter reporter(text_, &ignored);
    for (const Report& report : reports) {
      if (Holds(*line.where, report, &reporter)) continue;
      Stop(line, ExampleResult::kFailed,
           absl::StrCat("what was found does not satisfy `",
                        base::ToAbsl(text_.Slice(line.where->span)), "`"),
           result);
      return false;
    }
    return true;
  }

  const Sources& sources_;
  const toc::Rule& rule_;
  const text::Source& text_;
  Collector collector_;
  Engine engine_;
  base::StringMap<Value> records_;
  int64_t fed_ = 0;
};

}  // namespace

TestedRules TestRules(const std::vector<RuleText>& files) {
  TestedRules result;
  Compiler compiler({.take_examples = true});
  std::vector<std::unique_ptr<text::Source>> texts;
  std::vector<toc::File> parsed;
  for (const RuleText& file : files) {
    compiler.AddText(file.text, file.path);
    texts.push_back(std::make_unique<text::Source>(file.path, file.text));
    Diagnostics ignored;
    text::Reporter reporter(*texts.back(), &ignored);
    // Others may be named by rules, and have no examples.
    parsed.push_back(file.path.ends_with(".toc")
                         ? toc::Parse(*texts.back(), &reporter)
                         : toc::File());
  }
  CompileResult compiled = compiler.Compile();
  result.diagnostics = std::move(compiled.diagnostics);
  Sources sources;
  for (const toc::File& file : parsed) sources.Add(file);
  for (size_t i = 0; i < parsed.size(); ++i) {
    for (const toc::Item& item : parsed[i].items) {
      const toc::Rule* const rule = std::get_if<toc::Rule>(&item.what);
      if (rule == nullptr) continue;
      const auto loaded = compiled.rules->rules();
      const bool is_loaded =
          std::any_of(loaded.begin(), loaded.end(), [&](const RuleInfo& info) {
            return info.name == rule->name.text && info.path == files[i].path;
          });
      for (const toc::Clause& clause : rule->clauses) {
        const auto* const example = std::get_if<toc::Example>(&clause.what);
        if (example == nullptr) continue;
        ExampleResult one;
        one.rule = rule->name.text;
        one.example = example->title.text;
        one.path = files[i].path;
        one.line = texts[i]->Locate(clause.span.begin).line;
        one.problem_line = one.line;
        if (is_loaded) {
          ExampleRunner(compiled.rules, sources, *rule, *texts[i])
              .Run(*example, &one);
        } else {
          one.outcome = ExampleResult::kNotRun;
          one.problem = "its rule is not loaded";
        }
        result.examples.push_back(std::move(one));
      }
    }
  }
  return result;
}

}  // namespace tocsin
