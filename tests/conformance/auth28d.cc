// Four weeks of made-up logons with labelled incidents: which of them jobs
// find, and how many records about something else score as high.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "simdjson.h"
#include "src/base/string_map.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin::conformance {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// One false record a day of the two weeks that are scored.
constexpr size_t kMostFalse = 14;

struct Label {
  std::string id;
  int64_t begin = 0;
  int64_t end = 0;
  std::vector<std::string> entities;
};

int64_t Seconds(std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, base::ToAbsl(text), &time, &error)) {
    return 0;
  }
  return absl::ToUnixSeconds(time);
}

std::vector<Label> ReadLabels() {
  std::vector<Label> labels;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array array;
  if (parser.load(SharedFolder() + "/corpora/anomaly/auth28d-labels.json")
          .get(document) ||
      document.get_array().get(array)) {
    return labels;
  }
  for (const simdjson::dom::element entry : array) {
    Label& label = labels.emplace_back();
    std::string_view id, begin, end;
    simdjson::dom::object entities;
    if (entry["id"].get(id) || entry["start"].get(begin) ||
        entry["end"].get(end) || entry["entities"].get(entities)) {
      return {};
    }
    label.id = id;
    label.begin = Seconds(begin);
    label.end = Seconds(end);
    for (const auto& [name, value] : entities) {
      std::string_view text;
      if (!value.get(text)) label.entities.emplace_back(text);
    }
  }
  return labels;
}

struct Found {
  int64_t begin = 0;
  int64_t end = 0;
  double score = 0;
  std::vector<std::string> names;  // Of what it is about.
};

struct Records : public Sink {
  void OnDetection(const Detection&) override {}
  void OnAnomalies(const AnomalyBucket& bucket) override {
    for (const AnomalyRecord& record : bucket.records) {
      Found& found = all.emplace_back();
      found.begin = bucket.begin.nanos() / kSecond;
      found.end = found.begin + absl::ToInt64Seconds(bucket.span);
      found.score = record.record_score;
      found.names = {record.by_field_value, record.over_field_value,
                     record.partition_field_value};
      for (const AnomalyInfluence& influence : record.influencers) {
        for (const std::string& value : influence.field_values) {
          found.names.push_back(value);
        }
      }
    }
  }
  std::vector<Found> all;
};

bool IsAbout(const Found& found, const Label& label) {
  return found.begin <= label.end && label.begin < found.end &&
         std::any_of(
             label.entities.begin(), label.entities.end(),
             [&](const std::string& entity) {
               return std::find(found.names.begin(), found.names.end(),
                                entity) != found.names.end();
             });
}

std::string JobOf(std::string_view detector) {
  return R"({"job_id":"job","analysis_config":{"bucket_span":"15m",)"
         R"("detectors":[)" +
         std::string(detector) +
         R"(],"influencers":["user.name","source.ip"]}})";
}

class Stream {
 public:
  Stream() {
    ForEachLine(
        "corpora/anomaly/auth28d.ndjson.zst",
        [&](long, std::string_view line) { lines_.emplace_back(line); });
  }
  bool empty() const { return lines_.empty(); }

  // What a job writes; `codes`: of its diagnostics.
  std::vector<Found> Run(const std::string& job, std::string* codes) const {
    Compiler compiler;
    compiler.AddText(job, "job.json");
    const CompileResult compiled = compiler.Compile();
    for (const Diagnostic& d : compiled.diagnostics) {
      *codes += d.code + ": " + d.help + "\n";
    }
    Records records;
    Engine engine(compiled.rules, records);
    for (const std::string& line : lines_) engine.Feed(Event::Json(line));
    engine.AdvanceTo(Timestamp(INT64_MAX));
    return std::move(records.all);
  }

 private:
  std::vector<std::string> lines_;
};

// By incident, records of the scored weeks about none of them that score at
// least as high as the best one about it.
std::map<std::string, size_t> FalseBefore(const std::vector<Found>& found,
                                          const std::vector<Label>& labels) {
  const int64_t scored_from = Seconds("2026-01-19T00:00:00Z");
  std::vector<double> others;
  for (const Found& record : found) {
    const bool is_about_one =
        std::any_of(labels.begin(), labels.end(),
                    [&](const Label& label) { return IsAbout(record, label); });
    if (!is_about_one && record.begin >= scored_from) {
      others.push_back(record.score);
    }
  }
  std::map<std::string, size_t> before;
  for (const Label& label : labels) {
    double best = 0;
    for (const Found& record : found) {
      if (IsAbout(record, label)) best = std::max(best, record.score);
    }
    if (best <= 0) continue;
    before[label.id] = static_cast<size_t>(
        std::count_if(others.begin(), others.end(),
                      [&](double score) { return score >= best; }));
  }
  return before;
}

}  // namespace

Score Auth28d() {
  const Stream stream;
  const std::vector<Label> labels =
      SharedFolder().empty() ? std::vector<Label>() : ReadLabels();
  if (stream.empty() || labels.empty()) {
    return {.skipped = true, .note = "no stream of logons"};
  }
  Score score;
  const auto check = [&](bool holds, const std::string& what) {
    ++score.total;
    if (holds) {
      ++score.passed;
    } else {
      std::fprintf(stderr, "auth28d: %s\n", what.c_str());
    }
  };
  std::set<std::string> caught;
  // The incidents that a job finds before one false record a day.
  const auto run = [&](const std::string& name, std::string_view detector) {
    std::string codes;
    const auto before =
        FalseBefore(stream.Run(JobOf(detector), &codes), labels);
    std::set<std::string> ids;
    score.note += name + ":";
    for (const auto& [id, others] : before) {
      if (others > kMostFalse) continue;
      ids.insert(id);
      score.note += " " + id + " (" + std::to_string(others) + ")";
    }
    score.note += "; ";
    caught.insert(ids.begin(), ids.end());
    return ids;
  };

  std::string codes;
  check(stream
            .Run(JobOf(R"({"function":"rare","by_field_name":"user.name",)"
                       R"("over_field_name":"source.ip"})"),
                 &codes)
            .empty(),
        "rare by user over address: a record");
  check(codes.find("T705") != std::string::npos &&
            codes.find("partition") != std::string::npos,
        "rare by user over address: no advice on its orientation");
  run("rare address of user",
      R"({"function":"rare","by_field_name":"source.ip",)"
      R"("partition_field_name":"user.name"})");
  check(run("rare user", R"({"function":"rare","by_field_name":"user.name"})")
            .contains("A4"),
        "rare user: not A4");
  const std::set<std::string> high =
      run("high_count", R"({"function":"high_count"})");
  for (const char* id : {"A5", "A6", "A7", "A11"}) {
    check(high.contains(id), std::string("high_count: not ") + id);
  }
  check(run("high_distinct_count of addresses by user",
            R"({"function":"high_distinct_count","field_name":"source.ip",)"
            R"("partition_field_name":"user.name"})")
            .contains("A10"),
        "high_distinct_count: not A10");
  run("high_distinct_count of users by address",
      R"({"function":"high_distinct_count","field_name":"user.name",)"
      R"("over_field_name":"source.ip"})");
  run("high_non_zero_count by address",
      R"({"function":"high_non_zero_count","by_field_name":"source.ip"})");
  run("low_count of user",
      R"({"function":"low_count","partition_field_name":"user.name"})");
  run("time_of_day of user",
      R"({"function":"time_of_day","by_field_name":"user.name"})");
  score.note += std::to_string(caught.size()) + " of " +
                std::to_string(labels.size()) + " found by some job";
  return score;
}

}  // namespace tocsin::conformance
