#include "bench/correlate/cep_workload.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_set>

#include "absl/time/time.h"

namespace tocsin::cep {
namespace {

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int64_t kMinuteMs = 60'000;

uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// One independent run of random words.
class Lane {
 public:
  Lane(uint64_t seed, uint64_t lane) : base_(Mix(seed * 1'000'003 + lane)) {}
  uint64_t operator()(int64_t i) const {
    return Mix(static_cast<uint64_t>(i) * 0xD1342543DE82EF95 + base_);
  }

 private:
  uint64_t base_;
};

// Ranks with probability in proportion to 1 / (rank + 1).
class Zipf {
 public:
  explicit Zipf(uint32_t keys) : sums_(keys) {
    double sum = 0;
    for (uint32_t i = 0; i < keys; ++i) {
      sum += 1.0 / static_cast<double>(i + 1);
      sums_[i] = sum;
    }
  }
  uint32_t operator()(uint64_t word) const {
    const double unit =
        static_cast<double>(word >> 11) * (1.0 / 9007199254740992.0);
    const auto at =
        std::upper_bound(sums_.begin(), sums_.end(), unit * sums_.back());
    return static_cast<uint32_t>(std::min<size_t>(
        static_cast<size_t>(at - sums_.begin()), sums_.size() - 1));
  }

