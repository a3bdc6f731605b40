#include "src/frontend/sigma/correlation_lower.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/condition.h"

namespace tocsin::sigma {
namespace {

using base::MeasureCompare;
using base::MeasureKind;
using ir::StepIndex;
using ir::Truth;
using text::Quoted;

// Comparisons that "at least k of n rules" may be written out in.
constexpr int kMaxComparisons = 2'000;

MeasureKind KindOf(CorrelationType type) {
  switch (type) {
    case CorrelationType::kValueCount:
      return MeasureKind::kDistinct;
    case CorrelationType::kValueSum:
      return MeasureKind::kSum;
    case CorrelationType::kValueAvg:
      return MeasureKind::kAvg;
    case CorrelationType::kValuePercentile:
      return MeasureKind::kPercentile;
    case CorrelationType::kValueMedian:
      return MeasureKind::kMedian;
    case CorrelationType::kEventCount:
    case CorrelationType::kTemporal:
    case CorrelationType::kTemporalOrdered:
      break;
  }
  return MeasureKind::kCount;
}

Truth Joined(Truth::Kind kind, std::vector<Truth> children) {
  if (children.size() == 1 && kind != Truth::kNot) {
    return std::move(children.front());
  }
  Truth truth;
  truth.kind = kind;
  truth.children = std::move(children);
  return truth;
}

Truth Negated(Truth truth) {
  std::vector<Truth> children;
  children.push_back(std::move(truth));
  return Joined(Truth::kNot, std::move(children));
}

Truth Comparison(ir::Measure measure, MeasureCompare compare, double number) {
  Truth truth;
  truth.compare = compare;
  truth.terms.resize(2);
  truth.terms[0].kind = ir::Term::kMeasure;
  truth.terms[0].measure = std::move(measure);
  truth.terms[1].number = number;
  return truth;
}

bool IsLower(const Bound& bound) {
  return bound.compare == MeasureCompare::kGe ||
         bound.compare == MeasureCompare::kGt;
}

// Asks a pipeline what it makes of field names, by handing it the rule with one
// selection more for each.
constexpr std::string_view kProbe = "correlation field ";

std::vector<std::vector<std::string>> MapFields(
    const Document& rule, const std::vector<std::string>& fields,
    const PipelineSet& pipelines) {
  Document probe = rule;
  for (size_t i = 0; i < fields.size(); ++i) {
    Selection selection;
    selection.name = absl::StrCat(base::ToAbsl(kProbe), i);
    Item item;
    item.fields = {fields[i]};
    item.values.emplace_back();
    selection.alternatives.push_back({std::move(item)});
    probe.detection.selections.push_back(std::move(selection));
  }
  // What is wrong with the rule is told when it is compiled.
  Diagnostics ignored;
  text::Reporter reporter(*rule.source, &ignored);
  static_cast<void>(pipelines.Apply(&probe, &reporter));
  std::vector<std::vector<std::string>> mapped;
  for (const std::string& field : fields) mapped.push_back({field});
  for (const Selection& selection : probe.detection.selections) {
    if (!selection.name.starts_with(kProbe)) continue;
    size_t i = fields.size();
    const bool is_whole =
        absl::SimpleAtoi(selection.name.substr(kProbe.size()), &i) &&
        i < fields.size() && selection.alternatives.size() == 1 &&
        selection.alternatives[0].size() == 1 &&
        !selection.alternatives[0][0].fields.empty();
    if (is_whole) mapped[i] = selection.alternatives[0][0].fields;
  }
  return mapped;
}

class CorrelationLowerer {
 public:
  CorrelationLowerer(const Document& document, const std::vector<Link>& links,
                     const std::vector<std::vector<StepIndex>>& places,
                     const PipelineSet& pipelines, text::Reporter* reporter)
      : document_(document),
        body_(*document.correlation),
        links_(links),
        places_(places),
        pipelines_(pipelines),
        reporter_(reporter) {}

