// Sink: where detections go. The library makes bodies; the host sends them.
//
//   tocsin::CallbackSink sink([](const tocsin::Detection& d) {
//     std::cout << d.rule().title << "\n";
//   });
//
//   std::string out;
//   tocsin::AppendDetectionJson(detection, &out);   // One NDJSON line.

#ifndef TOCSIN_SINK_H_
#define TOCSIN_SINK_H_

#include <functional>
#include <string>
#include <utility>

#include "tocsin/anomaly.h"
#include "tocsin/detection.h"
#include "tocsin/incident.h"
#include "tocsin/response.h"
#include "tocsin/suppressed.h"

namespace tocsin {

class Sink {
 public:
  virtual ~Sink() = default;

  // Called during Engine::Feed, on its thread, for each detection, in the
  // order of rules. Must not call the engine. Views in `detection` end with
  // the call.
  virtual void OnDetection(const Detection& detection) = 0;

  // Called during Engine::Feed, AdvanceTo and LoadKey for each report of an
  // incident: each time that a correlation fires, behind the event's
  // detections, and when an incident is closed. The same rules.
  virtual void OnIncident(const Incident& /*incident*/) {}

  // Called behind the detection or firing that it is about.
  virtual void OnResponse(const Response& /*response*/) {}

  // Called likewise when the time is over in which detections of a rule only
  // counted, if there were any.
  virtual void OnSuppressed(const Suppressed& /*suppressed*/) {}

  // Called during Engine::Feed and AdvanceTo for each bucket of a job that had
  // events or has records, when it is over; what rules make of its records
  // comes behind it.
  virtual void OnAnomalies(const AnomalyBucket& /*bucket*/) {}
};

class CallbackSink : public Sink {
 public:
  explicit CallbackSink(
      std::function<void(const Detection&)> callback,
      std::function<void(const Incident&)> incident_callback = {},
      std::function<void(const Suppressed&)> suppressed_callback = {},
      std::function<void(const Response&)> response_callback = {})
      : callback_(std::move(callback)),
        incident_callback_(std::move(incident_callback)),
        suppressed_callback_(std::move(suppressed_callback)),
        response_callback_(std::move(response_callback)) {}
  void OnDetection(const Detection& detection) override {
    callback_(detection);
  }
  void OnIncident(const Incident& incident) override {
    if (incident_callback_) incident_callback_(incident);
  }
  void OnSuppressed(const Suppressed& suppressed) override {
    if (suppressed_callback_) suppressed_callback_(suppressed);
  }
  void OnResponse(const Response& response) override {
    if (response_callback_) response_callback_(response);
  }

 private:
  std::function<void(const Detection&)> callback_;
  std::function<void(const Incident&)> incident_callback_;
  std::function<void(const Suppressed&)> suppressed_callback_;
  std::function<void(const Response&)> response_callback_;
};

struct DetectionJsonOptions {
  // Adds the whole event as member "event". A Lookup event has none.
  bool include_event = false;
};

// Appends `detection` as one JSON object and a newline. Member names are flat
// ("rule.id" is one key), documented in docs/output.md and stable. Valid UTF-8
// whatever the event held.
void AppendDetectionJson(const Detection& detection, std::string* out,
                         const DetectionJsonOptions& options = {});

// Appends `incident` as one JSON object and a newline, as above.
void AppendIncidentJson(const Incident& incident, std::string* out,
                        const DetectionJsonOptions& options = {});
void AppendResponseJson(const Response& response, std::string* out);
void AppendSuppressedJson(const Suppressed& suppressed, std::string* out);

// Appends the bucket, its influencers and its records, one JSON object a line.
void AppendAnomaliesJson(const AnomalyBucket& bucket, std::string* out);
// One record, as one of those lines.
void AppendAnomalyRecordJson(const AnomalyBucket& bucket,
                             const AnomalyRecord& record, std::string* out);

// The same as Elastic's alerts, with their names ("kibana.alert.uuid",
// docs/formats/elastic.md), one document a line: the event, or what the events
// have in common, and what is said of the alert. A sequence has one for each of
// its events as well, which are building blocks. Of an incident that is closed
// there is none.
void AppendAlertJson(const Detection& detection, std::string* out);
void AppendAlertJson(const Incident& incident, std::string* out);

}  // namespace tocsin

#endif  // TOCSIN_SINK_H_
