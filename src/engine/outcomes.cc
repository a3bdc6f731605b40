#include "src/engine/outcomes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/base/json_writer.h"
#include "src/base/string_map.h"
#include "src/base/value.h"

namespace tocsin::engine {
namespace {

using runtime::IncidentBook;
using runtime::KeyText;
using runtime::OpenIncident;
using runtime::OutcomeWindow;
using runtime::WindowBook;

void AddText(const KeyText& text, runtime::KeyWriter* writer) {
  if (text.is_missing) {
    writer->AddMissing();
  } else {
    writer->Add(FieldValue::String(text.text));
  }
}

// A report that is no firing of a correlation.
struct PlainDetails final : Incident::Details {
  std::string_view id() const override { return own_id; }
  std::span<const IncidentKey> keys() const override { return own_keys; }
  std::string_view message() const override { return own_message; }
  std::string_view title() const override { return own_title; }
  double risk_score() const override { return own_risk_score; }

  std::string own_id;
  std::vector<IncidentKey> own_keys;
  std::string_view own_message;
  std::string_view own_title;
  double own_risk_score = -1;
};

// None is a missing value; several are one value.
void AddWhole(const std::vector<std::string>& texts,
              runtime::KeyWriter* writer) {
  if (texts.empty()) {
    writer->AddMissing();
  } else if (texts.size() == 1) {
    writer->Add(FieldValue::String(texts[0]));
  } else {
    std::string all = "[";
    for (const std::string& text : texts) {
      if (all.size() > 1) all += ',';
      base::AppendJsonString(text, &all);
    }
    writer->Add(FieldValue::String(all + "]"));
  }
}

// A finding that did not go out.
void CountIn(OutcomeWindow* window, int64_t time) {
  window->first = window->count == 0 ? time : std::min(window->first, time);
  window->last = window->count == 0 ? time : std::max(window->last, time);
  ++window->count;
}

}  // namespace

Outcomes::Outcomes(const RuleSet& rules, uint32_t first_listed,
                   const EngineOptions& options, Sink* sink, EngineStats* stats)
    : rules_(rules),
      first_listed_(first_listed),
      most_open_(static_cast<size_t>(
          std::max<int64_t>(options.max_open_incidents, 1))),
      most_windows_(static_cast<size_t>(
          std::max<int64_t>(options.max_suppressed_keys, 1))),
      limits_(options.limit_signals),
      sink_(sink),
      stats_(stats) {
  const program::Program& program = rules.program();
  for (const program::Rule& rule : program.rules) {
    if (rule.role == program::RuleRole::kStep) continue;
    outcomes_.push_back(rule.outcome == program::kNoOutcome
                            ? nullptr
                            : &program.outcomes[rule.outcome]);
  }
  for (const program::Correlation& rule : program.correlations) {
    outcomes_.push_back(&rule.outcome);
  }
  incident_of_.assign(outcomes_.size(), kNone);
  suppress_of_.assign(outcomes_.size(), kNone);
  limit_of_.assign(outcomes_.size(), kNone);
  risks_of_.resize(outcomes_.size());
  for (uint32_t listed = 0; listed < outcomes_.size(); ++listed) {
    if (outcomes_[listed] != nullptr) AddClauses(listed);
  }
  book_ = MakeBook();
  windows_ = MakeWindows();
}

// --- Clauses -----------------------------------------------------------------

void Outcomes::AddClauses(uint32_t listed) {
  const program::Outcome& outcome = *outcomes_[listed];
  if (outcome.makes_incidents) {
    incident_of_[listed] = static_cast<uint32_t>(incidents_.size());
    incidents_.push_back(MakeClause(
        listed, "incident",
        outcome.incident.has_own_keys ? &outcome.incident.keys : nullptr));
  }
  if (outcome.suppress.span > 0) {
    suppress_of_[listed] = static_cast<uint32_t>(slots_.size());
    slots_.push_back(MakeClause(
        listed, "suppress",
        outcome.suppress.has_own_keys ? &outcome.suppress.keys : nullptr));
    slots_.back().span = outcome.suppress.span;
  }
  if (limits_ && outcome.limit.most > 0) {
    // All that the rule finds is alike.
    const std::vector<program::OutcomeKey> no_keys;
    limit_of_[listed] = static_cast<uint32_t>(slots_.size());
    slots_.push_back(MakeClause(listed, "limit", &no_keys));
    slots_.back().span = outcome.limit.span;
    slots_.back().most = outcome.limit.most;
  }
  for (size_t i = 0; i < outcome.risks.size(); ++i) {
    const program::RiskRule& risk = outcome.risks[i];
    risks_of_[listed].push_back(
        risk.per > 0 ? static_cast<uint32_t>(slots_.size()) : kNone);
    if (risk.per <= 0) continue;
    const std::vector<program::OutcomeKey> keys = {risk.field};
    slots_.push_back(MakeClause(listed, absl::StrCat("risk ", i), &keys));
    slots_.back().span = risk.per;
    slots_.back().is_of_risk = true;
  }
}

// `own_keys`: null: the keys of the group.
Outcomes::Clause Outcomes::MakeClause(
    uint32_t listed, std::string word,
    const std::vector<program::OutcomeKey>* own_keys) const {
  Clause clause{.listed = listed, .word = std::move(word)};
  if (own_keys != nullptr) {
    for (const program::OutcomeKey& key : *own_keys) {
      clause.fields.push_back(key.name);
    }
    return clause;
  }
  const program::Correlation& rule = *CorrelationOf(listed);
  clause.is_tied = rule.any_of;
  for (const auto& key : rule.keys) clause.fields.push_back(key.name);
  return clause;
}

std::unique_ptr<IncidentBook> Outcomes::MakeBook() const {
  std::vector<const program::IncidentPolicy*> policies;
  for (const Clause& clause : incidents_) {
    policies.push_back(&outcomes_[clause.listed]->incident);
  }
  return std::make_unique<IncidentBook>(std::move(policies), most_open_);
}

std::unique_ptr<WindowBook> Outcomes::MakeWindows() const {
  std::vector<WindowBook::Slot> slots;
  for (const Clause& clause : slots_) {
    slots.push_back(
        {.span = clause.span, .delay = outcomes_[clause.listed]->delay});
  }
  return std::make_unique<WindowBook>(std::move(slots), most_windows_);
}

const program::Correlation* Outcomes::CorrelationOf(uint32_t listed) const {
  return listed < first_listed_
             ? nullptr
             : &rules_.program().correlations[listed - first_listed_];
}

std::optional<std::string> Outcomes::OwnKey(
    std::span<const program::OutcomeKey> parts, const Firing& firing,
    const program::Outcome& outcome) {
  const std::span<const IncidentKey> keys = firing.keys();
  if (!outcome.subject.empty()) texts_of_.Open(firing, firing.time());
  writer_.Clear();
  for (const program::OutcomeKey& part : parts) {
    const std::vector<std::string> common =
        texts_of_.CommonTexts(outcome, part.name);
    if (!common.empty()) {
      AddWhole(common, &writer_);
      continue;
    }
    // Of several ties of a rule one at most has the field.
    const auto found = std::find_if(
        keys.begin(), keys.end(),
        [&](const IncidentKey& key) { return key.name == part.name; });
    if (found != keys.end() && !found->missing) {
      writer_.Add(FieldValue::String(found->value));
    } else if (part.missing_is_value) {
      writer_.AddMissing();
    } else {
      return std::nullopt;
    }
  }
  return std::string(writer_.bytes());
}

std::optional<std::string> Outcomes::OwnKey(
    std::span<const program::OutcomeKey> parts, runtime::EventFields* fields) {
  writer_.Clear();
  for (const program::OutcomeKey& part : parts) {
    const std::span<const FieldValue> values = fields->Find(part.field);
    const bool is_there = !values.empty() &&
                          values[0].kind() != FieldKind::kNull &&
                          values[0].kind() != FieldKind::kObject;
    if (is_there) {
      writer_.Add(values[0]);
    } else if (part.missing_is_value) {
      writer_.AddMissing();
    } else {
      return std::nullopt;
    }
  }
  return std::string(writer_.bytes());
}

std::vector<std::string> Outcomes::SuppressKeys(
    const program::SuppressPolicy& policy, runtime::EventFields* fields) {
  // A list that is split is one value of each.
  constexpr size_t kMostKeys = 64;
  std::vector<runtime::KeyWriter> keys(1);
  for (const program::OutcomeKey& part : policy.keys) {
    std::vector<std::string> texts;
    for (const FieldValue& value : fields->Find(part.field)) {
      std::optional<std::string> text = base::TextOf(base::Value::Of(value));
      if (text) texts.push_back(*std::move(text));
    }
    if (texts.empty() && !part.missing_is_value) return {};
    if (texts.size() <= 1 || !policy.splits_lists) {
      for (runtime::KeyWriter& key : keys) AddWhole(texts, &key);
      continue;
    }
    std::vector<runtime::KeyWriter> split;
    for (const runtime::KeyWriter& key : keys) {
      for (const std::string& text : texts) {
        if (split.size() == kMostKeys) break;
        split.push_back(key);
        split.back().Add(FieldValue::String(text));
      }
    }
    keys = std::move(split);
  }
  std::vector<std::string> bytes;
  for (const runtime::KeyWriter& key : keys) bytes.emplace_back(key.bytes());
  return bytes;
}

void Outcomes::AppendClauseKeys(const Clause& clause, std::string_view key,
                                std::vector<IncidentKey>* keys) {
  if (clause.is_tied) {
    AppendKeys(*CorrelationOf(clause.listed), key, &texts_, keys);
    return;
  }
  texts_.clear();
  runtime::ReadKey(key, &texts_);
  for (size_t i = 0; i < texts_.size() && i < clause.fields.size(); ++i) {
    keys->push_back({.name = clause.fields[i],
                     .value = texts_[i].text,
                     .missing = texts_[i].is_missing});
  }
}

// --- What goes out -----------------------------------------------------------

bool Outcomes::IsOverLimit(uint32_t listed, int64_t time) {
  const uint32_t slot = limit_of_[listed];
  if (slot == kNone) return false;
  OutcomeWindow* const window = windows_->Find(slot, {}, time);
  // Those that went out are its points.
  if (window == nullptr ||
      window->points < static_cast<double>(slots_[slot].most)) {
    return false;
  }
  CountIn(window, time);
  ++stats_->over_limit;
  return true;
}

void Outcomes::CountOnLimit(uint32_t listed,
                            absl::FunctionRef<std::string_view()> id,
                            int64_t time) {
  const uint32_t slot = limit_of_[listed];
  if (slot == kNone) return;
  OutcomeWindow* window = windows_->Find(slot, {}, time);
  if (window == nullptr) window = windows_->Open(slot, {}, id(), time);
  window->points += 1;
  windows_->EndExcess([&](const OutcomeWindow& ended, bool is_early) {
    OnEnded(ended, is_early);
  });
}

bool Outcomes::IsHeldBack(uint32_t slot, std::span<const std::string> keys,
                          absl::FunctionRef<std::string_view()> id,
                          int64_t time, int level) {
  const bool is_held_back =
      !keys.empty() &&
      std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
        const OutcomeWindow* const window = windows_->Find(slot, key, time);
        return window != nullptr && level <= window->level;
      });
  for (const std::string& key : keys) {
    OutcomeWindow* window = windows_->Find(slot, key, time);
    if (is_held_back) {
      CountIn(window, time);
      continue;
    }
    if (window == nullptr) window = windows_->Open(slot, key, id(), time);
    window->level = std::max(window->level, level);
  }
  windows_->EndExcess([&](const OutcomeWindow& ended, bool is_early) {
    OnEnded(ended, is_early);
  });
  if (is_held_back) ++stats_->suppressed;
  return is_held_back;
}

