// Usage: plain_counts [--made] [--write] [LANE...]
//
// Counts the matches of the workloads of bench/match with the plain matcher: no
// guard, no index, no class, every rule on every event of its log source.
// Compares them with bench/match/expected_matches.tsv; --write prints that
// file. Without LANE all lanes are counted, which takes minutes; --made adds
// the set with made rules, which takes several times that. Exit status: 0 all
// agree, 1 some do not, 77 without the data.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/match/corpus.h"
#include "bench/match/expected_matches.h"
#include "bench/match/rule_sets.h"
#include "src/logsource/classifier.h"
#include "src/program/program.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"
#include "tocsin/event.h"

namespace tocsin::bench {
namespace {

using Counts = std::map<std::string, int64_t>;

// The sets, and with or without the keyword rule, that a rule is in.
struct Membership {
  RuleSetName rules;
  bool keyword_rule;
  std::vector<bool> members;  // By rule of the largest set.
};

std::vector<Membership> MembershipsIn(const RuleSet& all,
                                      const std::string& folder,
                                      std::vector<RuleSetName> names) {
  std::vector<Membership> memberships;
  for (const RuleSetName name : names) {
    for (const bool keyword_rule : {false, true}) {
      const std::shared_ptr<const RuleSet> part =
          CompileRules(folder, name, keyword_rule);
      std::map<std::string, int> paths;
      for (const RuleInfo& rule : part->rules()) ++paths[rule.path];
      Membership& made = memberships.emplace_back();
      made.rules = name;
      made.keyword_rule = keyword_rule;
      for (const RuleInfo& rule : all.rules()) {
        made.members.push_back(paths.contains(rule.path));
      }
    }
  }
  return memberships;
}

// Matches of each rule.
std::vector<int64_t> CountByRule(const RuleSet& rules, const Lane& lane,
                                 bool routed) {
  const program::Program& program = rules.program();
  std::vector<int64_t> counts(program.rules.size());
  runtime::Matcher matcher(program);
  runtime::EventView view;
  logsource::Classifier classifier({}, {});
  std::map<const logsource::EventKind*, std::vector<uint32_t>> rules_of;
  for (const std::string_view line : lane.lines) {
    const Event event = Event::Json(line);
    if (!view.Load(event).ok()) continue;
    const logsource::EventKind* kind = nullptr;
    if (routed) {
      kind = classifier.Classify(
          [&](std::string_view name, std::vector<FieldValue>* found) {
            return view.Find(name, found);
          });
    }
    const auto [entry, is_new] = rules_of.try_emplace(kind);
    if (is_new) {
      for (uint32_t i = 0; i < program.rules.size(); ++i) {
        if (kind == nullptr ||
            kind->Covers(program.infos[i].log_source, false)) {
          entry->second.push_back(i);
        }
      }
    }
    matcher.Begin(
        view, kind == nullptr ? std::span<const FieldRename>() : kind->renames);
    for (const uint32_t rule : entry->second) {
      counts[rule] += matcher.Matches(rule) ? 1 : 0;
    }
  }
  return counts;
}

void Count(const std::string& folder, RuleSetName largest,
           const std::vector<RuleSetName>& names,
           const std::vector<Lane>& lanes, Counts* counts) {
  const std::shared_ptr<const RuleSet> all =
      CompileRules(folder, largest, true);
  const std::vector<Membership> memberships =
      MembershipsIn(*all, folder, names);
  for (const Lane& lane : lanes) {
    for (const bool routed : {true, false}) {
      const std::vector<int64_t> by_rule = CountByRule(*all, lane, routed);
      for (const Membership& set : memberships) {
        int64_t matches = 0;
        for (size_t i = 0; i < by_rule.size(); ++i) {
          if (set.members[i]) matches += by_rule[i];
        }
        (*counts)[WorkloadName(lane.name, set.rules, routed,
                               set.keyword_rule)] = matches;
      }
      std::fprintf(stderr, "%s, %s rules, %s\n", lane.name.c_str(),
                   NameOf(largest), routed ? "routed" : "not routed");
    }
  }
}

int Main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto has = [&](const char* word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  std::vector<Lane> lanes = LoadLanes();
  const std::string folder = RulesFolder();
  if (lanes.empty() || folder.empty()) return 77;
  if (std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return !word.starts_with("--");
      })) {
    std::erase_if(lanes,
                  [&](const Lane& lane) { return !has(lane.name.c_str()); });
  }

  Counts counts;
  Count(folder, RuleSetName::kAll,
        {RuleSetName::k100, RuleSetName::k1000, RuleSetName::kCore,
         RuleSetName::kAll},
        lanes, &counts);
  if (has("--made")) {
    Count(folder, RuleSetName::k30000, {RuleSetName::k30000}, lanes, &counts);
  }
  if (has("--write")) {
    for (const auto& [name, count] : counts) {
      std::printf("%s\t%lld\n", name.c_str(), static_cast<long long>(count));
    }
    return 0;
  }
  const Counts expected = ReadExpectedMatches();
  int wrong = 0;
  for (const auto& [name, count] : counts) {
    const auto entry = expected.find(name);
    if (entry != expected.end() && entry->second == count) continue;
    ++wrong;
    std::printf("%s: the plain matcher finds %lld\n", name.c_str(),
                static_cast<long long>(count));
  }
  std::printf("%zu workloads, %d differ\n", counts.size(), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tocsin::bench

int main(int argc, char** argv) { return tocsin::bench::Main(argc, argv); }
