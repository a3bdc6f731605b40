#include "src/frontend/sigma/correlation_set.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/text/reporter.h"

namespace tocsin::sigma {
namespace {

using text::Quoted;

constexpr uint32_t kNoNumber = 0xFFFFFFFF;

// Documents by id and by name; correlations are numbered behind the rules.
using NumbersByName = base::StringMap<std::vector<size_t>>;

void AddNames(const RuleInfo& info, size_t number, NumbersByName* by_name) {
  if (!info.id.empty()) (*by_name)[info.id].push_back(number);
  if (!info.name.empty() && info.name != info.id) {
    (*by_name)[info.name].push_back(number);
  }
}

// Strongly connected components, by Tarjan, without recursion: correlations may
// form chains of any length.
class RingFinder {
 public:
  explicit RingFinder(const std::vector<std::vector<size_t>>& edges)
      : edges_(edges),
        found_(edges.size(), 0),
        lowest_(edges.size(), 0),
        next_(edges.size(), 0),
        component_(edges.size(), kNone) {}

  // The number of each node's component.
  std::vector<size_t> Find() {
    for (size_t i = 0; i < edges_.size(); ++i) {
      if (found_[i] == 0) Walk(i);
    }
    return std::move(component_);
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  void Open(size_t node) {
    found_[node] = lowest_[node] = ++count_;
    path_.push_back(node);
    members_.push_back(node);
  }

  void Walk(size_t start) {
    Open(start);
    while (!path_.empty()) {
      const size_t node = path_.back();
      if (next_[node] < edges_[node].size()) {
        const size_t to = edges_[node][next_[node]++];
        if (found_[to] == 0) {
          Open(to);
        } else if (component_[to] == kNone) {
          lowest_[node] = std::min(lowest_[node], found_[to]);
        }
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) {
        const size_t before = path_.back();
        lowest_[before] = std::min(lowest_[before], lowest_[node]);
      }
      if (lowest_[node] == found_[node]) Close(node);
    }
  }

  void Close(size_t node) {
    size_t member = kNone;
    do {
      member = members_.back();
      members_.pop_back();
      component_[member] = components_;
    } while (member != node);
    ++components_;
  }

  const std::vector<std::vector<size_t>>& edges_;
  std::vector<size_t> found_;   // When it was reached; 0: not yet.
  std::vector<size_t> lowest_;  // The earliest that it leads back to.
  std::vector<size_t> next_;    // Edge to follow.
  std::vector<size_t> component_;
  std::vector<size_t> path_;
  std::vector<size_t> members_;  // Reached, of no component yet.
  size_t count_ = 0;
  size_t components_ = 0;
};

}  // namespace

void CorrelationSet::Add(Document document, size_t file) {
  Entry entry;
  entry.document = std::move(document);
  entry.file = file;
  entries_.push_back(std::move(entry));
}

void CorrelationSet::Fail(Entry* entry, std::string_view code,
                          text::Range range, std::string message,
                          std::string help) {
  text::Reporter reporter(*entry->document.source, &entry->problems);
  const RuleInfo& info = entry->document.info;
  reporter.set_rule(info.id, info.title);
  reporter.Error(code, range, std::move(message), std::move(help));
  entry->is_lost = true;
}

template <typename ByName>
void CorrelationSet::FindLinks(const ByName& by_name,
                               const std::vector<Document>& rules,
                               Entry* entry) {
  const CorrelationBody& body = *entry->document.correlation;
  for (size_t i = 0; i < body.rules.size(); ++i) {
    std::vector<ir::StepIndex>& places = entry->places.emplace_back();
    const auto& [name, range] = body.rules[i];
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      Fail(entry, "T039", range,
           "no rule with the id or name " + Quoted(name) + " is loaded",
           "load the rule too, or take the reference out");
      continue;
    }
    if (found->second.size() > ir::kMaxSteps) {
      Fail(entry, "T051", range,
           absl::StrCat(found->second.size(), " documents have the id or name ",
                        base::ToAbsl(Quoted(name))),
           "give each document its own");
      continue;
    }
    for (const size_t number : found->second) {
      const bool is_rule = number < rules.size();
      const Document& document =
          is_rule ? rules[number] : entries_[number - rules.size()].document;
      const auto same = [&](const Link& link) {
        return link.document == &document;
      };
      const auto link =
          std::find_if(entry->links.begin(), entry->links.end(), same);
      places.push_back(static_cast<uint32_t>(link - entry->links.begin()));
      if (link != entry->links.end()) continue;
      entry->links.push_back(
          {.document = &document,
           .is_correlation = !is_rule,
           .number = is_rule ? number : number - rules.size(),
           .reference = i});
    }
  }
  if (entry->links.size() <= ir::kMaxSteps) return;
  Fail(entry, "T051", body.rules_range,
       absl::StrCat("the ids and names of `rules` stand for ",
                    entry->links.size(), " documents, more than ",
                    ir::kMaxSteps),
       "give each document its own");
  entry->links.clear();
}

void CorrelationSet::LoseRings() {
  std::vector<std::vector<size_t>> edges(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) {
    for (const Link& link : entries_[i].links) {
      if (link.is_correlation) edges[i].push_back(link.number);
    }
  }
  const std::vector<size_t> component = RingFinder(edges).Find();
  for (size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    for (const Link& link : entry.links) {
      if (!link.is_correlation || component[link.number] != component[i]) {
        continue;
      }
      const Named& reference =
          entry.document.correlation->rules[link.reference];
      Fail(&entry, "T048", reference.range,
           link.number == i ? "the correlation refers to itself"
                            : "correlation " + Quoted(reference.name) +
                                  " refers back to this one",
           "correlations may not form a ring: take one of the references out");
      break;
    }
  }
  // Components are numbered from what is counted to what counts.
  order_.resize(entries_.size());
  for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
    return component[a] < component[b];
  });
}

