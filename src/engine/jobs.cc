#include "src/engine/jobs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/digest.h"
#include "src/base/number.h"
#include "src/runtime/event/event_time.h"
#include "src/state/snapshot.h"
#include "tocsin/detectors/state_bytes.h"

namespace tocsin::engine {
namespace {

constexpr int64_t kNanos = 1'000'000'000;

int64_t FloorSeconds(int64_t nanos) {
  return nanos / kNanos - (nanos % kNanos < 0 ? 1 : 0);
}

// Texts are numbers where all of them is one.
double NumberOf(const FieldValue& value) {
  switch (value.kind()) {
    case FieldKind::kInt:
      return static_cast<double>(value.int_value());
    case FieldKind::kUint:
      return static_cast<double>(value.uint_value());
    case FieldKind::kDouble:
      return value.double_value();
    case FieldKind::kString:
      break;
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
  const std::string_view text = value.text();
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(number)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return number;
}

std::string NameOf(const program::DetectorJob& job, uint32_t field) {
  return field == program::kNoField ? "" : job.fields[field];
}

// Which of its fields a job reads as numbers.
std::vector<bool> NumericFields(const program::DetectorJob& job) {
  std::vector<bool> numeric(job.fields.size(), false);
  if (job.summary_count != program::kNoField) numeric[job.summary_count] = true;
  for (const program::Detector& detector : job.detectors) {
    if (detector.field != program::kNoField) numeric[detector.field] = true;
  }
  return numeric;
}

}  // namespace

struct Jobs::Job {
  Job(const program::DetectorJob& plan_in, int64_t latency,
      runtime::BucketEngine::Report report)
      : plan(WithLatency(plan_in, latency)),
        extra(plan.latency - latency),
        numeric(NumericFields(plan)),
        engine(&plan, std::move(report)) {}

  static program::DetectorJob WithLatency(program::DetectorJob plan,
                                          int64_t latency) {
    plan.latency = std::max(plan.latency, latency);
    return plan;
  }

