#include "src/engine/correlations.h"

#include <sodium.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/digest.h"
#include "src/base/string_map.h"
#include "src/program/program.h"
#include "src/runtime/correlate/correlator.h"
#include "src/runtime/correlate/key_writer.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/expression/evaluator.h"

namespace tocsin::engine {
namespace {

// The fields of an event, each looked up once, and not before one is asked for.
class EventViewFields final : public runtime::EventFields,
                              public runtime::ExpressionFields {
 public:
  explicit EventViewFields(const program::Program& program)
      : names_(program.correlation_fields),
        values_(names_.size()),
        computed_(names_.size(), nullptr),
        results_(names_.size()),
        found_in_(names_.size(), 0) {
    for (const auto& computed : program.computed_fields) {
      computed_[computed.field] = &computed.expression;
    }
  }

  void Begin(const Event& event, const logsource::EventKind* kind,
             Timestamp time) {
    event_ = &event;
    time_ = time;
    kind_ = kind;
    is_loaded_ = false;
    ++number_;
  }

  std::span<const FieldValue> Find(uint32_t field) override {
    std::vector<FieldValue>& values = values_[field];
    if (found_in_[field] == number_) return values;
    found_in_[field] = number_;
    values.clear();
    if (computed_[field] != nullptr) {
      Compute(field);
      return values;
    }
    if (!is_loaded_) view_.Load(*event_);
    is_loaded_ = true;
    if (view_.Find(names_[field], &values) || kind_ == nullptr) return values;
    for (const FieldRename& rename : kind_->renames) {
      if (rename.rule_field == names_[field] &&
          view_.Find(rename.event_field, &values)) {
        break;
      }
    }
    return values;
  }

  // ExpressionFields, for fields that are worked out.
  bool Find(uint32_t field, std::vector<base::Value>* values) override {
    for (const FieldValue& value : Find(field)) {
      values->push_back(base::Value::Of(value));
    }
    return !values->empty();
  }
  bool FindWhole(uint32_t field, std::vector<base::Value>* values) override {
    Find(field);
    if (!is_loaded_) view_.Load(*event_);
    is_loaded_ = true;
    return view_.FindWhole(names_[field], values);
  }
  std::optional<int64_t> EventTime() override { return time_.nanos(); }

 private:
  // What is no scalar is no value of a field. Others are seen as texts, which
  // numbers are equal to.
  void Compute(uint32_t field) {
    base::Value result = evaluator_.Evaluate(*computed_[field], this);
    std::vector<std::string>& texts = results_[field];
    texts.clear();
    const auto add = [&](const base::Value& value) {
      std::optional<std::string> text = base::TextOf(value);
      if (text) texts.push_back(*std::move(text));
    };
    if (result.is_array()) {
      for (const base::Value& item : result.items) add(item);
    } else {
      add(result);
    }
    for (const std::string& text : texts) {
      values_[field].push_back(FieldValue::String(text));
    }
  }

  std::span<const std::string> names_;
  std::vector<std::vector<FieldValue>> values_;
  std::vector<const program::Expression*> computed_;  // Null: the event's own.
  std::vector<std::vector<std::string>> results_;     // What values_ views.
  runtime::Evaluator evaluator_;
  Timestamp time_;
  std::vector<uint64_t> found_in_;  // Number of the event.
  uint64_t number_ = 0;
  const Event* event_ = nullptr;
  const logsource::EventKind* kind_ = nullptr;
  bool is_loaded_ = false;
  runtime::EventView view_;
};

// Nobody outside can know it, so nobody can choose keys that collide. Nothing
// that comes out depends on it.
base::HashSeed RandomSeed() {
  [[maybe_unused]] const int status = sodium_init();
  base::HashSeed seed;
  randombytes_buf(&seed, sizeof(seed));
  return seed;
}

runtime::CorrelatorOptions OptionsFor(const program::Program& program,
                                      const EngineOptions& options,
                                      const base::HashSeed& seed) {
  const auto nanos = [](absl::Duration duration) {
    return std::max<int64_t>(absl::ToInt64Nanoseconds(duration), 0);
  };
  return {.budget = static_cast<size_t>(
              std::max<int64_t>(options.state_budget_bytes, 1 << 20)),
          .lateness = nanos(options.lateness),
          .max_future_skew = nanos(options.max_future_skew),
          .seed = seed,
          .fields = program.correlation_fields};
}

// A correlation of a snapshot: what stands before its state, and a reader that
// stands there.
struct SavedRule {
  std::string_view id;
  std::string_view content_hash;
  uint32_t layout = 0;
  int64_t incidents = 0;
  state::SnapshotReader state;
};

SavedRule OpenRule(std::string_view body) {
  SavedRule saved{.state = state::SnapshotReader(body)};
  saved.id = saved.state.GetText();
  saved.content_hash = saved.state.GetText();
  saved.layout = saved.state.Get32();
  saved.incidents = saved.state.GetCounter();
  return saved;
}

}  // namespace

struct Correlations::Impl final : public runtime::FiredHandler {
  Impl(const RuleSet& rule_set, uint32_t first,
       const EngineOptions& engine_options, Sink* sink_in,
       EngineStats* stats_in, std::vector<int64_t>* by_rule_in)
      : rules(rule_set),
        first_listed(first),
        sink(sink_in),
        stats(stats_in),
        by_rule(by_rule_in),
        fields(rules.program()),
        options(OptionsFor(rules.program(), engine_options, RandomSeed())),
        correlator(MakeCorrelator()) {}

