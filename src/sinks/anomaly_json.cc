#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "src/base/json_writer.h"
#include "src/base/record_names.h"
#include "tocsin/sink.h"

namespace tocsin {
namespace {

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(*out) { out_ += '{'; }

  void Key(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    base::AppendJsonString(key, &out_);
    out_ += ':';
  }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    base::AppendJsonString(value, &out_);
  }
  void Int(std::string_view key, int64_t value) {
    Key(key);
    out_ += std::to_string(value);
  }
  void Number(std::string_view key, double value) {
    Key(key);
    base::AppendJsonDouble(value, &out_);
  }
  // A list of one, as documents of results have them.
  void NumberInList(std::string_view key, double value) {
    Key(key);
    out_ += '[';
    base::AppendJsonDouble(value, &out_);
    out_ += ']';
  }
  void Bool(std::string_view key, bool value) {
    Key(key);
    out_ += value ? "true" : "false";
  }
  void List(std::string_view key, const std::vector<std::string>& values) {
    Key(key);
    out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      base::AppendJsonString(values[i], &out_);
    }
    out_ += ']';
  }
  void Close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

// What results of all kinds begin with.
void AppendHead(const AnomalyBucket& bucket, std::string_view type,
                ObjectWriter* object) {
  object->Text("kind", "anomaly");
  object->Text("result_type", type);
  object->Text("job_id", bucket.job->id);
  object->Int("timestamp", bucket.begin.nanos() / 1'000'000);
  object->Int("bucket_span", absl::ToInt64Seconds(bucket.span));
  object->Bool("is_interim", false);
}

// The fields of events that the record speaks of, under their own names, so
// that rules can ask for them. Those that are called as something of the record
// itself are left out.
class NamedFields {
 public:
  void Add(const std::string& name, const std::string& value) {
    if (name.empty() || value.empty() ||
        std::find(std::begin(base::kRecordNames), std::end(base::kRecordNames),
                  name) != std::end(base::kRecordNames)) {
      return;
    }
    auto found =
        std::find_if(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return field.name == name; });
    if (found == fields_.end()) {
      found = fields_.insert(fields_.end(), {.name = name, .values = {}});
    }
    const bool is_known = std::find(found->values.begin(), found->values.end(),
                                    value) != found->values.end();
    if (!is_known) found->values.push_back(value);
  }

  void AppendTo(ObjectWriter* object) const {
    for (const Field& field : fields_) object->List(field.name, field.values);
  }

 private:
  struct Field {
    std::string name;
    std::vector<std::string> values;
  };
  std::vector<Field> fields_;
};

}  // namespace

void AppendAnomalyRecordJson(const AnomalyBucket& bucket,
                             const AnomalyRecord& record, std::string* out) {
  ObjectWriter object(out);
  AppendHead(bucket, "record", &object);
  object.Text("id", record.id);
  object.Int("detector_index", record.detector_index);
  object.Text("function", record.function);
  if (!record.field_name.empty()) object.Text("field_name", record.field_name);
  NamedFields named;
  const auto split = [&](std::string_view what, const std::string& name,
                         const std::string& value) {
    if (name.empty()) return;
    object.Text(std::string(what) + "_field_name", name);
    object.Text(std::string(what) + "_field_value", value);
    named.Add(name, value);
  };
  split("by", record.by_field_name, record.by_field_value);
  split("over", record.over_field_name, record.over_field_value);
  split("partition", record.partition_field_name, record.partition_field_value);
  object.Number("probability", record.probability);
  object.Number("record_score", record.record_score);
  object.Number("initial_record_score", record.record_score);
  object.Number("multi_bucket_impact", record.multi_bucket_impact);
  object.NumberInList("actual", record.actual);
  object.NumberInList("typical", record.typical);
  object.Key("anomaly_score_explanation");
  ObjectWriter explanation(out);
  if (record.function == "rare" || record.function == "freq_rare") {
    explanation.Bool("by_field_first_occurrence", record.first_occurrence);
    explanation.Number("by_field_relative_rarity", record.relative_rarity);
    explanation.Number("one_in_buckets", record.one_in_buckets);
  } else {
    explanation.Number("typical_value", record.typical);
  }
  explanation.Close();
  object.Key("influencers");
  *out += '[';
  for (size_t i = 0; i < record.influencers.size(); ++i) {
    const AnomalyInfluence& influence = record.influencers[i];
    if (i > 0) *out += ',';
    ObjectWriter entry(out);
    entry.Text("influencer_field_name", influence.field_name);
    entry.List("influencer_field_values", influence.field_values);
    entry.Close();
    for (const std::string& value : influence.field_values) {
      named.Add(influence.field_name, value);
    }
  }
  *out += ']';
  named.AppendTo(&object);
  object.Close();
  *out += '\n';
}

void AppendAnomaliesJson(const AnomalyBucket& bucket, std::string* out) {
  ObjectWriter object(out);
  AppendHead(bucket, "bucket", &object);
  object.Number("event_count", bucket.event_count);
  object.Number("anomaly_score", bucket.anomaly_score);
  object.Number("initial_anomaly_score", bucket.anomaly_score);
  object.Int("records", static_cast<int64_t>(bucket.records.size()));
  if (bucket.records_left_out > 0) {
    object.Int("records_left_out", bucket.records_left_out);
  }
  object.Close();
  *out += '\n';
  for (const AnomalyInfluencer& influencer : bucket.influencers) {
    ObjectWriter entry(out);
    AppendHead(bucket, "influencer", &entry);
    entry.Text("influencer_field_name", influencer.field_name);
    entry.Text("influencer_field_value", influencer.field_value);
    entry.Number("probability", influencer.probability);
    entry.Number("influencer_score", influencer.influencer_score);
    entry.Number("initial_influencer_score", influencer.influencer_score);
    entry.Close();
    *out += '\n';
  }
  for (const AnomalyRecord& record : bucket.records) {
    AppendAnomalyRecordJson(bucket, record, out);
  }
}

}  // namespace tocsin
