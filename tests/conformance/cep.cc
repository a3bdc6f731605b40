// The correlation workloads: ids exactly those of the plain answer, which in
// turn has the counts and checksums that the workloads are published with.

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "bench/correlate/cep_run.h"
#include "bench/correlate/cep_workload.h"
#include "src/plan/correlations.h"
#include "src/runtime/correlate/correlator.h"
#include "tests/conformance/suite.h"

namespace tocsin::conformance {
namespace {

using base::FirePolicy;
using cep::Record;

constexpr FirePolicy kPolicies[] = {FirePolicy::kEvery, FirePolicy::kEdge,
                                    FirePolicy::kThrottle, FirePolicy::kReset};

// What the workloads are published with: digests of their events in order and
// late, and how often each fires by policy, half open.
struct Published {
  uint32_t keys;
  const char* digest;
  const char* late_digest;
  size_t counts[5][4];
  uint64_t id_sums[5];  // Of every firing.
};

constexpr Published kPublished[] = {
    {1'000,
     "6a1bb441d477a526",
     "dbefb2b7ef22c60f",
     {{8072, 905, 2224, 7874},
      {97169, 1078, 3327, 43157},
      {171156, 73, 68, 164},
      {308965, 725, 1008, 3087},
      {7933, 0, 0, 0}},
     {0x75960eed50ec2912, 0x14d69f1cae524436, 0x3b8a4019a0d3d61f,
      0x6d71bb1ff40d2807, 0x1075423371ed7939}},
    {100'000,
     "03e83640c1c18f08",
     "88eb99219e01a786",
     {{6048, 1705, 2699, 5920},
      {64643, 3405, 5571, 29591},
      {91655, 36, 43, 99},
      {179080, 1144, 1290, 2501},
      {21334, 0, 0, 0}},
     {0x05a016fc149cb319, 0xb8c945f3820f278f, 0x9c62761fdfdd15fe,
      0x1cc70e5ca285cb6e, 0x7776b982671d4bf0}},
    {1'000'000,
     "a2ba27b8b6a50263",
     "dbd1a5dc79fc2fc3",
     {{4940, 1418, 2232, 4812},
      {53028, 2852, 4651, 24165},
      {72994, 36, 40, 84},
      {145738, 978, 1108, 2092},
      {24854, 0, 0, 0}},
     {0xf27ef2e4f04007d6, 0xef4a181e23030eeb, 0xbe9d043838206755,
      0xf7994d798e29faaa, 0xe1282a3481f79e26}},
};

// Events that are taken together; the answer is the same for any number.
constexpr size_t kTaken = 32;

class Checker {
 public:
  void Check(bool holds, const std::string& what) {
    ++score_.total;
    if (holds) {
      ++score_.passed;
    } else {
      std::fprintf(stderr, "cep: %s\n", what.c_str());
    }
  }
  const Score& score() const { return score_; }