  std::unique_ptr<runtime::Correlator> MakeCorrelator() {
    return std::make_unique<runtime::Correlator>(rules.program().correlations,
                                                 rules.program().rules.size(),
                                                 this, options);
  }

  // Of a rule that relates by any of several fields, what fires for one event
  // through several ties is one incident.
  void OnFired(const runtime::Fired& fired) override {
    const program::Correlation& rule = rules.program().correlations[fired.rule];
    if (!rule.reports) return;
    if (has_tied && (fired.rule != tied_rule || fired.at != tied_at)) Flush();
    if (!has_tied) {
      Begin(rule, fired);
    } else {
      incident.revised |= fired.revised;
      incident.exact &= fired.exact;
      incident.first_time =
          std::min(incident.first_time, Timestamp(fired.first));
    }
    AddKeys(rule, fired.key);
    if (!rule.any_of) Flush();
  }

  void Begin(const program::Correlation& rule, const runtime::Fired& fired) {
    has_tied = true;
    tied_rule = fired.rule;
    tied_at = fired.at;
    ordinal = fired.ordinal;
    key_bytes.clear();
    incident.rule = &rules.rules()[first_listed + fired.rule];
    incident.time = Timestamp(fired.at.time);
    incident.first_time = Timestamp(fired.first);
    incident.revised = fired.revised;
    incident.exact = fired.exact;
    incident.keys.clear();
    incident.values.clear();
    for (size_t i = 0; i < fired.value_count; ++i) {
      if (i >= rule.value_names.size() || rule.value_names[i].empty()) continue;
      incident.values.push_back({rule.value_names[i], fired.values[i]});
    }
  }

  void AddKeys(const program::Correlation& rule, std::string_view key) {
    key_bytes.emplace_back(key);
    runtime::ReadKey(key, &components);
    size_t part = 0;
    size_t first = 0;
    if (rule.any_of && !components.empty()) {  // The number of the part.
      first = 1;
      for (const char c : components[0].text) {
        part = part * 10 + static_cast<size_t>(c - '0');
      }
    }
    for (size_t i = first; i < components.size(); ++i, ++part) {
      if (part >= rule.keys.size()) return;
      incident.keys.push_back({.name = rule.keys[part].name,
                               .value = components[i].text,
                               .missing = components[i].is_missing});
    }
  }

  void Flush() {
    if (!has_tied) return;
    has_tied = false;
    base::Digest digest;
    digest.Add(incident.rule->content_hash).Add(incident.rule->id);
    std::sort(key_bytes.begin(), key_bytes.end());
    for (const std::string& key : key_bytes) digest.Add(key);
    incident.id = digest.AddInt(incident.time.nanos()).AddInt(ordinal).Hex();
    ++stats->incidents;
    ++(*by_rule)[first_listed + tied_rule];
    sink->OnIncident(Incident(incident));
  }

  // --- Snapshots.

