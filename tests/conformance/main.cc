// Usage: tocsin_conformance SUITE...   (none: all but the large ones)
//
// Prints one line a suite, `SUITE passed / total`. Exit status: 0 all passed,
// 1 some did not, 3 unknown suite, 77 skipped for want of data.

#include <cstdio>
#include <string_view>
#include <vector>

#include "tests/conformance/suite.h"

namespace {

struct Suite {
  std::string_view name;
  tocsin::conformance::Score (*run)();
};

constexpr Suite kSuites[] = {
    {"sigma-load", tocsin::conformance::SigmaLoad},
    {"sigma-regression", tocsin::conformance::SigmaRegression},
    {"sigma-oracle", tocsin::conformance::SigmaOracle},
    {"public-bugs", tocsin::conformance::PublicBugs},
    {"correlation-bugs", tocsin::conformance::CorrelationBugs},
    {"kql", tocsin::conformance::Kql},
    {"elastic-rules", tocsin::conformance::ElasticRules},
    {"ml-jobs", tocsin::conformance::MlJobs},
    {"ml-engine", tocsin::conformance::MlEngine},
    {"auth28d", tocsin::conformance::Auth28d},
    {"nab", tocsin::conformance::Nab},
    {"endpoint-rules", tocsin::conformance::EndpointRules},
    {"cep", tocsin::conformance::Cep},
    {"eql-expressions", tocsin::conformance::EqlExpressions},
    {"eql-queries", tocsin::conformance::EqlQueries},
    {"eql-series", tocsin::conformance::EqlSeries},
    {"cep-large", tocsin::conformance::CepLarge},
};

const Suite* FindSuite(std::string_view name) {
  for (const Suite& suite : kSuites) {
    if (suite.name == name) return &suite;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<const Suite*> chosen;
  for (int i = 1; i < argc; ++i) {
    const Suite* suite = FindSuite(argv[i]);
    if (suite == nullptr) {
      std::fprintf(stderr, "unknown suite `%s`; suites are:\n", argv[i]);
      for (const Suite& known : kSuites) {
        std::fprintf(stderr, "  %s\n", known.name.data());
      }
      return 3;
    }
    chosen.push_back(suite);
  }
  if (chosen.empty()) {
    for (const Suite& suite : kSuites) {
      if (!suite.name.ends_with("-large")) chosen.push_back(&suite);
    }
  }

  bool failed = false;
  bool skipped = false;
  for (const Suite* suite : chosen) {
    const tocsin::conformance::Score score = suite->run();
    if (score.skipped) {
      skipped = true;
      std::printf("%s SKIPPED: %s\n", suite->name.data(), score.note.c_str());
    } else {
      if (score.passed != score.total) failed = true;
      std::printf("%s %ld / %ld%s%s\n", suite->name.data(), score.passed,
                  score.total, score.note.empty() ? "" : "  ",
                  score.note.c_str());
    }
    std::fflush(stdout);
  }
  if (failed) return 1;
  return skipped ? 77 : 0;
}
