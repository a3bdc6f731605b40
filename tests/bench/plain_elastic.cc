// Usage: plain_elastic [--write] [LANE...]
//
// Holds the matcher to its plain twin, which evaluates every rule of an event's
// source without classes, guards and memos, over the rules of bench/elastic and
// the lanes of bench/match: the same rules must match each event, when it comes
// first and when it comes again. Then the twin's counts are compared with
// bench/elastic/expected_matches.tsv; --write prints that file. Exit status: 0
// all agree, 1 some do not, 77 without the data.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/elastic/elastic_workload.h"
#include "bench/match/corpus.h"
#include "src/program/program.h"
#include "src/runtime/match/event_matcher.h"
#include "tocsin/event.h"

namespace tocsin::bench {
namespace {

using runtime::EventMatcher;

constexpr int kPasses = 3;

// Numbers of matching rules, by event.
using Matches = std::vector<std::vector<uint32_t>>;

Matches Match(const program::Program& program, const Lane& lane) {
  EventMatcher plain(program, {.plain = true});
  Matches matches;
  for (const std::string_view line : lane.lines) {
    std::vector<uint32_t>& of_event = matches.emplace_back();
    if (!plain.Load(Event::Json(line)).ok()) continue;
    const std::span<const uint32_t> found = plain.Match();
    of_event.assign(found.begin(), found.end());
  }
  return matches;
}

// How often the matcher finds something else.
int64_t CountDifferences(const program::Program& program, const Lane& lane,
                         const Matches& expected) {
  EventMatcher matcher(program, {});
  int64_t differences = 0;
  for (int pass = 0; pass < kPasses; ++pass) {
    for (size_t i = 0; i < lane.lines.size(); ++i) {
      if (!matcher.Load(Event::Json(lane.lines[i])).ok()) continue;
      if (!std::ranges::equal(matcher.Match(), expected[i])) ++differences;
    }
  }
  return differences;
}

int Main(int argc, char** argv) {
  const std::set<std::string> words(argv + 1, argv + argc);
  const bool writes = words.contains("--write");
  const ElasticRules rules = ReadElasticRules();
  const std::vector<Lane> lanes = LoadLanes();
  if (rules.eql.empty() || lanes.empty()) return 77;
  const auto rows = WindowsRows(rules);
  const auto compiled = Compile(rows.back().second, "");  // It has all rules.
  if (compiled == nullptr) return 1;
  const program::Program& program = compiled->program();
  const std::map<std::string, int64_t> written = ExpectedDetections();
  int64_t wrong = 0;
  for (const Lane& lane : lanes) {
    const bool is_first = &lane == &lanes.front();
    const bool is_named = words.contains(lane.name);
    if (words.size() > (writes ? 1 : 0) && !is_named) continue;
    const Matches expected = Match(program, lane);
    const int64_t differences = CountDifferences(program, lane, expected);
    std::fprintf(stderr, "%s: %ld of %zu events differ in %d passes\n",
                 lane.name.c_str(), static_cast<long>(differences),
                 lane.lines.size(), kPasses);
    wrong += differences;
    if (!is_first) continue;
    for (const auto& [name, texts] : rows) {
      std::set<std::string> paths;
      for (const RuleText& text : texts) paths.insert(text.first);
      int64_t count = 0;
      for (const std::vector<uint32_t>& of_event : expected) {
        count +=
            std::count_if(of_event.begin(), of_event.end(), [&](uint32_t rule) {
              return program.rules[rule].role == program::RuleRole::kReports &&
                     paths.contains(program.infos[rule].path);
            });
      }
      if (writes) {
        std::printf("%s\t%ld\n", name.c_str(), static_cast<long>(count));
        continue;
      }
      const auto entry = written.find(name);
      if (entry != written.end() && entry->second == count) continue;
      std::printf("%s: the plain matcher finds %ld\n", name.c_str(),
                  static_cast<long>(count));
      ++wrong;
    }
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tocsin::bench

int main(int argc, char** argv) { return tocsin::bench::Main(argc, argv); }