  // Which rule each of `saved` is, or none, and the report of it.
  std::vector<uint32_t> MatchRules(const std::vector<SavedRule>& saved,
                                   LoadReport* report) const {
    const std::vector<program::Correlation>& all = rules.program().correlations;
    const auto infos = rules.rules().subspan(first_listed);
    // By id; the same rule may be there twice.
    base::StringMap<std::vector<uint32_t>> unmatched;
    for (size_t i = all.size(); i-- > 0;) {
      unmatched[infos[i].id].push_back(static_cast<uint32_t>(i));
    }
    std::vector<uint32_t> matched(saved.size(), runtime::Correlator::kNoRule);
    for (size_t i = 0; i < saved.size(); ++i) {
      const auto found = unmatched.find(saved[i].id);
      if (found == unmatched.end()) continue;
      std::vector<uint32_t>& rest = found->second;
      const auto same =
          std::find_if(rest.rbegin(), rest.rend(), [&](uint32_t rule) {
            return infos[rule].content_hash == saved[i].content_hash &&
                   runtime::Correlator::StateLayout(all[rule]) ==
                       saved[i].layout;
          });
      if (same == rest.rend()) continue;
      matched[i] = *same;
      rest.erase(std::next(same).base());
      report->kept.emplace_back(saved[i].id);
    }
    for (size_t i = 0; i < saved.size(); ++i) {
      if (matched[i] != runtime::Correlator::kNoRule) continue;
      const auto found = unmatched.find(saved[i].id);
      if (found == unmatched.end() || found->second.empty()) {
        report->dropped.emplace_back(saved[i].id);
      } else {
        found->second.pop_back();
        report->changed.emplace_back(saved[i].id);
      }
    }
    for (size_t i = 0; i < all.size(); ++i) {
      std::vector<uint32_t>& rest = unmatched[infos[i].id];
      if (rest.empty()) continue;
      rest.pop_back();
      report->added.push_back(infos[i].id);
    }
    return matched;
  }

  void SaveClock(state::SnapshotWriter* out) const {
    out->BeginSection(state::kClockSection);
    out->PutInt(options.lateness);
    out->Put64(options.seed.a);
    out->Put64(options.seed.b);
    correlator->SaveClock(out);
    out->EndSection();
  }

  absl::Status LoadClock(std::string_view body,
                         runtime::CorrelatorOptions* loaded,
                         std::unique_ptr<runtime::Correlator>* made) {
    state::SnapshotReader in(body);
    const int64_t lateness = in.GetInt();
    loaded->seed.a = in.Get64();
    loaded->seed.b = in.Get64();
    if (in.ok() && lateness != options.lateness) {
      const auto text = [](int64_t nanos) {
        return absl::FormatDuration(absl::Nanoseconds(nanos));
      };
      return absl::FailedPreconditionError(absl::StrCat(
          "the snapshot was taken with a lateness of ", text(lateness),
          ", and that of this engine is ", text(options.lateness)));
    }
    *made = std::make_unique<runtime::Correlator>(rules.program().correlations,
                                                  rules.program().rules.size(),
                                                  this, *loaded);
    (*made)->LoadClock(&in);
    return state::FinishReading(in);
  }

  const RuleSet& rules;
  const uint32_t first_listed;
  Sink* sink;
  EngineStats* stats;
  std::vector<int64_t>* by_rule;
  EventViewFields fields;
  runtime::CorrelatorOptions options;
  std::unique_ptr<runtime::Correlator> correlator;

