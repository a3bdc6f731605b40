// Rules of Elastic on events as they come.
//
//   elastic_bench endgame [EVENTS]   50 event queries in EQL over the events
//   that
//                                    are for them, repeated
//   elastic_bench windows            EQL and KQL rules over the Windows lane
//
// Prints one JSON object a row. `of_dom` is the speed over that of parsing the
// same events with simdjson right before, on the same core. Times are CPU time
// of the process, the best of several passes. What is found is checked. Exit
// code: 0, 1 if something else was found than should be, 77 without the data.

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/match/baseline.h"
#include "bench/match/corpus.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin::bench {
namespace {

namespace fs = std::filesystem;

constexpr size_t kQueries = 50;
constexpr int kPasses = 3;

using RuleText = std::pair<std::string, std::string>;

std::string CorpusFolder() {
  if (const char* given = std::getenv("TOCSIN_CORPUS")) return given;
  return (fs::path(TOCSIN_SOURCE_DIR) / ".." / "shared").string();
}

std::vector<std::string> LinesOf(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// The lines of a packed file.
std::vector<std::string> UnpackedLines(const std::string& path) {
  std::vector<std::string> lines;
  std::FILE* pipe = popen(("zstd -qdc '" + path + "'").c_str(), "r");
  if (pipe == nullptr) return lines;
  std::string line;
  for (int c; (c = std::fgetc(pipe)) != EOF;) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line += static_cast<char>(c);
    }
  }
  pclose(pipe);
  return lines;
}

