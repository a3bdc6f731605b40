// What an engine found in one call, as Python sees it: a sequence of light
// objects over one buffer of NDJSON bodies. Nothing is parsed, and no object
// made, before somebody asks.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_RESULTS_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_RESULTS_H_

#include <nanobind/nanobind.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tocsin/rule_set.h"
#include "tocsin/timestamp.h"

namespace tocsin::python {

enum class FindingKind : uint8_t {
  kDetection,
  kIncident,  // That fired.
  kClosed,    // An incident that is closed.
  kResponse,
  kSuppressed,
  kAnomaly,  // One line of a bucket of a job.
};
inline constexpr size_t kFindingKinds = 6;

// Where one report stands in Batch::bodies.
struct Finding {
  size_t begin = 0;
  size_t end = 0;                  // Of the object, without its newline.
  const RuleInfo* rule = nullptr;  // Null of an anomaly.
  Timestamp time;
  int64_t line = 0;  // Of the event that was fed; 0 if it was none.
  std::array<char, 32> id = {};
  uint32_t rule_set = 0;  // Of Batch::rule_sets: what `rule` lives in.
  FindingKind kind = FindingKind::kDetection;
  bool has_time = false;
};

// Empty of what has none.
inline std::string_view IdOf(const Finding& finding) {
  if (finding.id[0] == '\0') return {};
  return {finding.id.data(), finding.id.size()};
}

// An event that could not be read.
struct EventError {
  int64_t line = 0;    // 1-based: of the bytes, item of the iterable, row.
  int64_t column = 0;  // 1-based byte in that line.
  std::string reason;
};

// What was found since results were handed out last. Grows while an engine
// runs; never after it was handed out.
struct Batch {
  // Errors beyond these are only counted, so that a long stream of rubbish
  // takes no memory.
  static constexpr size_t kMostErrors = 1000;

  std::vector<std::shared_ptr<const RuleSet>> rule_sets;
  std::string bodies;
  std::vector<Finding> findings;
  std::vector<uint32_t> fired;  // Those that are detections and incidents.
  std::vector<EventError> errors;
  int64_t error_count = 0;

  bool empty() const { return findings.empty() && errors.empty(); }
  std::string_view body(const Finding& finding) const {
    return std::string_view(bodies).substr(finding.begin,
                                           finding.end - finding.begin);
  }
};

// Results as a Python object. The empty one is always the same.
nanobind::object MakeResults(std::shared_ptr<const Batch> batch);

void BindResults(nanobind::module_& module);

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_RESULTS_H_