  // The incident that is being made.
  bool has_tied = false;
  uint32_t tied_rule = 0;
  runtime::Moment tied_at;
  uint32_t ordinal = 0;
  std::vector<std::string> key_bytes;
  std::vector<runtime::KeyText> components;
  Incident::Data incident;
};

Correlations::Correlations(const RuleSet& rules, uint32_t first_listed,
                           const EngineOptions& options, Sink* sink,
                           EngineStats* stats, std::vector<int64_t>* by_rule)
    : impl_(std::make_unique<Impl>(rules, first_listed, options, sink, stats,
                                   by_rule)) {}
Correlations::~Correlations() = default;

void Correlations::Feed(const Event& event, const logsource::EventKind* kind,
                        Timestamp time, std::span<const uint32_t> rules) {
  Impl& impl = *impl_;
  impl.fields.Begin(event, kind, time);
  // Events of one time keep the order in which they came.
  const auto ref = static_cast<uint64_t>(impl.stats->events);
  impl.correlator->Feed({.time = time.nanos(), .ref = ref}, impl.fields, rules);
  impl.Flush();
  impl.stats->late = impl.correlator->counters().late;
  impl.stats->future = impl.correlator->counters().future;
}

void Correlations::AdvanceTo(Timestamp watermark) {
  impl_->correlator->AdvanceTo(watermark.nanos());
  impl_->Flush();
}

std::vector<CorrelationStats> Correlations::stats() const {
  std::vector<CorrelationStats> all;
  const size_t count = impl_->rules.program().correlations.size();
  for (uint32_t i = 0; i < count; ++i) {
    const runtime::RuleCounters& counters = impl_->correlator->counters(i);
    all.push_back(
        {.events = counters.events,
         .incidents = (*impl_->by_rule)[impl_->first_listed + i],
         .late = counters.late,
         .future = counters.future,
         .without_key = counters.without_key,
         .keys_cut = counters.keys_cut,
         .shed = counters.shed,
         .refused = counters.refused,
         .groups = static_cast<int64_t>(impl_->correlator->group_count(i))});
  }
  return all;
}

void Correlations::Save(state::SnapshotWriter* out) const {
  const Impl& impl = *impl_;
  impl.SaveClock(out);
  const std::vector<program::Correlation>& all =
      impl.rules.program().correlations;
  for (uint32_t i = 0; i < all.size(); ++i) {
    const RuleInfo& info = impl.rules.rules()[impl.first_listed + i];
    out->BeginSection(state::kRuleSection);
    out->PutText(info.id);
    out->PutText(info.content_hash);
    out->Put32(runtime::Correlator::StateLayout(all[i]));
    out->PutInt((*impl.by_rule)[impl.first_listed + i]);
    impl.correlator->SaveRule(i, out);
    out->EndSection();
  }
  out->BeginSection(state::kWaitingSection);
  impl.correlator->SaveWaiting(out);
  out->EndSection();
}

absl::Status Correlations::Load(
    std::span<const state::SnapshotReader::Section> sections,
    LoadReport* report) {
  Impl& impl = *impl_;
  // An engine without correlations has written none of the sections.
  const bool has_any = !sections.empty();
  if (has_any &&
      (sections.size() < 2 || sections.front().kind != state::kClockSection ||
       sections.back().kind != state::kWaitingSection)) {
    return state::SnapshotError("has other sections than it should");
  }
  std::vector<SavedRule> saved;
  if (has_any) {
    for (const auto& section : sections.subspan(1, sections.size() - 2)) {
      if (section.kind != state::kRuleSection) {
        return state::SnapshotError("has other sections than it should");
      }
      saved.push_back(OpenRule(section.body));
      if (!saved.back().state.ok()) {
        return state::FinishReading(saved.back().state);
      }
    }
  }
  const std::vector<uint32_t> matched = impl.MatchRules(saved, report);

  runtime::CorrelatorOptions options = impl.options;
  std::unique_ptr<runtime::Correlator> correlator;
  if (has_any) {
    // Into a correlator of its own, so that an error leaves this one.
    absl::Status status =
        impl.LoadClock(sections.front().body, &options, &correlator);
    for (size_t i = 0; status.ok() && i < saved.size(); ++i) {
      if (matched[i] == runtime::Correlator::kNoRule) continue;
      correlator->LoadRule(matched[i], &saved[i].state);
      status = state::FinishReading(saved[i].state);
    }
    if (status.ok()) {
      state::SnapshotReader in(sections.back().body);
      correlator->LoadWaiting(matched, &in);
      status = state::FinishReading(in);
    }
    if (!status.ok()) return status;
  } else {
    correlator = impl.MakeCorrelator();
  }
  impl.options = options;
  impl.correlator = std::move(correlator);
  const auto counts = std::span(*impl.by_rule).subspan(impl.first_listed);
  std::fill(counts.begin(), counts.end(), 0);
  for (size_t i = 0; i < saved.size(); ++i) {
    if (matched[i] == runtime::Correlator::kNoRule) continue;
    counts[matched[i]] = saved[i].incidents;
  }
  return absl::OkStatus();
}

}  // namespace tocsin::engine
