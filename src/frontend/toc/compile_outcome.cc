// What becomes of a detection: `severity ... if`, `message`, `risk`, `respond`,
// `suppress`, `incident`.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/list_table.h"
#include "src/base/string_map.h"
#include "src/frontend/expression/check.h"
#include "src/frontend/toc/compiler.h"
#include "src/frontend/toc/parse.h"

namespace tocsin::toc {

using text::Quoted;

namespace {

size_t KeysOf(const When* when) {
  return when != nullptr && when->by ? when->by->keys.size() : 0;
}

base::ElementType ElementTypeOf(std::string_view word) {
  constexpr std::pair<std::string_view, base::ElementType> kTypes[] = {
      {"nocase", base::ElementType::kNoCase},
      {"ip", base::ElementType::kIp},
      {"cidr", base::ElementType::kCidr},
      {"domain", base::ElementType::kDomain},
      {"number", base::ElementType::kNumber},
      {"time", base::ElementType::kTime},
      {"duration", base::ElementType::kDuration},
      {"bool", base::ElementType::kBool},
  };
  for (const auto& [name, type] : kTypes) {
    if (name == word) return type;
  }
  return base::ElementType::kString;
}

}  // namespace

// The names of `by` behind a clause: fields of the event, or keys of the group.
std::vector<ir::SuppressPolicy::Key> RuleCompiler::OutcomeKeys(const By& by) {
  std::vector<ir::SuppressPolicy::Key> names;
  if (by.any_of || by.each_of) {
    Error("T335", by.span, "detections are held together by fields",
          "name them: `by user.name, source.ip`");
    return names;
  }
  for (const std::vector<Expression>& key : by.keys) {
    const Span span = key[0].span;
    if (key.size() > 1 || key[0].kind != Expression::kField ||
        key[0].field.has_index()) {
      Error("T335", span, "a detection is held with others by a field",
            "name one field");
      continue;
    }
    std::string name = key[0].field.Name();
    std::vector<std::string> known;
    for (const ir::KeyPart& part : correlation_.group.parts) {
      known.push_back(part.name);
    }
    // Any field of the event of `detect`; what is wrong with keys was told.
    const bool is_known =
        (when_ == nullptr && correlation_.steps.empty()) ||
        known.size() < KeysOf(when_) ||
        std::find(known.begin(), known.end(), name) != known.end();
    if (!is_known) {
      std::string help;
      for (const std::string& each : known) {
        absl::StrAppend(&help, help.empty() ? "it has: " : ", ", each);
      }
      Error("T331", span, "the detection has no " + Quoted(name),
            help.empty() ? "add it to `by` of the `when`" : help);
      continue;
    }
    names.push_back({std::move(name), key[0].field.optional});
  }
  return names;
}

// What a condition or a value of a clause is about must be of the finding.
bool RuleCompiler::HasFields(const Expression& of) {
  // Of a pattern with an error it is not known what there is.
  if (when_ == nullptr || correlation_.steps.empty()) return true;
  std::vector<Field> fields;
  CollectFields(of, &fields);
  for (const Field& field : fields) {
    const std::string name = field.path.Name();
    const bool is_step =
        std::any_of(steps_.begin(), steps_.end(),
                    [&](const RuleStep& step) { return step.name == name; });
    if (is_step || IsKnownValue(name)) continue;
    Error("T331", field.span, "the detection has no " + Quoted(name),
          "it has: " + absl::StrJoin(KnownValues(), ", "));
    return false;
  }
  return true;
}

// Null: it has an error, which was told.
std::shared_ptr<const Expression> RuleCompiler::LowerForFinding(
    const Expression& written, bool is_condition) {
  if (!HasFields(written)) return nullptr;
  auto checked = std::make_shared<Expression>(written);
  expression::Checker checker(scope_, &reporter_);
  checker.set_steps_allowed(when_ != nullptr);
  const bool is_fine = is_condition ? checker.CheckCondition(checked.get())
                                    : checker.CheckValue(checked.get());
  if (is_fine) return checked;
  ++errors_;
  return nullptr;
}

void RuleCompiler::LowerRisk(const Risk& risk, ir::Outcome* outcome) {
  ir::Risk to;
  to.points = base::DoubleOf(risk.points.value).value_or(0);
  to.field = risk.field.path.Name();
  if (to.points <= 0) {
    Error("T335", risk.points.span, "points of risk are more than none",
          "write a number such as `40`");
  }
  const bool is_key = std::any_of(
      correlation_.group.parts.begin(), correlation_.group.parts.end(),
      [&](const ir::KeyPart& part) { return part.name == to.field; });
  if (when_ != nullptr && !is_key) {
    Error("T331", risk.field.span, "the detection has no " + Quoted(to.field),
          "name one of the fields behind `by`");
  }
  if (risk.cap) {
    to.cap = base::DoubleOf(risk.cap->value);
    if (risk.per) to.per = ToDuration(*risk.per);
    if (to.per <= absl::ZeroDuration()) to.cap.reset();
  }
  outcome->risks.push_back(std::move(to));
}

void RuleCompiler::LowerRespond(const Respond& respond, ir::Outcome* outcome) {
  const int before = errors_;
  CheckRespond(respond);
  const Action* const action = module_.FindAction(respond.action.text);
  if (errors_ > before || action == nullptr) return;
  ir::Response to;
  to.action = respond.action.text;
  to.needs_approval = respond.needs_approval;
  for (const Respond::Argument& argument : respond.arguments) {
    const auto parameter =
        std::find_if(action->parameters.begin(), action->parameters.end(),
                     [&](const Action::Parameter& each) {
                       return each.name.text == argument.name.text;
                     });
    auto value = LowerForFinding(argument.value, false);
    if (value == nullptr) return;
    to.arguments.push_back({.name = argument.name.text,
                            .type = ElementTypeOf(parameter->type.text),
                            .value = std::move(value)});
  }
  if (respond.condition) {
    to.condition = LowerForFinding(*respond.condition, true);
    if (to.condition == nullptr) return;
  }
  outcome->responses.push_back(std::move(to));
}

// The measure that a message names in brackets, where it stands.
std::optional<Truth> RuleCompiler::ReadMeasure(std::string_view written,
                                               Span place) {
  // As the clause of a rule, at the same place of the file.
  std::string text = "rule x { show ";
  if (text.size() < place.begin) text.resize(place.begin, ' ');
  absl::StrAppend(&text, base::ToAbsl(written), " as x }");
  const text::Source source(module_.source().path(), text);
  Diagnostics problems;
  text::Reporter reporter(source, &problems);
  const File file = Parse(source, &reporter);
  if (!problems.empty() || file.items.size() != 1) return std::nullopt;
  const auto* const rule = std::get_if<Rule>(&file.items[0].what);
  if (rule == nullptr || rule->clauses.size() != 1) return std::nullopt;
  const auto* const show = std::get_if<Show>(&rule->clauses[0].what);
  if (show == nullptr || show->items.size() != 1) return std::nullopt;
  return show->items[0].measure;
}

void RuleCompiler::LowerMessage(const Texts& texts, ir::Outcome* outcome) {
  const std::string& text = texts.texts[0].text;
  const std::string_view written = module_.source().Slice(texts.spans[0]);
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find('{', at);
    if (open != at) {
      outcome->message.push_back({.text = text.substr(at, open - at)});
    }
    if (open == std::string::npos) return;
    const size_t close = text.find('}', open);
    if (close == std::string::npos) return;  // Told by CheckMessage.
    std::string name = text.substr(open + 1, close - open - 1);
    at = close + 1;
    Span place = texts.spans[0];
    const size_t shown = written.find(text.substr(open, at - open));
    if (shown != std::string_view::npos) {
      place.begin += static_cast<uint32_t>(shown) + 1;
      place.end = place.begin + static_cast<uint32_t>(name.size());
    }
    ir::MessagePart part;
    if (const size_t bar = name.find('|'); bar != std::string::npos) {
      const std::string form = name.substr(bar + 1);
      name.resize(bar);
      part.is_bytes = form == "bytes";
      if (!part.is_bytes) {
        Error("T331", place, "a value cannot be written as " + Quoted(form),
              "`|bytes` writes a number of bytes with its unit");
      }
    }
    part.field = name;
    outcome->message.push_back(std::move(part));
    if (name.find('(') == std::string::npos) continue;
    if (!KeepsMeasures()) {
      Error("T331", place, "the detection has no " + Quoted(name),
            when_ == nullptr ? "measures are of several events"
                             : "this pattern keeps counts of steps only");
      continue;
    }
    const std::optional<Truth> measure = ReadMeasure(name, place);
    if (!measure || measure->kind != Truth::kMeasure) {
      Error("T331", place, Quoted(name) + " is no measure",
            "write one such as `{distinct(user.name) of step}`");
      continue;
    }
    AddShown(*measure, name);
  }
}