bool Outcomes::OnFiring(const Firing& firing, std::string_view level) {
  MoveTo(firing.watermark());
  const uint32_t listed = first_listed_ + firing.correlation();
  const program::Outcome& outcome = *outcomes_[listed];
  const int64_t time = firing.at().time;
  bool is_held_back = IsOverLimit(listed, time);
  const uint32_t slot = is_held_back ? kNone : suppress_of_[listed];
  if (slot != kNone) {
    // Of several ties the first: equal findings have equal ones.
    const std::optional<std::string> key =
        outcome.suppress.has_own_keys
            ? OwnKey(outcome.suppress.keys, firing, outcome)
            : std::optional<std::string>(firing.group_keys()[0]);
    is_held_back =
        key && IsHeldBack(
                   slot, std::span(&*key, 1), [&] { return firing.id(); }, time,
                   LevelRank(level));
  }
  std::span<const std::string> keys = firing.group_keys();
  if (outcome.incident.has_own_keys) {
    own_keys_.assign(1, *OwnKey(outcome.incident.keys, firing, outcome));
    keys = own_keys_;
  }
  if (is_held_back) {
    // It keeps an incident open that it is of, but opens none.
    book_->Add({.rule = incident_of_[listed],
                .time = time,
                .first_event = firing.first_time().nanos(),
                .exact = firing.exact()},
               keys, false);
    return false;
  }
  CountOnLimit(listed, [&] { return firing.id(); }, time);
  data_ = {.rule = &firing.rule(),
           .time = firing.time(),
           .first_time = firing.first_time(),
           .level = level,
           .revised = firing.revised(),
           .exact = firing.exact()};
  Report(incident_of_[listed], firing, keys);
  if (!outcome.responses.empty()) {
    firing.Respond([this](const Response& response) { HandOut(response); });
  }
  for (size_t line = 0; gives_risks_ && line < outcome.risks.size(); ++line) {
    for (const IncidentKey& key : firing.keys()) {
      if (key.name != outcome.risks[line].field.name || key.missing) continue;
      GiveRisk(listed, line, FieldValue::String(key.value), firing.id(), time);
    }
  }
  return true;
}

