// Correlation of events parsed and matched before: workloads W1 to W5.
//
//   BM_Correlate/w:W/keys:K/run:R
//
// R: 0 in order, 1 in order but waiting 30 s for late events, 2 late events in
// strict order, 3 late events, eager. Every run must fire at exactly the events
// of the plain answer. Counters: bytes a group, and groups kept.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "bench/correlate/cep_run.h"
#include "bench/correlate/cep_workload.h"
#include "src/plan/correlations.h"
#include "src/runtime/correlate/correlator.h"

namespace tocsin::cep {
namespace {

enum RunKind { kInOrder, kWaiting, kStrict, kEager };

// Events that are taken together.
constexpr size_t kBatch = 32;

struct Stream {
  explicit Stream(const WorkloadOptions& options)
      : records(Generate(options)), matched(records) {}
  std::vector<Record> records;
  MatchedLists matched;
};

const Stream& StreamOf(uint32_t keys, bool late) {
  static auto* const streams =
      new std::map<std::pair<uint32_t, bool>, std::unique_ptr<Stream>>();
  std::unique_ptr<Stream>& stream = (*streams)[{keys, late}];
  if (stream == nullptr) {
    stream =
        std::make_unique<Stream>(WorkloadOptions{.keys = keys, .late = late});
  }
  return *stream;
}

void BM_Correlate(benchmark::State& state) {
  const auto workload = static_cast<int>(state.range(0));
  const auto keys = static_cast<uint32_t>(state.range(1));
  const auto run = static_cast<RunKind>(state.range(2));
  const Stream& stream = StreamOf(keys, run == kStrict || run == kEager);
  const RuleOptions options{.strict = run == kStrict};
  const std::vector<program::Correlation> rules = {
      plan::PlanCorrelation(WorkloadRule(workload, options), NumberOfField)};
  std::vector<uint32_t> expected = Expected(workload, options, stream.records);
  std::sort(expected.begin(), expected.end());

  double groups = 0;
  double bytes = 0;
  for (auto _ : state) {
    IdCollector found;
    found.ids.reserve(expected.size());
    runtime::Correlator correlator(
        rules, kRuleCount, &found,
        {.budget = size_t{1} << 30,
         .lateness = run == kInOrder ? 0 : int64_t{30'000'000'000},
         .seed = {1, 2}});
    RecordFields fields;
    for (size_t i = 0; i < stream.records.size(); ++i) {
      fields.Set(stream.records[i]);
      correlator.Take(MomentOf(stream.records[i]), fields, stream.matched[i]);
      if (i % kBatch == kBatch - 1) correlator.Finish();
    }
    correlator.Finish();
    groups = static_cast<double>(correlator.group_count(0));
    bytes = static_cast<double>(correlator.bytes_used());
    correlator.AdvanceTo(INT64_MAX);

    state.PauseTiming();
    std::sort(found.ids.begin(), found.ids.end());
    if (found.ids != expected) state.SkipWithError("wrong firings");
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(stream.records.size()));
  state.counters["groups"] = groups;
  state.counters["bytes_per_group"] = groups > 0 ? bytes / groups : 0;
}
BENCHMARK(BM_Correlate)
    ->ArgNames({"w", "keys", "run"})
    ->ArgsProduct({{1, 2, 3, 4, 5},
                   {100'000, 1'000'000},
                   {kInOrder, kWaiting, kStrict, kEager}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tocsin::cep

BENCHMARK_MAIN();