  std::optional<ir::Correlation> Lower() {
    const int errors_before = reporter_->errors();
    out_.info = document_.info;
    out_.range = document_.range;
    AddSteps();
    out_.window.span = body_.timespan;
    CheckAliases();
    ChooseFields();
    AddGroup();
    AddPattern();
    if (reporter_->errors() != errors_before) return std::nullopt;
    return std::move(out_);
  }

 private:
  void AddSteps() {
    for (const Link& link : links_) {
      ir::Step step;
      step.name = link.document->info.name.empty()
                      ? body_.rules[link.reference].name
                      : link.document->info.name;
      step.source =
          link.is_correlation ? ir::Step::kCorrelation : ir::Step::kRule;
      step.source_index = static_cast<uint32_t>(link.number);
      step.range = body_.rules[link.reference].range;
      out_.steps.push_back(std::move(step));
    }
  }

  // A window that opens with an event and is looked at when it has closed.
  void DecideAtClose() {
    out_.window.kind = base::WindowKind::kSession;
    out_.window.longest = body_.timespan;
    out_.fire = base::FirePolicy::kEvery;
  }

  void CheckAliases() {
    for (const Alias& alias : body_.aliases) {
      for (const Alias::Field& entry : alias.fields) {
        std::vector<std::string_view> names;
        for (const Link& link : links_) {
          names.push_back(link.document->info.name);
          names.push_back(link.document->info.id);
        }
        if (std::find(names.begin(), names.end(), entry.rule.name) !=
            names.end()) {
          continue;
        }
        reporter_->Error("T049", entry.rule.range,
                         "alias " + Quoted(alias.name.name) + " is for rule " +
                             Quoted(entry.rule.name) +
                             ", which `rules` does not list",
                         text::DidYouMean(entry.rule.name, names));
      }
    }
  }

  // What `group-by` and `field` are called in the events of each step.
  void ChooseFields() {
    for (size_t step = 0; step < links_.size(); ++step) {
      std::vector<std::string> group;
      std::vector<std::string> names;
      for (const Named& field : body_.group_by) {
        group.push_back(NameIn(step, field));
      }
      names = group;
      for (const Named& field : body_.fields) names.push_back(field.name);
      std::vector<std::vector<std::string>> mapped;
      if (links_[step].is_correlation) {
        for (const Named& field : body_.fields) CheckOfIncidents(step, field);
        for (const std::string& name : names) mapped.push_back({name});
      } else if (pipelines_.empty()) {
        for (const std::string& name : names) mapped.push_back({name});
      } else {
        mapped = MapFields(*links_[step].document, names, pipelines_);
      }
      fields_.push_back(std::move(mapped));
    }
  }

  std::string NameIn(size_t step, const Named& field) {
    const Link& link = links_[step];
    const auto alias = std::find_if(
        body_.aliases.begin(), body_.aliases.end(),
        [&](const Alias& other) { return other.name.name == field.name; });
    if (alias == body_.aliases.end()) {
      if (link.is_correlation) CheckOfIncidents(step, field);
      return field.name;
    }
    const RuleInfo& info = link.document->info;
    for (const Alias::Field& entry : alias->fields) {
      if (entry.rule.name != info.name && entry.rule.name != info.id) continue;
      if (link.is_correlation) {
        CheckOfIncidents(step, {entry.field, entry.rule.range});
      }
      return entry.field;
    }
    // The incidents of a correlation have its aliases.
    if (link.is_correlation && IncidentsHave(link, field.name)) {
      return field.name;
    }
    reporter_->Error(
        "T049", alias->name.range,
        "alias " + Quoted(field.name) + " has no field for rule " +
            Quoted(out_.steps[step].name),
        "say which field it is there: `" + out_.steps[step].name + ": field`");
    return field.name;
  }

  static bool IncidentsHave(const Link& link, std::string_view field) {
    const std::vector<Named>& keys = link.document->correlation->group_by;
    return std::any_of(keys.begin(), keys.end(),
                       [&](const Named& key) { return key.name == field; });
  }

