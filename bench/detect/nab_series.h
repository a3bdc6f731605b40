// The Numenta Anomaly Benchmark: its series, the scores that a detector gives
// their rows, and what these are worth by the benchmark's own rules.
//
// The rules are those of NAB 1.1 (Lavin and Ahmad, arXiv:1510.03336; Ahmad and
// others, Neurocomputing 2017): one threshold for all files, the first
// detection in a labelled window counts, the earlier the more; detections
// elsewhere cost.

#ifndef TOCSIN_BENCH_DETECT_NAB_SERIES_H_
#define TOCSIN_BENCH_DETECT_NAB_SERIES_H_

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tocsin/detectors/metric_series.h"

namespace tocsin::nab {

struct Series {
  std::string name;  // group/file.csv
  std::vector<std::string> times_as_written;
  std::vector<std::chrono::sys_seconds> times;
  std::vector<double> values;
  // Labelled windows: first and last row.
  std::vector<std::pair<size_t, size_t>> windows;
};

// What is taken away from the whole, or set otherwise.
struct Choices {
  detectors::MetricSeriesOptions series;
  // Rows within which a score counts only if it is the greatest; 0: all count.
  int onset_rows = 100;
};

// Reads one file, without its windows.
Series ReadSeries(const std::filesystem::path& path);

// All files that have labels, with their windows; empty if they cannot be read.
std::vector<Series> ReadAll(const std::filesystem::path& nab);

// A score a row, each by the rows before it and itself alone.
std::vector<double> Scores(const Series& series, const Choices& choices);

struct Worth {
  double standard = 0;
  double low_false_positives = 0;
  double low_false_negatives = 0;
};

// At the best threshold for each profile. `scores` belong to `all`, in its
// order.
Worth WorthOf(const std::vector<Series>& all,
              const std::vector<std::vector<double>>& scores);

}  // namespace tocsin::nab

#endif  // TOCSIN_BENCH_DETECT_NAB_SERIES_H_