std::string TextOf(const simdjson::dom::element& object,
                   std::string_view member) {
  std::string_view text;
  if (object[member].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

template <typename Work>
double CpuSeconds(const Work& work) {
  const auto now = [] {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double begin = now();
  work();
  return now() - begin;
}

std::shared_ptr<const RuleSet> Compile(const std::vector<RuleText>& rules,
                                       std::string_view fields) {
  Compiler compiler;
  for (const auto& [path, text] : rules) compiler.AddText(text, path);
  if (!fields.empty()) compiler.AddFieldsText(fields, "fields.yml");
  CompileResult compiled = compiler.Compile();
  for (const Diagnostic& d : compiled.diagnostics) {
    if (d.severity != Severity::kError) continue;
    std::fprintf(stderr, "%s", RenderDiagnostic(d).c_str());
    return nullptr;
  }
  return std::move(compiled.rules);
}

// --- Queries over the events that are for them.

// The first queries for events, without pipes, that the engine in Python
// answers as Elasticsearch does; so that it can run the same.
std::vector<std::pair<RuleText, int64_t>> EndgameQueries() {
  std::vector<std::pair<RuleText, int64_t>> queries;
  simdjson::dom::parser parser;
  for (const std::string& line :
       LinesOf(CorpusFolder() + "/conformance/eql/queries.jsonl")) {
    simdjson::dom::element query;
    simdjson::dom::array ids;
    if (parser.parse(simdjson::padded_string(line)).get(query) !=
            simdjson::SUCCESS ||
        TextOf(query, "kind") != "event" ||
        TextOf(query, "dataset") != "events-endgame" ||
        TextOf(query, "python_eql_1_0_1") != "agrees" ||
        TextOf(query, "query").find('|') != std::string::npos ||
        query["expected_ids"].get(ids) != simdjson::SUCCESS) {
      continue;
    }
    queries.push_back(
        {{std::to_string(queries.size()) + ".eql", TextOf(query, "query")},
         static_cast<int64_t>(ids.size())});
    if (queries.size() == kQueries) break;
  }
  return queries;
}

int RunEndgame(int64_t wanted_events) {
  const auto queries = EndgameQueries();
  const std::vector<std::string> lines =
      LinesOf(CorpusFolder() + "/conformance/eql/events-endgame.ndjson");
  if (queries.size() < kQueries || lines.empty()) return 77;
  std::vector<RuleText> rules;
  int64_t expected = 0;
  for (const auto& [rule, count] : queries) {
    rules.push_back(rule);
    expected += count;
  }
  const auto compiled = Compile(rules, R"(
fields:
  - logsource: {product: endgame}
    map: {event.category: event_type}
)");
  if (compiled == nullptr) return 1;
  int64_t found = 0;
  CallbackSink sink([&](const Detection&) { ++found; });
  Engine engine(compiled, sink,
                {.log_source = LogSource{.product = "endgame"}});
  const auto events = static_cast<int64_t>(lines.size());
  const int64_t rounds = std::max<int64_t>(1, wanted_events / events);
  const auto pass = [&] {
    for (int64_t round = 0; round < rounds; ++round) {
      for (const std::string& line : lines) engine.Feed(Event::Json(line));
    }
  };
  pass();
  double best = 1e9;
  for (int i = 0; i < kPasses; ++i) {
    found = 0;
    best = std::min(best, CpuSeconds(pass));
    if (found != expected * rounds) {
      std::fprintf(stderr, "expected %ld matches, found %ld\n",
                   static_cast<long>(expected * rounds),
                   static_cast<long>(found));
      return 1;
    }
  }
  std::printf(R"({"task":"endgame","rules":%zu,"events":%ld,"matches":%ld,)"
              R"("events_per_second":%.0f})"
              "\n",
              rules.size(), static_cast<long>(events * rounds),
              static_cast<long>(found),
              static_cast<double>(events * rounds) / best);
  return 0;
}

// --- The Windows lane.

struct ElasticRules {
  std::vector<RuleText> eql;
  std::vector<RuleText> kql;
};

ElasticRules ReadElasticRules() {
  ElasticRules rules;
  simdjson::dom::parser parser;
  for (const std::string& line :
       UnpackedLines(CorpusFolder() + "/corpora/elastic-rules.ndjson.zst")) {
    simdjson::dom::element rule;
    if (parser.parse(simdjson::padded_string(line)).get(rule) !=
        simdjson::SUCCESS) {
      continue;
    }
    const std::string type = TextOf(rule, "type");
    if (type == "eql") {
      rules.eql.emplace_back(TextOf(rule, "rule_id") + ".eql",
                             TextOf(rule, "query"));
    } else if (type == "query" && TextOf(rule, "language") == "kuery") {
      rules.kql.emplace_back(TextOf(rule, "rule_id") + ".kql",
                             TextOf(rule, "query"));
    }
  }
  return rules;
}

std::vector<RuleText> Spread(const std::vector<RuleText>& all, size_t count) {
  std::vector<RuleText> chosen;
  for (size_t i = 0; i < count; ++i) {
    chosen.push_back(all[i * all.size() / count]);
  }
  return chosen;
}

// What the rows find: detections and incidents a pass.
const std::map<std::string, int64_t>& ExpectedMatches() {
  static const auto& expected = *[] {
    auto* made = new std::map<std::string, int64_t>;
    std::ifstream file(TOCSIN_SOURCE_DIR "/bench/elastic/expected_matches.tsv");
    std::string name;
    int64_t count;
    while (file >> name >> count) (*made)[name] = count;
    return made;
  }();
  return expected;
}

int RunRow(const std::string& name, const std::vector<RuleText>& rules,
           const Lane& lane, Parser* parser) {
  const auto compiled = Compile(rules, "");
  if (compiled == nullptr) return 1;
  int64_t found = 0;
  CallbackSink sink([&](const Detection&) { ++found; });
  Engine engine(compiled, sink);
  const auto feed = [&] {
    for (const std::string_view line : lane.lines) {
      engine.Feed(Event::Json(line));
    }
  };
  const double cold = CpuSeconds(feed);
  double warm = 1e9;
  double of_dom = 0;
  for (int i = 0; i < kPasses; ++i) {
    const double parsing = CpuSeconds([&] { parser->ParseMany(lane); });
    found = 0;
    const double matching = CpuSeconds(feed);
    warm = std::min(warm, matching);
    of_dom = std::max(of_dom, parsing / matching);
  }
  const auto events = static_cast<double>(lane.lines.size());
  std::printf(R"({"task":"%s","rules":%zu,"events":%zu,"matches":%ld,)"
              R"("cold_ns_per_event":%.0f,"ns_per_event":%.0f,"of_dom":%.3f})"
              "\n",
              name.c_str(), rules.size(), lane.lines.size(),
              static_cast<long>(found), cold * 1e9 / events,
              warm * 1e9 / events, of_dom);
  std::fflush(stdout);
  const auto expected = ExpectedMatches().find(name);
  if (expected != ExpectedMatches().end() && expected->second == found) {
    return 0;
  }
  std::fprintf(stderr, "%s: other matches than expected\n", name.c_str());
  return 1;
}

int RunWindows() {
  const ElasticRules rules = ReadElasticRules();
  const std::vector<Lane> lanes = LoadLanes();
  if (rules.eql.empty() || lanes.empty()) return 77;
  std::vector<RuleText> all = rules.eql;
  all.insert(all.end(), rules.kql.begin(), rules.kql.end());
  Parser parser;
  int code = 0;
  code |= RunRow("windows/eql:100", Spread(rules.eql, 100), lanes[0], &parser);
  code |= RunRow("windows/eql:1024", rules.eql, lanes[0], &parser);
  code |= RunRow("windows/eql+kql", all, lanes[0], &parser);
  return code;
}

}  // namespace
}  // namespace tocsin::bench

int main(int argc, char** argv) {
  const std::string_view task = argc > 1 ? argv[1] : "";
  if (task == "endgame") {
    const int64_t events = argc > 2 ? std::atoll(argv[2]) : 1'000'000;
    return tocsin::bench::RunEndgame(events);
  }
  if (task == "windows") return tocsin::bench::RunWindows();
  std::fprintf(stderr, "usage: elastic_bench endgame [EVENTS] | windows\n");
  return 3;
}