  void CheckOfIncidents(size_t step, const Named& field) {
    const Link& link = links_[step];
    if (IncidentsHave(link, field.name)) return;
    std::vector<std::string> keys;
    for (const Named& key : link.document->correlation->group_by) {
      keys.push_back(Quoted(key.name));
    }
    reporter_->Error("T050", field.range,
                     "correlation " + Quoted(out_.steps[step].name) +
                         " does not hand on a field " + Quoted(field.name),
                     keys.empty() ? "it has no `group-by`; add the field there"
                                  : "its fields are those of its `group-by`: " +
                                        absl::StrJoin(keys, ", ") +
                                        "; add the field there");
  }

  void AddGroup() {
    for (size_t i = 0; i < body_.group_by.size(); ++i) {
      ir::KeyPart part;
      part.name = body_.group_by[i].name;
      for (size_t step = 0; step < links_.size(); ++step) {
        part.fields.push_back(fields_[step][i]);
      }
      out_.group.parts.push_back(std::move(part));
    }
  }

  void AddPattern() {
    if (body_.over.has_value()) {
      if (body_.type == CorrelationType::kTemporalOrdered) {
        AddOrderedCondition();
      } else {
        AddCondition();
      }
    } else if (body_.type == CorrelationType::kTemporalOrdered) {
      AddOrdered();
    } else if (body_.type == CorrelationType::kTemporal) {
      AddTemporal();
    } else {
      AddMeasured();
    }
  }

  // event_count and value_*.
  void AddMeasured() {
    ir::Measure measure;
    measure.kind = KindOf(body_.type);
    measure.parameter = body_.percentile;
    for (StepIndex step = 0; step < links_.size(); ++step) {
      measure.steps.push_back(step);
    }
    for (size_t i = 0; i < body_.fields.size(); ++i) {
      measure.fields.push_back(MeasuredField(i));
    }
    std::vector<Truth> bounds;
    for (const Bound& bound : body_.bounds) {
      bounds.push_back(Comparison(measure, bound.compare, bound.number));
    }
    SetTruth(Joined(Truth::kAnd, std::move(bounds)));
    if (!std::all_of(body_.bounds.begin(), body_.bounds.end(), IsLower)) {
      DecideAtClose();
    }
  }

  // A measure looks at one field, by the same name in all events.
  std::string MeasuredField(size_t number) {
    const size_t at = body_.group_by.size() + number;
    const std::vector<std::string>& first = fields_[0][at];
    for (const auto& fields : fields_) {
      if (fields[at].size() == 1 && fields[at] == first) continue;
      reporter_->Error("T054", body_.fields[number].range,
                       "pipelines give the field " +
                           Quoted(body_.fields[number].name) +
                           " more than one name",
                       "the values of one field are compared: map it to one "
                       "name for all rules of the correlation");
      break;
    }
    return first[0];
  }

  void SetTruth(Truth truth) {
    out_.pattern.kind = ir::Pattern::kTruth;
    out_.pattern.truth = std::move(truth);
  }

  // An event of the rules that reference number `reference` means.
  Truth Occurs(size_t reference) const {
    ir::Measure count;
    count.steps = places_[reference];
    return Comparison(std::move(count), MeasureCompare::kGe, 1);
  }

  void AddTemporal() {
    const int n = static_cast<int>(body_.rules.size());
    if (body_.bounds.empty()) return SetTruth(AtLeast(0, n));
    std::vector<Truth> bounds;
    for (const Bound& bound : body_.bounds) {
      // Beyond these it makes no difference.
      const int number = static_cast<int>(std::min(bound.number, n + 1.0));
      switch (bound.compare) {
        case MeasureCompare::kGe:
          bounds.push_back(AtLeastOrNever(number));
          break;
        case MeasureCompare::kGt:
          bounds.push_back(AtLeastOrNever(number + 1));
          break;
        case MeasureCompare::kLt:
          bounds.push_back(Negated(AtLeastOrNever(number)));
          break;
        case MeasureCompare::kLe:
          bounds.push_back(Negated(AtLeastOrNever(number + 1)));
          break;
        case MeasureCompare::kEq:
          bounds.push_back(Exactly(number));
          break;
        case MeasureCompare::kNe:
          bounds.push_back(Negated(Exactly(number)));
          break;
      }
    }
    SetTruth(Joined(Truth::kAnd, std::move(bounds)));
    if (!std::all_of(body_.bounds.begin(), body_.bounds.end(), IsLower)) {
      DecideAtClose();
    }
  }