 private:
  Score score_;
};

std::string Describe(uint32_t keys, int workload,
                     const cep::RuleOptions& options, const char* run) {
  constexpr const char* kNames[] = {"every", "edge", "reset", "throttle"};
  return "K=" + std::to_string(keys) + " W" + std::to_string(workload) + " " +
         kNames[static_cast<int>(options.fire)] +
         (options.closed ? " closed " : " half open ") + run;
}

std::vector<uint32_t> Run(int workload, const cep::RuleOptions& options,
                          absl::Duration lateness,
                          const std::vector<Record>& records,
                          const cep::MatchedLists& matched) {
  const std::vector<program::Correlation> rules = {plan::PlanCorrelation(
      cep::WorkloadRule(workload, options), cep::NumberOfField)};
  cep::IdCollector found;
  runtime::Correlator correlator(
      rules, cep::kRuleCount, &found,
      {.budget = size_t{2} << 30,
       .lateness = absl::ToInt64Nanoseconds(lateness),
       .seed = {1, 2}});
  cep::RecordFields fields;
  for (size_t i = 0; i < records.size(); ++i) {
    fields.Set(records[i]);
    correlator.Take(cep::MomentOf(records[i]), fields, matched[i]);
    if (i % kTaken == 0) correlator.Finish();
  }
  correlator.AdvanceTo(INT64_MAX);
  return found.ids;
}

bool SameIds(std::vector<uint32_t> a, std::vector<uint32_t> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

// Whether each of `ids` has one of `others` in its group and not farther away
// than the rule's window.
bool EachOverlaps(const std::vector<uint32_t>& ids,
                  const std::vector<uint32_t>& others, int workload,
                  const std::map<uint32_t, const Record*>& by_id) {
  const auto key_of = [&](const Record& r) {
    if (workload == 2) return std::pair(r.user, r.src);
    return std::pair(workload < 4 ? r.src : r.host, 0u);
  };
  constexpr int64_t kSpanMs[] = {0, 300'000, 600'000, 300'000, 900'000, 60'000};
  std::map<std::pair<uint32_t, uint32_t>, std::vector<int64_t>> times;
  for (const uint32_t id : others) {
    const Record& record = *by_id.at(id);
    times[key_of(record)].push_back(record.ts_ms);
  }
  for (auto& [key, of_key] : times) std::sort(of_key.begin(), of_key.end());
  return std::all_of(ids.begin(), ids.end(), [&](uint32_t id) {
    const Record& record = *by_id.at(id);
    const std::vector<int64_t>& of_key = times[key_of(record)];
    const auto at = std::lower_bound(of_key.begin(), of_key.end(),
                                     record.ts_ms - kSpanMs[workload]);
    return at != of_key.end() && *at <= record.ts_ms + kSpanMs[workload];
  });
}

void CheckKeys(const Published& published, Checker* checker) {
  const cep::WorkloadOptions in_order{.keys = published.keys};
  cep::WorkloadOptions with_late = in_order;
  with_late.late = true;
  const std::vector<Record> records = cep::Generate(in_order);
  const std::vector<Record> late = cep::Generate(with_late);
  const cep::MatchedLists matched(records);
  const cep::MatchedLists late_matched(late);
  checker->Check(cep::DigestOf(records) == published.digest,
                 "events are not those of the workload");
  checker->Check(cep::DigestOf(late) == published.late_digest,
                 "late events are not those of the workload");
  std::map<uint32_t, const Record*> by_id;
  for (const Record& record : records) by_id[record.id] = &record;

  for (int workload = 1; workload <= 5; ++workload) {
    for (size_t p = 0; p < std::size(kPolicies); ++p) {
      if (workload == 5 && kPolicies[p] != FirePolicy::kEvery) continue;
      for (const bool closed : {false, true}) {
        cep::RuleOptions options{.fire = kPolicies[p], .closed = closed};
        const auto name = [&](const char* run) {
          return Describe(published.keys, workload, options, run);
        };
        const std::vector<uint32_t> expected =
            cep::Expected(workload, options, records);
        if (!closed) {
          checker->Check(expected.size() == published.counts[workload - 1][p],
                         name("count of the plain answer"));
        }
        if (!closed && kPolicies[p] == FirePolicy::kEvery) {
          checker->Check(
              cep::IdSum(expected) == published.id_sums[workload - 1],
              name("ids of the plain answer"));
        }
        checker->Check(SameIds(Run(workload, options, absl::ZeroDuration(),
                                   records, matched),
                               expected),
                       name("in order"));
        checker->Check(
            SameIds(Run(workload, options, absl::Seconds(30), records, matched),
                    expected),
            name("in order, waiting for late events"));
        const std::vector<uint32_t> eager =
            Run(workload, options, absl::Seconds(30), late, late_matched);
        if (kPolicies[p] == FirePolicy::kEvery) {
          checker->Check(SameIds(eager, expected), name("late, eager"));
        } else {
          checker->Check(EachOverlaps(eager, expected, workload, by_id) &&
                             EachOverlaps(expected, eager, workload, by_id),
                         name("late, eager"));
        }
        options.strict = true;
        checker->Check(SameIds(Run(workload, options, absl::Seconds(30), late,
                                   late_matched),
                               expected),
                       name("late, strict"));
      }
    }
  }
}

}  // namespace

Score Cep() {
  Checker checker;
  CheckKeys(kPublished[0], &checker);
  return checker.score();
}

Score CepLarge() {
  Checker checker;
  CheckKeys(kPublished[1], &checker);
  CheckKeys(kPublished[2], &checker);
  return checker.score();
}

}  // namespace tocsin::conformance
