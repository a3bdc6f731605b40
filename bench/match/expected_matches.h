// How many matches each workload has: what bench/match/expected_matches.tsv
// says, and how its lines are named.

#ifndef TOCSIN_BENCH_MATCH_EXPECTED_MATCHES_H_
#define TOCSIN_BENCH_MATCH_EXPECTED_MATCHES_H_

#include <cstdint>
#include <map>
#include <string>

#include "bench/match/rule_sets.h"

namespace tocsin::bench {

// "windows/rules:3141/routed:1/keyword:0".
std::string WorkloadName(const std::string& lane, RuleSetName rules,
                         bool routed, bool keyword_rule);

// By workload name. Empty if the file cannot be read.
std::map<std::string, int64_t> ReadExpectedMatches();

}  // namespace tocsin::bench

#endif  // TOCSIN_BENCH_MATCH_EXPECTED_MATCHES_H_