// Whether measures can be worked out beside what the pattern asks for.
bool RuleCompiler::KeepsMeasures() const {
  return when_ != nullptr && (when_->pattern.kind == Pattern::kTruth ||
                              when_->pattern.kind == Pattern::kWith);
}

void RuleCompiler::AddShown(const Truth& measure, std::string name) {
  is_shown_ = true;
  const ir::Term term = LowerTerm(measure, nullptr);
  is_shown_ = false;
  const bool is_known =
      std::any_of(correlation_.shown.begin(), correlation_.shown.end(),
                  [&](const ir::Shown& shown) { return shown.name == name; });
  if (!is_known) {
    correlation_.shown.push_back({std::move(name), term.measure});
  }
}

// A function of what the finding has: `show geoSpeed(first, second) as speed`.
void RuleCompiler::LowerShownCall(const Show::Item& item) {
  const Truth& written = item.measure;
  if (written.kind != Truth::kMeasure || written.of) {
    Error("T331", written.span,
          "the detection has no " + Quoted(Written(written.span)),
          "show a measure such as `sum(x) of step`, or a function of what the "
          "detection has");
    return;
  }
  Expression call;
  call.kind = Expression::kCall;
  call.name = written.name.text;
  call.name_span = written.name.span;
  call.span = written.span;
  call.children = written.arguments;
  auto value = LowerForFinding(call, false);
  if (value == nullptr) return;
  correlation_.outcome.shown.push_back(
      {item.name ? item.name->text : Written(written.span), std::move(value)});
}

