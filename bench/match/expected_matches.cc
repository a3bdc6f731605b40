#include "bench/match/expected_matches.h"

#include <fstream>

namespace tocsin::bench {

std::string WorkloadName(const std::string& lane, RuleSetName rules,
                         bool routed, bool keyword_rule) {
  return lane + "/rules:" + NameOf(rules) + "/routed:" + (routed ? "1" : "0") +
         "/keyword:" + (keyword_rule ? "1" : "0");
}

std::map<std::string, int64_t> ReadExpectedMatches() {
  std::map<std::string, int64_t> matches;
  std::ifstream file(TOCSIN_SOURCE_DIR "/bench/match/expected_matches.tsv");
  std::string name;
  int64_t count;
  while (file >> name >> count) matches[name] = count;
  return matches;
}

}  // namespace tocsin::bench