  const program::DetectorJob plan;
  const int64_t extra;  // Seconds that it waits longer than the engine does.
  const std::vector<bool> numeric;
  runtime::BucketEngine engine;
  JobStats stats;
};

Jobs::Jobs(const program::Program& program, const EngineOptions& options)
    : program_(program),
      options_(options),
      fields_(program),
      by_rule_(program.rules.size()) {
  const int64_t latency = absl::ToInt64Seconds(absl::Ceil(
      std::max(options.lateness, absl::ZeroDuration()), absl::Seconds(1)));
  for (uint32_t i = 0; i < program.jobs.size(); ++i) {
    const program::DetectorJob& plan = program.jobs[i];
    jobs_.push_back(std::make_unique<Job>(
        plan, latency,
        [this, i](const runtime::AnomalyBucket& bucket) { Queue(i, bucket); }));
    if (plan.filter == program::kNoField) {
      unfiltered_.push_back(i);
    } else {
      by_rule_[plan.filter].push_back(i);
    }
  }
}

Jobs::~Jobs() = default;

void Jobs::Move(Timestamp time) {
  const int64_t seconds = FloorSeconds(time.nanos());
  for (const auto& job : jobs_) {
    if (job->plan.time == program::kNoField) job->engine.Advance(seconds);
  }
}

void Jobs::AdvanceTo(Timestamp watermark) {
  for (const auto& job : jobs_) {
    if (watermark.nanos() == INT64_MAX) {
      job->engine.Flush();
    } else {
      job->engine.Promise(FloorSeconds(watermark.nanos()));
    }
  }
}

void Jobs::CountUntimely() {
  for (const uint32_t number : unfiltered_) ++jobs_[number]->stats.untimely;
}

void Jobs::Add(const Event& event, runtime::EventMatcher* matcher,
               Timestamp time, std::span<const uint32_t> rules) {
  bool has_begun = false;
  const auto add = [&](uint32_t number) {
    if (!has_begun) fields_.Begin(event, matcher->kind(), time, matcher);
    has_begun = true;
    AddTo(jobs_[number].get(), time);
  };
  for (const uint32_t number : unfiltered_) add(number);
  for (const uint32_t rule : rules) {
    for (const uint32_t number : by_rule_[rule]) add(number);
  }
}

void Jobs::AddTo(Job* job, Timestamp time) {
  const program::DetectorJob& plan = job->plan;
  if (plan.time != program::kNoField) {
    const std::span<const FieldValue> values =
        fields_.Find(plan.field_numbers[plan.time]);
    std::optional<runtime::FoundTime> own;
    if (!values.empty()) {
      own = runtime::ReadTime(values[0], options_.time_format,
                              options_.assumed_zone);
    }
    // Its clock would follow one that is far ahead of the event's.
    if (!own.has_value() || own->time - time > options_.max_future_skew) {
      ++job->stats.untimely;
      return;
    }
    time = own->time;
  }
  FillCells(plan);
  for (size_t i = 0; i < plan.fields.size(); ++i) {
    if (!job->numeric[i] || !cells_[i].present) continue;
    cells_[i].number = NumberOf(fields_.Find(plan.field_numbers[i])[0]);
  }
  job->engine.Add(FloorSeconds(time.nanos()), cells_);
}

void Jobs::FillCells(const program::DetectorJob& job) {
  cells_.clear();
  texts_.resize(std::max(texts_.size(), job.fields.size()));
  several_.resize(texts_.size());
  for (size_t i = 0; i < job.fields.size(); ++i) {
    runtime::DetectCell& cell = cells_.emplace_back();
    std::string& text = texts_[i];
    std::vector<std::string_view>& several = several_[i];
    several.clear();
    const std::span<const FieldValue> values =
        fields_.Find(job.field_numbers[i]);
    size_t numbers = 0;
    for (const FieldValue& value : values) {
      if (value.is_null() || value.kind() == FieldKind::kObject) continue;
      if (!value.text().empty()) {
        several.push_back(value.text());
      } else if (value.is_number() && numbers == 0) {
        ++numbers;
        text.clear();
        base::AppendNumberText(value, &text);
        several.push_back(text);
      }
    }
    if (several.empty()) continue;  // What is empty is as good as missing.
    cell.present = true;
    cell.text = several[0];
    if (several.size() == 1) continue;
    cell.several = several;
    std::string joined;
    for (const std::string_view one : several) {
      if (!joined.empty()) joined += ',';
      joined += one;
    }
    // Views into `text` are only those of one number.
    if (numbers > 0) cell.several = {};
    text = std::move(joined);
    cell.text = text;
  }
}

void Jobs::Queue(uint32_t number, const runtime::AnomalyBucket& bucket) {
  const Job& job = *jobs_[number];
  const program::DetectorJob& plan = job.plan;
  Found& found = found_.emplace_back();
  AnomalyBucket& out = found.bucket;
  const JobInfo& info = program_.job_infos[number];
  out.job = &info;
  // The first bucket of all time begins before what is a time here.
  out.begin =
      Timestamp(std::max(bucket.timestamp, INT64_MIN / kNanos) * kNanos);
  out.span = absl::Seconds(plan.bucket_span);
  out.event_count = bucket.event_count;
  out.anomaly_score = bucket.anomaly_score;
  out.records_left_out = bucket.records_left_out;
  found.decided = out.begin + out.span + absl::Seconds(job.extra);
  for (const runtime::AnomalyRecord& record : bucket.records) {
    const program::Detector& detector = plan.detectors[record.detector_index];
    AnomalyRecord& to = out.records.emplace_back();
    to.id = base::Digest()
                .Add(info.content_hash)
                .AddInt(bucket.timestamp)
                .AddInt(record.detector_index)
                .Add(record.partition_field_value)
                .Add(record.over_field_value)
                .Add(record.by_field_value)
                .Hex();
    to.detector_index = static_cast<int>(record.detector_index);
    to.function = detector.name;
    to.field_name = NameOf(plan, detector.field);
    to.by_field_name = NameOf(plan, detector.by);
    to.by_field_value = record.by_field_value;
    to.over_field_name = NameOf(plan, detector.over);
    to.over_field_value = record.over_field_value;
    to.partition_field_name = NameOf(plan, detector.partition);
    to.partition_field_value = record.partition_field_value;
    to.probability = record.probability;
    to.record_score = record.record_score;
    to.multi_bucket_impact = record.multi_bucket_impact;
    to.actual = record.actual;
    to.typical = record.typical;
    to.first_occurrence = record.by_field_first_occurrence;
    to.one_in_buckets = record.one_in_buckets;
    to.relative_rarity = record.by_field_relative_rarity;
    for (const runtime::Influence& influence : record.influencers) {
      to.influencers.push_back({.field_name = plan.fields[influence.field],
                                .field_values = influence.values});
    }
  }
  for (const runtime::AnomalyInfluencer& influencer : bucket.influencers) {
    out.influencers.push_back(
        {.field_name = plan.fields[influencer.field],
         .field_value = influencer.influencer_field_value,
         .probability = influencer.probability,
         .influencer_score = influencer.influencer_score});
  }
}

Jobs::Found Jobs::TakeFound() {
  Found found = std::move(found_.front());
  found_.pop_front();
  return found;
}

std::vector<JobStats> Jobs::stats() const {
  std::vector<JobStats> all;
  for (const auto& job : jobs_) {
    const runtime::DetectStats& counted = job->engine.stats();
    JobStats& stats = all.emplace_back(job->stats);
    stats.events = counted.events;
    stats.late = counted.late_events;
    stats.untimely += counted.untimely_events;
    stats.refused = counted.refused_series;
    stats.buckets = counted.buckets;
    stats.records = counted.records;
    stats.bytes = static_cast<int64_t>(job->engine.memory());
  }
  return all;
}

// --- Snapshots.

void Jobs::Save(state::SnapshotWriter* out) const {
  std::string bytes;
  for (size_t i = 0; i < jobs_.size(); ++i) {
    const Job& job = *jobs_[i];
    out->BeginSection(state::kJobSection);
    out->PutText(program_.job_infos[i].id);
    out->PutText(program_.job_infos[i].content_hash);
    out->Put32(runtime::BucketEngine::kLayout);
    out->PutInt(job.plan.latency);
    out->PutInt(job.stats.untimely);
    bytes.clear();
    detectors::StateWriter state(&bytes);
    job.engine.Save(&state);
    out->PutBytes(bytes);
    out->EndSection();
  }
}

absl::Status Jobs::Load(
    std::span<const state::SnapshotReader::Section> sections,
    LoadReport* report) {
  std::vector<bool> is_known(jobs_.size(), false);
  for (const state::SnapshotReader::Section& section : sections) {
    state::SnapshotReader in(section.body);
    const std::string id(in.GetText());
    const std::string_view hash = in.GetText();
    const uint32_t layout = in.Get32();
    const int64_t latency = in.GetInt();
    const int64_t untimely = in.GetCounter();
    const std::string_view state = in.GetBytes(in.remaining());
    if (!in.ok()) return state::SnapshotError(in.error());
    size_t i = 0;
    while (i < jobs_.size() && program_.job_infos[i].id != id) ++i;
    if (i == jobs_.size()) {
      report->dropped.push_back(id);
      continue;
    }
    if (is_known[i]) return state::SnapshotError("has a job twice");
    is_known[i] = true;
    Job& job = *jobs_[i];
    if (program_.job_infos[i].content_hash != hash ||
        layout != runtime::BucketEngine::kLayout ||
        latency != job.plan.latency) {
      report->changed.push_back(id);
      continue;
    }
    detectors::StateReader reader(state);
    if (!job.engine.Load(&reader) || reader.remaining() > 0) {
      return state::SnapshotError("has a job that cannot be");
    }
    job.stats.untimely = untimely;
    report->kept.push_back(id);
  }
  for (size_t i = 0; i < jobs_.size(); ++i) {
    if (!is_known[i]) report->added.push_back(program_.job_infos[i].id);
  }
  return absl::OkStatus();
}

}  // namespace tocsin::engine
