#include "src/engine/firing.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "src/base/digest.h"
#include "src/base/value.h"
#include "src/runtime/event/event_view.h"
#include "tocsin/event.h"

namespace tocsin::engine {
namespace {

using runtime::EventLog;
using runtime::KeyText;

// A sample takes bounded time, however many events there are.
constexpr size_t kMostLooked = 64;
constexpr size_t kMostIndicators = 16;
// As of the correlator, for rules with a field of their own for the time.
constexpr int64_t kMostTimeOff = int64_t{24 * 3600} * 1'000'000'000;

// The number of the field by which a tie is, which stands before its value.
size_t TakeNumber(std::vector<KeyText>* texts) {
  size_t number = 0;
  for (const char c : texts->front().text) {
    number = number * 10 + static_cast<size_t>(c - '0');
  }
  texts->erase(texts->begin());
  return number;
}

// By time, each once: one event may be of several steps, and of several ties.
void SortEvents(std::vector<EventLog::Found>* found) {
  std::sort(found->begin(), found->end(), [](const auto& x, const auto& y) {
    return std::pair(x.time, x.id.data()) < std::pair(y.time, y.id.data());
  });
  size_t count = 0;
  for (const EventLog::Found& each : *found) {
    if (count > 0 && (*found)[count - 1].id.data() == each.id.data()) {
      (*found)[count - 1].steps |= each.steps;
    } else {
      (*found)[count++] = each;
    }
  }
  found->resize(count);
}

}  // namespace

void AppendKeys(const program::Correlation& rule, std::string_view key,
                std::vector<KeyText>* scratch, std::vector<IncidentKey>* keys) {
  scratch->clear();
  runtime::ReadKey(key, scratch);
  size_t part =
      rule.any_of && !scratch->empty() ? TakeNumber(scratch) : size_t{0};
  for (size_t i = 0; i < scratch->size(); ++i, ++part) {
    if (part >= rule.keys.size()) return;
    keys->push_back({.name = rule.keys[part].name,
                     .value = (*scratch)[i].text,
                     .missing = (*scratch)[i].is_missing});
  }
}

Firing::Firing(const RuleSet& rules, uint32_t first_listed,
               const CorrelationState& state, const EventLog& log,
               const EventLog& indicator_log, const EngineOptions& options)
    : rules_(rules),
      first_listed_(first_listed),
      state_(state),
      log_(log),
      indicator_log_(indicator_log),
      most_events_(static_cast<size_t>(std::max(options.sample_events, 0))),
      lateness_(absl::ToInt64Nanoseconds(options.lateness)) {}

void Firing::Begin(const runtime::Fired& fired) {
  correlation_ = fired.rule;
  at_ = fired.at;
  first_ = fired.first;
  watermark_ = state_.correlator().watermark();
  ordinal_ = fired.ordinal;
  revised_ = fired.revised;
  exact_ = fired.exact;
  measured_.assign(fired.values, fired.values + fired.value_count);
  sequence_.assign(fired.events, fired.events + fired.event_count);
  key_count_ = 0;
  AddKey(fired.key);
  Forget();
}

void Firing::AddTie(const runtime::Fired& fired) {
  revised_ |= fired.revised;
  exact_ &= fired.exact;
  first_ = std::min(first_, fired.first);
  if (key_count_ == 1) sorted_keys_.assign(1, group_keys_[0]);
  AddKey(fired.key);
  sorted_keys_.insert(
      std::upper_bound(sorted_keys_.begin(), sorted_keys_.end(), fired.key),
      std::string(fired.key));
  Forget();
}

void Firing::AddKey(std::string_view key) {
  if (key_count_ == group_keys_.size()) group_keys_.emplace_back();
  group_keys_[key_count_++] = key;
}

void Firing::Forget() {
  id_.clear();
  title_.reset();
  indicators_.reset();
  has_keys_ = has_values_ = has_message_ = has_events_ = false;
}

std::string_view Firing::Level() const {
  const program::Outcome& outcome = program_rule().outcome;
  if (outcome.severities.empty()) return rule().level;
  OpenTexts();
  return texts_.Level(outcome, rule());
}

void Firing::Respond(const std::function<void(const Response&)>& sink) const {
  const program::Outcome& outcome = program_rule().outcome;
  if (outcome.responses.empty()) return;
  OpenTexts();
  texts_.Respond(outcome, rule(), id(), sink);
}

// What is asked of texts may ask for values, which are made by them as well.
void Firing::OpenTexts() const {
  values();
  texts_.Open(*this, time());
}

std::string_view Firing::id() const {
  if (!id_.empty()) return id_;
  base::Digest digest;
  digest.Add(rule().content_hash).Add(rule().id);
  for (const std::string& key : group_keys()) digest.Add(key);
  id_ = digest.AddInt(at_.time).AddInt(ordinal_).Hex();
  return id_;
}

std::span<const IncidentKey> Firing::keys() const {
  if (has_keys_) return keys_;
  has_keys_ = true;
  keys_.clear();
  for (size_t i = 0; i < key_count_; ++i) {
    AppendKeys(program_rule(), group_keys_[i], &components_, &keys_);
  }
  return keys_;
}

std::span<const IncidentValue> Firing::values() const {
  if (has_values_) return values_;
  has_values_ = true;
  values_.clear();
  const std::vector<std::string>& names = program_rule().value_names;
  for (size_t i = 0; i < measured_.size() && i < names.size(); ++i) {
    if (names[i].empty()) continue;
    if (!std::isfinite(measured_[i])) continue;  // Measured of nothing.
    values_.push_back({names[i], measured_[i]});
  }
  // Worked out from what stands here already, and the rest of the firing.
  const program::Outcome& outcome = program_rule().outcome;
  for (const program::ShownValue& shown : outcome.shown) {
    texts_.Open(*this, time());
    const std::optional<double> number = texts_.Shown(outcome, shown);
    if (number && std::isfinite(*number)) {
      values_.push_back({shown.name, *number});
    }
  }
  return values_;
}

std::string_view Firing::message() const {
  if (has_message_) return message_;
  has_message_ = true;
  OpenTexts();
  message_ = texts_.Message(program_rule().outcome, rule());
  return message_;
}

std::string_view Firing::title() const {
  const program::Outcome& outcome = program_rule().outcome;
  if (outcome.title_name == program::MessagePart::kNoName) return rule().title;
  if (!title_) {
    OpenTexts();
    title_ = texts_.Title(outcome, rule());
  }
  return *title_;
}

double Firing::risk_score() const {
  const program::Outcome& outcome = program_rule().outcome;
  if (outcome.score_names.empty()) return rule().risk_score;
  OpenTexts();
  return texts_.RiskScore(outcome, rule());
}

// Those that count for the event: of its keys, and within the span.
std::span<const std::string> Firing::indicators() const {
  if (indicators_) return *indicators_;
  indicators_.emplace();
  const program::Correlation& program = program_rule();
  if (!program.has_indicators || !indicator_log_.is_on()) return *indicators_;
  found_.clear();
  for (const std::string& key : group_keys()) {
    indicator_log_.Find(state_.correlator().LogGroup(correlation_, key),
                        runtime::WindowStart(program, at_.time), at_.time,
                        lateness_, kMostIndicators, &found_);
  }
  for (const EventLog::Found& each : found_) {
    const bool is_known = std::find(indicators_->begin(), indicators_->end(),
                                    each.json) != indicators_->end();
    if (!each.json.empty() && !is_known) indicators_->emplace_back(each.json);
  }
  return *indicators_;
}

std::span<const IncidentEvent> Firing::events() const {
  if (!has_events_) MakeEvents();
  return events_;
}

bool Firing::has_all_events() const {
  if (!has_events_) MakeEvents();
  return has_all_events_;
}

// Events of a rule with a field of its own for the time, by that.
void Firing::FindOwnTimes(int64_t first, int64_t last) const {
  const std::string& field =
      rules_.program().correlation_fields[program_rule().time_field];
  runtime::EventView view;
  std::vector<FieldValue> values;
  for (EventLog::Found& each : found_) {
    values.clear();
    if (each.json.empty() || !view.Load(Event::Json(each.json)).ok() ||
        !view.Find(field, &values) || values.empty()) {
      continue;
    }
    const std::optional<int64_t> time =
        base::TimeOf(base::Value::Of(values[0]));
    if (time && runtime::SubTime(*time, kMostTimeOff) <= each.time &&
        runtime::AddTime(*time, kMostTimeOff) >= each.time) {
      each.time = *time;
    }
  }
  std::erase_if(found_, [&](const EventLog::Found& each) {
    return each.time < first || each.time > last;
  });
}

// One for each stage that is an event, in order.
void Firing::MakeSequence() const {
  const program::Correlation& rule = program_rule();
  has_all_events_ = true;
  std::vector<bool> is_taken(found_.size(), false);
  for (size_t i = 0; i < sequence_.size() && i < rule.stages.size(); ++i) {
    if (sequence_[i].ref == runtime::kNoEvent) continue;
    const uint32_t step = rule.stages[i].step;
    IncidentEvent& event = events_.emplace_back();
    event.time = Timestamp(sequence_[i].time);
    event.steps.push_back(rule.steps[step].name);
    size_t at = 0;
    while (at < found_.size() &&
           (is_taken[at] || found_[at].time != sequence_[i].time ||
            (found_[at].steps >> step & 1) == 0)) {
      ++at;
    }
    if (at == found_.size()) {
      has_all_events_ = false;
      continue;
    }
    is_taken[at] = true;
    event.id = found_[at].id;
    event.json = found_[at].json;
    has_all_events_ &= !event.json.empty();
  }
}

// The first and the latest of the events in its window, or those of the
// sequence.
void Firing::MakeEvents() const {
  has_events_ = true;
  events_.clear();
  has_all_events_ = false;
  if (!log_.is_on()) return;
  const program::Correlation& rule = program_rule();
  const bool ends_at_event = rule.reach == base::WindowReach::kBefore;
  const int64_t last =
      ends_at_event ? at_.time : runtime::WindowEnd(rule, at_.time);
  // What others found is not kept.
  bool has_all =
      std::all_of(rule.steps.begin(), rule.steps.end(), [](const auto& step) {
        return step.source == program::CorrelationStep::kRule;
      });
  found_.clear();
  const bool has_own_time =
      rule.time_field != program::Correlation::kNoTimeField;
  const int64_t off = has_own_time ? kMostTimeOff : 0;
  for (const std::string& key : group_keys()) {
    has_all &=
        log_.Find(state_.correlator().LogGroup(correlation_, key),
                  runtime::SubTime(first_, off), runtime::AddTime(last, off),
                  lateness_, kMostLooked + sequence_.size(), &found_);
  }
  if (has_own_time) FindOwnTimes(first_, last);
  SortEvents(&found_);
  if (!sequence_.empty()) {
    MakeSequence();
    return;
  }
  const size_t count = found_.size();
  has_all_events_ = has_all && count > 0 && count <= most_events_;
  const size_t first = most_events_ / 2;
  const size_t latest = most_events_ - first;
  for (size_t i = 0; i < count; ++i) {
    if (i >= first && i + latest < count) continue;
    IncidentEvent& event = events_.emplace_back();
    event.time = Timestamp(found_[i].time);
    event.id = found_[i].id;
    event.json = found_[i].json;
    for (size_t step = 0; step < rule.steps.size(); ++step) {
      if ((found_[i].steps >> step & 1) != 0) {
        event.steps.push_back(rule.steps[step].name);
      }
    }
  }
}

}  // namespace tocsin::engine
