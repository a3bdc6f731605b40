#include "tocsin/engine.h"

#include <deque>
#include <utility>
#include <vector>

#include "src/base/digest.h"
#include "src/base/json_writer.h"
#include "src/logsource/classifier.h"
#include "src/program/program.h"
#include "src/runtime/event/event_time.h"
#include "src/runtime/event/event_view.h"
#include "src/runtime/match/matcher.h"

namespace tocsin {
namespace {

// Rules that meet one kind of event, worked out when the kind is first seen.
struct Route {
  const logsource::EventKind* kind = nullptr;  // Null: not seen yet.
  std::vector<uint32_t> rules;
  int64_t events = 0;
};

// The content of a host's record, for detection ids. A Lookup event has no
// bytes of its own, so its scalars stand in, in the order the host gives them.
void AddContent(const runtime::EventView& view, const Event& event,
                base::Digest* digest) {
  if (event.lookup() == nullptr) {
    digest->Add(event.json());
    return;
  }
  view.ForEachScalar([&](std::string_view key, const FieldValue& value) {
    digest->Add(key).Add(value.text());
    if (value.kind() == FieldKind::kInt || value.kind() == FieldKind::kUint) {
      digest->AddInt(value.int_value());
    } else if (value.kind() == FieldKind::kDouble) {
      std::string text;
      base::AppendJsonDouble(value.double_value(), &text);
      digest->Add(text);
    }
  });
}

}  // namespace

struct Engine::Impl {
  Impl(std::shared_ptr<const RuleSet> rule_set, Sink& sink_in,
       EngineOptions options_in)
      : rules(std::move(rule_set)),
        sink(&sink_in),
        options(std::move(options_in)),
        matcher(rules->program(), {.require_fields = options.require_fields}),
        classifier(options.recognizers, options.log_source),
        time_options{.field = options.time_field,
                     .format = options.time_format,
                     .assumed_zone = options.assumed_zone},
        by_rule(rules->rules().size(), 0) {
    for (uint32_t i = 0; i < by_rule.size(); ++i) {
      everything.rules.push_back(i);
    }
  }

  Route& RouteOf(const logsource::EventKind& kind) {
    if (routes.size() <= kind.id) routes.resize(kind.id + 1);
    Route& route = routes[kind.id];
    if (route.kind == nullptr) {
      for (uint32_t i = 0; i < by_rule.size(); ++i) {
        if (kind.Covers(rules->rules()[i].log_source,
                        options.unknown_source_meets_all)) {
          route.rules.push_back(i);
        }
      }
      route.kind = &kind;
    }
    return route;
  }

  void FindTime(const Event& event) {
    time_source = TimeSource::kNone;
    time = Timestamp();
    if (event.time().has_value()) {
      time = *event.time();
      time_source = TimeSource::kHost;
      return;
    }
    if (const auto found = runtime::FindEventTime(view, time_options)) {
      time = found->time;
      time_source = TimeSource::kField;
      if (found->zone_assumed) ++stats.zone_assumed;
      return;
    }
    ++stats.without_time;
    if (event.arrival_time().has_value()) {
      time = *event.arrival_time();
      time_source = TimeSource::kArrival;
    }
  }

  void Report(uint32_t rule, const Event& event) {
    matched.clear();
    matcher.Explain(rule, &matched);
    const RuleInfo& info = rules->rules()[rule];
    base::Digest digest;
    digest.Add(info.content_hash).Add(info.id);
    if (!event.id().empty()) {
      digest.Add("id").Add(event.id());
    } else {
      digest.Add("content").AddInt(time.nanos());
      AddContent(view, event, &digest);
    }
    const std::string id = digest.Hex();
    Detection detection;
    detection.id = id;
    detection.rule = &info;
    detection.time = time;
    detection.time_source = time_source;
    detection.matched = matched;
    detection.event = &event;
    ++by_rule[rule];
    ++stats.detections;
    sink->OnDetection(detection);
  }

  std::shared_ptr<const RuleSet> rules;
  Sink* sink;
  EngineOptions options;
  runtime::EventView view;
  runtime::Matcher matcher;
  logsource::Classifier classifier;
  runtime::TimeOptions time_options;
  std::deque<Route> routes;  // By EventKind::id.
  Route everything;
  EngineStats stats;
  std::vector<int64_t> by_rule;
  std::vector<MatchedField> matched;
  Timestamp time;
  TimeSource time_source = TimeSource::kNone;
};

Engine::Engine(std::shared_ptr<const RuleSet> rules, Sink& sink,
               EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(rules), sink,
                                   std::move(options))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

FeedResult Engine::Feed(const Event& event) {
  Impl& impl = *impl_;
  FeedResult result;
  ++impl.stats.events;
  const runtime::LoadResult loaded = impl.view.Load(event);
  if (!loaded.ok()) {
    ++impl.stats.malformed;
    result.error = loaded.error;
    result.error_offset = loaded.error_offset;
    return result;
  }
  if (loaded.repaired_utf8) ++impl.stats.invalid_utf8;
  impl.FindTime(event);

  const Route* route = &impl.everything;
  std::span<const FieldRename> renames;
  if (impl.options.routing) {
    const logsource::EventKind* kind = impl.classifier.Classify(
        [&](std::string_view field, std::vector<FieldValue>* values) {
          return impl.view.Find(field, values);
        });
    if (!kind->known) ++impl.stats.unknown_source;
    Route& kind_route = impl.RouteOf(*kind);
    ++kind_route.events;
    route = &kind_route;
    renames = kind->renames;
  }

  const int64_t before = impl.stats.detections;
  impl.matcher.Begin(impl.view, renames);
  for (const uint32_t rule : route->rules) {
    if (impl.matcher.Matches(rule)) impl.Report(rule, event);
  }
  result.detections = static_cast<int>(impl.stats.detections - before);
  return result;
}

const EngineStats& Engine::stats() const { return impl_->stats; }

std::span<const int64_t> Engine::detections_by_rule() const {
  return impl_->by_rule;
}

std::vector<SourceStats> Engine::sources() const {
  std::vector<SourceStats> sources;
  for (const Route& route : impl_->routes) {
    if (route.kind == nullptr) continue;
    sources.push_back({.known = route.kind->known,
                       .products = route.kind->products,
                       .categories = route.kind->categories,
                       .services = route.kind->services,
                       .events = route.events,
                       .rules = static_cast<int>(route.rules.size())});
  }
  return sources;
}

const RuleSet& Engine::rules() const { return *impl_->rules; }

}  // namespace tocsin
