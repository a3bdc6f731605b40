// Sigma rules against events, beside what it takes to parse these events.
//
// BM_SigmaMatch/LANE/rules:N/routed:R/keyword:K/PASS, where PASS is `cold` (an
// engine that is made and sees the lane for the first time) or `warm` (one that
// has seen it before). In each repetition the same events are parsed with
// simdjson right before they are matched, on the same core: `of_dom` is the
// speed of matching over that of parsing. Times are CPU time of the process.
// A row whose number of matches is not the expected one is an error.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/match/baseline.h"
#include "bench/match/corpus.h"
#include "bench/match/expected_matches.h"
#include "bench/match/rule_sets.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace tocsin::bench {
namespace {

// Small lanes are fed several times a repetition, to be long enough to time.
constexpr size_t kMinEvents = 20'000;

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

size_t PassesOver(const Lane& lane) {
  return (kMinEvents + lane.lines.size() - 1) / lane.lines.size();
}

void SetRates(benchmark::State& state, const Lane& lane, size_t passes,
              double seconds) {
  const auto events = static_cast<double>(lane.lines.size() * passes);
  const auto bytes = static_cast<double>(lane.bytes * passes);
  state.counters["ns_per_event"] = seconds * 1e9 / events;
  state.counters["events_per_second"] = events / seconds;
  state.counters["bytes_per_second"] = bytes / seconds;
}

struct Workload {
  const Lane* lane = nullptr;
  RuleSetName rules = RuleSetName::kCore;
  bool routed = true;
  bool keyword_rule = true;
  int64_t expected = 0;  // Matches a pass.
};

class Suite {
 public:
  // False, with a message, where the data is not there.
  bool Load() {
    lanes_ = LoadLanes();
    folder_ = RulesFolder();
    expected_ = ReadExpectedMatches();
    return !lanes_.empty() && !folder_.empty();
  }

  void Register() {
    for (const Lane& lane : lanes_) {
      RegisterBaseline("BM_NewlineScan/", lane, [&lane](Parser&) {
        return ScanNewlines(lane) == static_cast<int64_t>(lane.lines.size());
      });
      RegisterBaseline("BM_StructureIndex/", lane, [&lane](Parser& parser) {
        return parser.IndexStructure(lane) > 0;
      });
      RegisterBaseline("BM_SimdjsonDom/", lane, [&lane](Parser& parser) {
        return parser.ParseMany(lane) ==
               static_cast<int64_t>(lane.lines.size());
      });
      for (const RuleSetName rules : kRuleSets) {
        for (const bool routed : {true, false}) {
          for (const bool keyword_rule : {true, false}) {
            RegisterMatch(lane, rules, routed, keyword_rule);
          }
        }
      }
    }
    const std::vector<std::string> folders = ActiveRuleFolders(folder_);
    RegisterLoad("BM_LoadRules/3141", {folders[0]});
    RegisterLoad("BM_LoadRules/3780", folders);
  }

 private:
  template <typename Work>
  void RegisterBaseline(const char* task, const Lane& lane, Work work) {
    const auto run = [this, &lane, work](benchmark::State& state) {
      const size_t passes = PassesOver(lane);
      bool right = true;
      work(parser_);  // Buffers grow.
      for (auto _ : state) {
        const double seconds = CpuSeconds([&] {
          for (size_t i = 0; i < passes; ++i) right = right && work(parser_);
        });
        state.SetIterationTime(seconds);
        SetRates(state, lane, passes, seconds);
      }
      if (!right) state.SkipWithError("a line was not read");
    };
    benchmark::RegisterBenchmark((task + lane.name).c_str(), run)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }

  void RegisterMatch(const Lane& lane, RuleSetName rules, bool routed,
                     bool keyword_rule) {
    const std::string name =
        WorkloadName(lane.name, rules, routed, keyword_rule);
    const auto expected = expected_.find(name);
    if (expected == expected_.end()) return;  // Nobody has counted it.
    const Workload workload = {&lane, rules, routed, keyword_rule,
                               expected->second};
    for (const bool warm : {false, true}) {
      const std::string task =
          "BM_SigmaMatch/" + name + (warm ? "/warm" : "/cold");
      benchmark::RegisterBenchmark(
          task.c_str(),
          [this, workload, warm, task](benchmark::State& state) {
            Match(state, workload, warm, task);
          })
          ->Iterations(1)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  }

  void Match(benchmark::State& state, const Workload& workload, bool warm,
             const std::string& task) {
    const Lane& lane = *workload.lane;
    const size_t passes = warm ? PassesOver(lane) : 1;
    const std::shared_ptr<const RuleSet> rules =
        Rules(workload.rules, workload.keyword_rule);
    const auto make_engine = [&] {
      engine_.emplace(rules, sink_, EngineOptions{.routing = workload.routed});
    };
    // Repetitions of a row follow one another and share its engine.
    if (warm && warm_task_ != task) {
      make_engine();
      Feed(lane);
      warm_task_ = task;
    }
    if (!warm) warm_task_.clear();
    for (auto _ : state) {
      const double parsing = CpuSeconds([&] {
        for (size_t i = 0; i < passes; ++i) parser_.ParseMany(lane);
      });
      matches_ = 0;
      const double matching = CpuSeconds([&] {
        if (!warm) make_engine();
        for (size_t i = 0; i < passes; ++i) Feed(lane);
      });
      state.SetIterationTime(matching);
      SetRates(state, lane, passes, matching);
      state.counters["of_dom"] = parsing / matching;
    }
    const auto found = static_cast<double>(matches_);
    state.counters["matches"] = found / static_cast<double>(passes);
    if (matches_ != workload.expected * static_cast<int64_t>(passes)) {
      state.SkipWithError(("expected " + std::to_string(workload.expected) +
                           " matches a pass, found " +
                           std::to_string(matches_) + " in " +
                           std::to_string(passes))
                              .c_str());
    }
  }

  void Feed(const Lane& lane) {
    for (const std::string_view line : lane.lines) {
      engine_->Feed(Event::Json(line));
    }
  }

  std::shared_ptr<const RuleSet> Rules(RuleSetName name, bool keyword_rule) {
    std::shared_ptr<const RuleSet>& rules = rules_[{name, keyword_rule}];
    if (rules == nullptr) rules = CompileRules(folder_, name, keyword_rule);
    return rules;
  }

  // In a process of its own: what is resident is then the rules.
  static void RegisterLoad(const char* name,
                           const std::vector<std::string>& folders) {
    std::string command = BENCH_LOAD_RULES;
    for (const std::string& folder : folders) command += " '" + folder + "'";
    benchmark::RegisterBenchmark(
        name,
        [command](benchmark::State& state) {
          double seconds = 0;
          long kib = 0;
          long rules = 0;
          for (auto _ : state) {
            std::FILE* pipe = popen(command.c_str(), "r");
            if (pipe == nullptr ||
                std::fscanf(pipe, "%lf %ld %ld", &seconds, &kib, &rules) != 3 ||
                pclose(pipe) != 0) {
              state.SkipWithError("rules were not loaded");
              return;
            }
            state.SetIterationTime(seconds);
          }
          state.counters["rules"] = static_cast<double>(rules);
          state.counters["resident_mb"] = static_cast<double>(kib) / 1024;
        })
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }

  std::vector<Lane> lanes_;
  std::string folder_;
  std::map<std::string, int64_t> expected_;
  std::map<std::pair<RuleSetName, bool>, std::shared_ptr<const RuleSet>> rules_;
  Parser parser_;
  int64_t matches_ = 0;
  CallbackSink sink_{[this](const Detection&) { ++matches_; }};
  std::optional<Engine> engine_;
  std::string warm_task_;  // The row whose engine `engine_` is.
};

int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  Suite suite;
  if (!suite.Load()) return 1;
  suite.Register();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace
}  // namespace tocsin::bench

int main(int argc, char** argv) { return tocsin::bench::Main(argc, argv); }
