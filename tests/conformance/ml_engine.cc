// What Elastic's own engine wrote for jobs over streams of logons, and what
// detectors of the same fields find there.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "simdjson.h"
#include "src/runtime/detect/bucket_engine.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"

namespace tocsin::conformance {
namespace {

using program::Detector;
using program::DetectorFunction;

// Start of the bucket, partition, by.
using Key = std::tuple<int64_t, std::string, std::string>;

struct Found {
  double probability = 1;
  double score = 0;
};
using Records = std::map<Key, Found>;

struct Logon {
  int64_t time = 0;
  std::string user;
  std::string address;
};

int64_t ParseTime(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::sscanf(std::string(text).c_str(), "%d-%d-%dT%d:%d:%d", &year, &month,
              &day, &hour, &minute, &second);
  const std::chrono::sys_days date =
      std::chrono::year(year) / static_cast<int>(month) / day;
  return date.time_since_epoch().count() * 86'400LL + hour * 3'600 +
         minute * 60 + second;
}

std::vector<Logon> ReadLogons() {
  std::vector<Logon> logons;
  simdjson::dom::parser parser;
  ForEachLine(
      "corpora/anomaly/auth28d.ndjson.zst", [&](long, std::string_view line) {
        simdjson::dom::element event;
        std::string_view time, user, address;
        if (parser.parse(line.data(), line.size()).get(event) ||
            event["@timestamp"].get(time) || event["user.name"].get(user) ||
            event["source.ip"].get(address)) {
          return;
        }
        logons.push_back(
            {ParseTime(time), std::string(user), std::string(address)});
      });
  return logons;
}

Records Run(const std::vector<Logon>& logons, const Detector& detector) {
  program::DetectorJob job;
  job.fields = {"user.name", "source.ip"};
  job.detectors = {detector};
  job.influencers = {0, 1};
  Records records;
  runtime::BucketEngine engine(&job, [&](const runtime::AnomalyBucket& bucket) {
    for (const runtime::AnomalyRecord& record : bucket.records) {
      records[{bucket.timestamp, record.partition_field_value,
               record.by_field_value}] = {record.probability,
                                          record.record_score};
    }
  });
  for (const Logon& logon : logons) {
    const runtime::DetectCell cells[] = {
        {.text = logon.user, .present = true},
        {.text = logon.address, .present = true}};
    engine.Add(logon.time, cells);
  }
  engine.Flush();
  return records;
}

// Of a file of engine-results; `read` tells whether it could be read.
Records ReadExpected(const std::string& name, bool* read) {
  const std::string path = SharedFolder() +
                           "/conformance/elastic-ml-jobs/engine-results/" +
                           name + ".json";
  Records records;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array array;
  *read = !parser.load(path).get(document) &&
          !document["records"].get_array().get(array);
  if (!*read) return records;
  for (const simdjson::dom::element record : array) {
    int64_t time = 0;
    std::string_view partition, by;
    Found found;
    if (record["timestamp"].get(time) ||
        record["probability"].get(found.probability) ||
        record["record_score"].get_double().get(found.score)) {
      continue;
    }
    // A detector without the field has none in its records.
    if (record["partition_field_value"].get(partition)) partition = "";
    if (record["by_field_value"].get(by)) by = "";
    records[{time / 1'000, std::string(partition), std::string(by)}] = found;
  }
  return records;
}

class Checks {
 public:
  void Check(bool holds, const std::string& what) {
    ++score_.total;
    if (holds) {
      ++score_.passed;
    } else {
      std::fprintf(stderr, "ml-engine: %s\n", what.c_str());
    }
  }

  // A `rare` job with a by field and no over field.
  void Rare(const std::string& name, const std::vector<Logon>& logons,
            const Detector& detector) {
    bool read = false;
    const Records expected = ReadExpected(name, &read);
    Check(read, name + ": no results of the engine");
    if (!read) return;
    const Records found = Run(logons, detector);
    size_t both = 0, near = 0, near_score = 0, ours_alone = 0;
    for (const auto& [key, ours] : found) {
      const auto theirs = expected.find(key);
      const double score = theirs == expected.end() ? 0 : theirs->second.score;
      ours_alone += ours.score > 50 && score < 25 ? 1 : 0;
    }
    for (const auto& [key, theirs] : expected) {
      const auto ours = found.find(key);
      if (ours == found.end()) continue;
      ++both;
      const double digits =
          std::log10(ours->second.probability / theirs.probability);
      near += std::abs(digits) <= 0.15 ? 1 : 0;
      near_score += std::abs(ours->second.score - theirs.score) <= 3 ? 1 : 0;
    }
    const auto part = [](size_t some, size_t all) {
      return all == 0 ? 1
                      : static_cast<double>(some) / static_cast<double>(all);
    };
    Check(part(both, expected.size()) >= 0.95,
          name + ": found " + std::to_string(both) + " of " +
              std::to_string(expected.size()));
    Check(part(near, both) >= 0.98, name + ": probability near in " +
                                        std::to_string(near) + " of " +
                                        std::to_string(both));
    Check(part(near_score, both) >= 0.8, name + ": score near in " +
                                              std::to_string(near_score) +
                                              " of " + std::to_string(both));
    Check(ours_alone == 0, name + ": " + std::to_string(ours_alone) +
                               " above 50 that are below 25 there");
    score_.note += name + " " + std::to_string(both) + "/" +
                   std::to_string(expected.size()) + " found, p near in " +
                   std::to_string(near) + ", score in " +
                   std::to_string(near_score) + ", " +
                   std::to_string(ours_alone) +
                   " above 50 that are below 25 there; ";
  }

  Score score() { return score_; }

 private:
  Score score_;
};

}  // namespace

Score MlEngine() {
  const std::vector<Logon> logons =
      SharedFolder().empty() ? std::vector<Logon>() : ReadLogons();
  if (logons.empty()) return {.skipped = true, .note = "no stream of logons"};
  Checks checks;
  checks.Rare("auth28d-rareip", logons,
              {.function = DetectorFunction::kRare,
               .name = "rare",
               .by = 1,
               .partition = 0});
  checks.Rare("auth28d-rareuser", logons,
              {.function = DetectorFunction::kRare, .name = "rare", .by = 0});
  // Addresses whose user names few addresses have: Elastic finds none here, by
  // either function.
  const auto over = [&](DetectorFunction function, double least_score) {
    size_t count = 0;
    for (const auto& [key, found] :
         Run(logons,
             {.function = function, .name = "rare", .by = 0, .over = 1})) {
      count += found.score >= least_score ? 1 : 0;
    }
    return count;
  };
  checks.Check(over(DetectorFunction::kRare, 0) == 0, "rare over: a record");
  checks.Check(over(DetectorFunction::kFreqRare, 25) == 0,
               "freq_rare over: a record of 25 or more");
  return checks.score();
}

}  // namespace tocsin::conformance