// Of a rule that says none: its title and keys, as of all rules, and behind
// them the values that are new. What is worked out is in no event.
void RuleCompiler::NameWhatIsNew(ir::Outcome* outcome) {
  std::vector<ir::MessagePart> parts;
  const auto add = [&](const std::string& name, std::string field) {
    parts.push_back({.text = (parts.empty() ? ": " : ", ") + name + " "});
    parts.push_back({.text = "", .field = std::move(field)});
  };
  if (correlation_.group.any_of) {
    parts.push_back({.text = ": "});
    parts.push_back({.text = "", .field = "tie.field"});
    parts.push_back({.text = " "});
    parts.push_back({.text = "", .field = "tie.value"});
  } else {
    for (const ir::KeyPart& key : correlation_.group.parts) {
      add(key.name, key.name);
    }
  }
  const size_t keys = parts.size();
  for (const std::string& field : correlation_.pattern.fields) {
    const bool is_computed = std::any_of(
        correlation_.computed.begin(), correlation_.computed.end(),
        [&](const ir::ComputedField& of) { return of.name == field; });
    if (!is_computed) add(field, when_->pattern.of->text + "." + field);
  }
  if (parts.size() == keys) return;
  outcome->message.push_back({.text = info_.title});
  for (ir::MessagePart& part : parts) {
    outcome->message.push_back(std::move(part));
  }
}

void RuleCompiler::LowerOutcome() {
  // `detect` over findings is a correlation too.
  const bool is_correlation = when_ != nullptr || !correlation_.steps.empty();
  ir::Outcome& outcome = is_correlation ? correlation_.outcome : outcome_;
  for (const Clause& clause : rule_.clauses) {
    if (const auto* const level = std::get_if<Level>(&clause.what)) {
      if (!level->condition) continue;
      auto condition = LowerForFinding(*level->condition, true);
      if (condition == nullptr) continue;
      outcome.severities.push_back(
          {LevelOf(level->level.text), std::move(condition)});
    } else if (const auto* const risk = std::get_if<Risk>(&clause.what)) {
      LowerRisk(*risk, &outcome);
    } else if (const auto* const ask = std::get_if<Respond>(&clause.what)) {
      LowerRespond(*ask, &outcome);
    } else if (clause.kind == Clause::kMessage && outcome.message.empty()) {
      LowerMessage(std::get<Texts>(clause.what), &outcome);
    }
  }
  if (when_ != nullptr && when_->pattern.kind == Pattern::kNew &&
      outcome.message.empty()) {
    NameWhatIsNew(&outcome);
  }
  if (suppress_ != nullptr) {
    ir::SuppressPolicy policy;
    policy.span = ToDuration(suppress_->duration);
    if (policy.span <= absl::ZeroDuration()) {
      Error("T311", suppress_->duration.span,
            "nothing is suppressed for no time at all",
            "write a duration such as `1h`, or leave the clause out");
    }
    if (suppress_->by) policy.keys = OutcomeKeys(*suppress_->by);
    outcome.suppress = std::move(policy);
  }
  if (incident_ != nullptr) {
    ir::IncidentPolicy policy;
    policy.fields.emplace();
    for (ir::SuppressPolicy::Key& key : OutcomeKeys(incident_->by)) {
      policy.fields->push_back(std::move(key.field));
    }
    if (incident_->idle) policy.idle = ToDuration(*incident_->idle);
    if (incident_->longest) policy.longest = ToDuration(*incident_->longest);
    outcome.incident = std::move(policy);
  }
}

// As other formats call it.
std::string LevelOf(std::string_view word) {
  return word == "info" ? "informational" : std::string(word);
}

}  // namespace tocsin::toc
