// The rules and queries that elastic_bench runs, and what they should find.
//
// The data lies in the folder that TOCSIN_CORPUS names, or in `shared` beside
// the repository.

#ifndef TOCSIN_BENCH_ELASTIC_ELASTIC_WORKLOAD_H_
#define TOCSIN_BENCH_ELASTIC_ELASTIC_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/rule_set.h"

namespace tocsin::bench {

using RuleText = std::pair<std::string, std::string>;  // Path and contents.

// Null, with messages on stderr, if a rule does not compile.
std::shared_ptr<const RuleSet> Compile(const std::vector<RuleText>& rules,
                                       std::string_view fields);

// The first queries for single events, without pipes, that the engine in Python
// answers as Elasticsearch does, so that it can run the same; and how many of
// EndgameEvents each is true of. Fewer than kEndgameQueries: no data.
inline constexpr size_t kEndgameQueries = 50;
std::vector<std::pair<RuleText, int64_t>> EndgameQueries();
std::vector<std::string> EndgameEvents();

// Elastic's public rules by language. Empty: no data.
struct ElasticRules {
  std::vector<RuleText> eql;
  std::vector<RuleText> kql;
};
ElasticRules ReadElasticRules();

// The rows over the Windows lane, by name.
std::vector<std::pair<std::string, std::vector<RuleText>>> WindowsRows(
    const ElasticRules& rules);

// How many detections a row has in a pass, as the plain matcher counts them.
std::map<std::string, int64_t> ExpectedDetections();

}  // namespace tocsin::bench

#endif  // TOCSIN_BENCH_ELASTIC_ELASTIC_WORKLOAD_H_
