#include "bench/detect/nab_series.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace tocsin::nab {
namespace {

namespace fs = std::filesystem;

std::chrono::sys_seconds ParseTime(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour,
              &minute, &second);
  const std::chrono::sys_days date =
      std::chrono::year(year) / static_cast<int>(month) / day;
  return date + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

// How much a detection is worth at a place: 1 far before the end of a window, 0
// at its end, -1 far behind it.
double Sigmoid(double place) {
  return place > 3 ? -1 : 2 / (1 + std::exp(5 * place)) - 1;
}

struct Row {
  double score;
  int window;   // Its number among all; -1 outside.
  double gain;  // Before the weights of a profile.
};

struct Profile {
  double true_positive;
  double false_negative;
  double false_positive;
};

void AddRows(const Series& series, const std::vector<double>& scores,
             int first_window, std::vector<Row>* rows) {
  const size_t size = series.values.size();
  std::vector<int> window(size, -1);
  std::vector<double> gain(size, -1);
  for (size_t w = 0; w < series.windows.size(); ++w) {
    const auto [first, last] = series.windows[w];
    const auto width = static_cast<double>(last - first + 1);
    for (size_t i = first; i <= last; ++i) {
      window[i] = first_window + static_cast<int>(w);
      gain[i] =
          Sigmoid(-static_cast<double>(last - i + 1) / width) / Sigmoid(-1);
    }
    const size_t next =
        w + 1 < series.windows.size() ? series.windows[w + 1].first : size;
    for (size_t i = last + 1; i < next; ++i) {
      gain[i] =
          width > 1 ? Sigmoid(static_cast<double>(i - last) / (width - 1)) : -1;
    }
  }
  // The first rows are there to learn from.
  const auto first_counted = std::min<size_t>(
      static_cast<size_t>(0.15 * static_cast<double>(size)), 750);
  for (size_t i = first_counted; i < size; ++i) {
    rows->push_back({scores[i], window[i], gain[i]});
  }
}

// The best worth over all thresholds, in percent of what is perfect. `rows` are
// in order of falling scores.
double BestWorth(const std::vector<Row>& rows, int windows,
                 const Profile& profile) {
  std::vector<double> best(static_cast<size_t>(windows), 0);
  std::vector<bool> counted(best.size(), false);
  for (const Row& row : rows) {
    if (row.window >= 0) counted[static_cast<size_t>(row.window)] = true;
  }
  const auto seen = std::count(counted.begin(), counted.end(), true);
  std::fill(best.begin(), best.end(), -profile.false_negative);
  const double nothing = -profile.false_negative * static_cast<double>(seen);
  double total = nothing;
  double greatest = total;
  for (size_t i = 0; i < rows.size();) {
    const double threshold = rows[i].score;
    for (; i < rows.size() && rows[i].score == threshold; ++i) {
      if (rows[i].window < 0) {
        total += profile.false_positive * rows[i].gain;
        continue;
      }
      const double gain = profile.true_positive * rows[i].gain;
      double& of_window = best[static_cast<size_t>(rows[i].window)];
      total += std::max(0.0, gain - of_window);
      of_window = std::max(of_window, gain);
    }
    greatest = std::max(greatest, total);
  }
  return 100 * (greatest - nothing) /
         (profile.true_positive * windows - nothing);
}

}  // namespace

Series ReadSeries(const fs::path& path) {
  Series series;
  series.name =
      path.parent_path().filename().string() + "/" + path.filename().string();
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // The names of the columns.
  while (std::getline(file, line)) {
    const size_t comma = line.find(',');
    if (comma == std::string::npos) continue;
    series.times_as_written.push_back(line.substr(0, 19));
    series.times.push_back(ParseTime(line));
    series.values.push_back(std::strtod(line.c_str() + comma + 1, nullptr));
  }
  return series;
}

std::vector<Series> ReadAll(const fs::path& nab) {
  // The labels are an object of names, each with pairs of times: its strings in
  // their order are all there is to know.
  std::ifstream file(nab / "labels" / "combined_windows.json");
  std::stringstream labels;
  labels << file.rdbuf();
  const std::string text = labels.str();
  std::vector<Series> all;
  std::map<std::string, size_t> row_of;
  std::vector<size_t> ends;
  for (size_t at = text.find('"'); at != std::string::npos;
       at = text.find('"', at)) {
    const size_t end = text.find('"', at + 1);
    if (end == std::string::npos) return {};
    const std::string name = text.substr(at + 1, end - at - 1);
    at = end + 1;
    if (name.ends_with(".csv")) {
      all.push_back(ReadSeries(nab / "data" / name));
      if (all.back().values.empty()) return {};
      row_of.clear();
      ends.clear();
      for (size_t i = 0; i < all.back().values.size(); ++i) {
        row_of.emplace(all.back().times_as_written[i], i);
      }
      continue;
    }
    const auto row = row_of.find(name.substr(0, 19));
    if (all.empty() || row == row_of.end()) return {};
    ends.push_back(row->second);
    if (ends.size() == 2) {
      all.back().windows.emplace_back(ends[0], ends[1]);
      ends.clear();
    }
  }
  return all;
}

std::vector<double> Scores(const Series& series, const Choices& choices) {
  detectors::MetricSeries detector(choices.series);
  detectors::Onset onset(choices.onset_rows);
  std::vector<double> scores;
  scores.reserve(series.values.size());
  for (size_t i = 0; i < series.values.size(); ++i) {
    const double surprise =
        detector.Update(series.values[i], series.times[i]).surprise;
    scores.push_back(choices.onset_rows > 0 ? onset.Pass(surprise) : surprise);
  }
  return scores;
}

Worth WorthOf(const std::vector<Series>& all,
              const std::vector<std::vector<double>>& scores) {
  std::vector<Row> rows;
  int windows = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    AddRows(all[i], scores[i], windows, &rows);
    windows += static_cast<int>(all[i].windows.size());
  }
  std::sort(rows.begin(), rows.end(), [](const Row& left, const Row& right) {
    return left.score > right.score;
  });
  return {.standard = BestWorth(rows, windows, {1, 1, 0.11}),
          .low_false_positives = BestWorth(rows, windows, {1, 1, 0.22}),
          .low_false_negatives = BestWorth(rows, windows, {1, 2, 0.11})};
}

}  // namespace tocsin::nab
