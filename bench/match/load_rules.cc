// Usage: load_rules FOLDER...
//
// Compiles rules in a process of its own and prints seconds of CPU time, the
// resident set behind it in KiB, and the number of rules.

#include <ctime>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "tocsin/compiler.h"

namespace {

double CpuSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

long ResidentKib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    long kib;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

std::shared_ptr<const tocsin::RuleSet> Load(int argc, char** argv) {
  tocsin::Compiler compiler;
  for (int i = 1; i < argc; ++i) {
    if (!compiler.AddPath(argv[i]).ok()) return nullptr;
  }
  return compiler.Compile().rules;
}

}  // namespace

int main(int argc, char** argv) {
  const double begin = CpuSeconds();
  const std::shared_ptr<const tocsin::RuleSet> rules = Load(argc, argv);
  if (rules == nullptr) return 1;
  std::printf("%.4f %ld %zu\n", CpuSeconds() - begin, ResidentKib(),
              rules->rules().size());
  return 0;
}
