// The part of the Python engine that runs without Python: events in, findings
// into a batch. Everything here may run while the interpreter lock is released.

#ifndef TOCSIN_BINDINGS_PYTHON_SRC_EVENT_FEEDER_H_
#define TOCSIN_BINDINGS_PYTHON_SRC_EVENT_FEEDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "results.h"
#include "tocsin/engine.h"

namespace tocsin::python {

// `text` without blanks and line ends around it. Ids of detections are made
// from the bytes of an event: what stands around it is none of it, here as in
// files.
std::string_view Trim(std::string_view text);

struct ReportOptions {
  bool include_event = false;
  bool count_only = false;  // None is made.
};

class EventFeeder : private Sink {
 public:
  EventFeeder(std::shared_ptr<const RuleSet> rules, EngineOptions options,
              const ReportOptions& reports);
  EventFeeder(const EventFeeder&) = delete;
  EventFeeder& operator=(const EventFeeder&) = delete;

  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }

  // What was found and not taken. Not to be read while the feeder runs.
  const std::shared_ptr<Batch>& batch() const { return batch_; }

  // To be called before events are fed: nobody else may see what grows.
  void OwnBatch();

  // Takes what was found; the next batch is empty.
  std::shared_ptr<const Batch> TakeBatch();

  // Lines are counted from here on.
  void BeginCall() { line_ = 0; }

  // Feeds one event, which has a line of its own. Blank text is only a line.
  void FeedLine(std::string_view json);

  // Feeds each line of `text`, at most `most_bytes` and what is left of the
  // line; returns what was not fed.
  std::string_view FeedLines(std::string_view text, size_t most_bytes);

  // Feeds `event`, which starts at `line` and `column`.
  void FeedEvent(Event event, int64_t line, int64_t column);

  // The stream has ended: what waits is decided. As in the program, that alone
  // is no reason to report open incidents as closed.
  void Flush();

  // Reading failed at a place.
  void AddError(int64_t line, int64_t column, std::string_view reason);

  absl::StatusOr<LoadReport> Reload(std::shared_ptr<const RuleSet> rules);

 private:
  void OnDetection(const Detection& detection) override;
  void OnIncident(const Incident& incident) override;
  void OnResponse(const Response& response) override;
  void OnSuppressed(const Suppressed& suppressed) override;
  void OnAnomalies(const AnomalyBucket& bucket) override;
  Finding& Add(FindingKind kind, std::string_view id, const RuleInfo* rule,
               Timestamp time);

  std::shared_ptr<const RuleSet> rules_;
  std::shared_ptr<Batch> batch_ = std::make_shared<Batch>();
  DetectionJsonOptions json_options_;
  const bool count_only_;
  int64_t line_ = 0;
  bool is_flushing_ = false;
  Engine engine_;
};

}  // namespace tocsin::python

#endif  // TOCSIN_BINDINGS_PYTHON_SRC_EVENT_FEEDER_H_
