// Correlation from lines of JSON, through the public interface.
//
//   ndjson_run speed [KEYS] [PASSES]
//   ndjson_run keys [MILLIONS] [BUDGET_MB]
//
// speed: the workloads W1 to W5, written in Tocsin's own language and loaded
// together, over a million events in memory; prints the CPU time of each pass,
// engines made anew. Every rule must fire as often as the plain answer says.
//
// keys: so many millions of different keys within one window, which do not fit
// into the budget. Memory must stay under it, every group that went must have
// been counted, and incidents must say whether their group may have lost
// events.
//
// Prints one JSON object; exit code 1 if something was not as it must be.

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "bench/correlate/cep_workload.h"
#include "tocsin/tocsin.h"

namespace tocsin::cep {
namespace {

constexpr std::string_view kRules = R"(
rule w1 {
  title "A severe alert with three related events"
  severe  = any where event.kind == "alert" and event.severity >= 7
  related = any
  when severe with related >= 3 within 5m half_open by source.ip
  fire every
}
rule w2 {
  title "Five failures, then a success"
  failed    = any where event.kind == "login_fail"
  succeeded = any where event.kind == "login_ok"
  when failed >= 5 then succeeded within 10m half_open by user.name, source.ip
  fire every
}
rule w3 {
  title "Twenty users of an address"
  login = any where event.kind in ("login_fail", "login_ok")
  when distinct(user.name) of login >= 20 within 5m half_open by source.ip
  fire every
}
rule w4 {
  title "Three kinds of event of a host"
  process    = any where event.kind == "proc"
  query      = any where event.kind == "dns"
  connection = any where event.kind == "net"
  when process and query and connection within 15m half_open by host.name
  fire every
}
rule w5 {
  title "A request without an answer"
  request = any where event.kind == "req"
  answer  = any where event.kind == "ack"
  when request then not answer within 1m half_open by host.name
  fire every
}
)";

constexpr std::string_view kKeysRule = R"(
rule keys {
  title "Three failures of an address"
  failed = any where event.kind == "login_fail"
  when failed >= 3 within 1h by source.ip
  fire every
}
)";

constexpr std::array<std::string_view, 8> kKinds = {
    "alert", "login_fail", "login_ok", "proc", "dns", "net", "req", "ack"};

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string LineOf(const Record& record) {
  return absl::StrFormat(
      R"({"@timestamp":"%s","event":{"id":"%u","kind":"%s","severity":%u},)"
      R"("source":{"ip":"10.%u.%u.%u"},"user":{"name":"u%u"},)"
      R"("host":{"name":"h%u"}})",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                       absl::FromUnixMillis(record.ts_ms), absl::UTCTimeZone()),
      record.id, kKinds[record.kind], record.severity, record.src >> 16 & 255,
      record.src >> 8 & 255, record.src & 255, record.user, record.host);
}

CompileResult CompileText(std::string_view text) {
  Compiler compiler;
  compiler.AddText(text, "bench.toc");
  return compiler.Compile();
}

bool Speed(uint32_t keys, int passes) {
  const std::vector<Record> records = Generate({.keys = keys});
  std::array<size_t, 5> expected;
  for (int w = 1; w <= 5; ++w) {
    expected[static_cast<size_t>(w - 1)] = Expected(w, {}, records).size();
  }
  std::vector<std::string> lines;
  size_t bytes = 0;
  for (const Record& record : records) {
    lines.push_back(LineOf(record));
    bytes += lines.back().size() + 1;
  }
  const CompileResult compiled = CompileText(kRules);
  double best = 1e9;
  std::string seconds;
  std::array<size_t, 5> found;
  for (int pass = 0; pass < passes; ++pass) {
    found = {};
    CallbackSink sink(
        [](const Detection&) {},
        [&](const Incident& incident) {
          if (incident.change() == IncidentChange::kClosed) return;
          ++found[static_cast<size_t>(incident.rule().id.back() - '1')];
        });
    const double start = CpuSeconds();
    {
      Engine engine(compiled.rules, sink);
      for (const std::string& line : lines) engine.Take(Event::Json(line));
      engine.AdvanceTo(Timestamp(INT64_MAX));
    }
    const double took = CpuSeconds() - start;
    best = std::min(best, took);
    absl::StrAppend(&seconds, pass == 0 ? "" : ", ",
                    absl::StrFormat("%.3f", took));
    if (found != expected) break;
  }
  std::printf(
      "{\"events_per_second\": %.0f, \"bytes_per_event\": %.0f, \"seconds\": "
      "[%s], \"incidents\": [%zu, %zu, %zu, %zu, %zu]}\n",
      static_cast<double>(records.size()) / best,
      static_cast<double>(bytes) / static_cast<double>(records.size()),
      seconds.c_str(), found[0], found[1], found[2], found[3], found[4]);
  return found == expected;
}

