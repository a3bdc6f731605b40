#include "src/plan/outcomes.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "src/plan/expressions.h"

namespace tocsin::plan {
namespace {

// How long after the time at which it is true a rule may be decided, beyond the
// lateness.
int64_t DelayOf(const program::Correlation& rule) {
  const bool waits_behind =
      rule.kind == program::Correlation::kChain && rule.legs.back().not_after;
  const bool ends_at_event =
      rule.kind == program::Correlation::kThreshold ||
      rule.kind == program::Correlation::kSeen ||
      (rule.kind == program::Correlation::kChain && !waits_behind) ||
      (rule.kind == program::Correlation::kWindow &&
       rule.window == base::WindowKind::kSliding &&
       rule.reach == base::WindowReach::kBefore);
  if (ends_at_event) return 0;
  return rule.span == INT64_MAX ? rule.span : rule.span + 1;
}

program::IncidentPolicy PlanIncident(const ir::IncidentPolicy& from) {
  program::IncidentPolicy policy;
  policy.idle = absl::ToInt64Nanoseconds(from.idle);
  policy.longest = absl::ToInt64Nanoseconds(from.longest);
  return policy;
}

void PlanSuppress(const ir::Outcome& from, FieldNumbering field,
                  program::SuppressPolicy* policy) {
  if (!from.suppress) return;
  policy->span = absl::ToInt64Nanoseconds(from.suppress->span);
  policy->has_own_keys = from.suppress->keys.has_value();
  policy->splits_lists = from.suppress->splits_lists;
  if (!policy->has_own_keys) return;
  for (const ir::SuppressPolicy::Key& key : *from.suppress->keys) {
    policy->keys.push_back({.name = key.field,
                            .field = field(key.field),
                            .missing_is_value = key.missing_is_value});
  }
}

void PlanKeys(const std::vector<std::string>& fields, FieldNumbering field,
              program::IncidentPolicy* policy) {
  policy->has_own_keys = true;
  for (const std::string& name : fields) {
    policy->keys.push_back({.name = name, .field = field(name)});
  }
}

// What is the same for rules over one event and over several.
void PlanTexts(const ir::Outcome& from, FieldNumbering field,
               program::Outcome* planned) {
  const auto name = [&](const std::string& text) {
    std::vector<std::string>& names = planned->names;
    const auto found = std::find(names.begin(), names.end(), text);
    const auto number = static_cast<uint32_t>(found - names.begin());
    if (found == names.end()) names.push_back(text);
    return number;
  };
  for (const ir::SeverityIf& severity : from.severities) {
    planned->severities.push_back(
        {severity.level, PlanExpression(*severity.condition, name)});
  }
  planned->subject = from.subject;
  planned->severities_replace = from.severities_replace;
  for (const std::string& score : from.score_fields) {
    planned->score_names.push_back(name(score));
  }
  if (!from.title_field.empty()) planned->title_name = name(from.title_field);
  if (from.limit) {
    planned->limit = {.most = from.limit->most,
                      .span = absl::ToInt64Nanoseconds(from.limit->span)};
  }
  for (const ir::MessagePart& part : from.message) {
    planned->message.push_back({.text = part.text,
                                .name = part.field.empty()
                                            ? program::MessagePart::kNoName
                                            : name(part.field),
                                .is_bytes = part.is_bytes});
  }
  for (const ir::ShownValue& shown : from.shown) {
    planned->shown.push_back({shown.name, PlanExpression(*shown.value, name)});
  }
  for (const ir::Response& response : from.responses) {
    program::ResponseRule& to = planned->responses.emplace_back();
    to.action = response.action;
    to.needs_approval = response.needs_approval;
    for (const ir::Response::Argument& argument : response.arguments) {
      to.arguments.push_back({.name = argument.name,
                              .type = argument.type,
                              .value = PlanExpression(*argument.value, name)});
    }
    if (response.condition != nullptr) {
      to.condition = PlanExpression(*response.condition, name);
    }
  }
  for (const ir::Risk& risk : from.risks) {
    planned->risks.push_back(
        {.field = {.name = risk.field, .field = field(risk.field)},
         .points = risk.points,
         .cap = risk.cap.value_or(0),
         .per = risk.cap ? absl::ToInt64Nanoseconds(risk.per) : 0});
  }
}

}  // namespace

program::Outcome PlanOutcome(const ir::Outcome& outcome, FieldNumbering field) {
  program::Outcome planned;
  PlanTexts(outcome, field, &planned);
  PlanSuppress(outcome, field, &planned.suppress);
  planned.suppress.has_own_keys = true;
  if (outcome.incident) {
    planned.makes_incidents = true;
    planned.incident = PlanIncident(*outcome.incident);
    PlanKeys(outcome.incident->fields.value_or(std::vector<std::string>()),
             field, &planned.incident);
  }
  return planned;
}

program::Outcome PlanOutcome(const ir::Correlation& rule,
                             const program::Correlation& planned) {
  const auto no_field = [](const std::string&) { return uint32_t{0}; };
  program::Outcome outcome;
  outcome.delay = DelayOf(planned);
  PlanTexts(rule.outcome, no_field, &outcome);
  PlanSuppress(rule.outcome, no_field, &outcome.suppress);
  outcome.makes_incidents = true;
  const ir::IncidentPolicy policy =
      rule.outcome.incident.value_or(ir::IncidentPolicy());
  outcome.incident = PlanIncident(policy);
  outcome.incident.delay = outcome.delay;
  if (policy.fields) PlanKeys(*policy.fields, no_field, &outcome.incident);
  return outcome;
}

}  // namespace tocsin::plan