void CorrelationSet::LoseDependent(Entry* entry) {
  if (entry->is_lost) return;
  for (const Link& link : entry->links) {
    const bool is_lost = link.is_correlation ? entries_[link.number].is_lost
                                             : lost_rules_[link.number];
    if (!is_lost) continue;
    const Named& reference = entry->document.correlation->rules[link.reference];
    Fail(entry, "T039", reference.range,
         (link.is_correlation ? "correlation " : "rule ") +
             Quoted(reference.name) + " is not loaded, as it has errors",
         "mend it first, or take the reference out");
    return;
  }
}

void CorrelationSet::Resolve(const std::vector<Document>& rules,
                             const PipelineSet& pipelines) {
  counted_.assign(rules.size(), false);
  lost_rules_.assign(rules.size(), false);
  if (entries_.empty()) return;
  NumbersByName by_name;
  for (size_t i = 0; i < rules.size(); ++i) {
    AddNames(rules[i].info, i, &by_name);
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    AddNames(entries_[i].document.info, rules.size() + i, &by_name);
  }
  for (Entry& entry : entries_) FindLinks(by_name, rules, &entry);
  LoseRings();
  std::vector<int> levels(entries_.size(), 1);
  for (const size_t i : order_) {
    Entry& entry = entries_[i];
    LoseDependent(&entry);
    if (entry.is_lost) continue;
    for (const Link& link : entry.links) {
      if (!link.is_correlation) continue;
      levels[i] = std::max(levels[i], levels[link.number] + 1);
    }
    if (levels[i] > kMaxChain) {
      Fail(&entry, "T051", entry.document.correlation->rules_range,
           absl::StrCat("correlations are chained more than ", kMaxChain,
                        " deep"));
      continue;
    }
    text::Reporter reporter(*entry.document.source, &entry.problems);
    const RuleInfo& info = entry.document.info;
    reporter.set_rule(info.id, info.title);
    entry.lowered = LowerCorrelation(entry.document, entry.links, entry.places,
                                     pipelines, &reporter);
    entry.is_lost = !entry.lowered.has_value();
    if (entry.is_lost) continue;
    for (const Link& link : entry.links) {
      if (!link.is_correlation) counted_[link.number] = true;
    }
  }
}

void CorrelationSet::Settle(size_t rule_count) {
  for (const size_t i : order_) LoseDependent(&entries_[i]);
  roles_.assign(rule_count, ir::RuleRole::kReports);
  std::vector<bool> generated(rule_count, false);
  std::vector<bool> generated_correlations(entries_.size(), false);
  std::vector<bool> is_counted(entries_.size(), false);
  for (const Entry& entry : entries_) {
    if (entry.is_lost) continue;
    const bool generate = entry.document.correlation->generate;
    for (const Link& link : entry.links) {
      // One that asks for the alerts is enough.
      if (link.is_correlation) {
        if (generate) generated_correlations[link.number] = true;
        const CorrelationType type = entry.document.correlation->type;
        if (!IsTemporal(type)) is_counted[link.number] = true;
        entries_[link.number].lowered->reports = false;
      } else {
        if (generate) generated[link.number] = true;
        roles_[link.number] = ir::RuleRole::kFeeds;
      }
    }
  }
  for (size_t i = 0; i < roles_.size(); ++i) {
    if (generated[i]) roles_[i] = ir::RuleRole::kReports;
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_lost) continue;
    ir::Correlation& correlation = *entries_[i].lowered;
    if (generated_correlations[i]) correlation.reports = true;
    // Where only its presence is asked for it stands for as long as it holds,
    // and not from its beginning.
    if (!correlation.reports && !is_counted[i] &&
        correlation.fire == base::FirePolicy::kEdge) {
      correlation.fire = base::FirePolicy::kEvery;
    }
  }
}

std::vector<ir::Correlation> CorrelationSet::Take(
    const std::vector<uint32_t>& rule_numbers) {
  std::vector<uint32_t> numbers(entries_.size(), kNoNumber);
  uint32_t count = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].is_lost) numbers[i] = count++;
  }
  std::vector<ir::Correlation> correlations;
  for (Entry& entry : entries_) {
    if (entry.is_lost) continue;
    for (ir::Step& step : entry.lowered->steps) {
      step.source_index = step.source == ir::Step::kRule
                              ? rule_numbers[step.source_index]
                              : numbers[step.source_index];
    }
    correlations.push_back(*std::move(entry.lowered));
  }
  return correlations;
}

}  // namespace tocsin::sigma