bool Outcomes::GoesOut(uint32_t listed, const program::Outcome& outcome,
                       const Detection& detection, runtime::EventFields* fields,
                       DetectionTexts* texts) {
  const RuleInfo& rule = detection.rule();
  texts_of_.Open(detection.event(), detection.time());
  texts->level = texts_of_.Level(outcome, rule);
  if (detection.time_source() != TimeSource::kNone) {
    const int64_t time = detection.time().nanos();
    const auto id = [&] { return detection.id(); };
    if (IsOverLimit(listed, time)) return false;
    const uint32_t slot = suppress_of_[listed];
    const bool is_held_back =
        slot != kNone &&
        IsHeldBack(slot, SuppressKeys(outcome.suppress, fields), id, time,
                   LevelRank(texts->level));
    if (is_held_back) return false;
    CountOnLimit(listed, id, time);
  }
  texts->title = texts_of_.Title(outcome, rule);
  texts->risk_score = texts_of_.RiskScore(outcome, rule);
  texts->message = texts_of_.Message(outcome, rule);
  return true;
}

void Outcomes::OnReported(uint32_t listed, const program::Outcome& outcome,
                          const Detection& detection,
                          runtime::EventFields* fields) {
  Respond(outcome, detection.rule(), detection.id());
  // Without a time it is of no incident, and is no event that others read.
  if (detection.time_source() == TimeSource::kNone) return;
  for (size_t line = 0; gives_risks_ && line < outcome.risks.size(); ++line) {
    for (const FieldValue& value :
         fields->Find(outcome.risks[line].field.field)) {
      GiveRisk(listed, line, value, detection.id(), detection.time().nanos());
    }
  }
  if (!outcome.makes_incidents) return;
  const uint32_t incident = incident_of_[listed];
  own_keys_.assign(1, *OwnKey(outcome.incident.keys, fields));
  PlainDetails details;
  details.own_id = detection.id();
  details.own_message = detection.message();
  details.own_title = detection.title();
  details.own_risk_score = detection.risk_score();
  AppendClauseKeys(incidents_[incident], own_keys_[0], &details.own_keys);
  data_ = {.rule = &detection.rule(),
           .time = detection.time(),
           .first_time = detection.time(),
           .level = detection.level()};
  Report(incident, details, own_keys_);
}