  Truth Exactly(int number) {
    std::vector<Truth> both;
    both.push_back(AtLeastOrNever(number));
    both.push_back(Negated(AtLeastOrNever(number + 1)));
    return Joined(Truth::kAnd, std::move(both));
  }

  // At least `number` of all rules.
  Truth AtLeastOrNever(int number) {
    const int n = static_cast<int>(body_.rules.size());
    if (number >= 1 && number <= n) return AtLeast(0, number);
    // A count is never below 0: always true, or never.
    ir::Measure count;
    count.steps = places_[0];
    return Comparison(std::move(count),
                      number < 1 ? MeasureCompare::kGe : MeasureCompare::kLt,
                      0);
  }

  // At least `number` of the rules from reference `first` on: that one and one
  // less of the rest, or all of them of the rest.
  Truth AtLeast(size_t first, int number) {
    const size_t left = body_.rules.size() - first;
    if (comparisons_ > kMaxComparisons) {
      FailIfTooMany();
      return Truth();
    }
    std::vector<Truth> ways;
    if (number == 1 || static_cast<size_t>(number) == left) {
      comparisons_ += static_cast<int>(left);
      for (size_t i = first; i < body_.rules.size(); ++i) {
        ways.push_back(Occurs(i));
      }
      return Joined(number == 1 ? Truth::kOr : Truth::kAnd, std::move(ways));
    }
    std::vector<Truth> both;
    ++comparisons_;
    both.push_back(Occurs(first));
    both.push_back(AtLeast(first + 1, number - 1));
    ways.push_back(Joined(Truth::kAnd, std::move(both)));
    ways.push_back(AtLeast(first + 1, number));
    return Joined(Truth::kOr, std::move(ways));
  }

  void FailIfTooMany() {
    if (has_failed_) return;
    has_failed_ = true;
    reporter_->Error("T051", body_.condition_range,
                     absl::StrCat("there are too many ways to choose from ",
                                  body_.rules.size(), " rules"),
                     "ask for one or for all of fewer rules, and chain these "
                     "correlations");
  }

  // All rules in the order in which they are listed.
  void AddOrdered() {
    const int n = static_cast<int>(body_.rules.size());
    for (const Bound& bound : body_.bounds) {
      const bool is_all =
          (bound.compare == MeasureCompare::kGt && bound.number == n - 1) ||
          (bound.compare == MeasureCompare::kGe && bound.number == n) ||
          (bound.compare == MeasureCompare::kEq && bound.number == n);
      if (is_all) continue;
      reporter_->Error("T037", body_.condition_range,
                       "an ordered correlation is about all of its rules",
                       absl::StrCat("leave the condition out, or write `gte: ",
                                    n, "`; `temporal` takes other numbers"));
      return;
    }
    for (size_t i = 0; i < body_.rules.size(); ++i) {
      ir::Leg leg;
      leg.steps = places_[i];
      out_.pattern.legs.push_back(std::move(leg));
    }
    SetChain();
  }

  // `a and b and not c`: what is negated must not come where `rules` has it.
  void AddOrderedCondition() {
    std::vector<const Condition*> parts = {&*body_.over};
    if (body_.over->kind == Condition::kAnd) {
      parts.clear();
      for (const Condition& part : body_.over->children) {
        parts.push_back(&part);
      }
    }
    std::vector<bool> negated(body_.rules.size(), false);
    for (const Condition* part : parts) {
      const bool is_negated = part->kind == Condition::kNot;
      const Condition& rule = is_negated ? part->children[0] : *part;
      const bool is_simple =
          rule.kind == Condition::kName ||
          rule.kind == (is_negated ? Condition::kOneOf : Condition::kAllOf);
      if (!is_simple) {
        reporter_->Error("T038", part->range,
                         "the condition of an ordered correlation may only "
                         "join rules by `and` and `and not`",
                         "write `temporal` where the order does not matter");
        return;
      }
      for (size_t i = 0; i < body_.rules.size(); ++i) {
        if (Means(rule, i) && is_negated) negated[i] = true;
      }
    }
    for (size_t i = 0; i < body_.rules.size(); ++i) AddLeg(i, negated[i]);
    SetChain();
  }

