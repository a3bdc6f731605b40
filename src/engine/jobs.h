// The jobs of an engine: its events to a BucketEngine each, and what these
// find, as public results, to a queue that the engine empties.
//
// A job waits for late events as long as the engine does, or longer if it has a
// latency of its own that is longer.

#ifndef TOCSIN_SRC_ENGINE_JOBS_H_
#define TOCSIN_SRC_ENGINE_JOBS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "src/engine/event_fields.h"
#include "src/program/program.h"
#include "src/runtime/detect/bucket_engine.h"
#include "src/runtime/match/event_matcher.h"
#include "src/state/snapshot_reader.h"
#include "src/state/snapshot_writer.h"
#include "tocsin/anomaly.h"
#include "tocsin/engine.h"
#include "tocsin/event.h"
#include "tocsin/snapshot.h"
#include "tocsin/timestamp.h"

namespace tocsin::engine {

class Jobs {
 public:
  // `program` must outlive this.
  Jobs(const program::Program& program, const EngineOptions& options);
  ~Jobs();

  // An event of this time has come, and moves the clock of jobs.
  void Move(Timestamp time);

  // The event that `matcher` has loaded, and that matched `rules`. REQUIRES:
  // Move was called with its time.
  void Add(const Event& event, runtime::EventMatcher* matcher, Timestamp time,
           std::span<const uint32_t> rules);

  // The event has no time that can be used.
  void CountUntimely();

  // As Engine.
  void AdvanceTo(Timestamp watermark);

  // A bucket that is over, and when it was known that it is: no event before is
  // waited for.
  struct Found {
    AnomalyBucket bucket;
    Timestamp decided;
  };
  bool HasFound() const { return !found_.empty(); }
  Found TakeFound();

  std::vector<JobStats> stats() const;

  // A section for each job.
  void Save(state::SnapshotWriter* out) const;
  // Takes over jobs that are the same, by id and content; `report` tells what
  // became of each. REQUIRES: nothing was fed. After an error this is of no
  // more use.
  absl::Status Load(std::span<const state::SnapshotReader::Section> sections,
                    LoadReport* report);

 private:
  struct Job;

  void AddTo(Job* job, Timestamp time);
  void FillCells(const program::DetectorJob& job);
  void Queue(uint32_t number, const runtime::AnomalyBucket& bucket);

  const program::Program& program_;
  const EngineOptions options_;
  EventViewFields fields_;
  std::vector<std::unique_ptr<Job>> jobs_;
  // Of jobs without a filter, and by rule of those that it is the filter of.
  std::vector<uint32_t> unfiltered_;
  std::vector<std::vector<uint32_t>> by_rule_;
  std::deque<Found> found_;

  // Scratch.
  std::vector<runtime::DetectCell> cells_;
  std::vector<std::string> texts_;
  std::vector<std::vector<std::string_view>> several_;
};

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_JOBS_H_