 private:
  std::vector<double> sums_;
};

struct Probe {
  int64_t ts_ms = 0;
  uint8_t kind = 0;
  uint8_t severity = 1;
  uint32_t key = 0;
};

// Groups whose last event lies the window's length, one millisecond less or one
// more behind the first.
std::vector<Probe> Probes(const std::vector<Record>& records, uint32_t keys) {
  std::vector<Probe> probes;
  uint32_t key = keys;
  const int64_t last = records.back().ts_ms;
  for (size_t base = 0; base < records.size(); base += 20'000) {
    const int64_t t0 = records[base].ts_ms;
    for (const int64_t off : {-1, 0, 1}) {
      for (const int workload : {1, 2, 4, 5}) {
        constexpr int64_t kMinutes[] = {0, 5, 10, 0, 15, 1};
        const int64_t t1 = t0 + kMinutes[workload] * kMinuteMs + off;
        if (t1 >= last) continue;
        const uint32_t k = key++;
        switch (workload) {
          case 1:
            probes.push_back({t0, kNet, 1, k});
            probes.push_back({t1 - 2, kNet, 1, k});
            probes.push_back({t1 - 1, kNet, 1, k});
            probes.push_back({t1, kAlert, 9, k});
            break;
          case 2:
            probes.push_back({t0, kLoginFail, 1, k});
            for (int i = 0; i < 4; ++i) {
              probes.push_back({t1 - 9 + i, kLoginFail, 1, k});
            }
            probes.push_back({t1, kLoginOk, 1, k});
            break;
          case 4:
            probes.push_back({t0, kProc, 1, k});
            probes.push_back({t0 + 5, kDns, 1, k});
            probes.push_back({t1, kNet, 1, k});
            break;
          default:
            probes.push_back({t0, kReq, 1, k});
            probes.push_back({t1, kAck, 1, k});
            break;
        }
      }
    }
  }
  std::stable_sort(
      probes.begin(), probes.end(),
      [](const Probe& a, const Probe& b) { return a.ts_ms < b.ts_ms; });
  return probes;
}

// Each probe takes the place of the event next to it in time.
void Plant(uint32_t keys, std::vector<Record>* records) {
  const std::vector<Probe> probes = Probes(*records, keys);
  std::vector<size_t> places;
  for (const Probe& probe : probes) {
    const auto at = std::lower_bound(
        records->begin(), records->end(), probe.ts_ms,
        [](const Record& r, int64_t ts) { return r.ts_ms < ts; });
    places.push_back(static_cast<size_t>(at - records->begin()));
  }
  std::unordered_set<size_t> used;
  for (size_t i = 0; i < probes.size(); ++i) {
    size_t place = places[i];
    while (used.contains(place) && place + 1 < records->size()) ++place;
    if (place >= records->size() || !used.insert(place).second) continue;
    Record& record = (*records)[place];
    record.ts_ms = probes[i].ts_ms;
    record.kind = probes[i].kind;
    record.severity = probes[i].severity;
    record.src = record.host = record.user = probes[i].key;
  }
  std::stable_sort(
      records->begin(), records->end(),
      [](const Record& a, const Record& b) { return a.ts_ms < b.ts_ms; });
  for (size_t i = 0; i < records->size(); ++i) {
    (*records)[i].id = static_cast<uint32_t>(i);
  }
}

}  // namespace

std::vector<Record> Generate(const WorkloadOptions& options) {
  constexpr std::array<uint64_t, 8> kPerMille = {20,  400, 100, 3,
                                                 200, 197, 40,  40};
  std::array<uint64_t, 8> kinds;
  std::partial_sum(kPerMille.begin(), kPerMille.end(), kinds.begin());
  const auto lane = [&](uint64_t number) { return Lane(options.seed, number); };
  const Lane gaps = lane(1), kind = lane(2), severity = lane(3), src = lane(4),
             host = lane(5), is_other = lane(6), other = lane(7);
  const Zipf zipf(options.keys);
  const auto most_gap = static_cast<uint64_t>(2'000'000 / options.rate + 1);

  std::vector<Record> records(static_cast<size_t>(options.events));
  int64_t micros = 0;
  for (int64_t i = 0; i < options.events; ++i) {
    Record& record = records[static_cast<size_t>(i)];
    micros += static_cast<int64_t>(gaps(i) % most_gap);
    record.ts_ms = kStartMs + micros / 1000;
    record.id = static_cast<uint32_t>(i);
    record.kind = static_cast<uint8_t>(
        std::upper_bound(kinds.begin(), kinds.end(), kind(i) % 1000) -
        kinds.begin());
    record.severity = static_cast<uint8_t>(severity(i) % 10 + 1);
    record.src = zipf(src(i));
    record.host = zipf(host(i));
    record.user = is_other(i) % 100 < 2
                      ? zipf(other(i))
                      : static_cast<uint32_t>(Mix(record.src) % options.keys);
  }
  if (options.plant) Plant(options.keys, &records);
  if (!options.late) return records;

  const Lane delays = lane(8);
  std::vector<std::pair<int64_t, uint32_t>> arrivals;
  for (int64_t i = 0; i < options.events; ++i) {
    const uint64_t word = delays(i);
    const int64_t delay =
        word % 100 < 5 ? static_cast<int64_t>((word >> 8) % 30'001) : 0;
    arrivals.emplace_back(records[static_cast<size_t>(i)].ts_ms + delay,
                          static_cast<uint32_t>(i));
  }
  std::sort(arrivals.begin(), arrivals.end());
  std::vector<Record> arrived;
  arrived.reserve(records.size());
  for (const auto& [time, id] : arrivals) arrived.push_back(records[id]);
  return arrived;
}

std::string DigestOf(const std::vector<Record>& records) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest,
                     reinterpret_cast<const unsigned char*>(records.data()),
                     records.size() * sizeof(Record));
  std::string hex;
  for (int i = 0; i < 8; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

void MatchedRules(const Record& record, std::vector<uint32_t>* rules) {
  rules->push_back(kAny);
  switch (record.kind) {
    case kAlert:
      if (record.severity >= 7) rules->push_back(kSevereAlert);
      break;
    case kLoginFail:
      rules->push_back(kFailed);
      break;
    case kLoginOk:
      rules->push_back(kSucceeded);
      break;
    case kProc:
      rules->push_back(kProcess);
      break;
    case kDns:
      rules->push_back(kQuery);
      break;
    case kNet:
      rules->push_back(kConnection);
      break;
    case kReq:
      rules->push_back(kRequest);
      break;
    default:
      rules->push_back(kAcknowledge);
      break;
  }
}

uint32_t NumberOfField(const std::string& name) {
  if (name == "source.ip") return kSource;
  return name == "user.name" ? kUser : kHost;
}

namespace {

ir::Step StepOf(std::string name, RuleId rule) {
  return {.name = std::move(name), .source_index = rule};
}

ir::Truth AtLeast(ir::Measure measure, double number) {
  ir::Truth truth;
  truth.terms = {{.kind = ir::Term::kMeasure, .measure = std::move(measure)},
                 {.kind = ir::Term::kNumber, .number = number}};
  return truth;
}

void GroupBy(std::vector<std::string> fields, ir::Correlation* rule) {
  for (const std::string& field : fields) {
    rule->group.parts.push_back(
        {.name = field,
         .fields = std::vector<std::vector<std::string>>(rule->steps.size(),
                                                         {field})});
  }
}

}  // namespace

ir::Correlation WorkloadRule(int workload, const RuleOptions& options) {
  ir::Correlation rule;
  ir::Pattern& pattern = rule.pattern;
  switch (workload) {
    case 1:
      rule.steps = {StepOf("severe", kSevereAlert), StepOf("related", kAny)};
      pattern.truth = AtLeast({.steps = {1}}, 3);
      pattern.triggers = {0};
      pattern.trigger_counts = false;
      rule.window.span = absl::Minutes(5);
      GroupBy({"source.ip"}, &rule);
      break;
    case 2:
      rule.steps = {StepOf("failed", kFailed), StepOf("succeeded", kSucceeded)};
      pattern.kind = ir::Pattern::kChain;
      pattern.legs = {{.steps = {0}, .count = 5}, {.steps = {1}}};
      rule.window.span = absl::Minutes(10);
      GroupBy({"user.name", "source.ip"}, &rule);
      break;
    case 3:
      rule.steps = {StepOf("failed", kFailed), StepOf("succeeded", kSucceeded)};
      pattern.truth = AtLeast({.kind = base::MeasureKind::kDistinct,
                               .steps = {0, 1},
                               .fields = {"user.name"}},
                              20);
      rule.window.span = absl::Minutes(5);
      GroupBy({"source.ip"}, &rule);
      break;
    case 4:
      rule.steps = {StepOf("process", kProcess), StepOf("query", kQuery),
                    StepOf("connection", kConnection)};
      pattern.truth.kind = ir::Truth::kAnd;
      for (const uint32_t step : {0u, 1u, 2u}) {
        pattern.truth.children.push_back(AtLeast({.steps = {step}}, 1));
      }
      rule.window.span = absl::Minutes(15);
      GroupBy({"host.name"}, &rule);
      break;
    default:
      rule.steps = {StepOf("request", kRequest),
                    StepOf("acknowledge", kAcknowledge)};
      pattern.kind = ir::Pattern::kChain;
      pattern.legs = {{.steps = {0}}, {.steps = {1}, .negated = true}};
      rule.window.span = absl::Minutes(1);
      GroupBy({"host.name"}, &rule);
      break;
  }
  rule.window.half_open = !options.closed;
  rule.fire = options.fire;
  rule.throttle = rule.window.span;
  if (options.strict) rule.order = base::OrderMode::kStrict;
  return rule;
}

uint64_t IdSum(const std::vector<uint32_t>& ids) {
  uint64_t sum = 0;
  for (const uint32_t id : ids) {
    sum += (uint64_t{id} + 1) * 0x9E3779B97F4A7C15;
  }
  return sum;
}

}  // namespace tocsin::cep
