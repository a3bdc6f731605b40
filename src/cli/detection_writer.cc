#include "src/cli/detection_writer.h"

#include <algorithm>
#include <iterator>

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

 private:
  DetectionJsonOptions options_;
};

}  // namespace

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

int LevelRank(std::string_view level) {
  constexpr std::string_view kLevels[] = {"informational", "low", "medium",
                                          "high", "critical"};
  const auto* it = std::find(std::begin(kLevels), std::end(kLevels), level);
  return it == std::end(kLevels) ? 0
                                 : static_cast<int>(it - std::begin(kLevels));
}

}  // namespace tocsin::cli
