// SigmaHQ's regression events: each rule must find one of its own, with
// routing on, in the nested EVTX JSON as it is.

#include <simdjson.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"

namespace tocsin::conformance {
namespace {

struct Case {
  std::string path;
  int events = 0;
  int hits = 0;
  int declared = 0;  // Least number of hits its author declared; 0: not said.
};

}  // namespace

Score SigmaRegression() {
  if (SharedFolder().empty())
    return {.skipped = true, .note = "no shared data"};
  const std::string folder = SigmaRulesFolder();
  Compiler compiler;
  for (const std::string_view name : kActiveRuleFolders) {
    (void)compiler.AddPath(folder + "/" + std::string(name));
  }
  const CompileResult compiled = compiler.Compile();

  std::string wanted;
  bool hit = false;
  long others = 0;
  CallbackSink sink([&](const Detection& detection) {
    if (detection.rule().id == wanted) {
      hit = true;
    } else {
      ++others;
    }
  });
  Engine engine(compiled.rules, sink);
  std::map<std::string, Case> cases;
  simdjson::dom::parser parser;
  ForEachLine("corpora/sigma-regression.ndjson.zst",
              [&](long, std::string_view line) {
                const simdjson::padded_string padded(line);
                const simdjson::dom::element root = parser.parse(padded);
                wanted = std::string(std::string_view(root["rule_id"]));
                const std::string event = simdjson::to_string(root["event"]);
                Case& test = cases[wanted];
                test.path = std::string(std::string_view(root["rule_path"]));
                ++test.events;
                int64_t declared = 0;
                if (root["match_count"].get(declared) == simdjson::SUCCESS) {
                  test.declared = static_cast<int>(declared);
                }
                hit = false;
                const FeedResult fed = engine.Feed(Event::Json(event));
                if (!fed.ok()) {
                  std::printf("%s: %s\n", wanted.c_str(),
                              std::string(fed.error).c_str());
                }
                if (hit) ++test.hits;
              });

  Score score;
  int pairs = 0;
  int pairs_hit = 0;
  int short_of_declared = 0;
  for (const auto& [id, test] : cases) {
    pairs += test.events;
    pairs_hit += test.hits;
    ++score.total;
    if (test.hits > 0) {
      ++score.passed;
    } else {
      std::printf("not hit: %s (%s)\n", id.c_str(), test.path.c_str());
    }
    if (test.hits < std::min(test.declared, test.events)) {
      ++short_of_declared;
      std::printf("%d hits of %d declared: %s\n", test.hits, test.declared,
                  test.path.c_str());
    }
  }
  score.note = std::to_string(pairs_hit) + " of " + std::to_string(pairs) +
               " pairs (226 is the full score), " + std::to_string(others) +
               " hits of other rules, " + std::to_string(short_of_declared) +
               " rules with fewer hits than declared, unknown source: " +
               std::to_string(engine.stats().unknown_source);
  if (pairs_hit < 226) score.passed = std::min(score.passed, score.total - 1);
  return score;
}

}  // namespace tocsin::conformance