double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t all = 0;
  int64_t resident = 0;
  statm >> all >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1048576;
}

bool Keys(int64_t keys, int64_t budget_mb) {
  const CompileResult compiled = CompileText(kKeysRule);
  int64_t exact = 0;
  int64_t inexact = 0;
  CallbackSink sink([](const Detection&) {},
                    [&](const Incident& incident) {
                      if (incident.change() == IncidentChange::kClosed) return;
                      ++(incident.exact() ? exact : inexact);
                    });
  EngineOptions options;
  options.state_budget_bytes = budget_mb << 20;
  Engine engine(compiled.rules, sink, options);

  // All in one window, so that none may be forgotten: a thousand seconds. Every
  // thousandth key has three events, one behind the other.
  const double before = ResidentMegabytes();
  double most = before;
  int64_t events = 0;
  int64_t fired = 0;
  const double start = CpuSeconds();
  for (int64_t key = 0; key < keys; ++key) {
    const std::string line =
        absl::StrFormat(R"({"@timestamp":%d,"event":{"kind":"login_fail"},)"
                        R"("source":{"ip":"k%d"}})",
                        1'700'000'000'000 + key * 1'000'000 / keys, key);
    const int times = key % 1000 == 999 ? 3 : 1;
    for (int i = 0; i < times; ++i) engine.Take(Event::Json(line));
    events += times;
    fired += times == 3 ? 1 : 0;
    if (key % 65'536 == 0) most = std::max(most, ResidentMegabytes());
  }
  engine.Finish();
  most = std::max(most, ResidentMegabytes());
  const double seconds = CpuSeconds() - start;
  const CorrelationStats stats = engine.correlation_stats()[0];
  std::printf(
      "{\"keys\": %lld, \"budget_mb\": %lld, \"resident_mb_before\": %.1f, "
      "\"resident_mb\": %.1f, \"groups\": %lld, \"shed\": %lld, \"refused\": "
      "%lld, \"exact\": %lld, \"inexact\": %lld, \"events_per_second\": "
      "%.0f}\n",
      static_cast<long long>(keys), static_cast<long long>(budget_mb), before,
      most, static_cast<long long>(stats.groups),
      static_cast<long long>(stats.shed), static_cast<long long>(stats.refused),
      static_cast<long long>(exact), static_cast<long long>(inexact),
      static_cast<double>(events) / seconds);
  return most - before <= static_cast<double>(budget_mb) &&
         stats.groups + stats.shed == keys && stats.refused == 0 &&
         exact + inexact == fired && (stats.shed == 0) == (inexact == 0);
}

bool Run(const std::vector<std::string>& words) {
  const auto number = [&](size_t i, int64_t otherwise) {
    return words.size() > i ? int64_t{std::atoi(words[i].c_str())} : otherwise;
  };
  bool is_right = false;
  if (!words.empty() && words[0] == "speed") {
    is_right = Speed(static_cast<uint32_t>(number(1, 100'000)),
                     static_cast<int>(number(2, 5)));
  } else if (!words.empty() && words[0] == "keys") {
    is_right = Keys(number(1, 10) * 1'000'000, number(2, 256));
  } else {
    std::fprintf(stderr, "ndjson_run: see the head of its source\n");
    return false;
  }
  if (!is_right) std::fprintf(stderr, "ndjson_run: not as it must be\n");
  return is_right;
}

}  // namespace
}  // namespace tocsin::cep

int main(int argc, char** argv) {
  return tocsin::cep::Run({argv + 1, argv + argc}) ? 0 : 1;
}
