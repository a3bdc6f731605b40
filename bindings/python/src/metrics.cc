#include "metrics.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <span>
#include <vector>

namespace tocsin::python {
namespace {

namespace nb = nanobind;

nb::dict FiredByRule(const Engine& engine) {
  nb::dict fired;
  const std::span<const RuleInfo> rules = engine.rules().rules();
  const std::span<const int64_t> counts = engine.detections_by_rule();
  for (size_t i = 0; i < counts.size() && i < rules.size(); ++i) {
    if (counts[i] != 0) fired[rules[i].id.c_str()] = counts[i];
  }
  return fired;
}

nb::dict Correlations(const Engine& engine) {
  nb::dict all;
  const std::span<const RuleInfo> rules = engine.rules().rules();
  const std::vector<CorrelationStats> stats = engine.correlation_stats();
  // Correlations are last among the rules.
  const size_t first = rules.size() - stats.size();
  for (size_t i = 0; i < stats.size(); ++i) {
    nb::dict one;
    one["events"] = stats[i].events;
    one["incidents"] = stats[i].incidents;
    one["late"] = stats[i].late;
    one["future"] = stats[i].future;
    one["without_key"] = stats[i].without_key;
    one["keys_cut"] = stats[i].keys_cut;
    one["shed"] = stats[i].shed;
    one["refused"] = stats[i].refused;
    one["not_compared"] = stats[i].not_compared;
    one["groups"] = stats[i].groups;
    all[rules[first + i].id.c_str()] = one;
  }
  return all;
}

nb::list Sources(const Engine& engine) {
  nb::list all;
  for (const SourceStats& source : engine.sources()) {
    nb::dict one;
    one["known"] = source.known;
    one["products"] = source.products;
    one["categories"] = source.categories;
    one["services"] = source.services;
    one["events"] = source.events;
    one["rules"] = source.rules;
    all.append(one);
  }
  return all;
}

nb::dict RuleCosts(const Engine& engine) {
  nb::dict all;
  const std::span<const RuleInfo> rules = engine.rules().rules();
  const std::span<const RuleCost> costs = engine.rule_costs();
  for (size_t i = 0; i < costs.size() && i < rules.size(); ++i) {
    nb::dict one;
    one["candidates"] = costs[i].candidates;
    one["evaluations"] = costs[i].evaluations;
    one["matches"] = costs[i].matches;
    one["nanos"] = costs[i].nanos;
    one["bytes"] = costs[i].bytes;
    all[rules[i].id.c_str()] = one;
  }
  return all;
}

nb::dict Jobs(const Engine& engine) {
  nb::dict all;
  const std::span<const JobInfo> jobs = engine.rules().jobs();
  const std::vector<JobStats> stats = engine.job_stats();
  for (size_t i = 0; i < stats.size() && i < jobs.size(); ++i) {
    nb::dict one;
    one["events"] = stats[i].events;
    one["late"] = stats[i].late;
    one["untimely"] = stats[i].untimely;
    one["refused"] = stats[i].refused;
    one["buckets"] = stats[i].buckets;
    one["records"] = stats[i].records;
    one["bytes"] = stats[i].bytes;
    all[jobs[i].id.c_str()] = one;
  }
  return all;
}

}  // namespace

nb::dict MetricsOf(const Engine& engine) {
  const EngineStats& stats = engine.stats();
  nb::dict metrics;
  metrics["events"] = stats.events;
  metrics["malformed"] = stats.malformed;
  metrics["invalid_utf8"] = stats.invalid_utf8;
  metrics["unknown_source"] = stats.unknown_source;
  metrics["without_time"] = stats.without_time;
  metrics["zone_assumed"] = stats.zone_assumed;
  metrics["detections"] = stats.detections;
  metrics["incidents"] = stats.incidents;
  metrics["incidents_opened"] = stats.incidents_opened;
  metrics["incidents_closed"] = stats.incidents_closed;
  metrics["incidents_closed_early"] = stats.incidents_closed_early;
  metrics["incidents_open"] = stats.incidents_open;
  metrics["suppressed"] = stats.suppressed;
  metrics["over_limit"] = stats.over_limit;
  metrics["alerts_read"] = stats.alerts_read;
  metrics["alerts_unread"] = stats.alerts_unread;
  metrics["responses"] = stats.responses;
  metrics["late"] = stats.late;
  metrics["future"] = stats.future;
  metrics["timeless"] = stats.timeless;
  metrics["rules"] = FiredByRule(engine);
  metrics["correlations"] = Correlations(engine);
  metrics["jobs"] = Jobs(engine);
  metrics["sources"] = Sources(engine);
  metrics["rule_costs"] = RuleCosts(engine);
  return metrics;
}

}  // namespace tocsin::python