void Outcomes::Respond(const program::Outcome& outcome, const RuleInfo& rule,
                       std::string_view detection_id) {
  if (outcome.responses.empty()) return;
  texts_of_.Respond(outcome, rule, detection_id,
                    [this](const Response& response) { HandOut(response); });
}

void Outcomes::HandOut(const Response& response) {
  ++stats_->responses;
  sink_->OnResponse(response);
}

void Outcomes::GiveRisk(uint32_t listed, size_t line, const FieldValue& value,
                        std::string_view id, int64_t time) {
  if (value.kind() == FieldKind::kNull || value.kind() == FieldKind::kObject) {
    return;
  }
  const program::RiskRule& risk = outcomes_[listed]->risks[line];
  writer_.Clear();
  writer_.Add(value);
  double score = risk.points;
  if (const uint32_t slot = risks_of_[listed][line]; slot != kNone) {
    OutcomeWindow* window = windows_->Find(slot, writer_.bytes(), time);
    if (window == nullptr) {
      window = windows_->Open(slot, writer_.bytes(), id, time);
    }
    score = std::min(score, risk.cap - window->points);
    if (score > 0) window->points += score;
    windows_->EndExcess([&](const OutcomeWindow& ended, bool is_early) {
      OnEnded(ended, is_early);
    });
  }
  if (score <= 0) return;
  texts_.clear();
  runtime::ReadKey(writer_.bytes(), &texts_);
  risks_.push_back(
      {.score = score, .entity = risk.field.name + ":" + texts_[0].text});
}

