#include "src/frontend/toc/explain.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/string_map.h"
#include "src/base/value.h"

namespace tocsin::toc {
namespace {

using base::FirePolicy;
using base::MeasureKind;

std::string Text(absl::Duration duration) {
  return base::PrintDuration(absl::ToInt64Nanoseconds(duration));
}

bool OnlyGrows(const ir::Measure& measure) {
  return measure.kind == MeasureKind::kCount ||
         measure.kind == MeasureKind::kDistinct ||
         measure.kind == MeasureKind::kMax ||
         (measure.kind == MeasureKind::kSum && measure.never_negative);
}

// Whether more events can only make it true, never undo it.
bool OnlyGrows(const ir::Truth& truth) {
  switch (truth.kind) {
    case ir::Truth::kAnd:
    case ir::Truth::kOr:
      for (const ir::Truth& child : truth.children) {
        if (!OnlyGrows(child)) return false;
      }
      return true;
    case ir::Truth::kNot:
    case ir::Truth::kIsNull:
    case ir::Truth::kIsTrue:
      return false;
    case ir::Truth::kCompare:
      break;
  }
  const ir::Term& left = truth.terms[0];
  const ir::Term& right = truth.terms[1];
  const bool at_least = truth.compare == base::MeasureCompare::kGe ||
                        truth.compare == base::MeasureCompare::kGt;
  return at_least && left.kind == ir::Term::kMeasure &&
         OnlyGrows(left.measure) && right.kind == ir::Term::kNumber;
}

class Explainer {
 public:
  void Line(std::string_view what, std::string_view text) {
    std::string padded(what);
    padded.resize(12, ' ');
    absl::StrAppend(&out_, "  ", padded, base::ToAbsl(text), "\n");
  }

  void Head(const RuleInfo& info) {
    absl::StrAppend(&out_, info.name, "\n");
    Line("id", info.id);
    if (info.title != info.name) Line("title", info.title);
    Line("severity", info.level);
    Line("status", info.status);
    if (!info.tags.empty()) Line("tags", absl::StrJoin(info.tags, ", "));
  }

