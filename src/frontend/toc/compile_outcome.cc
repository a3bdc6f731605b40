// What becomes of a detection: `suppress`, `incident`.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/frontend/toc/compiler.h"

namespace tocsin::toc {

using text::Quoted;

namespace {

size_t KeysOf(const When& when) { return when.by ? when.by->keys.size() : 0; }

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
        when_ == nullptr || known.size() < KeysOf(*when_) ||
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

void RuleCompiler::LowerOutcome() {
  ir::Outcome& outcome = when_ != nullptr ? correlation_.outcome : outcome_;
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

}  // namespace tocsin::toc
