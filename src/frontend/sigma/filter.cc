#include "src/frontend/sigma/filter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/frontend/sigma/condition.h"
#include "src/frontend/sigma/detection_check.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {
namespace {

// Items and values that all filters together may add to all rules: each rule
// gets a copy of its own.
constexpr size_t kMaxAdded = 4'000'000;

using RulesByName = base::StringMap<std::vector<size_t>>;

bool Covers(const LogSource& filter, const LogSource& rule) {
  auto covers = [](const std::string& wider, const std::string& narrower) {
    return wider.empty() || wider == narrower;
  };
  return covers(filter.product, rule.product) &&
         covers(filter.category, rule.category) &&
         covers(filter.service, rule.service);
}

// Whether the condition asks for something that a selection matches. What is
// added to a rule is meant to take events away from it, and events that no
// selection of the filter matches should go on alerting.
bool IsPositive(const Condition& condition) {
  switch (condition.kind) {
    case Condition::kNot:
      return !std::all_of(condition.children.begin(), condition.children.end(),
                          IsPositive);
    case Condition::kOr:
      return std::all_of(condition.children.begin(), condition.children.end(),
                         IsPositive);
    case Condition::kAnd:
      return std::any_of(condition.children.begin(), condition.children.end(),
                         IsPositive);
    case Condition::kName:
    case Condition::kOneOf:
    case Condition::kAllOf:
      break;
  }
  return true;
}

// False if the filter cannot be used, which is reported.
bool Check(const Document& filter, text::Reporter* reporter) {
  if (!CheckDetection(filter.detection, reporter)) return false;
  for (const auto& [text, range] : filter.detection.conditions) {
    const std::optional<Condition> condition =
        ParseCondition(text, range, reporter);
    if (!condition.has_value()) return false;
    if (!IsPositive(*condition)) continue;
    reporter->Warning(
        "T073", range,
        "the filter keeps only the events that its selections match",
        absl::StrCat("to leave them out, write ",
                     text::Quoted(condition->kind == Condition::kName
                                      ? absl::StrCat("not ", text)
                                      : absl::StrCat("not (", text, ")"))));
  }
  return true;
}

// Indices of the rules that the filter is for, each once. References that lead
// nowhere are reported.
std::vector<size_t> Targets(const Document& filter,
                            const std::vector<Document>& rules,
                            const RulesByName& by_name,
                            text::Reporter* reporter) {
  std::vector<size_t> targets;
  if (filter.filter_any) {
    for (size_t i = 0; i < rules.size(); ++i) {
      if (Covers(filter.info.log_source, rules[i].info.log_source)) {
        targets.push_back(i);
      }
    }
    return targets;
  }
  for (const auto& [name, range] : filter.filter_rules) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      reporter->Warning("T072", range,
                        absl::StrCat("no rule with the id or name ",
                                     text::Quoted(name), " is loaded"),
                        "load the rule too, or take the reference out");
      continue;
    }
    for (size_t index : found->second) {
      const Document& rule = rules[index];
      if (!Covers(filter.info.log_source, rule.info.log_source)) {
        reporter->Warning(
            "T074", range,
            absl::StrCat("the filter's log source does not cover that of "
                         "the rule ",
                         text::Quoted(name)),
            "leave out the keys of the filter's `logsource` that the rule does "
            "not have");
      } else {
        targets.push_back(index);
      }
    }
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

size_t CountValues(const Detection& detection) {
  size_t count = 1;
  for (const Selection& selection : detection.selections) {
    for (const std::vector<Item>& items : selection.alternatives) {
      for (const Item& item : items) count += 1 + item.values.size();
    }
  }
  return count;
}

}  // namespace

int ApplyFilters(const std::vector<Document>& filters,
                 std::vector<Document>* rules, Diagnostics* diagnostics) {
  RulesByName by_name;
  for (size_t i = 0; i < rules->size(); ++i) {
    const RuleInfo& info = (*rules)[i].info;
    if (!info.id.empty()) by_name[info.id].push_back(i);
    if (!info.name.empty() && info.name != info.id) {
      by_name[info.name].push_back(i);
    }
  }

  int usable = 0;
  size_t budget = kMaxAdded;
  for (const Document& filter : filters) {
    text::Reporter reporter(*filter.source, diagnostics);
    reporter.set_rule(filter.info.id, filter.info.title);
    if (!Check(filter, &reporter)) continue;
    const std::vector<size_t> targets =
        Targets(filter, *rules, by_name, &reporter);
    const size_t cost = targets.size() * CountValues(filter.detection);
    if (cost > budget) {
      reporter.Error("T077", filter.logsource_range,
                     absl::StrCat("with this filter, filters add more than ",
                                  kMaxAdded, " values to rules"),
                     absl::StrCat("it would apply to ", targets.size(),
                                  " rules: narrow its log source, or name the "
                                  "rules that it is for"));
      continue;
    }
    budget -= cost;
    ++usable;
    if (targets.empty() && filter.filter_any) {
      reporter.Warning("T074", filter.logsource_range,
                       "no rule that is loaded has a log source that this "
                       "filter covers");
    }
    for (size_t index : targets) {
      Detection added = filter.detection;
      added.source = filter.source;
      (*rules)[index].added.push_back(std::move(added));
    }
  }
  return usable;
}

}  // namespace tocsin::sigma
