// Job files as they are published: each must load, and run.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "src/frontend/mljob/mljob.h"
#include "src/plan/detectors.h"
#include "src/runtime/detect/bucket_engine.h"
#include "tests/conformance/shared_data.h"
#include "tests/conformance/suite.h"

namespace tocsin::conformance {
namespace {

namespace fs = std::filesystem;

// A few days of events that have all fields of the job. Whether all of them
// were taken, and each bucket was reported once.
bool Runs(const ir::DetectorJob& job) {
  const program::DetectorJob planned = plan::PlanDetectors(job);
  int64_t buckets = 0;
  double events = 0;
  runtime::BucketEngine engine(&planned,
                               [&](const runtime::AnomalyBucket& bucket) {
                                 ++buckets;
                                 events += bucket.event_count;
                               });
  constexpr int kEvents = 500;
  for (int i = 0; i < kEvents; ++i) {
    std::vector<std::string> texts;
    for (size_t field = 0; field < planned.fields.size(); ++field) {
      texts.push_back("value-" + std::to_string(i * (field + 3) % 11));
    }
    std::vector<runtime::DetectCell> cells;
    for (size_t field = 0; field < planned.fields.size(); ++field) {
      cells.push_back({.text = texts[field],
                       .number = static_cast<double>(1 + i % 17),
                       .present = true});
    }
    engine.Add(1'767'571'200 + i * 600, cells);
  }
  engine.Flush();
  return engine.stats().events == kEvents && events >= kEvents &&
         buckets == engine.stats().buckets;
}

}  // namespace

Score MlJobs() {
  const fs::path folder =
      fs::path(SharedFolder()) / "conformance" / "elastic-ml-jobs";
  if (SharedFolder().empty() || !fs::exists(folder)) {
    return {.skipped = true, .note = "no job files"};
  }
  Score score;
  int warnings = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    if (entry.path().extension() != ".json" || name == "census.json" ||
        name.starts_with("engine-results")) {
      continue;
    }
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Diagnostics diagnostics;
    const std::optional<ir::DetectorJob> job =
        mljob::CompileJob(text::Source(name, text), &diagnostics);
    ++score.total;
    for (const Diagnostic& d : diagnostics) {
      warnings += d.severity == Severity::kWarning ? 1 : 0;
      if (d.severity == Severity::kError) {
        std::fprintf(stderr, "ml-jobs: %s", RenderDiagnostic(d).c_str());
      }
    }
    if (job.has_value() && Runs(*job)) {
      ++score.passed;
    } else {
      std::fprintf(stderr, "ml-jobs: %s does not run\n", name.c_str());
    }
  }
  score.note = std::to_string(warnings) + " warnings";
  return score;
}

}  // namespace tocsin::conformance
