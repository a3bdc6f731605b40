// How many events a second a job takes, and what it keeps.
//
//   job_run JOB EVENTS [PASSES]
//
// EVENTS is NDJSON with `@timestamp`. Each further pass feeds the same events
// behind the last, as later ones. Prints one line a pass: events a second of
// one core, records, bytes.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tocsin/compiler.h"
#include "tocsin/engine.h"
#include "tocsin/sink.h"

namespace {

double CpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Line {
  std::string json;
  tocsin::Timestamp time;
};

// Lines that have a time.
std::vector<Line> ReadLines(const char* path) {
  constexpr char kKey[] = "\"@timestamp\"";
  std::vector<Line> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t key = line.find(kKey);
    if (key == std::string::npos) continue;
    const size_t begin = line.find('"', key + sizeof(kKey) - 1);
    if (begin == std::string::npos) continue;
    const size_t end = line.find('"', begin + 1);
    absl::Time time;
    std::string error;
    if (end == std::string::npos ||
        !absl::ParseTime(absl::RFC3339_full,
                         line.substr(begin + 1, end - begin - 1), &time,
                         &error)) {
      continue;
    }
    lines.push_back({line, tocsin::Timestamp(absl::ToUnixNanos(time))});
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: job_run JOB EVENTS [PASSES]\n");
    return 2;
  }
  tocsin::Compiler compiler;
  if (!compiler.AddPath(argv[1]).ok()) return 2;
  const tocsin::CompileResult compiled = compiler.Compile();
  if (compiled.rules->jobs().empty()) {
    std::fprintf(stderr, "%s is no job\n", argv[1]);
    return 2;
  }
  const std::vector<Line> lines = ReadLines(argv[2]);
  if (lines.empty()) return 2;
  const int passes = argc > 3 ? std::atoi(argv[3]) : 3;
  tocsin::CallbackSink sink([](const tocsin::Detection&) {});
  tocsin::Engine engine(compiled.rules, sink);
  absl::Duration shift;
  const absl::Duration length =
      absl::Ceil(lines.back().time - lines.front().time, absl::Hours(24 * 7));
  for (int pass = 0; pass < passes; ++pass) {
    const double begin = CpuSeconds();
    for (const Line& line : lines) {
      tocsin::Event event = tocsin::Event::Json(line.json);
      event.set_time(line.time + shift);
      engine.Feed(event);
    }
    const double seconds = CpuSeconds() - begin;
    int64_t records = 0;
    int64_t bytes = 0;
    for (const tocsin::JobStats& stats : engine.job_stats()) {
      records += stats.records;
      bytes += stats.bytes;
    }
    std::printf("%.0f events/s  %lld records  %lld bytes\n",
                static_cast<double>(lines.size()) / seconds,
                static_cast<long long>(records), static_cast<long long>(bytes));
    shift += length;
  }
  return 0;
}
