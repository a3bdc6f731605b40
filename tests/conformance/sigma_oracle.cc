// Match sets of a peer (rsigma 0.26.0) over four lanes, without routing: rule
// by rule and event by event the same, but for the pairs that
// oracle_differences.tsv explains.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"

namespace tocsin::conformance {
namespace {

constexpr std::string_view kLanes[] = {"sigma-regression-flat", "cloudtrail",
                                       "network-linux-other", "windows-sysmon"};

using Match = std::pair<long, std::string>;  // Event index, rule id.

// lane TAB event index or * TAB rule id TAB "more" or "fewer" TAB reason:
// Tocsin reports one that the peer does not, or the other way round.
struct Differences {
  std::set<std::string> keys;

  static std::string Key(std::string_view lane, const std::string& index,
                         std::string_view rule, bool more) {
    return std::string(lane) + "\t" + index + "\t" + std::string(rule) + "\t" +
           (more ? "more" : "fewer");
  }
  bool Explains(std::string_view lane, const Match& match, bool more) const {
    return keys.contains(
               Key(lane, std::to_string(match.first), match.second, more)) ||
           keys.contains(Key(lane, "*", match.second, more));
  }
};

Differences LoadDifferences() {
  Differences differences;
  std::ifstream file(TOCSIN_SOURCE_DIR
                     "/tests/conformance/oracle_differences.tsv");
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string lane, index, rule, sense;
    std::getline(fields, lane, '\t');
    std::getline(fields, index, '\t');
    std::getline(fields, rule, '\t');
    std::getline(fields, sense, '\t');
    differences.keys.insert(
        Differences::Key(lane, index, rule, sense == "more"));
  }
  return differences;
}

}  // namespace

Score SigmaOracle() {
  if (SharedFolder().empty())
    return {.skipped = true, .note = "no shared data"};
  Compiler compiler;
  (void)compiler.AddPath(SigmaRulesFolder() + "/rules");
  const CompileResult compiled = compiler.Compile();
  const Differences differences = LoadDifferences();
  const char* only = std::getenv("TOCSIN_LANE");

  Score score;
  long explained = 0;
  for (const std::string_view lane : kLanes) {
    if (only != nullptr && lane != only) continue;
    std::set<Match> expected;
    ForEachLine("conformance/sigma-oracle/" + std::string(lane) +
                    ".rsigma-0.26.0.tsv.zst",
                [&](long, std::string_view line) {
                  const size_t tab = line.find('\t');
                  expected.emplace(
                      std::atol(std::string(line.substr(0, tab)).c_str()),
                      std::string(line.substr(tab + 1)));
                });

    std::set<Match> found;
    long current = 0;
    CallbackSink sink([&](const Detection& detection) {
      found.emplace(current, detection.rule().id);
    });
    Engine engine(compiled.rules, sink, {.routing = false});
    ForEachLine("corpora/" + std::string(lane) + ".ndjson.zst",
                [&](long index, std::string_view line) {
                  current = index;
                  engine.Feed(Event::Json(line));
                });

    std::map<std::string, std::pair<long, long>> unexplained;  // fewer, more.
    std::map<std::string, long> example;
    long agreed = 0;
    for (const Match& match : expected) {
      if (found.contains(match)) {
        ++agreed;
      } else if (differences.Explains(lane, match, false)) {
        ++explained;
        ++agreed;
      } else {
        ++unexplained[match.second].first;
        example.emplace(match.second, match.first);
      }
    }
    long extra = 0;
    for (const Match& match : found) {
      if (expected.contains(match)) continue;
      if (differences.Explains(lane, match, true)) {
        ++explained;
        continue;
      }
      ++extra;
      ++unexplained[match.second].second;
      example.emplace(match.second, match.first);
    }
    for (const auto& [rule, counts] : unexplained) {
      std::printf("%s: rule %s: %ld missing, %ld more (event %ld)\n",
                  lane.data(), rule.c_str(), counts.first, counts.second,
                  example[rule]);
    }
    std::printf("  %s: %ld of %zu, %ld more\n", lane.data(), agreed,
                expected.size(), extra);
    std::fflush(stdout);
    score.passed += agreed - extra;
    score.total += static_cast<long>(expected.size());
  }
  score.note = std::to_string(explained) + " differences are explained";
  return score;
}

}  // namespace tocsin::conformance
