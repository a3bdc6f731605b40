// DetectionWriter: one form of output for detections and incidents.

#ifndef TOCSIN_SRC_CLI_DETECTION_WRITER_H_
#define TOCSIN_SRC_CLI_DETECTION_WRITER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/terminal.h"
#include "tocsin/anomaly.h"
#include "tocsin/detection.h"
#include "tocsin/incident.h"
#include "tocsin/response.h"
#include "tocsin/suppressed.h"

namespace tocsin::cli {

class DetectionWriter {
 public:
  virtual ~DetectionWriter() = default;

  // What comes before the first detection, also where there is none.
  virtual void Begin(std::string* out) = 0;
  virtual void Append(const Detection& detection, std::string* out) = 0;
  virtual void Append(const Incident& incident, std::string* out) = 0;
  // Not every form has these: they are no detections.
  virtual void Append(const Response& /*response*/, std::string* /*out*/) {}
  virtual void Append(const Suppressed& /*suppressed*/, std::string* /*out*/) {}
  virtual void Append(const AnomalyBucket& /*bucket*/, std::string* /*out*/) {}
};

// One JSON object a line: AppendDetectionJson, AppendIncidentJson. Of what jobs
// find, buckets that have records.
std::unique_ptr<DetectionWriter> MakeNdjsonWriter(bool with_event);

// Documents as Elastic's alerts, one a line: AppendAlertJson.
std::unique_ptr<DetectionWriter> MakeAlertWriter();

// Comma-separated values with a header line; one detection a line. A cell that
// a spreadsheet would take for a formula starts with an apostrophe.
std::unique_ptr<DetectionWriter> MakeCsvWriter();

struct TableLayout {
  Terminal terminal;
  int time_width = 24;  // To the millisecond; 20: to the second.
  int title_width = 40;
  int place_width = 32;
};

// Columns for people: time, level, rule, file and line, matched fields. Cut to
// the width of a terminal. Of what jobs find, records that score 25 or more.
std::unique_ptr<DetectionWriter> MakeTableWriter(const TableLayout& layout);

// The value as a person would write it; "null" for a null.
std::string ValueText(const FieldValue& value);

// One entry of what matched, without repetitions: the same field and value may
// stand in several selections.
struct MatchedText {
  std::string field;  // "(any field)" for a keyword.
  std::string value;  // "(absent)" where that is what matched.

  friend bool operator==(const MatchedText&, const MatchedText&) = default;
};
std::vector<MatchedText> MatchedTexts(const Detection& detection);

// The same of an incident: its keys, then its numbers.
std::vector<MatchedText> MatchedTexts(const Incident& incident);

// What a record is about, then how unusual it is.
std::vector<MatchedText> MatchedTexts(const AnomalyRecord& record);

// The level of a record: low below 25, medium below 50, high below 75.
std::string_view LevelOf(const AnomalyRecord& record);

// Informational is 0; a level that Sigma does not know counts as that too.
int LevelRank(std::string_view level);

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_DETECTION_WRITER_H_