// The rest of `data_`, and to the sink.
void Outcomes::Report(uint32_t incident, const Incident::Details& details,
                      std::span<const std::string> keys) {
  const IncidentBook::Joined joined =
      book_->Add({.rule = incident,
                  .time = data_.time.nanos(),
                  .first_event = data_.first_time.nanos(),
                  .exact = data_.exact},
                 keys);
  if (joined.is_new) {
    joined.incident->id = details.id();
    ++stats_->incidents_opened;
  }
  data_.change =
      joined.is_new ? IncidentChange::kOpened : IncidentChange::kUpdated;
  data_.incident_id = joined.incident->id;
  data_.firings = joined.incident->firings;
  data_.incident_begin = Timestamp(joined.incident->first_event);
  data_.incident_end = Timestamp(joined.incident->last);
  stats_->incidents_open = static_cast<int64_t>(book_->size());
  sink_->OnIncident(Incident(data_, details));
  book_->CloseExcess([&](const OpenIncident& closed, bool is_early) {
    OnClosed(closed, is_early);
  });
}

// In the order of their ends, whatever steps the watermark moves in; of one end
// windows first.
void Outcomes::End(int64_t watermark) {
  while (windows_->IsDue(watermark) || book_->IsDue(watermark)) {
    const int64_t next = std::min(windows_->next_due(), book_->next_due());
    const int64_t until = std::min(runtime::AddTime(next, 1), watermark);
    windows_->End(until, [&](const OutcomeWindow& window, bool is_early) {
      OnEnded(window, is_early);
    });
    book_->Close(until, [&](const OpenIncident& incident, bool is_early) {
      OnClosed(incident, is_early);
    });
  }
}

void Outcomes::OnClosed(const OpenIncident& incident, bool is_early) {
  ++stats_->incidents_closed;
  if (is_early) ++stats_->incidents_closed_early;
  stats_->incidents_open = static_cast<int64_t>(book_->size());
  const Clause& clause = incidents_[incident.rule];
  PlainDetails details;
  details.own_id = base::Digest().Add("closed").Add(incident.id).Hex();
  for (const std::string& key : incident.keys) {
    AppendClauseKeys(clause, key, &details.own_keys);
  }
  const RuleInfo& rule = rules_.rules()[clause.listed];
  data_ = {.rule = &rule,
           .time = Timestamp(incident.last),
           .first_time = Timestamp(incident.first_event),
           .level = rule.level,
           .exact = incident.exact,
           .change = IncidentChange::kClosed,
           .incident_id = incident.id,
           .firings = incident.firings,
           .incident_begin = Timestamp(incident.first_event),
           .incident_end = Timestamp(incident.last),
           .closed_early = is_early};
  sink_->OnIncident(Incident(data_, details));
}

