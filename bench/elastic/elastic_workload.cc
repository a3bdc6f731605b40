#include "bench/elastic/elastic_workload.h"

#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tocsin/compiler.h"
#include "tocsin/diagnostic.h"

namespace tocsin::bench {
namespace {

namespace fs = std::filesystem;

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

std::vector<RuleText> Spread(const std::vector<RuleText>& all, size_t count) {
  std::vector<RuleText> chosen;
  for (size_t i = 0; i < count; ++i) {
    chosen.push_back(all[i * all.size() / count]);
  }
  return chosen;
}

}  // namespace

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
    if (queries.size() == kEndgameQueries) break;
  }
  return queries;
}

std::vector<std::string> EndgameEvents() {
  return LinesOf(CorpusFolder() + "/conformance/eql/events-endgame.ndjson");
}

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

std::vector<std::pair<std::string, std::vector<RuleText>>> WindowsRows(
    const ElasticRules& rules) {
  std::vector<RuleText> all = rules.eql;
  all.insert(all.end(), rules.kql.begin(), rules.kql.end());
  return {{"windows/eql:100", Spread(rules.eql, 100)},
          {"windows/eql:1024", rules.eql},
          {"windows/eql+kql", std::move(all)}};
}

std::map<std::string, int64_t> ExpectedDetections() {
  std::map<std::string, int64_t> expected;
  std::ifstream file(TOCSIN_SOURCE_DIR "/bench/elastic/expected_matches.tsv");
  std::string name;
  int64_t count;
  while (file >> name >> count) expected[name] = count;
  return expected;
}

}  // namespace tocsin::bench
