// Alerts as documents, with the names that Elastic's have.
//
// A detection is its event and what is said of the alert. An incident is what
// its events have in common; a sequence is one document for each of its events,
// which are building blocks, and behind them one for all.

#ifndef TOCSIN_SRC_ENGINE_ALERT_DOCUMENTS_H_
#define TOCSIN_SRC_ENGINE_ALERT_DOCUMENTS_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tocsin/detection.h"
#include "tocsin/incident.h"

namespace tocsin::engine {

struct AlertDocument {
  std::string id;
  std::string json;  // An object.
};

void AppendAlerts(const Detection& detection, std::vector<AlertDocument>* out);
// Of one that is closed: none.
void AppendAlerts(const Incident& incident, std::vector<AlertDocument>* out);

// For rules that read alerts: with the index that alerts are in, and the names
// that its fields had before.
std::string AsStored(std::string_view json);

// A field and its values: plain ones as JSON, each once.
using CommonFields =
    std::vector<std::pair<std::string, std::vector<std::string>>>;

// The fields that all of the events have that are of the step ("*": of any),
// with the values that all have; in the order of the first event. None unless
// all those events are known.
CommonFields FieldsInCommon(std::span<const IncidentEvent> events,
                            std::string_view step);

}  // namespace tocsin::engine

#endif  // TOCSIN_SRC_ENGINE_ALERT_DOCUMENTS_H_
