// Rules of Elastic on events as they come.
//
//   elastic_bench endgame [EVENTS]   50 event queries in EQL over the events
//                                    that are for them, repeated
//   elastic_bench windows [ROUNDS]   EQL and KQL rules over the Windows lane
//
// Prints one JSON object a row. `of_dom` is the speed over that of parsing the
// same events with simdjson, `of_100` the time over that of the row with 100
// rules. Times are CPU time of the process; parse and rows take turns, and
// medians are shown: for ratios, of the ratios of a turn. Each pass is a later
// day, since events behind the watermark would cost sequences less. What is
// found is checked. Exit code: 0, 1 if something else was found than should be,
// 77 without the data.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "bench/elastic/elastic_workload.h"
#include "bench/match/baseline.h"
#include "bench/match/corpus.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin::bench {
namespace {

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

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int RunEndgame(int64_t wanted_events) {
  constexpr int kPasses = 3;
  const auto queries = EndgameQueries();
  const std::vector<std::string> lines = EndgameEvents();
  if (queries.size() < kEndgameQueries || lines.empty()) return 77;
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
  // Line by line from one buffer, as a stream is.
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  const auto pass = [&] {
    for (int64_t round = 0; round < rounds; ++round) {
      std::string_view rest = text;
      for (const std::string& line : lines) {
        engine.Feed(Event::Json(rest.substr(0, line.size())));
        rest.remove_prefix(line.size() + 1);
      }
    }
  };
  pass();
  std::vector<double> seconds;
  for (int i = 0; i < kPasses; ++i) {
    found = 0;
    seconds.push_back(CpuSeconds(pass));
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
              static_cast<double>(events * rounds) / MedianOf(seconds));
  return 0;
}

// --- The Windows lane.

// When each event of a lane is.
std::vector<Timestamp> TimesOf(const Lane& lane) {
  std::vector<Timestamp> times;
  const auto compiled = Compile({{"all.eql", "any where true"}}, "");
  if (compiled == nullptr) return times;
  Timestamp time;
  CallbackSink sink([&](const Detection& d) { time = d.time(); });
  Engine engine(compiled, sink, {.routing = false});
  for (const std::string_view line : lane.lines) {
    engine.Feed(Event::Json(line));
    times.push_back(time);
  }
  return times;
}

// One row: its engine, and what it took.
struct Row {
  Row(std::string name_in, size_t rules_in,
      const std::shared_ptr<const RuleSet>& compiled)
      : name(std::move(name_in)),
        rules(rules_in),
        sink([this](const Detection&) { ++detections; },
             [this](const Incident&) { ++incidents; }),
        engine(compiled, sink) {}

  // Feeds all events, `later` than they say; returns the seconds it took.
  double Feed(const Lane& lane, const std::vector<Timestamp>& times,
              absl::Duration later) {
    detections = 0;
    incidents = 0;
    return CpuSeconds([&] {
      for (size_t i = 0; i < lane.lines.size(); ++i) {
        engine.Feed(Event::Json(lane.lines[i]).set_time(times[i] + later));
      }
    });
  }

  std::string name;
  size_t rules;
  int64_t detections = 0;
  int64_t incidents = 0;
  CallbackSink sink;
  Engine engine;
  double cold = 0;
  std::vector<double> seconds;
  std::vector<double> of_dom;
  std::vector<double> of_100;
};

int RunWindows(int rounds) {
  const ElasticRules rules = ReadElasticRules();
  const std::vector<Lane> lanes = LoadLanes();
  if (rules.eql.empty() || lanes.empty()) return 77;
  const Lane& lane = lanes[0];
  const std::vector<Timestamp> times = TimesOf(lane);
  if (times.empty()) return 1;
  const std::map<std::string, int64_t> expected = ExpectedDetections();
  std::vector<std::unique_ptr<Row>> rows;
  for (const auto& [name, texts] : WindowsRows(rules)) {
    const auto compiled = Compile(texts, "");
    if (compiled == nullptr) return 1;
    rows.push_back(std::make_unique<Row>(name, texts.size(), compiled));
  }
  const auto [first, last] = std::minmax_element(times.begin(), times.end());
  const absl::Duration day = *last - *first + absl::Hours(48);
  bool right = true;
  const auto check = [&](const Row& row) {
    const auto entry = expected.find(row.name);
    if (entry != expected.end() && entry->second == row.detections) return;
    std::fprintf(stderr, "%s: found %ld\n", row.name.c_str(),
                 static_cast<long>(row.detections));
    right = false;
  };
  // What an engine learns of a stream takes a few passes.
  constexpr int kWarmUp = 6;
  for (const auto& row : rows) {
    for (int pass = 0; pass < kWarmUp; ++pass) {
      const double seconds = row->Feed(lane, times, day * pass);
      if (pass == 0) row->cold = seconds;
      check(*row);
    }
  }
  Parser parser;
  for (int round = 0; round < rounds; ++round) {
    const double parsing = CpuSeconds([&] { parser.ParseMany(lane); });
    for (const auto& row : rows) {
      row->seconds.push_back(row->Feed(lane, times, day * (kWarmUp + round)));
      row->of_dom.push_back(parsing / row->seconds.back());
      row->of_100.push_back(row->seconds.back() / rows[0]->seconds.back());
      check(*row);
    }
  }
  const auto events = static_cast<double>(lane.lines.size());
  for (const auto& row : rows) {
    std::printf(
        R"({"task":"%s","rules":%zu,"events":%zu,"detections":%ld,)"
        R"("incidents":%ld,"cold_ns_per_event":%.0f,"ns_per_event":%.0f,)"
        R"("of_dom":%.3f,"of_100":%.2f})"
        "\n",
        row->name.c_str(), row->rules, lane.lines.size(),
        static_cast<long>(row->detections), static_cast<long>(row->incidents),
        row->cold * 1e9 / events, MedianOf(row->seconds) * 1e9 / events,
        MedianOf(row->of_dom), MedianOf(row->of_100));
  }
  return right ? 0 : 1;
}

}  // namespace
}  // namespace tocsin::bench

int main(int argc, char** argv) {
  const std::string_view task = argc > 1 ? argv[1] : "";
  const int64_t number = argc > 2 ? std::atoll(argv[2]) : 0;
  if (task == "endgame") {
    return tocsin::bench::RunEndgame(number > 0 ? number : 1'000'000);
  }
  if (task == "windows") {
    return tocsin::bench::RunWindows(number > 0 ? static_cast<int>(number)
                                                : 21);
  }
  std::fprintf(stderr,
               "usage: elastic_bench endgame [EVENTS] | windows [ROUNDS]\n");
  return 3;
}