void Outcomes::OnEnded(const OutcomeWindow& window, bool is_early) {
  if (window.count == 0) return;
  const Clause& clause = slots_[window.slot];
  suppressed_ = {};
  suppressed_.rule = &rules_.rules()[clause.listed];
  // One detection opens a window for each of its groups, and one of the limit.
  suppressed_.id = base::Digest()
                       .Add(clause.most > 0 ? "over limit" : "suppressed")
                       .Add(window.id)
                       .Add(window.key)
                       .Hex();
  suppressed_.detection_id = window.id;
  suppressed_.count = window.count;
  suppressed_.first_time = Timestamp(window.first);
  suppressed_.last_time = Timestamp(window.last);
  suppressed_.ended_early = is_early;
  suppressed_.over_limit = clause.most > 0;
  AppendClauseKeys(clause, window.key, &suppressed_.keys);
  sink_->OnSuppressed(Suppressed(suppressed_));
}

// --- Snapshots ---------------------------------------------------------------

namespace {

// The counters that snapshots have, in their order.
std::array<int64_t*, 6> Counters(EngineStats* stats) {
  return {&stats->incidents_opened,
          &stats->incidents_closed,
          &stats->incidents_closed_early,
          &stats->suppressed,
          &stats->responses,
          &stats->over_limit};
}

std::string NameOf(std::string_view id, std::string_view hash,
                   std::string_view word) {
  return base::Digest().Add(id).Add(hash).Add(word).Bytes();
}

}  // namespace

// A host's key as that of each clause.
Outcomes::Keys Outcomes::KeysOf(const std::vector<Clause>& clauses,
                                std::span<const IncidentKey> key) {
  Keys keys(clauses.size());
  runtime::KeyWriter writer;
  for (size_t i = 0; i < clauses.size(); ++i) {
    const std::vector<std::string>& fields = clauses[i].fields;
    writer.Clear();
    if (clauses[i].is_tied) {
      if (key.size() != 1 || key[0].missing) continue;
      const auto found = std::find(fields.begin(), fields.end(), key[0].name);
      if (found == fields.end()) continue;
      writer.Add(FieldValue::Int(found - fields.begin()));
      writer.Add(FieldValue::String(key[0].value));
      keys[i] = std::string(writer.bytes());
      continue;
    }
    bool has_all = key.size() == fields.size();
    for (size_t part = 0; has_all && part < fields.size(); ++part) {
      const auto found = std::find_if(
          key.begin(), key.end(),
          [&](const IncidentKey& given) { return given.name == fields[part]; });
      has_all = found != key.end();
      if (has_all) AddText({found->value, found->missing}, &writer);
    }
    if (has_all) keys[i] = std::string(writer.bytes());
  }
  return keys;
}

// What each clause is called in the snapshot.
std::vector<uint32_t> Outcomes::SaveClauses(const std::vector<Clause>& clauses,
                                            const Keys* keys,
                                            state::SnapshotWriter* out) const {
  std::vector<uint32_t> numbers(clauses.size(), kNone);
  uint64_t count = 0;
  const size_t count_at = out->Reserve64();
  for (size_t i = 0; i < clauses.size(); ++i) {
    if (keys != nullptr && !(*keys)[i].has_value()) continue;
    numbers[i] = static_cast<uint32_t>(count++);
    const RuleInfo& info = rules_.rules()[clauses[i].listed];
    out->PutText(info.id);
    out->PutText(info.content_hash);
    out->PutText(clauses[i].word);
    out->Put64(clauses[i].fields.size());
    for (const std::string& field : clauses[i].fields) out->PutText(field);
  }
  out->Set64(count_at, count);
  return numbers;
}