  void Indented(std::string_view what, std::string_view printed) {
    bool first = true;
    while (!printed.empty()) {
      const size_t end = printed.find('\n');
      Line(first ? what : "", printed.substr(0, end));
      first = false;
      if (end == std::string_view::npos) break;
      printed.remove_prefix(end + 1);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string Sources(const LogSource& source) {
  std::string text;
  if (!source.product.empty()) text += " product " + source.product;
  if (!source.category.empty()) text += " category " + source.category;
  if (!source.service.empty()) text += " service " + source.service;
  return text.empty() ? "events of any log source" : "events of" + text;
}

void ExplainPattern(const ir::Correlation& rule, Explainer* out) {
  const std::string printed = Print(rule);
  // Steps, the pattern, window and keys are lines of the printed form.
  std::string pattern;
  std::string_view rest = printed;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const bool other =
        line.starts_with("step ") || line.starts_with("window ") ||
        line.starts_with("by ") || line.starts_with("fire ") ||
        line.starts_with("where ") || line.starts_with("show ") ||
        line.starts_with("expected ");
    if (!other) absl::StrAppend(&pattern, base::ToAbsl(line), "\n");
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  out->Indented("pattern", pattern);
}

std::string WindowText(const ir::Window& window) {
  switch (window.kind) {
    case base::WindowKind::kTumbling:
      return absl::StrCat(
          "fixed, ", Text(window.span),
          " each, its start counts and its end does not, aligned to 1970 in "
          "UTC",
          window.offset == absl::ZeroDuration()
              ? ""
              : absl::StrCat(" plus ", Text(window.offset)));
    case base::WindowKind::kSession:
      return absl::StrCat(
          "a session, ends after ", Text(window.span), " of silence",
          window.longest == absl::InfiniteDuration()
              ? ""
              : absl::StrCat(" or after ", Text(window.longest)));
    case base::WindowKind::kSliding:
      break;
  }
  const char* const reach =
      window.reach == base::WindowReach::kBefore  ? "before"
      : window.reach == base::WindowReach::kAfter ? "after"
                                                  : "around";
  return absl::StrCat(
      "sliding, ", Text(window.span), " ", reach, " the event, ",
      window.half_open ? absl::StrCat("an event exactly ", Text(window.span),
                                      " away does not count")
                       : absl::StrCat("an event exactly ", Text(window.span),
                                      " away counts"));
}

// Whether a condition behind `by` is about the event alone that is looked at,
// so that no late one changes it.
bool AsksOfTriggerOnly(const ir::Correlation& rule) {
  const std::vector<ir::StepIndex>& triggers = rule.pattern.triggers;
  const size_t steps = triggers.empty() ? rule.steps.size() : triggers.size();
  const ir::StepIndex only = triggers.empty() ? 0 : triggers[0];
  return steps == 1 &&
         std::all_of(
             rule.where_fields.begin(), rule.where_fields.end(),
             [&](const ir::WhereField& field) { return field.step == only; });
}

std::string DecidedText(const ir::Correlation& rule) {
  const ir::Pattern& pattern = rule.pattern;
  const std::string late = "when no earlier event is expected any more";
  switch (pattern.kind) {
    case ir::Pattern::kTruth:
      if (rule.window.kind != base::WindowKind::kSliding) {
        return "when the window has closed";
      }
      if (rule.where && !AsksOfTriggerOnly(rule)) return late;
      if (rule.window.reach == base::WindowReach::kBefore &&
          OnlyGrows(pattern.truth)) {
        return "at the event that makes it true, also a late one";
      }
      return late;
    case ir::Pattern::kChain:
      if (pattern.legs.back().negated) {
        return absl::StrCat(Text(rule.window.span), " after the last event, ",
                            late);
      }
      for (const ir::Leg& leg : pattern.legs) {
        if (leg.negated) return "at its last event, " + late;
      }
      return "at its last event, also a late one";
    case ir::Pattern::kSeen:
      return "at the event";
    case ir::Pattern::kRatio:
      return "when the window has closed";
    case ir::Pattern::kSequence:
      return "at its last event, " + late;
  }
  return {};
}

std::string FireText(const ir::Correlation& rule) {
  switch (rule.fire) {
    case FirePolicy::kEvery:
      return "every time it is found true";
    case FirePolicy::kEdge:
      return "once when it becomes true, again after it was false";
    case FirePolicy::kReset:
      return "each time; the events that counted are spent";
    case FirePolicy::kThrottle:
      return absl::StrCat("at most once in ", Text(rule.throttle),
                          " of event time");
  }
  return {};
}

std::string StateText(const ir::Correlation& rule) {
  switch (rule.pattern.kind) {
    case ir::Pattern::kTruth:
      return "times, and values that are measured, of events in the window";
    case ir::Pattern::kChain:
      return "times of events of counted steps, and how far chains have come";
    case ir::Pattern::kSeen:
      return absl::StrCat("a time for each value seen in ",
                          Text(rule.window.span));
    case ir::Pattern::kRatio:
      return "a number for each window of the past";
    case ir::Pattern::kSequence:
      return "for each stage the events that led to it";
  }
  return {};
}

// What a condition behind `by` asks for is kept of each event.
std::string WhereStateText(const ir::Correlation& rule) {
  const auto name = [&](std::string* out, const ir::WhereField& field) {
    absl::StrAppend(out, rule.steps[field.step].name, ".", field.name);
  };
  return "of each of these events " +
         absl::StrJoin(rule.where_fields, ", ", name);
}

void ExplainKeys(const ir::Correlation& rule, Explainer* out) {
  if (rule.group.parts.empty()) {
    out->Line("keys", "none: all events are one group");
    out->Line("partition", "cannot be shared out among engines");
    return;
  }
  std::vector<std::string> names;
  for (const ir::KeyPart& part : rule.group.parts) {
    names.push_back(part.name);
    std::string text = part.name;
    std::vector<std::string> fields;
    for (size_t i = 0; i < part.fields.size(); ++i) {
      fields.push_back(rule.steps[i].name + "." +
                       absl::StrJoin(part.fields[i], " and "));
    }
    bool same = true;
    for (const auto& each : part.fields) {
      same = same && each == part.fields[0] && each.size() == 1;
    }
    if (!same) absl::StrAppend(&text, " = ", absl::StrJoin(fields, " = "));
    absl::StrAppend(&text, part.missing_is_value
                               ? "; a missing one is a value of its own"
                               : "; an event without it is left out, counted");
    out->Line(&part == rule.group.parts.data() ? "keys" : "", text);
  }
  if (rule.group.any_of) {
    out->Line("", "any of them ties events; equal detections are one");
  }
  if (!rule.group.expected.empty()) {
    out->Line("", absl::StrCat(rule.group.expected.size(),
                               " groups exist from the start"));
  }
  out->Line("partition", rule.group.any_of
                             ? "cannot be shared out among engines"
                             : absl::StrJoin(names, ", "));
}

void ExplainOutcome(const ir::Outcome& outcome, bool is_correlation,
                    Explainer* out) {
  for (const ir::SeverityIf& severity : outcome.severities) {
    out->Line("severity",
              absl::StrCat(severity.level, " if ", Print(*severity.condition)));
  }
  if (outcome.message.empty()) {
    out->Line("message", is_correlation ? "its title and keys" : "its title");
  } else {
    std::string message;
    for (const ir::MessagePart& part : outcome.message) {
      absl::StrAppend(&message, part.text);
      if (part.field.empty()) continue;
      absl::StrAppend(&message, "{", part.field, part.is_bytes ? "|bytes" : "",
                      "}");
    }
    out->Line("message", message);
  }
  for (const ir::ShownValue& shown : outcome.shown) {
    out->Line("shows", absl::StrCat(shown.name, " = ", Print(*shown.value)));
  }
  for (const ir::Risk& risk : outcome.risks) {
    out->Line("risk",
              absl::StrCat(risk.points, " for each ", risk.field,
                           risk.cap ? absl::StrCat(", at most ", *risk.cap,
                                                   " in ", Text(risk.per))
                                    : std::string()));
  }
  if (outcome.risks.empty()) out->Line("risk", "none");
  for (const ir::Response& response : outcome.responses) {
    out->Line("asks for",
              absl::StrCat(response.action,
                           response.needs_approval ? ", with approval" : "",
                           response.condition != nullptr
                               ? " if " + Print(*response.condition)
                               : std::string()));
  }
  if (outcome.responses.empty()) out->Line("asks for", "nothing");
  if (!outcome.suppress) {
    out->Line("suppressed", "nothing: every detection goes out");
  } else {
    std::vector<std::string> keys;
    if (outcome.suppress->keys) {
      for (const ir::SuppressPolicy::Key& key : *outcome.suppress->keys) {
        keys.push_back(key.field +
                       (key.missing_is_value
                            ? " (a missing one is a value of its own)"
                            : " (without it all go out)"));
      }
    }
    const std::string alike = outcome.suppress->keys ? absl::StrJoin(keys, ", ")
                              : is_correlation
                                  ? std::string("the keys of the group")
                                  : std::string("nothing: all are alike");
    out->Line("suppressed", absl::StrCat("for ", Text(outcome.suppress->span),
                                         " after one that went out, by ", alike,
                                         "; a higher severity breaks through"));
  }
  if (!outcome.incident && !is_correlation) {
    out->Line("incidents", "none: each detection stands alone");
    return;
  }
  const ir::IncidentPolicy policy =
      outcome.incident.value_or(ir::IncidentPolicy());
  out->Line("incidents",
            absl::StrCat("by ",
                         policy.fields ? absl::StrJoin(*policy.fields, ", ")
                                       : std::string("the keys of the group"),
                         ", closed after ", Text(policy.idle), " of silence",
                         policy.longest == absl::InfiniteDuration()
                             ? ""
                             : absl::StrCat(" or ", Text(policy.longest),
                                            " after the first")));
}

}  // namespace

std::string Explain(const ir::RuleList& list, const TocRule& rule) {
  Explainer out;
  if (!rule.is_correlation) {
    const ir::Rule& of = list.rules[rule.index];
    out.Head(of.info);
    out.Line("form", "one event");
    out.Line("source", Sources(of.info.log_source));
    out.Indented("condition", Print(of.condition));
    out.Line("decided", "at the event, also a late one");
    out.Line("fires", "at every event");
    out.Line("state", "none");
    out.Line("partition", "any");
    ExplainOutcome(of.outcome != nullptr ? *of.outcome : ir::Outcome(), false,
                   &out);
    return out.Take();
  }
  const ir::Correlation& of = list.correlations[rule.index];
  out.Head(of.info);
  out.Line("form", "a pattern of several events");
  for (const ir::Step& step : of.steps) {
    std::string text = step.name + ": ";
    if (step.source == ir::Step::kRule) {
      const ir::Rule& events = list.rules[step.source_index];
      out.Line("step", text + Sources(events.info.log_source));
      out.Indented("", Print(events.condition));
    } else {
      text += step.source == ir::Step::kAlerts
                  ? "all detections, but of rules that use this one"
              : step.source == ir::Step::kRisks
                  ? "all scores that detections give, but of such rules"
                  : "detections of rule " +
                        list.correlations[step.source_index].info.name;
      out.Line("step", text);
      if (step.condition) {
        out.Indented("", Print(list.rules[*step.condition].condition));
      }
    }
  }
  ExplainPattern(of, &out);
  out.Line("window", WindowText(of.window));
  ExplainKeys(of, &out);
  if (of.where) out.Indented("where", Print(list.rules[*of.where].condition));
  out.Line("order", of.order == base::OrderMode::kStrict
                        ? "strict: as the sorted stream"
                        : "eager: what cannot be undone is told at once");
  out.Line("decided", DecidedText(of));
  out.Line("fires", FireText(of));
  out.Line("state", "for each key: " + StateText(of));
  if (!of.where_fields.empty()) out.Line("", WhereStateText(of));
  ExplainOutcome(of.outcome, true, &out);
  return out.Take();
}

}  // namespace tocsin::toc
