#include "src/engine/correlation_state.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/base/string_map.h"
#include "src/runtime/correlate/key_writer.h"

namespace tocsin::engine {
namespace {

using runtime::Correlator;

// Of what a hostile snapshot may say that there were.
constexpr uint64_t kMostEvents = uint64_t{1} << 47;

// Nobody outside can know it, so nobody can choose keys that collide. Nothing
// that comes out depends on it.
base::HashSeed SeedFrom(std::string_view secret) {
  [[maybe_unused]] const int status = sodium_init();
  base::HashSeed seed;
  if (secret.empty()) {
    randombytes_buf(&seed, sizeof(seed));
  } else {
    const std::string bytes = base::Digest().Add("seed").Add(secret).Bytes();
    static_assert(sizeof(seed) == 16);
    std::memcpy(&seed, bytes.data(), sizeof(seed));
  }
  return seed;
}

runtime::CorrelatorOptions OptionsFor(const EngineOptions& options,
                                      runtime::FindingReader* findings) {
  const auto nanos = [](absl::Duration duration) {
    return std::max<int64_t>(absl::ToInt64Nanoseconds(duration), 0);
  };
  return {.budget = static_cast<size_t>(
              std::max<int64_t>(options.state_budget_bytes, 1 << 20)),
          .lateness = nanos(options.lateness),
          .max_future_skew = nanos(options.max_future_skew),
          .seed = SeedFrom(options.state_secret),
          .findings = findings};
}

// Hashes of values mean something under their seed only.
bool HoldsHashes(const program::Correlation& rule) {
  return std::any_of(rule.columns.begin(), rule.columns.end(),
                     [](const auto& column) {
                       return column.kind == program::Column::kTuple;
                     });
}

absl::Status WrongSections() {
  return state::SnapshotError("has other sections than it should");
}

// The bytes of `key` as the group key of a rule; none if it has other fields.
std::optional<std::string> KeyOf(const program::Correlation& rule,
                                 std::span<const IncidentKey> key) {
  runtime::KeyWriter writer;
  if (rule.any_of) {
    if (key.size() != 1 || key[0].missing) return std::nullopt;
    for (size_t i = 0; i < rule.keys.size(); ++i) {
      if (rule.keys[i].name != key[0].name) continue;
      writer.Add(FieldValue::Int(static_cast<int64_t>(i)));
      writer.Add(FieldValue::String(key[0].value));
      return std::string(writer.bytes());
    }
    return std::nullopt;
  }
  if (key.size() != rule.keys.size()) return std::nullopt;
  for (const program::CorrelationKey& part : rule.keys) {
    const auto found = std::find_if(
        key.begin(), key.end(),
        [&](const IncidentKey& given) { return given.name == part.name; });
    if (found == key.end()) return std::nullopt;
    if (!found->missing) {
      writer.Add(FieldValue::String(found->value));
    } else if (part.missing_is_value) {
      writer.AddMissing();
    } else {
      return std::nullopt;
    }
  }
  return std::string(writer.bytes());
}

}  // namespace

// A correlation of a snapshot: what stands before its state, and a reader that
// stands there.
struct CorrelationState::SavedRule {
  std::string_view id;
  std::string_view content_hash;
  uint32_t layout = 0;
  int64_t incidents = 0;
  state::SnapshotReader state;
};

struct CorrelationState::Origin {
  base::HashSeed seed;
  uint64_t events_fed = 0;
};

CorrelationState::CorrelationState(const RuleSet& rules, uint32_t first_listed,
                                   const EngineOptions& options,
                                   runtime::FiredHandler* handler,
                                   runtime::FindingReader* findings,
                                   runtime::EventLog* log,
                                   runtime::EventLog* indicator_log,
                                   std::vector<int64_t>* by_rule)
    : rules_(rules),
      first_listed_(first_listed),
      handler_(handler),
      by_rule_(by_rule),
      options_(OptionsFor(options, findings)) {
  if (log->is_on()) options_.log = log;
  if (indicator_log->is_on()) options_.indicator_log = indicator_log;
  if (log->is_on() || indicator_log->is_on()) {
    // The same wherever a rule stands.
    for (size_t i = 0; i < correlations().size(); ++i) {
      const std::string bytes = base::Digest()
                                    .Add(infos()[i].id)
                                    .Add(infos()[i].content_hash)
                                    .Bytes();
      uint64_t word = 0;
      std::memcpy(&word, bytes.data(), sizeof(word));
      options_.log_words.push_back(word);
    }
  }
  correlator_ = MakeCorrelator(options_);
}

std::unique_ptr<Correlator> CorrelationState::MakeCorrelator(
    const runtime::CorrelatorOptions& options) const {
  return std::make_unique<Correlator>(
      correlations(), rules_.program().rules.size(), handler_, options);
}

void CorrelationState::SaveOrigin(state::SnapshotWriter* out) const {
  out->PutInt(options_.lateness);
  out->Put64(options_.seed.a);
  out->Put64(options_.seed.b);
  out->Put64(events_fed_);
}

absl::Status CorrelationState::LoadOrigin(state::SnapshotReader* in,
                                          Origin* origin) const {
  const int64_t lateness = in->GetInt();
  origin->seed.a = in->Get64();
  origin->seed.b = in->Get64();
  origin->events_fed = in->Get64();
  if (origin->events_fed > kMostEvents) in->Fail("has a number out of range");
  if (!in->ok()) return state::SnapshotError(in->error());
  if (lateness != options_.lateness) {
    const auto text = [](int64_t nanos) {
      return absl::FormatDuration(absl::Nanoseconds(nanos));
    };
    return absl::FailedPreconditionError(absl::StrCat(
        "the snapshot was taken with a lateness of ", text(lateness),
        ", and that of this engine is ", text(options_.lateness)));
  }
  return absl::OkStatus();
}

void CorrelationState::SaveRuleHead(uint32_t rule, int64_t incidents,
                                    state::SnapshotWriter* out) const {
  out->PutText(infos()[rule].id);
  out->PutText(infos()[rule].content_hash);
  out->Put32(Correlator::StateLayout(correlations()[rule]));
  out->PutInt(incidents);
}

// `sections`: the first and the last are others.
absl::Status CorrelationState::OpenRules(
    std::span<const state::SnapshotReader::Section> sections,
    std::vector<SavedRule>* saved) {
  if (sections.size() < 2 || sections.back().kind != state::kWaitingSection) {
    return WrongSections();
  }
  for (const auto& section : sections.subspan(1, sections.size() - 2)) {
    if (section.kind != state::kRuleSection) return WrongSections();
    SavedRule& rule = saved->emplace_back(
        SavedRule{.state = state::SnapshotReader(section.body)});
    rule.id = rule.state.GetText();
    rule.content_hash = rule.state.GetText();
    rule.layout = rule.state.Get32();
    rule.incidents = rule.state.GetCounter();
    if (!rule.state.ok()) return state::SnapshotError(rule.state.error());
  }
  return absl::OkStatus();
}

// Which rule each of `saved` is, or kNoRule.
std::vector<uint32_t> CorrelationState::MatchRules(
    const std::vector<SavedRule>& saved, LoadReport* report) const {
  const auto all = correlations();
  // By id, the last first; the same rule may be there twice.
  base::StringMap<std::vector<uint32_t>> unmatched;
  for (size_t i = all.size(); i-- > 0;) {
    unmatched[infos()[i].id].push_back(static_cast<uint32_t>(i));
  }
  std::vector<uint32_t> matched(saved.size(), Correlator::kNoRule);
  for (size_t i = 0; i < saved.size(); ++i) {
    const auto found = unmatched.find(saved[i].id);
    if (found == unmatched.end()) continue;
    std::vector<uint32_t>& rest = found->second;
    const auto same =
        std::find_if(rest.rbegin(), rest.rend(), [&](uint32_t rule) {
          return infos()[rule].content_hash == saved[i].content_hash &&
                 Correlator::StateLayout(all[rule]) == saved[i].layout;
        });
    if (same == rest.rend()) continue;
    matched[i] = *same;
    rest.erase(std::next(same).base());
    report->kept.emplace_back(saved[i].id);
  }
  for (size_t i = 0; i < saved.size(); ++i) {
    if (matched[i] != Correlator::kNoRule) continue;
    const auto found = unmatched.find(saved[i].id);
    if (found == unmatched.end() || found->second.empty()) {
      report->dropped.emplace_back(saved[i].id);
    } else {
      found->second.pop_back();
      report->changed.emplace_back(saved[i].id);
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<uint32_t>& rest = unmatched[infos()[i].id];
    if (rest.empty()) continue;
    rest.pop_back();
    report->added.push_back(infos()[i].id);
  }
  return matched;
}

void CorrelationState::Save(state::SnapshotWriter* out) const {
  out->BeginSection(state::kClockSection);
  SaveOrigin(out);
  correlator_->SaveClock(out);
  out->EndSection();
  for (uint32_t i = 0; i < correlations().size(); ++i) {
    out->BeginSection(state::kRuleSection);
    SaveRuleHead(i, (*by_rule_)[first_listed_ + i], out);
    correlator_->SaveRule(i, out);
    out->EndSection();
  }
  out->BeginSection(state::kWaitingSection);
  correlator_->SaveWaiting(nullptr, out);
  out->EndSection();
}

absl::Status CorrelationState::Load(
    std::span<const state::SnapshotReader::Section> sections,
    LoadReport* report) {
  std::vector<SavedRule> saved;
  Origin origin{.seed = options_.seed};
  runtime::CorrelatorOptions options = options_;
  // Into a correlator of its own, so that an error leaves the other one.
  std::unique_ptr<Correlator> loaded;
  absl::Status status;
  // An engine without correlations has written none of the sections.
  if (sections.empty()) {
    MatchRules(saved, report);
    loaded = MakeCorrelator(options);
  } else {
    status = OpenRules(sections, &saved);
    if (!status.ok()) return status;
    if (sections.front().kind != state::kClockSection) return WrongSections();
    state::SnapshotReader clock(sections.front().body);
    status = LoadOrigin(&clock, &origin);
    if (!status.ok()) return status;
    options.seed = origin.seed;
    loaded = MakeCorrelator(options);
    loaded->LoadClock(&clock);
    status = state::FinishReading(clock);
    const std::vector<uint32_t> matched = MatchRules(saved, report);
    std::vector<int64_t> incidents(correlations().size(), 0);
    for (size_t i = 0; status.ok() && i < saved.size(); ++i) {
      if (matched[i] == Correlator::kNoRule) continue;
      loaded->LoadRule(matched[i], &saved[i].state);
      status = state::FinishReading(saved[i].state);
      incidents[matched[i]] = saved[i].incidents;
    }
    if (!status.ok()) return status;
    state::SnapshotReader waiting(sections.back().body);
    loaded->LoadWaiting(matched, nullptr, &waiting);
    status = state::FinishReading(waiting);
    if (!status.ok()) return status;
    std::copy(incidents.begin(), incidents.end(),
              by_rule_->begin() + first_listed_);
  }
  options_ = options;
  events_fed_ = origin.events_fed;
  correlator_ = std::move(loaded);
  return absl::OkStatus();
}

// By rule; none where the rule has other fields.
Correlator::Keys CorrelationState::KeysOf(
    std::span<const IncidentKey> key) const {
  Correlator::Keys keys;
  for (const program::Correlation& rule : correlations()) {
    keys.push_back(KeyOf(rule, key));
  }
  return keys;
}

void CorrelationState::SaveKey(std::span<const IncidentKey> key,
                               state::SnapshotWriter* out) const {
  out->BeginSection(state::kKeySection);
  out->Put64(key.size());
  for (const IncidentKey& part : key) {
    out->PutText(part.name);
    out->PutText(part.value);
    out->PutBool(part.missing);
  }
  SaveOrigin(out);
  out->EndSection();
  const Correlator::Keys keys = KeysOf(key);
  for (uint32_t i = 0; i < keys.size(); ++i) {
    if (!keys[i].has_value()) continue;
    out->BeginSection(state::kRuleSection);
    SaveRuleHead(i, 0, out);
    correlator_->SaveKey(i, *keys[i], out);
    out->EndSection();
  }
  out->BeginSection(state::kWaitingSection);
  correlator_->SaveWaiting(&keys, out);
  out->EndSection();
}

absl::Status CorrelationState::LoadKey(
    std::span<const state::SnapshotReader::Section> sections,
    std::vector<IncidentKey>* key, LoadReport* report) {
  std::vector<SavedRule> saved;
  if (absl::Status status = OpenRules(sections, &saved); !status.ok()) {
    return status;
  }
  if (sections.front().kind != state::kKeySection) return WrongSections();
  state::SnapshotReader head(sections.front().body);
  for (uint64_t left = head.GetCount(4 + 4 + 1); left > 0; --left) {
    IncidentKey& part = key->emplace_back();
    part.name = head.GetText();
    part.value = head.GetText();
    part.missing = head.GetBool();
  }
  Origin origin;
  absl::Status status = LoadOrigin(&head, &origin);
  if (status.ok()) status = state::FinishReading(head);
  if (!status.ok()) return status;
  const std::vector<uint32_t> matched = MatchRules(saved, report);
  report->added.clear();
  const Correlator::Keys keys = KeysOf(*key);
  for (const uint32_t rule : matched) {
    if (rule == Correlator::kNoRule) continue;
    if (!keys[rule].has_value()) return state::SnapshotError("mixes keys");
    if (origin.seed != options_.seed && HoldsHashes(correlations()[rule])) {
      return absl::FailedPreconditionError(
          "the snapshot was taken under another secret; engines that hand keys "
          "to each other need the same EngineOptions::state_secret");
    }
  }
  correlator_->DropKey(keys);
  for (size_t i = 0; status.ok() && i < saved.size(); ++i) {
    if (matched[i] == Correlator::kNoRule) continue;
    correlator_->LoadKey(matched[i], *keys[matched[i]], &saved[i].state);
    status = state::FinishReading(saved[i].state);
  }
  if (status.ok()) {
    state::SnapshotReader waiting(sections.back().body);
    correlator_->LoadWaiting(matched, &keys, &waiting);
    status = state::FinishReading(waiting);
  }
  if (!status.ok()) {
    correlator_->DropKey(keys);
    return status;
  }
  // Its events stand in the log of the other engine.
  for (uint32_t rule = 0; options_.log != nullptr && rule < keys.size();
       ++rule) {
    if (!keys[rule].has_value()) continue;
    options_.log->Cut(correlator_->LogGroup(rule, *keys[rule]));
  }
  // New events come behind those of the key.
  events_fed_ = std::max(events_fed_, origin.events_fed);
  return absl::OkStatus();
}

void CorrelationState::DropKey(std::span<const IncidentKey> key) {
  correlator_->DropKey(KeysOf(key));
}

}  // namespace tocsin::engine
