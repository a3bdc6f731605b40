#include "event_feeder.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tocsin::python {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

EventFeeder::EventFeeder(std::shared_ptr<const RuleSet> rules,
                         EngineOptions options, const ReportOptions& reports)
    : rules_(rules),
      json_options_{.include_event = reports.include_event},
      count_only_(reports.count_only),
      engine_(std::move(rules), *this, std::move(options)) {}

void EventFeeder::OwnBatch() {
  if (batch_.use_count() > 1) batch_ = std::make_shared<Batch>(*batch_);
}

std::shared_ptr<const Batch> EventFeeder::TakeBatch() {
  return std::exchange(batch_, std::make_shared<Batch>());
}

void EventFeeder::FeedLine(std::string_view json) {
  ++line_;
  const std::string_view event = Trim(json);
  if (event.empty()) return;
  const FeedResult fed = engine_.Feed(Event::Json(event).set_origin({}, line_));
  if (fed.ok()) return;
  const auto before = static_cast<size_t>(event.data() - json.data());
  AddError(line_, static_cast<int64_t>(before + fed.error_offset) + 1,
           fed.error);
}

std::string_view EventFeeder::FeedLines(std::string_view text,
                                        size_t most_bytes) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (line_ == 0 && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  const char* const stop = text.data() + std::min(most_bytes, text.size());
  while (text.data() < stop) {
    const void* newline = std::memchr(text.data(), '\n', text.size());
    const size_t length =
        newline == nullptr
            ? text.size()
            : static_cast<size_t>(static_cast<const char*>(newline) -
                                  text.data());
    FeedLine(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return text;
}

void EventFeeder::FeedEvent(Event event, int64_t line, int64_t column) {
  line_ = line;
  const FeedResult fed = engine_.Feed(event);
  if (fed.ok()) return;
  // An event of a file may stretch over lines.
  const std::string_view before = event.json().substr(0, fed.error_offset);
  const size_t newline = before.rfind('\n');
  if (newline == std::string_view::npos) {
    AddError(line, column + static_cast<int64_t>(before.size()), fed.error);
  } else {
    AddError(line + std::count(before.begin(), before.end(), '\n'),
             static_cast<int64_t>(before.size() - newline), fed.error);
  }
}

void EventFeeder::Flush() {
  is_flushing_ = true;
  engine_.AdvanceTo(Timestamp(INT64_MAX));
  is_flushing_ = false;
}

void EventFeeder::AddError(int64_t line, int64_t column,
                           std::string_view reason) {
  ++batch_->error_count;
  if (batch_->errors.size() == Batch::kMostErrors) return;
  batch_->errors.push_back({line, column, std::string(reason)});
}

absl::StatusOr<LoadReport> EventFeeder::Reload(
    std::shared_ptr<const RuleSet> rules) {
  absl::StatusOr<LoadReport> report = engine_.Reload(rules);
  if (report.ok()) rules_ = std::move(rules);
  return report;
}

Finding& EventFeeder::Add(FindingKind kind, std::string_view id,
                          const RuleInfo* rule, Timestamp time) {
  if (batch_->rule_sets.empty() || batch_->rule_sets.back() != rules_) {
    batch_->rule_sets.push_back(rules_);
  }
  if (kind == FindingKind::kDetection || kind == FindingKind::kIncident) {
    batch_->fired.push_back(static_cast<uint32_t>(batch_->findings.size()));
  }
  Finding& finding = batch_->findings.emplace_back();
  finding.begin = batch_->bodies.size();
  finding.rule = rule;
  finding.time = time;
  finding.line = line_;
  std::copy_n(id.begin(), std::min(id.size(), finding.id.size()),
              finding.id.begin());
  finding.rule_set = static_cast<uint32_t>(batch_->rule_sets.size() - 1);
  finding.kind = kind;
  return finding;
}

void EventFeeder::OnDetection(const Detection& detection) {
  if (count_only_) return;
  Finding& finding = Add(FindingKind::kDetection, detection.id(),
                         &detection.rule(), detection.time());
  finding.has_time = detection.time_source() != TimeSource::kNone;
  AppendDetectionJson(detection, &batch_->bodies, json_options_);
  finding.end = batch_->bodies.size() - 1;
}

// That the stream has ended closes none.
void EventFeeder::OnIncident(const Incident& incident) {
  if (count_only_) return;
  const bool is_closed = incident.change() == IncidentChange::kClosed;
  if (is_closed && is_flushing_) return;
  Finding& finding =
      Add(is_closed ? FindingKind::kClosed : FindingKind::kIncident,
          incident.id(), &incident.rule(), incident.time());
  finding.has_time = true;
  AppendIncidentJson(incident, &batch_->bodies, json_options_);
  finding.end = batch_->bodies.size() - 1;
}

void EventFeeder::OnResponse(const Response& response) {
  if (count_only_) return;
  Finding& finding = Add(FindingKind::kResponse, response.id(),
                         &response.rule(), response.time());
  finding.has_time = true;
  AppendResponseJson(response, &batch_->bodies);
  finding.end = batch_->bodies.size() - 1;
}

void EventFeeder::OnSuppressed(const Suppressed& suppressed) {
  if (count_only_) return;
  Finding& finding = Add(FindingKind::kSuppressed, suppressed.id(),
                         &suppressed.rule(), suppressed.last_time());
  finding.has_time = true;
  AppendSuppressedJson(suppressed, &batch_->bodies);
  finding.end = batch_->bodies.size() - 1;
}

// A finding for each line: the bucket, its influencers, its records.
void EventFeeder::OnAnomalies(const AnomalyBucket& bucket) {
  if (count_only_) return;
  size_t at = batch_->bodies.size();
  AppendAnomaliesJson(bucket, &batch_->bodies);
  const size_t records_from = 1 + bucket.influencers.size();
  for (size_t line = 0; at < batch_->bodies.size(); ++line) {
    std::string_view id;
    if (line >= records_from) id = bucket.records[line - records_from].id;
    Finding& finding = Add(FindingKind::kAnomaly, id, nullptr, bucket.begin);
    finding.begin = at;
    finding.end = batch_->bodies.find('\n', at);
    finding.has_time = true;
    at = finding.end + 1;
  }
}

}  // namespace tocsin::python
