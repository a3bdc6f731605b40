#include "src/cli/detection_writer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "src/base/json_writer.h"
#include "tocsin/sink.h"

namespace tocsin::cli {
namespace {

class NdjsonWriter : public DetectionWriter {
 public:
  explicit NdjsonWriter(bool with_event)
      : options_{.include_event = with_event} {}

  void Begin(std::string*) override {}
  void Append(const Detection& detection, std::string* out) override {
    AppendDetectionJson(detection, out, options_);
  }
  void Append(const Incident& incident, std::string* out) override {
    AppendIncidentJson(incident, out, options_);
  }
  void Append(const Response& response, std::string* out) override {
    AppendResponseJson(response, out);
  }
  void Append(const Suppressed& suppressed, std::string* out) override {
    AppendSuppressedJson(suppressed, out);
  }
  void Append(const AnomalyBucket& bucket, std::string* out) override {
    if (!bucket.records.empty()) AppendAnomaliesJson(bucket, out);
  }

 private:
  DetectionJsonOptions options_;
};

class AlertWriter : public DetectionWriter {
 public:
  using DetectionWriter::Append;
  void Begin(std::string*) override {}
  void Append(const Detection& detection, std::string* out) override {
    AppendAlertJson(detection, out);
  }
  void Append(const Incident& incident, std::string* out) override {
    AppendAlertJson(incident, out);
  }
};

}  // namespace

std::unique_ptr<DetectionWriter> MakeAlertWriter() {
  return std::make_unique<AlertWriter>();
}

std::unique_ptr<DetectionWriter> MakeNdjsonWriter(bool with_event) {
  return std::make_unique<NdjsonWriter>(with_event);
}

std::string ValueText(const FieldValue& value) {
  switch (value.kind()) {
    case FieldKind::kNull:
      return "null";
    case FieldKind::kObject:
      return "{...}";
    case FieldKind::kString:
    case FieldKind::kBool:
      return std::string(value.text());
    case FieldKind::kInt:
    case FieldKind::kUint:
    case FieldKind::kDouble:
      break;
  }
  if (!value.text().empty()) return std::string(value.text());
  if (value.kind() == FieldKind::kInt) return std::to_string(value.int_value());
  if (value.kind() == FieldKind::kUint) {
    return std::to_string(value.uint_value());
  }
  std::string text;
  base::AppendJsonDouble(value.double_value(), &text);
  return text;
}

std::vector<MatchedText> MatchedTexts(const Detection& detection) {
  std::vector<MatchedText> texts;
  for (const MatchedField& field : detection.matched()) {
    MatchedText text{
        .field = field.field.empty() ? "(any field)" : std::string(field.field),
        .value = field.absent ? "(absent)" : ValueText(field.value)};
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

std::vector<MatchedText> MatchedTexts(const Incident& incident) {
  std::vector<MatchedText> texts;
  for (const IncidentKey& key : incident.keys()) {
    texts.push_back(
        {.field = key.name, .value = key.missing ? "(absent)" : key.value});
  }
  for (const IncidentValue& value : incident.values()) {
    texts.push_back({.field = value.name});
    base::AppendJsonDouble(value.value, &texts.back().value);
  }
  return texts;
}

std::vector<MatchedText> MatchedTexts(const AnomalyRecord& record) {
  std::vector<MatchedText> texts;
  const auto number = [&](std::string name, double value) {
    texts.push_back({.field = std::move(name)});
    base::AppendJsonDouble(value, &texts.back().value);
  };
  for (const auto& [name, value] :
       {std::pair(record.partition_field_name, record.partition_field_value),
        std::pair(record.over_field_name, record.over_field_value),
        std::pair(record.by_field_name, record.by_field_value)}) {
    if (!name.empty()) texts.push_back({.field = name, .value = value});
  }
  number("score", std::round(record.record_score));
  if (record.function == "rare" || record.function == "freq_rare") {
    if (record.first_occurrence) {
      texts.push_back({.field = "seen", .value = "first"});
    }
    number("one_in_buckets", std::round(record.one_in_buckets));
  } else {
    number("actual", record.actual);
    number("typical", record.typical);
  }
  return texts;
}

std::string_view LevelOf(const AnomalyRecord& record) {
  return record.record_score >= 75   ? "critical"
         : record.record_score >= 50 ? "high"
         : record.record_score >= 25 ? "medium"
                                     : "low";
}

int LevelRank(std::string_view level) {
  constexpr std::string_view kLevels[] = {"informational", "low", "medium",
                                          "high", "critical"};
  const auto* it = std::find(std::begin(kLevels), std::end(kLevels), level);
  return it == std::end(kLevels) ? 0
                                 : static_cast<int>(it - std::begin(kLevels));
}

}  // namespace tocsin::cli