// Which clause each of the snapshot is, or kNone.
std::vector<uint32_t> Outcomes::LoadClauses(const std::vector<Clause>& clauses,
                                            state::SnapshotReader* in) const {
  // The same rule may be there twice: the last first.
  base::StringMap<std::vector<uint32_t>> unmatched;
  for (size_t i = clauses.size(); i-- > 0;) {
    const RuleInfo& info = rules_.rules()[clauses[i].listed];
    unmatched[NameOf(info.id, info.content_hash, clauses[i].word)].push_back(
        static_cast<uint32_t>(i));
  }
  std::vector<uint32_t> matched;
  for (uint64_t left = in->GetCount(4 + 4 + 4 + 8); left > 0; --left) {
    const std::string_view id = in->GetText();
    const std::string_view hash = in->GetText();
    const std::string_view word = in->GetText();
    std::vector<std::string> fields;
    for (uint64_t i = in->GetCount(4); i > 0; --i) {
      fields.emplace_back(in->GetText());
    }
    uint32_t clause = kNone;
    const auto found = unmatched.find(NameOf(id, hash, word));
    if (found != unmatched.end() && !found->second.empty()) {
      clause = found->second.back();
      found->second.pop_back();
      // Goes by something else now: it begins anew.
      if (clauses[clause].fields != fields) clause = kNone;
    }
    matched.push_back(clause);
  }
  return matched;
}

void Outcomes::Save(const std::vector<IncidentKey>* key,
                    state::SnapshotWriter* out) const {
  Keys incident_keys;
  Keys window_keys;
  if (key != nullptr) {
    incident_keys = KeysOf(incidents_, *key);
    window_keys = KeysOf(slots_, *key);
  }
  out->BeginSection(state::kOutcomeSection);
  EngineStats counted = *stats_;
  for (const int64_t* counter : Counters(&counted)) {
    out->PutInt(key == nullptr ? *counter : 0);
  }
  const Keys* of = key != nullptr ? &incident_keys : nullptr;
  book_->Save(SaveClauses(incidents_, of, out), of, out);
  of = key != nullptr ? &window_keys : nullptr;
  windows_->Save(SaveClauses(slots_, of, out), of, out);
  out->EndSection();
}

absl::Status Outcomes::ReadSection(std::string_view body,
                                   const Keys* incident_keys,
                                   const Keys* window_keys,
                                   Loaded* loaded) const {
  state::SnapshotReader in(body);
  for (int64_t* counter : Counters(&loaded->stats)) *counter = in.GetCounter();
  loaded->book->Load(LoadClauses(incidents_, &in), incident_keys, &in);
  loaded->windows->Load(LoadClauses(slots_, &in), window_keys, &in);
  return state::FinishReading(in);
}

absl::StatusOr<Outcomes::Loaded> Outcomes::Load(std::string_view body) const {
  Loaded loaded{.book = MakeBook(), .windows = MakeWindows()};
  if (!body.empty()) {
    const absl::Status status = ReadSection(body, nullptr, nullptr, &loaded);
    if (!status.ok()) return status;
  }
  return loaded;
}

void Outcomes::Forget() {
  book_ = MakeBook();
  // What was given of a risk is in the sums of rules that read risks, and they
  // are kept.
  windows_->Drop([this](uint32_t slot) { return !slots_[slot].is_of_risk; });
  stats_->incidents_open = 0;
}

void Outcomes::TakeOver(Loaded loaded) {
  book_ = std::move(loaded.book);
  windows_ = std::move(loaded.windows);
  const auto from = Counters(&loaded.stats);
  const auto to = Counters(stats_);
  for (size_t i = 0; i < to.size(); ++i) *to[i] = *from[i];
  stats_->incidents_open = static_cast<int64_t>(book_->size());
}

absl::Status Outcomes::LoadKey(const std::vector<IncidentKey>& key,
                               std::string_view body) {
  DropKey(key);
  if (body.empty()) return absl::OkStatus();
  const Keys incident_keys = KeysOf(incidents_, key);
  const Keys window_keys = KeysOf(slots_, key);
  Loaded into{.book = std::move(book_), .windows = std::move(windows_)};
  const absl::Status status =
      ReadSection(body, &incident_keys, &window_keys, &into);
  book_ = std::move(into.book);
  windows_ = std::move(into.windows);
  if (!status.ok()) DropKey(key);
  stats_->incidents_open = static_cast<int64_t>(book_->size());
  return status;
}

void Outcomes::DropKey(std::span<const IncidentKey> key) {
  book_->Drop(KeysOf(incidents_, key));
  windows_->Drop(KeysOf(slots_, key));
  stats_->incidents_open = static_cast<int64_t>(book_->size());
}

}  // namespace tocsin::engine
