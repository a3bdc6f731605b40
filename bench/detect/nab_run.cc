// Scores every series of the Numenta Anomaly Benchmark with one detector each,
// a fresh one a file, in the order of its rows:
//
//   nab_run NAB_FOLDER OUT_FOLDER
//
// NAB_FOLDER holds data/<group>/<file>.csv; OUT_FOLDER/<group>/<file>.csv gets
// a column anomaly_score. Prints rows and rows a second, reading not counted.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/detect/nab_series.h"

namespace {

namespace fs = std::filesystem;

int Run(const fs::path& nab, const fs::path& out) {
  long rows = 0;
  double seconds = 0;
  for (const auto& entry : fs::recursive_directory_iterator(nab / "data")) {
    if (entry.path().extension() != ".csv") continue;
    const tocsin::nab::Series series = tocsin::nab::ReadSeries(entry.path());
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<double> scores = tocsin::nab::Scores(series, {});
    seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count();
    rows += static_cast<long>(scores.size());
    const fs::path path = out / fs::relative(entry.path(), nab / "data");
    fs::create_directories(path.parent_path());
    std::ofstream file(path);
    file << "timestamp,anomaly_score\n";
    for (size_t i = 0; i < scores.size(); ++i) {
      char number[32];
      std::snprintf(number, sizeof(number), "%.9f", scores[i]);
      file << series.times_as_written[i] << "," << number << "\n";
    }
    if (!file) {
      std::fprintf(stderr, "cannot write %s\n", path.c_str());
      return 1;
    }
  }
  std::printf("%ld rows, %.0f rows/s\n", rows, rows / seconds);
  return rows > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: nab_run NAB_FOLDER OUT_FOLDER\n");
    return 2;
  }
  return Run(argv[1], argv[2]);
}