  void AddLeg(size_t reference, bool is_negated) {
    std::vector<ir::Leg>& legs = out_.pattern.legs;
    const std::vector<StepIndex>& steps = places_[reference];
    if (is_negated && legs.empty()) {
      reporter_->Error("T038", body_.rules[reference].range,
                       "an ordered correlation cannot begin with what must "
                       "not come",
                       "list the rule behind one that must come");
      return;
    }
    if (is_negated && legs.back().negated) {
      legs.back().steps.insert(legs.back().steps.end(), steps.begin(),
                               steps.end());
      return;
    }
    ir::Leg leg;
    leg.steps = steps;
    leg.negated = is_negated;
    legs.push_back(std::move(leg));
  }

  void SetChain() {
    out_.pattern.kind = ir::Pattern::kChain;
    const bool waits =
        !out_.pattern.legs.empty() && out_.pattern.legs.back().negated;
    out_.fire = waits ? base::FirePolicy::kEvery : base::FirePolicy::kReset;
  }

  bool Means(const Condition& condition, size_t reference) const {
    const std::string& name = body_.rules[reference].name;
    return condition.kind == Condition::kName
               ? condition.name == name
               : PatternSelects(condition.name, name);
  }

  // A condition over rules. With `not` it is asked of the window that an event
  // of another rule opens, when that has closed.
  void AddCondition() {
    std::vector<bool> asked(body_.rules.size(), false);
    bool has_not = false;
    SetTruth(Lowered(*body_.over, false, &asked, &has_not));
    if (!has_not) return;
    out_.window.reach = base::WindowReach::kAfter;
    std::vector<StepIndex>& triggers = out_.pattern.triggers;
    for (size_t i = 0; i < asked.size(); ++i) {
      if (!asked[i]) continue;
      triggers.insert(triggers.end(), places_[i].begin(), places_[i].end());
    }
    std::sort(triggers.begin(), triggers.end());
    triggers.erase(std::unique(triggers.begin(), triggers.end()),
                   triggers.end());
  }

  Truth Lowered(const Condition& condition, bool under_not,
                std::vector<bool>* asked, bool* has_not) {
    std::vector<Truth> children;
    if (condition.kind == Condition::kNot) {
      *has_not = true;
      return Negated(
          Lowered(condition.children[0], !under_not, asked, has_not));
    }
    for (const Condition& child : condition.children) {
      children.push_back(Lowered(child, under_not, asked, has_not));
    }
    if (condition.children.empty()) {
      for (size_t i = 0; i < body_.rules.size(); ++i) {
        if (!Means(condition, i)) continue;
        if (!under_not) (*asked)[i] = true;
        children.push_back(Occurs(i));
      }
    }
    const bool any =
        condition.kind == Condition::kOr || condition.kind == Condition::kOneOf;
    return Joined(any ? Truth::kOr : Truth::kAnd, std::move(children));
  }

  const Document& document_;
  const CorrelationBody& body_;
  const std::vector<Link>& links_;
  const std::vector<std::vector<StepIndex>>& places_;
  const PipelineSet& pipelines_;
  text::Reporter* reporter_;
  ir::Correlation out_;
  // For each step, of group-by, then of the condition.
  std::vector<std::vector<std::vector<std::string>>> fields_;
  int comparisons_ = 0;
  bool has_failed_ = false;
};

}  // namespace

std::optional<ir::Correlation> LowerCorrelation(
    const Document& document, const std::vector<Link>& links,
    const std::vector<std::vector<StepIndex>>& places,
    const PipelineSet& pipelines, text::Reporter* reporter) {
  return CorrelationLowerer(document, links, places, pipelines, reporter)
      .Lower();
}

}  // namespace tocsin::sigma
