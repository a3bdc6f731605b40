// The summary of a run: what was read, what was found, and, where nothing was
// found, why that may be.

#ifndef TOCSIN_SRC_CLI_SUMMARY_H_
#define TOCSIN_SRC_CLI_SUMMARY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tocsin/compiler.h"
#include "tocsin/engine.h"

namespace tocsin::cli {

// Everything of the input that did not become an event.
class InputErrors {
 public:
  // An error inside of `file`, or, with line 0, about it as a whole, which
  // `reason` then names. The first few are kept with their place; all are
  // counted by file.
  void Add(const std::string& file, int64_t line, int64_t column,
           std::string_view reason);

  int64_t count() const { return count_; }

  // Lines of text, indented; "" without errors.
  std::string Render() const;

 private:
  int64_t count_ = 0;
  std::vector<std::string> shown_;
  std::vector<std::pair<std::string, int64_t>> rest_;  // Not shown, by file.
};

struct RunReport {
  const CompileResult* compiled = nullptr;
  int files = 0;
  int64_t skipped = 0;
  bool routing = true;
  bool text_input = false;  // --input lines.
  bool interrupted = false;
  std::string state;          // What became of --state; "" without.
  std::string first_unknown;  // Place of the first event of unknown source.
  EngineStats stats;
  std::vector<SourceStats> sources;
  std::vector<int64_t> detections_by_rule;
  // By the level that each has, which may be another than its rule's.
  std::map<std::string, int64_t, std::less<>> detections_by_level;
  // Of jobs: records, and those that score at least so much.
  int64_t records = 0;
  int64_t records_from_50 = 0;
  int64_t records_from_75 = 0;
  std::vector<JobStats> job_stats;
  InputErrors input_errors;
};

// "1 event", "1,201 events".
std::string Plural(int64_t count, std::string_view one, std::string_view many);

// For standard error: several lines, all of them visible text.
std::string RenderSummary(const RunReport& report);

// "60 of 100 loaded, 40 refused"; also what `tocsin check` ends with.
std::string RenderLoaded(const CompileResult& compiled);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_SUMMARY_H_
