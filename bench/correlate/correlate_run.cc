// One workload, measured in a process of its own, to take turns with others.
//
//   correlate_run write KEYS order|late FILE    events, as records of 32 bytes
//   correlate_run speed W KEYS order|wait|late [BATCH]
//   correlate_run pauses W KEYS
//
// order: in order; wait: in order, waiting 30 s for late events; late: late
// events, strict order. Prints one JSON object. Every pass must fire at exactly
// the events of the plain answer; else the exit code is 1. BATCH: how many
// events are taken together (default: 32).
//
// pauses: events are fed one by one, and each is timed, in five passes. What
// takes long each time is the correlator's doing: `longest` is the longest that
// an event took in its best pass. `longest_seen` is the worst of all passes,
// and `longest_seen_faults` how many pages the kernel had to find for that
// event.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "bench/correlate/cep_run.h"
#include "bench/correlate/cep_workload.h"
#include "src/plan/correlations.h"
#include "src/runtime/correlate/correlator.h"

namespace tocsin::cep {
namespace {

constexpr int kPasses = 3;
constexpr int kTimedPasses = 5;

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

int64_t PagesFound() {
  rusage used;
  getrusage(RUSAGE_THREAD, &used);
  return used.ru_minflt + used.ru_majflt;
}

class Workload {
 public:
  Workload(int number, uint32_t keys, const std::string& run)
      : records(Generate({.keys = keys, .late = run == "late"})),
        options{.strict = run == "late"},
        lateness(run == "order" ? 0 : 30'000'000'000),
        rules{plan::PlanCorrelation(WorkloadRule(number, options),
                                    NumberOfField)},
        matched(records, rules),
        expected(Expected(number, options, records)) {
    std::sort(expected.begin(), expected.end());
    found.ids.reserve(expected.size());
  }

  std::unique_ptr<runtime::Correlator> Begin() {
    found.ids.clear();
    return std::make_unique<runtime::Correlator>(
        rules, kRuleCount, &found,
        runtime::CorrelatorOptions{
            .budget = size_t{1} << 30, .lateness = lateness, .seed = {1, 2}});
  }

  bool IsRight() {
    std::sort(found.ids.begin(), found.ids.end());
    return found.ids == expected;
  }

  const std::vector<Record> records;
  const RuleOptions options;
  const int64_t lateness;
  const std::vector<program::Correlation> rules;
  const MatchedLists matched;
  std::vector<uint32_t> expected;
  IdCollector found;
};

bool Speed(Workload* workload, size_t batch) {
  double best = 1e9;
  double bytes_a_key = 0;
  const std::vector<Record>& records = workload->records;
  for (int pass = 0; pass < kPasses; ++pass) {
    const double start = CpuSeconds();
    const auto correlator = workload->Begin();
    FeedAll(records, workload->matched, batch, correlator.get());
    bytes_a_key =
        static_cast<double>(correlator->bytes_used()) /
        static_cast<double>(std::max<size_t>(correlator->group_count(0), 1));
    correlator->AdvanceTo(INT64_MAX);
    best = std::min(best, CpuSeconds() - start);
    if (!workload->IsRight()) return false;
  }
  std::printf(
      "{\"events_per_second\": %.0f, \"fired\": %zu, \"idsum\": \"%016llx\", "
      "\"bytes_a_key\": %.1f}\n",
      static_cast<double>(records.size()) / best, workload->expected.size(),
      static_cast<unsigned long long>(IdSum(workload->expected)), bytes_a_key);
  return true;
}

bool Pauses(Workload* workload) {
  using Clock = std::chrono::steady_clock;
  const std::vector<Record>& records = workload->records;
  std::vector<int64_t> best(records.size(), INT64_MAX);
  std::vector<int64_t> last(records.size());
  int64_t longest_seen = 0;
  int64_t its_faults = 0;
  for (int pass = 0; pass < kTimedPasses; ++pass) {
    const auto correlator = workload->Begin();
    RecordFields fields;
    for (size_t i = 0; i < records.size(); ++i) {
      fields.Set(records[i]);
      const int64_t pages = PagesFound();
      const auto start = Clock::now();
      correlator->Feed(MomentOf(records[i]), fields, workload->matched[i]);
      last[i] = std::chrono::nanoseconds(Clock::now() - start).count();
      best[i] = std::min(best[i], last[i]);
      if (last[i] > longest_seen) {
        longest_seen = last[i];
        its_faults = PagesFound() - pages;
      }
    }
    correlator->AdvanceTo(INT64_MAX);
    if (!workload->IsRight()) return false;
  }
  std::sort(last.begin(), last.end());
  const auto at = [&](size_t per_mille) {
    return static_cast<long long>(last[last.size() * per_mille / 1000]);
  };
  std::printf(
      "{\"p50_ns\": %lld, \"p99_ns\": %lld, \"p999_ns\": %lld, "
      "\"longest_ns\": %lld, \"longest_seen_ns\": %lld, "
      "\"longest_seen_faults\": %lld}\n",
      at(500), at(990), at(999),
      static_cast<long long>(*std::max_element(best.begin(), best.end())),
      static_cast<long long>(longest_seen), static_cast<long long>(its_faults));
  return true;
}

bool Write(uint32_t keys, bool late, const char* path) {
  const std::vector<Record> records = Generate({.keys = keys, .late = late});
  std::FILE* const file = std::fopen(path, "wb");
  if (file == nullptr) return false;
  const size_t written =
      std::fwrite(records.data(), sizeof(Record), records.size(), file);
  return std::fclose(file) == 0 && written == records.size();
}

bool Run(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[0] == "write") {
    return Write(static_cast<uint32_t>(std::atoi(words[1].c_str())),
                 words[2] == "late", words[3].c_str());
  }
  const bool is_speed = words.size() >= 4 && words[0] == "speed";
  if (!is_speed && (words.size() != 3 || words[0] != "pauses")) {
    std::fprintf(stderr, "correlate_run: see the head of its source\n");
    return false;
  }
  Workload workload(std::atoi(words[1].c_str()),
                    static_cast<uint32_t>(std::atoi(words[2].c_str())),
                    is_speed ? words[3] : "order");
  const bool is_right =
      is_speed ? Speed(&workload, words.size() > 4
                                      ? static_cast<size_t>(std::max(
                                            1, std::atoi(words[4].c_str())))
                                      : 32)
               : Pauses(&workload);
  if (!is_right) std::fprintf(stderr, "correlate_run: wrong firings\n");
  return is_right;
}

}  // namespace
}  // namespace tocsin::cep

int main(int argc, char** argv) {
  return tocsin::cep::Run({argv + 1, argv + argc}) ? 0 : 1;
}
