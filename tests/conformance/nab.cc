// The Numenta Anomaly Benchmark: what the scores of one configuration for all
// files are worth must not fall below what the documentation promises.

#include <cstdio>
#include <string>
#include <vector>

#include "bench/detect/nab_series.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"

namespace tocsin::conformance {

Score Nab() {
  const std::string folder = UnpackedFolder("corpora/anomaly/nab.tar.zst");
  const std::vector<nab::Series> all = folder.empty()
                                           ? std::vector<nab::Series>()
                                           : nab::ReadAll(folder + "/nab");
  if (all.empty()) return {.skipped = true, .note = "no data of NAB"};
  std::vector<std::vector<double>> scores;
  for (const nab::Series& series : all) {
    scores.push_back(nab::Scores(series, {}));
  }
  const nab::Worth worth = nab::WorthOf(all, scores);
  Score score{.total = 3};
  score.passed = (worth.standard >= 62 ? 1 : 0) +
                 (worth.low_false_positives >= 50 ? 1 : 0) +
                 (worth.low_false_negatives >= 67 ? 1 : 0);
  char note[128];
  std::snprintf(note, sizeof(note), "standard %.1f, low FP %.1f, low FN %.1f",
                worth.standard, worth.low_false_positives,
                worth.low_false_negatives);
  score.note = note;
  return score;
}

}  // namespace tocsin::conformance
