// The table against outside data: every event of the public lanes has a source,
// each regression event is covered by its own rule, and each log source that
// a rule names can come from some event. Skipped, aloud, without that data.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/string_map.h"
#include "src/logsource/builtin_table.h"
#include "tests/conformance/shared_data.h"
#include "tests/logsource/classify_json.h"

namespace tocsin::logsource {
namespace {

namespace fs = std::filesystem;
using conformance::ForEachLine;
using conformance::SharedFolder;
using conformance::SigmaRulesFolder;

using Triple = std::tuple<std::string, std::string, std::string>;

// The `logsource` block of a rule file as its authors lay it out: one indented
// `key: value` a line.
LogSource LogSourceOfFile(const fs::path& path) {
  LogSource source;
  std::ifstream file(path);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("logsource:", 0) == 0) {
      inside = true;
      continue;
    }
    if (!inside) continue;
    if (line.empty() || line[0] != ' ') break;
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key(absl::StripAsciiWhitespace(line.substr(0, colon)));
    std::string value = line.substr(colon + 1);
    value = std::string(
        absl::StripAsciiWhitespace(value.substr(0, value.find(" #"))));
    if (key == "product") source.product = value;
    if (key == "category") source.category = value;
    if (key == "service") source.service = value;
  }
  return source;
}

class CorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (SharedFolder().empty()) {
      GTEST_SKIP() << "no shared data: set TOCSIN_CORPUS";
    }
  }

  // Classifies each line of a lane; returns the share with a known source.
  double KnownShare(const std::string& lane) {
    Classifier classifier({}, std::nullopt);
    runtime::EventView view;
    long events = 0;
    long known = 0;
    std::map<uint32_t, long> kinds;
    EXPECT_TRUE(ForEachLine(
        "corpora/" + lane + ".ndjson.zst",
        [&](long number, std::string_view line) {
          ASSERT_TRUE(view.Load(Event::Json(line)).ok());
          const EventKind* kind = classifier.Classify(
              [&](std::string_view field, std::vector<FieldValue>* values) {
                return view.Find(field, values);
              });
          ++events;
          ++kinds[kind->id];
          if (kind->known) {
            ++known;
          } else if (events - known <= 5) {
            std::printf("  unknown: %s:%ld\n", lane.c_str(), number + 1);
          }
        }));
    std::printf("%s: %ld of %ld events known, %zu kinds\n", lane.c_str(), known,
                events, kinds.size());
    return events == 0 ? 0 : static_cast<double>(known) / events;
  }
};

TEST_F(CorpusTest, AllEventsOfTheWindowsLaneAreKnown) {
  EXPECT_EQ(KnownShare("windows-sysmon"), 1.0);
}

TEST_F(CorpusTest, AllEventsOfTheCloudTrailLaneAreKnown) {
  EXPECT_EQ(KnownShare("cloudtrail"), 1.0);
}

TEST_F(CorpusTest, AllEventsOfTheMixedLaneAreKnown) {
  EXPECT_EQ(KnownShare("network-linux-other"), 1.0);
}

TEST_F(CorpusTest, AllFlatRegressionEventsAreKnown) {
  EXPECT_EQ(KnownShare("sigma-regression-flat"), 1.0);
}

TEST_F(CorpusTest, EachRegressionEventIsCoveredByItsRule) {
  const std::string folder = SigmaRulesFolder();
  ASSERT_FALSE(folder.empty());
  Classifier classifier({}, std::nullopt);
  simdjson::dom::parser parser;
  long pairs = 0;
  std::set<std::string> rules;
  std::set<std::string> covered_rules;
  std::set<std::string> lost;
  ForEachLine("corpora/sigma-regression.ndjson.zst",
              [&](long number, std::string_view line) {
                const simdjson::padded_string padded(line);
                const simdjson::dom::element root = parser.parse(padded);
                const std::string path{std::string_view(root["rule_path"])};
                const LogSource source = LogSourceOfFile(folder + "/" + path);
                const std::string event = simdjson::to_string(root["event"]);
                ++pairs;
                rules.insert(path);
                if (ClassifyJson(classifier, event).Covers(source)) {
                  covered_rules.insert(path);
                } else {
                  lost.insert(absl::StrCat(number + 1, " ", path));
                }
              });
  std::printf("regression: %ld of %ld pairs, %zu of %zu rules\n",
              pairs - static_cast<long>(lost.size()), pairs,
              covered_rules.size(), rules.size());
  for (const std::string& pair : lost) std::printf("  %s\n", pair.c_str());
  EXPECT_EQ(covered_rules.size(), rules.size());
  EXPECT_LE(lost.size(), 14u);  // By-catch of the recordings.
}

// All kinds that the examples of the table give.
std::vector<EventKind> KindsOfTable() {
  std::vector<EventKind> kinds;
  for (const Family& family : Families()) {
    for (const Recognizer& row : family.rows) {
      kinds.push_back(KindOf(row.example));
    }
  }
  for (const WindowsLog& log : WindowsLogs()) {
    const bool channel = !log.channels[0].empty();
    const std::string start =
        absl::StrCat(channel ? "{\"Channel\":\"" : "{\"Provider_Name\":\"",
                     base::ToAbsl(channel ? log.channels[0] : log.providers[0]),
                     "\",\"ObjectType\":\"File\",\"EventID\":");
    kinds.push_back(KindOf(absl::StrCat(start, "0}")));
    for (const WindowsEvent& event : WindowsEvents()) {
      if (event.log != log.name) continue;
      kinds.push_back(KindOf(absl::StrCat(start, event.first_id, "}")));
    }
  }
  return kinds;
}

TEST_F(CorpusTest, EachLogSourceOfARuleComesFromSomeEventOrIsDeclaredOnly) {
  const std::string folder = SigmaRulesFolder();
  ASSERT_FALSE(folder.empty());
  std::map<Triple, int> triples;
  for (const std::string_view name : conformance::kActiveRuleFolders) {
    const fs::path rules = fs::path(folder) / name;
    if (!fs::exists(rules)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(rules)) {
      if (entry.path().extension() != ".yml") continue;
      const LogSource source = LogSourceOfFile(entry.path());
      ++triples[{source.product, source.category, source.service}];
    }
  }
  const std::vector<EventKind> kinds = KindsOfTable();
  int from_content = 0;
  for (const auto& [triple, count] : triples) {
    const auto& [product, category, service] = triple;
    const LogSource source{
        .product = product, .category = category, .service = service};
    const bool found =
        std::any_of(kinds.begin(), kinds.end(), [&](const EventKind& kind) {
          return kind.known && kind.Covers(source);
        });
    from_content += found ? 1 : 0;
    if (found) continue;
    std::string_view reason;
    for (const DeclaredOnly& declared : DeclaredOnlySources()) {
      if (declared.product == product && declared.category == category &&
          declared.service == service) {
        reason = declared.reason;
      }
    }
    EXPECT_FALSE(reason.empty()) << product << "/" << category << "/" << service
                                 << ": " << count << " rules can meet no event";
    std::printf("  declared only: %s/%s/%s (%d rules): %s\n", product.c_str(),
                category.c_str(), service.c_str(), count,
                std::string(reason).c_str());
  }
  std::printf("census: %zu log sources, %d from content\n", triples.size(),
              from_content);
}

}  // namespace
}  // namespace tocsin::logsource
